using System.Globalization;
using NetGen.Generator.Diagnostics;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>The operations of a network with their shapes. Every shape rule is checked while it is built.</summary>
/// <param name="Spec">What the user wrote.</param>
/// <param name="Input">The shape of one input row.</param>
/// <param name="Nodes">The operations in order; each takes the output of the one before.</param>
/// <param name="Loss">The loss.</param>
internal sealed record NetworkGraph(NetworkSpec Spec, Shape Input, IReadOnlyList<LayerNode> Nodes, LossKind Loss)
{
    /// <summary>
    /// The most layers of a network. Forward and backward call every layer from one method, which with more would be too long
    /// for the JIT compiler to optimise.
    /// </summary>
    public const int MostLayers = 200;

    // Row buffers and panels are addressed by 32-bit positions with room for a tile of rows.
    private const long LargestRow = 1 << 24;
    private const long LargestBuffer = int.MaxValue / 16;

    public Shape Output => Nodes[Nodes.Count - 1].Output;

    public long MultiplyAdds => Nodes.Sum(node => node.MultiplyAdds);

    /// <summary>Builds the graph, or returns null after adding to <paramref name="issues"/> what is wrong.</summary>
    public static NetworkGraph? Build(NetworkSpec spec, ICollection<Issue> issues)
    {
        string name = spec.Type.Name;
        int before = issues.Count;
        if (!IsDefined(spec.Loss))
            issues.Add(Issue.Of(Rules.UnknownValue, -1, nameof(Loss), Text((int)spec.Loss), nameof(Loss), Names<Loss>()));
        if (!IsDefined(spec.Precision))
            issues.Add(Issue.Of(Rules.UnknownValue, -1, nameof(Precision), Text((int)spec.Precision), nameof(Precision), Names<Precision>()));
        if (spec.InputShape.Count == 0)
            issues.Add(Issue.Of(Rules.NoInputShape, -1, null, name));
        for (int axis = 0; axis < spec.InputShape.Count; axis++)
        {
            if (spec.InputShape[axis] < 1)
                issues.Add(Issue.Of(Rules.DimensionNotPositive, -1, $"InputShape{Text(axis)}", Text(axis + 1), Text(spec.InputShape[axis])));
        }

        if (spec.Layers.Count == 0)
            issues.Add(Issue.Of(Rules.NoLayers, -1, null, name));
        if (spec.Layers.Count > MostLayers)
            issues.Add(Issue.Of(Rules.TooLarge, -1, null, $"Network '{name}'", Text(spec.Layers.Count), "layers", Text(MostLayers)));
        else
            CheckNames(spec, issues);
        if (issues.Count > before)
            return null;

        double size = spec.InputShape.Aggregate(1d, (product, dimension) => product * dimension);
        if (size > LargestRow)
        {
            string? argument = spec.InputShape.Count == 1 ? "InputShape0" : null;
            issues.Add(Issue.Of(Rules.TooLarge, -1, argument, $"An input row of '{name}'", Text(size), "elements", Text(LargestRow)));
            return null;
        }

        Shape input = new(spec.InputShape);
        List<LayerNode> nodes = [];
        Shape shape = input;
        IReadOnlyList<string> names = LayerNames.Of(spec.Layers);
        for (int layer = 0; layer < spec.Layers.Count; layer++)
        {
            LayerReader reader = new(spec.Layers[layer], layer, names[layer], issues);
            // A layer of unknown shape would only make the ones after it report what follows from its own error.
            if (LayerKinds.Find(spec.Layers[layer].Kind) is not { } kind)
                reader.Report(Rules.UnknownLayer, null, spec.Layers[layer].Kind, string.Join(", ", LayerKinds.All.Select(known => known.Name)));
            else if (kind.Resolve(reader, shape) is { } node)
                nodes.Add(node);
            if (nodes.Count != layer + 1)
                return null;
            shape = nodes[layer].Output;
            if (shape.Elements > LargestRow)
            {
                reader.Report(Rules.TooLarge, "Units", $"A row of layer '{names[layer]}'", Text(shape.Elements), "elements", Text(LargestRow));
                return null;
            }

            long length = nodes[layer].Parameters.Sum(parameter => parameter.Length);
            if (length > LargestBuffer)
            {
                reader.Report(Rules.TooLarge, "Units", $"Layer '{names[layer]}'", Text(length), "parameters", Text(LargestBuffer));
                return null;
            }
        }

        long total = nodes.Sum(node => node.Parameters.Sum(parameter => parameter.Length));
        if (total > LargestBuffer)
            issues.Add(Issue.Of(Rules.TooLarge, -1, null, $"Network '{name}'", Text(total), "parameters", Text(LargestBuffer)));
        LossKind loss = LossKind.Of(spec.Loss);
        loss.Check(nodes, issues);
        return issues.Any(issue => issue.Rule.DefaultSeverity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error)
            ? null
            : new(spec, input, nodes, loss);
    }

    public static bool IsDefined<TEnum>(TEnum value)
        where TEnum : struct, Enum => Enum.IsDefined(typeof(TEnum), value);

    public static string Names<TEnum>()
        where TEnum : struct, Enum => string.Join(", ", Enum.GetNames(typeof(TEnum)));

    public static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static void CheckNames(NetworkSpec spec, ICollection<Issue> issues)
    {
        IReadOnlyList<string> names = LayerNames.Of(spec.Layers);
        Dictionary<string, int> first = new(StringComparer.Ordinal);
        for (int layer = 0; layer < names.Count; layer++)
        {
            string name = names[layer];
            // A layer that is not known is reported as such, not for the name it would get.
            if (LayerKinds.Find(spec.Layers[layer].Kind) is null)
                continue;
            if (!LayerNames.IsValid(name))
            {
                issues.Add(Issue.Of(Rules.InvalidLayerName, layer, "Name", name));
            }
            else if (LayerNames.IsGenerated(name) || name == spec.Type.Name)
            {
                issues.Add(Issue.Of(Rules.MemberClash, layer, "Name", spec.Type.Name, name, "give the layer another Name"));
            }
            else if (first.TryGetValue(LayerNames.InFiles(name), out int other))
            {
                string where = name == names[other] ? "" : " in files, where names start in lower case";
                issues.Add(Issue.Of(
                    Rules.DuplicateLayerName, layer, "Name", Text(other + 1), Text(layer + 1), where.Length > 0 ? LayerNames.InFiles(name) : name, where));
            }
            else
            {
                first.Add(LayerNames.InFiles(name), layer);
            }
        }
    }
}
