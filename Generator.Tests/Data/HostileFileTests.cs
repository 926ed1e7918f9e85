using Xunit;
using static NetGen.Tests.Data.DataBytes;

namespace NetGen.Tests.Data;

/// <summary>Files made to steer a terminal or to fill memory.</summary>
public class HostileFileTests
{
    // An escape, next line, line and paragraph separator, a bidi override, an isolate, a zero-width space, half a surrogate pair.
    private const string Steering = "a\u001b\u0085\u2028\u2029\u202e\u2066\u200b\ud800b";
    private const string Shown = "'a       \ufffdb'";

    [Fact]
    public void Text_of_a_file_cannot_steer_a_terminal()
    {
        Refused($"1,0\n{Steering},0\n", new(), $"line 2, column 1: {Shown} is not a number.");
        Refused($"1,x\n1,{Steering}\n", new() { ClassNames = ["x"] }, $"line 2: The label {Shown} is not one of the 1");
        Refused($"1,{Steering}\n2,x\n3,x\n", new(), $"line 1, column 2: This line may be a header or a row: the label {Shown} is in no other row.");
        Refused($"1,1\n1,{Steering}\n1,{Steering}\n", new() { FirstLabel = 1 }, $"line 2: The label {Shown} is not an integer");
        Refused($"{Steering},{Steering}\n", new() { Label = Steering }, $"line 1, column 2: Two columns are named {Shown}.");
        Refused("x,y\n1,0\n", new() { Label = new string('z', 500) }, $"line 1: There is no column '{new string('z', 40)}...' among the 2 here.");
        Refused("1,0\n1,0,1\n", new() { Separator = '\u202e' }, "line 1: None of the 1 columns is left for the features. Is the separator ' ' right?");
    }

    [Fact]
    public void Names_of_files_cannot_either()
    {
        string directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string name = Path.Combine(directory, "a\u001b[2J\u202e" + new string('x', 200) + ".csv");
            File.WriteAllText(name, "x");
            var exception = Assert.Throws<DataFormatException>(() => Dataset.LoadCsv(name));
            Assert.Equal(name, exception.FileName);
            Assert.DoesNotContain('\u001b', exception.Message);
            Assert.DoesNotContain('\u202e', exception.Message);
            Assert.Contains(new string('x', 200) + ".csv, line 1: ", exception.Message, StringComparison.Ordinal);
            Assert.InRange(exception.Message.Length, 0, 400);
            Assert.DoesNotContain('\u001b', Assert.Throws<DataFormatException>(() => Dataset.LoadIdx(name, name)).Message);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Small files that grow a thousandfold, to rows or to pixels, are refused before they take time or memory.</summary>
    [Theory]
    [InlineData("0,0\n")]
    [InlineData("\n")]
    [InlineData("0.1234567,-0.1234567,1\n")]
    [InlineData("")]
    public void Compressed_bombs_are_refused_at_once(string row)
    {
        byte[] bomb = row.Length > 0 ? Gzip(Repeat(row)) : Gzip([.. Idx(0x08, [1 << 18, 1 << 10]), .. new byte[1 << 26]]);
        var stream = new MemoryStream(bomb);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var exception = Assert.Throws<DataFormatException>(() =>
            row.Length > 0 ? Dataset.ReadCsv(stream) : Dataset.ReadIdx(stream, new MemoryStream(Idx(0x0C, [1 << 18]))));
        Assert.EndsWith(
            " bytes of gzip data have grown to more than 100 times their size. If the file is what it should be, decompress it first.",
            exception.Message,
            StringComparison.Ordinal);
        // An element of two bytes becomes one of four, in a list that doubles when it is full.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10L * DataStream.MinGrownBytes);
        // The rest of the file is not read: 32 of its 64 MB, and what the buffers hold.
        Assert.InRange(stream.Position, 0, bomb.Length / 2 + (1 << 14));

        static byte[] Repeat(string row)
        {
            byte[] text = new byte[1 << 26];
            for (int i = 0; i < text.Length; i++)
                text[i] = (byte)row[i % row.Length];
            return text;
        }
    }

    [Fact]
    public void Small_files_may_be_as_regular_as_they_like()
    {
        byte[] bytes = Gzip(string.Concat(Enumerable.Repeat("0,0,0,0,0,0,0,0,0,0\n", 100_000)));
        Assert.True(bytes.Length * 100 < 2_000_000);
        Assert.Equal(100_000, Dataset.ReadCsv(new MemoryStream(bytes)).Count);
    }

    private static void Refused(string text, CsvOptions options, string message) =>
        Assert.StartsWith(
            message, Assert.Throws<DataFormatException>(() => Dataset.ReadCsv(new StringReader(text), options)).Message, StringComparison.Ordinal);
}
