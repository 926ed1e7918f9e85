using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Xunit;

namespace NetGen.Tests.Files;

/// <summary>
/// Damages valid files at random, knowing their structure. Whatever comes out is either refused with
/// <see cref="ModelFormatException"/>, leaving the network as it was, or loads exactly what a naive reader finds in it.
/// </summary>
public class FileFuzzTests
{
    /// <summary>Beyond twice the file: buffers of the network's own size (parameters and the largest tensor), and 64 KB.</summary>
    private const long AllowedBytes = 2 * 8 * 1024 + 64 * 1024;

    private static readonly TimeSpan AllowedTime = TimeSpan.FromSeconds(5);

    private static readonly string[] Numbers =
    [
        "0", "1", "3", "4", "7", "10", "33", "40", "280", "-1", "-0", "1.0", "1e1", "null", "\"4\"", "[]", "{}", "true",
        "2147483648", "4294967296", "4611686018427387904", "9223372036854775807", "9223372036854775808", "18446744073709551615",
        "1e999", "00",
    ];

    private static readonly string[] Texts =
    [
        "\"F32\"", "\"F16\"", "\"BF16\"", "\"F64\"", "\"I64\"", "\"\"", "null", "\"F32 \"", "\"\\u00463\\u0032\"", "\"F3\\u0032\"",
    ];

    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "\0", "\n", " ", "\u00e9", "//", "/*", "__metadata__", "dtype", "shape",
        "\"a\":{},", "\"__metadata__\":{\"netgen.version\":\"1\"},",
    ];

    private static readonly byte[][] NonFinite = [BitConverter.GetBytes(float.NaN), BitConverter.GetBytes(float.NegativeInfinity)];

    public static int Count => Environment.GetEnvironmentVariable("NETGEN_LONG") == "1" ? 50_000 : 5_000;

    [Fact]
    public void Damaged_files_are_refused_or_loaded_exactly()
    {
        Random random = new(20260917);
        FakeNetwork<float> network = FakeNetwork<float>.Create();
        byte[] before = new byte[MemoryMarshal.AsBytes(network.Parameters.Span).Length];
        int accepted = 0, changed = 0;
        HashSet<string> reasons = [];
        // The first loads allocate for good: types, tables, resources.
        Attempt(network.Fill(), FileDraft.Valid().ToBytes(), trickles: false);
        Attempt(network, [], trickles: false);

        for (int i = 0; i < Count; i++)
        {
            byte[] file = Mutate(random);
            bool trickles = random.Next(4) == 0;
            network.Fill(random.Next(1000));
            MemoryMarshal.AsBytes(network.Parameters.Span).CopyTo(before);

            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            Exception? error = Attempt(network, file, trickles);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

            string label = $"File {i}: {Convert.ToBase64String(file)}";
            Assert.True(time < AllowedTime, $"Loading took {time}. {label}");
            // The length of a stream that cannot seek is unknown: its header may take what the options allow.
            long allowed = 2L * file.Length + AllowedBytes + (trickles ? LoadOptions.Default.MaxHeaderBytes : 0);
            Assert.True(allocated <= allowed, $"Loading allocated {allocated} bytes of {allowed}. {label}");
            if (error is null)
            {
                accepted++;
                Assert.True(HoldsExactly(network, file), $"Loaded other values. {label}");
                changed += MemoryMarshal.AsBytes(network.Parameters.Span).SequenceEqual(before) ? 0 : 1;
            }
            else
            {
                Assert.True(error is ModelFormatException, $"{error} {label}");
                Assert.True(MemoryMarshal.AsBytes(network.Parameters.Span).SequenceEqual(before), $"The weights changed. {label}");
                reasons.Add(string.Concat(error.Message.Where(char.IsLetter)));
            }
        }

        // Mutants that all fail alike would test nothing.
        Assert.InRange(accepted, Count / 50, Count / 2);
        Assert.Equal(accepted, changed);
        Assert.True(reasons.Count > 100, $"Only {reasons.Count} different reasons.");
    }

    private static Exception? Attempt(FakeNetwork<float> network, byte[] file, bool trickles)
    {
        try
        {
            if (trickles)
                NetworkFile.Load(network, new TricklingStream(file));
            else
                NetworkFile.Load(network, file);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private static byte[] Mutate(Random random)
    {
        FileDraft draft = FileDraft.Valid();
        if (random.Next(2) == 0)
            draft.Metadata = $"{{\"format\":\"pt\",\"netgen.architecture\":\"{FakeNetwork<float>.DefaultArchitecture}\",\"netgen.version\":\"1\"}}";
        if (random.Next(2) == 0)
            Rearrange(draft, random);

        int mutations = random.Next(4);
        for (int i = 0; i < mutations; i++)
            MutateStructure(draft, random);

        List<byte> file = [.. draft.ToBytes()];
        int headerEnd = file.Count - draft.Data.Count;
        if (random.Next(3) == 0)
        {
            for (int i = random.Next(4); i >= 0; i--)
                MutateBytes(file, random, headerEnd);
        }

        return [.. file];
    }

    /// <summary>Another order, other types: still a valid file.</summary>
    private static void Rearrange(FileDraft draft, Random random)
    {
        TensorDraft[] tensors = [.. draft.Tensors];
        random.Shuffle(tensors);
        draft.Tensors.Clear();
        draft.Data.Clear();
        foreach (TensorDraft tensor in tensors)
        {
            int[] shape = JsonSerializer.Deserialize<int[]>(tensor.Shape)!;
            float[] values = FileDraft.Numbers(shape.Aggregate((a, b) => a * b));
            _ = random.Next(4) switch
            {
                0 => draft.Add(tensor.Name, "F64", shape, MemoryMarshal.AsBytes<double>([.. values.Select(v => v * Math.PI)])),
                1 => draft.Add(tensor.Name, "F16", shape, MemoryMarshal.AsBytes<Half>([.. values.Select(v => (Half)v)])),
                2 => draft.Add(tensor.Name, "BF16", shape, MemoryMarshal.AsBytes<ushort>([.. values.Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16))])),
                _ => draft.Add(tensor.Name, "F32", shape, MemoryMarshal.AsBytes<float>(values)),
            };
        }
    }

    private static void MutateStructure(FileDraft draft, Random random)
    {
        if (draft.Tensors.Count == 0)
            return;

        int index = random.Next(draft.Tensors.Count);
        TensorDraft tensor = draft.Tensors[index], other = draft.Tensors[random.Next(draft.Tensors.Count)];
        string number = random.Next(2) == 0 ? Pick(Numbers) : random.NextInt64(-4, 3000).ToString(CultureInfo.InvariantCulture);
        switch (random.Next(18))
        {
            case 0: tensor.Begin = number; break;
            case 1: tensor.End = number; break;
            case 2: (tensor.Begin, tensor.End) = (tensor.End, tensor.Begin); break;
            case 3: (tensor.Begin, tensor.End, other.Begin, other.End) = (other.Begin, other.End, tensor.Begin, tensor.End); break;
            case 4: tensor.Begin = Shift(tensor.Begin); tensor.End = Shift(tensor.End); break;
            case 5: tensor.Shape = $"[{string.Join(",", Enumerable.Range(0, random.Next(11)).Select(_ => Pick(Numbers)))}]"; break;
            case 6: tensor.Shape = other.Shape; break;
            case 7: tensor.Shape = tensor.Shape.Replace(",", random.Next(2) == 0 ? "," + number + "," : "", StringComparison.Ordinal); break;
            case 8: tensor.Type = Pick(Texts); break;
            case 9: tensor.Name = random.Next(2) == 0 ? other.Name : tensor.Name + Pick(Fragments); break;
            case 10: tensor.Name = string.Concat(tensor.Name.Select(c => random.Next(3) == 0 ? $"\\u{(int)c:x4}" : $"{c}")); break;
            case 11: tensor.Rest = $",\"{Pick(["dtype", "shape", "data_offsets", "other", "\\ud800"])}\":{Pick(Numbers)}"; break;
            case 12: draft.Tensors.RemoveAt(index); break;
            case 13: draft.Tensors.Insert(index, other with { }); break;
            case 14: draft.HeaderLength = random.Next(2) == 0 ? (ulong)random.NextInt64() : (ulong)(draft.Header().Length + random.Next(-9, 9)); break;
            case 15: draft.Metadata = Pick(["{}", "null", "{\"a\":1}", "{\"a\":\"\\n\",\"a\":\"\"}", "{\"\\u00e9\":\"\\ud83d\\ude00\"}", "{\"netgen.version\":\"0\"}"]); break;
            case 16: draft.Suffix = Pick([" ", "\n\t  ", "\0", "x", "{}"]); break;
            default:
                int position = random.Next(draft.Data.Count);
                if (random.Next(2) == 0)
                    draft.Data.RemoveRange(position, Math.Min(random.Next(8), draft.Data.Count - position));
                else
                    draft.Data.InsertRange(position, new byte[random.Next(8)]);
                break;
        }

        T Pick<T>(ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

        string Shift(string offset) => long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? (value + 4).ToString(CultureInfo.InvariantCulture)
            : offset;
    }

    private static void MutateBytes(List<byte> file, Random random, int headerEnd)
    {
        // Most of the file is data, where most changes are harmless; most mutations go into the header.
        int position = random.Next(random.Next(4) == 0 ? file.Count : Math.Min(headerEnd, file.Count));
        switch (random.Next(6))
        {
            case 0: file[position] ^= (byte)(1 << random.Next(8)); break;
            case 1: file[position] = (byte)random.Next(256); break;
            case 2: file.RemoveRange(position, Math.Min(random.Next(20), file.Count - position - 1)); break;
            case 3: file.InsertRange(position, Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)])); break;
            case 4: file.RemoveRange(position + 1, file.Count - position - 1); break;
            default:
                byte[] value = NonFinite[random.Next(NonFinite.Length)];
                position = Math.Max(0, file.Count - value.Length * (1 + random.Next(500)));
                for (int i = 0; i < value.Length && position + i < file.Count; i++)
                    file[position + i] = value[i];
                break;
        }
    }

    /// <summary>Compares with a reader that trusts the file.</summary>
    private static bool HoldsExactly(FakeNetwork<float> network, byte[] file)
    {
        int headerLength = BitConverter.ToInt32(file);
        using JsonDocument json = JsonDocument.Parse(file.AsMemory(8, headerLength));
        foreach (ParameterInfo parameter in network.Info.Parameters)
        {
            JsonElement tensor = json.RootElement.GetProperty(parameter.Name);
            ReadOnlySpan<byte> data = file.AsSpan(8 + headerLength)[tensor.GetProperty("data_offsets")[0].GetInt32()..tensor.GetProperty("data_offsets")[1].GetInt32()];
            float[] values = tensor.GetProperty("dtype").GetString() switch
            {
                "F64" => [.. MemoryMarshal.Cast<byte, double>(data).ToArray().Select(v => (float)v)],
                "F16" => [.. MemoryMarshal.Cast<byte, Half>(data).ToArray().Select(v => (float)v)],
                "BF16" => [.. MemoryMarshal.Cast<byte, ushort>(data).ToArray().Select(v => BitConverter.UInt32BitsToSingle((uint)v << 16))],
                _ => MemoryMarshal.Cast<byte, float>(data).ToArray(),
            };
            if (!MemoryMarshal.AsBytes<float>(values).SequenceEqual(MemoryMarshal.AsBytes<float>(network[parameter.Name])))
                return false;
        }

        return true;
    }
}
