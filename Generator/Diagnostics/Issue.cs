using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using NetGen.Generator.Model;

namespace NetGen.Generator.Diagnostics;

/// <summary>Something wrong with a network, at a place named rather than located: shape rules need no syntax.</summary>
/// <param name="Rule">The broken rule.</param>
/// <param name="Layer">The layer's number, or -1 for the network itself.</param>
/// <param name="Argument">The argument at fault, or null for the whole attribute; an element of an array has its number behind the name.</param>
/// <param name="Details">What the rule's message says, in its order.</param>
/// <param name="Fix">What its code fix has to know, as <see cref="Fixable"/> tells; null where there is no fix.</param>
internal sealed record Issue(DiagnosticDescriptor Rule, int Layer, string? Argument, EquatableArray<string> Details, string? Fix = null)
{
    /// <summary>The number of the attribute in a block's class that is at fault; null where it is one of the network's own.</summary>
    public int? Inner { get; init; }

    /// <summary>The rule's identifier and what it says.</summary>
    public string Message => LocatedIssue.MessageOf(Rule, Details);

    public bool IsError => Rule.DefaultSeverity == DiagnosticSeverity.Error;

    public static Issue Of(DiagnosticDescriptor rule, int layer, string? argument, params string[] details) =>
        new(rule, layer, argument, new(details));
}

/// <summary>
/// Where the attributes of a network stand in the source. Kept apart from <see cref="NetworkSpec"/>: when code above a class
/// moves it, places change and the network does not.
/// </summary>
/// <param name="Tree">The file of the class.</param>
/// <param name="Class">Its name.</param>
/// <param name="Network">The attribute that makes it a network.</param>
/// <param name="Layers">The attributes of its layers.</param>
/// <param name="Inner">The attributes of the classes of blocks.</param>
internal sealed record SourcePlaces(
    SyntaxTree Tree, TextSpan Class, AttributePlace Network, EquatableArray<AttributePlace> Layers, EquatableArray<InnerPlace> Inner)
{
    /// <summary>Where an issue is underlined: at an attribute of the network.</summary>
    public TextSpan Find(Issue issue) => (issue.Layer >= 0 && issue.Layer < Layers.Count ? Layers[issue.Layer] : Network).Find(issue.Argument);

    /// <summary>An issue with its places.</summary>
    public LocatedIssue Locate(Issue issue)
    {
        LocatedIssue located = new(issue.Rule, Tree, Find(issue), issue.Details, issue.Fix);
        return issue.Inner is { } inner && inner < Inner.Count && Inner[inner] is { Tree: { } tree, Attribute: var attribute }
            ? located with { InnerTree = tree, InnerSpan = attribute.Find(issue.Argument) }
            : located;
    }
}

/// <summary>Where an attribute of a block's class stands; no file has it where the class is in another assembly.</summary>
internal sealed record InnerPlace(SyntaxTree? Tree, AttributePlace Attribute);

/// <summary>Where an attribute and its arguments stand.</summary>
internal sealed record AttributePlace(TextSpan Span, EquatableArray<ArgumentPlace> Arguments)
{
    /// <summary>The place of an argument, or of an element of one; the attribute's where it is not written.</summary>
    public TextSpan Find(string? argument)
    {
        string? whole = argument?.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        foreach (string? name in (string?[])[argument, whole])
        {
            foreach (ArgumentPlace place in Arguments)
            {
                if (place.Name == name)
                    return place.Span;
            }
        }

        return Span;
    }
}

/// <summary>Where an argument stands.</summary>
internal sealed record ArgumentPlace(string Name, TextSpan Span);

/// <summary>A diagnostic ready to be reported; holds the tree so that <c>#pragma</c> and editors see the original place.</summary>
internal sealed record LocatedIssue(DiagnosticDescriptor Rule, SyntaxTree Tree, TextSpan Span, EquatableArray<string> Details, string? Fix = null)
{
    /// <summary>The file of the block's class that is at fault; null where none is.</summary>
    public SyntaxTree? InnerTree { get; init; }

    /// <summary>The place there.</summary>
    public TextSpan InnerSpan { get; init; }

    /// <summary>The rule's identifier and what it says.</summary>
    public string Message => MessageOf(Rule, Details);

    public static string MessageOf(DiagnosticDescriptor rule, EquatableArray<string> details) =>
        $"{rule.Id}: {string.Format(CultureInfo.InvariantCulture, rule.MessageFormat.ToString(CultureInfo.InvariantCulture), [.. details])}";

    public Diagnostic ToDiagnostic()
    {
        ImmutableDictionary<string, string?> properties = ImmutableDictionary<string, string?>.Empty;
        if (Fix is not null)
            properties = properties.Add(Fixable.Property, Fix);
        Location[] inner = InnerTree is null ? [] : [Location.Create(InnerTree, InnerSpan)];
        return Diagnostic.Create(Rule, Location.Create(Tree, Span), inner, properties, [.. Details]);
    }
}
