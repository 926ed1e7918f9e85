using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace NetGen.Tests.Files;

/// <summary>A safetensors file whose every part can be written wrongly. Built without any code of the library.</summary>
internal sealed class FileDraft
{
    public List<TensorDraft> Tensors { get; set; } = [];

    /// <summary>The JSON of the metadata entries, or null for none.</summary>
    public string? Metadata { get; set; }

    public ulong? HeaderLength { get; set; }

    public string Prefix { get; set; } = "";

    public string Suffix { get; set; } = "";

    public List<byte> Data { get; set; } = [];

    /// <summary>A valid file of the fake network, in which the value of every element is its number.</summary>
    public static FileDraft Valid()
    {
        FileDraft file = new();
        foreach (ParameterInfo parameter in FakeNetwork<float>.Create().Info.Parameters)
            file.Add(parameter.Name, "F32", parameter.Shape.ToArray(), MemoryMarshal.AsBytes<float>(Numbers(parameter.Count)));
        return file;
    }

    public static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => (float)i)];

    public TensorDraft this[string name] => Tensors.Single(tensor => tensor.Name == name);

    public FileDraft Add(string name, string type, int[] shape, ReadOnlySpan<byte> data)
    {
        Tensors.Add(new TensorDraft
        {
            Name = name,
            Type = $"\"{type}\"",
            Shape = $"[{string.Join(",", shape)}]",
            Begin = Data.Count.ToString(CultureInfo.InvariantCulture),
            End = (Data.Count + data.Length).ToString(CultureInfo.InvariantCulture),
        });
        Data.AddRange(data);
        return this;
    }

    public string Header()
    {
        IEnumerable<string> entries = Tensors.Select(tensor => tensor.ToString());
        if (Metadata is not null)
            entries = entries.Prepend($"\"__metadata__\":{Metadata}");
        return $"{Prefix}{{{string.Join(",", entries)}}}{Suffix}";
    }

    public byte[] ToBytes() => Join(Encoding.UTF8.GetBytes(Header()), [.. Data], HeaderLength);

    public static byte[] Join(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data, ulong? headerLength = null)
    {
        byte[] file = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, headerLength ?? (ulong)header.Length);
        header.CopyTo(file.AsSpan(8));
        data.CopyTo(file.AsSpan(8 + header.Length));
        return file;
    }
}

/// <summary>The description of a tensor, as JSON text.</summary>
internal sealed record TensorDraft
{
    public required string Name { get; set; }

    public required string Type { get; set; }

    public required string Shape { get; set; }

    public required string Begin { get; set; }

    public required string End { get; set; }

    public string Rest { get; set; } = "";

    public override string ToString() =>
        $"\"{Name}\":{{\"dtype\":{Type},\"shape\":{Shape},\"data_offsets\":[{Begin},{End}]{Rest}}}";
}
