namespace NetGen;

/// <summary>One step of a network. The layers of a class apply in the order in which they are written.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public abstract class LayerAttribute : Attribute
{
    /// <summary>
    /// The layer's name in generated members, files and messages: a C# identifier, unique within the network.
    /// By default the kind and its number: <c>Dense1</c>, <c>Dense2</c>, <c>Dropout1</c>.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>
    /// The names of the layers whose outputs this one takes, instead of the layer above: <c>From = [nameof(Net.Stem), "Add1"]</c>. Layers with weights are
    /// members of the class, so that <c>nameof</c> finds them, and renaming renames them; the others go by name. <c>"input"</c> is the network's input.
    /// </summary>
    public string[]? From { get; set; }
}

/// <summary>A layer with weights that slide or multiply: what convolutions and dense layers have in common.</summary>
public abstract class WeightedLayerAttribute : LayerAttribute
{
    private protected WeightedLayerAttribute(Activation activation) => Activation = activation;

    /// <summary>The function applied to the outputs.</summary>
    public Activation Activation { get; }

    /// <summary>
    /// The slope of <see cref="Activation.LeakyReLU"/> below zero (default 0.01) or the scale of
    /// <see cref="Activation.ELU"/> below zero (default 1). Other activations take none.
    /// </summary>
    public double Alpha { get; set; }

    /// <summary>Whether the layer adds a bias; true unless set.</summary>
    public bool Bias { get; set; } = true;

    /// <summary>How the weights start.</summary>
    public Initializer WeightInitializer { get; set; }

    /// <summary>The value, deviation or limit of a constant, normal or uniform weight initializer.</summary>
    public double WeightScale { get; set; }

    /// <summary>How the biases start.</summary>
    public Initializer BiasInitializer { get; set; }

    /// <summary>The value, deviation or limit of a constant, normal or uniform bias initializer.</summary>
    public double BiasScale { get; set; }
}

/// <summary>A convolution of any number of dimensions.</summary>
public abstract class ConvolutionAttribute : WeightedLayerAttribute
{
    private protected ConvolutionAttribute(int filters, int kernel, Activation activation)
        : base(activation)
    {
        Filters = filters;
        Kernel = kernel;
    }

    /// <summary>The number of output channels.</summary>
    public int Filters { get; }

    /// <summary>The extent of the kernel along each dimension.</summary>
    public int Kernel { get; }

    /// <summary>The step from one position of the kernel to the next; 1 unless set.</summary>
    public int Stride { get; set; } = 1;

    /// <summary>Zeros added at each side, or <see cref="Layer.Same"/>; 0 unless set.</summary>
    public int Padding { get; set; }

    /// <summary>The distance between the inputs that one kernel position reads; 1 unless set. Yu and Koltun, 2016.</summary>
    public int Dilation { get; set; } = 1;
}

/// <summary>A convolution whose filters may read a part of the channels only.</summary>
public abstract class GroupedConvolutionAttribute : ConvolutionAttribute
{
    private protected GroupedConvolutionAttribute(int filters, int kernel, Activation activation)
        : base(filters, kernel, activation)
    {
    }

    /// <summary>
    /// The parts into which channels and filters are divided, each part of the filters reading one part of the channels; 1 unless set.
    /// With as many groups as channels the convolution is depthwise. Krizhevsky et al., 2012.
    /// </summary>
    public int Groups { get; set; } = 1;
}

/// <summary>Pooling over windows of any number of dimensions, without padding.</summary>
public abstract class PoolAttribute : LayerAttribute
{
    private protected PoolAttribute(int size) => Size = size;

    /// <summary>The extent of a window along each dimension.</summary>
    public int Size { get; }

    /// <summary>The step from one window to the next; the size unless set.</summary>
    public int Stride { get; set; }
}

/// <summary>The layers a network is made of.</summary>
public static class Layer
{
    /// <summary>As <c>Padding</c>: as many zeros at each side as keep the size at stride 1; the kernel must be odd.</summary>
    public const int Same = -1;

    /// <summary>
    /// A fully connected layer: y = f(x W + b), [rows, inputs] to [rows, units]. An input of several dimensions is flattened.
    /// </summary>
    public sealed class DenseAttribute : WeightedLayerAttribute
    {
        /// <summary>A fully connected layer: y = f(x W + b), [rows, inputs] to [rows, units]. An input of several dimensions is flattened.</summary>
        /// <param name="units">The number of outputs; positive.</param>
        /// <param name="activation">The function applied to the outputs; none by default.</param>
        public DenseAttribute(int units, Activation activation = NetGen.Activation.Identity)
            : base(activation) => Units = units;

        /// <summary>The number of outputs.</summary>
        public int Units { get; }
    }

    /// <summary>An activation function as a layer of its own: y = f(x); the shape stays.</summary>
    public sealed class ActivationAttribute : LayerAttribute
    {
        /// <summary>An activation function as a layer of its own: y = f(x); the shape stays.</summary>
        /// <param name="function">The function applied to the input.</param>
        public ActivationAttribute(Activation function) => Function = function;

        /// <summary>The function applied to the input.</summary>
        public Activation Function { get; }

        /// <summary>
        /// The slope of <see cref="NetGen.Activation.LeakyReLU"/> below zero (default 0.01) or the scale of
        /// <see cref="NetGen.Activation.ELU"/> below zero (default 1). Other activations take none.
        /// </summary>
        public double Alpha { get; set; }
    }

    /// <summary>
    /// Inverted dropout: y = x mask, where each element of the mask is 0 with probability rate and 1 / (1 - rate) otherwise; the identity when predicting.
    /// Srivastava et al., 2014.
    /// </summary>
    public sealed class DropoutAttribute : LayerAttribute
    {
        /// <summary>
        /// Inverted dropout: y = x mask, where each element of the mask is 0 with probability rate and 1 / (1 - rate) otherwise; the identity when predicting.
        /// </summary>
        /// <param name="rate">The probability of dropping a value, in [0, 1).</param>
        public DropoutAttribute(double rate) => Rate = rate;

        /// <summary>The probability of dropping a value.</summary>
        public double Rate { get; }
    }

    /// <summary>
    /// A convolution of images: y = f(x * W + b), [channels, height, width] to [filters, height', width'] with
    /// height' = (height + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down, and width' likewise.
    /// Weights are [filters, channels / groups, kernel...] in files.
    /// LeCun et al., 1989.
    /// </summary>
    /// <param name="filters">The number of output channels; positive.</param>
    /// <param name="kernel">The extent of the kernel along each dimension; positive.</param>
    /// <param name="activation">The function applied to the outputs; none by default.</param>
    public sealed class Conv2DAttribute(int filters, int kernel, Activation activation = NetGen.Activation.Identity)
        : GroupedConvolutionAttribute(filters, kernel, activation);

    /// <summary>
    /// A convolution of signals: y = f(x * W + b), [channels, length] to [filters, length'] with
    /// length' = (length + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down. Weights are [filters, channels / groups, kernel...] in files.
    /// LeCun et al., 1989.
    /// </summary>
    /// <param name="filters">The number of output channels; positive.</param>
    /// <param name="kernel">The extent of the kernel along each dimension; positive.</param>
    /// <param name="activation">The function applied to the outputs; none by default.</param>
    public sealed class Conv1DAttribute(int filters, int kernel, Activation activation = NetGen.Activation.Identity)
        : GroupedConvolutionAttribute(filters, kernel, activation);

    /// <summary>
    /// The largest value over windows of each channel: [channels, height, width] to [channels, height', width'] with
    /// height' = (height - size) / stride + 1, rounded down, and width' likewise.
    /// </summary>
    /// <param name="size">The extent of a window along each dimension; positive.</param>
    public sealed class MaxPool2DAttribute(int size) : PoolAttribute(size);

    /// <summary>
    /// The mean over windows of each channel: [channels, height, width] to [channels, height', width'] with
    /// height' = (height - size) / stride + 1, rounded down, and width' likewise.
    /// </summary>
    /// <param name="size">The extent of a window along each dimension; positive.</param>
    public sealed class AveragePool2DAttribute(int size) : PoolAttribute(size);

    /// <summary>
    /// The largest value over windows of each channel: [channels, length] to [channels, length'] with length' = (length - size) / stride + 1, rounded down.
    /// </summary>
    /// <param name="size">The extent of a window along each dimension; positive.</param>
    public sealed class MaxPool1DAttribute(int size) : PoolAttribute(size);

    /// <summary>
    /// The mean over windows of each channel: [channels, length] to [channels, length'] with length' = (length - size) / stride + 1, rounded down.
    /// </summary>
    /// <param name="size">The extent of a window along each dimension; positive.</param>
    public sealed class AveragePool1DAttribute(int size) : PoolAttribute(size);

    /// <summary>The largest value of each channel: [channels, ...] to [channels].</summary>
    public sealed class GlobalMaxPoolAttribute : LayerAttribute
    {
        /// <inheritdoc cref="GlobalMaxPoolAttribute"/>
        public GlobalMaxPoolAttribute()
        {
        }
    }

    /// <summary>The mean of each channel: [channels, ...] to [channels].</summary>
    public sealed class GlobalAveragePoolAttribute : LayerAttribute
    {
        /// <inheritdoc cref="GlobalAveragePoolAttribute"/>
        public GlobalAveragePoolAttribute()
        {
        }
    }

    /// <summary>The same elements as one dimension, channels first. Dense layers flatten by themselves.</summary>
    public sealed class FlattenAttribute : LayerAttribute
    {
        /// <inheritdoc cref="FlattenAttribute"/>
        public FlattenAttribute()
        {
        }
    }

    /// <summary>The sum of the layers named in <c>From</c>, which have one shape: y = a + b + ...</summary>
    public sealed class AddAttribute : LayerAttribute
    {
        /// <inheritdoc cref="AddAttribute"/>
        public AddAttribute()
        {
        }
    }

    /// <summary>The product, element by element, of the layers named in <c>From</c>, which have one shape: y = a b ...</summary>
    public sealed class MultiplyAttribute : LayerAttribute
    {
        /// <inheritdoc cref="MultiplyAttribute"/>
        public MultiplyAttribute()
        {
        }
    }

    /// <summary>The layers named in <c>From</c> one after the other along the first dimension (the channels): y = [a, b, ...]</summary>
    public sealed class ConcatAttribute : LayerAttribute
    {
        /// <inheritdoc cref="ConcatAttribute"/>
        public ConcatAttribute()
        {
        }
    }

    /// <summary>
    /// Normalizes each row to mean 0 and variance 1, then scales and shifts each element by trained numbers:
    /// y = (x - mean) / sqrt(variance + epsilon) w + b. Ba et al., 2016.
    /// </summary>
    public sealed class LayerNormAttribute : LayerAttribute
    {
        /// <inheritdoc cref="LayerNormAttribute"/>
        public LayerNormAttribute()
        {
        }

        /// <summary>Added to the variance; 1e-5 unless set.</summary>
        public double Epsilon { get; set; } = 1e-5;
    }

    /// <summary>
    /// Divides each row by its root mean square, then scales each element by a trained number: y = x / sqrt(mean of x^2 + epsilon) w.
    /// Zhang and Sennrich, 2019.
    /// </summary>
    public sealed class RMSNormAttribute : LayerAttribute
    {
        /// <inheritdoc cref="RMSNormAttribute"/>
        public RMSNormAttribute()
        {
        }

        /// <summary>Added to the mean square; 1e-5 unless set.</summary>
        public double Epsilon { get; set; } = 1e-5;
    }

    /// <summary>f(x) = x for x &gt; 0, a x otherwise, with one trained slope a for each channel, 0.25 at first. He et al., 2015.</summary>
    public sealed class PReLUAttribute : LayerAttribute
    {
        /// <inheritdoc cref="PReLUAttribute"/>
        public PReLUAttribute()
        {
        }
    }

    /// <summary>
    /// A depthwise convolution, without bias and activation, followed by a pointwise one (kernel 1) to the filters, with both: far fewer
    /// multiply-adds than one convolution that does both at once. In files the parts are layers of their own: <c>nameDepthwise</c>
    /// and <c>name</c>. Chollet, 2017.
    /// </summary>
    /// <param name="filters">The number of output channels; positive.</param>
    /// <param name="kernel">The extent of the depthwise kernel along each dimension; positive.</param>
    /// <param name="activation">The function applied to the outputs; none by default.</param>
    public sealed class SeparableConv2DAttribute(int filters, int kernel, Activation activation = NetGen.Activation.Identity)
        : ConvolutionAttribute(filters, kernel, activation);

    /// <summary>
    /// The transpose of a convolution, which enlarges images: [channels, height, width] to [filters, height', width'] with
    /// height' = (height - 1) stride - 2 padding + dilation (kernel - 1) + output padding + 1. Weights are [channels, filters, kernel, kernel]
    /// in files. Zeiler et al., 2010.
    /// </summary>
    /// <param name="filters">The number of output channels; positive.</param>
    /// <param name="kernel">The extent of the kernel along each dimension; positive.</param>
    /// <param name="activation">The function applied to the outputs; none by default.</param>
    public sealed class ConvTranspose2DAttribute(int filters, int kernel, Activation activation = NetGen.Activation.Identity)
        : ConvolutionAttribute(filters, kernel, activation)
    {
        /// <summary>Lines and columns added at the far sides, less than the stride; 0 unless set.</summary>
        public int OutputPadding { get; set; }
    }

    /// <summary>
    /// A convolution with weights of their own at each position: [channels, height, width] to [filters, height', width']. Weights are
    /// [height' width', filters, channels, kernel, kernel] and biases [height' width', filters] in files.
    /// </summary>
    /// <param name="filters">The number of output channels; positive.</param>
    /// <param name="kernel">The extent of the kernel along each dimension; positive.</param>
    /// <param name="activation">The function applied to the outputs; none by default.</param>
    public sealed class LocallyConnected2DAttribute(int filters, int kernel, Activation activation = NetGen.Activation.Identity)
        : ConvolutionAttribute(filters, kernel, activation);

    /// <summary>
    /// A dense layer of which only some connections exist: y = f(x (W * mask) + b). Weights that are masked out are zero and stay zero.
    /// </summary>
    /// <param name="units">The number of outputs; positive.</param>
    /// <param name="activation">The function applied to the outputs; none by default.</param>
    public sealed class MaskedDenseAttribute(int units, Activation activation = NetGen.Activation.Identity) : WeightedLayerAttribute(activation)
    {
        /// <summary>The number of outputs.</summary>
        public int Units { get; } = units;

        /// <summary>
        /// The connections: a text for each output with a character for each input, <c>'1'</c> where they are connected and <c>'0'</c>
        /// where not. The pattern repeats along outputs and inputs, whose numbers must be multiples of its extents.
        /// </summary>
        public string[]? Mask { get; set; }
    }

    /// <summary>The same elements in another shape, in the order of the input's, channels first.</summary>
    /// <param name="shape">The dimensions; one of them may be -1 and follows from the others.</param>
    public sealed class ReshapeAttribute(params int[] shape) : LayerAttribute
    {
        /// <summary>The dimensions; one of them may be -1 and follows from the others.</summary>
        public int[] Shape { get; } = shape;
    }

    /// <summary>The dimensions in another order.</summary>
    /// <param name="order">
    /// For each dimension of the output the number of the input's, from 0: <c>1, 2, 0</c> turns [channels, height, width] into [height, width, channels].
    /// </param>
    public sealed class PermuteAttribute(params int[] order) : LayerAttribute
    {
        /// <summary>For each dimension of the output the number of the input's, from 0.</summary>
        public int[] Order { get; } = order;
    }

    /// <summary>Enlarges images: [channels, height, width] to [channels, height scale, width scale].</summary>
    /// <param name="scale">How many times as high and wide; positive.</param>
    /// <param name="interpolation">How values between pixels are found; the nearest by default.</param>
    public sealed class Upsample2DAttribute(int scale, Interpolation interpolation = NetGen.Interpolation.Nearest) : LayerAttribute
    {
        /// <summary>How many times as high and wide.</summary>
        public int Scale { get; } = scale;

        /// <summary>How values between pixels are found.</summary>
        public Interpolation Interpolation { get; } = interpolation;
    }

    /// <summary>Adds lines and columns around images.</summary>
    public sealed class Pad2DAttribute : LayerAttribute
    {
        /// <summary>Adds as many lines and columns at each side: [channels, height, width] to [channels, height + 2 size, width + 2 size].</summary>
        /// <param name="size">Lines and columns at each side; not negative.</param>
        public Pad2DAttribute(int size)
            : this(size, size, size, size)
        {
        }

        /// <summary>Adds lines and columns at the sides: [channels, height, width] to [channels, top + height + bottom, left + width + right].</summary>
        /// <param name="top">Lines above; not negative.</param>
        /// <param name="bottom">Lines below; not negative.</param>
        /// <param name="left">Columns before; not negative.</param>
        /// <param name="right">Columns after; not negative.</param>
        public Pad2DAttribute(int top, int bottom, int left, int right) => (Top, Bottom, Left, Right) = (top, bottom, left, right);

        /// <summary>Lines above.</summary>
        public int Top { get; }

        /// <summary>Lines below.</summary>
        public int Bottom { get; }

        /// <summary>Columns before.</summary>
        public int Left { get; }

        /// <summary>Columns after.</summary>
        public int Right { get; }

        /// <summary>What is added; zeros unless set.</summary>
        public PadMode Mode { get; set; }
    }

    /// <summary>Removes lines and columns at the sides of images.</summary>
    public sealed class Crop2DAttribute : LayerAttribute
    {
        /// <summary>Removes as many lines and columns at each side: [channels, height, width] to [channels, height - 2 size, width - 2 size].</summary>
        /// <param name="size">Lines and columns at each side; not negative.</param>
        public Crop2DAttribute(int size)
            : this(size, size, size, size)
        {
        }

        /// <summary>Removes lines and columns at the sides: [channels, height, width] to [channels, height - top - bottom, width - left - right].</summary>
        /// <param name="top">Lines above; not negative.</param>
        /// <param name="bottom">Lines below; not negative.</param>
        /// <param name="left">Columns before; not negative.</param>
        /// <param name="right">Columns after; not negative.</param>
        public Crop2DAttribute(int top, int bottom, int left, int right) => (Top, Bottom, Left, Right) = (top, bottom, left, right);

        /// <summary>Lines above.</summary>
        public int Top { get; }

        /// <summary>Lines below.</summary>
        public int Bottom { get; }

        /// <summary>Columns before.</summary>
        public int Left { get; }

        /// <summary>Columns after.</summary>
        public int Right { get; }
    }

    /// <summary>
    /// Normalizes each channel to mean 0 and variance 1 over the rows of the batch and all positions, then scales and shifts it by trained
    /// numbers: y = (x - mean) / sqrt(variance + epsilon) w + b. Predicting uses running statistics, which are saved with the weights, and costs
    /// nothing where they can be folded into the layer before. Ioffe and Szegedy, 2015. A batch is normalized with its variance divided by n, and moves the
    /// running variance by its unbiased one, divided by n - 1, as in PyTorch; Keras and ONNX move it by the former. Where rows times positions is 1, the
    /// running variance stays as it is.
    /// </summary>
    public sealed class BatchNormAttribute : LayerAttribute
    {
        /// <inheritdoc cref="BatchNormAttribute"/>
        public BatchNormAttribute()
        {
        }

        /// <summary>Added to the variance; 1e-5 unless set.</summary>
        public double Epsilon { get; set; } = 1e-5;

        /// <summary>
        /// The share of each batch in the running statistics, in (0, 1]; 0.1 unless set. PyTorch means the same; Keras and TensorFlow mean the rest: their
        /// momentum 0.99 is 0.01 here.
        /// </summary>
        public double Momentum { get; set; } = 0.1;
    }

    /// <summary>
    /// Normalizes groups of channels of each row to mean 0 and variance 1, then scales and shifts each channel by trained numbers:
    /// y = (x - mean) / sqrt(variance + epsilon) w + b. With one group for each
    /// channel it is instance normalization. Wu and He, 2018.
    /// </summary>
    /// <param name="groups">The number of groups; positive, and a divisor of the channels.</param>
    public sealed class GroupNormAttribute(int groups) : LayerAttribute
    {
        /// <summary>The number of groups.</summary>
        public int Groups { get; } = groups;

        /// <summary>Added to the variance; 1e-5 unless set.</summary>
        public double Epsilon { get; set; } = 1e-5;
    }

    /// <summary>
    /// Dropout of whole channels: y = x mask, where the mask of a channel is 0 with probability rate and 1 / (1 - rate) otherwise; the identity when
    /// predicting. Tompson et al., 2015.
    /// </summary>
    /// <param name="rate">The probability of dropping a channel, in [0, 1).</param>
    public sealed class SpatialDropoutAttribute(double rate) : LayerAttribute
    {
        /// <summary>The probability of dropping a channel.</summary>
        public double Rate { get; } = rate;
    }

    /// <summary>
    /// Dropout that keeps the mean 0 and variance 1 of values after SELU: while training, y = a (x where kept, -1.7581 elsewhere) + b, with
    /// a = (q + 1.7581^2 q (1 - q))^-1/2, b = a (1 - q) 1.7581, q = 1 - rate. Klambauer et al., 2017.
    /// </summary>
    /// <param name="rate">The probability of dropping a value, in [0, 1).</param>
    public sealed class AlphaDropoutAttribute(double rate) : LayerAttribute
    {
        /// <summary>The probability of dropping a value.</summary>
        public double Rate { get; } = rate;
    }

    /// <summary>Adds normal noise of mean 0 while training, y = x + noise; the identity when predicting. Bishop, 1995.</summary>
    /// <param name="deviation">The standard deviation of the noise; not negative.</param>
    public sealed class GaussianNoiseAttribute(double deviation) : LayerAttribute
    {
        /// <summary>The standard deviation of the noise.</summary>
        public double Deviation { get; } = deviation;
    }

    /// <summary>
    /// f(x) = x for x &gt; 0, a x otherwise, with a drawn anew for each value from [lower, upper] while training, and their mean when predicting.
    /// Xu et al., 2015.
    /// </summary>
    public sealed class RReLUAttribute : LayerAttribute
    {
        /// <inheritdoc cref="RReLUAttribute"/>
        public RReLUAttribute()
        {
        }

        /// <summary>The least slope; 1/8 unless set.</summary>
        public double Lower { get; set; } = 1d / 8;

        /// <summary>The greatest slope; 1/3 unless set.</summary>
        public double Upper { get; set; } = 1d / 3;
    }

    /// <summary>
    /// The largest of several channels: [channels, ...] to [channels / pieces, ...]; output c is the largest of the inputs c pieces to
    /// c pieces + pieces - 1. After a dense layer or a convolution of units times pieces outputs it is a maxout layer. Goodfellow et al., 2013.
    /// </summary>
    /// <param name="pieces">The number of inputs of an output; a divisor of the channels.</param>
    public sealed class MaxoutAttribute(int pieces) : LayerAttribute
    {
        /// <summary>The number of inputs of an output.</summary>
        public int Pieces { get; } = pieces;
    }

    /// <summary>f(x) = x sigmoid(b x), with one trained slope b for each channel, 1 at first. Ramachandran et al., 2017.</summary>
    public sealed class SwishAttribute : LayerAttribute
    {
        /// <inheritdoc cref="SwishAttribute"/>
        public SwishAttribute()
        {
        }
    }

    /// <summary>
    /// Looks up a vector for each index: [length] whole numbers to [dimension, length]. Weights are [vocabulary, dimension]. An index that is not whole
    /// or outside [0, vocabulary) is refused with an <see cref="ArgumentOutOfRangeException"/>. Backward touches the rows looked up and no others.
    /// </summary>
    /// <param name="vocabulary">The number of vectors; positive.</param>
    /// <param name="dimension">The elements of a vector; positive.</param>
    public sealed class EmbeddingAttribute(int vocabulary, int dimension) : LayerAttribute
    {
        /// <summary>The number of vectors.</summary>
        public int Vocabulary { get; } = vocabulary;

        /// <summary>The elements of a vector.</summary>
        public int Dimension { get; } = dimension;

        /// <summary>How the vectors start; normal unless set.</summary>
        public Initializer WeightInitializer { get; set; }

        /// <summary>The value, deviation or limit of a constant, normal or uniform initializer; 1 unless set.</summary>
        public double WeightScale { get; set; }
    }

    /// <summary>
    /// An element-wise function of the user's: a static class with <c>V Forward&lt;V&gt;(V x)</c> and <c>V Derivative&lt;V&gt;(V x)</c>, where
    /// <c>V : struct, IVector&lt;V&gt;</c>. Both are inlined into vector loops.
    /// </summary>
    /// <param name="function">The static class.</param>
    public sealed class CustomAttribute(Type function) : LayerAttribute
    {
        /// <summary>The static class.</summary>
        public Type Function { get; } = function;
    }

    /// <summary>
    /// The layers of another class in place of this attribute, several times if wished. In the class <c>"input"</c> is what stands above this attribute
    /// (or what <c>From</c> names), and the last layer is what follows takes. Layer names get this one's before them: <c>Block1Conv2D1</c>,
    /// <c>Block1Repeat2Conv2D1</c>. The class may be in another assembly.
    /// </summary>
    /// <param name="type">A class with layer attributes.</param>
    public sealed class BlockAttribute(Type type) : LayerAttribute
    {
        /// <summary>The class with the layers.</summary>
        public Type Type { get; } = type;

        /// <summary>How many times, one after the other; 1 unless set.</summary>
        public int Repeat { get; set; } = 1;
    }

    /// <summary>
    /// Another layer applied again, with the same weights: both of its uses train them. Its input has the shape of the first use's.
    /// </summary>
    /// <param name="layer">The name of a layer above.</param>
    public sealed class SharedAttribute(string layer) : LayerAttribute
    {
        /// <summary>The name of the layer.</summary>
        public string Layer { get; } = layer;

        /// <summary>
        /// Whether a dense layer's weights are used transposed, [units] to [inputs], with a bias of this layer's own and no activation: the decoder of
        /// a tied autoencoder. False unless set.
        /// </summary>
        public bool Transposed { get; set; }
    }

    /// <summary>
    /// A named input beside others. A network with several inputs takes them one after the other in each row, in the order in which they are declared, and
    /// has no shape on <c>[Network]</c>.
    /// </summary>
    /// <param name="shape">The dimensions of one example, channels first; each is positive.</param>
    public sealed class InputAttribute(params int[] shape) : LayerAttribute
    {
        /// <summary>The dimensions of one example.</summary>
        public int[] Shape { get; } = shape;
    }

    /// <summary>
    /// Makes a layer's output an output of the network, with a loss of its own. A network with several outputs gives them one after the other in each row, in
    /// the order in which they are declared, takes targets likewise, and has no loss on <c>[Network]</c>.
    /// </summary>
    public sealed class OutputAttribute : LayerAttribute
    {
        /// <inheritdoc cref="OutputAttribute"/>
        public OutputAttribute()
        {
        }

        /// <summary>What training minimises; <see cref="NetGen.Loss.None"/> unless set.</summary>
        public Loss Loss { get; set; }

        /// <summary>A loss of the user's, in place of <see cref="Loss"/>; see <see cref="NetworkAttribute.CustomLoss"/>.</summary>
        public Type? CustomLoss { get; set; }

        /// <summary>What the loss is multiplied by in the sum of all losses; positive, 1 unless set.</summary>
        public double Weight { get; set; } = 1;
    }
}
