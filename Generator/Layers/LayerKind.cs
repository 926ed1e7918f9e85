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

    /// <summary>Whether it is a part of others, which users do not write.</summary>
    public virtual bool IsHidden => false;

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
        new ConvTransposeLayer(), new LocallyConnectedLayer(), new MaskedDenseLayer(), new BatchNormLayer(), new GroupNormLayer(),
        new CustomLayer(), new EmbeddingLayer(), new BlockLayer(), new SharedLayer(), new InputLayer(), new OutputLayer(), new DepthwiseLayer(),
    ];

    /// <summary>The names that users write.</summary>
    public static IEnumerable<string> Public => All.Where(kind => !kind.IsHidden).Select(kind => kind.Name).Append(LayerExpansion.Separable);

    public static LayerKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);
}

/// <summary>Reads the arguments of one layer attribute and reports what is wrong with them.</summary>
internal sealed class LayerReader(IReadOnlyList<LayerSpec> layers, IReadOnlyList<string> names, int index, ICollection<Issue> issues)
{
    private LayerSpec Spec => layers[index];

    /// <summary>What it is given.</summary>
    public IReadOnlyList<LayerSource> Sources { get; set; } = [];

    /// <summary>The same, reporting elsewhere.</summary>
    public LayerReader With(ICollection<Issue> others) => new(layers, names, index, others) { Sources = Sources };

    public string Name => names[index];

    /// <summary>The names of what it takes; none where it takes the layer above.</summary>
    public IReadOnlyList<string> From => Spec.From ?? [];

    public bool Has(string argument) => Spec.Find(argument) is not null;

    public double Number(string argument, double otherwise) => Spec.Find(argument)?.Number ?? otherwise;

    public int Integer(string argument, int otherwise = 0) => (int)Number(argument, otherwise);

    /// <summary>A text, or the full name of a type.</summary>
    public string Text(string argument) => Spec.Find(argument)?.Text ?? "";

    /// <summary>Whether a layer below takes its weights transposed.</summary>
    public bool IsTransposedBelow => layers.Any(layer =>
        layer.Kind == SharedLayer.Kind && layer.Find("Layer")?.Text == Name && layer.Find("Transposed") is { Number: not 0 });

    /// <summary>Why a type given is not what is wanted; null where it is.</summary>
    public string? Problem(string argument) => Spec.Find(argument)?.Problem;

    /// <summary>The whole numbers of an array; their places are the argument's name and number.</summary>
    public IReadOnlyList<int> Integers(string argument) => [.. (Spec.Find(argument)?.Items ?? default).Select(item => (int)item.Number)];

    /// <summary>The texts of an array.</summary>
    public IReadOnlyList<string> Texts(string argument) => [.. (Spec.Find(argument)?.Items ?? default).Select(item => item.Text ?? "")];

    /// <summary>A whole number from 1 up, or null after reporting that it is less.</summary>
    public int? Positive(string argument, int otherwise = 0)
    {
        int value = Integer(argument, otherwise);
        if (value >= 1)
            return value;
        Report(Rules.NotPositive, argument, argument, Name, NetworkGraph.Text(value));
        return null;
    }

    /// <summary>Whether a tensor is an image; reports it if not.</summary>
    public bool TakesImage(Tensor input)
    {
        if (input.Shape.Dimensions.Count == 3)
            return true;
        Report(Rules.WrongRank, null, Name, "[channels, height, width]", input.Shape.ToString(), ImageRemedy(null));
        return false;
    }

    /// <summary>How to give it an image.</summary>
    public string ImageRemedy(string? flat) => Sources.Count > 0 ? Sources[0].ImageRemedy(flat) : "";

    /// <summary>How to give it a signal.</summary>
    public string SignalRemedy(string image) => Sources.Count > 0 ? Sources[0].SignalRemedy(image) : "";

    /// <summary>What is added before a square root, or null after reporting that it would vanish or is no number.</summary>
    public double? Epsilon(double otherwise)
    {
        double epsilon = Number("Epsilon", otherwise);
        if (epsilon is >= float.Epsilon and <= float.MaxValue)
            return epsilon;
        Report(Rules.NumberOutOfRange, "Epsilon", Name, "Epsilon", NetworkGraph.Text(epsilon), "positive and finite in single precision");
        return null;
    }

    public bool Flag(string argument, bool otherwise) => Number(argument, otherwise ? 1 : 0) != 0;

    public void Report(Microsoft.CodeAnalysis.DiagnosticDescriptor rule, string? argument, params string[] details) =>
        ReportFixable(rule, argument, null, details);

    /// <summary>Reports what a code fix may mend.</summary>
    public void ReportFixable(Microsoft.CodeAnalysis.DiagnosticDescriptor rule, string? argument, string? fix, params string[] details) =>
        issues.Add(Issue.Of(rule, Spec.Origin, argument, details) with { Fix = Spec.IsOfBlock ? null : fix, Inner = Spec.Place });

    /// <summary>
    /// The fix that flattens some of the inputs by layers inserted above this one: their names, or null where that would give a layer
    /// below another number, and something refers to it by the old one.
    /// </summary>
    public string? FlatteningFix(IReadOnlyList<bool> isFlat)
    {
        Dictionary<string, string> flattened = new(StringComparer.Ordinal);
        HashSet<string> taken = LayerNames.InFiles(names);
        for (int k = 0; k < From.Count; k++)
        {
            if (isFlat[k] || flattened.ContainsKey(From[k]))
                continue;
            string name = LayerNames.Free(char.ToUpperInvariant(From[k][0]) + From[k].Substring(1) + "Flat", taken);
            taken.Add(LayerNames.InFiles(name));
            flattened.Add(From[k], name);
        }

        IEnumerable<LayerSpec> inserted = flattened.Values.Select(name => new LayerSpec("Flatten", new(new[] { new Argument("Name", 0, name) }), index));
        IReadOnlyList<string> after = LayerNames.Of([.. layers.Take(index), .. inserted, .. layers.Skip(index)]);
        for (int layer = index; layer < layers.Count; layer++)
        {
            string name = after[layer + flattened.Count];
            if (name != names[layer] && (taken.Contains(LayerNames.InFiles(name)) || layers.Any(other => other.From?.Contains(names[layer]) == true)))
                return null;
        }

        return string.Join(",", From.Select((source, k) => isFlat[k] ? "" : flattened[source]));
    }

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
            Report(Rules.AlphaUnused, "Alpha", Name, activation.ToString());
            return function;
        }

        // Below zero the sign of the output would no longer tell on which side the input was, which backward relies on.
        if (alpha is >= 0 and <= float.MaxValue)
            return ActivationFunction.Of(activation, alpha);
        Report(Rules.AlphaOutOfRange, "Alpha", Name, NetworkGraph.Text(alpha), activation.ToString());
        return null;
    }

    /// <summary>How the weights and biases before a function start, each null after reporting what is wrong.</summary>
    public (StartValues? Weight, StartValues? Bias) Starts(ActivationFunction? activation)
    {
        // Where the function is wrong there will be no layer, but what else is wrong is reported too.
        (Initializer weight, Initializer bias) = activation?.Defaults ?? default;
        return (Start("Weight", weight), Start("Bias", bias));
    }

    /// <summary>How a parameter starts, or null after reporting what is wrong.</summary>
    public StartValues? Start(string role, Initializer otherwise, double otherwiseScale = double.NaN)
    {
        string initializerName = role + "Initializer", scaleName = role + "Scale";
        if (Choice<Initializer>(initializerName) is not { } initializer)
            return null;
        if (initializer == Initializer.Default)
            initializer = otherwise;
        if (!Has(scaleName))
            return new(initializer, initializer == otherwise ? otherwiseScale : double.NaN);
        double scale = Number(scaleName, 0);
        bool isUsed = initializer is Initializer.Constant or Initializer.Normal or Initializer.Uniform;
        bool isSigned = initializer is Initializer.Constant;
        if (!isUsed)
        {
            Report(Rules.ScaleUnused, scaleName, Name, scaleName, initializerName);
            return new(initializer, double.NaN);
        }

        if (Math.Abs(scale) <= float.MaxValue && (isSigned || scale >= 0))
            return new(initializer, scale);
        Report(Rules.ScaleOutOfRange, scaleName, Name, scaleName, NetworkGraph.Text(scale), isSigned ? "" : ", not negative");
        return null;
    }
}
