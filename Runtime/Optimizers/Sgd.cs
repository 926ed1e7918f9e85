using System.Runtime.CompilerServices;

namespace NetGen;

/// <summary>
/// Stochastic gradient descent, p -= rate g; with momentum (Polyak, 1964) v = momentum v + g and p -= rate v; after Nesterov
/// (1983, in the form of Sutskever et al., 2013) p -= rate (g + momentum v).
/// </summary>
public sealed class Sgd : Optimizer
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size; 0.01 by default.</param>
    /// <param name="momentum">The share of the last step kept, in [0, 1); 0 by default.</param>
    /// <param name="nesterov">Whether the gradient is corrected by the momentum to come; needs a momentum.</param>
    /// <param name="weightDecay">Added to the gradient as weightDecay p; 0 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    /// <exception cref="ArgumentException">Nesterov without momentum.</exception>
    public Sgd(double learningRate = 0.01, double momentum = 0, bool nesterov = false, double weightDecay = 0)
        : base(learningRate, weightDecay)
    {
        Momentum = InRange(momentum, 1);
        if (nesterov && momentum == 0)
            throw new ArgumentException("Nesterov's method corrects the momentum: give one, such as 0.9.", nameof(nesterov));
        IsNesterov = nesterov;
    }

    /// <summary>The share of the last step kept.</summary>
    public double Momentum { get; }

    /// <summary>Whether the gradient is corrected by the momentum to come.</summary>
    public bool IsNesterov { get; }

    private protected override int StateCount => Momentum > 0 ? 1 : 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected override bool Update<V, T>(ref T parameters, ref T gradients, ref T velocities, ref T second, int length)
    {
        V rate = V.Constant(-LearningRate), momentum = V.Constant(Momentum), decay = V.Constant(WeightDecay), zeros = V.Zero;
        if (Momentum == 0)
        {
            for (nint i = 0; i < length; i += V.Count)
            {
                V p = V.Load(ref parameters, i);
                V g = V.MultiplyAdd(decay, p, V.Load(ref gradients, i));
                p = V.MultiplyAdd(rate, g, p);
                zeros = V.Or(zeros, p - p);
                V.Store(p, ref parameters, i);
            }

            return V.Sum(zeros) == T.Zero;
        }

        bool nesterov = IsNesterov;
        for (nint i = 0; i < length; i += V.Count)
        {
            V p = V.Load(ref parameters, i);
            V g = V.MultiplyAdd(decay, p, V.Load(ref gradients, i));
            V v = V.MultiplyAdd(momentum, V.Load(ref velocities, i), g);
            V.Store(v, ref velocities, i);
            p = V.MultiplyAdd(rate, nesterov ? V.MultiplyAdd(momentum, v, g) : v, p);
            zeros = V.Or(zeros, p - p);
            V.Store(p, ref parameters, i);
        }

        return V.Sum(zeros) == T.Zero;
    }
}
