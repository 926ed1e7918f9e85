using System.Buffers.Binary;
using System.Reflection;
using NetGen.CodeGeneration;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.TrainingLoop;

/// <summary>What layers with more than weights do over a whole training: running statistics, masks, indexes, losses of one's own, several outputs.</summary>
public class SpecialLayerTests
{
    private static readonly (string Shape, string Layers)[] Folded =
    [
        ("7", "[Layer.Dense(17, Name = \"c\")] [Layer.BatchNorm(Name = \"n\")] [Layer.Activation(Activation.ReLU)]"),
        ("7", "[Layer.Dense(33, Bias = false, Name = \"c\")] [Layer.BatchNorm(Name = \"n\")] [Layer.Activation(Activation.Sigmoid)] [Layer.Dense(3)]"),
        ("6", "[Layer.MaskedDense(5, Mask = [\"110\", \"011\", \"101\", \"111\", \"100\"], Name = \"c\")] [Layer.BatchNorm(Name = \"n\")]"),
        ("3, 6, 5", "[Layer.Conv2D(5, 3, Padding = 1, Name = \"c\")] [Layer.BatchNorm(Epsilon = 0.1, Name = \"n\")] [Layer.Activation(Activation.LeakyReLU)] [Layer.Dense(3)]"),
        ("3, 6, 5", "[Layer.Conv2D(17, 2, Bias = false, Stride = 2, Name = \"c\")] [Layer.BatchNorm(Name = \"n\")] [Layer.GlobalAveragePool]"),
        ("4, 6, 5", "[Layer.Conv2D(6, 3, Groups = 2, Name = \"c\")] [Layer.BatchNorm(Name = \"n\")] [Layer.Activation(Activation.ReLU)]"),
        ("17, 6, 5", "[Layer.Conv2D(17, 3, Groups = 17, Name = \"c\")] [Layer.BatchNorm(Name = \"n\")] [Layer.Activation(Activation.ReLU)]"),
        ("3, 9", "[Layer.Conv1D(5, 3, Name = \"c\")] [Layer.BatchNorm(Name = \"n\")] [Layer.Activation(Activation.ReLU)]"),
        ("3, 4, 5", "[Layer.ConvTranspose2D(5, 3, Stride = 2, Name = \"c\")] [Layer.BatchNorm(Name = \"n\")] [Layer.Activation(Activation.ReLU)]"),
        ("3, 6, 5", "[Layer.SeparableConv2D(5, 3, Name = \"c\")] [Layer.BatchNorm(Name = \"n\")] [Layer.Activation(Activation.ReLU)]"),

        // Others run between the layer and the normalization, and take the memory of what the layer reads.
        ("20", "[Layer.Dense(20, Name = \"s\")] [Layer.Dense(20, Name = \"c\")] [Layer.Dense(20, From = [\"input\"], Name = \"a\")] [Layer.Dense(20, Name = \"b\")] [Layer.BatchNorm(From = [\"c\"], Name = \"n\")]"
            + "[Layer.Activation(Activation.ReLU)] [Layer.Multiply(From = [\"Activation1\", \"b\"])]"),
        ("3, 6, 6", "[Layer.PReLU(Name = \"s\")] [Layer.Conv2D(3, 3, Padding = 1, Name = \"c\")] [Layer.Conv2D(3, 3, Padding = 1, From = [\"input\"], Name = \"a\")] [Layer.Conv2D(3, 5, Padding = 2, Name = \"b\")]"
            + "[Layer.BatchNorm(From = [\"c\"], Name = \"n\")] [Layer.Add(From = [\"n\", \"b\"])]"),

        // A layer used twice, each time with a normalization.
        ("5", "[Layer.Dense(5, Name = \"d\")] [Layer.BatchNorm(Name = \"m\")] [Layer.Shared(\"d\", Name = \"c\")] [Layer.BatchNorm(Name = \"n\")] [Layer.Shared(\"d\")] [Layer.Shared(\"m\")]"),
    ];

    private static readonly Lazy<Assembly> FoldedNetworks = new(() => NetworkCompiler.Load("using NetGen;\n" + string.Concat(Folded.Select((@case, index) =>
        $"[Network({@case.Shape}, Precision = Precision.Double)] {@case.Layers} partial class Folded{index};\n"
        + $"[Network({@case.Shape}, Precision = Precision.Double)] {@case.Layers} [Layer.Output] [Layer.Output(From = [\"c\"])] [Layer.Output(From = [\"n\"])] partial class Plain{index};\n"))));

    private static readonly Lazy<Assembly> Networks = new(() => NetworkCompiler.Load("""
        using NetGen;

        [Network(3, Loss = Loss.MeanSquaredError, Precision = Precision.Double)] [Layer.BatchNorm(Momentum = 0.25)] [Layer.Dense(1)] partial class Normal;

        [Network(8, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Embedding(50, 64)] [Layer.Dense(256, Activation.ReLU)] [Layer.Dense(3)] partial class Text;

        [Network(2)] [Layer.Embedding(20, 17)] partial class Table;

        [Network(6, Loss = Loss.MeanSquaredError)] [Layer.MaskedDense(4, Mask = new[] { "110", "011" })] [Layer.Dense(2)] partial class Masked;

        [Network(48, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense(300)] [Layer.BatchNorm] [Layer.Activation(Activation.ReLU)] [Layer.Dropout(0.2)] [Layer.Dense(5)] partial class Wide;

        [Network(5)]
        [Layer.Dense(7, Activation.Tanh, Name = "Stem")]
        [Layer.Dense(2)] [Layer.Output(Loss = Loss.MeanSquaredError, Weight = 0.5, Name = "Place")]
        [Layer.Dense(3, From = new[] { "Stem" })] [Layer.Output(Loss = Loss.SoftmaxCrossEntropy, Name = "Kind")]
        [Layer.Dense(1, From = new[] { "Stem" })] [Layer.Output(Loss = Loss.BinaryCrossEntropy, Weight = 2, Name = "Good")]
        partial class Heads;

        [Network(5, Loss = Loss.MeanSquaredError)] [Layer.Dense(3, Activation.Sigmoid)] partial class Squares3;
        [Network(5, CustomLoss = typeof(Squares))] [Layer.Dense(3, Activation.Sigmoid)] partial class OwnSquares3;
        [Network(5, Loss = Loss.MeanSquaredError)] [Layer.Dense(1, Activation.Sigmoid)] partial class Squares1;
        [Network(5, CustomLoss = typeof(Squares))] [Layer.Dense(1, Activation.Sigmoid)] partial class OwnSquares1;
        [Network(5, Loss = Loss.MeanSquaredError)] [Layer.Dense(33, Activation.Sigmoid)] partial class Squares33;
        [Network(5, CustomLoss = typeof(Squares))] [Layer.Dense(33, Activation.Sigmoid)] partial class OwnSquares33;
        [Network(5, CustomLoss = typeof(Poisson), Precision = Precision.Double)] [Layer.Dense(3, Activation.Softplus)] partial class Counts;

        static class Squares
        {
            public static V Loss<V>(V output, V target) where V : struct, IVector<V> => (output - target) * (output - target);
            public static V Derivative<V>(V output, V target) where V : struct, IVector<V> => V.Constant(2) * (output - target);
        }

        // Not a number where output and target are the zeros of padding.
        static class Poisson
        {
            public static V Loss<V>(V output, V target) where V : struct, IVector<V> => output - target * V.Log(output);
            public static V Derivative<V>(V output, V target) where V : struct, IVector<V> => V.Constant(1) - target / output;
        }
        """));

    // ---- batch normalization ----

    public static TheoryData<string, Func<Optimizer>> Optimizers => new()
    {
        { "Sgd", () => new Sgd(0.1, momentum: 0.9, weightDecay: 0.5) }, { "Adam", () => new Adam(0.1, weightDecay: 0.5) }, { "AdamW", () => new AdamW(0.1, weightDecay: 0.5) },
    };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Running_statistics_move_by_their_momentum_whatever_the_optimizer_does(string name, Func<Optimizer> optimizer)
    {
        INetwork<double> network = NetworkCompiler.Create<double>(Networks.Value, "Normal");
        float[] features = [1, 2, -3, 4, 0.5f, 6, -1, 8, 2.5f, 3, -4, 7], targets = [1, 2, 3, 4];
        network.Fit(Dataset.FromTargets(features, 3, targets, 1), new() { Epochs = 3, Optimizer = optimizer() });
        double[] means = Read(network, "batchNorm1.running_mean"), variances = Read(network, "batchNorm1.running_var");
        for (int channel = 0; channel < 3; channel++)
        {
            double[] values = [.. Enumerable.Range(0, 4).Select(row => (double)features[row * 3 + channel])];
            double batchMean = values.Average(), batchVariance = values.Sum(value => (value - batchMean) * (value - batchMean)) / 3;
            double mean = 0, variance = 1;
            for (int step = 0; step < 3; step++)
            {
                mean += 0.25 * (batchMean - mean);
                variance += 0.25 * (batchVariance - variance);
            }

            Assert.True(Math.Abs(mean - means[channel]) < 1e-14 && Math.Abs(variance - variances[channel]) < 1e-13, $"{name}: {means[channel]}, {variances[channel]} instead of {mean}, {variance}");
        }
    }

    [Fact]
    public void Evaluate_uses_running_statistics_and_changes_none()
    {
        INetwork<double> network = NetworkCompiler.Create<double>(Networks.Value, "Normal");
        Randomize(network, seed: 3);
        double[] before = network.Parameters.Span.ToArray();
        float[] features = [1, 2, -3, 4, 0.5f, 6], targets = [1, 2];
        double[] outputs = new double[2];
        network.Predict(Array.ConvertAll(features, feature => (double)feature), outputs);
        double expected = outputs.Zip(targets, (output, target) => (output - target) * (output - target)).Average();
        Assert.Equal(expected, network.Evaluate(Dataset.FromTargets(features, 3, targets, 1)).Loss, 1e-12 * expected);
        Assert.Equal(before, network.Parameters.Span.ToArray());
    }

    [Fact]
    public void Files_carry_running_statistics()
    {
        INetwork<double> network = NetworkCompiler.Create<double>(Networks.Value, "Normal"), loaded = NetworkCompiler.Create<double>(Networks.Value, "Normal", seed: 2);
        Randomize(network, seed: 4);
        using MemoryStream file = new();
        NetworkFile.Save(network, file);
        file.Position = 0;
        NetworkFile.Load(loaded, file);
        Assert.Equal(network.Parameters.Span.ToArray(), loaded.Parameters.Span.ToArray());
        Assert.NotEqual(0, Read(loaded, "batchNorm1.running_mean")[2]);
    }

    public static TheoryData<int, string> FoldedCases
    {
        get
        {
            TheoryData<int, string> cases = [];
            for (int index = 0; index < Folded.Length; index++)
                cases.Add(index, Folded[index].Layers);
            return cases;
        }
    }

    /// <summary>The outputs of the layers between them keep a network from being folded.</summary>
    [Theory]
    [MemberData(nameof(FoldedCases))]
    public void Folding_changes_no_prediction(int index, string layers)
    {
        INetwork<double> folded = NetworkCompiler.Create<double>(FoldedNetworks.Value, $"Folded{index}"), plain = NetworkCompiler.Create<double>(FoldedNetworks.Value, $"Plain{index}");
        Randomize(folded, seed: index);
        foreach ((ParameterInfo parameter, ParameterInfo other) in folded.Info.Parameters.ToArray().Zip(plain.Info.Parameters.ToArray()))
        {
            double[] values = new double[parameter.Count];
            parameter.CopyTo<double>(folded.Parameters.Span, values);
            other.CopyFrom<double>(values, plain.Parameters.Span);
        }

        Random random = new(index);
        double[] inputs = [.. Enumerable.Range(0, 9 * folded.Info.InputSize).Select(_ => random.NextDouble() - 0.5)];
        foreach (int bits in Widths<double>.Available)
        {
            double[] actual = new Widths<double>(folded).Forward(bits, inputs, link: true), all = new Widths<double>(plain).Forward(bits, inputs, link: true);
            double[] expected = [.. Enumerable.Range(0, 9).SelectMany(row => all.AsSpan(row * plain.Info.OutputSize, folded.Info.OutputSize).ToArray())];
            Near.Assert_<double>(expected, actual, 1e-13, $"{layers}, {bits} bits");
        }
    }

    [Fact]
    public void A_batch_of_one_row_is_normalized_to_the_bias()
    {
        INetwork<double> network = NetworkCompiler.Create<double>(Networks.Value, "Normal");
        Randomize(network, seed: 5);
        double bias = 0;
        double[] weights = Read(network, "dense1.weight"), biases = Read(network, "batchNorm1.bias");
        for (int channel = 0; channel < 3; channel++)
            bias += weights[channel] * biases[channel];
        double output = bias + Read(network, "dense1.bias")[0];
        ParameterBuffer<double> gradients = network.CreateGradients();
        Assert.Equal(output * output, network.Gradient([3, -4, 5], [0d], gradients), 1e-12 * output * output);
        Assert.All(gradients.Span.ToArray(), gradient => Assert.True(double.IsFinite(gradient)));
    }

    [Fact]
    public void Batches_of_all_threads_are_those_of_one()
    {
        Random random = new(1);
        Dataset data = Dataset.FromLabels([.. Enumerable.Range(0, 100 * 48).Select(_ => random.NextSingle())], 48, [.. Enumerable.Range(0, 100).Select(row => row % 5)]);
        INetwork<float>[] networks = [.. ((int[])[1, 4]).Select(threads =>
        {
            INetwork<float> network = NetworkCompiler.Create<float>(Networks.Value, "Wide");
            network.Fit(data, new() { Epochs = 3, BatchSize = 64, Threads = threads });
            return network;
        })];
        Assert.Equal(networks[0].Parameters.Span.ToArray(), networks[1].Parameters.Span.ToArray());
    }

    [Fact]
    public void A_batch_that_no_array_can_hold_is_refused_before_anything_is_allocated()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => TrainingRows.CheckBatch(int.MaxValue, 1 << 10, 64));
        Assert.Equal(
            "A network with batch normalization holds its whole batch in memory, at most 2097151 rows, but 2147483647 are given: pass fewer at a time.", exception.Message);
        Assert.Equal(2097151, TrainingRows.CheckBatch(2097151, 1 << 10, 64));
    }

    // ---- masks ----

    [Fact]
    public void Masked_weights_stay_zero_through_training_and_loading()
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks.Value, "Masked");
        AssertMasked();
        float[] features = [.. Enumerable.Range(0, 60).Select(i => MathF.Sin(i))], targets = [.. Enumerable.Range(0, 20).Select(i => MathF.Cos(i))];
        foreach (Optimizer optimizer in (Optimizer[])[new Sgd(0.1, momentum: 0.9, weightDecay: 0.1), new AdamW(0.1, weightDecay: 0.1)])
        {
            network.Fit(Dataset.FromTargets(features, 6, targets, 2), new() { Epochs = 3, BatchSize = 4, Optimizer = optimizer });
            AssertMasked();
        }

        using MemoryStream file = new();
        NetworkFile.Save(network, file);
        byte[] bytes = file.ToArray();
        for (int place = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes); place < bytes.Length; place += 4)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(place), 1);
        NetworkFile.Load(network, bytes);
        AssertMasked();
        Assert.Equal(1, Read(network, "dense1.weight")[0]);

        void AssertMasked()
        {
            float[] weights = Read(network, "maskedDense1.weight");
            for (int i = 0; i < weights.Length; i++)
                Assert.Equal((i / 6 % 2 == 0 ? "110" : "011")[i % 3] == '1', weights[i] != 0);
        }
    }

    // ---- embeddings ----

    [Theory]
    [InlineData(50)]
    [InlineData(-1)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(-2147483648f)]
    [InlineData(4294967296f)]
    public void Indexes_that_are_none_are_refused_and_nothing_is_harmed(float index)
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks.Value, "Text"), untouched = NetworkCompiler.Create<float>(Networks.Value, "Text");
        float[] features = [.. Enumerable.Range(0, 128 * 8).Select(i => (float)(i * 7 % 50))];
        int[] labels = [.. Enumerable.Range(0, 128).Select(i => i % 3)];
        float[] wrong = [.. features];
        wrong[100 * 8 + 5] = index;
        float[] outputs = new float[128 * 3];
        ParameterBuffer<float> gradients = network.CreateGradients();
        ArgumentOutOfRangeException exception = Assert.Throws<ArgumentOutOfRangeException>(() => network.Predict(wrong, outputs));
        Assert.StartsWith(FormattableString.Invariant($"Index {index} at position 5 of a row is no whole number from 0 to 49"), exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Gradient(wrong, labels, gradients));
        foreach (int threads in (int[])[1, 4])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => network.Fit(Dataset.FromLabels(wrong, 8, labels), new() { Epochs = 2, BatchSize = 128, Threads = threads }));
            Assert.Equal(untouched.Parameters.Span.ToArray(), network.Parameters.Span.ToArray());
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => network.Evaluate(Dataset.FromLabels(wrong, 8, labels)));
        FitOptions options() => new() { Epochs = 2, BatchSize = 128, Threads = 4 };
        network.Fit(Dataset.FromLabels(features, 8, labels), options());
        untouched.Fit(Dataset.FromLabels(features, 8, labels), options());
        Assert.Equal(untouched.Parameters.Span.ToArray(), network.Parameters.Span.ToArray());
    }

    [Fact]
    public void Only_vectors_looked_up_have_gradients()
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks.Value, "Table");
        ParameterBuffer<float> gradients = network.CreateGradients();
        float[] outputGradients = new float[3 * 34], table = new float[20 * 17];
        Array.Fill(outputGradients, 1f);
        network.Backward([3, 19, 3, 0, -0f, 3], outputGradients, gradients);
        network.Info.Parameters[0].CopyTo<float>(gradients.Span, table);
        for (int i = 0; i < table.Length; i++)
            Assert.Equal((i / 17) switch { 3 => 3, 0 => 2, 19 => 1, _ => 0 }, table[i]);
        Assert.Equal(6 * 17, gradients.Span.ToArray().Sum());
    }

    // ---- losses and outputs ----

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(33)]
    public void A_loss_of_ones_own_is_the_built_in_one_of_the_same_formula(int size)
    {
        INetwork<float> own = NetworkCompiler.Create<float>(Networks.Value, $"OwnSquares{size}"), builtIn = NetworkCompiler.Create<float>(Networks.Value, $"Squares{size}");
        Random random = new(1);
        float[] inputs = [.. Enumerable.Range(0, 25).Select(_ => random.NextSingle())], targets = [.. Enumerable.Range(0, 5 * size).Select(_ => random.NextSingle())];
        foreach (int bits in Widths<float>.Available)
        {
            ParameterBuffer<float> ownGradients = own.CreateGradients(), gradients = builtIn.CreateGradients();
            double loss = new Widths<float>(builtIn).Train(bits, new() { Inputs = inputs, Targets = targets, Gradients = gradients, Scale = 0.2f });
            Assert.Equal(loss, new Widths<float>(own).Train(bits, new() { Inputs = inputs, Targets = targets, Gradients = ownGradients, Scale = 0.2f }), 1e-6 * loss);
            Near.Assert_<float>([.. gradients.Span.ToArray().Select(gradient => (double)gradient)], ownGradients.Span, 1e-6, "gradients");
        }
    }

    [Fact]
    public void A_loss_that_is_no_number_at_zero_is_not_poisoned_by_padding()
    {
        INetwork<double> network = NetworkCompiler.Create<double>(Networks.Value, "Counts");
        double[] inputs = [0.1, -0.2, 0.3, 0.4, 0.5, 1, 0, -1, 2, 0.5], targets = [1, 0, 2, 3, 1, 0], outputs = new double[6];
        network.Predict(inputs, outputs);
        double expected = outputs.Zip(targets, (output, target) => output - target * Math.Log(output)).Average();
        foreach (int bits in Widths<double>.Available)
        {
            Widths<double> widths = new(network);
            ParameterBuffer<double> gradients = network.CreateGradients();
            double loss = widths.Train(bits, new() { Inputs = inputs, Targets = targets, Gradients = gradients, Scale = 0.5 }) / 2;
            Assert.Equal(expected, loss, 1e-13);
            for (int i = 0; i < network.Parameters.Length; i++)
            {
                double middle = network.Parameters.Span[i];
                double[] losses = [.. ((double[])[1e-6, -1e-6]).Select(step =>
                {
                    network.Parameters.Span[i] = middle + step;
                    return widths.Train(bits, new() { Inputs = inputs, Targets = targets, Scale = 1 }) / 2;
                })];
                network.Parameters.Span[i] = middle;
                // Padding has no gradient, whatever stands in it.
                Assert.Equal((losses[0] - losses[1]) / 2e-6, gradients.Span[i], 1e-8);
            }
        }
    }

    [Fact]
    public void Fit_and_Evaluate_take_the_targets_of_all_outputs()
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks.Value, "Heads");
        Random random = new(2);
        float[] features = [.. Enumerable.Range(0, 60 * 5).Select(_ => 2 * random.NextSingle() - 1)];
        float[] targets = [.. Enumerable.Range(0, 60).SelectMany(row =>
        {
            float x = features[row * 5], y = features[row * 5 + 1];
            return new float[] { x - y, x / 2, x > 0.3 ? 1 : 0, x is <= 0.3f and > -0.3f ? 1 : 0, x <= -0.3 ? 1 : 0, y > 0 ? 1 : 0 };
        })];
        Dataset data = Dataset.FromTargets(features, 5, targets, 6);
        Assert.Equal(["Place", "Kind", "Good"], network.Info.Outputs.ToArray().Select(output => output.Name));
        Evaluation before = network.Evaluate(data);
        float[] raw = new float[60 * 6], outputs = new float[60 * 6];
        network.Forward(features, raw);
        network.Predict(features, outputs);
        double expected = 0;
        for (int row = 0; row < 60; row++)
        {
            Span<float> z = raw.AsSpan(row * 6, 6), t = targets.AsSpan(row * 6, 6), p = outputs.AsSpan(row * 6, 6);
            double total = Math.Exp(z[2]) + Math.Exp(z[3]) + Math.Exp(z[4]);
            expected += 0.5 * (Math.Pow(z[0] - t[0], 2) + Math.Pow(z[1] - t[1], 2)) / 2
                + Math.Log(total) - (t[2] * z[2] + t[3] * z[3] + t[4] * z[4]) + 2 * (Math.Log(1 + Math.Exp(z[5])) - t[5] * z[5]);
            Assert.Equal(z[0], p[0]);
            Assert.Equal(Math.Exp(z[3]) / total, p[3], 1e-6);
            Assert.Equal(1 / (1 + Math.Exp(-z[5])), p[5], 1e-6);
        }

        Assert.Equal(expected / 60, before.Loss, 1e-5 * before.Loss);
        Assert.Null(before.Accuracy);
        FitHistory history = network.Fit(data, new() { Epochs = 60, Optimizer = new Adam(0.02) });
        Assert.Equal(StopReason.Completed, history.Reason);
        Assert.True(network.Evaluate(data).Loss < before.Loss / 4, $"{before}, then {network.Evaluate(data)}");

        Dataset labels = Dataset.FromLabels(features, 5, [.. Enumerable.Range(0, 60).Select(row => row % 3)]);
        const string Message = "Heads has several outputs, which need target values, but the dataset has class labels.";
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => network.Fit(labels)).Message);
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => network.Evaluate(labels)).Message);
        ArgumentException exception = Assert.Throws<ArgumentException>(() => network.Gradient(features.AsSpan(0, 5), (int[])[1], network.CreateGradients()));
        Assert.Equal("Class labels go with Loss.SoftmaxCrossEntropy, but Heads has several outputs: give target values.", exception.Message);
        targets[17] = -1;
        exception = Assert.Throws<ArgumentException>(() => network.Fit(Dataset.FromTargets(features, 5, targets, 6)));
        Assert.Equal("Target 5 of row 2 is -1, but Loss.BinaryCrossEntropy takes probabilities: targets from 0 to 1.", exception.Message);
    }

    private static T[] Read<T>(INetwork<T> network, string name)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        ParameterInfo parameter = network.Info.Parameters.ToArray().Single(parameter => parameter.Name == name);
        T[] values = new T[parameter.Count];
        parameter.CopyTo<T>(network.Parameters.Span, values);
        return values;
    }

    private static void Randomize(INetwork<double> network, int seed)
    {
        Random random = new(seed);
        foreach (ParameterInfo parameter in network.Info.Parameters)
            parameter.CopyFrom<double>([.. Enumerable.Range(0, parameter.Count).Select(_ => 0.5 + random.NextDouble())], network.Parameters.Span);
    }
}
