using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetGen.CodeGeneration;

namespace NetGen;

/// <summary>
/// One flat buffer, aligned to 64 bytes, with a place for every parameter of a network: its weights, their gradients
/// or an optimizer's state all have this layout. Padding elements are zero and stay zero as long as nobody writes to them through
/// <see cref="Span"/>; writing through views and <see cref="ParameterInfo.CopyFrom"/> never does.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class ParameterBuffer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int AlignmentInBytes = 64;

    private readonly T[] _elements;
    private readonly int _start;

    /// <summary>Allocates a buffer of zeros, all of them trained.</summary>
    /// <param name="length">The number of elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public ParameterBuffer(int length)
        : this(length, length)
    {
    }

    /// <summary>Allocates a buffer of zeros.</summary>
    /// <param name="length">The number of elements.</param>
    /// <param name="trainedLength">
    /// How many of them, from the first on, are trained; running statistics follow. A multiple of 16, the whole vectors optimizers work in, unless it is
    /// <paramref name="length"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative, or the trained part longer than the buffer.</exception>
    /// <exception cref="ArgumentException">The trained part does not end with a whole vector.</exception>
    public ParameterBuffer(int length, int trainedLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNegative(trainedLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(trainedLength, length);
        // Optimizers work in whole vectors: one across the end of the trained part would change running statistics, and what follows it not be aligned.
        if (trainedLength < length && trainedLength % PanelLayout.Alignment != 0)
        {
            throw new ArgumentException(
                $"{trainedLength} of {length} elements cannot be trained: running statistics begin at a multiple of {PanelLayout.Alignment}, "
                + $"such as {PanelLayout.Pad(trainedLength)}.", nameof(trainedLength));
        }

        int slack = AlignmentInBytes / Unsafe.SizeOf<T>();
        // Pinned, so that the alignment found here lasts; whole vectors, because optimizers read and write nothing less.
        _elements = GC.AllocateArray<T>(PanelLayout.Pad(length) + slack, pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(_elements, 0);
        _start = (int)((AlignmentInBytes - address % AlignmentInBytes) % AlignmentInBytes) / Unsafe.SizeOf<T>();
        Length = length;
        TrainedLength = trainedLength;
    }

    /// <summary>The number of elements, padding included.</summary>
    public int Length { get; }

    /// <summary>
    /// The number of trained elements, padding included. Behind them stand running statistics; in a buffer of gradients, what a step takes off
    /// these.
    /// </summary>
    public int TrainedLength { get; }

    /// <summary>
    /// All elements as they lie in memory. Who writes here keeps padding, and weights that a mask leaves out, at zero; <see cref="ParameterInfo.CopyFrom"/>
    /// and the views of a network's layers do.
    /// </summary>
    public Span<T> Span => _elements.AsSpan(_start, Length);

    /// <summary>The first element, without a bounds check.</summary>
    internal ref T Start
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_elements), _start);
    }

    /// <summary>Sets every element to zero.</summary>
    public void Clear() => Span.Clear();
}
