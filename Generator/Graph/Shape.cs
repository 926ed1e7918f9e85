using System.Globalization;
using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>The dimensions of one row, channels first.</summary>
internal sealed record Shape(EquatableArray<int> Dimensions)
{
    public Shape(params int[] dimensions)
        : this(new EquatableArray<int>(dimensions))
    {
    }

    public long Elements { get; } = Dimensions.Aggregate(1L, (product, dimension) => checked(product * dimension));

    /// <summary>The elements of a shape known to fit.</summary>
    public int Size => checked((int)Elements);

    public override string ToString() =>
        string.Join(", ", Dimensions.Select(dimension => dimension.ToString(CultureInfo.InvariantCulture)));
}
