using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace NetGen.CodeGeneration;

/// <summary>128-bit vectors: every machine.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Simd128<T> : ISimd<Simd128<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Vector128<T> _vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Simd128(Vector128<T> vector) => _vector = vector;

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128<T>.Count;
    }

    /// <inheritdoc/>
    public static bool HasManyRegisters
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => AdvSimd.Arm64.IsSupported || Avx512F.VL.IsSupported;
    }

    /// <inheritdoc/>
    public static Simd128<T> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128<T>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Create(T value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Constant(double value) => new(
        typeof(T) == typeof(float) ? Vector128.Create((float)value).As<float, T>() : Vector128.Create(value).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Load(ref T start, nint position) => new(Vector128.LoadUnsafe(ref Unsafe.Add(ref start, position)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Broadcast(ref T start, nint position) => new(Vector128.Create(Unsafe.Add(ref start, position)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd128<T> vector, ref T start, nint position) =>
        vector._vector.StoreUnsafe(ref Unsafe.Add(ref start, position));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> operator +(Simd128<T> left, Simd128<T> right) => new(left._vector + right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> operator -(Simd128<T> left, Simd128<T> right) => new(left._vector - right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> operator *(Simd128<T> left, Simd128<T> right) => new(left._vector * right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> operator /(Simd128<T> left, Simd128<T> right) => new(left._vector / right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> MultiplyAdd(Simd128<T> left, Simd128<T> right, Simd128<T> addend) => new(
        typeof(T) == typeof(float)
            ? Vector128.MultiplyAddEstimate(left._vector.AsSingle(), right._vector.AsSingle(), addend._vector.AsSingle()).As<float, T>()
            : Vector128.MultiplyAddEstimate(left._vector.AsDouble(), right._vector.AsDouble(), addend._vector.AsDouble()).As<double, T>());

    // The processor's own maximum and minimum return the second operand when one is NaN, which is what keeps it.

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Max(Simd128<T> bound, Simd128<T> value) => new(Vector128.MaxNative(bound._vector, value._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Min(Simd128<T> bound, Simd128<T> value) => new(Vector128.MinNative(bound._vector, value._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Maximum(Simd128<T> left, Simd128<T> right) => new(Vector128.Max(left._vector, right._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Abs(Simd128<T> vector) => new(Vector128.Abs(vector._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Or(Simd128<T> left, Simd128<T> right) => new(left._vector | right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Sqrt(Simd128<T> vector) => new(Vector128.Sqrt(vector._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> CopySign(Simd128<T> magnitude, Simd128<T> sign) =>
        new(Vector128.ConditionalSelect(Vector128.Create(T.NegativeZero), sign._vector, magnitude._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> GreaterThan(Simd128<T> left, Simd128<T> right) =>
        new(Vector128.GreaterThan(left._vector, right._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Select(Simd128<T> mask, Simd128<T> whenSet, Simd128<T> otherwise) =>
        new(Vector128.ConditionalSelect(mask._vector, whenSet._vector, otherwise._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Exp(Simd128<T> vector) => SimdMath.Exp<Simd128<T>, T>(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Log(Simd128<T> vector) => new(
        typeof(T) == typeof(float) ? Vector128.Log(vector._vector.AsSingle()).As<float, T>() : Vector128.Log(vector._vector.AsDouble()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Sin(Simd128<T> vector) => new(
        typeof(T) == typeof(float) ? Vector128.Sin(vector._vector.AsSingle()).As<float, T>() : Vector128.Sin(vector._vector.AsDouble()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Cos(Simd128<T> vector) => new(
        typeof(T) == typeof(float) ? Vector128.Cos(vector._vector.AsSingle()).As<float, T>() : Vector128.Cos(vector._vector.AsDouble()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Tanh(Simd128<T> vector) => SimdMath.Tanh<Simd128<T>, T>(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Sigmoid(Simd128<T> vector) => SimdMath.Sigmoid<Simd128<T>, T>(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> FirstLanes(int count) => new(
        typeof(T) == typeof(float)
            ? Vector128.GreaterThan(Vector128.Create(count), Vector128<int>.Indices).As<int, T>()
            : Vector128.GreaterThan(Vector128.Create((long)count), Vector128<long>.Indices).As<long, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Simd128<T> vector) => Vector128.Sum(vector._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Largest(Simd128<T> vector) => typeof(T) == typeof(float)
        ? T.Max(T.Max(vector._vector[0], vector._vector[1]), T.Max(vector._vector[2], vector._vector[3]))
        : T.Max(vector._vector[0], vector._vector[1]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(
        Simd128<T> first, Simd128<T> second, Simd128<T> third, Simd128<T> fourth, ref T start, nint position)
    {
        if (typeof(T) == typeof(float))
        {
            Sums(first._vector.AsSingle(), second._vector.AsSingle(), third._vector.AsSingle(), fourth._vector.AsSingle())
                .As<float, T>().StoreUnsafe(ref Unsafe.Add(ref start, position));
        }
        else
        {
            Sums(first._vector.AsDouble(), second._vector.AsDouble()).As<double, T>().StoreUnsafe(ref Unsafe.Add(ref start, position));
            Sums(third._vector.AsDouble(), fourth._vector.AsDouble()).As<double, T>().StoreUnsafe(ref Unsafe.Add(ref start, position + 2));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> PowerOfTwo(Simd128<T> shifted) => new(
        typeof(T) == typeof(float)
            ? ((shifted._vector.AsInt32() << 23) + Vector128.Create(1f).AsInt32()).As<int, T>()
            : ((shifted._vector.AsInt64() << 52) + Vector128.Create(1d).AsInt64()).As<long, T>());

    // A transposition whose steps add: far fewer shuffles than four sums one by one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sums(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (Sse.IsSupported)
        {
            Vector128<float> ab = Sse.UnpackLow(a, b) + Sse.UnpackHigh(a, b); // a02 b02 a13 b13
            Vector128<float> cd = Sse.UnpackLow(c, d) + Sse.UnpackHigh(c, d);
            return Sse.MoveLowToHigh(ab, cd) + Sse.MoveHighToLow(cd, ab);
        }

        if (AdvSimd.Arm64.IsSupported)
            return AdvSimd.Arm64.AddPairwise(AdvSimd.Arm64.AddPairwise(a, b), AdvSimd.Arm64.AddPairwise(c, d));
        return Vector128.Create(Vector128.Sum(a), Vector128.Sum(b), Vector128.Sum(c), Vector128.Sum(d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Sums(Vector128<double> a, Vector128<double> b)
    {
        if (Sse2.IsSupported)
            return Sse2.UnpackLow(a, b) + Sse2.UnpackHigh(a, b);
        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.AddPairwise(a, b)
            : Vector128.Create(Vector128.Sum(a), Vector128.Sum(b));
    }
}
