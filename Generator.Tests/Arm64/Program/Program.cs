using System.Globalization;
using System.Text.Json;
using NetGen;
using NetGen.Samples.Zoo;
using NetGen.Tests.Arm64;

// The argument is the folder of the golden files. A line for each network: the zoo's losses, and how far the others are from PyTorch.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
foreach ((string name, Func<INetwork<float>> create) in GoldenNetworks.All)
{
    using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(args[0], $"{name}.json")));
    Console.WriteLine($"golden {name} {Golden.Error(create(), golden.RootElement):g3}");
}

Func<INetwork<float>>[] zoo =
[
    () => new LeNet(seed: 1), () => new SmallVgg(seed: 1), () => new SmallResNet(seed: 1), () => new SmallInception(seed: 1),
    () => new ColourVgg(seed: 1), () => new ColourResNet(seed: 1), () => new SmallMobileNet(seed: 1),
    () => new DenoisingAutoencoder(seed: 1), () => new SmallUNet(seed: 1), () => new SiameseNetwork(seed: 1),
];
foreach (Func<INetwork<float>> create in zoo)
{
    INetwork<float> network = create();
    Console.WriteLine($"zoo {network.GetType().Name} {string.Join(' ', Zoo.Losses(network).Select(loss => loss.ToString("g9")))}");
}

internal static class Zoo
{
    /// <summary>The losses of a few steps on rows of noise, the same on every machine.</summary>
    public static IEnumerable<double> Losses(INetwork<float> network)
    {
        const int Rows = 4, Steps = 3;
        Random random = new(1);
        float[] inputs = Noise(Rows * network.Info.InputSize);
        Dataset data = network.Info.Loss == Loss.SoftmaxCrossEntropy
            ? Dataset.FromLabels(inputs, network.Info.InputSize, [.. Enumerable.Range(0, Rows)], network.Info.OutputSize)
            : Dataset.FromTargets(inputs, network.Info.InputSize, Noise(Rows * network.Info.OutputSize), network.Info.OutputSize);
        // Not Adam: its first steps take a gradient's sign, and so make much of the last bit of one that is almost 0.
        FitHistory history = network.Fit(data, new FitOptions { Epochs = Steps, BatchSize = Rows, Optimizer = new Sgd(0.01, 0.9), Seed = 1 });
        return history.Epochs.Select(epoch => epoch.Loss).Append(network.Evaluate(data).Loss);

        float[] Noise(int count)
        {
            float[] values = new float[count];
            foreach (ref float value in values.AsSpan())
                value = random.NextSingle();
            return values;
        }
    }
}

internal static class Golden
{
    /// <summary>The largest difference from what the file says, relative to each tensor's largest element.</summary>
    public static double Error(INetwork<float> network, JsonElement golden)
    {
        foreach (ParameterInfo parameter in network.Info.Parameters)
        {
            JsonElement values = golden.GetProperty(parameter.IsTrained ? "parameters" : "buffers").GetProperty(parameter.Name);
            parameter.CopyFrom<float>(Singles(values), network.Parameters.Span);
        }

        float[] inputs = Singles(golden.GetProperty("inputs"));
        int rows = inputs.Length / network.Info.InputSize;
        float[] outputs = new float[rows * network.Info.OutputSize];
        network.Forward(inputs, outputs);
        double error = Difference(golden.GetProperty("forward"), outputs);
        network.Predict(inputs, outputs);
        error = Math.Max(error, Difference(golden.GetProperty("predict"), outputs));

        ParameterBuffer<float> gradients = new(network.Parameters.Length);
        float[] inputGradients = new float[inputs.Length];
        double loss = network.Train(new TrainingPass<float>
        {
            Inputs = inputs,
            Targets = Given("targets"),
            Labels = Array.ConvertAll(Given("labels"), label => (int)label),
            OutputGradients = Given("outputGradients"),
            Gradients = gradients,
            InputGradients = inputGradients,
            Scale = 1f / rows,
        });
        if (golden.TryGetProperty("meanLoss", out JsonElement meanLoss))
            error = Math.Max(error, Math.Abs(loss / rows - meanLoss.GetDouble()) / Math.Max(1e-30, Math.Abs(meanLoss.GetDouble())));
        error = Math.Max(error, Difference(golden.GetProperty("inputGradients"), inputGradients));
        foreach (ParameterInfo parameter in network.Info.Parameters.ToArray().Where(parameter => parameter.IsTrained))
        {
            float[] gradient = new float[parameter.Count];
            parameter.CopyTo<float>(gradients.Span, gradient);
            error = Math.Max(error, Difference(golden.GetProperty("gradients").GetProperty(parameter.Name), gradient));
        }

        return error;

        float[] Given(string name) => golden.TryGetProperty(name, out JsonElement values) ? Singles(values) : [];
    }

    private static double Difference(JsonElement expected, float[] actual)
    {
        double[] values = Values(expected);
        double largest = values.Max(Math.Abs), difference = values.Zip(actual, (value, number) => Math.Abs(value - number)).Max();
        return values.Length == actual.Length ? difference / Math.Max(1e-30, largest) : double.PositiveInfinity;
    }

    private static float[] Singles(JsonElement tensor) => Array.ConvertAll(Values(tensor), value => (float)value);

    private static double[] Values(JsonElement tensor) => [.. tensor.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
}
