using System.Globalization;
using Xunit;

namespace NetGen.Tests.TrainingLoop;

/// <summary>The lines that training prints, to the letter.</summary>
public class ConsoleProgressTests
{
    private static readonly FitProgress Start = new(
        Epoch: 2, Epochs: 10, Batch: 0, Batches: 8, Loss: 0.51236, Validation: null, TimeSpan.Zero, RowsPerSecond: 41_230, TimeSpan.FromSeconds(46.4));

    [Fact]
    public void A_file_gets_one_line_an_epoch() => Assert.Equal(
        "epoch  2/10 0:14<0:46 41.2k rows/s loss 0.5124\n"
        + "epoch  3/10 0:21<0:46 41.2k rows/s loss 0.5124  validation loss 0.2500, accuracy 0.9722\n",
        Print(
            isTerminal: false,
            At(1, 13), At(2, 13.5), At(8, 14) with { IsEpochEnd = true }, At(1, 15) with { Epoch = 3 },
            At(8, 21) with { Epoch = 3, IsEpochEnd = true, Validation = new(0.25, 0.97222, null) }));

    [Fact]
    public void A_terminal_gets_one_line_that_is_rewritten() => Assert.Equal(
        "\repoch  2/10 [##                  ] 0:01<0:46 41.2k rows/s loss 0.5124"
        + "\repoch  2/10 [#################   ] 0:02<0:46 41.2k rows/s loss 0.5124"
        + "\repoch  2/10 0:03<0:46 41.2k rows/s loss 0.5124                       \n",
        Print(isTerminal: true, At(1, 1), At(7, 2), At(8, 3) with { IsEpochEnd = true }));

    [Fact]
    public void A_shorter_line_leaves_nothing_of_a_longer_one() => Assert.Equal(
        "\repoch  2/10 [##                  ] 0:01<0:46 41.2k rows/s loss 12345.5000"
        + "\repoch  2/10 [#####               ] 0:02<0:46 41.2k rows/s loss 1.5000    "
        + "\repoch  2/10 [#######             ] 0:03<0:46 41.2k rows/s loss 10.5000"
        + "\repoch  2/10 0:04<0:46 41.2k rows/s loss 10.5000                       \n"
        + "\repoch  3/10 [                    ] 0:05<0:46 41.2k rows/s loss 0.5000",
        Print(
            isTerminal: true,
            At(1, 1) with { Loss = 12345.5 }, At(2, 2) with { Loss = 1.5 }, At(3, 3) with { Loss = 10.5 },
            At(8, 4) with { Loss = 10.5, IsEpochEnd = true }, At(0, 5) with { Epoch = 3, Loss = 0.5 }));

    [Fact]
    public void A_terminal_is_not_written_to_more_often_than_it_can_be_read() => Assert.Equal(
        ["0:00", "0:00", "0:00", "0:01"],
        Times(Print(isTerminal: true, At(1, 0), At(2, 0.05), At(3, 0.099), At(4, 0.1), At(5, 0.199), At(6, 0.201), At(7, 1)), 4));

    [Fact]
    public void The_end_of_an_epoch_is_always_written() => Assert.Equal(
        ["0:01", "0:01"], Times(Print(isTerminal: true, At(1, 1), At(8, 1.01) with { IsEpochEnd = true }), 2));

    [Fact]
    public void Another_training_starts_anew() => Assert.Equal(
        ["1:00", "0:00", "0:00"],
        Times(Print(isTerminal: true, At(8, 60) with { IsEpochEnd = true }, At(1, 0.01), At(2, 0.02), At(3, 0.12)), 3));

    [Theory]
    [InlineData(0, 59.999, "0:00<0:59")]
    [InlineData(60, 3599, "1:00<59:59")]
    [InlineData(3600, 36_000, "1:00:00<10:00:00")]
    [InlineData(90_061, 1e9, "25:01:01<277777:46:40")]
    public void Times_are_minutes_and_seconds_and_hours_where_there_are_any(double elapsed, double remaining, string text) => Assert.Contains(
        $" {text} ", Print(isTerminal: false, At(8, elapsed) with { Remaining = TimeSpan.FromSeconds(remaining), IsEpochEnd = true }), StringComparison.Ordinal);

    [Theory]
    [InlineData(0.4, " 0 rows/s ")]
    [InlineData(12.6, " 13 rows/s ")]
    [InlineData(999, " 999 rows/s ")]
    [InlineData(1000, " 1.0k rows/s ")]
    [InlineData(1_234_567, " 1234.6k rows/s ")]
    public void Rates_are_rows_a_second(double rate, string text) => Assert.Contains(
        text, Print(isTerminal: false, At(8, 1) with { RowsPerSecond = rate, IsEpochEnd = true }), StringComparison.Ordinal);

    [Theory]
    [InlineData(true, StopReason.Cancelled, "epoch  2/10 stopped after batch 3/8: cancelled")]
    [InlineData(true, StopReason.NonFiniteLoss, "epoch  2/10 stopped after batch 3/8: the loss or a gradient is not finite")]
    [InlineData(false, StopReason.NonFiniteLoss, "epoch  2/10 stopped after batch 3/8: the loss or a gradient is not finite")]
    public void An_early_end_is_told_on_a_line_of_its_own(bool isTerminal, StopReason reason, string line)
    {
        string text = Print(isTerminal, At(3, 1), At(3, 1.01) with { StoppedBy = reason });
        Assert.Equal(line, text[(text.LastIndexOf('\r') + 1)..].TrimEnd());
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_have_a_decimal_point_in_every_culture()
    {
        // Made by hand: the tests run without the system's cultures.
        CultureInfo commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        commas.NumberFormat.NegativeSign = "~";
        (CultureInfo before, CultureInfo.CurrentCulture) = (CultureInfo.CurrentCulture, commas);
        try
        {
            Assert.Equal("0,5", 0.5.ToString(CultureInfo.CurrentCulture));
            Assert.Equal(
                "epoch  2/10 0:14<0:46 41.2k rows/s loss -1.235e-5  validation loss 0.2500, mean absolute error 0.5000\n",
                Print(isTerminal: false, At(8, 14) with { Loss = -1.2346e-5, IsEpochEnd = true, Validation = new(0.25, null, 0.5) }));
            Assert.Equal(
                "\repoch  2/10 [#######             ] 0:14<0:46 41.2k rows/s loss 0.5124", Print(isTerminal: true, At(3, 14)));
            Assert.Equal(
                "ValidationSplit is -0.5; it must be at least 0 and below 1.",
                Assert.Throws<ArgumentException>(() => new BinaryNetwork().Fit(Dataset.FromLabels([1, 2], 2, [1]), new() { ValidationSplit = -0.5 })).Message);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Training_prints_from_its_first_batch_on()
    {
        using StringWriter writer = new() { NewLine = "\n" };
        Dataset data = Dataset.FromLabels([0, 0, 0, 1, 1, 0, 1, 1], 2, [0, 1, 1, 0]);
        BinaryNetwork network = new(seed: 1);
        network.Fit(data, new() { Epochs = 2, BatchSize = 2, Progress = new ConsoleProgress(writer, isTerminal: true) });
        string[] lines = writer.ToString().Split('\n');
        // The tests, and with them this network, may be built without optimization.
        if (!network.Info.IsOptimized)
        {
            Assert.StartsWith("BinaryNetwork is built without optimization and runs 10 to 15 times slower", lines[0], StringComparison.Ordinal);
            lines = lines[1..];
        }

        Assert.StartsWith("\repoch 1/2 [##########          ] 0:00<", lines[0], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
        Assert.Contains("\repoch 2/2 0:00<0:00 ", lines[1], StringComparison.Ordinal);
        Assert.Equal("", lines[2]);
    }

    [Fact]
    public void A_writer_must_be_given() => Assert.Throws<ArgumentNullException>("writer", () => new ConsoleProgress(null!, isTerminal: false));

    private static FitProgress At(int batch, double seconds) => Start with { Batch = batch, Elapsed = TimeSpan.FromSeconds(seconds) };

    private static string Print(bool isTerminal, params FitProgress[] reports)
    {
        using StringWriter writer = new() { NewLine = "\n" };
        ConsoleProgress progress = new(writer, isTerminal);
        foreach (FitProgress report in reports)
            progress.Report(report);
        return writer.ToString();
    }

    // The elapsed time of each line, which comes before the sign between it and the remaining time.
    private static string[] Times(string text, int lines)
    {
        string[] written = text.Split('\r')[1..];
        Assert.Equal(lines, written.Length);
        return [.. written.Select(line => line[..line.IndexOf('<')].Split(' ')[^1])];
    }
}
