using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NetGen.CodeGeneration;

/// <summary>512-bit vectors: AVX-512.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Simd512<T> : ISimd<Simd512<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Vector512<T> _vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Simd512(Vector512<T> vector) => _vector = vector;

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<T>.Count;
    }

    /// <inheritdoc/>
    public static bool HasManyRegisters
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    public static Simd512<T> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<T>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Create(T value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Constant(double value) => new(
        typeof(T) == typeof(float) ? Vector512.Create((float)value).As<float, T>() : Vector512.Create(value).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Load(ref T start, nint position) => new(Vector512.LoadUnsafe(ref Unsafe.Add(ref start, position)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Broadcast(ref T start, nint position) => new(Vector512.Create(Unsafe.Add(ref start, position)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd512<T> vector, ref T start, nint position) =>
        vector._vector.StoreUnsafe(ref Unsafe.Add(ref start, position));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> operator +(Simd512<T> left, Simd512<T> right) => new(left._vector + right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> operator -(Simd512<T> left, Simd512<T> right) => new(left._vector - right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> operator *(Simd512<T> left, Simd512<T> right) => new(left._vector * right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> operator /(Simd512<T> left, Simd512<T> right) => new(left._vector / right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> MultiplyAdd(Simd512<T> left, Simd512<T> right, Simd512<T> addend) => new(
        typeof(T) == typeof(float)
            ? Vector512.MultiplyAddEstimate(left._vector.AsSingle(), right._vector.AsSingle(), addend._vector.AsSingle()).As<float, T>()
            : Vector512.MultiplyAddEstimate(left._vector.AsDouble(), right._vector.AsDouble(), addend._vector.AsDouble()).As<double, T>());

    // The processor's own maximum and minimum return the second operand when one is NaN, which is what keeps it.

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Max(Simd512<T> bound, Simd512<T> value) => new(Vector512.MaxNative(bound._vector, value._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Min(Simd512<T> bound, Simd512<T> value) => new(Vector512.MinNative(bound._vector, value._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Maximum(Simd512<T> left, Simd512<T> right) => new(Vector512.Max(left._vector, right._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Abs(Simd512<T> vector) => new(Vector512.Abs(vector._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Or(Simd512<T> left, Simd512<T> right) => new(left._vector | right._vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Sqrt(Simd512<T> vector) => new(Vector512.Sqrt(vector._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> CopySign(Simd512<T> magnitude, Simd512<T> sign) =>
        new(Vector512.ConditionalSelect(Vector512.Create(T.NegativeZero), sign._vector, magnitude._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> GreaterThan(Simd512<T> left, Simd512<T> right) =>
        new(Vector512.GreaterThan(left._vector, right._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Select(Simd512<T> mask, Simd512<T> whenSet, Simd512<T> otherwise) =>
        new(Vector512.ConditionalSelect(mask._vector, whenSet._vector, otherwise._vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Exp(Simd512<T> vector) => SimdMath.Exp<Simd512<T>, T>(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Log(Simd512<T> vector) => new(
        typeof(T) == typeof(float) ? Vector512.Log(vector._vector.AsSingle()).As<float, T>() : Vector512.Log(vector._vector.AsDouble()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Sin(Simd512<T> vector) => new(
        typeof(T) == typeof(float) ? Vector512.Sin(vector._vector.AsSingle()).As<float, T>() : Vector512.Sin(vector._vector.AsDouble()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Cos(Simd512<T> vector) => new(
        typeof(T) == typeof(float) ? Vector512.Cos(vector._vector.AsSingle()).As<float, T>() : Vector512.Cos(vector._vector.AsDouble()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Tanh(Simd512<T> vector) => SimdMath.Tanh<Simd512<T>, T>(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Sigmoid(Simd512<T> vector) => SimdMath.Sigmoid<Simd512<T>, T>(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> FirstLanes(int count) => new(
        typeof(T) == typeof(float)
            ? Vector512.GreaterThan(Vector512.Create(count), Vector512<int>.Indices).As<int, T>()
            : Vector512.GreaterThan(Vector512.Create((long)count), Vector512<long>.Indices).As<long, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Simd512<T> vector) => Simd256<T>.Sum(Halved(vector));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Largest(Simd512<T> vector) => Simd256<T>.Largest(new Simd256<T>(Vector256.MaxNative(vector._vector.GetLower(), vector._vector.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(
        Simd512<T> first, Simd512<T> second, Simd512<T> third, Simd512<T> fourth, ref T start, nint position) =>
        Simd256<T>.StoreSums(Halved(first), Halved(second), Halved(third), Halved(fourth), ref start, position);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> PowerOfTwo(Simd512<T> shifted) => new(
        typeof(T) == typeof(float)
            ? ((shifted._vector.AsInt32() << 23) + Vector512.Create(1f).AsInt32()).As<int, T>()
            : ((shifted._vector.AsInt64() << 52) + Vector512.Create(1d).AsInt64()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Simd256<T> Halved(Simd512<T> vector) => new(vector._vector.GetLower() + vector._vector.GetUpper());
}
