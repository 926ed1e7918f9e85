using System.Numerics.Tensors;

namespace NetGen.Benchmarks;

/// <summary>A classifier of dense layers with ReLU between them, as one writes it by hand: weights row by row.</summary>
internal abstract class HandWritten(string name, INetwork<float> network, float[] inputs)
    : Predictor(name, "", inputs.Length / network.Info.InputSize * network.Info.OutputSize)
{
    private readonly (float[] Weights, float[] Biases, float[] Outputs)[] _layers =
        [.. Tensor.ReadAll(network.Info, network.Parameters)
            .Chunk(2)
            .Select(layer => (layer[0].Values, layer[1].Values, new float[layer[1].Values.Length]))];

    public override void Run(int iterations)
    {
        for (int i = 0; i < iterations; i++)
        {
            for (int row = 0; row < inputs.Length / network.Info.InputSize; row++)
                Predict(row);
        }
    }

    protected abstract void Dense(ReadOnlySpan<float> x, float[] weights, float[] biases, Span<float> y);

    protected abstract void ReLU(Span<float> y);

    protected abstract void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities);

    private void Predict(int row)
    {
        ReadOnlySpan<float> x = inputs.AsSpan(row * network.Info.InputSize, network.Info.InputSize);
        foreach (var (weights, biases, y) in _layers)
        {
            Dense(x, weights, biases, y);
            if (y != _layers[^1].Outputs)
                ReLU(y);
            x = y;
        }

        Softmax(x, Outputs.AsSpan(row * network.Info.OutputSize, network.Info.OutputSize));
    }
}

/// <summary>Nothing but loops.</summary>
internal sealed class PlainLoops(INetwork<float> network, float[] inputs) : HandWritten("plain C# loops", network, inputs)
{
    protected override void Dense(ReadOnlySpan<float> x, float[] weights, float[] biases, Span<float> y)
    {
        for (int output = 0; output < y.Length; output++)
        {
            ReadOnlySpan<float> weight = weights.AsSpan(output * x.Length, x.Length);
            float sum = biases[output];
            for (int i = 0; i < weight.Length; i++)
                sum += x[i] * weight[i];
            y[output] = sum;
        }
    }

    protected override void ReLU(Span<float> y)
    {
        for (int i = 0; i < y.Length; i++)
            y[i] = MathF.Max(y[i], 0);
    }

    protected override void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        float maximum = float.NegativeInfinity, sum = 0;
        foreach (float logit in logits)
            maximum = MathF.Max(maximum, logit);
        for (int i = 0; i < logits.Length; i++)
            sum += probabilities[i] = MathF.Exp(logits[i] - maximum);
        for (int i = 0; i < logits.Length; i++)
            probabilities[i] /= sum;
    }
}

/// <summary>The same with the vector functions of System.Numerics.Tensors.</summary>
internal sealed class TensorPrimitivesLoops(INetwork<float> network, float[] inputs)
    : HandWritten("TensorPrimitives", network, inputs)
{
    protected override void Dense(ReadOnlySpan<float> x, float[] weights, float[] biases, Span<float> y)
    {
        for (int output = 0; output < y.Length; output++)
            y[output] = TensorPrimitives.Dot(x, weights.AsSpan(output * x.Length, x.Length));
        TensorPrimitives.Add(y, biases, y);
    }

    protected override void ReLU(Span<float> y) => TensorPrimitives.Max(y, 0, y);

    protected override void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities) =>
        TensorPrimitives.SoftMax(logits, probabilities);
}
