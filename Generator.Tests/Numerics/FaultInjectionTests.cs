using NetGen.Tests.Numerics.Reference;
using Xunit;
using Xunit.Abstractions;

namespace NetGen.Tests.Numerics;

/// <summary>
/// What makes the gradient check fit to judge: it catches every one of many faults put into the backward code of generated
/// networks. No fault reads or writes outside its buffers.
/// </summary>
public class FaultInjectionTests(ITestOutputHelper output)
{
    // Several panels, the last one narrow, and dropout; an activation first; rows of two vectors at every width, and sizes
    // divisible by nothing; a size that fills its panel.
    private const string Wide = nameof(Wide), Functions = nameof(Functions), Tails = nameof(Tails), Binary = nameof(Binary);

    private const string WeightTiles = @"\.WeightGradient\w*Tile\d", InputTiles = @"\.InputGradientTile\d";

    private static readonly Dictionary<string, NetworkDescription> Networks = new()
    {
        [Wide] = new([7], Loss.SoftmaxCrossEntropy,
            [new ReferenceDense(40, Activation.Tanh), new ReferenceDropout(0.3), new ReferenceDense(70, Activation.ELU, 0.3)]),
        [Functions] = new([6], Loss.Huber,
        [
            new ReferenceActivation(Activation.SiLU), new ReferenceDense(16, Activation.Sigmoid, Bias: false),
            new ReferenceActivation(Activation.Softplus), new ReferenceDense(4, Activation.SELU),
        ]),
        [Tails] = new([5], Loss.MeanSquaredError,
            [new ReferenceDense(17, Activation.ReLU), new ReferenceActivation(Activation.Softmax), new ReferenceDense(2, Activation.LeakyReLU, 0.2)]),
        [Binary] = new([3], Loss.BinaryCrossEntropy, [new ReferenceDense(32, Activation.GELU), new ReferenceDense(1)]),
    };

    private static readonly Fault[] Faults =
    [
        // ---- the order of steps and the buffers between them ----
        new("derivative left out", Wide, @"\.Train", @"Dense2Layer\.ActivationGradient<V>\([^;]*;", ""),
        new("derivative applied twice", Wide, @"\.Train", @"Dense2Layer\.ActivationGradient<V>\([^;]*;", "$0 $0"),
        new("derivative after the parameter gradients", Wide, @"\.Train",
            @"(Dense1Layer\.ActivationGradient<V>\([^;]*;)(\s*if \(hasGradients\)[^;]*;)", "$2 $1"),
        new("derivative from another layer's output", Functions, @"\.Train", @"(Dense1Layer\.ActivationGradient<V>\(ref )dense1,", "$1activation2,"),
        new("parameter gradients left out", Wide, @"\.Train", @"if \(hasGradients\)\s*Dense1Layer\.ParameterGradients[^;]*;", ""),
        new("parameter gradients counted twice", Wide, @"\.Train", @"Dense2Layer\.ParameterGradients<V>\([^;]*;", "{ $0 $0 }"),
        new("parameter gradients from the values before dropout", Wide, @"\.Train",
            @"(Dense2Layer\.ParameterGradients<V>\(ref )dropout1,", "$1dense1,"),
        new("input gradient left out", Wide, @"\.Train", @"if \(hasInputGradients\)\s*Dense1Layer\.InputGradient[^;]*;", ""),
        new("input gradients of all tiles in the first one's place", Wide, @"\.Train", @"hasInputGradients \? \(nint\)row \* \d+ : 0", "0"),
        new("input gradient copied with the wrong stride", Functions, @"\.Train", @"(RowCopy\.Copy\(ref \w+Gradient, )16", "${1}8"),
        new("stale buffer", Wide, @"\.Train", @"Dense2Layer\.InputGradient<V>\([^;]*;", ""),
        new("buffer shared with one still in use", Wide, @"\.Train", @"\bdropout1GradientAt = \d+", "dropout1GradientAt = dense1At"),
        new("dropout left out of backward", Wide, @"\.Train", @"Dropout1Layer\.Multiply<V>\(ref (\w+), ref \w+, ref \1, count\);", ""),
        new("dropout applied twice", Wide, @"\.Train", @"Dropout1Layer\.Multiply<V>\(ref (\w+), ref \w+, ref \1, count\);", "$0 $0"),
        new("dropout masks of the first rows for all", Wide, @"\.Train",
            @"(?s)(DropoutMask\.Fill\(pass\.Random, [^;]*pass\.FirstRow)( \+ row)(, [^;]*;)(.*)(Dropout1Layer\.Multiply<V>\(ref (\w+), ref \w+, ref \6,)",
            "$1$2$3$4$1$3 $5"),
        new("dropout masks of another layer", Wide, @"\.Train",
            @"(?s)(DropoutMask\.Fill\(pass\.Random, )1(, [^;]*;)(.*)(Dropout1Layer\.Multiply<V>\(ref (\w+), ref \w+, ref \5,)",
            "${1}1$2$3${1}2$2 $4"),

        // ---- losses ----
        new("scale forgotten", Wide, @"\.Train", @"pass\.Scale", "1"),
        new("scale applied twice", Binary, @"\.Train", @"pass\.Scale", "pass.Scale * pass.Scale"),
        new("cross-entropy: wrong sign of the target", Wide, @"\.Loss", @"- target \* scales", "+ target * scales"),
        new("cross-entropy: target left out", Wide, @"\.Loss", @"- target \* scales", ""),
        new("cross-entropy: target not scaled", Wide, @"\.Loss", @"- target \* scales", "- target"),
        new("cross-entropy: softmax not scaled", Wide, @"\.Loss", @"scale \* weight / total", "weight / total"),
        new("Huber: not clipped", Functions, @"\.Loss", @"V\.CopySign\(clipped, d\)", "d"),
        new("Huber: sign lost", Functions, @"\.Loss", @"V\.CopySign\(clipped, d\)", "clipped"),
        new("Huber: not divided by the outputs", Functions, @"\.Loss", @"scale / 4", "scale"),
        new("squared error: factor 2 left out", Tails, @"\.Loss", @"2 \* scale", "scale"),
        new("binary cross-entropy: wrong sign", Binary, @"\.Loss", @"\((SimdMath\.Sigmoid<V, double>\(y\)) - target\)", "(target - $1)"),
        new("binary cross-entropy: logit in place of the probability", Binary, @"\.Loss", @"SimdMath\.Sigmoid<V, double>\(y\) - target", "y - target"),

        // ---- derivatives ----
        new("tanh: output not squared", Wide, @"Dense1Layer\.ActivationGradient", @"x \* x", "x"),
        new("ELU: wrong scale", Wide, @"Dense2Layer\.ActivationGradient", @"\+ V\.Create\([^)]*\)", "+ V.Create(1d)"),
        new("SiLU: dropped term", Functions, @"Activation1Layer\.ActivationGradient", @" - SimdMath\.Sigmoid<V, double>\(x\)", ""),
        new("sigmoid: dropped factor", Functions, @"Dense1Layer\.ActivationGradient", @" \* \(V\.Create\(1d\) - x\)", ""),
        new("softplus: derivative of the wrong side", Functions, @"Activation2Layer\.ActivationGradient",
            @"V\.Zero - (SimdMath\.ExpMinus1)", "V.Create(1d) + $1"),
        new("SELU: scale above zero left out", Functions, @"Dense2Layer\.ActivationGradient", @"V\.Create\(1\.05[^)]*\)", "V.Create(1d)"),
        new("SELU: constant below zero left out", Functions, @"Dense2Layer\.ActivationGradient", @"x \+ V\.Create\(1\.7[^)]*\)", "x"),
        new("GELU: density left out", Binary, @"Dense1Layer\.ActivationGradient",
            @"V\.MultiplyAdd\(V\.Min\(V\.Constant\(200\), V\.Max\(V\.Constant\(-200\), x\)\), SimdMath\.NormalDensity<V, double>\(x\), (SimdMath\.NormalDistribution<V, double>\(x\))\)", "$1"),
        new("GELU: distribution for density", Binary, @"Dense1Layer\.ActivationGradient", @"NormalDensity", "NormalDistribution"),
        new("leaky ReLU: slope left out", Tails, @"Dense2Layer\.ActivationGradient", @" \* V\.Create\([^)]*\)", ""),
        new("ReLU: wrong side", Tails, @"Dense1Layer\.ActivationGradient", @"V\.GreaterThan\(x, V\.Zero\)", "V.GreaterThan(V.Create(1e-300), x)"),
        new("ReLU: everything passes", Tails, @"Dense1Layer\.ActivationGradient", @"V\.Select\([^;]*(V\.Load\(ref gradient, i\)), V\.Zero\)", "$1"),
        new("softmax: mean left out", Tails, @"Activation1Layer\.ActivationGradient", @" - mean", ""),
        new("softmax: mean over the first vector", Tails, @"Activation1Layer\.ActivationGradient",
            @"(V sum = V\.Zero;\s*for \(nint column = 0; column < )\d+", "$1V.Count"),
        new("softmax: mean not weighted", Tails, @"Activation1Layer\.ActivationGradient",
            @"V\.MultiplyAdd\(V\.Load\(ref known, row \+ column\), (V\.Load\(ref gradient, row \+ column\)), sum\)", "sum + $1"),
        new("softmax: not multiplied by the output", Tails, @"Activation1Layer\.ActivationGradient", @"V\.Load\(ref known, row \+ column\) \* \(", "("),
        new("derivative of all rows but the last", Functions, @"Activation1Layer\.ActivationGradient", @"i < rows \* (\d+);", "i < (rows - 1) * $1;"),
        new("derivative of all vectors but the last", Binary, @"Dense1Layer\.ActivationGradient", @"i < rows \* (\d+);", "i < rows * $1 - V.Count;"),

        // ---- gradients of biases ----
        new("bias gradient forgotten", Tails, @"Dense1Layer\.ParameterGradients", @"V\.Store\([^;]*, ref gradients, Bias \+ column\);", ""),
        new("bias gradient not added", Tails, @"Dense2Layer\.ParameterGradients", @"V\.Load\(ref gradients, Bias \+ column\)", "V.Zero"),
        new("bias gradient without the last row", Tails, @"Dense1Layer\.ParameterGradients", @"\brows \* (\d+)", "(rows - 1) * $1"),
        new("bias gradient with the wrong stride", Tails, @"Dense1Layer\.ParameterGradients", @"\bi \+= (\d+)\)", "i += $1 - 16)"),
        new("bias gradient without the last columns", Wide, @"Dense2Layer\.ParameterGradients", @"column < (\d+);", "column < $1 - 16;"),
        new("bias gradient of the last row alone", Tails, @"Dense1Layer\.ParameterGradients", @"sumChain \+= V\.Load", "sumChain = V.Load"),

        // ---- gradients of weights ----
        new("last full panel left out", Wide, @"Dense2Layer\.ParameterGradients", @"panel < 2;", "panel < 1;"),
        new("narrow panel left out", Wide, @"Dense1Layer\.ParameterGradients", @"WeightGradientLastPanel<V>\([^;]*;", ""),
        new("panels from the gradient of the first", Wide, @"Dense2Layer\.ParameterGradients", @"ref Unsafe\.Add\(ref gradient, panel \* 32\)", "ref gradient"),
        new("narrow panel from the gradient of the first", Wide, @"Dense1Layer\.ParameterGradients",
            @"(WeightGradientLastPanel<V>\(ref input, )ref Unsafe\.Add\(ref gradient, 32\)", "$1ref gradient"),
        new("weight gradient not added", Tails, "Dense2Layer" + WeightTiles, @"V\.Load\(ref panel, [^)]*\) \+ ", ""),
        new("weight gradient without the last row", Tails, "Dense1Layer" + WeightTiles, @"row < rows;", "row < rows - 1;"),
        new("weight gradient of the wrong input", Tails, "Dense2Layer" + WeightTiles, @"MultiplyAdd\(input1,", "MultiplyAdd(input0,"),
        new("weight gradient with a term dropped", Tails, "Dense2Layer" + WeightTiles, @"sum3(\d) = V\.MultiplyAdd\([^;]*;", ""),
        new("weight gradient overwritten by each row", Tails, "Dense1Layer" + WeightTiles, @"V\.MultiplyAdd\((input2), (gradient\d), sum\d\d\)", "$1 * $2"),
        new("weight gradients exchanged", Tails, "Dense2Layer" + WeightTiles, @"\+ sum1(\d),", "+ sum0$1,"),
        new("last input left out", Tails, @"Dense1Layer\.WeightGradient\w*Panel", @"k < (\d+); k \+= (\d+)\)", "k < $1 - $2; k += $2)"),
        new("inputs with the wrong stride", Tails, "Dense1Layer" + WeightTiles, @"V\.Broadcast\(ref input, row \* (\d+)", "V.Broadcast(ref input, row * ($1 - 1)"),
        new("gradient with the wrong stride", Tails, "Dense1Layer" + WeightTiles, @"ref gradient, row \* (\d+)", "ref gradient, row * ($1 - 16)"),
        new("second vector from the first one's gradient", Tails, "Dense1Layer" + WeightTiles, @"(V gradient1 = V\.Load\(ref gradient, row \* \d+ \+ column) \+ V\.Count", "$1"),

        // ---- gradient of the input ----
        new("last row left out", Tails, @"Dense1Layer\.InputGradient", @"row < end;", "row < end - 1;"),
        new("last inputs at the wrong place", Tails, @"Dense1Layer\.InputGradient", @"nint i = Math\.Min\(input, (\d+)\);", "nint i = Math.Max(0, Math.Min(input, $1) - 1);"),
        new("last inputs left out", Binary, @"Dense2Layer\.InputGradient", @"input < (\d+); input \+= 4", "input < $1 - 4; input += 4"),
        new("weights of another layer", Wide, @"Dense2Layer\.InputGradient", @"ref Unsafe\.Add\(ref parameters, Weight\)", "ref parameters"),
        new("last full panel left out of the sum", Wide, "Dense2Layer" + InputTiles, @"panel < 2;", "panel < 1;"),
        new("narrow panel left out of the sum", Wide, "Dense2Layer" + InputTiles, @"lane < 16;", "lane < 0;"),
        new("last lanes left out of the sum", Tails, "Dense1Layer" + InputTiles, @"lane < 32;", "lane < 16;"),
        new("inputs exchanged", Tails, "Dense2Layer" + InputTiles, @"StoreSums\(sum(\d)0, sum\d1,", "StoreSums(sum${1}1, sum${1}0,"),
        new("weights with the wrong stride", Tails, "Dense1Layer" + InputTiles, @"i \* 32\)", "i * 16)"),
        new("weights of the wrong input", Tails, "Dense2Layer" + InputTiles, @"V w1 = V\.Load\(ref (\w+), lane \+ \d+\)", "V w1 = V.Load(ref $1, lane)"),
        new("sum overwritten by each vector", Tails, "Dense1Layer" + InputTiles, @"V\.MultiplyAdd\((w2), (g\d), sum\d2\)", "$1 * $2"),
        new("gradient of the wrong row", Tails, "Dense2Layer" + InputTiles, @"V g1 = V\.Load\(ref (\w+), lane \+ \d+\)", "V g1 = V.Load(ref $1, lane)"),
        new("all rows in the first one's place", Tails, "Dense2Layer" + InputTiles, @"ref inputGradient, i \+ \d+\)", "ref inputGradient, i)"),
    ];

    private static readonly FaultyNetworks Faulty = new(Networks, Faults);

    public static TheoryData<string> FaultNames => [.. Faults.Select(fault => fault.Name)];

    public static TheoryData<string> NetworkNames => [.. Networks.Keys];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public void Fault_is_caught(string name)
    {
        int number = Array.FindIndex(Faults, fault => fault.Name == name);
        double error = Faulty.Error(Faults[number].Network, number);
        output.WriteLine($"error {error:g2}");
        Assert.True(error > FaultyNetworks.Tolerance, $"The fault '{name}' in {Faults[number].Network} survived the gradient check: error {error:g2}.");
    }

    [Theory]
    [MemberData(nameof(NetworkNames))]
    public void Networks_without_a_fault_pass(string name) => Assert.InRange(Faulty.Error(name, fault: -1), 0, FaultyNetworks.Tolerance);
}
