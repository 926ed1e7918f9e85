using System.Globalization;
using NetGen.Generator.Diagnostics;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>The operations of a network with their shapes. Every shape rule is checked while it is built.</summary>
/// <param name="Spec">What the user wrote.</param>
/// <param name="Input">The shape of one input row.</param>
/// <param name="Steps">The operations in order.</param>
/// <param name="Loss">The loss.</param>
internal sealed record NetworkGraph(NetworkSpec Spec, Shape Input, IReadOnlyList<GraphStep> Steps, LossKind Loss)
{
    /// <summary>The name of the network's input in From.</summary>
    public const string InputName = "input";

    /// <summary>
    /// The most layers of a network. Forward and backward call every layer from one method, which with more would be too long
    /// for the JIT compiler to optimise.
    /// </summary>
    public const int MostLayers = 200;

    // Row buffers and panels are addressed by 32-bit positions with room for a tile of rows.
    internal const long LargestRow = 1 << 24;
    internal const long LargestBuffer = int.MaxValue / 16;

    public IEnumerable<LayerNode> Nodes => Steps.Select(step => step.Node);

    public Shape Output => Steps[Steps.Count - 1].Node.Output.Shape;

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

        GraphBuilder builder = new(spec, issues);
        IReadOnlyList<GraphStep>? steps = builder.Build();
        if (steps is null)
            return null;
        long total = steps.Sum(step => step.Node.Parameters.Sum(parameter => parameter.Length));
        if (total > LargestBuffer)
            issues.Add(Issue.Of(Rules.TooLarge, -1, null, $"Network '{name}'", Text(total), "parameters", Text(LargestBuffer)));
        LossKind loss = LossKind.Of(spec.Loss);
        loss.Check(spec.Layers, steps, issues);
        return issues.Any(issue => issue.Rule.DefaultSeverity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error)
            ? null
            : new(spec, new(spec.InputShape), steps, loss);
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
        HashSet<string>? taken = null;
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
            else if (LayerNames.IsGenerated(name) || name == spec.Type.Name || name == InputName)
            {
                issues.Add(Issue.Of(Rules.MemberClash, layer, "Name", spec.Type.Name, name, "give the layer another Name"));
            }
            else if (first.TryGetValue(LayerNames.InFiles(name), out int other))
            {
                string where = name == names[other] ? "" : " in files, where names start in lower case";
                taken ??= LayerNames.InFiles(names.Append(spec.Type.Name));
                string free = LayerNames.Free(name, taken);
                taken.Add(LayerNames.InFiles(free));
                issues.Add(Issue.Of(
                    Rules.DuplicateLayerName, layer, "Name", Text(other + 1), Text(layer + 1), where.Length > 0 ? LayerNames.InFiles(name) : name, where)
                    with { Fix = free });
            }
            else
            {
                first.Add(LayerNames.InFiles(name), layer);
            }
        }
    }
}
