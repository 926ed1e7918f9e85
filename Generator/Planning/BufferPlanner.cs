using NetGen.Generator.Graph;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Planning;

/// <summary>
/// Decides which buffers a network's passes need and from when to when each is alive. Moments: step i runs forward at i + 1, the
/// loss comes at the end, step i runs backward at 2 end - (i + 1).
/// </summary>
internal sealed class BufferPlanner(NetworkGraph graph, IReadOnlyList<string> locals)
{
    private readonly List<FrameBuffer> _training = [];
    private readonly List<FrameBuffer> _prediction = [];
    private readonly int _end = graph.Steps.Count + 1;

    public IReadOnlyList<FrameBuffer> Training => _training;

    public IReadOnlyList<FrameBuffer> Prediction => _prediction;

    public string PredictionOutput { get; private set; } = "";

    public string TrainingOutput { get; private set; } = "";

    public string OutputGradient { get; private set; } = "";

    /// <summary>The steps with their names, and the length of the parameter buffer: of its trained part, and of all.</summary>
    public (IReadOnlyList<PlannedLayer> Layers, int TrainedLength, int BufferLength) Plan()
    {
        (LayerNode, ForwardStep)?[] predicting = PlanPrediction();
        ForwardStep[] training = PlanForward();
        (BackwardStep[] backward, List<(string, string, int)>[] sums) = PlanBackward(training);
        long[][] offsets = [.. graph.Steps.Select(step => new long[step.Node.Parameters.Count])];
        int trained = Place(offsets, isTrained: true, 0), length = Place(offsets, isTrained: false, trained);
        string t = graph.Spec.Precision == Precision.Double ? "double" : "float";
        IReadOnlyList<PlannedLayer> layers =
        [
            .. graph.Steps.Select((step, i) => new PlannedLayer(
                step.Node, new(t, step.Owner is { } owner && step.Node is not TiedDenseNode ? offsets[owner] : offsets[i], offsets[step.Owner ?? i]), step.Owner is null || step.Node is TiedDenseNode,
                step.UsesOwnersKernels, training[i], predicting[i]?.Item1, predicting[i]?.Item2, backward[i], sums[i])),
        ];
        return (layers, trained, length);
    }

    // Trained parameters stand together, so that optimizers go over them in one loop; running statistics follow.
    private int Place(long[][] offsets, bool isTrained, int offset)
    {
        for (int i = 0; i < offsets.Length; i++)
        {
            // Parameters that are another step's have its places.
            IReadOnlyList<Parameter> parameters = graph.Steps[i].OwnParameters;
            for (int k = 0; k < parameters.Count; k++)
            {
                if (parameters[k].IsTrained != isTrained)
                    continue;
                offsets[i][k] = offset;
                offset = checked(offset + (int)parameters[k].Length);
            }
        }

        return offset;
    }

    private int BackwardMoment(int step) => 2 * _end - (step + 1);

    private static FrameBuffer New(List<FrameBuffer> frame, string name, int width, int birth)
    {
        FrameBuffer buffer = new(name, PanelLayout.Pad(width), birth);
        frame.Add(buffer);
        return buffer;
    }

    private (LayerNode, ForwardStep)?[] PlanPrediction()
    {
        int count = graph.Steps.Count;
        (LayerNode, ForwardStep)?[] steps = new (LayerNode, ForwardStep)?[count];
        int[] readers = new int[count + 1];
        readers[count] = 1;
        foreach (int source in graph.Steps.SelectMany(step => step.Sources))
            readers[source]++;
        // The buffer of each value; the caller's input has none. A skipped step passes its input on.
        FrameBuffer?[] values = new FrameBuffer?[count + 1];
        // The step that computes each value, or -1: what is folded runs where the first of its operations stands, while its inputs live.
        int[] places = [.. Enumerable.Repeat(-1, count + 1)];
        for (int i = 0; i < count; i++)
        {
            (LayerNode node, IReadOnlyList<int> sources, _, _) = graph.Steps[i];
            foreach (int source in sources)
                values[source]?.UseAt(i + 1);
            if (node.IsTrainingOnly || node.IsView)
            {
                values[i + 1] = values[sources[0]];
                continue;
            }

            // What the only reader does may be part of the step before.
            int place = places[sources[0]];
            if (sources.Count == 1 && readers[sources[0]] == 1 && place >= 0 && steps[place] is { } before && before.Item1.Fold(node) is { } folded)
            {
                string scale = node.PredictPreparedLength > 0 ? locals[i] + "Prepared" : before.Item2.Scale;
                _prediction.RemoveAll(buffer => before.Item2.Workspaces.Values.Contains(buffer.Name));
                Dictionary<string, string> workspaces = PredictWorkspaces(folded, before.Item2.Output, place + 1);
                steps[place] = (folded with { KernelClass = graph.Steps[i].Node.Name + "PredictLayer" }, before.Item2 with { Scale = scale, Workspaces = workspaces });
                values[i + 1] = values[sources[0]];
                values[i + 1]!.Shrink(PanelLayout.Pad(node.Output.RowLength));
                places[i + 1] = place;
                continue;
            }

            places[i + 1] = i;
            values[i + 1] = New(_prediction, locals[i], node.Output.RowLength, i + 1);
            Dictionary<string, string> ownWorkspaces = PredictWorkspaces(node, locals[i], i + 1);
            steps[i] = (node, new(
                [.. sources.Select(source => values[source]?.Name ?? NetworkPlan.UserInput)], locals[i], ownWorkspaces, graph.Steps[i].Layer, locals[i] + "Prepared", IsPredicting: true));
        }

        values[count]?.UseAt(_end);
        PredictionOutput = values[count]?.Name ?? NetworkPlan.UserInput;
        return steps;
    }

    private Dictionary<string, string> PredictWorkspaces(LayerNode node, string local, int moment) => node.Workspaces
        .Where(workspace => workspace.Life is WorkspaceLife.Forward or WorkspaceLife.Both)
        .ToDictionary(workspace => workspace.Role, workspace => New(_prediction, local + workspace.Role, workspace.Width, moment).Name);

    private ForwardStep[] PlanForward()
    {
        int count = graph.Steps.Count;
        ForwardStep[] steps = new ForwardStep[count];
        FrameBuffer?[] values = new FrameBuffer?[count + 1];
        for (int i = 0; i < count; i++)
        {
            (LayerNode node, IReadOnlyList<int> sources, _, _) = graph.Steps[i];
            foreach (int source in sources)
                values[source]?.UseAt(node.KeepsInput ? BackwardMoment(i) : i + 1);
            // The caller's rows are packed, and no view is of those.
            FrameBuffer output = values[i + 1] = node.IsView ? values[sources[0]]! : New(_training, locals[i], node.Output.RowLength, i + 1);
            if (node.KeepsOutput)
                output.UseAt(BackwardMoment(i));
            Dictionary<string, string> workspaces = [];
            foreach (Workspace workspace in node.Workspaces)
            {
                workspaces.Add(workspace.Role, locals[i] + workspace.Role);
                bool isBackward = workspace.Life == WorkspaceLife.Backward;
                FrameBuffer buffer = New(_training, locals[i] + workspace.Role, workspace.Width, isBackward ? BackwardMoment(i) : i + 1);
                if (workspace.Life != WorkspaceLife.Forward)
                    buffer.UseAt(BackwardMoment(i));
            }

            steps[i] = new([.. sources.Select(source => values[source]?.Name ?? NetworkPlan.UserInput)], output.Name, workspaces, graph.Steps[i].Layer, locals[i] + "Prepared", IsPredicting: false);
        }

        values[count]!.UseAt(_end);
        TrainingOutput = values[count]!.Name;
        return steps;
    }

    // From the last step to the first. Of several uses of a value the first met writes its gradient, the others add to it.
    private (BackwardStep[] Steps, List<(string, string, int)>[] Sums) PlanBackward(ForwardStep[] forward)
    {
        int count = graph.Steps.Count;
        BackwardStep[] steps = new BackwardStep[count];
        List<(string, string, int)>[] sums = new List<(string, string, int)>[count];
        FrameBuffer?[] gradients = new FrameBuffer?[count + 1];
        gradients[count] = New(_training, locals[count - 1] + "Gradient", graph.Steps[count - 1].Node.Output.RowLength, _end);
        OutputGradient = gradients[count]!.Name;
        for (int i = count - 1; i >= 0; i--)
        {
            (LayerNode node, IReadOnlyList<int> sources, _, _) = graph.Steps[i];
            int moment = BackwardMoment(i);
            FrameBuffer own = gradients[i + 1] ?? throw new InvalidOperationException($"Nothing uses the output of '{node.Name}'.");
            own.UseAt(moment);
            sums[i] = [];
            List<string> targets = [];
            for (int k = 0; k < sources.Count; k++)
            {
                int source = sources[k];
                if (source == 0)
                {
                    targets.Add(NetworkPlan.UserInputGradient);
                    continue;
                }

                bool isInPlace = node.IsGradientInPlace && k == 0;
                FrameBuffer? sum = gradients[source];
                FrameBuffer target = isInPlace
                    ? own
                    : New(_training, sum is null ? locals[source - 1] + "Gradient" : $"{locals[i]}Part{k}", node.Inputs[k].RowLength, moment);
                targets.Add(target.Name);
                if (sum is null)
                {
                    gradients[source] = target;
                }
                else
                {
                    sum.UseAt(moment);
                    sums[i].Add((sum.Name, target.Name, node.Inputs[k].RowLength));
                }
            }

            steps[i] = new(forward[i], own.Name, targets, sources[0] == 0);
        }

        return (steps, sums);
    }
}
