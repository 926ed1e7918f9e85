using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NetGen;

/// <summary>
/// Writes a safetensors file byte by byte as the reference writer does: compact JSON, tensors by name, the header padded
/// with spaces so that the data are aligned.
/// </summary>
internal static class SafetensorsWriter
{
    private const int DataAlignment = 8;

    public static void Write<T>(INetwork<T> network, Stream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkInfo info = network.Info;
        // All tensors have one type, so the reference order (alignment of the type, then name) is that of the names' bytes.
        ParameterInfo[] tensors =
        [
            .. info.Parameters.ToArray().OrderBy(
                parameter => Encoding.UTF8.GetBytes(parameter.Name),
                Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right))),
        ];
        T[] scratch = new T[tensors.Length == 0 ? 0 : tensors.Max(tensor => tensor.Count)];

        foreach (ParameterInfo tensor in tensors)
            CheckFinite<T>(tensor, Elements(network, tensor, scratch));

        stream.Write(Header(info, ElementTypes.Of<T>(), tensors));
        foreach (ParameterInfo tensor in tensors)
        {
            Span<T> elements = Elements(network, tensor, scratch);
            ElementTypes.SwapBytesOnBigEndian(elements);
            stream.Write(MemoryMarshal.AsBytes(elements));
        }
    }

    private static ReadOnlySpan<byte> Header(NetworkInfo info, ElementType type, ParameterInfo[] tensors)
    {
        ArrayBufferWriter<byte> buffer = new(initialCapacity: 1024);
        // Room for the length, which is known at the end.
        buffer.Advance(SafetensorsHeader.PrefixLength);
        // The relaxed encoder escapes what JSON demands, like the reference writer, and leaves the arrows of architectures.
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            json.WriteString(SafetensorsHeader.ArchitectureKey, info.Architecture);
            json.WriteString(SafetensorsHeader.VersionKey, SafetensorsHeader.Version);
            json.WriteEndObject();
            long position = 0;
            foreach (ParameterInfo tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype"u8, type == ElementType.F32 ? "F32"u8 : "F64"u8);
                json.WriteStartArray("shape"u8);
                foreach (int dimension in tensor.Shape)
                    json.WriteNumberValue(dimension);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets"u8);
                json.WriteNumberValue(position);
                json.WriteNumberValue(position += (long)tensor.Count * type.Size());
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        int padding = (DataAlignment - buffer.WrittenCount % DataAlignment) % DataAlignment;
        buffer.GetSpan(DataAlignment)[..padding].Fill((byte)' ');
        buffer.Advance(padding);

        Span<byte> header = MemoryMarshal.AsMemory(buffer.WrittenMemory).Span;
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - SafetensorsHeader.PrefixLength);
        return header;
    }

    private static Span<T> Elements<T>(INetwork<T> network, ParameterInfo tensor, T[] scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<T> elements = scratch.AsSpan(0, tensor.Count);
        tensor.CopyTo(network.Parameters.Span, elements);
        return elements;
    }

    private static void CheckFinite<T>(ParameterInfo tensor, ReadOnlySpan<T> elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int index = ElementTypes.IndexOfNonFinite(elements);
        if (index >= 0)
        {
            throw new InvalidOperationException(
                $"Parameter {tensor} is not saved: its element {index} is {elements[index]}. The training diverged; "
                + "a smaller learning rate or gradient clipping helps.");
        }
    }
}
