using System.Text;

namespace NetGen;

/// <summary>Whether the first line of a CSV file holds column names.</summary>
public enum CsvHeader
{
    /// <summary>
    /// Yes where a column is chosen by name, or where the first line has text and no number in the feature and target columns.
    /// No where it has both in the feature columns. Where all of these are numbers, as names such as <c>0,1,2,3</c>, years or
    /// wavelengths are, the other rows decide:
    /// <list type="bullet">
    /// <item>Data, where the text in the label column is a label below too, or a class name.</item>
    /// <item>A header, where another column has a name above nothing but numbers (<c>2010,2011,target</c> above
    /// <c>1.5,2.5,0</c>), or where the numbers go in equal steps as in no other row, and the label is new while others repeat.</item>
    /// <item>An error that asks for <see cref="Present"/> or <see cref="Absent"/>, where only one sign of a header is there: three
    /// numbers or more in equal steps as in no other row (or as in others, where all labels differ), or a new label while
    /// others repeat.</item>
    /// <item>Data, where nothing of this is so.</item>
    /// </list>
    /// </summary>
    Auto,

    /// <summary>The first line holds the names.</summary>
    Present,

    /// <summary>The first line is data.</summary>
    Absent,
}

/// <summary>What to do where a CSV file lacks a value.</summary>
public enum MissingValues
{
    /// <summary>Refuse the file, naming line and column.</summary>
    Error,

    /// <summary>Leave out the whole row.</summary>
    SkipRow,

    /// <summary>
    /// Put in the mean of the feature's other values in the file. A missing label or target is still an error.
    /// </summary>
    Mean,
}

/// <summary>
/// A column of a CSV file, by name (<c>"species"</c>), by index from the start, counted from 0 (<c>4</c>), or from the
/// end (<c>^1</c>): all three convert implicitly.
/// </summary>
public readonly record struct CsvColumn
{
    private readonly Index _index;

    private CsvColumn(Index index, string? name) => (_index, Name) = (index, name);

    /// <summary>The name in the header, or null where the column is chosen by index.</summary>
    public string? Name { get; }

    /// <summary>Chooses a column by its name in the header; upper and lower case differ.</summary>
    public static implicit operator CsvColumn(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new(default, name);
    }

    /// <summary>Chooses a column by its index, from the start or from the end.</summary>
    public static implicit operator CsvColumn(Index index) => new(index, null);

    /// <summary>Chooses a column by its index, from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static implicit operator CsvColumn(int index) => new(index, null);

    /// <summary>The name in quotes, shortened and without control characters, or the index.</summary>
    public override string ToString() => Name is null ? $"{_index}" : MessageText.Excerpt(Name);

    /// <summary>The place of a column chosen by index, which may be out of range.</summary>
    internal int Offset(int columns) => _index.GetOffset(columns);
}

/// <summary>
/// How a CSV file is read. The defaults suit a file of numbers with the class label in the last column, with or without
/// a header.
/// </summary>
public sealed class CsvOptions
{
    /// <summary>
    /// What separates fields. Default: a comma. A blank means any run of blanks and tabs, and those at the ends of a line do not
    /// count. Where no lines are skipped, a first line such as <c>sep=;</c>, as Excel writes it, takes precedence.
    /// </summary>
    public char Separator { get; init; } = ',';

    /// <summary>Whether numbers have a decimal comma, as in <c>5,1;3,5</c>, in place of a point. Default: no.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>
    /// The encoding of a file or stream that has no byte order mark, such as <see cref="Encoding.Latin1"/>. Bytes that are not
    /// valid in it are refused. Default: UTF-8.
    /// </summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Lines to leave out at the start, before the header, whatever they hold. Default: 0.</summary>
    public int SkipLines { get; init; }

    /// <summary>Whether there is a line of column names. Default: found out.</summary>
    public CsvHeader Header { get; init; }

    /// <summary>
    /// The column of class labels. Default: the last one, unless <see cref="Targets"/> is set.
    /// Labels that are all integers in [0, 65535], as <c>3</c> or <c>3.0</c>, are the class indexes themselves. Any others are
    /// names: sorted by ordinal comparison and numbered from 0, so that the order of the rows does not matter.
    /// </summary>
    public CsvColumn? Label { get; init; }

    /// <summary>
    /// The integer label of class 0: 1 for labels from 1 on. All labels must then be integers from this one on, or
    /// <see cref="ClassNames"/>. Default: 0, but labels that are all of 1, 2, ... and some last one are refused: they seem to start at 1.
    /// </summary>
    public int? FirstLabel { get; init; }

    /// <summary>
    /// The columns of target values, in this order, in place of a label; <c>[]</c> for neither label nor targets.
    /// </summary>
    public IReadOnlyList<CsvColumn>? Targets { get; init; }

    /// <summary>Columns to leave out, whatever they hold. The rest are features, in the order of the file.</summary>
    public IReadOnlyList<CsvColumn> Ignore { get; init; } = [];

    /// <summary>
    /// The names of the classes in the order of their indexes, so that a second file gets the numbers of the first
    /// (<see cref="Dataset.ClassNames"/>). Labels are these names or, throughout the file, their indexes.
    /// Default, and where empty: taken from the file.
    /// </summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>
    /// What to do with missing values: fields that are empty, <c>?</c>, <c>NA</c>, <c>N/A</c>, <c>NaN</c> or <c>null</c>,
    /// whatever the case; for labels, only empty ones. Default: an error.
    /// </summary>
    public MissingValues Missing { get; init; }

    /// <summary>
    /// Refuses files of more fields than this, or of more than 64 characters for each of these. Default:
    /// <see cref="Dataset.DefaultMaxElements"/>. Compressed files have a bound of their own: see <see cref="Dataset"/>.
    /// </summary>
    public int MaxElements { get; init; } = Dataset.DefaultMaxElements;

    internal void Validate()
    {
        if (!CsvRecordReader.CanSeparate(Separator))
            throw new ArgumentException("A quote or a line break cannot separate fields.", nameof(Separator));
        ArgumentOutOfRangeException.ThrowIfNegative(SkipLines);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxElements);
        if (Label is not null && Targets is not null)
            throw new ArgumentException("Either a label or targets can be chosen, not both.", nameof(Targets));
        if (Header == CsvHeader.Absent && ChoosesByName)
            throw new ArgumentException("Columns can be chosen by name only where there is a header.", nameof(Header));
    }

    internal bool ChoosesByName =>
        Label?.Name is not null || (Targets ?? []).Concat(Ignore).Any(column => column.Name is not null);
}
