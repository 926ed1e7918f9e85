using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>A convolution of images, [channels, height, width], or of signals, [channels, length].</summary>
internal sealed class ConvLayer(int dimensions) : LayerKind
{
    private const int Same = -1;
    private const int MostPadding = 1 << 12;

    public override string Name => $"Conv{dimensions}D";

    public override string SizeArgument => "Filters";

    public override bool HasParameters => true;

    // Its own padded copy of the input brings any layout into the one its kernels read.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) =>
        [TensorLayout.Image, TensorLayout.Flat, TensorLayout.Packed];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        Tensor input = inputs[0];
        ActivationFunction? activation = reader.Activation("Activation");
        StartValues? weight = reader.Start("Weight", activation?.DefaultInitializer ?? Initializer.XavierUniform);
        StartValues? bias = reader.Start("Bias", Initializer.Zeros);
        int? filters = reader.Positive("Filters"), kernel = reader.Positive("Kernel"), stride = reader.Positive("Stride", 1);
        int? dilation = reader.Positive("Dilation", 1);
        if (input.Shape.Dimensions.Count != dimensions + 1)
        {
            string expected = dimensions == 2 ? "[channels, height, width]" : "[channels, length]";
            reader.Report(Rules.WrongRank, null, reader.Name, expected, input.Shape.ToString(), "");
            return null;
        }

        if (activation is null || weight is null || bias is null || filters is null || kernel is null || stride is null || dilation is null)
            return null;
        if (activation.IsRowWise)
        {
            reader.Report(Rules.WrongRank, "Activation", reader.Name, "an activation of single elements", input.Shape.ToString(), ": put a softmax into a layer of its own");
            return null;
        }

        long span = (kernel.Value - 1L) * dilation.Value + 1;
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
            padding = (int)(span - 1) / 2;
        int smallest = dimensions == 2 ? Math.Min(input.Height, input.Width) : input.Width;
        if (span > smallest + 2L * padding)
        {
            string padded = padding > 0 ? $" and {NetworkGraph.Text(2 * padding)} of padding" : "";
            reader.ReportFixable(
                Rules.KernelTooLarge, "Kernel", NetworkGraph.Text((smallest + 2 * padding - 1) / dilation.Value + 1), reader.Name,
                NetworkGraph.Text(span), NetworkGraph.Text(smallest), padded);
            return null;
        }

        bool isImage = dimensions == 2;
        ConvGeometry geometry = new(input, filters.Value, kernel.Value, stride.Value, dilation.Value, padding, isImage);
        Shape output = isImage
            ? new(filters.Value, geometry.OutputHeight, geometry.OutputWidth)
            : new(filters.Value, geometry.OutputWidth);
        return new ConvNode(
            reader.Name, inputs, new(output, TensorLayout.Image), geometry, activation, weight, reader.Flag("Bias", true) ? bias : null);
    }
}

/// <summary>The sizes of a convolution. A signal is an image of height 1.</summary>
internal sealed record ConvGeometry(Tensor Input, int Filters, int Kernel, int Stride, int Dilation, int Padding, bool IsImage)
{
    public int KernelHeight => IsImage ? Kernel : 1;

    public int StrideY => IsImage ? Stride : 1;

    public int PaddingY => IsImage ? Padding : 0;

    public int Channels => Input.Channels;

    public int PaddedHeight => Input.Height + 2 * PaddingY;

    public int PaddedWidth => Input.Width + 2 * Padding;

    public int OutputHeight => (PaddedHeight - (KernelHeight - 1) * Dilation - 1) / StrideY + 1;

    public int OutputWidth => (PaddedWidth - (Kernel - 1) * Dilation - 1) / Stride + 1;

    public int Positions => OutputHeight * OutputWidth;

    public int Taps => KernelHeight * Kernel;

    /// <summary>Weights of one filter.</summary>
    public int Fan => Taps * Channels;
}

/// <summary>
/// A convolution of known sizes. Its kernels read a padded copy of the input, channels last and without gaps, in which the inputs
/// under one row of the kernel stand next to each other; they are then those of a dense layer whose rows are positions.
/// </summary>
internal sealed record ConvNode(
    string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ConvGeometry Geometry, ActivationFunction Activation, StartValues WeightStart,
    StartValues? BiasStart)
    : LayerNode(Name, Inputs, Output)
{
    // Positions of a tile where the processor has 32 vector registers, and where it has 16.
    private const int MostPositions = 8;
    private const int FewPositions = 4;

    // A row of the kernel with this few inputs is straight-line code.
    private const int StraightLineInputs = 8;

    private ConvGeometry G => Geometry;

    private int Stride => Output.ChannelStride;

    // Elements from one position to the next of the padded input gradient.
    private int GradientStride => PanelLayout.Pad(G.Channels);

    private int PaddedSize => G.PaddedHeight * G.PaddedWidth * G.Channels;

    // What the kernel steps over as one: a whole row of it, or one position where dilation tears it apart.
    private int Segment => G.Dilation == 1 ? G.Kernel * G.Channels : G.Channels;

    private int Segments => G.Dilation == 1 ? 1 : G.Kernel;

    // Where channels lie without gaps and nothing is added around them, the input itself is what kernels read.
    private bool ReadsInput => G.Padding == 0
        && (Input.Layout == TensorLayout.Image ? G.Channels == Input.ChannelStride : G.Channels == 1);

    private int PaddedRow => ReadsInput ? Input.RowLength : PanelLayout.Pad(PaddedSize);

    private bool WritesInputGradient => G.Padding == 0 && Input.Layout == TensorLayout.Image;

    private int GradientRow => G.PaddedHeight * G.PaddedWidth * GradientStride;

    public override string Description
    {
        get
        {
            string options = string.Concat(
                G.Stride == 1 ? "" : $", stride {G.Stride}", G.Padding == 0 ? "" : $", padding {G.Padding}",
                G.Dilation == 1 ? "" : $", dilation {G.Dilation}", Activation.IsIdentity ? "" : $", {Activation.Description}",
                BiasStart is null ? ", no bias" : "");
            return $"Conv{(G.IsImage ? 2 : 1)}D({G.Filters}, {G.Kernel}{options})";
        }
    }

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Shape shape = G.IsImage ? new(G.Filters, G.Channels, G.Kernel, G.Kernel) : new(G.Filters, G.Channels, G.Kernel);
            Parameter weight = new("Weight", shape, ParameterForm.Kernels, WeightStart, G.Fan, G.Filters * G.Taps);
            return BiasStart is null ? [weight] : [weight, new("Bias", new Shape(G.Filters), ParameterForm.Contiguous, BiasStart, G.Fan, G.Filters)];
        }
    }

    public override long MultiplyAdds => (long)G.Positions * G.Filters * G.Fan;

    public override bool KeepsInput => ReadsInput;

    public override bool KeepsOutput => Activation.Source == DerivativeSource.Output;

    public override bool IsGradientInPlace => false;

    public override IReadOnlyList<Workspace> Workspaces
    {
        get
        {
            List<Workspace> workspaces = [];
            if (!ReadsInput)
                workspaces.Add(new("Padded", PaddedRow, WorkspaceLife.Both));
            if (Activation.Source == DerivativeSource.Input)
                workspaces.Add(new("Sum", Output.RowLength, WorkspaceLife.Training));
            if (!WritesInputGradient)
                workspaces.Add(new("PaddedGradient", GradientRow, WorkspaceLife.Backward));
            return workspaces;
        }
    }

    // The weights with filters and channels exchanged: what the input gradient multiplies with.
    public override int PreparedLength => G.Taps * G.Filters * GradientStride;

    public override string Formula(string input, string output)
    {
        string sum = $"{input} * W{(BiasStart is null ? "" : " + b")}";
        return $"{output} = {(Activation.IsIdentity ? sum : $"{Activation.Name}({sum})")}: [rows, {Input.Shape}] -> [rows, {Output.Shape}], "
            + $"{SourceWriter.Grouped(MultiplyAdds)} multiply-adds a row";
    }

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        string padded = step.Workspace("Padded") ?? step.Input, sum = step.Workspace("Sum") ?? step.Output;
        if (!ReadsInput)
        {
            writer.Line($"ImageCopy.Pad(ref {step.Input}, {Input.RowLength}, {Flag(Input.Layout == TensorLayout.Image)}, ref {padded}, {PaddedRow}, "
                + $"{G.Channels}, {Input.Height}, {Input.Width}, {G.PaddingY}, {G.Padding}, count);");
        }

        writer.Line($"{Name}Layer.Forward<V>(ref {padded}, ref parameters, ref {sum}, count);");
        if (!Activation.IsCheap)
            writer.Line($"{Name}Layer.Activate<V>(ref {sum}, ref {step.Output}, count);");
    }

    public override void EmitPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets) =>
        writer.Line($"ImageCopy.ExchangeChannels(ref Unsafe.Add(ref parameters, {offsets[0]}), ref {prepared}, {G.Filters}, {G.Channels}, {G.Taps});");

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        ForwardStep forward = step.Forward;
        string padded = forward.Workspace("Padded") ?? forward.Input, known = forward.Workspace("Sum") ?? forward.Output;
        string target = forward.Workspace("PaddedGradient") ?? step.InputGradients[0];
        if (!Activation.IsIdentity)
            writer.Line($"{Name}Layer.ActivationGradient<V>(ref {known}, ref {step.OutputGradient}, count);");
        writer.Line("if (hasGradients)");
        writer.Line($"    {Name}Layer.ParameterGradients<V>(ref {padded}, ref {step.OutputGradient}, ref gradients, count);");
        step.EmitInputGradient(writer, $"{Name}Layer.InputGradient<V>(ref {step.OutputGradient}, ref {step.Prepared}, ref {target}, count);");
        if (!WritesInputGradient)
        {
            step.EmitInputGradient(
                writer,
                $"ImageCopy.Crop(ref {target}, {GradientRow}, ref {step.InputGradients[0]}, {Input.RowLength}, {Flag(Input.Layout == TensorLayout.Image)}, "
                + $"{G.Channels}, {Input.Height}, {Input.Width}, {G.PaddingY}, {G.Padding}, count);");
        }
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        writer.Line($"private const int Weight = {context.Offsets[0]};");
        if (BiasStart is not null)
            writer.Line($"private const int Bias = {context.Offsets[1]};");
        EmitForwardKernels(writer, context.T);
        if (!Activation.IsIdentity)
            ActivationKernels.Emit(writer, Activation, Output, context.T, withForward: !Activation.IsCheap);
        EmitParameterGradients(writer, context.T);
        EmitInputGradient(writer, context.T);
    }

    // ---- forward ----

    private void EmitForwardKernels(SourceWriter writer, string t)
    {
        Panels panels = new(G.Filters, G.Fan);
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, ref {t} output, int rows"))
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        {
            panels.EmitCalls(writer, (suffix, start, panel) =>
                $"Forward{suffix}<V>(ref Unsafe.Add(ref input, row * {PaddedRow}), ref Unsafe.Add(ref parameters, Weight + {start}), "
                + $"{(BiasStart is null ? "" : $"ref Unsafe.Add(ref parameters, Bias + {panel}), ")}ref Unsafe.Add(ref output, row * {Output.RowLength} + {panel}));");
        }

        foreach ((string suffix, int width) in panels.Kinds)
        {
            string bias = BiasStart is null ? "" : $"ref {t} bias, ", biasArgument = BiasStart is null ? "" : "ref bias, ";
            writer.Line();
            writer.Line($"// {width} channels of one image, line by line. The last tile of a line overlaps the one before.");
            using (writer.Kernel("private", $"Forward{suffix}", t, $"ref {t} input, ref {t} weight, {bias}ref {t} output"))
            using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
            {
                writer.Line($"ref {t} line = ref Unsafe.Add(ref input, y * {G.StrideY * G.PaddedWidth * G.Channels});");
                writer.Line($"ref {t} result = ref Unsafe.Add(ref output, y * {G.OutputWidth * Stride});");
                EmitByRegisters(writer, tile =>
                {
                    writer.Line($"for (nint at = 0; at < {G.OutputWidth}; at += {tile})");
                    string x = G.OutputWidth % tile == 0 ? "at" : $"Math.Min(at, {G.OutputWidth - tile})";
                    writer.Line($"    Forward{suffix}Tile{tile}<V>(ref Unsafe.Add(ref line, {x} * {G.Stride * G.Channels}), ref weight, {biasArgument}ref Unsafe.Add(ref result, {x} * {Stride}));");
                });
            }

            foreach (int tile in Tiles().Distinct())
                EmitForwardTile(writer, t, suffix, width, tile, bias);
        }
    }

    private void EmitForwardTile(SourceWriter writer, string t, string suffix, int width, int tile, string bias)
    {
        int vectors = width / PanelLayout.Alignment;
        writer.Line();
        using (writer.Kernel("private", $"Forward{suffix}Tile{tile}", t, $"ref {t} input, ref {t} weight, {bias}ref {t} output"))
        using (Panels.Columns(writer, width))
        {
            writer.Line($"ref {t} panel = ref Unsafe.Add(ref weight, column);");
            for (int p = 0; p < tile; p++)
                writer.Line(Panels.Each(vectors, v => $"V sum{p}{v} = {(p > 0 ? $"sum0{v}" : BiasStart is null ? "V.Zero" : $"V.Load(ref bias, column{Panels.Lane(v)})")};"));
            using (writer.Block($"for (nint kernelRow = 0; kernelRow < {G.KernelHeight}; kernelRow++)"))
            {
                writer.Line($"ref {t} x = ref Unsafe.Add(ref input, kernelRow * {G.Dilation * G.PaddedWidth * G.Channels});");
                if (Segments == 1)
                {
                    EmitSegment();
                }
                else
                {
                    using (writer.Block($"for (nint kernelColumn = 0; kernelColumn < {G.Kernel}; kernelColumn++)"))
                    {
                        EmitSegment();
                        writer.Line($"x = ref Unsafe.Add(ref x, {G.Dilation * G.Channels});");
                    }
                }
            }

            for (int p = 0; p < tile; p++)
                writer.Line(Panels.Each(vectors, v => $"V.Store({(Activation.IsCheap ? Activation.Value($"sum{p}{v}", t) : $"sum{p}{v}")}, ref output, column{Plus(p * Stride)}{Panels.Lane(v)});"));
        }

        void EmitSegment()
        {
            if (Segment <= StraightLineInputs)
            {
                for (int k = 0; k < Segment; k++)
                    EmitTerms($"{k * width}", k.ToString(System.Globalization.CultureInfo.InvariantCulture), $"{k}");
            }
            else
            {
                using (writer.Block($"for (nint k = 0; k < {Segment}; k++)"))
                    EmitTerms($"k * {width}", "k", "");
            }

            writer.Line($"panel = ref Unsafe.Add(ref panel, {Segment * width});");
        }

        void EmitTerms(string weight, string input, string suffixOfLocals)
        {
            string n = suffixOfLocals.Length > 0 ? "_" + suffixOfLocals : "";
            writer.Line(Panels.Each(vectors, v => $"V w{v}{n} = V.Load(ref panel, {weight}{Panels.Lane(v)});"));
            for (int p = 0; p < tile; p++)
            {
                writer.Line($"V x{p}{n} = V.Broadcast(ref x, {input}{Plus(p * G.Stride * G.Channels)}); "
                    + Panels.Each(vectors, v => $"sum{p}{v} = V.MultiplyAdd(x{p}{n}, w{v}{n}, sum{p}{v});"));
            }
        }
    }

    // ---- gradients of weights and biases ----

    private void EmitParameterGradients(SourceWriter writer, string t)
    {
        Panels panels = new(G.Filters, G.Fan);
        writer.Line();
        writer.Line($"// dW += input correlated with gradient, over all rows and positions{(BiasStart is null ? "" : "; db += sums of gradient over positions")}");
        using (writer.Kernel("public", "ParameterGradients", t, $"ref {t} input, ref {t} gradient, ref {t} gradients, int rows"))
        {
            using (writer.Block($"for (nint kernelRow = 0; kernelRow < {G.KernelHeight}; kernelRow++)"))
            using (Segments == 1 ? default : writer.Block($"for (nint kernelColumn = 0; kernelColumn < {G.Kernel}; kernelColumn++)"))
            {
                string column = Segments == 1 ? "" : $" + kernelColumn * {G.Dilation * G.Channels}";
                writer.Line($"ref {t} x = ref Unsafe.Add(ref input, kernelRow * {G.Dilation * G.PaddedWidth * G.Channels}{column});");
                writer.Line($"nint segment = {(Segments == 1 ? "kernelRow" : $"kernelRow * {G.Kernel} + kernelColumn")};");
                panels.EmitCalls(writer, (suffix, start, panel) =>
                    $"WeightGradient{suffix}<V>(ref x, ref Unsafe.Add(ref gradient, {panel}), ref Unsafe.Add(ref gradients, Weight + {start} + segment * {Segment * Panels.Width(suffix)}), rows);");
            }

            if (BiasStart is not null)
            {
                using (writer.Block($"for (nint column = 0; column < {Stride}; column += V.Count)"))
                {
                    writer.Line("V sum = V.Load(ref gradients, Bias + column);");
                    writer.Line($"for (nint position = 0; position < rows * {G.Positions}; position++)");
                    writer.Line($"    sum += V.Load(ref gradient, position * {Stride} + column);");
                    writer.Line("V.Store(sum, ref gradients, Bias + column);");
                }
            }
        }

        foreach ((string suffix, int width) in panels.Kinds)
        {
            int[] tiles = [.. ((int[])[8, 4, 1]).Where(tile => tile <= Segment && (tile > 1 || Segment % 4 != 0))];
            writer.Line();
            using (writer.Kernel("private", $"WeightGradient{suffix}", t, $"ref {t} input, ref {t} gradient, ref {t} weightGradient, int rows"))
            {
                writer.Line("nint k = 0;");
                foreach (int tile in tiles)
                {
                    if (tile == 8)
                        writer.Line("if (V.HasManyRegisters)");
                    using (writer.Block($"for (; k <= {Segment - tile}; k += {tile})"))
                        writer.Line($"WeightGradient{suffix}Tile{tile}<V>(ref Unsafe.Add(ref input, k), ref gradient, ref Unsafe.Add(ref weightGradient, k * {width}), rows);");
                }
            }

            foreach (int tile in tiles)
                EmitWeightGradientTile(writer, t, suffix, width, tile);
        }
    }

    private void EmitWeightGradientTile(SourceWriter writer, string t, string suffix, int width, int tile)
    {
        int vectors = width / PanelLayout.Alignment;
        writer.Line();
        using (writer.Kernel("private", $"WeightGradient{suffix}Tile{tile}", t, $"ref {t} input, ref {t} gradient, ref {t} weightGradient, int rows"))
        using (Panels.Columns(writer, width))
        {
            writer.Line($"ref {t} panel = ref Unsafe.Add(ref weightGradient, column);");
            for (int k = 0; k < tile; k++)
                writer.Line(Panels.Each(vectors, v => $"V sum{k}{v} = V.Load(ref panel, {k * width}{Panels.Lane(v)});"));
            using (writer.Block("for (nint row = 0; row < rows; row++)"))
            using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
            {
                writer.Line($"ref {t} x = ref Unsafe.Add(ref input, row * {PaddedRow} + y * {G.StrideY * G.PaddedWidth * G.Channels});");
                writer.Line($"ref {t} g = ref Unsafe.Add(ref gradient, row * {Output.RowLength} + y * {G.OutputWidth * Stride} + column);");
                using (writer.Block($"for (nint at = 0; at < {G.OutputWidth}; at++)"))
                {
                    writer.Line(Panels.Each(vectors, v => $"V g{v} = V.Load(ref g, at * {Stride}{Panels.Lane(v)});"));
                    for (int k = 0; k < tile; k++)
                    {
                        writer.Line($"V x{k} = V.Broadcast(ref x, at * {G.Stride * G.Channels}{Plus(k)}); "
                            + Panels.Each(vectors, v => $"sum{k}{v} = V.MultiplyAdd(x{k}, g{v}, sum{k}{v});"));
                    }
                }
            }

            for (int k = 0; k < tile; k++)
                writer.Line(Panels.Each(vectors, v => $"V.Store(sum{k}{v}, ref panel, {k * width}{Panels.Lane(v)});"));
        }
    }

    // ---- gradient of the input ----

    private void EmitInputGradient(SourceWriter writer, string t)
    {
        Panels panels = new(G.Channels, G.Taps * G.Filters);
        writer.Line();
        writer.Line($"// inputGradient = gradient spread over the kernel's positions by W, [{G.PaddedHeight}, {G.PaddedWidth}] positions with the padding");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient, int rows"))
        {
            writer.Line($"MemoryMarshal.CreateSpan(ref inputGradient, rows * {GradientRow}).Clear();");
            using (writer.Block("for (nint row = 0; row < rows; row++)"))
            {
                panels.EmitCalls(writer, (suffix, start, panel) =>
                    $"InputGradient{suffix}<V>(ref Unsafe.Add(ref gradient, row * {Output.RowLength}), ref Unsafe.Add(ref weight, {start}), ref Unsafe.Add(ref inputGradient, row * {GradientRow} + {panel}));");
            }
        }

        foreach ((string suffix, int width) in panels.Kinds)
        {
            writer.Line();
            using (writer.Kernel("private", $"InputGradient{suffix}", t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient"))
            using (writer.Block($"for (nint tap = 0; tap < {G.Taps}; tap++)"))
            {
                writer.Line($"nint kernelRow = tap / {G.Kernel}, kernelColumn = tap % {G.Kernel};");
                writer.Line($"ref {t} w = ref Unsafe.Add(ref weight, tap * {G.Filters * width});");
                using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
                {
                    writer.Line($"ref {t} g = ref Unsafe.Add(ref gradient, y * {G.OutputWidth * Stride});");
                    writer.Line($"ref {t} line = ref Unsafe.Add(ref inputGradient, ((y * {G.StrideY} + kernelRow * {G.Dilation}) * {G.PaddedWidth} + kernelColumn * {G.Dilation}) * {GradientStride});");
                    EmitByRegisters(writer, tile =>
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
                    $"InputGradient{suffix}Tile{tile}<V>(ref Unsafe.Add(ref g, {x} * {Stride}), ref w, ref Unsafe.Add(ref line, {x} * {G.Stride * GradientStride}));";
            }

            IEnumerable<int> tiles = Tiles().SelectMany(tile => (int[])[tile, G.OutputWidth % tile]).Where(tile => tile > 0).Distinct();
            foreach (int tile in tiles)
                EmitInputGradientTile(writer, t, suffix, width, tile);
        }
    }

    private void EmitInputGradientTile(SourceWriter writer, string t, string suffix, int width, int tile)
    {
        int vectors = width / PanelLayout.Alignment;
        writer.Line();
        using (writer.Kernel("private", $"InputGradient{suffix}Tile{tile}", t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient"))
        using (Panels.Columns(writer, width))
        {
            writer.Line($"ref {t} panel = ref Unsafe.Add(ref weight, column);");
            writer.Line($"ref {t} sums = ref Unsafe.Add(ref inputGradient, column);");
            for (int p = 0; p < tile; p++)
                writer.Line(Panels.Each(vectors, v => $"V sum{p}{v} = V.Load(ref sums, {p * G.Stride * GradientStride}{Panels.Lane(v)});"));
            using (writer.Block($"for (nint filter = 0; filter < {G.Filters}; filter++)"))
            {
                writer.Line(Panels.Each(vectors, v => $"V w{v} = V.Load(ref panel, filter * {width}{Panels.Lane(v)});"));
                for (int p = 0; p < tile; p++)
                {
                    writer.Line($"V g{p} = V.Broadcast(ref gradient, filter{Plus(p * Stride)}); "
                        + Panels.Each(vectors, v => $"sum{p}{v} = V.MultiplyAdd(g{p}, w{v}, sum{p}{v});"));
                }
            }

            for (int p = 0; p < tile; p++)
                writer.Line(Panels.Each(vectors, v => $"V.Store(sum{p}{v}, ref sums, {p * G.Stride * GradientStride}{Panels.Lane(v)});"));
        }
    }

    // ---- what the kernels share ----

    private IEnumerable<int> Tiles() => [BestTile(MostPositions), BestTile(FewPositions)];

    // The positions at a time that waste least of a line; loading a weight costs about a position's work.
    private int BestTile(int most) => Enumerable.Range(1, Math.Min(most, G.OutputWidth))
        .OrderBy(tile => (G.OutputWidth + tile - 1) / tile * (tile + 1)).ThenByDescending(tile => tile).First();

    private void EmitByRegisters(SourceWriter writer, Action<int> emit)
    {
        int many = BestTile(MostPositions), few = BestTile(FewPositions);
        if (many == few)
        {
            emit(many);
            return;
        }

        using (writer.Block("if (V.HasManyRegisters)"))
            emit(many);
        using (writer.Block("else"))
            emit(few);
    }

    private static string Plus(int offset) => offset == 0 ? "" : $" + {offset}";

    private static string Flag(bool value) => value ? "true" : "false";
}
