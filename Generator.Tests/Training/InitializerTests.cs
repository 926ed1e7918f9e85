using System.Reflection;
using Xunit;

namespace NetGen.Tests.TrainingLoop;

/// <summary>Starting values against the moments and limits of their distributions, within five standard deviations.</summary>
public class InitializerTests
{
    private const double Sigmas = 5;

    // Layer, inputs, outputs: the default is chosen by the layer's own activation.
    public static TheoryData<string, int, int, Initializer> Defaults => new()
    {
        { "Dense1", 80, 120, Initializer.XavierUniform },
        { "Dense2", 120, 90, Initializer.HeUniform },
        { "Dense3", 90, 110, Initializer.HeUniform },
        { "Dense4", 110, 70, Initializer.HeUniform },
        { "Dense5", 70, 130, Initializer.LeCunNormal },
        { "Dense6", 130, 60, Initializer.XavierUniform },
        { "Dense7", 60, 140, Initializer.XavierUniform },
        { "Dense8", 140, 50, Initializer.HeUniform },
        { "Dense9", 50, 150, Initializer.HeUniform },
        { "Dense10", 150, 40, Initializer.HeUniform },
        { "Dense11", 40, 160, Initializer.XavierUniform },
    };

    public static TheoryData<string, int, int, Initializer> Chosen => new()
    {
        { "Dense7", 110, 90, Initializer.XavierUniform },
        { "Dense8", 90, 160, Initializer.XavierNormal },
        { "Dense9", 160, 80, Initializer.HeUniform },
        { "Dense10", 80, 170, Initializer.HeNormal },
        { "Dense11", 170, 70, Initializer.LeCunUniform },
        { "Dense12", 70, 180, Initializer.LeCunNormal },
    };

    [Theory]
    [MemberData(nameof(Defaults))]
    public void Weights_start_as_their_activation_needs_it(string layer, int inputs, int outputs, Initializer initializer) =>
        Check(Weight(new DefaultsNetwork(seed: 1), layer), inputs, outputs, initializer);

    [Theory]
    [MemberData(nameof(Chosen))]
    public void Initializers_have_the_variance_of_their_paper(string layer, int inputs, int outputs, Initializer initializer) =>
        Check(Weight(new InitializersNetwork(seed: 1), layer), inputs, outputs, initializer);

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
    public void Biases_start_at_zero() => Assert.All(new DefaultsNetwork(seed: 1).Dense2.Bias.ToArray(), value => Assert.Equal(0, value));

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

    private static float[] Weight(object network, string layer)
    {
        PropertyInfo property = network.GetType().GetProperty(layer)!;
        return ((LayerParameters<float>)property.GetValue(network)!).Weight.ToArray();
    }

    private static void Check(float[] values, int inputs, int outputs, Initializer initializer)
    {
        Assert.Equal(inputs * outputs, values.Length);
        double variance = initializer switch
        {
            Initializer.XavierUniform or Initializer.XavierNormal => 2d / (inputs + outputs),
            Initializer.HeUniform or Initializer.HeNormal => 2d / inputs,
            Initializer.LeCunUniform or Initializer.LeCunNormal => 1d / inputs,
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
