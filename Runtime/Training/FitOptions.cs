using System.Globalization;

namespace NetGen;

/// <summary>How <c>Fit</c> trains.</summary>
public sealed record FitOptions
{
    /// <summary>Passes over the data; 10 unless set.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>
    /// Rows of a step; 32 unless set. The last batch of an epoch may be smaller. Where batch normalization would meet a single value in it, its row
    /// joins the batch before.
    /// </summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>What changes the parameters; Adam with its defaults unless set.</summary>
    public Optimizer? Optimizer { get; init; }

    /// <summary>The share of rows, in [0, 1), set apart for validation after each epoch; none unless set.</summary>
    public double ValidationSplit { get; init; }

    /// <summary>Rows of one's own for validation, instead of a share of the others.</summary>
    public Dataset? ValidationData { get; init; }

    /// <summary>Fixes the order of rows and the dropout masks; 0 unless set. To train on with new ones, set another.</summary>
    public int Seed { get; init; }

    /// <summary>Threads to compute on; all processors unless set. The result does not depend on it.</summary>
    public int? Threads { get; init; }

    /// <summary>Told of every batch and epoch. <see cref="ConsoleProgress"/> prints a line.</summary>
    public IProgress<FitProgress>? Progress { get; init; }

    internal void Validate(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Epochs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        if (Threads is { } threads)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads, nameof(Threads));
        if (!(ValidationSplit >= 0 && ValidationSplit < 1))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"ValidationSplit is {ValidationSplit}; it must be at least 0 and below 1."));
        if (ValidationSplit > 0 && ValidationData is not null)
            throw new ArgumentException("Set either ValidationSplit, a share of the rows, or ValidationData, rows of their own.");
        if (ValidationSplit > 0 && (int)Math.Round(rows * (1 - ValidationSplit)) is var kept && (kept == 0 || kept == rows))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"A validation split of {ValidationSplit} of {rows} rows leaves none on one side: use more rows or another share."));
        }
    }
}

/// <summary>Where training stands.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Batch">Batches done in this epoch.</param>
/// <param name="Batches">Batches of an epoch.</param>
/// <param name="Loss">The mean loss of this epoch so far; NaN before its first batch is done.</param>
/// <param name="Validation">The validation at the end of the epoch; null before, and where there is none.</param>
/// <param name="Elapsed">Time since the start of training.</param>
/// <param name="RowsPerSecond">The rate since the start.</param>
/// <param name="Remaining">The time the rest will take at this rate.</param>
public readonly record struct FitProgress(
    int Epoch, int Epochs, int Batch, int Batches, double Loss, Evaluation? Validation, TimeSpan Elapsed, double RowsPerSecond, TimeSpan Remaining)
{
    /// <summary>Whether the epoch is over and its validation done.</summary>
    public bool IsEpochEnd { get; init; }

    /// <summary>In the last report of a training that ends within an epoch: why. Null in all others.</summary>
    public StopReason? StoppedBy { get; init; }

    /// <summary>In the first report: what slows down this training, and the remedy. Null in all others, and where nothing does.</summary>
    public string? Notice { get; init; }
}

/// <summary>Why training ended.</summary>
public enum StopReason
{
    /// <summary>All epochs are done.</summary>
    Completed,

    /// <summary>The caller cancelled; the parameters are those after the last whole step.</summary>
    Cancelled,

    /// <summary>
    /// The loss of a batch or one of its gradients was infinite or not a number; the step was not taken. Usually the learning
    /// rate is too high or the inputs are not scaled.
    /// </summary>
    NonFiniteLoss,

    /// <summary>
    /// A step made a parameter infinite or not a number. The network has the parameters of the end of the epoch before, or those training
    /// started with. The learning rate is too high.
    /// </summary>
    NonFiniteParameters,

    /// <summary>
    /// The validation loss of an epoch is infinite or not a number, and its other figures mean nothing; the epoch is in the history, and the network as it
    /// was validated. Usually a value of the validation data is missing or not scaled.
    /// </summary>
    NonFiniteValidation,
}

/// <summary>Reasons as sentences.</summary>
internal static class StopReasons
{
    public static string InWords(this StopReason reason) => reason switch
    {
        StopReason.Cancelled => "cancelled",
        StopReason.NonFiniteParameters => "a step made a parameter infinite or not a number",
        StopReason.NonFiniteValidation => "the loss over the validation data is not finite",
        _ => "the loss or a gradient is not finite",
    };

    public static string Remedy(this StopReason reason) => reason == StopReason.NonFiniteValidation
        ? "Look for NaN and for values that are not scaled in the validation data."
        : "Lower the learning rate, scale the inputs, and look for NaN in the data.";
}

/// <summary>The course of a training.</summary>
/// <param name="Epochs">The completed epochs.</param>
/// <param name="Reason">Why it ended.</param>
public sealed record FitHistory(IReadOnlyList<EpochResult> Epochs, StopReason Reason);

/// <summary>The outcome of one epoch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean over its rows of the loss, each taken before its step and with dropout.</param>
/// <param name="Validation">The validation after it; null where there is none.</param>
/// <param name="Duration">The time it took.</param>
public sealed record EpochResult(int Epoch, double Loss, Evaluation? Validation, TimeSpan Duration);

/// <summary>How well a network does on some rows.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Accuracy">
/// The share of rows whose largest output is their class, or of outputs on the right side of 1/2 for
/// <see cref="NetGen.Loss.BinaryCrossEntropy"/>; null for other losses.
/// </param>
/// <param name="MeanAbsoluteError">The mean of |output - target|; null where there is an accuracy.</param>
public sealed record Evaluation(double Loss, double? Accuracy, double? MeanAbsoluteError)
{
    /// <summary>The figures in one line: <c>loss 0.1234, accuracy 0.9722</c>.</summary>
    public override string ToString() =>
        $"loss {Figure(Loss)}, {(Accuracy is { } accuracy ? $"accuracy {Figure(accuracy)}" : $"mean absolute error {Figure(MeanAbsoluteError ?? double.NaN)}")}";

    /// <summary>Four decimals, or four digits where decimals would show none or too many.</summary>
    internal static string Figure(double value) =>
        value.ToString(Math.Abs(value) is 0 or (>= 0.001 and < 100_000) ? "0.0000" : "0.000e+0", CultureInfo.InvariantCulture);
}
