using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>The names of layers: the user's, or kind and number.</summary>
internal static class LayerNames
{
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

    public static bool IsValid(string name) =>
        SyntaxFacts.IsValidIdentifier(name) && SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None
        && SyntaxFacts.GetContextualKeywordKind(name) == SyntaxKind.None && char.IsLetter(name[0]);
}
