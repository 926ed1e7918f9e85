using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>The largest of each few channels that follow each other.</summary>
internal sealed class MaxoutLayer : LayerKind
{
    public override string Name => "Maxout";

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [Natural(input)];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        if (reader.Positive("Pieces") is not { } pieces)
            return null;
        Tensor input = inputs[0];
        if (input.Channels % pieces != 0)
        {
            reader.Report(
                Rules.PiecesDoNotDivide, "Pieces", reader.Name, NetworkGraph.Text(input.Channels), input.Shape.ToString(), NetworkGraph.Text(pieces));
            return null;
        }

        Shape output = new([input.Channels / pieces, .. input.Shape.Dimensions.Skip(1)]);
        return new MaxoutNode(reader.Name, inputs, new(output, input.Layout), pieces);
    }
}

/// <summary>A maxout layer of known shape. The inputs of an output stand next to each other, at each position.</summary>
internal sealed record MaxoutNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, int Pieces) : LayerNode(Name, Inputs, Output)
{
    // This many pieces are straight-line code.
    private const int StraightLinePieces = 8;

    public override string Description => $"Maxout({NetworkGraph.Text(Pieces)})";

    public override bool KeepsInput => true;

    public override bool KeepsOutput => true;

    public override bool IsGradientInPlace => false;

    public override string Formula(string input, string output) =>
        $"{output} = largest of each {Pieces} channels of {input}: [rows, {Input.Shape}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref {step.Output}, count);");

    public override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        writer.Line($"{KernelClass}.Gradient<V>(ref {step.Forward.Input}, ref {step.Forward.Output}, ref {step.OutputGradient}, ref {step.InputGradients[0]}, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} output, int rows"))
        {
            EmitOutputs(writer, "output", Output, () =>
            {
                writer.Line($"{t} largest = Unsafe.Add(ref input, start);");
                EmitPieces(writer, first: 1, piece => writer.Line($"largest = Math.Max(largest, Unsafe.Add(ref input, {piece}));"));
                writer.Line("Unsafe.Add(ref output, place) = largest;");
            });
        }

        writer.Line();
        writer.Line("// The gradient of an output goes to the first of its largest inputs.");
        using (writer.Kernel("public", "Gradient", t, $"ref {t} input, ref {t} output, ref {t} gradient, ref {t} inputGradient, int rows"))
        {
            EmitOutputs(writer, "inputGradient", Input, () =>
            {
                writer.Line($"{t} largest = Unsafe.Add(ref output, place), g = Unsafe.Add(ref gradient, place);");
                writer.Line("bool isLess;");
                EmitPieces(writer, first: 0, piece =>
                {
                    writer.Line($"isLess = largest > Unsafe.Add(ref input, {piece});");
                    writer.Line($"Unsafe.Add(ref inputGradient, {piece}) = isLess ? 0 : g;");
                    writer.Line("g = isLess ? g : 0;");
                });
            });
        }
    }

    // Loops over positions and output channels: an output stands at place, its first input at start. Clears the padding of what is written.
    private void EmitOutputs(SourceWriter writer, string written, Tensor tensor, Action body)
    {
        using (writer.Block($"for (nint position = 0; position < rows * {Output.RowLength / Output.ChannelStride}; position++)"))
        {
            using (writer.Block($"for (nint channel = 0; channel < {Output.Channels}; channel++)"))
            {
                writer.Line($"nint start = position * {Input.ChannelStride} + channel * {Pieces}, place = position * {Output.ChannelStride} + channel;");
                body();
            }

            int padding = tensor.ChannelStride - tensor.Channels;
            if (padding > 0)
                writer.Line($"MemoryMarshal.CreateSpan(ref Unsafe.Add(ref {written}, position * {tensor.ChannelStride} + {tensor.Channels}), {padding}).Clear();");
        }
    }

    private void EmitPieces(SourceWriter writer, int first, Action<string> body)
    {
        if (Pieces <= StraightLinePieces)
        {
            for (int piece = first; piece < Pieces; piece++)
                body(piece == 0 ? "start" : $"start + {piece}");
            return;
        }

        using (writer.Block($"for (nint piece = start{(first == 0 ? "" : $" + {first}")}; piece < start + {Pieces}; piece++)"))
            body("piece");
    }
}
