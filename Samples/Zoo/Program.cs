using System.Diagnostics;
using System.Globalization;
using NetGen;
using NetGen.Samples.Zoo;

const string DefaultNetwork = "resnet";
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Dictionary<string, (Func<INetwork<float>> Create, int Epochs, Func<Dataset, Dataset, Lesson> Learn)> zoo = new(StringComparer.Ordinal)
{
    ["lenet"] = (() => new LeNet(seed: 1), 16, Lesson.Classes),
    ["vgg"] = (() => new SmallVgg(seed: 1), 12, Lesson.Classes),
    ["resnet"] = (() => new SmallResNet(seed: 1), 9, Lesson.Classes),
    ["inception"] = (() => new SmallInception(seed: 1), 12, Lesson.Classes),
    ["colour-vgg"] = (() => new ColourVgg(seed: 1), 12, Lesson.ColourClasses),
    ["colour-resnet"] = (() => new ColourResNet(seed: 1), 9, Lesson.ColourClasses),
    ["mobilenet"] = (() => new SmallMobileNet(seed: 1), 9, Lesson.ColourClasses),
    ["autoencoder"] = (() => new DenoisingAutoencoder(seed: 1), 9, Lesson.Denoising),
    ["unet"] = (() => new SmallUNet(seed: 1), 6, Lesson.Segmentation),
    ["siamese"] = (() => new SiameseNetwork(seed: 1), 6, Lesson.SameOrDifferent),
};
string usage = $"""
    usage: [--network <name>] [--mnist <folder>] [--epochs <n>]
      --network  {string.Join(", ", zoo.Keys)}; {DefaultNetwork} unless given
      --mnist    a folder with an IDX pair of 28 x 28 images, such as t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz;
                 unless given, 1,797 digits of 8 x 8 pixels, enlarged
      --epochs   passes over the training data; a third as many follow at a tenth of the learning rate
    """;

string name = DefaultNetwork;
string? mnist = null;
int? epochs = null;
for (int i = 0; i < args.Length; i += 2)
{
    if (args[i] is "--help" or "-h")
    {
        Console.WriteLine(usage);
        return 0;
    }

    string? value = i + 1 < args.Length ? args[i + 1] : null;
    switch (args[i])
    {
        case "--network" or "--mnist" or "--epochs" when value is null:
            return Refuse($"'{args[i]}' needs a value behind it.");
        case "--network" when zoo.ContainsKey(value):
            name = value;
            break;
        case "--network":
            return Refuse($"There is no network '{value}'.");
        case "--mnist" when Directory.Exists(value):
            mnist = value;
            break;
        case "--mnist":
            return Refuse($"There is no folder '{value}'.");
        case "--epochs" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0:
            epochs = number;
            break;
        case "--epochs":
            return Refuse($"'{value}' is no number of epochs: it must be a whole number above 0.");
        default:
            return Refuse($"'{args[i]}' is no option.");
    }
}

try
{
    Dataset digits = mnist is null ? DigitImages.LoadSmall(Path.Combine(AppContext.BaseDirectory, "digits.csv.gz")) : DigitImages.LoadMnist(mnist);
    (Dataset train, Dataset test) = digits.Split(0.8, seed: 1);
    (Func<INetwork<float>> create, int defaultEpochs, Func<Dataset, Dataset, Lesson> learn) = zoo[name];
    INetwork<float> network = create();
    Console.WriteLine(network.Summary());
    Console.WriteLine();

    Lesson lesson = learn(train, test);
    long start = Stopwatch.GetTimestamp();
    Adam optimizer = new(1e-3);
    FitOptions options = new() { Epochs = epochs ?? defaultEpochs, BatchSize = 32, Optimizer = optimizer, Seed = 1, Progress = new ConsoleProgress() };
    FitHistory history = network.Fit(lesson.Train, options);
    // A tenth of the rate at the end settles what the larger steps keep moving.
    optimizer.LearningRate /= 10;
    if (history.Reason == StopReason.Completed)
        history = network.Fit(lesson.Train, options with { Epochs = Math.Max(1, options.Epochs / 3), Seed = 2 });
    if (history.Reason != StopReason.Completed)
        throw new ArgumentException($"Training ended early: {history.Reason}.");

    Console.WriteLine($"trained in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
    Console.WriteLine(lesson.Report(network));
    return 0;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DataFormatException or ArgumentException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

int Refuse(string problem)
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(usage);
    return 2;
}
