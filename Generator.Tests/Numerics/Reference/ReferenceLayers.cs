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

/// <summary>y = f(x (W * mask)^T + b) with W [units, inputs].</summary>
/// <param name="Units">The number of outputs.</param>
/// <param name="Mask">A text for each output with a '1' for each input it is connected to; the pattern repeats.</param>
/// <param name="Activation">f.</param>
/// <param name="Alpha">The slope of leaky ReLU or scale of ELU; null for their defaults, 0.01 and 1.</param>
/// <param name="Bias">Whether there is a b.</param>
public sealed record ReferenceMaskedDense(
    int Units, string[] Mask, Activation Activation = Activation.Identity, double? Alpha = null, bool Bias = true) : ReferenceLayer
{
    public override string Kind => "MaskedDense";

    public bool Equals(ReferenceMaskedDense? other) =>
        base.Equals(other) && (Units, Activation, Alpha, Bias) == (other.Units, other.Activation, other.Alpha, other.Bias)
        && Mask.SequenceEqual(other.Mask);

    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Units, Mask.Length);
}

/// <summary>A layer whose kernel slides over images or signals: products, plus a bias, then an activation.</summary>
/// <param name="Filters">The number of output channels.</param>
/// <param name="Kernel">The extent of the kernel along each dimension.</param>
/// <param name="Activation">The function applied to the outputs.</param>
/// <param name="Alpha">The slope of leaky ReLU or scale of ELU; null for their defaults, 0.01 and 1.</param>
/// <param name="Bias">Whether there is a bias.</param>
/// <param name="Stride">The step from one position of the kernel to the next.</param>
/// <param name="Padding">Zeros added at each side, or <see cref="Layer.Same"/>.</param>
/// <param name="Dilation">The distance between the inputs that one kernel position reads.</param>
public abstract record ReferenceKernelLayer(
    int Filters, int Kernel, Activation Activation, double? Alpha, bool Bias, int Stride, int Padding, int Dilation) : ReferenceLayer
{
    /// <summary>The zeros at each side in numbers.</summary>
    public int Margin => Padding == Layer.Same ? Dilation * (Kernel - 1) / 2 : Padding;
}

/// <summary>A convolution of [channels, height, width] or [channels, length].</summary>
/// <param name="Dimensions">2 for Conv2D, 1 for Conv1D.</param>
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
    int Groups = 1) : ReferenceKernelLayer(Filters, Kernel, Activation, Alpha, Bias, Stride, Padding, Dilation)
{
    public override string Kind => $"Conv{Dimensions}D";
}

/// <summary>A convolution of each channel on its own, then one of kernel 1 over all of them, with bias and activation.</summary>
public sealed record ReferenceSeparableConvolution(
    int Filters,
    int Kernel,
    Activation Activation = Activation.Identity,
    double? Alpha = null,
    bool Bias = true,
    int Stride = 1,
    int Padding = 0,
    int Dilation = 1) : ReferenceKernelLayer(Filters, Kernel, Activation, Alpha, Bias, Stride, Padding, Dilation)
{
    public override string Kind => "SeparableConv2D";
}

/// <summary>The transpose of a convolution: what would be its input's gradient.</summary>
/// <param name="OutputPadding">Lines and columns added at the far sides.</param>
public sealed record ReferenceTransposedConvolution(
    int Filters,
    int Kernel,
    Activation Activation = Activation.Identity,
    double? Alpha = null,
    bool Bias = true,
    int Stride = 1,
    int Padding = 0,
    int Dilation = 1,
    int OutputPadding = 0) : ReferenceKernelLayer(Filters, Kernel, Activation, Alpha, Bias, Stride, Padding, Dilation)
{
    public override string Kind => "ConvTranspose2D";
}

/// <summary>A convolution with weights and biases of their own at each position.</summary>
public sealed record ReferenceLocallyConnected(
    int Filters,
    int Kernel,
    Activation Activation = Activation.Identity,
    double? Alpha = null,
    bool Bias = true,
    int Stride = 1,
    int Padding = 0,
    int Dilation = 1) : ReferenceKernelLayer(Filters, Kernel, Activation, Alpha, Bias, Stride, Padding, Dilation)
{
    public override string Kind => "LocallyConnected2D";
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

/// <summary>A layer whose arguments are a list of numbers, one for each dimension.</summary>
/// <param name="Dimensions">The numbers.</param>
public abstract record ReferenceDimensions(int[] Dimensions) : ReferenceLayer
{
    public virtual bool Equals(ReferenceDimensions? other) => base.Equals(other) && Dimensions.SequenceEqual(other.Dimensions);

    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Dimensions.Length);
}

/// <summary>The same elements in another shape, one of whose dimensions may be -1.</summary>
public sealed record ReferenceReshape(params int[] Dimensions) : ReferenceDimensions(Dimensions)
{
    public override string Kind => "Reshape";
}

/// <summary>The dimensions in another order: for each of the output the number of the input's, from 0.</summary>
public sealed record ReferencePermute(params int[] Dimensions) : ReferenceDimensions(Dimensions)
{
    public override string Kind => "Permute";
}

/// <summary>Images enlarged.</summary>
/// <param name="Scale">How many times as high and wide.</param>
/// <param name="Interpolation">How values between pixels are found.</param>
public sealed record ReferenceUpsample(int Scale, Interpolation Interpolation = Interpolation.Nearest) : ReferenceLayer
{
    public override string Kind => "Upsample2D";
}

/// <summary>Lines and columns added around images.</summary>
public sealed record ReferencePad(int Top, int Bottom, int Left, int Right, PadMode Mode = PadMode.Zeros) : ReferenceLayer
{
    public override string Kind => "Pad2D";
}

/// <summary>Lines and columns removed at the sides of images.</summary>
public sealed record ReferenceCrop(int Top, int Bottom, int Left, int Right) : ReferenceLayer
{
    public override string Kind => "Crop2D";
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

/// <summary>Groups of channels of each row normalized, then each channel scaled and shifted.</summary>
/// <param name="Groups">The number of groups.</param>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record ReferenceGroupNorm(int Groups, double Epsilon = 1e-5) : ReferenceLayer
{
    public override string Kind => "GroupNorm";
}

/// <summary>y = x for x &gt; 0, a x otherwise, with one a for each channel.</summary>
public sealed record ReferencePReLU : ReferenceLayer
{
    public override string Kind => "PReLU";
}

/// <summary>y = x for x &gt; 0, a x otherwise, with the mean a of the least and the greatest slope; the reference draws none at random.</summary>
/// <param name="Lower">The least slope.</param>
/// <param name="Upper">The greatest slope.</param>
public sealed record ReferenceRReLU(double Lower = 1d / 8, double Upper = 1d / 3) : ReferenceLayer
{
    public override string Kind => "RReLU";
}

/// <summary>y = x sigmoid(b x), with one b for each channel.</summary>
public sealed record ReferenceSwish : ReferenceLayer
{
    public override string Kind => "Swish";
}

/// <summary>The largest (the first, if several are) of each so many channels.</summary>
/// <param name="Pieces">The number of channels of an output.</param>
public sealed record ReferenceMaxout(int Pieces) : ReferenceLayer
{
    public override string Kind => "Maxout";
}

/// <summary>What changes values by chance while training, the identity otherwise; the reference has the identity only.</summary>
/// <param name="Of">SpatialDropout, AlphaDropout or GaussianNoise.</param>
/// <param name="Amount">The probability of dropping, or the deviation of the noise.</param>
public sealed record ReferenceNoise(string Of, double Amount) : ReferenceLayer
{
    public override string Kind => Of;
}

/// <summary>A vector for each index of a network's input: [length] to [dimension, length]. Weights are [vocabulary, dimension].</summary>
/// <param name="Vocabulary">The number of vectors.</param>
/// <param name="Dimension">The elements of a vector.</param>
public sealed record ReferenceEmbedding(int Vocabulary, int Dimension) : ReferenceLayer
{
    public override string Kind => "Embedding";
}

/// <summary>An earlier layer once more, with the same parameters.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Transposed">Whether it is the way back of a dense layer's weights, with a bias of its own and no activation.</param>
public sealed record ReferenceShared(string Layer, bool Transposed = false) : ReferenceLayer
{
    public override string Kind => "Shared";
}

/// <summary>A part of a network's input row, of the shape given.</summary>
public sealed record ReferenceInput(params int[] Dimensions) : ReferenceDimensions(Dimensions)
{
    public override string Kind => "Input";
}

/// <summary>Makes the value it takes an output of the network; it has that value itself.</summary>
/// <param name="Loss">What training minimises.</param>
/// <param name="Weight">What the loss is multiplied by in the sum of all.</param>
public sealed record ReferenceOutput(Loss Loss = Loss.None, double Weight = 1) : ReferenceLayer
{
    public override string Kind => "Output";
}

/// <summary>A parameter or buffer tensor of a <see cref="ReferenceNetwork"/>.</summary>
/// <param name="Name">Its name in files: <c>dense1.weight</c>, <c>conv2D1.bias</c>, <c>batchNorm1.running_mean</c>.</param>
/// <param name="Shape">Its dimensions in files: [outputs, inputs] or [filters, channels / groups, kernel...] of a weight.</param>
/// <param name="FanIn">The number of inputs of an output, of weights that multiply or slide; 0 elsewhere.</param>
/// <param name="Mask">Which elements there are, the others being zero; null where all are.</param>
public sealed record ReferenceParameter(string Name, int[] Shape, int FanIn = 0, bool[]? Mask = null)
{
    /// <summary>The number of elements.</summary>
    public int Count => ReferenceMath.Product(Shape);
}
