using System.Globalization;
using System.Numerics;

namespace NetGen;

/// <summary>Which of a dataset's labels and targets a network learns from.</summary>
internal static class RowTargets
{
    /// <summary>Checks that a dataset fits a network, and tells whether its labels are used as they are.</summary>
    /// <exception cref="ArgumentException">Sizes or target values do not fit, or there is nothing to learn from.</exception>
    /// <exception cref="InvalidOperationException">The network has no loss.</exception>
    public static bool UseLabels(NetworkInfo info, Dataset data)
    {
        if (!info.HasLoss)
            throw new InvalidOperationException($"{info.Name} has no loss to train or evaluate with: {info.LossAdvice}.");
        if (data.InputSize != info.InputSize)
            throw new ArgumentException($"{info.Name} takes {info.InputSize} inputs, but the rows of the dataset have {data.InputSize}.");
        if (data.TargetSize > 0)
        {
            if (data.TargetSize != info.OutputSize)
                throw new ArgumentException($"{info.Name} has {info.OutputSize} outputs, but the rows of the dataset have {data.TargetSize} targets.");
            foreach (NetworkPort output in info.Outputs)
            {
                if (output.Loss == Loss.BinaryCrossEntropy)
                    CheckProbabilities(data, output);
            }

            return false;
        }

        if (data.Labels.IsEmpty)
            throw new ArgumentException("The dataset has neither labels nor targets to learn from.");
        if (info.Loss == Loss.BinaryCrossEntropy && info.OutputSize == 1)
        {
            return data.ClassCount <= 2
                ? false
                : throw new ArgumentException($"{info.Name} has one output, which tells two classes apart, but the dataset has {data.ClassCount}: use Loss.SoftmaxCrossEntropy.");
        }

        if (info.Loss != Loss.SoftmaxCrossEntropy)
            throw new ArgumentException($"{info.Name} has {info.LossInWords}, which {(info.Outputs.Length > 1 ? "need" : "needs")} target values, but the dataset has class labels.");
        if (data.ClassCount > info.OutputSize)
            throw new ArgumentException($"The dataset has {data.ClassCount} classes, but {info.Name} has {info.OutputSize} outputs: give its last layer {data.ClassCount} units.");
        return true;
    }

    /// <summary>Copies the targets of some rows; the labels of a binary problem become 0 and 1.</summary>
    public static void Copy<T>(NetworkInfo info, Dataset data, ReadOnlySpan<int> rows, Span<T> targets)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (data.TargetSize > 0)
        {
            data.CopyTargets(rows, targets);
            return;
        }

        for (int i = 0; i < rows.Length; i++)
            targets[i * info.OutputSize] = T.CreateTruncating(data.Labels[rows[i]]);
    }

    // Targets of -1 and 1 would make a loss without a minimum, and training look well until it diverges.
    private static void CheckProbabilities(Dataset data, NetworkPort output)
    {
        ReadOnlySpan<float> targets = data.Targets;
        for (int i = 0; i < targets.Length; i++)
        {
            int place = i % data.TargetSize - output.Offset;
            if (place >= 0 && place < output.Size && !(targets[i] >= 0 && targets[i] <= 1))
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Target {i % data.TargetSize} of row {i / data.TargetSize} is {targets[i]}, but Loss.BinaryCrossEntropy takes probabilities: targets from 0 to 1."));
            }
        }
    }
}
