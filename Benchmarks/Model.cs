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

    public static readonly Model LeNet = new(
        "lenet", () => new LeNet(seed: 1),
        new ConvLayer(Activation.ReLU) { Padding = 2 }, new MaxPoolLayer(2),
        new ConvLayer(Activation.ReLU), new MaxPoolLayer(2), new FlattenLayer(),
        new DenseLayer(Activation.ReLU), new DenseLayer(Activation.ReLU), new DenseLayer())
    {
        FirstPositions = 28 * 28,
    };

    public static readonly Model Cnn = new(
        "cnn", () => new Cnn(seed: 1),
        new ConvLayer(Activation.ReLU) { Padding = 1 }, new ConvLayer(Activation.ReLU) { Padding = 1 }, new MaxPoolLayer(2),
        new ConvLayer(Activation.ReLU) { Padding = 1 }, new ConvLayer(Activation.ReLU) { Padding = 1 }, new MaxPoolLayer(2),
        new FlattenLayer(), new DenseLayer(Activation.ReLU), new DenseLayer())
    {
        FirstPositions = 28 * 28,
    };

    public static readonly Model Residual = new(
        "residual", () => new Residual(seed: 1),
        [
            new ConvLayer(Activation.ReLU) { Padding = 1, Name = "Stem" },
            .. BasicBlock("Stem", "Block1"), .. BasicBlock("Block1", "Block2"),
            .. BasicBlock("Block2", "Block3", isStrided: true), .. BasicBlock("Block3", "Block4"),
            .. BasicBlock("Block4", "Block5", isStrided: true), .. BasicBlock("Block5", "Block6"),
            new GlobalAveragePoolLayer(), new FlattenLayer(), new DenseLayer(),
        ])
    {
        FirstPositions = 28 * 28,
    };

    public static readonly Model Depthwise = new(
        "depthwise", () => new Depthwise(seed: 1),
        [
            new ConvLayer(Activation.ReLU) { Stride = 2, Padding = 1 },
            .. SeparableBlock(32), .. SeparableBlock(64, stride: 2), .. SeparableBlock(128), .. SeparableBlock(128, stride: 2),
            new GlobalAveragePoolLayer(), new FlattenLayer(), new DenseLayer(),
        ])
    {
        FirstPositions = 16 * 16,
    };

    public static readonly Model MobileNet = new(
        "mobilenet", () => new MobileNet(seed: 1),
        [
            new ConvLayer(Activation.ReLU) { Stride = 2, Padding = 1 },
            .. SeparableBlock(8), .. SeparableBlock(16, stride: 2), .. SeparableBlock(32), .. SeparableBlock(32, stride: 2),
            .. SeparableBlock(64), .. SeparableBlock(64, stride: 2), .. SeparableBlock(128), .. SeparableBlock(128), .. SeparableBlock(128),
            .. SeparableBlock(128), .. SeparableBlock(128), .. SeparableBlock(128, stride: 2), .. SeparableBlock(256),
            new GlobalAveragePoolLayer(), new FlattenLayer(), new DenseLayer(),
        ])
    {
        FirstPositions = 48 * 48,
    };

    /// <summary>A convolution of its own, with no loss: its output gradients are given.</summary>
    public static readonly Model Conv64 = new("conv64", () => new Conv64(seed: 1), new ConvLayer { Padding = 1 });

    public static readonly Model[] Networks = [Iris, Mlp, Wide, LeNet, Cnn, Residual, Depthwise, MobileNet];

    /// <summary>How many positions the weights of the first layer meet.</summary>
    public int FirstPositions { get; init; } = 1;

    /// <summary>The forms in which runtimes are given the model: all where there is a dense layer to write in them.</summary>
    public DenseForm[] DenseForms => Layers.OfType<DenseLayer>().Any() ? Enum.GetValues<DenseForm>() : [DenseForm.Gemm];

    public bool IsConvolutional => Layers.OfType<ConvLayer>().Any();

    /// <summary>
    /// The largest difference allowed between contenders, relative to the largest magnitude of the same tensor. Convolutions may use
    /// algorithms that trade a digit for speed.
    /// </summary>
    public double Tolerance => IsConvolutional ? 1e-4 : 1e-5;

    /// <summary>The layers with the numbers of the values they take: 0 is the input, n + 1 the output of layer n.</summary>
    public IEnumerable<(PeerLayer Layer, int[] Inputs)> Steps()
    {
        var values = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < Layers.Length; i++)
        {
            PeerLayer layer = Layers[i];
            yield return (layer, layer.From is [] ? [i] : [.. layer.From.Select(name => values[name])]);
            if (layer.Name is not null)
                values.Add(layer.Name, i + 1);
        }
    }

    /// <summary>A convolution of each channel by itself, then one of each position.</summary>
    private static PeerLayer[] SeparableBlock(int channels, int stride = 1) =>
    [
        new ConvLayer(Activation.ReLU) { Stride = stride, Padding = 1, Groups = channels },
        new ConvLayer(Activation.ReLU),
    ];

    /// <summary>Two convolutions around which the input goes, through a convolution of kernel 1 where the image shrinks.</summary>
    private static PeerLayer[] BasicBlock(string input, string name, bool isStrided = false)
    {
        int stride = isStrided ? 2 : 1;
        string shortcut = isStrided ? name + "Shortcut" : input, residual = name + "Residual";
        PeerLayer[] projection = isStrided ? [new ConvLayer { Stride = stride, From = [input], Name = shortcut }] : [];
        return
        [
            .. projection,
            new ConvLayer(Activation.ReLU) { Stride = stride, Padding = 1, From = [input] },
            new ConvLayer { Padding = 1, Name = residual },
            new AddLayer(Activation.ReLU) { From = [shortcut, residual], Name = name },
        ];
    }
}

/// <summary>One layer as peers know it. Each takes its parameters from the head of the queue.</summary>
internal abstract record PeerLayer
{
    /// <summary>By what <see cref="From"/> of other layers means this one.</summary>
    public string? Name { get; init; }

    /// <summary>The names of the layers whose outputs this one takes; the layer above unless set.</summary>
    public string[] From { get; init; } = [];

    /// <summary>Adds the layer's nodes and returns the name of its output.</summary>
    public abstract string AddTo(OnnxGraph graph, string[] inputs, Queue<Tensor> parameters);

    /// <summary>What <c>torch_step.py</c> builds the layer from.</summary>
    public abstract object Describe(Queue<Tensor> parameters);
}

/// <summary>The peer of <see cref="Layer.DenseAttribute"/>, for an input of one dimension.</summary>
internal sealed record DenseLayer(Activation Activation = Activation.Identity, bool Bias = true) : PeerLayer
{
    public override string AddTo(OnnxGraph graph, string[] inputs, Queue<Tensor> parameters)
    {
        Tensor weight = parameters.Dequeue();
        Tensor? bias = Bias ? parameters.Dequeue() : null;
        return graph.Apply(Activation, graph.Dense(inputs[0], weight, bias));
    }

    public override object Describe(Queue<Tensor> parameters)
    {
        int[] shape = parameters.Dequeue().Shape;
        if (Bias)
            parameters.Dequeue();
        return new { kind = "dense", inputs = shape[1], outputs = shape[0], bias = Bias, activation = Activation.ToString() };
    }
}

/// <summary>The peer of <see cref="Layer.Conv2DAttribute"/>.</summary>
internal sealed record ConvLayer(Activation Activation = Activation.Identity, bool Bias = true) : PeerLayer
{
    public int Stride { get; init; } = 1;

    public int Padding { get; init; }

    public int Dilation { get; init; } = 1;

    public int Groups { get; init; } = 1;

    public override string AddTo(OnnxGraph graph, string[] inputs, Queue<Tensor> parameters)
    {
        Tensor weight = parameters.Dequeue();
        string[] biases = Bias ? [graph.Constant(parameters.Dequeue())] : [];
        string sum = graph.Node(
            "Conv", [inputs[0], graph.Constant(weight), .. biases],
            OnnxGraph.Attribute("kernel_shape", weight.Shape[2], weight.Shape[3]),
            OnnxGraph.Attribute("pads", Padding, Padding, Padding, Padding),
            OnnxGraph.Attribute("strides", Stride, Stride),
            OnnxGraph.Attribute("dilations", Dilation, Dilation),
            OnnxGraph.Attribute("group", Groups));
        return graph.Apply(Activation, sum);
    }

    public override object Describe(Queue<Tensor> parameters)
    {
        int[] shape = parameters.Dequeue().Shape;
        if (Bias)
            parameters.Dequeue();
        return new
        {
            kind = "conv",
            inputs = shape[1] * Groups,
            outputs = shape[0],
            kernel = new[] { shape[2], shape[3] },
            stride = Stride,
            padding = Padding,
            dilation = Dilation,
            groups = Groups,
            bias = Bias,
            activation = Activation.ToString(),
        };
    }
}

/// <summary>The peer of <see cref="Layer.MaxPool2DAttribute"/>, with windows that do not overlap.</summary>
internal sealed record MaxPoolLayer(int Size) : PeerLayer
{
    public override string AddTo(OnnxGraph graph, string[] inputs, Queue<Tensor> parameters) => graph.Node(
        "MaxPool", inputs, OnnxGraph.Attribute("kernel_shape", Size, Size), OnnxGraph.Attribute("strides", Size, Size));

    public override object Describe(Queue<Tensor> parameters) => new { kind = "maxpool", size = Size };
}

/// <summary>The peer of <see cref="Layer.GlobalAveragePoolAttribute"/>; the image keeps a height and width of 1.</summary>
internal sealed record GlobalAveragePoolLayer : PeerLayer
{
    public override string AddTo(OnnxGraph graph, string[] inputs, Queue<Tensor> parameters) => graph.Node("GlobalAveragePool", inputs);

    public override object Describe(Queue<Tensor> parameters) => new { kind = "globalaverage" };
}

/// <summary>The peer of <see cref="Layer.AddAttribute"/> of two inputs with a <see cref="Layer.ActivationAttribute"/> behind it.</summary>
internal sealed record AddLayer(Activation Activation = Activation.Identity) : PeerLayer
{
    public override string AddTo(OnnxGraph graph, string[] inputs, Queue<Tensor> parameters) =>
        graph.Apply(Activation, graph.Node("Add", inputs));

    public override object Describe(Queue<Tensor> parameters) => new { kind = "add", activation = Activation.ToString() };
}

/// <summary>The peer of <see cref="Layer.FlattenAttribute"/>, and of what dense layers do by themselves.</summary>
internal sealed record FlattenLayer : PeerLayer
{
    public override string AddTo(OnnxGraph graph, string[] inputs, Queue<Tensor> parameters) => graph.Node("Flatten", inputs);

    public override object Describe(Queue<Tensor> parameters) => new { kind = "flatten" };
}
