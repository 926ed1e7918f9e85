using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>y = x for x > 0, a x otherwise, with a drawn for each value while training.</summary>
internal sealed class RReLULayer : LayerKind
{
    public override string Name => "RReLU";

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        double? lower = Slope(reader, "Lower", RReLUNode.DefaultLower), upper = Slope(reader, "Upper", RReLUNode.DefaultUpper);
        if (lower is null || upper is null)
            return null;
        if (lower <= upper)
            return new RReLUNode(reader.Name, inputs, inputs[0], lower.Value, upper.Value);
        string argument = reader.Has("Lower") ? "Lower" : "Upper";
        (double given, string range) = argument == "Lower" ? (lower.Value, $"at most Upper = {NetworkGraph.Text(upper.Value)}") : (upper.Value, $"at least Lower = {NetworkGraph.Text(lower.Value)}");
        reader.Report(Rules.NumberOutOfRange, argument, reader.Name, argument, NetworkGraph.Text(given), range);
        return null;
    }

    private static double? Slope(LayerReader reader, string argument, double otherwise)
    {
        double slope = reader.Number(argument, otherwise);
        if (Math.Abs(slope) <= float.MaxValue)
            return slope;
        reader.Report(Rules.NumberOutOfRange, argument, reader.Name, argument, NetworkGraph.Text(slope), "finite in single precision");
        return null;
    }
}

/// <summary>A layer of random slopes of known shape.</summary>
internal sealed record RReLUNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, double Lower, double Upper) : LayerNode(Name, Inputs, Output)
{
    public const double DefaultLower = 1d / 8;
    public const double DefaultUpper = 1d / 3;

    private int Stride => Output.RowLength;

    public override string Description =>
        (Lower, Upper) == (DefaultLower, DefaultUpper) ? "RReLU" : $"RReLU({NetworkGraph.Text(Lower)} to {NetworkGraph.Text(Upper)})";

    public override bool IsRandom => true;

    public override IReadOnlyList<Workspace> Workspaces => [new("Slopes", Stride, WorkspaceLife.Training)];

    public override string Formula(string input, string output) =>
        $"{output} = {input} where positive, {input} * slope from {NetworkGraph.Text(Lower)} to {NetworkGraph.Text(Upper)} elsewhere: [rows, {Output.Size}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        if (step.Workspace("Slopes") is not { } slopes)
        {
            writer.Line($"{KernelClass}.Predict<V>(ref {step.Input}, ref {step.Output}, count);");
            return;
        }

        writer.Line($"RandomSlopes.Fill(pass.Random, {step.Index}, {SourceWriter.Literal(Lower, "double")}, {SourceWriter.Literal(Upper, "double")}, pass.FirstRow + row, MemoryMarshal.CreateSpan(ref {slopes}, count * {Stride}), {Stride});");
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref {slopes}, ref {step.Output}, count);");
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        writer.Line($"{KernelClass}.Gradient<V>(ref {step.Forward.Workspaces["Slopes"]}, ref {step.OutputGradient}, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line("// output = input where positive, input * mean slope elsewhere");
        using (writer.Kernel("public", "Predict", t, $"ref {t} input, ref {t} output, int rows"))
        {
            EmitLoop(writer, () =>
            {
                writer.Line("V x = V.Load(ref input, i);");
                writer.Line($"V.Store(V.Select(V.GreaterThan(x, V.Zero), x, x * V.Create({SourceWriter.Literal(Lower / 2 + Upper / 2, t)})), ref output, i);");
            });
        }

        writer.Line();
        writer.Line("// slope = 1 where the input is positive, as drawn elsewhere; output = input * slope");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} slopes, ref {t} output, int rows"))
        {
            EmitLoop(writer, () =>
            {
                writer.Line("V x = V.Load(ref input, i);");
                writer.Line($"V slope = V.Select(V.GreaterThan(x, V.Zero), V.Create({SourceWriter.Literal(1, t)}), V.Load(ref slopes, i));");
                writer.Line("V.Store(slope, ref slopes, i);");
                writer.Line("V.Store(x * slope, ref output, i);");
            });
        }

        writer.Line();
        writer.Line("// gradient *= slope");
        using (writer.Kernel("public", "Gradient", t, $"ref {t} slopes, ref {t} gradient, int rows"))
            EmitLoop(writer, () => writer.Line("V.Store(V.Load(ref gradient, i) * V.Load(ref slopes, i), ref gradient, i);"));
    }

    private void EmitLoop(SourceWriter writer, Action body)
    {
        using (writer.Block($"for (nint i = 0; i < rows * {Stride}; i += V.Count)"))
            body();
    }
}
