using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NetGen.CodeGeneration;

/// <summary>Loops over whole buffers that every network needs alike.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class VectorLoops
{
    /// <summary>sum += addend, over whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<V, T>(ref T addend, ref T sum, int length)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nint i = 0; i < length; i += V.Count)
            V.Store(V.Load(ref sum, i) + V.Load(ref addend, i), ref sum, i);
    }

    /// <summary>difference -= subtrahend, over whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract<V, T>(ref T subtrahend, ref T difference, int length)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nint i = 0; i < length; i += V.Count)
            V.Store(V.Load(ref difference, i) - V.Load(ref subtrahend, i), ref difference, i);
    }

    /// <summary>Whether there is neither an infinity nor a NaN, over whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool IsFinite<V, T>(ref T values, int length)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V zeros = V.Zero;
        for (nint i = 0; i < length; i += V.Count)
        {
            // x - x is 0 for a number, and NaN for an infinity or a NaN. Its bits are gathered because sums would wait for each other.
            V x = V.Load(ref values, i);
            zeros = V.Or(zeros, x - x);
        }

        return V.Sum(zeros) == T.Zero;
    }
}
