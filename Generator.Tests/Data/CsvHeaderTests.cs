using Xunit;

namespace NetGen.Tests.Data;

/// <summary>First lines whose features are numbers: headers, data, or errors that ask.</summary>
public class CsvHeaderTests
{
    private static readonly CsvOptions FeaturesOnly = new() { Targets = [] };

    private static Dataset Read(string text, CsvOptions? options = null) => Dataset.ReadCsv(new StringReader(text), options);

    [Theory]
    [InlineData("0,1,2,3,target\n5,6,7,9,0\n1,2,2,3,1\n4,4,1,0,0\n")]
    [InlineData("2010,2011,2012,label\n1.5,2.5,3.1,0\n2,2,1,1\n")]
    [InlineData("400.1,402.3,404.6,kind\n0.5,0.7,0.1,0.0\n0.3,0.2,0.2,1.0\n")]
    [InlineData("2010,2011,2012,label\n1.5,2.5,3.1,a\n2,2,1,b\n3,1,1,a\n")]
    [InlineData(",0,1,2,target\n0,5,6,9,0\n1,2,2,3,1\n")]
    public void A_numeric_header_is_no_row(string text)
    {
        Dataset data = Read(text), stated = Read(text, new() { Header = CsvHeader.Present });
        Assert.Equal(text.Count(character => character == '\n') - 1, data.Count);
        Assert.Equal(stated.Features, data.Features);
        Assert.Equal(stated.Labels, data.Labels);
        Assert.Equal(2, data.ClassCount);
        Assert.Equal(stated.ClassNames, data.ClassNames);
    }

    [Fact]
    public void Names_of_targets_and_ignored_columns_tell_a_header_too()
    {
        Dataset targets = Read("0,1,2,3,target\n5,6,7,9,1.5\n1,2,2,3,2.5\n", new() { Targets = [^1] });
        Assert.Equal([1.5f, 2.5f], targets.Targets);
        Dataset ignored = Read("id,2010,2011\n7,1,2\n8,3,5\n", new() { Targets = [], Ignore = [0] });
        Assert.Equal([1f, 2f, 3f, 5f], ignored.Features);
    }

    [Theory]
    [InlineData("5.1,3.5,1.4,0.2,setosa\n7.0,3.2,4.7,1.4,versicolor\n4.9,3.0,1.4,0.2,setosa\n")]
    [InlineData("2010,2011,2012,a\n1,2,4,b\n2,2,1,a\n")]
    [InlineData("1,2,3,0\n4,5,6,1\n7,9,9,0\n")]
    [InlineData("1.5,2.5,3.1,a\n2,2,1,b\n3,1,1,c\n")]
    [InlineData("1,2,3,a\n")]
    [InlineData("1,1,1,2,0\n4,0,6,0,1\n")]
    public void Rows_without_a_header_are_all_data(string text)
    {
        Dataset data = Read(text), stated = Read(text, new() { Header = CsvHeader.Absent });
        Assert.Equal(text.Count(character => character == '\n'), data.Count);
        Assert.Equal(stated.Features, data.Features);
        Assert.Equal(stated.Labels, data.Labels);
        Assert.Equal(stated.ClassNames, data.ClassNames);
    }

    [Theory]
    [InlineData("0,1,2,3,4\n5,6,7,9,0\n1,2,2,3,1\n", "line 1: its numbers go in equal steps, as in no other row.")]
    [InlineData("2010,2011,2012,label\n1.5,2.5,3.1,a\n2,2,1,b\n", "line 1, column 4: its numbers go in equal steps, and no label occurs twice.")]
    [InlineData("400.1,402.3,404.6,kind\n1.5,2.5,3.1,a\n2,2,1,b\n3,1,1,a\n", "line 1, column 4: the label 'kind' is in no other row.")]
    [InlineData("5.1,3.5,lone\n1.5,2.5,a\n2,2,a\n", "line 1, column 3: the label 'lone' is in no other row.")]
    public void What_may_be_either_asks_for_the_option(string text, string message)
    {
        var exception = Assert.Throws<DataFormatException>(() => Read(text));
        string stated = message.Replace(": ", ": This line may be a header or a row: ", StringComparison.Ordinal);
        Assert.Equal(stated + " Set CsvOptions.Header to CsvHeader.Present or CsvHeader.Absent.", exception.Message);
        int lines = text.Count(character => character == '\n');
        Assert.Equal(lines - 1, Read(text, new() { Header = CsvHeader.Present }).Count);
        Assert.Equal(lines, Read(text, new() { Header = CsvHeader.Absent }).Count);
    }

    [Fact]
    public void Wavelengths_of_features_alone_ask_for_the_option()
    {
        const string Text = "0.1,0.2,0.3,0.4\n5,6,7,9\n1,2,2,3\n";
        Assert.StartsWith(
            "line 1: This line may be a header or a row",
            Assert.Throws<DataFormatException>(() => Read(Text, FeaturesOnly)).Message, StringComparison.Ordinal);
        // Another row in equal steps, as of ramps: all are data.
        Assert.Equal(4, Read(Text + "4,3,2,1\n", FeaturesOnly).Count);
    }

    [Fact]
    public void What_is_wrong_with_a_first_row_is_said_at_its_line()
    {
        Assert.StartsWith(
            "line 1, column 2: The value is missing.",
            Assert.Throws<DataFormatException>(() => Read("1,NA,0\n2,3,1\n")).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "line 1, column 2: 'x' is not a number.",
            Assert.Throws<DataFormatException>(() => Read("1,x,0\n2,3,1\n")).Message, StringComparison.Ordinal);
        Assert.Equal([2f, 3f], Read("1,NA,0\n2,3,1\n", new() { Missing = MissingValues.SkipRow }).Features);
    }
}
