using System.ComponentModel;
using System.Numerics;

namespace NetGen.CodeGeneration;

/// <summary>
/// Random masks from a counter: element (row, column) of a layer's mask depends on the key, the layer and the position alone,
/// not on what was drawn before.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DropoutMask
{
    /// <summary>
    /// Writes scale factors, 0 with the probability <paramref name="rate"/> and 1 / (1 - rate) otherwise; all 1 if the key is
    /// inactive.
    /// </summary>
    /// <param name="key">The step's key.</param>
    /// <param name="layer">The layer's number, so that each has masks of its own.</param>
    /// <param name="rate">The probability of a zero, in [0, 1).</param>
    /// <param name="firstRow">The number within the batch of the first row.</param>
    /// <param name="scales">[rows, stride], written whole.</param>
    /// <param name="stride">Elements in a row; a multiple of 4.</param>
    public static void Fill<T>(RandomKey key, int layer, double rate, int firstRow, Span<T> scales, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Fill(key, layer, rate, 1 / (1 - rate), firstRow, scales, stride);

    /// <summary>
    /// Writes scale factors, 0 with the probability <paramref name="rate"/> and <paramref name="scale"/> otherwise; all 1 if the key
    /// is inactive.
    /// </summary>
    /// <param name="key">The step's key.</param>
    /// <param name="layer">The layer's number, so that each has masks of its own.</param>
    /// <param name="rate">The probability of a zero, in [0, 1).</param>
    /// <param name="scale">What is not zero.</param>
    /// <param name="firstRow">The number within the batch of the first row.</param>
    /// <param name="scales">[rows, stride], written whole.</param>
    /// <param name="stride">Elements in a row; a multiple of 4.</param>
    public static void Fill<T>(RandomKey key, int layer, double rate, double scale, int firstRow, Span<T> scales, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!key.IsActive)
        {
            scales.Fill(T.One);
            return;
        }

        T kept = T.CreateTruncating(scale);
        // Dropped below the threshold: 2^32 rate, exact enough for any rate anybody sets.
        ulong threshold = (ulong)(rate * 4294967296d);
        for (int row = 0; row * stride < scales.Length; row++)
        {
            Span<T> line = scales.Slice(row * stride, stride);
            for (int column = 0; column < stride; column += 4)
            {
                (uint a, uint b, uint c, uint d) = Philox.Draw(key, layer, firstRow + row, column);
                line[column] = a < threshold ? T.Zero : kept;
                line[column + 1] = b < threshold ? T.Zero : kept;
                line[column + 2] = c < threshold ? T.Zero : kept;
                line[column + 3] = d < threshold ? T.Zero : kept;
            }
        }
    }
}
