using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>The names of layers: the user's, or kind and number.</summary>
internal static class LayerNames
{
    private static readonly HashSet<string> GeneratedMembers = new(StringComparer.Ordinal)
    {
        "InputSize", "OutputSize", "ParameterCount", "MultiplyAdds", "StackBytes", "TrainingStackBytes",
        "Info", "Parameters", "Predict", "Forward", "Train", "Load",
    };

    public static IReadOnlyList<string> Of(IReadOnlyList<LayerSpec> layers)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        List<string> names = [];
        foreach (LayerSpec layer in layers)
        {
            counts.TryGetValue(layer.Kind, out int count);
            counts[layer.Kind] = ++count;
            string? given = layer.Arguments.FirstOrDefault(argument => argument.Name == "Name")?.Text;
            names.Add(given ?? layer.Kind + count.ToString(CultureInfo.InvariantCulture));
        }

        return names;
    }

    /// <summary>Whether every network has a member of this name, or an accessor of a property.</summary>
    public static bool IsGenerated(string name) =>
        GeneratedMembers.Contains(name) || (name.StartsWith("get_", StringComparison.Ordinal) && IsGenerated(name.Substring(4)));

    /// <summary>The name itself if no layer has it, or the first that counts on from it: <c>Stem</c>, <c>Stem2</c>, <c>Stem3</c>.</summary>
    /// <param name="name">A valid name.</param>
    /// <param name="taken">Names as files have them.</param>
    public static string Free(string name, ICollection<string> taken)
    {
        string stem = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), free = name;
        int number = int.TryParse(name.Substring(stem.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int own) ? own : 1;
        while (taken.Contains(InFiles(free)) || IsGenerated(free))
            free = stem + (++number).ToString(CultureInfo.InvariantCulture);
        return free;
    }

    /// <summary>The name as files have it.</summary>
    public static string InFiles(string name) => char.ToLowerInvariant(name[0]) + name.Substring(1);

    /// <summary>The names as files have them, without those that cannot be.</summary>
    public static HashSet<string> InFiles(IEnumerable<string> names) => new(names.Where(IsValid).Select(InFiles), StringComparer.Ordinal);

    // The compiler takes identifiers that differ in formatting characters only for the same.
    public static bool IsValid(string name) =>
        SyntaxFacts.IsValidIdentifier(name) && !name.Any(character => char.GetUnicodeCategory(character) == UnicodeCategory.Format) && SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None
        && SyntaxFacts.GetContextualKeywordKind(name) == SyntaxKind.None && char.IsLetter(name[0]);
}
