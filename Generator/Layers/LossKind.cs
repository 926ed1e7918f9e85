using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>A loss: its rules, its code, and what Predict applies to the logits it works on.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Link">The function that turns the last layer's values into predictions.</param>
internal sealed record LossKind(Loss Kind, Activation Link)
{
    /// <summary>The full name of the class with the user's own loss; null where there is none.</summary>
    public string? Custom { get; init; }

    public bool Exists => Kind != Loss.None || Custom is not null;

    public bool HasLink => Link != Activation.Identity;

    private string Formula => Custom is not null ? $"mean of {Custom}" : Kind switch
    {
        Loss.MeanSquaredError => "mean of (output - target)^2",
        Loss.MeanAbsoluteError => "mean of |output - target|",
        Loss.Huber => "mean of d^2 / 2 where |d| <= 1, |d| - 1/2 elsewhere, d = output - target",
        Loss.BinaryCrossEntropy => "mean of ln(1 + e^output) - output * target",
        _ => "-sum of target * ln(softmax(output))",
    };

    public static LossKind Of(Loss kind, Argument? custom) => new(kind, kind switch
    {
        Loss.SoftmaxCrossEntropy => Activation.Softmax,
        Loss.BinaryCrossEntropy => Activation.Sigmoid,
        _ => Activation.Identity,
    })
    { Custom = custom?.Text };

    /// <summary>Reports a last layer that this loss cannot follow.</summary>
    public void Check(IReadOnlyList<LayerSpec> layers, IReadOnlyList<GraphStep> steps, int value, ICollection<Issue> issues)
    {
        // What decides is the last layer that predicting sees.
        GraphStep last = steps[value - 1];
        if (HasLink)
            CheckTrainingOnly(layers, steps, value, issues);
        while ((last.Node.IsTrainingOnly || last.Node.IsHidden || last.Node.IsView) && last.Sources[0] > 0)
            last = steps[last.Sources[0] - 1];
        (Activation activation, string argument) = last.Node switch
        {
            WeightedNode weighted => (weighted.Activation.Kind, "Activation"),
            ActivationNode layer => (layer.Function.Kind, "Function"),
            _ => (Activation.Identity, ""),
        };
        int origin = layers[last.Layer].Origin;
        if (HasLink && activation == Link)
        {
            // The layer of a block stands in another class.
            string? fix = layers.Where((layer, index) => index != layer.Origin).Any() ? null
                : last.Node is ActivationNode ? LayerFix(layers, last.Layer, last.Node.Name) : Fixable.RemoveArgument;
            issues.Add(Issue.Of(
                Kind == Loss.SoftmaxCrossEntropy ? Rules.SoftmaxBeforeLogitsLoss : Rules.SigmoidBeforeLogitsLoss, origin, argument, last.Node.Name)
                with
            { Fix = fix, Inner = layers[last.Layer].Place });
        }

        else if (HasLink && Limit(activation) is { } limit)
        {
            issues.Add(Issue.Of(Rules.LogitsOutOfReach, origin, argument, last.Node.Name, $"applies {activation}, {limit}", Kind.ToString(), "remove it here")
                with
            { Inner = layers[last.Layer].Place });
        }

        if (last.Node.Output.Size == 1 && (Kind == Loss.SoftmaxCrossEntropy || activation == Activation.Softmax))
            issues.Add(Issue.Of(Rules.SoftmaxOverOneOutput, origin, activation == Activation.Softmax ? argument : "Units", last.Node.Name));
    }

    // What an activation keeps logits from being; null where it keeps them from little.
    private static string? Limit(Activation activation) => activation switch
    {
        Activation.ReLU or Activation.Softplus => "which leaves no negative number",
        Activation.HardSigmoid or Activation.Sigmoid or Activation.Softmax => "which leaves numbers from 0 to 1",
        Activation.Tanh or Activation.Softsign => "which leaves numbers from -1 to 1",
        _ => null,
    };

    // Logits that are dropped, or scaled up in place of others, are no longer those of a prediction.
    private void CheckTrainingOnly(IReadOnlyList<LayerSpec> layers, IReadOnlyList<GraphStep> steps, int value, ICollection<Issue> issues)
    {
        for (GraphStep step = steps[value - 1]; step.Node.IsTrainingOnly || step.Node.IsHidden || step.Node.IsView; step = steps[step.Sources[0] - 1])
        {
            if (step.Node is DropoutNode dropout)
            {
                issues.Add(Issue.Of(
                    Rules.LogitsOutOfReach, layers[step.Layer].Origin, null, step.Node.Name,
                    $"drops {NetworkGraph.Text(100 * dropout.Rate)} % of the outputs while training",
                    Kind.ToString(), "put it before the last layer with weights, or remove it") with
                { Inner = layers[step.Layer].Place });
            }

            if (step.Sources.Count == 0 || step.Sources[0] == 0)
                return;
        }
    }

    // Without the layer, what stands below it takes what it takes: only where both take the layer above.
    private static string LayerFix(IReadOnlyList<LayerSpec> layers, int layer, string name)
    {
        bool takesLayerAbove = layers[layer].From is not { } from || (layer > 0 && from.All(source => source == LayerNames.Of(layers)[layer - 1]));
        return layers.Count > 1 && takesLayerAbove && !layers.Any(other => other.From?.Contains(name) == true)
            ? Fixable.RemoveLayer
            : Fixable.ReplaceByIdentity;
    }

    /// <summary>Writes the loss of rows whose targets stand where the gradient goes, and the link.</summary>
    /// <param name="writer">Takes the text.</param>
    /// <param name="name">What the methods' names end in, where there are several outputs.</param>
    /// <param name="size">Outputs.</param>
    /// <param name="rowLength">Elements from one row to the next.</param>
    /// <param name="t">The element type.</param>
    public void EmitKernels(SourceWriter writer, string name, int size, int rowLength, string t)
    {
        if (HasLink)
        {
            writer.Line();
            writer.Line($"// What Predict returns: {Link.ToString().ToLowerInvariant()} of the logits, in place.");
            using (writer.Kernel("private", $"Link{name}", t, $"ref {t} input, ref {t} output, int rows"))
            {
                if (Link == Activation.Softmax)
                {
                    ActivationKernels.EmitSoftmax(writer, size, t, rowLength);
                }
                else
                {
                    writer.Line($"for (nint row = 0; row < rows * {rowLength}; row += {rowLength})");
                    writer.Line($"for (nint i = row; i < row + {PanelLayout.Pad(size)}; i += V.Count)");
                    writer.Line($"    V.Store(SimdMath.Sigmoid<V, {t}>(V.Load(ref input, i)), ref output, i);");
                }
            }
        }

        if (!Exists)
            return;
        writer.Line();
        writer.Line($"// loss of a row = {Formula}; gradient holds the targets before, the loss gradient times scale after");
        using (writer.Kernel("private", $"Loss{name}", t, $"ref {t} output, ref {t} gradient, {t} scale, int rows", "double"))
        {
            writer.Line("double loss = 0;");
            if (Kind == Loss.SoftmaxCrossEntropy)
                EmitCrossEntropy(writer, size, rowLength, t);
            else
                EmitElementWise(writer, size, rowLength, t);
        }
    }

    private void EmitElementWise(SourceWriter writer, int size, int rowLength, string t)
    {
        int stride = PanelLayout.Pad(size);
        string share = Kind == Loss.MeanSquaredError ? $"2 * scale / {size}" : $"scale / {size}";
        writer.Line($"V share = V.Create({share});");
        using (writer.Block($"for (nint row = 0; row < rows * {rowLength}; row += {rowLength})"))
        {
            LongSum.EmitValues(writer, t, ["sum"], [SumLoop.OverVectors("column", stride)], sum =>
            {
                writer.Line("V y = V.Load(ref output, row + column), target = V.Load(ref gradient, row + column);");
                (string setup, string loss, string gradient) = Custom is not null ? ("", $"{Custom}.Loss(y, target)", $"{Custom}.Derivative(y, target) * share") : Kind switch
                {
                    Loss.MeanSquaredError => ("V d = y - target;", "d * d", "d * share"),
                    Loss.MeanAbsoluteError => (
                        "V d = y - target, size = V.Abs(d);", "size", "V.Select(V.GreaterThan(size, V.Zero), V.CopySign(share, d), V.Zero)"),
                    Loss.Huber => (
                        $"V d = y - target, size = V.Abs(d), clipped = V.Min(V.Create({SourceWriter.Literal(1, t)}), size);",
                        $"clipped * (size - V.Create({SourceWriter.Literal(0.5, t)}) * clipped)",
                        "V.CopySign(clipped, d) * share"),
                    _ => ("", $"SimdMath.Softplus<V, {t}>(y) - y * target", $"(SimdMath.Sigmoid<V, {t}>(y) - target) * share"),
                };
                if (setup.Length > 0)
                    writer.Line(setup);
                string Masked(string value) => size < stride ? $"V.Select(V.FirstLanes({size} - (int)column), {value}, V.Zero)" : value;
                writer.Line($"{sum("sum")} += {Masked(loss)};");
                writer.Line($"V.Store({Masked(gradient)}, ref gradient, row + column);");
            });

            writer.Line("loss += V.Sum(sum);");
        }

        writer.Line();
        writer.Line($"return loss / {size};");
    }

    private static void EmitCrossEntropy(SourceWriter writer, int size, int rowLength, string t)
    {
        int stride = PanelLayout.Pad(size);
        string Exponential() => size < stride
            ? $"V.Select(V.FirstLanes({size} - (int)column), SimdMath.Exp<V, {t}>(z), V.Zero)"
            : $"SimdMath.Exp<V, {t}>(z)";
        using (writer.Block($"for (nint row = 0; row < rows * {rowLength}; row += {rowLength})"))
        {
            ActivationKernels.EmitLargest(writer, size, "output");
            LongSum.EmitValues(writer, t, ["exponentials", "targets", "product"], [SumLoop.OverVectors("column", stride)], sum =>
            {
                writer.Line("V z = V.Load(ref output, row + column) - largest, target = V.Load(ref gradient, row + column);");
                writer.Line($"{sum("exponentials")} += {Exponential()};");
                writer.Line($"{sum("targets")} += target;");
                writer.Line($"{sum("product")} = V.MultiplyAdd(target, z, {sum("product")});");
            });

            writer.Line($"{t} total = V.Sum(exponentials), weight = V.Sum(targets);");
            writer.Line("loss += weight * Math.Log(total) - V.Sum(product);");
            writer.Line("V share = V.Create(scale * weight / total), scales = V.Create(scale);");
            using (writer.Block($"for (int column = 0; column < {stride}; column += V.Count)"))
            {
                writer.Line("V z = V.Load(ref output, row + column) - largest, target = V.Load(ref gradient, row + column);");
                writer.Line($"V.Store({Exponential()} * share - target * scales, ref gradient, row + column);");
            }
        }

        writer.Line();
        writer.Line("return loss;");
    }
}
