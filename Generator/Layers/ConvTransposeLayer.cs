using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>The transpose of a convolution of images.</summary>
internal sealed class ConvTransposeLayer : LayerKind
{
    public override string Name => "ConvTranspose2D";

    public override string SizeArgument => "Filters";

    public override bool HasParameters => true;

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Image];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        Tensor input = inputs[0];
        if (ConvArguments.Read(reader, input, 2) is not { } given)
            return null;
        int padding = reader.Integer("Padding"), outputPadding = reader.Integer("OutputPadding");
        long span = (given.Kernel - 1L) * given.Dilation + 1;
        if (padding == ConvArguments.Same && span % 2 == 1)
            padding = (int)Math.Min(int.MaxValue, (span - 1) / 2);
        if (padding < 0 || padding >= span)
        {
            reader.Report(
                Rules.PaddingOutOfRange, "Padding", reader.Name, "Padding", padding == ConvArguments.Same ? "Layer.Same" : NetworkGraph.Text(padding),
                $"it must be from 0 to {NetworkGraph.Text(span - 1)}, less than the kernel spans, or Layer.Same where that is odd");
            return null;
        }

        if (outputPadding < 0 || outputPadding >= given.Stride)
        {
            reader.Report(
                Rules.PaddingOutOfRange, "OutputPadding", reader.Name, "OutputPadding", NetworkGraph.Text(outputPadding),
                given.Stride == 1 ? "it must be less than the stride, so at stride 1 it is 0: remove it"
                : $"it must be from 0 to {NetworkGraph.Text(given.Stride - 1)}, less than the stride");
            return null;
        }

        long height = Extent(input.Height), width = Extent(input.Width);
        if (height < 1 || width < 1)
        {
            reader.Report(
                Rules.PaddingOutOfRange, "Padding", reader.Name, "Padding", NetworkGraph.Text(padding),
                $"it leaves nothing of an output of {NetworkGraph.Text(height + 2L * padding)} x {NetworkGraph.Text(width + 2L * padding)}");
            return null;
        }

        double row = (height + 2d * padding) * (width + 2d * padding) * PanelLayout.Pad(Math.Min(given.Filters, int.MaxValue / 2));
        if (row > NetworkGraph.LargestRow)
        {
            reader.Report(
                Rules.TooLarge, "Filters", $"A row of layer '{reader.Name}'", NetworkGraph.Text(row), "elements", NetworkGraph.Text(NetworkGraph.LargestRow));
            return null;
        }

        Tensor output = new(new Shape(given.Filters, (int)height, (int)width), TensorLayout.Image);
        ConvGeometry mirror = new(output, input.Channels, given.Kernel, given.Stride, given.Dilation, padding, IsImage: true);
        return new ConvTransposeNode(reader.Name, inputs, output, mirror, outputPadding, given.Activation, given.Weight, given.Bias);

        long Extent(int extent) => (extent - 1L) * given.Stride - 2L * padding + span + outputPadding;
    }
}

/// <summary>
/// A transposed convolution of known sizes: forward is what the mirrored convolution, from outputs to inputs, does to gradients, and
/// backward is that convolution itself.
/// </summary>
internal sealed record ConvTransposeNode(
    string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ConvGeometry Mirror, int OutputPadding, ActivationFunction Activation,
    StartValues WeightStart, StartValues? BiasStart)
    : WeightedNode(Name, Inputs, Output, Activation, WeightStart, BiasStart)
{
    private ConvGeometry M => Mirror;

    private int Filters => Output.Channels;

    private int Stride => Output.ChannelStride;

    private int PaddedRow => M.PaddedHeight * M.PaddedWidth * Stride;

    private bool HasPadding => M.Padding > 0;

    private ConvKernels Kernels => new(M, PaddedRow, Stride, Input.ChannelStride, Input.RowLength);

    public override string Description
    {
        get
        {
            string padding = OutputPadding == 0 ? "" : $", output padding {OutputPadding}";
            return $"ConvTranspose2D({Filters}, {M.Kernel}{M.Options}{padding}{LastOptions})";
        }
    }

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            // The inputs of an output and the outputs of an input, as in a convolution of the same stride.
            Parameter weight = new(
                "Weight", new Shape(Input.Channels, Filters, M.Kernel, M.Kernel), ParameterForm.TransposedKernels, WeightStart, Input.Channels * M.Taps, Filters * M.Taps);
            return BiasStart is null ? [weight] : [weight, new("Bias", new Shape(Filters), ParameterForm.Contiguous, BiasStart, weight.FanIn, Filters)];
        }
    }

    public override long MultiplyAdds => (long)Input.Positions * Input.Channels * M.Taps * Filters;

    public override bool KeepsInput => true;

    public override IReadOnlyList<Workspace> Workspaces
    {
        get
        {
            List<Workspace> workspaces = [];
            if (HasPadding)
            {
                workspaces.Add(new("Padded", PaddedRow, WorkspaceLife.Forward));
                workspaces.Add(new("PaddedGradient", PaddedRow, WorkspaceLife.Backward));
            }

            workspaces.AddRange(SumWorkspaces);
            return workspaces;
        }
    }

    // The weights with filters and channels exchanged: what the input gradient multiplies with.
    public override int PreparedLength => M.Taps * Filters * Input.ChannelStride;

    public override string Formula(string input, string output)
    {
        return $"{output} = {Finished($"{input} spread by W")}: [rows, {Input.Shape}] -> [rows, {Output.Shape}], "
            + $"{SourceWriter.Grouped(MultiplyAdds)} multiply-adds a row";
    }

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        string sum = step.Workspace("Sum") ?? step.Output, padded = step.Workspace("Padded") ?? sum;
        writer.Line($"{KernelClass}.Spread<V>(ref {step.Input}, ref parameters, ref {padded}, count);");
        writer.Line($"{KernelClass}.Finish<V>(ref {padded}, ref parameters, {ScaleArgument(step)}ref {sum}, count);");
        EmitActivate(writer, step, sum);
    }

    public override void EmitPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets) => writer.Line(
        $"ImageCopy.ExchangeChannels(ref Unsafe.Add(ref parameters, {offsets[0]}), ref {prepared}, {Filters}, {Input.Channels}, {M.Taps});");

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        string padded = step.Forward.Workspace("PaddedGradient") ?? step.OutputGradient;
        EmitActivationGradient(writer, step);
        if (HasPadding)
        {
            writer.Line($"ImageCopy.Pad(ref {step.OutputGradient}, {Output.RowLength}, {Stride}, ref {padded}, {PaddedRow}, "
                + $"{Stride}, {Output.Height}, {Output.Width}, {M.Padding}, {M.Padding}, count);");
        }

        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.ParameterGradients<V>(ref {step.Forward.Input}, ref {step.OutputGradient}, ref {padded}, ref gradients, count);");
        step.EmitInputGradient(writer, $"{KernelClass}.InputGradient<V>(ref {padded}, ref {step.Prepared}, ref {step.InputGradients[0]}, count);");
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
        EmitInputGradient(writer, context.T);
    }

    private void EmitForwardKernels(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Spread", t, $"ref {t} input, ref {t} parameters, ref {t} padded, int rows"))
            writer.Line("SpreadRows<V>(ref input, ref Unsafe.Add(ref parameters, Weight), ref padded, rows);");
        Kernels.EmitInputGradient(writer, t, "SpreadRows", "private");

        string bias = BiasStart is null ? "" : $"ref {t} bias = ref Unsafe.Add(ref parameters, Bias);";
        writer.Line();
        writer.Line($"// output = what lies within the padding{(BiasStart is null ? "" : ", plus bias")}");
        using (writer.Kernel("public", "Finish", t, $"ref {t} padded, ref {t} parameters, {(IsScaled ? $"ref {t} scale, " : "")}ref {t} output, int rows"))
        {
            if (BiasStart is not null)
                writer.Line(bias);
            if (IsScaled)
                writer.Line($"ref {t} shift = ref Unsafe.Add(ref scale, {BatchNormNode.ShiftPlace(Output)});");
            using (writer.Block("for (nint row = 0; row < rows; row++)"))
            using (writer.Block($"for (nint y = 0; y < {Output.Height}; y++)"))
            {
                writer.Line($"ref {t} line = ref Unsafe.Add(ref padded, row * {PaddedRow} + ((y + {M.Padding}) * {M.PaddedWidth} + {M.Padding}) * {Stride});");
                writer.Line($"ref {t} result = ref Unsafe.Add(ref output, row * {Output.RowLength} + y * {Output.Width * Stride});");
                using (writer.Block($"for (nint column = 0; column < {Stride}; column += V.Count)"))
                {
                    writer.Line($"V start = {Epilogue.Start("column")};");
                    using (writer.Block($"for (nint at = column; at < {Output.Width * Stride}; at += {Stride})"))
                    {
                        writer.Line("V sum = start + V.Load(ref line, at);");
                        writer.Line($"V.Store({Epilogue.Finish("sum", "column", t)}, ref result, at);");
                    }
                }
            }
        }
    }

    private void EmitParameterGradients(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        Panels panels = new(Filters, Input.Channels * M.Taps);
        writer.Line();
        writer.Line($"// dW += input times the gradients it was spread to, over all rows and positions{(BiasStart is null ? "" : "; db += sums of gradient over positions")}");
        using (writer.Kernel("public", "ParameterGradients", t, $"ref {t} input, ref {t} gradient, ref {t} padded, ref {t} gradients, int rows"))
        {
            using (writer.Block($"for (nint tap = 0; tap < {M.Taps}; tap++)"))
            {
                writer.Line($"ref {t} g = ref Unsafe.Add(ref padded, (tap / {M.Kernel} * {M.PaddedWidth} + tap % {M.Kernel}) * {M.Dilation * Stride});");
                panels.EmitCalls(writer, (suffix, start, panel) =>
                    $"WeightGradient{suffix}<V>(ref input, ref Unsafe.Add(ref g, {panel}), ref Unsafe.Add(ref gradients, Weight + {start} + tap * {Input.Channels * Panels.Width(suffix)}), rows);");
            }

            if (BiasStart is not null)
                Tiles.EmitBiasGradient(writer, context, "Bias", Stride, Output.Positions, Stride, Output.RowLength);
        }

        TileLoop[] loops =
        [
            TileLoop.OverRows(context.Rows, Input.RowLength, PaddedRow),
            new("y", Input.Height, Input.Width * Input.ChannelStride, M.Stride * M.PaddedWidth * Stride),
            new("at", Input.Width, Input.ChannelStride, M.Stride * Stride),
        ];
        foreach ((string suffix, int width) in panels.Kinds)
            Tiles.EmitWeightGradients(writer, t, $"WeightGradient{suffix}", width, Input.Channels, loops);
    }

    private void EmitInputGradient(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line($"// inputGradient = gradient * W, a convolution: [rows, {Output.Shape}] -> [rows, {Input.Shape}]");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} padded, ref {t} weight, ref {t} inputGradient, int rows"))
            writer.Line("ForwardPanels<V>(ref padded, ref weight, ref inputGradient, rows);");
        Kernels.EmitForward(writer, t, Epilogue.None);
    }
}
