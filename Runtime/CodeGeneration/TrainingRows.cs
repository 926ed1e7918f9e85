using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetGen.CodeGeneration;

/// <summary>What generated code does with the caller's rows before and after it computes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TrainingRows
{
    /// <summary>Checks a pass against a network and returns its number of rows.</summary>
    /// <exception cref="ArgumentException">A length does not fit, or a label is no class.</exception>
    /// <exception cref="InvalidOperationException">The network has no loss and no output gradients are given.</exception>
    public static int Check<T>(scoped in TrainingPass<T> pass, NetworkInfo info, ParameterBuffer<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int rows = pass.Inputs.Length / info.InputSize;
        if (pass.Inputs.Length != rows * info.InputSize)
            throw new ArgumentException($"{info.Name} takes rows of {info.InputSize} inputs, but {pass.Inputs.Length} is not a multiple of it.");
        if (pass.Gradients is { } gradients && gradients.Length != parameters.Length)
        {
            throw new ArgumentException(
                $"The gradient buffer has {gradients.Length} elements, but {info.Name} needs {parameters.Length}: make it with CreateGradients().");
        }

        if (!pass.InputGradients.IsEmpty && pass.InputGradients.Length != pass.Inputs.Length)
            throw new ArgumentException($"Input gradients take {pass.Inputs.Length} elements, one for each input, but the span has {pass.InputGradients.Length}.");
        // LoadTargets would read values of a kind that is not checked here.
        if ((pass.Targets.IsEmpty ? 0 : 1) + (pass.Labels.IsEmpty ? 0 : 1) + (pass.OutputGradients.IsEmpty ? 0 : 1) > 1)
            throw new ArgumentException($"{info.Name} takes target values, labels or output gradients, but more than one of them is given: leave the others empty.");
        if (!pass.OutputGradients.IsEmpty)
            CheckValues(pass.OutputGradients.Length, "output gradients");
        else if (!info.HasLoss)
            throw new InvalidOperationException($"{info.Name} has no loss: {info.LossAdvice}, or train it through Backward with gradients of your own.");
        else if (!pass.Labels.IsEmpty)
            CheckLabels(pass.Labels, info, rows);
        else
            CheckValues(pass.Targets.Length, "target values");
        return rows;

        void CheckValues(int length, string what)
        {
            if (length != (long)rows * info.OutputSize)
                throw new ArgumentException($"{rows} rows of {info.Name} need {rows} x {info.OutputSize} {what}, but {length} are given.");
        }
    }

    /// <summary>The rows of a batch that is held in memory as a whole, checked to fit.</summary>
    /// <exception cref="ArgumentException">They do not fit into one buffer.</exception>
    public static int CheckBatch(int rows, int width, int prepared)
    {
        long most = (Array.MaxLength - prepared) / Math.Max(1, width);
        return rows <= most
            ? rows
            : throw new ArgumentException($"A network with batch normalization holds its whole batch in memory, at most {most} rows, but {rows} are given: pass fewer at a time.");
    }

    /// <summary>Writes targets, one-hot labels or output gradients of some rows into a padded buffer.</summary>
    /// <param name="pass">What they are taken from.</param>
    /// <param name="row">The first row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="destination">Takes them.</param>
    /// <param name="offset">Elements of the caller's row before those of this output.</param>
    /// <param name="size">Elements of this output.</param>
    /// <param name="total">Elements of the caller's row.</param>
    /// <param name="stride">Elements from one row of the buffer to the next.</param>
    public static void LoadTargets<T>(scoped in TrainingPass<T> pass, int row, int rows, ref T destination, int offset, int size, int total, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RowCopy.ClearPadding(ref destination, stride, 0, PanelLayout.Pad(size), rows);
        ReadOnlySpan<T> values = pass.OutputGradients.IsEmpty ? pass.Targets : pass.OutputGradients;
        if (!values.IsEmpty)
        {
            RowCopy.CopyInto(ref Unsafe.Add(ref MemoryMarshal.GetReference(values), (nint)row * total + offset), total, ref destination, stride, size, rows);
            return;
        }

        for (int i = 0; i < rows; i++)
            Unsafe.Add(ref destination, i * stride + pass.Labels[row + i]) = T.One;
    }

    /// <summary>Reports spans whose lengths do not fit the network.</summary>
    [DoesNotReturn]
    public static void ThrowLengths(int inputs, int inputSize, int outputs, int outputSize) => throw new ArgumentException(
        inputs % inputSize != 0
            ? $"Rows have {inputSize} inputs, but {inputs} is not a multiple of it."
            : $"{inputs / inputSize} rows need {inputs / inputSize} x {outputSize} outputs, but the span has {outputs}.");

    private static void CheckLabels(ReadOnlySpan<int> labels, NetworkInfo info, int rows)
    {
        if (info.Loss != Loss.SoftmaxCrossEntropy)
            throw new ArgumentException($"Class labels go with Loss.SoftmaxCrossEntropy, but {info.Name} has {info.LossInWords}: give target values.");
        if (labels.Length != rows)
            throw new ArgumentException($"{rows} rows need {rows} labels, but {labels.Length} are given.");
        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)info.OutputSize)
                throw new ArgumentException($"Label {labels[i]} of row {i} is no class of {info.Name}: classes are 0 to {info.OutputSize - 1}.");
        }
    }
}
