namespace NetGen.Tests.Numerics.Reference;

/// <summary>
/// Elements in groups, each group normalized to mean 0 and variance 1, then scaled and shifted. The scale is parameter
/// tensor <c>first</c>, the shift the one after it; within them, an element has its own number.
/// </summary>
internal abstract class NormalizationStep(int first, double epsilon) : ReferenceUnaryStep
{
    protected double Epsilon => epsilon;

    protected override double[] Forward(double[] x, ReferencePass pass)
    {
        double[] y = new double[x.Length];
        foreach ((int[] group, int number) in Groups(x.Length).Select((group, number) => (group, number)))
        {
            (double mean, double variance) = Statistics(x, group, number, pass);
            foreach (int i in group)
            {
                double normalized = (x[i] - mean) / Math.Sqrt(variance + epsilon);
                y[i] = pass.Parameters[first][Number(i)] * normalized + pass.Parameters[first + 1][Number(i)];
            }
        }

        return y;
    }

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        foreach ((int[] group, int number) in Groups(x.Length).Select((group, number) => (group, number)))
        {
            (double mean, double variance) = Statistics(x, group, number, pass);
            double deviation = Math.Sqrt(variance + epsilon);
            double[] normalized = [.. group.Select(i => (x[i] - mean) / deviation)];
            double[] d = [.. group.Select(i => dy[i] * pass.Parameters[first][Number(i)])];

            // Through the element itself, through the mean, and through the deviation.
            double throughMean = d.Average(), throughDeviation = d.Zip(normalized, (a, b) => a * b).Average();
            for (int k = 0; k < group.Length; k++)
            {
                int i = group[k];
                dx[i] += (d[k] - throughMean - normalized[k] * throughDeviation) / deviation;
                gradients[first][Number(i)] += dy[i] * normalized[k];
                gradients[first + 1][Number(i)] += dy[i];
            }
        }
    }

    /// <summary>The elements of a batch of so many that are normalized together.</summary>
    protected abstract IEnumerable<int[]> Groups(int count);

    /// <summary>Which scale and shift element i has.</summary>
    protected abstract int Number(int i);

    /// <summary>The mean and (biased) variance by which a group is normalized.</summary>
    protected virtual (double Mean, double Variance) Statistics(double[] x, int[] group, int number, ReferencePass pass)
    {
        double mean = group.Average(i => x[i]);
        return (mean, group.Average(i => (x[i] - mean) * (x[i] - mean)));
    }
}

/// <summary>
/// Normalization of each channel over the batch and its positions. The running means are buffer <c>firstBuffer</c>, the
/// running variances the one after it.
/// </summary>
internal sealed class BatchNormalizationStep(
    int channels, int positions, int first, int firstBuffer, double momentum, double epsilon) : NormalizationStep(first, epsilon)
{
    /// <summary>Moves the running statistics in <paramref name="buffers"/> towards those of the batch x.</summary>
    public void UpdateRunning(double[] x, double[][] buffers, ReferencePass training)
    {
        foreach ((int[] group, int channel) in Groups(x.Length).Select((group, channel) => (group, channel)))
        {
            // The running variance is the unbiased estimate; the batch's own is not. One value has no unbiased estimate (PyTorch refuses
            // it): the batch's own is taken, which is 0.
            (double mean, double variance) = Statistics(x, group, channel, training);
            double unbiased = group.Length > 1 ? variance * group.Length / (group.Length - 1) : variance;
            Move(ref buffers[firstBuffer][channel], mean);
            Move(ref buffers[firstBuffer + 1][channel], unbiased);
        }

        void Move(ref double running, double value) => running = (1 - momentum) * running + momentum * value;
    }

    protected override IEnumerable<int[]> Groups(int count) =>
        from channel in Enumerable.Range(0, channels)
        select (from row in Enumerable.Range(0, count / (channels * positions))
                from position in Enumerable.Range(0, positions)
                select (row * channels + channel) * positions + position).ToArray();

    protected override int Number(int i) => i / positions % channels;

    protected override (double Mean, double Variance) Statistics(double[] x, int[] group, int number, ReferencePass pass) =>
        pass.Training
            ? base.Statistics(x, group, number, pass)
            : (pass.Buffers[firstBuffer][number], pass.Buffers[firstBuffer + 1][number]);
}

/// <summary>Normalization of each row.</summary>
internal sealed class LayerNormalizationStep(int width, int first, double epsilon) : NormalizationStep(first, epsilon)
{
    protected override IEnumerable<int[]> Groups(int count) =>
        Enumerable.Range(0, count / width).Select(row => Enumerable.Range(row * width, width).ToArray());

    protected override int Number(int i) => i % width;
}

/// <summary>Normalization of groups of channels of each row; each channel has its own scale and shift.</summary>
internal sealed class GroupNormalizationStep(int channels, int positions, int groups, int first, double epsilon) : NormalizationStep(first, epsilon)
{
    private readonly int _length = channels % groups == 0
        ? channels / groups * positions
        : throw new ArgumentException($"{channels} channels cannot be divided into {groups} groups.");

    protected override IEnumerable<int[]> Groups(int count) =>
        Enumerable.Range(0, count / _length).Select(group => Enumerable.Range(group * _length, _length).ToArray());

    protected override int Number(int i) => i / positions % channels;
}

/// <summary>Division of each row by its root mean square, then scaling by parameter tensor <c>first</c>.</summary>
internal sealed class RootMeanSquareStep(int width, int first, double epsilon) : ReferenceUnaryStep
{
    protected override double[] Forward(double[] x, ReferencePass pass)
    {
        double[] y = new double[x.Length];
        for (int row = 0; row < x.Length / width; row++)
        {
            double root = RootMeanSquare(x, row);
            for (int i = 0; i < width; i++)
                y[row * width + i] = pass.Parameters[first][i] * x[row * width + i] / root;
        }

        return y;
    }

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        for (int row = 0; row < x.Length / width; row++)
        {
            double root = RootMeanSquare(x, row), throughRoot = 0;
            for (int i = 0; i < width; i++)
                throughRoot += dy[row * width + i] * pass.Parameters[first][i] * x[row * width + i] / root / width;
            for (int i = 0; i < width; i++)
            {
                int at = row * width + i;
                dx[at] += (dy[at] * pass.Parameters[first][i] - x[at] / root * throughRoot) / root;
                gradients[first][i] += dy[at] * x[at] / root;
            }
        }
    }

    private double RootMeanSquare(double[] x, int row)
    {
        double sum = 0;
        for (int i = row * width; i < (row + 1) * width; i++)
            sum += x[i] * x[i];
        return Math.Sqrt(sum / width + epsilon);
    }
}
