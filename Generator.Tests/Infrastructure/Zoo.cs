using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace NetGen.Tests.Infrastructure;

/// <summary>The networks of Samples/Zoo, read from their source.</summary>
internal static class Zoo
{
    private const string Namespace = "NetGen.Samples.Zoo";

    private static readonly SyntaxNode[] Files =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "Samples", "Zoo", "Networks"), "*.cs").Order(StringComparer.Ordinal)
            .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), new CSharpParseOptions(LanguageVersion.CSharp12)).GetRoot()),
    ];

    /// <summary>The full names of the networks.</summary>
    public static string[] Names { get; } = [.. Files.SelectMany(Networks).Select(NameOf)];

    /// <summary>The source of all networks.</summary>
    public static string[] Sources => [.. Files.Select(file => file.ToFullString())];

    /// <summary>The source of one network, or of none, with everything that is no network.</summary>
    public static string[] SourcesOf(string? name) =>
        [.. Files.Select(file => file.RemoveNodes(Networks(file).Where(network => NameOf(network) != name), SyntaxRemoveOptions.KeepNoTrivia)!.ToFullString())];

    private static IEnumerable<ClassDeclarationSyntax> Networks(SyntaxNode file) => file.DescendantNodes().OfType<ClassDeclarationSyntax>()
        .Where(type => type.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => attribute.Name.ToString() == "Network"));

    private static string NameOf(ClassDeclarationSyntax network) => $"{Namespace}.{network.Identifier.ValueText}";
}
