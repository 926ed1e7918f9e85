namespace NetGen.Tests.Numerics.Reference;

/// <summary>
/// Random networks of every layer: images, signals and vectors, residual and branching blocks, dense heads. The same seed
/// gives the same network on every machine; <see cref="RandomNetworks"/> makes parameters and data for them.
/// </summary>
/// <remarks>
/// Every value is used. No parameter stands where a normalization or softmax after it always cancels it, which would leave
/// rounding as its gradient; beyond the seeds tested, a rare network may still have one by chance. Batch normalization needs
/// at least three rows.
/// </remarks>
public static class RandomGraphs
{
    /// <summary>The networks of consecutive seeds.</summary>
    public static IEnumerable<NetworkDescription> Take(int count, int firstSeed = 0, bool batchNorm = false) =>
        Enumerable.Range(firstSeed, count).Select(seed => Create(seed, batchNorm));

    /// <summary>
    /// A network of 2 to 12 layers with at least one parameter, of at most 200,000 multiply-adds a row. Where the loss
    /// works on logits, a dense layer of at least two units ends it.
    /// </summary>
    /// <param name="seed">What decides everything.</param>
    /// <param name="batchNorm">Whether batch normalization is among the layers.</param>
    public static NetworkDescription Create(int seed, bool batchNorm = false)
    {
        Random random = new(seed);
        while (true)
        {
            NetworkDescription network = new Builder(random, batchNorm).Build();
            if (network.ToReference().Parameters.Count > 0)
                return network;
        }
    }

    /// <summary>The output of a layer.</summary>
    /// <param name="Name">What other layers call it.</param>
    /// <param name="Shape">[channels, ...].</param>
    /// <param name="Shifted">Whether a trained number is added to all of a channel that a later normalization would subtract.</param>
    /// <param name="Scaled">Whether a trained number multiplies all of a channel that a later normalization would divide by.</param>
    private sealed record Value(string Name, int[] Shape, bool Shifted, bool Scaled)
    {
        public int Channels => Shape[0];

        public int Size => ReferenceMath.Product(Shape);

        /// <summary>2 of an image, 1 of a signal, 0 of a vector.</summary>
        public int Dimensions => Shape.Length - 1;
    }

    private sealed class Builder
    {
        private const int MaxMultiplyAdds = 100_000;

        // On both sides of every vector and panel width, where tails begin and end.
        private static readonly int[] Channels = [1, 2, 3, 5, 6, 8, 15, 16, 17, 32, 33];
        private static readonly int[] ImageExtents = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        private static readonly int[] SignalExtents = [1, 3, 7, 9, 15, 16, 17, 21, 31, 32, 33];
        private static readonly double[] Epsilons = [1e-5, 0.001, 0.125];

        private readonly Random _random;
        private readonly bool _batchNorm;
        private readonly int[] _inputShape;
        private readonly Loss _loss;
        private readonly int _target;
        private readonly List<ReferenceLayer> _layers = [];
        private readonly List<Value> _values = [];
        private readonly Dictionary<string, int> _kinds = [];
        private int _multiplyAdds;

        public Builder(Random random, bool batchNorm)
        {
            _random = random;
            _batchNorm = batchNorm;
            _loss = Pick(Enum.GetValues<Loss>());
            _target = random.Next(2, 13);
            _inputShape = random.Next(8) switch
            {
                < 4 => [Pick(Channels), Pick(ImageExtents), Pick(ImageExtents)],
                < 6 => [Pick(Channels), Pick(SignalExtents)],
                _ => [Pick(Channels)],
            };
            _values.Add(new Value("input", _inputShape, Shifted: false, Scaled: false));
        }

        private Value Last => _values[^1];

        public NetworkDescription Build()
        {
            bool logits = _loss is Loss.BinaryCrossEntropy or Loss.SoftmaxCrossEntropy;
            int head = logits || _random.Next(2) == 0 ? 1 : 0;
            while (_layers.Count < _target - head)
                AddSomething(_target - head - _layers.Count);
            if (head == 1)
                Add(new ReferenceDense(Pick([2, 3, 10, 17])));
            return new NetworkDescription(_inputShape, _loss, _layers);
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
                    value.Size + Last.Size <= 4000 && value.Shape.AsSpan(1).SequenceEqual(Last.Shape.AsSpan(1))) is [_, ..] joined:
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

        private Value[] Neighbours(Func<Value, bool> fits) => [.. _values.SkipLast(1).Where(fits)];

        /// <summary>A layer that can stand after a value.</summary>
        private ReferenceLayer CreateLayer(Value value)
        {
            while (true)
            {
                ReferenceLayer layer = Propose(value);
                if (Fits(layer, value))
                    return layer;
            }
        }

        /// <summary>One that makes an acceptable shape; null if none is found.</summary>
        private ReferenceLayer? FindLayer(Value value, Func<int[], bool> accepts) =>
            Enumerable.Range(0, 200).Select(_ => CreateLayer(value)).FirstOrDefault(layer => accepts(Shape(layer, value)));

        private ReferenceLayer Propose(Value value)
        {
            (Activation activation, double? alpha) = RandomNetworks.PickActivation(_random);
            return (_random.Next(20), value.Dimensions) switch
            {
                (0, _) => new ReferenceDropout(Pick([0.1, 0.3, 0.5, 0.75])),
                (1 or 2, _) => new ReferenceActivation(activation, alpha),
                (3, _) => new ReferencePReLU(),
                (4, _) => new ReferenceLayerNorm(Pick(Epsilons)),
                (5, _) => new ReferenceRMSNorm(Pick(Epsilons)),
                (6, _) when _batchNorm => new ReferenceBatchNorm(Pick([0.1, 0.25, 1]), Pick(Epsilons)),
                (7, > 0) => new ReferenceFlatten(),
                (8, > 0) => new ReferenceGlobalPool(Max: _random.Next(2) == 0),
                (9 or 10, > 0) => new ReferencePool(value.Dimensions, _random.Next(2) == 0, _random.Next(1, 4), _random.Next(4)),
                ( > 11, > 0) => ProposeConvolution(value, activation, alpha),
                _ => new ReferenceDense(_random.Next(4) == 0 ? value.Size : Pick(Channels), activation, alpha, _random.Next(4) != 0),
            };
        }

        private ReferenceConvolution ProposeConvolution(Value value, Activation activation, double? alpha)
        {
            int kernel = Pick([1, 1, 2, 3, 3, 3, 4, 5]), dilation = Pick([1, 1, 1, 2, 3]);
            int groups = _random.Next(5) switch
            {
                0 => value.Channels,
                1 => Pick([.. Enumerable.Range(1, value.Channels).Where(number => value.Channels % number == 0)]),
                _ => 1,
            };
            if (_random.Next(3) == 0)
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
            ReferenceConvolution or ReferencePool => Shape(layer, value) is [_, ..] shape
                && MultiplyAdds(layer, value) + _multiplyAdds <= MaxMultiplyAdds
                && (layer is not ReferenceConvolution { Activation: Activation.Softmax } || shape[0] >= 2),
            ReferenceDense dense => MultiplyAdds(layer, value) + _multiplyAdds <= MaxMultiplyAdds
                && (dense.Activation != Activation.Softmax || dense.Units >= 2),
            ReferenceActivation { Function: Activation.Softmax } => value.Channels >= 2,
            ReferenceBatchNorm => !value.Shifted && !value.Scaled,

            // A row of few elements is normalized to about the same numbers whatever it holds.
            ReferenceLayerNorm => value.Size >= 8 && !value.Shifted && !value.Scaled,
            ReferenceRMSNorm => value.Size >= 8 && !value.Scaled,
            _ => true,
        };

        /// <summary>The shape of a layer's output, empty if its window does not fit.</summary>
        private static int[] Shape(ReferenceLayer layer, Value value)
        {
            return layer switch
            {
                ReferenceDense dense => [dense.Units],
                ReferenceConvolution c => Slide(
                    c.Filters, c.Kernel, c.Stride, c.Padding == Layer.Same ? c.Dilation * (c.Kernel - 1) / 2 : c.Padding, c.Dilation),
                ReferencePool pool => Slide(value.Channels, pool.Size, pool.Stride == 0 ? pool.Size : pool.Stride, 0, 1),
                ReferenceGlobalPool => [value.Channels],
                ReferenceFlatten => [value.Size],
                _ => value.Shape,
            };

            int[] Slide(int channels, int size, int stride, int padding, int dilation)
            {
                int[] rests = [.. value.Shape.Skip(1).Select(extent => extent + 2 * padding - dilation * (size - 1) - 1)];
                return rests.Min() < 0 ? [] : [channels, .. rests.Select(rest => rest / stride + 1)];
            }
        }

        private static int MultiplyAdds(ReferenceLayer layer, Value value) => layer switch
        {
            ReferenceDense dense => dense.Units * value.Size,
            ReferenceConvolution c => ReferenceMath.Product(Shape(layer, value)) * (value.Channels / c.Groups)
                * (int)Math.Pow(c.Kernel, c.Dimensions),
            _ => 0,
        };

        private void Add(ReferenceLayer layer, params Value[] from)
        {
            int number = _kinds[layer.Kind] = _kinds.GetValueOrDefault(layer.Kind) + 1;
            string? name = _random.Next(3) == 0 ? $"{Pick(["Stem", "Branch", "Value"])}{_layers.Count + 1}" : null;
            Value[] inputs = from.Length > 0 ? from : [Last];
            bool named = from.Length > 1 || inputs[0] != Last || _random.Next(8) == 0;
            int[] shape = layer is ReferenceConcat
                ? [inputs.Sum(input => input.Channels), .. inputs[0].Shape[1..]]
                : Shape(layer, inputs[0]);
            _multiplyAdds += MultiplyAdds(layer, inputs[0]);
            _layers.Add(layer with { Name = name, From = named ? [.. inputs.Select(input => input.Name)] : [] });
            (bool shifted, bool scaled) = Trained(layer, inputs);
            _values.Add(new Value(name ?? $"{layer.Kind}{number}", shape, shifted, scaled));
        }

        /// <summary>Whether a layer's output is shifted and scaled by trained numbers that a normalization would cancel.</summary>
        private static (bool Shifted, bool Scaled) Trained(ReferenceLayer layer, Value[] inputs)
        {
            bool shifted = inputs.Any(input => input.Shifted), scaled = inputs.Any(input => input.Scaled);

            // The scale of one channel becomes that of all made of it, and an output made by one weight is scaled by it.
            bool alone = scaled && inputs[0].Channels == 1;
            bool single = inputs[0].Size == inputs[0].Channels;
            return layer switch
            {
                ReferenceDense dense => Through(dense.Activation, shifted || dense.Bias, alone || inputs[0].Size == 1),
                ReferenceConvolution c => Through(
                    c.Activation,
                    shifted || c.Bias,
                    alone || inputs[0].Channels == c.Groups && (scaled || single || c.Kernel == 1)),
                ReferenceActivation activation => Through(activation.Function, shifted, scaled),
                ReferencePReLU => Through(Activation.ReLU, shifted, scaled),
                ReferenceBatchNorm or ReferenceLayerNorm => (true, true),
                ReferenceRMSNorm => (shifted, true),
                ReferenceMultiply => (false, scaled),
                _ => (shifted, scaled),
            };

            // ReLU and its like keep a scale; every other function breaks both, but for one that mostly is a straight line.
            static (bool Shifted, bool Scaled) Through(Activation function, bool shifted, bool scaled) => function switch
            {
                Activation.Identity or Activation.HardSigmoid => (shifted, scaled),
                Activation.ReLU or Activation.LeakyReLU => (false, scaled && !shifted),
                _ => (false, false),
            };
        }

        private T Pick<T>(T[] choices) => RandomNetworks.Pick(_random, choices);
    }
}
