using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>y = x * mask while training, where each element of the mask is 0 or 1 / (1 - rate).</summary>
internal sealed class DropoutLayer : LayerKind
{
    public override string Name => "Dropout";

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        double rate = reader.Number("Rate", 0);
        if (rate is >= 0 and < 1)
            return new DropoutNode(reader.Name, inputs, inputs[0], rate);
        reader.Report(Rules.DropoutRateOutOfRange, "Rate", reader.Name, NetworkGraph.Text(rate));
        return null;
    }
}

/// <summary>A dropout layer of known shape.</summary>
internal sealed record DropoutNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, double Rate) : LayerNode(Name, Inputs, Output)
{
    private int Stride => Output.RowLength;

    public override string Description => $"Dropout({NetworkGraph.Text(Rate)})";

    public override bool IsTrainingOnly => true;

    public override IReadOnlyList<Workspace> Workspaces => [new("Mask", Stride, WorkspaceLife.Training)];

    public override string Formula(string input, string output) =>
        $"{output} = {input} * mask, of which {NetworkGraph.Text(Rate)} are zero: [rows, {Output.Size}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        writer.Line($"DropoutMask.Fill(pass.Dropout, {step.Index}, {SourceWriter.Literal(Rate, "double")}, pass.FirstRow + row, MemoryMarshal.CreateSpan(ref {step.Workspaces["Mask"]}, count * {Stride}), {Stride});");
        writer.Line($"{KernelClass}.Multiply<V>(ref {step.Input}, ref {step.Workspaces["Mask"]}, ref {step.Output}, count);");
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        writer.Line($"{KernelClass}.Multiply<V>(ref {step.OutputGradient}, ref {step.Forward.Workspaces["Mask"]}, ref {step.OutputGradient}, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"// output = input * mask: [rows, {Output.Size}]");
        using (writer.Kernel("public", "Multiply", t, $"ref {t} input, ref {t} mask, ref {t} output, int rows"))
        {
            writer.Line($"for (nint i = 0; i < rows * {Stride}; i += V.Count)");
            writer.Line("    V.Store(V.Load(ref input, i) * V.Load(ref mask, i), ref output, i);");
        }
    }
}
