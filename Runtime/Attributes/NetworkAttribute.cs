namespace NetGen;

/// <summary>
/// Makes a partial class a neural network. Its layers are the <see cref="Layer"/> attributes below, applied in order.
/// </summary>
/// <example>
/// <code>
/// [Network(784, Loss = Loss.SoftmaxCrossEntropy)]
/// [Layer.Dense(128, Activation.ReLU)]
/// [Layer.Dense(10)]
/// public sealed partial class Mlp;
/// </code>
/// </example>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NetworkAttribute : Attribute
{
    /// <summary>Declares the shape of one input row.</summary>
    /// <param name="inputShape">
    /// The dimensions of one example, channels first and without the batch: <c>784</c>, or <c>1, 28, 28</c>. Each is positive. None where
    /// <see cref="Layer.InputAttribute"/> declares the inputs.
    /// </param>
    public NetworkAttribute(params int[] inputShape) => InputShape = inputShape;

    /// <summary>The dimensions of one example.</summary>
    public int[] InputShape { get; }

    /// <summary>What training minimises; <see cref="Loss.None"/> unless set.</summary>
    public Loss Loss { get; set; }

    /// <summary>
    /// A loss of the user's, in place of <see cref="Loss"/>: a static class with <c>V Loss&lt;V&gt;(V output, V target)</c> and
    /// <c>V Derivative&lt;V&gt;(V output, V target)</c>, the derivative by the output, where <c>V : struct, IVector&lt;V&gt;</c>. The loss of a row is the mean
    /// over its outputs.
    /// </summary>
    public Type? CustomLoss { get; set; }

    /// <summary>The number type of parameters, inputs and outputs; <see cref="Precision.Single"/> unless set.</summary>
    public Precision Precision { get; set; }
}
