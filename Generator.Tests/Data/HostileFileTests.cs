using Xunit;
using static NetGen.Tests.Data.DataBytes;

namespace NetGen.Tests.Data;

/// <summary>Files made to fill memory.</summary>
public class HostileFileTests
{
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
}
