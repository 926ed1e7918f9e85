using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using NetGen.Generator.Diagnostics;

namespace NetGen.CodeFixes;

/// <summary>
/// Mends a message of the generator by changes of the text, which leave comments and layout alone. Editors create the fixes of a package by
/// reflection, so none is shared through System.Composition, of which each editor has another version.
/// </summary>
public abstract class NetworkCodeFix : CodeFixProvider
{
    private protected NetworkCodeFix(params string[] rules) => FixableDiagnosticIds = ImmutableArray.Create(rules);

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        Document document = context.Document;
        SourceText text = await document.GetTextAsync(context.CancellationToken).ConfigureAwait(false);
        if (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
            return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            diagnostic.Properties.TryGetValue(Fixable.Property, out string? fix);
            TextSpan span = diagnostic.Location.SourceSpan;
            SyntaxNode node = model.SyntaxTree.GetRoot(context.CancellationToken).FindNode(span, getInnermostNodeForTie: true);
            if (Find(new(model, text, node, span), diagnostic.Id, fix ?? "") is not { } repair)
                continue;
            context.RegisterCodeFix(
                CodeAction.Create(repair.Title, _ => Task.FromResult(document.WithText(text.WithChanges(repair.Changes))), GetType().Name), diagnostic);
        }
    }

    /// <summary>The repair at a place, or null where there is none.</summary>
    internal abstract Repair? Find(Site site, string rule, string fix);
}

/// <summary>Changes of a text, and what an editor calls them.</summary>
internal sealed record Repair(string Title, params TextChange[] Changes);

/// <summary>The place of a message.</summary>
internal sealed record Site(SemanticModel Model, SourceText Text, SyntaxNode Node, TextSpan Span)
{
    /// <summary>The argument at fault, or null where the message underlines something else.</summary>
    public AttributeArgumentSyntax? Argument => Node.FirstAncestorOrSelf<AttributeArgumentSyntax>(argument => argument.Span == Span);

    /// <summary>The attribute at fault or around the argument at fault.</summary>
    public AttributeSyntax? Attribute => Node.FirstAncestorOrSelf<AttributeSyntax>(attribute => attribute.Span.Contains(Span));

    /// <summary>Whether no member of the class, nor the class, has a name.</summary>
    public bool IsFree(string name) =>
        Node.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } declaration
        && Model.GetDeclaredSymbol(declaration) is { } type && type.Name != name && type.GetMembers(name).IsEmpty;
}
