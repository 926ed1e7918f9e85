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
    /// <summary>Checks the spans of a prediction and returns its number of rows.</summary>
    /// <param name="inputs">The input rows.</param>
    /// <param name="inputSize">Elements of one of them.</param>
    /// <param name="outputs">The output rows.</param>
    /// <param name="outputSize">Elements of one of them.</param>
    /// <param name="parameters">The parameters of the network.</param>
    /// <exception cref="ArgumentException">A length does not fit, or outputs overlap inputs without being the same elements, or overlap parameters.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Check<T>(ReadOnlySpan<T> inputs, int inputSize, ReadOnlySpan<T> outputs, int outputSize, ParameterBuffer<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int rows = inputs.Length / inputSize;
        if (inputs.Length != rows * inputSize || outputs.Length != (long)rows * outputSize)
            ThrowLengths(inputs.Length, inputSize, outputs.Length, outputSize);
        if (inputs.Overlaps(outputs) || outputs.Overlaps(parameters.Span))
            CheckOverlap(inputs, outputs, parameters);
        return rows;
    }

    /// <summary>Checks a pass against a network and returns its number of rows.</summary>
    /// <exception cref="ArgumentException">A length does not fit, a label is no class, or what is written overlaps what is read.</exception>
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
        if (pass.Gradients is not null || !pass.InputGradients.IsEmpty)
            CheckOverlaps(pass, info, parameters);
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

        ReadOnlySpan<int> labels = pass.Labels.Slice(row, rows);
        for (int i = 0; i < rows; i++)
        {
            // Checked before, but the memory is the caller's, and another thread may have written to it since: what is read here decides.
            int label = labels[i];
            if ((uint)label >= (uint)size)
                ThrowChangedLabel(label, row + i, size);
            Unsafe.Add(ref destination, i * stride + label) = T.One;
        }
    }

    [DoesNotReturn]
    private static void ThrowLengths(int inputs, int inputSize, int outputs, int outputSize) => throw new ArgumentException(
        inputs % inputSize != 0
            ? $"Rows have {inputSize} inputs, but {inputs} is not a multiple of it."
            : $"{inputs / inputSize} rows need {inputs / inputSize} x {outputSize} outputs, but the span has {outputs}.");

    [DoesNotReturn]
    private static void ThrowChangedLabel(int label, int row, int classes) => throw new ArgumentException(
        $"Label {label} of row {row} is no class: classes are 0 to {classes - 1}. It was changed while the pass ran; change labels between passes only.");

    private static void CheckOverlap<T>(ReadOnlySpan<T> inputs, ReadOnlySpan<T> outputs, ParameterBuffer<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (outputs.Overlaps(parameters.Span))
            throw new ArgumentException("The outputs overlap the parameters of the network: give memory of their own.");
        if (IsPartial(inputs, outputs))
            throw new ArgumentException("The outputs overlap the inputs: give memory of their own, or exactly the span of the inputs.");
    }

    private static void CheckOverlaps<T>(scoped in TrainingPass<T> pass, NetworkInfo info, ParameterBuffer<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (ReferenceEquals(pass.Gradients, parameters))
            throw new ArgumentException($"The gradients are the parameters of {info.Name} themselves: make a buffer with CreateGradients().");
        ReadOnlySpan<T> gradients = pass.Gradients is { } buffer ? buffer.Span : default, inputGradients = pass.InputGradients;
        if (inputGradients.Overlaps(parameters.Span))
            throw new ArgumentException($"The input gradients overlap the parameters of {info.Name}: give memory of their own.");
        if (inputGradients.Overlaps(gradients))
            throw new ArgumentException("The input gradients overlap the gradient buffer: give memory of their own.");
        CheckRead(pass.Inputs, "inputs", inputGradients, gradients);
        CheckRead(pass.Targets, "target values", inputGradients, gradients);
        CheckRead(pass.OutputGradients, "output gradients", inputGradients, gradients);
        // Whatever the size of the elements: bytes of more than 2 GB have no span.
        if (Overlaps(pass.Labels, inputGradients) || Overlaps(pass.Labels, gradients))
            throw new ArgumentException("The labels overlap memory that gradients are written to: give memory of their own.");
    }

    private static void CheckRead<T>(ReadOnlySpan<T> read, string what, ReadOnlySpan<T> inputGradients, ReadOnlySpan<T> gradients)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (read.Overlaps(gradients))
            throw new ArgumentException($"The {what} overlap the gradient buffer: give memory of their own.");
        if (IsPartial(read, inputGradients))
            throw new ArgumentException($"The input gradients overlap the {what}: give memory of their own, or exactly the span of the {what}.");
    }

    // A row is written after it was read, so the very same rows may be both.
    private static bool IsPartial<T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right) =>
        left.Overlaps(right, out int offset) && (offset != 0 || left.Length != right.Length);

    private static bool Overlaps<T>(ReadOnlySpan<int> labels, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (labels.IsEmpty || values.IsEmpty)
            return false;
        nint offset = Unsafe.ByteOffset(
            ref Unsafe.As<int, byte>(ref MemoryMarshal.GetReference(labels)),
            ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(values)));
        return offset >= 0 ? offset < (nint)labels.Length * sizeof(int) : -offset < (nint)values.Length * Unsafe.SizeOf<T>();
    }

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
