using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>What a layer is given, and where its shape comes from: what messages say of it.</summary>
/// <param name="Name">The layer it is taken from, or the input.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Maker">The layer that gives it the shape, before others that keep it; null where it is an input's.</param>
/// <param name="MakerName">That layer's name.</param>
/// <param name="MakerInput">The shape that layer is given.</param>
/// <param name="InputAttribute">The attribute that declares the input.</param>
internal sealed record LayerSource(string Name, Shape Shape, LayerSpec? Maker, string MakerName, Shape MakerInput, string InputAttribute)
{
    public bool IsInput => Maker is null;

    /// <summary>Whether it is an input whose last dimension rather than its first is what numbers of channels are.</summary>
    public bool IsChannelsLast => IsInput && Shape.Dimensions is { Count: 3 } shape && shape[2] is 1 or 3 or 4 && shape[0] >= 8 && shape[1] >= 8
        && (shape[0] == shape[1] || Math.Min(shape[0], shape[1]) >= 16);

    /// <summary>The attribute with the channels first.</summary>
    public string ChannelsFirst => Declaration(Shape.Dimensions[2], Shape.Dimensions[0], Shape.Dimensions[1]);

    /// <summary>An attribute that declares the input with a shape, without brackets.</summary>
    public string Declaration(params int[] shape) => $"{InputAttribute}({new Shape(shape)})";

    /// <summary>How to give a layer an image, channels first; begins with the sign before it.</summary>
    /// <param name="flat">The kind of the layer that takes signals; null where there is none.</param>
    public string ImageRemedy(string? flat)
    {
        EquatableArray<int> shape = Shape.Dimensions;
        switch (shape.Count)
        {
            case 1 when IsInput:
                return ImageOf(shape[0]) is { } image
                    ? $"; write [{Declaration(image)}]"
                    : $"; write its channels, height and width, as in [{InputAttribute}(1, 28, 28)] for 784 elements";
            case 1 when Maker!.Kind == "Flatten":
                return $"; put it above '{MakerName}'";
            case 1:
                return $"; put [Layer.Reshape({new Shape(ImageOf(shape[0]) ?? [shape[0], 1, 1])})] between them";
            case 2 when IsInput:
                return $"; write [{Declaration(1, shape[0], shape[1])}]{(flat is null ? "" : $", or use {flat} for signals")}";
            case 2:
                return flat is null ? $"; put [Layer.Reshape(1, {Shape})] between them" : $"; use {flat}";
            case 4 when IsInput:
                return $"; leave out the batch: [{Declaration([.. shape.Skip(1)])}]";
            default:
                return $"; put [Layer.Reshape(-1, {new Shape([.. shape.Skip(shape.Count - 2)])})] between them";
        }
    }

    /// <summary>How to give a layer a signal, channels first.</summary>
    /// <param name="image">The kind of the layer that takes images.</param>
    public string SignalRemedy(string image)
    {
        EquatableArray<int> shape = Shape.Dimensions;
        return shape.Count switch
        {
            1 when IsInput => $"; write [{Declaration(1, shape[0])}]",
            1 when Maker!.Kind == "Flatten" => $"; put it above '{MakerName}'",
            1 => $"; put [Layer.Reshape(1, {Shape})] between them",
            3 => $"; use {image}",
            _ => $"; put [Layer.Reshape({shape[0]}, -1)] between them",
        };
    }

    /// <summary>How to give a layer channels with positions.</summary>
    public string PositionsRemedy() => IsInput ? ImageRemedy(null)
        : Maker!.Kind == "Flatten" ? $"; remove '{MakerName}'"
        : "; it is for what convolutions and pooling leave: remove it";

    // The channels of the largest square image of so many elements.
    private static int[]? ImageOf(int elements)
    {
        for (int side = (int)Math.Sqrt(elements); side > 1; side--)
        {
            if (elements % ((long)side * side) == 0)
                return [elements / (side * side), side, side];
        }

        return null;
    }
}
