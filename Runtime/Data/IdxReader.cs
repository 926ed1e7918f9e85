using System.Buffers.Binary;

namespace NetGen;

/// <summary>
/// Reads one array of an IDX file, the format of MNIST (LeCun, Cortes and Burges): two zero bytes, element type, number of
/// dimensions, big-endian 32-bit dimensions, then the elements in big-endian and row-major order.
/// </summary>
internal sealed class IdxReader
{
    private const int ChunkBytes = 1 << 16;

    private readonly Stream _stream;
    private readonly string? _file;
    private readonly ElementType _type;
    private long _offset;

    private enum ElementType : byte
    {
        UInt8 = 0x08,
        Int8 = 0x09,
        Int16 = 0x0B,
        Int32 = 0x0C,
        Single = 0x0D,
        Double = 0x0E,
    }

    /// <summary>Reads the header.</summary>
    private IdxReader(Stream stream, string? file, int maxElements)
    {
        _stream = stream;
        _file = file;

        Span<byte> start = stackalloc byte[4];
        Fill(start);
        if (start[0] != 0 || start[1] != 0)
            throw Error(0, $"An IDX file starts with two zero bytes, this one with {start[0]:X2} {start[1]:X2}. Is it another format?");
        _type = (ElementType)start[2];
        if (!Enum.IsDefined(_type))
            throw Error(2, $"The element type is {start[2]:X2}, but IDX knows 08, 09, 0B, 0C, 0D and 0E.");
        DimensionCount = start[3];
        if (DimensionCount == 0)
            throw Error(3, "The array has no dimension, so it has no rows.");

        long elements = 1;
        for (int i = 0; i < DimensionCount; i++)
        {
            Fill(start);
            uint dimension = BinaryPrimitives.ReadUInt32BigEndian(start);
            // At most 2^31 times 2^32 before the check: no overflow.
            elements *= dimension;
            if (elements == 0 || elements > maxElements)
                throw Error(_offset - 4, $"Dimension {i + 1} is {dimension}, which makes {elements} elements; from 1 to {maxElements} (maxElements) are allowed.");
            if (i == 0)
                Count = (int)dimension;
        }

        RowSize = (int)(elements / Count);
    }

    private int DimensionCount { get; }

    private int Count { get; }

    private int RowSize { get; }

    private int ElementSize => _type switch
    {
        ElementType.UInt8 or ElementType.Int8 => 1,
        ElementType.Int16 => 2,
        ElementType.Int32 or ElementType.Single => 4,
        _ => 8,
    };

    public static Dataset Read(Stream images, string? imagesFile, Stream labels, string? labelsFile, int maxElements, int? firstLabel)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxElements);
        using DataStream imageContent = DataStream.Open(images, imagesFile), labelContent = DataStream.Open(labels, labelsFile);
        var imageReader = new IdxReader(imageContent, imagesFile, maxElements);
        var labelReader = new IdxReader(labelContent, labelsFile, maxElements);
        if (labelReader.DimensionCount != 1 || labelReader._type is ElementType.Single or ElementType.Double)
            throw labelReader.Error(2, $"Labels are one dimension of integers, but this file has {labelReader.DimensionCount} of {labelReader._type}. Are the two files swapped?");
        if (labelReader.Count != imageReader.Count)
            throw labelReader.Error(4, $"There are {labelReader.Count} labels for {imageReader.Count} rows of features. Do the two files belong together?");

        float[] features = imageReader.ReadFeatures();
        int[] classes = labelReader.ReadLabels(firstLabel ?? 0);
        if (firstLabel is null && CsvLabels.DoStartAt1(classes))
            throw new DataFormatException($"Class 0 is empty: do labels start at 1? Pass 1 as {nameof(firstLabel)}, or 0 if they do not.", labelsFile);
        return new Dataset(features, imageReader.RowSize, classes, classes.Max() + 1, []);
    }

    private float[] ReadFeatures()
    {
        double scale = _type == ElementType.UInt8 ? 255 : 1;
        return ReadElements(
            value => (float)(value / scale), float.IsFinite, "is not finite, or beyond the range of a 32-bit float");
    }

    private int[] ReadLabels(int first) =>
        ReadElements(
            value => (int)(value - first), label => label is >= 0 and < Dataset.MaxClassesInFile,
            first == 0
                ? $"is not a class index in [0, {Dataset.MaxClassesInFile - 1}]"
                : $"is not a label in [{first}, {first + (Dataset.MaxClassesInFile - 1L)}]");

    private T[] ReadElements<T>(Func<double, T> convert, Predicate<T> isValid, string problem)
    {
        int length = Count * RowSize, size = ElementSize;
        byte[] bytes = new byte[ChunkBytes];
        // The header may promise anything: memory follows the bytes that are there.
        var elements = new T[Math.Min(length, ChunkBytes)];
        for (int read = 0; read < length;)
        {
            Span<byte> chunk = bytes.AsSpan(0, Math.Min(ChunkBytes / size, length - read) * size);
            long start = _offset;
            Fill(chunk);
            if (read + chunk.Length / size > elements.Length)
                Array.Resize(ref elements, (int)Math.Min(length, elements.Length * 2L));
            for (int i = 0; i < chunk.Length; i += size)
            {
                double value = Decode(chunk.Slice(i, size));
                T element = convert(value);
                if (!isValid(element))
                    throw Error(start + i, FormattableString.Invariant($"The element {value} {problem}."));
                elements[read++] = element;
            }
        }

        if (_stream.ReadByte() >= 0)
            throw Error(_offset, $"The file goes on after the {length} elements that its header declares.");
        return elements;
    }

    private double Decode(ReadOnlySpan<byte> element) => _type switch
    {
        ElementType.UInt8 => element[0],
        ElementType.Int8 => (sbyte)element[0],
        ElementType.Int16 => BinaryPrimitives.ReadInt16BigEndian(element),
        ElementType.Int32 => BinaryPrimitives.ReadInt32BigEndian(element),
        ElementType.Single => BinaryPrimitives.ReadSingleBigEndian(element),
        _ => BinaryPrimitives.ReadDoubleBigEndian(element),
    };

    private void Fill(Span<byte> bytes)
    {
        int read = _stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        _offset += read;
        if (read < bytes.Length)
            throw Error(_offset, "The file ends before the elements that its header declares. Is it cut off?");
    }

    private DataFormatException Error(long offset, string problem) => new(problem, _file, offset: offset);
}
