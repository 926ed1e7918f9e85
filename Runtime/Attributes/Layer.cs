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
    /// The names of the layers whose outputs this one takes, instead of the layer above: <c>From = ["stem", "branch"]</c>.
    /// <c>"input"</c> is the network's input.
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

    /// <summary>How the biases start; zeros unless set.</summary>
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
        /// <summary>Declares a fully connected layer.</summary>
        /// <param name="units">The number of outputs; positive.</param>
        /// <param name="activation">The function applied to the outputs; none by default.</param>
        public DenseAttribute(int units, Activation activation = NetGen.Activation.Identity)
            : base(activation) => Units = units;

        /// <summary>The number of outputs.</summary>
        public int Units { get; }
    }

    /// <summary>An activation function as a layer of its own; the shape stays.</summary>
    public sealed class ActivationAttribute : LayerAttribute
    {
        /// <summary>Declares an activation.</summary>
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
    /// Inverted dropout: while training, sets each value to zero with the given probability and scales the others by
    /// 1 / (1 - rate); the identity when predicting. Srivastava et al., 2014.
    /// </summary>
    public sealed class DropoutAttribute : LayerAttribute
    {
        /// <summary>Declares a dropout layer.</summary>
        /// <param name="rate">The probability of dropping a value, in [0, 1).</param>
        public DropoutAttribute(double rate) => Rate = rate;

        /// <summary>The probability of dropping a value.</summary>
        public double Rate { get; }
    }

    /// <summary>
    /// A convolution of images: [channels, height, width] to [filters, height', width']. Weights are [filters, channels, kernel...] in files.
    /// LeCun et al., 1989.
    /// </summary>
    /// <param name="filters">The number of output channels; positive.</param>
    /// <param name="kernel">The extent of the kernel along each dimension; positive.</param>
    /// <param name="activation">The function applied to the outputs; none by default.</param>
    public sealed class Conv2DAttribute(int filters, int kernel, Activation activation = NetGen.Activation.Identity)
        : ConvolutionAttribute(filters, kernel, activation);

    /// <summary>
    /// A convolution of signals: [channels, length] to [filters, length']. Weights are [filters, channels, kernel...] in files.
    /// LeCun et al., 1989.
    /// </summary>
    /// <param name="filters">The number of output channels; positive.</param>
    /// <param name="kernel">The extent of the kernel along each dimension; positive.</param>
    /// <param name="activation">The function applied to the outputs; none by default.</param>
    public sealed class Conv1DAttribute(int filters, int kernel, Activation activation = NetGen.Activation.Identity)
        : ConvolutionAttribute(filters, kernel, activation);

    /// <summary>The largest value over windows of each channel.</summary>
    /// <param name="size">The extent of a window along each dimension; positive.</param>
    public sealed class MaxPool2DAttribute(int size) : PoolAttribute(size);

    /// <summary>The mean over windows of each channel.</summary>
    /// <param name="size">The extent of a window along each dimension; positive.</param>
    public sealed class AveragePool2DAttribute(int size) : PoolAttribute(size);

    /// <summary>The largest value over windows of each channel.</summary>
    /// <param name="size">The extent of a window along each dimension; positive.</param>
    public sealed class MaxPool1DAttribute(int size) : PoolAttribute(size);

    /// <summary>The mean over windows of each channel.</summary>
    /// <param name="size">The extent of a window along each dimension; positive.</param>
    public sealed class AveragePool1DAttribute(int size) : PoolAttribute(size);

    /// <summary>The largest value of each channel: [channels, ...] to [channels].</summary>
    public sealed class GlobalMaxPoolAttribute : LayerAttribute;

    /// <summary>The mean of each channel: [channels, ...] to [channels].</summary>
    public sealed class GlobalAveragePoolAttribute : LayerAttribute;

    /// <summary>The same elements as one dimension, channels first. Dense layers flatten by themselves.</summary>
    public sealed class FlattenAttribute : LayerAttribute;

    /// <summary>The sum of the layers named in <c>From</c>, which have one shape.</summary>
    public sealed class AddAttribute : LayerAttribute;

    /// <summary>The product, element by element, of the layers named in <c>From</c>, which have one shape.</summary>
    public sealed class MultiplyAttribute : LayerAttribute;

    /// <summary>The layers named in <c>From</c> one after the other along the first dimension (the channels).</summary>
    public sealed class ConcatAttribute : LayerAttribute;

    /// <summary>
    /// Normalizes each row to mean 0 and variance 1, then scales and shifts each element by trained numbers. Ba et al., 2016.
    /// </summary>
    public sealed class LayerNormAttribute : LayerAttribute
    {
        /// <summary>Added to the variance; 1e-5 unless set.</summary>
        public double Epsilon { get; set; } = 1e-5;
    }

    /// <summary>Divides each row by its root mean square, then scales each element by a trained number. Zhang and Sennrich, 2019.</summary>
    public sealed class RMSNormAttribute : LayerAttribute
    {
        /// <summary>Added to the mean square; 1e-5 unless set.</summary>
        public double Epsilon { get; set; } = 1e-5;
    }

    /// <summary>f(x) = x for x &gt; 0, a x otherwise, with one trained slope a for each channel, 0.25 at first. He et al., 2015.</summary>
    public sealed class PReLUAttribute : LayerAttribute;
}
