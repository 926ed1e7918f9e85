using System.Diagnostics;

namespace NetGen.Benchmarks;

/// <summary>How long to measure.</summary>
/// <param name="WarmUp">Spent on each contender first: the JIT needs a while to compile a method in full.</param>
/// <param name="Block">The length of one timed block.</param>
/// <param name="Rounds">How often the contenders take turns.</param>
internal sealed record Budget(TimeSpan WarmUp, TimeSpan Block, int Rounds)
{
    public static readonly Budget Full = new(TimeSpan.FromMilliseconds(800), TimeSpan.FromMilliseconds(20), 31);

    public static readonly Budget Quick = new(TimeSpan.FromMilliseconds(600), TimeSpan.FromMilliseconds(4), 15);
}

/// <summary>Times contenders in turn, so that a busy moment of the machine meets all of them alike.</summary>
internal static class Measurement
{
    /// <summary>Returns each contender's median time of one iteration, in seconds.</summary>
    public static double[] Alternate(IReadOnlyList<Contender> contenders, Budget budget)
    {
        int[] iterations = [.. contenders.Select(contender => WarmUp(contender, budget))];
        double[][] seconds = [.. contenders.Select(_ => new double[budget.Rounds])];
        for (int round = 0; round < budget.Rounds; round++)
        {
            for (int i = 0; i < contenders.Count; i++)
                seconds[i][round] = contenders[i].Time(iterations[i]).TotalSeconds / iterations[i];
        }

        return [.. seconds.Select(Median)];
    }

    /// <summary>
    /// Keeps this thread, and the processes it starts, on one core: contenders run one after the other, on equal terms.
    /// </summary>
    public static void UseOneCore()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
            return;
        using var process = Process.GetCurrentProcess();
        nint allowed = process.ProcessorAffinity;
        process.ProcessorAffinity = (nint)1 << (int)nint.Log2(allowed & nint.MaxValue);
    }

    /// <summary>Runs the contender for a while and returns how many iterations fill a block.</summary>
    private static int WarmUp(Contender contender, Budget budget)
    {
        TimeSpan total = TimeSpan.Zero;
        for (int iterations = 1; ;)
        {
            TimeSpan time = contender.Time(iterations);
            total += time;
            if (total >= budget.WarmUp)
                return (int)Math.Clamp(iterations * (budget.Block / time), 1, int.MaxValue);
            if (time < budget.Block)
                iterations *= 2;
        }
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
