using System.Globalization;

namespace NetGen;

/// <summary>
/// Prints progress: one line that is rewritten, with a bar, rate and time left, on a terminal; one line an epoch elsewhere.
/// </summary>
public sealed class ConsoleProgress : IProgress<FitProgress>
{
    private const int BarWidth = 20;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _writer;
    private readonly bool _isTerminal;
    private TimeSpan _last = TimeSpan.MinValue;
    private int _written;

    /// <summary>Prints to the console.</summary>
    public ConsoleProgress()
        : this(Console.Out, !Console.IsOutputRedirected)
    {
    }

    /// <summary>Prints to a writer.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="isTerminal">Whether a carriage return rewrites the line.</param>
    public ConsoleProgress(TextWriter writer, bool isTerminal)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
        _isTerminal = isTerminal;
    }

    /// <inheritdoc/>
    public void Report(FitProgress value)
    {
        if (!value.IsEpochEnd && (!_isTerminal || value.Elapsed - _last < Interval))
            return;
        _last = value.Elapsed;
        string line = value.IsEpochEnd ? EpochLine(value) : BatchLine(value);
        if (!_isTerminal)
        {
            _writer.WriteLine(line);
            return;
        }

        // Blanks wipe what a longer line before has left.
        _writer.Write($"\r{line.PadRight(_written)}");
        _written = line.Length;
        if (value.IsEpochEnd)
        {
            _writer.WriteLine();
            _written = 0;
        }
    }

    private static string BatchLine(FitProgress value)
    {
        int filled = BarWidth * value.Batch / value.Batches;
        return Invariant($"{Epoch(value)} [{new string('#', filled)}{new string(' ', BarWidth - filled)}] {Time(value.Elapsed)}<{Time(value.Remaining)} {Rate(value)} loss {value.Loss:0.0000}");
    }

    private static string EpochLine(FitProgress value)
    {
        string validation = value.Validation is null ? "" : $"  validation {value.Validation}";
        return Invariant($"{Epoch(value)} {Time(value.Elapsed)}<{Time(value.Remaining)} {Rate(value)} loss {value.Loss:0.0000}{validation}");
    }

    private static string Epoch(FitProgress value) =>
        $"epoch {value.Epoch.ToString(CultureInfo.InvariantCulture).PadLeft(value.Epochs.ToString(CultureInfo.InvariantCulture).Length)}/{value.Epochs}";

    private static string Rate(FitProgress value) => value.RowsPerSecond >= 1000
        ? Invariant($"{value.RowsPerSecond / 1000:0.0}k rows/s")
        : Invariant($"{value.RowsPerSecond:0} rows/s");

    private static string Time(TimeSpan time) => time.TotalHours >= 1
        ? Invariant($"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : Invariant($"{time.Minutes}:{time.Seconds:00}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
