using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>y = f(x W + b), [rows, inputs] to [rows, units].</summary>
internal class DenseLayer : LayerKind
{
    public override string Name => "Dense";

    public override bool HasParameters => true;

    // An image without gaps is a row in another order, which the weights take on in memory; transposed weights give rows in the usual one.
    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) =>
        input.Dimensions.Count > 1 && input.Dimensions[0] % PanelLayout.Alignment == 0 && !reader.IsTransposedBelow
            ? [TensorLayout.Flat, TensorLayout.Packed, TensorLayout.Image]
            : [TensorLayout.Flat, TensorLayout.Packed];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        ActivationFunction? activation = reader.Activation("Activation");
        (StartValues? weight, StartValues? bias) = reader.Starts(activation);
        int units = reader.Integer("Units");
        if (units < 1)
        {
            reader.Report(Rules.UnitsNotPositive, "Units", reader.Name, NetworkGraph.Text(units));
            return null;
        }

        return activation is null || weight is null || bias is null
            ? null
            : new DenseNode(reader.Name, inputs, new(new Shape(units), TensorLayout.Flat), activation, weight, reader.Flag("Bias", true) ? bias : null);
    }
}

/// <summary>A dense layer of known shapes.</summary>
internal sealed record DenseNode(
    string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ActivationFunction Activation, StartValues WeightStart, StartValues? BiasStart)
    : WeightedNode(Name, Inputs, Output, Activation, WeightStart, BiasStart)
{
    /// <summary>The connections that exist, as texts of '1' and '0' that repeat; empty where all do.</summary>
    public EquatableArray<string> Mask { get; init; } = new(Enumerable.Empty<string>());

    // Layers with this few inputs multiply one row in straight-line code.
    private const int StraightLineInputs = 32;

    // Rows of output gradients that stay in the first-level cache while the weights stream past them.
    private const int CachedGradientBytes = 24 * 1024;

    private int InputCount => Input.Size;

    private bool IsLong => InputCount > LongSum.ShortProduct;

    private int Units => Output.Size;

    private int Stride => PanelLayout.Pad(Units);

    private Panels Panels => new(Units, InputCount);

    public override string Description
    {
        get
        {
            string mask = Mask.Count == 0 ? "" : $", mask {string.Join(" ", Mask)}";
            return $"{(Mask.Count == 0 ? "" : "Masked")}Dense({Units}{LastOptions}{mask})";
        }
    }

    public override IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Parameter weight = new("Weight", new Shape(Units, InputCount), ParameterForm.Panels, WeightStart, InputCount, Units)
            {
                Mask = Mask,
                Channels = Input.Layout == TensorLayout.Image ? Input.Channels : 0,
            };
            return BiasStart is null ? [weight] : [weight, new("Bias", new Shape(Units), ParameterForm.Contiguous, BiasStart, InputCount, Units)];
        }
    }

    public override long MultiplyAdds => (long)InputCount * Units;

    public override bool KeepsInput => true;

    public override IReadOnlyList<Workspace> Workspaces => [.. SumWorkspaces];

    public override string Formula(string input, string output)
    {
        return $"{output} = {Finished($"{input} x W")}: [rows, {InputCount}] -> [rows, {Units}], "
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
        EmitActivationGradient(writer, step);
        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.ParameterGradients<V>(ref {step.Forward.Input}, ref {step.OutputGradient}, ref gradients, count);");
        step.EmitInputGradient(
            writer, $"{KernelClass}.InputGradient<V>(ref {step.OutputGradient}, ref parameters, ref {step.InputGradients[0]}, count);");
    }

    public override void EmitPredictKernels(SourceWriter writer, KernelContext context)
    {
        EmitConstants(writer, context);
        EmitForwardKernels(writer, context);
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        if (Mask.Count > 0)
            writer.Line($"private static readonly string[] Mask = {{ {string.Join(", ", Mask.Select(SourceWriter.Quoted))} }};");
        EmitPredictKernels(writer, context);
        EmitActivationKernels(writer, context.T);
        EmitParameterGradients(writer, context);
        EmitInputGradient(writer, context);
    }

    // ---- forward ----

    private void EmitForwardKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        using (writer.Kernel("public", "Forward", t, $"ref {t} input, ref {t} parameters, {(IsScaled ? $"ref {t} scale, " : "")}ref {t} output, int rows"))
        {
            Panels.EmitCalls(writer, (suffix, start, panel) =>
                $"Forward{suffix}<V>(ref input, ref Unsafe.Add(ref parameters, Weight + {start}), "
                + (BiasStart is null ? "" : $"ref Unsafe.Add(ref parameters, Bias + {panel}), ")
                + (IsScaled ? $"ref Unsafe.Add(ref scale, {panel}), ref Unsafe.Add(ref scale, {BatchNormNode.ShiftPlace(Output)} + {panel}), " : "")
                + $"ref Unsafe.Add(ref output, {panel}), rows);");
        }

        foreach ((string suffix, int width) in Panels.Kinds)
        {
            string Call(string row, int tileRows) =>
                $"Forward{suffix}Tile{tileRows}<V>(ref Unsafe.Add(ref input, {row} * {Input.RowLength}), ref weight, {Epilogue.Arguments}ref Unsafe.Add(ref output, {row} * {Stride}));";

            writer.Line();
            writer.Line($"// {width} outputs of all rows. The last tile overlaps the one before: rows computed twice get the same bits.");
            using (writer.Kernel("private", $"Forward{suffix}", t, $"ref {t} input, ref {t} weight, {Epilogue.Parameters(t)}ref {t} output, int rows"))
            {
                using (writer.Block("if (V.HasManyRegisters && rows >= 8)"))
                {
                    writer.Line("for (int row = 0; row < rows; row += 8)");
                    writer.Line("    " + Call("Math.Min(row, rows - 8)", 8));
                }

                using (writer.Block("else if (rows >= 4)"))
                {
                    writer.Line("for (int row = 0; row < rows; row += 4)");
                    writer.Line("    " + Call("Math.Min(row, rows - 4)", 4));
                }

                using (writer.Block("else"))
                {
                    writer.Line("for (int row = 0; row < rows; row++)");
                    writer.Line("    " + Call("row", 1));
                }
            }

            foreach (int tileRows in (int[])[8, 4])
                EmitForwardTile(writer, context, suffix, width, tileRows);
            EmitForwardRow(writer, context, suffix, width);
        }
    }

    private void EmitForwardTile(SourceWriter writer, KernelContext context, string suffix, int width, int tileRows)
    {
        int vectors = width / PanelLayout.Alignment;
        writer.Line();
        using (writer.Kernel("private", $"Forward{suffix}Tile{tileRows}", context.T, ForwardParameters(context.T)))
        using (Panels.Columns(writer, width))
        {
            writer.Line($"ref {context.T} panel = ref Unsafe.Add(ref weight, column);");
            if (!IsLong)
            {
                EmitStarts();
                using (writer.Block($"for (nint k = 0; k < {InputCount}; k++)"))
                    EmitTerms(sum => sum);
            }
            else
            {
                string[] sums = LongSum.TileOf(tileRows, vectors);
                LongSum.EmitProducts(writer, context.T, sums, [SumLoop.Over("k", InputCount)], EmitTerms);
                for (int row = 0; row < (BiasStart is null ? 0 : tileRows); row++)
                    writer.Line(Panels.Each(vectors, v => $"sum{row}{v} += {Epilogue.Start($"column{Panels.Lane(v)}")};"));
            }

            for (int row = 0; row < tileRows; row++)
            {
                writer.Line(Panels.Each(vectors, v =>
                    $"V.Store({Epilogue.Finish($"sum{row}{v}", $"column{Panels.Lane(v)}", context.T)}, ref output, column{(row == 0 ? "" : $" + {row * Stride}")}{Panels.Lane(v)});"));
            }
        }

        void EmitStarts()
        {
            writer.Line(Panels.Each(vectors, v => $"V sum0{v} = {Epilogue.Start($"column{Panels.Lane(v)}")};"));
            for (int row = 1; row < tileRows; row++)
                writer.Line(Panels.Each(vectors, v => $"V sum{row}{v} = sum0{v};"));
        }

        void EmitTerms(Func<string, string> sum)
        {
            writer.Line(Panels.Each(vectors, v => $"V w{v} = V.Load(ref panel, k * {width}{Panels.Lane(v)});"));
            for (int row = 0; row < tileRows; row++)
            {
                writer.Line($"V x{row} = V.Broadcast(ref input, k{(row == 0 ? "" : $" + {row * Input.RowLength}")}); "
                    + Panels.Each(vectors, v => $"{sum($"sum{row}{v}")} = V.MultiplyAdd(x{row}, w{v}, {sum($"sum{row}{v}")});"));
            }
        }
    }

    // One row waits for the latency of its multiply-adds, so it is summed in four parts.
    private void EmitForwardRow(SourceWriter writer, KernelContext context, string suffix, int width)
    {
        int vectors = width / PanelLayout.Alignment;
        int parts = Math.Min(4, InputCount);
        writer.Line();
        using (writer.Kernel("private", $"Forward{suffix}Tile1", context.T, ForwardParameters(context.T)))
        using (Panels.Columns(writer, width))
        {
            writer.Line($"ref {context.T} panel = ref Unsafe.Add(ref weight, column);");
            bool isStraight = InputCount <= StraightLineInputs;
            int looped = isStraight ? 0 : InputCount / parts * parts;
            if (IsLong)
            {
                string[] sums = LongSum.TileOf(parts, vectors);
                LongSum.EmitProducts(writer, context.T, sums, [new("k", "0", $"{looped}", $"{parts}", looped / parts)], EmitLoopTerms);
                if (BiasStart is not null)
                    writer.Line(Panels.Each(vectors, v => $"sum0{v} += {Epilogue.Start($"column{Panels.Lane(v)}")};"));
            }
            else
            {
                for (int part = 0; part < parts; part++)
                    writer.Line(Panels.Each(vectors, v => $"V sum{part}{v} = {(part == 0 ? Epilogue.Start($"column{Panels.Lane(v)}") : "V.Zero")};"));
                if (looped > 0)
                {
                    using (writer.Block($"for (nint k = 0; k < {looped}; k += {parts})"))
                        EmitLoopTerms(sum => sum);
                }
            }

            for (int k = looped; k < InputCount; k++)
                EmitTerm($"{k}", $"{k * width}", k % parts, sum => sum);

            writer.Line(Panels.Each(vectors, v => $"V total{v} = {Total(v)};"));
            writer.Line(Panels.Each(vectors, v => $"V.Store({Epilogue.Finish($"total{v}", $"column{Panels.Lane(v)}", context.T)}, ref output, column{Panels.Lane(v)});"));

            string Total(int v) => parts switch
            {
                1 => $"sum0{v}",
                2 => $"sum0{v} + sum1{v}",
                3 => $"sum0{v} + sum1{v} + sum2{v}",
                _ => $"(sum0{v} + sum1{v}) + (sum2{v} + sum3{v})",
            };

            void EmitLoopTerms(Func<string, string> sum)
            {
                for (int part = 0; part < parts; part++)
                    EmitTerm($"k{(part == 0 ? "" : $" + {part}")}", $"k * {width}{(part == 0 ? "" : $" + {part * width}")}", part, sum);
            }

            void EmitTerm(string position, string weight, int part, Func<string, string> sum) => writer.Line(Panels.Each(vectors, v =>
                $"{sum($"sum{part}{v}")} = V.MultiplyAdd(V.Broadcast(ref input, {position}), V.Load(ref panel, {weight}{Panels.Lane(v)}), {sum($"sum{part}{v}")});"));
        }
    }

    private string ForwardParameters(string t) => $"ref {t} input, ref {t} weight, {Epilogue.Parameters(t)}ref {t} output";

    // ---- gradients of weights and biases ----

    private void EmitParameterGradients(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line();
        writer.Line($"// dW += input^T x gradient: [rows, {InputCount}], [rows, {Units}] -> [{InputCount}, {Units}]{(BiasStart is null ? "" : "; db += column sums of gradient")}");
        using (writer.Kernel("public", "ParameterGradients", t, $"ref {t} input, ref {t} gradient, ref {t} gradients, int rows"))
        {
            Panels.EmitCalls(writer, (suffix, start, panel) =>
                $"WeightGradient{suffix}<V>(ref input, ref Unsafe.Add(ref gradient, {panel}), ref Unsafe.Add(ref gradients, Weight + {start}), rows);");
            if (BiasStart is not null)
                Tiles.EmitBiasGradient(writer, context, "Bias", Stride, 1, 0, Stride);
            if (Mask.Count > 0)
                writer.Line($"ConnectionMask.Clear(ref Unsafe.Add(ref gradients, Weight), {Units}, {InputCount}, Mask);");
        }

        foreach ((string suffix, int width) in Panels.Kinds)
            Tiles.EmitWeightGradients(writer, t, $"WeightGradient{suffix}", width, InputCount, [TileLoop.OverRows(context.Rows, Input.RowLength, Stride)]);
    }

    // ---- gradient of the input ----

    private void EmitInputGradient(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        int stride = Input.RowLength;
        int tileInputs = Math.Min(4, InputCount) == 4 ? 4 : 1;
        int rowBytes = Stride * (t == "float" ? 4 : 8);
        int block = Math.Max(4, Math.Min(64, CachedGradientBytes / rowBytes / 4 * 4));
        writer.Line();
        writer.Line($"// inputGradient = gradient x W^T: [rows, {Units}] -> [rows, {InputCount}], {block} rows at a time");
        using (writer.Kernel("public", "InputGradient", t, $"ref {t} gradient, ref {t} parameters, ref {t} inputGradient, int rows"))
        {
            using (writer.Block($"for (int block = 0; block < rows; block += {block})"))
            {
                writer.Line($"int end = Math.Min(block + {block}, rows);");
                using (writer.Block($"for (int input = 0; input < {InputCount}; input += {tileInputs})"))
                {
                    writer.Line($"nint i = {(InputCount % tileInputs == 0 ? "input" : $"Math.Min(input, {InputCount - tileInputs})")};");
                    EmitRows("if (V.HasManyRegisters && rows >= 4)", 4);
                    EmitRows("else if (rows >= 2)", 2);
                    EmitRows("else", 1);
                }
            }

            if (stride > InputCount)
            {
                writer.Line("for (int row = 0; row < rows; row++)");
                writer.Line($"    MemoryMarshal.CreateSpan(ref Unsafe.Add(ref inputGradient, row * {stride} + {InputCount}), {stride - InputCount}).Clear();");
            }
        }

        foreach (int tileRows in (int[])[4, 2, 1])
            EmitInputGradientTile(writer, context, tileRows, tileInputs);

        void EmitRows(string condition, int tileRows)
        {
            using (writer.Block(condition))
            {
                writer.Line($"for (int row = block; row < end; row += {tileRows})");
                string row = tileRows == 1 ? "row" : $"Math.Min(row, rows - {tileRows})";
                writer.Line($"    InputGradientTile{tileRows}<V>(ref Unsafe.Add(ref gradient, {row} * {Stride}), ref Unsafe.Add(ref parameters, Weight), ref Unsafe.Add(ref inputGradient, {row} * {stride}), i);");
            }
        }
    }

    private void EmitInputGradientTile(SourceWriter writer, KernelContext context, int tileRows, int tileInputs)
    {
        string t = context.T;
        writer.Line();
        using (writer.Kernel("private", $"InputGradientTile{tileRows}", t, $"ref {t} gradient, ref {t} weight, ref {t} inputGradient, nint i"))
        {
            if (Units > LongSum.ShortProduct)
            {
                string[] sums = LongSum.TileOf(tileRows, tileInputs);
                SumLoop panels = SumLoop.Over("panel", Panels.Full) with { Enter = EmitPanel };
                SumLoop lanes = SumLoop.OverVectors("lane", PanelLayout.PanelWidth);
                LongSum.EmitProducts(writer, t, sums, [panels, lanes], sum => EmitTerms(PanelLayout.PanelWidth, sum));
            }
            else
            {
                for (int row = 0; row < tileRows; row++)
                    writer.Line(Panels.Each(tileInputs, i => $"V sum{row}{i} = V.Zero;"));
                if (Panels.Full > 0)
                {
                    using (writer.Block($"for (nint panel = 0; panel < {Panels.Full}; panel++)"))
                    {
                        EmitPanel();
                        EmitLanes(PanelLayout.PanelWidth);
                    }
                }
            }

            if (Panels.HasNarrow)
            {
                writer.Line($"ref {t} lastW = ref Unsafe.Add(ref weight, {Panels.Full * InputCount * PanelLayout.PanelWidth} + i * {PanelLayout.Alignment});");
                writer.Line($"ref {t} lastG = ref Unsafe.Add(ref gradient, {Panels.Full * PanelLayout.PanelWidth});");
                EmitLanes(PanelLayout.Alignment);
            }

            for (int row = 0; row < tileRows; row++)
            {
                string position = row == 0 ? "i" : $"i + {row * Input.RowLength}";
                writer.Line(tileInputs == 4
                    ? $"V.StoreSums(sum{row}0, sum{row}1, sum{row}2, sum{row}3, ref inputGradient, {position});"
                    : $"Unsafe.Add(ref inputGradient, {position}) = V.Sum(sum{row}0);");
            }
        }

        void EmitPanel()
        {
            writer.Line($"ref {t} w = ref Unsafe.Add(ref weight, panel * {InputCount * PanelLayout.PanelWidth} + i * {PanelLayout.PanelWidth});");
            writer.Line($"ref {t} g = ref Unsafe.Add(ref gradient, panel * {PanelLayout.PanelWidth});");
        }

        void EmitLanes(int width)
        {
            using (writer.Block($"for (nint lane = 0; lane < {width}; lane += V.Count)"))
                EmitTerms(width, sum => sum);
        }

        void EmitTerms(int width, Func<string, string> sum)
        {
            (string w, string g) = width == PanelLayout.PanelWidth ? ("w", "g") : ("lastW", "lastG");
            writer.Line(Panels.Each(tileRows, row =>
                $"V g{row} = V.Load(ref {g}, lane{(row == 0 ? "" : $" + {row * Stride}")});"));
            for (int i = 0; i < tileInputs; i++)
            {
                writer.Line($"V w{i} = V.Load(ref {w}, lane{(i == 0 ? "" : $" + {i * width}")}); "
                    + Panels.Each(tileRows, row => $"{sum($"sum{row}{i}")} = V.MultiplyAdd(w{i}, g{row}, {sum($"sum{row}{i}")});"));
            }
        }
    }
}
