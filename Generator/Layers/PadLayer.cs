using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>An image with lines and columns added around it.</summary>
internal sealed class PadLayer : LayerKind
{
    public override string Name => "Pad2D";

    public override string SizeArgument => ImageSides.SizeArgument;

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Image];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        if (!reader.TakesImage(inputs[0]) || ImageSides.Read(reader) is not { } sides || reader.Choice<PadMode>("Mode") is not { } mode)
            return null;
        Tensor input = inputs[0];
        // Mirrored at its border values, an image has one line or column less than it is high or wide to give.
        if (mode == PadMode.Reflect && sides.FirstFrom(input.Height, input.Width) is { } side)
        {
            bool isLine = side.Name is "Top" or "Bottom";
            string extent = isLine ? $"height {NetworkGraph.Text(input.Height)}" : $"width {NetworkGraph.Text(input.Width)}";
            reader.Report(
                Rules.NumberOutOfRange, sides.Argument(side.Name), reader.Name, sides.Argument(side.Name), NetworkGraph.Text(side.Size),
                $"less than the {extent} of what Reflect mirrors");
            return null;
        }

        Shape output = new(input.Channels, input.Height + sides.Top + sides.Bottom, input.Width + sides.Left + sides.Right);
        return new PadNode(reader.Name, inputs, new(output, TensorLayout.Image), sides, mode);
    }
}

/// <summary>Lines and columns at the sides of an image.</summary>
internal sealed record ImageSides(int Top, int Bottom, int Left, int Right, bool IsOneArgument)
{
    /// <summary>The argument that stands for all sides.</summary>
    public const string SizeArgument = "Size";

    // Beyond what images have, and far from where sums of them are no longer numbers.
    private const int Most = 1 << 12;

    private static readonly string[] Names = ["Top", "Bottom", "Left", "Right"];

    /// <summary>The sides as in the attribute.</summary>
    public string Text => string.Join(", ", (IsOneArgument ? Sizes.Take(1) : Sizes).Select(size => NetworkGraph.Text(size)));

    private IEnumerable<int> Sizes => [Top, Bottom, Left, Right];

    /// <summary>The sides a layer's arguments give, or null after reporting what is wrong.</summary>
    public static ImageSides? Read(LayerReader reader)
    {
        bool isOne = reader.Has(SizeArgument), isRight = true;
        string[] arguments = isOne ? [SizeArgument] : Names;
        int[] sizes = [.. arguments.Select(argument => reader.Integer(argument))];
        for (int side = 0; side < sizes.Length; side++)
        {
            if (sizes[side] is >= 0 and <= Most)
                continue;
            reader.Report(
                Rules.NumberOutOfRange, arguments[side], reader.Name, arguments[side], NetworkGraph.Text(sizes[side]), $"from 0 to {NetworkGraph.Text(Most)}");
            isRight = false;
        }

        return !isRight ? null : isOne ? new(sizes[0], sizes[0], sizes[0], sizes[0], true) : new(sizes[0], sizes[1], sizes[2], sizes[3], false);
    }

    /// <summary>The first side as large as the extent it is taken from, or larger.</summary>
    public (string Name, int Size)? FirstFrom(int height, int width)
    {
        foreach ((string name, int size) in Names.Zip(Sizes, (name, size) => (name, size)))
        {
            if (size >= (name is "Top" or "Bottom" ? height : width))
                return (name, size);
        }

        return null;
    }

    /// <summary>The argument that gives a side.</summary>
    public string Argument(string side) => IsOneArgument ? SizeArgument : side;

    /// <summary>The call that copies an image into what these sides leave of a larger one.</summary>
    public string CopyInto(Tensor image, string source, Tensor larger, string destination) => Copy(image, source, Line(image), larger, Inner(larger, destination), Line(larger), image);

    /// <summary>The call that copies what these sides leave of an image.</summary>
    public string CopyFrom(Tensor larger, string source, Tensor image, string destination) => Copy(larger, Inner(larger, source), Line(larger), image, destination, Line(image), image);

    private static string Copy(Tensor from, string source, int sourceLine, Tensor to, string destination, int destinationLine, Tensor image) =>
        $"ImageCopy.Lines(ref {source}, {from.RowLength}, {sourceLine}, ref {destination}, {to.RowLength}, {destinationLine}, {Line(image)}, {image.Height}, count);";

    private static int Line(Tensor image) => image.Width * image.ChannelStride;

    private string Inner(Tensor larger, string buffer)
    {
        int start = Top * Line(larger) + Left * larger.ChannelStride;
        return start == 0 ? buffer : $"Unsafe.Add(ref {buffer}, {start})";
    }
}

/// <summary>A padding of known shape.</summary>
internal sealed record PadNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ImageSides Sides, PadMode Mode) : LayerNode(Name, Inputs, Output)
{
    public override string Description => $"Pad2D({Sides.Text}{(Mode == PadMode.Zeros ? "" : $", {Mode}")})";

    public override bool IsGradientInPlace => false;

    public override bool HasKernels => Mode != PadMode.Zeros;

    private int Stride => Output.ChannelStride;

    public override string Formula(string input, string output) =>
        $"{output} = {input} amid {(Mode switch { PadMode.Zeros => "zeros", PadMode.Replicate => "its border values", _ => "its mirror images" })}: "
        + $"[rows, {Input.Shape}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        if (Mode != PadMode.Zeros)
        {
            writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref {step.Output}, count);");
            return;
        }

        writer.Line($"MemoryMarshal.CreateSpan(ref {step.Output}, count * {Output.RowLength}).Clear();");
        writer.Line(Sides.CopyInto(Input, step.Input, Output, step.Output));
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step) => writer.Line(Mode == PadMode.Zeros
        ? Sides.CopyFrom(Output, step.OutputGradient, Input, step.InputGradients[0])
        : $"{KernelClass}.Gradient<V>(ref {step.OutputGradient}, ref {step.InputGradients[0]}, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} output, int rows"))
            EmitPixels(writer, "V.Store(V.Load(ref input, start + channel), ref output, place + channel);");

        writer.Line();
        writer.Line("// The gradient of a pixel is the sum over its copies.");
        using (writer.Kernel("public", "Gradient", t, $"ref {t} gradient, ref {t} inputGradient, int rows"))
        {
            writer.Line($"MemoryMarshal.CreateSpan(ref inputGradient, rows * {Input.RowLength}).Clear();");
            EmitPixels(writer, "V.Store(V.Load(ref inputGradient, start + channel) + V.Load(ref gradient, place + channel), ref inputGradient, start + channel);");
        }
    }

    // Loops over the output's pixels and channels: a pixel stands at place, the one it is a copy of at start.
    private void EmitPixels(SourceWriter writer, string statement)
    {
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        using (writer.Block($"for (nint y = 0; y < {Output.Height}; y++)"))
        {
            writer.Line($"nint startLine = row * {Input.RowLength} + {Original("y", Sides.Top, Input.Height)} * {Input.Width * Stride};");
            writer.Line($"nint placeLine = row * {Output.RowLength} + y * {Output.Width * Stride};");
            using (writer.Block($"for (nint x = 0; x < {Output.Width}; x++)"))
            {
                writer.Line($"nint start = startLine + {Original("x", Sides.Left, Input.Width)} * {Stride}, place = placeLine + x * {Stride};");
                writer.Line($"for (nint channel = 0; channel < {Stride}; channel += V.Count)");
                writer.Line($"    {statement}");
            }
        }
    }

    // The line or column of the input of which one of the output is a copy.
    private string Original(string variable, int before, int extent) => Mode == PadMode.Replicate
        ? $"Math.Clamp({variable} - {before}, 0, {extent - 1})"
        : $"({extent - 1} - Math.Abs({extent - 1} - Math.Abs({variable} - {before})))";
}
