namespace NetGen.Tests.Numerics.Reference;

/// <summary>
/// The oracle for generated code: a slow interpreter of networks in double, made of plain loops and sharing nothing with
/// the generator. Parameters are one array per tensor, in the order of <see cref="Parameters"/>; so are buffers. Several inputs or
/// outputs of a network stand one after the other in each row.
/// </summary>
/// <remarks>
/// Values are row by row, each row flattened with the channels first. Batch normalization takes running statistics from
/// the buffers in <see cref="Predict"/> and <see cref="Forward"/>, and those of the batch in everything that trains.
/// </remarks>
public sealed class ReferenceNetwork
{
    private readonly ReferenceGraph _graph;

    public ReferenceNetwork(int[] inputShape, Loss loss, IReadOnlyList<ReferenceLayer> layers) => _graph = new(inputShape, loss, layers);

    /// <summary>The dimensions of an input row; the number of its elements alone where the network has several inputs.</summary>
    public IReadOnlyList<int> InputShape => _graph.Shapes[0];

    public int InputSize => ReferenceMath.Product(InputShape);

    public int OutputSize => Outputs.Sum(output => output.Size);

    /// <summary>What stands in an output row, one after the other.</summary>
    public IReadOnlyList<ReferenceResult> Outputs => _graph.Outputs;

    /// <summary>Whether there is anything that training minimises.</summary>
    public bool HasLoss => Outputs.Any(output => output.Loss != Loss.None);

    /// <summary>For each element of an input row how many indexes there are for it to be one of, or 0 where it may be any number.</summary>
    public IReadOnlyList<int> Vocabularies => _graph.Vocabularies;

    /// <summary>The parameter tensors in the order of the layers, each weight before its bias.</summary>
    public IReadOnlyList<ReferenceParameter> Parameters => _graph.Parameters;

    /// <summary>The running mean and the running variance, [channels] each, of every batch normalization in order.</summary>
    public IReadOnlyList<ReferenceParameter> Buffers => _graph.Buffers;

    /// <summary>The width of each dropout layer's mask, in the order of the layers.</summary>
    public IReadOnlyList<int> MaskWidths => _graph.MaskWidths;

    /// <summary>[rows, outputs]: probabilities where the loss works on logits, the raw outputs otherwise.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="buffers">One array per buffer; null for those of a new network, means of 0 and variances of 1.</param>
    public double[] Predict(double[] inputs, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]>? buffers = null)
    {
        double[] outputs = Forward(inputs, parameters, buffers: buffers);
        foreach (ReferenceResult output in Outputs)
        {
            double[] values = Take(output, outputs);
            Put(output, outputs, output.Loss switch
            {
                Loss.BinaryCrossEntropy => Array.ConvertAll(values, ReferenceMath.Sigmoid),
                Loss.SoftmaxCrossEntropy => ReferenceMath.Softmax(values, output.Size),
                _ => values,
            });
        }

        return outputs;
    }

    /// <summary>[rows, outputs]: raw values.</summary>
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
        return Results(Trace(inputs, pass));
    }

    /// <summary>The running mean 0 and running variance 1 with which every batch normalization starts.</summary>
    public double[][] NewBuffers() =>
        [.. Buffers.Select((buffer, i) => Enumerable.Repeat(i % 2 == 0 ? 0.0 : 1, buffer.Count).ToArray())];

    /// <summary>What the buffers become by one forward pass of training: each moves by its momentum.</summary>
    /// <param name="inputs">[rows, inputs].</param>
    /// <param name="parameters">One array per tensor.</param>
    /// <param name="buffers">One array per buffer, before the pass.</param>
    /// <param name="masks">What each dropout layer multiplies by, [rows, width]; null for no dropout.</param>
    public double[][] TrainBuffers(
        double[] inputs, IReadOnlyList<double[]> parameters, IReadOnlyList<double[]> buffers, IReadOnlyList<double[]>? masks = null)
    {
        ReferencePass pass = new(parameters, buffers, masks, Training: true);
        List<double[]> values = Trace(inputs, pass);
        double[][] moved = [.. buffers.Select(buffer => (double[])buffer.Clone())];
        foreach ((ReferenceStep step, int[] from) in _graph.Nodes)
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
        (double loss, double[] outputGradients) = LossAndGradient(Results(values), targets);
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
        if (Outputs is not [{ Loss: Loss.SoftmaxCrossEntropy }])
            throw new InvalidOperationException("Class indexes are for one output with softmax cross-entropy.");

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
        CheckLength("outputGradients", outputGradients, inputs.Length / InputSize * OutputSize);
        return Backward(values, outputGradients, pass);
    }

    private static void CheckLength(string what, double[] array, int length)
    {
        if (array.Length != length)
            throw new ArgumentException($"{what} has {array.Length} elements where {length} are expected.");
    }

    private static void CheckTensors(string what, IReadOnlyList<double[]> tensors, IReadOnlyList<ReferenceParameter> expected)
    {
        if (tensors.Count != expected.Count)
            throw new ArgumentException($"{tensors.Count} tensors were given for {expected.Count} {what}.");
        for (int i = 0; i < tensors.Count; i++)
            CheckLength(expected[i].Name, tensors[i], expected[i].Count);
    }

    /// <summary>The inputs, then the outputs of every node.</summary>
    private List<double[]> Trace(double[] inputs, ReferencePass pass)
    {
        if (inputs.Length == 0 || inputs.Length % InputSize != 0)
            throw new ArgumentException($"{inputs.Length} inputs are not rows of {InputSize}.", nameof(inputs));
        int rows = inputs.Length / InputSize;

        CheckTensors("parameters", pass.Parameters, Parameters);
        CheckTensors("buffers", pass.Buffers, Buffers);
        if (pass.Masks is { } masks)
        {
            if (masks.Count != MaskWidths.Count)
                throw new ArgumentException($"{masks.Count} masks were given for {MaskWidths.Count} dropout layers.", nameof(pass));
            for (int i = 0; i < masks.Count; i++)
                CheckLength($"masks[{i}]", masks[i], rows * MaskWidths[i]);
        }

        List<double[]> values = [inputs];
        foreach ((ReferenceStep step, int[] from) in _graph.Nodes)
            values.Add(step.Forward([.. from.Select(value => values[value])], pass));
        return values;
    }

    private (double[][] Gradients, double[] InputGradients) Backward(
        List<double[]> values, double[] outputGradients, ReferencePass pass)
    {
        // A value that several nodes take gathers a gradient from each before its own node is reached.
        double[][] gradients = [.. Parameters.Select(parameter => new double[parameter.Count])];
        double[][] valueGradients = [.. values.Select(value => new double[value.Length])];
        foreach (ReferenceResult output in Outputs)
        {
            double[] given = Take(output, outputGradients);
            for (int i = 0; i < given.Length; i++)
                valueGradients[output.Value][i] += given[i];
        }

        for (int i = _graph.Nodes.Count - 1; i >= 0; i--)
        {
            (ReferenceStep step, int[] from) = _graph.Nodes[i];
            step.Backward(
                [.. from.Select(value => values[value])],
                valueGradients[i + 1],
                pass,
                gradients,
                [.. from.Select(value => valueGradients[value])]);
        }

        return (gradients, valueGradients[0]);
    }

    /// <summary>[rows, outputs] from the values of all nodes.</summary>
    private double[] Results(List<double[]> values)
    {
        double[] results = new double[values[0].Length / InputSize * OutputSize];
        foreach (ReferenceResult output in Outputs)
            Put(output, results, values[output.Value]);
        return results;
    }

    /// <summary>The columns of one output: [rows, its size].</summary>
    private double[] Take(ReferenceResult output, double[] results)
    {
        double[] values = new double[results.Length / OutputSize * output.Size];
        for (int i = 0; i < values.Length; i++)
            values[i] = results[i / output.Size * OutputSize + output.Start + i % output.Size];
        return values;
    }

    private void Put(ReferenceResult output, double[] results, double[] values)
    {
        for (int i = 0; i < values.Length; i++)
            results[i / output.Size * OutputSize + output.Start + i % output.Size] = values[i];
    }

    /// <summary>The sum of the losses of all outputs, each times its weight.</summary>
    private (double Loss, double[] Gradient) LossAndGradient(double[] results, double[] targets)
    {
        CheckLength("targets", targets, results.Length);
        if (!HasLoss)
            throw new InvalidOperationException("The network has no loss; use Backward.");

        double sum = 0;
        double[] gradients = new double[results.Length];
        foreach (ReferenceResult output in Outputs.Where(output => output.Loss != Loss.None))
        {
            (double loss, double[] gradient) = LossAndGradient(output.Loss, Take(output, results), Take(output, targets), output.Size);
            sum += output.Weight * loss;
            Put(output, gradients, Array.ConvertAll(gradient, value => output.Weight * value));
        }

        return (sum, gradients);
    }

    private static (double Loss, double[] Gradient) LossAndGradient(Loss kind, double[] outputs, double[] targets, int size)
    {
        int rows = outputs.Length / size;
        double loss = 0;
        double[] gradient = new double[outputs.Length];

        if (kind == Loss.SoftmaxCrossEntropy)
        {
            double[] logs = ReferenceMath.LogSoftmax(outputs, size);
            for (int row = 0; row < rows; row++)
            {
                int start = row * size;
                double total = 0;
                for (int i = start; i < start + size; i++)
                {
                    loss -= targets[i] * logs[i];
                    total += targets[i];
                }

                for (int i = start; i < start + size; i++)
                    gradient[i] = (Math.Exp(logs[i]) * total - targets[i]) / rows;
            }

            return (loss / rows, gradient);
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            (double value, double slope) = ElementLoss(kind, outputs[i], targets[i]);
            loss += value;
            gradient[i] = slope / outputs.Length;
        }

        return (loss / outputs.Length, gradient);
    }

    private static (double Value, double Slope) ElementLoss(Loss kind, double output, double target)
    {
        double d = output - target;
        return kind switch
        {
            Loss.MeanSquaredError => (d * d, 2 * d),
            Loss.MeanAbsoluteError => (Math.Abs(d), d > 0 ? 1 : d < 0 ? -1 : d),
            Loss.Huber => (Math.Abs(d) <= 1 ? d * d / 2 : Math.Abs(d) - 0.5, Math.Clamp(d, -1, 1)),

            // -t ln s(x) - (1 - t) ln(1 - s(x)) for the sigmoid s, arranged so that no exponential overflows.
            _ => (
                Math.Max(output, 0) - target * output + ReferenceMath.Softplus(-Math.Abs(output)),
                ReferenceMath.Sigmoid(output) - target),
        };
    }
}
