namespace NetGen.Tests.Numerics.Reference;

/// <summary>
/// Random networks of every layer: images, signals, vectors and indexes, one input or several, residual and branching blocks, shared
/// weights, dense heads, one output or several. The same seed gives the same network on every machine; <see cref="RandomNetworks"/>
/// makes parameters and data for them.
/// </summary>
/// <remarks>
/// Every value is used. No parameter stands where a normalization or softmax after it always cancels it, which would leave
/// rounding as its gradient; beyond the seeds tested, a rare network may still have one by chance. Batch normalization needs
/// at least three rows.
/// </remarks>
public static class RandomGraphs
{
    /// <summary>The networks of consecutive seeds.</summary>
    public static IEnumerable<NetworkDescription> Take(int count, int firstSeed = 0, Func<ReferenceLayer, bool>? isAllowed = null) =>
        Enumerable.Range(firstSeed, count).Select(seed => Create(seed, isAllowed));

    /// <summary>
    /// A network of 2 to 12 layers, inputs and outputs not counted, with at least one parameter, of at most 200,000 multiply-adds a
    /// row. Where a loss works on logits, a dense layer of at least two units stands before it.
    /// </summary>
    /// <param name="seed">What decides everything.</param>
    /// <param name="isAllowed">Which layers there may be; joins, PReLU and dense layers always. Null for all.</param>
    public static NetworkDescription Create(int seed, Func<ReferenceLayer, bool>? isAllowed = null)
    {
        Random random = new(seed);
        while (true)
        {
            NetworkDescription network = new Builder(random, isAllowed ?? (_ => true)).Build();
            if (network.ToReference().Parameters.Count > 0)
                return network;
        }
    }

    /// <summary>The output of a layer.</summary>
    /// <param name="Name">What other layers call it.</param>
    /// <param name="Shape">[channels, ...].</param>
    /// <param name="Shifted">Whether a trained number is added to all of a channel that a later normalization would subtract.</param>
    /// <param name="Scaled">Whether a trained number multiplies all of a channel that a later normalization would divide by.</param>
    /// <param name="Summed">Whether elements add up to the same whatever was computed, so that a mean would leave nothing.</param>
    /// <param name="IsIndex">Whether it holds indexes, which are there to be looked up.</param>
    private sealed record Value(string Name, int[] Shape, bool Shifted, bool Scaled, bool Summed = false, bool IsIndex = false)
    {
        public int Channels => Shape[0];

        public int Size => ReferenceMath.Product(Shape);

        /// <summary>2 of an image, 1 of a signal, 0 of a vector.</summary>
        public int Dimensions => Shape.Length - 1;
    }

    private sealed class Builder
    {
        private const int MaxMultiplyAdds = 100_000;
        private const int MaxSize = 4000;

        // On both sides of every vector and panel width, where tails begin and end.
        private static readonly int[] Channels = [1, 2, 3, 5, 6, 8, 15, 16, 17, 32, 33];
        private static readonly int[] ImageExtents = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        private static readonly int[] SignalExtents = [1, 3, 7, 9, 15, 16, 17, 21, 31, 32, 33];
        private static readonly double[] Epsilons = [1e-5, 0.001, 0.125];

        private readonly Random _random;
        private readonly Func<ReferenceLayer, bool> _isAllowed;
        private readonly int _target;
        private readonly List<ReferenceLayer> _layers = [];
        private readonly List<Value> _values = [];
        private readonly Dictionary<string, int> _kinds = [];

        // What later layers may share, by name: the layer and the shape it takes.
        private readonly Dictionary<string, (ReferenceLayer Layer, Value Input)> _definitions = [];
        private int _multiplyAdds;

        public Builder(Random random, Func<ReferenceLayer, bool> isAllowed)
        {
            _random = random;
            _isAllowed = isAllowed;
            _target = random.Next(2, 13);
        }

        private Value Last => _values[^1];

        private int Count => _layers.Count(layer => layer is not ReferenceInput and not ReferenceOutput);

        public NetworkDescription Build()
        {
            int[] inputShape = [];
            if (_target >= 6 && _random.Next(6) == 0 && _isAllowed(new ReferenceInput(1)))
            {
                AddInputs();
            }
            else
            {
                bool isIndex = _random.Next(10) == 0 && _isAllowed(new ReferenceEmbedding(1, 1));
                inputShape = isIndex ? [_random.Next(3, 9)] : CreateInputShape();
                _values.Add(new Value("input", inputShape, Shifted: false, Scaled: false, IsIndex: isIndex));
                if (isIndex)
                    Add(CreateEmbedding());
            }

            if (_random.Next(6) == 0 && _isAllowed(new ReferenceOutput()))
            {
                AddOutputs(_random.Next(2, 4));
                return new NetworkDescription(inputShape, Loss.None, _layers);
            }

            Loss loss = Pick(Enum.GetValues<Loss>());
            int head = IsOfLogits(loss) || _random.Next(2) == 0 ? 1 : 0;
            AddLayers(_target - head);
            if (head == 1)
                Add(CreateHead());
            return new NetworkDescription(inputShape, loss, _layers);
        }

        private static bool IsOfLogits(Loss loss) => loss is Loss.BinaryCrossEntropy or Loss.SoftmaxCrossEntropy;

        private int[] CreateInputShape() => _random.Next(8) switch
        {
            < 4 => [Pick(Channels), Pick(ImageExtents), Pick(ImageExtents)],
            < 6 => [Pick(Channels), Pick(SignalExtents)],
            _ => [Pick(Channels)],
        };

        private ReferenceEmbedding CreateEmbedding() => new(_random.Next(5, 20), Pick(Channels));

        private ReferenceDense CreateHead() => new(Pick([2, 3, 10, 17]));

        private void AddLayers(int count)
        {
            while (Count < count)
                AddSomething(count - Count);
        }

        /// <summary>Two inputs joined, at times after a layer on one that is shared by the other: at most five layers.</summary>
        private void AddInputs()
        {
            bool isIndex = _random.Next(5) == 0 && _isAllowed(new ReferenceEmbedding(1, 1));
            bool isAlike = _random.Next(2) == 0;
            int[] shape = isIndex ? [_random.Next(3, 6)] : CreateInputShape();
            Value first = AddInput(shape, isIndex), second = AddInput(isAlike ? shape : CreateInputShape(), isIndex && isAlike);
            if (isAlike && (isIndex || _random.Next(2) == 0) && _isAllowed(new ReferenceShared("")))
            {
                Add(isIndex ? CreateEmbedding() : CreateLayer(first), first);
                (first, string shared) = (Last, Last.Name);
                Add(_definitions.ContainsKey(shared) ? new ReferenceShared(shared) : new ReferenceDense(first.Size), second);
                second = Last;
            }
            else
            {
                (first, second) = (LookUp(first), LookUp(second));
            }

            if (!first.Shape.SequenceEqual(second.Shape))
            {
                int units = Pick([2, 5, 8, 17]);
                Add(new ReferenceDense(units, Activation.Tanh), first);
                first = Last;
                Add(new ReferenceDense(units), second);
                second = Last;
            }

            if (_random.Next(3) == 0 && first.Size + second.Size <= MaxSize)
                Join(new ReferenceConcat(), first, second);
            else
                JoinElements([first, second]);

            Value LookUp(Value input)
            {
                if (input.IsIndex)
                    Add(CreateEmbedding(), input);
                return input.IsIndex ? Last : input;
            }
        }

        private Value AddInput(int[] shape, bool isIndex)
        {
            ReferenceInput input = new(shape);
            string usual = NextName(input);
            string? name = _random.Next(2) == 0 ? $"Given{_values.Count + 1}" : null;
            _layers.Add(input with { Name = name });
            _values.Add(new Value(name ?? usual, shape, Shifted: false, Scaled: false, IsIndex: isIndex));
            return Last;
        }

        /// <summary>Heads on one value, at times on another, each an output; the value itself may be one too.</summary>
        private void AddOutputs(int heads)
        {
            AddLayers(Math.Max(1, _target - heads));
            Value stem = Last;
            for (int i = 0; i < heads; i++)
            {
                Loss loss = Pick(Enum.GetValues<Loss>());
                Value[] others = Neighbours(value => value.Size <= 400);
                if (i > 0 || IsOfLogits(loss) || _random.Next(2) == 0)
                    Add(CreateHead(), i > 0 && others.Length > 0 && _random.Next(4) == 0 ? Pick(others) : stem);

                // What stands below an output without From would take the output's value: here, everything below has one.
                bool named = Last == stem || _random.Next(2) == 0;
                _layers.Add(new ReferenceOutput(loss, Pick([1, 1, 0.5, 2])) { From = named ? [Last.Name] : [] });
            }
        }

        /// <summary>Adds one layer, or a block of no more layers than are left.</summary>
        private void AddSomething(int left)
        {
            switch (_random.Next(8))
            {
                case 0 or 1 when left >= 2:
                    AddResidual(_random.Next(2, Math.Min(left, 4) + 1));
                    break;
                case 2 when left >= 3:
                    AddBranches(_random.Next(3, Math.Min(left, 4) + 1));
                    break;
                case 3 when Neighbours(value =>
                    value.Size + Last.Size <= MaxSize && value.Shape.AsSpan(1).SequenceEqual(Last.Shape.AsSpan(1))) is [_, ..] joined:
                    Join(new ReferenceConcat(), Last, Pick(joined));
                    break;
                default:
                    Add(CreateLayer(Last));
                    break;
            }
        }

        /// <summary>Layers that keep the shape, then their output joined with their input, and at times with a third value.</summary>
        private void AddResidual(int count)
        {
            Value start = Last;
            for (int i = 0; i < count - 1; i++)
                Add(FindLayer(Last, shape => shape.SequenceEqual(start.Shape)) ?? new ReferencePReLU());

            Value[] others = Neighbours(value => value != start && value.Shape.SequenceEqual(start.Shape));
            Value[] joined = others.Length > 0 && _random.Next(4) == 0 ? [start, Last, Pick(others)] : [start, Last];
            JoinElements(joined);
        }

        /// <summary>Two or three layers on one value, then their outputs joined; of one shape but for the channels.</summary>
        private void AddBranches(int count)
        {
            Value start = Last;
            Add(CreateLayer(start));
            List<Value> branches = [Last];
            for (int i = 0; i < count - 2; i++)
            {
                int[] extents = branches[0].Shape[1..];
                if (FindLayer(start, shape => shape.AsSpan(1).SequenceEqual(extents)) is { } layer)
                    Add(layer, start);
                else
                    Add(new ReferencePReLU(), branches[0]);
                branches.Add(Last);
            }

            if (branches.All(branch => branch.Shape.SequenceEqual(branches[0].Shape)) && _random.Next(2) == 0)
                JoinElements([.. branches]);
            else
                Join(new ReferenceConcat(), [.. branches]);
        }

        // More than two products in a network, and values grow beyond what single precision subtracts well.
        private void JoinElements(Value[] values) =>
            Join(_random.Next(3) == 0 && _layers.OfType<ReferenceMultiply>().Count() < 2 ? new ReferenceMultiply() : new ReferenceAdd(), values);

        private void Join(ReferenceLayer join, params Value[] values)
        {
            _random.Shuffle(values);
            Add(join, values);
        }

        private Value[] Neighbours(Func<Value, bool> fits) => [.. _values.SkipLast(1).Where(value => !value.IsIndex && fits(value))];

        /// <summary>A layer that can stand after a value.</summary>
        private ReferenceLayer CreateLayer(Value value)
        {
            while (true)
            {
                ReferenceLayer layer = Propose(value);
                if (_isAllowed(layer) && Fits(layer, value))
                    return layer;
            }
        }

        /// <summary>One that makes an acceptable shape; null if none is found.</summary>
        private ReferenceLayer? FindLayer(Value value, Func<int[], bool> accepts) =>
            Enumerable.Range(0, 200).Select(_ => CreateLayer(value)).FirstOrDefault(layer => accepts(Shape(layer, value)));

        private ReferenceLayer Propose(Value value)
        {
            (Activation activation, double? alpha) = RandomNetworks.PickActivation(_random);
            return (_random.Next(32), value.Dimensions) switch
            {
                (0, _) => ProposeNoise(),
                (1 or 2, _) => new ReferenceActivation(activation, alpha),
                (3, _) => Pick<ReferenceLayer>([new ReferencePReLU(), new ReferenceSwish(), new ReferenceRReLU(), new ReferenceRReLU(0.25, 0.5)]),
                (4, _) => new ReferenceLayerNorm(Pick(Epsilons)),
                (5, _) => new ReferenceRMSNorm(Pick(Epsilons)),
                (6, _) => new ReferenceBatchNorm(Pick([0.1, 0.25, 1]), Pick(Epsilons)),
                (7, _) => new ReferenceGroupNorm(Pick(Divisors(value.Channels)), Pick(Epsilons)),
                (8, _) => new ReferenceMaxout(Pick(Divisors(value.Channels))),
                (9, > 0) => new ReferenceFlatten(),
                (10, > 0) => new ReferenceGlobalPool(Max: _random.Next(2) == 0),
                (11, _) => ProposeShape(value.Size),
                (12, > 0) => ProposeOrder(value.Shape.Length),
                (13 or 14, _) when ProposeShared(value) is { } shared => shared,
                (15 or 16, > 0) => new ReferencePool(value.Dimensions, _random.Next(2) == 0, _random.Next(1, 4), _random.Next(4)),
                (17, 2) => new ReferenceUpsample(_random.Next(1, 4), Pick(Enum.GetValues<Interpolation>())),
                (18, 2) => ProposeSides(),
                (19, _) => ProposeMasked(value, activation, alpha),
                (20 or 21, 2) => ProposeSeparable(value),
                (22 or 23, 2) => ProposeTransposed(value),
                (24, 2) => ProposeLocal(value),
                ( > 24, > 0) => ProposeConvolution(value, activation, alpha),
                _ => new ReferenceDense(_random.Next(4) == 0 ? value.Size : Pick(Channels), activation, alpha, _random.Next(4) != 0),
            };
        }

        private ReferenceLayer ProposeNoise() => _random.Next(4) switch
        {
            0 => new ReferenceDropout(Pick([0.1, 0.3, 0.5, 0.75])),
            1 => new ReferenceNoise("SpatialDropout", 0.25),
            2 => new ReferenceNoise("AlphaDropout", 0.125),
            _ => new ReferenceNoise("GaussianNoise", 0.5),
        };

        /// <summary>Up to three dimensions, one of them left open at times.</summary>
        private ReferenceReshape ProposeShape(int size)
        {
            int[] shape = [.. Enumerable.Repeat(1, _random.Next(1, 4))];
            int rest = size;
            for (int i = 0; i < shape.Length - 1; i++)
            {
                shape[i] = Pick(Divisors(rest));
                rest /= shape[i];
            }

            shape[^1] = rest;
            _random.Shuffle(shape);
            if (_random.Next(3) == 0)
                shape[_random.Next(shape.Length)] = -1;
            return new ReferenceReshape(shape);
        }

        private ReferencePermute ProposeOrder(int dimensions)
        {
            int[] order = [.. Enumerable.Range(0, dimensions)];
            _random.Shuffle(order);
            return new ReferencePermute(order);
        }

        private ReferenceLayer ProposeSides()
        {
            int[] sides = [.. Enumerable.Range(0, 4).Select(_ => _random.Next(3))];
            if (_random.Next(3) == 0)
                Array.Fill(sides, sides[0]);
            return _random.Next(2) == 0
                ? new ReferenceCrop(sides[0], sides[1], sides[2], sides[3])
                : new ReferencePad(sides[0], sides[1], sides[2], sides[3], Pick(Enum.GetValues<PadMode>()));
        }

        /// <summary>An earlier layer of a like input, or the way back through an earlier dense layer; null if there is none.</summary>
        private ReferenceShared? ProposeShared(Value value)
        {
            ReferenceShared[] candidates =
            [
                .. from definition in _definitions
                   where definition.Value.Input.Shape.SequenceEqual(value.Shape)
                   select new ReferenceShared(definition.Key),
                .. from definition in _definitions
                   where definition.Value.Layer is ReferenceDense dense && value.Dimensions == 0 && dense.Units == value.Size
                   select new ReferenceShared(definition.Key, Transposed: true),
            ];
            return candidates.Length > 0 ? Pick(candidates) : null;
        }

        private ReferenceMaskedDense ProposeMasked(Value value, Activation activation, double? alpha)
        {
            int units = Pick(Channels), lines = Pick(Divisors(units)), columns = Pick(Divisors(value.Size));
            string[] mask =
            [
                .. Enumerable.Range(0, lines).Select(_ =>
                    string.Concat(Enumerable.Range(0, columns).Select(_ => _random.Next(3) == 0 ? '0' : '1'))),
            ];
            if (!mask.Any(line => line.Contains('1', StringComparison.Ordinal)))
                mask[0] = new string('1', columns);
            return new ReferenceMaskedDense(units, mask, activation, alpha, Bias: _random.Next(4) != 0);
        }

        private ReferenceSeparableConvolution ProposeSeparable(Value value)
        {
            ReferenceConvolution like = ProposeConvolution(value, RandomNetworks.PickActivation(_random));
            return new(like.Filters, like.Kernel, like.Activation, like.Alpha, like.Bias, like.Stride, like.Padding, like.Dilation);
        }

        private ReferenceTransposedConvolution ProposeTransposed(Value value)
        {
            ReferenceConvolution like = ProposeConvolution(value, RandomNetworks.PickActivation(_random));
            return new(
                like.Filters, like.Kernel, like.Activation, like.Alpha, like.Bias, like.Stride, like.Padding, like.Dilation,
                OutputPadding: _random.Next(like.Stride));
        }

        private ReferenceLocallyConnected ProposeLocal(Value value)
        {
            ReferenceConvolution like = ProposeConvolution(value, RandomNetworks.PickActivation(_random));
            return new(Math.Min(like.Filters, 8), like.Kernel, like.Activation, like.Alpha, like.Bias, like.Stride, like.Padding, like.Dilation);
        }

        private ReferenceConvolution ProposeConvolution(Value value, (Activation Activation, double? Alpha) function) =>
            ProposeConvolution(value, function.Activation, function.Alpha);

        private ReferenceConvolution ProposeConvolution(Value value, Activation activation, double? alpha)
        {
            int kernel = Pick([1, 1, 2, 3, 3, 3, 4, 5]), dilation = Pick([1, 1, 1, 2, 3]);
            int groups = _random.Next(5) switch
            {
                0 => value.Channels,
                1 => Pick(Divisors(value.Channels)),
                _ => 1,
            };

            // Of whole images, a softmax is a layer of its own.
            if (activation == Activation.Softmax || _random.Next(3) == 0)
                (activation, alpha) = (Activation.Identity, null);
            int[] filters = [.. Channels.Append(value.Channels).Where(number => number % groups == 0)];
            return new ReferenceConvolution(
                value.Dimensions,
                _random.Next(3) == 0 ? value.Channels : Pick(filters),
                kernel,
                activation,
                alpha,
                Bias: _random.Next(3) != 0,
                Stride: Pick([1, 1, 1, 2, 3]),
                // No more than the kernel reaches: outputs made of zeros alone are constants.
                Padding: _random.Next(4) switch
                {
                    0 => 0,
                    1 => Math.Min(_random.Next(1, 3), dilation * (kernel - 1)),
                    _ => kernel % 2 == 1 ? Layer.Same : 0,
                },
                Dilation: dilation,
                Groups: groups);
        }

        private bool Fits(ReferenceLayer layer, Value value) => layer switch
        {
            ReferenceDense dense => FitsWeights(layer, value) && (dense.Activation != Activation.Softmax || dense.Units >= 2),
            ReferenceMaskedDense dense => FitsWeights(layer, value) && (dense.Activation != Activation.Softmax || dense.Units >= 2),
            ReferenceActivation { Function: Activation.Softmax } => value.Channels >= 2,
            ReferenceBatchNorm => !value.Shifted && !value.Scaled,

            // A row or group of few elements is normalized to about the same numbers whatever it holds.
            ReferenceLayerNorm => value.Size >= 8 && !value.Shifted && !value.Scaled,
            ReferenceRMSNorm => value.Size >= 8 && !value.Scaled,
            ReferenceGroupNorm norm => value.Size / norm.Groups >= 8 && !value.Shifted && !value.Scaled,
            ReferenceShared { Transposed: false } shared => FitsWeights(layer, value) && Fits(_definitions[shared.Layer].Layer, value),
            ReferenceGlobalPool { Max: false } => !value.Summed,
            ReferencePool { Max: false } => !value.Summed && Shape(layer, value) is [_, ..],
            ReferenceNoise { Of: "SpatialDropout" } => value.Dimensions > 0,
            ReferencePad { Mode: PadMode.Reflect } pad =>
                Math.Max(pad.Top, pad.Bottom) < value.Shape[1] && Math.Max(pad.Left, pad.Right) < value.Shape[2] && FitsWeights(layer, value),
            _ => FitsWeights(layer, value),
        };

        private bool FitsWeights(ReferenceLayer layer, Value value) =>
            Shape(layer, value) is [_, ..] shape && ReferenceMath.Product(shape) <= MaxSize
            && MultiplyAdds(layer, value) + _multiplyAdds <= MaxMultiplyAdds;

        /// <summary>The shape of a layer's output, empty if its window does not fit.</summary>
        private int[] Shape(ReferenceLayer layer, Value value)
        {
            return layer switch
            {
                ReferenceDense dense => [dense.Units],
                ReferenceMaskedDense dense => [dense.Units],
                ReferenceTransposedConvolution t => Spatial(t.Filters, extent =>
                    (extent - 1) * t.Stride - 2 * t.Margin + t.Dilation * (t.Kernel - 1) + t.OutputPadding + 1),
                ReferenceKernelLayer k => Slide(k.Filters, k.Kernel, k.Stride, k.Margin, k.Dilation),
                ReferencePool pool => Slide(value.Channels, pool.Size, pool.Stride == 0 ? pool.Size : pool.Stride, 0, 1),
                ReferenceGlobalPool => [value.Channels],
                ReferenceFlatten => [value.Size],
                ReferenceReshape reshape => [.. reshape.Dimensions.Select(dimension => dimension > 0
                    ? dimension
                    : value.Size / ReferenceMath.Product(reshape.Dimensions.Where(known => known > 0)))],
                ReferencePermute permute => [.. permute.Dimensions.Select(dimension => value.Shape[dimension])],
                ReferenceUpsample upsample => Spatial(value.Channels, extent => extent * upsample.Scale),
                ReferencePad pad => [value.Channels, value.Shape[1] + pad.Top + pad.Bottom, value.Shape[2] + pad.Left + pad.Right],
                ReferenceCrop crop => Math.Min(value.Shape[1] - crop.Top - crop.Bottom, value.Shape[2] - crop.Left - crop.Right) < 1
                    ? []
                    : [value.Channels, value.Shape[1] - crop.Top - crop.Bottom, value.Shape[2] - crop.Left - crop.Right],
                ReferenceMaxout maxout => [value.Channels / maxout.Pieces, .. value.Shape[1..]],
                ReferenceEmbedding embedding => [embedding.Dimension, value.Size],
                ReferenceShared { Transposed: true } shared => [_definitions[shared.Layer].Input.Size],
                ReferenceShared shared => Shape(_definitions[shared.Layer].Layer, value),
                _ => value.Shape,
            };

            int[] Spatial(int channels, Func<int, int> extent)
            {
                int[] extents = [.. value.Shape.Skip(1).Select(extent)];
                return extents.Min() < 1 ? [] : [channels, .. extents];
            }

            int[] Slide(int channels, int size, int stride, int padding, int dilation) => Spatial(
                channels, extent => extent + 2 * padding - dilation * (size - 1) - 1 is >= 0 and int rest ? rest / stride + 1 : 0);
        }

        private int MultiplyAdds(ReferenceLayer layer, Value value)
        {
            int outputs = ReferenceMath.Product(Shape(layer, value));
            return layer switch
            {
                ReferenceDense or ReferenceMaskedDense => outputs * value.Size,
                ReferenceConvolution c => outputs * (value.Channels / c.Groups) * (int)Math.Pow(c.Kernel, c.Dimensions),
                ReferenceSeparableConvolution c => outputs / c.Filters * value.Channels * (c.Kernel * c.Kernel + c.Filters),
                ReferenceTransposedConvolution c => value.Size * c.Filters * c.Kernel * c.Kernel,
                ReferenceLocallyConnected c => outputs * value.Channels * c.Kernel * c.Kernel,
                ReferenceShared { Transposed: true } => outputs * value.Size,
                ReferenceShared shared => MultiplyAdds(_definitions[shared.Layer].Layer, value),
                _ => 0,
            };
        }

        private string NextName(ReferenceLayer layer) => $"{layer.Kind}{_kinds[layer.Kind] = _kinds.GetValueOrDefault(layer.Kind) + 1}";

        private void Add(ReferenceLayer layer, params Value[] from)
        {
            string usual = NextName(layer);
            string? name = _random.Next(3) == 0 ? $"{Pick(["Stem", "Branch", "Value"])}{_layers.Count + 1}" : null;
            Value[] inputs = from.Length > 0 ? from : [Last];
            bool named = from.Length > 1 || inputs[0] != Last || _random.Next(8) == 0;
            int[] shape = layer is ReferenceConcat
                ? [inputs.Sum(input => input.Channels), .. inputs[0].Shape[1..]]
                : Shape(layer, inputs[0]);
            _multiplyAdds += MultiplyAdds(layer, inputs[0]);
            _layers.Add(layer with { Name = name, From = named ? [.. inputs.Select(input => input.Name)] : [] });
            (bool shifted, bool scaled) = Trained(layer, inputs);
            _values.Add(new Value(name ?? usual, shape, shifted, scaled, IsSummed(layer, inputs)));
            if (layer is ReferenceDense or ReferenceMaskedDense or ReferenceKernelLayer and not ReferenceSeparableConvolution
                or ReferenceLayerNorm or ReferenceRMSNorm or ReferenceGroupNorm or ReferencePReLU or ReferenceSwish or ReferenceEmbedding)
            {
                _definitions[name ?? usual] = (layer, inputs[0]);
            }
        }

        /// <summary>Whether a layer's output is shifted and scaled by trained numbers that a normalization would cancel.</summary>
        private (bool Shifted, bool Scaled) Trained(ReferenceLayer layer, Value[] inputs)
        {
            bool shifted = inputs.Any(input => input.Shifted), scaled = inputs.Any(input => input.Scaled);

            // The scale of one channel becomes that of all made of it, and an output made by one weight is scaled by it.
            bool alone = scaled && inputs[0].Channels == 1;
            bool single = inputs[0].Size == inputs[0].Channels;
            return layer switch
            {
                ReferenceDense dense => Through(dense.Activation, shifted || dense.Bias, alone || inputs[0].Size == 1),
                ReferenceMaskedDense dense => Through(
                    dense.Activation,
                    shifted || dense.Bias,
                    alone || dense.Mask.Any(line => line.Count(connected => connected == '1') * (inputs[0].Size / line.Length) <= 1)),
                ReferenceConvolution c => Through(
                    c.Activation,
                    shifted || c.Bias,
                    alone || inputs[0].Channels == c.Groups && (scaled || single || c.Kernel == 1)),
                ReferenceKernelLayer k => Through(
                    k.Activation,
                    shifted || k.Bias,
                    alone || inputs[0].Channels == 1 && (single || k.Kernel == 1 || k is ReferenceSeparableConvolution)),
                ReferenceShared { Transposed: true } => (true, alone || inputs[0].Size == 1),
                ReferenceShared shared => Trained(_definitions[shared.Layer].Layer, inputs),
                ReferenceActivation activation => Through(activation.Function, shifted, scaled),
                ReferencePReLU or ReferenceRReLU => Through(Activation.ReLU, shifted, scaled),
                ReferenceSwish or ReferenceEmbedding => (false, false),
                ReferenceBatchNorm or ReferenceLayerNorm or ReferenceGroupNorm => (true, true),
                ReferenceRMSNorm => (shifted, true),
                ReferenceMultiply => (false, scaled),
                _ => (shifted, scaled),
            };

            // What is a straight line where it is open keeps both for a batch that opens it everywhere; other functions break both.
            static (bool Shifted, bool Scaled) Through(Activation function, bool shifted, bool scaled) =>
                function is Activation.Identity or Activation.HardSigmoid or Activation.ReLU or Activation.LeakyReLU or Activation.ELU or Activation.SELU
                    ? (shifted, scaled)
                    : (false, false);
        }

        /// <summary>
        /// Whether elements add up to a constant: after a softmax, and after a normalization of each channel; until a function or weights.
        /// </summary>
        private bool IsSummed(ReferenceLayer layer, Value[] inputs) => layer switch
        {
            ReferenceDense { Activation: Activation.Softmax } or ReferenceMaskedDense { Activation: Activation.Softmax } => true,
            ReferenceActivation { Function: Activation.Softmax } => true,
            ReferenceGroupNorm norm => norm.Groups == inputs[0].Channels,
            ReferenceShared { Transposed: false } shared => IsSummed(_definitions[shared.Layer].Layer, inputs),
            ReferenceActivation { Function: Activation.Identity } or ReferenceKernelLayer { Activation: Activation.Identity } => inputs[0].Summed,
            ReferenceActivation or ReferenceKernelLayer or ReferenceDense or ReferenceMaskedDense or ReferenceShared or ReferenceEmbedding => false,
            ReferencePReLU or ReferenceRReLU or ReferenceSwish or ReferenceMaxout or ReferenceMultiply => false,
            ReferenceBatchNorm or ReferenceLayerNorm or ReferenceRMSNorm => false,
            _ => inputs.Any(input => input.Summed),
        };

        private static int[] Divisors(int number) => [.. Enumerable.Range(1, number).Where(divisor => number % divisor == 0)];

        private T Pick<T>(T[] choices) => RandomNetworks.Pick(_random, choices);
    }
}
