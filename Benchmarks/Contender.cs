using System.Diagnostics;

namespace NetGen.Benchmarks;

/// <summary>Something that does a case's work, and can be timed doing it.</summary>
/// <param name="name">Whose work it is. Of several variants under one name the fastest counts.</param>
/// <param name="variant">What sets this one apart, or nothing.</param>
internal abstract class Contender(string name, string variant = "")
{
    public string Name => name;

    public string Variant => variant;

    public string Title => variant.Length == 0 ? name : $"{name} ({variant})";

    /// <summary>What is compared before anything is timed. Must not change the state.</summary>
    public abstract IReadOnlyList<Tensor> Results();

    public abstract void Run(int iterations);

    public virtual TimeSpan Time(int iterations)
    {
        long start = Stopwatch.GetTimestamp();
        Run(iterations);
        return Stopwatch.GetElapsedTime(start);
    }
}

/// <summary>Predictions into an output buffer that is used again and again.</summary>
internal abstract class Predictor(string name, string variant, int outputs) : Contender(name, variant)
{
    /// <summary>Pinned, since native code writes here too.</summary>
    protected float[] Outputs { get; } = GC.AllocateArray<float>(outputs, pinned: true);

    public override IReadOnlyList<Tensor> Results()
    {
        Run(1);
        return [new Tensor("outputs", [Outputs.Length], Outputs)];
    }
}

internal sealed class NetGenPredictor(INetwork<float> network, float[] inputs)
    : Predictor("NetGen", "", inputs.Length / network.Info.InputSize * network.Info.OutputSize)
{
    public override void Run(int iterations)
    {
        for (int i = 0; i < iterations; i++)
            network.Predict(inputs, Outputs);
    }
}

/// <summary>One step of plain gradient descent on a batch: clear, forward, loss, backward, update.</summary>
internal sealed class NetGenStep(INetwork<float> network, float[] inputs, int[] labels) : Contender("NetGen")
{
    public const float LearningRate = 0.01f;

    private readonly ParameterBuffer<float> _gradients = network.CreateGradients();
    private readonly Sgd _optimizer = new(LearningRate);

    public override IReadOnlyList<Tensor> Results()
    {
        float loss = (float)(Backpropagate() / labels.Length);
        return [new Tensor("loss", [1], [loss]), .. Tensor.ReadAll(network.Info, _gradients)];
    }

    public override void Run(int iterations)
    {
        for (int i = 0; i < iterations; i++)
        {
            Backpropagate();
            Update();
        }
    }

    private double Backpropagate()
    {
        _gradients.Clear();
        return network.Train(new TrainingPass<float>
        {
            Inputs = inputs,
            Labels = labels,
            Gradients = _gradients,
            Scale = 1f / labels.Length,
        });
    }

    private void Update() => _optimizer.Step(network.Parameters, _gradients);
}

/// <summary>Forward and backward with the output's gradients given: those of the parameters, added up, and of the inputs.</summary>
internal sealed class NetGenBackward(INetwork<float> network, float[] inputs, float[] outputGradients) : Contender("NetGen")
{
    private readonly ParameterBuffer<float> _gradients = network.CreateGradients();
    private readonly float[] _inputGradients = new float[inputs.Length];

    /// <summary>The same pass with no gradients wanted, which ends before backward.</summary>
    public Contender Forward { get; } = new ForwardOnly(network, inputs, outputGradients);

    public override IReadOnlyList<Tensor> Results()
    {
        _gradients.Clear();
        Run(1);
        return [new Tensor("the input gradient", [_inputGradients.Length], _inputGradients), .. Tensor.ReadAll(network.Info, _gradients)];
    }

    public override void Run(int iterations)
    {
        for (int i = 0; i < iterations; i++)
        {
            network.Train(new TrainingPass<float>
            {
                Inputs = inputs,
                OutputGradients = outputGradients,
                Gradients = _gradients,
                InputGradients = _inputGradients,
            });
        }
    }

    private sealed class ForwardOnly(INetwork<float> network, float[] inputs, float[] outputGradients) : Contender("NetGen", "forward")
    {
        public override IReadOnlyList<Tensor> Results() => [];

        public override void Run(int iterations)
        {
            for (int i = 0; i < iterations; i++)
                network.Train(new TrainingPass<float> { Inputs = inputs, OutputGradients = outputGradients });
        }
    }
}
