using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>
/// A convolution whose filters read one channel each. Images have their channels last, so vectors run along channels and nothing is
/// broadcast; a tile is several positions of a line, which share the inputs their windows overlap in. Padding is nowhere in memory: loops
/// leave out the lines, and tiles at the borders the columns, that lie in it.
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

    // Elements of a line of the input.
    private int Line => Input.Width * Stride;

    private Panels Panels => new(G.Filters, G.Taps);

    public override string Description => G.Described(LastOptions);

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

    public override bool KeepsInput => true;

    public override IReadOnlyList<Workspace> Workspaces => [.. SumWorkspaces];

    public override string Formula(string input, string output)
    {
        return $"{output} = {Finished($"{input} * W of each channel")}: [rows, {Input.Shape}] -> [rows, {Output.Shape}], "
            + $"{SourceWriter.Grouped(MultiplyAdds)} multiply-adds a row";
    }

    public override void EmitForward(SourceWriter writer, ForwardStep step)
    {
        string sum = step.Workspace("Sum") ?? step.Output;
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref parameters, {ScaleArgument(step)}ref {sum}, count);");
        EmitActivate(writer, step, sum);
    }

    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        ForwardStep forward = step.Forward;
        EmitActivationGradient(writer, step);
        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.ParameterGradients<V>(ref {forward.Input}, ref {step.OutputGradient}, ref gradients, count);");
        writer.Line($"{KernelClass}.InputGradient<V>(ref {step.OutputGradient}, ref parameters, ref {step.InputGradients[0]}, count);");
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
        string scale = IsScaled ? $"ref {t} scale, " : "", bias = BiasStart is null ? "" : "ref Unsafe.Add(ref parameters, Bias + {0}), ";
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, {scale}ref {t} output, int rows"))
        using (writer.Block("for (nint row = 0; row < rows; row++)"))
        {
            Panels.EmitCalls(writer, (suffix, start, panel) =>
                $"Forward{suffix}<V>(ref Unsafe.Add(ref input, row * {Input.RowLength} + {panel}), ref Unsafe.Add(ref parameters, Weight + {start}), "
                + bias.Replace("{0}", panel)
                + (IsScaled ? $"ref Unsafe.Add(ref scale, {panel}), ref Unsafe.Add(ref scale, {BatchNormNode.ShiftPlace(Output)} + {panel}), " : "")
                + $"ref Unsafe.Add(ref output, row * {Output.RowLength} + {panel}));");
        }

        foreach ((string suffix, int width) in Panels.Kinds)
        {
            List<Run> many = Runs(MostPositions), few = Runs(FewPositions);
            writer.Line();
            writer.Line($"// {width} channels of one image, line by line. The last tile of a line overlaps the one before.");
            using (writer.Kernel("private", $"Forward{suffix}", t, $"ref {t} input, ref {t} weight, {Epilogue.Parameters(t)}ref {t} output"))
            using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
            {
                if (ClipsLines)
                {
                    (string first, string end) = Range("y", G.PaddingY, G.StrideY, G.Dilation, Input.Height, G.KernelHeight);
                    writer.Line($"nint top = {Times("y", G.StrideY)} - {G.PaddingY}, first = {first}, end = {end};");
                }

                writer.Line($"ref {t} result = ref Unsafe.Add(ref output, y * {G.OutputWidth * Stride});");
                Tiles.EmitByRegisters(writer, many, few, G.OutputWidth <= FewPositions, EmitLine);
            }

            foreach (Run run in many.Concat(few).GroupBy(run => run.Name).Select(runs => runs.First()))
                EmitForwardTile(writer, t, $"Forward{suffix}{run.Name}", width, run);

            void EmitLine(List<Run> runs)
            {
                foreach (Run run in runs)
                {
                    bool isLoop = run.Count > 1;
                    if (isLoop)
                        writer.Line($"for (nint at = {run.Start}; at < {run.Start + run.Count * run.Tile}; at += {run.Tile})");
                    // Where windows begin in the padding, the reference is to the first column that is within the input.
                    (int start, int step) = run.IsPlace || run.Taps?.Count == 0 ? (0, 0) : ((run.First - G.Padding) * Stride, G.Stride * Stride);
                    string column = isLoop && step > 0 ? $"at * {step}{Tiles.Plus(start)}" : $"{run.Start * step + start}", line = ClipsLines ? "" : $"y * {G.StrideY * Line} + ";
                    string at = isLoop ? "at" : $"{run.Start}", target = isLoop ? $"at * {Stride}" : $"{run.Start * Stride}";
                    string place = run.IsPlace ? $"{Times(at, G.Stride)} - {G.Padding}, {Join(Range(at, G.Padding, G.Stride, G.Dilation, Input.Width, G.Kernel))}, " : "";
                    writer.Line($"{(isLoop ? "    " : "")}Forward{suffix}{run.Name}<V>(ref Unsafe.Add(ref input, {line}{column}), {(ClipsLines ? "top, first, end, " : "")}{place}"
                        + $"ref weight, {Epilogue.Arguments}ref Unsafe.Add(ref result, {target}));");
                }
            }
        }
    }

    private static string Join((string First, string Second) pair) => $"{pair.First}, {pair.Second}";

    // Whether some outputs have lines of the padding within their windows.
    private bool ClipsLines => G.PaddingY > 0;

    // From where to where an index runs so that a window stays within the input: variable * step + index * stride - padding must be in [0, extent).
    private static (string First, string End) Range(string variable, int padding, int step, int stride, int extent, int count)
    {
        string moved = Times(variable, step);
        return (
            $"Math.Max(0, {Divided($"{padding + stride - 1} - {moved}", stride)})",
            $"Math.Min({count}, {Divided($"{extent + padding + stride - 1} - {moved}", stride)})");

        static string Divided(string text, int by) => by == 1 ? text : $"({text}) / {by}";
    }

    // The tiles of a line of outputs: neighbours whose windows have the same columns within the input are one run.
    private List<Run> Runs(int most)
    {
        List<Run> runs = [];
        for (int at = 0, tile; at < G.OutputWidth; at += tile)
        {
            tile = Math.Min(most, G.OutputWidth);
            int start = Math.Min(at, G.OutputWidth - tile);
            bool isInside = start * G.Stride >= G.Padding && (start + tile - 1) * G.Stride + (G.Kernel - 1) * G.Dilation - G.Padding < Input.Width;
            if (HasManyColumns && !isInside)
                (start, tile) = (at, 1);
            Run run = isInside ? new($"Tile{tile}", tile, start, 1, 0, null) : HasManyColumns ? new("Place", 1, at, 1, 0, null) : AtBorder(start, tile);
            if (runs.Count > 0 && runs[runs.Count - 1] is var last && last.Name == run.Name && start == at)
                runs[runs.Count - 1] = last with { Count = last.Count + 1 };
            else
                runs.Add(run);
        }

        return runs;
    }

    // Kernels of many columns are loops over them, and outputs whose windows reach into the padding come one at a time.
    private bool HasManyColumns => G.Kernel > MostColumns;

    private Run AtBorder(int start, int tile)
    {
        List<(int, int)> taps = [];
        int left = 0, first = int.MaxValue;
        for (int k = 0; k < G.Kernel; k++)
        {
            for (int p = 0; p < tile; p++)
            {
                int place = p * G.Stride + k * G.Dilation, column = start * G.Stride + place - G.Padding;
                if (column < 0)
                    left++;
                if (column < 0 || column >= Input.Width)
                    continue;
                taps.Add((p, k));
                first = Math.Min(first, place);
            }
        }

        // What is left out at the left and at the right tells tiles apart.
        return new($"Tile{tile}Without{left}And{tile * G.Kernel - taps.Count - left}", tile, start, 1, taps.Count == 0 ? 0 : first, taps);
    }

    private void EmitForwardTile(SourceWriter writer, string t, string name, int width, Run run)
    {
        string clip = ClipsLines ? "nint top, nint first, nint end, " : "", place = run.IsPlace ? "nint left, nint firstColumn, nint endColumn, " : "";
        writer.Line();
        using (writer.Kernel("private", name, t, $"ref {t} input, {clip}{place}ref {t} weight, {Epilogue.Parameters(t)}ref {t} output"))
        using (writer.Block($"for (nint column = 0; column < {width}; column += V.Count)"))
        {
            for (int p = 0; p < run.Tile; p++)
                writer.Line($"V sum{p} = {(p > 0 ? "sum0" : Epilogue.Start("column"))};");
            if (run.Taps?.Count != 0)
            {
                string from = ClipsLines ? "first" : "0", to = ClipsLines ? "end" : $"{G.KernelHeight}", line = Times("kernelRow", G.Dilation);
                using (writer.Block($"for (nint kernelRow = {from}; kernelRow < {to}; kernelRow++)"))
                {
                    writer.Line($"ref {t} x = ref Unsafe.Add(ref input, {(ClipsLines ? $"(top + {line})" : line)} * {Line} + column);");
                    writer.Line($"ref {t} w = ref Unsafe.Add(ref weight, kernelRow * {G.Kernel * width} + column);");
                    EmitColumns(writer, width, run);
                }
            }

            for (int p = 0; p < run.Tile; p++)
                writer.Line($"V.Store({Epilogue.Finish($"sum{p}", "column", t)}, ref output, column{Tiles.Plus(p * Stride)});");
        }
    }

    // What one line of the kernel adds to the sums.
    private void EmitColumns(SourceWriter writer, int width, Run run)
    {
        if (run.IsPlace)
        {
            writer.Line("for (nint k = firstColumn; k < endColumn; k++)");
            writer.Line($"    sum0 = V.MultiplyAdd(V.Load(ref x, (left + {Times("k", G.Dilation)}) * {Stride}), V.Load(ref w, k * {width}), sum0);");
        }
        else if (HasManyColumns)
        {
            using (writer.Block($"for (nint k = 0; k < {G.Kernel}; k++)"))
            {
                writer.Line($"V w0 = V.Load(ref w, k * {width});");
                for (int p = 0; p < run.Tile; p++)
                    writer.Line($"sum{p} = V.MultiplyAdd(V.Load(ref x, k * {G.Dilation * Stride}{Tiles.Plus(p * G.Stride * Stride)}), w0, sum{p});");
            }
        }
        else
        {
            HashSet<int> loaded = [];
            for (int k = 0; k < G.Kernel; k++)
            {
                int[] positions = [.. Enumerable.Range(0, run.Tile).Where(p => run.Taps?.Contains((p, k)) ?? true)];
                if (positions.Length > 0)
                    writer.Line($"V w{k} = V.Load(ref w, {k * width});");
                foreach (int p in positions)
                {
                    int at = p * G.Stride + k * G.Dilation - run.First;
                    string load = loaded.Add(at) ? $"V x{at} = V.Load(ref x, {at * Stride}); " : "";
                    writer.Line($"{load}sum{p} = V.MultiplyAdd(x{at}, w{k}, sum{p});");
                }
            }
        }
    }

    private static string Times(string index, int step) => step == 1 ? index : $"{index} * {step}";

    private void EmitParameterGradients(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line();
        writer.Line($"// dW += input * gradient of each channel, over all rows and positions{(BiasStart is null ? "" : "; db += sums of gradient over positions")}");
        using (writer.Kernel("public", "ParameterGradients", t, $"ref {t} input, ref {t} gradient, ref {t} gradients, int rows"))
        {
            Panels.EmitCalls(writer, (suffix, start, panel) =>
                $"WeightGradient{suffix}<V>(ref Unsafe.Add(ref input, {panel}), ref Unsafe.Add(ref gradient, {panel}), ref Unsafe.Add(ref gradients, Weight + {start}), rows);");
            if (BiasStart is not null)
                Tiles.EmitBiasGradient(writer, context, "Bias", Stride, G.Positions, Stride, Output.RowLength);
        }

        foreach ((string suffix, int width) in Panels.Kinds)
        {
            writer.Line();
            using (writer.Kernel("private", $"WeightGradient{suffix}", t, $"ref {t} input, ref {t} gradient, ref {t} weightGradient, int rows"))
            using (writer.Block($"for (nint column = 0; column < {width}; column += V.Count)"))
            using (writer.Block($"for (nint kernelRow = 0; kernelRow < {G.KernelHeight}; kernelRow++)"))
            {
                writer.Line($"nint {OutputRange("Line", "kernelRow", G.PaddingY, G.StrideY, Input.Height, G.OutputHeight)};");
                for (int first = 0; first < G.Kernel; first += MostColumns)
                {
                    int[] taps = [.. Enumerable.Range(first, Math.Min(MostColumns, G.Kernel - first))];
                    string line = $"({Times("y", G.StrideY)} + {Times("kernelRow", G.Dilation)}{Tiles.Plus(-G.PaddingY)}) * {Line}";
                    SumLoop rows = new("row", "0", "rows", "1", context.Rows), lines = new("y", "firstLine", "endLine", "1", G.OutputHeight)
                    {
                        Enter = () =>
                        {
                            writer.Line($"ref {t} x = ref Unsafe.Add(ref input, row * {Input.RowLength} + {line} + column);");
                            writer.Line($"ref {t} g = ref Unsafe.Add(ref gradient, row * {Output.RowLength} + y * {G.OutputWidth * Stride} + column);");
                        },
                    };
                    EmitWeightSums(writer, t, taps, [rows, lines]);
                    foreach (int k in taps)
                    {
                        string place = $"(kernelRow * {G.Kernel} + {k}) * {width} + column";
                        writer.Line($"V.Store(V.Load(ref weightGradient, {place}) + sum{k}, ref weightGradient, {place});");
                    }
                }
            }
        }
    }

    // A line, or a segment of a long one, at a time. Where all columns of the kernel are within the input one loop does, beside it one for each.
    private void EmitWeightSums(SourceWriter writer, string t, int[] taps, IReadOnlyList<SumLoop> lines)
    {
        (int First, int End)[] ranges = [.. taps.Select(Positions)];
        int first = ranges.Max(range => range.First), end = ranges.Min(range => range.End);
        const int Chain = LongSum.ProductChain;
        bool isDivided = G.OutputWidth > Chain;
        SumLoop segments = new("segment", "0", $"{G.OutputWidth}", $"{Chain}", (G.OutputWidth + Chain - 1) / Chain);
        LongSum.EmitProducts(writer, t, [.. taps.Select(k => $"sum{k}")], isDivided ? [.. lines, segments] : lines, sum =>
        {
            if (first < end)
            {
                using (EmitPositions(first, end))
                {
                    writer.Line($"V gradientAt = V.Load(ref g, at * {Stride});");
                    foreach (int k in taps)
                        writer.Line($"{sum($"sum{k}")} = V.MultiplyAdd({Input(k)}, gradientAt, {sum($"sum{k}")});");
                }
            }

            foreach ((int k, (int First, int End) range) in taps.Zip(ranges, (k, range) => (k, range)))
            {
                (int From, int To)[] rest = first < end ? [(range.First, first), (end, range.End)] : [range];
                foreach ((int from, int to) in rest.Where(part => part.From < part.To))
                {
                    using (EmitPositions(from, to))
                        writer.Line($"{sum($"sum{k}")} = V.MultiplyAdd({Input(k)}, V.Load(ref g, at * {Stride}), {sum($"sum{k}")});");
                }
            }
        }, Math.Min(G.OutputWidth, Chain));

        SourceWriter.Scope EmitPositions(int from, int to) => writer.Block(isDivided
            ? $"for (nint at = Math.Max({from}, segment); at < Math.Min({to}, segment + {Chain}); at++)"
            : $"for (nint at = {from}; at < {to}; at++)");

        string Input(int k) => $"V.Load(ref x, at * {G.Stride * Stride}{Tiles.Plus((k * G.Dilation - G.Padding) * Stride)})";
    }

    // The outputs of a line whose windows have a column of the kernel within the input.
    private (int First, int End) Positions(int k)
    {
        int before = G.Padding - k * G.Dilation, until = Input.Width + before;
        return (before <= 0 ? 0 : (before + G.Stride - 1) / G.Stride, until <= 0 ? 0 : Math.Min(G.OutputWidth, (until + G.Stride - 1) / G.Stride));
    }

    // The outputs whose windows have a line or column of the kernel within the input, in variables.
    private string OutputRange(string of, string index, int padding, int stride, int extent, int count)
    {
        (string first, string end) = padding == 0 ? ("0", $"{count}") : Range(index, padding, G.Dilation, stride, extent, count);
        return $"first{of} = {first}, end{of} = {end}";
    }

    private void EmitInputGradient(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line("// inputGradient = gradient spread over the kernel's positions by W of each channel");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} gradient, ref {t} parameters, ref {t} inputGradient, int rows"))
        {
            writer.Line($"MemoryMarshal.CreateSpan(ref inputGradient, rows * {Input.RowLength}).Clear();");
            using (writer.Block("for (nint row = 0; row < rows; row++)"))
            {
                Panels.EmitCalls(writer, (suffix, start, panel) =>
                    $"InputGradient{suffix}<V>(ref Unsafe.Add(ref gradient, row * {Output.RowLength} + {panel}), ref Unsafe.Add(ref parameters, Weight + {start}), ref Unsafe.Add(ref inputGradient, row * {Input.RowLength} + {panel}));");
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
                writer.Line($"nint {OutputRange("Line", "kernelRow", G.PaddingY, G.StrideY, Input.Height, G.OutputHeight)};");
                writer.Line($"nint {OutputRange("Place", "kernelColumn", G.Padding, G.Stride, Input.Width, G.OutputWidth)};");
                writer.Line($"V w = V.Load(ref weight, tap * {width} + column);");
                using (writer.Block("for (nint y = firstLine; y < endLine; y++)"))
                {
                    writer.Line($"ref {t} g = ref Unsafe.Add(ref gradient, y * {G.OutputWidth * Stride} + column);");
                    writer.Line($"ref {t} line = ref Unsafe.Add(ref inputGradient, ({Times("y", G.StrideY)} + {Times("kernelRow", G.Dilation)}{Tiles.Plus(-G.PaddingY)}) * {Line} + column);");
                    writer.Line($"nint target = ({Times("firstPlace", G.Stride)} + {Times("kernelColumn", G.Dilation)}{Tiles.Plus(-G.Padding)}) * {Stride};");
                    using (writer.Block($"for (nint at = firstPlace; at < endPlace; at++, target += {G.Stride * Stride})"))
                        writer.Line($"V.Store(V.MultiplyAdd(w, V.Load(ref g, at * {Stride}), V.Load(ref line, target)), ref line, target);");
                }
            }
        }
    }

    /// <summary>Tiles of a line that one kernel serves.</summary>
    /// <param name="Name">The end of the kernel's name.</param>
    /// <param name="Tile">Outputs of each.</param>
    /// <param name="Start">The first output.</param>
    /// <param name="Count">How many.</param>
    /// <param name="First">The first column of their windows, counted from that of the first window, which is within the input.</param>
    /// <param name="Taps">The outputs and columns of the kernel that meet within the input; null for all, or where the kernel finds them itself.</param>
    private sealed record Run(string Name, int Tile, int Start, int Count, int First, IReadOnlyList<(int Position, int Tap)>? Taps)
    {
        public bool IsPlace => Name == "Place";
    }
}
