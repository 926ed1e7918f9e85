using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>y = f(x), shape unchanged.</summary>
internal sealed class ActivationLayer : LayerKind
{
    public override string Name => "Activation";

    // A softmax runs over the whole row, whose padding must be at its end.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) =>
        (Activation)reader.Integer("Function") == Activation.Softmax ? [TensorLayout.Flat] : base.Layouts(reader, input);

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs) =>
        reader.Activation("Function") is { } function ? new ActivationNode(reader.Name, inputs, inputs[0], function) : null;
}

/// <summary>An activation layer of known shape.</summary>
internal sealed record ActivationNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ActivationFunction Function)
    : LayerNode(Name, Inputs, Output)
{
    public override string Description => $"Activation({Function.Description})";

    public override bool KeepsInput => Function.Source == DerivativeSource.Input;

    public override bool KeepsOutput => Function.Source == DerivativeSource.Output;

    public override string Formula(string input, string output) => $"{output} = {Function.Name}({input}): [rows, {Output.Size}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Activate<V>(ref {step.Input}, ref {step.Output}, count);");

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        if (!Function.IsIdentity)
            writer.Line($"{KernelClass}.ActivationGradient<V>(ref {(KeepsInput ? step.Forward.Input : step.Forward.Output)}, ref {step.OutputGradient}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context) =>
        ActivationKernels.Emit(writer, Function, Output, context.T, withForward: true);
}

/// <summary>The kernels of activations that are not fused into the layer before.</summary>
internal static class ActivationKernels
{
    public static void Emit(SourceWriter writer, ActivationFunction function, Tensor output, string t, bool withForward)
    {
        int size = output.Size, stride = output.RowLength;
        if (withForward)
        {
            writer.Line();
            writer.Line($"// output = {function.Name}(input): [rows, {size}]");
            using (writer.Kernel("public", "Activate", t, $"ref {t} input, ref {t} output, int rows"))
            {
                if (function.IsRowWise)
                    EmitSoftmax(writer, size, t);
                else
                    EmitLoop(writer, stride, "V.Load(ref input, i)", x => function.Value(x, t), "output");
            }
        }

        if (function.IsIdentity)
            return;
        writer.Line();
        writer.Line(function.IsRowWise
            ? "// gradient = output * (gradient - sum of output * gradient over the row)"
            : $"// gradient *= {function.Name}'({(function.Source == DerivativeSource.Input ? "input)" : "input), given the output")}");
        using (writer.Kernel("public", "ActivationGradient", t, $"ref {t} known, ref {t} gradient, int rows"))
        {
            if (function.IsRowWise)
                EmitSoftmaxGradient(writer, stride, t);
            else
                EmitLoop(writer, stride, "V.Load(ref known, i)", known => function.Backward("V.Load(ref gradient, i)", known, t), "gradient");
        }
    }

    /// <summary>Softmax over each row, padding set to zero.</summary>
    public static void EmitSoftmax(SourceWriter writer, int size, string t, int? rowLength = null)
    {
        int stride = PanelLayout.Pad(size), step = rowLength ?? stride;
        using (writer.Block($"for (nint row = 0; row < rows * {step}; row += {step})"))
        {
            EmitLargest(writer, size, "input");
            LongSum.EmitValues(writer, t, ["sum"], [SumLoop.OverVectors("column", stride)], sum =>
            {
                writer.Line($"V e = SimdMath.Exp<V, {t}>(V.Load(ref input, row + column) - largest);");
                if (size < stride)
                    writer.Line($"e = V.Select(V.FirstLanes({size} - (int)column), e, V.Zero);");
                writer.Line($"{sum("sum")} += e;");
                writer.Line("V.Store(e, ref output, row + column);");
            });

            writer.Line("V share = V.Create(1 / V.Sum(sum));");
            writer.Line($"for (int column = 0; column < {stride}; column += V.Count)");
            writer.Line("    V.Store(V.Load(ref output, row + column) * share, ref output, row + column);");
        }
    }

    /// <summary>The largest element of a row in every lane: subtracted before exponentials, so that none overflows.</summary>
    public static void EmitLargest(SourceWriter writer, int size, string buffer)
    {
        int stride = PanelLayout.Pad(size);
        writer.Line($"V largest = V.Load(ref {buffer}, row);");
        if (size < PanelLayout.Alignment)
            writer.Line($"largest = V.Select(V.FirstLanes({size}), largest, V.Broadcast(ref {buffer}, row));");
        using (writer.Block($"for (int column = V.Count; column < {stride}; column += V.Count)"))
        {
            writer.Line(size < stride
                ? $"largest = V.Max(largest, V.Select(V.FirstLanes({size} - column), V.Load(ref {buffer}, row + column), largest));"
                : $"largest = V.Max(largest, V.Load(ref {buffer}, row + column));");
        }

        writer.Line("largest = V.Create(V.Largest(largest));");
    }

    private static void EmitSoftmaxGradient(SourceWriter writer, int stride, string t)
    {
        using (writer.Block($"for (nint row = 0; row < rows * {stride}; row += {stride})"))
        {
            LongSum.EmitValues(writer, t, ["sum"], [SumLoop.OverVectors("column", stride)], sum =>
                writer.Line($"{sum("sum")} = V.MultiplyAdd(V.Load(ref known, row + column), V.Load(ref gradient, row + column), {sum("sum")});"));
            writer.Line("V mean = V.Create(V.Sum(sum));");
            writer.Line($"for (int column = 0; column < {stride}; column += V.Count)");
            writer.Line("    V.Store(V.Load(ref known, row + column) * (V.Load(ref gradient, row + column) - mean), ref gradient, row + column);");
        }
    }

    private static void EmitLoop(SourceWriter writer, int stride, string load, Func<string, string> value, string destination)
    {
        using (writer.Block($"for (nint i = 0; i < rows * {stride}; i += V.Count)"))
        {
            writer.Line($"V x = {load};");
            writer.Line($"V.Store({value("x")}, ref {destination}, i);");
        }
    }
}
