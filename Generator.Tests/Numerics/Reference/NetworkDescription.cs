using System.Globalization;
using System.Numerics;
using System.Text;

namespace NetGen.Tests.Numerics.Reference;

/// <summary>A network that can be rendered as C# for the generator and interpreted by the reference.</summary>
/// <param name="InputShape">The dimensions of one input row; empty where layers declare inputs.</param>
/// <param name="Loss">What training minimises; none where layers declare outputs.</param>
/// <param name="Layers">The layers in order.</param>
public sealed record NetworkDescription(int[] InputShape, Loss Loss, IReadOnlyList<ReferenceLayer> Layers)
{
    public ReferenceNetwork ToReference() => new(InputShape, Loss, Layers);

    /// <summary>The class declaration that asks the generator for this network.</summary>
    public string ToSource(string className, Precision precision)
    {
        StringBuilder source = new();
        string loss = Layers.Any(layer => layer is ReferenceOutput) ? "" : $"Loss = NetGen.Loss.{Loss}";
        string[] given = [.. InputShape.Select(extent => $"{extent}"), loss, $"Precision = NetGen.Precision.{precision}"];
        string arguments = string.Join(", ", given.Where(argument => argument.Length > 0));
        source.Append(CultureInfo.InvariantCulture, $"[NetGen.Network({arguments})]\n");
        foreach (ReferenceLayer layer in Layers)
            source.Append(CultureInfo.InvariantCulture, $"[NetGen.Layer.{Render(layer)}]\n");
        return source.Append(CultureInfo.InvariantCulture, $"public sealed partial class {className} {{ }}\n").ToString();
    }

    private static string Render(ReferenceLayer layer)
    {
        string arguments = string.Join(", ", Arguments(layer).Where(argument => argument.Length > 0));
        return arguments.Length > 0 ? $"{layer.Kind}({arguments})" : layer.Kind;
    }

    // Whatever is as it is by default is left out.
    private static IEnumerable<string> Arguments(ReferenceLayer layer)
    {
        IEnumerable<string> own = layer switch
        {
            ReferenceDense dense => [$"{dense.Units}", .. Weighted(dense.Activation, dense.Alpha, dense.Bias)],
            ReferenceMaskedDense dense =>
            [
                $"{dense.Units}",
                .. Weighted(dense.Activation, dense.Alpha, dense.Bias),
                $"Mask = {Texts(dense.Mask)}",
            ],
            ReferenceKernelLayer kernel =>
            [
                $"{kernel.Filters}",
                $"{kernel.Kernel}",
                .. Weighted(kernel.Activation, kernel.Alpha, kernel.Bias),
                Option("Stride", kernel.Stride, 1),
                kernel.Padding == Layer.Same ? "Padding = NetGen.Layer.Same" : Option("Padding", kernel.Padding, 0),
                Option("Dilation", kernel.Dilation, 1),
                kernel is ReferenceConvolution convolution ? Option("Groups", convolution.Groups, 1) : "",
                kernel is ReferenceTransposedConvolution transposed ? Option("OutputPadding", transposed.OutputPadding, 0) : "",
            ],
            ReferenceActivation activation => [$"NetGen.Activation.{activation.Function}", Alpha(activation.Alpha)],
            ReferenceDropout dropout => [dropout.Rate.ToString(CultureInfo.InvariantCulture)],
            ReferencePool pool => [$"{pool.Size}", Option("Stride", pool.Stride, 0)],
            ReferenceBatchNorm norm => [Option("Momentum", norm.Momentum, 0.1), Option("Epsilon", norm.Epsilon, 1e-5)],
            ReferenceLayerNorm norm => [Option("Epsilon", norm.Epsilon, 1e-5)],
            ReferenceRMSNorm norm => [Option("Epsilon", norm.Epsilon, 1e-5)],
            ReferenceGroupNorm norm => [$"{norm.Groups}", Option("Epsilon", norm.Epsilon, 1e-5)],
            ReferenceDimensions list => list.Dimensions.Select(dimension => $"{dimension}"),
            ReferenceUpsample upsample =>
            [
                $"{upsample.Scale}",
                upsample.Interpolation == Interpolation.Nearest ? "" : $"NetGen.Interpolation.{upsample.Interpolation}",
            ],
            ReferencePad pad => [Sides(pad.Top, pad.Bottom, pad.Left, pad.Right), pad.Mode == PadMode.Zeros ? "" : $"Mode = NetGen.PadMode.{pad.Mode}"],
            ReferenceCrop crop => [Sides(crop.Top, crop.Bottom, crop.Left, crop.Right)],
            ReferenceMaxout maxout => [$"{maxout.Pieces}"],
            ReferenceRReLU leaky => [Option("Lower", leaky.Lower, 1d / 8), Option("Upper", leaky.Upper, 1d / 3)],
            ReferenceNoise noise => [noise.Amount.ToString(CultureInfo.InvariantCulture)],
            ReferenceEmbedding embedding => [$"{embedding.Vocabulary}", $"{embedding.Dimension}"],
            ReferenceShared shared => [$"\"{shared.Layer}\"", shared.Transposed ? "Transposed = true" : ""],
            ReferenceOutput output => [output.Loss == Loss.None ? "" : $"Loss = NetGen.Loss.{output.Loss}", Option("Weight", output.Weight, 1)],
            _ => [],
        };
        return
        [
            .. own,
            layer.Name is null ? "" : $"Name = \"{layer.Name}\"",
            layer.From.Count == 0 ? "" : $"From = {Texts(layer.From)}",
        ];
    }

    private static string[] Weighted(Activation activation, double? alpha, bool bias) =>
    [
        activation == Activation.Identity ? "" : $"NetGen.Activation.{activation}",
        Alpha(alpha),
        bias ? "" : "Bias = false",
    ];

    private static string Alpha(double? alpha) => alpha is { } value ? Option("Alpha", value, double.NaN) : "";

    private static string Texts(IEnumerable<string> texts) => $"new[] {{ {string.Join(", ", texts.Select(text => $"\"{text}\""))} }}";

    private static string Sides(int top, int bottom, int left, int right) =>
        top == bottom && top == left && top == right ? $"{top}" : $"{top}, {bottom}, {left}, {right}";

    private static string Option<T>(string name, T value, T usual)
        where T : INumber<T> =>
        value == usual ? "" : string.Create(CultureInfo.InvariantCulture, $"{name} = {value}");
}
