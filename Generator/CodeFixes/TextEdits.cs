using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace NetGen.CodeFixes;

/// <summary>Removing and inserting such that what remains looks as if it had been written so. Comments always remain.</summary>
internal static class TextEdits
{
    public static TextChange Insert(int position, string inserted) => new(new(position, 0), inserted);

    /// <summary>
    /// Removes an attribute, with its brackets if it stands there alone and with its line if that is empty then. Nothing where a comment stands inside.
    /// </summary>
    public static TextChange[] RemoveAttribute(SourceText text, AttributeSyntax attribute) => attribute.Parent is AttributeListSyntax list
        ? list.Attributes.Count > 1 ? RemoveElement(text, list.Attributes, attribute)
        : HasComment(list) ? [] : [RemovePiece(text, list.Span)]
        : [];

    /// <summary>Removes an element of a list of several with one of the commas beside it. Nothing where a comment stands inside.</summary>
    public static TextChange[] RemoveElement<T>(SourceText text, SeparatedSyntaxList<T> list, T element)
        where T : SyntaxNode
    {
        if (HasComment(element))
            return [];
        int index = list.IndexOf(element);
        if (index > 0 && IsBlank(text, list.GetSeparator(index - 1).Span.End, element.SpanStart))
            return [Remove(list.GetSeparator(index - 1).SpanStart, element.Span.End)];
        bool isLast = index == list.Count - 1;
        if (!isLast && IsBlank(text, element.Span.End, list.GetSeparator(index).SpanStart) && IsBlank(text, list.GetSeparator(index).Span.End, list[index + 1].SpanStart))
            return [Remove(element.SpanStart, list[index + 1].SpanStart)];

        // A comment stands on the way to the comma, and remains on its line.
        TextSpan comma = list.GetSeparator(isLast ? index - 1 : index).Span;
        int start = SkipSpacesBack(text, element.SpanStart), end = SkipSpaces(text, element.Span.End);
        return isLast ? [Remove(comma.Start, comma.End), Remove(IsLineBreak(text[start - 1]) ? element.SpanStart : start, element.Span.End)]
            : end == comma.Start ? [Remove(element.SpanStart, SkipSpaces(text, comma.End))]
            : [Remove(element.SpanStart, end), Remove(comma.Start, comma.End)];
    }

    /// <summary>Where something before a position is written: on a line of its own if what starts there starts its line.</summary>
    public static string Separator(SourceText text, int position)
    {
        TextLine line = text.Lines.GetLineFromPosition(position);
        if (!IsBlank(text, line.Start, position))
            return " ";
        string lineBreak = text.ToString(TextSpan.FromBounds(line.End, line.EndIncludingLineBreak));
        return (lineBreak.Length > 0 ? lineBreak : "\n") + text.ToString(TextSpan.FromBounds(line.Start, position));
    }

    private static TextChange RemovePiece(SourceText text, TextSpan span)
    {
        TextLine first = text.Lines.GetLineFromPosition(span.Start), last = text.Lines.GetLineFromPosition(span.End);
        int before = SkipSpacesBack(text, span.Start), after = SkipSpaces(text, span.End);
        return before > first.Start ? Remove(before, span.End)
            : after < last.End ? Remove(span.Start, after)
            : Remove(first.Start, last.EndIncludingLineBreak);
    }

    private static bool HasComment(SyntaxNode node) => node.DescendantTrivia().Any(trivia =>
        node.Span.Contains(trivia.Span) && (trivia.IsDirective || trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia)));

    private static TextChange Remove(int start, int end) => new(TextSpan.FromBounds(start, end), "");

    private static int SkipSpaces(SourceText text, int position)
    {
        while (position < text.Length && text[position] is ' ' or '\t')
            position++;
        return position;
    }

    private static int SkipSpacesBack(SourceText text, int position)
    {
        while (position > 0 && text[position - 1] is ' ' or '\t')
            position--;
        return position;
    }

    private static bool IsBlank(SourceText text, int start, int end) => string.IsNullOrWhiteSpace(text.ToString(TextSpan.FromBounds(start, end)));

    private static bool IsLineBreak(char character) => character is '\n' or '\r';
}
