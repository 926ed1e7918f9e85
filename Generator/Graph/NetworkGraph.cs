using System.Globalization;
using NetGen.Generator.Diagnostics;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>An input or an output of a network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">The shape of one row.</param>
/// <param name="Offset">Elements of the caller's row before it.</param>
/// <param name="Loss">What training minimises, of an output.</param>
/// <param name="Weight">What the loss is multiplied by.</param>
/// <param name="Layer">The number of the layer that declares it, or -1.</param>
/// <param name="Value">The value of the graph that it is, of an output.</param>
internal sealed record NetworkPort(string Name, Shape Shape, int Offset, LossKind Loss, double Weight, int Layer, int Value);

/// <summary>The operations of a network with their shapes. Every shape rule is checked while it is built.</summary>
/// <param name="Spec">What the user wrote.</param>
/// <param name="Input">The shape of one input row.</param>
/// <param name="Steps">The operations in order.</param>
/// <param name="Inputs">The inputs that layers declare; none where the network has one.</param>
/// <param name="Outputs">The outputs; where there are several, the last step puts them next to each other.</param>
internal sealed record NetworkGraph(
    NetworkSpec Spec, Shape Input, IReadOnlyList<GraphStep> Steps, IReadOnlyList<NetworkPort> Inputs, IReadOnlyList<NetworkPort> Outputs)
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

    // Classes are named after layers, and names in metadata have at most 1,023 bytes.
    private const int LongestName = 300;

    public IEnumerable<LayerNode> Nodes => Steps.Select(step => step.Node);

    /// <summary>The shape of one output row, as the caller gets it.</summary>
    public Shape Output => Outputs.Count == 1 ? Outputs[0].Shape : new(Outputs.Sum(output => output.Shape.Size));

    /// <summary>Elements from one row of outputs to the next.</summary>
    public int OutputRow => Steps[Steps.Count - 1].Node.Output.RowLength;

    public bool HasLoss => Outputs.Any(output => output.Loss.Exists);

    public bool HasLink => Outputs.Any(output => output.Loss.HasLink);

    public long MultiplyAdds => Nodes.Sum(node => node.MultiplyAdds);

    /// <summary>The embeddings whose indexes are in the caller's rows, and the elements of a row before these.</summary>
    public IEnumerable<(EmbeddingNode Node, int Offset)> Lookups
    {
        get
        {
            foreach (GraphStep step in Steps)
            {
                if (step.Node is not EmbeddingNode embedding)
                    continue;
                // Layouts and shapes leave the order of the caller's elements as it is.
                int value = step.Sources[0], offset = 0;
                while (value > 0 && Steps[value - 1] is { Node: ViewNode or ReorderNode or InputNode } source)
                {
                    offset += (source.Node as InputNode)?.Offset ?? 0;
                    value = source.Sources[0];
                }

                if (value == 0)
                    yield return (embedding, offset);
            }
        }
    }

    /// <summary>Builds the graph, or returns null after adding to <paramref name="issues"/> what is wrong.</summary>
    public static NetworkGraph? Build(NetworkSpec spec, ICollection<Issue> issues)
    {
        string name = spec.Type.Name;
        int before = issues.Count;
        if (!IsDefined(spec.Loss))
            issues.Add(Issue.Of(Rules.UnknownValue, -1, nameof(Loss), Text((int)spec.Loss), nameof(Loss), Names<Loss>()));
        if (!IsDefined(spec.Precision))
            issues.Add(Issue.Of(Rules.UnknownValue, -1, nameof(Precision), Text((int)spec.Precision), nameof(Precision), Names<Precision>()));
        if (spec.CustomLoss?.Problem is { } problem)
            issues.Add(Issue.Of(Rules.InvalidCustom, -1, "CustomLoss", problem));
        else if (spec.CustomLoss is not null && spec.Loss != Loss.None)
            issues.Add(Issue.Of(Rules.InvalidOutput, -1, "CustomLoss", $"Network '{name}'", "has both Loss and CustomLoss: keep one of them"));
        if (HasInputs(spec))
            CheckInputs(spec, issues);
        else if (spec.InputShape.Count == 0)
            issues.Add(Issue.Of(Rules.NoInputShape, -1, null, name));
        for (int axis = 0; axis < spec.InputShape.Count; axis++)
        {
            if (spec.InputShape[axis] < 1)
            {
                issues.Add(Issue.Of(
                    Rules.DimensionNotPositive, -1, $"InputShape{Text(axis)}", Text(axis + 1), Text(spec.InputShape[axis]),
                    WithoutBatch(spec.InputShape, axis, "Network")));
            }
        }

        if (spec.Layers.Count == 0)
            issues.Add(Issue.Of(Rules.NoLayers, -1, null, name));
        if (spec.Layers.Count > MostLayers)
            issues.Add(Issue.Of(Rules.TooLarge, -1, null, $"Network '{name}'", Text(spec.Layers.Count), "layers", Text(MostLayers)));
        else
            CheckNames(spec, issues);
        if (issues.Count > before)
            return null;

        double size = InputElements(spec);
        if (size > LargestRow)
        {
            string? argument = spec.InputShape.Count == 1 ? "InputShape0" : null;
            issues.Add(Issue.Of(Rules.TooLarge, -1, argument, $"An input row of '{name}'", Text(size), "elements", Text(LargestRow)));
            return null;
        }

        GraphBuilder builder = new(spec, issues);
        IReadOnlyList<GraphStep>? steps = builder.Build();
        if (steps is null)
        {
            builder.CheckOutputs();
            return null;
        }

        long total = steps.Sum(step => step.OwnParameters.Sum(parameter => parameter.Length));
        if (total > LargestBuffer)
            issues.Add(Issue.Of(Rules.TooLarge, -1, null, $"Network '{name}'", Text(total), "parameters", Text(LargestBuffer)));
        builder.CheckOutputs();
        return issues.Any(issue => issue.IsError)
            ? null
            : new(spec, InputShapeOf(spec), steps, builder.Inputs, builder.Outputs);
    }

    public static bool IsDefined<TEnum>(TEnum value)
        where TEnum : struct, Enum => Enum.IsDefined(typeof(TEnum), value);

    public static string Names<TEnum>()
        where TEnum : struct, Enum => string.Join(", ", Enum.GetNames(typeof(TEnum)));

    public static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether layers declare the inputs.</summary>
    public static bool HasInputs(NetworkSpec spec) => spec.Layers.Any(layer => layer.Kind == InputLayer.Kind);

    /// <summary>The shape of one input row as the caller gives it: the inputs one after the other where there are several.</summary>
    public static Shape InputShapeOf(NetworkSpec spec) =>
        HasInputs(spec) ? new(InputsOf(spec).Sum(shape => new Shape(new EquatableArray<int>(shape)).Size)) : new(spec.InputShape);

    /// <summary>Elements of one input row, however many.</summary>
    public static double InputElements(NetworkSpec spec) => HasInputs(spec)
        ? InputsOf(spec).Sum(shape => shape.Aggregate(1d, (product, dimension) => product * dimension))
        : spec.InputShape.Aggregate(spec.InputShape.Count == 0 ? 0d : 1d, (product, dimension) => product * dimension);

    // Where others write -1 or None for the batch, there is nothing here.
    private static string WithoutBatch(EquatableArray<int> shape, int axis, string attribute) =>
        axis == 0 && shape[0] == -1 && shape.Count > 1 && shape.Skip(1).All(dimension => dimension > 0)
            ? $": leave out the batch, as in [{attribute}({new Shape(new EquatableArray<int>(shape.Skip(1)))})]"
            : "";

    private static IEnumerable<IReadOnlyList<int>> InputsOf(NetworkSpec spec) => spec.Layers.Where(layer => layer.Kind == InputLayer.Kind)
        .Select(layer => (IReadOnlyList<int>)[.. (layer.Find("Shape")?.Items ?? new(Enumerable.Empty<Argument>())).Select(item => (int)item.Number)]);

    private static void CheckInputs(NetworkSpec spec, ICollection<Issue> issues)
    {
        if (spec.InputShape.Count > 0)
            issues.Add(Issue.Of(Rules.InputsConflict, -1, null, spec.Type.Name, "has a shape on [Network] and declares inputs below: keep one of them"));
        foreach (LayerSpec layer in spec.Layers.Where(layer => layer.Kind == InputLayer.Kind))
        {
            EquatableArray<Argument> shape = layer.Find("Shape")?.Items ?? new(Enumerable.Empty<Argument>());
            if (shape.Count == 0)
                issues.Add(Issue.Of(Rules.InputsConflict, layer.Origin, null, spec.Type.Name, "has an input without a shape: give its dimensions, such as [Layer.Input(1, 28, 28)]"));
            for (int axis = 0; axis < shape.Count; axis++)
            {
                if (shape[axis].Number < 1)
                    issues.Add(Issue.Of(Rules.DimensionNotPositive, layer.Origin, $"Shape{Text(axis)}", Text(axis + 1), Text(shape[axis].Number),
                        WithoutBatch(new(shape.Select(item => (int)item.Number)), axis, "Layer.Input")));
            }
        }
    }

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
                issues.Add(Issue.Of(Rules.InvalidLayerName, spec.Layers[layer].Origin, "Name", name) with { Inner = spec.Layers[layer].Place });
            }
            else if (name.Length > LongestName)
            {
                issues.Add(Issue.Of(
                    Rules.TooLarge, spec.Layers[layer].Origin, "Name", $"The name '{name.Substring(0, 20)}...' of a layer", Text(name.Length), "characters", Text(LongestName)));
            }
            else if (LayerNames.IsGenerated(name) || name == spec.Type.Name || name == InputName)
            {
                issues.Add(Issue.Of(Rules.MemberClash, spec.Layers[layer].Origin, "Name", spec.Type.Name, name, "give the layer another Name"));
            }
            else if (first.TryGetValue(LayerNames.InFiles(name), out int other))
            {
                string where = name == names[other] ? "" : " in files, where names start in lower case";
                taken ??= LayerNames.InFiles(names.Append(spec.Type.Name));
                string free = LayerNames.Free(name, taken);
                taken.Add(LayerNames.InFiles(free));
                issues.Add(Issue.Of(
                    Rules.DuplicateLayerName, spec.Layers[layer].Origin, "Name", Text(spec.Layers[other].Origin + 1), Text(spec.Layers[layer].Origin + 1),
                    where.Length > 0 ? LayerNames.InFiles(name) : name, where)
                    with
                { Fix = spec.Layers[layer].IsOfBlock ? null : free, Inner = spec.Layers[layer].Place });
            }
            else
            {
                first.Add(LayerNames.InFiles(name), layer);
            }
        }
    }
}
