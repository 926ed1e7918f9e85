using System.Collections.Concurrent;
using System.Numerics;
using System.Reflection;
using NetGen.Tests.Infrastructure;
using NetGen.Tests.Numerics.Reference;

namespace NetGen.Tests.Numerics;

/// <summary>The random graphs that several tests share, compiled so many at a time; more of them with NETGEN_LONG=1.</summary>
internal static class CompiledRandomGraphs
{
    private const int PerAssembly = 20;

    // A network normalized over a batch of one or two rows has about the same outputs whatever it computes.
    private const int LeastNormalized = 3;

    private static readonly int[] RowCounts = [1, 3, 9];

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("NETGEN_LONG") == "1";

    private static readonly Lazy<NetworkDescription[]> Graphs = new(() => [.. RandomGraphs.Take(Count(Precision.Double), isAllowed: EmittedLayers.Contain)]);

    private static readonly ConcurrentDictionary<(int Batch, Precision Precision), Lazy<Assembly>> Assemblies = [];

    public static int Count(Precision precision) => (precision, IsLong) switch
    {
        (_, false) => 40,
        (Precision.Double, true) => 500,
        _ => 200,
    };

    /// <summary>What a graph is made of.</summary>
    public static NetworkDescription Description(int seed) => Graphs.Value[seed];

    /// <summary>How many rows a graph is tried with.</summary>
    public static int Rows(int seed) =>
        Math.Max(RowCounts[seed % RowCounts.Length], IsNormalizedOverBatch(Description(seed)) ? LeastNormalized : 1);

    public static INetwork<T> Create<T>(int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => NetworkCompiler.Create<T>(Load<T>(seed), $"Graph{seed}");

    /// <summary>One of the graphs with rows and targets, whose objective is seen without the help of gradients.</summary>
    /// <remarks>Only a training pass takes the statistics of its rows, and only its loss tells of them: without one, it gets one.</remarks>
    public static TrainingCase<T> CreateCase<T>(int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkDescription graph = Observable(Description(seed));
        TargetKind kind = graph.ToReference().HasLoss ? TargetKind.Values : TargetKind.OutputGradients;
        string name = ReferenceEquals(graph, Description(seed)) ? $"Graph{seed}" : $"Observable{seed}";
        return new(graph, NetworkCompiler.Create<T>(Load<T>(seed), name), Rows(seed), kind, default, seed);
    }

    private static bool IsNormalizedOverBatch(NetworkDescription graph) => graph.Layers.Any(layer => layer is ReferenceBatchNorm);

    private static NetworkDescription Observable(NetworkDescription graph)
    {
        if (!IsNormalizedOverBatch(graph) || graph.ToReference().HasLoss)
            return graph;
        return graph.Layers.Any(layer => layer is ReferenceOutput)
            ? graph with { Layers = [.. graph.Layers.Select(layer => layer is ReferenceOutput output ? output with { Loss = Loss.MeanSquaredError } : layer)] }
            : graph with { Loss = Loss.MeanSquaredError };
    }

    private static Assembly Load<T>(int seed)
    {
        Precision precision = typeof(T) == typeof(double) ? Precision.Double : Precision.Single;
        int batch = seed / PerAssembly;
        return Assemblies.GetOrAdd((batch, precision), _ => new(() => NetworkCompiler.Load(string.Join('\n', Sources(batch, precision))))).Value;
    }

    private static IEnumerable<string> Sources(int batch, Precision precision)
    {
        for (int seed = batch * PerAssembly; seed < Math.Min((batch + 1) * PerAssembly, Graphs.Value.Length); seed++)
        {
            NetworkDescription graph = Description(seed), observable = Observable(graph);
            yield return graph.ToSource($"Graph{seed}", precision);
            if (!ReferenceEquals(graph, observable))
                yield return observable.ToSource($"Observable{seed}", precision);
        }
    }
}
