namespace NetGen.Tests.Numerics.Reference;

/// <summary>
/// Random dense networks and data for them. The same seed gives the same networks and numbers on every machine.
/// All numbers are exact in single precision, so that both precisions start from the same values.
/// </summary>
public static class RandomNetworks
{
    // On both sides of every vector and panel width, where tails begin and end.
    private static readonly int[] Sizes = [1, 2, 3, 5, 7, 8, 10, 15, 16, 17, 31, 32, 33, 64, 65, 100];
    private static readonly int[][] ShapesOfSeveralDimensions = [[2, 3], [1, 4, 4], [3, 5, 5], [2, 2, 2, 2]];

    /// <summary>The networks of consecutive seeds.</summary>
    public static IEnumerable<NetworkDescription> Take(int count, int firstSeed = 0) =>
        Enumerable.Range(firstSeed, count).Select(Create);

    /// <summary>
    /// A network of 1 to 6 layers that keeps the rules of its loss: no softmax or sigmoid at its end where the loss
    /// works on logits, and at least two classes for softmax cross-entropy and for a softmax at the end.
    /// </summary>
    public static NetworkDescription Create(int seed)
    {
        Random random = new(seed);
        while (true)
        {
            int[] inputShape = random.Next(4) == 0 ? Pick(random, ShapesOfSeveralDimensions) : [Pick(random, Sizes)];
            Loss loss = Pick(random, Enum.GetValues<Loss>());
            ReferenceLayer[] layers = new ReferenceLayer[random.Next(1, 7)];
            for (int i = 0; i < layers.Length; i++)
                layers[i] = CreateLayer(random);

            NetworkDescription network = new(inputShape, loss, layers);
            if (IsValid(network))
                return network;
        }
    }

    /// <summary>
    /// Weights that keep the variance about constant, and biases within 1/2; scales of normalizations and slopes of PReLU
    /// within 1/2 too.
    /// </summary>
    public static double[][] Parameters(ReferenceNetwork network, Random random) =>
    [
        .. network.Parameters.Select(parameter =>
        {
            double[] values = Uniform(random, parameter.Count, parameter.FanIn > 0 ? Math.Sqrt(3.0 / parameter.FanIn) : 0.5);
            return parameter.Mask is { } mask ? [.. values.Zip(mask, (value, exists) => exists ? value : 0)] : values;
        }),
    ];

    /// <summary>Running means within 1/2 and running variances within [1/2, 3/2].</summary>
    public static double[][] Buffers(ReferenceNetwork network, Random random) =>
    [
        .. network.Buffers.Select((buffer, i) =>
            Array.ConvertAll(Uniform(random, buffer.Count, 0.5), value => i % 2 == 0 ? value : (float)(1 + value))),
    ];

    /// <summary>[rows, inputs] within 2, or any of the indexes there are.</summary>
    public static double[] Inputs(ReferenceNetwork network, Random random, int rows)
    {
        double[] inputs = Uniform(random, rows * network.InputSize, 2);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (network.Vocabularies[i % network.InputSize] is > 0 and int vocabulary)
                inputs[i] = random.Next(vocabulary);
        }

        return inputs;
    }

    /// <summary>
    /// [rows, outputs]: within 3 in general, so that Huber has both branches; in [0, 1] with both ends for binary
    /// cross-entropy; distributions whose sum is exactly 1 for softmax cross-entropy. Those of several outputs one after the other.
    /// </summary>
    public static double[] Targets(ReferenceNetwork network, Random random, int rows)
    {
        double[][] outputs = [.. network.Outputs.Select(output => Targets(output.Loss, output.Size, random, rows))];
        return
        [
            .. from row in Enumerable.Range(0, rows)
               from output in outputs
               from value in output.AsSpan(row * (output.Length / rows), output.Length / rows).ToArray()
               select value,
        ];
    }

    /// <summary>[rows] class indexes.</summary>
    public static int[] Labels(ReferenceNetwork network, Random random, int rows) =>
        [.. Enumerable.Range(0, rows).Select(_ => random.Next(network.OutputSize))];

    /// <summary>The masks of inverted dropout at the rates of the description, [rows, width] each.</summary>
    public static double[][] Masks(NetworkDescription description, Random random, int rows)
    {
        IReadOnlyList<int> widths = description.ToReference().MaskWidths;
        return
        [
            .. description.Layers.OfType<ReferenceDropout>().Select((dropout, index) => Enumerable.Range(0, rows * widths[index])
                .Select(_ => random.NextDouble() < dropout.Rate ? 0 : 1 / (1 - dropout.Rate)).ToArray()),
        ];
    }

    internal static T Pick<T>(Random random, T[] choices) => choices[random.Next(choices.Length)];

    internal static (Activation Activation, double? Alpha) PickActivation(Random random)
    {
        Activation activation = Pick(random, Enum.GetValues<Activation>());
        double? alpha = activation is Activation.LeakyReLU or Activation.ELU && random.Next(2) == 0
            ? Pick(random, [0.05, 0.2, 0.5, 1.5])
            : null;
        return (activation, alpha);
    }

    private static ReferenceLayer CreateLayer(Random random)
    {
        (Activation activation, double? alpha) = PickActivation(random);
        return random.Next(6) switch
        {
            0 => new ReferenceDropout(Pick(random, [0.1, 0.3, 0.5, 0.75])),
            1 => new ReferenceActivation(activation, alpha),
            _ => new ReferenceDense(Pick(random, Sizes), activation, alpha, Bias: random.Next(4) != 0),
        };
    }

    private static bool IsValid(NetworkDescription network)
    {
        // Whatever does not change a value is looked through: a sigmoid before a dropout still ends the network.
        Activation last = network.Layers
            .Where(layer => layer is not ReferenceDropout)
            .Select(layer => layer is ReferenceDense dense ? dense.Activation : ((ReferenceActivation)layer).Function)
            .LastOrDefault(function => function != Activation.Identity);
        bool endsInSoftmax = network.Layers.LastOrDefault(layer => layer is not ReferenceDropout)
            is ReferenceDense { Activation: Activation.Softmax } or ReferenceActivation { Function: Activation.Softmax };
        if (endsInSoftmax && network.ToReference().OutputSize < 2)
            return false;
        return network.Layers.Any(layer => layer is ReferenceDense) && network.Loss switch
        {
            Loss.BinaryCrossEntropy => last != Activation.Sigmoid,
            Loss.SoftmaxCrossEntropy => last != Activation.Softmax && network.ToReference().OutputSize >= 2,
            _ => true,
        };
    }

    private static double[] Targets(Loss loss, int size, Random random, int rows) => loss switch
    {
        Loss.BinaryCrossEntropy => [.. Enumerable.Range(0, rows * size).Select(_ => Math.Clamp(random.Next(-512, 1536), 0, 1024) / 1024.0)],
        Loss.SoftmaxCrossEntropy => [.. Enumerable.Range(0, rows).SelectMany(_ => Distribution(random, size))],
        _ => Uniform(random, rows * size, 3),
    };

    private static double[] Uniform(Random random, int count, double limit) =>
        [.. Enumerable.Range(0, count).Select(_ => (double)(float)(limit * (2 * random.NextDouble() - 1)))];

    private static double[] Distribution(Random random, int classes)
    {
        // In steps of 1/1024, so that every share and every partial sum is exact in both precisions.
        int rest = 1024;
        double[] shares = new double[classes];
        for (int i = 0; i < classes - 1; i++)
        {
            int share = random.Next(rest + 1);
            shares[i] = share / 1024.0;
            rest -= share;
        }

        shares[^1] = rest / 1024.0;
        random.Shuffle(shares);
        return shares;
    }
}
