using System.Text;
using Xunit;
using static NetGen.Tests.Data.DataBytes;

namespace NetGen.Tests.Data;

/// <summary>Other people's ways to write a table: encodings, line ends, separators and decimal separators.</summary>
public class CsvFormatTests
{
    private static Dataset Read(string text, CsvOptions? options = null) => Dataset.ReadCsv(new StringReader(text), options);

    private static Dataset Read(byte[] bytes, CsvOptions? options = null) => Dataset.ReadCsv(new MemoryStream(bytes), options);

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused_and_not_merged()
    {
        byte[] latin1 = Encoding.Latin1.GetBytes("x,name\n1,Müller\n2,Möller\n3,Meier\n");
        foreach (byte[] bytes in (byte[][])[latin1, Gzip(latin1)])
        {
            var exception = Assert.Throws<DataFormatException>(() => Read(bytes));
            Assert.Equal(
                "line 2, byte 10: FC is not utf-8. Save the file in this encoding, or name its own in CsvOptions.Encoding, such as Encoding.Latin1.",
                exception.Message);
            Assert.Equal((2L, 10L), (exception.Line, exception.Offset));
            Assert.Equal(["Meier", "Möller", "Müller"], Read(bytes, new() { Encoding = Encoding.Latin1 }).ClassNames);
        }

        Refused([.. "1,0\n"u8, 0xC3], new(), "line 2, byte 4: C3 is not utf-8.");
        Refused([0x80], new() { Encoding = Encoding.ASCII }, "line 1, byte 0: 80 is not us-ascii.");
        Refused([0xFF, 0xFE, 0x31, 0x00, 0x00, 0xD8, 0x31, 0x00], new(), "line 1, byte 4: 00D8 is not utf-16.");
        var strict = new StreamReader(new MemoryStream(latin1), new UTF8Encoding(false, true));
        Assert.StartsWith("line 1: FC is not text.", Assert.Throws<DataFormatException>(() => Dataset.ReadCsv(strict)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_byte_is_found_wherever_the_chunks_end()
    {
        // The chunks have 8,192 bytes; a character of two bytes is cut at some of these lengths.
        for (int length = 8180; length < 8200; length++)
        {
            string quoted = "1,\"" + new string('é', length / 2) + new string('x', length % 2) + "\r\n";
            byte[] start = Encoding.UTF8.GetBytes(quoted);
            Refused([.. start, 0xC3, 0x28, .. "\"\n"u8], new(), $"line 2, byte {start.Length}: C3 is not utf-8.");
        }
    }

    [Fact]
    public void A_byte_order_mark_names_the_encoding()
    {
        Encoding[] encodings = [new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32];
        foreach (Encoding encoding in encodings)
        {
            byte[] bytes = [.. encoding.Preamble, .. encoding.GetBytes("x,größe\n1,ü\n2,ö\n1,ü\n")];
            Assert.Equal(["ö", "ü"], Read(bytes, new() { Encoding = Encoding.ASCII, Label = "größe" }).ClassNames);
            Assert.Equal(["ö", "ü"], Dataset.ReadCsv(new Trickle(bytes)).ClassNames);
        }
    }

    [Theory]
    [InlineData("x,y\r1,0\r2,1\r")]
    [InlineData("x,y\r\r\n1,0\r\r\n2,1")]
    [InlineData("\"x\",\"y\"\r\"1\",\"0\"\r\"2\",\"1\"\r")]
    public void Lines_may_end_in_carriage_returns_alone(string text)
    {
        Dataset data = Read(text);
        Assert.Equal([1f, 2f], data.Features);
        Assert.Equal([0, 1], data.Labels);
    }

    [Fact]
    public void Lines_are_counted_whatever_ends_them()
    {
        Refused("1,0\rx,0\r", new(), "line 2, column 1: 'x' is not a number.");
        Refused("1,\"a\rb\r\nc\nd\"\rx,0\r", new(), "line 5, column 1: 'x' is not a number.");
        Refused("title\r\rx,y\r1,0\rx,0\r", new() { SkipLines = 1 }, "line 5, column 1: 'x' is not a number.");
        Refused("title\r\nx,y\r\n1,0\r\nx,0\r\n", new() { SkipLines = 1 }, "line 4, column 1: 'x' is not a number.");
    }

    [Fact]
    public void A_first_line_names_the_separator_as_Excel_does()
    {
        foreach (string text in (string[])["sep=;\nx;y\n1;0\n2;1\n", "SEP=;\r\n1;0\r\n2;1\r\n", "sep=\t\r1\t0\r2\t1\r"])
        {
            Assert.Equal([1f, 2f], Read(text).Features);
            Assert.Equal([1f, 2f], Dataset.ReadCsv(new Trickle(Encoding.UTF8.GetBytes(text))).Features);
        }

        // Whoever has skipped it so far goes on reading the same.
        Assert.Equal([1f, 2f], Read("sep=;\nx;y\n1;0\n2;1\n", new() { SkipLines = 1, Separator = ';' }).Features);
        Assert.Equal(["z"], Read("sep=,x,y\n1,2,z\n").ClassNames);
        Refused("sep=;", new(), "line 1: There is no data here.");
        Refused("sep=;\nx;y\n1;0\nx;0\n", new(), "line 4, column 1: 'x' is not a number.");
        Refused("sep=\u001b\n1,0\n", new(), "line 2: None of the 1 columns is left for the features. Is the separator ' ' right?");
    }

    [Theory]
    [InlineData("1 2 0\n3 4 1\n")]
    [InlineData("  1   2\t 0\n\n   \n3\t4    1   \n")]
    [InlineData("  x  \"y z\"   class  \r\n  1   \"2\"   0  \r\n 3 4  \"1\" ")]
    public void Runs_of_blanks_separate_fields(string text)
    {
        Dataset data = Read(text, new() { Separator = ' ' });
        Assert.Equal([1f, 2f, 3f, 4f], data.Features);
        Assert.Equal([0, 1], data.Labels);
    }

    [Fact]
    public void Decimal_commas_are_an_option_that_the_message_names()
    {
        const string Text = "5,1;3,5;a\n-1e1;2;b\n";
        Assert.Equal([5.1f, 3.5f, -10f, 2f], Read(Text, new() { Separator = ';', DecimalComma = true }).Features);
        Assert.Equal([5.1f, 3.5f], Read("\"5,1\",\"3,5\",0\n", new() { DecimalComma = true }).Features);
        Assert.Equal([2, 0], Read("1,5;2,0\n1,5;0\n", new() { Separator = ';', DecimalComma = true }).Labels);
        Refused(Text, new() { Separator = ';' }, "line 1, column 1: '5,1' is not a number. It has a decimal comma: set CsvOptions.DecimalComma.");
        Refused("x;y\n5,1;0\n", new() { Separator = ';' }, "line 2, column 1: '5,1' is not a number. It has a decimal comma: set CsvOptions.DecimalComma.");
        Refused("5,1;3,5;a\n", new(), "line 1, column 2: '1;3' is not a number. If ';' separates fields, set CsvOptions.Separator.");
        Refused(
            "5.1;a\n",
            new() { Separator = ';', DecimalComma = true },
            "line 1, column 1: '5.1' is not a number. It has a decimal point: leave out CsvOptions.DecimalComma");
    }

    private static void Refused(string text, CsvOptions options, string message) => Refused(Encoding.UTF8.GetBytes(text), options, message);

    private static void Refused(byte[] bytes, CsvOptions options, string message) =>
        Assert.StartsWith(message, Assert.Throws<DataFormatException>(() => Read(bytes, options)).Message, StringComparison.Ordinal);
}
