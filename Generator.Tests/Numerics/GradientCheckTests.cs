using System.Numerics;
using NetGen.Tests.Infrastructure;
using Xunit;
using Xunit.Abstractions;

namespace NetGen.Tests.Numerics;

/// <summary>Gradients of random networks against central differences.</summary>
public class GradientCheckTests(ITestOutputHelper output)
{
    [Fact]
    public void Gradients_in_double_precision_are_central_differences() => Check<double>(Precision.Double, tolerance: 1e-7);

    // Differences in single precision are too coarse to compare with: the same network in double precision gives them.
    [Fact]
    public void Gradients_in_single_precision_are_central_differences() => Check<float>(Precision.Single, tolerance: 1e-5);

    private void Check<T>(Precision precision, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int[] widths = [.. Widths<T>.Available];
        GradientCheck.Result total = default;
        for (int seed = 0; seed < CompiledRandomNetworks.Count(precision); seed++)
        {
            int bits = widths[seed % widths.Length];
            (_, T[] gradients, T[] inputGradients) = CompiledRandomNetworks.Create<T>(seed, variant: 0, isObservable: true).Train(bits);
            TrainingCase<double> differenced = CompiledRandomNetworks.Create<double>(seed, variant: 0, isObservable: true);
            total += GradientCheck.Run(differenced, gradients, inputGradients, bits);
        }

        output.WriteLine(total.ToString());
        Assert.True(total.Error < tolerance, $"{total.Worst}: error {total.Error:g3}, allowed {tolerance:g3}");
        Assert.InRange(total.Discarded, 0, 0.05 * total.Directions);
    }
}
