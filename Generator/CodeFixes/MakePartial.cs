using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetGen.Generator.Diagnostics;

namespace NetGen.CodeFixes;

/// <summary>Writes <c>partial</c> in the declarations of a type and of the types around it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MakePartial))]
public sealed class MakePartial() : NetworkCodeFix(Fixable.NotPartial, Fixable.ContainingTypeNotPartial)
{
    internal override Repair? Find(Site site, string rule, string fix)
    {
        if (site.Node is not TypeDeclarationSyntax type || type.Identifier.Span != site.Span)
            return null;
        TypeDeclarationSyntax[] types =
            [.. type.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().Where(outer => !outer.Modifiers.Any(SyntaxKind.PartialKeyword))];
        string others = types.Any(outer => outer != type) ? " and what is around it" : "";
        // It is the last modifier of any declaration.
        return types.Length == 0 ? null
            : new($"Make '{type.Identifier.ValueText}'{others} partial", [.. types.Select(outer => TextEdits.Insert(outer.Keyword.SpanStart, "partial "))]);
    }
}
