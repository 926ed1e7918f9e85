namespace NetGen;

/// <summary>Collects the label of each row as text and turns them into class indexes once all are known.</summary>
internal sealed class CsvLabels(CsvRecordReader records, CsvNumbers numbers, IReadOnlyList<string>? classNames, int? firstLabel)
{
    private const int MaxLength = 256;

    private readonly List<int> _rows = [];
    private readonly List<(string Text, long Line)> _distinct = [];
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> _names = classNames ?? [];

    /// <summary>Whether the label of the first line may come last, so that a place is kept for it.</summary>
    public bool IsFirstOpen { get; set; }

    /// <summary>Whether a label occurs in more than one row.</summary>
    public bool HasRepeated => _rows.Count > _distinct.Count;

    /// <summary>Whether a label is of a row added, or the name of a class.</summary>
    public bool IsKnown(string label) => _positions.ContainsKey(label) || _names.Contains(label);

    /// <summary>Adds the label of the current record.</summary>
    public void Add(ReadOnlySpan<char> text, int column)
    {
        var positions = _positions.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!positions.TryGetValue(text, out int position))
        {
            position = _distinct.Count;
            if (position == Dataset.MaxClassesInFile - (IsFirstOpen ? 1 : 0) || text.Length > MaxLength)
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

    /// <summary>Moves the label added last before all others.</summary>
    public void MoveLastToFront()
    {
        int position = _rows[^1];
        _rows.RemoveAt(_rows.Count - 1);
        _rows.Insert(0, position);
    }

    /// <summary>The class index of each row, and the names of the classes where there are any.</summary>
    public (int[] Labels, int ClassCount, IReadOnlyList<string> Names) Resolve()
    {
        IReadOnlyList<string> names = _names;
        int[]? indexes = names.Count > 0 ? AsNames(names) : null;
        if (indexes is null)
        {
            indexes = AsIndexes(names.Count > 0 ? names.Count : Dataset.MaxClassesInFile);
            if (indexes is not null && names.Count == 0 && firstLabel is null && DoStartAt1(indexes))
            {
                const string Option = $"{nameof(CsvOptions)}.{nameof(CsvOptions.FirstLabel)}";
                throw records.ErrorAt(null, $"Class 0 is empty: do labels start at 1? Set {Option} to 1, or to 0 if they do not.");
            }
        }

        if (indexes is null && names.Count == 0 && firstLabel is null)
        {
            names = [.. _positions.Keys.Order(StringComparer.Ordinal)];
            indexes = AsNames(names);
        }

        if (indexes is null)
            throw NotAClass();
        int[] labels = [.. _rows.Select(position => indexes[position])];
        return (labels, names.Count > 0 ? names.Count : indexes.Max() + 1, names);
    }

    /// <summary>Whether the indexes are all from 1 to some number above.</summary>
    public static bool DoStartAt1(int[] indexes)
    {
        bool[] occurs = new bool[indexes.Max() + 1];
        foreach (int index in indexes)
            occurs[index] = true;
        return occurs.Length > 2 && occurs.AsSpan().IndexOf(true) == 1 && !occurs.AsSpan(1).Contains(false);
    }

    /// <summary>The index of each different label, or null where one is not an integer in [first label, first label + limit).</summary>
    private int[]? AsIndexes(int limit)
    {
        int[] indexes = new int[_distinct.Count];
        for (int i = 0; i < indexes.Length; i++)
        {
            if (!IsIndex(_distinct[i].Text, limit, out indexes[i]))
                return null;
        }

        return indexes;
    }

    private bool IsIndex(string label, int limit, out int index)
    {
        double value = numbers.TryParseInteger(label, out double number) ? number - (firstLabel ?? 0) : -1;
        bool isIndex = value >= 0 && value < limit;
        index = isIndex ? (int)value : -1;
        return isIndex;
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

    private DataFormatException NotAClass()
    {
        if (_names.Count == 0)
        {
            (string text, long line) = _distinct.Where(label => !IsIndex(label.Text, Dataset.MaxClassesInFile, out _)).MinBy(label => label.Line);
            return records.ErrorAt(
                line,
                $"The label {MessageText.Excerpt(text)} is not an integer in [{firstLabel}, {firstLabel + (long)Dataset.MaxClassesInFile - 1}], "
                + $"as {nameof(CsvOptions)}.{nameof(CsvOptions.FirstLabel)} says.");
        }

        HashSet<string> known = [.. _names];
        (string unknown, long place) = _distinct.Where(label => !known.Contains(label.Text)).MinBy(label => label.Line);
        return records.ErrorAt(
            place,
            $"The label {MessageText.Excerpt(unknown)} is not one of the {_names.Count} {nameof(CsvOptions)}.{nameof(CsvOptions.ClassNames)}, "
            + $"nor are all labels their indexes from {firstLabel ?? 0} on ({nameof(CsvOptions)}.{nameof(CsvOptions.FirstLabel)}).");
    }
}
