namespace NetGen;

/// <summary>What the compiler knows of a network: shapes, costs and where each parameter lies.</summary>
public sealed class NetworkInfo
{
    private readonly ParameterInfo[] _parameters;
    private readonly NetworkPort[] _inputs;
    private readonly NetworkPort[] _outputs;
    private readonly int[] _inputShape;
    private readonly int[] _outputShape;

    /// <summary>Called by generated code.</summary>
    public NetworkInfo(
        string name, string architecture, string summary, Loss loss, bool hasLoss, int[] inputShape, int[] outputShape,
        NetworkPort[] inputs, NetworkPort[] outputs,
        int bufferLength, long multiplyAdds, bool isStochastic, int minBatchSize, bool isOptimized, ParameterInfo[] parameters)
    {
        Name = name;
        Architecture = architecture;
        Summary = summary;
        Loss = loss;
        HasLoss = hasLoss;
        _inputs = [.. inputs];
        _outputs = [.. outputs];
        _inputShape = [.. inputShape];
        _outputShape = [.. outputShape];
        BufferLength = bufferLength;
        MultiplyAdds = multiplyAdds;
        IsStochastic = isStochastic;
        MinBatchSize = minBatchSize;
        IsOptimized = isOptimized;
        _parameters = [.. parameters];
        InputSize = inputShape.Aggregate(1, (product, dimension) => product * dimension);
        OutputSize = outputShape.Aggregate(1, (product, dimension) => product * dimension);
        ParameterCount = parameters.Where(parameter => parameter.IsTrained).Sum(parameter => parameter.Count);
    }

    /// <summary>The class's name.</summary>
    public string Name { get; }

    /// <summary>
    /// The layers on one line, such as <c>784 -> Dense(128, ReLU) -> Dense(10)</c>. Written into weight files, so that a
    /// file of another network is refused with both architectures named.
    /// </summary>
    public string Architecture { get; }

    /// <summary>The layer table.</summary>
    public string Summary { get; }

    /// <summary>
    /// What training minimises; <see cref="Loss.None"/> also where several outputs have losses of their own, or the loss is the user's.
    /// </summary>
    public Loss Loss { get; }

    /// <summary>Whether training minimises anything.</summary>
    public bool HasLoss { get; }

    /// <summary>What stands in the way of class labels, for messages.</summary>
    /// <summary>Where a loss is declared: outputs that are declared have their own.</summary>
    internal string LossAdvice => _outputs.Length > 1 || _outputs is [{ Name: not "output" }] ? "set Loss on its [Layer.Output]" : "set Loss on [Network]";

    internal string LossInWords => Loss != Loss.None ? $"Loss.{Loss}" : _outputs.Length > 1 ? "several outputs" : "a loss of its own";

    /// <summary>The inputs declared by layers, which stand one after the other in an input row; none where there is only one.</summary>
    public ReadOnlySpan<NetworkPort> Inputs => _inputs;

    /// <summary>The outputs, which stand one after the other in an output row.</summary>
    public ReadOnlySpan<NetworkPort> Outputs => _outputs;

    /// <summary>The dimensions of one input row.</summary>
    public ReadOnlySpan<int> InputShape => _inputShape;

    /// <summary>The dimensions of one output row.</summary>
    public ReadOnlySpan<int> OutputShape => _outputShape;

    /// <summary>Elements of one input row.</summary>
    public int InputSize { get; }

    /// <summary>Elements of one output row.</summary>
    public int OutputSize { get; }

    /// <summary>The number of trained parameters, without padding.</summary>
    public long ParameterCount { get; }

    /// <summary>The length of a parameter buffer, padding included.</summary>
    public int BufferLength { get; }

    /// <summary>Multiply-adds of one prediction of one row.</summary>
    public long MultiplyAdds { get; }

    /// <summary>Whether training depends on random numbers: the masks of dropout, noise, slopes.</summary>
    public bool IsStochastic { get; }

    /// <summary>Whether rows of a batch depend on each other while training, as batch normalization makes them.</summary>
    public bool UsesBatchStatistics => MinBatchSize > 0;

    /// <summary>
    /// The fewest rows whose statistics batch normalization can train on: 2 where one normalizes single values, which have no variance over one
    /// row; 1 where all normalize several positions; 0 where there is none.
    /// </summary>
    public int MinBatchSize { get; }

    /// <summary>
    /// Whether the project that declares the network is built with optimization. Without it, as in a Debug build, networks run ten to fifteen times slower:
    /// build with <c>-c Release</c>, or set <c>&lt;NetGenOptimize&gt;true&lt;/NetGenOptimize&gt;</c> in the project.
    /// </summary>
    public bool IsOptimized { get; }

    /// <summary>What to know of a project that is not optimized; null for one that is.</summary>
    internal string? OptimizationNotice => IsOptimized ? null
        : $"{Name} is built without optimization and runs 10 to 15 times slower: build with -c Release, or set <NetGenOptimize>true</NetGenOptimize> in the project.";

    /// <summary>The parameters in the order of the layers.</summary>
    public ReadOnlySpan<ParameterInfo> Parameters => _parameters;
}
