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

    public int Size { get; } = Dimensions.Aggregate(1, (product, dimension) => checked(product * dimension));

    public override string ToString() =>
        string.Join(", ", Dimensions.Select(dimension => dimension.ToString(CultureInfo.InvariantCulture)));
}
