using System.Numerics;

namespace NetGen;

/// <summary>Which of a dataset's labels and targets a network learns from.</summary>
internal static class RowTargets
{
    /// <summary>Checks that a dataset fits a network, and tells whether its labels are used as they are.</summary>
    /// <exception cref="ArgumentException">Sizes do not fit, or there is nothing to learn from.</exception>
    /// <exception cref="InvalidOperationException">The network has no loss.</exception>
    public static bool UseLabels(NetworkInfo info, Dataset data)
    {
        if (info.Loss == Loss.None)
            throw new InvalidOperationException($"{info.Name} has no loss to train or evaluate with: set Loss on [Network].");
        if (data.InputSize != info.InputSize)
            throw new ArgumentException($"{info.Name} takes {info.InputSize} inputs, but the rows of the dataset have {data.InputSize}.");
        if (data.TargetSize > 0)
        {
            if (data.TargetSize != info.OutputSize)
                throw new ArgumentException($"{info.Name} has {info.OutputSize} outputs, but the rows of the dataset have {data.TargetSize} targets.");
            return false;
        }

        if (data.Labels.IsEmpty)
            throw new ArgumentException("The dataset has neither labels nor targets to learn from.");
        if (info.Loss == Loss.BinaryCrossEntropy && info.OutputSize == 1 && data.ClassCount <= 2)
            return false;
        if (info.Loss != Loss.SoftmaxCrossEntropy)
            throw new ArgumentException($"{info.Name} has Loss.{info.Loss}, which needs target values, but the dataset has class labels.");
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
}
