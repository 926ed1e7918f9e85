using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>[channels, height, width] to [channels height width].</summary>
internal sealed class FlattenLayer : LayerKind
{
    public override string Name => "Flatten";

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Flat];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs) =>
        new ViewNode(reader.Name, inputs, new(new Shape(inputs[0].Size), TensorLayout.Flat), "Flatten");
}

/// <summary>A layer whose elements lie in their new order already.</summary>
internal sealed record ViewNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, string Description) : LayerNode(Name, Inputs, Output)
{
    public override string Description { get; } = Description;

    public override bool IsView => true;

    public override bool HasKernels => false;

    public override string Formula(string input, string output) => $"{input} in another shape: [rows, {Input.Shape}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
    }
}
