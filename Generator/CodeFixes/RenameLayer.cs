using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;
using NetGen.Generator.Diagnostics;

namespace NetGen.CodeFixes;

/// <summary>Gives the second of two layers of one name another.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RenameLayer))]
public sealed class RenameLayer() : NetworkCodeFix(Fixable.DuplicateLayerName)
{
    internal override Repair? Find(Site site, string rule, string fix)
    {
        if (fix.Length == 0 || !site.IsFree(fix) || site.Attribute is not { } attribute)
            return null;
        string title = $"Name the layer '{fix}'";
        if (site.Argument is { } name)
            return new(title, new TextChange(name.Expression.Span, $"\"{fix}\""));
        return new(title, attribute.ArgumentList switch
        {
            null => TextEdits.Insert(attribute.Name.Span.End, $"(Name = \"{fix}\")"),
            { Arguments.Count: 0 } list => TextEdits.Insert(list.OpenParenToken.Span.End, $"Name = \"{fix}\""),
            { Arguments: var arguments } => TextEdits.Insert(arguments.Last().Span.End, $", Name = \"{fix}\""),
        });
    }
}
