using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>y = x for x > 0, a x otherwise, with a slope a for each channel.</summary>
internal sealed class PReLULayer : LayerKind
{
    public override string Name => "PReLU";

    public override bool HasParameters => true;

    // Slopes and channels lie alike in images, and in rows of one dimension, each element of which is a channel.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [Natural(input)];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs) => new PReLUNode(reader.Name, inputs, inputs[0]);
}

/// <summary>A PReLU layer of known shape.</summary>
internal sealed record PReLUNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output) : LayerNode(Name, Inputs, Output)
{
    private const double FirstSlope = 0.25;

    private int Stride => Output.ChannelStride;

    public override string Description => "PReLU";

    public override IReadOnlyList<Parameter> Parameters =>
        [new("Weight", new Shape(Output.Channels), ParameterForm.Contiguous, new(Initializer.Constant, FirstSlope), FanIn: 1, FanOut: 1)];

    public override bool KeepsInput => true;

    public override string Formula(string input, string output) =>
        $"{output} = {input} where positive, {input} * slope of the channel elsewhere: [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref parameters, ref {step.Output}, count);");

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.SlopeGradients<V>(ref {step.Forward.Input}, ref {step.OutputGradient}, ref gradients, count);");
        writer.Line($"{KernelClass}.InputGradient<V>(ref {step.Forward.Input}, ref parameters, ref {step.OutputGradient}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"private const int Weight = {context.Offsets[0]};");
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, ref {t} output, int rows"))
            EmitSloped(writer, "input", "output");

        writer.Line();
        writer.Line("// gradient *= slope of the channel where the input is not positive");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} input, ref {t} parameters, ref {t} gradient, int rows"))
            EmitSloped(writer, "gradient", "gradient");

        writer.Line();
        writer.Line("// gradient of a slope += sum of gradient * input over rows and positions where the input is not positive");
        using (writer.Kernel("public", "SlopeGradients", t, $"ref {t} input, ref {t} gradient, ref {t} gradients, int rows"))
        using (writer.Block($"for (nint channel = 0; channel < {Stride}; channel += V.Count)"))
        {
            SumLoop elements = new("i", "channel", $"rows * {Output.RowLength}", $"{Stride}", context.Rows * Output.Positions);
            LongSum.EmitValues(writer, t, ["sum"], [elements], sum =>
                writer.Line($"{sum("sum")} = V.MultiplyAdd(V.Min(V.Zero, V.Load(ref input, i)), V.Load(ref gradient, i), {sum("sum")});"));
            writer.Line("V.Store(V.Load(ref gradients, Weight + channel) + sum, ref gradients, Weight + channel);");
        }
    }

    // destination = value where the input is positive, value * slope elsewhere
    private void EmitSloped(SourceWriter writer, string value, string destination)
    {
        using (writer.Block($"for (nint position = 0; position < rows * {Output.RowLength}; position += {Stride})"))
        using (writer.Block($"for (nint channel = 0; channel < {Stride}; channel += V.Count)"))
        {
            writer.Line($"V value = V.Load(ref {value}, position + channel), sloped = value * V.Load(ref parameters, Weight + channel);");
            writer.Line($"V.Store(V.Select(V.GreaterThan(V.Load(ref input, position + channel), V.Zero), value, sloped), ref {destination}, position + channel);");
        }
    }
}
