namespace NetGen;

/// <summary>Turns CSV records into a data set.</summary>
internal sealed class CsvDatasetReader
{
    private const int CharactersPerElement = 64;

    private readonly CsvOptions _options;
    private readonly Parts _parts;
    private readonly CsvRecordReader _records;
    private readonly CsvNumbers _numbers;
    private readonly CsvLabels _labels;
    private readonly List<float> _features = [];
    private readonly List<float> _targets = [];
    private int[] _featureColumns = [];
    private int[] _targetColumns = [];
    private int? _labelColumn;
    private int _columns;
    private int _rows;
    private long _elements;

    [Flags]
    private enum Parts
    {
        Features = 1,
        Answers = 2,
    }

    private CsvDatasetReader(TextReader text, CsvOptions options, string? file, Parts parts)
    {
        options.Validate();
        _options = options;
        _parts = parts;
        _records = new(text, options.Separator, (long)options.MaxElements * CharactersPerElement, file);
        _numbers = new(options.DecimalComma);
        _labels = new(_records, _numbers, options.ClassNames, options.FirstLabel);
    }

    public static Dataset Read(Stream stream, CsvOptions options, string? file)
    {
        CsvDatasetReader reader = ReadParts(stream, options, file, Parts.Features | Parts.Answers);
        return Join(reader, reader);
    }

    public static Dataset Read(TextReader text, CsvOptions options, string? file)
    {
        var reader = new CsvDatasetReader(text, options, file, Parts.Features | Parts.Answers);
        reader.Read();
        return Join(reader, reader);
    }

    /// <summary>Reads features from one file and labels or targets from another.</summary>
    public static Dataset Read(
        Stream features, CsvOptions featureOptions, string? featureFile, Stream answers, CsvOptions answerOptions, string? answerFile)
    {
        if (featureOptions.Label is not null || featureOptions.Targets is { Count: > 0 })
        {
            throw new ArgumentException(
                "The first file has features alone: choose the label or the targets in the options of the second.", nameof(featureOptions));
        }

        if (answerOptions.Targets is { Count: 0 })
            throw new ArgumentException("The second file has neither label nor targets to read.", nameof(answerOptions));
        if (featureOptions.Missing == MissingValues.SkipRow || answerOptions.Missing == MissingValues.SkipRow)
        {
            throw new ArgumentException(
                $"Rows of two files belong together by their number, so {nameof(MissingValues)}.{nameof(MissingValues.SkipRow)} is for single files.",
                nameof(featureOptions));
        }

        CsvDatasetReader first = ReadParts(features, featureOptions, featureFile, Parts.Features);
        CsvDatasetReader second = ReadParts(answers, answerOptions, answerFile, Parts.Answers);
        if (first._rows != second._rows)
        {
            throw second._records.ErrorAt(
                null,
                $"There are {second._rows} rows for {first._rows} rows of features. Do the two files belong together? "
                + $"Where one has a header, set {nameof(CsvOptions)}.{nameof(CsvOptions.Header)}.");
        }

        return Join(first, second);
    }

    private static CsvDatasetReader ReadParts(Stream stream, CsvOptions options, string? file, Parts parts)
    {
        using DataStream content = DataStream.Open(stream, file);
        using var text = new EncodedTextReader(content, options.Encoding);
        var reader = new CsvDatasetReader(text, options, file, parts);
        reader.Read();
        return reader;
    }

    private static Dataset Join(CsvDatasetReader first, CsvDatasetReader second)
    {
        float[] features = [.. first._features];
        if (first._options.Missing == MissingValues.Mean)
            first.FillWithMeans(features);
        if (second._labelColumn is null)
            return new Dataset(features, first._featureColumns.Length, [.. second._targets], second._targetColumns.Length);
        (int[] labels, int classCount, IReadOnlyList<string> classNames) = second._labels.Resolve();
        return new Dataset(features, first._featureColumns.Length, labels, classCount, classNames);
    }

    private void Read()
    {
        if (_options.SkipLines == 0)
            _records.ReadSeparatorLine();
        for (int line = 0; line < _options.SkipLines; line++)
            _records.SkipLine();
        if (!_records.Read())
            throw _records.Error("There is no data here. Is the file empty, or are too many lines skipped?");

        ChooseColumns();
        bool? isHeader = IsHeader();
        CsvHeaderGuess? guess = isHeader is null ? new(_records, _numbers, _featureColumns, _labelColumn) : null;
        _labels.IsFirstOpen = guess is not null;
        if (isHeader != true)
            CheckRow();
        if (isHeader == false)
            AddRow();
        while (_records.Read())
        {
            CheckRow();
            guess?.Look();
            AddRow();
        }

        if (guess is not null && !guess.IsHeader(_labels))
            AddFirstRow(guess.First);
        if (_rows == 0)
            throw _records.Error("There is no row of data" + (_options.Missing == MissingValues.SkipRow ? " without missing values." : "."));
    }

    private void ChooseColumns()
    {
        _columns = _records.FieldCount;
        bool[] taken = new bool[_columns];
        if (_parts.HasFlag(Parts.Answers))
        {
            if (_options.Targets is null)
                _labelColumn = Find(_options.Label ?? ^1, taken);
            _targetColumns = [.. (_options.Targets ?? []).Select(column => Find(column, taken))];
        }

        foreach (CsvColumn column in _options.Ignore)
            Find(column, taken);
        if (!_parts.HasFlag(Parts.Features))
            return;
        _featureColumns = [.. Enumerable.Range(0, _columns).Where(column => !taken[column])];
        if (_featureColumns.Length == 0)
        {
            throw _records.Error(
                $"None of the {_columns} columns is left for the features. Is the separator {MessageText.Separator(_records.Separator)} right?");
        }
    }

    private int Find(CsvColumn column, bool[] taken)
    {
        int found = -1;
        for (int i = 0; i < _columns; i++)
        {
            if (column.Name is null ? i != column.Offset(_columns) : !_records[i].Trim().SequenceEqual(column.Name))
                continue;
            if (found >= 0)
                throw _records.Error($"Two columns are named {column}. Choose one by its index.", i);
            found = i;
        }

        if (found < 0)
            throw _records.Error($"There is no column {column} among the {_columns} here.");
        if (taken[found])
            throw _records.Error($"Column {column} is chosen twice in {nameof(CsvOptions)}.", found);
        taken[found] = true;
        return found;
    }

    /// <summary>Whether the first line is a header; null where the other lines decide.</summary>
    private bool? IsHeader()
    {
        if (_options.Header != CsvHeader.Auto || _options.ChoosesByName)
            return _options.Header != CsvHeader.Absent;
        bool hasText = HasText(_featureColumns), hasTargetText = HasText(_targetColumns);
        if (!_featureColumns.Concat(_targetColumns).Any(column => _numbers.IsLikeNumber(Field(column)) && !CsvNumbers.IsMissing(Field(column))))
            return hasText || hasTargetText ? true : null;
        return hasText ? false : null;

        bool HasText(int[] columns) =>
            columns.Any(column => !_numbers.IsLikeNumber(Field(column)) && !CsvNumbers.IsMissing(Field(column)));
    }

    private ReadOnlySpan<char> Field(int column) => _records[column].Trim();

    private void CheckRow()
    {
        if (_records.FieldCount != _columns)
        {
            throw _records.Error(
                $"This row has {_records.FieldCount} fields, but the first one has {_columns}. "
                + $"Quote fields that contain the separator {MessageText.Separator(_records.Separator)}.");
        }

        _elements += _columns;
        if (_elements > _options.MaxElements)
        {
            throw _records.Error(
                $"There are more than {_options.MaxElements} fields. Raise {nameof(CsvOptions)}.{nameof(CsvOptions.MaxElements)} if this is meant.");
        }
    }

    private void AddRow()
    {
        bool isComplete = ReadNumbers(_featureColumns, _features, _options.Missing == MissingValues.Mean);
        isComplete = ReadNumbers(_targetColumns, _targets, mayBeMissing: false) && isComplete;
        ReadOnlySpan<char> label = _labelColumn is int column ? Field(column) : "";
        if (_labelColumn is not null && label.IsEmpty)
            isComplete = Missing(_labelColumn.Value);

        if (!isComplete)
        {
            _features.RemoveRange(_rows * _featureColumns.Length, _features.Count - _rows * _featureColumns.Length);
            _targets.RemoveRange(_rows * _targetColumns.Length, _targets.Count - _rows * _targetColumns.Length);
            return;
        }

        // Only now, so that a row left out adds no class.
        if (_labelColumn is not null)
            _labels.Add(label, _labelColumn.Value);
        _rows++;
    }

    /// <summary>Adds the row of the first line before those of all others.</summary>
    private void AddFirstRow(CsvRecord first)
    {
        int rows = _rows;
        _labels.IsFirstOpen = false;
        _records.Restore(first);
        AddRow();
        if (_rows == rows)
            return;
        MoveLastToFront(_features, _featureColumns.Length);
        MoveLastToFront(_targets, _targetColumns.Length);
        if (_labelColumn is not null)
            _labels.MoveLastToFront();
    }

    private static void MoveLastToFront(List<float> values, int width)
    {
        List<float> row = values.GetRange(values.Count - width, width);
        values.RemoveRange(values.Count - width, width);
        values.InsertRange(0, row);
    }

    private bool ReadNumbers(int[] columns, List<float> values, bool mayBeMissing)
    {
        bool isComplete = true;
        foreach (int column in columns)
        {
            ReadOnlySpan<char> field = Field(column);
            if (!_numbers.TryParse(field, out float value))
            {
                value = CsvNumbers.IsMissing(field)
                    ? float.NaN
                    : throw _records.Error($"{MessageText.Excerpt(field)} is not a number. {_numbers.Remedy(field, _records.Separator)}", column);
            }

            if (float.IsInfinity(value))
                throw _records.Error($"{MessageText.Excerpt(field)} is infinite or beyond the range of a 32-bit float.", column);
            if (float.IsNaN(value) && !mayBeMissing)
                isComplete = Missing(column);
            values.Add(value);
        }

        return isComplete;
    }

    private bool Missing(int column) =>
        _options.Missing == MissingValues.SkipRow
            ? false
            : throw _records.Error($"The value is missing. Set {nameof(CsvOptions)}.{nameof(CsvOptions.Missing)} to leave out such rows or to fill in features.", column);

    private void FillWithMeans(float[] features)
    {
        int width = _featureColumns.Length;
        for (int column = 0; column < width; column++)
        {
            double sum = 0;
            int count = 0;
            for (int i = column; i < features.Length; i += width)
            {
                if (float.IsNaN(features[i]))
                    continue;
                sum += features[i];
                count++;
            }

            if (count == 0)
                throw _records.ErrorAt(null, "Every value of this column is missing, so there is no mean to fill in. Leave the column out.", _featureColumns[column]);
            if (count == _rows)
                continue;
            for (int i = column; i < features.Length; i += width)
            {
                if (float.IsNaN(features[i]))
                    features[i] = (float)(sum / count);
            }
        }
    }
}
