using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>Brings a tensor into another layout. The generator puts it where a layer cannot read what stands there.</summary>
internal sealed record ReorderNode(string Name, Tensor Source, TensorLayout Target)
    : LayerNode(Name, [Source], Source.As(Target))
{
    public override string Description => "";

    public override bool IsHidden => true;

    public override bool HasKernels => false;

    public override bool IsGradientInPlace => false;

    public override string Formula(string input, string output) => $"{output} = {input}, laid out {Layout(Output)}: [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line(Copy(Input, step.Input, Output, step.Output));

    public override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        step.EmitInputGradient(writer, Copy(Output, step.OutputGradient, Input, step.InputGradients[0]));

    private static string Copy(Tensor from, string source, Tensor to, string destination) => (from.Layout, to.Layout) switch
    {
        (_, TensorLayout.Image) =>
            $"RowCopy.ToImage(ref {source}, {from.RowLength}, ref {destination}, {to.RowLength}, {to.Channels}, {to.Positions}, count);",
        (TensorLayout.Image, _) =>
            $"RowCopy.FromImage(ref {source}, {from.RowLength}, ref {destination}, {to.RowLength}, {from.Channels}, {from.Positions}, count);",
        _ => $"RowCopy.Copy(ref {source}, {from.RowLength}, ref {destination}, {to.RowLength}, {from.Size}, count);",
    };

    private static string Layout(Tensor tensor) => tensor.Layout switch
    {
        TensorLayout.Image => "channels last",
        TensorLayout.Flat => "channels first, padded",
        _ => "channels first",
    };
}
