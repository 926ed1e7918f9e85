using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>Dropout of whole channels: the mask has an element for each channel of a row.</summary>
internal sealed class SpatialDropoutLayer : DropoutLayer
{
    public override string Name => "SpatialDropout";

    // Vectors run along channels, and the mask with them.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Image];

    protected override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs, double rate)
    {
        if (inputs[0].Shape.Dimensions.Count > 1)
            return new SpatialDropoutNode(reader.Name, inputs, inputs[0], rate);
        reader.Report(
            Rules.WrongRank, null, reader.Name, "channels and positions, such as [channels, height, width]", inputs[0].Shape.ToString(), "; use Dropout");
        return null;
    }
}

/// <summary>A dropout layer of whole channels of known shape.</summary>
internal sealed record SpatialDropoutNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, double Rate)
    : DropoutNode(Name, Inputs, Output, Rate)
{
    public override string Description => $"SpatialDropout({NetworkGraph.Text(Rate)})";

    protected override int MaskStride => Output.ChannelStride;

    public override string Formula(string input, string output) =>
        $"{output} = {input} * mask of the channel, of which {NetworkGraph.Text(Rate)} are zero: [rows, {Output.Shape}]";

    protected override void EmitProducts(SourceWriter writer)
    {
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        using (writer.Block($"for (nint channel = 0; channel < {MaskStride}; channel += V.Count)"))
        {
            writer.Line($"V scale = V.Load(ref mask, row * {MaskStride} + channel);");
            writer.Line($"for (nint i = row * {Stride} + channel; i < (row + 1) * {Stride}; i += {MaskStride})");
            writer.Line("    V.Store(V.Load(ref input, i) * scale, ref output, i);");
        }
    }
}
