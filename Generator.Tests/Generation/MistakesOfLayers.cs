namespace NetGen.Tests.Generation;

/// <summary>What is wrong with an argument, whatever the layer is given.</summary>
internal static class MistakesOfLayers
{
    private const string Cube = """
        static class Cube
        {
            public static V Forward<V>(V x) where V : struct, IVector<V> => x * x * x;
            DERIVATIVE
        }
        """;

    private static readonly string WholeCube =
        Cube.Replace("DERIVATIVE", "public static V Derivative<V>(V x) where V : struct, IVector<V> => V.Constant(3) * x * x;", StringComparison.Ordinal);

    public static IReadOnlyList<Mistake> All { get; } =
    [
        new(
            "no units",
            "[Network(13)] [Layer.Dense({|NETGEN007:0|})] partial class Net;",
            ["'Dense1' has 0 units", "at least 1"],
            "[Network(13)] [Layer.Dense(1)] partial class Net;"),
        new(
            "units that should follow",
            "[Network(13)] [Layer.Dense({|NETGEN007:-1|})] [Layer.Dense(3)] partial class Net;",
            ["'Dense1' has -1 units", "at least 1"],
            "[Network(13)] [Layer.Dense(1)] [Layer.Dense(3)] partial class Net;"),
        new(
            "too many units",
            "[Network(13)] [Layer.Dense({|NETGEN014:int.MaxValue|})] [Layer.Dense(3)] partial class Net;",
            ["A row of layer 'Dense1' needs 2147483647 elements", "the limit is 16777216"],
            "[Network(13)] [Layer.Dense(64)] [Layer.Dense(3)] partial class Net;"),
        new(
            "dropout in percent",
            "[Network(13)] [Layer.Dense(8)] [Layer.Dropout({|NETGEN008:50|})] [Layer.Dense(3)] partial class Net;",
            ["'Dropout1' drops values with probability 50", "below 1, such as 0.5"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dropout(0.5)] [Layer.Dense(3)] partial class Net;"),
        new(
            "dropout of a whole division",
            "[Network(13)] [Layer.Dense(8)] [Layer.Dropout({|NETGEN051:1/5|})] [Layer.Dense(3)] partial class Net;",
            ["'Dropout1' is given 1/5, a division of whole numbers, which is 0", "write 1.0 / 5"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dropout(1.0 / 5)] [Layer.Dense(3)] partial class Net;"),
        new(
            "a slope of a whole division",
            "[Network(13)] [Layer.Dense(8)] [Layer.RReLU({|NETGEN051:Lower = (1 / 8)|})] [Layer.Dense(3)] partial class Net;",
            ["'RReLU1' is given 1 / 8, a division of whole numbers, which is 0", "write 1.0 / 8"],
            "[Network(13)] [Layer.Dense(8)] [Layer.RReLU(Lower = 1.0 / 8)] [Layer.Dense(3)] partial class Net;"),
        new(
            "the momentum of Keras",
            "[Network(13)] [Layer.Dense(8)] [Layer.BatchNorm({|NETGEN080:Momentum = 0.99|})] [Layer.Dense(3)] partial class Net;",
            ["'BatchNorm1' has Momentum = 0.99", "use 1 - m for the m of Keras, such as 0.01"],
            "[Network(13)] [Layer.Dense(8)] [Layer.BatchNorm(Momentum = 0.01)] [Layer.Dense(3)] partial class Net;"),
        new(
            "dropout of everything",
            "[Network(13)] [Layer.Dense(8)] [Layer.Dropout({|NETGEN008:1.0|})] [Layer.Dense(3)] partial class Net;",
            ["'Dropout1' drops values with probability 1", "such as 0.5"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dropout(0.5)] [Layer.Dense(3)] partial class Net;"),
        new(
            "an activation by number",
            "[Network(13)] [Layer.Dense(8, {|NETGEN015:(Activation)99|})] partial class Net;",
            ["99 is not a value of Activation", "ReLU"],
            "[Network(13)] [Layer.Dense(8, Activation.ReLU)] partial class Net;"),
        new(
            "a slope below zero",
            "[Network(13)] [Layer.Dense(8, Activation.LeakyReLU, {|NETGEN017:Alpha = -0.2|})] partial class Net;",
            ["'Dense1' has Alpha = -0.2", "from 0 up"],
            "[Network(13)] [Layer.Dense(8, Activation.LeakyReLU, Alpha = 0.2)] partial class Net;"),
        new(
            "a slope without use",
            "[Network(13)] [Layer.Dense(8, Activation.ReLU, {|NETGEN024:Alpha = 0.2|})] partial class Net;",
            ["'Dense1' sets Alpha, which ReLU does not use", "use LeakyReLU or ELU"],
            "[Network(13)] [Layer.Dense(8, Activation.LeakyReLU, Alpha = 0.2)] partial class Net;"),
        new(
            "a scale without use",
            "[Network(13)] [Layer.Dense(8, {|NETGEN025:WeightScale = 0.02|})] partial class Net;",
            ["'Dense1' sets WeightScale", "Constant, Normal and Uniform"],
            "[Network(13)] [Layer.Dense(8, WeightInitializer = Initializer.Normal, WeightScale = 0.02)] partial class Net;"),
        new(
            "a deviation below zero",
            "[Network(13)] [Layer.Dense(8, WeightInitializer = Initializer.Normal, {|NETGEN022:WeightScale = -0.02|})] partial class Net;",
            ["'Dense1' has WeightScale = -0.02", "not negative"],
            "[Network(13)] [Layer.Dense(8, WeightInitializer = Initializer.Normal, WeightScale = 0.02)] partial class Net;"),
        new(
            "no momentum",
            "[Network(13)] [Layer.Dense(8)] [Layer.BatchNorm({|NETGEN035:Momentum = 0|})] partial class Net;",
            ["'BatchNorm1' has Momentum = 0", "above 0 and at most 1"],
            "[Network(13)] [Layer.Dense(8)] [Layer.BatchNorm(Momentum = 0.1)] partial class Net;"),
        new(
            "no epsilon",
            "[Network(13)] [Layer.Dense(8)] [Layer.LayerNorm({|NETGEN035:Epsilon = 0|})] partial class Net;",
            ["'LayerNorm1' has Epsilon = 0", "positive"],
            "[Network(13)] [Layer.Dense(8)] [Layer.LayerNorm(Epsilon = 1e-6)] partial class Net;"),
        new(
            "noise below zero",
            "[Network(13)] [Layer.GaussianNoise({|NETGEN035:-0.1|})] [Layer.Dense(8)] partial class Net;",
            ["'GaussianNoise1' has Deviation = -0.1", "at least 0"],
            "[Network(13)] [Layer.GaussianNoise(0.1)] [Layer.Dense(8)] partial class Net;"),
        new(
            "a stride of zero",
            "[Network(1, 12, 12)] [Layer.Conv2D(4, 3, {|NETGEN032:Stride = 0|})] [Layer.Dense(3)] partial class Net;",
            ["Stride of layer 'Conv2D1' is 0", "at least 1"],
            "[Network(1, 12, 12)] [Layer.Conv2D(4, 3, Stride = 1)] [Layer.Dense(3)] partial class Net;"),
        new(
            "a function without derivative",
            $"[Network(13)] [Layer.Dense(8)] [Layer.Custom({{|NETGEN046:typeof(Cube)|}})] "
            + $"partial class Net; {Cube.Replace("DERIVATIVE", "", StringComparison.Ordinal)}",
            ["'Cube' has no method 'static V Derivative<V>(V x)"],
            $"[Network(13)] [Layer.Dense(8)] [Layer.Custom(typeof(Cube))] partial class Net; {WholeCube}"),
        new(
            "two mistakes in two layers",
            "[Network(13)] [Layer.Dense({|NETGEN007:0|})] [Layer.Dropout({|NETGEN008:20|})] [Layer.Dense(8)] "
            + "[Layer.LayerNorm({|NETGEN035:Epsilon = -1|})] partial class Net;",
            ["'Dense1' has 0 units", "'Dropout1' drops values with probability 20", "'LayerNorm1' has Epsilon = -1"],
            "[Network(13)] [Layer.Dense(1)] [Layer.Dropout(0.2)] [Layer.Dense(8)] [Layer.LayerNorm(Epsilon = 1)] partial class Net;"),
        new(
            "a mistake before and one behind a dense layer",
            "[Network(784)] [{|NETGEN030:Layer.Conv2D(8, 3)|}] [Layer.MaxPool2D(2)] [Layer.Dense(10)] [{|NETGEN030:Layer.MaxPool1D(2)|}] partial class Net;",
            [
                "'Conv2D1' takes [channels, height, width]", "write [Network(1, 28, 28)]", "'MaxPool1D1' takes [channels, length]", "[10]",
                "put [Layer.Reshape(1, 10)] between them"
            ],
            "[Network(1, 28, 28)] [Layer.Conv2D(8, 3)] [Layer.MaxPool2D(2)] [Layer.Dense(10)] [Layer.Reshape(1, 10)] [Layer.MaxPool1D(2)] "
            + "partial class Net;"),
        new(
            "an index computed",
            "[Network(13)] [Layer.Dense(16)] [{|NETGEN052:Layer.Embedding(100, 8)|}] partial class Net;",
            ["'Embedding1' looks up indexes, but is given what 'Dense1' computes", "write it first"],
            "[Network(13)] [Layer.Embedding(100, 8)] [Layer.Dense(16)] partial class Net;"),
    ];
}
