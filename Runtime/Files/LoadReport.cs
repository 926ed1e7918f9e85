using System.Text;

namespace NetGen;

/// <summary>What loading took from a file, and what it left and why.</summary>
public sealed class LoadReport
{
    internal LoadReport(IReadOnlyList<string> loaded, IReadOnlyList<LoadMismatch> unused, IReadOnlyList<LoadMismatch> missing) =>
        (Loaded, Unused, Missing) = (loaded, unused, missing);

    /// <summary>The names of the parameters that were loaded, in the order of the network.</summary>
    public IReadOnlyList<string> Loaded { get; }

    /// <summary>The tensors of the file that have no place in the network, in the order of the file.</summary>
    public IReadOnlyList<LoadMismatch> Unused { get; }

    /// <summary>
    /// The parameters that got nothing and are as they were, in the order of the network; none unless <see cref="LoadOptions.Partial"/> is set.
    /// </summary>
    public IReadOnlyList<LoadMismatch> Missing { get; }

    /// <summary>Whether every parameter was loaded.</summary>
    public bool IsComplete => Missing.Count == 0;

    /// <summary>One line with the number of parameters that were loaded, and one for each tensor and parameter that was not.</summary>
    public override string ToString()
    {
        StringBuilder text = new($"{Loaded.Count} of {Loaded.Count + Missing.Count} parameters loaded");
        foreach (LoadMismatch tensor in Unused)
            text.Append($"\nnot used: {tensor}");
        foreach (LoadMismatch parameter in Missing)
            text.Append($"\nas it was: {parameter}");
        return text.ToString();
    }
}

/// <summary>A tensor of a file without a place in the network, or a parameter of the network that got nothing from the file.</summary>
/// <param name="Name">
/// Its name. Of a tensor in a file: control characters and invisible formatting are replaced by question marks, and a very long name is shortened.
/// </param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">The reason in words, with both shapes or the type.</param>
public sealed record LoadMismatch(string Name, LoadMismatchReason Reason, string Detail)
{
    /// <summary>The name and the reason in words.</summary>
    public override string ToString() => $"{Name}: {Detail}";
}

/// <summary>Why a tensor was not loaded.</summary>
public enum LoadMismatchReason
{
    /// <summary>The network has no parameter of the name.</summary>
    NotInNetwork,

    /// <summary>The file has no tensor of the name.</summary>
    NotInFile,

    /// <summary>Both have the name, in different shapes.</summary>
    OtherShape,

    /// <summary>Both have the name, but the file's elements cannot be weights: only F16, BF16, F32 and F64 can.</summary>
    OtherType,
}
