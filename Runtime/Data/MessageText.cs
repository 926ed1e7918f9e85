using System.Text;

namespace NetGen;

/// <summary>
/// Text from a file or of its name on its way into a message, which may end up on a terminal: short, and without characters
/// that steer it.
/// </summary>
internal static class MessageText
{
    private const int MaxExcerptLength = 40;
    private const int MaxFileNameLength = 260;

    /// <summary>The text in quotes, or its start.</summary>
    public static string Excerpt(ReadOnlySpan<char> text) =>
        text.Length <= MaxExcerptLength ? $"'{Clean(text)}'" : $"'{Clean(text[..MaxExcerptLength])}...'";

    /// <summary>The path, or its end, which tells more than its start.</summary>
    public static string FileName(string path) =>
        path.Length <= MaxFileNameLength ? Clean(path) : "..." + Clean(path.AsSpan(path.Length - MaxFileNameLength));

    /// <summary>The separator by name or in quotes.</summary>
    public static string Separator(char separator) => separator switch
    {
        '\t' => "tab",
        ' ' => "blank",
        _ => Excerpt([separator]),
    };

    private static string Clean(ReadOnlySpan<char> text)
    {
        var clean = new StringBuilder(text.Length);
        // Half a surrogate pair comes as the replacement character.
        foreach (Rune rune in text.EnumerateRunes())
            clean.Append(FileText.Steers(rune) ? " " : rune.ToString());
        return clean.ToString();
    }
}
