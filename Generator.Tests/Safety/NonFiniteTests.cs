using NetGen.Tests.TrainingLoop;
using Xunit;

namespace NetGen.Tests.Safety;

/// <summary>Numbers that are none never pass for a training that went well.</summary>
public class NonFiniteTests
{
    [Fact]
    public void Weights_that_the_last_step_makes_infinite_end_no_training_as_completed()
    {
        // One step: the rate is finite, but its correction at the first step makes it 1e39.
        RegressionNetwork network = new(seed: 1), untouched = new(seed: 1);
        List<FitProgress> reports = [];
        FitHistory history = network.Fit(Data(4), new() { Epochs = 1, Optimizer = new Adam(1e38), Progress = new Reports(reports.Add) });
        Assert.Equal(StopReason.NonFiniteParameters, history.Reason);
        Assert.Equal(StopReason.NonFiniteParameters, reports[^1].StoppedBy);
        Assert.Empty(history.Epochs);
        Assert.Equal(untouched.Parameters.Span.ToArray(), network.Parameters.Span.ToArray());
    }

    [Fact]
    public void The_parameters_of_the_epoch_before_come_back()
    {
        RegressionNetwork network = new(seed: 1);
        Adam optimizer = new(0.01);
        float[] kept = [];
        FitHistory history = network.Fit(Data(8), new()
        {
            Epochs = 3,
            BatchSize = 2,
            Optimizer = optimizer,
            Progress = new Reports(progress =>
            {
                if (progress is { Epoch: 2, IsEpochEnd: true })
                    kept = network.Parameters.Span.ToArray();
                if (progress is { Epoch: 3, Batch: 1 })
                    optimizer.LearningRate = 3e38;
            }),
        });
        Assert.Equal(StopReason.NonFiniteParameters, history.Reason);
        Assert.Equal(2, history.Epochs.Count);
        Assert.Equal(kept, network.Parameters.Span.ToArray());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_step_tells_whether_all_parameters_are_finite(float value)
    {
        Func<Optimizer>[] optimizers = [() => new Sgd(1), () => new Sgd(1, 0.5), () => new Sgd(1, 0.5, nesterov: true), () => new Adam(), () => new AdamW()];
        foreach (Func<Optimizer> create in optimizers)
        {
            foreach (int place in (int[])[0, 31, 32, 47])
            {
                ParameterBuffer<float> parameters = new(48, 32), gradients = new(48, 32);
                Optimizer optimizer = create();
                Assert.True(optimizer.Step(parameters, gradients));
                parameters.Span[place] = value;
                Assert.False(optimizer.Step(parameters, gradients));
            }
        }
    }

    [Fact]
    public void Rates_beyond_single_precision_are_refused_where_the_network_has_it()
    {
        RegressionNetwork network = new(seed: 1);
        float[] before = network.Parameters.Span.ToArray();
        ArgumentException error = Assert.Throws<ArgumentException>(() => network.Fit(Data(4), new() { Optimizer = new Sgd(1e39) }));
        Assert.Contains("A learning rate of 1E+39 is beyond single precision", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Sgd(1e39).Step(network.Parameters, network.CreateGradients()));
        Assert.Equal(before, network.Parameters.Span.ToArray());
        Assert.True(new Sgd(1e39).Step(new ParameterBuffer<double>(16), new ParameterBuffer<double>(16)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Validation_data_that_are_no_numbers_are_reported(bool inTargets)
    {
        float[] features = Features(4), targets = Targets(4);
        (inTargets ? targets : features)[3] = float.NaN;
        RegressionNetwork network = new(seed: 1);
        List<FitProgress> reports = [];
        FitHistory history = network.Fit(
            Data(8), new() { Epochs = 5, ValidationData = Dataset.FromTargets(features, 3, targets, 2), Progress = new Reports(reports.Add) });
        Assert.Equal(StopReason.NonFiniteValidation, history.Reason);
        Assert.Equal(double.NaN, Assert.Single(history.Epochs).Validation!.Loss);
        Assert.Equal((StopReason.NonFiniteValidation, 1), (reports[^1].StoppedBy, reports[^1].Epoch));
    }

    [Fact]
    public void Without_a_progress_an_end_that_is_none_is_told_on_the_console()
    {
        Dataset data = Dataset.FromTargets([1, 2, 3, float.NaN, 2, 1], 3, [1, 1, 1, 1], 2);
        string nonFinite = Errors(() => new RegressionNetwork().Fit(data, new() { BatchSize = 1 }));
        Assert.Contains("RegressionNetwork: training stopped in epoch 1 after batch ", nonFinite, StringComparison.Ordinal);
        Assert.Contains(" of 2: the loss or a gradient is not finite. Lower the learning rate, scale the inputs", nonFinite, StringComparison.Ordinal);

        Assert.Contains(
            "a step made a parameter infinite",
            Errors(() => new RegressionNetwork().Fit(Data(4), new() { Optimizer = new Adam(1e38) })), StringComparison.Ordinal);
        Dataset validation = Dataset.FromTargets([1, 2, float.NaN], 3, [1, 1], 2);
        Assert.Contains(
            "the loss over the validation data is not finite. Look for NaN",
            Errors(() => new RegressionNetwork().Fit(Data(4), new() { ValidationData = validation })), StringComparison.Ordinal);
        Assert.DoesNotContain("Completed", Errors(() => new RegressionNetwork().Fit(Data(4))), StringComparison.Ordinal);
    }

    // Other tests may write there at the same time; what is looked for is told by the name.
    private static string Errors(Action action)
    {
        TextWriter before = Console.Error;
        using StringWriter writer = new();
        Console.SetError(TextWriter.Synchronized(writer));
        try
        {
            action();
        }
        finally
        {
            Console.SetError(before);
        }

        return writer.ToString();
    }

    private static Dataset Data(int rows) => Dataset.FromTargets(Features(rows), 3, Targets(rows), 2);

    private static float[] Features(int rows) => [.. Enumerable.Range(0, rows * 3).Select(i => i % 7 / 7f)];

    private static float[] Targets(int rows) => [.. Enumerable.Range(0, rows * 2).Select(i => i % 5 / 5f)];
}
