using System.Globalization;
using Xunit;

namespace NetGen.Tests.Arm64;

/// <summary>An Arm64 processor, emulated, computes what this machine's does and what PyTorch says.</summary>
public sealed class Arm64Tests(Arm64Program program) : IClassFixture<Arm64Program>
{
    // Of single precision, as the golden tests have it; and of losses between two processors.
    private const double GoldenTolerance = 2e-6, LossTolerance = 1e-6;

    [Arm64Fact]
    public void Compiled_while_it_runs() => Check("Runtime");

    [Arm64Fact]
    public void Compiled_before() => Check("Native");

    private void Check(string kind)
    {
        string[] expected = program.Expected, actual = program.RunOnArm64(kind);
        Assert.Equal(expected.Length, actual.Length);
        Assert.Contains(expected, line => line.StartsWith("golden ", StringComparison.Ordinal));
        Assert.Contains(expected, line => line.StartsWith("zoo ", StringComparison.Ordinal));
        foreach ((string[] here, string[] there) in expected.Zip(actual, (here, there) => (here.Split(' '), there.Split(' '))))
        {
            Assert.Equal(here[..2], there[..2]);
            double[] values = Numbers(here), others = Numbers(there);
            if (here[0] == "golden")
                Assert.True(others.Max() < GoldenTolerance, $"{there[1]} is {there[2]} off.");
            else
                Assert.All(values.Zip(others), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= LossTolerance * pair.First, $"{there[1]}: {pair}"));
        }

        static double[] Numbers(string[] line) => [.. line[2..].Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
    }
}
