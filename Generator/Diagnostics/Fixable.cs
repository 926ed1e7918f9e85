namespace NetGen.Generator.Diagnostics;

/// <summary>
/// The rules with a code fix, and what their diagnostics tell it. Compiled into the generator and into the assembly of the code
/// fixes, which cannot refer to each other.
/// </summary>
internal static class Fixable
{
    public const string NotPartial = "NETGEN001";
    public const string ContainingTypeNotPartial = "NETGEN002";

    /// <summary>Its fix is the free name.</summary>
    public const string DuplicateLayerName = "NETGEN009";

    /// <summary>Its fix is how to remove the activation.</summary>
    public const string SoftmaxBeforeLogitsLoss = "NETGEN012";

    /// <summary>Its fix is how to remove the activation.</summary>
    public const string SigmoidBeforeLogitsLoss = "NETGEN013";

    /// <summary>Its fix is a name for each input, flattened, between commas; empty for one that is flat.</summary>
    public const string JoinShapes = "NETGEN028";

    /// <summary>Its fix is the largest kernel or window.</summary>
    public const string KernelTooLarge = "NETGEN031";

    /// <summary>The property with the fix. A diagnostic without it has none, unless its syntax is enough.</summary>
    public const string Property = "Fix";

    /// <summary>The activation is an argument that can be left out.</summary>
    public const string RemoveArgument = "Argument";

    /// <summary>The activation is a layer that nothing refers to.</summary>
    public const string RemoveLayer = "Layer";

    /// <summary>The activation is a layer that something refers to.</summary>
    public const string ReplaceByIdentity = "Identity";
}
