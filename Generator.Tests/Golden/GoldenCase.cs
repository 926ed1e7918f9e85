using System.Numerics;
using System.Text.Json;
using NetGen.Tests.Numerics.Reference;
using Xunit;

namespace NetGen.Tests.Golden;

/// <summary>What PyTorch computes for one network in double precision: a file of this folder, written by regenerate.py.</summary>
/// <remarks>
/// All arrays are row by row. Parameters, inputs, targets and output gradients are exact in single precision.
/// Exactly one of <see cref="Targets"/>, <see cref="Labels"/> and <see cref="OutputGradients"/> is given.
/// </remarks>
public sealed class GoldenCase
{
    private readonly string[] _source;

    private GoldenCase(JsonElement json)
    {
        Name = json.GetProperty("name").GetString()!;
        _source = [.. json.GetProperty("source").EnumerateArray().Select(line => line.GetString()!)];
        Description = new NetworkDescription(
            [.. json.GetProperty("inputShape").EnumerateArray().Select(dimension => dimension.GetInt32())],
            Enum.Parse<Loss>(json.GetProperty("loss").GetString()!),
            [.. json.GetProperty("layers").EnumerateArray().Select(ReadLayer)]);
        Parameters = ReadTensors(json.GetProperty("parameters"));
        if (json.TryGetProperty("buffers", out JsonElement buffers))
        {
            Buffers = ReadTensors(buffers);
            TrainedBuffers = ReadTensors(json.GetProperty("trainedBuffers"));
        }

        Inputs = ReadValues(json.GetProperty("inputs"));
        Rows = json.GetProperty("inputs").GetProperty("shape")[0].GetInt32();
        Targets = json.TryGetProperty("targets", out JsonElement targets) ? ReadValues(targets) : null;
        Labels = json.TryGetProperty("labels", out JsonElement labels)
            ? [.. labels.GetProperty("values").EnumerateArray().Select(label => label.GetInt32())]
            : null;
        OutputGradients = json.TryGetProperty("outputGradients", out JsonElement given) ? ReadValues(given) : null;
        MeanLoss = json.TryGetProperty("meanLoss", out JsonElement loss) ? loss.GetDouble() : null;
        Forward = ReadValues(json.GetProperty("forward"));
        TrainingForward = json.TryGetProperty("trainingForward", out JsonElement training) ? ReadValues(training) : Forward;
        Predict = ReadValues(json.GetProperty("predict"));
        Gradients = ReadTensors(json.GetProperty("gradients"));
        InputGradients = ReadValues(json.GetProperty("inputGradients"));
        Optimizers = json.TryGetProperty("optimizers", out JsonElement optimizers)
            ? [.. optimizers.EnumerateArray().Select(ReadOptimizer)]
            : [];
    }

    /// <summary>The name of every case of dense layers in a chain, for theories: tests take a name and <see cref="Load"/> it.</summary>
    public static TheoryData<string> Names => [.. Files(graphs: false).Select(file => Path.GetFileNameWithoutExtension(file)!)];

    /// <summary>The name of every case with other layers, for theories.</summary>
    public static TheoryData<string> GraphNames => [.. Files(graphs: true).Select(file => Path.GetFileNameWithoutExtension(file)!)];

    /// <summary>The name of every case with optimizer runs, for theories. They are of dense layers in a chain.</summary>
    public static TheoryData<string> NamesWithOptimizers =>
        [.. All().Where(golden => golden.Optimizers.Count > 0).Select(golden => golden.Name)];

    public string Name { get; }

    public NetworkDescription Description { get; }

    /// <summary>The parameters by name in the order of the layers: <c>dense1.weight</c> [outputs, inputs], <c>dense1.bias</c>.</summary>
    public IReadOnlyDictionary<string, double[]> Parameters { get; }

    /// <summary>
    /// The running statistics of batch normalization before training, by name in the order of the layers:
    /// <c>batchNorm1.running_mean</c>, <c>batchNorm1.running_var</c>, [channels] each.
    /// </summary>
    public IReadOnlyDictionary<string, double[]> Buffers { get; } = new OrderedDictionary<string, double[]>();

    /// <summary>What the buffers become by one training pass over the inputs.</summary>
    public IReadOnlyDictionary<string, double[]> TrainedBuffers { get; } = new OrderedDictionary<string, double[]>();

    public int Rows { get; }

    /// <summary>[rows, inputs].</summary>
    public double[] Inputs { get; }

    /// <summary>[rows, outputs].</summary>
    public double[]? Targets { get; }

    /// <summary>[rows] class indexes.</summary>
    public int[]? Labels { get; }

    /// <summary>[rows, outputs] gradients to go backward from, where the network has no loss.</summary>
    public double[]? OutputGradients { get; }

    /// <summary>The mean loss over the rows of a training pass; null where the network has none.</summary>
    public double? MeanLoss { get; }

    /// <summary>[rows, outputs] raw outputs; batch normalization takes the statistics in <see cref="Buffers"/>.</summary>
    public double[] Forward { get; }

    /// <summary>[rows, outputs] raw outputs while training: batch normalization takes the statistics of the inputs.</summary>
    public double[] TrainingForward { get; }

    /// <summary>[rows, outputs] probabilities where the loss works on logits, else the raw outputs.</summary>
    public double[] Predict { get; }

    /// <summary>The gradients of the mean loss, or from the output gradients, by parameter name.</summary>
    public IReadOnlyDictionary<string, double[]> Gradients { get; }

    /// <summary>[rows, inputs] gradients of the mean loss, or from the output gradients.</summary>
    public double[] InputGradients { get; }

    /// <summary>Ten steps of each optimizer from the parameters above; empty in most cases.</summary>
    public IReadOnlyList<GoldenOptimizer> Optimizers { get; }

    /// <summary>Every case of dense layers in a chain.</summary>
    public static IReadOnlyList<GoldenCase> All() => [.. Files(graphs: false).Select(Read)];

    /// <summary>Every case with other layers, inputs or outputs.</summary>
    public static IReadOnlyList<GoldenCase> Graphs() => [.. Files(graphs: true).Select(Read)];

    public static GoldenCase Load(string name) => Read(Path.Combine(AppContext.BaseDirectory, "Golden", $"{name}.json"));

    /// <summary>Puts the parameters and buffers into a network.</summary>
    internal void CopyTo<T>(INetwork<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (ParameterInfo parameter in network.Info.Parameters)
        {
            double[] values = Parameters.TryGetValue(parameter.Name, out double[]? trained) ? trained : Buffers[parameter.Name];
            parameter.CopyFrom<T>(Array.ConvertAll(values, T.CreateTruncating), network.Parameters.Span);
        }
    }

    /// <summary>The class declaration that asks the generator for this network.</summary>
    public string Source(string className, Precision precision)
    {
        // The file leaves the precision open: "[NetGen.Network(3, Loss = NetGen.Loss.Huber)]", or "[NetGen.Network()]".
        string network = _source[0]
            .Replace(")]", $", Precision = NetGen.Precision.{precision})]", StringComparison.Ordinal)
            .Replace("(, ", "(", StringComparison.Ordinal);
        return string.Join('\n', [network, .. _source[1..], $"public sealed partial class {className} {{ }}", ""]);
    }

    public override string ToString() => Name;

    private static string[] Files(bool graphs)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Golden");
        string[] files =
        [
            .. Directory.GetFiles(folder, "*.json")
                .Where(file => graphs == (Path.GetFileName(file).Split('-')[0] is "layer" or "graph"))
                .Order(StringComparer.Ordinal),
        ];
        return files.Length > 0
            ? files
            : throw new FileNotFoundException($"No golden files in {folder}: run regenerate.py and build.");
    }

    private static GoldenCase Read(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        return new GoldenCase(document.RootElement);
    }

    private static ReferenceLayer ReadLayer(JsonElement json)
    {
        string kind = json.GetProperty("kind").GetString()!;
        ReferenceLayer layer = kind switch
        {
            "Dense" => new ReferenceDense(Integer("units"), Function(), Alpha(), Bias()),
            "Activation" => new ReferenceActivation(Function(), Alpha()),
            "Dropout" => new ReferenceDropout(Number("rate")),
            "MaskedDense" => new ReferenceMaskedDense(Integer("units"), Texts("mask"), Function(), Alpha(), Bias()),
            "Conv1D" or "Conv2D" => new ReferenceConvolution(
                kind == "Conv1D" ? 1 : 2, Integer("filters"), Integer("kernel"), Function(), Alpha(), Bias(), Integer("stride"), Padding(),
                Integer("dilation"), Integer("groups")),
            "SeparableConv2D" => new ReferenceSeparableConvolution(
                Integer("filters"), Integer("kernel"), Function(), Alpha(), Bias(), Integer("stride"), Padding(), Integer("dilation")),
            "ConvTranspose2D" => new ReferenceTransposedConvolution(
                Integer("filters"), Integer("kernel"), Function(), Alpha(), Bias(), Integer("stride"), Padding(), Integer("dilation"),
                Integer("outputPadding")),
            "LocallyConnected2D" => new ReferenceLocallyConnected(
                Integer("filters"), Integer("kernel"), Function(), Alpha(), Bias(), Integer("stride"), Padding(), Integer("dilation")),
            "MaxPool1D" => new ReferencePool(1, Max: true, Integer("size"), Stride()),
            "MaxPool2D" => new ReferencePool(2, Max: true, Integer("size"), Stride()),
            "AveragePool1D" => new ReferencePool(1, Max: false, Integer("size"), Stride()),
            "AveragePool2D" => new ReferencePool(2, Max: false, Integer("size"), Stride()),
            "GlobalMaxPool" => new ReferenceGlobalPool(Max: true),
            "GlobalAveragePool" => new ReferenceGlobalPool(Max: false),
            "Flatten" => new ReferenceFlatten(),
            "Add" => new ReferenceAdd(),
            "Multiply" => new ReferenceMultiply(),
            "Concat" => new ReferenceConcat(),
            "BatchNorm" => new ReferenceBatchNorm(Number("momentum"), Number("epsilon")),
            "LayerNorm" => new ReferenceLayerNorm(Number("epsilon")),
            "RMSNorm" => new ReferenceRMSNorm(Number("epsilon")),
            "GroupNorm" => new ReferenceGroupNorm(Integer("groups"), Number("epsilon")),
            "PReLU" => new ReferencePReLU(),
            "RReLU" => new ReferenceRReLU(Number("lower"), Number("upper")),
            "Swish" => new ReferenceSwish(),
            "Maxout" => new ReferenceMaxout(Integer("pieces")),
            "SpatialDropout" or "AlphaDropout" or "GaussianNoise" => new ReferenceNoise(kind, Number("amount")),
            "Reshape" => new ReferenceReshape(Integers("dimensions")),
            "Permute" => new ReferencePermute(Integers("dimensions")),
            "Upsample2D" => new ReferenceUpsample(Integer("scale"), Value<Interpolation>("interpolation")),
            "Pad2D" => new ReferencePad(Side(0), Side(1), Side(2), Side(3), Value<PadMode>("mode")),
            "Crop2D" => new ReferenceCrop(Side(0), Side(1), Side(2), Side(3)),
            "Embedding" => new ReferenceEmbedding(Integer("vocabulary"), Integer("dimension")),
            "Shared" => new ReferenceShared(json.GetProperty("layer").GetString()!, json.GetProperty("transposed").GetBoolean()),
            "Input" => new ReferenceInput(Integers("dimensions")),
            "Output" => new ReferenceOutput(Value<Loss>("loss"), Number("weight")),
            _ => throw new InvalidDataException($"Unknown layer kind '{kind}'."),
        };
        return layer with
        {
            Name = json.TryGetProperty("name", out JsonElement name) ? name.GetString() : null,
            From = json.TryGetProperty("from", out _) ? Texts("from") : [],
        };

        int Integer(string property) => json.GetProperty(property).GetInt32();
        double Number(string property) => json.GetProperty(property).GetDouble();
        int Stride() => json.TryGetProperty("stride", out JsonElement stride) ? stride.GetInt32() : 0;
        bool Bias() => json.GetProperty("bias").GetBoolean();
        int Padding() => json.GetProperty("padding").ValueKind == JsonValueKind.String ? Layer.Same : Integer("padding");
        int Side(int index) => Integers("sides")[index];
        int[] Integers(string property) => [.. json.GetProperty(property).EnumerateArray().Select(value => value.GetInt32())];
        string[] Texts(string property) => [.. json.GetProperty(property).EnumerateArray().Select(value => value.GetString()!)];
        TEnum Value<TEnum>(string property)
            where TEnum : struct, Enum => Enum.Parse<TEnum>(json.GetProperty(property).GetString()!);
        Activation Function() => Value<Activation>("activation");
        double? Alpha() => json.TryGetProperty("alpha", out JsonElement alpha) ? alpha.GetDouble() : null;
    }

    private static GoldenOptimizer ReadOptimizer(JsonElement json) => new(
        json.GetProperty("name").GetString()!,
        json.GetProperty("learningRate").GetDouble(),
        json.GetProperty("momentum").GetDouble(),
        json.GetProperty("nesterov").GetBoolean(),
        json.GetProperty("weightDecay").GetDouble(),
        ReadValues(json.GetProperty("losses")),
        ReadTensors(json.GetProperty("parameters")));

    private static OrderedDictionary<string, double[]> ReadTensors(JsonElement json) =>
        new(json.EnumerateObject().Select(tensor => KeyValuePair.Create(tensor.Name, ReadValues(tensor.Value))));

    private static double[] ReadValues(JsonElement json)
    {
        double[] values = [.. json.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
        int count = json.GetProperty("shape").EnumerateArray().Aggregate(1, (product, dimension) => product * dimension.GetInt32());
        if (values.Length != count)
            throw new InvalidDataException($"A tensor of {count} elements has {values.Length} values.");
        return values;
    }
}

/// <summary>Ten steps of an optimizer on the whole batch of its case, with PyTorch's defaults for what is not listed.</summary>
/// <param name="Name">SGD, Momentum, Nesterov, Adam or AdamW.</param>
/// <param name="LearningRate">The step size.</param>
/// <param name="Momentum">The factor of the velocity; 0 for Adam and AdamW.</param>
/// <param name="Nesterov">Whether the momentum looks ahead.</param>
/// <param name="WeightDecay">The decoupled decay of AdamW, of weights and biases alike; 0 elsewhere.</param>
/// <param name="Losses">The mean loss before each step.</param>
/// <param name="Parameters">The parameters after the last step, by name.</param>
public sealed record GoldenOptimizer(
    string Name, double LearningRate, double Momentum, bool Nesterov, double WeightDecay,
    double[] Losses, IReadOnlyDictionary<string, double[]> Parameters);
