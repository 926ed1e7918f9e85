using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetGen.Generator.Diagnostics;

namespace NetGen.Generator.Parsing;

/// <summary>Finds where attributes and their arguments are written.</summary>
internal static class AttributePlaces
{
    /// <summary>The place of an attribute and of its arguments, under the names that shape rules use.</summary>
    public static AttributePlace Of(AttributeData attribute)
    {
        AttributeSyntax? syntax = attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax;
        List<ArgumentPlace> places = [];
        int position = 0;
        foreach (AttributeArgumentSyntax argument in syntax?.ArgumentList?.Arguments ?? default)
        {
            if (argument.NameEquals is { } property)
            {
                string name = property.Name.Identifier.ValueText;
                places.Add(new(name, argument.Span));
                // The elements of an array that is written out; of one written elsewhere the argument is the place.
                if (ElementsOf(argument) is { } elements)
                    places.AddRange(elements.Select((element, index) => new ArgumentPlace(name + Text(index), element.Span)));
            }
            else if (ParameterOf(attribute, argument, position++) is { } parameter)
            {
                string name = char.ToUpperInvariant(parameter.Name[0]) + parameter.Name.Substring(1);
                if (parameter.IsParams)
                    places.AddRange((ElementsOf(argument) ?? [argument]).Select((item, k) => new ArgumentPlace(name + Text(position - 1 + k), item.Span)));
                else
                    places.Add(new(name, argument.Span));
            }
        }

        return new(syntax?.Span ?? default, new(places));
    }

    private static IParameterSymbol? ParameterOf(AttributeData attribute, AttributeArgumentSyntax argument, int position) =>
        attribute.AttributeConstructor is not { Parameters: { Length: > 0 } parameters } ? null
        : argument.NameColon is { } named ? parameters.FirstOrDefault(parameter => parameter.Name == named.Name.Identifier.ValueText)
        : parameters[Math.Min(position, parameters.Length - 1)];

    private static IEnumerable<SyntaxNode>? ElementsOf(AttributeArgumentSyntax argument) => argument.Expression switch
    {
        ArrayCreationExpressionSyntax { Initializer: { } elements } => elements.Expressions,
        ImplicitArrayCreationExpressionSyntax { Initializer: { } elements } => elements.Expressions,
        CollectionExpressionSyntax { Elements: { } elements } => elements,
        _ => null,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
