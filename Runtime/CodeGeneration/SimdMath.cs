using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetGen.CodeGeneration;

/// <summary>
/// Elementary functions over vectors of any width, to within a few units in the last place of either precision.
/// <c>Vector512.Exp</c> and its like were measured at 16 cycles an element in .NET 10; these take about one.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SimdMath
{
    private const double Log2E = 1.4426950408889634;

    // ln 2 in two parts, the first with so few bits that multiples of it are exact (Cody and Waite, 1980).
    private const double Ln2High = 0.693145751953125;
    private const double Ln2Low = 1.42860682030941723212e-6;
    private const double HalfSquareRoot = 0.70710678118654752;
    private const double NormalDensityAtZero = 0.39894228040143268;

    // erfc(x) = t exp(g(2t - 1) - x^2) with t = 2 / (2 + x) for x >= 0: the Chebyshev series of g, computed with 60 digits.
    private static ReadOnlySpan<double> ErfcSeries =>
    [
        -0.6513268598908547, 0.6419697923564902603, 0.01947647320418583631, -0.009561514786808631642, -0.0009465953444820368663,
        0.0003668394978527614519, 0.00004252332480690777165, -0.00002027857811253424315, -0.000001624290004647025513,
        0.000001303655835580523202, 1.562644172206614318e-8, -8.523809591492654253e-8, 6.529054439098851497e-9,
        5.059343495551468942e-9, -9.913641564930330867e-10, -2.273651222931835856e-10, 9.646791102015526802e-11,
        2.394038083039114745e-12, -6.886027526497553398e-12, 8.944879273090725717e-13, 3.130921399342958078e-13,
        -1.127082236136725237e-13, 3.810905255189232055e-16, 7.106097613609236988e-15, -1.523028201457104305e-15,
        -9.457494571291234e-17, 1.210237189224278992e-16, -2.816663087747176972e-17,
    ];

    /// <summary>The number whose addition rounds to whole numbers, leaving them in the low bits of the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double RoundingMagic<T>() => typeof(T) == typeof(float) ? 12582912d : 6755399441055744d;

    /// <summary>e^x, for x up to 88 (float) or 709 (double); larger values saturate just below the largest number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V power = ReduceExp<V, T>(x, out V fraction);
        return V.MultiplyAdd(fraction, power, power);
    }

    /// <summary>e^x - 1, exact also near zero; the range of <see cref="Exp{V, T}"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpMinus1<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V power = ReduceExp<V, T>(x, out V fraction);
        return V.MultiplyAdd(fraction, power, power - V.Constant(1));
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // The exponential of a negative number cannot overflow.
        V e = Exp<V, T>(V.Zero - V.Abs(x));
        V one = V.Constant(1);
        return V.Select(V.GreaterThan(V.Zero, x), e, one) / (one + e);
    }

    /// <summary>
    /// value / (1 + e^-x). Where x is far below zero, the product is 0 rather than the value times the smallest number that e^x can become.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TimesSigmoid<V, T>(V value, V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Half the exponent twice: e^x itself would leave the range of the element long before the product does.
        V half = Exp<V, T>(V.Constant(-0.5) * V.Abs(x)), one = V.Constant(1);
        V factor = V.Select(V.GreaterThan(V.Zero, x), half, one);
        return value * factor * factor / V.MultiplyAdd(half, half, one);
    }

    /// <summary>tanh x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // With m = e^(-2|x|) - 1 there is no cancellation at either end: tanh |x| = -m / (m + 2).
        V m = ExpMinus1<V, T>(V.Constant(-2) * V.Abs(x));
        return V.CopySign(m / (m + V.Constant(2)), x);
    }

    /// <summary>ln(1 + e^x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Softplus<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // max(x, 0) + ln(1 + u), u = e^-|x|; the logarithm as 2 artanh(u / (u + 2)), whose series needs s^2 <= 1/9 only.
        V u = Exp<V, T>(V.Zero - V.Abs(x));
        V s = u / (u + V.Constant(2));
        V square = s * s;
        int terms = typeof(T) == typeof(float) ? 8 : 16;
        V series = V.Constant(2d / (2 * terms - 1));
        for (int term = terms - 2; term >= 0; term--)
            series = V.MultiplyAdd(series, square, V.Constant(2d / (2 * term + 1)));
        return V.MultiplyAdd(series, s, V.Max(V.Zero, x));
    }

    /// <summary>tanh(ln(1 + e^x)) and its derivative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TanhSoftplus<V, T>(V x, out V slope)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // ((1 + e^x)^2 - 1) / ((1 + e^x)^2 + 1) and 4 e^x (1 + e^x) / ((1 + e^x)^2 + 1)^2, for positive x multiplied by e^-2x and
        // e^-4x above and below: in terms of u = e^-|x| nothing overflows or cancels.
        V u = Exp<V, T>(V.Zero - V.Abs(x));
        V one = V.Constant(1), two = V.Constant(2), isPositive = V.GreaterThan(x, V.Zero);
        V below = u * (u + two), above = V.MultiplyAdd(u, two, one);
        V divisor = one / V.Select(isPositive, V.MultiplyAdd(u * two, u, above), below + two);
        slope = V.Constant(4) * (one + u) * V.Select(isPositive, u * u, u) * divisor * divisor;
        return V.Select(isPositive, above, below) * divisor;
    }

    /// <summary>The distribution function of the standard normal: (1 + erf(x / sqrt 2)) / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalDistribution<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V z = V.Abs(x) * V.Constant(HalfSquareRoot);
        V t = V.Constant(2) / (z + V.Constant(2));
        V exponent = V.Zero - z * z + ErfcExponent<V, T>(t);
        V tail = V.Constant(0.5) * t * Exp<V, T>(exponent);
        return V.Select(V.GreaterThan(x, V.Zero), V.Constant(1) - tail, tail);
    }

    /// <summary>The density of the standard normal: e^(-x^2 / 2) / sqrt(2 pi).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalDensity<V, T>(V x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        V.Constant(NormalDensityAtZero) * Exp<V, T>(V.Constant(-0.5) * x * x);

    // e^x = 2^n (1 + fraction) with |x - n ln 2| <= ln 2 / 2: returns 2^n. Taylor's series to the last bit, in Estrin's
    // order because the length of the dependency chain is what small networks wait for.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReduceExp<V, T>(V x, out V fraction)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool single = typeof(T) == typeof(float);
        x = V.Max(V.Constant(single ? -87.3 : -708.3), V.Min(V.Constant(single ? 88.3 : 709.0), x));
        V magic = V.Constant(RoundingMagic<T>());
        V shifted = V.MultiplyAdd(x, V.Constant(Log2E), magic);
        V n = shifted - magic;
        V r = V.MultiplyAdd(n, V.Constant(-Ln2High), x);
        r = V.MultiplyAdd(n, V.Constant(-Ln2Low), r);
        V r2 = r * r, r4 = r2 * r2;
        V c23 = V.MultiplyAdd(r, V.Constant(1d / 6), V.Constant(1d / 2));
        V c45 = V.MultiplyAdd(r, V.Constant(1d / 120), V.Constant(1d / 24));
        V c67 = V.MultiplyAdd(r, V.Constant(1d / 5040), V.Constant(1d / 720));
        V high = V.MultiplyAdd(c67, r2, c45);
        if (!single)
        {
            V c89 = V.MultiplyAdd(r, V.Constant(1d / 362880), V.Constant(1d / 40320));
            V c1011 = V.MultiplyAdd(r, V.Constant(1d / 39916800), V.Constant(1d / 3628800));
            V c1213 = V.MultiplyAdd(r, V.Constant(1d / 6227020800), V.Constant(1d / 479001600));
            high = V.MultiplyAdd(V.MultiplyAdd(V.MultiplyAdd(c1213, r2, c1011), r2, c89), r4, high);
        }

        fraction = V.MultiplyAdd(V.MultiplyAdd(high, r2, c23), r2, r);
        return V.PowerOfTwo(shifted);
    }

    // Clenshaw's recurrence for g(2t - 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ErfcExponent<V, T>(V t)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref double series = ref MemoryMarshal.GetReference(ErfcSeries);
        int terms = typeof(T) == typeof(float) ? 12 : ErfcSeries.Length;
        V u = V.MultiplyAdd(t, V.Constant(2), V.Constant(-1)), twice = u + u;
        V next = V.Zero, afterNext = V.Zero;
        for (int term = terms - 1; term > 0; term--)
        {
            V current = V.MultiplyAdd(twice, next, V.Constant(Unsafe.Add(ref series, term)) - afterNext);
            afterNext = next;
            next = current;
        }

        return V.MultiplyAdd(u, next, V.Constant(series) - afterNext);
    }
}
