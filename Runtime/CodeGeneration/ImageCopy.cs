using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace NetGen.CodeGeneration;

/// <summary>What layers do with images before and after they compute.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ImageCopy
{
    /// <summary>Copies rows into [padded height][padded width][channels], without gaps and with zeros around.</summary>
    /// <param name="source">The rows; where channels of images are taken, the first of them.</param>
    /// <param name="sourceStride">Elements from one row to the next.</param>
    /// <param name="channelStride">Elements from one position of an image to the next; 0 where rows have their channels first.</param>
    /// <param name="destination">Takes the padded images.</param>
    /// <param name="destinationStride">Elements from one padded image to the next.</param>
    /// <param name="channels">How many channels to take.</param>
    /// <param name="height">Lines of the input.</param>
    /// <param name="width">Columns of the input.</param>
    /// <param name="paddingY">Lines of zeros above and below.</param>
    /// <param name="paddingX">Columns of zeros at each side.</param>
    /// <param name="rows">How many rows.</param>
    public static void Pad<T>(
        ref T source, int sourceStride, int channelStride, ref T destination, int destinationStride,
        int channels, int height, int width, int paddingY, int paddingX, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int paddedWidth = width + 2 * paddingX, line = paddedWidth * channels;
        for (nint row = 0; row < rows; row++)
        {
            ref T from = ref Unsafe.Add(ref source, row * sourceStride);
            ref T to = ref Unsafe.Add(ref destination, row * destinationStride);
            MemoryMarshal.CreateSpan(ref to, paddingY * line).Clear();
            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref to, (paddingY + height) * line), paddingY * line).Clear();
            for (nint y = 0; y < height; y++)
            {
                ref T target = ref Unsafe.Add(ref to, (y + paddingY) * line);
                MemoryMarshal.CreateSpan(ref target, paddingX * channels).Clear();
                MemoryMarshal.CreateSpan(ref Unsafe.Add(ref target, (paddingX + width) * channels), paddingX * channels).Clear();
                target = ref Unsafe.Add(ref target, paddingX * channels);
                if (channelStride > 0)
                {
                    RowCopy.CopyInto(ref Unsafe.Add(ref from, y * width * channelStride), channelStride, ref target, channels, channels, width);
                    continue;
                }

                for (nint channel = 0; channel < channels; channel++)
                {
                    ref T plane = ref Unsafe.Add(ref from, (channel * height + y) * width);
                    for (nint x = 0; x < width; x++)
                        Unsafe.Add(ref target, x * channels + channel) = Unsafe.Add(ref plane, x);
                }
            }
        }
    }

    /// <summary>Copies what lies within the padding of [padded height][padded width][channels] to rows of either layout.</summary>
    /// <param name="source">The padded images.</param>
    /// <param name="sourceStride">Elements from one padded image to the next.</param>
    /// <param name="positionStride">Elements from one position of a padded image to the next.</param>
    /// <param name="destination">Takes the rows; where channels of images are written, the first of them.</param>
    /// <param name="destinationStride">Elements from one row to the next.</param>
    /// <param name="channelStride">Elements from one position of an image to the next; 0 where rows have their channels first.</param>
    /// <param name="channels">How many channels to write; those of whole images with their padding.</param>
    /// <param name="height">Lines of the output.</param>
    /// <param name="width">Columns of the output.</param>
    /// <param name="paddingY">Lines to leave out above and below.</param>
    /// <param name="paddingX">Columns to leave out at each side.</param>
    /// <param name="rows">How many rows.</param>
    public static void Crop<T>(
        ref T source, int sourceStride, int positionStride, ref T destination, int destinationStride, int channelStride,
        int channels, int height, int width, int paddingY, int paddingX, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int paddedWidth = width + 2 * paddingX;
        for (nint row = 0; row < rows; row++)
        {
            ref T from = ref Unsafe.Add(ref source, row * sourceStride);
            ref T to = ref Unsafe.Add(ref destination, row * destinationStride);
            for (nint y = 0; y < height; y++)
            {
                ref T line = ref Unsafe.Add(ref from, ((y + paddingY) * paddedWidth + paddingX) * positionStride);
                if (channelStride > 0)
                {
                    RowCopy.CopyInto(ref line, positionStride, ref Unsafe.Add(ref to, y * width * channelStride), channelStride, channels, width);
                    continue;
                }

                for (nint channel = 0; channel < channels; channel++)
                {
                    ref T plane = ref Unsafe.Add(ref to, (channel * height + y) * width);
                    for (nint x = 0; x < width; x++)
                        Unsafe.Add(ref plane, x) = Unsafe.Add(ref line, x * positionStride + channel);
                }
            }
        }
    }

    /// <summary>
    /// Copies rows into planes, [channels][padded height][line], with zeros around; what follows on a line is not written. For kernels that move
    /// by several columns, columns so many apart stand together: a line is then [column % step][column / step].
    /// </summary>
    /// <param name="source">The rows.</param>
    /// <param name="sourceStride">Elements from one row to the next.</param>
    /// <param name="channelStride">Elements from one position of an image to the next; 0 where rows have their channels first.</param>
    /// <param name="planes">Takes the planes.</param>
    /// <param name="planesStride">Elements from the planes of one row to those of the next.</param>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="height">Lines of the input.</param>
    /// <param name="width">Columns of the input.</param>
    /// <param name="paddingY">Lines of zeros above and below.</param>
    /// <param name="paddingX">Columns of zeros at each side.</param>
    /// <param name="line">Elements from one line to the next.</param>
    /// <param name="step">Columns that kernels move by.</param>
    /// <param name="rows">How many rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToPlanes<T>(
        ref T source, int sourceStride, int channelStride, ref T planes, int planesStride,
        int channels, int height, int width, int paddingY, int paddingX, int line, int step, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int plane = (height + 2 * paddingY) * line, part = line / step, rightPart = (paddingX + width) % step, rightColumn = (paddingX + width) / step;
        for (nint row = 0; row < rows; row++)
        {
            ref T from = ref Unsafe.Add(ref source, row * sourceStride);
            for (nint channel = 0; channel < channels; channel++)
            {
                ref T to = ref Unsafe.Add(ref planes, row * planesStride + channel * plane);
                MemoryMarshal.CreateSpan(ref to, paddingY * line).Clear();
                MemoryMarshal.CreateSpan(ref Unsafe.Add(ref to, (paddingY + height) * line), paddingY * line).Clear();
                for (nint y = 0; y < height; y++)
                {
                    ref T values = ref Unsafe.Add(ref from, channelStride == 0 ? (channel * height + y) * width : y * width * channelStride + channel);
                    ref T target = ref Unsafe.Add(ref to, (y + paddingY) * line);
                    ClearColumns(ref target, 0, 0, paddingX, part, step);
                    ClearColumns(ref target, rightPart, rightColumn, paddingX, part, step);
                    if (step > 1)
                    {
                        SplitLine(ref values, Math.Max(1, channelStride), width, ref target, part, paddingX, step);
                        continue;
                    }

                    target = ref Unsafe.Add(ref target, paddingX);
                    if (channelStride == 0)
                    {
                        MemoryMarshal.CreateReadOnlySpan(ref values, width).CopyTo(MemoryMarshal.CreateSpan(ref target, width));
                        continue;
                    }

                    for (nint x = 0; x < width; x++)
                        Unsafe.Add(ref target, x) = Unsafe.Add(ref values, x * channelStride);
                }
            }
        }
    }

    // So many columns from one on, given by the part of the line it stands in and its place there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ClearColumns<T>(ref T line, int which, int column, int count, int part, int step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < count; i++)
        {
            Unsafe.Add(ref line, which * part + column) = T.Zero;
            if (++which == step)
                (which, column) = (0, column + 1);
        }
    }

    // Columns that stand so many apart, counted with the padding, into parts of a line.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitLine<T>(ref T values, int valueStride, int width, ref T line, int part, int padding, int step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int done = 0;
        if (typeof(T) == typeof(float) && step == 2 && valueStride == 1 && Vector128.IsHardwareAccelerated)
        {
            ref float all = ref Unsafe.As<T, float>(ref values);
            ref float evens = ref Unsafe.As<T, float>(ref Unsafe.Add(ref line, padding % 2 * part + padding / 2));
            ref float odds = ref Unsafe.As<T, float>(ref Unsafe.Add(ref line, (padding + 1) % 2 * part + (padding + 1) / 2));
            if (SimdWidth.Is512 && Avx512F.IsSupported)
            {
                Vector512<int> even = Vector512<int>.Indices * 2, odd = even + Vector512<int>.One;
                for (; done + 32 <= width; done += 32)
                {
                    Vector512<float> first = Vector512.LoadUnsafe(ref all, (nuint)done), second = Vector512.LoadUnsafe(ref all, (nuint)done + 16);
                    Avx512F.PermuteVar16x32x2(first, even, second).StoreUnsafe(ref evens, (nuint)done / 2);
                    Avx512F.PermuteVar16x32x2(first, odd, second).StoreUnsafe(ref odds, (nuint)done / 2);
                }
            }

            for (; done + 8 <= width; done += 8)
            {
                Vector128<float> first = Vector128.LoadUnsafe(ref all, (nuint)done), second = Vector128.LoadUnsafe(ref all, (nuint)done + 4);
                Evens(first, second).StoreUnsafe(ref evens, (nuint)done / 2);
                Odds(first, second).StoreUnsafe(ref odds, (nuint)done / 2);
            }
        }

        int which = (done + padding) % step, column = (done + padding) / step;
        for (nint x = done; x < width; x++)
        {
            Unsafe.Add(ref line, which * part + column) = Unsafe.Add(ref values, x * valueStride);
            if (++which == step)
                (which, column) = (0, column + 1);
        }
    }

    /// <summary>Turns a line of each channel to a line of an image, channels last.</summary>
    /// <param name="lines">The line of the first channel. Behind those of the channels stand lines of zeros, up to a multiple of eight.</param>
    /// <param name="lineStride">Elements from the line of one channel to that of the next.</param>
    /// <param name="columnStep">Elements from one column taken to the next: 1 or 2.</param>
    /// <param name="image">Takes a line of an image, 16 elements for each position.</param>
    /// <param name="channels">Channels, up to 16.</param>
    /// <param name="width">Columns.</param>
    public static void TurnLine<T>(ref T lines, int lineStride, int columnStep, ref T image, int channels, int width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float) && Vector128.IsHardwareAccelerated && width >= 4)
        {
            TurnFloats(ref Unsafe.As<T, float>(ref lines), lineStride, columnStep, ref Unsafe.As<T, float>(ref image), channels, width);
            return;
        }

        for (nint x = 0; x < width; x++)
        {
            for (nint channel = 0; channel < PanelLayout.Alignment; channel++)
                Unsafe.Add(ref image, x * PanelLayout.Alignment + channel) = channel < channels ? Unsafe.Add(ref lines, channel * lineStride + x * columnStep) : T.Zero;
        }
    }

    // Four columns at a time; the last four overlap those before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TurnFloats(ref float lines, nint lineStride, int columnStep, ref float image, int channels, int width)
    {
        for (int x = 0; x < width; x += 4)
        {
            int column = Math.Min(x, width - 4);
            ref float line = ref Unsafe.Add(ref lines, column * columnStep), target = ref Unsafe.Add(ref image, column * PanelLayout.Alignment);
            TurnEight(ref line, lineStride, columnStep, ref target);
            target = ref Unsafe.Add(ref target, 8);
            if (channels > 8)
            {
                TurnEight(ref Unsafe.Add(ref line, 8 * lineStride), lineStride, columnStep, ref target);
                continue;
            }

            for (nint i = 0; i < 4 * PanelLayout.Alignment; i += PanelLayout.Alignment)
                Store(default, default, ref Unsafe.Add(ref target, i));
        }
    }

    // Four columns of eight channels.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnEight(ref float lines, nint stride, int step, ref float image)
    {
        Vector128<float> a = Take(ref lines, step), b = Take(ref Unsafe.Add(ref lines, stride), step);
        Vector128<float> c = Take(ref Unsafe.Add(ref lines, 2 * stride), step), d = Take(ref Unsafe.Add(ref lines, 3 * stride), step);
        Vector128<float> e = Take(ref Unsafe.Add(ref lines, 4 * stride), step), f = Take(ref Unsafe.Add(ref lines, 5 * stride), step);
        Vector128<float> g = Take(ref Unsafe.Add(ref lines, 6 * stride), step), h = Take(ref Unsafe.Add(ref lines, 7 * stride), step);
        Vector128<float> ac = ZipLow(a, c), bd = ZipLow(b, d), eg = ZipLow(e, g), fh = ZipLow(f, h);
        Store(ZipLow(ac, bd), ZipLow(eg, fh), ref image);
        Store(ZipHigh(ac, bd), ZipHigh(eg, fh), ref Unsafe.Add(ref image, PanelLayout.Alignment));
        (ac, bd, eg, fh) = (ZipHigh(a, c), ZipHigh(b, d), ZipHigh(e, g), ZipHigh(f, h));
        Store(ZipLow(ac, bd), ZipLow(eg, fh), ref Unsafe.Add(ref image, 2 * PanelLayout.Alignment));
        Store(ZipHigh(ac, bd), ZipHigh(eg, fh), ref Unsafe.Add(ref image, 3 * PanelLayout.Alignment));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<float> lower, Vector128<float> upper, ref float target)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256.Create(lower, upper).StoreUnsafe(ref target);
            return;
        }

        lower.StoreUnsafe(ref target);
        upper.StoreUnsafe(ref target, 4);
    }

    // Four columns of a line: neighbours, or every other one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Take(ref float line, int step) => step == 1
        ? Vector128.LoadUnsafe(ref line)
        : Evens(Vector128.LoadUnsafe(ref line), Vector128.LoadUnsafe(ref line, 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Evens(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.Shuffle(a, b, 0b10_00_10_00)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.UnzipEven(a, b)
        : Vector128.Create(a[0], a[2], b[0], b[2]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Odds(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.Shuffle(a, b, 0b11_01_11_01)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.UnzipOdd(a, b)
        : Vector128.Create(a[1], a[3], b[1], b[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLow(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipHigh(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    /// <summary>Copies a patch of 4 x 4 positions of an image, with zeros where it lies outside.</summary>
    /// <param name="image">The image, [height][width][channel stride].</param>
    /// <param name="channelStride">Elements from one position to the next.</param>
    /// <param name="height">Lines of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="y">The first line of the patch; may be negative.</param>
    /// <param name="x">The first column of the patch; may be negative.</param>
    /// <param name="patch">Takes [4][4][channel stride].</param>
    public static void Patch<T>(ref T image, int channelStride, int height, int width, int y, int x, ref T patch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Extent = 4;
        int first = Math.Max(x, 0), last = Math.Min(x + Extent, width);
        MemoryMarshal.CreateSpan(ref patch, Extent * Extent * channelStride).Clear();
        for (int line = Math.Max(y, 0); line < Math.Min(y + Extent, height) && first < last; line++)
        {
            int length = (last - first) * channelStride;
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref image, ((nint)line * width + first) * channelStride), length)
                .CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref patch, ((line - y) * Extent + first - x) * channelStride), length));
        }
    }

    /// <summary>
    /// From kernels in panels of filters, [positions][channels][32 filters], to panels of channels, [positions][filters][32
    /// channels], padding included.
    /// </summary>
    public static void ExchangeChannels<T>(ref T weights, ref T exchanged, int filters, int channels, int positions)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int padded = PanelLayout.Pad(channels);
        if (padded > channels)
            MemoryMarshal.CreateSpan(ref exchanged, padded * positions * filters).Clear();
        for (int channel = 0; channel < channels; channel++)
        {
            int start = PanelLayout.IndexOf(channels, positions * filters, channel, 0), step = PanelLayout.Width(channels, channel);
            for (int filter = 0; filter < filters; filter++)
            {
                int from = PanelLayout.IndexOf(filters, positions * channels, filter, channel), width = PanelLayout.Width(filters, filter);
                for (nint position = 0; position < positions; position++)
                    Unsafe.Add(ref exchanged, start + (position * filters + filter) * step) = Unsafe.Add(ref weights, from + position * channels * width);
            }
        }
    }

    /// <summary>Copies as many lines of each row, of some elements, between images of different widths, and leaves the rest as it is.</summary>
    public static void Lines<T>(
        ref T source, int sourceStride, int sourceLine, ref T destination, int destinationStride, int destinationLine, int size, int lines, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nint row = 0; row < rows; row++)
        {
            RowCopy.CopyInto(
                ref Unsafe.Add(ref source, row * sourceStride), sourceLine, ref Unsafe.Add(ref destination, row * destinationStride), destinationLine, size, lines);
        }
    }
}
