using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>The largest value or the mean over windows of each channel.</summary>
internal sealed class PoolLayer(string name, int dimensions, bool isMaximum) : LayerKind
{
    public override string Name => name;

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Image];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        Tensor input = inputs[0];
        EquatableArray<int> shape = input.Shape.Dimensions;
        if (shape.Count != dimensions + 1)
        {
            string other = $"{(isMaximum ? "MaxPool" : "AveragePool")}{(dimensions == 2 ? "1D" : "2D")}";
            reader.Report(
                Rules.WrongRank, null, reader.Name, dimensions == 2 ? "[channels, height, width]" : "[channels, length]", input.Shape.ToString(),
                dimensions == 2 ? reader.ImageRemedy(other) : reader.SignalRemedy(other));
            return null;
        }

        if (reader.Positive("Size") is not { } size || reader.Positive("Stride", size) is not { } stride)
            return null;
        if (shape.Skip(1).Any(dimension => dimension < size))
        {
            int smallest = shape.Skip(1).Min();
            bool isChannelsLast = reader.Sources.Count > 0 && reader.Sources[0].IsChannelsLast;
            reader.ReportFixable(
                Rules.KernelTooLarge, "Size", isChannelsLast ? null : NetworkGraph.Text(smallest), reader.Name, NetworkGraph.Text(size),
                NetworkGraph.Text(shape.Skip(1).First(dimension => dimension < size)), "", input.Shape.ToString(),
                isChannelsLast ? $"shapes are channels first: write [{reader.Sources[0].ChannelsFirst}]"
                : smallest == 1 ? "remove it, or pool less above it"
                : $"make it {NetworkGraph.Text(smallest)} or smaller");
            return null;
        }

        Tensor output = new(new Shape([shape[0], .. shape.Skip(1).Select(dimension => (dimension - size) / stride + 1)]), TensorLayout.Image);
        return new PoolNode(
            reader.Name, inputs, output, isMaximum, $"{name}({NetworkGraph.Text(size)}{(stride == size ? "" : $", stride {NetworkGraph.Text(stride)}")})",
            new(input.Height, output.Height, dimensions == 2 ? size : 1, stride), new(input.Width, output.Width, size, stride));
    }
}

/// <summary>The largest value or the mean of each channel.</summary>
internal sealed class GlobalPoolLayer(string name, bool isMaximum) : LayerKind
{
    public override string Name => name;

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Image];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        Tensor input = inputs[0];
        if (input.Shape.Dimensions.Count == 1)
        {
            reader.Report(Rules.WrongRank, null, reader.Name, "channels and positions, such as [channels, height, width]", input.Shape.ToString(),
                reader.Sources.Count > 0 ? reader.Sources[0].PositionsRemedy() : "");
            return null;
        }

        // One window over all positions in their order; an image of one position is a flat row.
        return new PoolNode(
            reader.Name, inputs, new(new Shape(input.Channels), TensorLayout.Flat), isMaximum, name,
            new(1, 1, 1, 1), new(input.Positions, 1, input.Positions, 1));
    }
}

/// <summary>Windows along one dimension.</summary>
/// <param name="Extent">The input's extent.</param>
/// <param name="Count">The number of windows.</param>
/// <param name="Size">The extent of a window.</param>
/// <param name="Stride">The step from one window to the next.</param>
internal sealed record PoolWindows(int Extent, int Count, int Size, int Stride)
{
    public bool Overlap => Count > 1 && Stride < Size;

    /// <summary>Whether each position lies in a window.</summary>
    public bool Cover => (Count == 1 || Stride <= Size) && (Count - 1) * Stride + Size == Extent;
}

/// <summary>A pooling layer of known shapes. Images have their channels last, so vectors run along channels.</summary>
internal sealed record PoolNode(
    string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, bool IsMaximum, string Description, PoolWindows Rows, PoolWindows Columns)
    : LayerNode(Name, Inputs, Output)
{
    public override string Description { get; } = Description;

    public override bool KeepsInput => IsMaximum;

    public override bool KeepsOutput => IsMaximum;

    public override bool IsGradientInPlace => false;

    private int Stride => Input.ChannelStride;

    // Windows of up to 4 x 4 are read in straight-line code.
    private bool IsStraightLine => (long)Rows.Size * Columns.Size <= 16;

    // Elements from one line of the input to the next.
    private int InputLine => Columns.Extent * Stride;

    private bool IsOverlapping => Rows.Overlap || Columns.Overlap;

    public override string Formula(string input, string output) =>
        $"{output} = {(IsMaximum ? "largest" : "mean")} of {input} over windows of {Rows.Size} x {Columns.Size}: [rows, {Input.Shape}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref {step.Output}, count);");

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        string known = IsMaximum ? $"ref {step.Forward.Input}, ref {step.Forward.Output}, " : "";
        writer.Line($"{KernelClass}.Gradient<V>({known}ref {step.OutputGradient}, ref {step.InputGradients[0]}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        EmitForwardKernel(writer, context.T);
        EmitGradientKernel(writer, context.T);
    }

    private void EmitForwardKernel(SourceWriter writer, string t)
    {
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} output, int rows"))
        {
            EmitWindows(writer, () =>
            {
                writer.Line($"ref {t} window = ref Unsafe.Add(ref input, start);");
                if (!IsStraightLine && !IsMaximum)
                {
                    SumLoop[] loops =
                    [
                        new("line", "0", $"{Rows.Size * InputLine}", $"{InputLine}", Rows.Size),
                        new("at", "line", $"line + {Columns.Size * Stride}", $"{Stride}", Columns.Size),
                    ];
                    LongSum.EmitValues(writer, t, ["result"], Rows.Size == 1 ? [loops[1] with { From = "0", To = $"{Columns.Size * Stride}" }] : loops, sum =>
                        writer.Line($"{sum("result")} += V.Load(ref window, at);"));
                    writer.Line($"V.Store(result * {Share(t)}, ref output, place);");
                    return;
                }

                if (!IsStraightLine)
                    writer.Line("V result = V.Load(ref window, 0);");
                EmitPositions(writer, at =>
                {
                    string x = $"V.Load(ref window, {at})";
                    writer.Line(at == "0" ? $"V result = {x};" : IsMaximum ? $"result = V.Maximum(result, {x});" : $"result += {x};");
                });
                writer.Line($"V.Store({(IsMaximum ? "result" : $"result * {Share(t)}")}, ref output, place);");
            });
        }
    }

    private void EmitGradientKernel(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line(IsMaximum
            ? "// The gradient of a window goes to the first of its largest values."
            : "// The gradient of a window is divided among its positions.");
        string known = IsMaximum ? $"ref {t} input, ref {t} output, " : "";
        using (writer.Kernel("public", "Gradient", t, $"{known}ref {t} gradient, ref {t} inputGradient, int rows"))
        {
            if (IsOverlapping || !Rows.Cover || !Columns.Cover)
                writer.Line($"MemoryMarshal.CreateSpan(ref inputGradient, rows * {Input.RowLength}).Clear();");
            EmitWindows(writer, () =>
            {
                writer.Line($"V g = V.Load(ref gradient, place){(IsMaximum ? "" : $" * {Share(t)}")};");
                writer.Line($"ref {t} windowGradient = ref Unsafe.Add(ref inputGradient, start);");
                if (IsMaximum)
                {
                    writer.Line($"ref {t} window = ref Unsafe.Add(ref input, start);");
                    writer.Line("V largest = V.Load(ref output, place), isLess;");
                }

                EmitPositions(writer, at =>
                {
                    string before = IsOverlapping ? $"V.Load(ref windowGradient, {at}) + " : "";
                    if (!IsMaximum)
                    {
                        writer.Line($"V.Store({before}g, ref windowGradient, {at});");
                        return;
                    }

                    writer.Line($"isLess = V.GreaterThan(largest, V.Load(ref window, {at}));");
                    writer.Line($"V.Store({before}V.Select(isLess, V.Zero, g), ref windowGradient, {at});");
                    writer.Line("g = V.Select(isLess, g, V.Zero);");
                });
            });
        }
    }

    private string Share(string t) => $"V.Create({SourceWriter.Literal(1d / (Rows.Size * Columns.Size), t)})";

    // Loops over windows and channels: a window's first position starts at start, its result stands at place.
    private void EmitWindows(SourceWriter writer, Action body)
    {
        Stack<SourceWriter.Scope> scopes = new();
        List<string> start = [$"row * {Input.RowLength}"], place = [$"row * {Output.RowLength}"];
        scopes.Push(writer.Block("for (nint row = 0; row < rows; row++)"));
        Loop("y", Rows, InputLine, Columns.Count * Stride);
        Loop("x", Columns, Stride, Stride);
        scopes.Push(writer.Block($"for (nint channel = 0; channel < {Stride}; channel += V.Count)"));
        writer.Line($"nint start = {string.Join(" + ", start)} + channel, place = {string.Join(" + ", place)} + channel;");
        body();
        while (scopes.Count > 0)
            scopes.Pop().Dispose();

        void Loop(string variable, PoolWindows windows, int inputStep, int outputStep)
        {
            if (windows.Count == 1)
                return;
            scopes.Push(writer.Block($"for (nint {variable} = 0; {variable} < {windows.Count}; {variable}++)"));
            start.Add($"{variable} * {windows.Stride * inputStep}");
            place.Add($"{variable} * {outputStep}");
        }
    }

    // The positions of a window in row-major order, as distances from its first.
    private void EmitPositions(SourceWriter writer, Action<string> body)
    {
        if (IsStraightLine)
        {
            for (int position = 0; position < Rows.Size * Columns.Size; position++)
                body($"{position / Columns.Size * InputLine + position % Columns.Size * Stride}");
            return;
        }

        using (writer.Block($"for (nint line = 0; line < {Rows.Size * InputLine}; line += {InputLine})"))
        using (writer.Block($"for (nint at = line; at < line + {Columns.Size * Stride}; at += {Stride})"))
            body("at");
    }
}
