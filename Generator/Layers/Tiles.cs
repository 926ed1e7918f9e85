using NetGen.Generator.Emitting;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>Where the inputs of one output lie: lines of a kernel, each with segments of inputs that stand next to each other or at offsets.</summary>
/// <param name="Lines">Lines of the kernel.</param>
/// <param name="LineStep">Elements from one line to the next.</param>
/// <param name="Segments">Segments of a line.</param>
/// <param name="SegmentStep">Elements from one segment to the next.</param>
/// <param name="Segment">Inputs of a segment.</param>
internal sealed record KernelReach(int Lines, int LineStep, int Segments, int SegmentStep, int Segment)
{
    // A segment with this few inputs is straight-line code.
    private const int MostStraightLine = 8;

    /// <summary>The places of a segment's inputs, where those do not stand next to each other.</summary>
    public IReadOnlyList<int>? Offsets { get; init; }

    /// <summary>Inputs that a kernel takes in straight-line code: a segment of them, or 1 where it is a loop.</summary>
    public int StraightLineInputs => Offsets is not null || Segment <= MostStraightLine ? Segment : 1;

    /// <summary>The place of each input, in the order of the weights.</summary>
    public IEnumerable<int> Places =>
        from line in Enumerable.Range(0, Lines)
        from segment in Enumerable.Range(0, Segments)
        from offset in Offsets ?? Enumerable.Range(0, Segment)
        select line * LineStep + segment * SegmentStep + offset;
}

/// <summary>One loop around a tile of a weight gradient.</summary>
/// <param name="Variable">The loop's variable.</param>
/// <param name="Count">How often it runs.</param>
/// <param name="InputStep">Elements of input from one round to the next.</param>
/// <param name="GradientStep">Elements of the output's gradient from one round to the next.</param>
internal sealed record TileLoop(string Variable, long Count, int InputStep, int GradientStep)
{
    /// <summary>The loop over the rows at hand, at most so many.</summary>
    public static TileLoop OverRows(long most, int inputStep, int gradientStep) => new("row", most, inputStep, gradientStep) { End = "rows" };

    /// <summary>Where it ends.</summary>
    public string End { get; init; } = $"{Count}";
}

/// <summary>
/// The register tiles that layers with weight matrices are made of: named accumulators in straight-line code, within loops of constant
/// length. A tile is so many results (rows or positions) times one or two vectors of outputs.
/// </summary>
internal static class Tiles
{
    // Vectors of sums up to which two inputs are taken at once.
    private const int MostUnrolled = 10;

    /// <summary>A convolution's sums of several positions or rows.</summary>
    /// <param name="writer">Takes the text.</param>
    /// <param name="t">The element type.</param>
    /// <param name="name">The method's name.</param>
    /// <param name="width">Outputs of the panel.</param>
    /// <param name="tile">Results at a time.</param>
    /// <param name="inputStep">Elements of input from one result to the next.</param>
    /// <param name="outputStep">Elements of output from one result to the next.</param>
    /// <param name="reach">The inputs of a result.</param>
    /// <param name="epilogue">What becomes of a sum.</param>
    public static void EmitForward(
        SourceWriter writer, string t, string name, int width, int tile, int inputStep, int outputStep, KernelReach reach, Epilogue epilogue)
    {
        int vectors = width / PanelLayout.Alignment;
        writer.Line();
        using (writer.Kernel("private", name, t, $"ref {t} input, ref {t} weight, {epilogue.Parameters(t)}ref {t} output"))
        using (Panels.Columns(writer, width))
        {
            writer.Line($"ref {t} panel = ref Unsafe.Add(ref weight, column);");
            if (reach.Lines * reach.Segments * reach.Segment > LongSum.ShortProduct)
            {
                EmitLongSums();
                return;
            }

            for (int p = 0; p < tile; p++)
                writer.Line(Panels.Each(vectors, v => $"V sum{p}{v} = {(p > 0 ? $"sum0{v}" : epilogue.Start($"column{Panels.Lane(v)}"))};"));
            bool hasLines = reach.Lines > 1;
            using (hasLines ? writer.Block($"for (nint kernelRow = 0; kernelRow < {reach.Lines}; kernelRow++)") : default)
            {
                writer.Line($"ref {t} x = ref {(hasLines ? $"Unsafe.Add(ref input, kernelRow * {reach.LineStep})" : "input")};");
                using (reach.Segments > 1 ? writer.Block($"for (nint kernelColumn = 0; kernelColumn < {reach.Segments}; kernelColumn++)") : default)
                {
                    EmitSegment();
                    if (reach.Segments > 1)
                        writer.Line($"x = ref Unsafe.Add(ref x, {reach.SegmentStep});");
                }
            }

            EmitStores();
        }

        void EmitStores()
        {
            for (int p = 0; p < tile; p++)
            {
                writer.Line(Panels.Each(vectors, v =>
                    $"V.Store({epilogue.Finish($"sum{p}{v}", $"column{Panels.Lane(v)}", t)}, ref output, column{Plus(p * outputStep)}{Panels.Lane(v)});"));
            }
        }

        // The weights follow each other, so that where one stands follows from the loops.
        void EmitLongSums()
        {
            string[] sums = LongSum.TileOf(tile, vectors);
            SumLoop lines = SumLoop.Over("kernelRow", reach.Lines) with
            {
                Enter = () => writer.Line($"ref {t} line = ref Unsafe.Add(ref input, kernelRow * {reach.LineStep});"),
            };
            SumLoop segments = SumLoop.Over("kernelColumn", reach.Segments) with
            {
                Enter = () =>
                {
                    writer.Line($"ref {t} x = ref Unsafe.Add(ref line, kernelColumn * {reach.SegmentStep});");
                    writer.Line($"ref {t} w = ref Unsafe.Add(ref panel, (kernelRow * {reach.Segments} + kernelColumn) * {reach.Segment * width});");
                },
            };
            bool isStraight = reach.StraightLineInputs == reach.Segment;
            SumLoop[] loops = isStraight ? [lines, segments] : [lines, segments, SumLoop.Over("k", reach.Segment)];
            LongSum.EmitProducts(writer, t, sums, loops, sum =>
            {
                for (int k = 0; k < (isStraight ? reach.Segment : 1); k++)
                {
                    (string at, string weight) = isStraight ? ($"{reach.Offsets?[k] ?? k}", $"{k * width}") : ("k", $"k * {width}");
                    EmitTerms(weight, at, isStraight ? $"_{k}" : "", "w", sum);
                }
            }, isStraight ? reach.Segment : 1);
            if (epilogue.HasBias)
            {
                for (int p = 0; p < tile; p++)
                    writer.Line(Panels.Each(vectors, v => $"sum{p}{v} += {epilogue.Start($"column{Panels.Lane(v)}")};"));
            }

            EmitStores();
        }

        void EmitSegment()
        {
            if (reach.StraightLineInputs == reach.Segment)
            {
                for (int k = 0; k < reach.Segment; k++)
                    EmitTerms($"{k * width}", $"{reach.Offsets?[k] ?? k}", $"_{k}", "panel", sum => sum);
            }
            else
            {
                // Few sums leave the loop itself a part of the time, which two inputs at once share.
                int unrolled = tile * vectors <= MostUnrolled && reach.Segment % 2 == 0 ? 2 : 1;
                using (writer.Block($"for (nint k = 0; k < {reach.Segment}; k += {unrolled})"))
                {
                    for (int u = 0; u < unrolled; u++)
                        EmitTerms($"k * {width}{Plus(u * width)}", $"k{Plus(u)}", unrolled > 1 ? $"_{u}" : "", "panel", sum => sum);
                }
            }

            if (reach.Lines * reach.Segments > 1)
                writer.Line($"panel = ref Unsafe.Add(ref panel, {reach.Segment * width});");
        }

        void EmitTerms(string weight, string input, string local, string weights, Func<string, string> sum)
        {
            writer.Line(Panels.Each(vectors, v => $"V w{v}{local} = V.Load(ref {weights}, {weight}{Panels.Lane(v)});"));
            for (int p = 0; p < tile; p++)
            {
                writer.Line($"V x{p}{local} = V.Broadcast(ref x, {input}{Plus(p * inputStep)}); "
                    + Panels.Each(vectors, v => $"{sum($"sum{p}{v}")} = V.MultiplyAdd(x{p}{local}, w{v}{local}, {sum($"sum{p}{v}")});"));
            }
        }
    }

    /// <summary>
    /// A method that goes over all inputs of a weight gradient, in tiles of nearly equal size, and those tiles.
    /// </summary>
    public static void EmitWeightGradients(
        SourceWriter writer, string t, string name, int width, int inputs, IReadOnlyList<TileLoop> loops, IReadOnlyList<int>? offsets = null)
    {
        (int most, int few) = width == PanelLayout.PanelWidth ? (8, 4) : (16, 10);
        (int Size, int Count)[] many = Divide(inputs, most), fewer = Divide(inputs, few);
        writer.Line();
        using (writer.Kernel("private", name, t, $"ref {t} input, ref {t} gradient, ref {t} weightGradient, int rows"))
        {
            if (offsets is null)
                writer.Line("nint k = 0;");
            EmitByRegisters(writer, many, fewer, many.SequenceEqual(fewer), EmitCalls);
        }

        // Inputs at places of their own have a tile for each part.
        foreach ((string tile, int start, int size) in Parts(many).Concat(Parts(fewer)).GroupBy(part => part.Tile).Select(parts => parts.First()))
            EmitWeightGradient(writer, t, name + tile, width, [.. Enumerable.Range(start, size).Select(k => offsets?[k] ?? k - start)], loops);

        void EmitCalls((int Size, int Count)[] parts)
        {
            if (offsets is not null)
            {
                foreach ((string tile, int start, _) in Parts(parts))
                    writer.Line($"{name}{tile}<V>(ref input, ref gradient, ref Unsafe.Add(ref weightGradient, {start * width}), rows);");
                return;
            }

            int end = 0;
            foreach ((int size, int count) in parts)
            {
                end += size * count;
                writer.Line($"for (; k < {end}; k += {size})");
                writer.Line($"    {name}Tile{size}<V>(ref Unsafe.Add(ref input, k), ref gradient, ref Unsafe.Add(ref weightGradient, k * {width}), rows);");
            }
        }

        IEnumerable<(string Tile, int Start, int Size)> Parts((int Size, int Count)[] parts)
        {
            int start = 0;
            foreach ((int size, int count) in parts)
            {
                for (int i = 0; i < count; i++, start += size)
                    yield return (offsets is null ? $"Tile{size}" : $"Tile{size}At{start}", start, size);
            }
        }
    }

    // As few parts as the limit allows, of sizes that differ by one at most.
    private static (int Size, int Count)[] Divide(int inputs, int most)
    {
        int parts = (inputs + most - 1) / most, larger = inputs % parts;
        return larger == 0 ? [(inputs / parts, parts)] : [(inputs / parts + 1, larger), (inputs / parts, parts - larger)];
    }

    /// <summary>The gradient of the weights of several inputs, given by their places: summed over rows, and over positions where there are any.</summary>
    public static void EmitWeightGradient(SourceWriter writer, string t, string name, int width, IReadOnlyList<int> places, IReadOnlyList<TileLoop> loops)
    {
        int vectors = width / PanelLayout.Alignment;
        writer.Line();
        using (writer.Kernel("private", name, t, $"ref {t} input, ref {t} gradient, ref {t} weightGradient, int rows"))
        using (Panels.Columns(writer, width))
        {
            writer.Line($"ref {t} panel = ref Unsafe.Add(ref weightGradient, column);");
            string x = "input", g = "gradient";
            List<SumLoop> nest = [];
            foreach (TileLoop loop in loops.Take(loops.Count - 1))
            {
                string outerX = x, outerG = g;
                (x, g) = ($"x{nest.Count + 1}", $"g{nest.Count + 1}");
                string enter = $"ref {t} {x} = ref Unsafe.Add(ref {outerX}, {loop.Variable} * {loop.InputStep}), "
                    + $"{g} = ref Unsafe.Add(ref {outerG}, {loop.Variable} * {loop.GradientStep});";
                nest.Add(new(loop.Variable, "0", loop.End, "1", loop.Count) { Enter = () => writer.Line(enter) });
            }

            TileLoop last = loops[loops.Count - 1];
            nest.Add(new(last.Variable, "0", last.End, "1", last.Count));
            string[] sums = LongSum.TileOf(places.Count, vectors);
            LongSum.EmitProducts(writer, t, sums, nest, sum =>
            {
                writer.Line(Panels.Each(vectors, v => $"V gradient{v} = V.Load(ref {g}, {last.Variable} * {last.GradientStep} + column{Panels.Lane(v)});"));
                for (int k = 0; k < places.Count; k++)
                {
                    writer.Line($"V input{k} = V.Broadcast(ref {x}, {last.Variable} * {last.InputStep}{Plus(places[k])}); "
                        + Panels.Each(vectors, v => $"{sum($"sum{k}{v}")} = V.MultiplyAdd(input{k}, gradient{v}, {sum($"sum{k}{v}")});"));
                }
            });
            for (int k = 0; k < places.Count; k++)
            {
                writer.Line(Panels.Each(vectors, v =>
                    $"V.Store(V.Load(ref panel, {k * width}{Panels.Lane(v)}) + sum{k}{v}, ref panel, {k * width}{Panels.Lane(v)});"));
            }
        }
    }

    /// <summary>
    /// What one tap of the kernel adds to the input's gradient at several positions or rows: the weights are those of a panel of
    /// channels, [filters][width].
    /// </summary>
    public static void EmitInputGradient(SourceWriter writer, string t, string name, int width, int tile, int filters, int gradientStep, int targetStep)
    {
        int vectors = width / PanelLayout.Alignment;
        writer.Line();
        using (writer.Kernel("private", name, t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient"))
        using (Panels.Columns(writer, width))
        {
            writer.Line($"ref {t} panel = ref Unsafe.Add(ref weight, column);");
            writer.Line($"ref {t} sums = ref Unsafe.Add(ref inputGradient, column);");
            bool isLong = filters > LongSum.ShortProduct;
            if (isLong)
            {
                string[] totals = LongSum.TileOf(tile, vectors);
                LongSum.EmitProducts(writer, t, totals, [SumLoop.Over("filter", filters)], EmitTerms);
            }
            else
            {
                for (int p = 0; p < tile; p++)
                    writer.Line(Panels.Each(vectors, v => $"V sum{p}{v} = V.Load(ref sums, {p * targetStep}{Panels.Lane(v)});"));
                using (writer.Block($"for (nint filter = 0; filter < {filters}; filter++)"))
                    EmitTerms(sum => sum);
            }

            for (int p = 0; p < tile; p++)
            {
                writer.Line(Panels.Each(vectors, v =>
                {
                    string at = $"{p * targetStep}{Panels.Lane(v)}";
                    return $"V.Store({(isLong ? $"V.Load(ref sums, {at}) + " : "")}sum{p}{v}, ref sums, {at});";
                }));
            }
        }

        void EmitTerms(Func<string, string> sum)
        {
            writer.Line(Panels.Each(vectors, v => $"V w{v} = V.Load(ref panel, filter * {width}{Panels.Lane(v)});"));
            for (int p = 0; p < tile; p++)
            {
                writer.Line($"V g{p} = V.Broadcast(ref gradient, filter{Plus(p * gradientStep)}); "
                    + Panels.Each(vectors, v => $"{sum($"sum{p}{v}")} = V.MultiplyAdd(g{p}, w{v}, {sum($"sum{p}{v}")});"));
            }
        }
    }

    /// <summary>The gradient of biases: the sum of the output's gradient over rows and positions.</summary>
    public static void EmitBiasGradient(
        SourceWriter writer, KernelContext context, string bias, int stride, int positions, int positionStep, int rowStep)
    {
        using (writer.Block($"for (nint column = 0; column < {stride}; column += V.Count)"))
        {
            // Where rows follow each other without a gap, all positions are one line.
            bool isLine = positions == 1 || rowStep == positions * positionStep;
            int step = positions == 1 ? rowStep : positionStep;
            IReadOnlyList<SumLoop> loops = isLine
                ? [new("i", "column", $"rows * {rowStep}", $"{step}", context.Rows * positions)]
                :
                [
                    new("row", "0", "rows", "1", context.Rows),
                    new("i", $"row * {rowStep} + column", $"row * {rowStep} + {positions * positionStep}", $"{step}", positions),
                ];
            LongSum.EmitValues(writer, context.T, ["sum"], loops, sum => writer.Line($"{sum("sum")} += V.Load(ref gradient, i);"));
            writer.Line($"V.Store(V.Load(ref gradients, {bias} + column) + sum, ref gradients, {bias} + column);");
        }
    }

    /// <summary>Writes what to do where the processor has 32 vector registers and what where it has 16, once if it is the same.</summary>
    public static void EmitByRegisters<TTiles>(SourceWriter writer, TTiles many, TTiles few, bool areSame, Action<TTiles> emit)
    {
        if (areSame)
        {
            emit(many);
            return;
        }

        using (writer.Block("if (V.HasManyRegisters)"))
            emit(many);
        using (writer.Block("else"))
            emit(few);
    }

    /// <summary>A distance as the end of an expression.</summary>
    public static string Plus(int offset) => offset == 0 ? "" : offset < 0 ? $" - {-offset}" : $" + {offset}";
}

/// <summary>What becomes of the sums of a tile: they start at a bias, may be scaled and shifted by a batch normalization, and pass a function.</summary>
internal sealed record Epilogue(bool HasBias, bool HasScale, ActivationFunction Activation)
{
    public static Epilogue None { get; } = new(false, false, ActivationFunction.Of(Model.Activation.Identity, 0));

    /// <summary>The parameters that kernels take for it.</summary>
    public string Parameters(string t) => (HasBias ? $"ref {t} bias, " : "") + (HasScale ? $"ref {t} scale, ref {t} shift, " : "");

    /// <summary>The arguments passed on as they are.</summary>
    public string Arguments => (HasBias ? "ref bias, " : "") + (HasScale ? "ref scale, ref shift, " : "");

    /// <summary>The arguments from a place on.</summary>
    public string ArgumentsAt(string place) =>
        (HasBias ? $"ref Unsafe.Add(ref bias, {place}), " : "")
        + (HasScale ? $"ref Unsafe.Add(ref scale, {place}), ref Unsafe.Add(ref shift, {place}), " : "");

    public string Start(string column) => HasBias ? $"V.Load(ref bias, {column})" : "V.Zero";

    public string Finish(string sum, string column, string t)
    {
        string scaled = HasScale ? $"V.MultiplyAdd({sum}, V.Load(ref scale, {column}), V.Load(ref shift, {column}))" : sum;
        return Activation.IsCheap ? Activation.Value(scaled, t) : scaled;
    }
}
