using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>A vector for each index: [length] to [dimension, length].</summary>
internal sealed class EmbeddingLayer : LayerKind
{
    public override string Name => "Embedding";

    public override string SizeArgument => "Dimension";

    public override bool HasParameters => true;

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Flat, TensorLayout.Packed];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        Tensor input = inputs[0];
        StartValues? weight = reader.Start("Weight", Initializer.Normal, otherwiseScale: 1);
        if (reader.Positive("Vocabulary") is not { } vocabulary || reader.Positive("Dimension") is not { } dimension || weight is null)
            return null;
        if (input.Shape.Dimensions.Count != 1)
        {
            reader.Report(Rules.WrongRank, null, reader.Name, "[length] indexes", input.Shape.ToString(), "; put [Layer.Flatten] before it");
            return null;
        }

        // A column for every index must be addressable before shapes are made of them.
        if ((double)vocabulary * PanelLayout.Pad(Math.Min(dimension, int.MaxValue / 2)) > NetworkGraph.LargestBuffer)
        {
            reader.Report(
                Rules.TooLarge, "Vocabulary", $"Layer '{reader.Name}'", NetworkGraph.Text((double)vocabulary * dimension), "parameters",
                NetworkGraph.Text(NetworkGraph.LargestBuffer));
            return null;
        }

        return new EmbeddingNode(reader.Name, inputs, new(new Shape(dimension, input.Size), TensorLayout.Image), vocabulary, weight);
    }
}

/// <summary>
/// An embedding of known sizes. Its table lies like the weights of a transposed convolution with one position, so that the vector of an index is whole
/// vectors next to each other in each panel.
/// </summary>
internal sealed record EmbeddingNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, int Vocabulary, StartValues WeightStart)
    : LayerNode(Name, Inputs, Output)
{
    private int Stride => Output.ChannelStride;

    private int Length => Input.Size;

    private Panels Panels => new(Output.Channels, Vocabulary);

    public override string Description => $"Embedding({Vocabulary}, {Output.Channels})";

    public override IReadOnlyList<Parameter> Parameters =>
        [new("Weight", new Shape(Vocabulary, Output.Channels), ParameterForm.TransposedKernels, WeightStart, Vocabulary, Output.Channels)];

    public override bool KeepsInput => true;

    public override bool IsGradientInPlace => false;

    public override string Formula(string input, string output) => $"{output} = W of each index in {input}: [rows, {Length}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line($"{KernelClass}.Forward<V>(ref {step.Input}, ref parameters, ref {step.Output}, count);");

    // Indexes have no gradient.
    public override void EmitBackward(SourceWriter writer, BackwardStep step)
    {
        writer.Line("if (hasGradients)");
        writer.Line($"    {KernelClass}.ParameterGradients<V>(ref {step.Forward.Input}, ref {step.OutputGradient}, ref gradients, count);");
        step.EmitInputGradient(writer, $"MemoryMarshal.CreateSpan(ref {step.InputGradients[0]}, count * {Input.RowLength}).Clear();");
    }

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        string t = context.T;
        writer.Line($"private const int Weight = {context.Offsets[0]};");
        writer.Line();
        writer.Line($"// {Formula("input", "output")}");
        EmitKernel("Forward", "parameters", "output", "V.Store(V.Load(ref vector, column), ref place, column);");
        writer.Line();
        writer.Line("// The gradients of the vectors looked up; no others are touched.");
        EmitKernel("ParameterGradients", "gradients", "gradient", "V.Store(V.Load(ref vector, column) + V.Load(ref place, column), ref vector, column);");

        void EmitKernel(string name, string table, string values, string statement)
        {
            string parameters = name == "Forward" ? $"ref {t} {table}, ref {t} {values}" : $"ref {t} {values}, ref {t} {table}";
            using (writer.Kernel("public", name, t, $"ref {t} input, {parameters}, int rows"))
            using (writer.Block("for (int row = 0; row < rows; row++)"))
            using (writer.Block($"for (int position = 0; position < {Length}; position++)"))
            {
                writer.Line($"nint index = EmbeddingIndex.Of(Unsafe.Add(ref input, (nint)row * {Input.RowLength} + position), {Vocabulary}, row, position);");
                foreach ((string suffix, int width) in Panels.Kinds)
                {
                    string start = suffix == "Panel" ? $"panel * {Vocabulary * PanelLayout.PanelWidth}" : $"{Panels.Full * Vocabulary * PanelLayout.PanelWidth}";
                    string first = suffix == "Panel" ? $"panel * {PanelLayout.PanelWidth}" : $"{Panels.Full * PanelLayout.PanelWidth}";
                    using (suffix == "Panel" ? writer.Block($"for (nint panel = 0; panel < {Panels.Full}; panel++)") : writer.Block(""))
                    {
                        writer.Line($"ref {t} vector = ref Unsafe.Add(ref {table}, Weight + {start} + index * {width});");
                        writer.Line($"ref {t} place = ref Unsafe.Add(ref {values}, ((nint)row * {Length} + position) * {Stride} + {first});");
                        writer.Line($"for (nint column = 0; column < {width}; column += V.Count)");
                        writer.Line($"    {statement}");
                    }

                }
            }
        }
    }
}
