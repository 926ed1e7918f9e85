using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetGen.CodeGeneration;
using NetGen.Tests.Files;
using Xunit;
using GeneratorLayout = NetGen.Generator.Model.PanelLayout;

namespace NetGen.Tests.TrainingLoop;

/// <summary>What a generated network offers besides predicting, and the parameters underneath.</summary>
public class NetworkApiTests
{
    private static readonly float[] Inputs = [0.5f, -1, 2, 1, 0.25f, -0.75f];

    // ---- gradients ----

    [Fact]
    public void Gradient_adds_the_gradients_of_the_mean_loss()
    {
        DoubleNetwork network = new();
        double[] inputs = [1, 2, 3, -1, 0, 4];
        network.Parameters.Clear();
        ParameterBuffer<double> gradients = network.CreateGradients();
        Assert.Equal(network.Parameters.Length, gradients.Length);
        Assert.Equal(gradients.Length, gradients.Span.Count(0d));

        // Outputs are 0, so that each is below or above its target by what the target is.
        double loss = network.Gradient<double>(inputs, [3d, -1, 5, 7], gradients);
        Assert.Equal(4, loss);
        double[] weight = new double[6], bias = new double[2];
        network.Dense1.Weight.Info.CopyTo<double>(gradients.Span, weight);
        network.Dense1.Bias.Info.CopyTo<double>(gradients.Span, bias);
        // d loss / d output is -1/4, 1/4 in the first row and -1/4, -1/4 in the second.
        Assert.Equal([0, -0.5, -1.75, 0.5, 0.5, -0.25], weight);
        Assert.Equal([-0.5, 0], bias);

        network.Gradient<double>(inputs, [3d, -1, 5, 7], gradients);
        network.Dense1.Weight.Info.CopyTo<double>(gradients.Span, weight);
        Assert.Equal([0, -1, -3.5, 1, 1, -0.5], weight);
    }

    [Fact]
    public void Gradient_takes_labels_or_distributions_and_the_masks_of_a_key()
    {
        WideNetwork network = new(seed: 1);
        Dataset data = FitTests.Rows(3, seed: 1);
        ParameterBuffer<float> byLabels = network.CreateGradients(), byDistributions = network.CreateGradients(), masked = network.CreateGradients();
        float[] distributions = new float[15];
        for (int row = 0; row < 3; row++)
            distributions[row * 5 + data.Labels[row]] = 1;
        double loss = network.Gradient(data.Features, data.Labels, byLabels);
        Assert.Equal(network.Evaluate(data).Loss, loss, 1e-6);
        Assert.Equal(loss, network.Gradient<float>(data.Features, distributions, byDistributions));
        Assert.Equal(byLabels.Span.ToArray(), byDistributions.Span.ToArray());

        double maskedLoss = network.Gradient(data.Features, data.Labels, masked, new RandomKey(1, 2));
        Assert.NotEqual(loss, maskedLoss);
        Assert.Equal(maskedLoss, network.Gradient<float>(data.Features, distributions, byDistributions, new RandomKey(1, 2)));
    }

    [Fact]
    public void No_rows_have_no_loss_and_add_nothing()
    {
        RegressionNetwork network = new();
        ParameterBuffer<float> gradients = network.CreateGradients();
        Assert.Equal(0, network.Gradient([], Array.Empty<float>(), gradients));
        Assert.Equal(gradients.Length, gradients.Span.Count(0f));
    }

    [Fact]
    public void Gradient_refuses_what_does_not_fit()
    {
        RegressionNetwork network = new();
        ParameterBuffer<float> gradients = network.CreateGradients();
        Assert.Equal(
            "RegressionNetwork takes rows of 3 inputs, but 2 is not a multiple of it.",
            Assert.Throws<ArgumentException>(() => network.Gradient([1, 2], Array.Empty<float>(), gradients)).Message);
        Assert.Equal(
            "RegressionNetwork takes rows of 3 inputs, but 4 is not a multiple of it.",
            Assert.Throws<ArgumentException>(() => network.Gradient<float>([1, 2, 3, 4], [1f, 2], gradients)).Message);
        Assert.Equal(
            "2 rows of RegressionNetwork need 2 x 2 target values, but 2 are given.",
            Assert.Throws<ArgumentException>(() => network.Gradient<float>(Inputs, [1f, 2], gradients)).Message);
        Assert.Equal(
            $"The gradient buffer has 16 elements, but RegressionNetwork needs {gradients.Length}: make it with CreateGradients().",
            Assert.Throws<ArgumentException>(() => network.Gradient<float>([1, 2, 3], [1f, 2], new ParameterBuffer<float>(16))).Message);
        Assert.Equal(
            "Class labels go with Loss.SoftmaxCrossEntropy, but RegressionNetwork has Loss.MeanSquaredError: give target values.",
            Assert.Throws<ArgumentException>(() => network.Gradient([1, 2, 3], [1], gradients)).Message);
        ClassesNetwork classes = new();
        foreach (int label in (int[])[-1, 3, int.MinValue, int.MaxValue])
        {
            Assert.Equal(
                $"Label {label} of row 1 is no class of ClassesNetwork: classes are 0 to 2.",
                Assert.Throws<ArgumentException>(() => classes.Gradient(new float[8], [0, label], classes.CreateGradients())).Message);
        }

        Assert.Equal(
            "2 rows need 2 labels, but 1 are given.",
            Assert.Throws<ArgumentException>(() => classes.Gradient(new float[8], [0], classes.CreateGradients())).Message);
        Assert.Throws<InvalidOperationException>(() => new PlainNetwork().Gradient<float>([1, 2, 3], [1f, 2], new PlainNetwork().CreateGradients()));
        Assert.Equal(gradients.Length, gradients.Span.Count(0f));
    }

    [Fact]
    public void Backward_goes_from_output_gradients_to_those_of_parameters_and_inputs()
    {
        DoubleNetwork network = new(seed: 1);
        double[] inputs = [1, 2, 3, -1, 0, 4], outputGradients = [1, 0, 0.5, -2], inputGradients = new double[6], weight = new double[6];
        ParameterBuffer<double> gradients = network.CreateGradients();
        network.Backward(inputs, outputGradients, gradients, inputGradients);

        network.Dense1.Weight.Info.CopyTo<double>(gradients.Span, weight);
        Assert.Equal([0.5, 2, 5, 2, 0, -8], weight);
        for (int i = 0; i < 6; i++)
        {
            double expected = outputGradients[i / 3 * 2] * network.Dense1.Weight[0, i % 3] + outputGradients[i / 3 * 2 + 1] * network.Dense1.Weight[1, i % 3];
            Assert.Equal(expected, inputGradients[i], 1e-14);
        }

        // Either is left out where it is not wanted.
        double[] alone = new double[6];
        network.Backward(inputs, outputGradients, null, alone);
        Assert.Equal(inputGradients, alone);
        ParameterBuffer<double> again = network.CreateGradients();
        network.Backward(inputs, outputGradients, again);
        Assert.Equal(gradients.Span.ToArray(), again.Span.ToArray());
    }

    [Fact]
    public void Backward_serves_networks_without_a_loss_and_with_dropout()
    {
        PlainNetwork plain = new(seed: 1);
        ParameterBuffer<float> gradients = plain.CreateGradients();
        plain.Backward([1, 2, 3], [1, 1], gradients);
        Assert.Equal(2, plain.Dense2.Bias.Info.Count);
        Assert.Equal(1, gradients.Span[plain.Dense2.Bias.Info.Offset]);

        WideNetwork wide = new(seed: 1);
        float[] inputs = FitTests.Rows(1, seed: 1).Features.ToArray(), first = new float[48], second = new float[48], off = new float[48];
        wide.Backward(inputs, [1, 0, 0, 0, 0], null, first, new RandomKey(1, 1));
        wide.Backward(inputs, [1, 0, 0, 0, 0], null, second, new RandomKey(1, 1));
        wide.Backward(inputs, [1, 0, 0, 0, 0], null, off);
        Assert.Equal(first, second);
        Assert.NotEqual(first, off);
    }

    [Fact]
    public void Backward_refuses_what_does_not_fit()
    {
        PlainNetwork network = new();
        Assert.Equal(
            "PlainNetwork needs 2 output gradients for each row, but none are given.",
            Assert.Throws<ArgumentException>(() => network.Backward<float>([1, 2, 3], [], null)).Message);
        Assert.Equal(
            "2 rows of PlainNetwork need 2 x 2 output gradients, but 3 are given.",
            Assert.Throws<ArgumentException>(() => network.Backward(Inputs, [1, 2, 3], null)).Message);
        Assert.Equal(
            "Input gradients take 6 elements, one for each input, but the span has 3.",
            Assert.Throws<ArgumentException>(() => network.Backward(Inputs, [1, 2, 3, 4], null, new float[3])).Message);
    }

    // ---- summary and files ----

    [Fact]
    public void Summary_names_network_layers_and_vectors()
    {
        WideNetwork network = new();
        string[] lines = network.Summary().Split('\n');
        Assert.Equal("WideNetwork", lines[0]);
        Assert.Equal(["layer", "output", "parameters", "multiply-adds"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(lines, line => line.StartsWith("Dense2: Dense(70, Tanh)", StringComparison.Ordinal) && line.Contains("21,070", StringComparison.Ordinal));
        Assert.Equal($"computing with {SimdWidth.Bits}-bit vectors", lines[network.Info.IsOptimized ? ^1 : ^2]);
        if (!network.Info.IsOptimized)
            Assert.StartsWith("WideNetwork is built without optimization and runs 10 to 15 times slower: build with -c Release", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_and_info_agree()
    {
        WideNetwork network = new();
        long count = 48 * 300 + 300 + 300 * 70 + 70 + 70 * 5 + 5;
        Assert.Equal((48, 5, count, 48L * 300 + 300 * 70 + 70 * 5), (WideNetwork.InputSize, WideNetwork.OutputSize, WideNetwork.ParameterCount, WideNetwork.MultiplyAdds));
        Assert.Equal((48, 5, count, WideNetwork.MultiplyAdds), (network.Info.InputSize, network.Info.OutputSize, network.Info.ParameterCount, network.Info.MultiplyAdds));
        Assert.True(network.Info.IsStochastic);
        Assert.Equal(network.Info.BufferLength, network.Parameters.Length);
        Assert.Equal(
            ["dense1.weight [300, 48]", "dense1.bias [300]", "dense2.weight [70, 300]", "dense2.bias [70]", "dense3.weight [5, 70]", "dense3.bias [5]"],
            network.Info.Parameters.ToArray().Select(parameter => parameter.ToString()));
    }

    [Fact]
    public void A_saved_network_comes_back_to_the_bit()
    {
        using TemporaryDirectory directory = new();
        string path = directory["network.safetensors"];
        WideNetwork network = new(seed: 1);
        network.Fit(FitTests.Rows(40, seed: 1), new() { Epochs = 1 });
        network.Save(path);
        Assert.Equal(network.Parameters.Span.ToArray(), WideNetwork.Load(path).Parameters.Span.ToArray());
        Assert.Equal(network.Parameters.Span.ToArray(), WideNetwork.Load(File.ReadAllBytes(path)).Parameters.Span.ToArray());
        Assert.Throws<ModelFormatException>(() => ClassesNetwork.Load(path));
        Assert.Throws<FileNotFoundException>(() => WideNetwork.Load(path + "x"));

        DoubleNetwork twice = new(seed: 1);
        twice.Save(path);
        Assert.Equal(twice.Parameters.Span.ToArray(), DoubleNetwork.Load(path).Parameters.Span.ToArray());
    }

    // ---- views ----

    [Fact]
    public void Named_views_address_the_parameters_of_the_formula()
    {
        RegressionNetwork network = new();
        network.Parameters.Clear();
        network.Dense1.Weight[4, 2] = 0.5f;
        network.Dense1.Bias[4] = 0.25f;
        network.Dense2.Weight[1, 4] = 3;
        network.Dense2.Bias[1] = -1;
        float[] outputs = new float[2];
        network.Predict([9, 9, 0.5f], outputs);
        Assert.Equal(0, outputs[0]);
        Assert.Equal(3 * Math.Tanh(0.5) - 1, outputs[1], 1e-6);
        Assert.Equal(4, network.Parameters.Length - network.Parameters.Span.Count(0f));
    }

    [Fact]
    public void Views_copy_row_by_row()
    {
        WideNetwork network = new();
        float[] values = [.. Enumerable.Range(1, 70 * 300).Select(i => (float)i)], copy = new float[values.Length];
        network.Parameters.Clear();
        ParameterView<float> weight = network.Dense2.Weight;
        weight.CopyFrom(values);
        Assert.Equal(values, weight.ToArray());
        weight.CopyTo(copy);
        Assert.Equal(values, copy);
        Assert.Equal(1, weight[0, 0]);
        Assert.Equal(300, weight[0, 299]);
        Assert.Equal(69 * 300 + 1, weight[69, 0]);
        // Nothing else was written, padding neither.
        Assert.Equal(values.Length, network.Parameters.Length - network.Parameters.Span.Count(0f));
        Assert.Equal("dense2.weight [70, 300]", weight.Info.ToString());
        Assert.Equal([70, 300], weight.Info.Shape.ToArray());
    }

    [Fact]
    public void Views_refuse_what_is_outside_the_shape()
    {
        PlainNetwork network = new();
        Assert.Equal("The layer of dense1.weight has no bias.", Assert.Throws<InvalidOperationException>(() => network.Dense1.Bias).Message);
        foreach ((int row, int column, string name) in ((int, int, string)[])[(-1, 0, "row"), (4, 0, "row"), (0, -1, "column"), (0, 3, "column"), (int.MaxValue, 0, "row")])
            Assert.Throws<ArgumentOutOfRangeException>(name, () => network.Dense1.Weight[row, column]);
        Assert.Throws<ArgumentOutOfRangeException>("row", () => network.Dense2.Bias[2]);
        Assert.Throws<ArgumentOutOfRangeException>("row", () => network.Dense2.Bias[-1]);
        Assert.Equal(
            "Parameter dense1.weight [4, 3] has 12 elements, but the span has 11.",
            Assert.Throws<ArgumentException>(() => network.Dense1.Weight.CopyTo(new float[11])).Message);
        Assert.Equal(
            "Parameter dense1.weight [4, 3] has 12 elements, but the span has 13.",
            Assert.Throws<ArgumentException>(() => network.Dense1.Weight.CopyFrom(new float[13])).Message);
        // A buffer of another network.
        Assert.ThrowsAny<ArgumentException>(() => network.Dense2.Bias.Info.CopyTo<float>(new float[16], new float[2]));
        Assert.ThrowsAny<ArgumentException>(() => network.Dense2.Bias.Info.CopyFrom<float>(new float[2], new float[16]));
    }

    // ---- buffers ----

    [Fact]
    public void Buffers_are_aligned_zero_and_whole_vectors_long()
    {
        FieldInfo elements = typeof(ParameterBuffer<float>).GetField("_elements", BindingFlags.Instance | BindingFlags.NonPublic)!;
        FieldInfo start = typeof(ParameterBuffer<float>).GetField("_start", BindingFlags.Instance | BindingFlags.NonPublic)!;
        for (int length = 0; length < 100; length++)
        {
            ParameterBuffer<float> single = new(length);
            ParameterBuffer<double> twice = new(length);
            Assert.Equal((length, length, length, length), (single.Length, single.Span.Length, twice.Length, twice.Span.Length));
            Assert.Equal(length, single.Span.Count(0f));
            Assert.Equal(0, Address(ref MemoryMarshal.GetReference(single.Span)) % 64);
            Assert.Equal(0, Address(ref MemoryMarshal.GetReference(twice.Span)) % 64);
            Assert.True(Unsafe.AreSame(ref single.Start, ref MemoryMarshal.GetReference(single.Span)) || length == 0);
            // Optimizers step over whole vectors, the last one beyond the end where the length is odd.
            Assert.True(((float[])elements.GetValue(single)!).Length - (int)start.GetValue(single)! >= (length + 15) / 16 * 16);

            single.Span.Fill(1);
            single.Clear();
            Assert.Equal(length, single.Span.Count(0f));
        }

        Assert.Throws<ArgumentOutOfRangeException>("length", () => new ParameterBuffer<float>(-1));

        static unsafe nint Address<T>(ref T reference) => (nint)Unsafe.AsPointer(ref reference);
    }

    [Fact]
    public void Buffers_stay_aligned_when_memory_is_compacted()
    {
        ParameterBuffer<float>[] buffers = [.. Enumerable.Range(0, 50).Select(length => new ParameterBuffer<float>(length + 1))];
        nint[] before = [.. buffers.Select(Address)];
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        Assert.Equal(before, buffers.Select(Address));

        static unsafe nint Address(ParameterBuffer<float> buffer) => (nint)Unsafe.AsPointer(ref buffer.Start);
    }

    public static TheoryData<int> Sizes => [.. AllSizes];

    private static int[] AllSizes => [1, 3, 7, 16, 17, 31, 32, 33, 65];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Panels_give_every_element_a_place_of_its_own(int rows)
    {
        foreach (int columns in AllSizes)
        {
            int length = (int)PanelLayout.Length(rows, columns);
            Assert.Equal((rows + 15) / 16 * 16 * columns, length);
            Assert.Equal(length, GeneratorLayout.Length(rows, columns));
            ParameterInfo info = new("weight", ParameterLayout.Panels, 32, rows, columns);
            Assert.Equal((length, rows * columns), (info.Length, info.Count));

            float[] elements = [.. Enumerable.Range(1, rows * columns).Select(i => (float)i)], buffer = new float[32 + length], copy = new float[elements.Length];
            info.CopyFrom<float>(elements, buffer);
            HashSet<int> places = [];
            for (int row = 0; row < rows; row++)
            {
                Assert.Equal(GeneratorLayout.Width(rows, row), PanelLayout.Width(rows, row));
                for (int column = 0; column < columns; column++)
                {
                    int place = PanelLayout.IndexOf(rows, columns, row, column);
                    Assert.Equal(place, GeneratorLayout.IndexOf(rows, columns, row, column));
                    Assert.InRange(place, 0, length - 1);
                    Assert.True(places.Add(place));
                    Assert.Equal(32 + place, info.IndexOf(row, column));
                    Assert.Equal(elements[row * columns + column], buffer[32 + place]);
                    // Outputs of a panel lie side by side.
                    Assert.True(row % 32 == 0 || place == PanelLayout.IndexOf(rows, columns, row - 1, column) + 1);
                }
            }

            Assert.Equal(32 + length - elements.Length, buffer.Count(value => value == 0));
            info.CopyTo<float>(buffer, copy);
            Assert.Equal(elements, copy);
        }
    }

    [Fact]
    public void Padding_goes_to_whole_vectors()
    {
        foreach ((int length, int padded) in ((int, int)[])[(0, 0), (1, 16), (15, 16), (16, 16), (17, 32), (33, 48)])
        {
            Assert.Equal((padded, padded), (PanelLayout.Pad(length), GeneratorLayout.Pad(length)));
            Assert.Equal(padded, new ParameterInfo("bias", ParameterLayout.Contiguous, 0, length).Length);
        }
    }
}
