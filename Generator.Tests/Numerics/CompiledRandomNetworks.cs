using System.Numerics;
using System.Reflection;
using NetGen.Tests.Infrastructure;
using NetGen.Tests.Numerics.Reference;

namespace NetGen.Tests.Numerics;

/// <summary>The random networks that several tests share, compiled together; more of them with NETGEN_LONG=1.</summary>
internal static class CompiledRandomNetworks
{
    // Around every tile height, and around and beyond the 64 rows taken at a time at most.
    private static readonly int[] RowCounts = [1, 2, 3, 5, 7, 8, 9, 17, 33, 65, 130];

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("NETGEN_LONG") == "1";

    private static readonly Lazy<Assembly> Networks = new(() => NetworkCompiler.Load(string.Join('\n',
        ((Precision[])[Precision.Single, Precision.Double]).SelectMany(precision => RandomNetworks.Take(Count(precision)).Select(
            (network, seed) => network.ToSource(ClassName(seed, precision), precision))))));

    public static int Count(Precision precision) => (precision, IsLong) switch
    {
        (Precision.Double, true) => 300,
        (Precision.Double, false) => 60,
        (_, true) => 100,
        _ => 25,
    };

    /// <summary>One of the networks with rows and targets of its own for every variant.</summary>
    /// <param name="seed">The number of the network.</param>
    /// <param name="variant">Decides on rows, targets and dropout.</param>
    /// <param name="isObservable">
    /// Whether the objective must be seen without the help of gradients: by its loss or, without one, by outputs, which no
    /// dropout affects.
    /// </param>
    public static TrainingCase<T> Create<T>(int seed, int variant, bool isObservable = false)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new(seed + 1000 * variant);
        Precision precision = typeof(T) == typeof(double) ? Precision.Double : Precision.Single;
        NetworkDescription description = RandomNetworks.Create(seed);
        int rows = RowCounts[random.Next(RowCounts.Length)];
        TargetKind kind = description.Loss == Loss.None || (!isObservable && random.Next(4) == 0)
            ? TargetKind.OutputGradients
            : description.Loss == Loss.SoftmaxCrossEntropy && random.Next(2) == 0 ? TargetKind.Labels : TargetKind.Values;
        bool isStochastic = random.Next(2) == 0 && !(isObservable && kind == TargetKind.OutputGradients);
        RandomKey dropout = isStochastic ? new RandomKey(seed, 1L << 40 | (uint)variant) : default;
        return new(
            description, NetworkCompiler.Create<T>(Networks.Value, ClassName(seed, precision)), rows, kind, dropout, random.Next());
    }

    private static string ClassName(int seed, Precision precision) => $"Random{seed}_{precision}";
}
