using System.Numerics;
using System.Runtime.CompilerServices;
using NetGen.CodeGeneration;

namespace NetGen.Tests.Infrastructure;

/// <summary>Memory that generated code takes as it finds it.</summary>
internal static class Memory
{
    private const int Elements = 24 << 10;

    /// <summary>
    /// Fills the stack below the caller and the thread's scratch memory: frames are not cleared, and what a kernel reads without having
    /// written it should show.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Soil<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<double> stack = stackalloc double[Elements];
        stack.Fill(double.NaN);

        // All that was rented before; a larger frame takes the buffer that is made here.
        Scratch<T>.Rent(64 * Elements).Fill(T.NaN);
    }
}
