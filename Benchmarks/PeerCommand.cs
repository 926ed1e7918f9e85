using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace NetGen.Benchmarks;

/// <summary>
/// <c>peers [--case name] [--quick] [--vector256]</c>: NetGen beside other software on the same machine in the same run.
/// </summary>
internal static class PeerCommand
{
    public const string Vector256Option = "--vector256";

    private const string RowsOnlyOption = "--rows-only";

    /// <param name="Name">What the command line chooses it by.</param>
    /// <param name="Prepare">Builds the contenders.</param>
    /// <param name="Ratio">How many times as fast as ONNX Runtime or PyTorch NetGen has to be, if that is asked.</param>
    /// <param name="Share">The least share of the peak, if that is asked.</param>
    private sealed record Case(string Name, Func<Contest> Prepare, double? Ratio = null, double? Share = null);

    /// <summary>Runs the command and returns the exit code: 1 where results disagree, 2 for wrong arguments.</summary>
    public static int Run(string[] arguments)
    {
        var wanted = new List<string>();
        bool quick = false, vector256 = false, rowsOnly = false;
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--case" when i + 1 < arguments.Length:
                    wanted.Add(arguments[++i]);
                    break;
                case "--quick":
                    quick = true;
                    break;
                case Vector256Option:
                    vector256 = true;
                    break;
                case RowsOnlyOption:
                    rowsOnly = true;
                    break;
                default:
                    return Refuse($"Unknown or incomplete argument '{arguments[i]}'.");
            }
        }

        Case[] cases = [.. Cases().Where(c => wanted.Count == 0
            || wanted.Any(name => c.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))];
        if (cases.Length == 0)
            return Refuse($"No case has '{string.Join("' or '", wanted)}' in its name.");

        Measurement.UseOneCore();
        int bits = vector256 ? Math.Min(Peak.Bits, 256) : Peak.Bits;
        double peak = Peak.Measure(bits);
        if (!rowsOnly)
            WriteHeader(bits, peak);

        bool agreed = true;
        foreach (Case c in cases)
        {
            agreed &= Run(c, quick ? Budget.Quick : Budget.Full, bits, peak);
            if (c.Name.StartsWith(Model.Kernel.Name, StringComparison.Ordinal) && bits > 256)
                agreed &= RunAgain(["peers", "--case", c.Name, Vector256Option, RowsOnlyOption, .. quick ? ["--quick"] : (string[])[]]);
        }

        return agreed ? 0 : 1;
    }

    private static IEnumerable<Case> Cases()
    {
        yield return Predict(Model.Iris, 1, 30);
        yield return Predict(Model.Iris, 8);
        yield return Predict(Model.Iris, 64);
        yield return Predict(Model.Mlp, 1, 1.3);
        yield return Predict(Model.Mlp, 8);
        yield return Predict(Model.Mlp, 64, 1);
        yield return Predict(Model.Wide, 1, 1);
        yield return Predict(Model.Wide, 8);
        yield return Predict(Model.Wide, 64, 1);
        yield return Predict(Model.LeNet, 1, 2.2);
        yield return Predict(Model.LeNet, 64, 2.2);
        yield return Predict(Model.Cnn, 1, 1.15);
        yield return Predict(Model.Cnn, 64, 1);
        yield return Predict(Model.Residual, 1, 1.1);
        yield return Predict(Model.Residual, 64);
        yield return Predict(Model.Depthwise, 1);
        yield return Predict(Model.Depthwise, 64);
        yield return Predict(Model.MobileNet, 1, 1.5);
        yield return Predict(Model.MobileNet, 64);
        yield return Train(Model.Iris, 32, 40);
        yield return Train(Model.Mlp, 32, 2.5);
        yield return Train(Model.Wide, 32);
        yield return Train(Model.Wide, 128, 1.2, 0.55);
        yield return Train(Model.LeNet, 32, 2.5);
        yield return Train(Model.Cnn, 32, 1.3);
        yield return Train(Model.Residual, 32, 1.3);
        yield return new Case($"{Model.Kernel.Name}-512x512-64", () => Contest.Predict(Model.Kernel, 64), Share: 0.8);
        yield return new Case($"{Model.Conv64.Name}-forward-32", () => Contest.Predict(Model.Conv64, 32), Share: 0.7);
        yield return new Case($"{Model.Conv64.Name}-backward-32", () => Contest.Backward(Model.Conv64, 32), Share: 0.55);

        static Case Predict(Model model, int rows, double? ratio = null) =>
            new($"{model.Name}-predict-{rows}", () => Contest.Predict(model, rows), ratio);

        static Case Train(Model model, int rows, double? ratio = null, double? share = null) =>
            new($"{model.Name}-train-{rows}", () => Contest.Train(model, rows), ratio, share);
    }

    private static bool Run(Case c, Budget budget, int bits, double peak)
    {
        using Contest contest = c.Prepare();
        if (FindDisagreement(contest) is { } disagreement)
        {
            Console.WriteLine($"{c.Name,-20}  not timed: {disagreement}");
            return false;
        }

        double[] seconds = Measurement.Alternate([.. contest.Contenders, .. contest.Forward is { } forward ? [forward] : (Contender[])[]], budget);
        if (contest.Forward is not null)
            seconds[0] -= seconds[^1];
        double share = 2 * contest.MultiplyAdds / seconds[0] / peak;
        foreach (string missing in contest.Missing)
            WriteRow(c.Name, bits, Microseconds(seconds[0]), missing, "not installed", "", "", Percent(share), Bar(share, c.Share, Percent));

        // Of a peer's variants the fastest counts.
        foreach (var variants in contest.Contenders.Zip(seconds).Skip(1).GroupBy(pair => pair.First.Name))
        {
            var (peer, time) = variants.MinBy(pair => pair.Second);
            double ratio = time / seconds[0];
            double? least = peer.Name is OnnxRuntime.Name or TorchProcess.Name ? c.Ratio : null;
            WriteRow(
                c.Name, bits, Microseconds(seconds[0]), peer.Title, Microseconds(time),
                Times(ratio), Bar(ratio, least, Times), Percent(share), Bar(share, c.Share, Percent));
        }

        return true;
    }

    private static string? FindDisagreement(Contest contest)
    {
        try
        {
            return contest.FindDisagreement();
        }
        catch (InvalidOperationException refusal)
        {
            // A peer that cannot run what it was given says so in one line; the other cases go on.
            return refusal.Message;
        }
    }

    /// <summary>Runs this program once more: the width of vectors is settled when a process starts.</summary>
    private static bool RunAgain(string[] arguments)
    {
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        using Process process = Process.Start(program, isHost ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static void WriteHeader(int bits, double peak)
    {
        string peaks = string.Join(", ", ((int[])[512, 256, 128])
            .Where(width => width <= Peak.Bits && (width != 128 || Peak.Bits == 128))
            .Select(width => string.Create(
                CultureInfo.InvariantCulture, $"{(width == bits ? peak : Peak.Measure(width)) / 1e9:0} GFLOP/s at {width} bits")));
        using var torch = TorchProcess.Start();
        Console.WriteLine($"""
            {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, one core
            Multiply-add peak of this core: {peaks}
            ONNX Runtime: {OnnxRuntime.Instance?.Version ?? "not installed"}, PyTorch: {torch?.Version ?? "not installed"}
            Medians of one call or training step; ratio = peer / NetGen (above 1: NetGen is faster);
            peak = NetGen's share of the multiply-add peak at its vector width.
            Behind a figure stands the bar set for it, with >= where it is reached and < where it is missed.

            """);
        WriteRow("case", "bits", "NetGen us", "peer", "peer us", "ratio", "bar", "peak", "bar");
    }

    private static void WriteRow(
        string name, object bits, string ours, string peer, string theirs, string ratio, string ratioBar, string share, string shareBar) =>
        Console.WriteLine(
            $"{name,-20} {bits,4} {ours,11}  {peer,-22} {theirs,13} {ratio,8} {ratioBar,-8} {share,7} {shareBar}".TrimEnd());

    private static string Bar(double value, double? least, Func<double, string> text) =>
        least is { } bar ? $"{(value >= bar ? ">=" : "<")} {text(bar)}" : "";

    private static string Times(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Microseconds(double seconds) => (seconds * 1e6).ToString("0.000", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static int Refuse(string reason)
    {
        Console.Error.WriteLine($"{reason} Usage: peers [--case name]... [--quick] [{Vector256Option}]");
        Console.Error.WriteLine($"A case is chosen by any part of its name: {string.Join(", ", Cases().Select(c => c.Name))}.");
        return 2;
    }
}
