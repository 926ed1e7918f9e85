using System.Diagnostics;
using System.Numerics;

namespace NetGen;

/// <summary>The training loop.</summary>
public static class Training
{
    // Rows evaluated at a time, so that evaluating does not copy a whole dataset.
    private const int EvaluationRows = 256;

    // 30 years in seconds: who trains until cancelled asks for epochs without end, and a TimeSpan has one.
    private const double LongestEstimate = 1e9;

    /// <summary>Trains a network on a dataset.</summary>
    /// <param name="network">The network; its parameters change.</param>
    /// <param name="data">Rows with labels or targets.</param>
    /// <param name="options">How; the defaults unless given.</param>
    /// <param name="cancellation">Stops training after the step at hand; the history says so, and nothing is thrown.</param>
    /// <returns>The loss and validation of each epoch, and why training ended.</returns>
    /// <exception cref="ArgumentException">Data or options do not fit the network.</exception>
    /// <exception cref="InvalidOperationException">The network has no loss, or the optimizer holds the state of another network.</exception>
    public static FitHistory Fit<T>(this INetwork<T> network, Dataset data, FitOptions? options = null, CancellationToken cancellation = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new FitOptions();
        options.Validate(data.Count);
        Dataset? validation = options.ValidationData;
        if (options.ValidationSplit > 0)
            (data, validation) = data.Split(1 - options.ValidationSplit, options.Seed);
        if (validation is not null)
            RowTargets.UseLabels(network.Info, validation);

        // A batch size above the rows, int.MaxValue too, means all of them.
        int batchSize = Math.Min(options.BatchSize, data.Count), batches = (data.Count - 1) / batchSize + 1;
        int[] order = new int[data.Count];
        List<EpochResult> epochs = [];
        Stopwatch watch = Stopwatch.StartNew();
        using Trainer<T> trainer = new(
            network, options.Optimizer ?? new Adam(), data, batchSize, options.Threads ?? Environment.ProcessorCount, options.Seed);
        for (int epoch = 1; epoch <= options.Epochs; epoch++)
        {
            TimeSpan start = watch.Elapsed;
            double sum = 0;
            BatchOrder.Shuffle(order, options.Seed, epoch);
            for (int batch = 0; batch < batches; batch++)
            {
                int first = batch * batchSize, rows = Math.Min(batchSize, data.Count - first);
                if (cancellation.IsCancellationRequested)
                    return Stop(StopReason.Cancelled, epoch, batch, sum / first);
                double loss = trainer.Step(order.AsSpan(first, rows));
                if (!double.IsFinite(loss))
                    return Stop(StopReason.NonFiniteLoss, epoch, batch, sum / first);
                sum += loss * rows;
                if (batch < batches - 1)
                    options.Progress?.Report(Progress(epoch, batch + 1, sum / (first + rows)));
            }

            Evaluation? result = validation is null ? null : network.Evaluate(validation);
            epochs.Add(new(epoch, sum / data.Count, result, watch.Elapsed - start));
            options.Progress?.Report(Progress(epoch, batches, sum / data.Count) with { Validation = result, IsEpochEnd = true });
        }

        return new(epochs, StopReason.Completed);

        FitHistory Stop(StopReason reason, int epoch, int batch, double loss)
        {
            options.Progress?.Report(Progress(epoch, batch, loss) with { StoppedBy = reason });
            return new(epochs, reason);
        }

        FitProgress Progress(int epoch, int batch, double loss)
        {
            TimeSpan elapsed = watch.Elapsed;
            double done = (epoch - 1d) * data.Count + Math.Min((double)batch * batchSize, data.Count), all = (double)options.Epochs * data.Count;
            double rate = done / Math.Max(elapsed.TotalSeconds, 1e-9);
            TimeSpan remaining = TimeSpan.FromSeconds(Math.Min((all - done) / rate, LongestEstimate));
            return new(epoch, options.Epochs, batch, batches, loss, null, elapsed, rate, remaining);
        }
    }

    /// <summary>Measures a network on a dataset, without dropout and with running statistics.</summary>
    /// <param name="network">The network.</param>
    /// <param name="data">Rows with labels or targets.</param>
    /// <returns>The mean loss, and the accuracy or the mean absolute error.</returns>
    /// <exception cref="ArgumentException">The data does not fit the network.</exception>
    /// <exception cref="InvalidOperationException">The network has no loss.</exception>
    public static Evaluation Evaluate<T>(this INetwork<T> network, Dataset data)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        NetworkInfo info = network.Info;
        bool usesLabels = RowTargets.UseLabels(info, data);
        int most = Math.Min(EvaluationRows, data.Count);
        T[] inputs = new T[most * info.InputSize], outputs = new T[most * info.OutputSize], targets = new T[usesLabels ? 0 : most * info.OutputSize];
        int[] labels = new int[usesLabels ? most : 0], rows = new int[most];
        double loss = 0, correct = 0, error = 0;
        for (int first = 0; first < data.Count; first += most)
        {
            int count = Math.Min(most, data.Count - first);
            for (int i = 0; i < count; i++)
                rows[i] = first + i;
            Span<T> x = inputs.AsSpan(0, count * info.InputSize), y = outputs.AsSpan(0, count * info.OutputSize);
            Span<T> t = usesLabels ? default : targets.AsSpan(0, count * info.OutputSize);
            Span<int> classes = usesLabels ? labels.AsSpan(0, count) : default;
            data.CopyFeatures(rows.AsSpan(0, count), x);
            if (usesLabels)
                data.CopyLabels(rows.AsSpan(0, count), classes);
            else
                RowTargets.Copy(info, data, rows.AsSpan(0, count), t);

            loss += network.Train(new TrainingPass<T> { Inputs = x, Targets = t, Labels = classes, Scale = T.One, UseRunningStatistics = true });
            network.Predict(x, y);
            switch (info.Loss)
            {
                case Loss.SoftmaxCrossEntropy:
                    for (int i = 0; i < count; i++)
                        correct += ArgMax(y.Slice(i * info.OutputSize, info.OutputSize)) == (usesLabels ? classes[i] : ArgMax(t.Slice(i * info.OutputSize, info.OutputSize))) ? 1 : 0;
                    break;
                case Loss.BinaryCrossEntropy:
                    for (int i = 0; i < y.Length; i++)
                        correct += (double.CreateTruncating(y[i]) > 0.5) == (double.CreateTruncating(t[i]) > 0.5) ? 1d / info.OutputSize : 0;
                    break;
                default:
                    for (int i = 0; i < y.Length; i++)
                        error += Math.Abs(double.CreateTruncating(y[i] - t[i])) / info.OutputSize;
                    break;
            }
        }

        bool classifies = info.Loss is Loss.SoftmaxCrossEntropy or Loss.BinaryCrossEntropy;
        return new(loss / data.Count, classifies ? correct / data.Count : null, classifies ? null : error / data.Count);
    }

    /// <summary>The index of the largest value; the first of equals.</summary>
    /// <param name="values">One row of outputs: its class.</param>
    public static int ArgMax<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int largest = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[largest])
                largest = i;
        }

        return largest;
    }
}
