namespace NetGen.Tests.Numerics.Reference;

/// <summary>
/// The oracle for generated code: a slow interpreter of networks in double, made of plain loops and sharing nothing with
/// the generator. Parameters are one array per tensor, in the order of <see cref="Parameters"/>; so are buffers.
/// </summary>
/// <remarks>
/// Values are row by row, each row flattened with the channels first. Batch normalization takes running statistics from
/// the buffers in <see cref="Predict"/> and <see cref="Forward"/>, and those of the batch in everything that trains.
/// </remarks>
public sealed class ReferenceNetwork
{
    // The value of node i is number i + 1; number 0 is the input.
    private readonly List<(ReferenceStep Step, int[] Inputs)> _nodes = [];
    private readonly List<int[]> _shapes = [];
    private readonly List<ReferenceParameter> _parameters = [];
    private readonly List<ReferenceParameter> _buffers = [];
    private readonly List<int> _maskWidths = [];

    public ReferenceNetwork(int[] inputShape, Loss loss, IReadOnlyList<ReferenceLayer> layers)
    {
        Loss = loss;
        _shapes.Add(inputShape);
        Dictionary<string, int> values = new() { ["input"] = 0 }, kinds = [];
        foreach (ReferenceLayer layer in layers)
        {
            int number = kinds[layer.Kind] = kinds.GetValueOrDefault(layer.Kind) + 1;
            string name = layer.Name ?? $"{layer.Kind}{number}";
            int[] inputs = layer.From.Count == 0
                ? [_shapes.Count - 1]
                : [.. layer.From.Select(from => values.TryGetValue(from, out int value)
                    ? value
                    : throw new ArgumentException($"{name} takes '{from}', which is no earlier layer.", nameof(layers)))];
            Add(layer, name, inputs);
            if (!values.TryAdd(name, _shapes.Count - 1))
                throw new ArgumentException($"Two layers are named '{name}'.", nameof(layers));
        }
    }

    public Loss Loss { get; }

    public IReadOnlyList<int> InputShape => _shapes[0];

    public IReadOnlyList<int> OutputShape => _shapes[^1];

    public int InputSize => ReferenceMath.Product(InputShape);

    public int OutputSize => ReferenceMath.Product(OutputShape);

    /// <summary>The parameter tensors in the order of the layers, each weight before its bias.</summary>
    public IReadOnlyList<ReferenceParameter> Parameters => _parameters;

    /// <summary>The running mean and the running variance, [channels] each, of every batch normalization in order.</summary>
    public IReadOnlyList<ReferenceParameter> Buffers => _buffers;

    /// <summary>The width of each dropout layer's mask, in the order of the layers.</summary>
    public IReadOnlyList<int> MaskWidths => _maskWidths;

    /// <summary>[rows, outputs]: probabilities where the loss works on logits, the raw outputs otherwise.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="buffers">One array per buffer; null for those of a new network, means of 0 and variances of 1.</param>
    public double[] Predict(double[] inputs, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? buffers = null)
    {
        double[] outputs = Forward(inputs, parameters, buffers: buffers);
        return Loss switch
        {
            Loss.BinaryCrossEntropy => Array.ConvertAll(outputs, ReferenceMath.Sigmoid),
            Loss.SoftmaxCrossEntropy => ReferenceMath.Softmax(outputs, OutputSize),
            _ => outputs,
        };
    }

    /// <summary>[rows, outputs]: the last layer's raw values.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="masks">
    /// What each dropout layer multiplies its input by, [rows, width]: 0 or 1 / (1 - rate); null for no dropout.
    /// </param>
    /// <param name="buffers">One array per buffer; null for those of a new network, means of 0 and variances of 1.</param>
    /// <param name="training">Whether batch normalization takes the batch's statistics, not the buffers'.</param>
    public double[] Forward(
        double[] inputs,
        IReadOnlyList<double[]> parameters,
        IReadOnlyList<double[]>? masks = null,
        IReadOnlyList<double[]>? buffers = null,
        bool training = false)
    {
        ReferencePass pass = new(parameters, buffers ?? NewBuffers(), masks, training);
        return [.. Trace(inputs, pass)[^1]];
    }

    /// <summary>The running mean 0 and running variance 1 with which every batch normalization starts.</summary>
    public double[][] NewBuffers() =>
        [.. _buffers.Select((buffer, i) => Enumerable.Repeat(i % 2 == 0 ? 0.0 : 1, buffer.Count).ToArray())];

    /// <summary>What the buffers become by one forward pass of training: each moves by its momentum.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="buffers">One array per buffer, before the pass.</param>
    /// <param name="masks">What each dropout layer multiplies by, [rows, width]; null for no dropout.</param>
    /// <exception cref="ArgumentException">A channel has one value only, hence no variance.</exception>
    public double[][] TrainBuffers(
        double[] inputs, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]> buffers, IReadOnlyList<double[]>? masks = null)
    {
        ReferencePass pass = new(parameters, buffers, masks, Training: true);
        List<double[]> values = Trace(inputs, pass);
        double[][] moved = [.. buffers.Select(buffer => (double[])buffer.Clone())];
        foreach ((ReferenceStep step, int[] from) in _nodes)
            (step as BatchNormalizationStep)?.UpdateRunning(values[from[0]], moved, pass);
        return moved;
    }

    /// <summary>The mean loss over the rows of a training pass.</summary>
    public double MeanLoss(
        double[] inputs, double[] targets, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks = null) =>
        LossAndGradient(Forward(inputs, parameters, masks, training: true), targets).Loss;

    /// <summary>The mean loss over the rows, and its gradients by every parameter and by the inputs.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="targets">[rows, outputs]: values, or distributions for softmax cross-entropy.</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="masks">What each dropout layer multiplies by, [rows, width]; null for no dropout.</param>
    public (double Loss, double[][] Gradients, double[] InputGradients) Gradient(
        double[] inputs, double[] targets, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? masks = null)
    {
        ReferencePass pass = new(parameters, NewBuffers(), masks, Training: true);
        List<double[]> values = Trace(inputs, pass);
        (double loss, double[] outputGradients) = LossAndGradient(values[^1], targets);
        (double[][] gradients, double[] inputGradients) = Backward(values, outputGradients, pass);
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
        ReferencePass pass = new(parameters, NewBuffers(), masks, Training: true);
        List<double[]> values = Trace(inputs, pass);
        CheckLength("outputGradients", outputGradients, values[^1].Length);
        return Backward(values, outputGradients, pass);
    }

    private static void CheckLength(string what, double[] array, int length)
    {
        if (array.Length != length)
            throw new ArgumentException($"{what} has {array.Length} elements where {length} are expected.");
    }

    private static void CheckTensors(string what, IReadOnlyList<double[]> tensors, List<ReferenceParameter> expected)
    {
        if (tensors.Count != expected.Count)
            throw new ArgumentException($"{tensors.Count} tensors were given for {expected.Count} {what}.");
        for (int i = 0; i < tensors.Count; i++)
            CheckLength(expected[i].Name, tensors[i], expected[i].Count);
    }

    private void Add(ReferenceLayer layer, string name, int[] inputs)
    {
        bool joins = layer is ReferenceAdd or ReferenceMultiply or ReferenceConcat;
        if (joins ? inputs.Length < 2 : inputs.Length > 1)
            throw new ArgumentException($"{name} cannot take {inputs.Length} values.");

        int[] shape = _shapes[inputs[0]];
        int size = ReferenceMath.Product(shape), channels = shape[0], positions = size / channels, first = _parameters.Count;
        switch (layer)
        {
            case ReferenceDense dense:
                AddWeight(name, [dense.Units, size], dense.Bias);
                AddNode(new LinearStep(size, dense.Units, first, dense.Bias), inputs, [dense.Units]);
                AddFunction([_shapes.Count - 1], dense.Activation, dense.Alpha);
                break;
            case ReferenceConvolution convolution:
                int padding = convolution.Padding == Layer.Same
                    ? convolution.Dilation * (convolution.Kernel - 1) / 2
                    : convolution.Padding;
                ReferenceWindow kernel = new(
                    shape, convolution.Dimensions, convolution.Kernel, convolution.Stride, padding, convolution.Dilation);
                int[] extents = [.. Enumerable.Repeat(convolution.Kernel, convolution.Dimensions)];
                AddWeight(name, [convolution.Filters, channels / convolution.Groups, .. extents], convolution.Bias);
                AddNode(
                    new ConvolutionStep(kernel, convolution.Filters, convolution.Groups, first, convolution.Bias),
                    inputs,
                    kernel.OutputShape(convolution.Filters));
                AddFunction([_shapes.Count - 1], convolution.Activation, convolution.Alpha);
                break;
            case ReferenceActivation activation:
                AddFunction(inputs, activation.Function, activation.Alpha);
                break;
            case ReferenceDropout:
                AddNode(new MaskStep(_maskWidths.Count), inputs, shape);
                _maskWidths.Add(size);
                break;
            case ReferencePool pool:
                ReferenceWindow window = new(shape, pool.Dimensions, pool.Size, pool.Stride == 0 ? pool.Size : pool.Stride);
                AddNode(new PoolStep(size, PoolStep.Sliding(window), pool.Max), inputs, window.OutputShape(channels));
                break;
            case ReferenceGlobalPool pool:
                AddNode(new PoolStep(size, PoolStep.Global(channels, positions), pool.Max), inputs, [channels]);
                break;
            case ReferenceFlatten:
                AddNode(new FunctionStep(size, Activation.Identity, 1), inputs, [size]);
                break;
            case ReferenceBatchNorm normalization:
                AddParameters(name, [channels], "weight", "bias");
                AddNode(
                    new BatchNormalizationStep(
                        channels, positions, first, _buffers.Count, normalization.Momentum, normalization.Epsilon),
                    inputs,
                    shape);
                _buffers.Add(new ReferenceParameter($"{InFiles(name)}.runningMean", [channels]));
                _buffers.Add(new ReferenceParameter($"{InFiles(name)}.runningVariance", [channels]));
                break;
            case ReferenceLayerNorm normalization:
                AddParameters(name, shape, "weight", "bias");
                AddNode(new LayerNormalizationStep(size, first, normalization.Epsilon), inputs, shape);
                break;
            case ReferenceRMSNorm normalization:
                AddParameters(name, shape, "weight");
                AddNode(new RootMeanSquareStep(size, first, normalization.Epsilon), inputs, shape);
                break;
            case ReferencePReLU:
                AddParameters(name, [channels], "weight");
                AddNode(new SlopeStep(channels, positions, first), inputs, shape);
                break;
            case ReferenceConcat:
                CheckShapes(name, inputs, joined => joined.Skip(1));
                AddNode(
                    new ConcatenationStep([.. inputs.Select(input => ReferenceMath.Product(_shapes[input]))]),
                    inputs,
                    [inputs.Sum(input => _shapes[input][0]), .. shape[1..]]);
                break;
            default:
                CheckShapes(name, inputs, joined => joined);
                AddNode(layer is ReferenceAdd ? new SumStep() : new ProductStep(), inputs, shape);
                break;
        }
    }

    private void CheckShapes(string name, int[] inputs, Func<int[], IEnumerable<int>> common)
    {
        if (!inputs.All(input => common(_shapes[input]).SequenceEqual(common(_shapes[inputs[0]]))))
        {
            string shapes = string.Join(" and ", inputs.Select(input => $"[{string.Join(", ", _shapes[input])}]"));
            throw new ArgumentException($"{name} cannot join {shapes}.");
        }
    }

    private void AddNode(ReferenceStep step, int[] inputs, int[] shape)
    {
        _nodes.Add((step, inputs));
        _shapes.Add(shape);
    }

    private void AddFunction(int[] inputs, Activation function, double? alpha)
    {
        double resolved = alpha ?? (function == Activation.LeakyReLU ? 0.01 : 1);
        int[] shape = _shapes[inputs[0]];
        AddNode(new FunctionStep(ReferenceMath.Product(shape), function, resolved), inputs, shape);
    }

    private void AddWeight(string name, int[] shape, bool bias)
    {
        _parameters.Add(new ReferenceParameter($"{InFiles(name)}.weight", shape, ReferenceMath.Product(shape[1..])));
        if (bias)
            AddParameters(name, [shape[0]], "bias");
    }

    private void AddParameters(string layer, int[] shape, params string[] names) =>
        _parameters.AddRange(names.Select(name => new ReferenceParameter($"{InFiles(layer)}.{name}", shape)));

    private static string InFiles(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>The inputs, then the outputs of every node.</summary>
    private List<double[]> Trace(double[] inputs, ReferencePass pass)
    {
        if (inputs.Length == 0 || inputs.Length % InputSize != 0)
            throw new ArgumentException($"{inputs.Length} inputs are not rows of {InputSize}.", nameof(inputs));
        int rows = inputs.Length / InputSize;

        CheckTensors("parameters", pass.Parameters, _parameters);
        CheckTensors("buffers", pass.Buffers, _buffers);
        if (pass.Masks is { } masks)
        {
            if (masks.Count != _maskWidths.Count)
                throw new ArgumentException($"{masks.Count} masks were given for {_maskWidths.Count} dropout layers.", nameof(pass));
            for (int i = 0; i < masks.Count; i++)
                CheckLength($"masks[{i}]", masks[i], rows * _maskWidths[i]);
        }

        List<double[]> values = [inputs];
        foreach ((ReferenceStep step, int[] from) in _nodes)
            values.Add(step.Forward([.. from.Select(value => values[value])], pass));
        return values;
    }

    private (double[][] Gradients, double[] InputGradients) Backward(
        List<double[]> values, double[] outputGradients, ReferencePass pass)
    {
        // A value that several nodes take gathers a gradient from each before its own node is reached.
        double[][] gradients = [.. _parameters.Select(parameter => new double[parameter.Count])];
        double[][] valueGradients = [.. values.SkipLast(1).Select(value => new double[value.Length]), [.. outputGradients]];
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            (ReferenceStep step, int[] from) = _nodes[i];
            step.Backward(
                [.. from.Select(value => values[value])],
                valueGradients[i + 1],
                pass,
                gradients,
                [.. from.Select(value => valueGradients[value])]);
        }

        return (gradients, valueGradients[0]);
    }

    private (double Loss, double[] Gradient) LossAndGradient(double[] outputs, double[] targets)
    {
        CheckLength("targets", targets, outputs.Length);
        int rows = outputs.Length / OutputSize;
        double loss = 0;
        double[] gradient = new double[outputs.Length];

        if (Loss == Loss.SoftmaxCrossEntropy)
        {
            double[] logs = ReferenceMath.LogSoftmax(outputs, OutputSize);
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
}
