namespace NetGen;

/// <summary>A named part of the rows a network takes or gives.</summary>
public sealed class NetworkPort
{
    private readonly int[] _shape;

    /// <summary>Called by generated code.</summary>
    public NetworkPort(string name, int offset, int[] shape, Loss loss, double weight)
    {
        Name = name;
        Offset = offset;
        _shape = [.. shape];
        Loss = loss;
        Weight = weight;
        Size = shape.Aggregate(1, (product, dimension) => product * dimension);
    }

    /// <summary>The name of the layer that declares it.</summary>
    public string Name { get; }

    /// <summary>Elements of the row before it.</summary>
    public int Offset { get; }

    /// <summary>Elements of the row that it takes.</summary>
    public int Size { get; }

    /// <summary>Its dimensions.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>What training minimises, of an output.</summary>
    public Loss Loss { get; }

    /// <summary>What that is multiplied by in the sum of all losses.</summary>
    public double Weight { get; }
}
