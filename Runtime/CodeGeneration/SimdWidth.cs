using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NetGen.CodeGeneration;

/// <summary>
/// The vector width generated code takes. The widest the machine has, unless the application sets the AppContext switch
/// <c>NetGen.Vector256</c> (in runtimeconfig or at its start): then 256 bits, which give the same bits with AVX2 and AVX-512.
/// A wider vector than the hardware has would be emulated, hundreds of times slower, so none is ever reached.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SimdWidth
{
    private static readonly bool Pinned = AppContext.TryGetSwitch("NetGen.Vector256", out bool pinned) && pinned;

    /// <summary>Whether to use 512-bit vectors.</summary>
    public static bool Is512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.IsHardwareAccelerated && !Pinned;
    }

    /// <summary>Whether to use 256-bit vectors.</summary>
    public static bool Is256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.IsHardwareAccelerated;
    }

    /// <summary>The width in bits, for messages.</summary>
    public static int Bits => Is512 ? 512 : Is256 ? 256 : 128;
}
