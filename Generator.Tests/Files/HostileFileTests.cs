using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace NetGen.Tests.Files;

/// <summary>One test per way to attack the reader. Each file is refused with the reason, and the weights stay as they were.</summary>
public class HostileFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void Attack01_file_shorter_than_the_length_of_its_header(int length) =>
        Refuses(new byte[length], $"The file has {length} bytes", offset: length);

    [Fact]
    public void Attack02_empty_header() => Refuses(FileDraft.Join([], [1, 2, 3]), "length of the header is 0", offset: 0);

    [Fact]
    public void Attack03_header_longer_than_the_limit()
    {
        FileDraft file = FileDraft.Valid();
        int length = file.Header().Length;
        Refuses(file.ToBytes(), $"{length} bytes where at most {length - 1} are accepted", offset: 0,
            options: new LoadOptions { MaxHeaderBytes = length - 1 });
        NetworkFile.Load(FakeNetwork<float>.Create(), file.ToBytes(), new LoadOptions { MaxHeaderBytes = length });

        file.Suffix = new string(' ', 1 << 20);
        Refuses(file.ToBytes(), "at most 1048576 are accepted", offset: 0);
    }

    [Fact]
    public void Attack04_header_longer_than_the_file()
    {
        byte[] file = FileDraft.Join("{}"u8, [], headerLength: 3);
        Refuses(file, "ends after 10 bytes where 11 were expected", offset: 10);
    }

    [Theory]
    [InlineData(1ul << 63)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 7)]
    [InlineData((1ul << 32) + 2)]
    public void Attack05_header_length_that_a_signed_or_narrow_cast_makes_harmless(ulong length) =>
        Refuses(FileDraft.Join("{}"u8, [], length), $"length of the header is {length} bytes", offset: 0);

    [Theory]
    [InlineData(" ", "0x20")]
    [InlineData("\uFEFF", "0xef")]
    [InlineData("[", "0x5b")]
    public void Attack06_header_that_does_not_begin_with_a_brace(string prefix, string shown)
    {
        FileDraft file = FileDraft.Valid();
        file.Prefix = prefix;
        Refuses(file.ToBytes(), $"begins with byte {shown}", offset: 8);
    }

    [Fact]
    public void Attack07_text_that_is_no_text()
    {
        FileDraft file = FileDraft.Valid();
        file.Metadata = """{"note":"?"}""";
        byte[] header = Encoding.UTF8.GetBytes(file.Header());
        header[header.AsSpan().IndexOf((byte)'?')] = 0xff;
        Refuses(FileDraft.Join(header, [.. file.Data]), "not valid UTF-8", offset: 8);

        file.Metadata = """{"note":"\ud800"}""";
        Refuses(file.ToBytes(), "half a surrogate pair");
        file.Metadata = """{"\udc00\ud800":"note"}""";
        Refuses(file.ToBytes(), "half a surrogate pair");
        file.Metadata = null;
        file.Tensors[0].Type = "\"F3\\ud800\"";
        Refuses(file.ToBytes(), "half a surrogate pair", tensor: "dense1.weight");
        file.Tensors[0].Name = "\\ud800";
        Refuses(file.ToBytes(), "half a surrogate pair");
    }

    [Theory]
    [InlineData("{}x")]
    [InlineData("{}{}")]
    [InlineData("{} \0")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"__metadata__\":{\"a\":\"1\",}}")]
    [InlineData("{\"__metadata__\":{},}")]
    [InlineData("{/**/}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"\n\":1}")]
    public void Attack08_invalid_json_and_trailing_garbage(string header) => RefusesJson(header);

    [Fact]
    public void Attack09_nesting_bomb()
    {
        string bomb = string.Concat(Enumerable.Repeat("[", 500_000));
        RefusesJson($"{{\"__metadata__\":{{\"a\":{bomb}", "is a JSON StartArray");
        FileDraft file = FileDraft.Valid();
        file.Tensors[0].Shape = bomb;
        Refuses(file.ToBytes(), "A dimension is [", tensor: "dense1.weight");
        file.Tensors[0].Shape = string.Concat(Enumerable.Repeat("{\"shape\":", 100_000));
        Refuses(file.ToBytes(), "is a JSON StartObject", tensor: "dense1.weight");
    }

    [Fact]
    public void Attack10_duplicate_keys()
    {
        FileDraft file = FileDraft.Valid();
        file.Tensors.Add(file["dense1.bias"]);
        Refuses(file.ToBytes(), "occurs twice in the header", tensor: "dense1.bias");

        // The same name, spelt with an escape.
        file.Tensors[^1] = file["dense2.bias"] with { Name = "dense2.bi\\u0061s" };
        Refuses(file.ToBytes(), "occurs twice in the header", tensor: "dense2.bias");

        file = FileDraft.Valid();
        file.Metadata = """{"a":"1","\u0061":"2"}""";
        Refuses(file.ToBytes(), "occurs twice in __metadata__");
        file.Metadata = """{},"__metadata__":{}""";
        Refuses(file.ToBytes(), "\"__metadata__\" occurs twice");

        foreach (string again in new[] { ",\"dtype\":\"F32\"", ",\"shape\":[10]", ",\"data_offsets\":[0,40]" })
        {
            file = FileDraft.Valid();
            file["dense1.bias"].Rest = again;
            Refuses(file.ToBytes(), "unknown or occurs twice", tensor: "dense1.bias");
        }
    }

    [Theory]
    [InlineData("{\"a\":1}", "Every value of __metadata__ is a JSON Number")]
    [InlineData("{\"a\":null}", "Every value of __metadata__ is a JSON Null")]
    [InlineData("{\"a\":{}}", "Every value of __metadata__ is a JSON StartObject")]
    [InlineData("\"a\"", "__metadata__ is a JSON String")]
    [InlineData("null", "__metadata__ is a JSON Null")]
    public void Attack11_metadata_that_are_not_strings(string metadata, string message)
    {
        FileDraft file = FileDraft.Valid();
        file.Metadata = metadata;
        Refuses(file.ToBytes(), message);
    }

    [Theory]
    [InlineData("\"F33\"", "dtype \"F33\" cannot hold weights")]
    [InlineData("\"f32\"", "dtype \"f32\" cannot hold weights")]
    [InlineData("\"\"", "dtype \"\" cannot hold weights")]
    [InlineData("32", "dtype is a JSON Number")]
    [InlineData("null", "dtype is a JSON Null")]
    public void Attack12_unknown_element_type(string type, string message)
    {
        FileDraft file = FileDraft.Valid();
        file["dense1.bias"].Type = type;
        Refuses(file.ToBytes(), message, tensor: "dense1.bias");
    }

    [Theory]
    [InlineData("-10")]
    [InlineData("-0")]
    [InlineData("10.0")]
    [InlineData("1e1")]
    [InlineData("9223372036854775808")]
    [InlineData("18446744073709551626")]
    [InlineData("\"10\"")]
    [InlineData("null")]
    [InlineData("[10]")]
    public void Attack13_dimensions_that_are_no_whole_numbers(string dimension)
    {
        FileDraft file = FileDraft.Valid();
        file["dense1.bias"].Shape = $"[{dimension}]";
        Refuses(file.ToBytes(), "must be a whole number", tensor: "dense1.bias");
        RefusesJsonOf("[010]");
        RefusesJsonOf("[0xA]");
        RefusesJsonOf("[NaN]");

        void RefusesJsonOf(string shape)
        {
            file["dense1.bias"].Shape = shape;
            Refuses(file.ToBytes(), "not valid JSON", tensor: "dense1.bias");
        }
    }

    [Theory]
    // Products modulo 2^64: 4, 0 and 10, the right number of elements.
    [InlineData("[4194305,4194305,211106198978564]")]
    [InlineData("[4294967296,4294967296]")]
    [InlineData("[3689348814741910324,5,1]")]
    public void Attack14_dimensions_whose_product_overflows(string shape)
    {
        FileDraft file = FileDraft.Valid();
        file["dense1.bias"].Shape = shape;
        Refuses(file.ToBytes(), "but FakeNetwork expects [10]", tensor: "dense1.bias");
    }

    [Fact]
    public void Attack15_too_many_dimensions()
    {
        FileDraft file = FileDraft.Valid();
        file["dense1.bias"].Shape = "[1,1,1,1,1,1,1,10]";
        Refuses(file.ToBytes(), "but FakeNetwork expects [10]", tensor: "dense1.bias");
        file["dense1.bias"].Shape = "[1,1,1,1,1,1,1,1,10]";
        Refuses(file.ToBytes(), "more than 8 dimensions", tensor: "dense1.bias");
    }

    [Theory]
    [InlineData("320", "280", "end before they begin")]
    [InlineData("-40", "0", "must be a whole number")]
    [InlineData("280", "-1", "must be a whole number")]
    [InlineData("2.8e2", "320", "must be a whole number")]
    [InlineData("9223372036854775767", "9223372036854775807", "belong to no tensor")]
    [InlineData("1000000", "1000040", "belong to no tensor")]
    [InlineData("\"280\"", "320", "is a JSON String")]
    [InlineData("280", "320,0", "The end of data_offsets is a JSON Number")]
    public void Attack16_offsets_that_lie_nowhere(string begin, string end, string message)
    {
        FileDraft file = FileDraft.Valid();
        file["dense1.bias"].Begin = begin;
        file["dense1.bias"].End = end;
        Refuses(file.ToBytes(), message);
    }

    [Theory]
    [InlineData("0", "9223372036854775807")]
    [InlineData("280", "319")]
    [InlineData("280", "324")]
    [InlineData("280", "280")]
    public void Attack17_offsets_that_do_not_fit_the_shape(string begin, string end)
    {
        FileDraft file = FileDraft.Valid();
        file["dense1.bias"].Begin = begin;
        file["dense1.bias"].End = end;
        Refuses(file.ToBytes(), "but 10 elements of type F32 take 40", tensor: "dense1.bias");
    }

    [Fact]
    public void Attack18_tensors_that_overlap()
    {
        FileDraft file = FileDraft.Valid();
        file["dense1.bias"].Begin = "276";
        file["dense1.bias"].End = "316";
        Refuses(file.ToBytes(), "it overlaps the tensor before it", tensor: "dense1.bias");
    }

    [Fact]
    public void Attack19_bytes_that_belong_to_no_tensor()
    {
        FileDraft leading = new() { Data = [1, 2, 3, 4] };
        foreach (ParameterInfo parameter in FakeNetwork<float>.Create().Info.Parameters)
            leading.Add(parameter.Name, "F32", parameter.Shape.ToArray(), new byte[parameter.Count * 4]);
        Refuses(leading.ToBytes(), "4 bytes before it belong to no tensor", tensor: "dense1.weight");

        FileDraft hole = FileDraft.Valid();
        hole["dense3.weight"].Begin = "1785";
        hole["dense3.weight"].End = "2181";
        hole.Data.Insert(0, 0);
        Refuses(hole.ToBytes(), "begins at byte 1785 of the data where 1772 was expected: 13 bytes", tensor: "dense3.weight");
    }

    [Fact]
    public void Attack20_bytes_after_the_last_tensor()
    {
        byte[] file = FileDraft.Valid().ToBytes();
        Refuses([.. file, 0], "goes on after its last tensor", offset: file.Length);
        Refuses([.. file, .. "PK\x03\x04"u8], "goes on after its last tensor", offset: file.Length);
    }

    [Fact]
    public void Attack21_tensors_without_elements_that_share_an_offset()
    {
        FileDraft file = FileDraft.Valid();
        file["dense1.bias"].Shape = "[0]";
        file["dense1.bias"].End = file["dense1.bias"].Begin;
        Refuses(file.ToBytes(), "The shape is [0], but FakeNetwork expects [10]", tensor: "dense1.bias");

        file = FileDraft.Valid().Add("empty", "F32", [0], []).Add("empty2", "F32", [0], []);
        Refuses(file.ToBytes(), "FakeNetwork has no such parameter", tensor: "empty");
    }

    [Fact]
    public void Attack22_missing_tensor()
    {
        FileDraft file = FileDraft.Valid();
        file.Tensors.RemoveAt(4);
        file.Data.RemoveRange(file.Data.Count - 396, 396);
        Refuses(file.ToBytes(), "it is missing in the file", tensor: "dense3.weight");
        Refuses(FileDraft.Join("{}"u8, []), "it is missing in the file", tensor: "dense1.weight");

        foreach (string part in new[] { "dtype", "shape", "data_offsets" })
        {
            string header = FileDraft.Valid().Header();
            int start = header.IndexOf($"\"{part}\"", StringComparison.Ordinal);
            int end = header.IndexOfAny(part == "dtype" ? [','] : [']'], start) + 1;
            header = header[..start] + header[end..].TrimStart(',');
            Refuses(FileDraft.Join(Encoding.UTF8.GetBytes(header.Replace(",}", "}", StringComparison.Ordinal)), []), "is missing", tensor: "dense1.weight");
        }
    }

    [Fact]
    public void Attack23_extra_tensor()
    {
        Refuses(
            FileDraft.Valid().Add("dense9.weight", "F32", [1], new byte[4]).ToBytes(),
            "FakeNetwork has no such parameter. It has 5: dense1.weight, dense1.bias", tensor: "dense9.weight");

        // A hostile name reaches neither a terminal nor a log in full.
        FileDraft file = FileDraft.Valid().Add("\u009b2J" + new string('x', 100_000), "F32", [1], new byte[4]);
        ModelFormatException error = Refuses(file.ToBytes(), "no such parameter");
        Assert.InRange(error.Message.Length, 256, 1000);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public void Attack24_transposed_matrix()
    {
        FileDraft file = FileDraft.Valid();
        file["dense2.weight"].Shape = "[10,33]";
        Refuses(file.ToBytes(), "The shape is [10, 33], but FakeNetwork expects [33, 10]. The matrix is transposed", tensor: "dense2.weight");
        file["dense2.weight"].Shape = "[330]";
        Refuses(file.ToBytes(), "The shape is [330], but FakeNetwork expects [33, 10]. The file belongs", tensor: "dense2.weight");
    }

    [Theory]
    [InlineData("\"I32\"", "dtype \"I32\" cannot hold weights; F16, BF16, F32 and F64 can")]
    [InlineData("\"F64\"", "10 elements of type F64 take 80")]
    [InlineData("\"BF16\"", "10 elements of type BF16 take 20")]
    public void Attack25_wrong_element_type(string type, string message)
    {
        FileDraft file = FileDraft.Valid();
        file["dense1.bias"].Type = type;
        Refuses(file.ToBytes(), message, tensor: "dense1.bias");
    }

    [Fact]
    public void Attack26_weights_of_another_architecture()
    {
        byte[] file = FakeNetwork<float>.Create("7 -> Dense(10) -> Dense(33) -> Dense(3)").Fill().ToBytes();
        Refuses(
            file,
            "architecture \"7 -> Dense(10) -> Dense(33) -> Dense(3)\", but FakeNetwork is \"7 -> Dense(10, ReLU) -> Dense(33, Tanh) -> Dense(3)\"");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Attack27_weights_that_are_not_finite(float value)
    {
        FileDraft file = FileDraft.Valid();
        file.Data.RemoveRange(280 + 12, 4);
        file.Data.InsertRange(280 + 12, BitConverter.GetBytes(value));
        byte[] bytes = file.ToBytes();
        Refuses(bytes, "element 3 is not finite", tensor: "dense1.bias", offset: bytes.Length - file.Data.Count + 280 + 12);

        FakeNetwork<float> network = FakeNetwork<float>.Create();
        NetworkFile.Load(network, bytes, new LoadOptions { AllowNonFinite = true });
        Assert.Equal(value, network["dense1.bias"][3]);
    }

    [Fact]
    public void Attack27_weights_that_overflow_the_precision_of_the_network()
    {
        byte[] file = new FileDraft().Add("w", "F64", [2], MemoryMarshal.AsBytes<double>([1, 1e39])).ToBytes();
        FakeNetwork<float> network = new("a", ("w", ParameterLayout.Contiguous, [2]));
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => NetworkFile.Load(network, file));
        Assert.Contains("element 1 is not finite as F32", error.Message, StringComparison.Ordinal);
        Assert.Equal([0f, 0f], network["w"]);
        NetworkFile.Load(network, file, new LoadOptions { AllowNonFinite = true });
        Assert.Equal([1f, float.PositiveInfinity], network["w"]);
    }

    [Fact]
    public void Attack28_file_that_ends_too_early()
    {
        byte[] file = FileDraft.Valid().ToBytes();
        foreach (int length in Enumerable.Range(0, file.Length))
            Refuses(file[..length], "");
        Refuses(file[..^1], $"ends after {file.Length - 1} bytes where {file.Length} were expected", offset: file.Length - 1);
    }

    [Fact]
    public void Attack28_file_that_is_cut_off_grows_or_changes_while_it_is_read()
    {
        using TemporaryDirectory directory = new();
        byte[] file = FileDraft.Valid().ToBytes();
        string path = directory["net"];
        // Reads: length of the header, header, five tensors, the end of the file.
        for (int k = 1; k <= 8; k++)
        {
            RefusesDuringRead(k, name => Truncate(name, k == 1 ? 4 : file.Length - 1), k == 8 ? "changed while it was read" : "");
            RefusesDuringRead(k, name => File.AppendAllText(name, "more"), "goes on after its last tensor");
            RefusesDuringRead(k, name => File.SetLastWriteTimeUtc(name, DateTime.UtcNow.AddMinutes(1)), "changed while it was read");
        }

        static void Truncate(string name, int length)
        {
            using FileStream stream = new(name, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            stream.SetLength(length);
        }

        void RefusesDuringRead(int k, Action<string> disturb, string message)
        {
            File.WriteAllBytes(path, file);
            // File systems count time in ticks of several milliseconds.
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
            using DisturbedFileStream stream = new(path, k, disturb);
            Refuses(network => NetworkFile.Load(network, stream), message);
        }
    }

    [Fact]
    public void Attack29_path_that_is_no_file()
    {
        using TemporaryDirectory directory = new();
        RefusesPath(directory.ToString(), "is a directory");
        File.WriteAllBytes(directory["empty"], []);
        RefusesPath(directory["empty"], "is empty or not a regular file");
        if (OperatingSystem.IsWindows())
            return;

        File.CreateSymbolicLink(directory["a"], directory["b"]);
        File.CreateSymbolicLink(directory["b"], directory["a"]);
        RefusesPath(directory["a"], "symbolic links form a loop");
        File.CreateSymbolicLink(directory["to directory"], directory.ToString());
        RefusesPath(directory["to directory"], "is a directory");
        RefusesPath("/dev/zero", "is empty or not a regular file");

        using (Process pipe = Process.Start("mkfifo", [directory["pipe"]]))
            pipe.WaitForExit();
        Assert.True(File.Exists(directory["pipe"]));
        File.CreateSymbolicLink(directory["to pipe"], directory["pipe"]);
        RefusesPath(directory["pipe"], "is empty or not a regular file");
        RefusesPath(directory["to pipe"], "is empty or not a regular file");

        File.WriteAllBytes(directory["net"], FileDraft.Valid().ToBytes());
        File.CreateSymbolicLink(directory["to net"], directory["net"]);
        NetworkFile.Load(FakeNetwork<float>.Create(), directory["to net"]);

        static void RefusesPath(string path, string message)
        {
            // On a thread of its own: a reader that waits for the other end of a pipe fails the test instead of hanging it.
            Task test = Task.Run(() => Refuses(network => NetworkFile.Load(network, path), message));
            Assert.True(test.Wait(TimeSpan.FromSeconds(20)), $"Loading {path} hangs.");
        }
    }

    [Fact]
    public void Attack30_very_many_entries()
    {
        FileDraft file = FileDraft.Valid();
        TensorDraft bias = file["dense1.bias"];
        file.Tensors.AddRange(Enumerable.Range(0, 100_001).Select(i => bias with { Name = $"t{i}" }));
        LoadOptions options = new() { MaxHeaderBytes = 100_000_000 };
        Refuses(file.ToBytes(), "FakeNetwork has no such parameter", tensor: "t0", options: options);

        file = FileDraft.Valid();
        file.Metadata = $"{{{string.Join(",", Enumerable.Range(0, 100_001).Select(i => $"\"{i}\":\"\""))}}}";
        Refuses(file.ToBytes(), "more than 256 entries", options: options);
        file.Metadata = $"{{\"{new string('k', 257)}\":\"\"}}";
        Refuses(file.ToBytes(), "A key of __metadata__ has 257 bytes");
        file.Metadata = $"{{{string.Join(",", Enumerable.Range(0, 256).Select(i => $"\"{i}\":\"{new string('v', 1000)}\""))}}}";
        NetworkFile.Load(FakeNetwork<float>.Create(), file.ToBytes());
    }

    private static void RefusesJson(string header, string message = "not valid JSON") =>
        Refuses(FileDraft.Join(Encoding.UTF8.GetBytes(header), []), message);

    private static ModelFormatException Refuses(
        byte[] file, string message, string? tensor = null, long? offset = null, LoadOptions? options = null)
    {
        ModelFormatException[] errors =
        [
            Refuses(network => NetworkFile.Load(network, file, options), message),
            Refuses(network => NetworkFile.Load(network, new TricklingStream(file), options), message),
            Refuses(network =>
            {
                using TemporaryDirectory directory = new();
                File.WriteAllBytes(directory["net"], file);
                NetworkFile.Load(network, directory["net"], options);
            }, file.Length == 0 ? "is empty" : message),
        ];
        foreach (ModelFormatException error in errors)
        {
            if (tensor is not null)
                Assert.Equal(tensor, error.TensorName);
            if (offset is not null)
                Assert.Equal(offset, error.Offset);
        }

        return errors[0];
    }

    private static ModelFormatException Refuses(Action<FakeNetwork<float>> load, string message)
    {
        FakeNetwork<float> network = FakeNetwork<float>.Create().Fill();
        byte[] before = MemoryMarshal.AsBytes(network.Parameters.Span).ToArray();
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => load(network));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, MemoryMarshal.AsBytes(network.Parameters.Span));
        return error;
    }
}
