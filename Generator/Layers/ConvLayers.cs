using NetGen.Generator.Diagnostics;
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

    // Its own padded copy of the input brings any layout into the one its kernels read. Where channels fill vectors, kernels read images best.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) =>
        input.Dimensions[0] >= PanelLayout.Alignment || (reader.Integer("Groups", 1) == input.Dimensions[0] && input.Dimensions[0] > 1)
            ? [TensorLayout.Image]
            : [TensorLayout.Image, TensorLayout.Flat, TensorLayout.Packed];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        if (ConvArguments.Read(reader, inputs[0], dimensions) is not { } given || given.Geometry(reader, inputs[0]) is not { } geometry)
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

/// <summary>The arguments that all convolutions have.</summary>
internal sealed record ConvArguments(
    int Dimensions, int Filters, int Kernel, int Stride, int Dilation, ActivationFunction Activation, StartValues Weight, StartValues? Bias)
{
    public const int Same = -1;
    private const int MostPadding = 1 << 12;

    /// <summary>Reads them, or returns null after reporting what is wrong.</summary>
    public static ConvArguments? Read(LayerReader reader, Tensor input, int dimensions, int? givenFilters = null)
    {
        ActivationFunction? activation = reader.Activation("Activation");
        StartValues? weight = reader.Start("Weight", activation?.DefaultInitializer ?? Initializer.XavierUniform);
        StartValues? bias = reader.Start("Bias", Initializer.Zeros);
        int? filters = givenFilters ?? reader.Positive("Filters"), kernel = reader.Positive("Kernel"), stride = reader.Positive("Stride", 1);
        int? dilation = reader.Positive("Dilation", 1);
        if (input.Shape.Dimensions.Count != dimensions + 1)
        {
            string expected = dimensions == 2 ? "[channels, height, width]" : "[channels, length]";
            reader.Report(Rules.WrongRank, null, reader.Name, expected, input.Shape.ToString(), "");
            return null;
        }

        if (activation is null || weight is null || bias is null || filters is null || kernel is null || stride is null || dilation is null)
            return null;
        if (!activation.IsRowWise)
        {
            return new(
                dimensions, filters.Value, kernel.Value, stride.Value, dilation.Value, activation, weight, reader.Flag("Bias", true) ? bias : null);
        }

        reader.Report(Rules.WrongRank, "Activation", reader.Name, "an activation of single elements", input.Shape.ToString(), ": put a softmax into a layer of its own");
        return null;
    }

    /// <summary>The sizes of a convolution that reads windows of an input, or null after reporting what does not fit.</summary>
    public ConvGeometry? Geometry(LayerReader reader, Tensor input, int? givenGroups = null)
    {
        int channels = input.Channels, groups = givenGroups ?? reader.Integer("Groups", 1);
        if (groups < 1 || channels % groups != 0 || Filters % groups != 0)
        {
            reader.Report(
                Rules.GroupsDoNotDivide, "Groups", reader.Name, NetworkGraph.Text(groups), $"{NetworkGraph.Text(channels)} channels and {NetworkGraph.Text(Filters)} filters");
            return null;
        }

        long span = (Kernel - 1L) * Dilation + 1;
        int padding = reader.Integer("Padding");
        if (padding == Same && span % 2 == 0)
        {
            reader.Report(Rules.PaddingOutOfRange, "Padding", reader.Name, "Layer.Same", "which needs a kernel that spans an odd number of inputs");
            return null;
        }

        if (padding is < Same or > MostPadding)
        {
            reader.Report(
                Rules.PaddingOutOfRange, "Padding", reader.Name, NetworkGraph.Text(padding),
                $"it must be Layer.Same or from 0 to {NetworkGraph.Text(MostPadding)}");
            return null;
        }

        if (padding == Same)
            padding = (int)Math.Min(int.MaxValue, (span - 1) / 2);
        int smallest = Dimensions == 2 ? Math.Min(input.Height, input.Width) : input.Width;
        if (span > smallest + 2L * padding)
        {
            string padded = padding > 0 ? $" and {NetworkGraph.Text(2L * padding)} of padding" : "";
            reader.ReportFixable(
                Rules.KernelTooLarge, "Kernel", NetworkGraph.Text((smallest + 2L * padding - 1) / Dilation + 1), reader.Name,
                NetworkGraph.Text(span), NetworkGraph.Text(smallest), padded);
            return null;
        }

        ConvGeometry geometry = new(input, Filters, Kernel, Stride, Dilation, padding, Dimensions == 2, groups);
        if (geometry.PaddedElements <= NetworkGraph.LargestRow)
            return geometry;
        reader.Report(
            Rules.TooLarge, "Padding", $"The padded input of layer '{reader.Name}'", NetworkGraph.Text(geometry.PaddedElements), "elements",
            NetworkGraph.Text(NetworkGraph.LargestRow));
        return null;
    }
}

/// <summary>The sizes of a convolution. A signal is an image of height 1.</summary>
internal sealed record ConvGeometry(Tensor Input, int Filters, int Kernel, int Stride, int Dilation, int Padding, bool IsImage, int Groups = 1)
{
    public int KernelHeight => IsImage ? Kernel : 1;

    public int StrideY => IsImage ? Stride : 1;

    public int PaddingY => IsImage ? Padding : 0;

    /// <summary>The channels that a filter reads.</summary>
    public int Channels => Input.Channels / Groups;

    /// <summary>The filters that read the same channels.</summary>
    public int GroupFilters => Filters / Groups;

    public bool IsDepthwise => Groups > 1 && Channels == 1 && GroupFilters == 1;

    public int PaddedHeight => Input.Height + 2 * PaddingY;

    public int PaddedWidth => Input.Width + 2 * Padding;

    public double PaddedElements => (Input.Height + 2d * PaddingY) * (Input.Width + 2d * Padding) * Input.ChannelStride;

    public int OutputHeight => (PaddedHeight - (KernelHeight - 1) * Dilation - 1) / StrideY + 1;

    public int OutputWidth => (PaddedWidth - (Kernel - 1) * Dilation - 1) / Stride + 1;

    public int Positions => OutputHeight * OutputWidth;

    public int Taps => KernelHeight * Kernel;

    /// <summary>Weights of one filter.</summary>
    public int Fan => Taps * Channels;

    /// <summary>The shape of the weights in files.</summary>
    public Shape WeightShape => IsImage ? new(Filters, Channels, Kernel, Kernel) : new(Filters, Channels, Kernel);

    /// <summary>
    /// Where a kernel covers one position and moves by one, lines do not matter: an image is one long line, which tiles divide with less waste.
    /// </summary>
    public ConvGeometry AsLine => IsImage && this is { Kernel: 1, Stride: 1, Padding: 0 }
        ? this with { Input = Input with { Shape = new(Input.Channels, Input.Positions) }, IsImage = false }
        : this;

    /// <summary>The options in a layer's description, apart from the activation.</summary>
    public string Options => string.Concat(
        Stride == 1 ? "" : $", stride {Stride}", Padding == 0 ? "" : $", padding {Padding}", Dilation == 1 ? "" : $", dilation {Dilation}",
        Groups == 1 ? "" : $", {Groups} groups");

    /// <summary>The inputs of a position, where positions stand so many elements apart.</summary>
    public KernelReach Reach(int positionStride) => positionStride == Channels && Dilation == 1
        ? new(KernelHeight, PaddedWidth * positionStride, 1, 0, Kernel * Channels)
        : new(KernelHeight, Dilation * PaddedWidth * positionStride, Kernel, Dilation * positionStride, Channels);
}

/// <summary>
/// A convolution of known sizes. Its kernels read a padded copy of the input, channels last and without gaps, in which the inputs
/// under one row of the kernel stand next to each other; they are then those of a dense layer whose rows are positions.
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
        G.AsLine, ReadsInput ? Input.RowLength : G.Groups * PaddedGroup, G.Channels, IsDirect ? Output.ChannelStride : PanelLayout.Pad(G.GroupFilters),
        IsDirect ? Output.RowLength : GroupRow, GradientStride);

    private bool IsGrouped => G.Groups > 1;

    // Groups of whole vectors lie in the output as they do in a buffer of their own.
    private bool IsDirect => !IsGrouped || G.GroupFilters % PanelLayout.Alignment == 0;

    private int GroupRow => G.Positions * PanelLayout.Pad(G.GroupFilters);

    // Elements from one position to the next of the padded input gradient.
    private int GradientStride => PanelLayout.Pad(G.Channels);

    private int PaddedGroup => PanelLayout.Pad(G.PaddedHeight * G.PaddedWidth * G.Channels);

    // Where channels lie without gaps and nothing is added around them, the input itself is what kernels read.
    private bool ReadsInput => !IsGrouped && G.Padding == 0
        && (Input.Layout == TensorLayout.Image ? G.Channels == Input.ChannelStride : G.Channels == 1);

    private bool WritesInputGradient => !IsGrouped && G.Padding == 0 && Input.Layout == TensorLayout.Image;

    private int GradientRow => G.PaddedHeight * G.PaddedWidth * GradientStride;

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

    private int PreparedGroup => G.Taps * G.GroupFilters * GradientStride;

    public override string Description =>
        $"Conv{(G.IsImage ? 2 : 1)}D({G.Filters}, {G.Kernel}{G.Options}{LastOptions})";

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Parameter weight = new("Weight", G.WeightShape, ParameterForm.Kernels, WeightStart, G.Fan, G.GroupFilters * G.Taps) { Parts = G.Groups };
            return BiasStart is null ? [weight] : [weight, Bias(IsGrouped ? ParameterForm.Panels : ParameterForm.Contiguous)];

            // The biases of each group begin at a whole vector.
            Parameter Bias(ParameterForm form) => new("Bias", new Shape(G.Filters), form, BiasStart, G.Fan, G.Filters) { Parts = G.Groups };
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
                workspaces.Add(new("PaddedGradient", GradientRow, WorkspaceLife.Backward));
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

        if (!Activation.IsCheap)
            writer.Line($"{KernelClass}.Activate<V>(ref {sum}, ref {step.Output}, count);");
    }

    private void EmitPad(SourceWriter writer, string input, string padded, string? group)
    {
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
            $"ImageCopy.ExchangeChannels(ref Unsafe.Add(ref parameters, {offsets[0]}{At(group, GroupWeights)}), ref {(group is null ? prepared : $"Unsafe.Add(ref {prepared}, group * {PreparedGroup})")}, {G.GroupFilters}, {G.Channels}, {G.Taps});"));
        if (GradientTransform is { } transform)
            writer.Line(transform.PrepareCall(KernelClass, prepared, $"Unsafe.Add(ref {prepared}, {GradientPlace})"));
    }

    private static string At(string? group, int length) => group is null ? "" : $" + {group} * {length}";

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        ForwardStep forward = step.Forward;
        string padded = forward.Workspace("Padded") ?? forward.Input, known = forward.Workspace("Sum") ?? forward.Output;
        string target = forward.Workspace("PaddedGradient") ?? step.InputGradients[0];
        if (!Activation.IsIdentity)
            writer.Line($"{KernelClass}.ActivationGradient<V>(ref {known}, ref {step.OutputGradient}, count);");
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
            // A group's channels are followed by those of the next; all of an image take their padding along.
            bool isImage = Input.Layout == TensorLayout.Image;
            int channels = isImage && group is null ? Input.ChannelStride : G.Channels;
            step.EmitInputGradient(
                writer,
                $"ImageCopy.Crop(ref {target}, {GradientRow}, ref {At(step.InputGradients[0], G.Channels * (isImage ? 1 : Input.Positions))}, {Input.RowLength}, {(isImage ? Input.ChannelStride : 0)}, "
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
        if (!Activation.IsIdentity)
            ActivationKernels.Emit(writer, Activation, Output, context.T, withForward: !Activation.IsCheap);
        EmitParameterGradients(writer, context.T);
        if (GradientTransform is { } transform)
            EmitTransformedGradient(writer, context.T, transform);
        else
            Kernels.EmitInputGradient(writer, context.T);
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
        string scale = IsScaled ? $"ref {t} scale, " : "";
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        if (ForwardTransform is { } transform)
        {
            string ofBias = BiasStart is null ? "" : "ref Unsafe.Add(ref parameters, Bias), ";
            string ofScale = IsScaled ? $"ref scale, ref Unsafe.Add(ref scale, {BatchNormNode.ShiftPlace(Output)}), " : "";
            using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, {scale}ref {t} prepared, ref {t} output, int rows"))
                writer.Line($"{transform.Name}<V>(ref input, ref prepared, {ofBias}{ofScale}ref output, ref Unsafe.Add(ref prepared, {transform.WeightsLength}), rows);");
            transform.Emit(writer, t, isFlipped: false, Epilogue);
            return;
        }

        if (Columns is { } columns)
        {
            string ofBias = BiasStart is null ? "" : "ref Unsafe.Add(ref parameters, Bias), ";
            string ofScale = IsScaled ? $"ref scale, ref Unsafe.Add(ref scale, {BatchNormNode.ShiftPlace(Output)}), " : "";
            using (writer.Kernel("public", "Forward", t, $"ref {t} planes, ref {t} parameters, {scale}ref {t} lines, ref {t} output, int rows"))
                writer.Line($"Columns<V>(ref planes, ref Unsafe.Add(ref parameters, Weight), {ofBias}{ofScale}ref lines, ref output, rows);");
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

    private void EmitParameterGradients(SourceWriter writer, string t)
    {
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
                    writer, IsGrouped ? "Bias + biasPlace" : "Bias", PanelLayout.Pad(G.GroupFilters), G.Positions, stride, IsDirect ? Output.RowLength : GroupRow);
            }
        }

        Kernels.EmitWeightGradient(writer, t);
    }
}

/// <summary>The kernels of a convolution, or of one group of one: which buffers they read and write decides the strides.</summary>
/// <param name="G">The sizes.</param>
/// <param name="InputRow">Elements from one row of the padded input to the next.</param>
/// <param name="InputStride">Elements from one position of the padded input to the next.</param>
/// <param name="OutputStride">Elements from one position of the output to the next.</param>
/// <param name="OutputRow">Elements from one row of the output to the next.</param>
/// <param name="GradientStride">Elements from one position of the padded input gradient to the next.</param>
internal sealed record ConvKernels(ConvGeometry G, int InputRow, int InputStride, int OutputStride, int OutputRow, int GradientStride)
{
    // Vectors of sums that the latency of a multiply-add leaves time for.
    private const int FewestSums = 8;

    // Vectors of sums that 32 registers hold beside what they are made of.
    private const int MostSums = 28;

    private KernelReach Reach => G.Reach(InputStride);

    private int GradientRow => G.PaddedHeight * G.PaddedWidth * GradientStride;

    // Elements of the padded input from one line of outputs to the next.
    private int LineStep => G.StrideY * G.PaddedWidth * InputStride;

    public void EmitForward(SourceWriter writer, string t, Epilogue epilogue)
    {
        Panels panels = new(G.GroupFilters, G.Fan);
        writer.Line();
        writer.Line("// All panels of filters of all rows.");
        using (writer.Kernel("private", "ForwardPanels", t, $"ref {t} input, ref {t} weight, {epilogue.Parameters(t)}ref {t} output, int rows"))
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        {
            panels.EmitCalls(writer, (suffix, start, panel) =>
                $"Forward{suffix}<V>(ref Unsafe.Add(ref input, row * {InputRow}), ref Unsafe.Add(ref weight, {start}), "
                + $"{epilogue.ArgumentsAt(panel)}ref Unsafe.Add(ref output, row * {OutputRow} + {panel}));");
        }

        foreach ((string suffix, int width) in panels.Kinds)
        {
            writer.Line();
            writer.Line($"// {width} channels of one image, line by line. The last tile of a line overlaps the one before.");
            using (writer.Kernel("private", $"Forward{suffix}", t, $"ref {t} input, ref {t} weight, {epilogue.Parameters(t)}ref {t} output"))
            using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
            {
                writer.Line($"ref {t} line = ref Unsafe.Add(ref input, y * {LineStep});");
                writer.Line($"ref {t} result = ref Unsafe.Add(ref output, y * {G.OutputWidth * OutputStride});");
                EmitByRegisters(writer, width, tile =>
                {
                    writer.Line($"for (nint at = 0; at < {G.OutputWidth}; at += {tile})");
                    string x = G.OutputWidth % tile == 0 ? "at" : $"Math.Min(at, {G.OutputWidth - tile})";
                    writer.Line($"    Forward{suffix}Tile{tile}<V>(ref Unsafe.Add(ref line, {x} * {G.Stride * InputStride}), ref weight, {epilogue.Arguments}ref Unsafe.Add(ref result, {x} * {OutputStride}));");
                });
            }

            foreach (int tile in TilesOf(width).Distinct())
                Tiles.EmitForward(writer, t, $"Forward{suffix}Tile{tile}", width, tile, G.Stride * InputStride, OutputStride, Reach, epilogue);
        }
    }

    /// <summary>The calls over all segments of the kernel; <paramref name="place"/> is where the gradients of the weights begin.</summary>
    public void EmitWeightGradientCalls(SourceWriter writer, string t, string place)
    {
        KernelReach reach = Reach;
        Panels panels = new(G.GroupFilters, G.Fan);
        if (panels.Kinds.All(kind => FitsRegisters(kind.Width)))
        {
            using (writer.Block("if (V.HasManyRegisters)"))
            {
                panels.EmitCalls(writer, (suffix, start, panel) =>
                    $"WholeWeightGradient{suffix}<V>(ref input, ref Unsafe.Add(ref gradient, {panel}), ref Unsafe.Add(ref gradients, {place} + {start}), rows);");
            }

            using (writer.Block("else"))
                EmitSegments();
        }
        else
        {
            EmitSegments();
        }

        void EmitSegments()
        {
            using (writer.Block($"for (nint kernelRow = 0; kernelRow < {reach.Lines}; kernelRow++)"))
            using (reach.Segments == 1 ? default : writer.Block($"for (nint kernelColumn = 0; kernelColumn < {reach.Segments}; kernelColumn++)"))
            {
                string column = reach.Segments == 1 ? "" : $" + kernelColumn * {reach.SegmentStep}";
                writer.Line($"ref {t} x = ref Unsafe.Add(ref input, kernelRow * {reach.LineStep}{column});");
                writer.Line($"nint segment = {(reach.Segments == 1 ? "kernelRow" : $"kernelRow * {reach.Segments} + kernelColumn")};");
                panels.EmitCalls(writer, (suffix, start, panel) =>
                    $"WeightGradient{suffix}<V>(ref x, ref Unsafe.Add(ref gradient, {panel}), ref Unsafe.Add(ref gradients, {place} + {start} + segment * {reach.Segment * Panels.Width(suffix)}), rows);");
            }
        }
    }

    public void EmitWeightGradient(SourceWriter writer, string t)
    {
        TileLoop[] loops =
        [
            new("row", "rows", InputRow, OutputRow),
            new("y", $"{G.OutputHeight}", LineStep, G.OutputWidth * OutputStride),
            new("at", $"{G.OutputWidth}", G.Stride * InputStride, OutputStride),
        ];
        foreach ((string suffix, int width) in new Panels(G.GroupFilters, G.Fan).Kinds)
        {
            Tiles.EmitWeightGradients(writer, t, $"WeightGradient{suffix}", width, Reach.Segment, loops);
            if (new Panels(G.GroupFilters, G.Fan).Kinds.All(kind => FitsRegisters(kind.Width)))
                Tiles.EmitWeightGradient(writer, t, $"WholeWeightGradient{suffix}", width, [.. Reach.Places], loops);
        }
    }

    // Whether the sums of all weights of a panel's filters fit the registers at once, so that one pass over the gradient does.
    private bool FitsRegisters(int width) => Reach.Lines * Reach.Segments > 1 && G.Fan * width <= MostSums * PanelLayout.Alignment;

    /// <summary>
    /// The gradient of the padded input, which is also what a transposed convolution computes forward, under other names.
    /// </summary>
    public void EmitInputGradient(SourceWriter writer, string t, string name = "InputGradient", string access = "public")
    {
        Panels panels = new(G.Channels, G.Taps * G.GroupFilters);
        writer.Line();
        writer.Line($"// inputGradient = gradient spread over the kernel's positions by W, [{G.PaddedHeight}, {G.PaddedWidth}] positions with the padding");
        using (writer.Kernel(access, name, t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient, int rows"))
        {
            writer.Line($"MemoryMarshal.CreateSpan(ref inputGradient, rows * {GradientRow}).Clear();");
            using (writer.Block("for (nint row = 0; row < rows; row++)"))
            {
                panels.EmitCalls(writer, (suffix, start, panel) =>
                    $"{name}{suffix}<V>(ref Unsafe.Add(ref gradient, row * {OutputRow}), ref Unsafe.Add(ref weight, {start}), ref Unsafe.Add(ref inputGradient, row * {GradientRow} + {panel}));");
            }
        }

        foreach ((string suffix, int width) in panels.Kinds)
        {
            writer.Line();
            using (writer.Kernel("private", $"{name}{suffix}", t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient"))
            using (writer.Block($"for (nint tap = 0; tap < {G.Taps}; tap++)"))
            {
                writer.Line($"nint kernelRow = tap / {G.Kernel}, kernelColumn = tap % {G.Kernel};");
                writer.Line($"ref {t} w = ref Unsafe.Add(ref weight, tap * {G.GroupFilters * width});");
                using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
                {
                    writer.Line($"ref {t} g = ref Unsafe.Add(ref gradient, y * {G.OutputWidth * OutputStride});");
                    writer.Line($"ref {t} line = ref Unsafe.Add(ref inputGradient, ((y * {G.StrideY} + kernelRow * {G.Dilation}) * {G.PaddedWidth} + kernelColumn * {G.Dilation}) * {GradientStride});");
                    EmitByRegisters(writer, width, tile =>
                    {
                        // Sums are added to, so no position may be met twice: what is left over has a tile of its own.
                        int rest = G.OutputWidth % tile;
                        writer.Line($"for (nint at = 0; at < {G.OutputWidth - rest}; at += {tile})");
                        writer.Line($"    {Call($"{tile}", "at")}");
                        if (rest > 0)
                            writer.Line(Call($"{rest}", $"{G.OutputWidth - rest}"));
                    });
                }

                string Call(string tile, string x) =>
                    $"{name}{suffix}Tile{tile}<V>(ref Unsafe.Add(ref g, {x} * {OutputStride}), ref w, ref Unsafe.Add(ref line, {x} * {G.Stride * GradientStride}));";
            }

            IEnumerable<int> tiles = TilesOf(width).SelectMany(tile => (int[])[tile, G.OutputWidth % tile]).Where(tile => tile > 0).Distinct();
            foreach (int tile in tiles)
                Tiles.EmitInputGradient(writer, t, $"{name}{suffix}Tile{tile}", width, tile, G.GroupFilters, OutputStride, G.Stride * GradientStride);
        }
    }

    // Positions at a time, where the processor has 32 vector registers and where it has 16. A narrow panel has one vector of sums for each.
    private int[] TilesOf(int width) => width == PanelLayout.PanelWidth ? [BestTile(8, 2), BestTile(4, 2)] : [BestTile(14, 1), BestTile(10, 1)];

    // The positions at a time that waste least of a line; loading a weight costs about a vector's work.
    private int BestTile(int most, int vectors) => Enumerable.Range(1, Math.Min(most, G.OutputWidth))
        .OrderBy(tile => (G.OutputWidth + tile - 1) / tile * (Math.Max(tile * vectors, FewestSums) + vectors)).ThenByDescending(tile => tile).First();

    private void EmitByRegisters(SourceWriter writer, int width, Action<int> emit)
    {
        int[] tiles = TilesOf(width);
        if (tiles[0] == tiles[1])
        {
            emit(tiles[0]);
            return;
        }

        using (writer.Block("if (V.HasManyRegisters)"))
            emit(tiles[0]);
        using (writer.Block("else"))
            emit(tiles[1]);
    }
}
