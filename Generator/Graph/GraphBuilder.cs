using NetGen.Generator.Diagnostics;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>An operation and the values it takes: 0 is the network's input, n + 1 the output of step n.</summary>
/// <param name="Node">The operation.</param>
/// <param name="Sources">The values it takes.</param>
/// <param name="Layer">The number of the layer it stands for.</param>
internal sealed record GraphStep(LayerNode Node, IReadOnlyList<int> Sources, int Layer);

/// <summary>Resolves layers one after the other, bringing values into the layouts they read.</summary>
internal sealed class GraphBuilder(NetworkSpec spec, ICollection<Issue> issues)
{
    private const int MostInputs = 32;

    private readonly List<GraphStep> _steps = [];
    private readonly List<Tensor> _values = [new(new Shape(spec.InputShape), TensorLayout.Packed)];
    private readonly Dictionary<(int Value, TensorLayout Layout), int> _reordered = [];

    // The value of each layer, by name; a layer that went wrong has none.
    private readonly Dictionary<string, int> _named = new(StringComparer.Ordinal) { [NetworkGraph.InputName] = 0 };
    private readonly List<(int Value, int Layer)> _outputs = [];

    // The caller's gradients are written by one step, so only one step reads the caller's rows: where several layers take the
    // input, that is the one that copies it.
    private readonly bool _isInputShared = spec.Layers.Where((layer, index) => index == 0 || layer.From is not null)
        .Sum(layer => layer.From?.Count(name => name == NetworkGraph.InputName) ?? 1) > 1;
    private int? _inputCopy;

    /// <summary>The steps, or null after reporting what is wrong.</summary>
    public IReadOnlyList<GraphStep>? Build()
    {
        IReadOnlyList<string> names = LayerNames.Of(spec.Layers);
        int above = 0;
        for (int layer = 0; layer < spec.Layers.Count; layer++)
        {
            LayerReader reader = new(spec.Layers, names, layer, issues);
            // A layer of unknown shape would only make the ones after it report what follows from its own error.
            if (Resolve(reader, spec.Layers[layer], layer, above, names) is not { } value)
                return null;
            _named[names[layer]] = value;
            _outputs.Add((value, layer));
            above = value;
        }

        HashSet<int> used = [.. _steps.SelectMany(step => step.Sources), above];
        foreach ((int value, int layer) in _outputs)
        {
            if (!used.Contains(value))
                issues.Add(Issue.Of(Rules.UnusedOutput, layer, null, names[layer]));
        }

        Require(above, [TensorLayout.Flat], spec.Layers.Count - 1, "output");
        return _steps;
    }

    private int? Resolve(LayerReader reader, LayerSpec layer, int index, int above, IReadOnlyList<string> names)
    {
        if (LayerKinds.Find(layer.Kind) is not { } kind)
        {
            reader.Report(Rules.UnknownLayer, null, layer.Kind, string.Join(", ", LayerKinds.All.Select(known => known.Name)));
            return null;
        }

        if (FindSources(reader, layer, kind, index, above, names) is not { } sources)
            return null;
        IReadOnlyList<TensorLayout> layouts = kind.Layouts(reader, _values[sources[0]].Shape);
        int[] inputs = [.. sources.Select(source => Require(source, layouts, index, reader.Name))];
        // The inputs of a join lie alike.
        if (inputs.Select(input => _values[input].Layout).Distinct().Count() > 1)
            inputs = [.. inputs.Select(input => Require(input, [layouts[0]], index, reader.Name))];
        if (kind.Resolve(reader, [.. inputs.Select(input => _values[input])]) is not { } node)
            return null;

        string sizeArgument = kind.SizeArgument;
        long row = inputs.Select(input => _values[input]).Append(node.Output).Max(tensor => tensor.RowElements);
        if (row > NetworkGraph.LargestRow)
        {
            reader.Report(
                Rules.TooLarge, sizeArgument, $"A row of layer '{reader.Name}'", NetworkGraph.Text(row), "elements",
                NetworkGraph.Text(NetworkGraph.LargestRow));
            return null;
        }

        long length = node.Parameters.Sum(parameter => parameter.Length);
        if (length > NetworkGraph.LargestBuffer)
        {
            reader.Report(
                Rules.TooLarge, sizeArgument, $"Layer '{reader.Name}'", NetworkGraph.Text(length), "parameters",
                NetworkGraph.Text(NetworkGraph.LargestBuffer));
            return null;
        }

        return Add(node, inputs, index);
    }

    private List<int>? FindSources(LayerReader reader, LayerSpec layer, LayerKind kind, int index, int above, IReadOnlyList<string> names)
    {
        List<int> sources = [];
        if (layer.From is not { } from)
        {
            sources.Add(above);
        }
        else if (from.Count > MostInputs)
        {
            reader.Report(
                Rules.TooLarge, "From", $"Layer '{reader.Name}'", NetworkGraph.Text(from.Count), "inputs", NetworkGraph.Text(MostInputs));
            return null;
        }
        else
        {
            foreach (string name in from)
            {
                if (_named.TryGetValue(name, out int value))
                {
                    sources.Add(value);
                    continue;
                }

                reader.Report(
                    Rules.UnknownSource, "From", reader.Name, name,
                    string.Join(", ", names.Take(index).Prepend(NetworkGraph.InputName)));
                return null;
            }
        }

        if (kind.IsJoin ? sources.Count >= 2 : sources.Count == 1)
            return sources;
        reader.Report(
            Rules.WrongSourceCount, layer.From is null ? null : "From", reader.Name, NetworkGraph.Text(sources.Count),
            kind.IsJoin ? "two or more: name them in From" : "one");
        return null;
    }

    private int Add(LayerNode node, IReadOnlyList<int> sources, int layer)
    {
        _steps.Add(new(node, sources, layer));
        _values.Add(node.Output);
        return _values.Count - 1;
    }

    // The value in one of some layouts, reordered once for all who ask.
    private int Require(int value, IReadOnlyList<TensorLayout> layouts, int layer, string name)
    {
        if (value == 0 && _isInputShared)
        {
            TensorLayout first = layouts.First(layout => layout != TensorLayout.Packed);
            value = _inputCopy ??= Add(new ReorderNode($"{NetworkGraph.InputName}Layout", _values[0], first), [0], layer);
        }

        Tensor tensor = _values[value];
        if (layouts.Contains(tensor.Layout))
            return value;
        (int, TensorLayout) key = (value, layouts[0]);
        if (!_reordered.TryGetValue(key, out int reordered))
        {
            reordered = Add(new ReorderNode($"{name}Layout", tensor, layouts[0]), [value], layer);
            _reordered.Add(key, reordered);
        }

        return reordered;
    }
}
