using System.Globalization;
using System.Text;

namespace NetGen;

/// <summary>Text from a file on its way into a message, which may end up on a terminal or in a log.</summary>
internal static class FileText
{
    private const int MaxCharacters = 256;

    /// <summary>
    /// The text with a question mark in place of everything that steers a terminal or hides text: control characters, line and paragraph separators,
    /// directional overrides and other invisible formatting, half surrogate pairs. It ends after 256 characters.
    /// </summary>
    public static string Clean(string text)
    {
        StringBuilder clean = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (clean.Length >= MaxCharacters)
                return clean.Append("...").ToString();
            bool isHarmless = !Steers(rune) && rune != Rune.ReplacementChar
                && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
            clean.Append(isHarmless ? rune.ToString() : "?");
        }

        return clean.ToString();
    }

    /// <summary>Whether a character steers a terminal, turns the direction of text, or hides in it.</summary>
    public static bool Steers(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
