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
/// <param name="AllBytes">Bytes of the whole frame, however many.</param>
internal sealed record FramePlan(IReadOnlyList<FrameBuffer> Buffers, int Width, int Prepared, int Rows, bool IsOnStack, long AllBytes)
{
    /// <summary>The most bytes of a frame, which code addresses by 32-bit positions.</summary>
    public const int MaxBytes = int.MaxValue;

    private const int MostRows = 64;
    private const int FewestRows = 8;
    private const int CachedRowBytes = 512 << 10;

    // Weights beyond this leave the second-level cache between two tiles, so that a tile must be large to be worth their way.
    private const long CachedWeightBytes = 512 << 10;

    /// <summary>Whether no code can be written for it.</summary>
    public bool IsTooLarge => AllBytes > MaxBytes;

    /// <summary>Bytes of the whole frame.</summary>
    public int Bytes => (int)Math.Min(AllBytes, MaxBytes);

    /// <summary>Whether it holds all rows of a batch, however many; its bytes are then those of one.</summary>
    public bool IsBatch => Rows == int.MaxValue;

    /// <summary>A frame for all rows at once.</summary>
    public static FramePlan OfBatch(IReadOnlyList<FrameBuffer> buffers, long prepared, int elementBytes)
    {
        (IReadOnlyList<FrameBuffer> placed, long width) = Place(buffers);
        return new(placed, Narrow(width), Narrow(prepared), int.MaxValue, IsOnStack: false, (width + prepared) * elementBytes);
    }

    /// <summary>Lets buffers whose lives do not overlap share bytes, then chooses the rows.</summary>
    public static FramePlan Of(IReadOnlyList<FrameBuffer> buffers, long prepared, int elementBytes, int stackLimit, long weightBytes)
    {
        (IReadOnlyList<FrameBuffer> placed, long width) = Place(buffers);
        long rowBytes = width * elementBytes, preparedBytes = prepared * elementBytes;
        int fewest = weightBytes > CachedWeightBytes && rowBytes * FewestRows < CachedWeightBytes ? MostRows : FewestRows;
        for (int rows = MostRows; rows >= fewest; rows /= 2)
        {
            if (rows * rowBytes + preparedBytes <= stackLimit)
                return new(placed, Narrow(width), Narrow(prepared), rows, IsOnStack: true, rows * rowBytes + preparedBytes);
        }

        // Rows so large that weights matter little beside them come few at a time, so that they stay in the cache.
        long scratch = Math.Max(weightBytes, CachedRowBytes);
        int most = (int)Math.Max(1, Math.Min(MostRows, scratch / Math.Max(1, rowBytes)));
        return new(placed, Narrow(width), Narrow(prepared), most, IsOnStack: false, most * rowBytes + preparedBytes);
    }

    // What is cut off here belongs to a frame that is too large for code.
    private static int Narrow(long elements) => (int)Math.Min(elements, int.MaxValue);

    private static (IReadOnlyList<FrameBuffer> Placed, long Width) Place(IReadOnlyList<FrameBuffer> buffers)
    {
        List<FrameBuffer> placed = [];
        long width = 0;
        foreach (FrameBuffer buffer in buffers.OrderBy(buffer => buffer.Birth))
        {
            long offset = 0;
            foreach (FrameBuffer other in placed.Where(other => Math.Max(other.Birth, other.Death) >= buffer.Birth).OrderBy(other => other.Offset))
            {
                if (other.Offset >= offset + buffer.Width)
                    break;
                offset = Math.Max(offset, (long)other.Offset + other.Width);
            }

            buffer.Offset = Narrow(offset);
            width = Math.Max(width, offset + buffer.Width);
            placed.Add(buffer);
        }

        return (placed, width);
    }
}
