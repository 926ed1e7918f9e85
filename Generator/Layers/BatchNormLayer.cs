using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>y = (x - mean) / sqrt(variance + epsilon) * w + b for each channel, over the rows of a batch and all positions.</summary>
internal sealed class BatchNormLayer : LayerKind
{
    private const double MaxUsualMomentum = 0.5;

    public override string Name => "BatchNorm";

    public override bool HasParameters => true;

    // Vectors run along channels: in images, and in rows of one dimension, each element of which is a channel.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [Natural(input)];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        double momentum = reader.Number("Momentum", BatchNormNode.DefaultMomentum);
        if (momentum is not (> 0 and <= 1))
        {
            reader.Report(Rules.NumberOutOfRange, "Momentum", reader.Name, "Momentum", NetworkGraph.Text(momentum), "above 0 and at most 1");
            return null;
        }

        if (momentum > MaxUsualMomentum)
            reader.Report(Rules.LargeMomentum, "Momentum", reader.Name, NetworkGraph.Text(momentum),
                NetworkGraph.Text(momentum < 1 ? Math.Round(1 - momentum, 6) : BatchNormNode.DefaultMomentum));
        return reader.Epsilon(NormNode.DefaultEpsilon) is { } epsilon ? new BatchNormNode(reader.Name, inputs, inputs[0], epsilon, momentum) : null;
    }
}

/// <summary>
/// A batch normalization of known shape. What it keeps for backward and what predicting multiplies with is the same for all rows, and stands in the
/// prepared part of the frame.
/// </summary>
internal sealed record BatchNormNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, double Epsilon, double Momentum)
    : LayerNode(Name, Inputs, Output)
{
    public const double DefaultMomentum = 0.1;

    // While training: mean, 1 / sqrt(...), variance, and the means of gradient and gradient * normal that the input's gradient loses.
    private const int Mean = 0;
    private const int Scale = 1;
    private const int Variance = 2;
    private const int MeanGradient = 3;
    private const int MeanProduct = 4;
    private const int StatisticsCount = 5;

    private int Stride => Output.ChannelStride;

    public override string Description
    {
        get
        {
            string options = string.Concat(
                Epsilon == NormNode.DefaultEpsilon ? "" : $", epsilon {NetworkGraph.Text(Epsilon)}",
                Momentum == DefaultMomentum ? "" : $", momentum {NetworkGraph.Text(Momentum)}");
            return options.Length == 0 ? "BatchNorm" : $"BatchNorm({options.Substring(2)})";
        }
    }

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Parameter weight = new("Weight", new Shape(Output.Channels), ParameterForm.Contiguous, new(Initializer.Constant, 1), FanIn: 1, FanOut: 1);
            StartValues zeros = new(Initializer.Zeros, double.NaN);
            return
            [
                weight, weight with { Role = "Bias", Start = zeros }, weight with { Role = "RunningMean", Start = zeros, IsTrained = false },
                weight with { Role = "RunningVar", IsTrained = false },
            ];
        }
    }

    public override bool KeepsInput => true;

    // One value has no variance.
    public override int MinBatchSize => Output.Positions > 1 ? 1 : 2;

    public override int PreparedLength => StatisticsCount * Stride;

    public override bool IsPreparedByForward => true;

    // Kernels that it is folded into read whole vectors from any channel on.
    public override int PredictPreparedLength => 2 * ShiftPlace(Output);

    /// <summary>Where the shifts begin behind the scales that predicting multiplies with.</summary>
    public static int ShiftPlace(Tensor tensor) => tensor.ChannelStride + PanelLayout.Alignment;

    public override string Formula(string input, string output) =>
        $"{output} = ({input} - mean) / sqrt(variance + {NetworkGraph.Text(Epsilon)}) * w + b for each channel: [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) => writer.Line(step.IsPredicting
        ? $"{KernelClass}.Predict<V>(ref {step.Input}, ref {step.Prepared}, ref {step.Output}, count);"
        : $"{KernelClass}.Forward<V>(ref {step.Input}, ref parameters, ref {step.Prepared}, ref {step.Output}, pass.UseRunningStatistics, count);");

    public override void EmitPredictPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets) =>
        writer.Line($"{KernelClass}.Prepare<V>(ref parameters, ref {prepared});");

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        writer.Line($"{KernelClass}.Gradients<V>(ref {step.Forward.Input}, ref {step.Prepared}, ref {step.OutputGradient}, "
            + "ref parameters, ref gradients, hasGradients, pass.UseRunningStatistics, count);");
        writer.Line($"{KernelClass}.InputGradient<V>(ref {step.Forward.Input}, ref {step.Prepared}, ref parameters, ref {step.OutputGradient}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"private const int Weight = {context.Offsets[0]}, Bias = {context.Offsets[1]}, RunningMean = {context.Offsets[2]}, RunningVariance = {context.Offsets[3]};");
        EmitPredict(writer, t);
        EmitForwardKernel(writer, t);
        EmitGradients(writer, t);
        EmitInputGradient(writer, t);
    }

    private void EmitPredict(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line("// What predicting multiplies with and adds: scale = w / sqrt(running variance + epsilon), shift = b - running mean * scale.");
        using (writer.Kernel("public", "Prepare", t, $"ref {t} parameters, ref {t} prepared"))
        using (writer.Block(Channels))
        {
            writer.Line($"V scale = V.Load(ref parameters, Weight + channel) / V.Sqrt(V.Load(ref parameters, RunningVariance + channel) + {EpsilonVector(t)});");
            writer.Line("V.Store(scale, ref prepared, channel);");
            writer.Line($"V.Store(V.Load(ref parameters, Bias + channel) - V.Load(ref parameters, RunningMean + channel) * scale, ref prepared, {ShiftPlace(Output)} + channel);");
        }

        writer.Line();
        using (writer.Kernel("public", "Predict", t, $"ref {t} input, ref {t} prepared, ref {t} output, int rows"))
        using (writer.Block(Channels))
        {
            writer.Line($"V scale = V.Load(ref prepared, channel), shift = V.Load(ref prepared, {ShiftPlace(Output)} + channel);");
            writer.Line(Everywhere);
            writer.Line("    V.Store(V.MultiplyAdd(V.Load(ref input, i), scale, shift), ref output, i);");
        }
    }

    private void EmitForwardKernel(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, ref {t} statistics, ref {t} output, bool running, int rows"))
        {
            writer.Line($"V count = V.Create(({t})rows * {Output.Positions});");
            using (writer.Block(Channels))
            {
                writer.Line("V mean = V.Load(ref parameters, RunningMean + channel), variance = V.Load(ref parameters, RunningVariance + channel);");
                using (writer.Block("if (!running)"))
                {
                    EmitSum(writer, t, "sum", sum => $"{sum} += V.Load(ref input, i);");
                    writer.Line("mean = sum / count;");
                    EmitSum(writer, t, "squares", sum => $"V d = V.Load(ref input, i) - mean;\n{sum} = V.MultiplyAdd(d, d, {sum});");
                    writer.Line("variance = squares / count;");
                }

                writer.Line($"V scale = V.Create({SourceWriter.Literal(1, t)}) / V.Sqrt(variance + {EpsilonVector(t)});");
                writer.Line($"V.Store(mean, ref statistics, {Mean * Stride} + channel);");
                writer.Line($"V.Store(scale, ref statistics, {Scale * Stride} + channel);");
                writer.Line($"V.Store(variance, ref statistics, {Variance * Stride} + channel);");
                writer.Line("V weight = V.Load(ref parameters, Weight + channel) * scale, bias = V.Load(ref parameters, Bias + channel);");
                writer.Line(Everywhere);
                writer.Line("    V.Store(V.MultiplyAdd(V.Load(ref input, i) - mean, weight, bias), ref output, i);");
            }
        }
    }

    // A sum over the positions of all rows.
    private void EmitSum(SourceWriter writer, string t, string name, Func<string, string> statement) => LongSum.EmitValues(
        writer, t, [name], [new("i", "channel", $"rows * {Output.RowLength}", $"{Stride}", LongSum.Unknown)], sum => writer.Line(statement(sum(name))));

    private void EmitGradients(SourceWriter writer, string t)
    {
        string momentum = SourceWriter.Literal(Momentum, t);
        writer.Line();
        writer.Line("// dw += sum of gradient * normal, db += sum of gradient, normal = (input - mean) * scale.");
        writer.Line("// The gradients of the running statistics are what an optimizer takes off them: momentum * (running - batch), the variance unbiased.");
        using (writer.Kernel(
            "public", "Gradients", t,
            $"ref {t} input, ref {t} statistics, ref {t} gradient, ref {t} parameters, ref {t} gradients, bool hasGradients, bool running, int rows"))
        {
            writer.Line($"{t} size = ({t})rows * {Output.Positions};");
            writer.Line($"V count = V.Create(size), unbiased = V.Create(size > 1 ? size / (size - 1) : 1), momentum = V.Create({momentum});");
            writer.Line("// One value has no variance: the running one stays.");
            writer.Line($"V momentumOfVariance = V.Create(size > 1 ? {momentum} : 0);");
            using (writer.Block(Channels))
            {
                EmitStatistics(writer);
                EmitSum(writer, t, "sum", sum => $"{sum} += V.Load(ref gradient, i);");
                EmitSum(writer, t, "product", sum => $"{sum} = V.MultiplyAdd(V.Load(ref gradient, i), (V.Load(ref input, i) - mean) * scale, {sum});");
                // Running statistics do not depend on the input, which then has nothing to lose to them.
                writer.Line($"V.Store(running ? V.Zero : sum / count, ref statistics, {MeanGradient * Stride} + channel);");
                writer.Line($"V.Store(running ? V.Zero : product / count, ref statistics, {MeanProduct * Stride} + channel);");
                writer.Line("if (!hasGradients)");
                writer.Line("    continue;");
                writer.Line("V.Store(V.Load(ref gradients, Weight + channel) + product, ref gradients, Weight + channel);");
                writer.Line("V.Store(V.Load(ref gradients, Bias + channel) + sum, ref gradients, Bias + channel);");
                writer.Line("if (running)");
                writer.Line("    continue;");
                writer.Line($"V shift = {OfChannels("V.Load(ref parameters, RunningMean + channel) - mean")};");
                writer.Line("V change = "
                    + $"{OfChannels($"V.Load(ref parameters, RunningVariance + channel) - unbiased * V.Load(ref statistics, {Variance * Stride} + channel)")};");
                writer.Line("V.Store(V.MultiplyAdd(momentum, shift, V.Load(ref gradients, RunningMean + channel)), ref gradients, RunningMean + channel);");
                writer.Line("V.Store(V.MultiplyAdd(momentumOfVariance, change, V.Load(ref gradients, RunningVariance + channel)), ref gradients, RunningVariance + channel);");
            }
        }
    }

    private void EmitInputGradient(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line("// gradient = (gradient - mean of gradient - normal * mean of (gradient * normal)) * scale * w, means over rows and positions");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} input, ref {t} statistics, ref {t} parameters, ref {t} gradient, int rows"))
        using (writer.Block(Channels))
        {
            EmitStatistics(writer);
            writer.Line($"V meanGradient = V.Load(ref statistics, {MeanGradient * Stride} + channel), meanProduct = V.Load(ref statistics, {MeanProduct * Stride} + channel);");
            writer.Line("V factor = scale * V.Load(ref parameters, Weight + channel);");
            using (writer.Block(Everywhere))
            {
                writer.Line("V normal = (V.Load(ref input, i) - mean) * scale;");
                writer.Line("V.Store((V.Load(ref gradient, i) - meanGradient - normal * meanProduct) * factor, ref gradient, i);");
            }
        }
    }

    private void EmitStatistics(SourceWriter writer) =>
        writer.Line($"V mean = V.Load(ref statistics, {Mean * Stride} + channel), scale = V.Load(ref statistics, {Scale * Stride} + channel);");

    // The padding of a value may be anything, that of parameters stays zero.
    private string OfChannels(string value) =>
        Output.Channels == Stride ? value : $"V.Select(V.FirstLanes({Output.Channels} - (int)channel), {value}, V.Zero)";

    private string EpsilonVector(string t) => $"V.Create({SourceWriter.Literal(Epsilon, t)})";

    private string Channels => $"for (nint channel = 0; channel < {Stride}; channel += V.Count)";

    private string Everywhere => $"for (nint i = channel; i < rows * {Output.RowLength}; i += {Stride})";
}
