using NetGen.Tests.TrainingLoop;
using Xunit;

namespace NetGen.Tests.Safety;

/// <summary>A masked layer.</summary>
[Network(4, Loss = Loss.MeanSquaredError)]
[Layer.MaskedDense(2, Mask = new[] { "1010", "0101" })]
public sealed partial class MaskedNetwork;

/// <summary>An autoencoder whose second half has the weights of the first, sizes that no vector divides.</summary>
[Network(5, Loss = Loss.MeanSquaredError)]
[Layer.Dense(3, Activation.Sigmoid, Name = "Code")]
[Layer.Shared("Code", Transposed = true)]
public sealed partial class TiedNetwork;

/// <summary>What all instances share cannot be changed, and what must be zero is zero.</summary>
public class SharedStateTests
{
    [Fact]
    public void Descriptions_keep_copies_of_what_they_are_given()
    {
        int[] shape = [2, 2];
        string[] mask = ["10", "01"];
        ParameterInfo info = new("w", ParameterLayout.Panels, 0, shape) { Mask = mask };
        (shape[0], mask[0]) = (9, "11");
        Assert.Equal([2, 2], info.Shape.ToArray());
        Assert.Equal(["10", "01"], info.Mask.ToArray());

        int[] inputShape = [3];
        ParameterInfo[] parameters = [info];
        NetworkInfo network = new("n", "", "", Loss.None, false, inputShape, [1], [], [], 32, 0, false, 0, true, parameters);
        (inputShape[0], parameters[0]) = (9, new("x", ParameterLayout.Contiguous, 0, 1));
        Assert.Equal([3], network.InputShape.ToArray());
        Assert.Same(info, network.Parameters[0]);
        Assert.Equal(["1010", "0101"], new MaskedNetwork().Info.Parameters[0].Mask.ToArray());
        Assert.True(new ClassesNetwork().Info.Parameters[0].Mask.IsEmpty);
    }

    [Fact]
    public void Weights_without_a_connection_take_nothing_but_zero()
    {
        MaskedNetwork network = new(seed: 1);
        network.MaskedDense1.Weight[0, 2] = 5;
        network.MaskedDense1.Weight[0, 2] += 1;
        network.MaskedDense1.Weight[0, 1] = 0;
        Assert.Equal(6, network.MaskedDense1.Weight[0, 2]);
        ArgumentException error = Assert.Throws<ArgumentException>("value", () => network.MaskedDense1.Weight[1, 2] = 5);
        Assert.Contains(
            "Element [1, 2] of maskedDense1.weight [2, 4] stays 0: its mask has no connection from input 2 to output 1.", error.Message,
            StringComparison.Ordinal);
        Assert.Equal(0, network.MaskedDense1.Weight[1, 2]);
        network.MaskedDense1.Weight.CopyFrom([1, 1, 1, 1, 1, 1, 1, 1]);
        Assert.Equal([1, 0, 1, 0, 0, 1, 0, 1], network.MaskedDense1.Weight.ToArray());
    }

    [Fact]
    public void Padding_that_somebody_has_written_changes_no_output_and_no_gradient()
    {
        foreach ((INetwork<float> clean, INetwork<float> padded) in ((INetwork<float>, INetwork<float>)[])
            [(new TiedNetwork(seed: 1), new TiedNetwork(seed: 1)), (new SquareNetwork(seed: 1), new SquareNetwork(seed: 1))])
        {
            bool[] isElement = new bool[padded.Parameters.Length];
            foreach (ParameterInfo parameter in padded.Info.Parameters)
                parameter.CopyFrom<bool>([.. Enumerable.Repeat(true, parameter.Count)], isElement);
            for (int i = 0; i < isElement.Length; i++)
                padded.Parameters.Span[i] = isElement[i] ? padded.Parameters.Span[i] : 3;

            float[] inputs = [.. Enumerable.Range(0, 100).Select(i => i % 7 - 3f)], expected = new float[100], outputs = new float[100];
            clean.Predict(inputs, expected);
            padded.Predict(inputs, outputs);
            Assert.Equal(expected, outputs);
            ParameterBuffer<float> expectedGradients = clean.CreateGradients(), gradients = padded.CreateGradients();
            Assert.Equal(clean.Gradient(inputs, inputs, expectedGradients), padded.Gradient(inputs, inputs, gradients));
            for (int i = 0; i < isElement.Length; i++)
                Assert.True(!isElement[i] || expectedGradients.Span[i] == gradients.Span[i], $"gradient {i}");

            // Loading leaves no padding but zeros.
            using MemoryStream file = new();
            NetworkFile.Save(padded, file);
            NetworkFile.Load(padded, file.ToArray());
            Assert.Equal(clean.Parameters.Span.ToArray(), padded.Parameters.Span.ToArray());
        }
    }
}
