using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetGen.Generator.Graph;
using NetGen.Generator.Layers;

namespace NetGen.Generator.Parsing;

/// <summary>Finds classes with layers by their syntax: a look at names, which every edit of a file repeats.</summary>
internal static class UnmarkedLayers
{
    private const string AttributeSuffix = "Attribute";

    private static readonly HashSet<string> Layers = new(LayerKinds.Public, StringComparer.Ordinal);

    /// <summary>Whether a node is a partial class that seems to have layers and no [Network].</summary>
    public static bool MayHave(SyntaxNode node)
    {
        if (node is not ClassDeclarationSyntax { AttributeLists.Count: > 0, TypeParameterList: null } declaration
            || !declaration.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            return false;
        }

        bool hasLayers = false;
        foreach (AttributeListSyntax list in declaration.AttributeLists)
        {
            foreach (AttributeSyntax attribute in list.Attributes)
            {
                string name = NameOf(attribute);
                if (name == "Network")
                    return false;
                hasLayers |= Layers.Contains(name);
            }
        }

        return hasLayers;
    }

    /// <summary>Whether a node is an attribute that takes the layers of another class.</summary>
    public static bool IsBlock(SyntaxNode node) => node is AttributeSyntax attribute && NameOf(attribute) == LayerExpansion.Block;

    /// <summary>The full name of the class whose layers it takes.</summary>
    public static string? ClassOfBlock(GeneratorSyntaxContext context, CancellationToken cancellation) =>
        ((AttributeSyntax)context.Node).ArgumentList?.Arguments.Select(argument => argument.Expression).OfType<TypeOfExpressionSyntax>().FirstOrDefault()
            is { } type
        && context.SemanticModel.GetTypeInfo(type.Type, cancellation).Type is INamedTypeSymbol named
            ? MetadataName(named)
            : null;

    /// <summary>The full metadata name of a type, which no other type of its assembly shares.</summary>
    public static string MetadataName(INamedTypeSymbol type)
    {
        string name = type.MetadataName;
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            name = $"{outer.MetadataName}+{name}";
        return type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{name}" : name;
    }

    private static string NameOf(AttributeSyntax attribute)
    {
        NameSyntax name = attribute.Name;
        string text = (name switch
        {
            QualifiedNameSyntax qualified => qualified.Right,
            AliasQualifiedNameSyntax alias => alias.Name,
            SimpleNameSyntax simple => simple,
            _ => null,
        })?.Identifier.ValueText ?? "";
        return text.EndsWith(AttributeSuffix, StringComparison.Ordinal) ? text.Substring(0, text.Length - AttributeSuffix.Length) : text;
    }
}
