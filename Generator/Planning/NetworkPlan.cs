using NetGen.Generator.Diagnostics;
using NetGen.Generator.Graph;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;
using NetGen.Generator.Parsing;

namespace NetGen.Generator.Planning;

/// <summary>One operation with everything its code needs: where parameters and activations lie, and under which names.</summary>
/// <param name="Node">The operation.</param>
/// <param name="Kernels">What its kernels are written for.</param>
/// <param name="OwnsParameters">Whether its parameters are its own rather than those of another it shares.</param>
/// <param name="UsesOwnersKernels">Whether its methods are those of another it shares.</param>
/// <param name="Training">The names of its forward step while training.</param>
/// <param name="PredictingNode">What predicting does here: the operation, or one that it has become part of; null where predicting does nothing.</param>
/// <param name="Predicting">The names of that step.</param>
/// <param name="Backward">The names of its backward step.</param>
/// <param name="Sums">
/// Gradients that are added to what other uses of the same value have left, after the backward step: the sum, the addend and
/// the elements of a row.
/// </param>
internal sealed record PlannedLayer(
    LayerNode Node, KernelContext Kernels, bool OwnsParameters, bool UsesOwnersKernels, ForwardStep Training, LayerNode? PredictingNode, ForwardStep? Predicting, BackwardStep Backward,
    IReadOnlyList<(string Sum, string Addend, int RowLength)> Sums)
{
    /// <summary>The parameters that are its own.</summary>
    public IReadOnlyList<Parameter> OwnParameters => OwnsParameters ? Node.Parameters : [];

    /// <summary>Whether predicting does here the work of several operations, by methods of its own.</summary>
    public bool IsFolded => PredictingNode is not null && !ReferenceEquals(PredictingNode, Node);
}

/// <summary>A network ready to be written down.</summary>
internal sealed record NetworkPlan(
    NetworkGraph Graph,
    IReadOnlyList<PlannedLayer> Layers,
    FramePlan Prediction,
    FramePlan Training,
    int TrainedLength,
    int BufferLength,
    string PredictionOutput,
    string TrainingOutput,
    string OutputGradient)
{
    // Each tile of rows adds to the gradients once: so often that they lose nothing to speak of.
    private const int TilesOfGradientBlock = 8;
    private const int MinGradientBlockRows = 64;

    /// <summary>Whether its frames are larger than code can address.</summary>
    public bool IsTooLarge => Prediction.IsTooLarge || Training.IsTooLarge;

    private const int PredictionStackLimit = 64 << 10;
    private const int TrainingStackLimit = 128 << 10;

    /// <summary>The name of the caller's input rows in generated code.</summary>
    public const string UserInput = "input";

    /// <summary>The name of the caller's input gradients in generated code.</summary>
    public const string UserInputGradient = "inputGradient";

    // Names that the methods around the layers use.
    private static readonly string[] ReservedLocals =
    [
        UserInput, UserInputGradient, "output", "outputs", "inputs", "buffer", "parameters", "gradients", "pass", "rows", "row", "count",
        "capacity", "frame", "link", "loss", "hasGradients", "hasInputGradients",
    ];

    /// <summary>Rows whose gradients are added up in single steps; those of more rows are added with compensation.</summary>
    public int GradientBlockRows => Math.Max(MinGradientBlockRows, TilesOfGradientBlock * Training.Rows);

    public string T => Graph.Spec.Precision == Precision.Double ? "double" : "float";

    public static NetworkPlan Of(NetworkGraph graph, ICollection<Issue>? issues = null)
    {
        int elementBytes = graph.Spec.Precision == Precision.Double ? 8 : 4;
        BufferPlanner buffers = new(graph, Locals([.. graph.Nodes]));
        (IReadOnlyList<PlannedLayer> layers, int trained, int length) = buffers.Plan();
        long weightBytes = (long)length * elementBytes;
        FramePlan prediction = FramePlan.Of(
            buffers.Prediction, graph.Nodes.Sum(node => (long)PanelLayout.Pad(node.PredictPreparedLength)), elementBytes, PredictionStackLimit, weightBytes);
        long prepared = graph.Nodes.Sum(node => (long)PanelLayout.Pad(node.PreparedLength));
        FramePlan training = graph.Nodes.Any(node => node.UsesBatchStatistics)
            ? FramePlan.OfBatch(buffers.Training, prepared, elementBytes)
            : FramePlan.Of(buffers.Training, prepared, elementBytes, TrainingStackLimit, weightBytes);
        if (!training.IsBatch)
            layers = [.. layers.Select(layer => layer with { Kernels = layer.Kernels with { Rows = training.Rows } })];
        Report(graph, prediction, PredictionStackLimit, "for prediction", issues);
        Report(graph, training, TrainingStackLimit, "for training", issues);
        if (!graph.Spec.IsOptimized)
            issues?.Add(Issue.Of(Rules.NotOptimized, -1, null, graph.Spec.Type.Name));
        return new(graph, layers, prediction, training, trained, length, buffers.PredictionOutput, buffers.TrainingOutput, buffers.OutputGradient);
    }

    private static void Report(NetworkGraph graph, FramePlan frame, int limit, string purpose, ICollection<Issue>? issues)
    {
        if (frame.IsOnStack)
            return;
        if (frame.IsTooLarge)
        {
            issues?.Add(Issue.Of(
                Rules.TooLarge, -1, null, $"Network '{graph.Spec.Type.Name}'", NetworkGraph.Text(frame.AllBytes), $"bytes of activations {purpose}",
                NetworkGraph.Text(FramePlan.MaxBytes)));
            return;
        }

        // Where a batch is taken at once, its rows are as many as the caller gives.
        string amount = frame.Bytes < 10 << 10 ? $"{NetworkGraph.Text(frame.Bytes)} bytes" : $"{NetworkGraph.Text(frame.Bytes >> 10)} KB";
        string reason = frame.IsBatch
            ? " of each row of a batch, which batch normalization takes whole"
            : $", more than the {NetworkGraph.Text(limit >> 10)} KB it may take of the stack";
        issues?.Add(Issue.Of(Rules.ScratchMemory, -1, null, graph.Spec.Type.Name, amount, purpose, reason));
    }

    // The layers' names as locals: dense1, or a numbered one where a name is taken.
    private static List<string> Locals(IReadOnlyList<LayerNode> nodes)
    {
        HashSet<string> taken = [.. ReservedLocals];
        List<string> locals = [];
        foreach (LayerNode node in nodes)
        {
            string name = char.ToLowerInvariant(node.Name[0]) + node.Name.Substring(1), unique = name;
            // Derived names too: dense1Gradient, and dense1At for its place.
            for (int number = 2; Derived(unique, node).Any(taken.Contains) || Identifiers.Escape(unique) != unique; number++)
                unique = $"{name}_{NetworkGraph.Text(number)}";
            taken.UnionWith(Derived(unique, node));
            locals.Add(unique);
        }

        return locals;
    }

    private static IEnumerable<string> Derived(string name, LayerNode node) =>
        ((string[])["", "Gradient", "Prepared", "Index"]).Concat(node.Workspaces.Select(workspace => workspace.Role))
            .Concat(node.Inputs.Select((_, input) => $"Part{NetworkGraph.Text(input)}"))
            .SelectMany(suffix => (string[])[name + suffix, name + suffix + "At"]);
}
