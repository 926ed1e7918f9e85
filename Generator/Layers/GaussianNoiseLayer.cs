using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>y = x + noise while training.</summary>
internal sealed class GaussianNoiseLayer : LayerKind
{
    public override string Name => "GaussianNoise";

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        double deviation = reader.Number("Deviation", 0);
        if (deviation is >= 0 and <= float.MaxValue)
            return new GaussianNoiseNode(reader.Name, inputs, inputs[0], deviation);
        reader.Report(
            Rules.NumberOutOfRange, "Deviation", reader.Name, "Deviation", NetworkGraph.Text(deviation), "at least 0 and finite in single precision");
        return null;
    }
}

/// <summary>A layer of noise of known shape. The noise does not depend on the input, so that the gradient stays.</summary>
internal sealed record GaussianNoiseNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, double Deviation) : LayerNode(Name, Inputs, Output)
{
    public override string Description => $"GaussianNoise({NetworkGraph.Text(Deviation)})";

    public override bool IsTrainingOnly => true;

    public override bool IsRandom => true;

    public override bool HasKernels => false;

    public override string Formula(string input, string output) =>
        $"{output} = {input} + normal noise of deviation {NetworkGraph.Text(Deviation)}: [rows, {Output.Size}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        // Elements that follow each other without padding, of which rows and images have very different numbers.
        (int size, int stride) = Output.Layout == TensorLayout.Image ? (Output.Channels, Output.ChannelStride) : (Output.Size, Output.RowLength);
        writer.Line(
            $"NormalNoise.Add(pass.Random, {step.Index}, {SourceWriter.Literal(Deviation, "double")}, pass.FirstRow + row, ref {step.Input}, ref {step.Output}, "
            + $"{Output.RowLength}, {size}, {stride}, count);");
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
    }
}
