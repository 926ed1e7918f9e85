using Xunit;
using static NetGen.Tests.Data.DataBytes;

namespace NetGen.Tests.Data;

public class IdxTests
{
    private static readonly byte[] Images = Idx(0x08, [2, 2, 2], 0, 51, 102, 255, 1, 2, 3, 4);
    private static readonly byte[] Labels = Idx(0x08, [2], 7, 0);

    private static Dataset Read(byte[] images, byte[] labels, int maxElements = Dataset.DefaultMaxElements) =>
        Dataset.ReadIdx(new MemoryStream(images), new MemoryStream(labels), maxElements);

    [DataFact("mnist10k/t10k-images-idx3-ubyte.gz", "mnist10k/t10k-labels-idx1-ubyte.gz")]
    public void Loads_mnist()
    {
        Dataset mnist = Dataset.LoadIdx(
            DataFactAttribute.PathOf("mnist10k/t10k-images-idx3-ubyte.gz"), DataFactAttribute.PathOf("mnist10k/t10k-labels-idx1-ubyte.gz"));
        Assert.Equal("10000 rows of 784 features, 10 classes", mnist.ToString());
        Assert.Equal([7, 2, 1, 0, 4, 1, 4, 9, 5, 9], mnist.Labels[..10]);
        Assert.Equal((0f, 1f), (mnist.Features.ToArray().Min(), mnist.Features.ToArray().Max()));
        // The mean that is usually subtracted from the test images.
        Assert.Equal(0.1325, mnist.Features.ToArray().Average(value => (double)value), 1e-4);
    }

    [Fact]
    public void Pixels_are_scaled_to_1()
    {
        Dataset data = Read(Images, Labels);
        Assert.Equal("2 rows of 4 features, 8 classes", data.ToString());
        Assert.Equal([0f, 0.2f, 0.4f, 1f], data.Row(0));
        Assert.Equal([7, 0], data.Labels);
    }

    [Fact]
    public void Compressed_files_and_slow_streams_read_the_same()
    {
        string images = Path.GetTempFileName(), labels = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(images, Gzip(Images));
            File.WriteAllBytes(labels, Labels);
            Assert.Equal(Read(Images, Labels).Features, Dataset.LoadIdx(images, labels).Features);
            File.WriteAllBytes(labels, Images);
            var exception = Assert.Throws<DataFormatException>(() => Dataset.LoadIdx(images, labels));
            Assert.StartsWith($"{labels}, byte 2: Labels are one dimension of integers", exception.Message, StringComparison.Ordinal);
            Assert.Equal((labels, 2L), (exception.FileName, exception.Offset));
        }
        finally
        {
            File.Delete(images);
            File.Delete(labels);
        }

        Assert.Equal([7, 0], Dataset.ReadIdx(new Trickle(Gzip(Images)), new Trickle(Labels)).Labels);
    }

    [Theory]
    [InlineData(0x09, new byte[] { 0xFE, 0x7F }, new[] { -2f, 127f })]
    [InlineData(0x0B, new byte[] { 0xFF, 0xFE, 0x01, 0x00 }, new[] { -2f, 256f })]
    [InlineData(0x0C, new byte[] { 0xFF, 0xFF, 0xFF, 0xFE, 0x00, 0x01, 0x00, 0x00 }, new[] { -2f, 65536f })]
    [InlineData(0x0D, new byte[] { 0x3F, 0xC0, 0x00, 0x00, 0xC0, 0x00, 0x00, 0x00 }, new[] { 1.5f, -2f })]
    [InlineData(0x0E, new byte[] { 0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0 }, new[] { 1.5f, -2f })]
    public void Other_element_types_keep_their_values(byte type, byte[] elements, float[] expected) =>
        Assert.Equal(expected, Read(Idx(type, [2], elements), Labels).Features);

    [Fact]
    public void Arrays_longer_than_the_buffer_are_whole()
    {
        byte[] elements = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i % 251))];
        Dataset data = Read(Idx(0x0B, [1, 150_000], elements), Idx(0x0C, [1], 0, 0, 0, 5));
        for (int i = 0; i < 150_000; i++)
            Assert.Equal((short)(elements[2 * i] << 8 | elements[2 * i + 1]), data.Features[i]);
        Assert.Equal([5], data.Labels);
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_its_place()
    {
        Refused([], Labels, "byte 0: The file ends before the elements that its header declares.");
        Refused([1, 2, 8, 1], Labels, "byte 0: An IDX file starts with two zero bytes, this one with 01 02.");
        Refused(Idx(0x0A, [2], 0, 0), Labels, "byte 2: The element type is 0A, but IDX knows 08, 09, 0B, 0C, 0D and 0E.");
        Refused(Idx(0x08, []), Labels, "byte 3: The array has no dimension, so it has no rows.");
        Refused(Images[..7], Labels, "byte 7: The file ends before");
        Refused(Images[..^1], Labels, "byte 23: The file ends before the elements");
        Refused([.. Images, 0], Labels, "byte 24: The file goes on after the 8 elements that its header declares.");
        Refused(Images, Labels[..^1], "byte 9: The file ends before");
        Refused(Images, [.. Labels, 0], "byte 10: The file goes on after the 2 elements");
        Refused(Idx(0x08, [2, 0]), Labels, "byte 8: Dimension 2 is 0, which makes 0 elements; from 1 to 268435456 (maxElements) are allowed.");
        Refused(Idx(0x08, [65536, 65536, 65536, 65536]), Labels, "byte 8: Dimension 2 is 65536, which makes 4294967296 elements;");
        Refused(Idx(0x08, [0xFFFFFFFF]), Labels, "byte 4: Dimension 1 is 4294967295");
        Refused(Images, Images, "byte 2: Labels are one dimension of integers, but this file has 3 of UInt8. Are the two files swapped?");
        Refused(Images, Idx(0x0D, [2], 0, 0, 0, 0, 0, 0, 0, 0), "byte 2: Labels are one dimension of integers, but this file has 1 of Single.");
        Refused(Images, Idx(0x08, [3], 0, 0, 0), "byte 4: There are 3 labels for 2 rows of features.");
        Refused(Images, Idx(0x09, [2], 0, 0xFF), "byte 9: The element -1 is not a class index in [0, 65535].");
        Refused(Images, Idx(0x0C, [2], 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF), "byte 12: The element 2147483647 is not a class index");
        Refused(Idx(0x0D, [2], 0, 0, 0, 0, 0x7F, 0xC0, 0, 0), Labels, "byte 12: The element NaN is not finite");
        Refused(Gzip(Images)[..^1], Labels, "The gzip data is damaged, cut off,");
        Refused(Images, Gzip(Labels)[..^9], "The gzip data is damaged, cut off,");
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(Images, Labels, 0));
    }

    [Fact]
    public void Labels_from_1_on_ask_for_their_first()
    {
        byte[] images = Idx(0x08, [26], new byte[26]), labels = Idx(0x08, [26], [.. Enumerable.Range(1, 26).Select(label => (byte)label)]);
        Refused(images, labels, "Class 0 is empty: do labels start at 1? Pass 1 as firstLabel, or 0 if they do not.");
        Dataset letters = Dataset.ReadIdx(new MemoryStream(images), new MemoryStream(labels), firstLabel: 1);
        Assert.Equal(26, letters.ClassCount);
        Assert.Equal(Enumerable.Range(0, 26), letters.Labels.ToArray());
        Assert.Equal(27, Dataset.ReadIdx(new MemoryStream(images), new MemoryStream(labels), firstLabel: 0).ClassCount);
        var exception = Assert.Throws<DataFormatException>(() => Dataset.ReadIdx(new MemoryStream(images), new MemoryStream(labels), firstLabel: 2));
        Assert.Equal("byte 8: The element 1 is not a label in [2, 65537].", exception.Message);
    }

    [Fact]
    public void Memory_follows_the_data_not_the_header()
    {
        byte[] images = Idx(0x08, [1 << 14, 1 << 14], new byte[100]), labels = Idx(0x08, [1 << 14], new byte[1 << 14]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(images, labels, "byte 112: The file ends before");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static void Refused(byte[] images, byte[] labels, string message) =>
        Assert.StartsWith(message, Assert.Throws<DataFormatException>(() => Read(images, labels)).Message, StringComparison.Ordinal);
}
