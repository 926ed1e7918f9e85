using System.ComponentModel;
using System.Numerics;

namespace NetGen.CodeGeneration;

/// <summary>
/// Memory for activations that do not fit the stack: one buffer a thread, grown when first needed and kept.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Scratch<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [ThreadStatic]
    private static ParameterBuffer<T>? _buffer;

    /// <summary>The calling thread's buffer, its content undefined; valid until the next call on the same thread.</summary>
    public static Span<T> Rent(int length)
    {
        if (_buffer is null || _buffer.Length < length)
            _buffer = new ParameterBuffer<T>(length);
        return _buffer.Span[..length];
    }
}
