using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>y = x * mask while training, where each element of the mask is 0 or 1 / (1 - rate).</summary>
internal class DropoutLayer : LayerKind
{
    public override string Name => "Dropout";

    public sealed override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        double rate = reader.Number("Rate", 0);
        if (rate is >= 0 and < 1)
            return Resolve(reader, inputs, rate);
        reader.Report(Rules.DropoutRateOutOfRange, "Rate", reader.Name, NetworkGraph.Text(rate));
        return null;
    }

    /// <summary>The operation with a rate, or null after reporting why there is none.</summary>
    protected virtual LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs, double rate) => new DropoutNode(reader.Name, inputs, inputs[0], rate);
}

/// <summary>A dropout layer of known shape.</summary>
internal record DropoutNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, double Rate) : LayerNode(Name, Inputs, Output)
{
    protected int Stride => Output.RowLength;

    /// <summary>Elements of the mask of one row.</summary>
    protected virtual int MaskStride => Stride;

    /// <summary>What values that are kept are multiplied by, where it is not 1 / (1 - rate).</summary>
    protected virtual double? Scale => null;

    public override string Description => $"Dropout({NetworkGraph.Text(Rate)})";

    public sealed override bool IsTrainingOnly => true;

    public sealed override bool IsRandom => true;

    public sealed override IReadOnlyList<Workspace> Workspaces => [new("Mask", MaskStride, WorkspaceLife.Training)];

    public override string Formula(string input, string output) =>
        $"{output} = {input} * mask, of which {NetworkGraph.Text(Rate)} are zero: [rows, {Output.Size}]";

    public sealed override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        string mask = step.Workspaces["Mask"], scale = Scale is { } number ? $"{SourceWriter.Literal(number, "double")}, " : "";
        writer.Line($"DropoutMask.Fill(pass.Random, {step.Index}, {SourceWriter.Literal(Rate, "double")}, {scale}pass.FirstRow + row, MemoryMarshal.CreateSpan(ref {mask}, count * {MaskStride}), {MaskStride});");
        EmitApply(writer, step, mask);
    }

    public sealed override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        writer.Line($"{KernelClass}.Multiply<V>(ref {step.OutputGradient}, ref {step.Forward.Workspaces["Mask"]}, ref {step.OutputGradient}, count);");

    /// <summary>Writes the statement that applies the mask to the input.</summary>
    protected virtual void EmitApply(SourceWriter writer, ForwardStep step, string mask) =>
        writer.Line($"{KernelClass}.Multiply<V>(ref {step.Input}, ref {mask}, ref {step.Output}, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"// output = input * mask: [rows, {Output.Size}]");
        using (writer.Kernel("public", "Multiply", t, $"ref {t} input, ref {t} mask, ref {t} output, int rows"))
            EmitProducts(writer);
    }

    /// <summary>Writes the loops that multiply the input by the mask.</summary>
    protected virtual void EmitProducts(SourceWriter writer)
    {
        writer.Line($"for (nint i = 0; i < rows * {Stride}; i += V.Count)");
        writer.Line("    V.Store(V.Load(ref input, i) * V.Load(ref mask, i), ref output, i);");
    }
}
