using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>
/// A convolution whose filters read one channel each. Images have their channels last, so vectors run along channels and nothing is
/// broadcast; a tile is several positions of a line, which share the inputs their windows overlap in.
/// </summary>
internal sealed record DepthwiseNode(
    string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ConvGeometry Geometry, ActivationFunction Activation, StartValues WeightStart,
    StartValues? BiasStart)
    : WeightedNode(Name, Inputs, Output, Activation, WeightStart, BiasStart)
{
    private const int MostPositions = 8;
    private const int FewPositions = 4;

    // Kernel columns whose weights are in registers at a time.
    private const int MostColumns = 8;

    private ConvGeometry G => Geometry;

    private int Stride => Output.ChannelStride;

    private int PaddedRow => ReadsInput ? Input.RowLength : G.PaddedHeight * G.PaddedWidth * Stride;

    private bool ReadsInput => G.Padding == 0;

    private int LineStep => G.StrideY * G.PaddedWidth * Stride;

    private Panels Panels => new(G.Filters, G.Taps);

    public override string Description =>
        $"Conv{(G.IsImage ? 2 : 1)}D({G.Filters}, {G.Kernel}{G.Options}{LastOptions})";

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Parameter weight = new("Weight", G.WeightShape, ParameterForm.Kernels, WeightStart, G.Taps, G.Taps);
            return BiasStart is null ? [weight] : [weight, new("Bias", new Shape(G.Filters), ParameterForm.Contiguous, BiasStart, G.Taps, G.Filters)];
        }
    }

    public override long MultiplyAdds => (long)G.Positions * G.Filters * G.Taps;

    public override string Kernel => "vectors along channels";

    public override bool KeepsInput => ReadsInput;

    public override IReadOnlyList<Workspace> Workspaces
    {
        get
        {
            List<Workspace> workspaces = [];
            if (!ReadsInput)
            {
                workspaces.Add(new("Padded", PaddedRow, WorkspaceLife.Both));
                workspaces.Add(new("PaddedGradient", PaddedRow, WorkspaceLife.Backward));
            }

            workspaces.AddRange(SumWorkspaces);
            return workspaces;
        }
    }

    public override string Formula(string input, string output)
    {
        return $"{output} = {Finished($"{input} * W of each channel")}: [rows, {Input.Shape}] -> [rows, {Output.Shape}], "
            + $"{SourceWriter.Grouped(MultiplyAdds)} multiply-adds a row";
    }

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        string padded = step.Workspace("Padded") ?? step.Input, sum = step.Workspace("Sum") ?? step.Output;
        if (!ReadsInput)
        {
            writer.Line($"ImageCopy.Pad(ref {step.Input}, {Input.RowLength}, {Stride}, ref {padded}, {PaddedRow}, "
                + $"{Stride}, {Input.Height}, {Input.Width}, {G.PaddingY}, {G.Padding}, count);");
        }

        writer.Line($"{KernelClass}.Forward<V>(ref {padded}, ref parameters, {ScaleArgument(step)}ref {sum}, count);");
        if (!Activation.IsCheap)
            writer.Line($"{KernelClass}.Activate<V>(ref {sum}, ref {step.Output}, count);");
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        ForwardStep forward = step.Forward;
        string padded = forward.Workspace("Padded") ?? forward.Input, known = forward.Workspace("Sum") ?? forward.Output;
        string target = forward.Workspace("PaddedGradient") ?? step.InputGradients[0];
        if (!Activation.IsIdentity)
            writer.Line($"{KernelClass}.ActivationGradient<V>(ref {known}, ref {step.OutputGradient}, count);");
        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.ParameterGradients<V>(ref {padded}, ref {step.OutputGradient}, ref gradients, count);");
        writer.Line($"{KernelClass}.InputGradient<V>(ref {step.OutputGradient}, ref parameters, ref {target}, count);");
        if (!ReadsInput)
        {
            writer.Line($"ImageCopy.Crop(ref {target}, {PaddedRow}, {Stride}, ref {step.InputGradients[0]}, {Input.RowLength}, {Stride}, "
                + $"{Stride}, {Input.Height}, {Input.Width}, {G.PaddingY}, {G.Padding}, count);");
        }
    }

    public override void EmitPredictKernels(SourceWriter writer, KernelContext context)
    {
        EmitConstants(writer, context);
        EmitForwardKernels(writer, context.T);
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        EmitPredictKernels(writer, context);
        if (!Activation.IsIdentity)
            ActivationKernels.Emit(writer, Activation, Output, context.T, withForward: !Activation.IsCheap);
        EmitParameterGradients(writer, context.T);
        EmitInputGradient(writer, context.T);
    }

    private void EmitForwardKernels(SourceWriter writer, string t)
    {
        string scale = IsScaled ? $"ref {t} scale, " : "", bias = BiasStart is null ? "" : "ref Unsafe.Add(ref parameters, Bias + {0}), ";
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, {scale}ref {t} output, int rows"))
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        {
            Panels.EmitCalls(writer, (suffix, start, panel) =>
                $"Forward{suffix}<V>(ref Unsafe.Add(ref input, row * {PaddedRow} + {panel}), ref Unsafe.Add(ref parameters, Weight + {start}), "
                + bias.Replace("{0}", panel)
                + (IsScaled ? $"ref Unsafe.Add(ref scale, {panel}), ref Unsafe.Add(ref scale, {BatchNormNode.ShiftPlace(Output)} + {panel}), " : "")
                + $"ref Unsafe.Add(ref output, row * {Output.RowLength} + {panel}));");
        }

        foreach ((string suffix, int width) in Panels.Kinds)
        {
            writer.Line();
            writer.Line($"// {width} channels of one image, line by line. The last tile of a line overlaps the one before.");
            using (writer.Kernel("private", $"Forward{suffix}", t, $"ref {t} input, ref {t} weight, {Epilogue.Parameters(t)}ref {t} output"))
            using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
            {
                writer.Line($"ref {t} line = ref Unsafe.Add(ref input, y * {LineStep});");
                writer.Line($"ref {t} result = ref Unsafe.Add(ref output, y * {G.OutputWidth * Stride});");
                int many = Math.Min(MostPositions, G.OutputWidth), few = Math.Min(FewPositions, G.OutputWidth);
                if (many == few)
                {
                    EmitLine(many);
                }
                else
                {
                    using (writer.Block("if (V.HasManyRegisters)"))
                        EmitLine(many);
                    using (writer.Block("else"))
                        EmitLine(few);
                }
            }

            foreach (int tile in ((int[])[Math.Min(MostPositions, G.OutputWidth), Math.Min(FewPositions, G.OutputWidth)]).Distinct())
                EmitForwardTile(writer, t, $"Forward{suffix}Tile{tile}", width, tile);

            void EmitLine(int tile)
            {
                writer.Line($"for (nint at = 0; at < {G.OutputWidth}; at += {tile})");
                string x = G.OutputWidth % tile == 0 ? "at" : $"Math.Min(at, {G.OutputWidth - tile})";
                writer.Line($"    Forward{suffix}Tile{tile}<V>(ref Unsafe.Add(ref line, {x} * {G.Stride * Stride}), ref weight, {Epilogue.Arguments}ref Unsafe.Add(ref result, {x} * {Stride}));");
            }
        }
    }

    private void EmitForwardTile(SourceWriter writer, string t, string name, int width, int tile)
    {
        writer.Line();
        using (writer.Kernel("private", name, t, $"ref {t} input, ref {t} weight, {Epilogue.Parameters(t)}ref {t} output"))
        using (writer.Block($"for (nint column = 0; column < {width}; column += V.Count)"))
        {
            for (int p = 0; p < tile; p++)
                writer.Line($"V sum{p} = {(p > 0 ? "sum0" : Epilogue.Start("column"))};");
            using (writer.Block($"for (nint kernelRow = 0; kernelRow < {G.KernelHeight}; kernelRow++)"))
            {
                writer.Line($"ref {t} x = ref Unsafe.Add(ref input, kernelRow * {G.Dilation * G.PaddedWidth * Stride} + column);");
                writer.Line($"ref {t} w = ref Unsafe.Add(ref weight, kernelRow * {G.Kernel * width} + column);");
                if (G.Kernel <= MostColumns)
                {
                    HashSet<int> loaded = [];
                    for (int k = 0; k < G.Kernel; k++)
                    {
                        writer.Line($"V w{k} = V.Load(ref w, {k * width});");
                        for (int p = 0; p < tile; p++)
                        {
                            int at = p * G.Stride + k * G.Dilation;
                            string load = loaded.Add(at) ? $"V x{at} = V.Load(ref x, {at * Stride}); " : "";
                            writer.Line($"{load}sum{p} = V.MultiplyAdd(x{at}, w{k}, sum{p});");
                        }
                    }
                }
                else
                {
                    using (writer.Block($"for (nint k = 0; k < {G.Kernel}; k++)"))
                    {
                        writer.Line($"V w0 = V.Load(ref w, k * {width});");
                        for (int p = 0; p < tile; p++)
                            writer.Line($"sum{p} = V.MultiplyAdd(V.Load(ref x, k * {G.Dilation * Stride}{Tiles.Plus(p * G.Stride * Stride)}), w0, sum{p});");
                    }
                }
            }

            for (int p = 0; p < tile; p++)
                writer.Line($"V.Store({Epilogue.Finish($"sum{p}", "column", t)}, ref output, column{Tiles.Plus(p * Stride)});");
        }
    }

    private void EmitParameterGradients(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line($"// dW += input * gradient of each channel, over all rows and positions{(BiasStart is null ? "" : "; db += sums of gradient over positions")}");
        using (writer.Kernel("public", "ParameterGradients", t, $"ref {t} input, ref {t} gradient, ref {t} gradients, int rows"))
        {
            Panels.EmitCalls(writer, (suffix, start, panel) =>
                $"WeightGradient{suffix}<V>(ref Unsafe.Add(ref input, {panel}), ref Unsafe.Add(ref gradient, {panel}), ref Unsafe.Add(ref gradients, Weight + {start}), rows);");
            if (BiasStart is not null)
                Tiles.EmitBiasGradient(writer, "Bias", Stride, G.Positions, Stride, Output.RowLength);
        }

        foreach ((string suffix, int width) in Panels.Kinds)
        {
            writer.Line();
            using (writer.Kernel("private", $"WeightGradient{suffix}", t, $"ref {t} input, ref {t} gradient, ref {t} weightGradient, int rows"))
            using (writer.Block($"for (nint column = 0; column < {width}; column += V.Count)"))
            using (writer.Block($"for (nint kernelRow = 0; kernelRow < {G.KernelHeight}; kernelRow++)"))
            {
                for (int first = 0; first < G.Kernel; first += MostColumns)
                {
                    int[] taps = [.. Enumerable.Range(first, Math.Min(MostColumns, G.Kernel - first))];
                    foreach (int k in taps)
                        writer.Line($"V sum{k} = V.Load(ref weightGradient, (kernelRow * {G.Kernel} + {k}) * {width} + column);");
                    using (writer.Block("for (nint row = 0; row < rows; row++)"))
                    using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
                    {
                        writer.Line($"ref {t} x = ref Unsafe.Add(ref input, row * {PaddedRow} + y * {LineStep} + kernelRow * {G.Dilation * G.PaddedWidth * Stride} + column);");
                        writer.Line($"ref {t} g = ref Unsafe.Add(ref gradient, row * {Output.RowLength} + y * {G.OutputWidth * Stride} + column);");
                        using (writer.Block($"for (nint at = 0; at < {G.OutputWidth}; at++)"))
                        {
                            writer.Line($"V gradientAt = V.Load(ref g, at * {Stride});");
                            foreach (int k in taps)
                                writer.Line($"sum{k} = V.MultiplyAdd(V.Load(ref x, at * {G.Stride * Stride}{Tiles.Plus(k * G.Dilation * Stride)}), gradientAt, sum{k});");
                        }
                    }

                    foreach (int k in taps)
                        writer.Line($"V.Store(sum{k}, ref weightGradient, (kernelRow * {G.Kernel} + {k}) * {width} + column);");
                }
            }
        }
    }

    private void EmitInputGradient(SourceWriter writer, string t)
    {
        int row = G.PaddedHeight * G.PaddedWidth * Stride;
        writer.Line();
        writer.Line($"// inputGradient = gradient spread over the kernel's positions by W of each channel, [{G.PaddedHeight}, {G.PaddedWidth}] positions with the padding");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} gradient, ref {t} parameters, ref {t} inputGradient, int rows"))
        {
            writer.Line($"MemoryMarshal.CreateSpan(ref inputGradient, rows * {row}).Clear();");
            using (writer.Block("for (nint row = 0; row < rows; row++)"))
            {
                Panels.EmitCalls(writer, (suffix, start, panel) =>
                    $"InputGradient{suffix}<V>(ref Unsafe.Add(ref gradient, row * {Output.RowLength} + {panel}), ref Unsafe.Add(ref parameters, Weight + {start}), ref Unsafe.Add(ref inputGradient, row * {row} + {panel}));");
            }
        }

        foreach ((string suffix, int width) in Panels.Kinds)
        {
            writer.Line();
            using (writer.Kernel("private", $"InputGradient{suffix}", t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient"))
            using (writer.Block($"for (nint column = 0; column < {width}; column += V.Count)"))
            using (writer.Block($"for (nint tap = 0; tap < {G.Taps}; tap++)"))
            {
                writer.Line($"nint kernelRow = tap / {G.Kernel}, kernelColumn = tap % {G.Kernel};");
                writer.Line($"V w = V.Load(ref weight, tap * {width} + column);");
                using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
                {
                    writer.Line($"ref {t} g = ref Unsafe.Add(ref gradient, y * {G.OutputWidth * Stride} + column);");
                    writer.Line($"ref {t} line = ref Unsafe.Add(ref inputGradient, ((y * {G.StrideY} + kernelRow * {G.Dilation}) * {G.PaddedWidth} + kernelColumn * {G.Dilation}) * {Stride} + column);");
                    writer.Line($"for (nint at = 0; at < {G.OutputWidth}; at++)");
                    writer.Line($"    V.Store(V.MultiplyAdd(w, V.Load(ref g, at * {Stride}), V.Load(ref line, at * {G.Stride * Stride})), ref line, at * {G.Stride * Stride});");
                }
            }
        }
    }
}
