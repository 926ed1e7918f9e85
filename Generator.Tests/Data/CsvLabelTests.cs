using Xunit;

namespace NetGen.Tests.Data;

/// <summary>Labels that start at 1 and labels written as decimals.</summary>
public class CsvLabelTests
{
    private static Dataset Read(string text, CsvOptions? options = null) => Dataset.ReadCsv(new StringReader(text), options);

    [Fact]
    public void Labels_from_1_on_ask_for_their_first()
    {
        string letters = string.Concat(Enumerable.Range(1, 26).Select(label => $"0,{label}\n"));
        Refused(letters, new(), "Class 0 is empty: do labels start at 1? Set CsvOptions.FirstLabel to 1, or to 0 if they do not.");
        Dataset fromOne = Read(letters, new() { FirstLabel = 1 });
        Assert.Equal(Enumerable.Range(0, 26), fromOne.Labels.ToArray());
        Assert.Equal(26, fromOne.ClassCount);
        Assert.Equal(27, Read(letters, new() { FirstLabel = 0 }).ClassCount);
        // Nothing hints at 1 here.
        Assert.Equal(2, Read("0,1\n0,1\n").ClassCount);
        Assert.Equal(4, Read("0,2\n0,3\n").ClassCount);
        Assert.Equal(4, Read("0,1\n0,3\n").ClassCount);
    }

    [Fact]
    public void The_first_label_fits_all_labels()
    {
        Assert.Equal([0, 2], Read("0,-1\n0,1\n", new() { FirstLabel = -1 }).Labels);
        Assert.Equal([1, 0], Read("0,2\n0,1\n", new() { FirstLabel = 1, ClassNames = ["a", "b"] }).Labels);
        Assert.Equal([0, 1], Read("0,a\n0,b\n", new() { FirstLabel = 1, ClassNames = ["a", "b"] }).Labels);
        Refused("0,1\n0,0\n", new() { FirstLabel = 1 }, "line 2: The label '0' is not an integer in [1, 65536], as CsvOptions.FirstLabel says.");
        Refused("0,1\n0,x\n0,x\n", new() { FirstLabel = 1 }, "line 2: The label 'x' is not an integer in [1, 65536]");
        Refused("0,1\n0,3\n", new() { FirstLabel = 1, ClassNames = ["a", "b"] }, "line 1: The label '1' is not one of the 2 CsvOptions.ClassNames");
    }

    [Fact]
    public void Integral_decimals_are_class_indexes_in_numeric_order()
    {
        Dataset data = Read(string.Concat(Enumerable.Range(0, 12).Select(label => $"7,{label}.0\n")));
        Assert.Equal(Enumerable.Range(0, 12), data.Labels.ToArray());
        Assert.Equal(12, data.ClassCount);
        Assert.Empty(data.ClassNames);
        Assert.Equal([1, 0, 1], Read("7,1.0\n7,0\n7,1\n").Labels);
        Assert.Equal(["0.5", "1.0"], Read("7,1.0\n7,0.5\n").ClassNames);
    }

    private static void Refused(string text, CsvOptions options, string message) =>
        Assert.StartsWith(message, Assert.Throws<DataFormatException>(() => Read(text, options)).Message, StringComparison.Ordinal);
}
