using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>y = x sigmoid(b x), with a slope b for each channel.</summary>
internal sealed class SwishLayer : LayerKind
{
    public override string Name => "Swish";

    public override bool HasParameters => true;

    // Slopes and channels lie alike in images, and in rows of one dimension, each element of which is a channel.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [Natural(input)];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs) => new SwishNode(reader.Name, inputs, inputs[0]);
}

/// <summary>A swish layer of known shape.</summary>
internal sealed record SwishNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output) : LayerNode(Name, Inputs, Output)
{
    private const double FirstSlope = 1;

    private int Stride => Output.ChannelStride;

    public override string Description => "Swish";

    public override IReadOnlyList<Parameter> Parameters =>
        [new("Weight", new Shape(Output.Channels), ParameterForm.Contiguous, new(Initializer.Constant, FirstSlope), FanIn: 1, FanOut: 1)];

    public override bool KeepsInput => true;

    public override string Formula(string input, string output) =>
        $"{output} = {input} * sigmoid({input} * slope of the channel): [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref parameters, ref {step.Output}, count);");

    // In place, so the slopes' gradients come first.
    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.SlopeGradients<V>(ref {step.Forward.Input}, ref parameters, ref {step.OutputGradient}, ref gradients, count);");
        writer.Line($"{KernelClass}.InputGradient<V>(ref {step.Forward.Input}, ref parameters, ref {step.OutputGradient}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        string one = $"V.Create({SourceWriter.Literal(1, t)})";
        writer.Line($"private const int Weight = {context.Offsets[0]};");
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, ref {t} output, int rows"))
        using (EmitChannels(writer))
        {
            writer.Line("V slope = V.Load(ref parameters, Weight + channel);");
            using (EmitPositions(writer))
            {
                writer.Line("V x = V.Load(ref input, i);");
                writer.Line($"V.Store(SimdMath.TimesSigmoid<V, {t}>(x, slope * x), ref output, i);");
            }
        }

        writer.Line();
        writer.Line("// gradient *= s + slope * input * s * (1 - s), s = sigmoid(slope * input)");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} input, ref {t} parameters, ref {t} gradient, int rows"))
        using (EmitChannels(writer))
        {
            writer.Line("V slope = V.Load(ref parameters, Weight + channel);");
            using (EmitPositions(writer))
            {
                writer.Line($"V x = slope * V.Load(ref input, i), s = SimdMath.Sigmoid<V, {t}>(x);");
                writer.Line($"V.Store(V.Load(ref gradient, i) * V.MultiplyAdd(SimdMath.TimesSigmoid<V, {t}>(x, x), {one} - s, s), ref gradient, i);");
            }
        }

        writer.Line();
        writer.Line("// gradient of a slope += sum of gradient * input^2 * s * (1 - s) over rows and positions");
        using (writer.Kernel("public", "SlopeGradients", t, $"ref {t} input, ref {t} parameters, ref {t} gradient, ref {t} gradients, int rows"))
        using (EmitChannels(writer))
        {
            writer.Line("V slope = V.Load(ref parameters, Weight + channel);");
            SumLoop elements = new("i", "channel", $"rows * {Output.RowLength}", $"{Stride}", context.Rows * Output.Positions);
            LongSum.EmitValues(writer, t, ["sum"], [elements], sum =>
            {
                writer.Line($"V x = V.Load(ref input, i), s = SimdMath.Sigmoid<V, {t}>(slope * x);");
                // In this order the square of a large input overflows neither here nor in the padding.
                writer.Line($"{sum("sum")} = V.MultiplyAdd(V.Load(ref gradient, i) * x, SimdMath.TimesSigmoid<V, {t}>(x, slope * x) * ({one} - s), {sum("sum")});");
            });
            writer.Line("V.Store(V.Load(ref gradients, Weight + channel) + sum, ref gradients, Weight + channel);");
        }
    }

    private SourceWriter.Scope EmitChannels(SourceWriter writer) => writer.Block($"for (nint channel = 0; channel < {Stride}; channel += V.Count)");

    private SourceWriter.Scope EmitPositions(SourceWriter writer) => writer.Block($"for (nint i = channel; i < rows * {Output.RowLength}; i += {Stride})");
}
