using System.Globalization;

namespace NetGen;

/// <summary>
/// Prints progress: one line that is rewritten, with a bar, rate and time left, on a terminal; one line an epoch elsewhere.
/// A training that ends early says why.
/// </summary>
public sealed class ConsoleProgress : IProgress<FitProgress>
{
    private const int BarWidth = 20;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _writer;
    private readonly bool _isTerminal;
    private TimeSpan _last = -Interval;
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
        if (value.Notice is not null)
            _writer.WriteLine(value.Notice);
        bool isLast = value.IsEpochEnd || value.StoppedBy is not null;
        // A time before the last one is that of another training, which starts anew.
        if (!isLast && (!_isTerminal || (value.Elapsed - _last).Duration() < Interval))
            return;
        _last = value.Elapsed;
        string line = value.StoppedBy is not null ? StopLine(value) : value.IsEpochEnd ? EpochLine(value) : BatchLine(value);
        if (!_isTerminal)
        {
            _writer.WriteLine(line);
            return;
        }

        // Blanks wipe what a longer line before has left.
        _writer.Write($"\r{line.PadRight(_written)}");
        _written = line.Length;
        if (isLast)
        {
            _writer.WriteLine();
            _written = 0;
        }
    }

    private static string BatchLine(FitProgress value)
    {
        int filled = (int)((long)BarWidth * value.Batch / value.Batches);
        return Invariant($"{Epoch(value)} [{new string('#', filled)}{new string(' ', BarWidth - filled)}] {Time(value.Elapsed)}<{Time(value.Remaining)} {Rate(value)} loss {Evaluation.Figure(value.Loss)}");
    }

    private static string EpochLine(FitProgress value)
    {
        string validation = value.Validation is null ? "" : $"  validation {value.Validation}";
        return Invariant($"{Epoch(value)} {Time(value.Elapsed)}<{Time(value.Remaining)} {Rate(value)} loss {Evaluation.Figure(value.Loss)}{validation}");
    }

    private static string StopLine(FitProgress value) =>
        Invariant($"{Epoch(value)} stopped after batch {value.Batch}/{value.Batches}: {value.StoppedBy!.Value.InWords()}");

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
