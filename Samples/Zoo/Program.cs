using System.Globalization;
using NetGen;
using NetGen.Samples.Zoo;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Dictionary<string, (Func<INetwork<float>> Create, int Epochs)> zoo = new(StringComparer.Ordinal)
{
    ["lenet"] = (() => new LeNet(seed: 1), 12),
    ["vgg"] = (() => new SmallVgg(seed: 1), 14),
    ["resnet"] = (() => new SmallResNet(seed: 1), 12),
    ["inception"] = (() => new SmallInception(seed: 1), 12),
};

string? folder = Option("--mnist");
string name = Option("--network") ?? "vgg";
if (folder is null || !zoo.TryGetValue(name, out (Func<INetwork<float>> Create, int Epochs) entry))
{
    Console.Error.WriteLine($"usage: --mnist <folder of an IDX pair> [--network {string.Join('|', zoo.Keys)}] [--epochs n]");
    return 1;
}

try
{
    Dataset data = Dataset.LoadIdx(Find("images-idx3-ubyte"), Find("labels-idx1-ubyte"));
    (Dataset train, Dataset test) = data.Split(0.8, seed: 1);
    INetwork<float> network = entry.Create();
    Console.WriteLine(network.Summary());
    Console.WriteLine();
    int epochs = Option("--epochs") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : entry.Epochs;
    Adam optimizer = new(1e-3);
    FitOptions options = new() { Epochs = epochs, BatchSize = 32, Optimizer = optimizer, Seed = 1, Progress = new ConsoleProgress() };
    network.Fit(train, options);
    // A tenth of the rate at the end settles what the larger steps keep moving.
    optimizer.LearningRate /= 10;
    network.Fit(train, options with { Epochs = Math.Max(1, epochs / 3) });
    Console.WriteLine($"test accuracy: {network.Evaluate(test).Accuracy:0.0000}");
    return 0;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DataFormatException or ArgumentException or FormatException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

string? Option(string option) => args.SkipWhile(argument => argument != option).Skip(1).FirstOrDefault();

string Find(string part) =>
    Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file).Contains(part, StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault()
    ?? throw new FileNotFoundException($"There is no file named like '{part}' in {folder}: --mnist takes the folder of an IDX pair.");
