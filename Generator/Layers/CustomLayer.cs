using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>y = f(x), element by element, with f and f' written by the user.</summary>
internal sealed class CustomLayer : LayerKind
{
    public override string Name => "Custom";

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        if (reader.Problem("Function") is not { } problem)
            return new CustomNode(reader.Name, inputs, inputs[0], reader.Text("Function"));
        reader.Report(Rules.InvalidCustom, "Function", problem);
        return null;
    }
}

/// <summary>A function of the user's on values of known shape.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Output">What it gives.</param>
/// <param name="Function">The full name of the class with the function.</param>
internal sealed record CustomNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, string Function) : LayerNode(Name, Inputs, Output)
{
    private bool IsImage => Output.Layout == TensorLayout.Image;

    private int Block => IsImage ? Output.ChannelStride : Output.RowLength;

    private int Size => IsImage ? Output.Channels : Output.Size;

    public override string Description => $"Custom({Function.Substring(Function.LastIndexOfAny(['.', ':']) + 1)})";

    public override bool KeepsInput => true;

    public override string Formula(string input, string output) => $"{output} = {Description}({input}): [rows, {Output.Size}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref {step.Output}, count);");

    public override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        writer.Line($"{KernelClass}.InputGradient<V>(ref {step.Forward.Input}, ref {step.OutputGradient}, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} output, int rows"))
            EmitLoop($"{Function}.Forward(V.Load(ref input, i + column))", "output");
        writer.Line();
        writer.Line("// gradient *= f'(input)");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} input, ref {t} gradient, int rows"))
            EmitLoop($"V.Load(ref gradient, i + column) * {Function}.Derivative(V.Load(ref input, i + column))", "gradient");

        // The function may be anything at zero, and padding is zero before and after.
        void EmitLoop(string value, string destination)
        {
            int blocks = Output.RowLength / Block;
            using (writer.Block($"for (nint i = 0; i < rows * {blocks * Block}; i += {Block})"))
            using (writer.Block($"for (int column = 0; column < {Block}; column += V.Count)"))
                writer.Line($"V.Store({(Size < Block ? $"V.Select(V.FirstLanes({Size} - column), {value}, V.Zero)" : value)}, ref {destination}, i + column);");
        }
    }
}
