using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>A layer of two or more inputs, which lie alike.</summary>
internal abstract class JoinLayer : LayerKind
{
    public override bool IsJoin => true;

    /// <summary>What the shapes must be.</summary>
    protected abstract string Requirement { get; }

    public sealed override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        Shape first = inputs[0].Shape;
        for (int k = 1; k < inputs.Count; k++)
        {
            Shape other = inputs[k].Shape;
            if (Fit(first, other))
                continue;
            reader.ReportFixable(
                Rules.JoinShapes, "From", FlatteningFix(reader, inputs), reader.Name, $"'{reader.From[0]}' and '{reader.From[k]}'",
                $"[{first}] and [{other}]", $"{Requirement}: {JoinRemedy.Of(reader.Sources[0], reader.Sources[k], IsOfAnyChannels)}");
            return null;
        }

        return Join(reader.Name, inputs);
    }

    /// <summary>Whether the first dimension may differ.</summary>
    protected virtual bool IsOfAnyChannels => false;

    /// <summary>Whether two of its inputs may have these shapes.</summary>
    protected virtual bool Fit(Shape first, Shape other) => first == other;

    protected abstract LayerNode Join(string name, IReadOnlyList<Tensor> inputs);

    // Where one of the inputs is flat, the others may have been meant to be.
    private string? FlatteningFix(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        bool[] isFlat = [.. inputs.Select(input => input.Shape.Dimensions.Count == 1)];
        Shape first = new(inputs[0].Size);
        return isFlat.Contains(true) && inputs.All(input => Fit(first, new(input.Size))) ? reader.FlatteningFix(isFlat) : null;
    }
}

/// <summary>y = a + b + ...</summary>
internal sealed class AddLayer : JoinLayer
{
    public override string Name => "Add";

    protected override string Requirement => "a sum takes equal shapes";

    protected override LayerNode Join(string name, IReadOnlyList<Tensor> inputs) => new AddNode(name, inputs, inputs[0]);
}

/// <summary>y = a * b * ..., element by element.</summary>
internal sealed class MultiplyLayer : JoinLayer
{
    public override string Name => "Multiply";

    protected override string Requirement => "a product takes equal shapes";

    protected override LayerNode Join(string name, IReadOnlyList<Tensor> inputs) => new MultiplyNode(name, inputs, inputs[0]);
}

/// <summary>Its inputs one after the other along the first dimension.</summary>
internal sealed class ConcatLayer : JoinLayer
{
    public override string Name => "Concat";

    protected override string Requirement => "all dimensions but the first must be equal";

    protected override bool IsOfAnyChannels => true;

    protected override bool Fit(Shape first, Shape other) => first.Dimensions.Skip(1).SequenceEqual(other.Dimensions.Skip(1));

    protected override LayerNode Join(string name, IReadOnlyList<Tensor> inputs)
    {
        int channels = inputs.Sum(input => input.Channels);
        return new ConcatNode(name, inputs, new(new Shape([channels, .. inputs[0].Shape.Dimensions.Skip(1)]), inputs[0].Layout));
    }
}

/// <summary>A sum of known shapes.</summary>
internal sealed record AddNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output) : LayerNode(Name, Inputs, Output)
{
    public override string Description => "Add";

    public override string Formula(string input, string output) => $"{output} = {input.Replace(", ", " + ")}: [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Sum<V>({string.Join(", ", step.Inputs.Select(input => $"ref {input}"))}, ref {step.Output}, count);");

    // The first input's gradient is the output's where it stands; the others are copies of it.
    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        foreach (string gradient in step.InputGradients.Skip(1))
            writer.Line($"RowCopy.CopyInto(ref {step.OutputGradient}, {Output.RowLength}, ref {gradient}, {Output.RowLength}, {Output.RowLength}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        IReadOnlyList<string> inputs = [.. Inputs.Select((_, k) => $"input{k}")];
        writer.Line($"// {Formula(string.Join(", ", inputs), "output")}");
        using (writer.Kernel("public", "Sum", t, $"{string.Join(", ", inputs.Select(input => $"ref {t} {input}"))}, ref {t} output, int rows"))
        {
            writer.Line($"for (nint i = 0; i < rows * {Output.RowLength}; i += V.Count)");
            writer.Line($"    V.Store({string.Join(" + ", inputs.Select(input => $"V.Load(ref {input}, i)"))}, ref output, i);");
        }
    }
}

/// <summary>A product of known shapes.</summary>
internal sealed record MultiplyNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output) : LayerNode(Name, Inputs, Output)
{
    public override string Description => "Multiply";

    public override bool KeepsInput => true;

    public override bool IsGradientInPlace => false;

    public override string Formula(string input, string output) => $"{output} = {input.Replace(", ", " * ")}: [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Product<V>({References(step.Inputs)}, ref {step.Output}, count);");

    public override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        writer.Line($"{KernelClass}.Gradients<V>({References(step.Forward.Inputs)}, ref {step.OutputGradient}, {References(step.InputGradients)}, count);");

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        int last = Inputs.Count - 1;
        IReadOnlyList<string> inputs = [.. Inputs.Select((_, k) => $"{t} input{k}")];
        writer.Line($"// {Formula(string.Join(", ", Inputs.Select((_, k) => $"input{k}")), "output")}");
        using (writer.Kernel("public", "Product", t, $"{References(inputs)}, ref {t} output, int rows"))
        {
            writer.Line($"for (nint i = 0; i < rows * {Output.RowLength}; i += V.Count)");
            writer.Line($"    V.Store({string.Join(" * ", Inputs.Select((_, k) => $"V.Load(ref input{k}, i)"))}, ref output, i);");
        }

        writer.Line();
        writer.Line("// The gradient of each factor: gradient * (product of the factors before it) * (product of those after it).");
        using (writer.Kernel(
            "public", "Gradients", t, $"{References(inputs)}, ref {t} gradient, {References([.. Inputs.Select((_, k) => $"{t} gradient{k}")])}, int rows"))
        {
            using (writer.Block($"for (nint i = 0; i < rows * {Output.RowLength}; i += V.Count)"))
            {
                writer.Line($"V {string.Join(", ", Inputs.Select((_, k) => $"x{k} = V.Load(ref input{k}, i)"))};");
                writer.Line($"V after{last - 1} = x{last};");
                for (int k = last - 2; k >= 0; k--)
                    writer.Line($"V after{k} = x{k + 1} * after{k + 1};");
                writer.Line("V before = V.Load(ref gradient, i);");
                for (int k = 0; k < last; k++)
                {
                    writer.Line($"V.Store(before * after{k}, ref gradient{k}, i);");
                    writer.Line($"before *= x{k};");
                }

                writer.Line($"V.Store(before, ref gradient{last}, i);");
            }
        }
    }

    private static string References(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"ref {name}"));
}

/// <summary>A concatenation of known shapes.</summary>
internal sealed record ConcatNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output) : LayerNode(Name, Inputs, Output)
{
    public override string Description => "Concat";

    public override bool HasKernels => false;

    public override bool IsGradientInPlace => false;

    // In images the channels of each position follow each other, in flat rows whole inputs do.
    private bool IsImage => Output.Layout == TensorLayout.Image;

    private string Blocks => IsImage ? $"{Output.Positions} * count" : "count";

    public override string Formula(string input, string output) =>
        $"{output} = [{input}]: {string.Join(" and ", Inputs.Select(tensor => $"[rows, {tensor.Shape}]"))} -> [rows, {Output.Shape}]";

    // The first copy clears what the others do not write, which is the padding.
    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        foreach ((string input, Tensor tensor, int start) in Parts(step.Inputs))
        {
            writer.Line(
                $"RowCopy.{(start == 0 ? "Copy" : "CopyInto")}(ref {input}, {BlockStride(tensor)}, "
                + $"ref {Part(step.Output, start)}, {BlockStride(Output)}, {BlockSize(tensor)}, {Blocks});");
        }
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        foreach ((string gradient, Tensor tensor, int start) in Parts(step.InputGradients))
        {
            writer.Line(
                $"RowCopy.Copy(ref {Part(step.OutputGradient, start)}, {BlockStride(Output)}, "
                + $"ref {gradient}, {BlockStride(tensor)}, {BlockSize(tensor)}, {Blocks});");
        }
    }

    private int BlockSize(Tensor tensor) => IsImage ? tensor.Channels : tensor.Size;

    private int BlockStride(Tensor tensor) => IsImage ? tensor.ChannelStride : tensor.RowLength;

    private static string Part(string buffer, int start) => start == 0 ? buffer : $"Unsafe.Add(ref {buffer}, {start})";

    // The names of the inputs or of their gradients, with their tensors and where they start within a block of the output.
    private IEnumerable<(string Name, Tensor Tensor, int Start)> Parts(IReadOnlyList<string> names)
    {
        int start = 0;
        for (int k = 0; k < names.Count; k++)
        {
            yield return (names[k], Inputs[k], start);
            start += BlockSize(Inputs[k]);
        }
    }
}
