using System.Reflection;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.TrainingLoop;

/// <summary>A row whose index is none is named as the user knows it, whatever order, batch, thread or part of a split it came in.</summary>
public class EmbeddingErrorTests
{
    private const int Rows = 128;
    private const int WrongRow = 100;

    private static readonly float[] Features = [.. Enumerable.Range(0, Rows * 8).Select(i => (float)(i * 7 % 50))];
    private static readonly int[] Labels = [.. Enumerable.Range(0, Rows).Select(i => i % 3)];

    private static readonly Lazy<Assembly> Networks = new(() => NetworkCompiler.Load("""
        using NetGen;

        [Network(8, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Embedding(50, 64)] [Layer.Dense(256, Activation.ReLU)] [Layer.Dense(3)] partial class Text;
        """));

    [Theory]
    [InlineData(50)]
    [InlineData(0.5f)]
    public void Names_the_row_of_the_dataset(float index)
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks.Value, "Text");
        float[] wrong = [.. Features];
        wrong[WrongRow * 8 + 5] = index;
        Dataset data = Dataset.FromLabels(wrong, 8, Labels), right = Dataset.FromLabels(Features, 8, Labels);
        string named = FormattableString.Invariant(
            $"Index {index} at position 5 of a row is no whole number from 0 to 49 (row {WrongRow} of the dataset, counted from 0).");
        foreach (int threads in (int[])[1, 4])
        {
            Assert.Equal(named, Refused(() => network.Fit(data, new() { BatchSize = 32, Threads = threads })));
            Assert.Equal(named, Refused(() => network.Fit(data, new() { BatchSize = Rows, Threads = threads })));
        }

        Assert.Equal(named, Refused(() => network.Evaluate(data)));
        Assert.Equal(named, Refused(() => network.Fit(data, new() { ValidationSplit = 0.1 })));
        Assert.Equal(named, Refused(() => network.Fit(data, new() { ValidationSplit = 0.9 })));
        Assert.Equal(
            named.Replace("dataset", "validation data", StringComparison.Ordinal),
            Refused(() => network.Fit(right, new() { ValidationData = data })));
    }

    [Fact]
    public void Names_the_first_of_several_rows()
    {
        INetwork<float> network = NetworkCompiler.Create<float>(Networks.Value, "Text");
        float[] wrong = [.. Features];
        foreach (int row in (int[])[120, 7, 60])
            wrong[row * 8] = -1;
        string message = Refused(() => network.Fit(Dataset.FromLabels(wrong, 8, Labels), new() { BatchSize = Rows, Threads = 4 }));
        Assert.Equal("Index -1 at position 0 of a row is no whole number from 0 to 49 (row 7 of the dataset, counted from 0).", message);
    }

    private static string Refused(Action action) => Assert.Throws<ArgumentOutOfRangeException>(action).Message;
}
