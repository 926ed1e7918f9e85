using System.Buffers.Binary;
using Xunit;

namespace NetGen.Tests.Files;

/// <summary>Text and lengths that a file gives are bounded before they reach a terminal or the heap.</summary>
public class FileTextTests
{
    [Theory]
    [InlineData("\u001b[2J", "?[2J")]
    [InlineData("\u0000\r\n\u007f\u0085\u009b", "??????")]
    [InlineData("a\u2028b\u2029c", "a?b?c")]
    [InlineData("\u202aa\u202eb\u2066c\u2069\u200e\u061c\ufeff", "?a?b?c????")]
    [InlineData("\ue000\U000e0001", "??")]
    [InlineData("stage1.weight \u00e4\u7f51\U0001f600", "stage1.weight \u00e4\u7f51\U0001f600")]
    public void What_steers_a_terminal_becomes_a_question_mark(string text, string shown) => Assert.Equal(shown, FileText.Clean(text));

    // Test runners do not hand on half a pair.
    [Fact]
    public void Half_surrogate_pairs_become_question_marks() => Assert.Equal("?x?", FileText.Clean("\ud800x\udc00"));

    [Fact]
    public void Long_text_is_shortened() => Assert.Equal(new string('x', 256) + "...", FileText.Clean(new string('x', 257)));

    [Theory]
    [InlineData("\\u001b[31m\\u202e\\u2028\\u0085")]
    [InlineData("\u202e\u2028\u0085\u009b")]
    public void No_message_carries_what_a_file_hides_in_its_names(string hidden)
    {
        FileDraft tensor = FileDraft.Valid(), metadata = FileDraft.Valid(), type = FileDraft.Valid();
        FileDraft architecture = FileDraft.Valid(), extra = FileDraft.Valid();
        tensor.Tensors[0].Name = hidden;
        metadata.Metadata = $"{{\"{hidden}\":\"\",\"{hidden}\":\"\"}}";
        type.Tensors[0].Type = $"\"{hidden}\"";
        architecture.Metadata = $"{{\"netgen.architecture\":\"{hidden}\"}}";
        extra.Tensors[0].Rest = $",\"{hidden}\":1";
        foreach (FileDraft file in (FileDraft[])[tensor, metadata, type, architecture, extra])
        {
            ModelFormatException error = Assert.Throws<ModelFormatException>(() => NetworkFile.Load(FakeNetwork<float>.Create(), file.ToBytes()));
            AssertClean(error.ToString().ReplaceLineEndings(""));
            AssertClean(error.TensorName ?? "");
        }

        LoadReport report = NetworkFile.Load(FakeNetwork<float>.Create(), tensor.ToBytes(), new() { Partial = true });
        AssertClean(Assert.Single(report.Unused).Name);
    }

    [Fact]
    public void A_few_bytes_of_a_stream_claim_little_memory()
    {
        byte[] file = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(file, 1 << 20);
        FakeNetwork<float> network = FakeNetwork<float>.Create();
        Load();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Load();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);

        void Load() => Assert.Contains(
            "is cut off", Assert.Throws<ModelFormatException>(() => NetworkFile.Load(network, new TricklingStream(file))).Message, StringComparison.Ordinal);
    }

    private static void AssertClean(string text) => Assert.Equal(FileText.Clean(text).TrimEnd('.'), text[..Math.Min(text.Length, 256)].TrimEnd('.'));
}
