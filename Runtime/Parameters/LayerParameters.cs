using System.Numerics;

namespace NetGen;

/// <summary>The parameters of a layer, under the names they have in its formula: y = f(x W + b) for a dense one.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public readonly struct LayerParameters<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ParameterBuffer<T> _buffer;
    private readonly ParameterInfo? _weight;
    private readonly ParameterInfo? _bias;
    private readonly ParameterInfo? _runningMean;
    private readonly ParameterInfo? _runningVariance;

    /// <summary>Called by generated code.</summary>
    public LayerParameters(
        ParameterBuffer<T> buffer, ParameterInfo? weight = null, ParameterInfo? bias = null, ParameterInfo? runningMean = null, ParameterInfo? runningVar = null)
    {
        _buffer = buffer;
        _weight = weight;
        _bias = bias;
        _runningMean = runningMean;
        _runningVariance = runningVar;
    }

    /// <summary>The weights: [outputs, inputs] for a dense layer, the shape of a row or its channels for those that scale.</summary>
    /// <exception cref="InvalidOperationException">The layer has no weights of its own.</exception>
    public ParameterView<T> Weight => View(_weight, "weights");

    /// <summary>The biases: [outputs] for a dense layer.</summary>
    /// <exception cref="InvalidOperationException">The layer has no bias.</exception>
    public ParameterView<T> Bias => View(_bias, "bias");

    /// <summary>The running mean of each channel before a batch normalization.</summary>
    /// <exception cref="InvalidOperationException">The layer is no batch normalization.</exception>
    public ParameterView<T> RunningMean => View(_runningMean, "running statistics");

    /// <summary>The running variance of each channel before a batch normalization.</summary>
    /// <exception cref="InvalidOperationException">The layer is no batch normalization.</exception>
    public ParameterView<T> RunningVariance => View(_runningVariance, "running statistics");

    private ParameterView<T> View(ParameterInfo? info, string what) =>
        new(_buffer, info ?? throw new InvalidOperationException($"The layer of {(_weight ?? _bias)?.Name} has no {what}."));
}

/// <summary>
/// One parameter tensor within a buffer, addressed by its shape whatever its layout in memory. What must be zero stays zero: padding cannot be addressed,
/// and weights without a connection take nothing else.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class ParameterView<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ParameterBuffer<T> _buffer;

    internal ParameterView(ParameterBuffer<T> buffer, ParameterInfo info)
    {
        _buffer = buffer;
        Info = info;
    }

    /// <summary>Name, shape and place.</summary>
    public ParameterInfo Info { get; }

    /// <summary>An element of a vector.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the shape.</exception>
    /// <exception cref="ArgumentException">A value other than zero is given to a weight that the mask leaves out.</exception>
    public T this[int index]
    {
        get => this[index, 0];
        set => this[index, 0] = value;
    }

    /// <summary>An element of a matrix.</summary>
    /// <param name="row">Its row, from 0: the output, of a weight.</param>
    /// <param name="column">Its column, from 0: the input, of a weight.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the shape.</exception>
    /// <exception cref="ArgumentException">A value other than zero is given to a weight that the mask leaves out.</exception>
    public T this[int row, int column]
    {
        get => _buffer.Span[Info.IndexOf(row, column)];
        set
        {
            int index = Info.IndexOf(row, column);
            if (value != T.Zero && !Info.Exists(row, column))
            {
                throw new ArgumentException(
                    $"Element [{row}, {column}] of {Info} stays 0: its mask has no connection from input {column} to output {row}.", nameof(value));
            }

            _buffer.Span[index] = value;
        }
    }

    /// <summary>Copies the elements out, row by row.</summary>
    /// <param name="destination">Takes as many elements as the shape has.</param>
    /// <exception cref="ArgumentException">The length does not fit.</exception>
    public void CopyTo(Span<T> destination) => Info.CopyTo(_buffer.Span, destination);

    /// <summary>Copies elements in, row by row; those of weights that the mask leaves out become 0.</summary>
    /// <param name="source">As many elements as the shape has.</param>
    /// <exception cref="ArgumentException">The length does not fit.</exception>
    public void CopyFrom(ReadOnlySpan<T> source) => Info.CopyFrom(source, _buffer.Span);

    /// <summary>The elements, row by row, as a new array.</summary>
    public T[] ToArray()
    {
        T[] elements = new T[Info.Count];
        CopyTo(elements);
        return elements;
    }
}
