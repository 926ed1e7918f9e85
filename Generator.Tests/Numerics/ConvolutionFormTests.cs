using System.Numerics;
using System.Reflection;
using NetGen.Tests.Infrastructure;
using NetGen.Tests.Numerics.Reference;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>
/// The forms a convolution may take (Winograd, vectors along columns, direct), with what is folded into them, against the reference interpreter.
/// </summary>
public class ConvolutionFormTests
{
    private static readonly ReferenceLayer Norm = new ReferenceBatchNorm(), Relu = new ReferenceActivation(Activation.ReLU);

    private static readonly ReferencePool MaxPool = new(2, Max: true, 2), MeanPool = new(2, Max: false, 2);

    // The input, the layers, and the form that Summary() must tell.
    private static readonly (int[] Input, string Form, ReferenceLayer[] Layers)[] Cases =
    [
        // Every remainder of tiles and blocks: even and odd extents, one tile, many; with and without padding; both panels, padded channels.
        ([16, 10, 10], "Winograd", [Conv(16, 0, Activation.ReLU)]),
        ([16, 13, 11], "Winograd", [Conv(16, 1, Activation.ReLU)]),
        ([17, 11, 12], "Winograd", [Conv(33, 1, Activation.LeakyReLU)]),
        ([33, 15, 12], "Winograd", [Conv(17, 0)]),
        ([16, 9, 9], "Winograd", [Conv(32, 2, Activation.Tanh)]),
        ([32, 12, 12], "Winograd", [Conv(48, 1, bias: false)]),
        ([16, 15, 33], "Winograd", [Conv(16, 1, Activation.GELU)]),
        ([16, 12, 10], "Winograd", [Conv(16, 1), Conv(16, 1, Activation.ReLU), Conv(16, 1)]),

        // What follows is part of it: all of it, some of it, in another order.
        ([16, 8, 8], "Winograd", [Conv(16, 1, bias: false), Norm, Relu, MaxPool]),
        ([16, 11, 13], "Winograd", [Conv(17, 1, bias: false), Norm, MeanPool]),
        ([16, 13, 15], "Winograd", [Conv(16, 1, Activation.ReLU), MaxPool, new ReferenceDense(3)]),
        ([16, 10, 12], "Winograd", [Conv(16, 1, Activation.ReLU), Norm]),
        ([16, 10, 12], "Winograd", [Conv(16, 1), MaxPool, Relu]),

        ([1, 9, 9], "columns", [Conv(1, 1)]),
        ([1, 28, 28], "columns", [Conv(2, 2, Activation.ReLU, kernel: 5), MaxPool]),
        ([3, 7, 33], "columns", [Conv(3, 0, Activation.ReLU, kernel: 3)]),
        ([1, 12, 17], "columns", [Conv(6, 1, kernel: 5, bias: false), Norm, Relu, MaxPool]),
        ([2, 11, 40], "columns", [Conv(1, 3, Activation.Tanh, kernel: 3, dilation: 2)]),
        ([17, 5, 16], "columns", [Conv(3, 0, kernel: 5)]),
        ([17, 7, 31], "columns", [Conv(7, 1, bias: false), MeanPool]),
        ([1, 3, 20], "columns", [Conv(1, 0, Activation.Sigmoid)]),
        ([3, 20, 33], "columns", [Conv(5, 1, Activation.ReLU, stride: 2)]),
        ([1, 21, 65], "columns", [Conv(7, 2, kernel: 5, stride: 3)]),
        ([2, 17, 67], "columns", [Conv(5, 3, kernel: 4, stride: 2, dilation: 3)]),
        ([1, 20, 66], "columns", [Conv(3, 1), Conv(9, 1, stride: 2), MaxPool]),
        ([1, 6, 6], "columns", [Conv(1, 1), MaxPool]),
        ([3, 9, 80], "columns", [Conv(8, 2, kernel: 5, stride: 2)]),
        ([2, 9, 64], "columns", [Conv(12, 0, kernel: 5), MeanPool]),

        // Single channels: tiles whose windows reach into the padding at one side, at both, or not at all, and kernels of many columns.
        ([17, 9, 21], "channels", [Depthwise(17, 3, padding: 1)]),
        ([16, 6, 19], "channels", [Depthwise(16, 4, padding: 3, stride: 3)]),
        ([5, 7, 9], "channels", [Depthwise(5, 3, padding: 6, dilation: 3)]),
        ([2, 3, 4], "channels", [Depthwise(2, 2, padding: 9)]),
        ([33, 1, 1], "channels", [Depthwise(33, 3, padding: 1)]),
        ([3, 5, 41], "channels", [Depthwise(3, 11, padding: 5)]),
        ([7, 4, 23], "channels", [Depthwise(7, 9, padding: 11, stride: 2, dilation: 2)]),

        // Few channels read as planes, in one part of the weight gradient and in several.
        ([3, 9, 10], "ImageCopy.ToPlanes", [Conv(17, 1, kernel: 5)]),
        ([5, 8, 11], "ImageCopy.ToPlanes", [Conv(33, 2, stride: 2, dilation: 2)]),
        ([15, 6, 7], "", [Conv(20, 0, kernel: 1)]),
        ([3, 40], "ImageCopy.ToPlanes", [Conv(17, 2, kernel: 5, stride: 2) with { Dimensions = 1 }]),

        // One position of channels with gaps, and what is out of proportion.
        ([5, 6, 7], "", [Conv(17, 0), Conv(18, 0, Activation.Tanh, kernel: 1), Conv(3, 0, kernel: 1, stride: 2)]),
        ([2, 5, 5], "channels", [Depthwise(2, 1, padding: 1, dilation: int.MaxValue)]),
        ([2, 5, 6], "channels", [Depthwise(2, 3, padding: 1, stride: int.MaxValue)]),
        ([2, 5, 6], "", [Conv(3, 1, stride: int.MaxValue)]),
        ([5, 33], "channels", [Depthwise(5, 3, padding: 2, stride: 2) with { Dimensions = 1 }]),
        ([4, 70], "channels", [Depthwise(4, 12, padding: 7) with { Dimensions = 1 }]),

        // Weight gradients of small kernels, in one pass over the gradient and in several.
        ([1, 6, 6], "WholeWeightGradient", [Conv(16, 0, kernel: 5, stride: 2)]),
        ([1, 8, 8], "", [Conv(32, 1)]),
        ([3, 8, 8], "", [Conv(16, 1, stride: 2)]),
        ([2, 6, 6], "", [Conv(40, 1, stride: 2)]),

        // Gradients of inputs with few channels, spread over lines of the kernel: tiles that divide the lines and tiles that do not.
        ([2, 15, 9], "Gather<V>", [Conv(6, 0), Conv(16, 0, kernel: 5)]),
        ([1, 17, 8], "Gather<V>", [Conv(7, 1), Conv(17, 2, Activation.Tanh, kernel: 5, stride: 2)]),
        ([1, 9, 10], "Gather<V>", [Conv(20, 1), Conv(5, 0, kernel: 4, stride: 3)]),
        ([3, 36, 7], "Gather<V>", [Conv(1, 1), Conv(33, 1, kernel: 7)]),
        ([6, 7, 9], "ImageCopy.Crop", [Conv(6, 1) with { Groups = 2 }, Conv(32, 1, Activation.Tanh) with { Groups = 2 }]),
    ];

    [Fact]
    public void Double_precision_agrees_with_the_reference() => Check<double>(Precision.Double, 1e-10);

    // Gradients of biases are sums of hundreds of numbers of both signs, of which little remains.
    [Fact]
    public void Single_precision_agrees_with_the_reference() => Check<float>(Precision.Single, 2e-4);

    private static ReferenceConvolution Conv(
        int filters, int padding, Activation activation = Activation.Identity, bool bias = true, int kernel = 3, int stride = 1, int dilation = 1) =>
        new(2, filters, kernel, activation, Bias: bias, Stride: stride, Padding: padding, Dilation: dilation);

    private static ReferenceConvolution Depthwise(int channels, int kernel, int padding, int stride = 1, int dilation = 1) =>
        new(2, channels, kernel, Activation.Tanh, Stride: stride, Padding: padding, Dilation: dilation, Groups: channels);

    private static void Check<T>(Precision precision, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkDescription[] networks = [.. Cases.Select(one => new NetworkDescription(one.Input, Loss.None, one.Layers))];
        Assembly assembly = NetworkCompiler.Load(string.Join('\n', networks.Select((network, i) => network.ToSource($"Case{i}", precision))));
        for (int i = 0; i < networks.Length; i++)
        {
            INetwork<T> network = NetworkCompiler.Create<T>(assembly, $"Case{i}");
            string generated = NetworkCompiler.Run(networks[i].ToSource($"Case{i}", precision)).GeneratedSources.Single().SourceText.ToString();
            Assert.True((network.Info.Summary + generated).Contains(Cases[i].Form, StringComparison.Ordinal), $"{networks[i].ToSource("Case", precision)} is not of the form {Cases[i].Form}.");
            foreach (int rows in (int[])[3, 9])
                RandomGraphTests.Check(networks[i], network, rows, i, tolerance);
        }
    }
}
