using System.Buffers.Binary;
using System.Numerics;

namespace NetGen;

/// <summary>
/// Loads a safetensors file: the header is checked against the network before anything is allocated for the data, and the
/// data are complete and checked before the network changes.
/// </summary>
internal static class SafetensorsReader
{
    // A multiple of every element size, small enough for the stack.
    private const int ChunkLength = 16 * 1024;

    // What a stream of unknown length gets at first; more follows what arrives, so that a few bytes cannot claim much memory.
    private const int FirstHeaderBytes = 4 * 1024;

    public static LoadReport Read<T>(INetwork<T> network, Stream stream, LoadOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long? length = stream.CanSeek ? stream.Length - stream.Position : null;
        DateTime? written = LastWriteTime(stream);

        byte[] header = ReadHeader(stream, length, options);
        (TensorEntry[] tensors, LoadReport report) = SafetensorsHeader.Parse(header, network.Info, options);

        long dataStart = SafetensorsHeader.PrefixLength + header.Length;
        long expectedLength = dataStart + (tensors.Length == 0 ? 0 : tensors[^1].End);
        if (length < expectedLength)
            throw Truncated(length.Value, expectedLength);
        if (length > expectedLength)
            throw TrailingBytes(expectedLength);

        T[] parameters = new T[network.Parameters.Length];
        ParameterInfo[] infos = network.Info.Parameters.ToArray();
        T[] scratch = new T[infos.Length == 0 ? 0 : infos.Max(parameter => parameter.Count)];
        HashSet<string> missing = [.. report.Missing.Select(parameter => parameter.Name)];
        foreach (ParameterInfo parameter in infos.Where(parameter => missing.Contains(parameter.Name)))
        {
            parameter.CopyTo(network.Parameters.Span, scratch.AsSpan(0, parameter.Count));
            parameter.CopyFrom<T>(scratch.AsSpan(0, parameter.Count), parameters);
        }

        foreach (TensorEntry tensor in tensors)
        {
            if (tensor.Parameter is not { } parameter)
            {
                Skip(stream, tensor, dataStart, expectedLength);
                continue;
            }

            Span<T> elements = scratch.AsSpan(0, parameter.Count);
            ReadElements(stream, tensor, dataStart, expectedLength, elements);
            if (!options.AllowNonFinite)
                CheckFinite(tensor, dataStart, elements);
            parameter.CopyFrom<T>(elements, parameters);
        }

        if (stream.Read(stackalloc byte[1]) > 0)
            throw TrailingBytes(expectedLength);
        if (LastWriteTime(stream) != written)
            throw new ModelFormatException("The file changed while it was read. Save files atomically, as NetworkFile.Save does, and load again.");

        parameters.CopyTo(network.Parameters.Span);
        return report;
    }

    private static byte[] ReadHeader(Stream stream, long? length, LoadOptions options)
    {
        const int PrefixLength = SafetensorsHeader.PrefixLength;
        Span<byte> prefix = stackalloc byte[PrefixLength];
        int read = stream.ReadAtLeast(prefix, PrefixLength, throwOnEndOfStream: false);
        if (read < PrefixLength)
        {
            throw new ModelFormatException(
                $"The file has {read} bytes; a safetensors file begins with {PrefixLength} bytes that hold the length of its header.", offset: read);
        }

        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength == 0)
            throw new ModelFormatException("The length of the header is 0: this is not a safetensors file.", offset: 0);
        if (headerLength > (ulong)options.MaxHeaderBytes)
        {
            throw new ModelFormatException(
                $"The length of the header is {headerLength} bytes where at most {options.MaxHeaderBytes} are accepted: this is not a "
                + $"safetensors file, or {nameof(LoadOptions)}.{nameof(LoadOptions.MaxHeaderBytes)} must be raised.",
                offset: 0);
        }

        long end = PrefixLength + (long)headerLength;
        if (length < end)
            throw Truncated(length.Value, end);

        byte[] header = new byte[length is null ? Math.Min(headerLength, FirstHeaderBytes) : headerLength];
        for (int filled = 0; ;)
        {
            filled += stream.ReadAtLeast(header.AsSpan(filled), header.Length - filled, throwOnEndOfStream: false);
            if (filled < header.Length)
                throw Truncated(PrefixLength + filled, end);
            if ((ulong)filled == headerLength)
                return header;
            Array.Resize(ref header, (int)Math.Min(headerLength, 2 * (ulong)filled));
        }
    }

    private static void Skip(Stream stream, TensorEntry tensor, long dataStart, long expectedLength)
    {
        Span<byte> chunk = stackalloc byte[ChunkLength];
        for (long position = tensor.Begin; position < tensor.End;)
        {
            int read = stream.Read(chunk[..(int)Math.Min(tensor.End - position, ChunkLength)]);
            if (read == 0)
                throw Truncated(dataStart + position, expectedLength, tensor.Name);
            position += read;
        }
    }

    private static void ReadElements<T>(Stream stream, TensorEntry tensor, long dataStart, long expectedLength, Span<T> elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int size = tensor.Type.Size();
        long position = dataStart + tensor.Begin;
        Span<byte> chunk = stackalloc byte[ChunkLength];
        while (!elements.IsEmpty)
        {
            int count = Math.Min(elements.Length, ChunkLength / size);
            Span<byte> bytes = chunk[..(count * size)];
            int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read < bytes.Length)
                throw Truncated(position + read, expectedLength, tensor.Name);

            tensor.Type.Decode<T>(bytes, elements[..count]);
            elements = elements[count..];
            position += read;
        }
    }

    private static void CheckFinite<T>(TensorEntry tensor, long dataStart, ReadOnlySpan<T> elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int index = ElementTypes.IndexOfNonFinite(elements);
        if (index < 0)
            return;

        long position = dataStart + tensor.Begin + (long)index * tensor.Type.Size();
        throw new ModelFormatException(
            $"Tensor \"{tensor.Name}\": element {index} is not finite as {ElementTypes.Of<T>()} (byte {position} of the file). "
            + $"Its training diverged, or set {nameof(LoadOptions)}.{nameof(LoadOptions.AllowNonFinite)}.",
            tensor.Name, position);
    }

    private static ModelFormatException Truncated(long length, long expected, string? tensorName = null) => new(
        $"The file ends after {length} bytes where {expected} were expected: it is cut off. Copy or save it again.", tensorName, length);

    private static ModelFormatException TrailingBytes(long expected) => new(
        $"The file goes on after its last tensor, which ends at byte {expected}: it is damaged, or hides something else.", offset: expected);

    private static DateTime? LastWriteTime(Stream stream) =>
        stream is FileStream { CanSeek: true } file ? File.GetLastWriteTimeUtc(file.SafeFileHandle) : null;
}
