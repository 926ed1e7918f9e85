namespace NetGen.Tests.Numerics.Reference;

/// <summary>
/// The oracle for generated code: a slow interpreter of dense networks in double, made of plain loops and sharing
/// nothing with the generator. Parameters are one array per tensor, in the order of <see cref="Parameters"/>.
/// </summary>
public sealed class ReferenceNetwork
{
    private readonly List<Step> _steps = [];
    private readonly List<ReferenceParameter> _parameters = [];
    private readonly List<int> _maskWidths = [];

    public ReferenceNetwork(int[] inputShape, Loss loss, IReadOnlyList<ReferenceLayer> layers)
    {
        Loss = loss;
        InputSize = OutputSize = inputShape.Aggregate(1, (product, dimension) => product * dimension);
        int denseLayers = 0;
        foreach (ReferenceLayer layer in layers)
        {
            switch (layer)
            {
                case ReferenceDense dense:
                    string name = $"dense{++denseLayers}";
                    _steps.Add(new Linear(OutputSize, dense.Units, _parameters.Count, dense.Bias));
                    _parameters.Add(new ReferenceParameter($"{name}.weight", [dense.Units, OutputSize]));
                    if (dense.Bias)
                        _parameters.Add(new ReferenceParameter($"{name}.bias", [dense.Units]));
                    OutputSize = dense.Units;
                    AddFunction(dense.Activation, dense.Alpha);
                    break;
                case ReferenceActivation activation:
                    AddFunction(activation.Function, activation.Alpha);
                    break;
                case ReferenceDropout:
                    _steps.Add(new Mask(_maskWidths.Count));
                    _maskWidths.Add(OutputSize);
                    break;
            }
        }
    }

    public Loss Loss { get; }

    public int InputSize { get; }

    public int OutputSize { get; }

    /// <summary>The parameter tensors in the order of the layers, each weight before its bias.</summary>
    public IReadOnlyList<ReferenceParameter> Parameters => _parameters;

    /// <summary>The width of each dropout layer's mask, in the order of the layers.</summary>
    public IReadOnlyList<int> MaskWidths => _maskWidths;

    /// <summary>[rows, outputs]: probabilities where the loss works on logits, the raw outputs otherwise.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="parameters">One array per tensor.</param>
    public double[] Predict(double[] inputs, IReadOnlyList<double[]> parameters)
    {
        double[] outputs = Forward(inputs, parameters);
        return Loss switch
        {
            Loss.BinaryCrossEntropy => Array.ConvertAll(outputs, ReferenceMath.Sigmoid),
            Loss.SoftmaxCrossEntropy => Softmax(outputs, OutputSize),
            _ => outputs,
        };
    }

    /// <summary>[rows, outputs]: the last layer's raw values.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="masks">
    /// What each dropout layer multiplies its input by, [rows, width]: 0 or 1 / (1 - rate); null for no dropout.
    /// </param>
    public double[] Forward(
        double[] inputs, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks = null) =>
        Trace(inputs, parameters, masks)[^1];

    /// <summary>The mean loss over the rows.</summary>
    public double MeanLoss(
        double[] inputs, double[] targets, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks = null) =>
        LossAndGradient(Forward(inputs, parameters, masks), targets).Loss;

    /// <summary>The mean loss over the rows, and its gradients by every parameter and by the inputs.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="targets">[rows, outputs]: values, or distributions for softmax cross-entropy.</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="masks">What each dropout layer multiplies by, [rows, width]; null for no dropout.</param>
    public (double Loss, double[][] Gradients, double[] InputGradients) Gradient(
        double[] inputs, double[] targets, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks = null)
    {
        List<double[]> values = Trace(inputs, parameters, masks);
        (double loss, double[] outputGradients) = LossAndGradient(values[^1], targets);
        (double[][] gradients, double[] inputGradients) = Backward(values, outputGradients, parameters, masks);
        return (loss, gradients, inputGradients);
    }

    /// <summary>The same from class indexes.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="labels">[rows] class indexes.</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="masks">What each dropout layer multiplies by, [rows, width]; null for no dropout.</param>
    public (double Loss, double[][] Gradients, double[] InputGradients) Gradient(
        double[] inputs, int[] labels, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks = null)
    {
        if (Loss != Loss.SoftmaxCrossEntropy)
            throw new InvalidOperationException($"Class indexes are for softmax cross-entropy; the loss is {Loss}.");

        double[] distributions = new double[labels.Length * OutputSize];
        for (int row = 0; row < labels.Length; row++)
        {
            if (labels[row] < 0 || labels[row] >= OutputSize)
                throw new ArgumentException($"Label {labels[row]} of row {row} is not one of {OutputSize} classes.", nameof(labels));
            distributions[row * OutputSize + labels[row]] = 1;
        }

        return Gradient(inputs, distributions, parameters, masks);
    }

    /// <summary>The gradients by every parameter and by the inputs, from given gradients by the raw outputs.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="outputGradients">[rows, outputs]; neither scaled nor averaged.</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="masks">What each dropout layer multiplies by, [rows, width]; null for no dropout.</param>
    public (double[][] Gradients, double[] InputGradients) Backward(
        double[] inputs, double[] outputGradients, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks = null)
    {
        List<double[]> values = Trace(inputs, parameters, masks);
        CheckLength("outputGradients", outputGradients, values[^1].Length);
        return Backward(values, outputGradients, parameters, masks);
    }

    /// <summary>Softmax of each row.</summary>
    private static double[] Softmax(double[] x, int width)
    {
        double[] y = LogSoftmax(x, width);
        for (int i = 0; i < y.Length; i++)
            y[i] = Math.Exp(y[i]);
        return y;
    }

    private static double[] LogSoftmax(double[] x, int width)
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

    private static void CheckLength(string what, double[] array, int length)
    {
        if (array.Length != length)
            throw new ArgumentException($"{what} has {array.Length} elements where {length} are expected.");
    }

    private void AddFunction(Activation function, double? alpha)
    {
        double resolved = alpha ?? (function == Activation.LeakyReLU ? 0.01 : 1);
        _steps.Add(new Function(OutputSize, function, resolved));
    }

    /// <summary>The inputs, then the outputs of every step.</summary>
    private List<double[]> Trace(double[] inputs, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks)
    {
        if (inputs.Length == 0 || inputs.Length % InputSize != 0)
            throw new ArgumentException($"{inputs.Length} inputs are not rows of {InputSize}.", nameof(inputs));
        int rows = inputs.Length / InputSize;

        if (parameters.Count != _parameters.Count)
            throw new ArgumentException($"{parameters.Count} tensors were given for {_parameters.Count} parameters.", nameof(parameters));
        for (int i = 0; i < parameters.Count; i++)
            CheckLength(_parameters[i].Name, parameters[i], _parameters[i].Count);

        if (masks is not null)
        {
            if (masks.Count != _maskWidths.Count)
                throw new ArgumentException($"{masks.Count} masks were given for {_maskWidths.Count} dropout layers.", nameof(masks));
            for (int i = 0; i < masks.Count; i++)
                CheckLength($"masks[{i}]", masks[i], rows * _maskWidths[i]);
        }

        List<double[]> values = [inputs];
        foreach (Step step in _steps)
            values.Add(step.Forward(values[^1], parameters, masks));
        return values;
    }

    private (double[][] Gradients, double[] InputGradients) Backward(
        List<double[]> values, double[] outputGradients, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks)
    {
        double[][] gradients = [.. _parameters.Select(parameter => new double[parameter.Count])];
        double[] gradient = outputGradients;
        for (int i = _steps.Count - 1; i >= 0; i--)
            gradient = _steps[i].Backward(values[i], gradient, parameters, masks, gradients);

        // A network of no steps hands the caller's own array through.
        return (gradients, [.. gradient]);
    }

    private (double Loss, double[] Gradient) LossAndGradient(double[] outputs, double[] targets)
    {
        CheckLength("targets", targets, outputs.Length);
        int rows = outputs.Length / OutputSize;
        double loss = 0;
        double[] gradient = new double[outputs.Length];

        if (Loss == Loss.SoftmaxCrossEntropy)
        {
            double[] logs = LogSoftmax(outputs, OutputSize);
            for (int row = 0; row < rows; row++)
            {
                int start = row * OutputSize;
                double total = 0;
                for (int i = start; i < start + OutputSize; i++)
                {
                    loss -= targets[i] * logs[i];
                    total += targets[i];
                }

                for (int i = start; i < start + OutputSize; i++)
                    gradient[i] = (Math.Exp(logs[i]) * total - targets[i]) / rows;
            }

            return (loss / rows, gradient);
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            (double value, double slope) = ElementLoss(outputs[i], targets[i]);
            loss += value;
            gradient[i] = slope / outputs.Length;
        }

        return (loss / outputs.Length, gradient);
    }

    private (double Value, double Slope) ElementLoss(double output, double target)
    {
        double d = output - target;
        return Loss switch
        {
            Loss.MeanSquaredError => (d * d, 2 * d),
            Loss.MeanAbsoluteError => (Math.Abs(d), d > 0 ? 1 : d < 0 ? -1 : d),
            Loss.Huber => (Math.Abs(d) <= 1 ? d * d / 2 : Math.Abs(d) - 0.5, Math.Clamp(d, -1, 1)),

            // -t ln s(x) - (1 - t) ln(1 - s(x)) for the sigmoid s, arranged so that no exponential overflows.
            Loss.BinaryCrossEntropy => (
                Math.Max(output, 0) - target * output + ReferenceMath.Softplus(-Math.Abs(output)),
                ReferenceMath.Sigmoid(output) - target),
            _ => throw new InvalidOperationException("The network has no loss; use Backward."),
        };
    }

    /// <summary>One operation of the network on a whole batch.</summary>
    private abstract class Step
    {
        public abstract double[] Forward(double[] x, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks);

        /// <summary>Adds the parameter gradients to <paramref name="gradients"/> and returns the gradient by x.</summary>
        public abstract double[] Backward(
            double[] x, double[] dy, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks, double[][] gradients);
    }

    /// <summary>y = x W^T + b; the weight is tensor <c>first</c>, the bias the one after it.</summary>
    private sealed class Linear(int inputs, int outputs, int first, bool bias) : Step
    {
        public override double[] Forward(double[] x, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks)
        {
            int rows = x.Length / inputs;
            double[] y = new double[rows * outputs];
            for (int row = 0; row < rows; row++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    double sum = bias ? parameters[first + 1][o] : 0;
                    for (int i = 0; i < inputs; i++)
                        sum += x[row * inputs + i] * parameters[first][o * inputs + i];
                    y[row * outputs + o] = sum;
                }
            }

            return y;
        }

        public override double[] Backward(
            double[] x, double[] dy, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks, double[][] gradients)
        {
            int rows = x.Length / inputs;
            double[] dx = new double[x.Length];
            for (int row = 0; row < rows; row++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    double d = dy[row * outputs + o];
                    if (bias)
                        gradients[first + 1][o] += d;
                    for (int i = 0; i < inputs; i++)
                    {
                        gradients[first][o * inputs + i] += d * x[row * inputs + i];
                        dx[row * inputs + i] += d * parameters[first][o * inputs + i];
                    }
                }
            }

            return dx;
        }
    }

    /// <summary>y = f(x), element by element, or row by row for softmax.</summary>
    private sealed class Function(int width, Activation function, double alpha) : Step
    {
        public override double[] Forward(double[] x, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks) =>
            function == Activation.Softmax
                ? Softmax(x, width)
                : Array.ConvertAll(x, value => ReferenceMath.Value(function, alpha, value));

        public override double[] Backward(
            double[] x, double[] dy, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks, double[][] gradients)
        {
            double[] dx = new double[x.Length];
            if (function != Activation.Softmax)
            {
                for (int i = 0; i < x.Length; i++)
                    dx[i] = dy[i] * ReferenceMath.Derivative(function, alpha, x[i]);
                return dx;
            }

            // dy_i / dx_j = y_i ((i = j) - y_j), written out.
            double[] y = Softmax(x, width);
            for (int start = 0; start < x.Length; start += width)
            {
                for (int i = start; i < start + width; i++)
                {
                    for (int j = start; j < start + width; j++)
                        dx[j] += dy[i] * y[i] * ((i == j ? 1 : 0) - y[j]);
                }
            }

            return dx;
        }
    }

    /// <summary>y = x times mask number <c>index</c>.</summary>
    private sealed class Mask(int index) : Step
    {
        public override double[] Forward(double[] x, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks) =>
            masks is null ? x : [.. x.Zip(masks[index], (value, scale) => value * scale)];

        public override double[] Backward(
            double[] x, double[] dy, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks, double[][] gradients) =>
            Forward(dy, parameters, masks);
    }
}
