using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>How the rows of a tensor lie in memory.</summary>
internal enum TensorLayout
{
    /// <summary>One element after the other, as the caller gives and gets them.</summary>
    Packed,

    /// <summary>Packed, with each row padded to whole vectors.</summary>
    Flat,

    /// <summary>Channels last, [positions][channels], the channels of each position padded to whole vectors.</summary>
    Image,
}

/// <summary>A value of the graph: the shape of one row, channels first, and how rows lie in memory.</summary>
internal sealed record Tensor(Shape Shape, TensorLayout Layout)
{
    public int Size => Shape.Size;

    public int Channels => Shape.Dimensions[0];

    /// <summary>Positions of each channel: height times width.</summary>
    public int Positions => Size / Channels;

    public int Height => Shape.Dimensions.Count > 2 ? Shape.Dimensions[1] : 1;

    public int Width => Shape.Dimensions.Count > 1 ? Shape.Dimensions[Shape.Dimensions.Count - 1] : 1;

    /// <summary>Elements from one position of an image to the next.</summary>
    public int ChannelStride => PanelLayout.Pad(Channels);

    /// <summary>Elements from one row to the next.</summary>
    public int RowLength => Layout switch
    {
        TensorLayout.Packed => Size,
        TensorLayout.Flat => PanelLayout.Pad(Size),
        _ => checked(Positions * ChannelStride),
    };

    /// <summary>The same, for shapes not yet known to fit.</summary>
    public long RowElements => Layout == TensorLayout.Image
        ? Shape.Elements / Channels * PanelLayout.Pad(Channels)
        : Shape.Elements;

    public Tensor As(TensorLayout layout) => this with { Layout = layout };
}
