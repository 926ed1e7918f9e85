using System.Numerics;
using System.Runtime.InteropServices;
using NetGen.CodeGeneration;
using NetGen.Tests.Infrastructure;
using NetGen.Tests.Numerics.Reference;
using Xunit;
using Xunit.Abstractions;

namespace NetGen.Tests.Numerics;

/// <summary>The functions of <see cref="SimdMath"/> at every width and in both precisions, against those of the reference.</summary>
public class KernelMathTests(ITestOutputHelper output)
{
    private const int Points = 1 << 14;

    public enum Kernel
    {
        Exp,
        ExpMinus1,
        Sigmoid,
        Tanh,
        Softplus,
        NormalDistribution,
        NormalDensity,
    }

    // The errors allowed, in units of the last place of the exact result, in single and in double precision.
    public static TheoryData<Kernel, double, double, double, double> Accuracies => new()
    {
        { Kernel.Exp, -87, 88, 1.5, 1.5 },
        { Kernel.ExpMinus1, -87, 88, 2, 2.1 },
        { Kernel.Sigmoid, -87, 87, 2.5, 2.1 },
        { Kernel.Tanh, -20, 20, 3, 3.1 },
        { Kernel.Softplus, -87, 87, 3.5, 4.1 },
        { Kernel.NormalDistribution, -1, 9, 5.5, 5.5 },
        { Kernel.NormalDensity, -1, 1, 2.5, 2.5 },

        // Far out, the rounding of the square in the exponent is all that matters.
        { Kernel.NormalDistribution, -5, -1, 40, 40 },
        { Kernel.NormalDensity, -9, 9, 40, 40 },
    };

    [Theory]
    [MemberData(nameof(Accuracies))]
    public void Functions_are_accurate(Kernel kernel, double from, double to, double singleError, double doubleError)
    {
        Check<float>(singleError, x => MathF.BitIncrement((float)x) - (float)x);
        Check<double>(doubleError, x => Math.BitIncrement(x) - x);

        void Check<T>(double allowed, Func<double, double> unit)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            T[] x = [.. Sweep<T>(from, to)];
            double[] exact = Array.ConvertAll(x, x => Exact(kernel, double.CreateChecked(x)));
            foreach (int bits in Widths<T>.Available)
            {
                T[] y = Evaluate(bits, kernel, x);
                (double error, double at) = (0, 0);
                for (int i = 0; i < x.Length; i++)
                {
                    double units = Math.Abs(double.CreateChecked(y[i]) - exact[i]) / unit(Math.Abs(exact[i]));
                    if (!(units <= error))
                        (error, at) = (units, double.CreateChecked(x[i]));
                }

                output.WriteLine($"{kernel} in [{from}, {to}], {typeof(T).Name}, {bits} bits: {error:f2} units at {at}");
                Assert.True(error <= allowed, $"{kernel}, {typeof(T).Name}, {bits} bits: {error:f2} units at {at:r}, allowed {allowed}");
            }
        }
    }

    [Fact]
    public void Special_values_in_single_precision() => CheckSpecialValues<float>(tiny: 2e-38, huge: 1e38);

    [Fact]
    public void Special_values_in_double_precision() => CheckSpecialValues<double>(tiny: 1e-307, huge: 1e307);

    // What the functions say beyond the range of numbers: at most tiny for 0, at least huge for infinity where they saturate.
    private static void CheckSpecialValues<T>(double tiny, double huge)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double infinity = double.PositiveInfinity;
        foreach (int bits in Widths<T>.Available)
        {
            foreach (Kernel kernel in Enum.GetValues<Kernel>())
            {
                Assert.True(double.IsNaN(At(kernel, double.NaN)), $"{kernel} of NaN, {bits} bits");
                // A NaN stays in its own lane.
                T[] mixed = Evaluate(bits, kernel, [.. Enumerable.Range(0, 16).Select(i => i == 3 ? T.NaN : T.CreateChecked(0.5))]);
                Assert.Equal([3], Enumerable.Range(0, 16).Where(i => T.IsNaN(mixed[i])));
            }

            foreach (double zero in (double[])[0, -0.0])
            {
                Assert.Equal(1, At(Kernel.Exp, zero));
                Assert.Equal(0, At(Kernel.ExpMinus1, zero));
                Assert.Equal(0.5, At(Kernel.Sigmoid, zero));
                Assert.Equal(zero, At(Kernel.Tanh, zero));
                Assert.Equal(double.IsNegative(zero), double.IsNegative(At(Kernel.Tanh, zero)));
                Assert.Equal(0.5, At(Kernel.NormalDistribution, zero), 1e-7);
            }

            foreach (double large in (double[])[1e3, 1e30, infinity])
            {
                Assert.InRange(At(Kernel.Exp, large), huge, double.MaxValue);
                Assert.InRange(At(Kernel.Exp, -large), 0, tiny);
                Assert.InRange(At(Kernel.ExpMinus1, large), huge, double.MaxValue);
                Assert.Equal(-1, At(Kernel.ExpMinus1, -large));
                Assert.Equal(1, At(Kernel.Sigmoid, large));
                Assert.InRange(At(Kernel.Sigmoid, -large), 0, tiny);
                Assert.Equal(1, At(Kernel.Tanh, large));
                Assert.Equal(-1, At(Kernel.Tanh, -large));
                Assert.Equal(double.CreateChecked(T.CreateChecked(large)), At(Kernel.Softplus, large));
                Assert.InRange(At(Kernel.Softplus, -large), 0, tiny);
                Assert.Equal(1, At(Kernel.NormalDistribution, large));
                Assert.InRange(At(Kernel.NormalDistribution, -large), 0, tiny);
                Assert.InRange(At(Kernel.NormalDensity, large), 0, tiny);
                Assert.InRange(At(Kernel.NormalDensity, -large), 0, tiny);
            }

            double At(Kernel kernel, double x) => double.CreateChecked(Evaluate(bits, kernel, [.. Enumerable.Repeat(T.CreateChecked(x), 16)])[5]);
        }
    }

    private static double Exact(Kernel kernel, double x) => kernel switch
    {
        Kernel.Exp => Math.Exp(x),
        Kernel.ExpMinus1 => ReferenceMath.ExpMinus1(x),
        Kernel.Sigmoid => ReferenceMath.Sigmoid(x),
        Kernel.Tanh => Math.Tanh(x),
        Kernel.Softplus => ReferenceMath.Softplus(x),
        Kernel.NormalDistribution => x < -0.5 ? Tail(-x) : ReferenceMath.Erfc(-x / Math.Sqrt(2)) / 2,
        _ => Density(x),
    };

    // e^(-x^2 / 2) / sqrt(2 pi), x^2 being rounded and what rounding took away being made up for.
    private static double Density(double x)
    {
        double square = x * x, rest = Math.FusedMultiplyAdd(x, x, -square);
        return Math.Exp(-square / 2) * (1 - rest / 2) / Math.Sqrt(2 * Math.PI);
    }

    // The probability beyond x: density / (x + 1 / (x + 2 / (x + 3 / ...))), Laplace's fraction. All terms are positive.
    private static double Tail(double x)
    {
        double fraction = x;
        for (int n = 2000; n >= 1; n--)
            fraction = x + n / fraction;
        return Density(x) / fraction;
    }

    /// <summary>Evenly spaced points, and on both sides of zero points down to the smallest magnitudes.</summary>
    private static IEnumerable<T> Sweep<T>(double from, double to)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < Points; i++)
            yield return T.CreateChecked(from + (to - from) * i / (Points - 1));
        for (int i = 0; i < Points / 2; i++)
        {
            double magnitude = Math.Pow(10, -36d * i / (Points / 2));
            yield return T.CreateChecked(Math.Clamp(magnitude, from, to));
            yield return T.CreateChecked(Math.Clamp(-magnitude, from, to));
        }
    }

    private static T[] Evaluate<T>(int bits, Kernel kernel, T[] x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => bits switch
        {
            512 => Evaluate<Simd512<T>, T>(kernel, x),
            256 => Evaluate<Simd256<T>, T>(kernel, x),
            _ => Evaluate<Simd128<T>, T>(kernel, x),
        };

    private static T[] Evaluate<V, T>(Kernel kernel, T[] x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(0, x.Length % V.Count);
        T[] y = new T[x.Length];
        ref T source = ref MemoryMarshal.GetArrayDataReference(x), destination = ref MemoryMarshal.GetArrayDataReference(y);
        for (int i = 0; i < x.Length; i += V.Count)
        {
            V value = V.Load(ref source, i);
            V.Store(
                kernel switch
                {
                    Kernel.Exp => SimdMath.Exp<V, T>(value),
                    Kernel.ExpMinus1 => SimdMath.ExpMinus1<V, T>(value),
                    Kernel.Sigmoid => SimdMath.Sigmoid<V, T>(value),
                    Kernel.Tanh => SimdMath.Tanh<V, T>(value),
                    Kernel.Softplus => SimdMath.Softplus<V, T>(value),
                    Kernel.NormalDistribution => SimdMath.NormalDistribution<V, T>(value),
                    _ => SimdMath.NormalDensity<V, T>(value),
                },
                ref destination, i);
        }

        return y;
    }
}
