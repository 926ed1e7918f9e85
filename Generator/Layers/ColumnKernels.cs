using NetGen.Generator.Emitting;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>
/// A convolution with few filters, whose vectors run along the columns of the image: along filters most of their lanes would be empty.
/// It reads planes, [channels][padded height][line], in which columns that are a stride apart stand together, computes two lines of all
/// filters at a time, and turns those to channels last. A pooling of 2 x 2 that follows takes place in between.
/// </summary>
/// <param name="G">The sizes.</param>
/// <param name="OutputStride">Elements from one position of the output to the next.</param>
/// <param name="OutputRow">Elements from one row of the output to the next.</param>
/// <param name="Pool">The pooling, or null.</param>
internal sealed record ColumnKernels(ConvGeometry G, int OutputStride, int OutputRow, PoolNode? Pool)
{
    private const int MostFilters = 16;
    private const int MostGroup = 6;

    // Turning an element to channels last costs about this many multiply-adds of vectors.
    private const double TurnCost = 0.7;

    // Columns that are a stride apart; the last vector of a line reads as far for each column of the kernel.
    private int Part => PanelLayout.Pad(Math.Max((G.PaddedWidth + G.Stride - 1) / G.Stride, PanelLayout.Pad(G.OutputWidth) + (G.Kernel - 1) * G.Dilation / G.Stride));

    private int Line => G.Stride * Part;

    // Filters of the narrow panel that the weights lie in.
    private const int Width = PanelLayout.Alignment;

    // Pooling reads one column further.
    private int LineBuffer => PanelLayout.Pad(G.OutputWidth) + PanelLayout.Alignment;

    // Lines of a filter on their way: a pooling takes the two together before.
    private int FilterLines => Pool is null ? 2 : 1;

    /// <summary>Elements of the planes of a row.</summary>
    public int PlanesLength => G.Channels * G.PaddedHeight * Line;

    /// <summary>Elements of the lines on their way to channels last, which are turned eight filters at a time.</summary>
    public int LinesLength => FilterLines * ((G.Filters + 7) / 8 * 8) * LineBuffer;

    private int UsedLines => FilterLines * G.Filters * LineBuffer;

    /// <summary>Whether it takes less time than vectors along filters.</summary>
    public bool IsCheaper
    {
        get
        {
            if (G.Fan > LongSum.ShortProduct || G.Groups != 1 || G.Filters > MostFilters || G.KernelHeight > 8 || Line * (double)G.PaddedHeight * G.Channels > 1 << 20)
                return false;
            double vectors = (G.OutputWidth + PanelLayout.Alignment - 1) / PanelLayout.Alignment;
            double direct = (double)G.Positions * G.Fan;
            double turned = (double)G.Positions * ((G.Filters + 7) / 8 * 8) / (Pool is null ? 1 : 4);
            double columns = (double)G.OutputHeight * vectors * G.Filters * G.Fan + TurnCost * turned;
            return columns < 0.9 * direct;
        }
    }

    /// <summary>The statement that makes the planes.</summary>
    public string PlanesCall(string input, Graph.Tensor tensor, string planes) =>
        $"ImageCopy.ToPlanes(ref {input}, {tensor.RowLength}, {(tensor.Layout == Graph.TensorLayout.Image ? tensor.ChannelStride : 0)}, ref {planes}, {PlanesLength}, "
        + $"{G.Channels}, {G.Input.Height}, {G.Input.Width}, {G.PaddingY}, {G.Padding}, {Line}, {G.Stride}, count);";

    public void Emit(SourceWriter writer, string t, Epilogue epilogue)
    {
        (int Size, int First)[] groups = [.. Groups()];
        bool isSingle = G.OutputHeight % 2 != 0 && Pool is null;
        writer.Line();
        writer.Line("// Two lines of all filters, along columns, then turned to channels last.");
        using (writer.Kernel("private", "Columns", t, $"ref {t} planes, ref {t} weight, {epilogue.Parameters(t)}ref {t} lines, ref {t} output, int rows"))
        {
            if (LinesLength > UsedLines)
                writer.Line($"MemoryMarshal.CreateSpan(ref Unsafe.Add(ref lines, {UsedLines}), {LinesLength - UsedLines}).Clear();");
            using (writer.Block("for (nint row = 0; row < rows; row++)"))
            using (writer.Block($"for (nint pair = 0; pair < {(Pool is null ? (G.OutputHeight + 1) / 2 : G.OutputHeight / 2)}; pair++)"))
            {
                // Of an odd number of lines the last pair overlaps the one before.
                writer.Line($"nint y = {(isSingle && G.OutputHeight > 1 ? $"Math.Min(2 * pair, {G.OutputHeight - 2})" : "2 * pair")};");
                writer.Line($"ref {t} window = ref Unsafe.Add(ref planes, row * {PlanesLength} + y * {G.StrideY * Line});");
                using (writer.Block($"for (nint column = 0; column < {G.OutputWidth}; column += V.Count)"))
                {
                    foreach ((int size, int first) in groups)
                    {
                        writer.Line($"ColumnsOf{size}<V>(ref Unsafe.Add(ref window, column), ref Unsafe.Add(ref weight, {first}), {epilogue.ArgumentsAt($"{first}")}ref Unsafe.Add(ref lines, {FilterLines * first * LineBuffer} + column));");
                    }
                }

                if (Pool is null)
                {
                    foreach (int line in Lines)
                    {
                        writer.Line($"ImageCopy.TurnLine(ref Unsafe.Add(ref lines, {line * LineBuffer}), {2 * LineBuffer}, 1, ref Unsafe.Add(ref output, row * {OutputRow} + (y + {line}) * {G.OutputWidth * OutputStride}), "
                            + $"{G.Filters}, {G.OutputWidth});");
                    }
                }
                else
                {
                    int width = G.OutputWidth / 2;
                    writer.Line($"for (nint i = 0; i < {UsedLines - PanelLayout.Alignment}; i += V.Count)");
                    writer.Line($"    V.Store({Pooled("V.Load(ref lines, i)", "V.Load(ref lines, i + 1)", t, isLast: true)}, ref lines, i);");
                    writer.Line($"ImageCopy.TurnLine(ref lines, {LineBuffer}, 2, ref Unsafe.Add(ref output, row * {OutputRow} + pair * {width * OutputStride}), {G.Filters}, {width});");
                }
            }
        }

        foreach (int size in groups.Select(group => group.Size).Distinct())
            EmitGroup(writer, t, size, epilogue);
    }

    private int[] Lines => G.OutputHeight == 1 ? [0] : [0, 1];

    private string Pooled(string first, string second, string t, bool isLast) => Pool!.IsMaximum
        ? $"V.Maximum({first}, {second})"
        : isLast ? $"({first} + {second}) * V.Create({SourceWriter.Literal(0.25, t)})" : $"{first} + {second}";

    private IEnumerable<(int Size, int First)> Groups()
    {
        int parts = (G.Filters + MostGroup - 1) / MostGroup, first = 0;
        for (int part = 0; part < parts; part++)
        {
            int size = G.Filters / parts + (part < G.Filters % parts ? 1 : 0);
            yield return (size, first);
            first += size;
        }
    }

    private void EmitGroup(SourceWriter writer, string t, int size, Epilogue epilogue)
    {
        int[] lines = Lines;
        writer.Line();
        writer.Line($"// One vector of columns of two lines, for {size} filters.");
        using (writer.Kernel("private", $"ColumnsOf{size}", t, $"ref {t} window, ref {t} weight, {epilogue.Parameters(t)}ref {t} result"))
        {
            for (int f = 0; f < size; f++)
            {
                foreach (int line in lines)
                    writer.Line($"V sum{f}of{line} = {(epilogue.HasBias ? $"V.Broadcast(ref bias, {f})" : "V.Zero")};");
            }

            using (G.Channels > 1 ? writer.Block($"for (nint channel = 0; channel < {G.Channels}; channel++)") : default)
            using (writer.Block($"for (nint kernelColumn = 0; kernelColumn < {G.Kernel}; kernelColumn++)"))
            {
                string channel = G.Channels > 1 ? $"channel * {G.PaddedHeight * Line} + " : "", of = G.Channels > 1 ? " + channel" : "";
                string column = G.Stride == 1 ? $"kernelColumn * {G.Dilation}" : $"kernelColumn * {G.Dilation} % {G.Stride} * {Part} + kernelColumn * {G.Dilation} / {G.Stride}";
                writer.Line($"ref {t} x = ref Unsafe.Add(ref window, {channel}{column});");
                writer.Line($"ref {t} w = ref Unsafe.Add(ref weight, (kernelColumn * {G.Channels}{of}) * {Width});");
                HashSet<int> loaded = [];
                for (int k = 0; k < G.KernelHeight; k++)
                {
                    foreach (int line in lines)
                    {
                        int at = k * G.Dilation + line * G.StrideY;
                        if (loaded.Add(at))
                            writer.Line($"V x{at} = V.Load(ref x, {at * Line});");
                    }

                    for (int f = 0; f < size; f++)
                    {
                        writer.Line($"V w{f}of{k} = V.Broadcast(ref w, {k * G.Kernel * G.Channels * Width + f}); "
                            + string.Join(" ", lines.Select(line => $"sum{f}of{line} = V.MultiplyAdd(w{f}of{k}, x{k * G.Dilation + line * G.StrideY}, sum{f}of{line});")));
                    }
                }
            }

            for (int f = 0; f < size; f++)
            {
                string[] results = [.. lines.Select(line => Finished(f, line))];
                if (Pool is not null)
                    results = [Pooled(results[0], results[1], t, isLast: false)];
                for (int line = 0; line < results.Length; line++)
                    writer.Line($"V.Store({results[line]}, ref result, {(FilterLines * f + line) * LineBuffer});");
            }
        }

        string Finished(int f, int line)
        {
            string scaled = epilogue.HasScale ? $"V.MultiplyAdd(sum{f}of{line}, V.Broadcast(ref scale, {f}), V.Broadcast(ref shift, {f}))" : $"sum{f}of{line}";
            return epilogue.Activation.IsCheap ? epilogue.Activation.Value(scaled, t) : scaled;
        }
    }
}
