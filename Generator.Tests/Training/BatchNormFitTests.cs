using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.TrainingLoop;

/// <summary>Batch normalization meets batches of a single value only where its statistics can bear it.</summary>
public class BatchNormFitTests
{
    private const string Source = """
        using NetGen;
        [Network(4, Loss = Loss.MeanSquaredError)] [Layer.BatchNorm] [Layer.Dense(1)] public sealed partial class Values;
        [Network(1, 2, 2, Loss = Loss.MeanSquaredError)] [Layer.BatchNorm] [Layer.Dense(1)] public sealed partial class Images;
        """;

    private static readonly System.Reflection.Assembly Networks = NetworkCompiler.Load(Source);

    [Theory]
    [InlineData(65, 2)]
    [InlineData(64, 2)]
    public void A_last_batch_of_one_row_joins_the_one_before(int rows, int batches)
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks, "Values");
        Dataset data = Rows(rows);
        List<FitProgress> reports = [];
        network.Fit(data, new() { BatchSize = 32, Epochs = 40, Seed = 1, Optimizer = new Sgd(0), Progress = new Reports(reports) });
        float[] running = new float[4];
        network.Info.Parameters[3].CopyTo<float>(network.Parameters.Span, running);
        // Rows from N(3, 4), of which 64 give 4.02 in the mean.
        Assert.All(Enumerable.Range(0, 4), feature =>
        {
            double mean = Enumerable.Range(0, rows).Average(row => (double)data.Row(row)[feature]);
            double variance = Enumerable.Range(0, rows).Sum(row => Math.Pow(data.Row(row)[feature] - mean, 2)) / (rows - 1);
            Assert.InRange(running[feature], 0.8 * variance, 1.25 * variance);
        });
        Assert.Equal(batches, reports[^1].Batches);
        Assert.Equal(batches, reports[^1].Batch);
    }

    [Fact]
    public void A_last_batch_of_two_rows_stays()
    {
        List<FitProgress> reports = [];
        NetworkCompiler.Create<float>(Networks, "Values").Fit(Rows(66), new() { BatchSize = 32, Epochs = 1, Progress = new Reports(reports) });
        Assert.Equal((3, 3), (reports[^1].Batch, reports[^1].Batches));
    }

    [Fact]
    public void A_batch_size_of_one_is_refused_for_single_values()
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks, "Values");
        Assert.Equal(2, network.Info.MinBatchSize);
        const string Message =
            "Values has batch normalization of single values, which one row has no variance for: set BatchSize to 2 or more, such as 32, and give at least 2 rows.";
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => network.Fit(Rows(8), new() { BatchSize = 1 })).Message);
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => network.Fit(Rows(1))).Message);
    }

    [Fact]
    public void Images_of_several_positions_train_on_single_rows()
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks, "Images");
        Assert.Equal(1, network.Info.MinBatchSize);
        Assert.Equal(StopReason.Completed, network.Fit(Rows(5), new() { BatchSize = 1, Epochs = 2 }).Reason);
    }

    [Fact]
    public void One_row_leaves_the_running_variance_and_moves_the_running_mean()
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks, "Values");
        ParameterBuffer<float> gradients = network.CreateGradients();
        network.Gradient([2, 3, 4, 5], (ReadOnlySpan<float>)[0], gradients);
        float[] change = new float[4];
        network.Info.Parameters[3].CopyTo<float>(gradients.Span, change);
        Assert.Equal([0, 0, 0, 0], change);
        network.Info.Parameters[2].CopyTo<float>(gradients.Span, change);
        Assert.Equal([-0.2f, -0.3f, -0.4f, -0.5f], change);
    }

    private static Dataset Rows(int rows)
    {
        SeededRandom random = new(11);
        float[] features = new float[4 * rows], targets = new float[rows];
        for (int i = 0; i < features.Length; i++)
            features[i] = (float)(3 + 2 * random.NextNormal());
        return Dataset.FromTargets(features, 4, targets, 1);
    }

    private sealed class Reports(List<FitProgress> reports) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => reports.Add(value);
    }
}
