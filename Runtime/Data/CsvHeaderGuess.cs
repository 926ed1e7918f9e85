namespace NetGen;

/// <summary>Finds out by the rows below whether a first line that has numbers for features is a header: see <see cref="CsvHeader.Auto"/>.</summary>
internal sealed class CsvHeaderGuess
{
    // Two numbers always have equal steps.
    private const int MinSteps = 2;

    private readonly CsvRecordReader _records;
    private readonly CsvNumbers _numbers;
    private readonly int[] _numberColumns;
    private readonly int? _labelColumn;
    private readonly bool[] _mayBeName;
    private readonly bool[] _hasNumber;
    private readonly string? _label;
    private readonly bool _isInSteps;
    private bool _isOtherInSteps;
    private bool _hasOther;

    /// <summary>Looks at the first line, the reader's current record.</summary>
    /// <param name="records">The reader.</param>
    /// <param name="numbers">How numbers are written.</param>
    /// <param name="featureColumns">Names of these would have been seen without the other rows.</param>
    /// <param name="labelColumn">The column of labels, or null.</param>
    public CsvHeaderGuess(CsvRecordReader records, CsvNumbers numbers, int[] featureColumns, int? labelColumn)
    {
        _records = records;
        _numbers = numbers;
        _labelColumn = labelColumn;
        First = records.Copy();
        _mayBeName = new bool[records.FieldCount];
        _hasNumber = new bool[records.FieldCount];
        List<int> numberColumns = [];
        for (int column = 0; column < records.FieldCount; column++)
        {
            ReadOnlySpan<char> field = records[column].Trim();
            if (numbers.TryParse(field, out double _) && !CsvNumbers.IsMissing(field))
                numberColumns.Add(column);
            else
                _mayBeName[column] = IsName(field) && !featureColumns.Contains(column);
        }

        _numberColumns = [.. numberColumns];
        _isInSteps = IsInSteps();
        if (labelColumn is int label && !numberColumns.Contains(label))
            _label = records[label].Trim().ToString();
    }

    /// <summary>The first line.</summary>
    public CsvRecord First { get; }

    /// <summary>Looks at another line, the reader's current record.</summary>
    public void Look()
    {
        _hasOther = true;
        for (int column = 0; column < _mayBeName.Length; column++)
        {
            if (!_mayBeName[column])
                continue;
            ReadOnlySpan<char> field = _records[column].Trim();
            if (_numbers.IsLikeNumber(field))
                _hasNumber[column] = true;
            else if (!CsvNumbers.IsMissing(field))
                _mayBeName[column] = false;
        }

        if (_isInSteps && !_isOtherInSteps)
            _isOtherInSteps = IsInSteps();
    }

    /// <summary>Whether the first line is a header, once all others are seen and their labels added.</summary>
    /// <exception cref="DataFormatException">It may be either.</exception>
    public bool IsHeader(CsvLabels labels)
    {
        if (!_hasOther || (_label is not null && labels.IsKnown(_label)))
            return false;
        for (int column = 0; column < _mayBeName.Length; column++)
        {
            if (_mayBeName[column] && _hasNumber[column])
                return true;
        }

        bool isInSteps = _isInSteps && !_isOtherInSteps;
        if (string.IsNullOrEmpty(_label))
            return isInSteps ? throw Ambiguous("its numbers go in equal steps, as in no other row", null) : false;
        if (labels.HasRepeated)
            return isInSteps ? true : throw Ambiguous($"the label {MessageText.Excerpt(_label)} is in no other row", _labelColumn);
        // Where no label repeats, the file is small, and ramps below tell little.
        return _isInSteps ? throw Ambiguous("its numbers go in equal steps, and no label occurs twice", _labelColumn) : false;
    }

    private static bool IsName(ReadOnlySpan<char> field) =>
        field.Length > 0 && (char.IsLetter(field[0]) || field[0] == '_') && !CsvNumbers.IsMissing(field);

    /// <summary>Whether the record's numbers go in equal steps other than 0, in the columns in which those of the first line do.</summary>
    private bool IsInSteps()
    {
        double last = 0, step = 0;
        for (int i = 0; i < _numberColumns.Length; i++)
        {
            if (!_numbers.TryParse(_records[_numberColumns[i]].Trim(), out double value) || !double.IsFinite(value))
                return false;
            // The step between decimals such as 0.1 and 0.2 is exact only nearly.
            if (i > 1 && Math.Abs(value - last - step) > 1e-6 * Math.Abs(step))
                return false;
            if (i == 1)
                step = value - last;
            last = value;
        }

        return step != 0 && _numberColumns.Length > MinSteps;
    }

    private DataFormatException Ambiguous(string sign, int? column) => _records.ErrorAt(
        First.Line,
        $"This line may be a header or a row: {sign}. Set {nameof(CsvOptions)}.{nameof(CsvOptions.Header)} to "
        + $"{nameof(CsvHeader)}.{nameof(CsvHeader.Present)} or {nameof(CsvHeader)}.{nameof(CsvHeader.Absent)}.",
        column);
}
