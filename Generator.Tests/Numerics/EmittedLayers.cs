using NetGen.Generator.Layers;
using NetGen.Tests.Numerics.Reference;

namespace NetGen.Tests.Numerics;

/// <summary>What the generator takes of what the reference and the golden files have: tests leave out the rest until it is emitted.</summary>
internal static class EmittedLayers
{
    /// <summary>Attributes whose meaning is a class of the user's: other layers in their place, or any function.</summary>
    public static readonly string[] WithoutReference = ["BlockAttribute", "CustomAttribute"];

    // Kinds that the generator does not have in its registry.
    private static readonly string[] OutsideRegistry = ["Input", "Output", "Shared", "Block", "SeparableConv2D"];

    // Take a name out when the generator takes the layer; "Groups" is the option of convolutions.
    private static readonly HashSet<string> NotYetEmitted = [];

    public static bool Contain(NetworkDescription network) => network.Layers.All(Contain);

    public static bool Contain(ReferenceLayer layer) =>
        (OutsideRegistry.Contains(layer.Kind) || LayerKinds.Find(layer.Kind) is not null)
        && !NotYetEmitted.Contains(layer.Kind) && !(layer is ReferenceConvolution { Groups: > 1 } && NotYetEmitted.Contains("Groups"));
}
