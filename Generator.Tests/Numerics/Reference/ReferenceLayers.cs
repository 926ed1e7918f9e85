namespace NetGen.Tests.Numerics.Reference;

/// <summary>One layer of a <see cref="ReferenceNetwork"/>: dense, activation or dropout.</summary>
public abstract record ReferenceLayer
{
    private protected ReferenceLayer()
    {
    }
}

/// <summary>y = f(x W^T + b) with W [units, inputs].</summary>
/// <param name="Units">The number of outputs.</param>
/// <param name="Activation">f.</param>
/// <param name="Alpha">The slope of leaky ReLU or scale of ELU; null for their defaults, 0.01 and 1.</param>
/// <param name="Bias">Whether there is a b.</param>
public sealed record ReferenceDense(
    int Units, Activation Activation = Activation.Identity, double? Alpha = null, bool Bias = true) : ReferenceLayer;

/// <summary>y = f(x).</summary>
/// <param name="Function">f.</param>
/// <param name="Alpha">The slope of leaky ReLU or scale of ELU; null for their defaults, 0.01 and 1.</param>
public sealed record ReferenceActivation(Activation Function, double? Alpha = null) : ReferenceLayer;

/// <summary>y = x times a mask given from outside, or y = x without one.</summary>
/// <param name="Rate">The probability of dropping a value; the reference takes masks as they are and does not use it.</param>
public sealed record ReferenceDropout(double Rate) : ReferenceLayer;

/// <summary>A parameter tensor of a <see cref="ReferenceNetwork"/>.</summary>
/// <param name="Name">Its name in files: <c>dense1.weight</c>, <c>dense1.bias</c>.</param>
/// <param name="Shape">[outputs, inputs] of a weight, [outputs] of a bias.</param>
public sealed record ReferenceParameter(string Name, int[] Shape)
{
    /// <summary>The number of elements.</summary>
    public int Count => Shape.Aggregate(1, (product, dimension) => product * dimension);
}
