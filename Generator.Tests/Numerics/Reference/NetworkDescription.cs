using System.Globalization;
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

    private static string Render(ReferenceLayer layer) => layer switch
    {
        ReferenceDense dense => $"Dense({dense.Units}{Render(dense.Activation)}{Render(dense.Alpha)}{(dense.Bias ? "" : ", Bias = false")})",
        ReferenceActivation activation => $"Activation(NetGen.Activation.{activation.Function}{Render(activation.Alpha)})",
        ReferenceDropout dropout => string.Create(CultureInfo.InvariantCulture, $"Dropout({dropout.Rate})"),
        _ => throw new ArgumentException($"Unknown layer {layer}.", nameof(layer)),
    };

    // Identity is what a dense layer does unless told otherwise.
    private static string Render(Activation activation) =>
        activation == Activation.Identity ? "" : $", NetGen.Activation.{activation}";

    private static string Render(double? alpha) =>
        alpha is null ? "" : string.Create(CultureInfo.InvariantCulture, $", Alpha = {alpha}");
}
