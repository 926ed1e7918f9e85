using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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

    /// <summary>Copies rows into planes, [channels][padded height][line], with zeros around and behind.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="sourceStride">Elements from one row to the next.</param>
    /// <param name="channelStride">Elements from one position of an image to the next; 0 where rows have their channels first.</param>
    /// <param name="planes">Takes the planes.</param>
    /// <param name="planesStride">Elements from the planes of one row to those of the next.</param>
    /// <param name="channels">Channels of the input.</param>
    /// <param name="height">Lines of the input.</param>
    /// <param name="width">Columns of the input.</param>
    /// <param name="paddingY">Lines of zeros above and below.</param>
    /// <param name="paddingX">Columns of zeros before each line.</param>
    /// <param name="line">Elements from one line to the next; what follows the input is zero.</param>
    /// <param name="rows">How many rows.</param>
    public static void ToPlanes<T>(
        ref T source, int sourceStride, int channelStride, ref T planes, int planesStride,
        int channels, int height, int width, int paddingY, int paddingX, int line, int rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int plane = (height + 2 * paddingY) * line;
        for (nint row = 0; row < rows; row++)
        {
            ref T from = ref Unsafe.Add(ref source, row * sourceStride);
            ref T to = ref Unsafe.Add(ref planes, row * planesStride);
            nint cleared = 0;
            for (nint channel = 0; channel < channels; channel++)
            {
                for (nint y = 0; y < height; y++)
                {
                    nint place = channel * plane + (y + paddingY) * line + paddingX;
                    ref T target = ref Unsafe.Add(ref to, place);
                    Clear(ref Unsafe.Add(ref to, cleared), place - cleared);
                    cleared = place + width;
                    if (channelStride == 0)
                    {
                        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref from, (channel * height + y) * width), width).CopyTo(MemoryMarshal.CreateSpan(ref target, width));
                        continue;
                    }

                    ref T positions = ref Unsafe.Add(ref from, y * width * channelStride + channel);
                    for (nint x = 0; x < width; x++)
                        Unsafe.Add(ref target, x) = Unsafe.Add(ref positions, x * channelStride);
                }
            }

            Clear(ref Unsafe.Add(ref to, cleared), planesStride - cleared);
        }
    }

    private static void Clear<T>(ref T start, nint count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (count >= PanelLayout.Alignment)
        {
            MemoryMarshal.CreateSpan(ref start, (int)count).Clear();
            return;
        }

        // A call takes longer than a few elements do.
        for (nint i = 0; i < count; i++)
            Unsafe.Add(ref start, i) = T.Zero;
    }

    /// <summary>Turns a line of each channel to a line of an image, channels last.</summary>
    /// <param name="lines">The line of the first channel.</param>
    /// <param name="lineStride">Elements from the line of one channel to that of the next.</param>
    /// <param name="columnStep">Elements from one column taken to the next.</param>
    /// <param name="image">Takes a line of an image.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="width">Columns.</param>
    /// <param name="channelStride">Elements from one position of the image to the next.</param>
    public static void TurnLine<T>(ref T lines, int lineStride, int columnStep, ref T image, int channels, int width, int channelStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        MemoryMarshal.CreateSpan(ref image, width * channelStride).Clear();
        for (nint channel = 0; channel < channels; channel++)
        {
            ref T line = ref Unsafe.Add(ref lines, channel * lineStride), target = ref Unsafe.Add(ref image, channel);
            for (nint x = 0; x < width; x++)
                Unsafe.Add(ref target, x * channelStride) = Unsafe.Add(ref line, x * columnStep);
        }
    }

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
