using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>[channels, height, width] to [channels height width].</summary>
internal sealed class FlattenLayer : LayerKind
{
    public override string Name => "Flatten";

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Flat];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs) =>
        new FlattenNode(reader.Name, inputs, new(new Shape(inputs[0].Size), TensorLayout.Flat));
}

/// <summary>A flattening layer of known shape: rows that lie channels first are flat already.</summary>
internal sealed record FlattenNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output) : LayerNode(Name, Inputs, Output)
{
    public override string Description => "Flatten";

    public override bool IsView => true;

    public override bool HasKernels => false;

    public override string Formula(string input, string output) => $"{input} as one dimension: [rows, {Input.Shape}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
    }
}
