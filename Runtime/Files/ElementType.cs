using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace NetGen;

/// <summary>The element types of weight tensors, by their names in safetensors files.</summary>
internal enum ElementType
{
    /// <summary>IEEE 754 half precision.</summary>
    F16,

    /// <summary>The upper half of an IEEE 754 single.</summary>
    BF16,

    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>IEEE 754 double precision.</summary>
    F64,
}

internal static class ElementTypes
{
    /// <summary>The type in which a network's own elements are written.</summary>
    public static ElementType Of<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? ElementType.F32
        : typeof(T) == typeof(double) ? ElementType.F64
        : throw new NotSupportedException($"Networks compute in float or double, not in {typeof(T)}.");

    /// <summary>Bytes of one element.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.F16 or ElementType.BF16 => 2,
        ElementType.F32 => 4,
        ElementType.F64 => 8,
        _ => throw new UnreachableException(),
    };

    /// <summary>Reads the name the parser stands on.</summary>
    public static ElementType? Parse(in Utf8JsonReader json) =>
        json.ValueTextEquals("F32"u8) ? ElementType.F32
        : json.ValueTextEquals("F16"u8) ? ElementType.F16
        : json.ValueTextEquals("BF16"u8) ? ElementType.BF16
        : json.ValueTextEquals("F64"u8) ? ElementType.F64
        : null;

    /// <summary>Converts the bytes of a file to elements, rounding to nearest; what is too large becomes infinite.</summary>
    public static void Decode<T>(this ElementType type, ReadOnlySpan<byte> bytes, Span<T> elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (type == Of<T>())
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(elements));
            SwapBytesOnBigEndian(elements);
            return;
        }

        int size = type.Size();
        for (int i = 0; i < elements.Length; i++)
        {
            ReadOnlySpan<byte> element = bytes.Slice(i * size, size);
            elements[i] = type switch
            {
                ElementType.F16 => T.CreateTruncating(BinaryPrimitives.ReadHalfLittleEndian(element)),
                ElementType.BF16 => T.CreateTruncating(
                    BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16)),
                ElementType.F32 => T.CreateTruncating(BinaryPrimitives.ReadSingleLittleEndian(element)),
                ElementType.F64 => T.CreateTruncating(BinaryPrimitives.ReadDoubleLittleEndian(element)),
                _ => throw new UnreachableException(),
            };
        }
    }

    /// <summary>Changes elements between the machine's byte order and that of files, which is little endian.</summary>
    public static void SwapBytesOnBigEndian<T>(Span<T> elements)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian)
            return;

        if (Unsafe.SizeOf<T>() == sizeof(uint))
        {
            Span<uint> bits = MemoryMarshal.Cast<T, uint>(elements);
            BinaryPrimitives.ReverseEndianness(bits, bits);
        }
        else
        {
            Span<ulong> bits = MemoryMarshal.Cast<T, ulong>(elements);
            BinaryPrimitives.ReverseEndianness(bits, bits);
        }
    }

    /// <summary>The index of the first NaN or infinity, or -1.</summary>
    public static int IndexOfNonFinite<T>(ReadOnlySpan<T> elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < elements.Length; i++)
        {
            if (!T.IsFinite(elements[i]))
                return i;
        }

        return -1;
    }
}
