using System.Text;
using Xunit;

namespace NetGen.Tests.Data;

/// <summary>Labels that start at 1, labels written as decimals, and answers in a file of their own.</summary>
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

    [Fact]
    public void Labels_or_targets_come_from_a_second_file()
    {
        const string Features = "a,b\n1,2\n3,4\n5,6\n";
        Dataset labels = ReadPair(Features, "species\n1\n0\n1\n");
        Assert.Equal([1f, 2f, 3f, 4f, 5f, 6f], labels.Features);
        Assert.Equal([1, 0, 1], labels.Labels);
        Dataset named = ReadPair(Features, "id;species\n7;x\n8;y\n9;x\n", null, new() { Separator = ';', Label = "species" });
        Assert.Equal(["x", "y"], named.ClassNames);
        Dataset targets = ReadPair("id,a,b\n0,1,2\n0,3,4\n0,5,6\n", "u,v\n1,2\n3,4\n5,6\n", new() { Ignore = [0] }, new() { Targets = [1, 0] });
        Assert.Equal([1f, 2f, 3f, 4f, 5f, 6f], targets.Features);
        Assert.Equal([2f, 1f, 4f, 3f, 6f, 5f], targets.Targets);
    }

    [Fact]
    public void Two_files_that_do_not_fit_are_refused()
    {
        string features = Path.GetTempFileName(), labels = Path.GetTempFileName();
        try
        {
            File.WriteAllText(features, "1\n2\n3\n");
            File.WriteAllText(labels, "0\n1\n");
            var exception = Assert.Throws<DataFormatException>(() => Dataset.LoadCsv(features, labels));
            Assert.Equal(
                $"{labels}: There are 2 rows for 3 rows of features. Do the two files belong together? Where one has a header, set CsvOptions.Header.",
                exception.Message);
            File.WriteAllText(labels, "0\n1\n0\n");
            Assert.Equal([0, 1, 0], Dataset.LoadCsv(features, labels).Labels);
        }
        finally
        {
            File.Delete(features);
            File.Delete(labels);
        }

        RefusedOptions("The first file has features alone", new() { Label = 0 }, null);
        RefusedOptions("The first file has features alone", new() { Targets = [0] }, null);
        RefusedOptions("The second file has neither label nor targets to read.", null, new() { Targets = [] });
        RefusedOptions("Rows of two files belong together by their number", new() { Missing = MissingValues.SkipRow }, null);
        RefusedOptions("Rows of two files belong together by their number", null, new() { Missing = MissingValues.SkipRow });

        static void RefusedOptions(string message, CsvOptions? featureOptions, CsvOptions? targetOptions) =>
            Assert.StartsWith(
                message,
                Assert.Throws<ArgumentException>(() => ReadPair("1\n", "0\n", featureOptions, targetOptions)).Message, StringComparison.Ordinal);
    }

    private static Dataset ReadPair(string features, string targets, CsvOptions? featureOptions = null, CsvOptions? targetOptions = null) =>
        Dataset.ReadCsv(Bytes(features), Bytes(targets), featureOptions, targetOptions);

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static void Refused(string text, CsvOptions options, string message) =>
        Assert.StartsWith(message, Assert.Throws<DataFormatException>(() => Read(text, options)).Message, StringComparison.Ordinal);
}
