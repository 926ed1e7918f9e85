using System.Numerics;
using Xunit;

namespace NetGen.Tests.Infrastructure;

/// <summary>Comparison of tensors relative to their largest element.</summary>
internal static class Near
{
    /// <summary>The largest difference, relative to the largest expected magnitude.</summary>
    public static double Error<T>(ReadOnlySpan<double> expected, ReadOnlySpan<T> actual)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = 1e-30, difference = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double value = double.CreateTruncating(actual[i]);
            if (!double.IsFinite(value))
                return double.PositiveInfinity;
            largest = Math.Max(largest, Math.Abs(expected[i]));
            difference = Math.Max(difference, Math.Abs(expected[i] - value));
        }

        return difference / largest;
    }

    public static void Assert_<T>(ReadOnlySpan<double> expected, ReadOnlySpan<T> actual, double tolerance, string what)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double error = Error(expected, actual);
        Assert.True(error < tolerance, $"{what}: relative error {error:g3}, allowed {tolerance:g3}");
    }
}
