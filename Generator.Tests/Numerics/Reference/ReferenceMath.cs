namespace NetGen.Tests.Numerics.Reference;

/// <summary>Scalar functions and their derivatives in double, written for accuracy and for reading.</summary>
public static class ReferenceMath
{
    // The fixed point of Klambauer et al., 2017.
    private const double SeluAlpha = 1.6732632423543772848170429916717;
    private const double SeluScale = 1.0507009873554804934193349852946;

    /// <summary>f(x) of an element-wise activation.</summary>
    public static double Value(Activation function, double alpha, double x) => function switch
    {
        Activation.Identity => x,
        Activation.ReLU => Math.Max(x, 0),
        Activation.LeakyReLU => x > 0 ? x : alpha * x,
        Activation.ELU => x > 0 ? x : alpha * ExpMinus1(x),
        Activation.SELU => SeluScale * (x > 0 ? x : SeluAlpha * ExpMinus1(x)),
        Activation.Sigmoid => Sigmoid(x),
        Activation.Tanh => Math.Tanh(x),
        Activation.Softplus => Softplus(x),
        Activation.GELU => x * NormalDistribution(x),
        Activation.SiLU => x * Sigmoid(x),
        Activation.HardSigmoid => Math.Clamp(x / 6 + 0.5, 0, 1),
        Activation.HardSwish => x * Math.Clamp(x / 6 + 0.5, 0, 1),
        Activation.Softsign => x / (1 + Math.Abs(x)),
        Activation.Mish => x * Math.Tanh(Softplus(x)),
        _ => throw new ArgumentException($"{function} is not an element-wise function.", nameof(function)),
    };

    /// <summary>f'(x) of an element-wise activation; at a kink, the derivative from the left.</summary>
    public static double Derivative(Activation function, double alpha, double x) => function switch
    {
        Activation.Identity => 1,
        Activation.ReLU => x > 0 ? 1 : 0,
        Activation.LeakyReLU => x > 0 ? 1 : alpha,
        Activation.ELU => x > 0 ? 1 : alpha * Math.Exp(x),
        Activation.SELU => SeluScale * (x > 0 ? 1 : SeluAlpha * Math.Exp(x)),
        Activation.Sigmoid => Sigmoid(x) * Sigmoid(-x),
        Activation.Tanh => 1 / (Math.Cosh(x) * Math.Cosh(x)),
        Activation.Softplus => Sigmoid(x),
        Activation.GELU => NormalDistribution(x) + x * NormalDensity(x),
        Activation.SiLU => Sigmoid(x) + x * Sigmoid(x) * Sigmoid(-x),
        Activation.HardSigmoid => x is > -3 and <= 3 ? 1.0 / 6 : 0,
        Activation.HardSwish => x > 3 ? 1 : x > -3 ? x / 3 + 0.5 : 0,
        Activation.Softsign => 1 / ((1 + Math.Abs(x)) * (1 + Math.Abs(x))),
        Activation.Mish => Math.Tanh(Softplus(x)) + x * Derivative(Activation.Tanh, alpha, Softplus(x)) * Sigmoid(x),
        _ => throw new ArgumentException($"{function} is not an element-wise function.", nameof(function)),
    };

    /// <summary>The number of elements of a shape.</summary>
    public static int Product(IEnumerable<int> shape) => shape.Aggregate(1, (product, dimension) => product * dimension);

    /// <summary>1 / (1 + e^-x).</summary>
    public static double Sigmoid(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    /// <summary>ln(1 + e^x).</summary>
    public static double Softplus(double x) => Math.Max(x, 0) + LogOf1Plus(Math.Exp(-Math.Abs(x)));

    /// <summary>Softmax of each row.</summary>
    public static double[] Softmax(double[] x, int width)
    {
        double[] y = LogSoftmax(x, width);
        for (int i = 0; i < y.Length; i++)
            y[i] = Math.Exp(y[i]);
        return y;
    }

    /// <summary>The logarithm of the softmax of each row.</summary>
    public static double[] LogSoftmax(double[] x, int width)
    {
        double[] y = new double[x.Length];
        for (int start = 0; start < x.Length; start += width)
        {
            double max = double.NegativeInfinity;
            for (int i = start; i < start + width; i++)
                max = Math.Max(max, x[i]);

            double sum = 0;
            for (int i = start; i < start + width; i++)
                sum += Math.Exp(x[i] - max);

            for (int i = start; i < start + width; i++)
                y[i] = x[i] - max - Math.Log(sum);
        }

        return y;
    }

    /// <summary>The complementary error function, to about 1e-15 absolutely and 1e-13 relatively.</summary>
    public static double Erfc(double x)
    {
        if (x < 0)
            return 2 - Erfc(-x);

        if (x < 2)
        {
            // erf x = 2 / sqrt(pi) e^(-x^2) sum over n of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): all terms are positive.
            double term = x, sum = x;
            for (int n = 1; term > 1e-18 * sum; n++)
            {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }

            return 1 - 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
        }

        // erfc x = e^(-x^2) / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / ...))), from the innermost term out.
        double fraction = x;
        for (int n = 100; n >= 1; n--)
            fraction = x + n / 2.0 / fraction;
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }

    /// <summary>e^x - 1. Kahan's way: the error of the rounded e^x cancels in the quotient.</summary>
    public static double ExpMinus1(double x)
    {
        double power = Math.Exp(x);
        if (power == 1)
            return x;
        return power - 1 == -1 ? -1 : (power - 1) * (x / Math.Log(power));
    }

    /// <summary>ln(1 + x). Kahan's way: the error of the rounded 1 + x cancels in the quotient.</summary>
    public static double LogOf1Plus(double x) => 1 + x == 1 ? x : Math.Log(1 + x) * (x / (1 + x - 1));

    private static double NormalDistribution(double x) => Erfc(-x / Math.Sqrt(2)) / 2;

    private static double NormalDensity(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
}
