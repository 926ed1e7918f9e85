using NetGen.Generator.Diagnostics;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>y = f(x (W * mask) + b).</summary>
internal sealed class MaskedDenseLayer : DenseLayer
{
    public override string Name => "MaskedDense";

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Flat, TensorLayout.Packed];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        IReadOnlyList<string> mask = reader.Texts("Mask");
        if (base.Resolve(reader, inputs) is not DenseNode dense)
            return null;
        int units = dense.Output.Size, size = inputs[0].Size;
        if (mask.Count == 0)
            return Refuse("has no connections: give a text of '1' and '0' for each output");
        if (units % mask.Count != 0)
            return Refuse($"has {Count(mask.Count, "text")}, which must divide the {NetworkGraph.Text(units)} outputs");
        for (int row = 0; row < mask.Count; row++)
        {
            string text = mask[row], where = $"in text {NetworkGraph.Text(row + 1)} of its mask", argument = $"Mask{NetworkGraph.Text(row)}";
            if (text.Length == 0 || size % text.Length != 0)
                return Refuse($"has {Count(text.Length, "character")} {where}, which must divide the {NetworkGraph.Text(size)} inputs", argument);
            if (text.Length != mask[0].Length)
            {
                string first = NetworkGraph.Text(mask[0].Length);
                return Refuse($"has {Count(text.Length, "character")} {where}, but {first} in the first: make them equally long", argument);
            }

            foreach (char other in text.Where(character => character is not ('0' or '1')).Take(1))
                return Refuse($"has the character '{other}' {where}: only '1' and '0' tell of connections", argument);
        }

        return dense with { Mask = new(mask) };

        LayerNode? Refuse(string problem, string argument = "Mask")
        {
            reader.Report(Rules.InvalidMask, argument, reader.Name, problem);
            return null;
        }

        static string Count(int count, string what) => $"{NetworkGraph.Text(count)} {what}{(count == 1 ? "" : "s")}";
    }
}
