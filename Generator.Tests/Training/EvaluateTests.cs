using System.Numerics;
using Xunit;

namespace NetGen.Tests.TrainingLoop;

/// <summary>The figures of an evaluation against ones computed from the outputs of single rows.</summary>
public class EvaluateTests
{
    // Evaluation goes by 256 rows: twice that, and a rest.
    public static TheoryData<int> RowCounts => [1, 2, 255, 256, 257, 549];

    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        Dataset data = FitTests.Rows(5000, seed: 1);
        WideNetwork network = new(seed: 1);
        Evaluation one = network.Evaluate(data, threads: 1);
        Assert.All((int?[])[2, 3, 8, null], threads => Assert.Equal(one, network.Evaluate(data, threads)));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Evaluate(data, threads: 0));
    }

    [Theory]
    [MemberData(nameof(RowCounts))]
    public void Classes(int rows)
    {
        WideNetwork network = new(seed: 1);
        Dataset data = FitTests.Rows(rows, seed: 1);
        float[] distributions = new float[rows * 5];
        double loss = 0, correct = 0;
        for (int row = 0; row < rows; row++)
        {
            double[] probabilities = Predict(network, data.Row(row));
            int label = data.Labels[row];
            loss -= Math.Log(probabilities[label]);
            correct += probabilities[label] == probabilities.Max() ? 1 : 0;
            distributions.AsSpan(row * 5, 5).Fill(0.05f);
            distributions[row * 5 + label] = 0.8f;
        }

        Check(new(loss / rows, correct / rows, null), network.Evaluate(data));
        // The class of a distribution is the largest of its parts.
        Assert.Equal(correct / rows, network.Evaluate(Dataset.FromTargets(data.Features, 48, distributions, 5)).Accuracy!.Value, 1e-12);
    }

    [Theory]
    [MemberData(nameof(RowCounts))]
    public void Questions(int rows)
    {
        QuestionsNetwork network = new(seed: 1);
        (float[] features, float[] targets) = (Draw(3 * rows, 1), [.. Draw(3 * rows, 2).Select(value => value > 0 ? 1f : value > -0.5f ? 0.25f : 0)]);
        double loss = 0, correct = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double p = Predict(network, features.AsSpan(i / 3 * 3, 3))[i % 3];
            loss -= targets[i] * Math.Log(p) + (1 - targets[i]) * Math.Log(1 - p);
            correct += p > 0.5 == targets[i] > 0.5 ? 1 : 0;
        }

        Check(new(loss / targets.Length, correct / targets.Length, null), network.Evaluate(Dataset.FromTargets(features, 3, targets, 3)));
    }

    [Theory]
    [MemberData(nameof(RowCounts))]
    public void A_binary_problem_by_its_labels(int rows)
    {
        BinaryNetwork network = new(seed: 1);
        float[] features = Draw(2 * rows, 1);
        int[] labels = [.. Enumerable.Range(0, rows).Select(row => row / 2 % 2)];
        double loss = 0, correct = 0;
        for (int row = 0; row < rows; row++)
        {
            double p = Predict(network, features.AsSpan(2 * row, 2))[0];
            loss -= Math.Log(labels[row] == 1 ? p : 1 - p);
            correct += p > 0.5 == (labels[row] == 1) ? 1 : 0;
        }

        Check(new(loss / rows, correct / rows, null), network.Evaluate(Dataset.FromLabels(features, 2, labels, classCount: 2)));
    }

    [Theory]
    [MemberData(nameof(RowCounts))]
    public void Regression_in_both_precisions(int rows)
    {
        (float[] features, float[] targets) = (Draw(3 * rows, 1), Draw(2 * rows, 2));
        Dataset data = Dataset.FromTargets(features, 3, targets, 2);
        RegressionNetwork single = new(seed: 1);
        DoubleNetwork twice = new(seed: 1);
        double squares = 0, singleErrors = 0, doubleErrors = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double error = Predict(single, features.AsSpan(i / 2 * 3, 3))[i % 2] - targets[i];
            squares += error * error;
            singleErrors += Math.Abs(error);
            doubleErrors += Math.Abs(Predict(twice, features.AsSpan(i / 2 * 3, 3))[i % 2] - targets[i]);
        }

        Check(new(squares / targets.Length, null, singleErrors / targets.Length), single.Evaluate(data));
        Check(new(doubleErrors / targets.Length, null, doubleErrors / targets.Length), twice.Evaluate(data), 1e-12);
    }

    [Fact]
    public void Dropout_is_off_and_parameters_stay()
    {
        WideNetwork network = new(seed: 1);
        float[] before = network.Parameters.Span.ToArray();
        Assert.Equal(network.Evaluate(FitTests.Rows(300, seed: 1)), network.Evaluate(FitTests.Rows(300, seed: 1)));
        Assert.Equal(before, network.Parameters.Span.ToArray());
    }

    [Theory]
    [InlineData(0.123456, 0.5, null, "loss 0.1235, accuracy 0.5000")]
    [InlineData(0, 1d, null, "loss 0.0000, accuracy 1.0000")]
    [InlineData(12.5, null, 2.25, "loss 12.5000, mean absolute error 2.2500")]
    [InlineData(0.00012345, null, 0.0009994, "loss 1.235e-4, mean absolute error 9.994e-4")]
    [InlineData(123456.7, null, 99999.5, "loss 1.235e+5, mean absolute error 99999.5000")]
    [InlineData(double.NaN, null, double.PositiveInfinity, "loss NaN, mean absolute error Infinity")]
    public void Figures_are_written_with_digits_that_tell(double loss, double? accuracy, double? error, string text) =>
        Assert.Equal(text, new Evaluation(loss, accuracy, error).ToString());

    [Theory]
    [InlineData(new[] { 1f, 3, 2 }, 1)]
    [InlineData(new[] { 3f, 3, 2 }, 0)]
    [InlineData(new[] { -3f, -3, -2 }, 2)]
    [InlineData(new[] { float.NegativeInfinity, 0, float.PositiveInfinity }, 2)]
    [InlineData(new[] { 5f }, 0)]
    public void Largest_is_the_first_of_equals(float[] values, int index) => Assert.Equal(index, Training.ArgMax<float>(values));

    private static void Check(Evaluation expected, Evaluation actual, double tolerance = 2e-6)
    {
        Assert.Equal(expected.Loss, actual.Loss, tolerance * Math.Max(1, expected.Loss));
        Assert.Equal(expected.Accuracy is null, actual.Accuracy is null);
        Assert.Equal(expected.Accuracy ?? 0, actual.Accuracy ?? 0, 1e-12);
        Assert.Equal(expected.MeanAbsoluteError is null, actual.MeanAbsoluteError is null);
        Assert.Equal(expected.MeanAbsoluteError ?? 0, actual.MeanAbsoluteError ?? 0, tolerance);
    }

    private static double[] Predict<T>(INetwork<T> network, ReadOnlySpan<float> row)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] outputs = new T[network.Info.OutputSize];
        network.Predict(Array.ConvertAll(row.ToArray(), T.CreateTruncating), outputs);
        return Array.ConvertAll(outputs, double.CreateTruncating);
    }

    private static float[] Draw(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
    }
}
