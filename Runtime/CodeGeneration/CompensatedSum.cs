using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NetGen.CodeGeneration;

/// <summary>
/// Sums that keep what each addition rounds away in a second vector, so that their error does not grow with the number of terms (Møller, "Quasi
/// double-precision in floating point addition", 1965; Knuth, "The Art of Computer Programming", volume 2, 1969).
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CompensatedSum
{
    /// <summary>sum + error grows by the term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<V, T>(V term, ref V sum, ref V error)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V total = sum + term, rounded = total - sum;
        error += sum - (total - rounded) + (term - rounded);
        sum = total;
    }

    /// <summary>The sum with what it has lost. An infinite sum has an error that is not a number, and stays infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Total<V, T>(V sum, V error)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        sum + V.Select(V.GreaterThan(error, V.Create(T.NegativeInfinity)), error, V.Zero);
}
