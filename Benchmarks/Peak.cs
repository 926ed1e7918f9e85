using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NetGen.Benchmarks;

/// <summary>How many floating-point operations a second one core can do at all: fused multiply-adds and nothing else.</summary>
internal static class Peak
{
    /// <summary>The widest vectors this processor computes with.</summary>
    public static int Bits =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>Measures the peak with vectors of 512, 256 or 128 bits, in operations a second: two per multiply-add.</summary>
    public static double Measure(int bits) => bits switch
    {
        512 => Measure<Width512, Vector512<float>>(bits),
        256 => Measure<Width256, Vector256<float>>(bits),
        _ => Measure<Width128, Vector128<float>>(bits),
    };

    private static double Measure<TWidth, TVector>(int bits)
        where TWidth : IWidth<TVector>
    {
        const int Iterations = 100_000, Repetitions = 40;
        double best = double.PositiveInfinity;
        for (int i = 0; i < Repetitions; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Chains<TWidth, TVector>(Iterations);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * 12 * (bits / 32) * Iterations / best;
    }

    /// <summary>
    /// Twelve independent chains: enough to hide a latency of 4 cycles on three units, and few enough for 16 registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static TVector Chains<TWidth, TVector>(int iterations)
        where TWidth : IWidth<TVector>
    {
        TVector x = TWidth.Create(0.999f), y = TWidth.Create(0.001f);
        TVector a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int n = 0; n < iterations; n++)
        {
            a = TWidth.MultiplyAdd(a, x, y);
            b = TWidth.MultiplyAdd(b, x, y);
            c = TWidth.MultiplyAdd(c, x, y);
            d = TWidth.MultiplyAdd(d, x, y);
            e = TWidth.MultiplyAdd(e, x, y);
            f = TWidth.MultiplyAdd(f, x, y);
            g = TWidth.MultiplyAdd(g, x, y);
            h = TWidth.MultiplyAdd(h, x, y);
            i = TWidth.MultiplyAdd(i, x, y);
            j = TWidth.MultiplyAdd(j, x, y);
            k = TWidth.MultiplyAdd(k, x, y);
            l = TWidth.MultiplyAdd(l, x, y);
        }

        // Every chain reaches the result, or the compiler may leave it out.
        TVector abcd = TWidth.MultiplyAdd(a, b, TWidth.MultiplyAdd(c, d, y));
        TVector efgh = TWidth.MultiplyAdd(e, f, TWidth.MultiplyAdd(g, h, y));
        TVector ijkl = TWidth.MultiplyAdd(i, j, TWidth.MultiplyAdd(k, l, y));
        return TWidth.MultiplyAdd(abcd, efgh, ijkl);
    }

    private interface IWidth<TVector>
    {
        static abstract TVector Create(float value);

        static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);
    }

    private readonly struct Width512 : IWidth<Vector512<float>>
    {
        public static Vector512<float> Create(float value) => Vector512.Create(value);

        public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) =>
            Vector512.FusedMultiplyAdd(left, right, addend);
    }

    private readonly struct Width256 : IWidth<Vector256<float>>
    {
        public static Vector256<float> Create(float value) => Vector256.Create(value);

        public static Vector256<float> MultiplyAdd(Vector256<float> left, Vector256<float> right, Vector256<float> addend) =>
            Vector256.FusedMultiplyAdd(left, right, addend);
    }

    private readonly struct Width128 : IWidth<Vector128<float>>
    {
        public static Vector128<float> Create(float value) => Vector128.Create(value);

        public static Vector128<float> MultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> addend) =>
            Vector128.FusedMultiplyAdd(left, right, addend);
    }
}
