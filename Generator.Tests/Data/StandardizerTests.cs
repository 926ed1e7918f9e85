using Xunit;

namespace NetGen.Tests.Data;

public class StandardizerTests
{
    [Fact]
    public void Gives_mean_0_and_deviation_1_also_far_from_zero()
    {
        var random = new SeededRandom(3);
        const int Rows = 1000;
        float[] features = new float[Rows * 3];
        for (int i = 0; i < features.Length; i += 3)
        {
            features[i] = (float)random.NextNormal();
            features[i + 1] = (float)(1e-20 * random.NextDouble());
            // 16 steps of a float at this size: squares of sums in floats would lose all of them.
            features[i + 2] = 1e6f + random.NextInt32(16) / 16f;
        }

        Dataset data = Dataset.FromTargets(features, 3, new float[Rows], 1);
        Dataset transformed = Standardizer.Fit(data).Transform(data);
        for (int column = 0; column < 3; column++)
        {
            double[] values = [.. Enumerable.Range(0, Rows).Select(row => (double)transformed.Row(row)[column])];
            Assert.Equal(0, values.Average(), 1e-6);
            Assert.Equal(1, values.Average(value => value * value), 1e-6);
        }

        Assert.Equal(data.Targets, transformed.Targets);
    }

    [Fact]
    public void Divides_by_the_number_of_rows()
    {
        Standardizer standardizer = Standardizer.Fit(Dataset.FromFeatures([2, 4, 4, 4, 5, 5, 7, 9], 1));
        Assert.Equal(5, standardizer.Mean[0], 1e-12);
        Assert.Equal(2, standardizer.Deviation[0], 1e-12);
    }

    [Fact]
    public void A_constant_feature_becomes_0()
    {
        Dataset data = Dataset.FromLabels([0.1f, 1, 0.1f, 3, 0.1f, 5], 2, [0, 1, 1]);
        Standardizer standardizer = Standardizer.Fit(data);
        Assert.Equal(1, standardizer.Deviation[0]);
        Dataset transformed = standardizer.Transform(data);
        Assert.All(Enumerable.Range(0, 3), row => Assert.Equal(0f, transformed.Row(row)[0]));
        Assert.Equal(data.Labels, transformed.Labels);
    }

    [Fact]
    public void One_row_of_one_feature_becomes_0()
    {
        Dataset data = Dataset.FromFeatures([float.MaxValue], 1);
        Assert.Equal([0f], Standardizer.Fit(data).Transform(data).Features);
    }

    [Fact]
    public void The_inverse_restores_the_features_in_place()
    {
        float[] features = [1, 200, 3, -400, 5, 600];
        Standardizer standardizer = Standardizer.Fit(Dataset.FromFeatures(features, 2));
        float[] values = [.. features];
        standardizer.Transform(values, values);
        Assert.NotEqual(features, values);
        standardizer.InverseTransform(values, values);
        for (int i = 0; i < features.Length; i++)
            Assert.Equal(features[i], values[i], Math.Abs(features[i]) * 1e-6f);
    }

    [Fact]
    public void Targets_are_standardized_and_predictions_of_them_turned_back()
    {
        Dataset data = Dataset.FromTargets([1, 2, 3, 4, 5, 6, 7, 8], 1, [20, -1, 40, -1, 40, -1, 40, -1, 50, -1, 50, -1, 70, -1, 90, -1], 2);
        Standardizer standardizer = Standardizer.FitTargets(data);
        Assert.Equal((2, 50.0, 20.0, -1.0, 1.0), (standardizer.InputSize, standardizer.Mean[0], standardizer.Deviation[0], standardizer.Mean[1], standardizer.Deviation[1]));
        Dataset transformed = standardizer.TransformTargets(data);
        Assert.Equal([-1.5f, 0f, -0.5f, 0f, -0.5f, 0f, -0.5f, 0f, 0f, 0f, 0f, 0f, 1f, 0f, 2f, 0f], transformed.Targets);
        Assert.Equal(data.Features, transformed.Features);
        float[] predictions = [-1.5f, 0.25f, 2f, 0f];
        standardizer.InverseTransform(predictions, predictions);
        Assert.Equal([20f, -0.75f, 90f, -1f], predictions);
    }

    [Fact]
    public void Can_be_made_again_from_its_numbers()
    {
        float[] features = [1, 200, 3, -400];
        Standardizer fitted = Standardizer.Fit(Dataset.FromFeatures(features, 2)), again = new(fitted.Mean, fitted.Deviation);
        float[] first = new float[4], second = new float[4];
        fitted.Transform(features, first);
        again.Transform(features, second);
        Assert.Equal(first, second);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var standardizer = new Standardizer([0, 0], [1, 1]);
        Refused("Feature 1 of row 1 is NaN", () => Standardizer.Fit(Dataset.FromFeatures([1, 2, 3, float.NaN], 2)));
        Refused("Target 1 of row 0 is NaN", () => Standardizer.FitTargets(Dataset.FromTargets([1], 1, [2, float.NaN], 2)));
        Refused("The rows have no targets to standardize.", () => Standardizer.FitTargets(Dataset.FromLabels([1], 1, [0])));
        Refused("The rows have 1 targets, but the standardizer was fitted to 2.", () => standardizer.TransformTargets(Dataset.FromTargets([1], 1, [2], 1)));
        Refused("The rows have 3 features, but the standardizer was fitted to 2.", () => standardizer.Transform(Dataset.FromFeatures([1, 2, 3], 3)));
        Refused("Both spans must have the same whole rows of 2, but have 3 and 3 elements.", () => standardizer.Transform(new float[3], new float[3]));
        Refused("Both spans must have the same whole rows of 2, but have 2 and 4 elements.", () => standardizer.InverseTransform(new float[2], new float[4]));
        Refused("There are 1 means and 2 deviations", () => _ = new Standardizer([0], [1, 1]));
        Refused("There are 0 means and 0 deviations", () => _ = new Standardizer([], []));
        Refused("Feature 1 has mean 0 and deviation 0", () => _ = new Standardizer([0, 0], [1, 0]));
        Refused("Feature 0 has mean NaN and deviation 1", () => _ = new Standardizer([double.NaN], [1]));

        static void Refused(string message, Action action) =>
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
    }
}
