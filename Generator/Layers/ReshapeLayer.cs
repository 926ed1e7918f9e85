using NetGen.Generator.Diagnostics;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>The same elements in another shape, in the order channels first.</summary>
internal sealed class ReshapeLayer : LayerKind
{
    // The extent that follows from the others.
    private const int Rest = -1;

    public override string Name => "Reshape";

    // Where the channels stay, positions keep their order in images too.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) =>
        reader.Integers("Shape") is { Count: > 0 } shape && shape[0] == input.Dimensions[0] ? base.Layouts(reader, input) : [TensorLayout.Flat];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        Tensor input = inputs[0];
        int[] shape = [.. reader.Integers("Shape")];
        string given = string.Join(", ", shape.Select(dimension => NetworkGraph.Text(dimension)));
        if (shape.Length == 0)
            return Refuse(null, "a shape has at least one dimension, such as -1 for all elements");
        bool isPositive = true;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (shape[axis] is >= 1 or Rest)
                continue;
            reader.Report(
                Rules.NotPositive, $"Shape{NetworkGraph.Text(axis)}", $"Dimension {NetworkGraph.Text(axis + 1)}", reader.Name, NetworkGraph.Text(shape[axis]));
            isPositive = false;
        }

        if (!isPositive)
            return null;
        int rest = Array.IndexOf(shape, Rest), other = Array.LastIndexOf(shape, Rest);
        if (other > rest)
            return Refuse($"Shape{NetworkGraph.Text(other)}", "only one dimension can be -1 and follow from the others");
        // Exact where it matters: up to the size of the input, which is far below 2^53.
        double product = shape.Where(dimension => dimension != Rest).Aggregate(1d, (product, dimension) => product * dimension);
        if (rest < 0 && product != input.Size)
            return Refuse(null, $"that has {NetworkGraph.Text(product)} elements instead of {NetworkGraph.Text(input.Size)}; change a dimension, or write -1 for the one that should follow");
        if (input.Size % product != 0)
            return Refuse(null, $"{NetworkGraph.Text(input.Size)} elements are not a multiple of {NetworkGraph.Text(product)}, the product of the dimensions given; change one of them");
        if (rest >= 0)
            shape[rest] = (int)(input.Size / product);
        return new ViewNode(reader.Name, inputs, new(new Shape(shape), input.Layout), $"Reshape({string.Join(", ", shape.Select(dimension => NetworkGraph.Text(dimension)))})");

        LayerNode? Refuse(string? argument, string reason)
        {
            reader.Report(Rules.ReshapeElements, argument, reader.Name, input.Shape.ToString(), given, reason);
            return null;
        }
    }
}
