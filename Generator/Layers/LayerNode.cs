using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>
/// One operation of a network: its shapes, costs and what backward needs of forward, and the code it becomes, forward and
/// backward side by side.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">The shape of one input row.</param>
/// <param name="Output">The shape of one output row.</param>
internal abstract record LayerNode(string Name, Shape Input, Shape Output)
{
    /// <summary>The layer as the user wrote it, in short: <c>Dense(128, ReLU)</c>.</summary>
    public abstract string Description { get; }

    /// <summary>The mathematics in one line, given the names of input and output.</summary>
    public abstract string Formula(string input, string output);

    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Multiply-adds of one row.</summary>
    public virtual long MultiplyAdds => 0;

    /// <summary>Whether predicting skips it.</summary>
    public virtual bool IsTrainingOnly => false;

    /// <summary>Whether backward reads its input.</summary>
    public virtual bool KeepsInput => false;

    /// <summary>Whether backward reads its output.</summary>
    public virtual bool KeepsOutput => false;

    /// <summary>Whether backward reads something else that forward writes, as wide as the output, and its name.</summary>
    public virtual string? Keeps => null;

    /// <summary>Whether it reads rows of any length; otherwise their padding must exist, and is undefined.</summary>
    public virtual bool ReadsAnyRows => false;

    /// <summary>Whether backward turns the output's gradient into the input's in place; otherwise it writes elsewhere.</summary>
    public virtual bool IsGradientInPlace => true;

    /// <summary>Whether the operation has parameters that backward adds gradients for.</summary>
    public bool HasParameters => Parameters.Count > 0;

    /// <summary>Writes the statements of the forward pass.</summary>
    public abstract void EmitForward(SourceWriter writer, ForwardStep step);

    /// <summary>Writes the statements of the backward pass.</summary>
    public abstract void EmitBackward(SourceWriter writer, BackwardStep step);

    /// <summary>Writes the methods those statements call.</summary>
    public abstract void EmitKernels(SourceWriter writer, KernelContext context);
}

/// <summary>The names a forward step uses.</summary>
/// <param name="Input">The reference to its input.</param>
/// <param name="InputStride">Elements from one input row to the next.</param>
/// <param name="Output">The reference to its output.</param>
/// <param name="Kept">The reference to what else is kept; null when predicting.</param>
/// <param name="Index">The number of the layer.</param>
internal sealed record ForwardStep(string Input, int InputStride, string Output, string? Kept, int Index);

/// <summary>The names a backward step uses.</summary>
/// <param name="Input">The reference to the forward input.</param>
/// <param name="InputStride">Elements from one input row to the next.</param>
/// <param name="Output">The reference to the forward output.</param>
/// <param name="Kept">The reference to what else was kept, or null.</param>
/// <param name="OutputGradient">The reference to the gradient of the output.</param>
/// <param name="InputGradient">Where the gradient of the input goes; null where nobody asks for it.</param>
/// <param name="IsUserGradient">Whether that is the caller's span, which may be empty and has no padding.</param>
internal sealed record BackwardStep(
    string Input, int InputStride, string Output, string? Kept, string OutputGradient, string? InputGradient, bool IsUserGradient);

/// <summary>What kernels are written for.</summary>
/// <param name="T">The element type: <c>float</c>.</param>
/// <param name="InputStride">Elements from one input row to the next.</param>
/// <param name="InputGradientStride">Elements from one row of the input's gradient to the next; 0 where there is none.</param>
/// <param name="Offsets">Where each parameter lies.</param>
internal sealed record KernelContext(string T, int InputStride, int InputGradientStride, IReadOnlyList<long> Offsets);
