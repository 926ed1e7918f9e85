namespace NetGen.Tests.Generation;

/// <summary>A mistake and its mend.</summary>
/// <param name="Name">What is wrong, in words.</param>
/// <param name="Marked">The source, with <c>{|NETGEN001:text|}</c> around what is underlined.</param>
/// <param name="Says">What the message has in it.</param>
/// <param name="Mended">The source after doing what the message says.</param>
internal sealed record Mistake(string Name, string Marked, string[] Says, string Mended)
{
    /// <summary>A layer with weights, whose member the program uses.</summary>
    public string? View { get; init; } = "Dense1";

    /// <summary>Whether the class is one that members can be added to.</summary>
    public bool CanGetMembers { get; init; } = true;

    /// <summary>The class of the network as others see it.</summary>
    public string Class { get; init; } = "Net";

    /// <summary>Lines that use the network.</summary>
    public string Use => $$"""

        static class Program
        {
            static void Run()
            {
                var net = new {{Class}}(seed: 1);
                net.Fit(Dataset.LoadCsv("rows.csv"));
                net.Predict(stackalloc float[{{Class}}.InputSize], new float[{{Class}}.OutputSize]);
                {{Class}} other = {{Class}}.Load("weights.safetensors");
                _ = {{(View is null ? "other.Info.Name" : $"other.{View}.Weight")}};
            }
        }
        """;
}

/// <summary>The corpus: networks as newcomers from Keras and PyTorch write them, each with one mistake or two.</summary>
internal static class Mistakes
{
    public static IReadOnlyList<Mistake> All { get; } = [.. MistakesOfClasses.All, .. MistakesOfLayers.All, .. MistakesOfShapes.All, .. MistakesOfGraphs.All];
}
