using Xunit;

namespace NetGen.Tests.TrainingLoop;

/// <summary>Starting values against the moments and limits of their distributions, within five standard deviations.</summary>
public class InitializerTests
{
    private const double Sigmas = 5;

    private const int Seeds = 25;

    // Layer, inputs, outputs: only SELU, in the fifth, has a default of its own.
    public static TheoryData<string, int, int, Initializer> Defaults => new()
    {
        { "Dense1", 80, 120, Initializer.FanInUniform },
        { "Dense2", 120, 90, Initializer.FanInUniform },
        { "Dense3", 90, 110, Initializer.FanInUniform },
        { "Dense4", 110, 70, Initializer.FanInUniform },
        { "Dense5", 70, 130, Initializer.LeCunNormal },
        { "Dense6", 130, 60, Initializer.FanInUniform },
        { "Dense7", 60, 140, Initializer.FanInUniform },
        { "Dense8", 140, 50, Initializer.FanInUniform },
        { "Dense9", 50, 150, Initializer.FanInUniform },
        { "Dense10", 150, 40, Initializer.FanInUniform },
        { "Dense11", 40, 160, Initializer.FanInUniform },
    };

    // Layer, inputs of an output, filters: what stands under a kernel counts, within the group.
    public static TheoryData<string, int, int> Convolutions => new()
    {
        { "Conv2D1", 4 * 9, 160 },
        { "Conv2D2", 40 * 9, 160 },
        { "Conv2D3", 9, 160 },
        { "ConvTranspose2D1", 160 * 9, 80 },
        { "Dense1", 80 * 36, 100 },
    };

    public static TheoryData<Func<int, INetwork<float>>> Hidden =>
    [
        seed => new Hidden1Network(seed), seed => new Hidden2Network(seed), seed => new Hidden3Network(seed), seed => new Hidden4Network(seed),
        seed => new Hidden5Network(seed), seed => new Hidden6Network(seed), seed => new Hidden7Network(seed), seed => new Hidden8Network(seed),
        seed => new Hidden9Network(seed), seed => new Hidden10Network(seed), seed => new TaperedNetwork(seed),
    ];

    public static TheoryData<string, int, int, Initializer> Chosen => new()
    {
        { "Dense7", 110, 90, Initializer.XavierUniform },
        { "Dense8", 90, 160, Initializer.XavierNormal },
        { "Dense9", 160, 80, Initializer.HeUniform },
        { "Dense10", 80, 170, Initializer.HeNormal },
        { "Dense11", 170, 70, Initializer.LeCunUniform },
        { "Dense12", 70, 180, Initializer.LeCunNormal },
        { "Dense13", 180, 100, Initializer.FanInUniform },
    };

    [Theory]
    [MemberData(nameof(Defaults))]
    public void Default_is_the_measured_one(string layer, int inputs, int outputs, Initializer initializer)
    {
        LayerParameters<float> parameters = Parameters(new DefaultsNetwork(seed: 1), layer);
        Check(parameters.Weight.ToArray(), inputs, outputs, initializer);
        float[] biases = parameters.Bias.ToArray();
        Assert.Equal(outputs, biases.Length);
        if (initializer == Initializer.LeCunNormal)
            Assert.All(biases, bias => Assert.Equal(0, bias));
        else
            CheckUniform(biases, Math.Sqrt(1d / inputs));
    }

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Default_counts_the_inputs_of_an_output(string layer, int inputs, int filters)
    {
        LayerParameters<float> parameters = Parameters(new DefaultConvolutions(seed: 1), layer);
        CheckUniform(parameters.Weight.ToArray(), Math.Sqrt(1d / inputs));
        Assert.Equal(filters, parameters.Bias.Info.Count);
        CheckUniform(parameters.Bias.ToArray(), Math.Sqrt(1d / inputs));
    }

    [Fact]
    public void Default_fits_the_biases_of_transposed_layers()
    {
        TiedNetwork network = new(seed: 1);
        CheckUniform(network.Dense1.Bias.ToArray(), Math.Sqrt(1d / 100));
        CheckUniform(network.Shared1.Bias.ToArray(), Math.Sqrt(1d / 80));
    }

    // Targets of mean 0 and deviation 1: predicting the mean has loss 1.
    [Theory]
    [MemberData(nameof(Hidden))]
    public void Untrained_networks_lose_little_more_than_the_mean_predictor(Func<int, INetwork<float>> create)
    {
        const int Rows = 200, Inputs = 10;
        Random random = new(1);
        float[] features = new float[Rows * Inputs], targets = new float[Rows];
        for (int i = 0; i < features.Length; i++)
            features[i] = (2 * random.NextSingle() - 1) * MathF.Sqrt(3);
        for (int row = 0; row < Rows; row++)
            targets[row] = MathF.Sign(features[row * Inputs] * features[row * Inputs + 1]);
        Dataset data = Dataset.FromTargets(features, Inputs, targets, 1);
        double loss = Enumerable.Range(0, Seeds).Average(seed => create(seed).Evaluate(data).Loss);
        Assert.InRange(loss, 0, 1.2);
    }

    [Theory]
    [MemberData(nameof(Chosen))]
    public void Initializers_have_the_variance_of_their_paper(string layer, int inputs, int outputs, Initializer initializer) =>
        Check(Parameters(new InitializersNetwork(seed: 1), layer).Weight.ToArray(), inputs, outputs, initializer);

    [Fact]
    public void Scales_are_value_deviation_and_limit()
    {
        InitializersNetwork network = new(seed: 1);
        Assert.All(network.Dense1.Weight.ToArray(), value => Assert.Equal(0, value));
        Assert.All(network.Dense1.Bias.ToArray(), value => Assert.Equal(1, value));
        Assert.All(network.Dense2.Weight.ToArray(), value => Assert.Equal(-0.25f, value));
        Assert.All(network.Dense2.Bias.ToArray(), value => Assert.Equal(0.5f, value));
        CheckNormal(network.Dense3.Weight.ToArray(), 0.05);
        CheckNormal(network.Dense3.Bias.ToArray(), 2);
        CheckNormal(network.Dense4.Weight.ToArray(), 3);
        Assert.All(network.Dense4.Bias.ToArray(), value => Assert.Equal(0, value));
        CheckUniform(network.Dense5.Weight.ToArray(), 0.05);
        CheckUniform(network.Dense5.Bias.ToArray(), 4);
        CheckUniform(network.Dense6.Weight.ToArray(), 0.5);
    }

    [Fact]
    public void A_seed_gives_the_same_parameters_and_another_gives_others()
    {
        foreach (int seed in (int[])[0, 1, -1, int.MaxValue, int.MinValue])
        {
            float[] parameters = new DefaultsNetwork(seed).Parameters.Span.ToArray();
            Assert.Equal(parameters, new DefaultsNetwork(seed).Parameters.Span.ToArray());
            Assert.NotEqual(parameters, new DefaultsNetwork(seed ^ 2).Parameters.Span.ToArray());
        }

        Assert.Equal(new DefaultsNetwork().Parameters.Span.ToArray(), new DefaultsNetwork(0).Parameters.Span.ToArray());
    }

    [Fact]
    public void Parameters_draw_numbers_of_their_own()
    {
        // Were they all to draw the same sequence, layers would start in step with each other.
        InitializersNetwork network = new(seed: 1);
        double correlation = Correlation(network.Dense3.Weight.ToArray(), network.Dense4.Weight.ToArray());
        Assert.True(Math.Abs(correlation) < Sigmas / Math.Sqrt(network.Dense4.Weight.Info.Count), $"{correlation}");
        correlation = Correlation(network.Dense3.Weight.ToArray(), new InitializersNetwork(seed: 2).Dense3.Weight.ToArray());
        Assert.True(Math.Abs(correlation) < Sigmas / Math.Sqrt(network.Dense3.Weight.Info.Count), $"{correlation}");
    }

    private static LayerParameters<float> Parameters(object network, string layer) =>
        (LayerParameters<float>)network.GetType().GetProperty(layer)!.GetValue(network)!;

    private static void Check(float[] values, int inputs, int outputs, Initializer initializer)
    {
        Assert.Equal(inputs * outputs, values.Length);
        double variance = initializer switch
        {
            Initializer.XavierUniform or Initializer.XavierNormal => 2d / (inputs + outputs),
            Initializer.HeUniform or Initializer.HeNormal => 2d / inputs,
            Initializer.LeCunUniform or Initializer.LeCunNormal => 1d / inputs,
            Initializer.FanInUniform => 1d / (3 * inputs),
            _ => throw new ArgumentOutOfRangeException(nameof(initializer)),
        };
        if (initializer is Initializer.XavierNormal or Initializer.HeNormal or Initializer.LeCunNormal)
            CheckNormal(values, Math.Sqrt(variance));
        else
            CheckUniform(values, Math.Sqrt(3 * variance));
    }

    private static void CheckNormal(float[] values, double deviation)
    {
        CheckMoments(values, deviation * deviation, kurtosis: 3);
        CheckShare(values, deviation, 0.682689492137);
        CheckShare(values, 2 * deviation, 0.954499736104);
    }

    private static void CheckUniform(float[] values, double limit)
    {
        CheckMoments(values, limit * limit / 3, kurtosis: 1.8);
        CheckShare(values, limit / 2, 0.5);
        double largest = values.Max(value => Math.Abs((double)value));
        // (1 - 15 / n)^n is e^-15: so unlikely it is that the ends of the interval stay empty.
        Assert.InRange(largest, limit * (1 - 15d / values.Length), limit * (1 + 1e-7));
    }

    private static void CheckMoments(float[] values, double variance, double kurtosis)
    {
        double mean = values.Average(value => (double)value), found = values.Average(value => (double)value * value);
        double meanError = Sigmas * Math.Sqrt(variance / values.Length), varianceError = Sigmas * variance * Math.Sqrt((kurtosis - 1) / values.Length);
        Assert.InRange(mean, -meanError, meanError);
        Assert.InRange(found, variance - varianceError, variance + varianceError);
    }

    // How many values lie within a bound tells distributions of one variance apart.
    private static void CheckShare(float[] values, double bound, double expected)
    {
        double share = values.Count(value => Math.Abs(value) < bound) / (double)values.Length;
        double error = Sigmas * Math.Sqrt(expected * (1 - expected) / values.Length);
        Assert.InRange(share, expected - error, expected + error);
    }

    private static double Correlation(float[] first, float[] second)
    {
        double Norm(float[] values) => Math.Sqrt(values.Take(Math.Min(first.Length, second.Length)).Sum(value => (double)value * value));
        return first.Zip(second, (a, b) => (double)a * b).Sum() / (Norm(first) * Norm(second));
    }
}
