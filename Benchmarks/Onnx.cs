using System.Runtime.InteropServices;
using System.Text;

namespace NetGen.Benchmarks;

/// <summary>How a dense layer is written: runtimes differ in which they run faster.</summary>
internal enum DenseForm
{
    Gemm,
    MatMul,
}

/// <summary>An ONNX model (opset 17, IR 8) with one input and one output: rows of the network's shapes, channels first.</summary>
internal sealed record OnnxModel(byte[] Bytes, string Input, string Output)
{
    /// <summary>Writes what <see cref="INetwork{T}.Predict"/> computes, with the network's own weights.</summary>
    public static OnnxModel Write(Model model, INetwork<float> network, int rows, DenseForm form)
    {
        NetworkInfo info = network.Info;
        var graph = new OnnxGraph(form);
        Queue<Tensor> parameters = Tensor.ReadAll(info, network.Parameters);
        List<string> values = [OnnxGraph.Input];
        foreach (var (layer, inputs) in model.Steps())
            values.Add(layer.AddTo(graph, [.. inputs.Select(i => values[i])], parameters));
        if (parameters.TryPeek(out Tensor? left))
            throw new InvalidOperationException($"The peer layers of {model.Name} do not take the parameter {left.Name}.");

        string output = info.Loss switch
        {
            Loss.SoftmaxCrossEntropy => graph.Apply(Activation.Softmax, values[^1]),
            Loss.BinaryCrossEntropy => graph.Apply(Activation.Sigmoid, values[^1]),
            _ => values[^1],
        };
        return graph.Build(model.Name, [rows, .. info.InputShape], output, [rows, .. info.OutputShape]);
    }
}

/// <summary>Collects nodes and weights. Field numbers are those of onnx.proto.</summary>
internal sealed class OnnxGraph(DenseForm form)
{
    public const string Input = "input";

    private const int Float = 1;

    private readonly Protobuf _graph = new();
    private int _values;

    /// <summary>input x weight^T + bias, for a weight [outputs, inputs].</summary>
    public string Dense(string input, Tensor weight, Tensor? bias)
    {
        if (form == DenseForm.Gemm)
        {
            string[] biases = bias is null ? [] : [Constant(bias)];
            return Node("Gemm", [input, Constant(weight), .. biases], Attribute("transB", 1));
        }

        int outputs = weight.Shape[0], inputs = weight.Shape[1];
        var transposed = new float[weight.Values.Length];
        for (int output = 0; output < outputs; output++)
        {
            for (int i = 0; i < inputs; i++)
                transposed[i * outputs + output] = weight.Values[output * inputs + i];
        }

        string product = Node("MatMul", [input, Constant(new Tensor(weight.Name, [inputs, outputs], transposed))]);
        return bias is null ? product : Node("Add", [product, Constant(bias)]);
    }

    public string Apply(Activation activation, string x) => activation switch
    {
        Activation.Identity => x,
        Activation.ReLU => Node("Relu", [x]),
        Activation.LeakyReLU => Node("LeakyRelu", [x]),
        Activation.ELU or Activation.SELU => Node(activation == Activation.ELU ? "Elu" : "Selu", [x]),
        Activation.Sigmoid or Activation.Tanh or Activation.Softplus => Node(activation.ToString(), [x]),
        Activation.SiLU => Node("Mul", [x, Node("Sigmoid", [x])]),
        Activation.Softmax => Node("Softmax", [x], Attribute("axis", -1)),
        _ => throw new NotSupportedException($"{nameof(OnnxGraph)}.{nameof(Apply)} has no ONNX form of {activation}; add one."),
    };

    /// <summary>Adds a node and returns the name of its output.</summary>
    public string Node(string operation, string[] inputs, params Protobuf[] attributes)
    {
        string output = $"value{++_values}";
        var node = new Protobuf();
        foreach (string input in inputs)
            node.Add(1, input);
        node.Add(2, output).Add(3, output).Add(4, operation);
        foreach (Protobuf attribute in attributes)
            node.Add(5, attribute);
        _graph.Add(1, node);
        return output;
    }

    public static Protobuf Attribute(string name, long value) => new Protobuf().Add(1, name).Add(3, value).Add(20, 2);

    public static Protobuf Attribute(string name, params ReadOnlySpan<long> values)
    {
        Protobuf attribute = new Protobuf().Add(1, name);
        foreach (long value in values)
            attribute.Add(8, value);
        return attribute.Add(20, 7);
    }

    /// <summary>Adds weights and returns their name.</summary>
    public string Constant(Tensor tensor)
    {
        var initializer = new Protobuf();
        foreach (int dimension in tensor.Shape)
            initializer.Add(1, dimension);
        _graph.Add(5, initializer.Add(2, Float).Add(8, tensor.Name).Add(9, MemoryMarshal.AsBytes<float>(tensor.Values)));
        return tensor.Name;
    }

    public OnnxModel Build(string name, int[] inputShape, string output, int[] outputShape)
    {
        _graph.Add(2, name).Add(11, Value(Input, inputShape)).Add(12, Value(output, outputShape));
        byte[] bytes = new Protobuf()
            .Add(1, 8)
            .Add(2, "NetGen.Benchmarks")
            .Add(7, _graph)
            .Add(8, new Protobuf().Add(1, "").Add(2, 17))
            .ToArray();
        return new OnnxModel(bytes, Input, output);
    }

    private static Protobuf Value(string name, int[] shape)
    {
        var dimensions = new Protobuf();
        foreach (int dimension in shape)
            dimensions.Add(1, new Protobuf().Add(1, dimension));
        return new Protobuf().Add(1, name).Add(2, new Protobuf().Add(1, new Protobuf().Add(1, Float).Add(2, dimensions)));
    }
}

/// <summary>One message in protobuf's wire format.</summary>
internal sealed class Protobuf
{
    private readonly List<byte> _bytes = [];

    public Protobuf Add(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public Protobuf Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    public Protobuf Add(int field, Protobuf message) => Add(field, message.ToArray());

    public Protobuf Add(int field, ReadOnlySpan<byte> value)
    {
        Varint((ulong)field << 3 | 2);
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
    }
}
