namespace NetGen.Tests.Numerics.Reference;

/// <summary>One layer of a <see cref="ReferenceNetwork"/>. Two layers are equal if all their options are.</summary>
public abstract record ReferenceLayer
{
    private protected ReferenceLayer()
    {
    }

    /// <summary>The layer's name; null for its kind and number among the layers of its kind.</summary>
    public string? Name { get; init; }

    /// <summary>The names of the values the layer takes; empty for that of the layer above.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    /// <summary>The name of the attribute, from which default names are made.</summary>
    public abstract string Kind { get; }

    public virtual bool Equals(ReferenceLayer? other) =>
        other is not null && EqualityContract == other.EqualityContract && Name == other.Name && From.SequenceEqual(other.From);

    public override int GetHashCode() => HashCode.Combine(EqualityContract, Name, From.Count);
}

/// <summary>y = f(x W^T + b) with W [units, inputs].</summary>
/// <param name="Units">The number of outputs.</param>
/// <param name="Activation">f.</param>
/// <param name="Alpha">The slope of leaky ReLU or scale of ELU; null for their defaults, 0.01 and 1.</param>
/// <param name="Bias">Whether there is a b.</param>
public sealed record ReferenceDense(
    int Units, Activation Activation = Activation.Identity, double? Alpha = null, bool Bias = true) : ReferenceLayer
{
    public override string Kind => "Dense";
}

/// <summary>y = f(x).</summary>
/// <param name="Function">f.</param>
/// <param name="Alpha">The slope of leaky ReLU or scale of ELU; null for their defaults, 0.01 and 1.</param>
public sealed record ReferenceActivation(Activation Function, double? Alpha = null) : ReferenceLayer
{
    public override string Kind => "Activation";
}

/// <summary>y = x times a mask given from outside, or y = x without one.</summary>
/// <param name="Rate">The probability of dropping a value; the reference takes masks as they are and does not use it.</param>
public sealed record ReferenceDropout(double Rate) : ReferenceLayer
{
    public override string Kind => "Dropout";
}

/// <summary>A convolution of [channels, height, width] or [channels, length], plus a bias, then an activation.</summary>
/// <param name="Dimensions">2 for Conv2D, 1 for Conv1D.</param>
/// <param name="Filters">The number of output channels.</param>
/// <param name="Kernel">The extent of the kernel along each dimension.</param>
/// <param name="Activation">The function applied to the outputs.</param>
/// <param name="Alpha">The slope of leaky ReLU or scale of ELU; null for their defaults, 0.01 and 1.</param>
/// <param name="Bias">Whether there is a bias.</param>
/// <param name="Stride">The step from one position of the kernel to the next.</param>
/// <param name="Padding">Zeros added at each side, or <see cref="Layer.Same"/>.</param>
/// <param name="Dilation">The distance between the inputs that one kernel position reads.</param>
/// <param name="Groups">Into how many groups the channels are divided.</param>
public sealed record ReferenceConvolution(
    int Dimensions,
    int Filters,
    int Kernel,
    Activation Activation = Activation.Identity,
    double? Alpha = null,
    bool Bias = true,
    int Stride = 1,
    int Padding = 0,
    int Dilation = 1,
    int Groups = 1) : ReferenceLayer
{
    public override string Kind => $"Conv{Dimensions}D";
}

/// <summary>The largest value or the mean of each window.</summary>
/// <param name="Dimensions">2 for windows of [channels, height, width], 1 for those of [channels, length].</param>
/// <param name="Max">Whether it is the largest value.</param>
/// <param name="Size">The extent of a window along each dimension.</param>
/// <param name="Stride">The step from one window to the next; 0 for the size.</param>
public sealed record ReferencePool(int Dimensions, bool Max, int Size, int Stride = 0) : ReferenceLayer
{
    public override string Kind => $"{(Max ? "Max" : "Average")}Pool{Dimensions}D";
}

/// <summary>The largest value or the mean of each channel.</summary>
/// <param name="Max">Whether it is the largest value.</param>
public sealed record ReferenceGlobalPool(bool Max) : ReferenceLayer
{
    public override string Kind => $"Global{(Max ? "Max" : "Average")}Pool";
}

/// <summary>The same elements as one dimension.</summary>
public sealed record ReferenceFlatten : ReferenceLayer
{
    public override string Kind => "Flatten";
}

/// <summary>The sum of several values of one shape.</summary>
public sealed record ReferenceAdd : ReferenceLayer
{
    public override string Kind => "Add";
}

/// <summary>The product, element by element, of several values of one shape.</summary>
public sealed record ReferenceMultiply : ReferenceLayer
{
    public override string Kind => "Multiply";
}

/// <summary>Several values one after the other along the first dimension.</summary>
public sealed record ReferenceConcat : ReferenceLayer
{
    public override string Kind => "Concat";
}

/// <summary>Each channel normalized over the batch and its positions, then scaled and shifted.</summary>
/// <param name="Momentum">The share of each step's statistics in the running ones.</param>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record ReferenceBatchNorm(double Momentum = 0.1, double Epsilon = 1e-5) : ReferenceLayer
{
    public override string Kind => "BatchNorm";
}

/// <summary>Each row normalized, then scaled and shifted element by element.</summary>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record ReferenceLayerNorm(double Epsilon = 1e-5) : ReferenceLayer
{
    public override string Kind => "LayerNorm";
}

/// <summary>Each row divided by its root mean square, then scaled element by element.</summary>
/// <param name="Epsilon">Added to the mean square.</param>
public sealed record ReferenceRMSNorm(double Epsilon = 1e-5) : ReferenceLayer
{
    public override string Kind => "RMSNorm";
}

/// <summary>y = x for x &gt; 0, a x otherwise, with one a for each channel.</summary>
public sealed record ReferencePReLU : ReferenceLayer
{
    public override string Kind => "PReLU";
}

/// <summary>A parameter or buffer tensor of a <see cref="ReferenceNetwork"/>.</summary>
/// <param name="Name">Its name in files: <c>dense1.weight</c>, <c>conv2D1.bias</c>, <c>batchNorm1.runningMean</c>.</param>
/// <param name="Shape">Its dimensions in files: [outputs, inputs] or [filters, channels / groups, kernel...] of a weight.</param>
/// <param name="FanIn">The number of inputs of an output, of the weights of dense layers and convolutions; 0 elsewhere.</param>
public sealed record ReferenceParameter(string Name, int[] Shape, int FanIn = 0)
{
    /// <summary>The number of elements.</summary>
    public int Count => ReferenceMath.Product(Shape);
}
