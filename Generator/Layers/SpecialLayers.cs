using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>The layers of another class, written out before the graph is built. What is left of it could not be.</summary>
internal sealed class BlockLayer : LayerKind
{
    public override string Name => LayerExpansion.Block;

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        if (reader.Problem("Type") is { } problem)
            reader.Report(Rules.InvalidBlock, "Type", reader.Name, problem);
        else
            reader.Positive("Repeat", 1);
        return null;
    }
}

/// <summary>The depthwise half of a separable convolution.</summary>
internal sealed class DepthwiseLayer : LayerKind
{
    public const string Kind = "Depthwise";

    public override string Name => Kind;

    public override bool IsHidden => true;

    public override bool HasParameters => true;

    public override string SizeArgument => "Kernel";

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Image];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        Tensor input = inputs[0];
        if (ConvArguments.Read(reader, input, 2, input.Channels) is not { } given || given.Geometry(reader, input, input.Channels) is not { } geometry)
            return null;
        Tensor output = new(new Shape(input.Channels, geometry.OutputHeight, geometry.OutputWidth), TensorLayout.Image);
        // One channel makes one group, which is no depthwise convolution but an ordinary one.
        return geometry.IsDepthwise
            ? new DepthwiseNode(reader.Name, inputs, output, geometry, given.Activation, given.Weight, null)
            : new ConvNode(reader.Name, inputs, output, geometry, given.Activation, given.Weight, null);
    }
}

/// <summary>A named part of the network's input.</summary>
internal sealed class InputLayer : LayerKind
{
    public const string Kind = "Input";

    public override string Name => Kind;

    public override string SizeArgument => "Shape0";

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs) => throw new NotSupportedException("The graph makes inputs.");
}

/// <summary>Declares an output of the network; the graph takes note of it.</summary>
internal sealed class OutputLayer : LayerKind
{
    public const string Kind = "Output";

    public override string Name => Kind;

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs) => throw new NotSupportedException("The graph keeps outputs.");
}

/// <summary>Another layer with the same weights; the graph resolves it as that layer.</summary>
internal sealed class SharedLayer : LayerKind
{
    public const string Kind = "Shared";

    public override string Name => Kind;

    public override bool HasParameters => true;

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs) => throw new NotSupportedException("The graph resolves shared layers.");
}

/// <summary>A part of the caller's rows, copied from its place in each row.</summary>
internal sealed record InputNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, int Offset) : LayerNode(Name, Inputs, Output)
{
    public override string Description => "Input";

    public override bool HasKernels => false;

    public override bool IsGradientInPlace => false;

    public override string Formula(string input, string output) => $"{output} = {input} from {Offset} on: [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"RowCopy.Copy(ref Unsafe.Add(ref {step.Input}, {Offset}), {Input.RowLength}, ref {step.Output}, {Output.RowLength}, {Output.Size}, count);");

    public override void EmitBackward(SourceWriter writer, BackwardStep step) => step.EmitInputGradient(
        writer, $"RowCopy.CopyInto(ref {step.OutputGradient}, {Output.RowLength}, ref Unsafe.Add(ref {step.InputGradients[0]}, {Offset}), {Input.RowLength}, {Output.Size}, count);");
}

/// <summary>All outputs of a network next to each other, each from a whole vector on.</summary>
internal sealed record OutputsNode(string Name, IReadOnlyList<Tensor> Inputs) : LayerNode(Name, Inputs, new(new Shape(Inputs.Sum(input => input.RowLength)), TensorLayout.Flat))
{
    public override string Description => "";

    public override bool IsHidden => true;

    public override bool HasKernels => false;

    public override bool IsGradientInPlace => false;

    public override string Formula(string input, string output) => $"{output} = [{input}]: [rows, {string.Join(" + ", Inputs.Select(tensor => $"[{tensor.Shape}]"))}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) => EmitCopies((k, place) =>
        writer.Line($"RowCopy.CopyInto(ref {step.Inputs[k]}, {Inputs[k].RowLength}, ref Unsafe.Add(ref {step.Output}, {place}), {Output.RowLength}, {Inputs[k].RowLength}, count);"));

    public override void EmitBackward(SourceWriter writer, BackwardStep step) => EmitCopies((k, place) =>
        writer.Line($"RowCopy.CopyInto(ref Unsafe.Add(ref {step.OutputGradient}, {place}), {Output.RowLength}, ref {step.InputGradients[k]}, {Inputs[k].RowLength}, {Inputs[k].RowLength}, count);"));

    private void EmitCopies(Action<int, int> emit)
    {
        int place = 0;
        for (int k = 0; k < Inputs.Count; k++)
        {
            emit(k, place);
            place += Inputs[k].RowLength;
        }
    }
}

/// <summary>
/// A dense layer with the weights of another, transposed: y = x W + b from that layer's outputs to its inputs. What one does forward the other
/// does backward, so the kernels are those of a dense layer the other way round.
/// </summary>
internal sealed record TiedDenseNode(string Name, IReadOnlyList<Tensor> Inputs, DenseNode Owner, StartValues BiasStart)
    : LayerNode(Name, Inputs, new(new Shape(Owner.Input.Size), TensorLayout.Flat))
{
    private int Stride => Output.RowLength;

    // From this layer's outputs to its inputs, as the gradients go.
    private DenseNode Mirror => new(
        Name, [Output], Input.As(TensorLayout.Flat), ActivationFunction.Of(Activation.Identity, 0), Owner.WeightStart, null)
    { KernelClass = KernelClass };

    public override string Description => $"Transposed({Owner.Name})";

    public override IReadOnlyList<Parameter> Parameters =>
        [new("Bias", Output.Shape, ParameterForm.Contiguous, BiasStart, Input.Size, Output.Size)];

    public override long MultiplyAdds => (long)Input.Size * Output.Size;

    public override bool KeepsInput => true;

    public override bool IsGradientInPlace => false;

    public override string Formula(string input, string output) =>
        $"{output} = {input} x W^T of {Owner.Name} + b: [rows, {Input.Size}] -> [rows, {Output.Size}], {SourceWriter.Grouped(MultiplyAdds)} multiply-adds a row";

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        // Here the input stands where gradients do, whose padding is zero: it must not meet what a caller has put into the padding of the weights, and
        // backward must not move that.
        if (Input.RowLength > Input.Size)
            writer.Line($"RowCopy.ClearPadding(ref {step.Input}, {Input.RowLength}, {Input.Size}, count);");
        writer.Line($"{KernelClass}.InputGradient<V>(ref {step.Input}, ref parameters, ref {step.Output}, count);");
        writer.Line($"{KernelClass}.AddBias<V>(ref parameters, ref {step.Output}, count);");
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        using (writer.Block("if (hasGradients)"))
        {
            writer.Line($"{KernelClass}.ParameterGradients<V>(ref {step.OutputGradient}, ref {step.Forward.Input}, ref gradients, count);");
            writer.Line($"{KernelClass}.BiasGradient<V>(ref {step.OutputGradient}, ref gradients, count);");
        }

        step.EmitInputGradient(writer, $"{KernelClass}.Forward<V>(ref {step.OutputGradient}, ref parameters, ref {step.InputGradients[0]}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"private const int Bias = {context.Offsets[0]};");
        writer.Line();
        writer.Line("// The kernels of a dense layer from outputs to inputs: InputGradient goes forward here, and Forward backward.");
        Mirror.EmitKernels(writer, context with { Offsets = context.OwnerOffsets });
        writer.Line();
        using (writer.Kernel("public", "AddBias", t, $"ref {t} parameters, ref {t} output, int rows"))
        using (writer.Block($"for (nint column = 0; column < {Stride}; column += V.Count)"))
        {
            writer.Line("V bias = V.Load(ref parameters, Bias + column);");
            writer.Line($"for (nint i = column; i < rows * {Stride}; i += {Stride})");
            writer.Line("    V.Store(V.Load(ref output, i) + bias, ref output, i);");
        }

        writer.Line();
        using (writer.Kernel("public", "BiasGradient", t, $"ref {t} gradient, ref {t} gradients, int rows"))
            Tiles.EmitBiasGradient(writer, context, "Bias", Stride, 1, 0, Stride);
    }
}
