using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetGen.CodeGeneration;

/// <summary>
/// Normal numbers from a counter: that of element (row, column) of a layer depends on the key, the layer and the position alone. They
/// are drawn in double precision whatever the network computes in, so that both precisions have the same noise.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class NormalNoise
{
    // 2^-53, the distance of the uniform numbers.
    private const double Unit = 1.0 / (1L << 53);

    /// <summary>Writes rows with noise added to their elements; the rows themselves if the key is inactive.</summary>
    /// <param name="key">The step's key.</param>
    /// <param name="layer">The layer's number, so that each has noise of its own.</param>
    /// <param name="deviation">The standard deviation of the noise; not negative.</param>
    /// <param name="firstRow">The number within the batch of the first row.</param>
    /// <param name="source">[rows, row length].</param>
    /// <param name="destination">[rows, row length], written whole.</param>
    /// <param name="rowLength">Elements in a row; a multiple of the stride.</param>
    /// <param name="size">Elements that follow each other without padding.</param>
    /// <param name="stride">Elements from the first of them to the first of the next; even.</param>
    /// <param name="rows">The number of rows.</param>
    public static void Add<T>(
        RandomKey key, int layer, double deviation, int firstRow, ref T source, ref T destination, int rowLength, int size, int stride, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        MemoryMarshal.CreateReadOnlySpan(ref source, rows * rowLength).CopyTo(MemoryMarshal.CreateSpan(ref destination, rows * rowLength));
        if (!key.IsActive)
            return;
        for (int row = 0; row < rows; row++)
        {
            ref T line = ref Unsafe.Add(ref destination, (nint)row * rowLength);
            for (int start = 0; start < rowLength; start += stride)
            {
                // An odd number of elements has noise on one of the padding, which nobody reads.
                for (int column = start; column < start + size; column += 2)
                {
                    (double first, double second) = Pair(Philox.Draw(key, layer, firstRow + row, column));
                    Unsafe.Add(ref line, column) += T.CreateTruncating(deviation * first);
                    Unsafe.Add(ref line, column + 1) += T.CreateTruncating(deviation * second);
                }
            }
        }
    }

    // Two independent normal numbers from a radius and an angle with 53 bits each (Box and Muller, "A note on the generation of random
    // normal deviates", 1958); the largest is 8.57. The last bits may vary with the platform's functions.
    private static (double First, double Second) Pair((uint A, uint B, uint C, uint D) bits)
    {
        double area = ((Join(bits.A, bits.B) >> 11) + 1) * Unit, turn = (Join(bits.C, bits.D) >> 11) * Unit;
        double radius = Math.Sqrt(-2 * Math.Log(area));
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * turn);
        return (radius * cosine, radius * sine);
    }

    private static ulong Join(uint high, uint low) => (ulong)high << 32 | low;
}
