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
}

/// <summary>Describes one parameter tensor of a network: its name and shape, and where it lies in the buffer.</summary>
public sealed class ParameterInfo
{
    private readonly int[] _shape;

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
        _shape = shape;
        Count = shape.Aggregate(1, (product, dimension) => product * dimension);
        Length = layout == ParameterLayout.Contiguous
            ? PanelLayout.Pad(Count)
            : checked((int)PanelLayout.Length(shape[0], Count / shape[0]));
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

    /// <summary>The number of buffer elements it takes, with padding.</summary>
    public int Length { get; }

    /// <summary>The position in a buffer of an element, given its row and its position within the row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the shape.</exception>
    public int IndexOf(int row, int column)
    {
        int rows = _shape[0], columns = Count / rows;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)rows, nameof(row));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)columns, nameof(column));
        return Offset + (Layout == ParameterLayout.Contiguous ? row * columns + column : PanelLayout.IndexOf(rows, columns, row, InMemory(column)));
    }

    /// <summary>Copies the elements, in the order of the shape, out of a buffer.</summary>
    /// <param name="buffer">A whole buffer: parameters, gradients or optimizer state.</param>
    /// <param name="destination">Takes <see cref="Count"/> elements.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void CopyTo<T>(ReadOnlySpan<T> buffer, Span<T> destination)
    {
        CheckCount(destination.Length);
        ReadOnlySpan<T> source = buffer.Slice(Offset, Length);
        if (Layout == ParameterLayout.Contiguous)
        {
            source[..Count].CopyTo(destination);
            return;
        }

        int rows = _shape[0], columns = Count / rows;
        for (int row = 0; row < rows; row++)
        {
            int start = PanelLayout.IndexOf(rows, columns, row, 0), stride = PanelLayout.Width(rows, row);
            for (int column = 0; column < columns; column++)
                destination[row * columns + column] = source[start + InMemory(column) * stride];
        }
    }

    /// <summary>Copies elements, in the order of the shape, into a buffer.</summary>
    /// <param name="source"><see cref="Count"/> elements.</param>
    /// <param name="buffer">A whole buffer: parameters, gradients or optimizer state.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void CopyFrom<T>(ReadOnlySpan<T> source, Span<T> buffer)
    {
        CheckCount(source.Length);
        Span<T> destination = buffer.Slice(Offset, Length);
        if (Layout == ParameterLayout.Contiguous)
        {
            source.CopyTo(destination);
            return;
        }

        int rows = _shape[0], columns = Count / rows;
        for (int row = 0; row < rows; row++)
        {
            int start = PanelLayout.IndexOf(rows, columns, row, 0), stride = PanelLayout.Width(rows, row);
            for (int column = 0; column < columns; column++)
                destination[start + InMemory(column) * stride] = source[row * columns + column];
        }
    }

    /// <summary>The name and the shape: <c>dense1.weight [128, 784]</c>.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", _shape)}]";

    // Files have a kernel's positions behind its channels, memory before them.
    private int InMemory(int column)
    {
        if (Layout != ParameterLayout.Kernels)
            return column;
        int channels = _shape[1], positions = Count / (_shape[0] * channels);
        return column % positions * channels + column / positions;
    }

    private void CheckCount(int length)
    {
        if (length != Count)
            throw new ArgumentException($"Parameter {this} has {Count} elements, but the span has {length}.");
    }
}
