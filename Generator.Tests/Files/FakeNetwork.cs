using System.Numerics;

namespace NetGen.Tests.Files;

/// <summary>A network as the generator would make it, with parameters and nothing else.</summary>
internal sealed class FakeNetwork<T> : INetwork<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public const string DefaultArchitecture = "7 -> Dense(10, ReLU) -> Dense(33, Tanh) -> Dense(3)";

    public FakeNetwork(string architecture, params (string Name, ParameterLayout Layout, int[] Shape)[] parameters)
    {
        int length = 0;
        List<ParameterInfo> infos = [];
        foreach ((string name, ParameterLayout layout, int[] shape) in parameters)
        {
            infos.Add(new ParameterInfo(name, layout, length, shape));
            length += infos[^1].Length;
        }

        Info = new NetworkInfo("FakeNetwork", architecture, "", Loss.None, false, [1], [1], [], [], length, 0, false, 0, true, [.. infos]);
        Parameters = new ParameterBuffer<T>(length);
    }

    public NetworkInfo Info { get; }

    public ParameterBuffer<T> Parameters { get; }

    /// <summary>Panels of every kind: one narrow, one full plus a narrow one, and a padded one; sizes that no vector divides.</summary>
    public static FakeNetwork<T> Create(string architecture = DefaultArchitecture) => new(
        architecture,
        ("dense1.weight", ParameterLayout.Panels, [10, 7]),
        ("dense1.bias", ParameterLayout.Contiguous, [10]),
        ("dense2.weight", ParameterLayout.Panels, [33, 10]),
        ("dense2.bias", ParameterLayout.Contiguous, [33]),
        ("dense3.weight", ParameterLayout.Panels, [3, 33]));

    /// <summary>Gives every element a value of its own, which half precision holds exactly too; padding stays zero.</summary>
    public FakeNetwork<T> Fill(int first = 1)
    {
        foreach (ParameterInfo parameter in Info.Parameters)
        {
            T[] values = new T[parameter.Count];
            for (int i = 0; i < values.Length; i++)
                values[i] = T.CreateChecked(first++) / T.CreateChecked(-8);
            parameter.CopyFrom<T>(values, Parameters.Span);
        }

        return this;
    }

    /// <summary>The elements of a parameter in the order of files.</summary>
    public T[] this[string name]
    {
        get
        {
            ParameterInfo parameter = Info.Parameters.ToArray().Single(candidate => candidate.Name == name);
            T[] values = new T[parameter.Count];
            parameter.CopyTo<T>(Parameters.Span, values);
            return values;
        }
    }

    public byte[] ToBytes()
    {
        using MemoryStream stream = new();
        NetworkFile.Save(this, stream);
        return stream.ToArray();
    }

    public void Predict(ReadOnlySpan<T> inputs, Span<T> outputs) => throw new NotSupportedException();

    public void Forward(ReadOnlySpan<T> inputs, Span<T> outputs) => throw new NotSupportedException();

    public double Train(scoped in TrainingPass<T> pass) => throw new NotSupportedException();
}
