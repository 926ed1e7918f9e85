namespace NetGen.Tests.Numerics.Reference;

/// <summary>An output of a network.</summary>
/// <param name="Value">The number of the value.</param>
/// <param name="Start">Where it begins in an output row.</param>
/// <param name="Size">The elements of a row.</param>
/// <param name="Loss">What training minimises.</param>
/// <param name="Weight">What the loss is multiplied by in the sum of all.</param>
public sealed record ReferenceResult(int Value, int Start, int Size, Loss Loss, double Weight);

/// <summary>The layers of a network as a list of operations, with the tensors they need.</summary>
internal sealed class ReferenceGraph
{
    private readonly List<(ReferenceStep Step, int[] Inputs)> _nodes = [];
    private readonly List<int[]> _shapes = [];
    private readonly List<ReferenceParameter> _parameters = [];
    private readonly List<ReferenceParameter> _buffers = [];
    private readonly List<int> _maskWidths = [];
    private readonly List<ReferenceResult> _outputs = [];

    // Where the values that are parts of the input row begin.
    private readonly Dictionary<int, int> _starts = [];
    private readonly Dictionary<string, Definition> _definitions = [];

    public ReferenceGraph(int[] inputShape, Loss loss, IReadOnlyList<ReferenceLayer> layers)
    {
        ReferenceInput[] inputs = [.. layers.OfType<ReferenceInput>()];
        if (inputs.Length > 0 == inputShape.Length > 0)
            throw new ArgumentException("A network has either a shape or inputs.", nameof(inputShape));
        _shapes.Add(inputs.Length > 0 ? [inputs.Sum(input => ReferenceMath.Product(input.Dimensions))] : inputShape);
        Vocabularies = new int[ReferenceMath.Product(_shapes[0])];

        Dictionary<string, int> values = [], kinds = [];
        if (inputs.Length == 0)
        {
            values["input"] = 0;
            _starts[0] = 0;
        }

        // What has no From takes the layer above; an output is the value that it takes.
        int? above = inputs.Length > 0 ? null : 0;
        int start = 0;
        foreach (ReferenceLayer layer in layers)
        {
            int number = kinds[layer.Kind] = kinds.GetValueOrDefault(layer.Kind) + 1;
            string name = layer.Name ?? $"{layer.Kind}{number}";
            if (layer is ReferenceInput input)
            {
                int size = ReferenceMath.Product(input.Dimensions);
                AddNode(new MoveStep(Vocabularies.Length, size, ReferenceMoves.Slice(start, size)), [0], input.Dimensions);
                above = _shapes.Count - 1;
                _starts[above.Value] = start;
                start += size;
            }
            else
            {
                int[] from = layer.From.Count == 0
                    ? [above ?? throw new ArgumentException($"{name} has nothing above it.", nameof(layers))]
                    : [.. layer.From.Select(taken => values.TryGetValue(taken, out int value)
                        ? value
                        : throw new ArgumentException($"{name} takes '{taken}', which is no earlier layer.", nameof(layers)))];
                above = Add(layer, name, from);
            }

            if (!values.TryAdd(name, above.Value))
                throw new ArgumentException($"Two layers are named '{name}'.", nameof(layers));
        }

        if (_outputs.Count == 0)
            AddOutput(above ?? 0, loss, 1);
        else if (loss != Loss.None)
            throw new ArgumentException("A network has either a loss or outputs.", nameof(loss));
    }

    /// <summary>The value of node i is number i + 1; number 0 is the input row.</summary>
    public IReadOnlyList<(ReferenceStep Step, int[] Inputs)> Nodes => _nodes;

    /// <summary>The shape of each value.</summary>
    public IReadOnlyList<int[]> Shapes => _shapes;

    public IReadOnlyList<ReferenceParameter> Parameters => _parameters;

    public IReadOnlyList<ReferenceParameter> Buffers => _buffers;

    public IReadOnlyList<int> MaskWidths => _maskWidths;

    public IReadOnlyList<ReferenceResult> Outputs => _outputs;

    /// <summary>For each element of an input row how many indexes there are for it to be one of, or 0 where it may be any number.</summary>
    public int[] Vocabularies { get; }

    /// <summary>The number of the value that a layer makes.</summary>
    private int Add(ReferenceLayer layer, string name, int[] inputs)
    {
        bool joins = layer is ReferenceAdd or ReferenceMultiply or ReferenceConcat;
        if (joins ? inputs.Length < 2 : inputs.Length > 1)
            throw new ArgumentException($"{name} cannot take {inputs.Length} values.");

        int[] shape = _shapes[inputs[0]];
        switch (layer)
        {
            case ReferenceOutput output:
                AddOutput(inputs[0], output.Loss, output.Weight);
                return inputs[0];
            case ReferenceShared shared:
                Definition definition = _definitions.TryGetValue(shared.Layer, out Definition? found)
                    ? found
                    : throw new ArgumentException($"{name} shares '{shared.Layer}', which is no earlier layer with parameters.");
                if (shared.Transposed)
                    AddBack(name, definition, inputs);
                else if (!shape.SequenceEqual(definition.InputShape))
                    throw new ArgumentException($"{name} shares a layer of {Text(definition.InputShape)}, not of {Text(shape)}.");
                else
                    AddLayer(definition, inputs);
                break;
            default:
                Definition own = new(layer, name, shape, _parameters.Count, _buffers.Count, IsNew: true);
                AddLayer(own, inputs);
                if (_parameters.Count > own.First)
                    _definitions[name] = own with { IsNew = false };
                break;
        }

        return _shapes.Count - 1;
    }

    private void AddLayer(Definition definition, int[] inputs)
    {
        (ReferenceLayer layer, string name, int[] shape, int first, int firstBuffer, _) = definition;
        int size = ReferenceMath.Product(shape), channels = shape[0], positions = size / channels;
        switch (layer)
        {
            case ReferenceDense dense:
                AddTensors(definition, dense.Bias, [dense.Units, size], size);
                AddNode(new LinearStep(size, dense.Units, first, dense.Bias), inputs, [dense.Units]);
                AddFunction([_shapes.Count - 1], dense.Activation, dense.Alpha);
                break;
            case ReferenceMaskedDense dense:
                bool[] mask = Mask(dense, name, size);
                AddTensors(definition, dense.Bias, [dense.Units, size], size, mask);
                AddProducts(
                    ReferenceProducts.Masked(mask, size, dense.Units), first, dense.Bias ? first + 1 : null, inputs, [dense.Units], perFilter: true);
                AddFunction([_shapes.Count - 1], dense.Activation, dense.Alpha);
                break;
            case ReferenceKernelLayer kernel:
                AddKernel(definition, kernel, inputs);
                AddFunction([_shapes.Count - 1], kernel.Activation, kernel.Alpha);
                break;
            case ReferenceActivation activation:
                AddFunction(inputs, activation.Function, activation.Alpha);
                break;
            case ReferenceRReLU leaky:
                AddFunction(inputs, Activation.LeakyReLU, (leaky.Lower + leaky.Upper) / 2);
                break;
            case ReferenceNoise:
                AddFunction(inputs, Activation.Identity, null);
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
            case ReferenceMaxout maxout:
                AddNode(
                    new PoolStep(size, PoolStep.Pieces(channels, positions, maxout.Pieces), max: true), inputs, [channels / maxout.Pieces, .. shape[1..]]);
                break;
            case ReferenceFlatten:
                AddNode(new FunctionStep(size, Activation.Identity, 1), inputs, [size]);
                break;
            case ReferenceReshape reshape:
                AddNode(new FunctionStep(size, Activation.Identity, 1), inputs, Resolve(reshape.Dimensions, name, size));
                break;
            case ReferencePermute permute:
                AddMoves(ReferenceMoves.Permute(shape, permute.Dimensions), inputs, [.. permute.Dimensions.Select(dimension => shape[dimension])]);
                break;
            case ReferenceUpsample upsample:
                (int height, int width) = Image(name, shape);
                AddMoves(
                    ReferenceMoves.Upsample(channels, height, width, upsample.Scale, upsample.Interpolation),
                    inputs,
                    [channels, height * upsample.Scale, width * upsample.Scale]);
                break;
            case ReferencePad pad:
                AddSides(name, (pad.Top, pad.Bottom, pad.Left, pad.Right), pad.Mode, inputs);
                break;
            case ReferenceCrop crop:
                AddSides(name, (-crop.Top, -crop.Bottom, -crop.Left, -crop.Right), PadMode.Zeros, inputs);
                break;
            case ReferenceBatchNorm normalization:
                AddTensors(definition, channels, "weight", "bias");
                if (definition.IsNew)
                {
                    _buffers.Add(new ReferenceParameter($"{InFiles(name)}.running_mean", [channels]));
                    _buffers.Add(new ReferenceParameter($"{InFiles(name)}.running_var", [channels]));
                }

                AddNode(
                    new BatchNormalizationStep(channels, positions, first, firstBuffer, normalization.Momentum, normalization.Epsilon), inputs, shape);
                break;
            case ReferenceLayerNorm normalization:
                AddTensors(definition, shape, "weight", "bias");
                AddNode(new LayerNormalizationStep(size, first, normalization.Epsilon), inputs, shape);
                break;
            case ReferenceGroupNorm normalization:
                AddTensors(definition, channels, "weight", "bias");
                AddNode(new GroupNormalizationStep(channels, positions, normalization.Groups, first, normalization.Epsilon), inputs, shape);
                break;
            case ReferenceRMSNorm normalization:
                AddTensors(definition, shape, "weight");
                AddNode(new RootMeanSquareStep(size, first, normalization.Epsilon), inputs, shape);
                break;
            case ReferencePReLU:
                AddTensors(definition, channels, "weight");
                AddNode(new SlopeStep(channels, positions, first), inputs, shape);
                break;
            case ReferenceSwish:
                AddTensors(definition, channels, "weight");
                AddNode(new SwishStep(channels, positions, first), inputs, shape);
                break;
            case ReferenceEmbedding embedding:
                if (shape.Length != 1 || !_starts.TryGetValue(inputs[0], out int start))
                    throw new ArgumentException($"{name} takes indexes, which are an input of one dimension.");
                for (int i = start; i < start + size; i++)
                    Vocabularies[i] = Vocabularies[i] == 0 ? embedding.Vocabulary : Math.Min(Vocabularies[i], embedding.Vocabulary);
                AddTensors(definition, [embedding.Vocabulary, embedding.Dimension], "weight");
                AddNode(new LookupStep(size, embedding.Vocabulary, embedding.Dimension, first), inputs, [embedding.Dimension, size]);
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

    private void AddKernel(Definition definition, ReferenceKernelLayer layer, int[] inputs)
    {
        (_, string name, int[] shape, int first, _, _) = definition;
        int channels = shape[0];
        int[] extents = [.. Enumerable.Repeat(layer.Kernel, layer is ReferenceConvolution { Dimensions: 1 } ? 1 : 2)];
        int positions = ReferenceMath.Product(extents), fanIn = channels * positions;
        int? bias = layer.Bias ? first + 1 : null;
        if (layer is ReferenceTransposedConvolution transposed)
        {
            (int height, int width) = Image(name, shape);
            ReferenceWindow output = new(
                [layer.Filters, Extent(transposed, height), Extent(transposed, width)], 2, layer.Kernel, layer.Stride, layer.Margin, layer.Dilation);
            if (transposed.OutputPadding >= layer.Stride)
                throw new ArgumentException($"{name} cannot pad its output by {transposed.OutputPadding} at a stride of {layer.Stride}.");
            AddTensors(definition, layer.Bias, [channels, layer.Filters, .. extents], fanIn, biasShape: [layer.Filters]);
            AddProducts(ReferenceProducts.Transposed(output, channels), first, bias, inputs, [layer.Filters, output.Height, output.Width], perFilter: true);
            return;
        }

        ReferenceWindow window = new(shape, extents.Length, layer.Kernel, layer.Stride, layer.Margin, layer.Dilation);
        int[] outputShape = window.OutputShape(layer.Filters);
        switch (layer)
        {
            case ReferenceConvolution convolution:
                AddTensors(definition, layer.Bias, [layer.Filters, channels / convolution.Groups, .. extents], fanIn / convolution.Groups);
                AddProducts(
                    ReferenceProducts.Convolution(window, layer.Filters, convolution.Groups), first, bias, inputs, outputShape, perFilter: true);
                break;
            case ReferenceLocallyConnected:
                int sites = window.OutputHeight * window.OutputWidth;
                AddTensors(definition, layer.Bias, [sites, layer.Filters, channels, .. extents], fanIn, biasShape: [sites, layer.Filters]);
                AddProducts(ReferenceProducts.Local(window, layer.Filters), first, bias, inputs, outputShape, perFilter: false);
                break;
            default:
                int[] middle = window.OutputShape(channels);
                if (definition.IsNew)
                    _parameters.Add(new ReferenceParameter($"{InFiles(name)}Depthwise.weight", [channels, 1, .. extents], positions));
                AddProducts(ReferenceProducts.Convolution(window, channels, channels), first, null, inputs, middle, perFilter: true);
                AddTensors(definition, layer.Bias, [layer.Filters, channels, 1, 1], channels);
                AddProducts(
                    ReferenceProducts.Convolution(new ReferenceWindow(middle, 2, size: 1, stride: 1), layer.Filters, groups: 1),
                    first + 1,
                    layer.Bias ? first + 2 : null,
                    [_shapes.Count - 1],
                    outputShape,
                    perFilter: true);
                break;
        }

        int Extent(ReferenceTransposedConvolution of, int extent)
        {
            int result = (extent - 1) * of.Stride - 2 * of.Margin + of.Dilation * (of.Kernel - 1) + of.OutputPadding + 1;
            return result >= 1 ? result : throw new ArgumentException($"{name} leaves nothing of {Text(shape)}.");
        }
    }

    /// <summary>The weights of a dense layer the other way, with a bias of their own.</summary>
    private void AddBack(string name, Definition definition, int[] inputs)
    {
        int size = ReferenceMath.Product(definition.InputShape), given = ReferenceMath.Product(_shapes[inputs[0]]);
        if (definition.Layer is not ReferenceDense dense || dense.Units != given)
            throw new ArgumentException($"{name} takes {given} values back through '{definition.Name}', which is no dense layer of as many units.");
        _parameters.Add(new ReferenceParameter($"{InFiles(name)}.bias", [size]));
        AddNode(
            new ProductSumStep(
                given, ReferenceProducts.Back(size, dense.Units), definition.First, [.. Enumerable.Range(0, size)], _parameters.Count - 1),
            inputs,
            [size]);
    }

    /// <param name="perFilter">Whether all positions of a filter have one bias, not each its own: [positions, filters].</param>
    private void AddProducts(
        List<(int Input, int Weight, int Output)> products, int weight, int? bias, int[] inputs, int[] shape, bool perFilter)
    {
        int filters = shape[0], positions = ReferenceMath.Product(shape) / filters;
        int[] biases =
        [
            .. from filter in Enumerable.Range(0, filters)
               from position in Enumerable.Range(0, positions)
               select perFilter ? filter : position * filters + filter,
        ];
        AddNode(new ProductSumStep(ReferenceMath.Product(_shapes[inputs[0]]), products, weight, biases, bias), inputs, shape);
    }

    private void AddSides(string name, (int Top, int Bottom, int Left, int Right) sides, PadMode mode, int[] inputs)
    {
        int[] shape = _shapes[inputs[0]];
        (int height, int width) = Image(name, shape);
        AddMoves(
            ReferenceMoves.Pad(shape[0], height, width, sides, mode),
            inputs,
            [shape[0], sides.Top + height + sides.Bottom, sides.Left + width + sides.Right]);
    }

    private void AddMoves(List<(int Input, int Output, double Factor)> moves, int[] inputs, int[] shape) =>
        AddNode(new MoveStep(ReferenceMath.Product(_shapes[inputs[0]]), ReferenceMath.Product(shape), moves), inputs, shape);

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

    private void AddOutput(int value, Loss loss, double weight) =>
        _outputs.Add(new ReferenceResult(value, _outputs.Sum(output => output.Size), ReferenceMath.Product(_shapes[value]), loss, weight));

    private void AddTensors(Definition definition, bool bias, int[] shape, int fanIn, bool[]? mask = null, int[]? biasShape = null)
    {
        if (!definition.IsNew)
            return;
        _parameters.Add(new ReferenceParameter($"{InFiles(definition.Name)}.weight", shape, fanIn, mask));
        if (bias)
            AddTensors(definition, biasShape ?? shape[..1], "bias");
    }

    private void AddTensors(Definition definition, int count, params string[] names) => AddTensors(definition, [count], names);

    private void AddTensors(Definition definition, int[] shape, params string[] names)
    {
        if (definition.IsNew)
            _parameters.AddRange(names.Select(name => new ReferenceParameter($"{InFiles(definition.Name)}.{name}", shape)));
    }

    private void CheckShapes(string name, int[] inputs, Func<int[], IEnumerable<int>> common)
    {
        if (!inputs.All(input => common(_shapes[input]).SequenceEqual(common(_shapes[inputs[0]]))))
        {
            string shapes = string.Join(" and ", inputs.Select(input => Text(_shapes[input])));
            throw new ArgumentException($"{name} cannot join {shapes}.");
        }
    }

    private static (int Height, int Width) Image(string name, int[] shape) => shape is [_, int height, int width]
        ? (height, width)
        : throw new ArgumentException($"{name} takes an image, not {Text(shape)}.");

    /// <summary>The pattern repeated over all units and inputs.</summary>
    private static bool[] Mask(ReferenceMaskedDense dense, string name, int inputs)
    {
        int lines = dense.Mask.Length, columns = dense.Mask.FirstOrDefault("").Length;
        if (columns == 0 || dense.Mask.Any(line => line.Length != columns) || dense.Units % lines != 0 || inputs % columns != 0)
            throw new ArgumentException($"The mask of {name} does not repeat to [{dense.Units}, {inputs}].");
        return
        [
            .. from unit in Enumerable.Range(0, dense.Units)
               from i in Enumerable.Range(0, inputs)
               select dense.Mask[unit % lines][i % columns] == '1',
        ];
    }

    private static int[] Resolve(int[] dimensions, string name, int size)
    {
        int known = ReferenceMath.Product(dimensions.Where(dimension => dimension != -1));
        int[] shape = [.. dimensions.Select(dimension => dimension == -1 ? size / known : dimension)];
        return dimensions.Count(dimension => dimension == -1) <= 1 && ReferenceMath.Product(shape) == size
            ? shape
            : throw new ArgumentException($"{name} cannot arrange {size} elements as {Text(dimensions)}.");
    }

    private static string Text(int[] shape) => $"[{string.Join(", ", shape)}]";

    private static string InFiles(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>A layer whose first parameter and buffer have the numbers given; not new where another use declared them.</summary>
    private sealed record Definition(ReferenceLayer Layer, string Name, int[] InputShape, int First, int FirstBuffer, bool IsNew);
}
