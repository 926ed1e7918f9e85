using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>The sizes of a convolution. A signal is an image of height 1.</summary>
internal sealed record ConvGeometry(Tensor Input, int Filters, int Kernel, int Stride, int Dilation, int Padding, bool IsImage, int Groups = 1)
{
    public int KernelHeight => IsImage ? Kernel : 1;

    public int StrideY => IsImage ? Stride : 1;

    public int PaddingY => IsImage ? Padding : 0;

    /// <summary>The channels that a filter reads.</summary>
    public int Channels => Input.Channels / Groups;

    /// <summary>The filters that read the same channels.</summary>
    public int GroupFilters => Filters / Groups;

    public bool IsDepthwise => Groups > 1 && Channels == 1 && GroupFilters == 1;

    public int PaddedHeight => Input.Height + 2 * PaddingY;

    public int PaddedWidth => Input.Width + 2 * Padding;

    public double PaddedElements => (Input.Height + 2d * PaddingY) * (Input.Width + 2d * Padding) * Input.ChannelStride;

    public int OutputHeight => (PaddedHeight - (KernelHeight - 1) * Dilation - 1) / StrideY + 1;

    public int OutputWidth => (PaddedWidth - (Kernel - 1) * Dilation - 1) / Stride + 1;

    public int Positions => OutputHeight * OutputWidth;

    public int Taps => KernelHeight * Kernel;

    /// <summary>Weights of one filter.</summary>
    public int Fan => Taps * Channels;

    /// <summary>
    /// Whether the weights of a whole line of the kernel fill vectors better than the channels of one position do, by enough to make up for
    /// gathering the channels of positions afterwards. Lanes behind the line add products with zero to the neighbours there, which only an infinite
    /// gradient would show.
    /// </summary>
    public bool SpreadsLines => IsImage && Dilation == 1 && 5 * PanelLayout.Pad(Kernel * Channels) < 4 * Kernel * PanelLayout.Pad(Channels);

    /// <summary>The shape of the weights in files.</summary>
    public Shape WeightShape => IsImage ? new(Filters, Channels, Kernel, Kernel) : new(Filters, Channels, Kernel);

    /// <summary>
    /// Where a kernel covers one position and moves by one, lines do not matter: an image is one long line, which tiles divide with less waste.
    /// </summary>
    public ConvGeometry AsLine => IsImage && this is { Kernel: 1, Stride: 1, Padding: 0 }
        ? this with { Input = Input with { Shape = new(Input.Channels, Input.Positions) }, IsImage = false }
        : this;

    /// <summary>The options in a layer's description, apart from the activation.</summary>
    public string Options => string.Concat(
        Stride == 1 ? "" : $", stride {Stride}", Padding == 0 ? "" : $", padding {Padding}", Dilation == 1 ? "" : $", dilation {Dilation}",
        Groups == 1 ? "" : $", {Groups} groups");

    /// <summary>Inputs under a line of the kernel up to which their places may be written out one by one.</summary>
    public const int MostPlaces = 16;

    /// <summary>The inputs of a position of planes, [channels][padded height][padded width].</summary>
    public KernelReach ReachOfPlanes => new(KernelHeight, Dilation * PaddedWidth, 1, 0, Kernel * Channels)
    {
        Offsets =
        [
            .. from k in Enumerable.Range(0, Kernel)
               from channel in Enumerable.Range(0, Channels)
               select channel * PaddedHeight * PaddedWidth + k * Dilation,
        ],
    };

    /// <summary>A convolution of these sizes in short.</summary>
    public string Described(string lastOptions) => $"Conv{(IsImage ? 2 : 1)}D({Filters}, {Kernel}{Options}{lastOptions})";

    /// <summary>The inputs of a position, where positions stand so many elements apart.</summary>
    public KernelReach Reach(int positionStride) => positionStride == Channels && Dilation == 1
        ? new(KernelHeight, PaddedWidth * positionStride, 1, 0, Kernel * Channels)
        : new(KernelHeight, Dilation * PaddedWidth * positionStride, Kernel, Dilation * positionStride, Channels);
}
