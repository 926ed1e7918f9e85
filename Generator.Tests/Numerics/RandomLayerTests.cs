using System.Numerics;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>
/// Layers that draw random numbers while training: their statistics, their gradients, that the numbers depend on the key and the place
/// alone, and what the layers are without a key.
/// </summary>
public class RandomLayerTests
{
    private const int Rows = 100;

    private static readonly RandomKey Key = new(11, 5);

    [Fact]
    public void Spatial_dropout_drops_whole_channels()
    {
        const int Channels = 17, Positions = 15;
        const double Rate = 0.3;
        Probe<double> probe = new("17, 3, 5", "SpatialDropout(0.3)");
        double[] ones = [.. Enumerable.Repeat(1d, Channels * Positions)];
        double[][] rows = [.. Enumerable.Range(0, Rows).Select(row => probe.Run(ones, Key, row).Outputs)];

        double[][] channels = [.. rows.Select(row => row.Where((_, i) => i % Positions == 0).ToArray())];
        for (int row = 0; row < Rows; row++)
        {
            Assert.All(rows[row].Select((value, i) => (value, i)), element => Assert.Equal(channels[row][element.i / Positions], element.value));
            Assert.All(channels[row], scale => Assert.True(scale is 0 || Math.Abs(scale - 1 / (1 - Rate)) < 1e-15, $"{scale}"));
        }

        AssertMean(Rate, Math.Sqrt(Rate * (1 - Rate)), [.. channels.SelectMany(row => row).Select(scale => scale == 0 ? 1d : 0)]);
        Assert.True(channels.Select(row => string.Join(' ', row)).Distinct().Count() > Rows * 0.9);
    }

    [Fact]
    public void Alpha_dropout_keeps_mean_and_variance()
    {
        const double Rate = 0.2, Saturation = -1.7580993408473766;
        double scale = Math.Pow(1 - Rate + Saturation * Saturation * (1 - Rate) * Rate, -0.5), shift = -scale * Rate * Saturation;
        Probe<double> probe = new("1023", "AlphaDropout(0.2)");
        List<double> inputs = [], outputs = [], dropped = [];
        for (int row = 0; row < Rows; row++)
        {
            double[] input = Normal(1023, row);
            (double[] values, double[] slopes) = probe.Run(input, Key, row);
            for (int i = 0; i < input.Length; i++)
            {
                Assert.True(slopes[i] == 0 || Math.Abs(slopes[i] - scale) < 1e-14, $"{slopes[i]}");
                Assert.Equal(slopes[i] == 0 ? scale * Saturation + shift : scale * input[i] + shift, values[i], 1e-13);
            }

            inputs.AddRange(input);
            outputs.AddRange(values);
            dropped.AddRange(slopes.Select(slope => slope == 0 ? 1d : 0));
        }

        AssertMean(Rate, Math.Sqrt(Rate * (1 - Rate)), [.. dropped]);
        AssertMean(0, 1, [.. outputs]);
        // The fourth moment of such a value is about 3.
        AssertMean(1, Math.Sqrt(2.5), [.. outputs.Select(value => value * value)]);
    }

    [Fact]
    public void Noise_is_normal()
    {
        const double Deviation = 0.25;
        Probe<double> probe = new("3, 7, 49", "GaussianNoise(0.25)");
        List<double> all = [];
        for (int row = 0; row < Rows; row++)
        {
            double[] input = Normal(3 * 7 * 49, row);
            (double[] outputs, double[] slopes) = probe.Run(input, Key, row);
            Assert.All(slopes, slope => Assert.Equal(1, slope));
            all.AddRange(outputs.Zip(input, (output, value) => (output - value) / Deviation));
        }

        double[] noise = [.. all];
        // The moments of the standard normal up to the fourth, and how far the means of their samples stray: E x^2k = (2k - 1)!!.
        AssertMean(0, 1, noise);
        AssertMean(1, Math.Sqrt(2), [.. noise.Select(x => x * x)]);
        AssertMean(0, Math.Sqrt(15), [.. noise.Select(x => x * x * x)]);
        AssertMean(3, Math.Sqrt(96), [.. noise.Select(x => x * x * x * x)]);
        // Shares beyond 1, 2, 3 and 4 deviations.
        foreach ((double limit, double share) in ((double, double)[])[(1, 0.31731050786291415), (2, 0.04550026389635842), (3, 0.0026997960632601866), (4, 6.334248366623996e-5)])
            AssertMean(share, Math.Sqrt(share * (1 - share)), [.. noise.Select(x => Math.Abs(x) > limit ? 1d : 0)]);
        foreach (int distance in (int[])[1, 2, 3, 49, 343, 3 * 343])
        {
            AssertMean(0, 1, [.. noise.Skip(distance).Zip(noise, (left, right) => left * right)]);
            AssertMean(0, 2, [.. noise.Skip(distance).Zip(noise, (left, right) => (left * left - 1) * (right * right - 1))]);
        }

        // Of other layers, steps and seeds.
        double[] row0 = Noise(probe, Key);
        Probe<double> second = new("3, 7, 49", "PReLU] [Layer.GaussianNoise(0.25)");
        foreach (double[] other in (double[][])[Noise(probe, new(11, 6)), Noise(probe, new(11, 5 + (1L << 32))), Noise(probe, new(12, 5)), Noise(second, Key)])
            AssertMean(0, 1, [.. row0.Zip(other, (left, right) => left * right)]);

        static double[] Noise(Probe<double> probe, RandomKey key) => Array.ConvertAll(probe.Run(new double[3 * 7 * 49], key, 0).Outputs, x => x / Deviation);
    }

    [Fact]
    public void Slopes_are_uniform()
    {
        const double Lower = 0.125, Upper = 1d / 3;
        Probe<double> probe = new("33, 31", "RReLU");
        List<double> drawn = [];
        for (int row = 0; row < Rows; row++)
        {
            double[] input = Normal(33 * 31, row);
            (double[] outputs, double[] slopes) = probe.Run(input, Key, row);
            for (int i = 0; i < input.Length; i++)
            {
                Assert.Equal(outputs[i], slopes[i] * input[i], 1e-15);
                if (input[i] > 0)
                    Assert.Equal(1, slopes[i]);
                else
                    drawn.Add((slopes[i] - Lower) / (Upper - Lower));
            }
        }

        Assert.All(drawn, share => Assert.InRange(share, 0, 1));
        AssertMean(0.5, Math.Sqrt(1d / 12), [.. drawn]);
        AssertMean(1d / 3, Math.Sqrt(4d / 45), [.. drawn.Select(share => share * share)]);
        AssertMean(0.1, 0.3, [.. drawn.Select(share => share > 0.9 ? 1d : 0)]);
        AssertMean(0, 1d / 12, [.. drawn.Skip(1).Zip(drawn, (left, right) => (left - 0.5) * (right - 0.5))]);
    }

    [Theory]
    [InlineData("Dropout(0.5)", 1)]
    [InlineData("SpatialDropout(0.5)", 1)]
    [InlineData("AlphaDropout(0.5)", 1)]
    [InlineData("GaussianNoise(2)", 1)]
    [InlineData("RReLU(Lower = -0.5, Upper = 1)", 0.25)]
    public void Without_a_key_nothing_is_random(string layer, double slope)
    {
        Probe<double> probe = new("3, 5", layer);
        double[] input = Normal(15, seed: 1), expected = Array.ConvertAll(input, x => x > 0 ? x : slope * x);
        (double[] outputs, double[] slopes) = probe.Run(input, default, 0);
        Assert.Equal(expected, outputs);
        Assert.Equal(Array.ConvertAll(input, x => x > 0 ? 1 : slope), slopes);
        Assert.Equal(expected, probe.Predict(input));
        Assert.True(probe.Network.Info.IsStochastic);
        Assert.NotEqual(outputs, probe.Run(input, Key, 0).Outputs);
    }

    [Theory]
    [InlineData("Dropout(0)")]
    [InlineData("SpatialDropout(0)")]
    [InlineData("AlphaDropout(0)")]
    [InlineData("GaussianNoise(0)")]
    [InlineData("RReLU(Lower = 1, Upper = 1)")]
    public void Limits_are_the_identity(string layer)
    {
        double[] input = Normal(15, seed: 1);
        Assert.Equal(input, new Probe<double>("3, 5", layer).Run(input, Key, 0).Outputs);
    }

    [Fact]
    public void Networks_without_such_layers_are_not_random() => Assert.False(new Probe<double>("3, 5", "PReLU").Network.Info.IsStochastic);

    [Theory]
    [InlineData("7", "Dropout(0.5)")]
    [InlineData("3, 5", "SpatialDropout(0.5)")]
    [InlineData("17", "AlphaDropout(0.5)")]
    [InlineData("1", "GaussianNoise(0.5)")]
    [InlineData("33, 1, 1", "GaussianNoise(0.5)")]
    [InlineData("3, 5, 1", "RReLU")]
    public void Both_precisions_draw_the_same_numbers(string shape, string layer)
    {
        Probe<double> probe = new(shape, layer);
        Probe<float> single = new(shape, layer);
        double[] input = Array.ConvertAll(Normal(probe.Network.Info.InputSize, seed: 2), x => (double)(float)x);
        (double[] outputs, double[] slopes) = probe.Run(input, Key, 3);
        (float[] singleOutputs, float[] singleSlopes) = single.Run(Array.ConvertAll(input, x => (float)x), Key, 3);
        Near.Assert_<double>(outputs, Array.ConvertAll(singleOutputs, x => (double)x), 1e-6, "outputs");
        Near.Assert_<double>(slopes, Array.ConvertAll(singleSlopes, x => (double)x), 1e-6, "slopes");
    }

    /// <summary>With a key, each pass is a function that can be differentiated.</summary>
    [Theory]
    [InlineData("3, 3, 5", "SpatialDropout(0.3)] [Layer.RReLU] [Layer.GaussianNoise(0.2)] [Layer.AlphaDropout(0.2)] [Layer.Dense(17, Activation.Tanh)] [Layer.RReLU] [Layer.Dropout(0.4)")]
    [InlineData("17", "RReLU] [Layer.AlphaDropout(0.5)] [Layer.Reshape(17, 1)] [Layer.SpatialDropout(0.2)] [Layer.Activation(Activation.Tanh)] [Layer.GaussianNoise(0.5)] [Layer.Swish")]
    public void Gradients_with_a_key_are_central_differences(string shape, string layers)
    {
        const int Batch = 9;
        const double Step = 1e-6;
        Probe<double> probe = new(shape, layers);
        NetworkInfo info = probe.Network.Info;
        double[] inputs = Normal(Batch * info.InputSize, seed: 4), targets = Normal(Batch * info.OutputSize, seed: 5);
        Widths<double> widths = new(probe.Network);
        int first = Widths<double>.Available.First();
        double[] expected = [.. inputs.Select((value, i) =>
        {
            inputs[i] = value + Step;
            double above = Loss(first, []);
            inputs[i] = value - Step;
            double below = Loss(first, []);
            inputs[i] = value;
            return (above - below) / (2 * Step);
        })];
        foreach (int bits in Widths<double>.Available)
        {
            double[] gradients = new double[inputs.Length];
            Loss(bits, gradients);
            Near.Assert_<double>(expected, gradients, 1e-7, $"{bits} bits");
        }

        double Loss(int bits, double[] gradients) => widths.Train(bits, new TrainingPass<double>
        {
            Inputs = inputs,
            Targets = targets,
            InputGradients = gradients,
            Scale = 1,
            Random = Key,
            FirstRow = 6,
        });
    }

    // Within five deviations of a mean of independent samples.
    private static void AssertMean(double expected, double deviation, double[] samples)
    {
        double limit = 5 * deviation / Math.Sqrt(samples.Length);
        Assert.InRange(samples.Average(), expected - limit, expected + limit);
    }

    private static double[] Normal(int count, int seed)
    {
        SeededRandom random = new(seed, stream: 7);
        double[] values = new double[count];
        foreach (ref double value in values.AsSpan())
            value = random.NextNormal();
        return values;
    }

    /// <summary>
    /// Layers whose outputs while training are to be seen: with a dense layer of one output behind them, whose weight gradient is what
    /// it is given, and with the weights that make the gradient of each of its inputs 1.
    /// </summary>
    private sealed class Probe<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly INetwork<T> _behind;

        public Probe(string shape, string layers)
        {
            string precision = typeof(T) == typeof(double) ? "Double" : "Single";
            System.Reflection.Assembly assembly = NetworkCompiler.Load($$"""
                using NetGen;
                [Network({{shape}}, Loss = Loss.MeanSquaredError, Precision = Precision.{{precision}})] [Layer.{{layers}}] partial class Net;
                [Network({{shape}}, Precision = Precision.{{precision}})] [Layer.{{layers}}] [Layer.Dense(1, Bias = false, Name = "Probe")] partial class Behind;
                """);
            Network = NetworkCompiler.Create<T>(assembly, "Net");
            _behind = NetworkCompiler.Create<T>(assembly, "Behind");
            ParameterInfo weights = _behind.Info.Parameters[^1];
            weights.CopyFrom<T>([.. Enumerable.Repeat(T.One, weights.Count)], _behind.Parameters.Span);
        }

        public INetwork<T> Network { get; }

        /// <summary>The outputs of one row, and the gradients of their sum by its inputs.</summary>
        public (T[] Outputs, T[] Slopes) Run(T[] inputs, RandomKey key, int row)
        {
            ParameterBuffer<T> gradients = new(_behind.Info.BufferLength);
            T[] slopes = new T[inputs.Length], outputs = new T[_behind.Info.Parameters[^1].Count];
            _behind.Train(new TrainingPass<T>
            {
                Inputs = inputs,
                OutputGradients = [T.One],
                Gradients = gradients,
                InputGradients = slopes,
                Scale = T.One,
                Random = key,
                FirstRow = row,
            });
            _behind.Info.Parameters[^1].CopyTo<T>(gradients.Span, outputs);
            return (outputs, slopes);
        }

        public T[] Predict(T[] inputs)
        {
            T[] outputs = new T[Network.Info.OutputSize];
            Network.Predict(inputs, outputs);
            return outputs;
        }
    }
}
