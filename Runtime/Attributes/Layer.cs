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
}

/// <summary>The layers a network is made of.</summary>
public static class Layer
{
    /// <summary>
    /// A fully connected layer: y = f(x W + b), [rows, inputs] to [rows, units]. An input of several dimensions is flattened.
    /// </summary>
    public sealed class DenseAttribute : LayerAttribute
    {
        /// <summary>Declares a fully connected layer.</summary>
        /// <param name="units">The number of outputs; positive.</param>
        /// <param name="activation">The function applied to the outputs; none by default.</param>
        public DenseAttribute(int units, Activation activation = NetGen.Activation.Identity)
        {
            Units = units;
            Activation = activation;
        }

        /// <summary>The number of outputs.</summary>
        public int Units { get; }

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
}
