using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>An image several times as high and wide.</summary>
internal sealed class UpsampleLayer : LayerKind
{
    public override string Name => "Upsample2D";

    public override string SizeArgument => "Scale";

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Image];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        if (!reader.TakesImage(inputs[0]) || reader.Positive("Scale") is not { } scale || reader.Choice<Interpolation>("Interpolation") is not { } interpolation)
            return null;
        Tensor input = inputs[0];
        double elements = (double)input.Size * scale * scale;
        // Larger than any row may be, and perhaps than numbers.
        if (elements > NetworkGraph.LargestRow)
        {
            reader.Report(
                Rules.TooLarge, SizeArgument, $"A row of layer '{reader.Name}'", NetworkGraph.Text(elements), "elements", NetworkGraph.Text(NetworkGraph.LargestRow));
            return null;
        }

        Tensor output = new(new Shape(input.Channels, input.Height * scale, input.Width * scale), TensorLayout.Image);
        return interpolation == Interpolation.Nearest
            ? new NearestUpsampleNode(reader.Name, inputs, output, scale)
            : new BilinearUpsampleNode(reader.Name, inputs, output, scale);
    }
}

/// <summary>An image whose pixels are repeated: y[i, j] = x[i / scale, j / scale], rounded down.</summary>
internal sealed record NearestUpsampleNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, int Scale) : LayerNode(Name, Inputs, Output)
{
    public override string Description => $"Upsample2D({NetworkGraph.Text(Scale)})";

    public override bool IsGradientInPlace => false;

    private int Stride => Output.ChannelStride;

    // Elements from one line of the output to the next.
    private int Line => Output.Width * Stride;

    public override string Formula(string input, string output) =>
        $"{output} = {input}, each pixel repeated {Scale} x {Scale} times: [rows, {Input.Shape}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref {step.Output}, count);");

    public override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        writer.Line($"{KernelClass}.Gradient<V>(ref {step.OutputGradient}, ref {step.InputGradients[0]}, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} output, int rows"))
        {
            EmitPixels(writer, () =>
            {
                writer.Line("V value = V.Load(ref input, start);");
                EmitCopies(writer, "V.Store(value, ref output, at);");
            });
        }

        writer.Line();
        writer.Line("// The gradient of a pixel is the sum over its copies.");
        using (writer.Kernel("public", "Gradient", t, $"ref {t} gradient, ref {t} inputGradient, int rows"))
        {
            EmitPixels(writer, () =>
            {
                SumLoop[] copies =
                [
                    new("first", "place", $"place + {Scale * Line}", $"{Line}", Scale),
                    new("at", "first", $"first + {Scale * Stride}", $"{Stride}", Scale),
                ];
                LongSum.EmitValues(writer, t, ["sum"], copies, sum => writer.Line($"{sum("sum")} += V.Load(ref gradient, at);"));
                writer.Line("V.Store(sum, ref inputGradient, start);");
            });
        }
    }

    // Loops over the lines of all rows, which follow each other, their pixels and channels: a pixel stands at start, its first copy at place.
    private void EmitPixels(SourceWriter writer, Action body)
    {
        using (writer.Block($"for (nint line = 0; line < rows * {Input.Height}; line++)"))
        using (writer.Block($"for (nint x = 0; x < {Input.Width}; x++)"))
        using (writer.Block($"for (nint channel = 0; channel < {Stride}; channel += V.Count)"))
        {
            writer.Line($"nint start = line * {Input.Width * Stride} + x * {Stride} + channel, place = line * {Scale * Line} + x * {Scale * Stride} + channel;");
            body();
        }
    }

    private void EmitCopies(SourceWriter writer, string statement)
    {
        using (writer.Block($"for (nint first = place; first < place + {Scale * Line}; first += {Line})"))
        {
            writer.Line($"for (nint at = first; at < first + {Scale * Stride}; at += {Stride})");
            writer.Line($"    {statement}");
        }
    }
}

/// <summary>
/// An image with values between the four nearest pixels, in whose centres theirs stand: those of output pixel i stand at
/// (i + 1/2) / scale - 1/2, and at the first or last centre where that is beyond.
/// </summary>
internal sealed record BilinearUpsampleNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, int Scale) : LayerNode(Name, Inputs, Output)
{
    private static readonly string[] Corners = ["upperLeft", "upperRight", "lowerLeft", "lowerRight"];

    public override string Description => $"Upsample2D({NetworkGraph.Text(Scale)}, Bilinear)";

    public override bool IsGradientInPlace => false;

    private int Stride => Output.ChannelStride;

    // Elements from one line of the input to the next.
    private int Line => Input.Width * Stride;

    public override string Formula(string input, string output) =>
        $"{output} = {input} between pixel centres, {Scale} x {Scale} times as many: [rows, {Input.Shape}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref {step.Output}, count);");

    public override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        writer.Line($"{KernelClass}.Gradient<V>(ref {step.OutputGradient}, ref {step.InputGradients[0]}, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} output, int rows"))
        {
            EmitPixels(writer, t, () =>
            {
                foreach (string half in (string[])["upper", "lower"])
                {
                    writer.Line($"V {half} = V.Load(ref input, {half}Left + channel);");
                    writer.Line($"{half} = V.MultiplyAdd(right, V.Load(ref input, {half}Right + channel) - {half}, {half});");
                }

                writer.Line("V.Store(V.MultiplyAdd(below, lower - upper, upper), ref output, place + channel);");
            });
        }

        writer.Line();
        writer.Line("// The gradient of each of the four pixels += gradient * its share in the value.");
        using (writer.Kernel("public", "Gradient", t, $"ref {t} gradient, ref {t} inputGradient, int rows"))
        {
            writer.Line($"MemoryMarshal.CreateSpan(ref inputGradient, rows * {Input.RowLength}).Clear();");
            EmitPixels(writer, t, () =>
            {
                writer.Line("V g = V.Load(ref gradient, place + channel), lower = g * below, upper = g - lower;");
                // At the borders two or all four are the same pixel.
                foreach (string corner in Corners)
                {
                    string half = corner.Substring(0, 5), share = corner.EndsWith("Right", StringComparison.Ordinal) ? $"{half} * right" : $"({half} - {half} * right)";
                    writer.Line($"V.Store(V.Load(ref inputGradient, {corner} + channel) + {share}, ref inputGradient, {corner} + channel);");
                }
            });
        }
    }

    // Loops over the output's pixels and channels: a pixel stands at place, and below and right tell how far it is between the four
    // pixels of the input.
    private void EmitPixels(SourceWriter writer, string t, Action body)
    {
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        using (writer.Block($"for (nint y = 0; y < {Output.Height}; y++)"))
        {
            EmitPlace(writer, t, "y", "upper", "lower", "below", Input.Height);
            using (writer.Block($"for (nint x = 0; x < {Output.Width}; x++)"))
            {
                EmitPlace(writer, t, "x", "left", "next", "right", Input.Width);
                foreach (string half in (string[])["upper", "lower"])
                {
                    writer.Line($"nint {half}Line = row * {Input.RowLength} + {half}At * {Line};");
                    writer.Line($"nint {half}Left = {half}Line + leftAt * {Stride}, {half}Right = {half}Line + nextAt * {Stride};");
                }

                writer.Line($"nint place = row * {Output.RowLength} + y * {Output.Width * Stride} + x * {Stride};");
                using (writer.Block($"for (nint channel = 0; channel < {Stride}; channel += V.Count)"))
                    body();
            }
        }
    }

    // The distance from the first centre counts in 1 / (2 scale) pixels of the input, of which it is a whole number.
    private void EmitPlace(SourceWriter writer, string t, string variable, string before, string after, string share, int extent)
    {
        int unit = 2 * Scale;
        writer.Line($"nint {variable}Units = Math.Max(0, 2 * {variable} - {Scale - 1});");
        writer.Line($"nint {before}At = {variable}Units / {unit}, {after}At = Math.Min({before}At + 1, {extent - 1});");
        writer.Line($"V {share} = V.Create(({t})({variable}Units - {before}At * {unit}) / {unit});");
    }
}
