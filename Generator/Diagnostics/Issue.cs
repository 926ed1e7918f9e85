using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using NetGen.Generator.Model;

namespace NetGen.Generator.Diagnostics;

/// <summary>Something wrong with a network, at a place named rather than located: shape rules need no syntax.</summary>
/// <param name="Rule">The broken rule.</param>
/// <param name="Layer">The layer's number, or -1 for the network itself.</param>
/// <param name="Argument">The argument at fault, or null for the whole attribute.</param>
/// <param name="Details">What the rule's message says, in its order.</param>
/// <param name="Fix">What its code fix has to know, as <see cref="Fixable"/> tells; null where there is no fix.</param>
internal sealed record Issue(DiagnosticDescriptor Rule, int Layer, string? Argument, EquatableArray<string> Details, string? Fix = null)
{
    public static Issue Of(DiagnosticDescriptor rule, int layer, string? argument, params string[] details) =>
        new(rule, layer, argument, new(details));
}

/// <summary>
/// Where the attributes of a network stand in the source. Kept apart from <see cref="NetworkSpec"/>: when code above a class
/// moves it, places change and the network does not.
/// </summary>
internal sealed record SourcePlaces(SyntaxTree Tree, TextSpan Class, AttributePlace Network, EquatableArray<AttributePlace> Layers)
{
    public TextSpan Find(Issue issue)
    {
        AttributePlace attribute = issue.Layer >= 0 && issue.Layer < Layers.Count ? Layers[issue.Layer] : Network;
        foreach (ArgumentPlace argument in attribute.Arguments)
        {
            if (argument.Name == issue.Argument)
                return argument.Span;
        }

        return attribute.Span;
    }
}

/// <summary>Where an attribute and its arguments stand.</summary>
internal sealed record AttributePlace(TextSpan Span, EquatableArray<ArgumentPlace> Arguments);

/// <summary>Where an argument stands.</summary>
internal sealed record ArgumentPlace(string Name, TextSpan Span);

/// <summary>A diagnostic ready to be reported; holds the tree so that <c>#pragma</c> and editors see the original place.</summary>
internal sealed record LocatedIssue(DiagnosticDescriptor Rule, SyntaxTree Tree, TextSpan Span, EquatableArray<string> Details, string? Fix = null)
{
    public Diagnostic ToDiagnostic()
    {
        ImmutableDictionary<string, string?> properties = ImmutableDictionary<string, string?>.Empty;
        if (Fix is not null)
            properties = properties.Add(Fixable.Property, Fix);
        return Diagnostic.Create(Rule, Location.Create(Tree, Span), properties, [.. Details]);
    }
}
