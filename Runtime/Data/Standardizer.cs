namespace NetGen;

/// <summary>
/// Shifts and scales each feature, or each target, to mean 0 and standard deviation 1. Fit it on the training rows alone and use
/// it for every row the network sees. Immutable, so any number of threads may share it.
/// </summary>
/// <remarks>
/// Targets have a standardizer of their own: <see cref="FitTargets"/>, then <see cref="TransformTargets"/> for the rows that the
/// network learns from and is evaluated on, then <see cref="InverseTransform"/> for its predictions.
/// </remarks>
public sealed class Standardizer
{
    private readonly double[] _mean;
    private readonly double[] _deviation;

    /// <summary>Makes a standardizer from the numbers of an earlier one. Copies them.</summary>
    /// <param name="mean">[InputSize] finite numbers.</param>
    /// <param name="deviation">[InputSize] finite numbers above 0.</param>
    /// <exception cref="ArgumentException">The spans are empty, differ in length, or hold other numbers.</exception>
    public Standardizer(ReadOnlySpan<double> mean, ReadOnlySpan<double> deviation)
    {
        if (mean.IsEmpty || mean.Length != deviation.Length)
            throw new ArgumentException($"There are {mean.Length} means and {deviation.Length} deviations; each feature needs one of both.", nameof(deviation));
        for (int i = 0; i < mean.Length; i++)
        {
            if (!double.IsFinite(mean[i]) || !double.IsFinite(deviation[i]) || deviation[i] <= 0)
                throw new ArgumentException(FormattableString.Invariant($"Feature {i} has mean {mean[i]} and deviation {deviation[i]}; both must be finite, and the deviation above 0."), nameof(deviation));
        }

        _mean = mean.ToArray();
        _deviation = deviation.ToArray();
    }

    /// <summary>The features of a row, or its targets.</summary>
    public int InputSize => _mean.Length;

    /// <summary>[InputSize]: the mean of each feature, in its unit.</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>
    /// [InputSize]: the standard deviation of each feature, in its unit: the root of the mean squared distance from the mean
    /// (divided by the number of rows). 1 for a constant feature, which so becomes 0.
    /// </summary>
    public ReadOnlySpan<double> Deviation => _deviation;

    /// <summary>
    /// Computes mean and deviation of each feature in double precision and one pass (Welford, "Note on a method for
    /// calculating corrected sums of squares and products", 1962).
    /// </summary>
    /// <param name="data">The training rows.</param>
    /// <exception cref="ArgumentException">A feature is NaN or infinite.</exception>
    public static Standardizer Fit(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Fit(data.Features, data.InputSize, "Feature");
    }

    /// <summary>Computes mean and deviation of each target, as <see cref="Fit(Dataset)"/> does for features.</summary>
    /// <param name="data">The training rows, with targets.</param>
    /// <returns>A standardizer whose <see cref="InputSize"/> is the targets of a row.</returns>
    /// <exception cref="ArgumentException">The rows have no targets, or one is NaN or infinite.</exception>
    public static Standardizer FitTargets(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.TargetSize == 0)
            throw new ArgumentException("The rows have no targets to standardize.", nameof(data));
        return Fit(data.Targets, data.TargetSize, "Target");
    }

    /// <summary>The same rows, labels and targets with standardized features.</summary>
    /// <param name="data">Rows of <see cref="InputSize"/> features.</param>
    /// <exception cref="ArgumentException">The rows have another number of features.</exception>
    public Dataset Transform(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.InputSize != InputSize)
            throw new ArgumentException($"The rows have {data.InputSize} features, but the standardizer was fitted to {InputSize}.", nameof(data));
        float[] features = new float[data.Features.Length];
        Transform(data.Features, features);
        return data.WithFeatures(features);
    }

    /// <summary>The same rows and features with standardized targets.</summary>
    /// <param name="data">Rows of <see cref="InputSize"/> targets.</param>
    /// <exception cref="ArgumentException">The rows have another number of targets.</exception>
    public Dataset TransformTargets(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.TargetSize != InputSize)
            throw new ArgumentException($"The rows have {data.TargetSize} targets, but the standardizer was fitted to {InputSize}.", nameof(data));
        float[] targets = new float[data.Targets.Length];
        Transform(data.Targets, targets);
        return data.WithTargets(targets);
    }

    /// <summary>Standardizes one or more rows. Allocates nothing.</summary>
    /// <param name="row">[rows, InputSize].</param>
    /// <param name="destination">[rows, InputSize]; may be the same memory as <paramref name="row"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ or are not whole rows.</exception>
    public void Transform(ReadOnlySpan<float> row, Span<float> destination)
    {
        CheckLengths(row.Length, destination.Length);
        for (int start = 0; start < row.Length; start += InputSize)
        {
            for (int i = 0; i < _mean.Length; i++)
                destination[start + i] = (float)((row[start + i] - _mean[i]) / _deviation[i]);
        }
    }

    /// <summary>Turns one or more standardized rows, or predictions of standardized targets, back into their units. Allocates nothing.</summary>
    /// <param name="row">[rows, InputSize].</param>
    /// <param name="destination">[rows, InputSize]; may be the same memory as <paramref name="row"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ or are not whole rows.</exception>
    public void InverseTransform(ReadOnlySpan<float> row, Span<float> destination)
    {
        CheckLengths(row.Length, destination.Length);
        for (int start = 0; start < row.Length; start += InputSize)
        {
            for (int i = 0; i < _mean.Length; i++)
                destination[start + i] = (float)(row[start + i] * _deviation[i] + _mean[i]);
        }
    }

    private static Standardizer Fit(ReadOnlySpan<float> data, int size, string kind)
    {
        double[] mean = new double[size], squares = new double[size];
        int rows = data.Length / size;
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < size; i++)
            {
                float value = data[row * size + i];
                if (!float.IsFinite(value))
                {
                    throw new ArgumentException(
                        FormattableString.Invariant($"{kind} {i} of row {row} is {value}, which has no place in a mean."), nameof(data));
                }

                double distance = value - mean[i];
                mean[i] += distance / (row + 1);
                squares[i] += distance * (value - mean[i]);
            }
        }

        // The steps are exactly 0 for a constant, so its squares are too.
        double[] deviation = Array.ConvertAll(squares, sum => sum > 0 ? Math.Sqrt(sum / rows) : 1);
        return new Standardizer(mean, deviation);
    }

    private void CheckLengths(int row, int destination)
    {
        if (row != destination || row % InputSize != 0)
            throw new ArgumentException($"Both spans must have the same whole rows of {InputSize}, but have {row} and {destination} elements.");
    }
}
