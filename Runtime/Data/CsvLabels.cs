using System.Globalization;

namespace NetGen;

/// <summary>Collects the label of each row as text and turns them into class indexes once all are known.</summary>
internal sealed class CsvLabels(CsvRecordReader records, IReadOnlyList<string>? classNames)
{
    private const int MaxLength = 256;

    private readonly List<int> _rows = [];
    private readonly List<(string Text, long Line)> _distinct = [];
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);

    /// <summary>Adds the label of the current record.</summary>
    public void Add(ReadOnlySpan<char> text, int column)
    {
        var positions = _positions.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!positions.TryGetValue(text, out int position))
        {
            position = _distinct.Count;
            if (position == Dataset.MaxClassesInFile || text.Length > MaxLength)
            {
                throw records.Error(
                    $"A file may have {Dataset.MaxClassesInFile} different labels of up to {MaxLength} characters. " +
                    $"If this column holds values, not classes, choose it in {nameof(CsvOptions)}.{nameof(CsvOptions.Targets)}.",
                    column);
            }

            _distinct.Add((text.ToString(), records.Line));
            positions[text] = position;
        }

        _rows.Add(position);
    }

    /// <summary>The class index of each row, and the names of the classes where there are any.</summary>
    public (int[] Labels, int ClassCount, IReadOnlyList<string> Names) Resolve()
    {
        IReadOnlyList<string> names = classNames ?? [];
        int[]? indexes = names.Count > 0 ? AsNames(names) ?? AsIndexes(names.Count) : AsIndexes(Dataset.MaxClassesInFile);
        if (indexes is null && names.Count == 0)
        {
            names = [.. _positions.Keys.Order(StringComparer.Ordinal)];
            indexes = AsNames(names);
        }

        if (indexes is null)
        {
            (string text, long line) = _distinct.Find(label => !names.Contains(label.Text));
            throw records.ErrorAt(line, $"The label {MessageText.Excerpt(text)} is not one of the {names.Count} {nameof(CsvOptions)}.{nameof(CsvOptions.ClassNames)}, nor are all labels their indexes.");
        }

        int[] labels = [.. _rows.Select(position => indexes[position])];
        return (labels, names.Count > 0 ? names.Count : indexes.Max() + 1, names);
    }

    /// <summary>The index of each different label, or null where one is not an integer in [0, limit).</summary>
    private int[]? AsIndexes(int limit)
    {
        int[] indexes = new int[_distinct.Count];
        for (int i = 0; i < indexes.Length; i++)
        {
            if (!int.TryParse(_distinct[i].Text, NumberStyles.None, CultureInfo.InvariantCulture, out indexes[i]) || indexes[i] >= limit)
                return null;
        }

        return indexes;
    }

    /// <summary>The place of each different label among the names, or null where one is missing.</summary>
    private int[]? AsNames(IReadOnlyList<string> names)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
            places.TryAdd(names[i], i);
        int[] indexes = new int[_distinct.Count];
        for (int i = 0; i < indexes.Length; i++)
        {
            if (!places.TryGetValue(_distinct[i].Text, out indexes[i]))
                return null;
        }

        return indexes;
    }
}
