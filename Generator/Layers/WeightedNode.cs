using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>An operation that multiplies with weights, may add a bias, and applies a function: what dense layers and convolutions have in common.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Output">What it gives.</param>
/// <param name="Activation">The function.</param>
/// <param name="WeightStart">How the weights start.</param>
/// <param name="BiasStart">How the biases start; null where there are none.</param>
internal abstract record WeightedNode(
    string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, ActivationFunction Activation, StartValues WeightStart, StartValues? BiasStart)
    : LayerNode(Name, Inputs, Output)
{
    /// <summary>Whether a batch normalization that follows is part of it, which is so only where it predicts.</summary>
    public bool IsScaled { get; init; }

    public override bool KeepsOutput => Activation.Source == DerivativeSource.Output;

    public override bool IsGradientInPlace => false;

    protected Epilogue Epilogue => new(BiasStart is not null, IsScaled, Activation);

    /// <summary>Activation and missing bias at the end of a description.</summary>
    protected string LastOptions => $"{(Activation.IsIdentity ? "" : $", {Activation.Description}")}{(BiasStart is null ? ", no bias" : "")}";

    // The sums beside the output, where the derivative of the function follows from them.
    protected IEnumerable<Workspace> SumWorkspaces =>
        Activation.Source == DerivativeSource.Input ? [new("Sum", Output.RowLength, WorkspaceLife.Training)] : [];

    /// <summary>A normalization, and then a cheap function, cost nothing where sums are stored.</summary>
    public override LayerNode? Fold(LayerNode next) => next switch
    {
        BatchNormNode when Activation.IsIdentity && !IsScaled => this with { IsScaled = true },
        ActivationNode { Function: { IsCheap: true } function } when Activation.IsIdentity => this with { Activation = function },
        _ => null,
    };

    /// <summary>What becomes of the product in a formula.</summary>
    protected string Finished(string product)
    {
        string sum = BiasStart is null ? product : product + " + b";
        if (IsScaled)
            sum = $"normal({sum})";
        return Activation.IsIdentity ? sum : $"{Activation.Name}({sum})";
    }

    /// <summary>The scales of a normalization as an argument.</summary>
    protected string ScaleArgument(ForwardStep step) => IsScaled ? $"ref {step.Scale}, " : "";

    /// <summary>Writes where weights and biases begin.</summary>
    protected void EmitConstants(SourceWriter writer, KernelContext context)
    {
        writer.Line($"private const int Weight = {context.Offsets[0]};");
        if (BiasStart is not null)
            writer.Line($"private const int Bias = {context.Offsets[1]};");
    }

    /// <summary>Writes the statement that applies a function which stores of sums do not.</summary>
    protected void EmitActivate(SourceWriter writer, ForwardStep step, string sum)
    {
        if (!Activation.IsCheap)
            writer.Line($"{KernelClass}.Activate<V>(ref {sum}, ref {step.Output}, count);");
    }

    /// <summary>Writes the statement that turns the output's gradient into that of the sums, in place.</summary>
    protected void EmitActivationGradient(SourceWriter writer, BackwardStep step)
    {
        if (!Activation.IsIdentity)
            writer.Line($"{KernelClass}.ActivationGradient<V>(ref {step.Forward.Workspace("Sum") ?? step.Forward.Output}, ref {step.OutputGradient}, count);");
    }

    /// <summary>Writes the methods those statements call.</summary>
    protected void EmitActivationKernels(SourceWriter writer, string t)
    {
        if (!Activation.IsIdentity)
            ActivationKernels.Emit(writer, Activation, Output, t, withForward: !Activation.IsCheap);
    }
}
