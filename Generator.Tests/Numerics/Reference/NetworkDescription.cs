using System.Globalization;
using System.Numerics;
using System.Text;

namespace NetGen.Tests.Numerics.Reference;

/// <summary>A network that can be rendered as C# for the generator and interpreted by the reference.</summary>
/// <param name="InputShape">The dimensions of one input row.</param>
/// <param name="Loss">What training minimises.</param>
/// <param name="Layers">The layers in order.</param>
public sealed record NetworkDescription(int[] InputShape, Loss Loss, IReadOnlyList<ReferenceLayer> Layers)
{
    public ReferenceNetwork ToReference() => new(InputShape, Loss, Layers);

    /// <summary>The class declaration that asks the generator for this network.</summary>
    public string ToSource(string className, Precision precision)
    {
        StringBuilder source = new();
        string shape = string.Join(", ", InputShape);
        source.Append(
            CultureInfo.InvariantCulture,
            $"[NetGen.Network({shape}, Loss = NetGen.Loss.{Loss}, Precision = NetGen.Precision.{precision})]\n");
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
            ReferenceConvolution convolution =>
            [
                $"{convolution.Filters}",
                $"{convolution.Kernel}",
                .. Weighted(convolution.Activation, convolution.Alpha, convolution.Bias),
                Option("Stride", convolution.Stride, 1),
                convolution.Padding == Layer.Same ? "Padding = NetGen.Layer.Same" : Option("Padding", convolution.Padding, 0),
                Option("Dilation", convolution.Dilation, 1),
                Option("Groups", convolution.Groups, 1),
            ],
            ReferenceActivation activation => [$"NetGen.Activation.{activation.Function}", Alpha(activation.Alpha)],
            ReferenceDropout dropout => [dropout.Rate.ToString(CultureInfo.InvariantCulture)],
            ReferencePool pool => [$"{pool.Size}", Option("Stride", pool.Stride, 0)],
            ReferenceBatchNorm norm => [Option("Momentum", norm.Momentum, 0.1), Option("Epsilon", norm.Epsilon, 1e-5)],
            ReferenceLayerNorm norm => [Option("Epsilon", norm.Epsilon, 1e-5)],
            ReferenceRMSNorm norm => [Option("Epsilon", norm.Epsilon, 1e-5)],
            _ => [],
        };
        return
        [
            .. own,
            layer.Name is null ? "" : $"Name = \"{layer.Name}\"",
            layer.From.Count == 0 ? "" : $"From = new[] {{ {string.Join(", ", layer.From.Select(name => $"\"{name}\""))} }}",
        ];
    }

    private static string[] Weighted(Activation activation, double? alpha, bool bias) =>
    [
        activation == Activation.Identity ? "" : $"NetGen.Activation.{activation}",
        Alpha(alpha),
        bias ? "" : "Bias = false",
    ];

    private static string Alpha(double? alpha) => alpha is { } value ? Option("Alpha", value, double.NaN) : "";

    private static string Option<T>(string name, T value, T usual)
        where T : INumber<T> =>
        value == usual ? "" : string.Create(CultureInfo.InvariantCulture, $"{name} = {value}");
}
