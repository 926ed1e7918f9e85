using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>Sums of a million terms, constant ones and random ones, lose at most 1e-6 of the sum of their absolute values.</summary>
public class LongSumTests
{
    private const int Terms = 1_000_000;
    private const double Tolerance = 1e-6;

    private const string Source = """
        using NetGen;
        [Network(1, 1000, 1000)] [Layer.GlobalAveragePool] public sealed partial class GlobalPool;
        [Network(1, 1000, 1000)] [Layer.AveragePool2D(1000)] public sealed partial class Pool;
        [Network(1000000)] [Layer.Dense(1)] public sealed partial class LongProduct;
        [Network(1, 1000, 1000)] [Layer.Conv2D(1, 1000)] public sealed partial class LongKernel;
        [Network(1)] [Layer.Dense(1000000, Bias = false)] public sealed partial class ManyUnits;
        [Network(1000000)] [Layer.Activation(Activation.Softmax)] public sealed partial class Softmax;
        [Network(1000000)] [Layer.LayerNorm] public sealed partial class Layers;
        [Network(1000000)] [Layer.RMSNorm] public sealed partial class RootMeanSquare;
        [Network(1, 1000, 1000)] [Layer.GroupNorm(1)] public sealed partial class Groups;
        [Network(1, 1000, 1000)] [Layer.BatchNorm] public sealed partial class Batch;
        [Network(1, 1000, 1000)] [Layer.Conv2D(1, 1)] public sealed partial class Pointwise;
        [Network(1, 1000, 1000)] [Layer.Conv2D(2, 3, Padding = 1)] public sealed partial class Convolution;
        [Network(2, 1000, 500)] [Layer.Conv2D(2, 3, Padding = 1, Groups = 2)] public sealed partial class Depthwise;
        [Network(1, 1000, 1000)] [Layer.ConvTranspose2D(1, 1)] public sealed partial class Transposed;
        [Network(1, 1000, 1000)] [Layer.PReLU] public sealed partial class Sloped;
        [Network(1, 1000, 1000)] [Layer.Swish] public sealed partial class Swishing;
        [Network(1, 1, 1)] [Layer.Upsample2D(1000)] public sealed partial class Upsampled;
        [Network(1)] [Layer.Dense(1)] public sealed partial class ManyRows;
        [Network(1000000, Loss = Loss.MeanSquaredError)] [Layer.Activation(Activation.Identity)] public sealed partial class Squared;
        [Network(1000000, Loss = Loss.MeanAbsoluteError)] [Layer.Activation(Activation.Identity)] public sealed partial class Absolute;
        [Network(1000000, Loss = Loss.BinaryCrossEntropy)] [Layer.Activation(Activation.Identity)] public sealed partial class Binary;
        [Network(1000000, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Activation(Activation.Identity)] public sealed partial class Classes;
        """;

    private static readonly System.Reflection.Assembly Networks = NetworkCompiler.Load(Source);

    // Constants of few bits and of many, and random numbers.
    private static readonly float[][] Inputs = [Constant(200.5f), Constant(0.1f), Constant(1 / 3f), Random(1)];

    public static TheoryData<int> Bits => [.. Widths<float>.Available];

    [Theory]
    [MemberData(nameof(Bits))]
    public void Means_and_products(int bits)
    {
        foreach (float[] x in Inputs)
        {
            double sum = x.Sum(value => (double)value);
            foreach (string pool in (string[])["GlobalPool", "Pool"])
                Assert.Equal(sum / Terms, Forward(pool, bits, x)[0], Tolerance * Math.Abs(x.Sum(value => Math.Abs((double)value))) / Terms);
            foreach (string product in (string[])["LongProduct", "LongKernel"])
            {
                INetwork<float> network = Create(product);
                float[] weights = Random(2);
                network.Info.Parameters[0].CopyFrom<float>(weights, network.Parameters.Span);
                double expected = 0, absolute = 0;
                for (int i = 0; i < Terms; i++)
                {
                    expected += (double)x[i] * weights[i];
                    absolute += Math.Abs((double)x[i] * weights[i]);
                }

                // One row and a tile of rows.
                foreach (int rows in product == "LongKernel" ? (int[])[1] : [1, 5])
                {
                    float[] outputs = new Widths<float>(network).Forward(bits, Enumerable.Repeat(x, rows).SelectMany(row => row).ToArray(), link: false);
                    Assert.All(outputs, output => Assert.Equal(expected, output, Tolerance * absolute));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Bits))]
    public void Gradients_over_positions(int bits)
    {
        foreach (float[] g in Inputs)
        {
            float[] x = Random(3);
            double sum = Sum(g), absolute = Absolute(g), product = Dot(g, x), absoluteProduct = AbsoluteDot(g, x);
            foreach (string layer in (string[])["Pointwise", "Transposed"])
            {
                float[] gradients = Gradients(layer, bits, x, g);
                Assert.Equal(product, gradients[0], Tolerance * absoluteProduct);
                Assert.Equal(sum, gradients[16], Tolerance * absolute);
            }

            float[] slopes = Gradients("Sloped", bits, x, g);
            double[] negative = [.. x.Select(value => (double)Math.Min(0, value))];
            Assert.Equal(negative.Zip(g, (a, b) => a * b).Sum(), slopes[0], Tolerance * negative.Zip(g, (a, b) => Math.Abs(a * b)).Sum());

            double[] swish = [.. x.Select(value => value * (double)value * Sigmoid(value) * (1 - Sigmoid(value)))];
            Assert.Equal(swish.Zip(g, (a, b) => a * b).Sum(), Gradients("Swishing", bits, x, g)[0], Tolerance * swish.Zip(g, (a, b) => Math.Abs(a * b)).Sum());

            INetwork<float> upsampled = Create("Upsampled");
            float[] inputGradient = new float[1];
            new Widths<float>(upsampled).Train(bits, new TrainingPass<float> { Inputs = [1], OutputGradients = g, InputGradients = inputGradient, Scale = 1 });
            Assert.Equal(sum, inputGradient[0], Tolerance * absolute);

            INetwork<float> units = Create("ManyUnits");
            units.Info.Parameters[0].CopyFrom<float>(x, units.Parameters.Span);
            new Widths<float>(units).Train(bits, new TrainingPass<float> { Inputs = [1], OutputGradients = g, InputGradients = inputGradient, Scale = 1 });
            Assert.Equal(product, inputGradient[0], Tolerance * absoluteProduct);
        }
    }

    [Theory]
    [InlineData("Convolution")]
    [InlineData("Depthwise")]
    public void Gradients_of_kernels(string name)
    {
        foreach (int bits in Widths<float>.Available)
        {
            foreach (float value in (float[])[0.1f, 200.5f])
            {
                INetwork<float> network = Create(name);
                float[] gradients = Gradients(name, bits, Constant(value), [.. Enumerable.Repeat(1 / 3f, network.Info.OutputSize)]);
                int width = network.Info.InputShape[2], height = network.Info.InputShape[1];
                float[] weights = new float[network.Info.Parameters[0].Count];
                network.Info.Parameters[0].CopyTo<float>(gradients, weights);
                for (int i = 0; i < weights.Length; i++)
                {
                    // A tap beside the middle misses a line or a column.
                    int row = i % 9 / 3, column = i % 3;
                    double expected = (double)value * (1 / 3f) * (height - (row == 1 ? 0 : 1)) * (width - (column == 1 ? 0 : 1));
                    Assert.Equal(expected, weights[i], Tolerance * expected);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Bits))]
    public void Normalizations(int bits)
    {
        float[] x = [.. Random(4).Select(value => value + 3)];
        double mean = Sum(x) / Terms, variance = x.Sum(value => (value - mean) * (value - mean)) / Terms;
        double meanSquare = x.Sum(value => (double)value * value) / Terms;
        foreach (string name in (string[])["Layers", "Groups"])
        {
            float[] y = Forward(name, bits, x);
            for (int i = 0; i < Terms; i += 997)
                Assert.Equal((x[i] - mean) / Math.Sqrt(variance + 1e-5), y[i], 4 * Tolerance * (Math.Abs(mean) + 1));
        }

        float[] normal = Forward("RootMeanSquare", bits, x);
        for (int i = 0; i < Terms; i += 997)
            Assert.Equal(x[i] / Math.Sqrt(meanSquare + 1e-5), normal[i], Tolerance * Math.Abs(x[i]) / Math.Sqrt(meanSquare));

        // What a step takes off the running statistics, 0 and 1 at first: momentum * (running - batch).
        float[] gradients = Gradients("Batch", bits, x, Constant(0.1f));
        Assert.Equal(-0.1 * mean, gradients[32], Tolerance * 0.1 * mean);
        Assert.Equal(0.1 * (1 - variance * Terms / (Terms - 1)), gradients[48], Tolerance * 0.1 * (1 + variance));
        Assert.Equal(0.1f * (double)Terms, gradients[16], Tolerance * 0.1 * Terms);
    }

    [Theory]
    [MemberData(nameof(Bits))]
    public void Losses_and_softmax(int bits)
    {
        float[] zeros = Constant(0);
        Assert.All(Forward("Softmax", bits, Constant(0.1f)).Where((_, i) => i % 997 == 0), share => Assert.Equal(1e-6, share, Tolerance * 1e-6));
        foreach (float[] x in Inputs)
        {
            Check("Squared", x.Sum(value => (double)value * value) / Terms);
            Check("Absolute", Absolute(x) / Terms);
            Check("Binary", x.Sum(value => Math.Log(1 + Math.Exp(value))) / Terms);
            void Check(string name, double expected) => Assert.Equal(expected, Loss(name, bits, x, zeros), Tolerance * expected);
        }

        // One class in a million, each as likely as the others.
        float[] target = Constant(0);
        target[12345] = 1;
        Assert.Equal(Math.Log(Terms), Loss("Classes", bits, Constant(0.1f), target), Tolerance * Math.Log(Terms));
    }

    [Fact]
    public void Gradients_over_rows_of_one_call()
    {
        foreach (float[] g in Inputs)
        {
            float[] x = Random(5);
            INetwork<float> network = Create("ManyRows");
            ParameterBuffer<float> gradients = network.CreateGradients();
            for (int call = 0; call < 2; call++)
            {
                gradients.Clear();
                network.Backward(x, g, gradients);
                Assert.Equal(Dot(g, x), gradients.Span[0], Tolerance * AbsoluteDot(g, x));
                Assert.Equal(Sum(g), gradients.Span[16], Tolerance * Absolute(g));
            }
        }
    }

    [Fact]
    public void Infinite_terms_stay_infinite()
    {
        float[] x = Random(6);
        x[Terms / 2] = float.PositiveInfinity;
        Assert.All(Widths<float>.Available, bits => Assert.Equal(float.PositiveInfinity, Forward("GlobalPool", bits, x)[0]));
    }

    private static INetwork<float> Create(string name) => NetworkCompiler.Create<float>(Networks, name);

    private static float[] Forward(string name, int bits, float[] inputs) => new Widths<float>(Create(name)).Forward(bits, inputs, link: false);

    private static float[] Gradients(string name, int bits, float[] inputs, float[] outputGradients)
    {
        INetwork<float> network = Create(name);
        ParameterBuffer<float> gradients = network.CreateGradients();
        new Widths<float>(network).Train(bits, new TrainingPass<float> { Inputs = inputs, OutputGradients = outputGradients, Gradients = gradients, Scale = 1 });
        return gradients.Span.ToArray();
    }

    private static double Loss(string name, int bits, float[] inputs, float[] targets) =>
        new Widths<float>(Create(name)).Train(bits, new TrainingPass<float> { Inputs = inputs, Targets = targets, Scale = 1 });

    private static float[] Constant(float value) => [.. Enumerable.Repeat(value, Terms)];

    private static float[] Random(int seed)
    {
        SeededRandom random = new(seed);
        float[] values = new float[Terms];
        for (int i = 0; i < Terms; i++)
            values[i] = (float)random.NextNormal();
        return values;
    }

    private static double Sum(float[] values) => values.Sum(value => (double)value);

    private static double Absolute(float[] values) => values.Sum(value => Math.Abs((double)value));

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static double AbsoluteDot(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs((double)x * y)).Sum();

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
