using System.Runtime.CompilerServices;

namespace NetGen;

/// <summary>
/// Adaptive moments: each parameter's step is its mean gradient over the root of its mean squared gradient, both over about
/// the last 1 / (1 - beta) steps and corrected for their start at zero. Kingma and Ba, 2015.
/// </summary>
public class Adam : Optimizer
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size; 0.001 by default.</param>
    /// <param name="beta1">The share of the mean gradient kept at each step, in [0, 1); 0.9 by default.</param>
    /// <param name="beta2">The share of the mean squared gradient kept at each step, in [0, 1); 0.999 by default.</param>
    /// <param name="epsilon">Added to the root, above 0; 1e-8 by default.</param>
    /// <param name="weightDecay">Added to the gradient as weightDecay p; 0 by default. <see cref="AdamW"/> keeps it apart.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public Adam(double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : base(learningRate, weightDecay)
    {
        Beta1 = InRange(beta1, 1);
        Beta2 = InRange(beta2, 1);
        Epsilon = InRange(epsilon);
        // Zero over zero would make padding, and parameters without a gradient, not a number.
        if ((float)epsilon == 0)
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "epsilon must be above 0 in single precision too.");
    }

    /// <summary>The share of the mean gradient kept at each step.</summary>
    public double Beta1 { get; }

    /// <summary>The share of the mean squared gradient kept at each step.</summary>
    public double Beta2 { get; }

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; }

    private protected override int StateCount => 2;

    private protected virtual bool IsDecayDecoupled => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected override bool Update<V, T>(ref T parameters, ref T gradients, ref T means, ref T squares, int length)
    {
        double correction = 1 - Math.Pow(Beta1, Steps), rootCorrection = Math.Sqrt(1 - Math.Pow(Beta2, Steps));
        V keep1 = V.Constant(Beta1), take1 = V.Constant(1 - Beta1), keep2 = V.Constant(Beta2), take2 = V.Constant(1 - Beta2);
        V rate = V.Constant(-LearningRate / correction), scale = V.Constant(1 / rootCorrection), epsilon = V.Constant(Epsilon);
        V decay = V.Constant(IsDecayDecoupled ? 0 : WeightDecay);
        V shrink = V.Constant(IsDecayDecoupled ? 1 - LearningRate * WeightDecay : 1), zeros = V.Zero;
        for (nint i = 0; i < length; i += V.Count)
        {
            V p = V.Load(ref parameters, i);
            V g = V.MultiplyAdd(decay, p, V.Load(ref gradients, i));
            V m = V.MultiplyAdd(keep1, V.Load(ref means, i), take1 * g);
            V s = V.MultiplyAdd(keep2, V.Load(ref squares, i), take2 * g * g);
            V.Store(m, ref means, i);
            V.Store(s, ref squares, i);
            V step = m / V.MultiplyAdd(V.Sqrt(s), scale, epsilon);
            p = V.MultiplyAdd(rate, step, p * shrink);
            zeros = V.Or(zeros, p - p);
            V.Store(p, ref parameters, i);
        }

        return V.Sum(zeros) == T.Zero;
    }
}

/// <summary>
/// Adam whose weight decay shrinks parameters by rate x decay at each step instead of passing through the moments.
/// Loshchilov and Hutter, 2019.
/// </summary>
public sealed class AdamW : Adam
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size; 0.001 by default.</param>
    /// <param name="beta1">The share of the mean gradient kept at each step, in [0, 1); 0.9 by default.</param>
    /// <param name="beta2">The share of the mean squared gradient kept at each step, in [0, 1); 0.999 by default.</param>
    /// <param name="epsilon">Added to the root, above 0; 1e-8 by default.</param>
    /// <param name="weightDecay">The share of a parameter that a step of rate 1 would take away; 0.01 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public AdamW(double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01)
        : base(learningRate, beta1, beta2, epsilon, weightDecay)
    {
    }

    private protected override bool IsDecayDecoupled => true;
}
