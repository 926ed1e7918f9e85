using NetGen.Tests.Numerics.Reference;
using Xunit;
using Xunit.Abstractions;

namespace NetGen.Tests.Numerics;

/// <summary>
/// What makes the checks of every other layer and of graphs fit to judge: each of many faults put into the backward code of generated
/// networks is caught by central differences or, where it moves running statistics, by the reference. No fault reads or writes outside
/// its buffers.
/// </summary>
public class LayerFaultTests(ITestOutputHelper output)
{
    private const string Conv = nameof(Conv), Lines = nameof(Lines), Groups = nameof(Groups), Depthwise = nameof(Depthwise), Transposed = nameof(Transposed), Local = nameof(Local),
        Pools = nameof(Pools), Norms = nameof(Norms), Slopes = nameof(Slopes), Moves = nameof(Moves), Joins = nameof(Joins),
        Lookups = nameof(Lookups), Own = nameof(Own);

    private static readonly Dictionary<string, NetworkDescription> Networks = new()
    {
        [Conv] = new([3, 7, 19], Loss.Huber,
        [
            new ReferenceConvolution(2, 40, 3, Activation.Tanh, Stride: 2, Padding: 1),
            new ReferenceConvolution(2, 5, 3, Activation.SiLU, Padding: 2, Dilation: 2),
        ]),
        [Lines] = new([3, 4, 5], Loss.MeanSquaredError,
        [
            new ReferenceConvolution(2, 6, 2, Activation.Tanh),
            new ReferenceConvolution(2, 5, 3, Padding: 1),
        ]),
        [Groups] = new([6, 5, 6], Loss.MeanSquaredError,
        [
            new ReferenceConvolution(2, 6, 2, Activation.Tanh, Groups: 2),
            new ReferenceConvolution(2, 32, 3, Padding: 1, Groups: 2),
        ]),
        [Depthwise] = new([17, 6, 5], Loss.MeanSquaredError,
        [
            new ReferenceConvolution(2, 17, 3, Activation.Tanh, Padding: 1, Groups: 17),
            new ReferenceConvolution(2, 17, 2, Stride: 2, Groups: 17),
        ]),
        [Transposed] = new([3, 3, 4], Loss.MeanSquaredError,
        [
            new ReferenceTransposedConvolution(17, 3, Activation.Tanh, Stride: 2, Padding: 1, OutputPadding: 1),
            new ReferenceTransposedConvolution(2, 2, Stride: 1, Dilation: 2),
        ]),
        [Local] = new([3, 4, 5], Loss.MeanSquaredError,
        [
            new ReferenceLocallyConnected(17, 2, Activation.Tanh, Stride: 2),
            new ReferenceLocallyConnected(5, 3, Padding: 1),
            new ReferenceMaskedDense(18, ["1101", "0110", "1011"]),
        ]),
        [Pools] = new([3, 6, 7], Loss.MeanSquaredError,
        [
            new ReferenceActivation(Activation.Tanh),
            new ReferencePool(2, Max: true, 3, 2),
            new ReferencePool(2, Max: false, 2, 1) { Name = "Mean" },
            new ReferenceGlobalPool(Max: true),
            new ReferenceGlobalPool(Max: false) { From = ["Mean"] },
            new ReferenceConcat { From = ["GlobalMaxPool1", "GlobalAveragePool1"] },
        ]),
        [Norms] = new([6, 3, 3], Loss.Huber,
        [
            new ReferenceConvolution(2, 18, 2, Activation.Sigmoid),
            new ReferenceBatchNorm(Momentum: 0.25),
            new ReferenceGroupNorm(3),
            new ReferenceActivation(Activation.Sigmoid),
            new ReferenceLayerNorm(Epsilon: 0.125),
            new ReferenceRMSNorm(),
        ]),
        [Slopes] = new([18, 3], Loss.MeanSquaredError,
        [
            new ReferencePReLU(),
            new ReferenceSwish(),
            new ReferenceRReLU(),
            new ReferenceActivation(Activation.Tanh),
            new ReferenceMaxout(3),
            new ReferenceNoise("AlphaDropout", 0.25),
            new ReferenceNoise("SpatialDropout", 0.25),
        ]),
        [Moves] = new([3, 3, 4], Loss.MeanSquaredError,
        [
            new ReferenceUpsample(2),
            new ReferencePad(0, 1, 1, 2),
            new ReferenceActivation(Activation.Tanh),
            new ReferencePad(0, 2, 1, 0, PadMode.Reflect),
            new ReferenceCrop(1, 0, 2, 1),
            new ReferencePermute(1, 2, 0),
            new ReferencePad(1, 2, 0, 1, PadMode.Replicate),
            new ReferenceUpsample(2, Interpolation.Bilinear),
            new ReferenceDense(3),
        ]),
        [Joins] = new([5], Loss.None,
        [
            new ReferenceDense(7, Activation.Tanh) { Name = "First" },
            new ReferenceDense(7, Activation.Sigmoid) { Name = "Second" },
            new ReferenceMultiply { From = ["First", "Second", "First"] },
            new ReferenceAdd { From = ["Multiply1", "First", "Second"] },
            new ReferenceShared("Second"),
            new ReferenceConcat { From = ["Shared1", "Add1", "First"] },
            new ReferenceDense(18, Activation.Sigmoid) { Name = "Code" },
            new ReferenceOutput(Loss.MeanSquaredError, 0.25),
            new ReferenceShared("Code", Transposed: true),
            new ReferenceOutput(Loss.Huber, 2),
        ]),
        [Lookups] = new([6], Loss.MeanSquaredError,
        [
            new ReferenceEmbedding(5, 17),
            new ReferenceConvolution(1, 4, 3, Activation.Tanh, Padding: 1),
            new ReferenceDense(3),
        ]),
        [Own] = new([5], Loss.MeanSquaredError,
        [
            new ReferenceDense(17),
            new ReferenceActivation(Activation.Softsign),
            new ReferenceDense(2),
        ]),
    };

    private static readonly Fault[] Faults =
    [
        // ---- convolutions ----
        new("convolution: padding above not cropped", Conv, @"\.Train",
            @"(ImageCopy\.Crop\(ref conv2D1PaddedGradient, [^;]*), 1, 1, count", "$1, 0, 1, count"),
        new("convolution: padding at the left not cropped", Conv, @"\.Train",
            @"(ImageCopy\.Crop\(ref conv2D1PaddedGradient, [^;]*), 1, 1, count", "$1, 1, 0, count"),
        new("convolution: filters and channels not exchanged", Conv, @"\.Train",
            @"(Conv2D2Layer\.InputGradient<V>\(ref conv2D2Gradient, ref )conv2D2Prepared", "${1}Unsafe.Add(ref parameters, 1344)"),
        new("convolution: kernel transposed", Conv, @"Conv2D2Layer\.InputGradient\w*Panel",
            "kernelRow = tap / 3, kernelColumn = tap % 3", "kernelRow = tap % 3, kernelColumn = tap / 3"),
        new("convolution: kernel turned around", Conv, @"Conv2D2Layer\.InputGradient\w*Panel",
            "kernelRow = tap / 3, kernelColumn = tap % 3", "kernelRow = 2 - tap / 3, kernelColumn = 2 - tap % 3"),
        new("convolution: stride from line to line left out", Conv, @"Conv2D1Layer\.InputGradient\w*Tile\d+", @"ref sums, 126\b", "ref sums, 63"),
        new("convolution: stride along a line left out", Conv, @"Conv2D1Layer\.InputGradient\w*Panel", @"ref target, x \* 6\b", "ref target, x * 3"),
        new("convolution: dilation of lines left out", Conv, @"Conv2D2Layer\.InputGradient\w*Panel", @"kernelRow \* 28\b", "kernelRow * 14"),
        new("convolution: dilation of columns left out", Conv, @"Conv2D2Layer\.InputGradient\w*Panel", @"kernelColumn \* 2", "kernelColumn * 1"),
        new("convolution: last tap lost", Conv, @"Conv2D2Layer\.InputGradient\w*Panel", "tap < 9", "tap < 8"),
        new("convolution: sums of the rows before not cleared", Conv, @"Conv2D2Layer\.InputGradient",
            @"MemoryMarshal\.CreateSpan\([^;]*Clear\(\);", ""),
        new("convolution: sums overwritten by each tap", Conv, @"Conv2D2Layer\.InputGradient\w*Tile\d+", @"V\.Load\(ref sums, [^;]*\);", "V.Zero;"),
        new("convolution: last filter left out of the input gradient", Conv, @"Conv2D2Layer\.InputGradient\w*Tile\d+", "filter < 5", "filter < 4"),
        new("convolution: narrow panel of channels left out", Conv, @"Conv2D2Layer\.InputGradient", @"InputGradientLastPanel<V>\([^;]*;", ""),
        new("lines of the kernel: the last one lost", Lines, @"Conv2D2Layer\.InputGradient\w*Panel", "tap < 3", "tap < 2"),
        new("lines of the kernel: all in one place", Lines, @"Conv2D2Layer\.InputGradient\w*Panel", @"ref inputGradient, tap \* 36\b", "ref inputGradient, 0"),
        new("lines of the kernel: overwritten by neighbours", Lines, @"Conv2D2Layer\.InputGradient\w*Tile\d+", @"V\.Load\(ref sums, [^;]*\);", "V.Zero;"),
        new("lines of the kernel: weights of the first for all", Lines, @"Conv2D2Layer\.InputGradient\w*Panel", @"ref weight, tap \* 160\b", "ref weight, 0"),
        new("lines of the kernel: gathered with the padding", Lines, @"Conv2D2Layer\.Gather", @"y \* 36 \+ 42\b", "y * 36"),
        new("lines of the kernel: last column not gathered", Lines, @"Conv2D2Layer\.Gather", "x < 4", "x < 3"),
        new("convolution: weight gradient without the last line", Conv, @"Conv2D1Layer\.WeightGradient\w*Tile\w+", "y < 4", "y < 3"),
        new("convolution: weight gradient without the last column", Conv, @"Conv2D1Layer\.WeightGradient\w*Tile\w+", "at < 10", "at < 9"),
        new("convolution: stride left out of the weight gradient", Conv, @"Conv2D1Layer\.WeightGradient\w*Tile\w+", @"at \* 2\b", "at * 1"),
        new("convolution: lines of the kernel without the padding", Conv, @"Conv2D1Layer\.ParameterGradients", @"kernelRow \* 21\b", "kernelRow * 19"),
        new("convolution: dilation left out of the weight gradient", Conv, @"Conv2D2Layer\.ParameterGradients",
            @"kernelRow \* 1120", "kernelRow * 560"),
        new("convolution: weights of all columns of the kernel in one place", Conv, @"Conv2D2Layer\.ParameterGradients",
            @"kernelRow \* 3 \+ kernelColumn", "kernelRow * 3"),
        new("convolution: narrow panel of weight gradients left out", Conv, @"Conv2D1Layer\.ParameterGradients",
            @"WeightGradientLastPanel<V>\([^;]*;", ""),
        new("convolution: bias gradient forgotten", Conv, @"Conv2D1Layer\.ParameterGradients",
            @"V\.Store\([^;]*ref gradients, Bias \+ column\);", ""),
        new("convolution: derivative at the output", Conv, @"\.Train", @"(Conv2D2Layer\.ActivationGradient<V>\(ref )conv2D2Sum", "${1}conv2D2"),
        new("convolution: parameter gradients of the input without its padding", Conv, @"\.Train",
            @"(Conv2D2Layer\.ParameterGradients<V>\(ref )conv2D2Padded", "${1}conv2D1"),

        // ---- groups ----
        new("groups: all from the gradient of the first", Groups, @"\.Train",
            @"ref Unsafe\.Add\(ref conv2D2Gradient, group \* 16\)", "ref conv2D2Gradient"),
        new("groups: all from the copied gradient of the first", Groups, @"\.Train",
            @"(RowCopy\.Copy\(ref )Unsafe\.Add\(ref conv2D1Gradient, group \* 3\)", "${1}conv2D1Gradient"),
        new("groups: weight gradients of all in the place of the first", Groups, @"\.Train",
            @"(Conv2D2Layer\.ParameterGradients[^;]*)group \* 432", "${1}0"),
        new("groups: bias gradients of all in the place of the first", Groups, @"\.Train",
            @"(Conv2D1Layer\.ParameterGradients[^;]*)group \* 16, count", "${1}0, count"),
        new("groups: inputs of the first for all", Groups, @"\.Train",
            @"(Conv2D1Layer\.ParameterGradients<V>\(ref )Unsafe\.Add\(ref conv2D1Padded, group \* 96\)", "${1}conv2D1Padded"),
        new("groups: input gradients of all in the channels of the first", Groups, @"\.Train",
            @"ref Unsafe\.Add\(ref conv2D1Gradient, group \* 3\), 320", "ref conv2D1Gradient, 320"),
        new("groups: input gradients of all in the planes of the first", Groups, @"\.Train",
            @"ref inputGradient, group \* 90", "ref inputGradient, group * 30"),
        new("groups: weights of the first for all", Groups, @"\.Train",
            @"(Conv2D2Layer\.InputGradient<V>\([^;]*)ref Unsafe\.Add\(ref conv2D2Prepared, group \* 768\)", "${1}ref conv2D2Prepared"),
        new("groups: the first prepared for all", Groups, @"\.Train", @"416 \+ group \* 432", "416"),

        // ---- depthwise ----
        new("depthwise: stride from line to line left out", Depthwise, @"Conv2D2Layer\.InputGradientPanel", @"\(y \* 2 \+", "(y * 1 +"),
        new("depthwise: stride along a line left out", Depthwise, @"Conv2D2Layer\.InputGradientPanel", @"target \+= 64", "target += 32"),
        new("depthwise: weight of the first tap for all", Depthwise, @"Conv2D1Layer\.InputGradientPanel",
            @"ref weight, tap \* 32 \+ column", "ref weight, column"),
        new("depthwise: last channels left out", Depthwise, @"Conv2D1Layer\.InputGradientPanel", "column < 32", "column < 16"),
        new("depthwise: overwritten by each tap", Depthwise, @"Conv2D1Layer\.InputGradientPanel",
            @"V\.MultiplyAdd\((w, V\.Load\(ref g, [^)]*\)), V\.Load\([^;]*\)\), ref line", "V.MultiplyAdd($1, V.Zero), ref line"),
        new("depthwise: a tap stored in the place of another", Depthwise, @"Conv2D1Layer\.WeightGradientPanel",
            @"sum2, ref weightGradient, \(kernelRow \* 3 \+ 2\)", "sum2, ref weightGradient, (kernelRow * 3 + 1)"),
        new("depthwise: first line of the kernel for all", Depthwise, @"Conv2D1Layer\.WeightGradientPanel", @"\(y \+ kernelRow - 1\)", "y"),
        new("depthwise: stride left out of the weight gradient", Depthwise, @"Conv2D2Layer\.WeightGradientPanel", @"y \* 2 \+", "y * 1 +"),
        new("depthwise: last column beside the padding left out", Depthwise, @"Conv2D1Layer\.InputGradientPanel",
            @"endPlace = Math\.Min\(5, 6 -", "endPlace = Math.Min(5, 5 -"),
        new("depthwise: last line beside the padding left out", Depthwise, @"Conv2D1Layer\.WeightGradientPanel",
            @"endLine = Math\.Min\(6, 7 -", "endLine = Math.Min(6, 6 -"),
        new("depthwise: weight gradient without the columns at the border", Depthwise, @"Conv2D1Layer\.WeightGradientPanel",
            @"for \(nint at = 0; at < 1; at\+\+\)", "for (nint at = 0; at < 0; at++)"),

        // ---- transposed convolution ----
        new("transposed: wrong padding of the gradient", Transposed, @"\.Train", @"(ImageCopy\.Pad\([^;]*), 1, 1, count", "$1, 0, 1, count"),
        new("transposed: stride left out of the weight gradient", Transposed, @"ConvTranspose2D1Layer\.WeightGradient\w*Tile\d+",
            @"y \* 640", "y * 320"),
        new("transposed: kernel turned by its diagonal", Transposed, @"ConvTranspose2D1Layer\.ParameterGradients",
            @"tap / 3 \* 10 \+ tap % 3", "tap % 3 * 10 + tap / 3"),
        new("transposed: dilation left out", Transposed, @"ConvTranspose2D2Layer\.ParameterGradients",
            @"(\(tap / 2 \* 10 \+ tap % 2\) \* )32", "${1}16"),
        new("transposed: bias gradient from the padded gradient", Transposed, @"\.Train",
            @"(ConvTranspose2D1Layer\.ParameterGradients<V>\(ref \w+, ref )convTranspose2D1Gradient", "${1}convTranspose2D1PaddedGradient"),
        new("transposed: filters and channels not exchanged", Transposed, @"\.Train",
            @"(ConvTranspose2D2Layer\.InputGradient<V>\(ref \w+, ref )convTranspose2D2Prepared", "${1}Unsafe.Add(ref parameters, 896)"),
        new("transposed: derivative after the padding", Transposed, @"\.Train",
            @"(ConvTranspose2D1Layer\.ActivationGradient<V>\([^;]*;)(\s*ImageCopy\.Pad\(ref convTranspose2D1Gradient,[^;]*;)", "$2 $1"),

        // ---- locally connected and masked dense ----
        new("local: gradient of the first position for all", Local, @"LocallyConnected2D1Layer\.ParameterGradients",
            @"ref Unsafe\.Add\(ref gradient, position \* 32\)", "ref gradient"),
        new("local: weights of the first position for all", Local, @"LocallyConnected2D1Layer\.InputGradient",
            @"ref Unsafe\.Add\(ref weight, position \* 1088 \+ 0\)", "ref weight"),
        new("local: stride left out", Local, @"LocallyConnected2D1Layer\.InputGradient", @"position % 2 \* 2", "position % 2 * 1"),
        new("local: stride left out of the weight gradient", Local, @"LocallyConnected2D1Layer\.ParameterGradients",
            @"position % 2 \* 2", "position % 2 * 1"),
        new("local: bias gradients of all positions in one place", Local, @"LocallyConnected2D1Layer\.PositionGradients",
            @"Bias \+ place \* 32 \+ column", "Bias + column"),
        new("local: weight gradients of all positions in one place", Local, @"LocallyConnected2D1Layer\.PositionGradients",
            @"Weight \+ place \* 384", "Weight"),
        new("local: rows left over by tiles lost", Local, @"LocallyConnected2D1Layer\.InputGradient\w*Panel",
            @"row <= rows - 1; row \+= 1", "row < rows - 1; row += 1"),
        new("local: padding not cropped", Local, @"\.Train",
            @"(ImageCopy\.Crop\(ref locallyConnected2D2PaddedGradient[^;]*), 1, 1, count", "$1, 0, 0, count"),
        new("masked dense: gradients of connections that are not there", Local, @"MaskedDense1Layer\.ParameterGradients",
            @"ConnectionMask\.Clear\([^;]*;", ""),
        new("masked dense: inputs and units of the mask exchanged", Local, @"MaskedDense1Layer\.ParameterGradients",
            "18, 20, Mask", "18, 20, System.Array.ConvertAll(Mask, line => line[1..] + line[0])"),

        // ---- pooling ----
        new("mean of windows: not divided", Pools, @"MeanLayer\.Gradient", @"V\.Create\(0\.25d\)", "V.Create(1d)"),
        new("mean of windows: overlapping ones overwritten", Pools, @"MeanLayer\.Gradient", @"V\.Load\(ref windowGradient, \d+\) \+ g", "g"),
        new("mean of windows: a tap lost", Pools, @"MeanLayer\.Gradient", @"V\.Store\(V\.Load\(ref windowGradient, 64\)[^;]*;", ""),
        new("largest of windows: to all others", Pools, @"MaxPool2D1Layer\.Gradient",
            @"V\.Select\(isLess, V\.Zero, g\)", "V.Select(isLess, g, V.Zero)"),
        new("largest of windows: to all", Pools, @"MaxPool2D1Layer\.Gradient", @"V\.Select\(isLess, V\.Zero, g\)", "g"),
        new("largest of windows: overlapping ones overwritten", Pools, @"MaxPool2D1Layer\.Gradient",
            @"V\.Load\(ref windowGradient, \d+\) \+ V\.Select", "V.Select"),
        new("largest of windows: last tap lost", Pools, @"MaxPool2D1Layer\.Gradient",
            @"isLess = V\.GreaterThan\(largest, V\.Load\(ref window, 256\)\);\s*V\.Store\([^;]*;", ""),
        new("largest of windows: stride left out", Pools, @"MaxPool2D1Layer\.Gradient", @"y \* 224 \+ x \* 32", "y * 224 + x * 16"),
        new("largest of windows: stride of lines left out", Pools, @"MaxPool2D1Layer\.Gradient", @"y \* 224 \+ x \* 32", "y * 112 + x * 32"),
        new("largest of channels: compared with the position before", Pools, @"GlobalMaxPool1Layer\.Gradient", @"ref window, 16\)", "ref window, 0)"),
        new("mean of channels: divided by the whole row", Pools, @"GlobalAveragePool1Layer\.Gradient", @"V\.Create\(0\.5d\)", "V.Create(1d / 6)"),
        new("value used twice: the second use left out", Pools, @"\.Train",
            @"VectorLoops\.Add<V, double>\(ref globalMaxPool1Part0, ref meanGradient[^;]*;", ""),

        // ---- normalization ----
        new("batch: mean of the gradient left out", Norms, @"BatchNorm1Layer\.InputGradient", " - meanGradient", ""),
        new("batch: product with the normal left out", Norms, @"BatchNorm1Layer\.InputGradient", @" - normal \* meanProduct", ""),
        new("batch: weight left out", Norms, @"BatchNorm1Layer\.InputGradient", @"V factor = scale \* [^;]*;", "V factor = scale;"),
        new("batch: deviation left out", Norms, @"BatchNorm1Layer\.InputGradient", @"V factor = scale \* ", "V factor = "),
        new("batch: mean of the gradient not divided", Norms, @"BatchNorm1Layer\.Gradients", @"V\.Zero : sum / count", "V.Zero : sum"),
        new("batch: mean product not divided", Norms, @"BatchNorm1Layer\.Gradients", @"V\.Zero : product / count", "V.Zero : product"),
        new("batch: count without the positions", Norms, @"BatchNorm1Layer\.Gradients", @"(size = \(double\)rows) \* 4", "$1"),
        new("batch: weight gradient without the mean", Norms, @"BatchNorm1Layer\.Gradients",
            @"\((V\.Load\(ref input, i\)) - mean\) \* scale, product", "$1 * scale, product"),
        new("batch: weight and bias gradients exchanged", Norms, @"BatchNorm1Layer\.Gradients",
            @"Weight \+ channel\) \+ product", "Weight + channel) + sum"),
        new("batch: last row left out of the sums", Norms, @"BatchNorm1Layer\.Gradients", @"\brows \* 128", "(rows - 1) * 128"),
        new("batch: running variance biased", Norms, @"BatchNorm1Layer\.Gradients",
            @"V\.Create\(size > 1 \? size / \(size - 1\) : 1\)", "V.Create(1d)"),
        new("batch: variance unbiased upside down", Norms, @"BatchNorm1Layer\.Gradients", @"size / \(size - 1\)", "(size - 1) / size"),
        new("batch: momentum left out of the running mean", Norms, @"BatchNorm1Layer\.Gradients",
            @"V\.MultiplyAdd\(momentum, shift,", "V.MultiplyAdd(V.Create(1d), shift,"),
        new("batch: momentum for its complement", Norms, @"BatchNorm1Layer\.Gradients",
            @"momentum = V\.Create\(0\.25d\)", "momentum = V.Create(0.75d)"),
        new("batch: running mean away from the batch", Norms, @"BatchNorm1Layer\.Gradients",
            @"(V\.Load\(ref parameters, RunningMean \+ channel\)) - mean", "mean - $1"),
        new("batch: running mean of the padding", Norms, @"BatchNorm1Layer\.Gradients",
            @"V\.Select\(V\.FirstLanes\(18 - \(int\)channel\), (V\.Load\(ref parameters, RunningMean \+ channel\) - mean), V\.Zero\)", "$1"),
        new("batch: running variance in the place of the mean", Norms, @"BatchNorm1Layer\.Gradients",
            @"V\.Load\(ref parameters, RunningVariance \+ channel\)", "V.Load(ref parameters, RunningMean + channel)"),
        new("groups of channels: mean left out", Norms, @"GroupNorm1Layer\.InputGradient", " - lost -", " -"),
        new("groups of channels: product with the normal left out", Norms, @"GroupNorm1Layer\.InputGradient", @" - normal \* lostToScale", ""),
        new("groups of channels: groups and channels exchanged", Norms, @"GroupNorm1Layer\.InputGradient", "(ref meanOfH, )3, 6, 4", "${1}6, 3, 4"),
        new("groups of channels: mean not over positions", Norms, @"GroupNorm1Layer\.InputGradient", "(ref meanOfProduct, )3, 6, 4", "${1}3, 6, 1"),
        new("groups of channels: weight left out", Norms, @"GroupNorm1Layer\.InputGradient",
            @"V h = V\.Load\(ref gradient, i\) \* weight", "V h = V.Load(ref gradient, i)"),
        new("groups of channels: bias gradient of the last position", Norms, @"GroupNorm1Layer\.ParameterGradients", @"(bias\w*) \+= g", "$1 = g"),
        new("groups of channels: statistics of the first row for all", Norms, @"GroupNorm1Layer\.ParameterGradients",
            @"ref statistics, row \* 64", "ref statistics, 0"),
        new("rows: mean left out", Norms, @"LayerNorm1Layer\.InputGradient", " - meanOfH", ""),
        new("rows: product with the normal left out", Norms, @"LayerNorm1Layer\.InputGradient", @" - normal \* meanOfProduct", ""),
        new("rows: deviation left out", Norms, @"LayerNorm1Layer\.InputGradient", @"(\(h - meanOfH - normal \* meanOfProduct\)) \* scale", "$1"),
        new("rows: mean over the padding too", Norms, @"LayerNorm1Layer\.InputGradient", @"V\.Sum\(sum\) / 72", "V.Sum(sum) / 80"),
        new("rows: weight gradient without the mean", Norms, @"LayerNorm1Layer\.ParameterGradients",
            @"\((V\.Load\(ref input, row \* 80 \+ column\)) - mean\)", "$1"),
        new("root mean square: product with the normal left out", Norms, @"RMSNorm1Layer\.InputGradient", @" - normal \* meanOfProduct", ""),
        new("root mean square: weight gradient not normalized", Norms, @"RMSNorm1Layer\.ParameterGradients", @" \* scale, weights", ", weights"),
        new("root mean square: weight left out", Norms, @"RMSNorm1Layer\.InputGradient", @" \* V\.Load\(ref parameters, Weight \+ column\)", ""),

        // ---- slopes and chance ----
        new("PReLU: slope gradient of positive values too", Slopes, @"PReLU1Layer\.SlopeGradients",
            @"V\.Min\(V\.Zero, (V\.Load\(ref input, i\))\)", "$1"),
        new("PReLU: last channels left out", Slopes, @"PReLU1Layer\.SlopeGradients", "channel < 32", "channel < 16"),
        new("PReLU: sides exchanged", Slopes, @"PReLU1Layer\.InputGradient", @"value, sloped\)", "sloped, value)"),
        new("PReLU: slope gradient after the input gradient", Slopes, @"\.Train",
            @"(if \(hasGradients\)\s*PReLU1Layer\.SlopeGradients[^;]*;)(\s*PReLU1Layer\.InputGradient[^;]*;)", "$2 $1"),
        new("swish: dropped term", Slopes, @"Swish1Layer\.InputGradient",
            @"V\.MultiplyAdd\(SimdMath\.TimesSigmoid<V, double>\(x, x\), V\.Create\(1d\) - s, s\)", "s"),
        new("swish: slope left out", Slopes, @"Swish1Layer\.InputGradient", @"V x = slope \* ", "V x = "),
        new("swish: slope gradient times x, not its square", Slopes, @"Swish1Layer\.SlopeGradients",
            @"SimdMath\.TimesSigmoid<V, double>\(x, slope \* x\)", "s"),
        new("swish: slope gradient not added", Slopes, @"Swish1Layer\.SlopeGradients",
            @"V\.Load\(ref gradients, Weight \+ channel\) \+ sum", "sum"),
        new("RReLU: drawn slopes left out", Slopes, @"RReLU1Layer\.Gradient", @" \* V\.Load\(ref slopes, i\)", ""),
        new("RReLU: mean slope for the drawn one", Slopes, @"RReLU1Layer\.Gradient",
            @"V\.Load\(ref slopes, i\)", "V.Select(V.GreaterThan(V.Create(1d), V.Load(ref slopes, i)), V.Create(11d / 48), V.Create(1d))"),
        new("maxout: to all pieces", Slopes, @"Maxout1Layer\.Gradient", @"isLess \? 0 : g", "g"),
        new("maxout: compared with the piece before", Slopes, @"Maxout1Layer\.Gradient",
            @"largest > Unsafe\.Add\(ref input, start \+ 2\)", "largest > Unsafe.Add(ref input, start + 1)"),
        new("maxout: pieces of another channel", Slopes, @"Maxout1Layer\.Gradient", @"channel \* 3", "channel * 2"),
        new("alpha dropout left out", Slopes, @"\.Train", @"AlphaDropout1Layer\.Multiply<V>\(ref spatialDropout1Gradient[^;]*;", ""),
        new("spatial dropout with the mask of another layer", Slopes, @"\.Train",
            @"(SpatialDropout1Layer\.Multiply<V>\(ref spatialDropout1Gradient, ref )spatialDropout1Mask", "${1}alphaDropout1Mask"),

        // ---- moves ----
        new("nearest: second line lost", Moves, @"Upsample2D1Layer\.Gradient", @"first < place \+ 256", "first < place + 128"),
        new("nearest: second column lost", Moves, @"Upsample2D1Layer\.Gradient", @"at < first \+ 32", "at < first + 16"),
        new("bilinear: upper share not reduced", Moves, @"Upsample2D2Layer\.Gradient", "upper = g - lower", "upper = g"),
        new("bilinear: left and right exchanged", Moves, @"Upsample2D2Layer\.Gradient",
            @"right = V\.Create\((\(double\)\(xUnits - leftAt \* 4\) / 4)\)", "right = V.Create(1 - $1)"),
        new("bilinear: shift of half a pixel forgotten", Moves, @"Upsample2D2Layer\.Gradient", @"Math\.Max\(0, 2 \* y - 1\)", "2 * y"),
        new("bilinear: shares overwritten", Moves, @"Upsample2D2Layer\.Gradient", @"V\.Load\(ref inputGradient, lowerLeft \+ channel\) \+ ", ""),
        new("bilinear: lower right lost", Moves, @"Upsample2D2Layer\.Gradient", @"V\.Store\(V\.Load\(ref inputGradient, lowerRight[^;]*;", ""),
        new("bilinear: not cleared", Moves, @"Upsample2D2Layer\.Gradient", @"MemoryMarshal\.CreateSpan\([^;]*Clear\(\);", ""),
        new("reflecting border: left side forgotten", Moves, @"Pad2D2Layer\.Gradient", @"Math\.Abs\(x - 1\)", "Math.Abs(x - 0)"),
        new("reflecting border as a repeated one", Moves, @"Pad2D2Layer\.Gradient",
            @"6 - Math\.Abs\(6 - Math\.Abs\(y - 0\)\)", "Math.Clamp(y - 0, 0, 6)"),
        new("reflecting border: overwritten", Moves, @"Pad2D2Layer\.Gradient", @"V\.Load\(ref inputGradient, start \+ channel\) \+ ", ""),
        new("repeated border: upper side forgotten", Moves, @"Pad2D3Layer\.Gradient", @"Math\.Clamp\(y - 1, 0, 8\)", "Math.Clamp(y - 0, 0, 8)"),
        new("repeated border: last column lost", Moves, @"Pad2D3Layer\.Gradient", "x < 4", "x < 3"),
        new("repeated border: overwritten", Moves, @"Pad2D3Layer\.Gradient", @"V\.Load\(ref inputGradient, start \+ channel\) \+ ", ""),
        new("border of zeros: left side forgotten", Moves, @"\.Train", @"ref activation1Gradient, 16\)", "ref activation1Gradient, 0)"),
        new("border of zeros: last line lost", Moves, @"\.Train", "(ref upsample2D1Gradient, 768, 128, 128, )6", "${1}5"),
        new("crop: left side forgotten", Moves, @"\.Train", @"ref pad2D2Gradient, 224\)", "ref pad2D2Gradient, 192)"),
        new("crop: cut sides not cleared", Moves, @"\.Train", @"MemoryMarshal\.CreateSpan\(ref pad2D2Gradient[^;]*;", ""),
        new("permute: forward once more", Moves, @"\.Train",
            @"Permute1Layer\.BackExtents, Permute1Layer\.BackSteps", "Permute1Layer.Extents, Permute1Layer.Steps"),

        // ---- joins, values used twice, shared layers, several outputs ----
        new("value used twice: overwritten", Joins, @"\.Train",
            @"VectorLoops\.Add<V, double>\(ref secondPart0, ref firstGradient, [^;]*;",
            "RowCopy.Copy(ref secondPart0, 16, ref firstGradient, 16, 16, count);"),
        new("value used twice: the other use added twice", Joins, @"\.Train",
            @"VectorLoops\.Add<V, double>\(ref multiply1Part2, ref firstGradient, [^;]*;", "$0 $0"),
        new("output used by a layer too: the layer left out", Joins, @"\.Train",
            @"VectorLoops\.Add<V, double>\(ref shared2Part0, ref codeGradient[^;]*;", ""),
        new("shared: parameter gradients of the first use alone", Joins, @"\.Train",
            @"if \(hasGradients\)\s*SecondLayer\.ParameterGradients<V>\(ref add1,[^;]*;", ""),
        new("shared: derivative at the output of the first use", Joins, @"\.Train",
            @"SecondLayer\.ActivationGradient<V>\(ref shared1, ", "SecondLayer.ActivationGradient<V>(ref second, "),
        new("shared: parameter gradients from the input of the first use", Joins, @"\.Train",
            @"SecondLayer\.ParameterGradients<V>\(ref add1,", "SecondLayer.ParameterGradients<V>(ref first,"),
        new("shared: weight gradient of the last use alone", Joins, @"SecondLayer\.WeightGradient\w*Tile\d+",
            @"V\.Load\(ref panel, [^)]*\) \+ ", ""),
        new("shared back: input and gradient exchanged", Joins, @"\.Train",
            @"Shared2Layer\.ParameterGradients<V>\(ref shared2Gradient, ref code,",
            "Shared2Layer.ParameterGradients<V>(ref code, ref shared2Gradient,"),
        new("shared back: padding of the input not cleared", Joins, @"\.Train", @"RowCopy\.ClearPadding\(ref code[^;]*;", ""),
        new("shared back: weight gradient left out", Joins, @"\.Train", @"Shared2Layer\.ParameterGradients[^;]*;", ""),
        new("shared back: bias gradient left out", Joins, @"\.Train", @"Shared2Layer\.BiasGradient[^;]*;", ""),
        new("product: one factor left out", Joins, @"Multiply1Layer\.Gradients", @"before \*= x0;", ""),
        new("product: only the next factor", Joins, @"Multiply1Layer\.Gradients", @"after0 = x1 \* after1", "after0 = x1"),
        new("product: its own factor for another", Joins, @"Multiply1Layer\.Gradients", "V after1 = x2", "V after1 = x1"),
        new("joined channels: the first for the second", Joins, @"\.Train", @"ref concat1Gradient, 7\)", "ref concat1Gradient, 0)"),
        new("joined channels: off by one", Joins, @"\.Train", @"ref concat1Gradient, 14\)", "ref concat1Gradient, 13)"),
        new("sum: one summand left out", Joins, @"\.Train", @"RowCopy\.CopyInto\(ref add1Gradient, 16, ref secondGradient[^;]*;", ""),
        new("outputs: weight left out of the gradient", Joins, @"\.Train", @"0\.25d \* pass\.Scale", "pass.Scale"),
        new("outputs: weight of another", Joins, @"\.Train", @"2d \* pass\.Scale", "0.25d * pass.Scale"),
        new("outputs: gradient of the first for the second", Joins, @"\.Train",
            @"ref Unsafe\.Add\(ref outputs_2Gradient, 32\), 64, ref shared2Gradient", "ref outputs_2Gradient, 64, ref shared2Gradient"),

        // ---- lookups ----
        new("embedding: last occurrence alone", Lookups, @"Embedding1Layer\.ParameterGradients", @"V\.Load\(ref vector, column\) \+ ", ""),
        new("embedding: gradient of the first position for all", Lookups, @"Embedding1Layer\.ParameterGradients",
            @"\(\(nint\)row \* 6 \+ position\) \* 32", "(nint)row * 6 * 32"),
        new("embedding: vector of the next index", Lookups, @"Embedding1Layer\.ParameterGradients", @"index \* 32", "(index + 1) % 5 * 32"),
        new("embedding: last columns left out", Lookups, @"Embedding1Layer\.ParameterGradients", "column < 32", "column < 16"),

        // ---- functions of the user's ----
        new("custom: derivative at the output", Own, @"\.Train", @"(Custom1Layer\.InputGradient<V>\(ref )dense1,", "${1}custom1,"),
        new("custom: derivative not multiplied", Own, @"Custom1Layer\.InputGradient", @"V\.Load\(ref gradient, i \+ column\) \* ", ""),
        new("custom: function for its derivative", Own, @"Custom1Layer\.InputGradient", @"Squash\.Derivative", "Squash.Forward"),
    ];

    private static readonly FaultyNetworks Faulty = new(Networks, Faults, source =>
        source.Replace("Activation(NetGen.Activation.Softsign)", "Custom(typeof(Squash))", StringComparison.Ordinal)
        + (source.Contains("Softsign", StringComparison.Ordinal)
            ? """

            public static class Squash
            {
                public static V Forward<V>(V x) where V : struct, NetGen.IVector<V> => x / (V.Constant(1) + V.Abs(x));

                public static V Derivative<V>(V x) where V : struct, NetGen.IVector<V> =>
                    V.Constant(1) / ((V.Constant(1) + V.Abs(x)) * (V.Constant(1) + V.Abs(x)));
            }
            """
            : ""));

    public static TheoryData<string> FaultNames => [.. Faults.Select(fault => fault.Name)];

    public static TheoryData<string> NetworkNames => [.. Networks.Keys];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public void Fault_is_caught(string name)
    {
        int number = Array.FindIndex(Faults, fault => fault.Name == name);
        double error = Faulty.Error(Faults[number].Network, number);
        output.WriteLine($"error {error:g2}");
        Assert.True(error > FaultyNetworks.Tolerance, $"The fault '{name}' in {Faults[number].Network} survived the checks: error {error:g2}.");
    }

    [Theory]
    [MemberData(nameof(NetworkNames))]
    public void Networks_without_a_fault_pass(string name) => Assert.InRange(Faulty.Error(name, fault: -1), 0, FaultyNetworks.Tolerance);
}
