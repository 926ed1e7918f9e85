using NetGen.Generator.Diagnostics;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>An operation and the values it takes: 0 is the network's input, n + 1 the output of step n.</summary>
/// <param name="Node">The operation.</param>
/// <param name="Sources">The values it takes.</param>
/// <param name="Layer">The number of the layer it stands for.</param>
/// <param name="Owner">The step whose parameters it uses; null where it has its own.</param>
internal sealed record GraphStep(LayerNode Node, IReadOnlyList<int> Sources, int Layer, int? Owner = null)
{
    /// <summary>The parameters that are not another step's.</summary>
    public IReadOnlyList<Parameter> OwnParameters => Owner is null || Node is TiedDenseNode ? Node.Parameters : [];

    /// <summary>Whether it has the very kernels of its owner.</summary>
    public bool UsesOwnersKernels => Owner is not null && Node.KernelClass != Node.Name + "Layer";
}

/// <summary>Resolves layers one after the other, bringing values into the layouts they read.</summary>
internal sealed partial class GraphBuilder(NetworkSpec spec, ICollection<Issue> issues)
{
    private const int MostInputs = 32;

    private readonly List<GraphStep> _steps = [];
    private readonly List<Tensor> _values = [new(NetworkGraph.InputShapeOf(spec), TensorLayout.Packed)];
    private readonly Dictionary<(int Value, TensorLayout Layout), int> _reordered = [];

    // The value of each layer, by name.
    private readonly Dictionary<string, int> _named = new(StringComparer.Ordinal) { [NetworkGraph.InputName] = 0 };
    private readonly List<(int Value, int Layer)> _outputs = [];

    // The caller's gradients are written by one step, so only one step reads the caller's rows: where several layers take the
    // input, that is the one that copies it.
    private readonly bool _isInputShared = spec.Layers.Where((layer, index) => index == 0 || layer.From is not null)
        .Sum(layer => layer.From?.Count(name => name == NetworkGraph.InputName) ?? 1) > 1;
    private readonly bool _hasInputs = NetworkGraph.HasInputs(spec);
    private int? _inputCopy;
    private int _inputOffset;

    // The step of each layer, by name.
    private readonly Dictionary<string, int> _layerSteps = new(StringComparer.Ordinal);

    /// <summary>The inputs that layers declare.</summary>
    public List<NetworkPort> Inputs { get; } = [];

    /// <summary>The outputs, in order.</summary>
    public List<NetworkPort> Outputs { get; } = [];

    /// <summary>The steps, or null after reporting what is wrong.</summary>
    public IReadOnlyList<GraphStep>? Build()
    {
        IReadOnlyList<string> names = LayerNames.Of(spec.Layers);
        if (_hasInputs)
            _named.Remove(NetworkGraph.InputName);
        int above = 0;
        for (int layer = 0; layer < spec.Layers.Count; layer++)
        {
            LayerReader reader = new(spec.Layers, names, layer, issues);
            int value = Resolve(reader, spec.Layers[layer], layer, above, names) ?? AddFaulty(reader.Name, above, layer);
            _named[names[layer]] = value;
            if (spec.Layers[layer].Kind != OutputLayer.Kind)
                _outputs.Add((value, layer));
            above = value;
        }

        if (Outputs.Count == 0)
            Outputs.Add(new("output", _values[above].Shape, 0, LossKind.Of(spec.Loss, spec.CustomLoss), 1, -1, above));
        ReportLosses();
        // What a layer that went wrong would have taken may be what seems to be unused.
        if (_unknown.Count > 0 || issues.Any(issue => issue.IsError))
            return null;
        HashSet<int> used = [.. _steps.SelectMany(step => step.Sources), .. Outputs.Select(output => output.Value)];
        foreach ((int value, int layer) in _outputs)
        {
            if (!used.Contains(value))
                issues.Add(Issue.Of(Rules.UnusedOutput, spec.Layers[layer].Origin, null, names[layer]) with { Inner = spec.Layers[layer].Place });
        }

        int[] outputs = [.. Outputs.Select(output => Require(output.Value, [TensorLayout.Flat], spec.Layers.Count - 1, "output"))];
        // What predicting returns is what the last step leaves.
        if (outputs.Length > 1 || outputs[0] != _steps.Count)
            Add(new OutputsNode("outputs", [.. outputs.Select(output => _values[output])]), outputs, spec.Layers.Count - 1);
        return _steps;
    }

    private int? Resolve(LayerReader reader, LayerSpec layer, int index, int above, IReadOnlyList<string> names)
    {
        if (LayerKinds.Find(layer.Kind) is not { } kind)
        {
            reader.Report(Rules.UnknownLayer, null, layer.Kind, string.Join(", ", LayerKinds.Public));
            return null;
        }

        if (kind is InputLayer)
            return AddInput(reader, layer, index, names);
        if (FindSources(reader, layer, kind, index, above, names) is not { } sources)
            return null;
        string before = index == 0 ? NetworkGraph.InputName : names[index - 1];
        reader.Sources = [.. sources.Select((source, k) => SourceOf(source, layer.From is { } from ? from[k] : before))];
        if (sources.Any(_unknown.Contains))
            return AddBehindFaulty(reader, kind, sources, index);
        if (kind is OutputLayer)
            return AddOutput(reader, sources[0], index);
        if (kind is SharedLayer)
            return AddShared(reader, sources[0], index);
        if (kind is EmbeddingLayer && FindComputation(sources[0]) is { } computation)
        {
            reader.Report(
                Rules.ComputedIndexes, layer.From is null ? null : "From0", reader.Name, computation,
                _hasInputs ? "take them from an input of their own" : $"write it first, or From = [\"{NetworkGraph.InputName}\"]");
            return null;
        }

        IReadOnlyList<TensorLayout> layouts = kind.Layouts(reader, _values[sources[0]].Shape);
        int[] inputs = [.. sources.Select(source => Require(source, layouts, index, reader.Name))];
        // The inputs of a join lie alike.
        if (inputs.Select(input => _values[input].Layout).Distinct().Count() > 1)
            inputs = [.. inputs.Select(input => Require(input, [layouts[0]], index, reader.Name))];
        if (kind.Resolve(reader, [.. inputs.Select(input => _values[input])]) is not { } node)
            return null;

        ReportChannelsLast(reader, kind);
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

        // Weights in another order, with more padding than the weights themselves.
        long prepared = Math.Max(node.PreparedLength, node.PredictPreparedLength);
        if (prepared > NetworkGraph.LargestBuffer)
        {
            reader.Report(
                Rules.TooLarge, sizeArgument, $"A pass of layer '{reader.Name}'", NetworkGraph.Text(prepared), "elements for its weights",
                NetworkGraph.Text(NetworkGraph.LargestBuffer));
            return null;
        }

        _layerSteps[reader.Name] = _steps.Count;
        return Add(node, inputs, index);
    }

    private int? AddInput(LayerReader reader, LayerSpec layer, int index, IReadOnlyList<string> names)
    {
        Shape shape = new(new EquatableArray<int>(reader.Integers("Shape")));
        if (layer.From is not null || spec.Layers.Take(index).Any(before => before.Kind != InputLayer.Kind))
        {
            reader.Report(Rules.InputsConflict, null, spec.Type.Name, $"has input '{names[index]}' behind other layers or with From: inputs come first and take nothing");
            return null;
        }

        int offset = _inputOffset;
        _inputOffset += shape.Size;
        Inputs.Add(new(reader.Name, shape, offset, LossKind.Of(Loss.None, null), 1, 0, 0));
        return Add(new InputNode(reader.Name, [_values[0]], new(shape, TensorLayout.Flat), offset), [0], index);
    }

    private int? AddOutput(LayerReader reader, int source, int index)
    {
        double weight = reader.Number("Weight", 1);
        if (weight is not (> 0 and <= float.MaxValue))
        {
            reader.Report(Rules.InvalidOutput, "Weight", $"Output '{reader.Name}'", $"has Weight = {NetworkGraph.Text(weight)}; it must be positive and finite");
            return null;
        }

        if (reader.Choice<Loss>("Loss") is not { } loss)
            return null;
        if (reader.Problem("CustomLoss") is { } problem)
        {
            reader.Report(Rules.InvalidCustom, "CustomLoss", problem);
            return null;
        }

        Argument? custom = reader.Text("CustomLoss").Length > 0 ? new("CustomLoss", 0, reader.Text("CustomLoss")) : null;
        if (custom is not null && loss != Loss.None)
        {
            reader.Report(Rules.InvalidOutput, "CustomLoss", $"Output '{reader.Name}'", "has both Loss and CustomLoss: keep one of them");
            return null;
        }

        if (source == 0 || _steps[source - 1].Node is InputNode)
        {
            reader.Report(Rules.InvalidOutput, null, $"Output '{reader.Name}'", "is an input as it is given: put a layer between them");
            return null;
        }

        int offset = Outputs.Sum(output => output.Shape.Size);
        Outputs.Add(new(reader.Name, _values[source].Shape, offset, LossKind.Of(loss, custom), weight, index, source));
        return source;
    }

    // The same attribute as the other layer's, on another input: so kernels and checks are that layer's.
    private int? AddShared(LayerReader reader, int source, int index)
    {
        string name = reader.Text("Layer");
        if (reader.Problem("Layer") is { } problem)
            return Refuse(problem);
        if (!_layerSteps.TryGetValue(name, out int owner))
            return Refuse(_named.ContainsKey(name) ? "it has no weights" : "there is no layer of that name above");
        LayerNode original = _steps[owner].Node;
        if (_steps[owner].Owner is not null || original.Parameters.Count == 0)
            return Refuse(original.Parameters.Count == 0 ? "it has no weights" : $"it shares those of another: name '{_steps[_steps[owner].Owner!.Value].Node.Name}'");
        LayerSpec originalSpec = spec.Layers[_steps[owner].Layer];
        Shape shape = _values[source].Shape;
        if (reader.Flag("Transposed", false))
        {
            if (original is not DenseNode { Mask.Count: 0 } dense)
                return Refuse("only the weights of dense layers without a mask can be transposed");
            if (shape.Elements != dense.Output.Size)
                return Refuse($"transposed it takes [{dense.Output.Shape}], but what it is given has shape [{shape}]");
            int flat = Require(source, [TensorLayout.Flat, TensorLayout.Packed], index, reader.Name);
            _layerSteps[reader.Name] = _steps.Count;
            StartValues bias = new(ActivationFunction.Of(Activation.Identity, double.NaN).Defaults.Bias, double.NaN);
            return Add(new TiedDenseNode(reader.Name, [_values[flat]], dense, bias), [flat], index, owner);
        }

        if (shape != original.Input.Shape)
            return Refuse($"it takes [{original.Input.Shape}], but what it is given has shape [{shape}]");
        LayerKind kind = LayerKinds.Find(originalSpec.Kind)!;
        LayerReader given = new([originalSpec with { Origin = spec.Layers[index].Origin }], [reader.Name], 0, issues);
        // The first use's layout, so that both run the same kernels; another where this one cannot be brought into it.
        TensorLayout first = original.Input.Layout;
        int input = Require(source, first == TensorLayout.Packed ? kind.Layouts(given, shape) : [first], index, reader.Name);
        if (kind.Resolve(given, [_values[input]]) is not { } node)
            return null;
        if (_values[input] == original.Input)
            node = node with { KernelClass = original.KernelClass };
        _layerSteps[reader.Name] = _steps.Count;
        return Add(node, [input], index, owner);

        int? Refuse(string problem)
        {
            reader.Report(Rules.InvalidShared, "Layer", reader.Name, name, problem);
            return null;
        }
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
            bool isRight = true;
            for (int k = 0; k < from.Count; k++)
            {
                if (_named.TryGetValue(from[k], out int value))
                {
                    sources.Add(value);
                    continue;
                }

                reader.Report(Rules.UnknownSource, $"From{NetworkGraph.Text(k)}", reader.Name, from[k], UnknownName(from[k], index, names));
                isRight = false;
            }

            if (!isRight)
                return null;
        }

        if (kind.IsJoin ? sources.Count >= 2 : sources.Count == 1)
            return sources;
        string count = sources.Count == 0 ? "no inputs" : sources.Count == 1 ? "1 input" : $"{NetworkGraph.Text(sources.Count)} inputs";
        reader.Report(
            Rules.WrongSourceCount, layer.From is null ? null : "From", reader.Name, count,
            kind.IsJoin ? "two or more: name them in From"
            : sources.Count == 0 ? "one: name it, or remove From to take the layer above"
            : $"one: join them with {Joins(sources)} above it, and take that");
        return null;
    }

    private int Add(LayerNode node, IReadOnlyList<int> sources, int layer, int? owner = null)
    {
        _steps.Add(new(node, sources, layer, owner));
        _values.Add(node.Output);
        return _values.Count - 1;
    }

    // The value in one of some layouts, reordered once for all who ask.
    private int Require(int value, IReadOnlyList<TensorLayout> layouts, int layer, string name)
    {
        if (value == 0 && _isInputShared && !_hasInputs)
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
