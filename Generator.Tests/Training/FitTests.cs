using System.Numerics;
using Xunit;

namespace NetGen.Tests.TrainingLoop;

/// <summary>The training loop as its user sees it.</summary>
public class FitTests
{
    private static readonly Dataset ExclusiveOr = Dataset.FromLabels([0, 0, 0, 1, 1, 0, 1, 1], 2, [0, 1, 1, 0]);

    // ---- learning ----

    [Fact]
    public void Learns_exclusive_or_from_labels()
    {
        BinaryNetwork network = new(seed: 1);
        FitHistory history = network.Fit(ExclusiveOr, new() { Epochs = 300, Optimizer = new Adam(0.05) });

        Assert.Equal(StopReason.Completed, history.Reason);
        Assert.Equal(300, history.Epochs.Count);
        Assert.True(history.Epochs[^1].Loss < 0.02, $"loss {history.Epochs[^1].Loss}");
        float[] probabilities = new float[4];
        network.Predict(ExclusiveOr.Features, probabilities);
        Assert.Equal([false, true, true, false], probabilities.Select(probability => probability > 0.5f));
        Assert.Equal(1, network.Evaluate(ExclusiveOr).Accuracy);
    }

    [Fact]
    public void Labels_of_a_binary_problem_are_targets_of_0_and_1()
    {
        BinaryNetwork fromLabels = new(seed: 1), fromTargets = new(seed: 1);
        FitOptions options() => new() { Epochs = 5, BatchSize = 3 };
        FitHistory first = fromLabels.Fit(ExclusiveOr, options());
        FitHistory second = fromTargets.Fit(Dataset.FromTargets(ExclusiveOr.Features, 2, [0, 1, 1, 0], 1), options());
        Assert.Equal(first.Epochs.Select(epoch => epoch.Loss), second.Epochs.Select(epoch => epoch.Loss));
        AssertSame(fromLabels, fromTargets);
    }

    [Fact]
    public void Learns_a_regression()
    {
        Dataset data = Curve(200, seed: 1);
        RegressionNetwork network = new(seed: 1);
        Evaluation before = network.Evaluate(data);
        FitHistory history = network.Fit(data, new() { Epochs = 100, Optimizer = new Adam(0.02) });
        Evaluation after = network.Evaluate(data);
        Assert.True(history.Epochs[^1].Loss < 0.01 && after.Loss < 0.01 && before.Loss > 0.2, $"{before}; {after}");
        Assert.Null(after.Accuracy);
        Assert.True(after.MeanAbsoluteError < 0.1);
    }

    [Fact]
    public void Learns_in_double_precision()
    {
        // A linear function, which the network holds exactly.
        Random random = new(1);
        float[] features = Draw(random, 300), targets = new float[200];
        for (int row = 0; row < 100; row++)
        {
            targets[2 * row] = features[3 * row] - features[3 * row + 2] / 2;
            targets[2 * row + 1] = features[3 * row + 1] + 0.25f;
        }

        DoubleNetwork network = new(seed: 1);
        Dataset data = Dataset.FromTargets(features, 3, targets, 2);
        Adam optimizer = new(0.03);
        network.Fit(data, new() { Epochs = 60, Optimizer = optimizer });
        foreach (double rate in (double[])[1e-3, 1e-4])
        {
            optimizer.LearningRate = rate;
            network.Fit(data, new() { Epochs = 20, Optimizer = optimizer, Seed = 1 });
        }

        Assert.True(network.Evaluate(data).MeanAbsoluteError < 1e-3, $"{network.Evaluate(data)}");
        Assert.Equal(-0.5, network.Dense1.Weight[0, 2], 0.005);
        Assert.Equal(0.25, network.Dense1.Bias[1], 0.005);
    }

    [Fact]
    public void Learns_classes_from_labels_and_the_same_from_distributions()
    {
        (Dataset train, Dataset test) = Clusters(300, seed: 1).Split(0.8, seed: 1);
        float[] distributions = new float[train.Count * 3];
        for (int row = 0; row < train.Count; row++)
            distributions[row * 3 + train.Labels[row]] = 1;
        ClassesNetwork fromLabels = new(seed: 1), fromDistributions = new(seed: 1);
        FitOptions options() => new() { Epochs = 20, Optimizer = new Adam(0.01) };
        fromLabels.Fit(train, options());
        fromDistributions.Fit(Dataset.FromTargets(train.Features, 4, distributions, 3), options());

        Assert.True(fromLabels.Evaluate(test).Accuracy > 0.95, $"{fromLabels.Evaluate(test)}");
        AssertSame(fromLabels, fromDistributions);
    }

    [Fact]
    public void Optimizer_may_change_its_rate_in_the_middle_of_training()
    {
        Sgd optimizer = new(0.1);
        RegressionNetwork network = new(seed: 1);
        float[] afterFirst = [];
        network.Fit(Curve(64, seed: 2), new()
        {
            Epochs = 3,
            Optimizer = optimizer,
            Progress = new Reports(report =>
            {
                if (!report.IsEpochEnd || report.Epoch != 1)
                    return;
                optimizer.LearningRate = 0;
                afterFirst = network.Parameters.Span.ToArray();
            }),
        });
        Assert.Equal(afterFirst, network.Parameters.Span.ToArray());
        Assert.Equal(6, optimizer.Steps);
    }

    // ---- the loop ----

    [Fact]
    public void Steps_are_those_of_a_loop_by_hand()
    {
        // 10 rows in batches of 4: 4, 4 and 2.
        Dataset data = Curve(10, seed: 3);
        RegressionNetwork fitted = new(seed: 2), byHand = new(seed: 2);
        FitHistory history = fitted.Fit(data, new() { Epochs = 2, BatchSize = 4, Optimizer = new Sgd(0.1, 0.9), Seed = 5 });

        Sgd optimizer = new(0.1, 0.9);
        ParameterBuffer<float> gradients = byHand.CreateGradients();
        int[] order = new int[10];
        for (int epoch = 1; epoch <= 2; epoch++)
        {
            BatchOrder.Shuffle(order, 5, epoch);
            double sum = 0;
            foreach (int[] rows in order.Chunk(4))
            {
                Dataset batch = data.Select(rows);
                gradients.Clear();
                sum += byHand.Gradient(batch.Features, batch.Targets, gradients) * rows.Length;
                optimizer.Step(byHand.Parameters, gradients);
            }

            Assert.Equal(sum / 10, history.Epochs[epoch - 1].Loss, 1e-12);
            Assert.Equal(epoch, history.Epochs[epoch - 1].Epoch);
            Assert.Null(history.Epochs[epoch - 1].Validation);
            Assert.True(history.Epochs[epoch - 1].Duration > TimeSpan.Zero);
        }

        AssertSame(fitted, byHand);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(int.MaxValue)]
    public void A_batch_of_all_rows_or_more_is_one_step_an_epoch(int batchSize)
    {
        Dataset data = Curve(10, seed: 3);
        RegressionNetwork network = new(seed: 2), expected = new(seed: 2);
        Sgd optimizer = new(0.1);
        FitHistory history = network.Fit(data, new() { Epochs = 3, BatchSize = batchSize, Optimizer = optimizer });
        Assert.Equal(3, optimizer.Steps);

        expected.Fit(data, new() { Epochs = 3, BatchSize = 10, Optimizer = new Sgd(0.1) });
        Assert.Equal(expected.Parameters.Span.ToArray(), network.Parameters.Span.ToArray());
        Assert.True(history.Epochs[2].Loss < history.Epochs[0].Loss);
    }

    [Fact]
    public void No_epochs_change_nothing()
    {
        BinaryNetwork network = new(seed: 1), untouched = new(seed: 1);
        FitHistory history = network.Fit(ExclusiveOr, new() { Epochs = 0 });
        Assert.Empty(history.Epochs);
        Assert.Equal(StopReason.Completed, history.Reason);
        AssertSame(network, untouched);
    }

    [Fact]
    public void One_row_and_no_parameters_are_enough()
    {
        ParameterlessNetwork network = new();
        FitHistory history = network.Fit(Dataset.FromTargets([0, 1], 2, [0, 0], 2), new() { Epochs = 2 });
        double error = Math.Tanh(1);
        Assert.Equal(error * error / 4, history.Epochs[1].Loss, 1e-6);
    }

    [Fact]
    public void Default_options_are_10_epochs_of_Adam_in_batches_of_32()
    {
        Dataset data = Curve(70, seed: 4);
        RegressionNetwork byDefault = new(seed: 1), explicitly = new(seed: 1);
        Assert.Equal(10, byDefault.Fit(data).Epochs.Count);
        explicitly.Fit(data, new() { Epochs = 10, BatchSize = 32, Optimizer = new Adam(1e-3, 0.9, 0.999, 1e-8), Seed = 0 });
        AssertSame(byDefault, explicitly);
    }

    // ---- validation ----

    [Fact]
    public void A_validation_share_is_set_apart_and_never_trained_on()
    {
        Dataset data = Clusters(50, seed: 2);
        ClassesNetwork network = new(seed: 1), expected = new(seed: 1);
        FitHistory history = network.Fit(data, new() { Epochs = 3, ValidationSplit = 0.2, Seed = 7 });

        (Dataset train, Dataset validation) = data.Split(0.8, seed: 7);
        Assert.Equal((40, 10), (train.Count, validation.Count));
        FitHistory separate = expected.Fit(train, new() { Epochs = 3, ValidationData = validation, Seed = 7 });
        AssertSame(network, expected);
        Assert.Equal(separate.Epochs.Select(epoch => epoch.Validation), history.Epochs.Select(epoch => epoch.Validation));
        Assert.Equal(expected.Evaluate(validation), history.Epochs[^1].Validation);
        Assert.Equal(3, history.Epochs.Select(epoch => epoch.Validation!.Loss).Distinct().Count());
    }

    [Fact]
    public void Validation_has_no_part_in_training()
    {
        WideNetwork with = new(seed: 1), without = new(seed: 1);
        Dataset rows = Rows(32, seed: 3);
        with.Fit(rows, new() { Epochs = 2, ValidationData = Rows(20, seed: 4) });
        without.Fit(rows, new() { Epochs = 2 });
        AssertSame(with, without);
    }

    // ---- the same everywhere ----

    [Fact]
    public void A_seed_gives_the_same_weights_and_history_again()
    {
        (WideNetwork first, FitHistory firstHistory) = Train(seed: 3);
        (WideNetwork second, FitHistory secondHistory) = Train(seed: 3);
        (WideNetwork other, _) = Train(seed: 4);
        AssertSame(first, second);
        Assert.Equal(firstHistory.Epochs.Select(epoch => (epoch.Loss, epoch.Validation)), secondHistory.Epochs.Select(epoch => (epoch.Loss, epoch.Validation)));
        Assert.False(first.Parameters.Span.SequenceEqual(other.Parameters.Span));

        static (WideNetwork, FitHistory) Train(int seed)
        {
            WideNetwork network = new(seed: 1);
            return (network, network.Fit(Rows(100, seed: 1), new() { Epochs = 2, ValidationSplit = 0.1, Seed = seed, Threads = 2 }));
        }
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_weights()
    {
        // The last batch has rows for fewer shards than the others.
        Dataset data = Rows(3 * 128 + 37, seed: 1);
        WideNetwork expected = new(seed: 1);
        FitHistory history = expected.Fit(data, Options(1));
        foreach (int threads in (int[])[2, 3, 8])
        {
            WideNetwork network = new(seed: 1);
            Watched<float> watched = new(network);
            FitHistory other = watched.Fit(data, Options(threads));
            AssertSame(expected, network);
            Assert.Equal(history.Epochs.Select(epoch => epoch.Loss), other.Epochs.Select(epoch => epoch.Loss));
            // Otherwise there would be nothing to tell.
            Assert.Equal(2 * (3 * 4 + 2), watched.Passes);
        }

        static FitOptions Options(int threads) => new() { Epochs = 2, BatchSize = 128, Threads = threads, Optimizer = new AdamW(0.01) };
    }

    [Fact]
    public void Shards_together_are_the_batch()
    {
        Dataset data = Rows(128, seed: 1);
        WideNetwork network = new(seed: 1), whole = new(seed: 1);
        using Trainer<float> trainer = new(network, new Sgd(0.5), data, 128, threads: 2, seed: 9);
        double loss = trainer.Step([.. Enumerable.Range(0, 128)]);

        ParameterBuffer<float> gradients = whole.CreateGradients();
        double expected = whole.Gradient(data.Features, data.Labels, gradients, new RandomKey(9, 0));
        new Sgd(0.5).Step(whole.Parameters, gradients);
        Assert.Equal(expected, loss, 1e-6);
        Infrastructure.Near.Assert_<float>(
            Array.ConvertAll(whole.Parameters.Span.ToArray(), value => (double)value), network.Parameters.Span, 1e-6, "parameters");
    }

    // ---- endings ----

    [Fact]
    public void Cancelling_stops_after_the_step_at_hand()
    {
        using CancellationTokenSource cancellation = new();
        RegressionNetwork network = new(seed: 1);
        Sgd optimizer = new(0.1);
        List<FitProgress> reports = [];
        FitHistory history = network.Fit(
            Curve(40, seed: 1),
            new()
            {
                Epochs = int.MaxValue,
                BatchSize = 10,
                Optimizer = optimizer,
                Progress = new Reports(report =>
                {
                    reports.Add(report);
                    if (report is { Epoch: 3, Batch: 2 })
                        cancellation.Cancel();
                }),
            },
            cancellation.Token);

        Assert.Equal(StopReason.Cancelled, history.Reason);
        Assert.Equal([1, 2], history.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal(10, optimizer.Steps);
        AssertFinite(network);
        Assert.All(reports.SkipLast(1), report => Assert.Null(report.StoppedBy));
        FitProgress last = reports[^1];
        Assert.Equal((StopReason.Cancelled, 3, 2, 4, false), (last.StoppedBy, last.Epoch, last.Batch, last.Batches, last.IsEpochEnd));
        Assert.Equal(reports[^2].Loss, last.Loss);
    }

    [Fact]
    public void A_token_cancelled_before_changes_nothing()
    {
        RegressionNetwork network = new(seed: 1), untouched = new(seed: 1);
        List<FitProgress> reports = [];
        FitHistory history = network.Fit(Curve(10, seed: 1), new() { Progress = new Reports(reports.Add) }, new CancellationToken(canceled: true));
        Assert.Equal(StopReason.Cancelled, history.Reason);
        Assert.Empty(history.Epochs);
        AssertSame(network, untouched);
        FitProgress only = Assert.Single(reports);
        Assert.Equal((StopReason.Cancelled, 1, 0), (only.StoppedBy, only.Epoch, only.Batch));
        Assert.True(double.IsNaN(only.Loss));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_feature_that_is_no_number_stops_training_before_its_step(float value)
    {
        Dataset good = Curve(40, seed: 1);
        float[] features = good.Features.ToArray();
        features[3 * 17 + 1] = value;
        Dataset data = Dataset.FromTargets(features, 3, good.Targets, 2);
        RegressionNetwork network = new(seed: 1);
        // tanh makes 1 of infinity: the loss is finite, but the gradient of the weight is infinity times 0.
        Assert.Equal(float.IsInfinity(value), double.IsFinite(network.Evaluate(data).Loss));
        Sgd optimizer = new(0.1, 0.9);
        List<FitProgress> reports = [];
        FitHistory history = network.Fit(data, new() { BatchSize = 4, Optimizer = optimizer, Progress = new Reports(reports.Add) });
        Assert.Equal(StopReason.NonFiniteLoss, history.Reason);
        Assert.Empty(history.Epochs);
        Assert.Equal(reports[^1].Batch, optimizer.Steps);
        Assert.Equal(StopReason.NonFiniteLoss, reports[^1].StoppedBy);
        AssertFinite(network);
    }

    [Fact]
    public void A_target_that_is_no_number_stops_training()
    {
        RegressionNetwork network = new(seed: 1), untouched = new(seed: 1);
        FitHistory history = network.Fit(Dataset.FromTargets([1, 2, 3], 3, [1, float.NaN], 2));
        Assert.Equal(StopReason.NonFiniteLoss, history.Reason);
        AssertSame(network, untouched);
    }

    [Fact]
    public void A_gradient_beyond_all_numbers_stops_training_even_with_a_finite_loss()
    {
        // Input times weights is 1e34; but the gradient of the first weight, input times the second, is 1e40.
        SteepNetwork network = new();
        network.Dense1.Weight[0, 0] = 1e-6f;
        network.Dense2.Weight[0, 0] = 1e3f;
        float[] before = network.Parameters.Span.ToArray();
        Dataset data = Dataset.FromTargets([1e37f], 1, [0], 1);
        Assert.Equal(1e34, network.Evaluate(data).Loss, 1e28);
        Assert.Equal(StopReason.NonFiniteLoss, network.Fit(data).Reason);
        Assert.Equal(before, network.Parameters.Span.ToArray());
    }

    [Fact]
    public void A_learning_rate_beyond_reason_stops_training_with_finite_parameters()
    {
        foreach (Optimizer optimizer in (Optimizer[])[new Sgd(1e30), new Sgd(1e30, 0.9), new Adam(1e30), new AdamW(1e30, weightDecay: 0)])
        {
            RegressionNetwork regression = new(seed: 1);
            FitHistory history = regression.Fit(Curve(40, seed: 1), new() { Optimizer = optimizer });
            Assert.Equal(StopReason.NonFiniteLoss, history.Reason);
            AssertFinite(regression);
        }
    }

    [Fact]
    public void What_a_pass_throws_comes_out_and_the_threads_end()
    {
        foreach (int threads in (int[])[1, 2, 8])
        {
            foreach (int failing in (int[])[0, 1, 3])
            {
                WideNetwork network = new(seed: 1), untouched = new(seed: 1);
                Watched<float> watched = new(network, firstRow =>
                {
                    if (firstRow == failing * 32)
                        throw new InvalidTimeZoneException($"shard {failing}");
                });
                Exception error = Assert.Throws<InvalidTimeZoneException>(() => watched.Fit(Rows(128, seed: 1), new() { BatchSize = 128, Threads = threads }));
                Assert.Equal($"shard {failing}", error.Message);
                AssertSame(network, untouched);
                Assert.All(watched.Threads, thread => Assert.True(thread == Thread.CurrentThread || !thread.IsAlive));
            }
        }
    }

    [Fact]
    public void What_progress_throws_comes_out()
    {
        Assert.Throws<InvalidTimeZoneException>(() => new BinaryNetwork().Fit(
            ExclusiveOr, new() { Progress = new Reports(_ => throw new InvalidTimeZoneException()) }));
    }

    // ---- progress ----

    [Fact]
    public void Progress_hears_of_every_batch_once()
    {
        List<FitProgress> reports = [];
        FitHistory history = new RegressionNetwork(seed: 1).Fit(
            Curve(25, seed: 1), new() { Epochs = 2, BatchSize = 10, ValidationData = Curve(5, seed: 2), Progress = new Reports(reports.Add) });

        Assert.Equal(
            [(1, 1, false), (1, 2, false), (1, 3, true), (2, 1, false), (2, 2, false), (2, 3, true)],
            reports.Select(report => (report.Epoch, report.Batch, report.IsEpochEnd)));
        Assert.All(reports, report =>
        {
            Assert.Equal((2, 3), (report.Epochs, report.Batches));
            Assert.Null(report.StoppedBy);
            Assert.Equal(report.IsEpochEnd, report.Validation is not null);
            int rows = (report.Epoch - 1) * 25 + Math.Min(report.Batch * 10, 25);
            Assert.Equal(rows, report.RowsPerSecond * report.Elapsed.TotalSeconds, 1e-6 * rows);
            Assert.Equal((50 - rows) / report.RowsPerSecond, report.Remaining.TotalSeconds, 1e-6);
        });
        Assert.Equal(history.Epochs.Select(epoch => epoch.Loss), reports.Where(report => report.IsEpochEnd).Select(report => report.Loss));
        Assert.Equal(history.Epochs[1].Validation, reports[^1].Validation);
        Assert.Equal(reports.Select(report => report.Elapsed).Order(), reports.Select(report => report.Elapsed));
    }

    // ---- errors ----

    public static TheoryData<FitOptions, string> WrongOptions => new()
    {
        { new() { Epochs = -1 }, "Epochs ('-1') must be a non-negative value." },
        { new() { BatchSize = 0 }, "BatchSize ('0') must be a non-negative and non-zero value." },
        { new() { BatchSize = -5 }, "BatchSize ('-5') must be a non-negative and non-zero value." },
        { new() { Threads = 0 }, "Threads ('0') must be a non-negative and non-zero value." },
        { new() { Threads = -1 }, "Threads ('-1') must be a non-negative and non-zero value." },
        { new() { ValidationSplit = -0.5 }, "ValidationSplit is -0.5; it must be at least 0 and below 1." },
        { new() { ValidationSplit = 1 }, "ValidationSplit is 1; it must be at least 0 and below 1." },
        { new() { ValidationSplit = double.NaN }, "ValidationSplit is NaN; it must be at least 0 and below 1." },
        { new() { ValidationSplit = 0.5, ValidationData = ExclusiveOr }, "Set either ValidationSplit, a share of the rows, or ValidationData, rows of their own." },
        { new() { ValidationSplit = 0.01 }, "A validation split of 0.01 of 4 rows leaves none on one side: use more rows or another share." },
        { new() { ValidationSplit = 0.99 }, "A validation split of 0.99 of 4 rows leaves none on one side: use more rows or another share." },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void Wrong_options_are_refused(FitOptions options, string message)
    {
        BinaryNetwork network = new(seed: 1), untouched = new(seed: 1);
        Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(() => network.Fit(ExclusiveOr, options)).Message, StringComparison.Ordinal);
        AssertSame(network, untouched);
    }

    [Fact]
    public void Data_that_does_not_fit_is_refused()
    {
        Dataset labels = Dataset.FromLabels([1, 2, 3], 3, [1]), targets = Dataset.FromTargets([1, 2, 3], 3, [1, 2], 2);
        Refused(new RegressionNetwork(), labels, "RegressionNetwork has Loss.MeanSquaredError, which needs target values, but the dataset has class labels.");
        Refused(new RegressionNetwork(), Dataset.FromFeatures([1, 2, 3], 3), "The dataset has neither labels nor targets to learn from.");
        Refused(new RegressionNetwork(), ExclusiveOr, "RegressionNetwork takes 3 inputs, but the rows of the dataset have 2.");
        Refused(new RegressionNetwork(), Dataset.FromTargets([1, 2, 3], 3, [1], 1), "RegressionNetwork has 2 outputs, but the rows of the dataset have 1 targets.");
        Refused(
            new ClassesNetwork(), Dataset.FromLabels([1, 2, 3, 4], 4, [3]),
            "The dataset has 4 classes, but ClassesNetwork has 3 outputs: give its last layer 4 units.");
        Refused(
            new BinaryNetwork(), Dataset.FromLabels([1, 2], 2, [2]),
            "BinaryNetwork has one output, which tells two classes apart, but the dataset has 3: use Loss.SoftmaxCrossEntropy.");
        Refused(new QuestionsNetwork(), labels, "QuestionsNetwork has Loss.BinaryCrossEntropy, which needs target values, but the dataset has class labels.");
        foreach (float target in (float[])[-1, 1.5f, float.NaN])
        {
            Refused(
                new QuestionsNetwork(), Dataset.FromTargets([1, 2, 3, 4, 5, 6], 3, [0, 1, 0.5f, 0, target, 1], 3),
                FormattableString.Invariant($"Target 1 of row 1 is {target}, but Loss.BinaryCrossEntropy takes probabilities: targets from 0 to 1."));
        }

        InvalidOperationException none = Assert.Throws<InvalidOperationException>(() => new PlainNetwork().Fit(targets));
        Assert.Equal("PlainNetwork has no loss to train or evaluate with: set Loss on [Network].", none.Message);
        Assert.Throws<InvalidOperationException>(() => new PlainNetwork().Evaluate(targets));
        Assert.Throws<ArgumentNullException>("data", () => new PlainNetwork().Fit(null!));
        Assert.Throws<ArgumentNullException>("data", () => new PlainNetwork().Evaluate(null!));
        Assert.Throws<ArgumentNullException>("network", () => ((PlainNetwork)null!).Fit(targets));
        Assert.Throws<ArgumentNullException>("network", () => ((PlainNetwork)null!).Evaluate(targets));

        static void Refused<T>(INetwork<T> network, Dataset data, string message)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => network.Fit(data)).Message);
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => network.Evaluate(data)).Message);
        }
    }

    [Fact]
    public void Validation_data_that_does_not_fit_is_refused_before_training()
    {
        RegressionNetwork network = new(seed: 1), untouched = new(seed: 1);
        Assert.Throws<ArgumentException>(() => network.Fit(Curve(5, seed: 1), new() { ValidationData = ExclusiveOr }));
        AssertSame(network, untouched);
    }

    [Fact]
    public void An_optimizer_of_another_network_is_refused()
    {
        Adam optimizer = new();
        new BinaryNetwork().Fit(ExclusiveOr, new() { Epochs = 1, Optimizer = optimizer });
        Assert.Throws<InvalidOperationException>(() => new BinaryNetwork().Fit(ExclusiveOr, new() { Epochs = 1, Optimizer = optimizer }));
    }

    private static void AssertSame<T>(INetwork<T> expected, INetwork<T> actual)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Assert.Equal(expected.Parameters.Span.ToArray(), actual.Parameters.Span.ToArray());

    private static void AssertFinite(RegressionNetwork network) => Assert.All(network.Parameters.Span.ToArray(), value => Assert.True(float.IsFinite(value)));

    private static float[] Draw(Random random, int count)
    {
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = 2 * random.NextSingle() - 1;
        return values;
    }

    private static Dataset Curve(int rows, int seed)
    {
        float[] features = Draw(new Random(seed), 3 * rows), targets = new float[2 * rows];
        for (int row = 0; row < rows; row++)
        {
            targets[2 * row] = features[3 * row] * features[3 * row + 1];
            targets[2 * row + 1] = MathF.Sin(2 * features[3 * row + 2]);
        }

        return Dataset.FromTargets(features, 3, targets, 2);
    }

    private static Dataset Clusters(int rows, int seed)
    {
        float[] features = Draw(new Random(seed), 4 * rows);
        int[] labels = [.. Enumerable.Range(0, rows).Select(row => row % 3)];
        for (int row = 0; row < rows; row++)
            features[4 * row + labels[row]] += 2;
        return Dataset.FromLabels(features, 4, labels);
    }

    internal static Dataset Rows(int rows, int seed) =>
        Dataset.FromLabels(Draw(new Random(seed), 48 * rows), 48, [.. Enumerable.Range(0, rows).Select(row => row * 7 % 5)]);
}
