using System.Globalization;

namespace NetGen;

/// <summary>Numbers as a CSV file writes them.</summary>
internal sealed class CsvNumbers(bool decimalComma)
{
    private static readonly string[] MissingTexts = ["", "?", "NA", "N/A", "NaN", "null"];
    private static readonly char[] UsualSeparators = [';', '\t', '|', ','];
    private static readonly NumberFormatInfo Comma = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };

    private readonly NumberFormatInfo _format = decimalComma ? Comma : NumberFormatInfo.InvariantInfo;
    private readonly NumberFormatInfo _otherFormat = decimalComma ? NumberFormatInfo.InvariantInfo : Comma;

    public static bool IsMissing(ReadOnlySpan<char> field)
    {
        foreach (string text in MissingTexts)
        {
            if (field.Equals(text, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    public bool TryParse(ReadOnlySpan<char> field, out float value) => float.TryParse(field, NumberStyles.Float, _format, out value);

    public bool TryParse(ReadOnlySpan<char> field, out double value) => double.TryParse(field, NumberStyles.Float, _format, out value);

    /// <summary>Whether a field is a number, or would be one with the other decimal separator.</summary>
    public bool IsLikeNumber(ReadOnlySpan<char> field) => TryParse(field, out double _) || HasOtherFormat(field);

    /// <summary>The whole number that a field is, as <c>3</c> or <c>3.0</c>.</summary>
    public bool TryParseInteger(ReadOnlySpan<char> field, out double value) =>
        double.TryParse(field, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, _format, out value) && double.IsInteger(value);

    /// <summary>What to do about a field that is no number.</summary>
    public string Remedy(ReadOnlySpan<char> field, char separator)
    {
        if (HasOtherFormat(field))
        {
            const string Option = $"{nameof(CsvOptions)}.{nameof(CsvOptions.DecimalComma)}";
            return decimalComma
                ? $"It has a decimal point: leave out {Option}, or write all numbers with a comma."
                : $"It has a decimal comma: set {Option}.";
        }

        int other = field.IndexOfAny(UsualSeparators);
        if (other >= 0 && field[other] != separator)
            return $"If {MessageText.Separator(field[other])} separates fields, set {nameof(CsvOptions)}.{nameof(CsvOptions.Separator)}.";
        return $"If this line is not data, set {nameof(CsvOptions)}.{nameof(CsvOptions.Header)} or {nameof(CsvOptions.SkipLines)}; "
            + $"if this column is not a feature, add it to {nameof(CsvOptions.Ignore)}.";
    }

    private bool HasOtherFormat(ReadOnlySpan<char> field) => double.TryParse(field, NumberStyles.Float, _otherFormat, out _);
}
