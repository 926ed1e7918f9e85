using NetGen.CodeGeneration;

namespace NetGen;

/// <summary>How the elements of a parameter lie in the buffer.</summary>
public enum ParameterLayout
{
    /// <summary>One after the other, in the order of the shape, padded at the end to whole vectors.</summary>
    Contiguous,

    /// <summary>A matrix [outputs, inputs] in panels of 32 outputs, as kernels read it.</summary>
    Panels,

    /// <summary>
    /// Kernels of a convolution, [filters, channels, positions...], in panels of 32 filters, each [positions][channels][32].
    /// </summary>
    Kernels,

    /// <summary>
    /// Kernels of a transposed convolution, [channels, filters, positions...], in panels of 32 filters, each [positions][channels][32].
    /// </summary>
    TransposedKernels,
}

/// <summary>Describes one parameter tensor of a network: its name and shape, and where it lies in the buffer.</summary>
public sealed class ParameterInfo
{
    private readonly int[] _shape;
    private readonly string[] _mask = [];

    /// <summary>Describes a parameter.</summary>
    /// <param name="name">The name in files: <c>layer.weight</c>, <c>layer.bias</c>.</param>
    /// <param name="layout">How its elements lie in the buffer.</param>
    /// <param name="offset">The position of its first element in the buffer.</param>
    /// <param name="shape">Its dimensions in the order files use: [outputs, inputs] for a weight.</param>
    public ParameterInfo(string name, ParameterLayout layout, int offset, params int[] shape)
    {
        Name = name;
        Layout = layout;
        Offset = offset;
        // One description serves all instances of a network: nobody may keep an array that changes it.
        _shape = [.. shape];
        Count = shape.Aggregate(1, (product, dimension) => product * dimension);
    }

    /// <summary>The name in files: <c>layer.weight</c>, <c>layer.bias</c>.</summary>
    public string Name { get; }

    /// <summary>How its elements lie in the buffer.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The position of its first element in the buffer.</summary>
    public int Offset { get; }

    /// <summary>Its dimensions in the order files use: [outputs, inputs] for a weight.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The number of elements, without padding.</summary>
    public int Count { get; }

    /// <summary>Whether optimizers change it; running statistics follow the batches instead. True unless set.</summary>
    public bool IsTrained { get; init; } = true;

    /// <summary>The groups into which outputs are divided, each with panels of its own: the groups of a convolution; 1 unless set.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>
    /// Channels of the images whose elements the columns of a matrix in panels stand for: memory has them channels last, files channels first. 0, unless set,
    /// where both have the same order.
    /// </summary>
    public int Channels { get; init; }

    /// <summary>How many dimensions of the shape number the outputs; 1 unless set.</summary>
    public int OutputDimensions { get; init; } = 1;

    /// <summary>
    /// Which elements exist: a text for each output with <c>'1'</c> or <c>'0'</c> for each column, repeated along both; empty where all do.
    /// Others are zero, whatever is copied in.
    /// </summary>
    public ReadOnlySpan<string> Mask
    {
        get => _mask;
        init => _mask = value.ToArray();
    }

    /// <summary>The number of buffer elements it takes, with padding.</summary>
    public int Length => Layout switch
    {
        ParameterLayout.Contiguous => PanelLayout.Pad(Count),
        ParameterLayout.TransposedKernels => checked((int)PanelLayout.Length(_shape[1], Count / _shape[1])),
        _ => checked((int)(Groups * PanelLayout.Length(Rows / Groups, Count / Rows))),
    };

    private int Rows => _shape.AsSpan(0, OutputDimensions).ToArray().Aggregate(1, (product, dimension) => product * dimension);

    /// <summary>The position in a buffer of an element, given its row and its position within the row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the shape.</exception>
    public int IndexOf(int row, int column)
    {
        int rows = _shape[0], columns = Count / rows;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)rows, nameof(row));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)columns, nameof(column));
        return Offset + Places().Of(row * columns + column);
    }

    /// <summary>Copies the elements, in the order of the shape, out of a buffer.</summary>
    /// <param name="buffer">A whole buffer: parameters, gradients or optimizer state.</param>
    /// <param name="destination">Takes <see cref="Count"/> elements.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void CopyTo<T>(ReadOnlySpan<T> buffer, Span<T> destination)
    {
        CheckCount(destination.Length);
        ReadOnlySpan<T> source = buffer.Slice(Offset, Length);
        Place places = Places();
        for (int i = 0; i < destination.Length; i++)
            destination[i] = source[places.Of(i)];
    }

    /// <summary>Copies elements, in the order of the shape, into a buffer.</summary>
    /// <param name="source"><see cref="Count"/> elements.</param>
    /// <param name="buffer">A whole buffer: parameters, gradients or optimizer state.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void CopyFrom<T>(ReadOnlySpan<T> source, Span<T> buffer)
    {
        CheckCount(source.Length);
        Span<T> destination = buffer.Slice(Offset, Length);
        Place places = Places();
        int columns = Count / _shape[0];
        for (int i = 0; i < source.Length; i++)
            destination[places.Of(i)] = Exists(i / columns, i % columns) ? source[i] : default!;
    }

    /// <summary>The name and the shape: <c>dense1.weight [128, 784]</c>.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", _shape)}]";

    /// <summary>Whether the mask has an element.</summary>
    internal bool Exists(int row, int column) => _mask.Length == 0 || _mask[row % _mask.Length][column % _mask[0].Length] == '1';

    // Files have a kernel's positions behind its channels, memory before them.
    private Place Places()
    {
        int rows = Rows, columns = Count / rows;
        return Layout switch
        {
            ParameterLayout.Contiguous => new(Count, Count, Count, 1, 0, false),
            ParameterLayout.Panels when Channels > 0 => new(columns, rows / Groups, Channels, columns / Channels, Length / Groups, false),
            ParameterLayout.Panels => new(columns, rows / Groups, columns, 1, Length / Groups, false),
            ParameterLayout.Kernels => new(columns, rows / Groups, _shape[OutputDimensions], columns / _shape[OutputDimensions], Length / Groups, false),
            _ => new(columns, _shape[1], rows, columns / _shape[1], 0, true),
        };
    }

    private void CheckCount(int length)
    {
        if (length != Count)
            throw new ArgumentException($"Parameter {this} has {Count} elements, but the span has {length}.");
    }

    // From the number of an element in the order of the shape to its position in memory.
    private readonly record struct Place(int Columns, int Outputs, int Channels, int Positions, int PartLength, bool IsTransposed)
    {
        public int Of(int index)
        {
            // One part of one row stands for elements in a line.
            if (PartLength == 0 && !IsTransposed)
                return index;
            int row = index / Columns, column = index % Columns;
            if (IsTransposed)
                return PanelLayout.IndexOf(Outputs, Positions * Channels, column / Positions, column % Positions * Channels + row);
            int inMemory = Positions == 1 ? column : column % Positions * Channels + column / Positions;
            return row / Outputs * PartLength + PanelLayout.IndexOf(Outputs, Columns, row % Outputs, inMemory);
        }
    }
}
