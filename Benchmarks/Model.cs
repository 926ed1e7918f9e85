namespace NetGen.Benchmarks;

/// <summary>Named values in the order of a shape: a parameter, a gradient or an output.</summary>
internal sealed record Tensor(string Name, int[] Shape, float[] Values)
{
    /// <summary>Takes all parameters, or their gradients, out of a buffer.</summary>
    public static Queue<Tensor> ReadAll(NetworkInfo info, ParameterBuffer<float> buffer)
    {
        var tensors = new Queue<Tensor>();
        foreach (ParameterInfo parameter in info.Parameters)
        {
            var values = new float[parameter.Count];
            parameter.CopyTo(buffer.Span, values);
            tensors.Enqueue(new Tensor(parameter.Name, parameter.Shape.ToArray(), values));
        }

        return tensors;
    }
}

/// <summary>A network, and the layers with which its peers build the same one from the same parameters.</summary>
internal sealed record Model(string Name, Func<INetwork<float>> Create, params PeerLayer[] Layers)
{
    public static readonly Model Iris = new(
        "iris", () => new Iris(seed: 1), new DenseLayer(Activation.Tanh), new DenseLayer());

    public static readonly Model Mlp = new(
        "mlp", () => new Mlp(seed: 1), new DenseLayer(Activation.ReLU), new DenseLayer(Activation.ReLU), new DenseLayer());

    public static readonly Model Wide = new(
        "wide", () => new Wide(seed: 1), new DenseLayer(Activation.ReLU), new DenseLayer(Activation.ReLU), new DenseLayer());

    public static readonly Model Kernel = new("kernel", () => new Dense512(seed: 1), new DenseLayer());

    public static readonly Model[] Networks = [Iris, Mlp, Wide];
}

/// <summary>One layer as peers know it. Each takes its parameters from the head of the queue.</summary>
internal abstract record PeerLayer
{
    /// <summary>Adds the layer's nodes and returns the name of its output.</summary>
    public abstract string AddTo(OnnxGraph graph, string input, Queue<Tensor> parameters);

    /// <summary>What <c>torch_step.py</c> builds the layer from.</summary>
    public abstract object Describe(Queue<Tensor> parameters);
}

/// <summary>The peer of <see cref="Layer.DenseAttribute"/>.</summary>
internal sealed record DenseLayer(Activation Activation = Activation.Identity, bool Bias = true) : PeerLayer
{
    public override string AddTo(OnnxGraph graph, string input, Queue<Tensor> parameters)
    {
        Tensor weight = parameters.Dequeue();
        Tensor? bias = Bias ? parameters.Dequeue() : null;
        return graph.Apply(Activation, graph.Dense(input, weight, bias));
    }

    public override object Describe(Queue<Tensor> parameters)
    {
        int[] shape = parameters.Dequeue().Shape;
        if (Bias)
            parameters.Dequeue();
        return new { kind = "dense", inputs = shape[1], outputs = shape[0], bias = Bias, activation = Activation.ToString() };
    }
}
