using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetGen.CodeGeneration;

/// <summary>
/// Memory for activations that do not fit the stack: one buffer a thread, grown when first needed. A thread keeps up to 64 MB for good;
/// a larger buffer stays as long as it is used between one full garbage collection and the next.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Scratch<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    internal const int KeptBytes = 64 << 20;

    [ThreadStatic]
    private static ParameterBuffer<T>? _buffer;

    [ThreadStatic]
    private static LargeBuffer? _large;

    /// <summary>What the calling thread keeps for large frames; for tests.</summary>
    internal static object? Large => _large?.Buffer;

    /// <summary>The calling thread's buffer, its content undefined; valid until the next call on the same thread.</summary>
    public static Span<T> Rent(int length)
    {
        if (length > KeptBytes / Unsafe.SizeOf<T>())
            return (_large ??= new()).Rent(length);
        if (_buffer is null || _buffer.Length < length)
            _buffer = new ParameterBuffer<T>(length);
        return _buffer.Span[..length];
    }

    /// <summary>A buffer that goes when a full collection finds that nobody has rented it since the one before.</summary>
    private sealed class LargeBuffer
    {
        private readonly Lock _lock = new();
        private volatile ParameterBuffer<T>? _buffer;
        private volatile bool _isUsed;
        private bool _isWatched;

        public object? Buffer => _buffer;

        public Span<T> Rent(int length)
        {
            _isUsed = true;
            // The finalizer's thread may let go of the field at any time; what is rented stays, because the span refers to it.
            if (_buffer is { } kept && kept.Length >= length)
                return kept.Span[..length];
            // The old one goes first: both together may be more than there is.
            _buffer = null;
            ParameterBuffer<T> buffer = new(length);
            lock (_lock)
            {
                _buffer = buffer;
                if (!_isWatched)
                    _ = new CollectionWatch(this);
                _isWatched = true;
            }

            return buffer.Span[..length];
        }

        // Returns whether there is still something to watch.
        private bool Trim()
        {
            lock (_lock)
            {
                if (!_isUsed)
                    _buffer = null;
                _isUsed = false;
                return _isWatched = _buffer is not null;
            }
        }

        /// <summary>Nothing refers to it, so that every collection of its generation, soon the oldest, finalizes it anew.</summary>
        private sealed class CollectionWatch(LargeBuffer owner)
        {
            // A handle, because a WeakReference would be finalized together with this.
            private GCHandle _owner = GCHandle.Alloc(owner, GCHandleType.Weak);

            ~CollectionWatch()
            {
                // Young collections come often and tell nothing about memory: the first ones only let this object grow old.
                if (_owner.Target is LargeBuffer owner && (GC.GetGeneration(this) < GC.MaxGeneration || owner.Trim()))
                    GC.ReRegisterForFinalize(this);
                else
                    _owner.Free();
            }
        }
    }
}
