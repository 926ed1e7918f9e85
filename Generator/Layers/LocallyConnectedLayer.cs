using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>A convolution of images with weights of their own at each position.</summary>
internal sealed class LocallyConnectedLayer : LayerKind
{
    public override string Name => "LocallyConnected2D";

    public override string SizeArgument => "Filters";

    public override bool HasParameters => true;

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Image, TensorLayout.Flat, TensorLayout.Packed];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        if (ConvArguments.Read(reader, inputs[0], 2) is not { } given || given.Geometry(reader, inputs[0]) is not { } geometry)
            return null;
        Tensor output = new(new Shape(given.Filters, geometry.OutputHeight, geometry.OutputWidth), TensorLayout.Image);
        // Emission needs the lengths as whole numbers; the graph reports layers of so many parameters.
        double parameters = (double)geometry.Positions * geometry.Fan * PanelLayout.Pad(Math.Min(given.Filters, int.MaxValue / 2));
        if (parameters <= NetworkGraph.LargestBuffer)
            return new LocallyConnectedNode(reader.Name, inputs, output, geometry, given.Activation, given.Weight, given.Bias);
        reader.Report(
            Rules.TooLarge, "Filters", $"Layer '{reader.Name}'", NetworkGraph.Text(parameters), "parameters", NetworkGraph.Text(NetworkGraph.LargestBuffer));
        return null;
    }
}

/// <summary>
/// A locally connected layer of known sizes: at each position a dense layer from the inputs under the kernel to the filters, whose
/// tiles run over rows, because no two positions share weights.
/// </summary>
internal sealed record LocallyConnectedNode(
    string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ConvGeometry Geometry, ActivationFunction Activation, StartValues WeightStart,
    StartValues? BiasStart)
    : WeightedNode(Name, Inputs, Output, Activation, WeightStart, BiasStart)
{
    private ConvGeometry G => Geometry;

    private int Stride => Output.ChannelStride;

    private int PaddedRow => PanelLayout.Pad(G.PaddedHeight * G.PaddedWidth * G.Channels);

    private int GradientStride => PanelLayout.Pad(G.Channels);

    private int GradientRow => G.PaddedHeight * G.PaddedWidth * GradientStride;

    private int PositionWeights => (int)PanelLayout.Length(G.Filters, G.Fan);

    private int PreparedPosition => G.Taps * G.Filters * GradientStride;

    private KernelReach Reach => G.Reach(G.Channels);

    private Panels Panels => new(G.Filters, G.Fan);

    public override string Description =>
        $"LocallyConnected2D({G.Filters}, {G.Kernel}{G.Options}{LastOptions})";

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Parameter weight = new(
                "Weight", new Shape(G.Positions, G.Filters, G.Channels, G.Kernel, G.Kernel), ParameterForm.Kernels, WeightStart, G.Fan, G.Filters * G.Taps)
            {
                Groups = G.Positions,
                OutputDimensions = 2,
            };
            return BiasStart is null ? [weight] : [weight, weight with { Role = "Bias", Shape = new(G.Positions, G.Filters), Form = ParameterForm.Panels, Start = BiasStart }];
        }
    }

    public override long MultiplyAdds => (long)G.Positions * G.Filters * G.Fan;

    public override IReadOnlyList<Workspace> Workspaces
    {
        get
        {
            List<Workspace> workspaces = [new("Padded", PaddedRow, WorkspaceLife.Both), new("PaddedGradient", GradientRow, WorkspaceLife.Backward)];
            workspaces.AddRange(SumWorkspaces);
            return workspaces;
        }
    }

    public override LayerNode? Fold(LayerNode next) => null;

    // The weights of each position with filters and channels exchanged: what the input gradient multiplies with.
    public override int PreparedLength => G.Positions * PreparedPosition;

    public override string Formula(string input, string output)
    {
        return $"{output} = {Finished($"{input} * W of each position")}: [rows, {Input.Shape}] -> [rows, {Output.Shape}], "
            + $"{SourceWriter.Grouped(MultiplyAdds)} multiply-adds a row";
    }

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        string padded = step.Workspaces["Padded"], sum = step.Workspace("Sum") ?? step.Output;
        writer.Line($"ImageCopy.Pad(ref {step.Input}, {Input.RowLength}, {InputChannelStride}, ref {padded}, {PaddedRow}, "
            + $"{G.Channels}, {Input.Height}, {Input.Width}, {G.PaddingY}, {G.Padding}, count);");
        writer.Line($"{KernelClass}.Forward<V>(ref {padded}, ref parameters, ref {sum}, count);");
        EmitActivate(writer, step, sum);
    }

    public override void EmitPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets)
    {
        writer.Line($"for (nint position = 0; position < {G.Positions}; position++)");
        writer.Line($"    ImageCopy.ExchangeChannels(ref Unsafe.Add(ref parameters, {offsets[0]} + position * {PositionWeights}), ref Unsafe.Add(ref {prepared}, position * {PreparedPosition}), {G.Filters}, {G.Channels}, {G.Taps});");
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        string padded = step.Forward.Workspaces["Padded"];
        string target = step.Forward.Workspaces["PaddedGradient"];
        EmitActivationGradient(writer, step);
        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.ParameterGradients<V>(ref {padded}, ref {step.OutputGradient}, ref gradients, count);");
        step.EmitInputGradient(writer, $"{KernelClass}.InputGradient<V>(ref {step.OutputGradient}, ref {step.Prepared}, ref {target}, count);");
        step.EmitInputGradient(
            writer,
            $"ImageCopy.Crop(ref {target}, {GradientRow}, {GradientStride}, ref {step.InputGradients[0]}, {Input.RowLength}, {InputChannelStride}, "
            + $"{(Input.Layout == TensorLayout.Image ? Input.ChannelStride : G.Channels)}, {Input.Height}, {Input.Width}, {G.PaddingY}, {G.Padding}, count);");
        if (Input.Layout == TensorLayout.Flat && Input.RowLength > Input.Size)
            step.EmitInputGradient(writer, $"RowCopy.ClearPadding(ref {step.InputGradients[0]}, {Input.RowLength}, {Input.Size}, count);");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        EmitConstants(writer, context);
        EmitForwardKernels(writer, context.T);
        EmitActivationKernels(writer, context.T);
        EmitParameterGradients(writer, context);
        EmitInputGradient(writer, context.T);
    }

    private int InputChannelStride => Input.Layout == TensorLayout.Image ? Input.ChannelStride : 0;

    // Elements of the padded input, or of its gradient, before the window of a position.
    private string Window(int positionStride) =>
        $"(position / {G.OutputWidth} * {G.StrideY * G.PaddedWidth} + position % {G.OutputWidth} * {G.Stride}) * {positionStride}";

    private void EmitForwardKernels(SourceWriter writer, string t)
    {
        string bias = BiasStart is null ? "" : $"ref Unsafe.Add(ref parameters, Bias + position * {Stride} + {{0}}), ";
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, ref {t} output, int rows"))
        using (writer.Block($"for (nint position = 0; position < {G.Positions}; position++)"))
        {
            writer.Line($"ref {t} window = ref Unsafe.Add(ref input, {Window(G.Channels)});");
            Panels.EmitCalls(writer, (suffix, start, panel) =>
                $"Forward{suffix}<V>(ref window, ref Unsafe.Add(ref parameters, Weight + position * {PositionWeights} + {start}), "
                + $"{bias.Replace("{0}", panel)}ref Unsafe.Add(ref output, position * {Stride} + {panel}), rows);");
        }

        foreach ((string suffix, int width) in Panels.Kinds)
        {
            writer.Line();
            writer.Line($"// {width} channels of one position of all rows. The last tile overlaps the one before.");
            using (writer.Kernel("private", $"Forward{suffix}", t, $"ref {t} input, ref {t} weight, {Epilogue.Parameters(t)}ref {t} output, int rows"))
            {
                using (writer.Block("if (V.HasManyRegisters && rows >= 8)"))
                    EmitRows(8);
                using (writer.Block("else if (rows >= 4)"))
                    EmitRows(4);
                using (writer.Block("else"))
                    EmitRows(1);
            }

            foreach (int tile in (int[])[8, 4, 1])
                Tiles.EmitForward(writer, t, $"Forward{suffix}Tile{tile}", width, tile, PaddedRow, Output.RowLength, Reach, Epilogue);

            void EmitRows(int tile)
            {
                string row = tile == 1 ? "row" : $"Math.Min(row, rows - {tile})";
                writer.Line($"for (int row = 0; row < rows; row += {tile})");
                writer.Line($"    Forward{suffix}Tile{tile}<V>(ref Unsafe.Add(ref input, {row} * {PaddedRow}), ref weight, {Epilogue.Arguments}ref Unsafe.Add(ref output, {row} * {Output.RowLength}));");
            }
        }
    }

    private void EmitParameterGradients(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        KernelReach reach = Reach;
        writer.Line();
        writer.Line($"// dW += input^T x gradient of each position, over all rows{(BiasStart is null ? "" : "; db += sums of gradient over rows")}");
        using (writer.Kernel("public", "ParameterGradients", t, $"ref {t} input, ref {t} gradient, ref {t} gradients, int rows"))
        using (writer.Block($"for (nint position = 0; position < {G.Positions}; position++)"))
            writer.Line($"PositionGradients<V>(ref Unsafe.Add(ref input, {Window(G.Channels)}), ref Unsafe.Add(ref gradient, position * {Stride}), ref gradients, position, rows);");

        writer.Line();
        using (writer.Kernel("private", "PositionGradients", t, $"ref {t} input, ref {t} gradient, ref {t} gradients, nint place, int rows"))
        {
            using (writer.Block($"for (nint kernelRow = 0; kernelRow < {reach.Lines}; kernelRow++)"))
            using (writer.Block($"for (nint kernelColumn = 0; kernelColumn < {reach.Segments}; kernelColumn++)"))
            {
                writer.Line($"ref {t} x = ref Unsafe.Add(ref input, kernelRow * {reach.LineStep} + kernelColumn * {reach.SegmentStep});");
                writer.Line($"nint segment = kernelRow * {reach.Segments} + kernelColumn;");
                Panels.EmitCalls(writer, (suffix, start, panel) =>
                    $"WeightGradient{suffix}<V>(ref x, ref Unsafe.Add(ref gradient, {panel}), ref Unsafe.Add(ref gradients, Weight + place * {PositionWeights} + {start} + segment * {reach.Segment * Panels.Width(suffix)}), rows);");
            }

            if (BiasStart is not null)
                Tiles.EmitBiasGradient(writer, context, $"Bias + place * {Stride}", Stride, 1, 0, Output.RowLength);
        }

        foreach ((string suffix, int width) in Panels.Kinds)
            Tiles.EmitWeightGradients(writer, t, $"WeightGradient{suffix}", width, reach.Segment, [TileLoop.OverRows(context.Rows, PaddedRow, Output.RowLength)]);
    }

    private void EmitInputGradient(SourceWriter writer, string t)
    {
        Panels channels = new(G.Channels, G.Taps * G.Filters);
        writer.Line();
        writer.Line($"// inputGradient = gradient of each position spread over the kernel's positions by its W, [{G.PaddedHeight}, {G.PaddedWidth}] positions with the padding");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient, int rows"))
        {
            writer.Line($"MemoryMarshal.CreateSpan(ref inputGradient, rows * {GradientRow}).Clear();");
            using (writer.Block($"for (nint position = 0; position < {G.Positions}; position++)"))
            {
                writer.Line($"ref {t} window = ref Unsafe.Add(ref inputGradient, {Window(GradientStride)});");
                channels.EmitCalls(writer, (suffix, start, panel) =>
                    $"InputGradient{suffix}<V>(ref Unsafe.Add(ref gradient, position * {Stride}), ref Unsafe.Add(ref weight, position * {PreparedPosition} + {start}), ref Unsafe.Add(ref window, {panel}), rows);");
            }
        }

        foreach ((string suffix, int width) in channels.Kinds)
        {
            writer.Line();
            using (writer.Kernel("private", $"InputGradient{suffix}", t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient, int rows"))
            using (writer.Block($"for (nint tap = 0; tap < {G.Taps}; tap++)"))
            {
                writer.Line($"ref {t} w = ref Unsafe.Add(ref weight, tap * {G.Filters * width});");
                writer.Line($"ref {t} target = ref Unsafe.Add(ref inputGradient, (tap / {G.Kernel} * {G.PaddedWidth} + tap % {G.Kernel}) * {G.Dilation * GradientStride});");
                writer.Line("nint row = 0;");
                foreach (int tile in (int[])[4, 1])
                {
                    writer.Line($"for (; row <= rows - {tile}; row += {tile})");
                    writer.Line($"    InputGradient{suffix}Tile{tile}<V>(ref Unsafe.Add(ref gradient, row * {Output.RowLength}), ref w, ref Unsafe.Add(ref target, row * {GradientRow}));");
                }
            }

            foreach (int tile in (int[])[4, 1])
                Tiles.EmitInputGradient(writer, t, $"InputGradient{suffix}Tile{tile}", width, tile, G.Filters, Output.RowLength, GradientRow);
        }
    }
}
