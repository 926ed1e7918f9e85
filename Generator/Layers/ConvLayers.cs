using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>A convolution of images, [channels, height, width], or of signals, [channels, length].</summary>
internal sealed class ConvLayer(int dimensions) : LayerKind
{
    public override string Name => $"Conv{dimensions}D";

    public override string SizeArgument => "Filters";

    public override bool HasParameters => true;

    // Planes and copies bring any layout into one its kernels read. Where channels fill vectors, kernels read images best.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) =>
        input.Dimensions[0] >= PanelLayout.Alignment || (reader.Integer("Groups", 1) == input.Dimensions[0] && input.Dimensions[0] > 1)
            ? [TensorLayout.Image]
            : [TensorLayout.Image, TensorLayout.Flat, TensorLayout.Packed];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        if (ConvArguments.Read(reader, inputs[0], dimensions, isPlain: true) is not { } given || given.Geometry(reader, inputs[0]) is not { } geometry)
            return null;
        Shape shape = dimensions == 2
            ? new(given.Filters, geometry.OutputHeight, geometry.OutputWidth)
            : new(given.Filters, geometry.OutputWidth);
        Tensor output = new(shape, TensorLayout.Image);
        return geometry.IsDepthwise
            ? new DepthwiseNode(reader.Name, inputs, output, geometry, given.Activation, given.Weight, given.Bias)
            : new ConvNode(reader.Name, inputs, output, geometry, given.Activation, given.Weight, given.Bias);
    }
}

/// <summary>
/// A convolution of known sizes. Its kernels read the input as it lies where they can, else a padded copy without gaps between channels, in which
/// the inputs under one row of the kernel stand next to each other; they are then those of a dense layer whose rows are positions.
/// </summary>
internal sealed record ConvNode(
    string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ConvGeometry Geometry, ActivationFunction Activation, StartValues WeightStart,
    StartValues? BiasStart)
    : WeightedNode(Name, Inputs, Output, Activation, WeightStart, BiasStart)
{
    private ConvGeometry G => Geometry;

    /// <summary>The pooling that is part of it, which is so only where it predicts.</summary>
    public PoolNode? Pool { get; init; }

    private ConvKernels Kernels => new(
        G.AsLine, ReadsInput ? Input.RowLength : G.Groups * PaddedGroup, InputStride, IsDirect ? Output.ChannelStride : PanelLayout.Pad(G.GroupFilters),
        IsDirect ? Output.RowLength : GroupRow, SpreadsLines, ReadsPlanes);

    // Elements from one position of what the kernels read to the next.
    private int InputStride => ReadsPlanes ? 1 : ReadsInput && Input.Layout == TensorLayout.Image ? Input.ChannelStride : G.Channels;

    private bool IsGrouped => G.Groups > 1;

    // Groups of whole vectors lie in the output as they do in a buffer of their own.
    private bool IsDirect => !IsGrouped || G.GroupFilters % PanelLayout.Alignment == 0;

    private int GroupRow => G.Positions * PanelLayout.Pad(G.GroupFilters);

    private int PaddedGroup => PanelLayout.Pad(G.PaddedHeight * G.PaddedWidth * G.Channels);

    // Where nothing is added around the image and what a line of the kernel covers has no gaps, or is one position, the input itself is what
    // kernels read.
    private bool ReadsInput => !IsGrouped && G.Padding == 0
        && (Input.Layout == TensorLayout.Image ? G.Channels == Input.ChannelStride || G.Kernel == 1 : G.Channels == 1 || ReadsPlanes);

    // Few channels are not interleaved first: their planes are read as they are.
    private bool ReadsPlanes => !IsGrouped && Input.Layout != TensorLayout.Image && G.Channels > 1 && G.Kernel * G.Channels <= ConvGeometry.MostPlaces;

    // Transformed sums take the weights by single positions.
    private bool SpreadsLines => G.SpreadsLines && GradientTransform is null;

    private bool WritesInputGradient => !IsGrouped && G.Padding == 0 && Input.Layout == TensorLayout.Image && !SpreadsLines;

    // The forms of Winograd, null where direct sums cost less. The input's gradient is a convolution of the output's by the kernel turned by half.
    private WinogradKernels? ForwardTransform => Choose(new(
        "Transformed", G.Channels, Input.Height, Input.Width, Input.RowLength, G.Padding, G.Filters, Pool), Input);

    private WinogradKernels? GradientTransform => Input.Layout != TensorLayout.Image ? null : Choose(new(
        "TransformedGradient", G.Filters, Output.Height, Output.Width, Output.RowLength, WinogradKernels.KernelSize - 1 - G.Padding, G.Channels, null), Output);

    // Vectors along columns, null where those along filters cost less.
    private ColumnKernels? Columns
    {
        get
        {
            ColumnKernels kernels = new(G, Output.ChannelStride, Output.RowLength, Pool);
            return ForwardTransform is null && kernels.IsCheaper ? kernels : null;
        }
    }

    // A pooling of 2 x 2 windows next to each other goes along with kernels that have both lines of a window at hand.
    private bool CanPool(PoolNode pool) => Pool is null && pool is { Rows: { Size: 2, Stride: 2 }, Columns: { Size: 2, Stride: 2 } } && Activation.IsCheap && G.IsImage
        && (ForwardTransform is not null || (this with { Pool = pool, Output = pool.Output }).Columns is not null);

    private WinogradKernels? Choose(WinogradKernels kernels, Tensor from) =>
        from.Layout == TensorLayout.Image && !IsGrouped && G.IsImage && G is { Kernel: WinogradKernels.KernelSize, Stride: 1, Dilation: 1, Padding: < WinogradKernels.KernelSize }
        && kernels.IsCheaper
            ? kernels
            : null;

    public override string Kernel => (ForwardTransform, GradientTransform) switch
    {
        (not null, _) => "Winograd 2 x 2",
        _ when Columns is not null => "vectors along columns",
        (null, not null) => "Winograd 2 x 2 backward",
        _ => "",
    };

    private int GroupWeights => (int)PanelLayout.Length(G.GroupFilters, G.Fan);

    private int GroupBiases => PanelLayout.Pad(G.GroupFilters);

    private int PreparedGroup => (int)PanelLayout.Length(Kernels.SpreadChannels, Kernels.SpreadTaps * G.GroupFilters);

    public override string Description => G.Described(LastOptions);

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Parameter weight = new("Weight", G.WeightShape, ParameterForm.Kernels, WeightStart, G.Fan, G.GroupFilters * G.Taps) { Groups = G.Groups };
            return BiasStart is null ? [weight] : [weight, Bias(IsGrouped ? ParameterForm.Panels : ParameterForm.Contiguous)];

            // The biases of each group begin at a whole vector.
            Parameter Bias(ParameterForm form) => new("Bias", new Shape(G.Filters), form, BiasStart, G.Fan, G.Filters) { Groups = G.Groups };
        }
    }

    public override long MultiplyAdds => (long)G.Positions * G.Filters * G.Fan;

    public override bool KeepsInput => ReadsInput;

    public override IReadOnlyList<Workspace> Workspaces
    {
        get
        {
            List<Workspace> workspaces = [];
            // Transformed sums read the input as it is; the gradient of the weights does not.
            if (!ReadsInput)
                workspaces.Add(new("Padded", G.Groups * PaddedGroup, ForwardTransform is null && Columns is null ? WorkspaceLife.Both : WorkspaceLife.Training));
            if (Columns is { } columns)
            {
                workspaces.Add(new("Planes", columns.PlanesLength, WorkspaceLife.Forward));
                workspaces.Add(new("Lines", columns.LinesLength, WorkspaceLife.Forward));
            }

            if (!IsDirect)
            {
                workspaces.Add(new("Group", GroupRow, WorkspaceLife.Forward));
                workspaces.Add(new("GroupGradient", GroupRow, WorkspaceLife.Backward));
            }

            workspaces.AddRange(SumWorkspaces);
            if (!WritesInputGradient && GradientTransform is null)
                workspaces.Add(new("PaddedGradient", Kernels.GradientRow, WorkspaceLife.Backward));
            return workspaces;
        }
    }

    // The weights with filters and channels exchanged: what the input gradient multiplies with.
    public override int PreparedLength => G.Groups * PreparedGroup + PredictPreparedLength + (GradientTransform is { } transform ? transform.WeightsLength + transform.WorkLength : 0);

    // Behind them, weights and working memory of transformed sums: forward, and backward.
    private int ForwardPlace => G.Groups * PreparedGroup;

    private int GradientPlace => ForwardPlace + PredictPreparedLength;

    public override int PredictPreparedLength => ForwardTransform is { } transform ? transform.WeightsLength + transform.WorkLength : 0;

    public override void EmitPredictPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets) =>
        writer.Line(ForwardTransform!.PrepareCall(KernelClass, $"Unsafe.Add(ref parameters, {offsets[0]})", prepared));

    // A pooling is the last that goes along.
    public override LayerNode? Fold(LayerNode next) => Pool is not null ? null
        : next is PoolNode pool && CanPool(pool) ? this with { Pool = pool, Output = pool.Output }
        : base.Fold(next);

    public override string Formula(string input, string output)
    {
        string result = Finished($"{input} * W");
        if (Pool is not null)
            result = $"{Pool.Description} of {result}";
        return $"{output} = {result}: [rows, {Input.Shape}] -> [rows, {Output.Shape}], {SourceWriter.Grouped(MultiplyAdds)} multiply-adds a row";
    }

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        string padded = step.Workspace("Padded") ?? step.Input, sum = step.Workspace("Sum") ?? step.Output;
        if (!ReadsInput && step.Workspace("Padded") is not null)
            EmitForGroups(writer, group => EmitPad(writer, step.Input, padded, group));
        string buffer = step.Workspace("Group") is { } results ? $"ref {results}, " : "", scale = ScaleArgument(step);
        if (ForwardTransform is { } transform)
        {
            string prepared = step.IsPredicting ? step.Prepared : $"Unsafe.Add(ref {step.Prepared}, {ForwardPlace})";
            writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref parameters, {scale}ref {prepared}, ref {sum}, count);");
        }
        else if (Columns is { } columns)
        {
            writer.Line(columns.PlanesCall(step.Input, Input, step.Workspaces["Planes"]));
            writer.Line($"{KernelClass}.Forward<V>(ref {step.Workspaces["Planes"]}, ref parameters, {scale}ref {step.Workspaces["Lines"]}, ref {sum}, count);");
        }
        else
        {
            writer.Line($"{KernelClass}.Forward<V>(ref {padded}, ref parameters, {scale}{buffer}ref {sum}, count);");
        }

        EmitActivate(writer, step, sum);
    }

    private void EmitPad(SourceWriter writer, string input, string padded, string? group)
    {
        if (ReadsPlanes)
        {
            writer.Line($"ImageCopy.ToPlanes(ref {input}, {Input.RowLength}, 0, ref {padded}, {PaddedGroup}, {G.Channels}, {Input.Height}, {Input.Width}, {G.PaddingY}, {G.Padding}, {G.PaddedWidth}, 1, count);");
            return;
        }

        string source = group is null ? input : $"Unsafe.Add(ref {input}, {group} * {G.Channels * (Input.Layout == TensorLayout.Image ? 1 : Input.Positions)})";
        string target = group is null ? padded : $"Unsafe.Add(ref {padded}, {group} * {PaddedGroup})";
        writer.Line($"ImageCopy.Pad(ref {source}, {Input.RowLength}, {(Input.Layout == TensorLayout.Image ? Input.ChannelStride : 0)}, ref {target}, {G.Groups * PaddedGroup}, "
            + $"{G.Channels}, {Input.Height}, {Input.Width}, {G.PaddingY}, {G.Padding}, count);");
    }

    private void EmitForGroups(SourceWriter writer, Action<string?> emit)
    {
        if (!IsGrouped)
        {
            emit(null);
            return;
        }

        using (writer.Block($"for (nint group = 0; group < {G.Groups}; group++)"))
            emit("group");
    }

    public override void EmitForwardPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets)
    {
        if (ForwardTransform is { } transform)
            writer.Line(transform.PrepareCall(KernelClass, $"Unsafe.Add(ref parameters, {offsets[0]})", $"Unsafe.Add(ref {prepared}, {ForwardPlace})"));
    }

    public override void EmitPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets)
    {
        EmitForGroups(writer, group => writer.Line(
            $"ImageCopy.ExchangeChannels(ref Unsafe.Add(ref parameters, {offsets[0]}{At(group, GroupWeights)}), ref {(group is null ? prepared : $"Unsafe.Add(ref {prepared}, group * {PreparedGroup})")}, {G.GroupFilters}, {Kernels.SpreadChannels}, {Kernels.SpreadTaps});"));
        if (GradientTransform is { } transform)
            writer.Line(transform.PrepareCall(KernelClass, prepared, $"Unsafe.Add(ref {prepared}, {GradientPlace})"));
    }

    private static string At(string? group, int length) => group is null ? "" : $" + {group} * {length}";

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        ForwardStep forward = step.Forward;
        string padded = forward.Workspace("Padded") ?? forward.Input;
        string target = forward.Workspace("PaddedGradient") ?? step.InputGradients[0];
        EmitActivationGradient(writer, step);
        EmitForGroups(writer, group =>
        {
            string gradient = step.OutputGradient;
            if (group is not null)
            {
                gradient = "groupGradient";
                string slice = $"Unsafe.Add(ref {step.OutputGradient}, group * {G.GroupFilters})";
                if (IsDirect)
                {
                    writer.Line($"ref var groupGradient = ref {slice};");
                }
                else
                {
                    writer.Line($"ref var groupGradient = ref {forward.Workspaces["GroupGradient"]};");
                    writer.Line($"RowCopy.Copy(ref {slice}, {Output.ChannelStride}, ref groupGradient, {PanelLayout.Pad(G.GroupFilters)}, {G.GroupFilters}, count * {G.Positions});");
                }
            }

            string At(string buffer, int length) => group is null ? buffer : $"Unsafe.Add(ref {buffer}, group * {length})";
            string biases = group is null || BiasStart is null ? "" : $"group * {GroupBiases}, ";
            string place = group is null ? "" : $"group * {GroupWeights}, {biases}";
            writer.Line("if (hasGradients)");
            writer.Line($"    {KernelClass}.ParameterGradients<V>(ref {At(padded, PaddedGroup)}, ref {gradient}, ref gradients, {place}count);");
            if (GradientTransform is not null)
            {
                step.EmitInputGradient(writer, $"{KernelClass}.InputGradient<V>(ref {gradient}, ref Unsafe.Add(ref {step.Prepared}, {GradientPlace}), ref {step.InputGradients[0]}, count);");
                return;
            }

            step.EmitInputGradient(writer, $"{KernelClass}.InputGradient<V>(ref {gradient}, ref {At(step.Prepared, PreparedGroup)}, ref {target}, count);");
            if (WritesInputGradient)
                return;
            bool isImage = Input.Layout == TensorLayout.Image;
            if (isImage && group is null && SpreadsLines)
            {
                step.EmitInputGradient(writer, $"{KernelClass}.Gather<V>(ref {target}, ref {step.InputGradients[0]}, count);");
                return;
            }

            // A group's channels are followed by those of the next; all of an image take their padding along.
            int channels = isImage && group is null ? Input.ChannelStride : G.Channels;
            step.EmitInputGradient(
                writer,
                $"ImageCopy.Crop(ref {target}, {Kernels.GradientRow}, {Kernels.GradientStride}, ref {At(step.InputGradients[0], G.Channels * (isImage ? 1 : Input.Positions))}, {Input.RowLength}, {(isImage ? Input.ChannelStride : 0)}, "
                + $"{channels}, {Input.Height}, {Input.Width}, {G.PaddingY}, {G.Padding}, count);");
        });
        if (GradientTransform is not null)
            return;
        int gap = Input.Layout == TensorLayout.Image ? Input.ChannelStride - Input.Channels : Input.RowLength - Input.Size;
        if (!WritesInputGradient && gap > 0 && (IsGrouped || Input.Layout == TensorLayout.Flat))
        {
            int blocks = Input.Layout == TensorLayout.Image ? Input.Positions : 1;
            step.EmitInputGradient(writer, $"RowCopy.ClearPadding(ref {step.InputGradients[0]}, {Input.RowLength / blocks}, {Input.RowLength / blocks - gap}, count * {blocks});");
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
        EmitActivationKernels(writer, context.T);
        EmitParameterGradients(writer, context);
        if (GradientTransform is { } transform)
            EmitTransformedGradient(writer, context.T, transform);
        else
            Kernels.EmitInputGradient(writer, context.T);
        if (!IsGrouped && SpreadsLines && Input.Layout == TensorLayout.Image)
            EmitGather(writer, context.T);
    }

    private void EmitGather(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line("// The gradient within the padding, with the gaps between positions that images have.");
        using (writer.Kernel("public", "Gather", t, $"ref {t} source, ref {t} inputGradient, int rows"))
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        using (writer.Block($"for (nint y = 0; y < {Input.Height}; y++)"))
        {
            int start = (G.PaddingY * G.PaddedWidth + G.Padding) * G.Channels;
            writer.Line($"ref {t} from = ref Unsafe.Add(ref source, row * {Kernels.GradientRow} + y * {G.PaddedWidth * G.Channels}{Tiles.Plus(start)});");
            writer.Line($"ref {t} to = ref Unsafe.Add(ref inputGradient, row * {Input.RowLength} + y * {Input.Width * Input.ChannelStride});");
            using (writer.Block($"for (nint column = 0; column < {Input.ChannelStride}; column += V.Count)"))
            {
                writer.Line($"V mask = V.FirstLanes({G.Channels} - (int)column);");
                writer.Line($"for (nint x = 0; x < {Input.Width}; x++)");
                writer.Line($"    V.Store(V.Select(mask, V.Load(ref from, x * {G.Channels} + column), V.Zero), ref to, x * {Input.ChannelStride} + column);");
            }
        }
    }

    private static void EmitTransformedGradient(SourceWriter writer, string t, WinogradKernels transform)
    {
        writer.Line();
        writer.Line("// inputGradient = gradient * W turned by half, with filters and channels exchanged");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} gradient, ref {t} prepared, ref {t} inputGradient, int rows"))
            writer.Line($"{transform.Name}<V>(ref gradient, ref prepared, ref inputGradient, ref Unsafe.Add(ref prepared, {transform.WeightsLength}), rows);");
        transform.Emit(writer, t, isFlipped: true, Epilogue.None);
    }

    private void EmitForwardKernels(SourceWriter writer, string t)
    {
        string scale = IsScaled ? $"ref {t} scale, " : "", epilogue = BiasStart is null ? "" : "ref Unsafe.Add(ref parameters, Bias), ";
        if (IsScaled)
            epilogue += $"ref scale, ref Unsafe.Add(ref scale, {BatchNormNode.ShiftPlace(Output)}), ";
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        if (ForwardTransform is { } transform)
        {
            using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, {scale}ref {t} prepared, ref {t} output, int rows"))
                writer.Line($"{transform.Name}<V>(ref input, ref prepared, {epilogue}ref output, ref Unsafe.Add(ref prepared, {transform.WeightsLength}), rows);");
            transform.Emit(writer, t, isFlipped: false, Epilogue);
            return;
        }

        if (Columns is { } columns)
        {
            using (writer.Kernel("public", "Forward", t, $"ref {t} planes, ref {t} parameters, {scale}ref {t} lines, ref {t} output, int rows"))
                writer.Line($"Columns<V>(ref planes, ref Unsafe.Add(ref parameters, Weight), {epilogue}ref lines, ref output, rows);");
            columns.Emit(writer, t, Epilogue);
            return;
        }

        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, {scale}{(IsDirect ? "" : $"ref {t} results, ")}ref {t} output, int rows"))
        {
            EmitForGroups(writer, group =>
            {
                string source = group is null ? "input" : $"Unsafe.Add(ref input, group * {PaddedGroup})";
                string target = !IsDirect ? "results" : group is null ? "output" : $"Unsafe.Add(ref output, group * {G.GroupFilters})";
                string bias = BiasStart is null ? "" : $"ref Unsafe.Add(ref parameters, Bias{At(group, GroupBiases)}), ";
                string scales = !IsScaled ? "" : $"ref Unsafe.Add(ref scale, 0{At(group, G.GroupFilters)}), ref Unsafe.Add(ref scale, {BatchNormNode.ShiftPlace(Output)}{At(group, G.GroupFilters)}), ";
                writer.Line($"ForwardPanels<V>(ref {source}, ref Unsafe.Add(ref parameters, Weight{At(group, GroupWeights)}), {bias}{scales}ref {target}, rows);");
                if (!IsDirect)
                    writer.Line($"RowCopy.CopyInto(ref results, {PanelLayout.Pad(G.GroupFilters)}, ref Unsafe.Add(ref output, group * {G.GroupFilters}), {Output.ChannelStride}, {G.GroupFilters}, rows * {G.Positions});");
            });
            if (!IsDirect && Output.ChannelStride > Output.Channels)
                writer.Line($"RowCopy.ClearPadding(ref output, {Output.ChannelStride}, {Output.Channels}, rows * {G.Positions});");
        }

        Kernels.EmitForward(writer, t, Epilogue);
    }

    private void EmitParameterGradients(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        string bias = BiasStart is null ? "" : "; db += sums of gradient over positions", groups = IsGrouped ? $"nint weightPlace, {(BiasStart is null ? "" : "nint biasPlace, ")}" : "";
        writer.Line();
        writer.Line($"// dW += input correlated with gradient, over all rows and positions{bias}");
        using (writer.Kernel("public", "ParameterGradients", t, $"ref {t} input, ref {t} gradient, ref {t} gradients, {groups}int rows"))
        {
            Kernels.EmitWeightGradientCalls(writer, t, IsGrouped ? "Weight + weightPlace" : "Weight");
            if (BiasStart is not null)
            {
                int stride = IsDirect ? Output.ChannelStride : PanelLayout.Pad(G.GroupFilters);
                Tiles.EmitBiasGradient(
                    writer, context, IsGrouped ? "Bias + biasPlace" : "Bias", PanelLayout.Pad(G.GroupFilters), G.Positions, stride, IsDirect ? Output.RowLength : GroupRow);
            }
        }

        Kernels.EmitWeightGradient(writer, context);
    }
}
