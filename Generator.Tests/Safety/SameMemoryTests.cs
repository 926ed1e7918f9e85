using NetGen.Tests.Golden;
using NetGen.Tests.Numerics;
using Xunit;

namespace NetGen.Tests.Safety;

/// <summary>The spans that may be the same are the same, for every kind of layer: nothing changes.</summary>
public class SameMemoryTests
{
    // Every tile is full but the last.
    private const int Copies = 70;

    [Theory]
    [MemberData(nameof(GoldenTests.Names), MemberType = typeof(GoldenTests))]
    public void Input_gradients_may_be_written_over_the_inputs_and_outputs_too(string name)
    {
        GoldenCase golden = GoldenCase.Load(name);
        INetwork<float> network = GoldenTests.Create<float>(golden, Precision.Single);
        float[] inputs = Repeat(golden.Inputs), outputs = new float[inputs.Length / network.Info.InputSize * network.Info.OutputSize];
        float[] expected = new float[inputs.Length], actual = [.. inputs], given = Repeat(golden.OutputGradients);
        (double loss, float[] gradients) = Train(inputs, given, expected);
        Same((loss, gradients), Train(actual, given, actual));
        Assert.Equal(expected, actual);
        if (network.Info.InputSize != network.Info.OutputSize)
            return;

        if (given.Length > 0)
        {
            actual = [.. given];
            Same((loss, gradients), Train(inputs, actual, actual));
            Assert.Equal(expected, actual);
        }

        network.Predict(inputs, outputs);
        actual = [.. inputs];
        network.Predict(actual, actual);
        Assert.Equal(outputs, actual);

        (double Loss, float[] Gradients) Train(float[] x, float[] outputGradients, float[] inputGradients)
        {
            ParameterBuffer<float> buffer = network.CreateGradients();
            double loss = network.Train(new TrainingPass<float>
            {
                Inputs = x,
                Targets = Repeat(golden.Targets),
                Labels = golden.Labels is { } labels ? [.. Enumerable.Repeat(labels, Copies).SelectMany(values => values)] : default(int[]),
                OutputGradients = outputGradients,
                InputGradients = inputGradients,
                Gradients = buffer,
                Scale = 1,
            });
            return (loss, buffer.Span.ToArray());
        }
    }

    private static void Same((double Loss, float[] Gradients) expected, (double Loss, float[] Gradients) actual)
    {
        Assert.Equal(expected.Loss, actual.Loss);
        Assert.Equal(expected.Gradients, actual.Gradients);
    }

    private static float[] Repeat(double[]? values) => [.. Enumerable.Repeat(GoldenTests.Convert<float>(values), Copies).SelectMany(row => row)];
}
