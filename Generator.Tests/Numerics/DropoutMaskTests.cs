using NetGen.CodeGeneration;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>Dropout masks: their generator, their statistics, and that they depend on the position alone.</summary>
public class DropoutMaskTests
{
    private const int Rows = 1024, Stride = 1024;

    private static readonly RandomKey Key = new(7, 3);

    [Fact]
    public void Numbers_are_those_of_Philox()
    {
        // Philox 4x32-10 of an all-zero counter and key, from the known answers published with the method.
        uint[] expected = [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8];
        for (int i = 0; i < expected.Length; i++)
        {
            double rate = expected[i] / 4294967296d;
            Assert.Equal(1 / (1 - rate), First(rate)[i]);
            Assert.Equal(0, First(rate + 1 / 4294967296d)[i]);
        }

        static double[] First(double rate)
        {
            double[] scales = new double[16];
            DropoutMask.Fill(new RandomKey(0, 0), layer: 0, rate, firstRow: 0, scales, stride: 16);
            return scales;
        }
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void A_share_of_the_elements_is_zero_and_the_others_are_scaled(double rate)
    {
        float[] scales = new float[Rows * Stride];
        DropoutMask.Fill(Key, layer: 1, rate, firstRow: 0, scales, Stride);

        int dropped = scales.Count(scale => scale == 0), kept = scales.Count(scale => scale == (float)(1 / (1 - rate)));
        double deviation = Math.Sqrt(scales.Length * rate * (1 - rate));
        Assert.Equal(scales.Length, dropped + kept);
        Assert.InRange(dropped, rate * scales.Length - 5 * deviation, rate * scales.Length + 5 * deviation);
    }

    [Fact]
    public void Masks_are_uncorrelated()
    {
        double[] mask = Signs(Key, layer: 1);
        // Correlations of n independent pairs have the deviation 1 / sqrt n.
        double limit = 5 / Math.Sqrt(mask.Length);

        Assert.InRange(Correlation(mask, Signs(Key, layer: 2)), -limit, limit);
        Assert.InRange(Correlation(mask, Signs(new RandomKey(7, 4), layer: 1)), -limit, limit);
        Assert.InRange(Correlation(mask, Signs(new RandomKey(7, 3 + (1L << 32)), layer: 1)), -limit, limit);
        Assert.InRange(Correlation(mask, Signs(new RandomKey(8, 3), layer: 1)), -limit, limit);
        foreach (int distance in (int[])[1, 2, 3, 4, 16, Stride, 8 * Stride])
            Assert.InRange(Correlation(mask.AsSpan(distance), mask.AsSpan(0, mask.Length - distance)), -limit, limit);

        static double[] Signs(RandomKey key, int layer)
        {
            double[] scales = new double[Rows * Stride];
            DropoutMask.Fill(key, layer, 0.5, firstRow: 0, scales, Stride);
            return Array.ConvertAll(scales, scale => scale - 1);
        }

        static double Correlation(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
        {
            double sum = 0;
            for (int i = 0; i < left.Length; i++)
                sum += left[i] * right[i];
            return sum / left.Length;
        }
    }

    [Fact]
    public void Nothing_is_dropped_at_rate_zero_or_without_a_key()
    {
        float[] scales = new float[64], inactive = new float[64];
        DropoutMask.Fill(Key, layer: 0, rate: 0, firstRow: 0, scales, stride: 16);
        DropoutMask.Fill(default, layer: 0, rate: 0.5, firstRow: 0, inactive, stride: 16);
        Assert.All(scales, scale => Assert.Equal(1, scale));
        Assert.All(inactive, scale => Assert.Equal(1, scale));
    }

    [Fact]
    public void Masks_do_not_depend_on_precision_or_on_how_rows_are_divided()
    {
        double[] whole = new double[32 * 48];
        DropoutMask.Fill(Key, layer: 5, rate: 0.5, firstRow: 0, whole, stride: 48);
        float[] parts = new float[whole.Length];
        DropoutMask.Fill(Key, layer: 5, rate: 0.5, firstRow: 0, parts.AsSpan(0, 8 * 48), stride: 48);
        DropoutMask.Fill(Key, layer: 5, rate: 0.5, firstRow: 8, parts.AsSpan(8 * 48), stride: 48);
        Assert.Equal(whole, Array.ConvertAll(parts, scale => (double)scale));

        // Nor on the width of the layer, so that wider padding changes nothing.
        double[] wider = new double[32 * 64];
        DropoutMask.Fill(Key, layer: 5, rate: 0.5, firstRow: 0, wider, stride: 64);
        for (int row = 0; row < 32; row++)
            Assert.Equal(whole.AsSpan(row * 48, 48), wider.AsSpan(row * 64, 48));
    }

    [Theory]
    [InlineData("Dropout(0.2)", "Dropout(0.5)")]
    [InlineData("Reshape(5, 1), NetGen.Layer.SpatialDropout(0.2), NetGen.Layer.Flatten", "AlphaDropout(0.3)")]
    [InlineData("GaussianNoise(0.5)", "RReLU")]
    public void Training_in_parts_adds_up_to_training_at_once(string first, string second)
    {
        const int Rows = 200;
        INetwork<double> network = NetworkCompiler.Create<double>(
            $$"""
            [NetGen.Network(5, Loss = NetGen.Loss.SoftmaxCrossEntropy, Precision = NetGen.Precision.Double)]
            [NetGen.Layer.{{first}}]
            [NetGen.Layer.Dense(20, NetGen.Activation.Tanh)]
            [NetGen.Layer.{{second}}]
            [NetGen.Layer.Dense(4)]
            public sealed partial class Divided { }
            """,
            "Divided");
        Random random = new(4);
        double[] inputs = [.. Enumerable.Range(0, Rows * 5).Select(_ => random.NextDouble() - 0.5)];
        int[] labels = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(4))];

        (double loss, double[] gradients, double[] inputGradients) = Train(0, Rows);
        foreach (int[] cuts in (int[][])[[0, 8, Rows], [0, 1, 3, 64, 129, Rows]])
        {
            (double Loss, double[] Gradients, double[] InputGradients)[] parts = [.. cuts.Zip(cuts.Skip(1), (from, to) => Train(from, to))];
            Near.Assert_<double>([loss], [parts.Sum(part => part.Loss)], 1e-12, "loss");
            Near.Assert_<double>(gradients, [.. gradients.Select((_, i) => parts.Sum(part => part.Gradients[i]))], 1e-12, "gradients");
            Near.Assert_<double>(inputGradients, [.. parts.SelectMany(part => part.InputGradients)], 1e-12, "input gradients");
        }

        // The check can fail: without the number of the first row the masks are others.
        Assert.True(Near.Error<double>([loss], [Train(0, 8).Loss + Train(8, Rows, firstRow: 0).Loss]) > 1e-3);

        (double Loss, double[] Gradients, double[] InputGradients) Train(int from, int to, int? firstRow = null)
        {
            ParameterBuffer<double> gradients = new(network.Info.BufferLength);
            double[] inputGradients = new double[(to - from) * 5];
            double loss = network.Train(new TrainingPass<double>
            {
                Inputs = inputs.AsSpan(from * 5, inputGradients.Length),
                Labels = labels.AsSpan(from, to - from),
                Gradients = gradients,
                InputGradients = inputGradients,
                Scale = 1d / Rows,
                FirstRow = firstRow ?? from,
                Random = Key,
            });
            return (loss, gradients.Span.ToArray(), inputGradients);
        }
    }
}
