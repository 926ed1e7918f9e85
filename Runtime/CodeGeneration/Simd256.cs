using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NetGen.CodeGeneration;

/// <summary>256-bit vectors: AVX2.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Simd256<T> : ISimd<Simd256<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Vector256<T> _vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Simd256(Vector256<T> vector) => _vector = vector;

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256<T>.Count;
    }

    /// <inheritdoc/>
    public static bool HasManyRegisters
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.VL.IsSupported;
    }

    /// <inheritdoc/>
    public static Simd256<T> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<T>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Create(T value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Constant(double value) => new(
        typeof(T) == typeof(float) ? Vector256.Create((float)value).As<float, T>() : Vector256.Create(value).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Load(ref T start, nint position) => new(Vector256.LoadUnsafe(ref Unsafe.Add(ref start, position)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Broadcast(ref T start, nint position) => new(Vector256.Create(Unsafe.Add(ref start, position)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd256<T> vector, ref T start, nint position) =>
        vector._vector.StoreUnsafe(ref Unsafe.Add(ref start, position));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator +(Simd256<T> left, Simd256<T> right) => new(left._vector + right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator -(Simd256<T> left, Simd256<T> right) => new(left._vector - right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator *(Simd256<T> left, Simd256<T> right) => new(left._vector * right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator /(Simd256<T> left, Simd256<T> right) => new(left._vector / right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> MultiplyAdd(Simd256<T> left, Simd256<T> right, Simd256<T> addend) => new(
        typeof(T) == typeof(float)
            ? Vector256.MultiplyAddEstimate(left._vector.AsSingle(), right._vector.AsSingle(), addend._vector.AsSingle()).As<float, T>()
            : Vector256.MultiplyAddEstimate(left._vector.AsDouble(), right._vector.AsDouble(), addend._vector.AsDouble()).As<double, T>());

    // The processor's own maximum and minimum return the second operand when one is NaN, which is what keeps it.

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Max(Simd256<T> bound, Simd256<T> value) => new(Vector256.MaxNative(bound._vector, value._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Min(Simd256<T> bound, Simd256<T> value) => new(Vector256.MinNative(bound._vector, value._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Maximum(Simd256<T> left, Simd256<T> right) => new(Vector256.Max(left._vector, right._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Abs(Simd256<T> vector) => new(Vector256.Abs(vector._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Or(Simd256<T> left, Simd256<T> right) => new(left._vector | right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Sqrt(Simd256<T> vector) => new(Vector256.Sqrt(vector._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> CopySign(Simd256<T> magnitude, Simd256<T> sign) =>
        new(Vector256.ConditionalSelect(Vector256.Create(T.NegativeZero), sign._vector, magnitude._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> GreaterThan(Simd256<T> left, Simd256<T> right) =>
        new(Vector256.GreaterThan(left._vector, right._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Select(Simd256<T> mask, Simd256<T> whenSet, Simd256<T> otherwise) =>
        new(Vector256.ConditionalSelect(mask._vector, whenSet._vector, otherwise._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Exp(Simd256<T> vector) => SimdMath.Exp<Simd256<T>, T>(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Log(Simd256<T> vector) => new(
        typeof(T) == typeof(float) ? Vector256.Log(vector._vector.AsSingle()).As<float, T>() : Vector256.Log(vector._vector.AsDouble()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Sin(Simd256<T> vector) => new(
        typeof(T) == typeof(float) ? Vector256.Sin(vector._vector.AsSingle()).As<float, T>() : Vector256.Sin(vector._vector.AsDouble()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Cos(Simd256<T> vector) => new(
        typeof(T) == typeof(float) ? Vector256.Cos(vector._vector.AsSingle()).As<float, T>() : Vector256.Cos(vector._vector.AsDouble()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Tanh(Simd256<T> vector) => SimdMath.Tanh<Simd256<T>, T>(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Sigmoid(Simd256<T> vector) => SimdMath.Sigmoid<Simd256<T>, T>(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> FirstLanes(int count) => new(
        typeof(T) == typeof(float)
            ? Vector256.GreaterThan(Vector256.Create(count), Vector256<int>.Indices).As<int, T>()
            : Vector256.GreaterThan(Vector256.Create((long)count), Vector256<long>.Indices).As<long, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Simd256<T> vector) => Simd128<T>.Sum(Halved(vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Largest(Simd256<T> vector) => Simd128<T>.Largest(new Simd128<T>(Vector128.MaxNative(vector._vector.GetLower(), vector._vector.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(
        Simd256<T> first, Simd256<T> second, Simd256<T> third, Simd256<T> fourth, ref T start, nint position) =>
        Simd128<T>.StoreSums(Halved(first), Halved(second), Halved(third), Halved(fourth), ref start, position);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> PowerOfTwo(Simd256<T> shifted) => new(
        typeof(T) == typeof(float)
            ? ((shifted._vector.AsInt32() << 23) + Vector256.Create(1f).AsInt32()).As<int, T>()
            : ((shifted._vector.AsInt64() << 52) + Vector256.Create(1d).AsInt64()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Simd128<T> Halved(Simd256<T> vector) => new(vector._vector.GetLower() + vector._vector.GetUpper());
}
