using System.ComponentModel;
using System.Numerics;

namespace NetGen.CodeGeneration;

/// <summary>
/// A hardware vector of any width. Kernels are written once over it, and the compiler makes one version for each width.
/// Masks are vectors whose lanes are all ones or all zeros. Positions are counted in elements and are not checked.
/// </summary>
/// <typeparam name="TSelf">The vector type itself.</typeparam>
/// <typeparam name="T">The element type: <see cref="float"/> or <see cref="double"/>.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface ISimd<TSelf, T> : IVector<TSelf>
    where TSelf : struct, ISimd<TSelf, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Elements in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>
    /// Whether the processor has 32 vector registers (AVX-512, Arm64) rather than 16: decides how large a tile of the
    /// result a kernel holds in registers.
    /// </summary>
    static abstract bool HasManyRegisters { get; }

    /// <summary>The same number in every lane.</summary>
    static abstract TSelf Create(T value);

    /// <summary>The elements from a position on.</summary>
    static abstract TSelf Load(ref T start, nint position);

    /// <summary>One element in every lane.</summary>
    static abstract TSelf Broadcast(ref T start, nint position);

    /// <summary>Writes all lanes from a position on.</summary>
    static abstract void Store(TSelf vector, ref T start, nint position);

    /// <summary>The bits of both.</summary>
    static abstract TSelf Or(TSelf left, TSelf right);

    /// <summary>The larger of each pair, or NaN where one is.</summary>
    static abstract TSelf Maximum(TSelf left, TSelf right);

    /// <summary>A mask of the first lanes; none if the number is negative, all if it exceeds the width.</summary>
    static abstract TSelf FirstLanes(int count);

    /// <summary>The sum of all lanes.</summary>
    static abstract T Sum(TSelf vector);

    /// <summary>The largest lane.</summary>
    static abstract T Largest(TSelf vector);

    /// <summary>Writes the sums of four vectors next to each other.</summary>
    static abstract void StoreSums(TSelf first, TSelf second, TSelf third, TSelf fourth, ref T start, nint position);

    /// <summary>2^n for a whole number n given as n + <see cref="SimdMath.RoundingMagic{T}"/>.</summary>
    static abstract TSelf PowerOfTwo(TSelf shifted);
}
