using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>
/// Normalization over each row: y = (x - mean) / sqrt(variance + epsilon) * w + b if it is centered (layer normalization),
/// y = x / sqrt(mean of x^2 + epsilon) * w otherwise (root mean square normalization).
/// </summary>
internal sealed class NormLayer(string name, bool isCentered) : LayerKind
{
    public override string Name => name;

    public override bool HasParameters => true;

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Flat];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs) =>
        reader.Epsilon(NormNode.DefaultEpsilon) is { } epsilon ? new NormNode(reader.Name, inputs, inputs[0], isCentered, epsilon) : null;
}

/// <summary>A normalization over rows of known shape.</summary>
internal sealed record NormNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, bool IsCentered, double Epsilon)
    : LayerNode(Name, Inputs, Output)
{
    public const double DefaultEpsilon = 1e-5;

    // One vector of the widest kind for the inverse deviation, which forward leaves for backward, and one for the mean.
    private const int Lanes = PanelLayout.Alignment;

    private int Size => Output.Size;

    private int Stride => Output.RowLength;

    private int StatisticsStride => IsCentered ? 2 * Lanes : Lanes;

    public override string Description =>
        (IsCentered ? "LayerNorm" : "RMSNorm") + (Epsilon == DefaultEpsilon ? "" : $"(epsilon {NetworkGraph.Text(Epsilon)})");

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Parameter weight = new("Weight", Output.Shape, ParameterForm.Contiguous, new(Initializer.Constant, 1), FanIn: 1, FanOut: 1);
            return IsCentered ? [weight, weight with { Role = "Bias", Start = new(Initializer.Zeros, double.NaN) }] : [weight];
        }
    }

    public override bool KeepsInput => true;

    public override IReadOnlyList<Workspace> Workspaces => [new("Statistics", StatisticsStride, WorkspaceLife.Both)];

    public override string Formula(string input, string output) => IsCentered
        ? $"{output} = ({input} - mean) / sqrt(variance + {NetworkGraph.Text(Epsilon)}) * w + b over each row: [rows, {Output.Shape}]"
        : $"{output} = {input} / sqrt(mean square + {NetworkGraph.Text(Epsilon)}) * w over each row: [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) => writer.Line(
        $"{KernelClass}.Forward<V>(ref {step.Input}, ref parameters, ref {step.Workspaces["Statistics"]}, ref {step.Output}, count);");

    // In place, so the parameters' gradients come first.
    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        string known = $"ref {step.Forward.Input}, ref {step.Forward.Workspaces["Statistics"]}";
        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.ParameterGradients<V>({known}, ref {step.OutputGradient}, ref gradients, count);");
        writer.Line($"{KernelClass}.InputGradient<V>({known}, ref parameters, ref {step.OutputGradient}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        writer.Line($"private const int Weight = {context.Offsets[0]};");
        if (IsCentered)
            writer.Line($"private const int Bias = {context.Offsets[1]};");
        EmitForwardKernel(writer, context.T);
        EmitParameterGradients(writer, context);
        EmitInputGradient(writer, context.T);
    }

    private void EmitForwardKernel(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        writer.Line($"// statistics: 1 / sqrt(...) of each row{(IsCentered ? " and its mean" : "")}, in every lane");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, ref {t} statistics, ref {t} output, int rows"))
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        {
            if (IsCentered)
            {
                LongSum.EmitValues(writer, t, ["sum"], [SumLoop.OverVectors("column", Stride)], sum => writer.Line($"{sum("sum")} += {Masked(Row("input"))};"));
                writer.Line($"V mean = V.Create(V.Sum(sum) / {Size});");
                writer.Line($"V.Store(mean, ref statistics, row * {StatisticsStride} + {Lanes});");
            }

            LongSum.EmitValues(writer, t, ["squares"], [SumLoop.OverVectors("column", Stride)], sum =>
            {
                writer.Line($"V d = {Masked(Centered)};");
                writer.Line($"{sum("squares")} = V.MultiplyAdd(d, d, {sum("squares")});");
            });

            writer.Line($"V scale = V.Create({SourceWriter.Literal(1, t)}) / V.Sqrt(V.Create(V.Sum(squares) / {Size} + {SourceWriter.Literal(Epsilon, t)}));");
            writer.Line($"V.Store(scale, ref statistics, row * {StatisticsStride});");
            using (writer.Block(Columns))
            {
                writer.Line($"V normal = {Normal};");
                writer.Line(IsCentered
                    ? $"V.Store(V.MultiplyAdd(normal, {Weights}, V.Load(ref parameters, Bias + column)), ref output, row * {Stride} + column);"
                    : $"V.Store(normal * {Weights}, ref output, row * {Stride} + column);");
            }
        }
    }

    private void EmitParameterGradients(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line();
        writer.Line($"// dw += sum over rows of gradient * normal, normal = {(IsCentered ? "(input - mean)" : "input")} * scale{(IsCentered ? "; db += sum over rows of gradient" : "")}");
        using (writer.Kernel("public", "ParameterGradients", t, $"ref {t} input, ref {t} statistics, ref {t} gradient, ref {t} gradients, int rows"))
        using (writer.Block(Columns))
        {
            SumLoop rows = new("row", "0", "rows", "1", context.Rows);
            LongSum.EmitValues(writer, t, IsCentered ? ["weights", "biases"] : ["weights"], [rows], sum =>
            {
                EmitStatistics(writer);
                writer.Line($"V g = {Row("gradient")};");
                writer.Line($"{sum("weights")} = V.MultiplyAdd(g, {Normal}, {sum("weights")});");
                if (IsCentered)
                    writer.Line($"{sum("biases")} += g;");
            });
            writer.Line("V.Store(V.Load(ref gradients, Weight + column) + weights, ref gradients, Weight + column);");
            if (IsCentered)
                writer.Line("V.Store(V.Load(ref gradients, Bias + column) + biases, ref gradients, Bias + column);");
        }
    }

    // The padding of the gradient is zero, so sums over whole rows are sums over the elements.
    private void EmitInputGradient(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line("// with h = gradient * w and normal as above, means over the row:");
        writer.Line($"// gradient = (h - {(IsCentered ? "mean of h - " : "")}normal * mean of (h * normal)) * scale");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} input, ref {t} statistics, ref {t} parameters, ref {t} gradient, int rows"))
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        {
            EmitStatistics(writer);
            LongSum.EmitValues(writer, t, IsCentered ? ["sum", "product"] : ["product"], [SumLoop.OverVectors("column", Stride)], sum =>
            {
                writer.Line($"V h = {Row("gradient")} * {Weights};");
                if (IsCentered)
                    writer.Line($"{sum("sum")} += h;");
                writer.Line($"{sum("product")} = V.MultiplyAdd(h, {Normal}, {sum("product")});");
            });

            if (IsCentered)
                writer.Line($"V meanOfH = V.Create(V.Sum(sum) / {Size});");
            writer.Line($"V meanOfProduct = V.Create(V.Sum(product) / {Size});");
            using (writer.Block(Columns))
            {
                writer.Line($"V h = {Row("gradient")} * {Weights}, normal = {Normal};");
                string difference = $"h - {(IsCentered ? "meanOfH - " : "")}normal * meanOfProduct";
                writer.Line($"V.Store({Masked($"({difference}) * scale")}, ref gradient, row * {Stride} + column);");
            }
        }
    }

    private void EmitStatistics(SourceWriter writer)
    {
        writer.Line($"V scale = V.Load(ref statistics, row * {StatisticsStride});");
        if (IsCentered)
            writer.Line($"V mean = V.Load(ref statistics, row * {StatisticsStride} + {Lanes});");
    }

    private string Columns => $"for (nint column = 0; column < {Stride}; column += V.Count)";

    private string Centered => IsCentered ? $"{Row("input")} - mean" : Row("input");

    private string Normal => IsCentered ? $"({Centered}) * scale" : $"{Centered} * scale";

    private static string Weights => "V.Load(ref parameters, Weight + column)";

    private string Row(string buffer) => $"V.Load(ref {buffer}, row * {Stride} + column)";

    // Zero in the padding.
    private string Masked(string value) => Size < Stride ? $"V.Select(V.FirstLanes({Size} - (int)column), {value}, V.Zero)" : value;
}
