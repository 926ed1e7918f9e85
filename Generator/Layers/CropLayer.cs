using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>An image without lines and columns at its sides.</summary>
internal sealed class CropLayer : LayerKind
{
    public override string Name => "Crop2D";

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Image];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        if (!reader.TakesImage(inputs[0]) || ImageSides.Read(reader) is not { } sides)
            return null;
        Tensor input = inputs[0];
        int height = input.Height - sides.Top - sides.Bottom, width = input.Width - sides.Left - sides.Right;
        bool hasLines = CheckRest(reader, sides, "Top", sides.Top, "Bottom", sides.Bottom, input.Height, "line");
        bool hasColumns = CheckRest(reader, sides, "Left", sides.Left, "Right", sides.Right, input.Width, "column");
        return hasLines && hasColumns ? new CropNode(reader.Name, inputs, new(new Shape(input.Channels, height, width), TensorLayout.Image), sides) : null;
    }

    private static bool CheckRest(LayerReader reader, ImageSides sides, string first, int before, string last, int after, int extent, string what)
    {
        if (before + after < extent)
            return true;
        reader.Report(
            Rules.NothingLeft, sides.Argument(before > after ? first : last), reader.Name, NetworkGraph.Text(before), NetworkGraph.Text(after),
            NetworkGraph.Text(extent), extent == 1 ? what : what + "s");
        return false;
    }
}

/// <summary>A cropping of known shape.</summary>
internal sealed record CropNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ImageSides Sides) : LayerNode(Name, Inputs, Output)
{
    public override string Description => $"Crop2D({Sides.Text})";

    public override bool IsGradientInPlace => false;

    public override bool HasKernels => false;

    public override string Formula(string input, string output) => $"{output} = {input} without its sides: [rows, {Input.Shape}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) => writer.Line(Sides.CopyFrom(Input, step.Input, Output, step.Output));

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        writer.Line($"MemoryMarshal.CreateSpan(ref {step.InputGradients[0]}, count * {Input.RowLength}).Clear();");
        writer.Line(Sides.CopyInto(Output, step.OutputGradient, Input, step.InputGradients[0]));
    }
}
