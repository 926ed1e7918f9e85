namespace NetGen.Generator.Planning;

/// <summary>A buffer of activations or gradients with so many elements a row, alive from one moment to another.</summary>
internal sealed class FrameBuffer(string name, int width, int birth)
{
    public string Name => name;

    public int Width { get; private set; } = width;

    public int Birth => birth;

    /// <summary>The last moment it is used.</summary>
    public int Death { get; private set; }

    /// <summary>Elements a row before it in the frame.</summary>
    public int Offset { get; set; }

    /// <summary>Takes no more than so many elements a row.</summary>
    public void Shrink(int elements) => Width = Math.Min(Width, elements);

    public void UseAt(int moment) => Death = Math.Max(Death, moment);
}

/// <summary>Where the buffers of one pass lie and how many rows it takes at a time.</summary>
/// <param name="Buffers">The buffers, placed.</param>
/// <param name="Width">Elements a row.</param>
/// <param name="Prepared">Elements for all rows together, behind the buffers.</param>
/// <param name="Rows">Rows at a time.</param>
/// <param name="IsOnStack">Whether the frame is on the stack rather than in the thread's scratch buffer.</param>
/// <param name="Bytes">Bytes of the whole frame.</param>
internal sealed record FramePlan(IReadOnlyList<FrameBuffer> Buffers, int Width, int Prepared, int Rows, bool IsOnStack, int Bytes)
{
    private const int MostRows = 64;
    private const int FewestRows = 8;
    private const int CachedRowBytes = 512 << 10;

    // Weights beyond this leave the second-level cache between two tiles, so that a tile must be large to be worth their way.
    private const long CachedWeightBytes = 512 << 10;

    /// <summary>Whether it holds all rows of a batch, however many; its bytes are then those of one.</summary>
    public bool IsBatch => Rows == int.MaxValue;

    /// <summary>A frame for all rows at once.</summary>
    public static FramePlan OfBatch(IReadOnlyList<FrameBuffer> buffers, int prepared, int elementBytes)
    {
        (IReadOnlyList<FrameBuffer> placed, int width) = Place(buffers);
        return new(placed, width, prepared, int.MaxValue, IsOnStack: false, checked((width + prepared) * elementBytes));
    }

    /// <summary>Lets buffers whose lives do not overlap share bytes, then chooses the rows.</summary>
    public static FramePlan Of(IReadOnlyList<FrameBuffer> buffers, int prepared, int elementBytes, int stackLimit, long weightBytes)
    {
        (IReadOnlyList<FrameBuffer> placed, int width) = Place(buffers);
        long rowBytes = (long)width * elementBytes, preparedBytes = (long)prepared * elementBytes;
        int fewest = weightBytes > CachedWeightBytes && rowBytes * FewestRows < CachedWeightBytes ? MostRows : FewestRows;
        for (int rows = MostRows; rows >= fewest; rows /= 2)
        {
            if (rows * rowBytes + preparedBytes <= stackLimit)
                return new(placed, width, prepared, rows, IsOnStack: true, (int)(rows * rowBytes + preparedBytes));
        }

        // Rows so large that weights matter little beside them come few at a time, so that they stay in the cache.
        long scratch = Math.Max(weightBytes, CachedRowBytes);
        int most = (int)Math.Max(1, Math.Min(MostRows, scratch / Math.Max(1, rowBytes)));
        return new(placed, width, prepared, most, IsOnStack: false, checked((int)(most * rowBytes + preparedBytes)));
    }

    private static (IReadOnlyList<FrameBuffer> Placed, int Width) Place(IReadOnlyList<FrameBuffer> buffers)
    {
        List<FrameBuffer> placed = [];
        foreach (FrameBuffer buffer in buffers.OrderBy(buffer => buffer.Birth))
        {
            int offset = 0;
            foreach (FrameBuffer other in placed.Where(other => Math.Max(other.Birth, other.Death) >= buffer.Birth).OrderBy(other => other.Offset))
            {
                if (other.Offset >= offset + buffer.Width)
                    break;
                offset = Math.Max(offset, other.Offset + other.Width);
            }

            buffer.Offset = offset;
            placed.Add(buffer);
        }

        return (placed, placed.Count == 0 ? 0 : placed.Max(buffer => buffer.Offset + buffer.Width));
    }
}
