using Xunit;

namespace NetGen.Tests.Data;

public class DatasetTests
{
    private static readonly Dataset Ten = Dataset.FromLabels(
        [.. Enumerable.Range(0, 20).Select(i => (float)i)], 2, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0], 4);

    private static readonly Dataset Regression = Dataset.FromTargets([1, 2, 3, 4], 2, [10, 20, 30, 40, 50, 60], 3);

    private static int[] FirstFeatures(Dataset data) =>
        [.. Enumerable.Range(0, data.Count).Select(i => (int)data.Row(i)[0] / 2)];

    [Fact]
    public void Labels_come_with_their_rows()
    {
        Assert.Equal((10, 2, 0, 4), (Ten.Count, Ten.InputSize, Ten.TargetSize, Ten.ClassCount));
        Assert.Equal([6f, 7f], Ten.Row(3));
        Assert.Equal(2, Ten.Labels[5]);
        Assert.True(Ten.Targets.IsEmpty);
        Assert.True(Ten.TargetRow(3).IsEmpty);
        Assert.Empty(Ten.ClassNames);
        Assert.Equal("10 rows of 2 features, 4 classes", Ten.ToString());
    }

    [Fact]
    public void Targets_come_with_their_rows()
    {
        Assert.Equal((2, 2, 3, 0), (Regression.Count, Regression.InputSize, Regression.TargetSize, Regression.ClassCount));
        Assert.Equal([40f, 50f, 60f], Regression.TargetRow(1));
        Assert.True(Regression.Labels.IsEmpty);
        Assert.Equal("2 rows of 2 features, 3 targets", Regression.ToString());
    }

    [Fact]
    public void The_number_of_classes_comes_from_the_names_or_the_greatest_label()
    {
        Assert.Equal(6, Dataset.FromLabels([1, 2], 1, [0, 5]).ClassCount);
        Dataset named = Dataset.FromLabels([1, 2], 1, [0, 1], classNames: ["a", "b", "c"]);
        Assert.Equal(3, named.ClassCount);
        Assert.Equal(["a", "b", "c"], named.Take(1).ClassNames);
    }

    [Fact]
    public void Later_changes_of_the_arrays_do_not_reach_the_data()
    {
        float[] features = [1, 2];
        int[] labels = [0, 1];
        Dataset data = Dataset.FromLabels(features, 1, labels);
        features[0] = 9;
        labels[0] = 1;
        Assert.Equal(1f, data.Row(0)[0]);
        Assert.Equal(0, data.Labels[0]);
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused()
    {
        Refused("5 features are not one or more rows of 2.", () => Dataset.FromFeatures([1, 2, 3, 4, 5], 2));
        Refused("0 features are not one or more rows of 2.", () => Dataset.FromFeatures([], 2));
        Refused("There are 3 labels for 2 rows of features.", () => Dataset.FromLabels([1, 2], 1, [0, 0, 0]));
        Refused("Label 1 is -1, but class indexes go from 0 to 2.", () => Dataset.FromLabels([1, 2], 1, [0, -1], 3));
        Refused("Label 1 is 3, but class indexes go from 0 to 2.", () => Dataset.FromLabels([1, 2], 1, [0, 3], 3));
        Refused("Label 0 is 2147483647, but class indexes go from 0 to 2147483646.", () => Dataset.FromLabels([1], 1, [int.MaxValue]));
        Refused("There are 1 names for 3 classes.", () => Dataset.FromLabels([1], 1, [0], 3, ["a"]));
        Refused("There are 3 target values for 2 rows of 2.", () => Dataset.FromTargets([1, 2], 1, [1, 2, 3], 2));
        Refused("inputSize", () => Dataset.FromFeatures([1], 0));
        Refused("targetSize", () => Dataset.FromTargets([1], 1, [], 0));
        Refused("classCount", () => Dataset.FromLabels([1], 1, [0], -1));
        Refused("There are 10 rows to take, and at least 1 must be taken.", () => Ten.Take(11));
        Refused("There are 10 rows to take, and at least 1 must be taken.", () => Ten.Take(0));
        Refused("A data set needs at least one row.", () => Ten.Select([]));
        Refused("There are 10 rows.", () => Ten.Select([0, 10]));
        Refused("There are 10 rows.", () => Ten.Select([-1]));
        Refused("There are 10 rows.", () => Ten.Row(int.MaxValue));
        Refused("The share must be above 0 and below 1.", () => Ten.Split(double.NaN, 0));
        Refused("The share must be above 0 and below 1.", () => Ten.Split(1.0, 0));
        Refused("Each part needs at least one of the 10 rows.", () => Ten.Split(10, 0));
        Refused("Each part needs at least one of the 10 rows.", () => Ten.Split(0, 0));
        Assert.Throws<InvalidOperationException>(() => Ten.Take(1).Split(0.5, 0));

        static void Refused(string message, Action action) =>
            Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);
    }

    // Pinned for good, from an independent implementation.
    [Fact]
    public void Shuffles_and_splits_never_change()
    {
        int[] order = [9, 2, 6, 5, 3, 7, 1, 0, 8, 4];
        Assert.Equal(order, FirstFeatures(Ten.Shuffle(42)));
        (Dataset first, Dataset second) = Ten.Split(0.7, seed: 42);
        Assert.Equal(order[..7], FirstFeatures(first));
        Assert.Equal(order[7..], FirstFeatures(second));
        Assert.Equal(order[..3], FirstFeatures(Ten.Split(3, seed: 42).First));
        Assert.NotEqual(order, FirstFeatures(Ten.Shuffle(43)));
    }

    [Fact]
    public void Split_keeps_labels_and_targets_with_their_rows()
    {
        (Dataset first, Dataset second) = Ten.Split(5, seed: 1);
        foreach (Dataset part in (Dataset[])[first, second])
        {
            Assert.Equal(4, part.ClassCount);
            Assert.Equal(FirstFeatures(part).Select(row => row % 3), part.Labels.ToArray());
        }

        Assert.Equal([40f, 50f, 60f, 10f, 20f, 30f], Regression.Select([1, 0]).Targets);
    }

    [Theory]
    [InlineData(0.001, 1)]
    [InlineData(0.999, 9)]
    public void Each_part_of_a_split_gets_a_row(double share, int expected) =>
        Assert.Equal(expected, Ten.Split(share, 0).First.Count);

    [Fact]
    public void Take_keeps_the_order_and_rows_may_repeat()
    {
        Assert.Equal([0, 1, 2], FirstFeatures(Ten.Take(3)));
        Assert.Equal([0, 1, 2], Ten.Take(3).Labels);
        Assert.Equal([7, 7, 0], FirstFeatures(Ten.Select([7, 7, 0])));
        Assert.Equal([10f, 20f, 30f], Regression.Take(1).Targets);
    }

    [Fact]
    public void Gathers_rows_in_both_precisions_without_allocating()
    {
        int[] rows = [3, 0];
        float[] singles = new float[4];
        double[] doubles = new double[4], targets = new double[6];
        int[] labels = new int[2];
        Gather();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Gather();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal([6f, 7f, 0f, 1f], singles);
        Assert.Equal([6.0, 7.0, 0.0, 1.0], doubles);
        Assert.Equal([0, 0], labels);
        Regression.CopyTargets<double>([1, 0], targets);
        Assert.Equal([40.0, 50.0, 60.0, 10.0, 20.0, 30.0], targets);

        void Gather()
        {
            Ten.CopyFeatures<float>(rows, singles);
            Ten.CopyFeatures<double>(rows, doubles);
            Ten.CopyLabels(rows, labels);
        }
    }
}
