using System.Globalization;
using NetGen;
using NetGen.Samples.Digits;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string? mnist = Option("--mnist"), save = Option("--save");

try
{
    if (mnist is null)
    {
        Dataset data = DigitData.Load(Path.Combine(AppContext.BaseDirectory, "digits.csv.gz"));
        (Dataset train, Dataset test) = data.Split(0.8, seed: 1);
        Run(new SmallDigits(seed: 1), train, test, width: 8, epochs: 60, save ?? "digits.safetensors");
    }
    else
    {
        Dataset data = Dataset.LoadIdx(Find(mnist, "images-idx3-ubyte"), Find(mnist, "labels-idx1-ubyte"));
        (Dataset train, Dataset test) = data.Split(0.8, seed: 1);
        Run(new MnistDigits(seed: 1), train, test, width: 28, epochs: 20, save ?? "mnist.safetensors");
    }

    return 0;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DataFormatException or ArgumentException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

string? Option(string name) => args.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault();

static string Find(string folder, string part) =>
    Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file).Contains(part, StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault()
    ?? throw new FileNotFoundException($"There is no file named like '{part}' in {folder}: --mnist takes the folder of an IDX pair.");

static void Run(INetwork<float> network, Dataset train, Dataset test, int width, int epochs, string path)
{
    Console.WriteLine(network.Summary());
    Console.WriteLine();
    // A tenth of the rate at the end settles what the larger steps keep moving.
    Adam optimizer = new(1e-3);
    FitOptions options = new() { Epochs = epochs, BatchSize = 32, Optimizer = optimizer, ValidationSplit = 0.1, Seed = 1, Progress = new ConsoleProgress() };
    FitHistory history = network.Fit(train, options);
    optimizer.LearningRate /= 10;
    if (history.Reason == StopReason.Completed)
        history = network.Fit(train, options with { Epochs = epochs / 3 });
    if (history.Reason != StopReason.Completed)
        throw new ArgumentException($"Training ended early: {history.Reason}.");

    float[] probabilities = new float[test.Count * network.Info.OutputSize];
    network.Predict(test.Features, probabilities);
    PrintConfusion(test, probabilities);
    for (int row = 0; row < Math.Min(3, test.Count); row++)
        Draw(test.Row(row), width, probabilities.AsSpan(row * 10, 10), test.Labels[row]);

    network.Save(path);
    Console.WriteLine($"weights saved to {Path.GetFullPath(path)}");
    Console.WriteLine($"test accuracy: {network.Evaluate(test).Accuracy:0.0000}");
}

static void PrintConfusion(Dataset test, float[] probabilities)
{
    int[,] counts = new int[10, 10];
    for (int row = 0; row < test.Count; row++)
        counts[test.Labels[row], Training.ArgMax<float>(probabilities.AsSpan(row * 10, 10))]++;
    Console.WriteLine();
    Console.WriteLine("digit predicted as  " + string.Join(' ', Enumerable.Range(0, 10).Select(digit => $"{digit,4}")));
    for (int digit = 0; digit < 10; digit++)
        Console.WriteLine($"{digit,18}  " + string.Join(' ', Enumerable.Range(0, 10).Select(other => counts[digit, other] is var count && count > 0 ? $"{count,4}" : "   .")));
    Console.WriteLine();
}

static void Draw(ReadOnlySpan<float> pixels, int width, ReadOnlySpan<float> probabilities, int label)
{
    const string Shades = " .:-=+*#%@";
    float brightest = 1e-6f;
    foreach (float pixel in pixels)
        brightest = Math.Max(brightest, pixel);
    int digit = Training.ArgMax(probabilities);
    Console.WriteLine($"a {label}, predicted {digit} with probability {probabilities[digit]:0.000}");
    for (int y = 0; y < width; y++)
    {
        char[] line = new char[2 * width];
        for (int x = 0; x < width; x++)
            line[2 * x] = line[2 * x + 1] = Shades[(int)(pixels[y * width + x] / brightest * (Shades.Length - 1))];
        Console.WriteLine("  " + new string(line).TrimEnd());
    }

    Console.WriteLine();
}
