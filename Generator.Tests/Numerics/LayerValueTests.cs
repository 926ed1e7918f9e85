using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>Small inputs through single layers, with outputs worked out by hand.</summary>
public class LayerValueTests
{
    [Theory]
    [InlineData("2, 1, 2", "Add(From = [\"input\", \"input\"])", new double[] { 1, 2, 3, 4 }, new double[] { 2, 4, 6, 8 })]
    [InlineData("2, 1, 2", "Multiply(From = [\"input\", \"input\", \"input\"])", new double[] { 1, 2, 3, -4 }, new double[] { 1, 8, 27, -64 })]
    [InlineData("2, 1, 2", "Concat(From = [\"input\", \"input\"])", new double[] { 1, 2, 3, 4 }, new double[] { 1, 2, 3, 4, 1, 2, 3, 4 })]
    [InlineData("2, 1, 2", "Flatten", new double[] { 1, 2, 3, 4 }, new double[] { 1, 2, 3, 4 })]
    [InlineData("1, 3, 3", "MaxPool2D(2)", new double[] { 1, 2, 9, 4, 3, 9, 9, 9, 9 }, new double[] { 4 })]
    [InlineData("1, 3, 3", "MaxPool2D(2, Stride = 1)", new double[] { 1, 2, 3, 8, 4, 5, -1, -2, -3 }, new double[] { 8, 5, 8, 5 })]
    [InlineData("2, 2, 2", "MaxPool2D(1)", new double[] { 1, 2, 3, 4, 5, 6, 7, 8 }, new double[] { 1, 2, 3, 4, 5, 6, 7, 8 })]
    [InlineData("1, 2, 3", "AveragePool2D(2)", new double[] { 1, 2, 9, 3, 6, 9 }, new double[] { 3 })]
    [InlineData("2, 5", "MaxPool1D(2, Stride = 3)", new double[] { 1, 2, 9, 4, 3, -1, -2, 9, -4, -5 }, new double[] { 2, 4, -1, -4 })]
    [InlineData("2, 4", "AveragePool1D(2)", new double[] { 1, 2, 3, 4, 5, 6, 7, 8 }, new double[] { 1.5, 3.5, 5.5, 7.5 })]
    [InlineData("2, 2, 2", "GlobalMaxPool", new double[] { 1, 2, 3, 0, -4, -3, -2, -1 }, new double[] { 3, -1 })]
    [InlineData("2, 2, 2", "GlobalAveragePool", new double[] { 1, 2, 3, 0, -4, -3, -2, -1 }, new double[] { 1.5, -2.5 })]
    [InlineData("4", "LayerNorm(Epsilon = 1e-30)", new double[] { 1, 1, 3, 3 }, new double[] { -1, -1, 1, 1 })]
    [InlineData("2, 2", "LayerNorm(Epsilon = 3)", new double[] { 1, 1, 3, 3 }, new double[] { -0.5, -0.5, 0.5, 0.5 })]
    [InlineData("2", "RMSNorm(Epsilon = 11.5)", new double[] { 3, 4 }, new double[] { 3d / 4.898979485566356, 4d / 4.898979485566356 })]
    [InlineData("2, 2", "PReLU", new double[] { 4, -4, -8, 8 }, new double[] { 4, -1, -2, 8 })]
    [InlineData("5", "Activation(Activation.HardSigmoid)", new double[] { -4, -3, 0, 1.5, 5 }, new double[] { 0, 0, 0.5, 0.75, 1 })]
    [InlineData("5", "Activation(Activation.HardSwish)", new double[] { -4, -3, -1.5, 1.5, 5 }, new double[] { 0, 0, -0.375, 1.125, 5 })]
    [InlineData("4", "Activation(Activation.Softsign)", new double[] { -3, 0, 1, 1e30 }, new double[] { -0.75, 0, 0.5, 1 })]
    [InlineData("6", "Activation(Activation.Mish)", new double[] { -1000, -1, 0, 1, 20, 1000 },
        new double[] { 0, -0.3034014613741089, 0, 0.8650983882673103, 19.999999999999999, 1000 })]
    [InlineData("2, 1, 3", "Reshape(3, -1)] [Layer.GlobalMaxPool", new double[] { 1, 2, 6, 5, 3, 4 }, new double[] { 2, 6, 4 })]
    [InlineData("2, 3", "Permute(1, 0)", new double[] { 1, 2, 3, 4, 5, 6 }, new double[] { 1, 4, 2, 5, 3, 6 })]
    [InlineData("2, 1, 3", "Permute(1, 2, 0)", new double[] { 1, 2, 3, 4, 5, 6 }, new double[] { 1, 4, 2, 5, 3, 6 })]
    [InlineData("2, 2, 3", "Permute(1, 2, 0)", new double[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, new double[] { 1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12 })]
    [InlineData("2, 2, 3", "Permute(2, 0, 1)", new double[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, new double[] { 1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12 })]
    [InlineData("2, 3", "Permute(0, 1)", new double[] { 1, 2, 3, 4, 5, 6 }, new double[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData("2, 1, 2", "Upsample2D(2)", new double[] { 1, 2, 3, 4 }, new double[] { 1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4 })]
    [InlineData("1, 1, 2", "Upsample2D(2, Interpolation.Bilinear)", new double[] { 0, 4 }, new double[] { 0, 1, 3, 4, 0, 1, 3, 4 })]
    [InlineData("1, 2, 1", "Upsample2D(3, Interpolation.Bilinear)", new double[] { 0, 3 }, new double[] { 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3 })]
    [InlineData("1, 2, 2", "Upsample2D(2, Interpolation.Bilinear)", new double[] { 0, 16, 32, 64 },
        new double[] { 0, 4, 12, 16, 8, 13, 23, 28, 24, 31, 45, 52, 32, 40, 56, 64 })]
    [InlineData("2, 1, 2", "Pad2D(1, 0, 0, 2)", new double[] { 1, 2, 3, 4 }, new double[] { 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0 })]
    [InlineData("1, 2, 2", "Pad2D(1)", new double[] { 1, 2, 3, 4 }, new double[] { 0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0 })]
    [InlineData("2, 1, 2", "Pad2D(0, 1, 2, 1, Mode = PadMode.Replicate)", new double[] { 1, 2, 3, 4 },
        new double[] { 1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 3, 3, 3, 4, 4 })]
    [InlineData("1, 1, 3", "Pad2D(0, 0, 2, 1, Mode = PadMode.Reflect)", new double[] { 1, 2, 3 }, new double[] { 3, 2, 1, 2, 3, 2 })]
    [InlineData("1, 2, 2", "Pad2D(1, Mode = PadMode.Reflect)", new double[] { 1, 2, 3, 4 }, new double[] { 4, 3, 4, 3, 2, 1, 2, 1, 4, 3, 4, 3, 2, 1, 2, 1 })]
    [InlineData("2, 2, 3", "Crop2D(1, 0, 0, 2)", new double[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, new double[] { 4, 10 })]
    [InlineData("1, 3, 3", "Crop2D(1)", new double[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, new double[] { 5 })]
    [InlineData("6", "Maxout(3)", new double[] { 1, 3, 2, -4, -6, -5 }, new double[] { 3, -4 })]
    [InlineData("4, 2", "Maxout(2)", new double[] { 1, 2, 3, 0, -1, -2, -3, 5 }, new double[] { 3, 2, -1, 5 })]
    [InlineData("5", "Swish", new double[] { -1000, -1, 0, 1, 1000 }, new double[] { 0, -0.2689414213699951, 0, 0.7310585786300049, 1000 })]
    [InlineData("3", "RReLU(Lower = 0, Upper = 0.5)", new double[] { 4, -4, 0 }, new double[] { 4, -1, 0 })]
    public void Outputs_are_as_computed_by_hand(string shape, string layer, double[] input, double[] expected)
    {
        INetwork<double> network = Create(shape, layer);
        double[] outputs = new double[network.Info.OutputSize];
        network.Predict(input, outputs);
        Assert.All(expected.Zip(outputs), pair => Assert.Equal(pair.First, pair.Second, 1e-15 * Math.Max(1, Math.Abs(pair.First))));
        Assert.Equal(expected.Length, outputs.Length);
    }

    [Theory]
    [InlineData("1, 2, 2", "MaxPool2D(2)", new double[] { 7, 7, 7, 7 }, new double[] { 1, 0, 0, 0 })]
    [InlineData("1, 2, 2", "GlobalMaxPool", new double[] { 1, 7, 7, 1 }, new double[] { 0, 1, 0, 0 })]
    [InlineData("1, 3", "MaxPool1D(2, Stride = 1)", new double[] { 1, 7, 7 }, new double[] { 0, 2, 0 })]
    [InlineData("1, 20", "GlobalMaxPool", new double[] { 0, 0, 5, 0, 0, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5 },
        new double[] { 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("4", "Maxout(2)", new double[] { 7, 7, 1, 7 }, new double[] { 1, 0, 0, 1 })]
    [InlineData("9, 1", "Maxout(9)", new double[] { 1, 7, 7, 1, 7, 1, 1, 1, 1 }, new double[] { 0, 1, 0, 0, 0, 0, 0, 0, 0 })]
    public void Of_equal_values_the_first_takes_the_gradient(string shape, string layer, double[] input, double[] expected)
    {
        INetwork<double> network = Create(shape, layer);
        double[] gradients = new double[input.Length], ones = new double[network.Info.OutputSize];
        ones.AsSpan().Fill(1);
        network.Train(new TrainingPass<double> { Inputs = input, OutputGradients = ones, InputGradients = gradients, Scale = 1 });
        Assert.Equal(expected, gradients);
    }

    [Theory]
    [InlineData("1, 2, 2", "MaxPool2D(2)")]
    [InlineData("1, 2, 2", "AveragePool2D(2)")]
    [InlineData("1, 2, 2", "GlobalMaxPool")]
    [InlineData("4", "LayerNorm")]
    [InlineData("4", "RMSNorm")]
    [InlineData("1, 4", "PReLU")]
    [InlineData("4", "Activation(Activation.HardSwish)")]
    [InlineData("4", "Activation(Activation.HardSigmoid)")]
    [InlineData("4", "Activation(Activation.Mish)")]
    [InlineData("1, 2, 2", "Upsample2D(2)")]
    [InlineData("1, 2, 2", "Upsample2D(2, Interpolation.Bilinear)")]
    [InlineData("1, 2, 2", "Pad2D(1)")]
    [InlineData("1, 2, 2", "Pad2D(1, Mode = PadMode.Reflect)")]
    [InlineData("4", "Maxout(2)")]
    [InlineData("4, 1", "Maxout(4)")]
    [InlineData("1, 4", "Swish")]
    [InlineData("4", "RReLU")]
    public void No_layer_hides_a_NaN(string shape, string layer)
    {
        INetwork<double> network = Create(shape, layer);
        for (int place = 0; place < 4; place++)
        {
            double[] input = [1, 2, 3, 4], outputs = new double[network.Info.OutputSize];
            input[place] = double.NaN;
            network.Predict(input, outputs);
            Assert.Contains(double.NaN, outputs);
        }
    }

    /// <summary>What an exponential multiplies far below zero is zero, not that number times the smallest exponential.</summary>
    [Theory]
    [InlineData("Activation(Activation.SiLU)")]
    [InlineData("Activation(Activation.Mish)")]
    [InlineData("Activation(Activation.GELU)")]
    [InlineData("Swish")]
    public void Far_below_zero_products_with_exponentials_end(string layer)
    {
        INetwork<float> network = NetworkCompiler.Create<float>($"using NetGen;\n[Network(4)] [Layer.{layer}] public sealed partial class Net;", "Net");
        float[] input = [-87.9f, -1e3f, -1e6f, -1e30f], outputs = new float[4], gradients = new float[4];
        network.Predict(input, outputs);
        network.Train(new TrainingPass<float> { Inputs = input, OutputGradients = [1, 1, 1, 1], InputGradients = gradients, Scale = 1 });
        Assert.All(outputs.Concat(gradients), value => Assert.InRange(value, -1e-33f, 1e-33f));
        if (layer.Contains("SiLU", StringComparison.Ordinal))
            Assert.Equal(-87.9 * Math.Exp(-87.9f), outputs[0], 1e-41);
    }

    /// <summary>The names of buffers are made of the names of layers, which may look like them.</summary>
    [Fact]
    public void Names_of_buffers_do_not_clash()
    {
        INetwork<double> network = Create("2", "Activation(Activation.Tanh, Name = \"Add1Part1\")] [Layer.Activation(Activation.Tanh, Name = \"Add1Gradient\")]"
            + "[Layer.Activation(Activation.Tanh, Name = \"LayerNorm1Statistics\")] [Layer.LayerNorm] [Layer.Activation(Activation.Tanh, Name = \"InputLayout\")]"
            + "[Layer.Add(From = [\"input\", \"InputLayout\", \"input\"])");
        Assert.Equal(2, network.Info.OutputSize);
    }

    private static INetwork<double> Create(string shape, string layer) =>
        NetworkCompiler.Create<double>($"using NetGen; [Network({shape}, Precision = Precision.Double)] [Layer.{layer}] partial class Net;", "Net");
}
