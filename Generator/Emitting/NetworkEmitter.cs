using NetGen.Generator.Graph;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;
using NetGen.Generator.Planning;

namespace NetGen.Generator.Emitting;

/// <summary>
/// Writes a planned network down: what the members of the user's class do, and a file-local class with all computation, in a namespace of our own where
/// names are short.
/// </summary>
internal sealed class NetworkEmitter : ClassEmitter
{
    private readonly SourceWriter _writer;
    private readonly NetworkPlan _plan;
    private readonly NetworkGraph _graph;
    private readonly string _code;

    private NetworkEmitter(NetworkPlan plan)
        : base(SurfaceOf(plan))
    {
        _writer = Writer;
        _plan = plan;
        _graph = plan.Graph;
        _code = CodeClass(plan);
    }

    private string T => _plan.T;

    public static string Emit(NetworkPlan plan, CancellationToken cancellation)
    {
        NetworkEmitter emitter = new(plan);
        emitter.EmitClassFile();
        emitter.EmitCode(cancellation);
        return emitter._writer.ToString();
    }

    private static string CodeClass(NetworkPlan plan) => plan.Graph.Spec.Type.Name + "Code";

    private static NetworkSurface SurfaceOf(NetworkPlan plan) => new(
        plan.Graph.Spec.Type, plan.T, ["<code>", .. SummaryTable.Text(plan).Split('\n'), "</code>"],
        new(plan.Graph.Input.Size, plan.Graph.Output.Size, SummaryTable.ParameterCount(plan.Graph), plan.Graph.MultiplyAdds,
            StackBytes(plan.Prediction), StackBytes(plan.Training)),
        Info: $"=> global::NetGen.Generated.{CodeClass(plan)}.Info;",
        Parameters: $"{{ get; }} = new({plan.BufferLength}, {plan.TrainedLength});",
        [.. ViewsOf(plan)]);

    private static IEnumerable<LayerView> ViewsOf(NetworkPlan plan)
    {
        int first = 0;
        foreach (PlannedLayer layer in plan.Layers.Where(layer => layer.OwnParameters.Count > 0))
        {
            IEnumerable<string> parameters = layer.Node.Parameters.Select((parameter, k) => $"{parameter.ArgumentName}: Info.Parameters[{first + k}]");
            yield return new(layer.Node.Name, $"{layer.Node.Name}: {layer.Node.Description}", $"new(Parameters, {string.Join(", ", parameters)})");
            first += layer.OwnParameters.Count;
        }
    }

    private void EmitCode(CancellationToken cancellation)
    {
        _writer.Line();
        using (_writer.Block("namespace NetGen.Generated"))
        {
            _writer.Line("using global::System;");
            _writer.Line("using global::System.Runtime.CompilerServices;");
            _writer.Line("using global::System.Runtime.InteropServices;");
            _writer.Line("using global::NetGen.CodeGeneration;");
            _writer.Line();
            // On our own class: the user's may carry the attribute already.
            _writer.Line($"[global::System.CodeDom.Compiler.GeneratedCode(\"NetGen\", \"{Version}\")]");
            using (_writer.Block($"file static class {_code}"))
            {
                EmitInfo();
                EmitRun();
                EmitTraining();
                foreach ((NetworkPort output, string name, _) in Outputs())
                    output.Loss.EmitKernels(_writer, name, output.Shape.Size, _graph.OutputRow, T);
                foreach (PlannedLayer layer in _plan.Layers.Where(layer => layer.Node.HasKernels && !layer.UsesOwnersKernels))
                {
                    cancellation.ThrowIfCancellationRequested();
                    _writer.Line();
                    using (_writer.Block($"private static class {layer.Node.KernelClass}"))
                        layer.Node.EmitKernels(_writer, layer.Kernels);
                }

                foreach (PlannedLayer layer in _plan.Layers.Where(layer => layer.IsFolded))
                {
                    // The parameters are those of the first of the operations.
                    PlannedLayer first = _plan.Layers.First(other => other.Node.Name == layer.PredictingNode!.Name);
                    _writer.Line();
                    using (_writer.Block($"private static class {layer.PredictingNode!.KernelClass}"))
                        layer.PredictingNode.EmitPredictKernels(_writer, first.Kernels);
                }
            }
        }
    }

    // ---- what the members of the user's class do ----

    protected override void EmitConstructor()
    {
        int index = 0;
        foreach ((PlannedLayer layer, Parameter parameter) in _plan.Layers.SelectMany(layer => layer.OwnParameters, (layer, parameter) => (layer, parameter)))
        {
            string scale = double.IsNaN(parameter.Start.Scale) ? "double.NaN" : SourceWriter.Literal(parameter.Start.Scale, "double");
            _writer.Line($"global::NetGen.CodeGeneration.ParameterInitializer.Fill(Parameters, Info.Parameters[{index}], global::NetGen.Initializer.{parameter.Start.Initializer}, "
                + $"{scale}, fanIn: {parameter.FanIn}, fanOut: {parameter.FanOut}, seed, stream: {index});");
            index++;
        }
    }

    protected override void EmitLoad(string className, string parameter)
    {
        _writer.Line($"{className} network = new(default(global::NetGen.CodeGeneration.Uninitialized));");
        _writer.Line($"global::NetGen.NetworkFile.Load<{T}>(network, {parameter});");
        _writer.Line("return network;");
    }

    protected override void EmitPredict(bool withLink)
    {
        _writer.Line($"int rows = global::NetGen.CodeGeneration.TrainingRows.Check<{T}>(inputs, InputSize, outputs, OutputSize, Parameters);");
        EmitDispatch("", "Run", $"inputs, Parameters, outputs, rows, {(withLink && _graph.HasLink ? "true" : "false")}");
    }

    protected override void EmitTrain()
    {
        _writer.Line("int rows = global::NetGen.CodeGeneration.TrainingRows.Check(pass, Info, Parameters);");
        if (!_plan.Training.IsBatch && _plan.BufferLength > 0)
        {
            _writer.Line($"if (rows > {_plan.GradientBlockRows} && pass.Gradients is not null)");
            _writer.Line($"    return global::NetGen.CodeGeneration.GradientBlocks.Train(this, pass, rows, {_plan.GradientBlockRows});");
        }

        EmitDispatch("return ", "Train", "pass, Parameters, rows");
    }

    // The widest vectors the machine has; constants for both compilers, so that only one branch remains.
    private void EmitDispatch(string result, string method, string arguments)
    {
        string otherwise = result.Length > 0 ? "" : "else ";
        string call = $"{result}global::NetGen.Generated.{_code}.{method}<global::NetGen.CodeGeneration.Simd";
        _writer.Line("if (global::NetGen.CodeGeneration.SimdWidth.Is512)");
        _writer.Line($"    {call}512<{T}>>({arguments});");
        _writer.Line($"{otherwise}if (global::NetGen.CodeGeneration.SimdWidth.Is256)");
        _writer.Line($"    {call}256<{T}>>({arguments});");
        if (result.Length > 0)
        {
            _writer.Line($"{call}128<{T}>>({arguments});");
        }
        else
        {
            _writer.Line("else");
            _writer.Line($"    {call}128<{T}>>({arguments});");
        }
    }

    // ---- the computation ----

    private void EmitInfo()
    {
        using (_writer.Indent("internal static readonly NetworkInfo Info = new("))
        {
            _writer.Line($"name: {SourceWriter.Quoted(_graph.Spec.Type.Name)},");
            _writer.Line($"architecture: {SourceWriter.Quoted(SummaryTable.Architecture(_graph))},");
            _writer.Line($"summary: {SourceWriter.Quoted(SummaryTable.Text(_plan))},");
            // Several losses, and a user's own, have no name.
            Loss loss = _graph.Outputs.Count == 1 ? _graph.Outputs[0].Loss.Kind : Loss.None;
            _writer.Line($"loss: global::NetGen.Loss.{loss},");
            _writer.Line($"hasLoss: {(_graph.HasLoss ? "true" : "false")},");
            _writer.Line($"inputShape: new[] {{ {_graph.Input} }},");
            _writer.Line($"outputShape: new[] {{ {_graph.Output} }},");
            EmitPorts("inputs", _graph.Inputs);
            EmitPorts("outputs", _graph.Outputs);
            _writer.Line($"bufferLength: {_plan.BufferLength},");
            _writer.Line($"multiplyAdds: {_graph.MultiplyAdds},");
            _writer.Line($"isStochastic: {(_graph.Nodes.Any(node => node.IsRandom) ? "true" : "false")},");
            _writer.Line($"minBatchSize: {_graph.Nodes.Max(node => node.MinBatchSize)},");
            _writer.Line($"isOptimized: {(_graph.Spec.IsOptimized ? "true" : "false")},");
            using (_writer.Indent("parameters: new ParameterInfo[]"))
            {
                _writer.Line("{");
                foreach (PlannedLayer layer in _plan.Layers)
                {
                    foreach ((Parameter parameter, long offset) in layer.OwnParameters.Zip(layer.Kernels.Offsets, (parameter, offset) => (parameter, offset)))
                    {
                        string fileName = $"{char.ToLowerInvariant(layer.Node.Name[0])}{layer.Node.Name.Substring(1)}.{parameter.FileName}";
                        _writer.Line($"    new({SourceWriter.Quoted(fileName)}, ParameterLayout.{parameter.Form}, {offset}, {parameter.Shape}){Options(parameter)},");
                    }
                }

                _writer.Line("});");
            }
        }
    }

    private void EmitPorts(string name, IReadOnlyList<NetworkPort> ports)
    {
        IEnumerable<string> values = ports.Select(port =>
            $"new NetworkPort({SourceWriter.Quoted(port.Name)}, {port.Offset}, new[] {{ {port.Shape} }}, global::NetGen.Loss.{port.Loss.Kind}, {SourceWriter.Literal(port.Weight, "double")})");
        _writer.Line($"{name}: new NetworkPort[] {{ {string.Join(", ", values)} }},");
    }

    // The outputs, what their methods' names end in, and where they stand in a row.
    private IEnumerable<(NetworkPort Output, string Name, int Place)> Outputs()
    {
        int place = 0;
        foreach (NetworkPort output in _graph.Outputs)
        {
            yield return (output, _graph.Outputs.Count == 1 ? "" : output.Name, place);
            place += PanelLayout.Pad(output.Shape.Size);
        }
    }

    private static string At(string buffer, int place) => place == 0 ? buffer : $"Unsafe.Add(ref {buffer}, {place})";

    private static string Options(Parameter parameter)
    {
        List<string> options = [];
        if (parameter.Groups > 1)
            options.Add($"Groups = {parameter.Groups}");
        if (parameter.OutputDimensions > 1)
            options.Add($"OutputDimensions = {parameter.OutputDimensions}");
        if (parameter.Channels > 0)
            options.Add($"Channels = {parameter.Channels}");
        if (!parameter.IsTrained)
            options.Add("IsTrained = false");
        if (parameter.Mask.Count > 0)
            options.Add($"Mask = new[] {{ {string.Join(", ", parameter.Mask.Select(SourceWriter.Quoted))} }}");
        return options.Count == 0 ? "" : $" {{ {string.Join(", ", options)} }}";
    }

    private void EmitRun()
    {
        _writer.Line();
        _writer.Line("// Forward over any number of rows, without dropout.");
        BeginMethod(_plan.Prediction);
        using (_writer.Block($"internal static void Run<V>(ReadOnlySpan<{T}> inputs, ParameterBuffer<{T}> buffer, Span<{T}> outputs, int rows, bool link)\n    where V : struct, ISimd<V, {T}>"))
        {
            EmitIndexChecks("inputs");
            _writer.Line($"ref {T} parameters = ref MemoryMarshal.GetReference(buffer.Span);");
            EmitFrame(_plan.Prediction);
            EmitPrepared(_plan.Prediction, node => node.PredictPreparedLength, (layer, name) => layer.Node.EmitPredictPrepare(_writer, name, layer.Kernels.Offsets));
            using (BeginTile())
            {
                EmitInput("inputs");
                foreach (PlannedLayer layer in _plan.Layers)
                {
                    if (layer.Predicting is not { } step)
                        continue;
                    _writer.Line($"// {layer.PredictingNode!.Formula(string.Join(", ", step.Inputs), step.Output)}");
                    layer.PredictingNode.EmitForward(_writer, step);
                }

                foreach ((NetworkPort output, string name, int place) in Outputs())
                {
                    string values = At(_plan.PredictionOutput, place);
                    if (output.Loss.HasLink)
                    {
                        _writer.Line("if (link)");
                        _writer.Line($"    Link{name}<V>(ref {values}, ref {values}, count);");
                    }

                    _writer.Line(
                        $"RowCopy.CopyInto(ref {values}, {_graph.OutputRow}, ref Unsafe.Add(ref MemoryMarshal.GetReference(outputs), (nint)row * {_graph.Output.Size}{Tiles.Plus(output.Offset)}), "
                        + $"{_graph.Output.Size}, {output.Shape.Size}, count);");
                }
            }
        }
    }

    private void EmitTraining()
    {
        _writer.Line();
        _writer.Line("// Forward with everything backward needs, loss, and backward in the reverse order; returns the sum of the rows' losses.");
        BeginMethod(_plan.Training);
        using (_writer.Block($"internal static double Train<V>(scoped in TrainingPass<{T}> pass, ParameterBuffer<{T}> buffer, int rows)\n    where V : struct, ISimd<V, {T}>"))
        {
            EmitIndexChecks("pass.Inputs");
            bool hasParameters = _plan.BufferLength > 0;
            _writer.Line($"ref {T} parameters = ref MemoryMarshal.GetReference(buffer.Span);");
            if (hasParameters)
            {
                _writer.Line("bool hasGradients = pass.Gradients is not null;");
                _writer.Line($"ref {T} gradients = ref MemoryMarshal.GetReference(hasGradients ? pass.Gradients!.Span : default);");
            }

            _writer.Line("bool hasInputGradients = !pass.InputGradients.IsEmpty;");
            EmitFrame(_plan.Training);
            EmitPrepared(_plan.Training, node => node.PreparedLength, (layer, name) =>
            {
                layer.Node.EmitForwardPrepare(_writer, name, layer.Kernels.Offsets);
                if (layer.Node.IsPreparedByForward)
                    return;
                // The first layer passes its gradient on to the caller only, who may not want it.
                _writer.Line($"if ({(layer.Backward.IsUserGradient ? "hasInputGradients" : "hasGradients || hasInputGradients")})");
                using (_writer.Indent("{"))
                    layer.Node.EmitPrepare(_writer, name, layer.Kernels.Offsets);
                _writer.Line("}");
            });
            _writer.Line("double loss = 0;");
            using (BeginTile())
            {
                EmitInput("pass.Inputs");
                foreach (PlannedLayer layer in _plan.Layers)
                {
                    _writer.Line($"// {layer.Node.Formula(string.Join(", ", layer.Training.Inputs), layer.Training.Output)}");
                    layer.Node.EmitForward(_writer, layer.Training);
                }

                EmitLossStep();
                // Evaluating asks for the loss alone.
                _writer.Line($"if ({(hasParameters ? "!hasGradients && " : "")}!hasInputGradients)");
                _writer.Line("    continue;");
                if (_plan.Layers.Any(layer => layer.Backward.IsUserGradient))
                    _writer.Line($"ref {T} {NetworkPlan.UserInputGradient} = ref {UserInputGradient()};");
                foreach (PlannedLayer layer in _plan.Layers.Reverse())
                {
                    _writer.Line();
                    _writer.Line($"// backward through {layer.Node.Name}");
                    layer.Node.EmitBackward(_writer, layer.Backward);
                    foreach ((string sum, string addend, int rowLength) in layer.Sums)
                        _writer.Line($"VectorLoops.Add<V, {T}>(ref {addend}, ref {sum}, count * {rowLength});");
                }
            }

            _writer.Line();
            _writer.Line("return loss;");
        }
    }

    private void EmitLossStep()
    {
        _writer.Line();
        _writer.Line("// the targets, or the output gradients given in their place, stand where the gradient of the output comes to stand");
        foreach ((NetworkPort output, _, int place) in Outputs())
        {
            _writer.Line(
                $"TrainingRows.LoadTargets(pass, row, count, ref {At(_plan.OutputGradient, place)}, {output.Offset}, {output.Shape.Size}, {_graph.Output.Size}, {_graph.OutputRow});");
        }

        if (!_graph.HasLoss)
            return;
        using (_writer.Block("if (pass.OutputGradients.IsEmpty)"))
        {
            foreach ((NetworkPort output, string name, int place) in Outputs())
            {
                string values = $"ref {At(_plan.TrainingOutput, place)}, ref {At(_plan.OutputGradient, place)}";
                string weight = SourceWriter.Literal(output.Weight, T);
                if (output.Loss.Exists)
                    _writer.Line(output.Weight == 1 ? $"loss += Loss{name}<V>({values}, pass.Scale, count);" : $"loss += {weight} * Loss{name}<V>({values}, {weight} * pass.Scale, count);");
                else
                    _writer.Line($"RowCopy.ClearPadding(ref {At(_plan.OutputGradient, place)}, {_graph.OutputRow}, 0, {PanelLayout.Pad(output.Shape.Size)}, count);");
            }
        }
    }

    private string UserInputGradient() => $"Unsafe.Add(ref MemoryMarshal.GetReference(pass.InputGradients), hasInputGradients ? (nint)row * {_graph.Input.Size} : 0)";

    private void BeginMethod(FramePlan frame)
    {
        if (_graph.Spec.AllowUnsafe && frame.IsOnStack)
            _writer.Line("[SkipLocalsInit]");
    }

    // The frame: where each buffer starts is a constant times the rows at hand, so that few rows take little stack.
    private void EmitFrame(FramePlan frame)
    {
        if (frame.Buffers.Count > 0)
            _writer.Line($"const int {string.Join(", ", frame.Buffers.Select(buffer => $"{buffer.Name}At = {buffer.Offset}"))};");
        _writer.Line(frame.IsBatch ? $"int capacity = TrainingRows.CheckBatch(rows, {frame.Width}, {frame.Prepared});" : $"int capacity = Math.Min(rows, {frame.Rows});");
        _writer.Line(frame.IsOnStack
            ? $"Span<{T}> frame = stackalloc {T}[{Length(frame)}];"
            : $"Span<{T}> frame = Scratch<{T}>.Rent({Length(frame)});");
        foreach (FrameBuffer buffer in frame.Buffers)
            _writer.Line($"ref {T} {buffer.Name} = ref Unsafe.Add(ref MemoryMarshal.GetReference(frame), capacity * {buffer.Name}At);");
    }

    private static string Length(FramePlan frame) => $"capacity * {frame.Width}{(frame.Prepared > 0 ? $" + {frame.Prepared}" : "")}";

    // What a pass needs once for all rows.
    private void EmitPrepared(FramePlan frame, Func<LayerNode, int> length, Action<PlannedLayer, string> emit)
    {
        int offset = 0;
        foreach (PlannedLayer layer in _plan.Layers.Where(layer => length(layer.Node) > 0))
        {
            string name = layer.Training.Prepared;
            _writer.Line($"ref {T} {name} = ref Unsafe.Add(ref MemoryMarshal.GetReference(frame), capacity * {frame.Width} + {offset});");
            emit(layer, name);
            offset += PanelLayout.Pad(length(layer.Node));
        }
    }

    private SourceWriter.Scope BeginTile()
    {
        SourceWriter.Scope tile = _writer.Block("for (int row = 0; row < rows; row += capacity)");
        _writer.Line("int count = Math.Min(capacity, rows - row);");
        return tile;
    }

    private void EmitInput(string source)
    {
        _writer.Line($"ref {T} {NetworkPlan.UserInput} = ref Unsafe.Add(ref MemoryMarshal.GetReference({source}), (nint)row * {_graph.Input.Size});");
        _writer.Line();
    }

    // An index that is none must not be found when some outputs are written already.
    private void EmitIndexChecks(string source)
    {
        foreach ((EmbeddingNode node, int offset) in _graph.Lookups)
            _writer.Line($"EmbeddingIndex.Check({source}, {_graph.Input.Size}, {offset}, {node.Input.Size}, {node.Vocabulary});");
    }

    private static long StackBytes(FramePlan frame) => frame.IsOnStack ? frame.Bytes : 0;
}
