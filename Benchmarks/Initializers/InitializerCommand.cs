using System.Globalization;

namespace NetGen.Benchmarks;

/// <summary>
/// <c>initializers</c>: how small networks learn small sets from different starting values, and what they lose untrained. The table of
/// docs/initializers.md.
/// </summary>
internal static class InitializerCommand
{
    private const int Splits = 5, Seeds = 5, UntrainedSeeds = 25;
    private const double TrainShare = 0.8;

    // What an untrained network may lose, the mean predictor losing 1.
    private const double UntrainedBar = 1.2;

    // The first is the one whose table is printed in full.
    private static readonly Budget[] Budgets = [new(30, 3e-3), new(10, 1e-3), new(30, 1e-2), new(100, 1e-3)];

    private static readonly Func<int, INetwork<float>>[] Hidden =
    [
        seed => new Hidden1(seed), seed => new Hidden2(seed), seed => new Hidden3(seed), seed => new Hidden4(seed), seed => new Hidden5(seed),
        seed => new Hidden6(seed), seed => new Hidden7(seed), seed => new Hidden8(seed), seed => new Hidden9(seed), seed => new Hidden10(seed),
    ];

    /// <param name="Epochs">Passes over the rows.</param>
    /// <param name="Rate">The learning rate of Adam.</param>
    private readonly record struct Budget(int Epochs, double Rate)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epochs} epochs, rate {Rate}");
    }

    /// <summary>Runs the command and returns the exit code: 1 where the default misses its bar.</summary>
    public static int Run()
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        IReadOnlyList<LearningProblem> problems = LearningProblem.All();
        Console.WriteLine("Test loss after training by Adam in batches of 32, over the least in its line;");
        Console.WriteLine($"means of {Seeds} seeds x {Splits} splits +- their standard errors.");
        for (int c = 0; c < Candidate.All.Count; c++)
            Console.WriteLine($"  {Column(c)}  {Candidate.All[c].Title}");
        Console.WriteLine();
        bool isReached = true;
        for (int i = 0; i < Budgets.Length; i++)
        {
            Score[] means = Compare(problems, Budgets[i], isPrinted: i == 0);
            Console.WriteLine(Line($"mean, {Budgets[i]}", means));
            if (i == 0)
            {
                isReached = IsBest(means);
                Console.WriteLine($"The default is {(isReached ? "" : "not ")}the best or within one standard error of it.");
                Console.WriteLine();
            }
        }

        Console.WriteLine();
        return WriteUntrained() && isReached ? 0 : 1;
    }

    private static bool IsBest(Score[] means)
    {
        Score best = means.MinBy(score => score.Mean), own = means[Candidate.All.ToList().IndexOf(Candidate.Default)];
        return own.Mean <= best.Mean + best.Error;
    }

    // The mean over the sets of each candidate's score.
    private static Score[] Compare(IReadOnlyList<LearningProblem> problems, Budget budget, bool isPrinted)
    {
        if (isPrinted)
            Console.WriteLine($"{budget,-28}" + string.Concat(Candidate.All.Select((_, c) => $"{Column(c),14}")));
        List<Score[]> lines = [];
        foreach (LearningProblem problem in problems)
        {
            Score[] losses = [.. Candidate.All.Select(candidate => Score.Of(TestLosses(problem, candidate, budget)))];
            double best = losses.Min(loss => loss.Mean);
            lines.Add([.. losses.Select(loss => new Score(loss.Mean / best, loss.Error / best))]);
            if (isPrinted)
                Console.WriteLine(Line(problem.Name, lines[^1]));
        }

        // Errors of different sets are independent.
        return [.. Candidate.All.Select((_, c) => new Score(
            lines.Average(line => line[c].Mean), Math.Sqrt(lines.Sum(line => line[c].Error * line[c].Error)) / lines.Count))];
    }

    private static IEnumerable<double> TestLosses(LearningProblem problem, Candidate candidate, Budget budget)
    {
        for (int split = 0; split < Splits; split++)
        {
            (Dataset train, Dataset test) = problem.Data.Split(TrainShare, split);
            (train, test) = LearningProblem.Standardize(train, test);
            for (int seed = 0; seed < Seeds; seed++)
            {
                INetwork<float> network = problem.Create(seed);
                candidate.Apply(network, problem.Activation, seed);
                network.Fit(train, new() { Epochs = budget.Epochs, Optimizer = new Adam(budget.Rate), Seed = seed, Threads = 1 });
                yield return network.Evaluate(test).Loss;
            }
        }
    }

    private static bool WriteUntrained()
    {
        Dataset all = LearningProblem.Friedman(500);
        (Dataset data, _) = LearningProblem.Standardize(all, all);
        Console.WriteLine("Untrained loss over the mean predictor's on friedman, by hidden layers of 32 with ReLU;");
        Console.WriteLine($"the mean of {UntrainedSeeds} seeds, and the largest.");
        Console.WriteLine($"{"hidden layers",-14}" + string.Concat(Candidate.All.Select((_, c) => $"{Column(c),14}")));
        bool isReached = true;
        for (int i = 0; i < Hidden.Length; i++)
        {
            Console.Write($"{i + 1,-14}");
            foreach (Candidate candidate in Candidate.All)
            {
                double[] losses = [.. Enumerable.Range(0, UntrainedSeeds).Select(seed => UntrainedLoss(Hidden[i], candidate, seed, data))];
                isReached &= candidate != Candidate.Default || losses.Average() <= UntrainedBar;
                Console.Write($"{losses.Average(),7:0.00} {losses.Max(),6:0.00}");
            }

            Console.WriteLine();
        }

        Console.WriteLine($"The default {(isReached ? "stays within" : "exceeds")} {UntrainedBar} in the mean.");
        return isReached;
    }

    // Of targets of mean 0 and deviation 1 the mean predictor loses 1.
    private static double UntrainedLoss(Func<int, INetwork<float>> create, Candidate candidate, int seed, Dataset data)
    {
        INetwork<float> network = create(seed);
        candidate.Apply(network, Activation.ReLU, seed);
        return network.Evaluate(data).Loss;
    }

    private static string Line(string title, Score[] scores) => $"{title,-28}" + string.Concat(scores.Select(score => $"{score,14}"));

    private static char Column(int candidate) => (char)('A' + candidate);

    /// <summary>A mean and its standard error.</summary>
    private readonly record struct Score(double Mean, double Error)
    {
        public static Score Of(IEnumerable<double> values)
        {
            double[] all = [.. values];
            double mean = all.Average();
            return new(mean, Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / (all.Length - 1) / all.Length));
        }

        public override string ToString() => $"{Mean:0.00} +- {Error:0.00}";
    }
}
