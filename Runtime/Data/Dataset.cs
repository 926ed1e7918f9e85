using System.Numerics;
using System.Runtime.InteropServices;

namespace NetGen;

/// <summary>
/// Rows of features in memory, each with a class label, with target values, or with neither. Never changes and has at
/// least one row, so any number of threads may share it.
/// </summary>
/// <remarks>
/// Whatever a data file holds, loading it ends with a data set or a <see cref="DataFormatException"/>, in a time and memory
/// proportional to the data that is there, up to a number of elements that the caller can set. Gzip data may grow to 32 MiB, and
/// beyond that to 100 times its compressed size; a file that grows more, as one full of zeros may, must be decompressed first.
/// </remarks>
public sealed class Dataset
{
    /// <summary>The most elements a file may have unless the caller asks for more: 2^28, 1 GiB of features.</summary>
    public const int DefaultMaxElements = 1 << 28;

    /// <summary>Tables of classes squared are usual, so a file shall not make up any number of classes.</summary>
    internal const int MaxClassesInFile = 1 << 16;

    private readonly float[] _features;
    private readonly int[] _labels;
    private readonly float[] _targets;

    internal Dataset(float[] features, int inputSize, int[] labels, int classCount, IReadOnlyList<string> classNames)
        : this(features, inputSize, labels, classCount, Array.AsReadOnly([.. classNames]), [], 0)
    {
    }

    internal Dataset(float[] features, int inputSize, float[] targets, int targetSize)
        : this(features, inputSize, [], 0, [], targets, targetSize)
    {
    }

    private Dataset(
        float[] features, int inputSize, int[] labels, int classCount, IReadOnlyList<string> classNames, float[] targets, int targetSize)
    {
        _features = features;
        _labels = labels;
        _targets = targets;
        InputSize = inputSize;
        ClassCount = classCount;
        ClassNames = classNames;
        TargetSize = targetSize;
        Count = features.Length / inputSize;
    }

    /// <summary>The number of rows, at least 1.</summary>
    public int Count { get; }

    /// <summary>The features of a row, at least 1.</summary>
    public int InputSize { get; }

    /// <summary>The target values of a row, or 0.</summary>
    public int TargetSize { get; }

    /// <summary>The number of classes, or 0 without labels.</summary>
    public int ClassCount { get; }

    /// <summary>The names of the classes in the order of their indexes; empty where there are none.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>[Count, InputSize], row by row.</summary>
    public ReadOnlySpan<float> Features => _features;

    /// <summary>[Count] class indexes in [0, ClassCount); empty where there are none.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>[Count, TargetSize], row by row; empty where there are none.</summary>
    public ReadOnlySpan<float> Targets => _targets;

    private bool HasLabels => _labels.Length > 0;

    /// <summary>Makes a data set for classification. Copies what it is given.</summary>
    /// <param name="features">[rows, inputSize], row by row.</param>
    /// <param name="inputSize">The features of a row.</param>
    /// <param name="labels">[rows] class indexes from 0.</param>
    /// <param name="classCount">The number of classes; 0 takes it from the names, or else from the greatest label.</param>
    /// <param name="classNames">The names of the classes in the order of their indexes, or null.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, there is no row, or a label or a name is out of range.</exception>
    public static Dataset FromLabels(
        ReadOnlySpan<float> features, int inputSize, ReadOnlySpan<int> labels, int classCount = 0, IReadOnlyList<string>? classNames = null)
    {
        int count = CountRows(features, inputSize);
        if (labels.Length != count)
            throw new ArgumentException($"There are {labels.Length} labels for {count} rows of features.", nameof(labels));
        ArgumentOutOfRangeException.ThrowIfNegative(classCount);
        if (classCount == 0)
            classCount = classNames is { Count: > 0 } ? classNames.Count : CountClasses(labels);
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0 || labels[i] >= classCount)
                throw new ArgumentException($"Label {i} is {labels[i]}, but class indexes go from 0 to {classCount - 1}.", nameof(labels));
        }

        if (classNames is { Count: > 0 } && classNames.Count != classCount)
            throw new ArgumentException($"There are {classNames.Count} names for {classCount} classes.", nameof(classNames));
        return new Dataset(features.ToArray(), inputSize, labels.ToArray(), classCount, classNames ?? []);
    }

    /// <summary>Makes a data set for regression, or any loss on target values. Copies what it is given.</summary>
    /// <param name="features">[rows, inputSize], row by row.</param>
    /// <param name="inputSize">The features of a row.</param>
    /// <param name="targets">[rows, targetSize], row by row.</param>
    /// <param name="targetSize">The target values of a row.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or there is no row.</exception>
    public static Dataset FromTargets(ReadOnlySpan<float> features, int inputSize, ReadOnlySpan<float> targets, int targetSize)
    {
        int count = CountRows(features, inputSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetSize);
        if (targets.Length != (long)count * targetSize)
            throw new ArgumentException($"There are {targets.Length} target values for {count} rows of {targetSize}.", nameof(targets));
        return new Dataset(features.ToArray(), inputSize, targets.ToArray(), targetSize);
    }

    /// <summary>Makes a data set of features alone. Copies what it is given.</summary>
    /// <param name="features">[rows, inputSize], row by row.</param>
    /// <param name="inputSize">The features of a row.</param>
    /// <exception cref="ArgumentException">The length does not fit, or there is no row.</exception>
    public static Dataset FromFeatures(ReadOnlySpan<float> features, int inputSize)
    {
        CountRows(features, inputSize);
        return new Dataset(features.ToArray(), inputSize, [], 0);
    }

    /// <summary>
    /// Reads a CSV file (RFC 4180; UTF-8, or what its byte order mark or the options say; lines that end in LF, CRLF or CR), also
    /// compressed with gzip, whatever its name. Spaces around a field do not count; blank lines are left out.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Which columns are what; by default the last one is the class label.</param>
    /// <exception cref="DataFormatException">The file does not hold what the options say, is damaged or too large.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static Dataset LoadCsv(string path, CsvOptions? options = null)
    {
        using FileStream stream = File.OpenRead(path);
        return CsvDatasetReader.Read(stream, options ?? new(), path);
    }

    /// <summary>Reads CSV data as <see cref="LoadCsv(string, CsvOptions?)"/> does.</summary>
    /// <param name="stream">Read to its end and left open.</param>
    /// <param name="options">Which columns are what; by default the last one is the class label.</param>
    /// <exception cref="DataFormatException">The data is not what the options say, is damaged or too large.</exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static Dataset ReadCsv(Stream stream, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return CsvDatasetReader.Read(stream, options ?? new(), null);
    }

    /// <summary>Reads CSV text as <see cref="LoadCsv(string, CsvOptions?)"/> does; its encoding is the reader's.</summary>
    /// <param name="text">Read to its end and left open.</param>
    /// <param name="options">Which columns are what; by default the last one is the class label.</param>
    /// <exception cref="DataFormatException">The text is not what the options say, or too large.</exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static Dataset ReadCsv(TextReader text, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return CsvDatasetReader.Read(text, options ?? new(), null);
    }

    /// <summary>
    /// Reads two CSV files as <see cref="LoadCsv(string, CsvOptions?)"/> does: one of features, one of labels or targets for the
    /// same rows in the same order.
    /// </summary>
    /// <param name="featuresPath">The features: all columns but those ignored.</param>
    /// <param name="targetsPath">The labels, or the targets that the options choose; its other columns are left out.</param>
    /// <param name="featureOptions">How the first file is read; neither label nor targets can be chosen in it.</param>
    /// <param name="targetOptions">How the second file is read; by default the last column is the class label.</param>
    /// <exception cref="DataFormatException">A file does not hold what the options say, is damaged or too large, or the two do not fit.</exception>
    /// <exception cref="IOException">A file is not there or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="ArgumentException">The options contradict each other, or leave out rows of one file.</exception>
    public static Dataset LoadCsv(string featuresPath, string targetsPath, CsvOptions? featureOptions = null, CsvOptions? targetOptions = null)
    {
        using FileStream features = File.OpenRead(featuresPath), targets = File.OpenRead(targetsPath);
        return CsvDatasetReader.Read(features, featureOptions ?? new(), featuresPath, targets, targetOptions ?? new(), targetsPath);
    }

    /// <summary>Reads two CSV streams as <see cref="LoadCsv(string, string, CsvOptions?, CsvOptions?)"/> does.</summary>
    /// <param name="features">The features. Read to its end and left open.</param>
    /// <param name="targets">The labels or targets. Read to its end and left open.</param>
    /// <param name="featureOptions">How the first stream is read; neither label nor targets can be chosen in it.</param>
    /// <param name="targetOptions">How the second stream is read; by default the last column is the class label.</param>
    /// <exception cref="DataFormatException">A stream is not what the options say, is damaged or too large, or the two do not fit.</exception>
    /// <exception cref="ArgumentException">The options contradict each other, or leave out rows of one stream.</exception>
    public static Dataset ReadCsv(Stream features, Stream targets, CsvOptions? featureOptions = null, CsvOptions? targetOptions = null)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(targets);
        return CsvDatasetReader.Read(features, featureOptions ?? new(), null, targets, targetOptions ?? new(), null);
    }

    /// <summary>
    /// Reads a pair of IDX files, the format of MNIST, also compressed with gzip (bounded as <see cref="Dataset"/> says), whatever
    /// their names. Unsigned bytes, the type of pixels, are scaled from [0, 255] to [0, 1]; every other element type keeps its values.
    /// </summary>
    /// <param name="imagesPath">The features: the first dimension counts the rows, the others make up a row.</param>
    /// <param name="labelsPath">The class indexes: one dimension of integers in [firstLabel, firstLabel + 65535].</param>
    /// <param name="maxElements">Refuses files of more elements.</param>
    /// <param name="firstLabel">
    /// The label of class 0: 1 for labels from 1 on, as the letters of EMNIST have. By default 0, but labels that are all of
    /// 1, 2, ... and some last one are refused: they seem to start at 1.
    /// </param>
    /// <exception cref="DataFormatException">A file is not IDX, is damaged or too large, or the two do not fit.</exception>
    /// <exception cref="IOException">A file is not there or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static Dataset LoadIdx(string imagesPath, string labelsPath, int maxElements = DefaultMaxElements, int? firstLabel = null)
    {
        using FileStream images = File.OpenRead(imagesPath), labels = File.OpenRead(labelsPath);
        return IdxReader.Read(images, imagesPath, labels, labelsPath, maxElements, firstLabel);
    }

    /// <summary>Reads a pair of IDX arrays as <see cref="LoadIdx"/> does.</summary>
    /// <param name="images">The features. Read to its end and left open.</param>
    /// <param name="labels">The class indexes. Read to its end and left open.</param>
    /// <param name="maxElements">Refuses arrays of more elements.</param>
    /// <param name="firstLabel">The label of class 0; by default 0, but refused where labels seem to start at 1.</param>
    /// <exception cref="DataFormatException">A stream is not IDX, is damaged or too large, or the two do not fit.</exception>
    public static Dataset ReadIdx(Stream images, Stream labels, int maxElements = DefaultMaxElements, int? firstLabel = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        return IdxReader.Read(images, null, labels, null, maxElements, firstLabel);
    }

    /// <summary>The features of a row: [InputSize].</summary>
    /// <param name="index">The row, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<float> Row(int index) => RowOf(_features, InputSize, index);

    /// <summary>The target values of a row: [TargetSize], empty where there are none.</summary>
    /// <param name="index">The row, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<float> TargetRow(int index) => RowOf(_targets, TargetSize, index);

    /// <summary>
    /// Divides the rows at random, the same way for the same seed on every machine. Each part gets at least one row.
    /// </summary>
    /// <param name="firstShare">The share of the rows in the first part: above 0 and below 1.</param>
    /// <param name="seed">Fixes which rows go where.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
    /// <exception cref="InvalidOperationException">There is only one row.</exception>
    public (Dataset First, Dataset Second) Split(double firstShare, int seed)
    {
        if (!(firstShare is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(firstShare), firstShare, "The share must be above 0 and below 1.");
        if (Count == 1)
            throw new InvalidOperationException("One row cannot be divided.");
        return Split(Math.Clamp((int)Math.Round(firstShare * Count), 1, Count - 1), seed);
    }

    /// <summary>Divides the rows at random, the same way for the same seed on every machine.</summary>
    /// <param name="firstCount">The number of rows in the first part: at least 1 and below <see cref="Count"/>.</param>
    /// <param name="seed">Fixes which rows go where.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public (Dataset First, Dataset Second) Split(int firstCount, int seed)
    {
        if (firstCount < 1 || firstCount >= Count)
            throw new ArgumentOutOfRangeException(nameof(firstCount), firstCount, $"Each part needs at least one of the {Count} rows.");
        ReadOnlySpan<int> order = BatchOrder.Create(Count, seed);
        return (Select(order[..firstCount]), Select(order[firstCount..]));
    }

    /// <summary>All rows in a random order, the same for the same seed on every machine.</summary>
    /// <param name="seed">Fixes the order.</param>
    public Dataset Shuffle(int seed) => Select(BatchOrder.Create(Count, seed));

    /// <summary>The first rows.</summary>
    /// <param name="count">From 1 to <see cref="Count"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public Dataset Take(int count)
    {
        if (count < 1 || count > Count)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"There are {Count} rows to take, and at least 1 must be taken.");
        return new Dataset(
            _features[..(count * InputSize)], InputSize, HasLabels ? _labels[..count] : [], ClassCount, ClassNames,
            _targets[..(count * TargetSize)], TargetSize);
    }

    /// <summary>The rows of the given numbers in the given order; one may come several times.</summary>
    /// <param name="rows">Row numbers from 0, at least one.</param>
    /// <exception cref="ArgumentException">There is no row number, or one is out of range.</exception>
    public Dataset Select(ReadOnlySpan<int> rows)
    {
        if (rows.IsEmpty)
            throw new ArgumentException("A data set needs at least one row.", nameof(rows));
        float[] features = new float[checked(rows.Length * InputSize)], targets = new float[checked(rows.Length * TargetSize)];
        int[] labels = new int[HasLabels ? rows.Length : 0];
        CopyFeatures<float>(rows, features);
        CopyTargets<float>(rows, targets);
        CopyLabels(rows, labels);
        return new Dataset(features, InputSize, labels, ClassCount, ClassNames, targets, TargetSize);
    }

    /// <summary>The sizes: <c>150 rows of 4 features, 3 classes</c>.</summary>
    public override string ToString() =>
        $"{Count} rows of {InputSize} features" + (HasLabels ? $", {ClassCount} classes" : "") + (TargetSize > 0 ? $", {TargetSize} targets" : "");

    /// <summary>The same labels or targets for other features of the same rows.</summary>
    internal Dataset WithFeatures(float[] features) =>
        new(features, InputSize, _labels, ClassCount, ClassNames, _targets, TargetSize);

    /// <summary>The same features for other targets of the same rows.</summary>
    internal Dataset WithTargets(float[] targets) =>
        new(_features, InputSize, _labels, ClassCount, ClassNames, targets, TargetSize);

    /// <summary>Gathers the features of rows: [rows, InputSize]. Allocates nothing.</summary>
    internal void CopyFeatures<T>(ReadOnlySpan<int> rows, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => CopyRows(_features, InputSize, rows, destination);

    /// <summary>Gathers the target values of rows: [rows, TargetSize]. Allocates nothing.</summary>
    internal void CopyTargets<T>(ReadOnlySpan<int> rows, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => CopyRows(_targets, TargetSize, rows, destination);

    /// <summary>Gathers the labels of rows: [rows], or nothing where there are none. Allocates nothing.</summary>
    internal void CopyLabels(ReadOnlySpan<int> rows, Span<int> destination)
    {
        for (int i = 0; HasLabels && i < rows.Length; i++)
            destination[i] = _labels[rows[i]];
    }

    private static void CopyRows<T>(float[] source, int width, ReadOnlySpan<int> rows, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < rows.Length; i++)
        {
            ReadOnlySpan<float> row = RowOf(source, width, rows[i]);
            Span<T> copy = destination.Slice(i * width, width);
            if (typeof(T) == typeof(float))
            {
                row.CopyTo(MemoryMarshal.Cast<T, float>(copy));
                continue;
            }

            for (int j = 0; j < row.Length; j++)
                copy[j] = T.CreateTruncating(row[j]);
        }
    }

    // Checked in long arithmetic: a wild row number must not wrap around into the data.
    private static ReadOnlySpan<float> RowOf(float[] values, int width, int index)
    {
        if (index < 0 || (index + 1L) * width > values.Length)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {values.Length / Math.Max(width, 1)} rows.");
        return values.AsSpan(index * width, width);
    }

    private static int CountRows(ReadOnlySpan<float> features, int inputSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputSize);
        if (features.IsEmpty || features.Length % inputSize != 0)
            throw new ArgumentException($"{features.Length} features are not one or more rows of {inputSize}.", nameof(features));
        return features.Length / inputSize;
    }

    private static int CountClasses(ReadOnlySpan<int> labels)
    {
        int largest = 0;
        foreach (int label in labels)
            largest = Math.Max(largest, label);
        // int.MaxValue itself is left to the check of the labels.
        return Math.Min(largest, int.MaxValue - 1) + 1;
    }
}
