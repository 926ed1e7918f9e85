namespace NetGen.Benchmarks;

/// <summary>Data and the network that learns them.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Data">All rows.</param>
/// <param name="Create">Makes the network from a seed.</param>
/// <param name="Activation">The function of its hidden layers.</param>
internal sealed record LearningProblem(string Name, Dataset Data, Func<int, INetwork<float>> Create, Activation Activation = Activation.ReLU)
{
    private const int DataSeed = 1;

    /// <summary>Small sets of regression and classification, for dense networks and convolutional ones.</summary>
    public static IReadOnlyList<LearningProblem> All()
    {
        Dataset friedman = Friedman(500), spirals = Spirals(400), digits = Digits(600);
        return
        [
            new("friedman", friedman, seed => new TenToOne(seed)),
            new("friedman, tanh", friedman, seed => new TenToOneTanh(seed), Activation.Tanh),
            new("friedman, 6 hidden layers", friedman, seed => new Hidden6(seed)),
            new("friedman, 10 hidden layers", friedman, seed => new Hidden10(seed)),
            new("linear", Linear(300), seed => new TenToOne(seed)),
            new("sine", Sine(200), seed => new OneToOne(seed)),
            new("iris", Dataset.LoadCsv(PathOf("iris.csv"), new() { SkipLines = 1 }), seed => new FourToThree(seed)),
            new("spirals", spirals, seed => new TwoToTwo(seed)),
            new("spirals, tanh", spirals, seed => new TwoToTwoTanh(seed), Activation.Tanh),
            new("interactions", Interactions(500), seed => new TenToTwo(seed)),
            new("digits", digits, seed => new DensePixels(seed)),
            new("digits, convolutional", digits, seed => new ConvPixels(seed)),
            new("spots, convolutional", Spots(400), seed => new ConvPlaces(seed)),
        ];
    }

    /// <summary>A function of five of ten features, and noise of variance 1. Friedman, "Multivariate adaptive regression splines", 1991.</summary>
    public static Dataset Friedman(int rows) => Regression(rows, 10, 1, (random, x, y) =>
    {
        Fill(x, random.NextSingle);
        y[0] = (float)(10 * Math.Sin(Math.PI * x[0] * x[1]) + 20 * Math.Pow(x[2] - 0.5, 2) + 10 * x[3] + 5 * x[4] + Normal(random));
    });

    /// <summary>Rows whose features have mean 0 and deviation 1 among the first, and so have the targets.</summary>
    public static (Dataset Train, Dataset Test) Standardize(Dataset train, Dataset test)
    {
        Standardizer features = Standardizer.Fit(train);
        (train, test) = (features.Transform(train), features.Transform(test));
        if (train.TargetSize == 0)
            return (train, test);
        Standardizer targets = Standardizer.Fit(Dataset.FromFeatures(train.Targets, train.TargetSize));
        return (WithTargets(train), WithTargets(test));

        Dataset WithTargets(Dataset data)
        {
            float[] scaled = new float[data.Targets.Length];
            targets.Transform(data.Targets, scaled);
            return Dataset.FromTargets(data.Features, data.InputSize, scaled, data.TargetSize);
        }
    }

    // A weighted sum, and noise of half its deviation.
    private static Dataset Linear(int rows) => Regression(rows, 10, 1, (random, x, y) =>
    {
        Fill(x, () => (float)Normal(random));
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += (i - 4.5) * x[i];
        y[0] = (float)(sum + Math.Sqrt(82.5) / 2 * Normal(random));
    });

    private static Dataset Sine(int rows) => Regression(rows, 1, 1, (random, x, y) =>
    {
        x[0] = 2 * random.NextSingle() - 1;
        y[0] = (float)(Math.Sin(2 * Math.PI * x[0]) + 0.1 * Normal(random));
    });

    // A bright spot on a noisy image of 8 x 8; its place is to be found.
    private static Dataset Spots(int rows) => Regression(rows, 64, 2, (random, x, y) =>
    {
        Fill(y, () => 7 * random.NextSingle());
        for (int i = 0; i < x.Length; i++)
        {
            double distance = Math.Pow(i / 8 - y[0], 2) + Math.Pow(i % 8 - y[1], 2);
            x[i] = (float)(Math.Exp(-distance / 2) + 0.2 * Normal(random));
        }
    });

    // Two arms of one and a half turns. After Lang and Witbrock, "Learning to tell two spirals apart", 1988.
    private static Dataset Spirals(int rows) => Classification(rows, 2, 2, (random, x) =>
    {
        int label = random.Next(2);
        double radius = Math.Sqrt(random.NextDouble()), angle = 3 * Math.PI * radius + Math.PI * label;
        x[0] = (float)(radius * Math.Cos(angle) + 0.03 * Normal(random));
        x[1] = (float)(radius * Math.Sin(angle) + 0.03 * Normal(random));
        return label;
    });

    // Two products of two features each decide, and six features say nothing.
    private static Dataset Interactions(int rows) => Classification(rows, 10, 2, (random, x) =>
    {
        Fill(x, () => (float)Normal(random));
        return x[0] * x[1] + x[2] * x[3] > 0 ? 1 : 0;
    });

    private static Dataset Digits(int rows) => Dataset.LoadCsv(PathOf("digits.csv.gz")).Shuffle(DataSeed).Take(rows);

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "data", file);

    private static Dataset Regression(int rows, int inputs, int outputs, Action<Random, float[], float[]> draw)
    {
        Random random = new(DataSeed);
        float[] features = new float[rows * inputs], targets = new float[rows * outputs], x = new float[inputs], y = new float[outputs];
        for (int row = 0; row < rows; row++)
        {
            draw(random, x, y);
            x.CopyTo(features, row * inputs);
            y.CopyTo(targets, row * outputs);
        }

        return Dataset.FromTargets(features, inputs, targets, outputs);
    }

    private static Dataset Classification(int rows, int inputs, int classes, Func<Random, float[], int> draw)
    {
        Random random = new(DataSeed);
        float[] features = new float[rows * inputs], x = new float[inputs];
        int[] labels = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            labels[row] = draw(random, x);
            x.CopyTo(features, row * inputs);
        }

        return Dataset.FromLabels(features, inputs, labels, classes);
    }

    private static void Fill(float[] values, Func<float> draw)
    {
        foreach (ref float value in values.AsSpan())
            value = draw();
    }

    // Box and Muller, "A note on the generation of random normal deviates", 1958.
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
