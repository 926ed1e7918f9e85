using System.Text.RegularExpressions;
using Xunit;

namespace NetGen.Tests.Aot;

public sealed class AotTestsOfNet9(AotSampleOfNet9 sample) : AotTests(sample), IClassFixture<AotSampleOfNet9>;

public sealed class AotTestsOfNet10(AotSampleOfNet10 sample) : AotTests(sample), IClassFixture<AotSampleOfNet10>;

public abstract partial class AotTests(AotSample sample)
{
    private const int LargestBytes = 2_500_000;

    [AotFact]
    public void Publishing_warns_of_nothing() => Assert.DoesNotMatch(TrimOrAotWarning(), sample.PublishLog);

    [AotFact]
    public void Binary_is_small() => Assert.InRange(new FileInfo(sample.Binary).Length, 1, LargestBytes);

    [AotFact]
    public void Outputs_have_the_bits_of_the_runtime_at_256_bits()
    {
        string input = string.Join('\n', AotSample.Digits(50).Lines);
        CommandResult native = sample.Run(input, "--bits"), managed = sample.RunOnRuntime(input, "--bits", "--vector256");

        Assert.Equal(50, native.Lines.Length);
        Assert.All(native.Lines, line => Assert.Matches(TenWords(), line));
        Assert.Equal(managed.Lines, native.Lines);
    }

    [AotFact]
    public void Digits_are_read_without_allocating_in_Predict()
    {
        (string[] lines, string[] labels) = AotSample.Digits(50);
        CommandResult result = sample.Run(string.Join('\n', lines), "--time");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(50, result.Lines.Length);
        Assert.InRange(result.Lines.Zip(labels).Count(pair => pair.First.StartsWith(pair.Second, StringComparison.Ordinal)), 48, 50);
        Assert.Matches(@"^first prediction after \d+\.\d ms of processor time since the start, allocating 0 bytes\n$", result.Error);
    }

    [AotFact]
    public void A_malformed_line_ends_the_program_with_its_number()
    {
        string digit = AotSample.Digits(1).Lines[0];
        string[] pixels = digit.Split(',');
        (string Line, string Problem)[] cases =
        [
            ("", "value 1 is not a number from 0 (paper) to 16 (ink)."),
            (With("x"), "value 3 is not a number from 0 (paper) to 16 (ink)."),
            (With("16.5"), "value 3 is not a number from 0 (paper) to 16 (ink)."),
            (With("NaN"), "value 3 is not a number from 0 (paper) to 16 (ink)."),
            (string.Join(',', pixels.Skip(1)), "there are 63 values where 64 were expected: the pixels row by row, without a label."),
            (digit + ",0", "there are 65 values where 64 were expected: the pixels row by row, without a label."),
        ];
        foreach ((string line, string problem) in cases)
        {
            CommandResult result = sample.Run($"{digit}\n{line}\n{digit}\n");
            Assert.Equal((1, $"Line 2: {problem}\n"), (result.ExitCode, result.Error));
            Assert.Single(result.Lines);
        }

        string With(string third) => string.Join(',', pixels.Select((pixel, i) => i == 2 ? third : pixel));
    }

    [AotFact]
    public void An_unknown_option_is_named()
    {
        CommandResult result = sample.Run("", "--bit");
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("There is no option --bit,", result.Error, StringComparison.Ordinal);
    }

    [AotFact]
    public void Starts_sooner_than_on_the_runtime()
    {
        string digit = AotSample.Digits(1).Lines[0];
        // The shortest of a few runs: other processes only ever add to it.
        TimeSpan native = Shortest(() => sample.Run(digit)), managed = Shortest(() => sample.RunOnRuntime(digit));
        Assert.True(native < managed, $"The published program took {native.TotalMilliseconds:0.0} ms, the runtime {managed.TotalMilliseconds:0.0} ms.");

        static TimeSpan Shortest(Func<CommandResult> run) => Enumerable.Range(0, 5).Min(_ => run().Duration);
    }

    [GeneratedRegex(@"\bIL[23]\d{3}\b")]
    private static partial Regex TrimOrAotWarning();

    [GeneratedRegex(@"^[0-9a-f]{8}( [0-9a-f]{8}){9}$")]
    private static partial Regex TenWords();
}
