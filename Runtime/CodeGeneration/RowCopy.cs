using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NetGen.CodeGeneration;

/// <summary>Brings rows from one layout into another. Padding is written as zeros.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RowCopy
{
    /// <summary>Copies rows of some elements between buffers of different strides.</summary>
    public static void Copy<T>(ref T source, int sourceStride, ref T destination, int destinationStride, int size, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nint row = 0; row < rows; row++)
        {
            Span<T> line = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref destination, row * destinationStride), destinationStride);
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref source, row * sourceStride), size).CopyTo(line);
            line[size..].Clear();
        }
    }

    /// <summary>Copies rows of some elements into longer rows, and leaves the rest of those as it is.</summary>
    public static void CopyInto<T>(ref T source, int sourceStride, ref T destination, int destinationStride, int size, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Without gaps it is one row.
        if (sourceStride == size && destinationStride == size)
            (size, rows) = (size * rows, 1);
        bool isShort = size < PanelLayout.Alignment;
        nint row = 0;
        if (typeof(T) == typeof(float) && Vector256.IsHardwareAccelerated && size <= 8 && destinationStride == size && sourceStride >= 8)
        {
            // A whole vector is one instruction; what it writes too much, the next row overwrites.
            ref float all = ref Unsafe.As<T, float>(ref source), packed = ref Unsafe.As<T, float>(ref destination);
            for (; (rows - row) * size >= 8; row++)
                Vector256.LoadUnsafe(ref all, (nuint)(row * sourceStride)).StoreUnsafe(ref packed, (nuint)(row * size));
        }

        for (; row < rows; row++)
        {
            ref T from = ref Unsafe.Add(ref source, row * sourceStride), to = ref Unsafe.Add(ref destination, row * destinationStride);
            if (!isShort)
            {
                MemoryMarshal.CreateReadOnlySpan(ref from, size).CopyTo(MemoryMarshal.CreateSpan(ref to, size));
                continue;
            }

            // A call to copy memory takes longer than a few elements do.
            for (nint i = 0; i < size; i++)
                Unsafe.Add(ref to, i) = Unsafe.Add(ref from, i);
        }
    }

    /// <summary>Writes zeros behind so many elements of rows.</summary>
    public static void ClearPadding<T>(ref T rows, int stride, int size, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ClearPadding(ref rows, stride, size, stride, count);

    /// <summary>Writes zeros from one place in rows to another.</summary>
    public static void ClearPadding<T>(ref T rows, int stride, int start, int end, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nint row = 0; row < count; row++)
            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref rows, row * stride + start), end - start).Clear();
    }

    /// <summary>From [channels][positions] to [positions][channels, padded].</summary>
    public static void ToImage<T>(ref T source, int sourceStride, ref T destination, int destinationStride, int channels, int positions, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int channelStride = PanelLayout.Pad(channels);
        for (nint row = 0; row < rows; row++)
        {
            ref T from = ref Unsafe.Add(ref source, row * sourceStride);
            ref T to = ref Unsafe.Add(ref destination, row * destinationStride);
            if (channels < channelStride)
                MemoryMarshal.CreateSpan(ref to, positions * channelStride).Clear();
            for (nint channel = 0; channel < channels; channel++)
            {
                for (nint position = 0; position < positions; position++)
                    Unsafe.Add(ref to, position * channelStride + channel) = Unsafe.Add(ref from, channel * positions + position);
            }
        }
    }

    /// <summary>From [positions][channels, padded] to [channels][positions].</summary>
    public static void FromImage<T>(ref T source, int sourceStride, ref T destination, int destinationStride, int channels, int positions, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int channelStride = PanelLayout.Pad(channels), size = channels * positions;
        for (nint row = 0; row < rows; row++)
        {
            ref T from = ref Unsafe.Add(ref source, row * sourceStride);
            ref T to = ref Unsafe.Add(ref destination, row * destinationStride);
            for (nint channel = 0; channel < channels; channel++)
            {
                for (nint position = 0; position < positions; position++)
                    Unsafe.Add(ref to, channel * positions + position) = Unsafe.Add(ref from, position * channelStride + channel);
            }

            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref to, size), destinationStride - size).Clear();
        }
    }

    /// <summary>Copies the elements of rows in the order of nested loops over the source, the innermost last, and clears the padding.</summary>
    /// <param name="source">The rows that are read.</param>
    /// <param name="sourceStride">Elements from one of them to the next.</param>
    /// <param name="destination">The rows that are written.</param>
    /// <param name="destinationStride">Elements from one of them to the next.</param>
    /// <param name="extents">The passes of each loop.</param>
    /// <param name="steps">For each loop the elements of the source from one pass to the next.</param>
    /// <param name="rows">The number of rows.</param>
    public static void Permute<T>(
        ref T source, int sourceStride, ref T destination, int destinationStride, ReadOnlySpan<int> extents, ReadOnlySpan<int> steps, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int innermost = extents.Length - 1, length = extents[innermost], step = steps[innermost];
        // A row has fewer than 2^31 elements and each loop two passes, so there are few loops.
        Span<int> passes = stackalloc int[innermost];
        passes.Clear();
        for (nint row = 0; row < rows; row++)
        {
            ref T from = ref Unsafe.Add(ref source, row * sourceStride);
            ref T to = ref Unsafe.Add(ref destination, row * destinationStride);
            nint start = 0, place = 0;
            int loop;
            do
            {
                for (nint i = 0; i < length; i++)
                    Unsafe.Add(ref to, place + i) = Unsafe.Add(ref from, start + i * step);
                place += length;
                // The next pass of the innermost loop that has one left; those within it start again.
                for (loop = innermost - 1; loop >= 0; loop--)
                {
                    start += steps[loop];
                    if (++passes[loop] < extents[loop])
                        break;
                    start -= (nint)extents[loop] * steps[loop];
                    passes[loop] = 0;
                }
            }
            while (loop >= 0);

            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref to, place), destinationStride - (int)place).Clear();
        }
    }
}
