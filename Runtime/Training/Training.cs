using System.Diagnostics;
using System.Numerics;

namespace NetGen;

/// <summary>The training loop.</summary>
public static class Training
{
    // 30 years in seconds: the number of epochs may be any, a TimeSpan ends.
    private const double MaxEstimate = 1e9;

    /// <summary>Trains a network on a dataset.</summary>
    /// <param name="network">The network; its parameters change.</param>
    /// <param name="data">Rows with labels or targets.</param>
    /// <param name="options">How; the defaults unless given.</param>
    /// <param name="cancellation">Stops training after the step at hand; the history says so, and nothing is thrown.</param>
    /// <returns>
    /// The loss and validation of each epoch, and why training ended. Where it ended because numbers were not finite and there is no
    /// <see cref="FitOptions.Progress"/> to tell, a line on the console's error output says so.
    /// </returns>
    /// <exception cref="ArgumentException">Data or options do not fit the network; a learning rate beyond its precision does not either.</exception>
    /// <exception cref="InvalidOperationException">The network has no loss, or the optimizer holds the state of another network.</exception>
    public static FitHistory Fit<T>(this INetwork<T> network, Dataset data, FitOptions? options = null, CancellationToken cancellation = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new FitOptions();
        options.Validate(data.Count);
        Dataset given = data;
        Dataset? validation = options.ValidationData;
        if (options.ValidationSplit > 0)
            (data, validation) = data.Split(1 - options.ValidationSplit, options.Seed);
        if (validation is not null)
            RowTargets.UseLabels(network.Info, validation);
        try
        {
            return Fit(network, data, validation, options, cancellation);
        }
        catch (ArgumentOutOfRangeException exception) when (EmbeddingErrors.IsOne(exception))
        {
            // Rows come shuffled and divided: the user's own data has them in an order that tells something.
            ArgumentOutOfRangeException? found = EmbeddingErrors.Find(network, given, "the dataset");
            if (found is null && options.ValidationData is { } other)
                found = EmbeddingErrors.Find(network, other, "the validation data");
            if (found is not null)
                throw found;
            throw;
        }
    }

    private static FitHistory Fit<T>(INetwork<T> network, Dataset data, Dataset? validation, FitOptions options, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A batch size above the rows, int.MaxValue too, means all of them.
        int batchSize = Math.Min(options.BatchSize, data.Count), batches = BatchesOf(network.Info, data.Count, batchSize);
        // The last batch is smaller, or larger by the rows that are too few for a batch of their own.
        int largestBatch = Math.Max(batchSize, data.Count - (batches - 1) * batchSize);
        string? notice = network.Info.OptimizationNotice;
        int[] order = new int[data.Count];
        List<EpochResult> epochs = [];
        Stopwatch watch = Stopwatch.StartNew();
        using Trainer<T> trainer = new(
            network, options.Optimizer ?? new Adam(), data, largestBatch, options.Threads ?? Environment.ProcessorCount, options.Seed);
        for (int epoch = 1; epoch <= options.Epochs; epoch++)
        {
            TimeSpan start = watch.Elapsed;
            double sum = 0;
            BatchOrder.Shuffle(order, options.Seed, epoch);
            for (int batch = 0; batch < batches; batch++)
            {
                int first = batch * batchSize, rows = batch < batches - 1 ? batchSize : data.Count - first;
                if (cancellation.IsCancellationRequested)
                    return Stop(StopReason.Cancelled, epoch, batch, sum / first);
                double loss = trainer.Step(order.AsSpan(first, rows));
                if (!double.IsFinite(loss))
                    return Stop(StopReason.NonFiniteLoss, epoch, batch, sum / first);
                if (!trainer.HasFiniteParameters)
                    return Stop(StopReason.NonFiniteParameters, epoch, batch, sum / first);
                sum += loss * rows;
                if (batch < batches - 1)
                    Report(Progress(epoch, batch + 1, sum / (first + rows)));
            }

            Evaluation? result = validation is null ? null : new Evaluator<T>(network, validation).Run(options.Threads ?? Environment.ProcessorCount);
            epochs.Add(new(epoch, sum / data.Count, result, watch.Elapsed - start));
            Report(Progress(epoch, batches, sum / data.Count) with { Validation = result, IsEpochEnd = true });
            if (result is not null && !double.IsFinite(result.Loss))
                return Stop(StopReason.NonFiniteValidation, epoch, batches, sum / data.Count);
            trainer.Keep();
        }

        return new(epochs, StopReason.Completed);

        FitHistory Stop(StopReason reason, int epoch, int batch, double loss)
        {
            if (options.Progress is not null)
                Report(Progress(epoch, batch, loss) with { StoppedBy = reason });
            else if (reason != StopReason.Cancelled)
            {
                Console.Error.WriteLine(
                    $"{network.Info.Name}: training stopped in epoch {epoch} after batch {batch} of {batches}: {reason.InWords()}. {reason.Remedy()}");
            }

            return new(epochs, reason);
        }

        void Report(FitProgress progress)
        {
            options.Progress?.Report(progress with { Notice = notice });
            notice = null;
        }

        FitProgress Progress(int epoch, int batch, double loss)
        {
            TimeSpan elapsed = watch.Elapsed;
            double done = (epoch - 1d) * data.Count + (batch < batches ? (double)batch * batchSize : data.Count), all = (double)options.Epochs * data.Count;
            double rate = done / Math.Max(elapsed.TotalSeconds, 1e-9);
            TimeSpan remaining = TimeSpan.FromSeconds(Math.Min((all - done) / rate, MaxEstimate));
            return new(epoch, options.Epochs, batch, batches, loss, null, elapsed, rate, remaining);
        }
    }

    private static int BatchesOf(NetworkInfo info, int rows, int batchSize)
    {
        if (batchSize < info.MinBatchSize)
        {
            throw new ArgumentException(
                $"{info.Name} has batch normalization of single values, which one row has no variance for: set BatchSize to 2 or more, such as 32, and give at least 2 rows.");
        }

        int batches = (rows - 1) / batchSize + 1, last = rows - (batches - 1) * batchSize;
        return last < info.MinBatchSize ? batches - 1 : batches;
    }

    /// <summary>Measures a network on a dataset, without dropout and with running statistics, on several threads.</summary>
    /// <param name="network">The network.</param>
    /// <param name="data">Rows with labels or targets.</param>
    /// <param name="threads">Threads to compute on; all processors unless given. The result does not depend on it.</param>
    /// <returns>The mean loss, and the accuracy or the mean absolute error.</returns>
    /// <exception cref="ArgumentException">The data does not fit the network.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is not positive.</exception>
    /// <exception cref="InvalidOperationException">The network has no loss.</exception>
    public static Evaluation Evaluate<T>(this INetwork<T> network, Dataset data, int? threads = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads ?? 1, nameof(threads));
        try
        {
            return new Evaluator<T>(network, data).Run(threads ?? Environment.ProcessorCount);
        }
        catch (ArgumentOutOfRangeException exception) when (EmbeddingErrors.IsOne(exception))
        {
            if (EmbeddingErrors.Find(network, data, "the dataset") is { } found)
                throw found;
            throw;
        }
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
