using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>Dropout that keeps mean 0 and variance 1 of values after SELU.</summary>
internal sealed class AlphaDropoutLayer : DropoutLayer
{
    public override string Name => "AlphaDropout";

    protected override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs, double rate) =>
        new AlphaDropoutNode(reader.Name, inputs, inputs[0], rate);
}

/// <summary>
/// An alpha dropout layer of known shape: y = a (x where kept, s elsewhere) + b, s being the limit of SELU at minus infinity. With
/// q = 1 - rate the variance of a value is that of one kept or dropped, a^2 (q + s^2 q (1 - q)), and its mean a s (1 - q) + b.
/// </summary>
internal sealed record AlphaDropoutNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, double Rate)
    : DropoutNode(Name, Inputs, Output, Rate)
{
    private static readonly double Saturation = -ActivationFunction.SeluScale * ActivationFunction.SeluAlpha;

    public override string Description => $"AlphaDropout({NetworkGraph.Text(Rate)})";

    // a
    protected override double? Scale
    {
        get
        {
            double kept = 1 - Rate;
            return 1 / Math.Sqrt(kept + Saturation * Saturation * kept * Rate);
        }
    }

    // b
    private double Shift => -Scale!.Value * Rate * Saturation;

    public override string Formula(string input, string output) =>
        $"{output} = {input} * mask + {NetworkGraph.Text(Shift)} where kept, {NetworkGraph.Text(Dropped)} where dropped, as are {NetworkGraph.Text(Rate)}: [rows, {Output.Size}]";

    // What stands for a value that is dropped.
    private double Dropped => Scale!.Value * Saturation + Shift;

    protected override void EmitApply(SourceWriter writer, ForwardStep step, string mask) =>
        writer.Line($"{KernelClass}.Apply<V>(ref {step.Input}, ref {mask}, ref {step.Output}, pass.Random.IsActive, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"// {Formula("input", "output")}; without a key the input");
        using (writer.Kernel("public", "Apply", t, $"ref {t} input, ref {t} mask, ref {t} output, bool isActive, int rows"))
        {
            writer.Line($"V kept = V.Create(isActive ? {SourceWriter.Literal(Shift, t)} : 0), dropped = V.Create({SourceWriter.Literal(Dropped, t)});");
            using (writer.Block($"for (nint i = 0; i < rows * {Stride}; i += V.Count)"))
            {
                writer.Line("V scale = V.Load(ref mask, i);");
                writer.Line("V.Store(V.MultiplyAdd(V.Load(ref input, i), scale, V.Select(V.GreaterThan(scale, V.Zero), kept, dropped)), ref output, i);");
            }
        }

        writer.Line();
        base.EmitKernels(writer, context);
    }
}
