using System.Globalization;
using System.Text;
using Xunit;
using static NetGen.Tests.Data.DataBytes;

namespace NetGen.Tests.Data;

public class CsvTests
{
    private static readonly CsvOptions FeaturesOnly = new() { Targets = [] };

    private static Dataset Read(string text, CsvOptions? options = null) => Dataset.ReadCsv(new StringReader(text), options);

    [DataFact("iris.csv")]
    public void Loads_iris_after_its_odd_first_line()
    {
        Dataset iris = Dataset.LoadCsv(DataFactAttribute.PathOf("iris.csv"), new CsvOptions
        {
            SkipLines = 1,
            ClassNames = ["setosa", "versicolor", "virginica"],
        });
        Assert.Equal("150 rows of 4 features, 3 classes", iris.ToString());
        Assert.Equal([5.1f, 3.5f, 1.4f, 0.2f], iris.Row(0));
        Assert.Equal([5.9f, 3.0f, 5.1f, 1.8f], iris.Row(149));
        Assert.Equal([50, 50, 50], iris.Labels.ToArray().CountBy(label => label).Select(pair => pair.Value));
        Assert.Equal("virginica", iris.ClassNames[iris.Labels[149]]);
    }

    [DataFact("iris.csv")]
    public void Names_the_way_out_where_the_odd_line_is_not_skipped()
    {
        string path = DataFactAttribute.PathOf("iris.csv");
        var exception = Assert.Throws<DataFormatException>(() => Dataset.LoadCsv(path));
        Assert.StartsWith($"{path}, line 1, column 3: 'setosa' is not a number. If this line is not data, set CsvOptions.Header or SkipLines", exception.Message, StringComparison.Ordinal);
        Assert.Equal((path, 1L, 3), (exception.FileName, exception.Line, exception.Column));
    }

    [DataFact("digits.csv.gz")]
    public void Loads_compressed_digits()
    {
        Dataset digits = Dataset.LoadCsv(DataFactAttribute.PathOf("digits.csv.gz"));
        Assert.Equal("1797 rows of 64 features, 10 classes", digits.ToString());
        Assert.Equal([0f, 0f, 5f, 13f, 9f, 1f, 0f, 0f], digits.Row(0)[..8]);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], digits.Labels[..10]);
        Assert.Equal(16f, digits.Features.ToArray().Max());
    }

    [Fact]
    public void Compression_is_seen_in_the_content_and_streams_need_not_seek()
    {
        const string Text = "a,b,class\n1,2,0\n3,4,1\n";
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Gzip(Text));
            Assert.Equal([1f, 2f, 3f, 4f], Dataset.LoadCsv(path).Features);
            File.WriteAllText(path, Text, Encoding.Unicode);
            Assert.Equal([1f, 2f, 3f, 4f], Dataset.LoadCsv(path).Features);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal([0, 1], Dataset.ReadCsv(new Trickle(Gzip(Text))).Labels);
        Assert.Equal([0, 1], Dataset.ReadCsv(new Trickle(Encoding.UTF8.GetBytes(Text))).Labels);
    }

    [Fact]
    public void Streams_stay_open()
    {
        using var stream = new MemoryStream(Gzip("1,0\n"));
        Dataset.ReadCsv(stream);
        Assert.True(stream.CanRead);
    }

    [Fact]
    public void Quotes_hide_separators_line_breaks_and_quotes()
    {
        Dataset data = Read("x,\"the \"\"class\"\"\"\r\n\"1\",\"a,\r\n\"\"b\"\"\"\r\n\r\n2,\"c\"\r\n", new CsvOptions { Label = "the \"class\"" });
        Assert.Equal([1f, 2f], data.Features);
        Assert.Equal(["a,\r\n\"b\"", "c"], data.ClassNames);
    }

    [Fact]
    public void Fields_longer_than_the_buffer_are_whole()
    {
        string digits = "1." + new string('0', 100_000);
        Assert.Equal([1f, 1f, 2f], Read($"{digits},\"{digits}\",2\n", FeaturesOnly).Features);
    }

    [Theory]
    [InlineData("1,2,0")]
    [InlineData("1,2,0\n")]
    [InlineData("1,2,0\r\n")]
    [InlineData("\n\r\n1,2,0\r\n\n")]
    [InlineData(" 1 ,\t2, 0 ")]
    [InlineData("\"1\",\"2\",\"0\"")]
    [InlineData("1e0,+2.0,0\r")]
    public void One_row_reads_the_same_however_it_is_written(string text)
    {
        Dataset data = Read(text);
        Assert.Equal([1f, 2f], data.Row(0));
        Assert.Equal([0], data.Labels);
        Assert.Equal(1, data.Count);
    }

    [Fact]
    public void Columns_are_chosen_by_name_index_or_from_the_end()
    {
        const string Text = "id,x,kind,y,z\n7,1,b,2,3\n8,4,a,5,6\n";
        Dataset byName = Read(Text, new CsvOptions { Label = "kind", Ignore = ["id"] });
        Assert.Equal([1f, 2f, 3f, 4f, 5f, 6f], byName.Features);
        Assert.Equal([1, 0], byName.Labels);
        Dataset byIndex = Read(Text, new CsvOptions { Label = 2, Ignore = [0, ^1] });
        Assert.Equal([1f, 2f, 4f, 5f], byIndex.Features);
        Dataset targets = Read(Text, new CsvOptions { Targets = [^1, "x"], Ignore = ["id", 2] });
        Assert.Equal([2f, 5f], targets.Features);
        Assert.Equal([3f, 1f, 6f, 4f], targets.Targets);
    }

    [Fact]
    public void A_header_is_found_or_stated()
    {
        Assert.Equal(1, Read("x,y\n1,0\n").Count);
        Assert.Equal(2, Read("5,y\n1,x\n").Count);
        Assert.Equal(1, Read("2010,2011\n1,2\n", new CsvOptions { Targets = [], Header = CsvHeader.Present }).Count);
        Assert.Equal(2, Read(",y\n1,x\n", new CsvOptions { Missing = MissingValues.Mean }).Count);
        var exception = Assert.Throws<DataFormatException>(() => Read("x,y\n1,0\n", new CsvOptions { Header = CsvHeader.Absent }));
        Assert.Equal((1L, 1), (exception.Line, exception.Column));
    }

    [Fact]
    public void Integer_labels_are_indexes_and_names_are_sorted()
    {
        Dataset integers = Read("1,3\n1,10\n1,3\n");
        Assert.Equal([3, 10, 3], integers.Labels);
        Assert.Equal(11, integers.ClassCount);
        Assert.Empty(integers.ClassNames);
        Dataset names = Read("1,b\n1,B\n1,10\n1,b\n");
        Assert.Equal(["10", "B", "b"], names.ClassNames);
        Assert.Equal([2, 1, 0, 2], names.Labels);
        Dataset signs = Read("1,-1\n1,1\n");
        Assert.Equal(["-1", "1"], signs.ClassNames);
        Assert.Equal(["65536", "7"], Read("1,7\n1,65536\n").ClassNames);
    }

    [Fact]
    public void A_second_file_gets_the_class_numbers_of_the_first()
    {
        Dataset first = Read("1,red\n1,green\n1,blue\n"), second = Read("1,red\n", new CsvOptions { ClassNames = first.ClassNames });
        Assert.Equal([2], second.Labels);
        Assert.Equal(3, second.ClassCount);
        Assert.Equal(first.ClassNames, second.ClassNames);
    }

    [Fact]
    public void Missing_values_are_refused_left_out_or_filled_in()
    {
        const string Text = "1,10,a\nNA,20,b\n3,?,c\n8,30,a\n4,40,\n";
        Dataset skipped = Read(Text, new CsvOptions { Missing = MissingValues.SkipRow });
        Assert.Equal([1f, 10f, 8f, 30f], skipped.Features);
        Assert.Equal(["a"], skipped.ClassNames);
        Dataset filled = Read(Text.Replace("40,", "40,a", StringComparison.Ordinal), new CsvOptions { Missing = MissingValues.Mean });
        Assert.Equal([1f, 10f, 4f, 20f, 3f, 25f, 8f, 30f, 4f, 40f], filled.Features);
        Refused(Text, new(), "line 2, column 1: The value is missing. Set CsvOptions.Missing");
        Refused(Text, new() { Missing = MissingValues.Mean }, "line 5, column 3: The value is missing.");
        Refused("1,nan\n", new() { Targets = [1], Missing = MissingValues.Mean }, "line 1, column 2: The value is missing.");
    }

    [Fact]
    public void Semicolons_and_decimal_points_are_read_in_any_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        german.NumberFormat.NumberGroupSeparator = ".";
        german.NumberFormat.NegativeSign = "~";
        try
        {
            CultureInfo.CurrentCulture = german;
            Assert.Equal([-1.5f], Read("-1.5;0\n", new CsvOptions { Separator = ';' }).Features);
            Refused("1,5;0\n", new() { Separator = ';', Header = CsvHeader.Absent }, "line 1, column 1: '1,5' is not a number.");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_its_place()
    {
        Refused("", new(), "line 1: There is no data here.");
        Refused("1,2\n", new() { SkipLines = 5 }, "line 1: There is no data here.");
        Refused("x,y\n", new(), "line 1: There is no row of data.");
        Refused("?,0\n", new() { Missing = MissingValues.SkipRow }, "line 1: There is no row of data without missing values.");
        Refused("1\n2\n", new(), "line 1: None of the 1 columns is left for the features. Is the separator ',' right?");
        Refused("1,2,0\n\n1,0\n", new(), "line 3: This row has 2 fields, but the first one has 3.");
        Refused("1,0\n\"1\n\",0\nx,0\n", new(), "line 4, column 1: 'x' is not a number.");
        Refused("1,0\n" + new string('x', 50) + ",0\n", new(), $"line 2, column 1: '{new string('x', 40)}...' is not a number.");
        Refused("1,0\nx\u001by,0\n", new(), "line 2, column 1: 'x y' is not a number.");
        Refused("1,0\n1e39,0\n", new(), "line 2, column 1: '1e39' is infinite or beyond the range of a 32-bit float.");
        Refused("1,0\n-Infinity,0\n", new(), "line 2, column 1: '-Infinity' is infinite");
        Refused("1,0\n2,\"a\"b\n", new(), "line 2, column 2: There is text after the closing quote.");
        Refused("1,0\n2,a\"b\n", new(), "line 2, column 2: There is a quote inside an unquoted field.");
        Refused("1,0\n2,\"a\n\n", new(), "line 2, column 2: The file ends inside a quoted field.");
        Refused("?,1\n?,2\n", new() { Missing = MissingValues.Mean }, "column 1: Every value of this column is missing");
        Refused("x,y\n1,0\n", new() { Label = "z" }, "line 1: There is no column 'z' among the 2 here.");
        Refused("x,y\n1,0\n", new() { Label = 2 }, "line 1: There is no column 2 among the 2 here.");
        Refused("x,y\n1,0\n", new() { Label = ^3 }, "line 1: There is no column ^3 among the 2 here.");
        Refused("x,y,x\n1,0,1\n", new() { Label = "x" }, "line 1, column 3: Two columns are named 'x'.");
        Refused("x,y\n1,0\n", new() { Ignore = [1] }, "line 1, column 2: Column 1 is chosen twice");
        Refused("1,a\n1,b\n1,c\n", new() { ClassNames = ["a", "b"] }, "line 3: The label 'c' is not one of the 2 CsvOptions.ClassNames");
        Refused("1,1\n1,2\n", new() { ClassNames = ["a", "b"] }, "line 1: The label '1' is not one of the 2 CsvOptions.ClassNames");
        Refused($"1,{new string('x', 257)}\n", new(), "line 1, column 2: A file may have 65536 different labels of up to 256 characters.");
        Refused(string.Concat(Enumerable.Range(0, 65_537).Select(i => $"0,{i}.5\n")), new(), "line 65537, column 2: A file may have 65536 different labels");
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        Refused("A quote or a line break cannot separate fields.", new() { Separator = '"' });
        Refused("SkipLines", new() { SkipLines = -1 });
        Refused("MaxElements", new() { MaxElements = 0 });
        Refused("Either a label or targets can be chosen, not both.", new() { Label = 0, Targets = [1] });
        Refused("Columns can be chosen by name only where there is a header.", new() { Label = "x", Header = CsvHeader.Absent });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CsvOptions { Label = -1 });
        Assert.Throws<FileNotFoundException>(() => Dataset.LoadCsv("/no-such-file.csv"));

        static void Refused(string message, CsvOptions options) =>
            Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => Read("1,0\n", options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_compression_is_refused()
    {
        byte[] compressed = Gzip(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i},{i % 3}\n")));
        byte[] damaged = [.. compressed];
        damaged[^6] ^= 1;
        foreach (byte[] bytes in (byte[][])[compressed[..^1], compressed[..(compressed.Length / 2)], compressed[..10], compressed[..2], damaged, [.. compressed, 0], [.. compressed, .. compressed]])
        {
            var exception = Assert.Throws<DataFormatException>(() => Dataset.ReadCsv(new MemoryStream(bytes)));
            Assert.StartsWith("The gzip data is damaged, cut off, or several gzip files in one.", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Compressed_bombs_stop_at_the_caps()
    {
        const int Size = 1 << 26;
        byte[] blank = new byte[Size];
        Array.Fill(blank, (byte)'\n');
        byte[] digits = new byte[Size];
        Array.Fill(digits, (byte)'1');
        byte[] commas = new byte[Size];
        Array.Fill(commas, (byte)',');
        byte[] rows = new byte[Size];
        for (int i = 0; i < Size; i++)
            rows[i] = "1,0\n"u8[i % 4];
        Bomb(blank, 1 << 16, "line 4194304: The text is longer than 4194304 characters.", 1 << 20);
        Bomb(commas, Dataset.DefaultMaxElements, "line 1: The record is longer than 16777216 characters.", 1 << 28);
        Bomb(digits, Dataset.DefaultMaxElements, "line 1: The record is longer than 16777216 characters.", 1 << 27);
        Bomb(rows, 1 << 16, "line 32769: There are more than 65536 fields. Raise CsvOptions.MaxElements if this is meant.", 1 << 22);

        static void Bomb(byte[] content, int maxElements, string message, long mostBytes)
        {
            byte[] compressed = Gzip(content);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var exception = Assert.Throws<DataFormatException>(() => Dataset.ReadCsv(new MemoryStream(compressed), new CsvOptions { MaxElements = maxElements }));
            Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, mostBytes);
        }
    }

    private static void Refused(string text, CsvOptions options, string message) =>
        Assert.StartsWith(message, Assert.Throws<DataFormatException>(() => Read(text, options)).Message, StringComparison.Ordinal);
}
