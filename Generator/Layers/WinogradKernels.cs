using NetGen.Generator.Emitting;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>
/// A 3 x 3 convolution of stride 1 in the form F(2 x 2, 3 x 3) of Winograd (Lavin and Gray, 2016): 16 multiplications for four outputs in place of 36.
/// Tiles of 4 x 4 inputs and the kernels are transformed by sums alone, so that a tile of outputs becomes 16 matrix products, which are transformed
/// back. Images have their channels last, so the transformations run along channels. Blocks of tiles stay in cache from one step to the next.
/// </summary>
/// <param name="Name">What the methods' names begin with.</param>
/// <param name="Channels">Channels of the input.</param>
/// <param name="Height">Lines of the input.</param>
/// <param name="Width">Columns of the input.</param>
/// <param name="InputRow">Elements from one row of the input to the next.</param>
/// <param name="Padding">Zeros around the input; up to 2.</param>
/// <param name="Filters">Channels of the output.</param>
/// <param name="Pool">A pooling of 2 x 2 that is part of it, or null: a tile of outputs is just one of its windows.</param>
internal sealed record WinogradKernels(string Name, int Channels, int Height, int Width, int InputRow, int Padding, int Filters, PoolNode? Pool)
{
    public const int KernelSize = 3;
    private const int Points = 16;
    private const int MostBlock = 56;
    private const int FewestChannels = 16;

    // Beyond this the transformed weights no longer stay in the second-level cache.
    private const long MostWeights = 1 << 18;

    private int OutputHeight => Height + 2 * Padding - 2;

    private int OutputWidth => Width + 2 * Padding - 2;

    // A line or column that fills no window is of no use to a pooling.
    private int TilesX => Pool is null ? (OutputWidth + 1) / 2 : OutputWidth / 2;

    private int TileCount => (Pool is null ? (OutputHeight + 1) / 2 : OutputHeight / 2) * TilesX;

    private int OutputRow => (Pool is null ? OutputHeight * OutputWidth : TileCount) * FilterStride;

    // From one of the 16 matrices to the next. A power of two between them would put all into one set of the cache.
    private int WeightStep => Channels * FilterStride + PanelLayout.Alignment;

    private int InputStep => Block * ChannelStride + PanelLayout.Alignment;

    private int ProductStep => Block * FilterStride + PanelLayout.Alignment;

    private int ChannelStride => PanelLayout.Pad(Channels);

    private int FilterStride => PanelLayout.Pad(Filters);

    private Panels Panels => new(Filters, Channels);

    // Results at a time in the products: as many as registers hold, each with the vectors of a panel.
    private int MostResults => Panels.Full > 0 ? 8 : 14;

    private int FewResults => Panels.Full > 0 ? 4 : 10;

    // Tiles of a block: a multiple of the results in registers, with little waste in the last block.
    private int Block => Enumerable.Range(1, Math.Min(MostBlock, TileCount))
        .OrderBy(block => (TileCount + block - 1) / block * block * (1 + 1d / Divisor(block, MostResults))).ThenBy(block => block).First();

    public int WeightsLength => Points * WeightStep;

    /// <summary>Elements of memory it works in, besides the transformed weights.</summary>
    public int WorkLength => Points * (InputStep + ChannelStride + ProductStep);

    /// <summary>Whether it takes clearly less time than summing directly.</summary>
    public bool IsCheaper
    {
        get
        {
            if (Channels is < FewestChannels or > LongSum.ShortProduct || Filters < FewestChannels || (long)Points * Channels * FilterStride > MostWeights || OutputHeight < 2 || OutputWidth < 2)
                return false;
            double filterVectors = FilterStride / PanelLayout.Alignment, channelVectors = ChannelStride / PanelLayout.Alignment;
            double direct = 9d * OutputHeight * OutputWidth * Channels * filterVectors;
            double weights = 40d * Channels * filterVectors;
            double tiles = TileCount * (Points * Channels * filterVectors + 64 * channelVectors + 48 * filterVectors);
            return weights + tiles < 0.85 * direct;
        }
    }

    /// <summary>The statement that transforms the weights, in panels [positions][channels][32 filters].</summary>
    public string PrepareCall(string kernelClass, string weights, string transformed) =>
        $"{kernelClass}.{Name}Weights<V>(ref {weights}, ref {transformed});";

    /// <param name="writer">Takes the text.</param>
    /// <param name="t">The element type.</param>
    /// <param name="isFlipped">Whether the kernel is turned by half, as gradients need it.</param>
    /// <param name="epilogue">What becomes of a sum.</param>
    public void Emit(SourceWriter writer, string t, bool isFlipped, Epilogue epilogue)
    {
        EmitWeights(writer, t, isFlipped);
        EmitRows(writer, t, epilogue);
        EmitInput(writer, t);
        EmitProduct(writer, t);
        EmitOutput(writer, t, epilogue);
    }

    private static int Divisor(int block, int most) => Enumerable.Range(1, most).Last(divisor => block % divisor == 0);

    private void EmitWeights(SourceWriter writer, string t, bool isFlipped)
    {
        writer.Line();
        writer.Line($"// The kernels transformed, G w G^T{(isFlipped ? " of the kernel turned by half" : "")}: [3 x 3][{Channels}][{Filters}] -> [4 x 4][{Channels}][{Filters}]");
        using (writer.Kernel("public", $"{Name}Weights", t, $"ref {t} weight, ref {t} transformed"))
        {
            writer.Line($"V half = V.Create({SourceWriter.Literal(0.5, t)});");
            foreach ((string suffix, int width) in Panels.Kinds)
            {
                bool isFull = suffix == "Panel";
                string start = isFull ? $"panel * {Channels * 9 * width}" : $"{Panels.Full * PanelLayout.PanelWidth * Channels * 9}";
                string target = isFull ? $"panel * {Channels * width}" : $"{Panels.Full * PanelLayout.PanelWidth * Channels}";
                using (isFull ? writer.Block($"for (nint panel = 0; panel < {Panels.Full}; panel++)") : default)
                using (writer.Block($"for (nint i = 0; i < {Channels * width}; i += V.Count)"))
                {
                    for (int tap = 0; tap < 9; tap++)
                        writer.Line($"V w{tap / 3}{tap % 3} = V.Load(ref weight, {start} + {(isFlipped ? 8 - tap : tap) * Channels * width} + i);");
                    for (int j = 0; j < 3; j++)
                    {
                        writer.Line($"V outer{j} = half * (w0{j} + w2{j}), inner{j} = half * w1{j};");
                        writer.Line($"V r0{j} = w0{j}, r1{j} = outer{j} + inner{j}, r2{j} = outer{j} - inner{j}, r3{j} = w2{j};");
                    }

                    for (int i = 0; i < 4; i++)
                    {
                        writer.Line($"V ends{i} = half * (r{i}0 + r{i}2), middle{i} = half * r{i}1;");
                        foreach ((int j, string value) in ((int, string)[])[(0, $"r{i}0"), (1, $"ends{i} + middle{i}"), (2, $"ends{i} - middle{i}"), (3, $"r{i}2")])
                            writer.Line($"V.Store({value}, ref transformed, {target} + {(4 * i + j) * WeightStep} + i);");
                    }
                }
            }
        }
    }

    private void EmitRows(SourceWriter writer, string t, Epilogue epilogue)
    {
        int patch = Points * InputStep, products = patch + Points * ChannelStride;
        writer.Line();
        writer.Line($"// output = input * W by 4 x 4 tiles: [{Height}, {Width}][{Channels}] -> [{OutputHeight}, {OutputWidth}][{Filters}], {Block} tiles at a time. The last block overlaps the one before.");
        using (writer.Kernel("private", Name, t, $"ref {t} input, ref {t} transformed, {epilogue.Parameters(t)}ref {t} output, ref {t} work, int rows"))
        {
            writer.Line($"ref {t} products = ref Unsafe.Add(ref work, {products});");
            using (writer.Block("for (nint row = 0; row < rows; row++)"))
            {
                writer.Line($"ref {t} image = ref Unsafe.Add(ref input, row * {InputRow}), result = ref Unsafe.Add(ref output, row * {OutputRow});");
                using (writer.Block($"for (nint block = 0; block < {TileCount}; block += {Block})"))
                {
                    writer.Line($"nint first = {(TileCount % Block == 0 ? "block" : $"Math.Min(block, {TileCount - Block})")};");
                    writer.Line($"for (nint tile = 0; tile < {Block}; tile++)");
                    writer.Line($"    {Name}Input<V>(ref image, ref Unsafe.Add(ref work, tile * {ChannelStride}), ref Unsafe.Add(ref work, {patch}), (first + tile) / {TilesX}, (first + tile) % {TilesX});");
                    writer.Line($"for (nint point = 0; point < {Points}; point++)");
                    writer.Line($"    {Name}Product<V>(ref Unsafe.Add(ref work, point * {InputStep}), ref Unsafe.Add(ref transformed, point * {WeightStep}), ref Unsafe.Add(ref products, point * {ProductStep}));");
                    writer.Line($"for (nint tile = 0; tile < {Block}; tile++)");
                    writer.Line($"    {Name}Output<V>(ref Unsafe.Add(ref products, tile * {FilterStride}), {epilogue.Arguments}ref result, (first + tile) / {TilesX}, (first + tile) % {TilesX});");
                }
            }
        }
    }

    private void EmitInput(SourceWriter writer, string t)
    {
        writer.Line();
        writer.Line("// One tile of inputs transformed, B^T x B. At the border a copy with zeros takes the place of the input.");
        using (writer.Kernel("private", $"{Name}Input", t, $"ref {t} image, ref {t} transformed, ref {t} patch, nint tileY, nint tileX"))
        {
            writer.Line($"nint y = 2 * tileY - {Padding}, x = 2 * tileX - {Padding};");
            writer.Line($"ref {t} from = ref Unsafe.Add(ref image, (y * {Width} + x) * {ChannelStride});");
            writer.Line($"nint line = {Width * ChannelStride};");
            using (writer.Block($"if (y < 0 || x < 0 || y > {Height - 4} || x > {Width - 4})"))
            {
                writer.Line($"ImageCopy.Patch(ref image, {ChannelStride}, {Height}, {Width}, (int)y, (int)x, ref patch);");
                writer.Line("from = ref patch;");
                writer.Line($"line = {4 * ChannelStride};");
            }

            using (writer.Block($"for (nint channel = 0; channel < {ChannelStride}; channel += V.Count)"))
            {
                for (int i = 0; i < 4; i++)
                    writer.Line($"V {string.Join(", ", Enumerable.Range(0, 4).Select(j => $"d{i}{j} = V.Load(ref from, {i} * line + {j * ChannelStride} + channel)"))};");
                for (int j = 0; j < 4; j++)
                    writer.Line($"V r0{j} = d0{j} - d2{j}, r1{j} = d1{j} + d2{j}, r2{j} = d2{j} - d1{j}, r3{j} = d1{j} - d3{j};");
                for (int i = 0; i < 4; i++)
                {
                    string[] values = [$"r{i}0 - r{i}2", $"r{i}1 + r{i}2", $"r{i}2 - r{i}1", $"r{i}1 - r{i}3"];
                    for (int j = 0; j < 4; j++)
                        writer.Line($"V.Store({values[j]}, ref transformed, {(4 * i + j) * InputStep} + channel);");
                }
            }
        }
    }

    private void EmitProduct(SourceWriter writer, string t)
    {
        int many = Divisor(Block, MostResults), few = Divisor(Block, FewResults);
        writer.Line();
        writer.Line($"// One of the 16 products: [{Block} tiles][{Channels}] x [{Channels}][{Filters}]");
        using (writer.Kernel("private", $"{Name}Product", t, $"ref {t} input, ref {t} weight, ref {t} output"))
        {
            Panels.EmitCalls(writer, (suffix, start, panel) =>
                $"{Name}{suffix}<V>(ref input, ref Unsafe.Add(ref weight, {start}), ref Unsafe.Add(ref output, {panel}));");
        }

        foreach ((string suffix, int width) in Panels.Kinds)
        {
            writer.Line();
            using (writer.Kernel("private", $"{Name}{suffix}", t, $"ref {t} input, ref {t} weight, ref {t} output"))
            {
                if (many == few)
                {
                    EmitTiles(many);
                }
                else
                {
                    using (writer.Block("if (V.HasManyRegisters)"))
                        EmitTiles(many);
                    using (writer.Block("else"))
                        EmitTiles(few);
                }
            }

            foreach (int tile in ((int[])[many, few]).Distinct())
                Tiles.EmitForward(writer, t, $"{Name}{suffix}Tile{tile}", width, tile, ChannelStride, FilterStride, new(1, 0, 1, 0, Channels), Epilogue.None);

            void EmitTiles(int tile)
            {
                writer.Line($"for (nint at = 0; at < {Block}; at += {tile})");
                writer.Line($"    {Name}{suffix}Tile{tile}<V>(ref Unsafe.Add(ref input, at * {ChannelStride}), ref weight, ref Unsafe.Add(ref output, at * {FilterStride}));");
            }
        }
    }

    private void EmitOutput(SourceWriter writer, string t, Epilogue epilogue)
    {
        writer.Line();
        writer.Line("// One tile of outputs transformed back, A^T m A.");
        using (writer.Kernel("private", $"{Name}Output", t, $"ref {t} products, {epilogue.Parameters(t)}ref {t} output, nint tileY, nint tileX"))
        {
            writer.Line(Pool is null
                ? $"ref {t} result = ref Unsafe.Add(ref output, (2 * tileY * {OutputWidth} + 2 * tileX) * {FilterStride});"
                : $"ref {t} result = ref Unsafe.Add(ref output, (tileY * {TilesX} + tileX) * {FilterStride});");
            bool hasLastLine = OutputHeight % 2 != 0 && Pool is null, hasLastColumn = OutputWidth % 2 != 0 && Pool is null;
            if (hasLastLine)
                writer.Line($"bool hasBelow = 2 * tileY + 1 < {OutputHeight};");
            if (hasLastColumn)
                writer.Line($"bool hasRight = 2 * tileX + 1 < {OutputWidth};");
            using (writer.Block($"for (nint column = 0; column < {FilterStride}; column += V.Count)"))
            {
                for (int j = 0; j < 4; j++)
                {
                    writer.Line($"V {string.Join(", ", Enumerable.Range(0, 4).Select(i => $"m{i}{j} = V.Load(ref products, {(4 * i + j) * ProductStep} + column)"))};");
                    writer.Line($"V upper{j} = m0{j} + m1{j} + m2{j}, lower{j} = m1{j} - m2{j} - m3{j};");
                }

                writer.Line($"V start = {epilogue.Start("column")};");
                if (Pool is not null)
                {
                    EmitPooled();
                    return;
                }

                EmitStore("upper", 0, hasLastColumn ? "hasRight" : null, null);
                EmitStore("lower", OutputWidth * FilterStride, hasLastColumn ? "hasRight" : null, hasLastLine ? "hasBelow" : null);
            }
        }

        void EmitPooled()
        {
            foreach (string line in (string[])["upper", "lower"])
            {
                writer.Line($"V {line}Left = start + {line}0 + {line}1 + {line}2, {line}Right = start + {line}1 - {line}2 - {line}3;");
                writer.Line($"V {line}First = {epilogue.Finish(line + "Left", "column", t)}, {line}Second = {epilogue.Finish(line + "Right", "column", t)};");
            }

            string value = Pool.IsMaximum
                ? "V.Maximum(V.Maximum(upperFirst, upperSecond), V.Maximum(lowerFirst, lowerSecond))"
                : $"(upperFirst + upperSecond + lowerFirst + lowerSecond) * V.Create({SourceWriter.Literal(0.25, t)})";
            writer.Line($"V.Store({value}, ref result, column);");
        }

        void EmitStore(string line, int place, string? right, string? below)
        {
            writer.Line($"V {line}Left = start + {line}0 + {line}1 + {line}2, {line}Right = start + {line}1 - {line}2 - {line}3;");
            Guarded(below is null ? [] : [below], $"V.Store({epilogue.Finish(line + "Left", "column", t)}, ref result, {place} + column);");
            Guarded([.. (below is null ? (string[])[] : [below]), .. (right is null ? (string[])[] : [right])], $"V.Store({epilogue.Finish(line + "Right", "column", t)}, ref result, {place + FilterStride} + column);");
        }

        void Guarded(string[] conditions, string statement)
        {
            if (conditions.Length > 0)
                writer.Line($"if ({string.Join(" && ", conditions)})");
            writer.Line((conditions.Length > 0 ? "    " : "") + statement);
        }
    }
}
