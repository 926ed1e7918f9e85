using System.Numerics;

namespace NetGen;

/// <summary>What every network can do besides predicting.</summary>
public static class NetworkExtensions
{
    /// <summary>A buffer of zeros for the gradients of a network's parameters.</summary>
    public static ParameterBuffer<T> CreateGradients<T>(this INetwork<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => new(network.Parameters.Length, network.Parameters.TrainedLength);

    /// <summary>Adds the gradients of the mean loss over some rows to a buffer.</summary>
    /// <param name="network">The network.</param>
    /// <param name="inputs">[rows, InputSize].</param>
    /// <param name="targets">[rows, OutputSize]: values, or distributions for <see cref="Loss.SoftmaxCrossEntropy"/>.</param>
    /// <param name="gradients">From <see cref="CreateGradients"/>; clear it between steps.</param>
    /// <param name="random">Fixes dropout masks, noise and random slopes; without it they are off.</param>
    /// <returns>The mean loss.</returns>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="InvalidOperationException">The network has no loss.</exception>
    public static double Gradient<T>(
        this INetwork<T> network, ReadOnlySpan<T> inputs, ReadOnlySpan<T> targets, ParameterBuffer<T> gradients, RandomKey random = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MeanLoss(network, new TrainingPass<T> { Inputs = inputs, Targets = targets, Gradients = gradients, Random = random });

    /// <summary>Adds the gradients of the mean loss over some rows, given their classes, to a buffer.</summary>
    /// <param name="network">The network, whose loss is <see cref="Loss.SoftmaxCrossEntropy"/>.</param>
    /// <param name="inputs">[rows, InputSize].</param>
    /// <param name="labels">[rows] class indexes.</param>
    /// <param name="gradients">From <see cref="CreateGradients"/>; clear it between steps.</param>
    /// <param name="random">Fixes dropout masks, noise and random slopes; without it they are off.</param>
    /// <returns>The mean loss.</returns>
    /// <exception cref="ArgumentException">A length does not fit, or a label is no class.</exception>
    public static double Gradient<T>(
        this INetwork<T> network, ReadOnlySpan<T> inputs, ReadOnlySpan<int> labels, ParameterBuffer<T> gradients, RandomKey random = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MeanLoss(network, new TrainingPass<T> { Inputs = inputs, Labels = labels, Gradients = gradients, Random = random });

    /// <summary>
    /// Goes backward from given gradients of the raw outputs (of the logits, where the loss works on logits): what a loss of
    /// one's own, a generative adversarial pair or a saliency map needs.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="inputs">[rows, InputSize].</param>
    /// <param name="outputGradients">[rows, OutputSize].</param>
    /// <param name="gradients">Parameter gradients are added here; null where they are not wanted.</param>
    /// <param name="inputGradients">[rows, InputSize] input gradients are written here; empty where they are not wanted.</param>
    /// <param name="random">Fixes dropout masks, noise and random slopes; without it they are off.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static void Backward<T>(
        this INetwork<T> network, ReadOnlySpan<T> inputs, ReadOnlySpan<T> outputGradients, ParameterBuffer<T>? gradients,
        Span<T> inputGradients = default, RandomKey random = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A pass without output gradients would take the loss in their place.
        if (outputGradients.IsEmpty)
            throw new ArgumentException($"{network.Info.Name} needs {network.Info.OutputSize} output gradients for each row, but none are given.");
        network.Train(new TrainingPass<T>
        {
            Inputs = inputs,
            OutputGradients = outputGradients,
            Gradients = gradients,
            InputGradients = inputGradients,
            Random = random,
        });
    }

    /// <summary>The layer table with shapes, parameters and costs, and the vector width of this machine.</summary>
    public static string Summary<T>(this INetwork<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        $"{network.Info.Name}\n{network.Info.Summary}\ncomputing with {CodeGeneration.SimdWidth.Bits}-bit vectors"
        + (network.Info.OptimizationNotice is { } notice ? $"\n{notice}" : "");

    /// <summary>Writes the parameters to a safetensors file; the old file stays until the new one is complete.</summary>
    /// <param name="network">The network.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    public static void Save<T>(this INetwork<T> network, string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => NetworkFile.Save(network, path);

    private static double MeanLoss<T>(INetwork<T> network, TrainingPass<T> pass)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Without rows the pass still checks lengths, and the loss is 0.
        int rows = Math.Max(1, pass.Inputs.Length / network.Info.InputSize);
        pass.Scale = T.One / T.CreateTruncating(rows);
        return network.Train(pass) / rows;
    }
}
