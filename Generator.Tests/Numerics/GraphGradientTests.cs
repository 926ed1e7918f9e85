using System.Numerics;
using NetGen.Tests.Infrastructure;
using Xunit;
using Xunit.Abstractions;

namespace NetGen.Tests.Numerics;

/// <summary>Gradients of random graphs of 2 to 12 layers of every kind against central differences of what was generated.</summary>
public class GraphGradientTests(ITestOutputHelper output)
{
    [Fact]
    public void Gradients_in_double_precision_are_central_differences() => Check<double>(Precision.Double, tolerance: 1e-7);

    // Differences in single precision are too coarse to compare with: the same network in double precision gives them.
    [Fact]
    public void Gradients_in_single_precision_are_central_differences() => Check<float>(Precision.Single, tolerance: 2e-3);

    private void Check<T>(Precision precision, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int[] widths = [.. Widths<T>.Available];
        GradientCheck.Result total = default;
        for (int seed = 0; seed < CompiledRandomGraphs.Count(precision); seed++)
        {
            int bits = widths[seed % widths.Length];
            (_, T[] gradients, T[] inputGradients) = CompiledRandomGraphs.CreateCase<T>(seed).Train(bits);
            GradientCheck.Result result = GradientCheck.Run(CompiledRandomGraphs.CreateCase<double>(seed), gradients, inputGradients, bits);
            if (!(result.Error < tolerance / 4))
                output.WriteLine($"graph {seed}: {result}");
            total += result;
        }

        output.WriteLine(total.ToString());
        Assert.True(total.Error < tolerance, $"{total.Worst}: error {total.Error:g3}, allowed {tolerance:g3}");
        Assert.InRange(total.Discarded, 0, 0.05 * total.Directions);
    }
}
