using System.Text;
using Xunit;
using static NetGen.Tests.Data.DataBytes;

namespace NetGen.Tests.Data;

/// <summary>Other people's ways to write a table: line ends and separators.</summary>
public class CsvFormatTests
{
    private static Dataset Read(string text, CsvOptions? options = null) => Dataset.ReadCsv(new StringReader(text), options);

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

    private static void Refused(string text, CsvOptions options, string message) =>
        Assert.StartsWith(message, Assert.Throws<DataFormatException>(() => Read(text, options)).Message, StringComparison.Ordinal);
}
