using NetGen.CodeGeneration;

namespace NetGen.Benchmarks;

/// <summary>A rule by which weights and biases start.</summary>
/// <param name="Title">What the table calls it.</param>
/// <param name="Weight">How the weights of a layer start.</param>
/// <param name="Bias">How its biases start.</param>
internal sealed record Candidate(string Title, Func<Candidate.Layer, Candidate.Start> Weight, Func<Candidate.Layer, Candidate.Start> Bias)
{
    // The deviation of a small head's outputs, where its inputs have deviation 1.
    private const double SmallShare = 0.1;

    /// <summary>What NetGen itself does: the networks are taken as they are generated.</summary>
    public static Candidate Default { get; } = new("the default: U(1/sqrt(fan-in)), weights and biases, as PyTorch", KeepStart, KeepStart);

    /// <summary>The rules to compare.</summary>
    public static IReadOnlyList<Candidate> All { get; } =
    [
        Default,
        new("U(1/sqrt(fan-in)) weights, zero biases", WithinInverseRoot, Zeros),
        new("Glorot throughout, zero biases, as Keras", _ => new(Initializer.XavierUniform), Zeros),
        new("He (tanh: Glorot), small head, zero biases", WithHead(Small), Zeros),
        new("He (tanh: Glorot), small head, biases U(1/sqrt(fan-in))", WithHead(Small), WithinInverseRoot),
        new("He (tanh: Glorot), head U(1/sqrt(fan-in)), biases too", WithHead(WithinInverseRoot), WithinInverseRoot),
        new("He (tanh: Glorot), Glorot head, zero biases: the default before", WithHead(_ => new(Initializer.XavierUniform)), Zeros),
    ];

    /// <summary>Draws the parameters of a network, weights and biases in turn, as this rule has it.</summary>
    /// <param name="network">The network.</param>
    /// <param name="activation">The function of all layers but the last.</param>
    /// <param name="seed">The seed.</param>
    public void Apply(INetwork<float> network, Activation activation, int seed)
    {
        int count = network.Info.Parameters.Length;
        for (int i = 0; i < count; i += 2)
        {
            ParameterInfo weight = network.Info.Parameters[i];
            int outputs = weight.Shape[0], inputs = weight.Count / outputs, taps = weight.Shape.Length > 2 ? inputs / weight.Shape[1] : 1;
            Layer layer = new(activation, IsHead: i + 2 == count, inputs, outputs * taps);
            Fill(i, Weight(layer));
            Fill(i + 1, Bias(layer));

            void Fill(int stream, Start start)
            {
                if (start.Initializer == Initializer.Default)
                    return;
                ParameterInitializer.Fill(
                    network.Parameters, network.Info.Parameters[stream], start.Initializer, start.Scale, layer.FanIn, layer.FanOut, seed, stream);
            }
        }
    }

    private static Start KeepStart(Layer layer) => new(Initializer.Default);

    private static Start Zeros(Layer layer) => new(Initializer.Zeros);

    private static Start WithinInverseRoot(Layer layer) => Within(Math.Sqrt(1d / layer.FanIn));

    private static Start Small(Layer layer) => Within(SmallShare * Math.Sqrt(3d / layer.FanIn));

    private static Start Within(double limit) => new(Initializer.Uniform, limit);

    private static Func<Layer, Start> WithHead(Func<Layer, Start> head) => layer =>
        layer.IsHead ? head(layer) : new(layer.Activation == Activation.ReLU ? Initializer.HeUniform : Initializer.XavierUniform);

    /// <summary>What the rules look at.</summary>
    /// <param name="Activation">The function of the hidden layers.</param>
    /// <param name="IsHead">Whether it is the last layer.</param>
    /// <param name="FanIn">Inputs of an output.</param>
    /// <param name="FanOut">Outputs of an input.</param>
    internal readonly record struct Layer(Activation Activation, bool IsHead, int FanIn, int FanOut);

    /// <summary>An initializer and its scale, as attributes give them.</summary>
    internal readonly record struct Start(Initializer Initializer, double Scale = double.NaN);
}
