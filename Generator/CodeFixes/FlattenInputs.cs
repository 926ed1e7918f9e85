using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using NetGen.Generator.Diagnostics;

namespace NetGen.CodeFixes;

/// <summary>Inserts <c>[Layer.Flatten]</c> for the images that are joined with a flat row.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(FlattenInputs))]
public sealed class FlattenInputs() : NetworkCodeFix(Fixable.JoinShapes)
{
    internal override Repair? Find(Site site, string rule, string fix)
    {
        if (fix.Length == 0 || site.Argument is not { } from || site.Attribute is not { Parent: AttributeListSyntax list } join)
            return null;
        string[] names = fix.Split(',');
        TextSpan[] sources = [.. ElementsOf(from.Expression).Select(element => element.Span)];
        if (sources.Length != names.Length || names.Any(name => name.Length > 0 && !site.IsFree(name)))
            return null;

        (int start, string open, string close) = list.Attributes[0] == join ? (list.SpanStart, "[", "]") : (join.SpanStart, "", ",");
        (string openFrom, string closeFrom) = from.Expression is ArrayCreationExpressionSyntax or ImplicitArrayCreationExpressionSyntax ? ("new[] { ", " }") : ("[", "]");
        List<string> inserted = [], titles = [];
        List<TextChange> changes = [];
        for (int k = 0; k < names.Length; k++)
        {
            if (names[k].Length == 0)
                continue;
            changes.Add(new(sources[k], $"\"{names[k]}\""));
            if (Array.IndexOf(names, names[k]) < k)
                continue;
            string source = site.Text.ToString(sources[k]);
            titles.Add(source);
            inserted.Add($"{open}{Prefix(site, join.Name)}Flatten(From = {openFrom}{source}{closeFrom}, Name = \"{names[k]}\"){close}{TextEdits.Separator(site.Text, start)}");
        }

        return new($"Insert [Layer.Flatten] for {string.Join(" and ", titles)}", [TextEdits.Insert(start, string.Concat(inserted)), .. changes]);
    }

    // The elements of a new array or, in newer versions of C#, of a collection expression.
    private static IEnumerable<SyntaxNode> ElementsOf(ExpressionSyntax expression) => expression switch
    {
        ArrayCreationExpressionSyntax array => array.Initializer?.Expressions ?? default,
        ImplicitArrayCreationExpressionSyntax array => array.Initializer.Expressions,
        _ => expression.ChildNodes(),
    };

    // What stands before the name of the join, which tells how the class of all layers is reached.
    private static string Prefix(Site site, NameSyntax join) => join switch
    {
        QualifiedNameSyntax name => $"{name.Left}.",
        IdentifierNameSyntax name when site.Model.GetAliasInfo(name) is null => "",
        _ => "global::NetGen.Layer.",
    };
}
