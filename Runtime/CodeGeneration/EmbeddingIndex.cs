using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NetGen.CodeGeneration;

/// <summary>Indexes given as numbers.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class EmbeddingIndex
{
    /// <summary>Checks the indexes in all rows of a call, before anything is computed and written.</summary>
    /// <param name="rows">The caller's input rows.</param>
    /// <param name="rowLength">Elements of one of them.</param>
    /// <param name="offset">Elements of a row before its indexes.</param>
    /// <param name="length">Indexes of a row.</param>
    /// <param name="vocabulary">The number of indexes there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is not whole or not in [0, vocabulary).</exception>
    public static void Check<T>(ReadOnlySpan<T> rows, int rowLength, int offset, int length, int vocabulary)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int row = 0; !rows.IsEmpty; row++, rows = rows[rowLength..])
        {
            ReadOnlySpan<T> indexes = rows.Slice(offset, length);
            for (int position = 0; position < indexes.Length; position++)
            {
                if (!IsIndex(indexes[position], vocabulary, out _))
                    Throw(indexes[position], vocabulary, $"row {row} of this call, counted from 0", position);
            }
        }
    }

    /// <summary>The whole number that a value is, checked where it is used: the caller's memory may have changed since <see cref="Check"/>.</summary>
    /// <param name="value">The value.</param>
    /// <param name="vocabulary">The number of indexes.</param>
    /// <param name="row">Its row, for the message: within those computed at a time.</param>
    /// <param name="position">Its position in the row, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not whole or not in [0, vocabulary).</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of<T>(T value, int vocabulary, int row, int position)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!IsIndex(value, vocabulary, out int index))
            ThrowComputed(value, vocabulary, row, position);
        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsIndex<T>(T value, int vocabulary, out int index)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A NaN converts to 0, and is not equal to it.
        index = int.CreateSaturating(value);
        return (uint)index < (uint)vocabulary && T.CreateTruncating(index) == value;
    }

    [DoesNotReturn]
    private static void Throw<T>(T value, int vocabulary, string row, int position)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw EmbeddingErrors.Create(
            FormattableString.Invariant($"Index {value} at position {position} of a row is no whole number from 0 to {vocabulary - 1}"), row);

    [DoesNotReturn]
    private static void ThrowComputed<T>(T value, int vocabulary, int row, int position)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Throw(value, vocabulary, $"row {row} of those computed together", position);
}
