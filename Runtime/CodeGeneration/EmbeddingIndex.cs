using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NetGen.CodeGeneration;

/// <summary>Indexes given as numbers.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class EmbeddingIndex
{
    /// <summary>The whole number that a value is.</summary>
    /// <param name="value">The value.</param>
    /// <param name="vocabulary">The number of indexes.</param>
    /// <param name="row">Its row, for the message: within those computed at a time.</param>
    /// <param name="position">Its position in the row, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not whole or not in [0, vocabulary).</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of<T>(T value, int vocabulary, int row, int position)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A NaN converts to 0, and is not equal to it.
        int index = int.CreateSaturating(value);
        if ((uint)index >= (uint)vocabulary || T.CreateTruncating(index) != value)
            Throw(value, vocabulary, row, position);
        return index;
    }

    [DoesNotReturn]
    private static void Throw<T>(T value, int vocabulary, int row, int position)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw EmbeddingErrors.Create(
            FormattableString.Invariant($"Index {value} at position {position} of a row is no whole number from 0 to {vocabulary - 1}"),
            $"row {row} of those computed together");
}
