using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>
/// One operation of a network: its shapes, costs and what backward needs of forward, and the code it becomes, forward and
/// backward side by side.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Output">What it gives.</param>
internal abstract record LayerNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output)
{
    /// <summary>The class its methods stand in.</summary>
    public string KernelClass { get; init; } = Name + "Layer";

    /// <summary>Its only input.</summary>
    public Tensor Input => Inputs[0];

    /// <summary>The layer as the user wrote it, in short: <c>Dense(128, ReLU)</c>.</summary>
    public abstract string Description { get; }

    /// <summary>The mathematics in one line, given the names of input and output.</summary>
    public abstract string Formula(string input, string output);

    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Multiply-adds of one row.</summary>
    public virtual long MultiplyAdds => 0;

    /// <summary>How its vectors run, where there is a choice; it stands in Summary().</summary>
    public virtual string Kernel => "";

    /// <summary>Whether predicting skips it.</summary>
    public virtual bool IsTrainingOnly => false;

    /// <summary>Whether the generator added it, so that it has no place in summaries.</summary>
    public virtual bool IsHidden => false;

    /// <summary>Whether its output is its input under another shape, in the same memory.</summary>
    public virtual bool IsView => false;

    /// <summary>Whether training draws random numbers for it.</summary>
    public virtual bool IsRandom => false;

    /// <summary>Whether it has methods of its own.</summary>
    public virtual bool HasKernels => true;

    /// <summary>Whether backward reads its inputs.</summary>
    public virtual bool KeepsInput => false;

    /// <summary>Whether backward reads its output.</summary>
    public virtual bool KeepsOutput => false;

    /// <summary>Whether training needs all rows of the batch at once.</summary>
    public bool UsesBatchStatistics => MinBatchSize > 0;

    /// <summary>The fewest rows a batch must have where training needs all of them at once; 0 elsewhere.</summary>
    public virtual int MinBatchSize => 0;

    /// <summary>Memory it needs besides inputs, output and their gradients.</summary>
    public virtual IReadOnlyList<Workspace> Workspaces => [];

    /// <summary>
    /// Whether backward turns the output's gradient into the first input's in place; otherwise it writes it elsewhere.
    /// </summary>
    public virtual bool IsGradientInPlace => true;

    /// <summary>
    /// Elements of what training needs once for all rows, made from the parameters by <see cref="EmitPrepare"/>; 0 for nothing.
    /// </summary>
    public virtual int PreparedLength => 0;

    /// <summary>Whether forward makes it, from the rows.</summary>
    public virtual bool IsPreparedByForward => false;

    /// <summary>Elements of what predicting needs once for all rows, made by <see cref="EmitPredictPrepare"/>; 0 for nothing.</summary>
    public virtual int PredictPreparedLength => 0;

    /// <summary>Writes the statements that make what forward needs of it.</summary>
    public virtual void EmitForwardPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets)
    {
    }

    /// <summary>Writes the statements that make what only backward needs of it.</summary>
    public virtual void EmitPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets) => throw new NotSupportedException();

    /// <summary>Writes the statements that make what predicting needs.</summary>
    public virtual void EmitPredictPrepare(SourceWriter writer, string prepared, IReadOnlyList<long> offsets) => throw new NotSupportedException();

    /// <summary>
    /// What does the work of this node and the only one that takes its output, where that costs less and nothing between them is needed: while
    /// predicting. Null where there is none.
    /// </summary>
    public virtual LayerNode? Fold(LayerNode next) => null;

    /// <summary>Writes the statements of the forward pass.</summary>
    public abstract void EmitForward(SourceWriter writer, ForwardStep step);

    /// <summary>Writes the statements of the backward pass. Padding of gradients is zero before and after.</summary>
    public abstract void EmitBackward(SourceWriter writer, BackwardStep step);

    /// <summary>Writes the methods those statements call.</summary>
    public virtual void EmitKernels(SourceWriter writer, KernelContext context)
    {
    }

    /// <summary>Writes only those that predicting calls.</summary>
    public virtual void EmitPredictKernels(SourceWriter writer, KernelContext context) => throw new NotSupportedException();
}

/// <summary>Memory of a layer's own.</summary>
/// <param name="Role">What it holds; follows the layer's name in generated code.</param>
/// <param name="Width">Elements a row.</param>
/// <param name="Life">When it is needed.</param>
internal sealed record Workspace(string Role, int Width, WorkspaceLife Life);

/// <summary>When a workspace is needed.</summary>
internal enum WorkspaceLife
{
    /// <summary>Within forward, predicting and training.</summary>
    Forward,

    /// <summary>Within forward, and by backward while training.</summary>
    Both,

    /// <summary>From forward to backward, only while training.</summary>
    Training,

    /// <summary>Within backward.</summary>
    Backward,
}

/// <summary>The names a forward step uses.</summary>
/// <param name="Inputs">The references to its inputs.</param>
/// <param name="Output">The reference to its output.</param>
/// <param name="Workspaces">The references to its workspaces, by role.</param>
/// <param name="Index">The number of the layer.</param>
/// <param name="Prepared">The reference to what was made once for all rows.</param>
/// <param name="IsPredicting">Whether the pass predicts.</param>
/// <param name="Scale">The reference to the scales of a batch normalization that is part of it.</param>
internal sealed record ForwardStep(
    IReadOnlyList<string> Inputs, string Output, IReadOnlyDictionary<string, string> Workspaces, int Index, string Prepared, bool IsPredicting,
    string Scale = "")
{
    public string Input => Inputs[0];

    /// <summary>A workspace, or null where there is none in this pass.</summary>
    public string? Workspace(string role) => Workspaces.TryGetValue(role, out string? name) ? name : null;
}

/// <summary>The names a backward step uses.</summary>
/// <param name="Forward">The names of forward.</param>
/// <param name="OutputGradient">The reference to the gradient of the output.</param>
/// <param name="InputGradients">
/// Where the gradients of the inputs go; the first is the output's gradient itself where the node works in place.
/// </param>
/// <param name="IsUserGradient">Whether the first is the caller's, which may not be wanted.</param>
internal sealed record BackwardStep(ForwardStep Forward, string OutputGradient, IReadOnlyList<string> InputGradients, bool IsUserGradient)
{
    /// <summary>The reference to what was made once for all rows.</summary>
    public string Prepared => Forward.Prepared;

    /// <summary>Writes a statement that computes the gradient of the first input, if it is wanted.</summary>
    public void EmitInputGradient(SourceWriter writer, string statement)
    {
        if (IsUserGradient)
            writer.Line("if (hasInputGradients)");
        writer.Line(IsUserGradient ? "    " + statement : statement);
    }
}

/// <summary>What kernels are written for.</summary>
/// <param name="T">The element type: <c>float</c>.</param>
/// <param name="Offsets">Where each parameter lies.</param>
/// <param name="OwnerOffsets">Where those of another layer lie, whose weights it uses too.</param>
internal sealed record KernelContext(string T, IReadOnlyList<long> Offsets, IReadOnlyList<long> OwnerOffsets)
{
    /// <summary>Rows that backward takes at a time at most.</summary>
    public long Rows { get; init; } = LongSum.Unknown;
}
