using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>y = (x - mean) / sqrt(variance + epsilon) * w + b over groups of channels of each row, w and b of each channel.</summary>
internal sealed class GroupNormLayer : LayerKind
{
    public override string Name => "GroupNorm";

    public override bool HasParameters => true;

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [Natural(input)];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        int groups = reader.Integer("Groups"), channels = inputs[0].Channels;
        if (groups < 1 || channels % groups != 0)
        {
            reader.Report(
                Rules.GroupsDoNotDivide, "Groups", reader.Name, NetworkGraph.Text(groups), $"{NetworkGraph.Text(channels)} channels", DivisorsOf(channels));
            return null;
        }

        return reader.Epsilon(NormNode.DefaultEpsilon) is { } epsilon ? new GroupNormNode(reader.Name, inputs, inputs[0], groups, epsilon) : null;
    }

    /// <summary>The first numbers that divide some others, in words.</summary>
    public static string DivisorsOf(params int[] numbers)
    {
        const int MaxCount = 6;
        string[] divisors =
        [
            .. Enumerable.Range(1, Math.Min(numbers.Min(), 1 << 12)).Where(divisor => numbers.All(number => number % divisor == 0)).Take(MaxCount)
                .Select(divisor => NetworkGraph.Text(divisor)),
        ];
        int last = divisors.Length - 1;
        return last == 0 ? divisors[0] : $"{string.Join(", ", divisors.Take(last))} or {divisors[last]}";
    }
}

/// <summary>
/// A group normalization of known shape. Sums run along channels in vectors; those of the channels of a group are then added up and handed
/// back to each of its channels.
/// </summary>
internal sealed record GroupNormNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, int Groups, double Epsilon)
    : LayerNode(Name, Inputs, Output)
{
    private int Stride => Output.ChannelStride;

    private int Row => Output.RowLength;

    public override string Description =>
        $"GroupNorm({NetworkGraph.Text(Groups)}{(Epsilon == NormNode.DefaultEpsilon ? "" : $", epsilon {NetworkGraph.Text(Epsilon)}")})";

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Parameter weight = new("Weight", new Shape(Output.Channels), ParameterForm.Contiguous, new(Initializer.Constant, 1), FanIn: 1, FanOut: 1);
            return [weight, weight with { Role = "Bias", Start = new(Initializer.Zeros, double.NaN) }];
        }
    }

    public override bool KeepsInput => true;

    // Mean and 1 / sqrt(...) of each channel's group; in backward the means of what the input's gradient loses.
    public override IReadOnlyList<Workspace> Workspaces =>
        [new("Statistics", 2 * Stride, WorkspaceLife.Both), new("Means", 2 * Stride, WorkspaceLife.Backward)];

    public override string Formula(string input, string output) =>
        $"{output} = ({input} - mean) / sqrt(variance + {NetworkGraph.Text(Epsilon)}) * w + b over {Groups} groups of channels of each row: [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) => writer.Line(
        $"{KernelClass}.Forward<V>(ref {step.Input}, ref parameters, ref {step.Workspaces["Statistics"]}, ref {step.Output}, count);");

    // In place, so the parameters' gradients come first.
    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        string known = $"ref {step.Forward.Input}, ref {step.Forward.Workspaces["Statistics"]}";
        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.ParameterGradients<V>({known}, ref {step.OutputGradient}, ref gradients, count);");
        writer.Line($"{KernelClass}.InputGradient<V>({known}, ref {step.Forward.Workspaces["Means"]}, ref parameters, ref {step.OutputGradient}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"private const int Weight = {context.Offsets[0]}, Bias = {context.Offsets[1]};");
        EmitForwardKernel(writer, t);
        EmitParameterGradients(writer, context);
        EmitInputGradient(writer, t);
    }

    private void EmitForwardKernel(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        writer.Line("// statistics: mean and 1 / sqrt(...) of each channel's group");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, ref {t} statistics, ref {t} output, int rows"))
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        {
            writer.Line($"ref {t} means = ref Unsafe.Add(ref statistics, row * {2 * Stride}), scales = ref Unsafe.Add(ref means, {Stride});");
            using (writer.Block(Channels))
            {
                LongSum.EmitValues(writer, t, ["sum"], [PositionsOfRow], sum => writer.Line($"{sum("sum")} += V.Load(ref input, i);"));
                writer.Line("V.Store(sum, ref means, channel);");
            }

            writer.Line($"ChannelGroups.Average(ref means, {Groups}, {Output.Channels / Groups}, {Output.Positions});");
            using (writer.Block(Channels))
            {
                writer.Line("V mean = V.Load(ref means, channel);");
                LongSum.EmitValues(writer, t, ["squares"], [PositionsOfRow], sum =>
                {
                    writer.Line("V d = V.Load(ref input, i) - mean;");
                    writer.Line($"{sum("squares")} = V.MultiplyAdd(d, d, {sum("squares")});");
                });
                writer.Line("V.Store(squares, ref scales, channel);");
            }

            writer.Line($"ChannelGroups.Average(ref scales, {Groups}, {Output.Channels / Groups}, {Output.Positions});");
            using (writer.Block(Channels))
            {
                writer.Line($"V mean = V.Load(ref means, channel), scale = V.Create({SourceWriter.Literal(1, t)}) / V.Sqrt(V.Load(ref scales, channel) + V.Create({SourceWriter.Literal(Epsilon, t)}));");
                writer.Line("V.Store(scale, ref scales, channel);");
                writer.Line("V weight = V.Load(ref parameters, Weight + channel) * scale, bias = V.Load(ref parameters, Bias + channel);");
                writer.Line(Positions);
                writer.Line("    V.Store(V.MultiplyAdd(V.Load(ref input, i) - mean, weight, bias), ref output, i);");
            }
        }
    }

    private void EmitParameterGradients(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line();
        writer.Line("// dw += sum over rows and positions of gradient * normal, normal = (input - mean) * scale; db += sum of gradient");
        using (writer.Kernel("public", "ParameterGradients", t, $"ref {t} input, ref {t} statistics, ref {t} gradient, ref {t} gradients, int rows"))
        using (writer.Block(Channels))
        {
            SumLoop rows = new("row", "0", "rows", "1", context.Rows) { Enter = () => EmitStatistics(writer) };
            LongSum.EmitValues(writer, t, ["weight", "bias"], [rows, PositionsOfRow], sum =>
            {
                writer.Line("V g = V.Load(ref gradient, i);");
                writer.Line($"{sum("weight")} = V.MultiplyAdd(g, (V.Load(ref input, i) - mean) * scale, {sum("weight")});");
                writer.Line($"{sum("bias")} += g;");
            });
            writer.Line("V.Store(V.Load(ref gradients, Weight + channel) + weight, ref gradients, Weight + channel);");
            writer.Line("V.Store(V.Load(ref gradients, Bias + channel) + bias, ref gradients, Bias + channel);");
        }
    }

    private void EmitInputGradient(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line("// with h = gradient * w and means over the group: gradient = (h - mean of h - normal * mean of (h * normal)) * scale");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} input, ref {t} statistics, ref {t} means, ref {t} parameters, ref {t} gradient, int rows"))
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        {
            writer.Line($"ref {t} meanOfH = ref Unsafe.Add(ref means, row * {2 * Stride}), meanOfProduct = ref Unsafe.Add(ref meanOfH, {Stride});");
            using (writer.Block(Channels))
            {
                EmitStatistics(writer);
                writer.Line("V weight = V.Load(ref parameters, Weight + channel);");
                LongSum.EmitValues(writer, t, ["sum", "product"], [PositionsOfRow], sum =>
                {
                    writer.Line("V h = V.Load(ref gradient, i) * weight;");
                    writer.Line($"{sum("sum")} += h;");
                    writer.Line($"{sum("product")} = V.MultiplyAdd(h, (V.Load(ref input, i) - mean) * scale, {sum("product")});");
                });
                writer.Line("V.Store(sum, ref meanOfH, channel);");
                writer.Line("V.Store(product, ref meanOfProduct, channel);");
            }

            writer.Line($"ChannelGroups.Average(ref meanOfH, {Groups}, {Output.Channels / Groups}, {Output.Positions});");
            writer.Line($"ChannelGroups.Average(ref meanOfProduct, {Groups}, {Output.Channels / Groups}, {Output.Positions});");
            using (writer.Block(Channels))
            {
                EmitStatistics(writer);
                writer.Line("V weight = V.Load(ref parameters, Weight + channel), lost = V.Load(ref meanOfH, channel), lostToScale = V.Load(ref meanOfProduct, channel);");
                using (writer.Block(Positions))
                {
                    writer.Line("V normal = (V.Load(ref input, i) - mean) * scale;");
                    string gradient = "(V.Load(ref gradient, i) * weight - lost - normal * lostToScale) * scale";
                    writer.Line($"V.Store({(Output.Channels < Stride ? $"V.Select(V.FirstLanes({Output.Channels} - (int)channel), {gradient}, V.Zero)" : gradient)}, ref gradient, i);");
                }
            }
        }
    }

    private void EmitStatistics(SourceWriter writer) =>
        writer.Line($"V mean = V.Load(ref statistics, row * {2 * Stride} + channel), scale = V.Load(ref statistics, row * {2 * Stride} + {Stride} + channel);");

    private string Channels => $"for (nint channel = 0; channel < {Stride}; channel += V.Count)";

    private SumLoop PositionsOfRow => new("i", $"row * {Row} + channel", $"(row + 1) * {Row}", $"{Stride}", Output.Positions);

    private string Positions => $"for (nint i = row * {Row} + channel; i < (row + 1) * {Row}; i += {Stride})";
}
