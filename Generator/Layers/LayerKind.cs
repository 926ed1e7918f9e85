using NetGen.Generator.Diagnostics;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>A kind of layer: the attribute it is written as, and its shape rule.</summary>
internal abstract class LayerKind
{
    /// <summary>The attribute's name within <c>Layer</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it has trained parameters, and with them a member of the network that shows them.</summary>
    public virtual bool HasParameters => false;

    /// <summary>The argument that makes it large.</summary>
    public virtual string SizeArgument => "Units";

    /// <summary>Whether it takes two or more inputs, named in From.</summary>
    public virtual bool IsJoin => false;

    /// <summary>The layouts it reads; the first is what others are brought into.</summary>
    public virtual IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Flat, TensorLayout.Image];

    /// <summary>Applies the shape rule: the operation on its inputs, or null after reporting why there is none.</summary>
    public abstract LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs);

    /// <summary>The layout in which element-wise work costs least: images where there are positions.</summary>
    protected static TensorLayout Natural(Shape shape) => shape.Dimensions.Count > 1 ? TensorLayout.Image : TensorLayout.Flat;
}

/// <summary>All kinds of layers.</summary>
internal static class LayerKinds
{
    public static IReadOnlyList<LayerKind> All { get; } =
    [
        new DenseLayer(), new ActivationLayer(), new DropoutLayer(), new ConvLayer(2), new ConvLayer(1),
        new PoolLayer("MaxPool2D", 2, isMaximum: true), new PoolLayer("AveragePool2D", 2, isMaximum: false),
        new PoolLayer("MaxPool1D", 1, isMaximum: true), new PoolLayer("AveragePool1D", 1, isMaximum: false),
        new GlobalPoolLayer("GlobalMaxPool", isMaximum: true), new GlobalPoolLayer("GlobalAveragePool", isMaximum: false),
        new FlattenLayer(), new AddLayer(), new MultiplyLayer(), new ConcatLayer(),
        new NormLayer("LayerNorm", isCentered: true), new NormLayer("RMSNorm", isCentered: false), new PReLULayer(),
        new ReshapeLayer(), new PermuteLayer(), new UpsampleLayer(), new PadLayer(), new CropLayer(), new MaxoutLayer(), new SwishLayer(),
        new SpatialDropoutLayer(), new AlphaDropoutLayer(), new GaussianNoiseLayer(), new RReLULayer(),
    ];

    public static LayerKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);
}

/// <summary>Reads the arguments of one layer attribute and reports what is wrong with them.</summary>
internal sealed class LayerReader(LayerSpec spec, int index, string name, ICollection<Issue> issues)
{
    public string Name => name;

    /// <summary>The names of what it takes; none where it takes the layer above.</summary>
    public IReadOnlyList<string> From => spec.From ?? [];

    public bool Has(string argument) => spec.Find(argument) is not null;

    public double Number(string argument, double otherwise) => spec.Find(argument)?.Number ?? otherwise;

    public int Integer(string argument, int otherwise = 0) => (int)Number(argument, otherwise);

    /// <summary>The whole numbers of an array; their places are the argument's name and number.</summary>
    public IReadOnlyList<int> Integers(string argument) => [.. (spec.Find(argument)?.Items ?? default).Select(item => (int)item.Number)];

    /// <summary>A whole number from 1 up, or null after reporting that it is less.</summary>
    public int? Positive(string argument, int otherwise = 0)
    {
        int value = Integer(argument, otherwise);
        if (value >= 1)
            return value;
        Report(Rules.NotPositive, argument, argument, name, NetworkGraph.Text(value));
        return null;
    }

    /// <summary>Whether a tensor is an image; reports it if not.</summary>
    public bool TakesImage(Tensor input)
    {
        if (input.Shape.Dimensions.Count == 3)
            return true;
        Report(Rules.WrongRank, null, name, "[channels, height, width]", input.Shape.ToString(), "");
        return false;
    }

    /// <summary>What is added before a square root, or null after reporting that it would vanish or is no number.</summary>
    public double? Epsilon(double otherwise)
    {
        double epsilon = Number("Epsilon", otherwise);
        if (epsilon is >= float.Epsilon and <= float.MaxValue)
            return epsilon;
        Report(Rules.EpsilonOutOfRange, "Epsilon", name, "Epsilon", NetworkGraph.Text(epsilon), "positive and finite in single precision");
        return null;
    }

    public bool Flag(string argument, bool otherwise) => Number(argument, otherwise ? 1 : 0) != 0;

    public void Report(Microsoft.CodeAnalysis.DiagnosticDescriptor rule, string? argument, params string[] details) =>
        issues.Add(Issue.Of(rule, index, argument, details));

    /// <summary>A value of an enumeration, or null after reporting that it is none of its values.</summary>
    public TEnum? Choice<TEnum>(string argument)
        where TEnum : struct, Enum
    {
        TEnum value = (TEnum)Enum.ToObject(typeof(TEnum), Integer(argument));
        if (NetworkGraph.IsDefined(value))
            return value;
        Report(Rules.UnknownValue, argument, NetworkGraph.Text(Integer(argument)), typeof(TEnum).Name, NetworkGraph.Names<TEnum>());
        return null;
    }

    /// <summary>An activation with its alpha, or null after reporting what is wrong.</summary>
    public ActivationFunction? Activation(string argument)
    {
        if (Choice<Activation>(argument) is not { } activation)
            return null;
        ActivationFunction function = ActivationFunction.Of(activation, double.NaN);
        if (!Has("Alpha"))
            return function;
        double alpha = Number("Alpha", 0);
        if (!function.TakesAlpha)
        {
            Report(Rules.AlphaUnused, "Alpha", name, activation.ToString());
            return function;
        }

        // Below zero the sign of the output would no longer tell on which side the input was, which backward relies on.
        if (alpha is >= 0 and <= float.MaxValue)
            return ActivationFunction.Of(activation, alpha);
        Report(Rules.AlphaOutOfRange, "Alpha", name, NetworkGraph.Text(alpha), activation.ToString());
        return null;
    }

    /// <summary>How a parameter starts, or null after reporting what is wrong.</summary>
    public StartValues? Start(string role, Initializer otherwise)
    {
        string initializerName = role + "Initializer", scaleName = role + "Scale";
        if (Choice<Initializer>(initializerName) is not { } initializer)
            return null;
        if (initializer == Initializer.Default)
            initializer = otherwise;
        if (!Has(scaleName))
            return new(initializer, double.NaN);
        double scale = Number(scaleName, 0);
        bool isUsed = initializer is Initializer.Constant or Initializer.Normal or Initializer.Uniform;
        bool isSigned = initializer is Initializer.Constant;
        if (!isUsed)
        {
            Report(Rules.ScaleUnused, scaleName, name, scaleName, initializerName);
            return new(initializer, double.NaN);
        }

        if (Math.Abs(scale) <= float.MaxValue && (isSigned || scale >= 0))
            return new(initializer, scale);
        Report(Rules.ScaleOutOfRange, scaleName, name, scaleName, NetworkGraph.Text(scale), isSigned ? "" : ", not negative");
        return null;
    }
}
