using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace NetGen.Tests.Files;

public class NetworkFileTests
{
    [Fact]
    public void Saved_files_equal_the_format_byte_for_byte()
    {
        FakeNetwork<float> network = new(
            "2 -> Dense(1, Tanh)", ("dense1.weight", ParameterLayout.Panels, [1, 2]), ("dense1.bias", ParameterLayout.Contiguous, [1]));
        network.Info.Parameters[0].CopyFrom<float>([1f, -2f], network.Parameters.Span);
        network.Info.Parameters[1].CopyFrom<float>([0.5f], network.Parameters.Span);

        // 214 bytes of JSON and 2 spaces: the data start at a multiple of 8. The bias is first: names are sorted.
        byte[] expected =
        [
            216, 0, 0, 0, 0, 0, 0, 0,
            .. """{"__metadata__":{"netgen.architecture":"2 -> Dense(1, Tanh)","netgen.version":"1"}"""u8,
            .. ""","dense1.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"""u8,
            .. ""","dense1.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}}"""u8,
            .. "  "u8,
            0x00, 0x00, 0x00, 0x3f,
            0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x00, 0xc0,
        ];

        Assert.Equal(expected, network.ToBytes());
    }

    [Fact]
    public void Networks_of_double_precision_are_written_as_F64()
    {
        FakeNetwork<double> network = new("a", ("w", ParameterLayout.Contiguous, [2]));
        network.Info.Parameters[0].CopyFrom([1d, 1e300], network.Parameters.Span);

        byte[] file = network.ToBytes();

        Assert.Contains("""{"dtype":"F64","shape":[2],"data_offsets":[0,16]}""", Encoding.UTF8.GetString(file), StringComparison.Ordinal);
        Assert.Equal(MemoryMarshal.AsBytes<double>([1d, 1e300]), file.AsSpan()[^16..]);
        FakeNetwork<double> loaded = new("a", ("w", ParameterLayout.Contiguous, [2]));
        NetworkFile.Load(loaded, file);
        Assert.Equal([1d, 1e300], loaded["w"]);
    }

    [Fact]
    public void Tensors_are_sorted_by_the_bytes_of_their_names_and_names_are_escaped()
    {
        // UTF-16 code units would order the emoji (a surrogate pair) before U+FF5E; its UTF-8 bytes come after.
        string[] names = ["b", "\uFF5E", "\U0001F600", "a\"\\\n", "B"];
        FakeNetwork<float> network = Make().Fill();

        byte[] file = network.ToBytes();

        int headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal(0, headerLength % 8);
        using var json = System.Text.Json.JsonDocument.Parse(file.AsMemory(8, headerLength));
        Assert.Equal(["__metadata__", "B", "a\"\\\n", "b", "\uFF5E", "\U0001F600"], json.RootElement.EnumerateObject().Select(p => p.Name));
        FakeNetwork<float> loaded = Make();
        NetworkFile.Load(loaded, file);
        Assert.Equal(network.Parameters.Span, loaded.Parameters.Span);

        FakeNetwork<float> Make() => new("a", [.. names.Select((string, ParameterLayout, int[]) (name) => (name, ParameterLayout.Contiguous, [2]))]);
    }

    [Fact]
    public void A_round_trip_through_a_path_a_stream_and_memory_keeps_every_bit()
    {
        using TemporaryDirectory directory = new();
        FakeNetwork<float> network = FakeNetwork<float>.Create().Fill();
        network.Parameters.Span[0] = -0f;
        network.Parameters.Span[1] = float.Epsilon;
        NetworkFile.Save(network, directory["net.safetensors"]);
        byte[] file = File.ReadAllBytes(directory["net.safetensors"]);
        Assert.Equal(file, network.ToBytes());

        FakeNetwork<float>[] loaded = [.. Enumerable.Range(0, 4).Select(_ => FakeNetwork<float>.Create().Fill(1000))];
        NetworkFile.Load(loaded[0], directory["net.safetensors"]);
        NetworkFile.Load(loaded[1], file);
        NetworkFile.Load(loaded[2], new MemoryStream([1, 2, 3, .. file]) { Position = 3 });
        NetworkFile.Load(loaded[3], new TricklingStream(file));

        foreach (FakeNetwork<float> copy in loaded)
            AssertSameBits(network, copy);
    }

    [Fact]
    public void Tensors_larger_than_a_chunk_are_read_whole()
    {
        FakeNetwork<float> network = new FakeNetwork<float>("a", ("w", ParameterLayout.Panels, [70, 301])).Fill();
        FakeNetwork<float> loaded = new("a", ("w", ParameterLayout.Panels, [70, 301]));
        NetworkFile.Load(loaded, network.ToBytes());
        AssertSameBits(network, loaded);
    }

    [Fact]
    public void A_network_without_parameters_has_a_file_too()
    {
        FakeNetwork<float> network = new("4 -> Dropout(0.5)");
        NetworkFile.Load(network, network.ToBytes());
        Assert.Throws<ModelFormatException>(() => NetworkFile.Load(network, FileDraft.Valid().ToBytes()));
    }

    [Fact]
    public void A_file_that_another_library_wrote_loads_in_any_order_of_its_tensors()
    {
        FileDraft file = FileDraft.Valid();
        file.Metadata = """{"format":"pt"}""";
        file.Tensors.Reverse();
        file.Suffix = "  \n";
        FakeNetwork<float> network = FakeNetwork<float>.Create();

        NetworkFile.Load(network, file.ToBytes());

        foreach (ParameterInfo parameter in network.Info.Parameters)
            Assert.Equal(FileDraft.Numbers(parameter.Count), network[parameter.Name]);
    }

    [Fact]
    public void Every_element_type_is_converted_to_the_precision_of_the_network()
    {
        byte[] file = new FileDraft()
            .Add("half", "F16", [3], MemoryMarshal.AsBytes<Half>([(Half)1.5f, Half.MaxValue, Half.Epsilon]))
            // 1, -3.140625 and the largest finite value: the upper halves of their F32 patterns.
            .Add("brain", "BF16", [3], [0x80, 0x3f, 0x49, 0xc0, 0x7f, 0x7f])
            .Add("single", "F32", [2], MemoryMarshal.AsBytes<float>([0.1f, float.MinValue]))
            .Add("double", "F64", [3], MemoryMarshal.AsBytes<double>([0.1, 1e-300, 1 + 1e-10]))
            .ToBytes();

        FakeNetwork<float> single = Make<float>();
        NetworkFile.Load(single, file);
        Assert.Equal([1.5f, 65504f, 5.9604645e-8f], single["half"]);
        Assert.Equal([1f, -3.140625f, 3.3895314e38f], single["brain"]);
        Assert.Equal([0.1f, float.MinValue], single["single"]);
        Assert.Equal([0.1f, 0f, 1f], single["double"]);

        FakeNetwork<double> wide = Make<double>();
        NetworkFile.Load(wide, file);
        Assert.Equal([1.5, 65504, 5.960464477539063e-8], wide["half"]);
        Assert.Equal([1, -3.140625, BitConverter.UInt32BitsToSingle(0x7f7f0000)], wide["brain"]);
        Assert.Equal([0.1f, float.MinValue], wide["single"]);
        Assert.Equal([0.1, 1e-300, 1 + 1e-10], wide["double"]);

        static FakeNetwork<T> Make<T>()
            where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> => new(
                "a",
                ("double", ParameterLayout.Contiguous, [3]), ("single", ParameterLayout.Contiguous, [2]),
                ("brain", ParameterLayout.Contiguous, [3]), ("half", ParameterLayout.Contiguous, [3]));
    }

    [Fact]
    public void Padding_is_zero_after_loading()
    {
        FakeNetwork<float> network = FakeNetwork<float>.Create();
        network.Parameters.Span.Fill(9);
        NetworkFile.Load(network, FileDraft.Valid().ToBytes());

        long nonZero = network.Parameters.Span.ToArray().LongCount(value => value != 0);
        // Element 0 of each of the 5 tensors is the number 0.
        Assert.Equal(network.Info.ParameterCount - 5, nonZero);
    }

    [Fact]
    public void Another_architecture_loads_where_it_is_ignored_and_all_shapes_agree()
    {
        byte[] file = FakeNetwork<float>.Create("7 -> Dense(10) -> Dropout(0.3) -> Dense(33) -> Dense(3)").Fill().ToBytes();
        FakeNetwork<float> network = FakeNetwork<float>.Create();
        NetworkFile.Load(network, file, new LoadOptions { IgnoreArchitecture = true });
        AssertSameBits(FakeNetwork<float>.Create().Fill(), network);
    }

    [Fact]
    public void A_newer_version_of_the_format_is_refused()
    {
        FileDraft file = FileDraft.Valid();
        file.Metadata = """{"netgen.version":"2"}""";
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => NetworkFile.Load(FakeNetwork<float>.Create(), file.ToBytes()));
        Assert.Contains("version \"2\"", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_diverged_network_is_not_saved_and_the_old_file_stays(float value)
    {
        using TemporaryDirectory directory = new();
        FakeNetwork<float> network = FakeNetwork<float>.Create().Fill();
        NetworkFile.Save(network, directory["net"]);
        byte[] old = File.ReadAllBytes(directory["net"]);
        network.Parameters.Span[3] = value;

        var error = Assert.Throws<InvalidOperationException>(() => NetworkFile.Save(network, directory["net"]));

        Assert.Contains("dense1.weight [10, 7]", error.Message, StringComparison.Ordinal);
        Assert.Equal(old, File.ReadAllBytes(directory["net"]));
        Assert.Equal(["net"], directory.Files);
        using MemoryStream stream = new();
        Assert.Throws<InvalidOperationException>(() => NetworkFile.Save(network, stream));
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public void Missing_files_and_wrong_arguments_have_the_usual_exceptions()
    {
        using TemporaryDirectory directory = new();
        FakeNetwork<float> network = FakeNetwork<float>.Create();
        Assert.Throws<FileNotFoundException>(() => NetworkFile.Load(network, directory["missing"]));
        Assert.Throws<DirectoryNotFoundException>(() => NetworkFile.Load(network, directory["missing/file"]));
        Assert.Throws<DirectoryNotFoundException>(() => NetworkFile.Save(network, directory["missing/file"]));
        Assert.Throws<ArgumentException>(() => NetworkFile.Load(network, ""));
        Assert.Throws<ArgumentException>(() => NetworkFile.Save(network, ""));
        Assert.Throws<ArgumentNullException>(() => NetworkFile.Load(network, (Stream)null!));
        Assert.Throws<ArgumentNullException>(() => NetworkFile.Save(network, (Stream)null!));
        Assert.Throws<ArgumentNullException>(() => NetworkFile.Load<float>(null!, "file"));
        Assert.Throws<ArgumentNullException>(() => NetworkFile.Save<float>(null!, "file"));
        Assert.Throws<ArgumentNullException>(() => NetworkFile.Load<float>(null!, [1]));
        Assert.Throws<NotSupportedException>(() => NetworkFile.Save(new FakeNetwork<Half>("a"), Stream.Null));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LoadOptions { MaxHeaderBytes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LoadOptions { MaxHeaderBytes = 100_000_001 });
    }

    private static void AssertSameBits(FakeNetwork<float> expected, FakeNetwork<float> actual) =>
        Assert.Equal(MemoryMarshal.AsBytes(expected.Parameters.Span), MemoryMarshal.AsBytes(actual.Parameters.Span));
}
