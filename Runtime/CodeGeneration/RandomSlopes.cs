using System.ComponentModel;
using System.Numerics;

namespace NetGen.CodeGeneration;

/// <summary>
/// Random slopes from a counter: that of element (row, column) of a layer depends on the key, the layer and the position alone.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RandomSlopes
{
    private const double Unit = 1 / 4294967296d;

    /// <summary>Writes numbers between two limits, each equally likely; their mean if the key is inactive.</summary>
    /// <param name="key">The step's key.</param>
    /// <param name="layer">The layer's number, so that each has slopes of its own.</param>
    /// <param name="lower">The lower limit.</param>
    /// <param name="upper">The upper limit; not less.</param>
    /// <param name="firstRow">The number within the batch of the first row.</param>
    /// <param name="slopes">[rows, stride], written whole.</param>
    /// <param name="stride">Elements in a row; a multiple of 4.</param>
    public static void Fill<T>(RandomKey key, int layer, double lower, double upper, int firstRow, Span<T> slopes, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!key.IsActive)
        {
            slopes.Fill(T.CreateTruncating(lower / 2 + upper / 2));
            return;
        }

        double unit = (upper - lower) * Unit;
        for (int row = 0; row * stride < slopes.Length; row++)
        {
            Span<T> line = slopes.Slice(row * stride, stride);
            for (int column = 0; column < stride; column += 4)
            {
                (uint a, uint b, uint c, uint d) = Philox.Draw(key, layer, firstRow + row, column);
                line[column] = Slope(a);
                line[column + 1] = Slope(b);
                line[column + 2] = Slope(c);
                line[column + 3] = Slope(d);
            }
        }

        // The middles of equal parts, so that neither limit is more likely.
        T Slope(uint bits) => T.CreateTruncating(lower + (bits + 0.5) * unit);
    }
}
