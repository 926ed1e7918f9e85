using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetGen.CodeGeneration;

namespace NetGen;

/// <summary>
/// Changes parameters against their gradients. An optimizer takes the state it needs, such as momenta, at its first step and
/// from then on belongs to that network; one without state, <see cref="Sgd"/> without momentum, serves any number.
/// </summary>
public abstract class Optimizer
{
    private object? _owner;
    private object? _state;
    private double _learningRate;

    private protected Optimizer(double learningRate, double weightDecay)
    {
        _learningRate = InRange(learningRate);
        WeightDecay = InRange(weightDecay);
    }

    /// <summary>The step size; may change between steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is negative or not finite.</exception>
    public double LearningRate
    {
        get => _learningRate;
        set => _learningRate = InRange(value, name: nameof(LearningRate));
    }

    /// <summary>How strongly parameters are pulled to zero; 0 for not at all.</summary>
    public double WeightDecay { get; }

    /// <summary>The steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>State buffers, each as large as the parameters.</summary>
    private protected abstract int StateCount { get; }

    /// <summary>Takes one step. Allocates nothing after the first.</summary>
    /// <param name="parameters">The parameters to change.</param>
    /// <param name="gradients">
    /// Their gradients, as <c>Train</c> adds them up; left as they are. Those of running statistics are subtracted as they stand.
    /// </param>
    /// <returns>
    /// Whether all parameters are finite after the step. If not, the step was too large for the precision: go back to parameters saved before, and lower
    /// the rate.
    /// </returns>
    /// <exception cref="ArgumentException">The buffers differ in length or are the same, or the rate is beyond the precision of the parameters.</exception>
    /// <exception cref="InvalidOperationException">Earlier steps were taken for another network.</exception>
    public bool Step<T>(ParameterBuffer<T> parameters, ParameterBuffer<T> gradients)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradients);
        if (parameters.Length != gradients.Length)
            throw new ArgumentException($"There are {parameters.Length} parameters but {gradients.Length} gradients: make the buffer with CreateGradients().");
        if (ReferenceEquals(parameters, gradients))
            throw new ArgumentException("The gradients are the parameters themselves: make a buffer with CreateGradients().");
        CheckRate<T>();
        if (parameters.Length == 0)
            return true;

        ParameterBuffer<T>[] state = StateFor(parameters);
        Steps++;
        ref T first = ref (state.Length > 0 ? ref MemoryMarshal.GetReference(state[0].Span) : ref parameters.Start);
        ref T second = ref (state.Length > 1 ? ref MemoryMarshal.GetReference(state[1].Span) : ref parameters.Start);
        if (SimdWidth.Is512)
            return Step<Simd512<T>, T>(parameters, gradients, ref first, ref second);
        if (SimdWidth.Is256)
            return Step<Simd256<T>, T>(parameters, gradients, ref first, ref second);
        return Step<Simd128<T>, T>(parameters, gradients, ref first, ref second);
    }

    /// <summary>Refuses a rate that is infinite in the precision of a network.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    internal void CheckRate<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!T.IsFinite(T.CreateTruncating(LearningRate)))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"A learning rate of {LearningRate} is beyond single precision, in which the network computes: lower it, usually to below 1."));
        }
    }

    private bool Step<V, T>(ParameterBuffer<T> parameters, ParameterBuffer<T> gradients, ref T first, ref T second)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int trained = parameters.TrainedLength, statistics = parameters.Length - trained;
        ref T running = ref Unsafe.Add(ref parameters.Start, trained);
        bool isFinite = Update<V, T>(ref parameters.Start, ref gradients.Start, ref first, ref second, trained);
        VectorLoops.Subtract<V, T>(ref Unsafe.Add(ref gradients.Start, trained), ref running, statistics);
        return isFinite && VectorLoops.IsFinite<V, T>(ref running, statistics);
    }

    /// <summary>
    /// Takes one step over whole vectors, to which buffers are padded, and tells whether the parameters are finite thereafter, as
    /// <see cref="VectorLoops.IsFinite"/> does: next to free where parameters are in registers anyway.
    /// </summary>
    private protected abstract bool Update<V, T>(ref T parameters, ref T gradients, ref T first, ref T second, int length)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Refuses an argument that is not a number from 0 up to, and without, a limit.</summary>
    private protected static double InRange(
        double value, double limit = double.PositiveInfinity, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value >= 0 && value < limit
            ? value
            : throw new ArgumentOutOfRangeException(
                name, value, double.IsFinite(limit) ? $"{name} must lie in [0, {limit})." : $"{name} must be a finite number from 0 up.");

    private ParameterBuffer<T>[] StateFor<T>(ParameterBuffer<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (StateCount == 0)
            return [];
        if (_owner is null)
        {
            ParameterBuffer<T>[] state = new ParameterBuffer<T>[StateCount];
            for (int i = 0; i < state.Length; i++)
                state[i] = new ParameterBuffer<T>(parameters.TrainedLength);
            (_owner, _state) = (parameters, state);
        }

        // The momenta of one network would silently lead another astray, even one of the same class.
        return ReferenceEquals(_owner, parameters)
            ? (ParameterBuffer<T>[])_state!
            : throw new InvalidOperationException("This optimizer holds the state of another network: create one for each network.");
    }
}
