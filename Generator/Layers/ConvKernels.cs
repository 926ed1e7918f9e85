using NetGen.Generator.Emitting;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>The kernels of a convolution, or of one group of one: which buffers they read and write decides the strides.</summary>
/// <param name="G">The sizes.</param>
/// <param name="InputRow">Elements from one row of the padded input to the next.</param>
/// <param name="InputStride">Elements from one position of the padded input to the next.</param>
/// <param name="OutputStride">Elements from one position of the output to the next.</param>
/// <param name="OutputRow">Elements from one row of the output to the next.</param>
/// <param name="SpreadsLines">Whether gradients are spread over a line of the kernel at once; the padded input gradient then has no gaps between positions.</param>
/// <param name="ReadsPlanes">Whether the channels of the padded input lie one behind the other, as planes.</param>
internal sealed record ConvKernels(
    ConvGeometry G, int InputRow, int InputStride, int OutputStride, int OutputRow, bool SpreadsLines = false, bool ReadsPlanes = false)
{
    // Vectors of sums that the latency of a multiply-add leaves time for.
    private const int FewestSums = 8;

    // Positions whose sums of two vectors 32 registers hold. Fewer at a time are faster, unless these are all there are: weights are then read once.
    private const int MostPositions = 12;

    // Loads and multiply-adds of a tile in straight-line code, from about half as many more of which on the compiler gives up on registers.
    private const int MostOperations = 256;

    // Vectors of sums that 32 registers hold beside what they are made of.
    private const int MostSums = 28;

    private KernelReach Reach => ReadsPlanes ? G.ReachOfPlanes : G.Reach(InputStride);

    /// <summary>Elements from one position of the padded input gradient to the next.</summary>
    public int GradientStride => SpreadsLines ? G.Channels : PanelLayout.Pad(G.Channels);

    /// <summary>Elements of a row of the padded input gradient. Vectors reach beyond a last position without a gap.</summary>
    public int GradientRow => PanelLayout.Pad(G.PaddedHeight * G.PaddedWidth * GradientStride) + (SpreadsLines ? PanelLayout.Alignment : 0);

    /// <summary>What gradients are spread over at a time: lines of the kernel, or its positions.</summary>
    public int SpreadTaps => SpreadsLines ? G.KernelHeight : G.Taps;

    /// <summary>Weights of one filter under one of them.</summary>
    public int SpreadChannels => G.Fan / SpreadTaps;

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
            int[] tiles = TilesOf(width, G.OutputWidth, Reach.StraightLineInputs);
            writer.Line();
            writer.Line($"// {width} channels of one image, line by line. The last tile of a line overlaps the one before.");
            using (writer.Kernel("private", $"Forward{suffix}", t, $"ref {t} input, ref {t} weight, {epilogue.Parameters(t)}ref {t} output"))
            using (writer.Block($"for (nint y = 0; y < {G.OutputHeight}; y++)"))
            {
                writer.Line($"ref {t} line = ref Unsafe.Add(ref input, y * {LineStep});");
                writer.Line($"ref {t} result = ref Unsafe.Add(ref output, y * {G.OutputWidth * OutputStride});");
                Tiles.EmitByRegisters(writer, tiles[0], tiles[1], tiles[0] == tiles[1], tile =>
                {
                    writer.Line($"for (nint at = 0; at < {G.OutputWidth}; at += {tile})");
                    string x = G.OutputWidth % tile == 0 ? "at" : $"Math.Min(at, {G.OutputWidth - tile})";
                    writer.Line($"    Forward{suffix}Tile{tile}<V>(ref Unsafe.Add(ref line, {x} * {G.Stride * InputStride}), ref weight, {epilogue.Arguments}ref Unsafe.Add(ref result, {x} * {OutputStride}));");
                });
            }

            foreach (int tile in tiles.Distinct())
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

    public void EmitWeightGradient(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        TileLoop[] loops =
        [
            TileLoop.OverRows(context.Rows, InputRow, OutputRow),
            new("y", G.OutputHeight, LineStep, G.OutputWidth * OutputStride),
            new("at", G.OutputWidth, G.Stride * InputStride, OutputStride),
        ];
        foreach ((string suffix, int width) in new Panels(G.GroupFilters, G.Fan).Kinds)
        {
            Tiles.EmitWeightGradients(writer, t, $"WeightGradient{suffix}", width, Reach.Segment, loops, Reach.Offsets);
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
        Panels panels = new(SpreadChannels, SpreadTaps * G.GroupFilters);
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

        // Tiles run along lines; but where a tap is a line of the kernel, its neighbours there overlap, and tiles run from line to line.
        TileLoop lines = new("y", G.OutputHeight, G.StrideY * G.PaddedWidth * GradientStride, G.OutputWidth * OutputStride);
        TileLoop places = new("x", G.OutputWidth, G.Stride * GradientStride, OutputStride);
        (TileLoop outer, TileLoop inner, int extent) = SpreadsLines ? (places, lines, G.OutputHeight) : (lines, places, G.OutputWidth);
        foreach ((string suffix, int width) in panels.Kinds)
        {
            int[] tiles = SpreadsLines ? TilesOf(width, extent, many: MostPositions, few: 5) : TilesOf(width, extent);
            writer.Line();
            using (writer.Kernel("private", $"{name}{suffix}", t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient"))
            using (writer.Block($"for (nint tap = 0; tap < {SpreadTaps}; tap++)"))
            {
                string place = SpreadsLines
                    ? $"tap * {G.PaddedWidth * GradientStride}"
                    : $"(kernelRow * {G.Dilation * G.PaddedWidth} + kernelColumn{(G.Dilation == 1 ? "" : $" * {G.Dilation}")}) * {GradientStride}";
                if (!SpreadsLines)
                    writer.Line($"nint kernelRow = tap / {G.Kernel}, kernelColumn = tap % {G.Kernel};");
                writer.Line($"ref {t} w = ref Unsafe.Add(ref weight, tap * {G.GroupFilters * width}), target = ref Unsafe.Add(ref inputGradient, {place});");
                using (writer.Block($"for (nint {outer.Variable} = 0; {outer.Variable} < {outer.Count}; {outer.Variable}++)"))
                {
                    writer.Line($"ref {t} g = ref Unsafe.Add(ref gradient, {outer.Variable} * {outer.GradientStep}), sums = ref Unsafe.Add(ref target, {outer.Variable} * {outer.InputStep});");
                    Tiles.EmitByRegisters(writer, tiles[0], tiles[1], tiles[0] == tiles[1], tile =>
                    {
                        // Sums are added to, so no position may be met twice: what is left over has a tile of its own.
                        int rest = extent % tile;
                        writer.Line($"for (nint {inner.Variable} = 0; {inner.Variable} < {extent - rest}; {inner.Variable} += {tile})");
                        writer.Line($"    {Call($"{tile}", inner.Variable)}");
                        if (rest > 0)
                            writer.Line(Call($"{rest}", $"{extent - rest}"));
                    });
                }

                string Call(string tile, string at) =>
                    $"{name}{suffix}Tile{tile}<V>(ref Unsafe.Add(ref g, {at} * {inner.GradientStep}), ref w, ref Unsafe.Add(ref sums, {at} * {inner.InputStep}));";
            }

            foreach (int tile in tiles.SelectMany(tile => (int[])[tile, extent % tile]).Where(tile => tile > 0).Distinct())
                Tiles.EmitInputGradient(writer, t, $"{name}{suffix}Tile{tile}", width, tile, G.GroupFilters, inner.GradientStep, inner.InputStep);
        }
    }

    // Positions at a time, where the processor has 32 vector registers and where it has 16, of so many inputs in straight-line code. A narrow
    // panel has one vector of sums for each.
    private static int[] TilesOf(int width, int extent, int inputs = 1, int many = 8, int few = 4)
    {
        int vectors = width / PanelLayout.Alignment, most = MostOperations / ((1 + vectors) * inputs);
        return vectors == 2
            ? [BestTile(extent, Math.Min(most, extent <= MostPositions ? MostPositions : many), 2), BestTile(extent, Math.Min(most, few), 2)]
            : [BestTile(extent, Math.Min(most, 16), 1), BestTile(extent, Math.Min(most, 10), 1)];
    }

    // The positions at a time that waste least of a line; loading a weight costs about a vector's work.
    private static int BestTile(int extent, int most, int vectors) => Enumerable.Range(1, Math.Min(most, extent))
        .OrderBy(tile => (extent + tile - 1) / tile * (Math.Max(tile * vectors, FewestSums) + vectors)).ThenByDescending(tile => tile).First();
}
