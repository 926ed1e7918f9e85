using System.Runtime.InteropServices;
using Xunit;

namespace NetGen.Tests.Files;

/// <summary>Files that have more than the network, less, or something else under the same names.</summary>
public class PartialLoadTests
{
    [Fact]
    public void Counters_of_batches_are_passed_over_by_default()
    {
        FileDraft file = FileDraft.Valid();
        file.Add("norm1.num_batches_tracked", "I64", [], new byte[8]);
        foreach (FakeNetwork<float> network in LoadAll(file, null, out LoadReport[] reports))
        {
            Assert.Equal(FileDraft.Numbers(10), network["dense1.bias"].Select(value => value - network["dense1.bias"][0]));
            Assert.All(reports, report =>
            {
                Assert.True(report.IsComplete);
                Assert.Equal(5, report.Loaded.Count);
                Assert.Equal(("norm1.num_batches_tracked", LoadMismatchReason.NotInNetwork), (Assert.Single(report.Unused).Name, report.Unused[0].Reason));
            });
        }

        // Under the name of a counter nothing else gets through.
        file = FileDraft.Valid();
        file.Add("norm1.num_batches_tracked", "F32", [3], new byte[12]);
        Refuses(file, "span 12 bytes, but a counter of batches takes at most 8", null);
        file = FileDraft.Valid();
        file.Add("num_batches_tracked", "I64", [], new byte[8]);
        Refuses(file, "has no such parameter", null);
    }

    [Fact]
    public void Tensors_that_the_network_lacks_are_passed_over_by_an_option()
    {
        FileDraft file = new();
        file.Add("extra.weight", "I8", [3], new byte[3]);
        foreach (ParameterInfo parameter in FakeNetwork<float>.Create().Info.Parameters)
            file.Add(parameter.Name, "F32", parameter.Shape.ToArray(), MemoryMarshal.AsBytes<float>(FileDraft.Numbers(parameter.Count)));
        file.Add("last", "BOOL", [2, 2], new byte[4]);
        Refuses(file, "IgnoreUnknownTensors", null);
        LoadAll(file, new() { IgnoreUnknownTensors = true }, out LoadReport[] reports);
        Assert.All(reports, report => Assert.Equal(["extra.weight", "last"], report.Unused.Select(tensor => tensor.Name)));

        // What is missing is an error all the same, and every byte still belongs to one tensor.
        file.Tensors.RemoveAll(tensor => tensor.Name == "extra.weight");
        Refuses(file, "3 bytes before it belong to no tensor", new() { IgnoreUnknownTensors = true });
        file = FileDraft.Valid();
        file["dense1.bias"].Name = "other";
        Refuses(file, "it is missing in the file", new() { IgnoreUnknownTensors = true });
        file["dense2.bias"].Name = "other";
        Refuses(file, "occurs twice in the header", new() { IgnoreUnknownTensors = true });
    }

    [Fact]
    public void What_fits_by_name_and_shape_is_taken_and_the_rest_left_and_told()
    {
        FileDraft file = FileDraft.Valid();
        file.Metadata = """{"netgen.architecture":"another"}""";
        file["dense1.bias"].Name = "stem.bias";
        file["dense2.bias"].Type = "\"I32\"";
        file["dense3.weight"].Shape = "[1,99]";
        foreach (FakeNetwork<float> network in LoadAll(file, new() { Partial = true }, out LoadReport[] reports))
        {
            FakeNetwork<float> before = FakeNetwork<float>.Create().Fill();
            Assert.Equal(FileDraft.Numbers(70), network["dense1.weight"]);
            Assert.Equal(FileDraft.Numbers(330), network["dense2.weight"]);
            foreach (string name in (string[])["dense1.bias", "dense2.bias", "dense3.weight"])
                Assert.Equal(before[name], network[name]);
            Assert.All(reports, report =>
            {
                Assert.False(report.IsComplete);
                Assert.Equal(["dense1.weight", "dense2.weight"], report.Loaded);
                Assert.Equal(
                    [
                        ("stem.bias", LoadMismatchReason.NotInNetwork), ("dense2.bias", LoadMismatchReason.OtherType),
                        ("dense3.weight", LoadMismatchReason.OtherShape),
                    ],
                    report.Unused.Select(tensor => (tensor.Name, tensor.Reason)));
                Assert.Equal(
                    [
                        ("dense1.bias", LoadMismatchReason.NotInFile), ("dense2.bias", LoadMismatchReason.OtherType),
                        ("dense3.weight", LoadMismatchReason.OtherShape),
                    ],
                    report.Missing.Select(parameter => (parameter.Name, parameter.Reason)));
                Assert.Equal(
                    """
                    2 of 5 parameters loaded
                    not used: stem.bias: FakeNetwork has no parameter of this name
                    not used: dense2.bias: its elements in the file are "I32", which cannot hold weights
                    not used: dense3.weight: its shape in the file is [1, 99], but FakeNetwork expects [3, 33]
                    as it was: dense1.bias: the file has no tensor of this name
                    as it was: dense2.bias: its elements in the file are "I32", which cannot hold weights
                    as it was: dense3.weight: its shape in the file is [1, 99], but FakeNetwork expects [3, 33]
                    """,
                    report.ToString().ReplaceLineEndings());
            });
        }
    }

    [Fact]
    public void A_file_of_which_nothing_fits_or_that_is_damaged_changes_nothing()
    {
        LoadOptions partial = new() { Partial = true };
        FileDraft file = new();
        file.Add("other", "F32", [3], new byte[12]);
        Refuses(file, "Nothing in the file fits FakeNetwork by name and shape: the first parameter, dense1.weight: the file has no tensor", partial);
        Refuses(new FileDraft(), "the file has no tensors", partial);

        file = FileDraft.Valid();
        file["dense3.weight"].Shape = "[1,99]";
        file.Data[^1] = 0x7f;
        byte[] bytes = file.ToBytes();
        Refuses(bytes[..^1], "is cut off", partial);
        Refuses([.. bytes, 0], "goes on after its last tensor", partial);
        file["dense1.bias"].Name = "dense3.weight";
        Refuses(file, "occurs twice in the header", partial);
        file = FileDraft.Valid();
        file.Add("huge", "F32", [], []);
        file["huge"].End = "9223372036854775807";
        Refuses(file, "end beyond", partial);
    }

    [Fact]
    public void An_option_that_is_not_set_changes_nothing_about_complete_files()
    {
        LoadReport report = NetworkFile.Load(FakeNetwork<float>.Create(), FileDraft.Valid().ToBytes());
        Assert.Equal((true, 5, 0), (report.IsComplete, report.Loaded.Count, report.Unused.Count));
        Assert.Equal("5 of 5 parameters loaded", report.ToString());
    }

    private static FakeNetwork<float>[] LoadAll(FileDraft file, LoadOptions? options, out LoadReport[] reports)
    {
        FakeNetwork<float>[] networks = [FakeNetwork<float>.Create().Fill(), FakeNetwork<float>.Create().Fill()];
        reports = [NetworkFile.Load(networks[0], file.ToBytes(), options), NetworkFile.Load(networks[1], new TricklingStream(file.ToBytes()), options)];
        return networks;
    }

    private static void Refuses(FileDraft file, string message, LoadOptions? options) => Refuses(file.ToBytes(), message, options);

    private static void Refuses(byte[] file, string message, LoadOptions? options)
    {
        FakeNetwork<float> network = FakeNetwork<float>.Create().Fill();
        float[] before = network.Parameters.Span.ToArray();
        foreach (Action load in (Action[])
            [() => NetworkFile.Load(network, file, options), () => NetworkFile.Load(network, new TricklingStream(file), options)])
        {
            Assert.Contains(message, Assert.Throws<ModelFormatException>(load).Message, StringComparison.Ordinal);
            Assert.Equal(before, network.Parameters.Span.ToArray());
        }
    }
}
