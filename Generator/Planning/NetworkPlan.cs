using NetGen.Generator.Diagnostics;
using NetGen.Generator.Graph;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;
using NetGen.Generator.Parsing;

namespace NetGen.Generator.Planning;

/// <summary>One operation with everything its code needs: where parameters and activations lie, and under which names.</summary>
/// <param name="Node">The operation.</param>
/// <param name="Kernels">What its kernels are written for.</param>
/// <param name="Training">The names of its forward step while training.</param>
/// <param name="Predicting">The names of its forward step while predicting; null where predicting skips it.</param>
/// <param name="Backward">The names of its backward step.</param>
internal sealed record PlannedLayer(LayerNode Node, KernelContext Kernels, ForwardStep Training, ForwardStep? Predicting, BackwardStep Backward);

/// <summary>A network ready to be written down.</summary>
internal sealed record NetworkPlan(
    NetworkGraph Graph,
    IReadOnlyList<PlannedLayer> Layers,
    FramePlan Prediction,
    FramePlan Training,
    int BufferLength,
    bool CopiesInput,
    string PredictionOutput,
    string TrainingOutput,
    string OutputGradient,
    string? InputGradient)
{
    private const int PredictionStackLimit = 64 << 10;
    private const int TrainingStackLimit = 128 << 10;

    /// <summary>The name of the caller's input rows in generated code.</summary>
    public const string UserInput = "input";

    /// <summary>The name of the caller's input gradients in generated code.</summary>
    public const string UserInputGradient = "inputGradient";

    // Names that the methods around the layers use.
    private static readonly string[] ReservedLocals =
    [
        UserInput, UserInputGradient, "inputCopy", "inputs", "output", "outputs", "buffer", "parameters", "gradients", "pass", "rows", "row", "count", "capacity", "frame",
        "link", "loss", "hasGradients", "hasInputGradients", "userInputGradient", "network",
    ];

    public string T => Graph.Spec.Precision == Precision.Double ? "double" : "float";

    public int OutputStride => PanelLayout.Pad(Graph.Output.Size);

    public int InputStride => CopiesInput ? PanelLayout.Pad(Graph.Input.Size) : Graph.Input.Size;

    public static NetworkPlan Of(NetworkGraph graph, ICollection<Issue>? issues = null)
    {
        IReadOnlyList<LayerNode> nodes = graph.Nodes;
        int elementBytes = graph.Spec.Precision == Precision.Double ? 8 : 4;
        List<string> locals = Locals(nodes);
        bool copiesInput = !nodes[0].ReadsAnyRows;
        string input = copiesInput ? "inputCopy" : UserInput;

        // Moments: node i runs forward at i + 1, the loss at end, node i backward at 2 end - (i + 1).
        int end = nodes.Count + 1;
        FrameBuffer[] outputs = new FrameBuffer[nodes.Count], gradients = new FrameBuffer[nodes.Count];
        FrameBuffer?[] kept = new FrameBuffer?[nodes.Count], predictions = new FrameBuffer?[nodes.Count];
        FrameBuffer? trainingCopy = copiesInput ? new(input, PanelLayout.Pad(graph.Input.Size), 0) : null;
        FrameBuffer? predictionCopy = copiesInput ? new(input, PanelLayout.Pad(graph.Input.Size), 0) : null;
        FrameBuffer? lastPrediction = predictionCopy;
        for (int i = 0; i < nodes.Count; i++)
        {
            LayerNode node = nodes[i];
            int forward = i + 1, backward = 2 * end - forward, width = PanelLayout.Pad(node.Output.Size);
            FrameBuffer? previous = i == 0 ? trainingCopy : outputs[i - 1];
            outputs[i] = new(locals[i], width, forward);
            previous?.UseAt(node.KeepsInput ? backward : forward);
            if (node.KeepsOutput)
                outputs[i].UseAt(backward);
            if (node.Keeps is { } role)
            {
                kept[i] = new(locals[i] + role, width, forward);
                kept[i]!.UseAt(backward);
            }

            if (node.IsTrainingOnly)
                continue;
            predictions[i] = new(locals[i], width, forward);
            lastPrediction?.UseAt(forward);
            lastPrediction = predictions[i];
        }

        outputs[nodes.Count - 1].UseAt(end);
        lastPrediction?.UseAt(end);
        // Backward, from the last layer: a gradient lives from the moment it is written until its layer has passed it on.
        FrameBuffer current = new(locals[nodes.Count - 1] + "Gradient", PanelLayout.Pad(graph.Output.Size), end);
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            int backward = 2 * end - (i + 1);
            gradients[i] = current;
            current.UseAt(backward);
            if (!nodes[i].IsGradientInPlace && i > 0)
                current = new(locals[i - 1] + "Gradient", PanelLayout.Pad(nodes[i].Input.Size), backward);
        }

        if (copiesInput)
            gradients[0].UseAt(2 * end);

        List<PlannedLayer> layers = [];
        int offset = 0;
        string predictionInput = input;
        for (int i = 0; i < nodes.Count; i++)
        {
            LayerNode node = nodes[i];
            List<long> offsets = [];
            foreach (Parameter parameter in node.Parameters)
            {
                offsets.Add(offset);
                offset = checked(offset + (int)parameter.Length);
            }

            bool isUserInput = i == 0 && !copiesInput;
            string nodeInput = i == 0 ? input : locals[i - 1];
            int inputStride = isUserInput ? graph.Input.Size : PanelLayout.Pad(node.Input.Size);
            string? inputGradient = node.IsGradientInPlace ? null : isUserInput ? UserInputGradient : i == 0 ? null : gradients[i - 1].Name;
            layers.Add(new(
                node,
                new(graph.Spec.Precision == Precision.Double ? "double" : "float", inputStride, inputGradient is null ? 0 : inputStride, offsets),
                new(nodeInput, inputStride, locals[i], kept[i]?.Name, i),
                node.IsTrainingOnly ? null : new(predictionInput, inputStride, locals[i], null, i),
                new(nodeInput, inputStride, locals[i], kept[i]?.Name, gradients[i].Name, inputGradient, isUserInput)));
            if (!node.IsTrainingOnly)
                predictionInput = locals[i];
        }

        IEnumerable<FrameBuffer?> trainingBuffers = [trainingCopy, .. outputs, .. kept, .. gradients.Distinct()];
        IEnumerable<FrameBuffer?> predictionBuffers = [predictionCopy, .. predictions];
        long weightBytes = (long)offset * elementBytes;
        FramePlan prediction = FramePlan.Of([.. predictionBuffers.OfType<FrameBuffer>()], elementBytes, PredictionStackLimit, weightBytes);
        FramePlan training = FramePlan.Of([.. trainingBuffers.OfType<FrameBuffer>()], elementBytes, TrainingStackLimit, weightBytes);
        Report(graph, prediction, PredictionStackLimit, "for prediction", issues);
        Report(graph, training, TrainingStackLimit, "for training", issues);
        return new(
            graph, layers, prediction, training, offset, copiesInput, predictionInput, locals[nodes.Count - 1],
            gradients[nodes.Count - 1].Name, copiesInput ? gradients[0].Name : null);
    }

    private static void Report(NetworkGraph graph, FramePlan frame, int limit, string purpose, ICollection<Issue>? issues)
    {
        if (!frame.IsOnStack)
        {
            issues?.Add(Issue.Of(
                Rules.ScratchMemory, -1, null, graph.Spec.Type.Name, NetworkGraph.Text(frame.Bytes >> 10), purpose, NetworkGraph.Text(limit >> 10)));
        }
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
            for (int number = 2; Derived(unique).Any(taken.Contains) || Identifiers.Escape(unique) != unique; number++)
                unique = $"{name}_{NetworkGraph.Text(number)}";
            taken.UnionWith(Derived(unique));
            locals.Add(unique);
        }

        return locals;
    }

    private static IEnumerable<string> Derived(string name) =>
        ((string[])["", "Gradient", "Sum", "Mask"]).SelectMany(suffix => (string[])[name + suffix, name + suffix + "At"]);
}
