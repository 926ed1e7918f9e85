using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using NetGen.Generator.Diagnostics;

namespace NetGen.CodeFixes;

/// <summary>Removes the softmax or sigmoid before a loss that applies it itself: the argument or the layer, if nothing refers to it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemoveLastActivation))]
public sealed class RemoveLastActivation() : NetworkCodeFix(Fixable.SoftmaxBeforeLogitsLoss, Fixable.SigmoidBeforeLogitsLoss)
{
    internal override Repair? Find(Site site, string rule, string fix)
    {
        if (site.Argument is not { Parent: AttributeArgumentListSyntax { Arguments: var arguments } } argument || site.Attribute is not { } attribute)
            return null;
        string title = rule == Fixable.SoftmaxBeforeLogitsLoss ? "Remove the softmax" : "Remove the sigmoid";
        TextChange[] changes = fix switch
        {
            Fixable.RemoveArgument when arguments.Count > 1 => TextEdits.RemoveElement(site.Text, arguments, argument),
            Fixable.RemoveLayer => TextEdits.RemoveAttribute(site.Text, attribute),
            _ => [],
        };
        return new(title, changes.Length > 0 ? changes : [Identity(argument.Expression)]);
    }

    private static TextChange Identity(ExpressionSyntax activation) => activation is MemberAccessExpressionSyntax { Name: var name }
        ? new(name.Span, "Identity")
        : new(activation.Span, "global::NetGen.Activation.Identity");
}
