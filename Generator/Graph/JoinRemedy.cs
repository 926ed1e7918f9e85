using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>How to bring two inputs of a join to one shape.</summary>
internal static class JoinRemedy
{
    private const int WidestKernel = 4096;

    /// <summary>The remedy for inputs of a sum or a product, or with <paramref name="anyChannels"/> of a concatenation.</summary>
    public static string Of(LayerSource first, LayerSource other, bool anyChannels)
    {
        Shape a = first.Shape, b = other.Shape;
        if (a.Dimensions.Count == 1 && b.Dimensions.Count == 1)
            return Units(other, a.Size) ?? Units(first, b.Size) ?? Dense(other, a.Size);
        if (a.Dimensions.Count != b.Dimensions.Count)
            return OfRanks(first, other, anyChannels);
        // The larger image comes down to the smaller one, or the smaller one is kept from shrinking.
        int order = a.Dimensions.Skip(1).Zip(b.Dimensions.Skip(1), (x, y) => x.CompareTo(y)).FirstOrDefault(order => order != 0);
        (LayerSource small, LayerSource large) = order <= 0 ? (first, other) : (other, first);
        if (a.Dimensions.Skip(1).SequenceEqual(b.Dimensions.Skip(1)))
            return Filters(other, a.Dimensions[0]) ?? Filters(first, b.Dimensions[0]) ?? Pointwise(other, a, 1, false) ?? "bring both to one shape";
        return Same(small, large, anyChannels) ?? Stride(small, large, anyChannels) ?? "bring both to one shape";
    }

    // The layer that makes a row makes it as wide as the other.
    private static string? Units(LayerSource source, int size) =>
        source.Maker is { Kind: "Dense" or "MaskedDense" } ? $"give '{source.MakerName}' {Count(size, "unit")}" : null;

    private static string Dense(LayerSource source, int size) =>
        $"put [Layer.Dense({size}{Behind(source)})] behind {Quoted(source)} and join that";

    private static string? Filters(LayerSource source, int channels) =>
        source.Maker is { Kind: "Conv2D" or "Conv1D" or "ConvTranspose2D" or "LocallyConnected2D" } maker && Groups(maker, source.MakerInput, channels)
            ? $"give '{source.MakerName}' {Count(channels, "filter")}" : null;

    private static bool Groups(LayerSpec maker, Shape input, int channels) =>
        maker.Find("Groups") is not { Number: var groups } || (channels % groups == 0 && input.Dimensions[0] % groups == 0);

    // A convolution without padding, of what the other has the size of.
    private static string? Same(LayerSource small, LayerSource large, bool anyChannels)
    {
        if (small.Maker is not { Kind: "Conv2D" or "Conv1D" or "LocallyConnected2D" or "Depthwise" } maker
            || maker.Find("Padding") is { Number: ConvArguments.Same }
            || maker.Find("Kernel") is not { Number: >= 1 and <= WidestKernel and var kernel } || (maker.Find("Stride")?.Number ?? 1) != 1
            || (kernel - 1) * (maker.Find("Dilation")?.Number ?? 1) % 2 != 0
            || !small.MakerInput.Dimensions.Skip(1).SequenceEqual(large.Shape.Dimensions.Skip(1)))
        {
            return null;
        }

        int channels = large.Shape.Dimensions[0];
        if (anyChannels || small.Shape.Dimensions[0] == channels)
            return $"give '{small.MakerName}' Padding = Layer.Same";
        return Filters(small, channels) is null ? null : $"give '{small.MakerName}' Padding = Layer.Same and {Count(channels, "filter")}";
    }

    private static string? Stride(LayerSource small, LayerSource large, bool anyChannels)
    {
        for (int stride = 2; stride <= 16; stride++)
        {
            if (large.Shape.Dimensions.Skip(1).Select(extent => (extent - 1) / stride + 1).SequenceEqual(small.Shape.Dimensions.Skip(1)))
                return Pointwise(large, anyChannels ? large.Shape : small.Shape, stride, true);
        }

        return null;
    }

    private static string? Pointwise(LayerSource source, Shape shape, int stride, bool isStrided)
    {
        string kind = shape.Dimensions.Count == 2 ? "1" : shape.Dimensions.Count == 3 ? "2" : "";
        if (kind.Length == 0)
            return null;
        string options = isStrided ? $", Stride = {stride}" : "";
        return $"put a {(kind == "2" ? "1 x 1 " : "")}convolution{(isStrided ? $" with Stride = {stride}" : "")} behind {Quoted(source)} and join that: "
            + $"[Layer.Conv{kind}D({shape.Dimensions[0]}, 1{options}{Behind(source)})]";
    }

    private static string OfRanks(LayerSource first, LayerSource other, bool anyChannels)
    {
        (LayerSource flat, LayerSource image) = first.Shape.Dimensions.Count < other.Shape.Dimensions.Count ? (first, other) : (other, first);
        if (flat.Shape.Dimensions.Count > 1)
            return "bring both to one shape by [Layer.Reshape(...)]";
        return flat.Shape.Size == image.Shape.Size || anyChannels
            ? $"put [Layer.Flatten({Behind(image).TrimStart(',', ' ')})] behind {Quoted(image)} and join that"
            : Units(flat, image.Shape.Size) is { } units
                ? $"{units}, put [Layer.Reshape({image.Shape}{Behind(flat)})] behind {Quoted(flat)} and join that"
                : $"put [Layer.Dense({flat.Shape.Size}{Behind(image)})] behind {Quoted(image)} and join that";
    }

    private static string Behind(LayerSource source) => $", From = [\"{source.Name}\"]";

    private static string Quoted(LayerSource source) => $"'{source.Name}'";

    private static string Count(int count, string what) => $"{NetworkGraph.Text(count)} {what}{(count == 1 ? "" : "s")}";
}
