// The generator compiles this very file, in a namespace of its own, so that both sides agree.
#if NETGEN_GENERATOR
namespace NetGen.Generator.Model;
#else
namespace NetGen;
#endif

/// <summary>An element-wise function applied to a layer's output (softmax: to each row).</summary>
public enum Activation
{
    /// <summary>f(x) = x.</summary>
    Identity,

    /// <summary>f(x) = max(x, 0). Nair and Hinton, 2010.</summary>
    ReLU,

    /// <summary>f(x) = x for x &gt; 0, alpha x otherwise; alpha is 0.01 unless set. Maas et al., 2013.</summary>
    LeakyReLU,

    /// <summary>f(x) = x for x &gt; 0, alpha (e^x - 1) otherwise; alpha is 1 unless set. Clevert et al., 2016.</summary>
    ELU,

    /// <summary>ELU with alpha 1.6733 scaled by 1.0507: keeps mean 0 and variance 1. Klambauer et al., 2017.</summary>
    SELU,

    /// <summary>f(x) = 1 / (1 + e^-x).</summary>
    Sigmoid,

    /// <summary>f(x) = tanh x.</summary>
    Tanh,

    /// <summary>f(x) = ln(1 + e^x). Dugas et al., 2001.</summary>
    Softplus,

    /// <summary>f(x) = x P(X &lt;= x) for a standard normal X (the exact form with erf). Hendrycks and Gimpel, 2016.</summary>
    GELU,

    /// <summary>f(x) = x sigmoid(x), also called swish. Elfwing et al., 2018.</summary>
    SiLU,

    /// <summary>f(x) = min(max(x / 6 + 1/2, 0), 1).</summary>
    HardSigmoid,

    /// <summary>f(x) = x min(max(x / 6 + 1/2, 0), 1). Howard et al., 2019.</summary>
    HardSwish,

    /// <summary>f(x) = x / (1 + |x|).</summary>
    Softsign,

    /// <summary>f(x) = x tanh(ln(1 + e^x)). Misra, 2019.</summary>
    Mish,

    /// <summary>f(x)_i = e^(x_i) / sum_j e^(x_j) over each row.</summary>
    Softmax,
}

/// <summary>What training minimises. Every loss is the mean over the rows of a batch.</summary>
public enum Loss
{
    /// <summary>No loss: the network predicts, and trains only through <c>Backward</c>.</summary>
    None,

    /// <summary>Mean over rows and outputs of (output - target)^2.</summary>
    MeanSquaredError,

    /// <summary>Mean over rows and outputs of |output - target|.</summary>
    MeanAbsoluteError,

    /// <summary>
    /// Mean over rows and outputs of d^2 / 2 where |d| &lt;= 1 and |d| - 1/2 elsewhere, d = output - target. Huber, 1964.
    /// </summary>
    Huber,

    /// <summary>
    /// Binary cross-entropy of independent outputs, computed from logits: the last layer must not apply a sigmoid,
    /// <c>Predict</c> does. Mean over rows and outputs; targets lie in [0, 1].
    /// </summary>
    BinaryCrossEntropy,

    /// <summary>
    /// Cross-entropy of one distribution over the outputs, computed from logits: the last layer must not apply a softmax,
    /// <c>Predict</c> does. Targets are class indexes or distributions. Mean over rows.
    /// </summary>
    SoftmaxCrossEntropy,
}

/// <summary>How an image is enlarged.</summary>
public enum Interpolation
{
    /// <summary>Each value is repeated.</summary>
    Nearest,

    /// <summary>
    /// Between the four nearest values by distance, pixels being areas whose values stand in their centres; at the borders the nearest values.
    /// </summary>
    Bilinear,
}

/// <summary>What is added around an image.</summary>
public enum PadMode
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The values nearest to the border.</summary>
    Replicate,

    /// <summary>The image mirrored at its border values, which are not repeated; less than its extent.</summary>
    Reflect,
}

/// <summary>The number type a network computes in.</summary>
public enum Precision
{
    /// <summary>32-bit floating point.</summary>
    Single,

    /// <summary>64-bit floating point: half as fast, for scientific use and for sharp gradient checks.</summary>
    Double,
}

/// <summary>
/// How the parameters of a layer start. Fan-in is the number of inputs of an output, fan-out the reverse.
/// </summary>
public enum Initializer
{
    /// <summary>
    /// <see cref="FanInUniform"/> for weights and biases of dense layers and convolutions, which lost least of those measured
    /// (docs/initializers.md). Before SELU, which normalizes itself from there only, <see cref="LeCunNormal"/> and zero biases
    /// (Klambauer et al., 2017). Normal with deviation 1 for embeddings.
    /// </summary>
    Default,

    /// <summary>All zero.</summary>
    Zeros,

    /// <summary>All equal to the scale given (default 1).</summary>
    Constant,

    /// <summary>Normal with mean 0 and the scale given as standard deviation (default 0.05).</summary>
    Normal,

    /// <summary>Uniform in [-scale, scale] (default 0.05).</summary>
    Uniform,

    /// <summary>Uniform within sqrt(6 / (fan-in + fan-out)). Glorot and Bengio, 2010.</summary>
    XavierUniform,

    /// <summary>Normal with variance 2 / (fan-in + fan-out). Glorot and Bengio, 2010.</summary>
    XavierNormal,

    /// <summary>Uniform within sqrt(6 / fan-in). He et al., 2015.</summary>
    HeUniform,

    /// <summary>Normal with variance 2 / fan-in. He et al., 2015.</summary>
    HeNormal,

    /// <summary>Uniform within sqrt(3 / fan-in). LeCun et al., 1998.</summary>
    LeCunUniform,

    /// <summary>Normal with variance 1 / fan-in. LeCun et al., 1998.</summary>
    LeCunNormal,

    /// <summary>
    /// Uniform within 1 / sqrt(fan-in), a third of the variance of <see cref="LeCunUniform"/>: the heuristic that Glorot and
    /// Bengio, 2010, compare with, and PyTorch's default. The fan-in of a bias is that of its layer's weights.
    /// </summary>
    FanInUniform,
}
