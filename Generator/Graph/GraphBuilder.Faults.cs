using NetGen.Generator.Diagnostics;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>What is said of layers that go wrong, and how the layers after them are checked nevertheless.</summary>
internal sealed partial class GraphBuilder
{
    // Values of layers that went wrong, and of those that take them: their shapes are not known, and nothing that follows from them is said.
    private readonly HashSet<int> _unknown = [];
    private bool _isChannelsLastReported;

    /// <summary>Reports last layers that the losses cannot follow.</summary>
    public void CheckOutputs()
    {
        foreach (NetworkPort output in Outputs.Where(output => !_unknown.Contains(output.Value)))
            output.Loss.Check(spec.Layers, _steps, output.Value, issues);
    }

    // Stands for what a layer would give.
    private int AddFaulty(string name, int above, int layer)
    {
        int value = Add(new ViewNode(name, [_values[above]], new(new Shape(1), TensorLayout.Flat), ""), [], layer);
        _unknown.Add(value);
        return value;
    }

    // Whatever a dense layer is given, it gives its units, and from there on shapes are known again. Of others, arguments that are wrong for any
    // shape are told.
    private int? AddBehindFaulty(LayerReader reader, LayerKind kind, List<int> sources, int index)
    {
        if (kind is OutputLayer or SharedLayer || kind.IsJoin)
            return null;
        List<Issue> found = [];
        LayerNode? node = kind.Resolve(reader.With(found), [new(new Shape(1), TensorLayout.Flat)]);
        foreach (Issue issue in found.Where(issue => Rules.HoldForAnyShape(issue.Rule)))
            issues.Add(issue);
        return kind is DenseLayer && node is DenseNode ? Add(node, sources, index) : null;
    }

    // Where the shape of a value comes from: through the layers that keep it.
    private LayerSource SourceOf(int value, string name)
    {
        int maker = value;
        while (maker > 0 && _steps[maker - 1] is { Sources.Count: 1, Node: var node } && node is not (WeightedNode or InputNode)
            && node.Inputs.Count == 1 && node.Input.Shape == node.Output.Shape)
        {
            maker = _steps[maker - 1].Sources[0];
        }

        GraphStep? step = maker == 0 || _steps[maker - 1].Node is InputNode ? null : _steps[maker - 1];
        return new(
            name, _values[value].Shape, step is null ? null : spec.Layers[step.Layer], step?.Node.Name ?? "",
            step?.Node.Inputs[0].Shape ?? _values[value].Shape, _hasInputs ? "Layer.Input" : "Network");
    }

    // The layer that computes what a value is made of, or null where it is made of inputs, moved about at most.
    private string? FindComputation(int value)
    {
        if (value == 0 || _steps[value - 1].Node is InputNode)
            return null;
        GraphStep step = _steps[value - 1];
        return step.Node is ViewNode or PermuteNode or ReorderNode or ConcatNode or CropNode or PadNode or NearestUpsampleNode or CustomNode
            or PoolNode { IsMaximum: true }
            ? step.Sources.Select(FindComputation).FirstOrDefault(computation => computation is not null)
            : step.Node.Name;
    }

    // A row of pixels of a few channels each; as channels first it is a stack of lines, on which convolutions work, but not as meant.
    private void ReportChannelsLast(LayerReader reader, LayerKind kind)
    {
        if (_isChannelsLastReported || reader.Sources[0] is not { IsChannelsLast: true } source
            || kind is not (ConvLayer or PoolLayer or GlobalPoolLayer or ConvTransposeLayer or LocallyConnectedLayer or DepthwiseLayer or UpsampleLayer))
        {
            return;
        }

        _isChannelsLastReported = true;
        int declaration = _hasInputs ? spec.Layers.First(layer => layer.Kind == InputLayer.Kind
            && new Shape(new EquatableArray<int>((layer.Find("Shape")?.Items ?? default).Select(item => (int)item.Number))) == source.Shape).Origin : -1;
        issues.Add(Issue.Of(
            Rules.ChannelsLast, declaration, null, source.Shape.ToString(), reader.Name, NetworkGraph.Text(source.Shape.Dimensions[0]), source.ChannelsFirst));
    }

    // Losses are declared in one place, and several outputs declare at least one.
    private void ReportLosses()
    {
        NetworkPort[] declared = [.. Outputs.Where(output => output.Layer >= 0)];
        if (declared.Length == 0)
            return;
        string? argument = spec.Loss != Loss.None ? "Loss" : spec.CustomLoss is { Problem: null } ? "CustomLoss" : null;
        if (argument is not null)
        {
            string loss = argument == "Loss" ? $"Loss = Loss.{spec.Loss}" : "CustomLoss = ...";
            issues.Add(Issue.Of(
                Rules.InvalidOutput, -1, argument, $"Network '{spec.Type.Name}'",
                $"has a loss on [Network] beside its outputs: remove it there, and write it on the outputs that it is for, as in [Layer.Output({loss})]"));
        }
        else if (declared.Length > 1 && !declared.Any(output => output.Loss.Exists))
        {
            issues.Add(Issue.Of(
                Rules.OutputsWithoutLoss, spec.Layers[declared[0].Layer].Origin, null, spec.Type.Name, NetworkGraph.Text(declared.Length)));
        }
    }

    private string UnknownName(string name, int index, IReadOnlyList<string> names)
    {
        string[] above = [.. _hasInputs ? names.Take(index) : names.Take(index).Prepend(NetworkGraph.InputName)];
        return name == names[index] ? $"it is its own; there are {string.Join(", ", above)}"
            : names.Skip(index).Contains(name) ? $"'{name}' is further down: move it up; there are {string.Join(", ", above)}"
            : Nearest.Of(name, above) is { } nearest ? $"did you mean '{nearest}'?"
            : above.Length == 0 ? "there is none" : $"there are {string.Join(", ", above)}";
    }

    private string Joins(List<int> sources)
    {
        Shape[] shapes = [.. sources.Where(source => !_unknown.Contains(source)).Select(source => _values[source].Shape).Distinct()];
        return shapes.Length <= 1 ? "Layer.Concat or Layer.Add"
            : shapes.All(shape => shape.Dimensions.Skip(1).SequenceEqual(shapes[0].Dimensions.Skip(1))) ? "Layer.Concat"
            : "Layer.Concat, flattened by Layer.Flatten first,";
    }
}
