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
    /// <exception cref="ArgumentException">The buffers differ in length.</exception>
    /// <exception cref="InvalidOperationException">Earlier steps were taken for another network.</exception>
    public void Step<T>(ParameterBuffer<T> parameters, ParameterBuffer<T> gradients)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradients);
        if (parameters.Length != gradients.Length)
            throw new ArgumentException($"There are {parameters.Length} parameters but {gradients.Length} gradients: make the buffer with CreateGradients().");
        if (parameters.Length == 0)
            return;

        ParameterBuffer<T>[] state = StateFor(parameters);
        Steps++;
        ref T first = ref (state.Length > 0 ? ref MemoryMarshal.GetReference(state[0].Span) : ref parameters.Start);
        ref T second = ref (state.Length > 1 ? ref MemoryMarshal.GetReference(state[1].Span) : ref parameters.Start);
        if (SimdWidth.Is512)
            Step<Simd512<T>, T>(parameters, gradients, ref first, ref second);
        else if (SimdWidth.Is256)
            Step<Simd256<T>, T>(parameters, gradients, ref first, ref second);
        else
            Step<Simd128<T>, T>(parameters, gradients, ref first, ref second);
    }

    private void Step<V, T>(ParameterBuffer<T> parameters, ParameterBuffer<T> gradients, ref T first, ref T second)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int trained = parameters.TrainedLength;
        Update<V, T>(ref parameters.Start, ref gradients.Start, ref first, ref second, trained);
        VectorLoops.Subtract<V, T>(ref Unsafe.Add(ref gradients.Start, trained), ref Unsafe.Add(ref parameters.Start, trained), parameters.Length - trained);
    }

    /// <summary>Takes one step over whole vectors: buffers are padded to a multiple of every width.</summary>
    private protected abstract void Update<V, T>(ref T parameters, ref T gradients, ref T first, ref T second, int length)
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
