using System.Numerics;
using NetGen.CodeGeneration;
using NetGen.Tests.Infrastructure;
using NetGen.Tests.Numerics.Reference;

namespace NetGen.Tests.Numerics;

/// <summary>What stands on the other side of the outputs in a training pass.</summary>
internal enum TargetKind
{
    Values,
    Labels,
    OutputGradients,
}

/// <summary>A compiled network with parameters, rows and targets, which can be trained at any width and by the reference.</summary>
/// <remarks>All numbers are exact in single precision.</remarks>
internal sealed class TrainingCase<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NetworkDescription _description;
    private readonly double[][] _parameters;
    private readonly double[][] _buffers;
    private readonly double[] _inputs;
    private readonly double[] _targets;
    private readonly T[] _targetValues;
    private readonly int[] _labels;
    private readonly TargetKind _kind;
    private readonly RandomKey _dropout;
    private readonly Widths<T> _widths;

    public TrainingCase(NetworkDescription description, INetwork<T> network, int rows, TargetKind kind, RandomKey dropout, int seed)
    {
        (_description, Network, Rows, _kind, _dropout) = (description, network, rows, kind, dropout);
        _widths = new(network);
        Reference = description.ToReference();
        Random random = new(seed);
        _parameters = RandomNetworks.Parameters(Reference, random);
        _buffers = RandomNetworks.Buffers(Reference, random);
        foreach ((ReferenceParameter tensor, double[] values) in Reference.Parameters.Concat(Reference.Buffers).Zip(_parameters.Concat(_buffers)))
            Parameter(tensor).CopyFrom<T>(Convert(values), network.Parameters.Span);
        _inputs = RandomNetworks.Inputs(Reference, random, rows);
        _targets = RandomNetworks.Targets(Reference, random, rows);
        _labels = kind == TargetKind.Labels ? RandomNetworks.Labels(Reference, random, rows) : [];
        Inputs = Convert(_inputs);
        _targetValues = kind == TargetKind.Labels ? [] : Convert(_targets);
    }

    public INetwork<T> Network { get; }

    public ReferenceNetwork Reference { get; }

    public int Rows { get; }

    public T[] Inputs { get; }

    public T[] Forward(int bits, bool link) => _widths.Forward(bits, Inputs, link);

    /// <summary>The mean loss; without a loss, the sum of the outputs times the gradients that would be given for them.</summary>
    public double Objective(int bits) => _kind == TargetKind.OutputGradients
        ? Forward(bits, link: false).Zip(_targetValues, (output, weight) => double.CreateChecked(output) * double.CreateChecked(weight)).Sum()
        : _widths.Train(bits, Pass()) / Rows;

    /// <summary>The mean loss, and the gradients in the layout of the buffer and of the inputs.</summary>
    /// <remarks>
    /// Runs twice: parameter gradients must add up, and input gradients must be written whatever stood there.
    /// </remarks>
    public (double Loss, T[] Gradients, T[] InputGradients) Train(int bits)
    {
        ParameterBuffer<T> gradients = new(Network.Parameters.Length);
        TrainingPass<T> pass = Pass();
        pass.Gradients = gradients;
        T[] inputGradients = new T[Inputs.Length];
        pass.InputGradients = inputGradients;
        Memory.Soil<T>();
        _widths.Train(bits, pass);
        Array.Fill(inputGradients, T.NaN);
        Memory.Soil<T>();
        double loss = _widths.Train(bits, pass) / Rows;
        return (loss, Array.ConvertAll(gradients.Span.ToArray(), gradient => gradient / T.CreateChecked(2)), inputGradients);
    }

    /// <summary>What the reference says of the same.</summary>
    public (double Loss, double[][] Gradients, double[] InputGradients) TrainReference()
    {
        double[][]? masks = _dropout.IsActive ? Masks() : null;
        switch (_kind)
        {
            case TargetKind.Labels:
                return Reference.Gradient(_inputs, _labels, _parameters, masks);
            case TargetKind.Values:
                return Reference.Gradient(_inputs, _targets, _parameters, masks);
            default:
                (double[][] gradients, double[] inputGradients) = Reference.Backward(_inputs, _targets, _parameters, masks);
                return (0, gradients, inputGradients);
        }
    }

    public double[] ForwardReference(bool link) => link ? Reference.Predict(_inputs, _parameters) : Reference.Forward(_inputs, _parameters);

    /// <summary>Which elements of a buffer the objective depends on; the others are padding or running statistics.</summary>
    public bool[] IsParameter() => Elements(parameter => parameter.IsTrained);

    /// <summary>Which elements of a buffer are running statistics of batch normalization.</summary>
    public bool[] IsStatistic() => Elements(parameter => !parameter.IsTrained);

    /// <summary>Which inputs are numbers that may be a little larger or smaller; the others are indexes.</summary>
    public bool[] IsVariable() => [.. Inputs.Select((_, i) => Reference.Vocabularies[i % Reference.InputSize] == 0)];

    /// <summary>How far running statistics that are moved by what a training pass gives are from the reference's.</summary>
    public double StatisticsError(T[] gradients)
    {
        double largest = 0;
        foreach ((ReferenceParameter tensor, (double[] start, double[] expected)) in
            Reference.Buffers.Zip(_buffers.Zip(Reference.TrainBuffers(_inputs, _parameters, _buffers))))
        {
            T[] change = new T[start.Length];
            Parameter(tensor).CopyTo<T>(gradients, change);
            largest = Math.Max(largest, Near.Error<double>(expected, [.. start.Zip(change, (value, step) => value - double.CreateChecked(step))]));
        }

        return largest;
    }

    public override string ToString() =>
        $"{Network.Info.Architecture}, {Network.Info.Loss}, {typeof(T).Name}, {Rows} rows, {_kind}, dropout {(_dropout.IsActive ? "on" : "off")}";

    private bool[] Elements(Func<ParameterInfo, bool> isTaken)
    {
        bool[] isElement = new bool[Network.Parameters.Length];
        foreach (ParameterInfo parameter in Network.Info.Parameters.ToArray().Where(isTaken))
            parameter.CopyFrom<bool>(Enumerable.Repeat(true, parameter.Count).ToArray(), isElement);
        return isElement;
    }

    private ParameterInfo Parameter(ReferenceParameter tensor) => Network.Info.Parameters.ToArray().Single(parameter => parameter.Name == tensor.Name);

    private static T[] Convert(double[] values) => Array.ConvertAll(values, T.CreateChecked);

    private TrainingPass<T> Pass() => new()
    {
        Inputs = Inputs,
        Targets = _kind == TargetKind.Values ? _targetValues : default,
        Labels = _labels,
        OutputGradients = _kind == TargetKind.OutputGradients ? _targetValues : default,
        Scale = T.One / T.CreateChecked(Rows),
        Random = _dropout,
    };

    // The number of a dropout layer is its place among all layers; rows are padded to whole vectors.
    private double[][] Masks() =>
    [
        .. _description.Layers.Index().Where(layer => layer.Item is ReferenceDropout).Select((layer, mask) =>
        {
            int width = Reference.MaskWidths[mask], stride = (width + 15) / 16 * 16;
            T[] scales = new T[Rows * stride];
            DropoutMask.Fill(_dropout, layer.Index, ((ReferenceDropout)layer.Item).Rate, firstRow: 0, scales, stride);
            return Enumerable.Range(0, Rows * width).Select(i => double.CreateChecked(scales[i / width * stride + i % width])).ToArray();
        }),
    ];
}
