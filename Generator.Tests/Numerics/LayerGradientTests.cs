using System.Numerics;
using System.Reflection;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>
/// The gradients of every layer against central differences in double precision, and single precision against double, at every
/// vector width. A case is the input shape, the layers and the rows of a pass; to test a layer, add lines.
/// </summary>
public class LayerGradientTests
{
    private const double Step = 1e-5;

    // How much differences may change with the step, relative to the largest.
    private const double Kink = 1e-6;

    private static readonly (string Shape, string Layers, int Rows)[] All =
    [
        // Joins, in both layouts, with repeated inputs, inputs of the network and sums of several gradients.
        ("7", "[Layer.Dense(17, Name = \"a\")] [Layer.Dense(17, From = [\"input\"], Name = \"b\")] [Layer.Add(From = [\"a\", \"b\"])]", 3),
        ("5", "[Layer.Dense(5, Activation.Tanh, Name = \"a\")] [Layer.Add(From = [\"a\", \"input\", \"a\"])] [Layer.Dense(3)]", 9),
        ("16", "[Layer.Add(From = [\"input\", \"input\"])]", 1),
        ("3, 3, 5", "[Layer.PReLU(Name = \"a\")] [Layer.Activation(Activation.Sigmoid, Name = \"b\")] [Layer.Add(From = [\"b\", \"a\", \"input\"])] [Layer.Multiply(From = [\"Add1\", \"b\"])]", 3),
        ("33", "[Layer.Multiply(From = [\"input\", \"input\"])]", 3),
        ("7", "[Layer.Dense(6, Name = \"a\")] [Layer.Dense(6, Activation.Sigmoid, From = [\"input\"], Name = \"b\")] [Layer.Dense(6, From = [\"b\"], Name = \"c\")] [Layer.Multiply(From = [\"a\", \"b\", \"c\", \"a\"])]", 3),
        ("1, 3, 3", "[Layer.Activation(Activation.Tanh)] [Layer.Multiply(From = [\"Activation1\", \"input\", \"input\"])]", 1),
        ("7", "[Layer.Dense(1, Name = \"a\")] [Layer.Dense(16, From = [\"input\"], Name = \"b\")] [Layer.Dense(17, From = [\"a\"], Name = \"c\")] [Layer.Concat(From = [\"a\", \"b\", \"c\", \"a\"])] [Layer.Dense(2)]", 9),
        ("3, 3, 5", "[Layer.MaxPool2D(2, Stride = 1, Name = \"a\")] [Layer.AveragePool2D(2, Stride = 1, From = [\"input\"], Name = \"b\")] [Layer.Concat(From = [\"a\", \"b\"], Name = \"c\")] [Layer.Concat(From = [\"c\", \"a\", \"c\"])]", 3),
        ("7", "[Layer.Dense(3, Name = \"a\")] [Layer.Dense(2, Activation.Sigmoid, Name = \"b\")] [Layer.Concat(From = [\"b\", \"a\"])]", 3),
        ("3, 4", "[Layer.PReLU(Name = \"a\")] [Layer.PReLU(Name = \"b\")] [Layer.Concat(From = [\"b\", \"a\"])]", 3),
        ("17, 3", "[Layer.Activation(Activation.Tanh, Name = \"a\")] [Layer.Concat(From = [\"a\", \"input\"])] [Layer.GlobalAveragePool]", 3),
        ("16, 2, 2", "[Layer.LayerNorm(Name = \"a\")] [Layer.RMSNorm(From = [\"input\"], Name = \"b\")] [Layer.Concat(From = [\"b\", \"a\"])]", 3),

        // One value read in two layouts: whole rows and channels.
        ("3, 3, 3", "[Layer.PReLU(Name = \"a\")] [Layer.LayerNorm(Name = \"b\")] [Layer.Add(From = [\"b\", \"a\"])]", 3),
        ("3, 5, 5", "[Layer.GlobalMaxPool(Name = \"a\")] [Layer.Dense(3, From = [\"input\"], Name = \"b\")] [Layer.Add(From = [\"a\", \"b\"])]", 3),

        // Flattening: first, between layers, last, beside another reader, twice.
        ("2, 3, 3", "[Layer.Flatten] [Layer.Dense(3)]", 3),
        ("3, 4, 4", "[Layer.MaxPool2D(2)] [Layer.Flatten] [Layer.Dense(5, Activation.Tanh)] [Layer.Flatten]", 3),
        ("2, 3, 3", "[Layer.LayerNorm(Name = \"a\")] [Layer.Flatten(Name = \"b\")] [Layer.Dense(18, From = [\"a\"], Name = \"c\")] [Layer.Add(From = [\"b\", \"c\"])]", 3),
        ("1, 3", "[Layer.Flatten(Name = \"a\")] [Layer.Flatten(Name = \"b\")] [Layer.Multiply(From = [\"a\", \"b\"])] [Layer.Flatten]", 9),

        // Pooling: windows apart, touching, overlapping, leaving positions over; long windows.
        ("1, 3, 5", "[Layer.MaxPool2D(2)]", 9),
        ("3, 5, 7", "[Layer.MaxPool2D(3, Stride = 2)]", 3),
        ("7, 5, 5", "[Layer.MaxPool2D(2, Stride = 3)]", 3),
        ("16, 4, 4", "[Layer.MaxPool2D(2)]", 1),
        ("17, 5, 3", "[Layer.MaxPool2D(1, Stride = 2)]", 3),
        ("33, 3, 3", "[Layer.MaxPool2D(3)]", 3),
        ("2, 7, 6", "[Layer.MaxPool2D(5, Stride = 1)]", 3),
        ("1, 5, 5", "[Layer.AveragePool2D(2)]", 9),
        ("3, 7, 5", "[Layer.AveragePool2D(3, Stride = 2)]", 3),
        ("7, 3, 5", "[Layer.AveragePool2D(1, Stride = 2)]", 3),
        ("33, 4, 4", "[Layer.AveragePool2D(2)]", 1),
        ("2, 7, 6", "[Layer.AveragePool2D(5, Stride = 1)]", 3),
        ("1, 7", "[Layer.MaxPool1D(3)]", 3),
        ("17, 9", "[Layer.MaxPool1D(3, Stride = 2)]", 3),
        ("3, 40", "[Layer.MaxPool1D(20, Stride = 7)]", 3),
        ("16, 7", "[Layer.AveragePool1D(3, Stride = 1)]", 9),
        ("33, 5", "[Layer.AveragePool1D(2)]", 1),
        ("3, 40", "[Layer.AveragePool1D(17)]", 3),
        ("1, 3, 3", "[Layer.GlobalMaxPool]", 9),
        ("33, 5, 5", "[Layer.GlobalMaxPool]", 3),
        ("16, 7", "[Layer.GlobalMaxPool] [Layer.Dense(3)]", 3),
        ("7, 5, 1", "[Layer.GlobalAveragePool]", 1),
        ("17, 5, 5", "[Layer.GlobalAveragePool] [Layer.Dense(3)]", 3),
        ("3, 2, 3, 2", "[Layer.GlobalAveragePool]", 3),
        ("2, 3, 1, 2", "[Layer.GlobalMaxPool]", 3),
        ("3, 8, 8", "[Layer.MaxPool2D(2)] [Layer.AveragePool2D(3, Stride = 1)] [Layer.GlobalMaxPool]", 9),

        // Normalization over rows; the padding of the layer before is not zero after a sigmoid.
        ("3", "[Layer.LayerNorm]", 1),
        ("7", "[Layer.Dense(17, Activation.Sigmoid)] [Layer.LayerNorm(Epsilon = 0.01)] [Layer.Dense(2)]", 9),
        ("16", "[Layer.LayerNorm]", 3),
        ("33", "[Layer.LayerNorm] [Layer.LayerNorm]", 3),
        ("3, 3, 5", "[Layer.LayerNorm]", 3),
        ("2", "[Layer.RMSNorm]", 1),
        ("7", "[Layer.Dense(17, Activation.Sigmoid)] [Layer.RMSNorm(Epsilon = 0.01)] [Layer.Dense(2)]", 9),
        ("16", "[Layer.RMSNorm]", 3),
        ("33", "[Layer.RMSNorm] [Layer.RMSNorm]", 3),
        ("7, 3", "[Layer.RMSNorm]", 3),

        ("1", "[Layer.PReLU]", 9),
        ("33", "[Layer.Dense(17, Activation.Softsign)] [Layer.PReLU] [Layer.Dense(2)]", 3),
        ("1, 3, 3", "[Layer.PReLU]", 3),
        ("17, 5", "[Layer.PReLU] [Layer.MaxPool1D(2)]", 9),
        ("16, 3, 3", "[Layer.PReLU] [Layer.PReLU]", 1),
        ("33, 3, 1", "[Layer.Activation(Activation.Tanh)] [Layer.PReLU]", 3),

        // Reshaping: in rows, in images whose channels stay, beside another reader, with an extent that follows.
        ("12", "[Layer.Reshape(3, 2, 2)] [Layer.MaxPool2D(2)]", 9),
        ("3, 4, 4", "[Layer.MaxPool2D(2)] [Layer.Reshape(3, -1)] [Layer.AveragePool1D(2)] [Layer.Reshape(2, 3)] [Layer.GlobalAveragePool]", 3),
        ("17, 3, 1", "[Layer.PReLU(Name = \"a\")] [Layer.Reshape(17, 1, 3, Name = \"b\")] [Layer.GlobalMaxPool(Name = \"c\")] [Layer.Reshape(-1, 3, From = [\"a\"])] [Layer.GlobalAveragePool] [Layer.Add(From = [\"c\", \"GlobalAveragePool1\"])]", 3),
        ("1", "[Layer.Reshape(1, 1, 1)] [Layer.PReLU] [Layer.Reshape(-1)]", 1),
        ("33, 1, 1", "[Layer.PReLU] [Layer.Reshape(33)] [Layer.RMSNorm]", 3),
        ("7, 3", "[Layer.Reshape(3, 7, Name = \"a\")] [Layer.Reshape(7, 3, Name = \"b\")] [Layer.Multiply(From = [\"b\", \"input\"])]", 3),

        // Dimensions in another order: all orders of three, more of them, with extents of 1, and what moves nothing.
        ("3, 2, 5", "[Layer.Permute(1, 2, 0)] [Layer.PReLU] [Layer.GlobalMaxPool]", 3),
        ("3, 5, 2", "[Layer.Permute(2, 0, 1)] [Layer.PReLU]", 9),
        ("7, 3, 2", "[Layer.Permute(0, 2, 1)] [Layer.AveragePool2D(2)]", 3),
        ("3, 7, 2", "[Layer.PReLU] [Layer.Permute(1, 0, 2)] [Layer.PReLU]", 3),
        ("2, 3, 17", "[Layer.Permute(2, 1, 0)] [Layer.PReLU]", 1),
        ("33, 3", "[Layer.Permute(1, 0)] [Layer.Dense(2)]", 3),
        ("2, 3, 2, 3, 2", "[Layer.Permute(4, 1, 3, 0, 2)] [Layer.PReLU] [Layer.Permute(3, 1, 4, 2, 0)]", 3),
        ("1, 7, 1", "[Layer.Permute(2, 1, 0, Name = \"a\")] [Layer.PReLU] [Layer.Permute(1, 0, 2)] [Layer.PReLU] [Layer.Permute(0, 1, 2)]", 1),
        ("3, 3", "[Layer.PReLU(Name = \"a\")] [Layer.Permute(1, 0, Name = \"b\")] [Layer.Multiply(From = [\"a\", \"b\"])]", 3),

        // Enlarging: single pixels and lines, even and odd scales, and none.
        .. ((string[])["", ", Interpolation.Bilinear"]).SelectMany(interpolation => ((string, string, int)[])
        [
            ("3, 1, 1", $"[Layer.Upsample2D(3{interpolation})]", 1),
            ("1, 3, 5", $"[Layer.Upsample2D(2{interpolation})]", 3),
            ("7, 3, 2", $"[Layer.Upsample2D(3{interpolation})] [Layer.MaxPool2D(2)]", 3),
            ("17, 1, 3", $"[Layer.PReLU] [Layer.Upsample2D(4{interpolation})]", 3),
            ("33, 2, 2", $"[Layer.Upsample2D(2{interpolation})] [Layer.GlobalAveragePool]", 9),
            ("16, 2, 3", $"[Layer.Upsample2D(1{interpolation})] [Layer.Upsample2D(2{interpolation})]", 1),
        ]),

        // Padding: one side and all, wider than the image where that may be, and none.
        .. Enum.GetNames<PadMode>().SelectMany(mode => ((string, string, int)[])
        [
            ("1, 3, 5", $"[Layer.Pad2D(2, Mode = PadMode.{mode})]", 3),
            ("3, 2, 4", $"[Layer.Pad2D(1, 0, 2, 3, Mode = PadMode.{mode})] [Layer.MaxPool2D(2)]", 3),
            ("7, 3, 2", $"[Layer.PReLU] [Layer.Pad2D(0, 2, 0, 1, Mode = PadMode.{mode})] [Layer.PReLU]", 9),
            ("17, 4, 4", $"[Layer.Pad2D(3, Mode = PadMode.{mode})] [Layer.GlobalAveragePool]", 1),
            ("33, 1, 3", $"[Layer.Pad2D(0, 0, 2, 1, Mode = PadMode.{mode})] [Layer.Pad2D(0, Mode = PadMode.{mode})]", 3),
        ]),
        ("3, 1, 1", "[Layer.Pad2D(3)]", 1),
        ("2, 1, 1", "[Layer.Pad2D(3, Mode = PadMode.Replicate)] [Layer.AveragePool2D(7)]", 1),
        ("16, 2, 2", "[Layer.Pad2D(5, 4, 3, 2, Mode = PadMode.Replicate, Name = \"a\")] [Layer.GlobalMaxPool(Name = \"b\")] [Layer.GlobalAveragePool(From = [\"a\"])] [Layer.Add(From = [\"b\", \"GlobalAveragePool1\"])]", 3),

        // Cropping: to one pixel, at one side, not at all, and back to what was padded.
        ("1, 3, 5", "[Layer.Crop2D(1)]", 9),
        ("3, 3, 3", "[Layer.Crop2D(1)] [Layer.PReLU]", 1),
        ("7, 3, 4", "[Layer.PReLU] [Layer.Crop2D(0, 2, 1, 0)] [Layer.PReLU]", 3),
        ("17, 1, 3", "[Layer.Crop2D(0)] [Layer.Crop2D(0, 0, 0, 2)]", 3),
        ("33, 2, 2", "[Layer.Pad2D(1, 2, 3, 0, Mode = PadMode.Replicate)] [Layer.Crop2D(1, 2, 3, 0, Name = \"a\")] [Layer.Add(From = [\"a\", \"input\"])]", 3),

        // Maxout: of rows and images, of all channels, of many, of one.
        ("3", "[Layer.Maxout(3)]", 1),
        ("7", "[Layer.Dense(34)] [Layer.Maxout(2)] [Layer.Dense(3)]", 9),
        ("33", "[Layer.Maxout(11)]", 3),
        ("3, 1, 1", "[Layer.Maxout(1)]", 3),
        ("16, 3", "[Layer.PReLU] [Layer.Maxout(4)] [Layer.MaxPool1D(2)]", 3),
        ("17, 3, 3", "[Layer.Maxout(17)]", 3),
        ("34, 1, 3", "[Layer.Maxout(2)] [Layer.PReLU]", 1),
        ("32, 2, 2", "[Layer.Maxout(2, Name = \"a\")] [Layer.Maxout(2, From = [\"input\"], Name = \"b\")] [Layer.Add(From = [\"a\", \"b\"])]", 3),

        ("1", "[Layer.Swish]", 9),
        ("33", "[Layer.Dense(17, Activation.Softsign)] [Layer.Swish] [Layer.Dense(2)]", 3),
        ("1, 3, 3", "[Layer.Swish]", 3),
        ("7, 5", "[Layer.Swish] [Layer.MaxPool1D(2)]", 9),
        ("17, 1, 1", "[Layer.Swish] [Layer.Swish]", 1),
        ("3, 3, 1", "[Layer.Activation(Activation.Sigmoid)] [Layer.Swish]", 3),

        // Layers of chance without a key: as predicting has them.
        ("33, 3", "[Layer.SpatialDropout(0.5)] [Layer.PReLU]", 3),
        ("7", "[Layer.Dense(17, Activation.Sigmoid)] [Layer.AlphaDropout(0.5)]", 9),
        ("3, 1, 1", "[Layer.PReLU] [Layer.GaussianNoise(1)]", 1),
        ("1", "[Layer.RReLU]", 9),
        ("17, 3", "[Layer.RReLU(Lower = -1, Upper = 0.5, Name = \"a\")] [Layer.RReLU(From = [\"input\"], Name = \"b\")] [Layer.Multiply(From = [\"a\", \"b\"])]", 3),

        // Convolutions: kernels of one, of all there is, even and odd; tails of channels and filters; columns beyond a tile.
        ("1, 1, 1", "[Layer.Conv2D(1, 1)]", 1),
        ("1, 3, 7", "[Layer.Conv2D(3, 3, Activation.Tanh, Padding = Layer.Same)] [Layer.Conv2D(1, 2, Stride = 2)]", 3),
        ("3, 7, 7", "[Layer.Conv2D(17, 3, Activation.ELU, Stride = 2, Padding = 1)] [Layer.Conv2D(7, 4)]", 3),
        ("7, 3, 17", "[Layer.PReLU] [Layer.Conv2D(3, 3, Activation.GELU)]", 1),
        ("17, 3, 3", "[Layer.PReLU] [Layer.Conv2D(33, 2, Padding = 1, Dilation = 2)]", 1),
        ("33, 1, 3", "[Layer.PReLU] [Layer.Conv2D(33, 1, Activation.SiLU)]", 1),
        ("16, 2, 5", "[Layer.PReLU] [Layer.Conv2D(16, 2, Bias = false)]", 3),
        ("3, 65", "[Layer.Conv1D(2, 9, Activation.Tanh, Dilation = 3, Padding = 2, Stride = 3)] [Layer.Conv1D(3, 3)]", 3),
        ("1, 33", "[Layer.Conv1D(7, 5, Padding = Layer.Same)] [Layer.PReLU] [Layer.Conv1D(1, 7, Stride = 2)]", 3),

        // Groups: of few and of whole vectors of filters, first and between images, whose channels other groups follow.
        ("6, 3, 3", "[Layer.Conv2D(6, 2, Groups = 2)]", 3),
        ("6, 3, 4", "[Layer.PReLU] [Layer.Conv2D(4, 3, Activation.Tanh, Padding = 1, Groups = 2)] [Layer.PReLU]", 3),
        ("3, 3, 3", "[Layer.Conv2D(9, 2, Activation.SiLU, Groups = 3)] [Layer.Conv2D(21, 1, Groups = 3)]", 1),
        ("6, 3, 3", "[Layer.PReLU] [Layer.Conv2D(32, 2, Stride = 2, Padding = 1, Groups = 2)] [Layer.Conv2D(2, 2, Groups = 2)]", 1),
        ("4, 3, 3", "[Layer.PReLU] [Layer.Conv2D(64, 2, Groups = 2)] [Layer.GlobalAveragePool]", 1),
        ("34, 1, 3", "[Layer.PReLU] [Layer.Conv2D(2, 1, Groups = 2)]", 3),
        ("6, 9", "[Layer.PReLU] [Layer.Conv1D(6, 3, Dilation = 2, Padding = 1, Groups = 3)]", 3),
        ("17, 3", "[Layer.Conv1D(34, 2, Groups = 17)]", 1),

        // Depthwise, with kernels wider than what is there without padding.
        ("3, 5, 5", "[Layer.Conv2D(3, 3, Groups = 3)]", 3),
        ("3, 3, 3", "[Layer.PReLU] [Layer.Conv2D(3, 9, Activation.Tanh, Padding = Layer.Same, Groups = 3)]", 3),
        ("17, 3, 5", "[Layer.Conv2D(17, 3, Activation.SiLU, Stride = 2, Padding = 1, Groups = 17)] [Layer.Conv2D(17, 2, Groups = 17)]", 3),
        ("33, 5, 1", "[Layer.PReLU] [Layer.Conv2D(33, 3, Dilation = 2, Padding = 2, Bias = false, Groups = 33)]", 1),
        ("7, 17", "[Layer.Conv1D(7, 9, Stride = 3, Groups = 7)]", 3),

        // Transposed: strides with and without what the far sides lack, dilation, padding.
        ("1, 1, 1", "[Layer.ConvTranspose2D(1, 1)]", 1),
        ("1, 3, 3", "[Layer.ConvTranspose2D(3, 3, Activation.Tanh, Stride = 2, Padding = 1, OutputPadding = 1)]", 3),
        ("3, 2, 3", "[Layer.ConvTranspose2D(17, 2, Stride = 3, OutputPadding = 2)] [Layer.PReLU]", 3),
        ("17, 1, 3", "[Layer.PReLU] [Layer.ConvTranspose2D(1, 3, Activation.SiLU, Dilation = 2, Padding = 2)]", 3),
        ("33, 2, 1", "[Layer.PReLU] [Layer.ConvTranspose2D(33, 2, Stride = 2)]", 1),
        ("7, 3, 3", "[Layer.ConvTranspose2D(3, 4, Padding = 2, Bias = false)] [Layer.Conv2D(1, 2)]", 9),

        // Weights for each position, and for the connections of a pattern.
        ("1, 3, 3", "[Layer.LocallyConnected2D(1, 2)]", 9),
        ("3, 3, 5", "[Layer.LocallyConnected2D(17, 2, Activation.Tanh, Stride = 2)] [Layer.LocallyConnected2D(3, 3, Padding = 1)]", 3),
        ("17, 3, 3", "[Layer.PReLU] [Layer.LocallyConnected2D(3, 2, Activation.SiLU, Dilation = 2, Padding = 1)]", 1),
        ("33, 1, 1", "[Layer.PReLU] [Layer.LocallyConnected2D(33, 1, Bias = false)]", 3),
        ("7", "[Layer.MaskedDense(3, Mask = new[] { \"1101010\", \"0110010\", \"0000000\" })]", 1),
        ("34", "[Layer.MaskedDense(33, Activation.Tanh, Mask = new[] { \"10\", \"01\", \"11\" })] [Layer.MaskedDense(1, Bias = false, Mask = new[] { \"101\" })]", 9),

        // Normalization over channels, groups of them and the batch; of one element there is nothing to normalize.
        ("1, 3, 3", "[Layer.GroupNorm(1)]", 3),
        ("6, 3, 5", "[Layer.PReLU] [Layer.GroupNorm(3)]", 3),
        ("17, 3", "[Layer.GroupNorm(1, Epsilon = 0.1)] [Layer.PReLU]", 1),
        ("33, 3, 3", "[Layer.PReLU] [Layer.GroupNorm(33)] [Layer.GroupNorm(3)]", 1),
        ("32, 3", "[Layer.Dense(34, Activation.Sigmoid)] [Layer.Reshape(34, 1)] [Layer.GroupNorm(2, Epsilon = 0.125)]", 3),
        ("1, 3, 3", "[Layer.BatchNorm]", 1),
        ("3, 3, 3", "[Layer.BatchNorm(Epsilon = 0.01)] [Layer.PReLU] [Layer.BatchNorm(Momentum = 1)]", 2),
        ("17, 3", "[Layer.PReLU] [Layer.BatchNorm] [Layer.Activation(Activation.Tanh)]", 7),
        ("33", "[Layer.Dense(17, Activation.Tanh)] [Layer.BatchNorm(Epsilon = 0.125)] [Layer.Dense(3)]", 7),
        ("33, 1, 3", "[Layer.Conv2D(33, 1, Bias = false)] [Layer.BatchNorm] [Layer.PReLU]", 2),
        ("3, 65", "[Layer.Conv1D(3, 3, Bias = false)] [Layer.BatchNorm(Epsilon = 0.5)] [Layer.GlobalMaxPool]", 2),

        // Depthwise and then over channels, as one layer.
        ("3, 5, 5", "[Layer.SeparableConv2D(7, 3, Activation.Tanh, Padding = Layer.Same)]", 3),
        ("17, 3, 3", "[Layer.PReLU] [Layer.SeparableConv2D(3, 2, Stride = 2, Padding = 1, Bias = false)]", 1),

        // One set of weights used twice and back; on the way back, the padding of what comes in is not zero.
        ("7", "[Layer.Dense(7, Activation.Tanh, Name = \"a\")] [Layer.Shared(\"a\")] [Layer.Shared(\"a\")] [Layer.Dense(2)]", 9),
        ("33", "[Layer.Dense(17, Activation.Sigmoid, Name = \"a\")] [Layer.Shared(\"a\", Transposed = true)] [Layer.Shared(\"a\")]", 3),
        ("3, 3, 3", "[Layer.Conv2D(3, 3, Activation.Tanh, Padding = 1, Name = \"a\")] [Layer.Shared(\"a\", Name = \"b\")] [Layer.Add(From = [\"a\", \"b\", \"a\"])]", 3),
        ("3, 2, 2", "[Layer.PReLU(Name = \"a\")] [Layer.Conv2D(3, 1)] [Layer.Shared(\"a\")]", 1),

        // A value in the output and before another layer.
        ("7", "[Layer.Dense(17, Activation.Tanh, Name = \"a\")] [Layer.Dense(3, Name = \"b\")] [Layer.Concat(From = [\"a\", \"b\"])]", 1),

        // Functions of the user's, one that is infinite at the zeros of padding, in rows and images, among layers that read whole rows.
        ("7", "[Layer.Custom(typeof(Reciprocal))]", 3),
        ("3, 2, 2", "[Layer.Custom(typeof(Reciprocal))] [Layer.GlobalAveragePool]", 1),
        ("17", "[Layer.Activation(Activation.Sigmoid)] [Layer.Custom(typeof(Reciprocal))] [Layer.LayerNorm] [Layer.Dense(3)]", 3),
        ("3, 3, 3", "[Layer.Activation(Activation.Sigmoid)] [Layer.Custom(typeof(Reciprocal))] [Layer.LayerNorm]", 3),
        ("33", "[Layer.Dense(17, Activation.Sigmoid)] [Layer.Custom(typeof(Snake))] [Layer.Dense(3)]", 9),
        ("16, 3", "[Layer.Custom(typeof(Snake), Name = \"a\")] [Layer.Custom(typeof(Snake), From = [\"input\"], Name = \"b\")] [Layer.Multiply(From = [\"a\", \"b\"])]", 3),
        ("1", "[Layer.Custom(typeof(Snake))] [Layer.Custom(typeof(Snake))]", 1),

        // Blocks, also of blocks and shared layers: the gradients of all uses add up.
        ("7", "[Layer.Block(typeof(Residual), Repeat = 2)] [Layer.Dense(3)]", 3),
        ("17", "[Layer.Dense(7, Activation.Tanh)] [Layer.Block(typeof(Residual), Name = \"a\")] [Layer.Block(typeof(Residual), From = [\"Dense1\"], Name = \"b\")] [Layer.Shared(\"aDense1\")] [Layer.Add(From = [\"a\", \"Shared1\"])]", 3),

        // Activations of their own and applied by the layer before.
        .. Enum.GetValues<Activation>().Except([Activation.Identity]).Select(activation =>
            ("7", $"[Layer.Activation(Activation.{activation})] [Layer.Dense(17, Activation.{activation})] [Layer.Dense(3, Activation.{activation})]", 9)),
        .. ((Activation[])[Activation.HardSigmoid, Activation.HardSwish, Activation.Softsign, Activation.Mish]).Select(activation =>
            ("3, 3, 5", $"[Layer.Activation(Activation.{activation})]", 3)),
    ];

    private const string Classes = """
        using NetGen;

        [Layer.Dense(7, Activation.Tanh), Layer.Block(typeof(Scaled)), Layer.Add(From = ["Block1", "input"])] static class Residual;
        [Layer.PReLU, Layer.Custom(typeof(Snake))] static class Scaled;

        static class Snake
        {
            public static V Forward<V>(V x) where V : struct, IVector<V> => x + V.Sin(x) * V.Sin(x);
            public static V Derivative<V>(V x) where V : struct, IVector<V> => V.Constant(1) + V.Sin(x + x);
        }

        static class Reciprocal
        {
            public static V Forward<V>(V x) where V : struct, IVector<V> => V.Constant(1) / x;
            public static V Derivative<V>(V x) where V : struct, IVector<V> => V.Constant(-1) / (x * x);
        }

        """;

    private static readonly Lazy<Assembly> Networks = new(() => NetworkCompiler.Load(Classes + string.Join('\n', All.SelectMany(
        (@case, index) => Enum.GetValues<Precision>().Select(precision =>
            $"[Network({@case.Shape}, Loss = Loss.MeanSquaredError, Precision = Precision.{precision})] {@case.Layers} partial class {precision}{index};")))));

    /// <summary>The numbers of the cases, with what stands there for the report.</summary>
    public static TheoryData<int, string> Cases
    {
        get
        {
            TheoryData<int, string> cases = [];
            for (int index = 0; index < All.Length; index++)
                cases.Add(index, $"{All[index].Shape}: {All[index].Layers} x {All[index].Rows}");
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_are_central_differences(int index, string description)
    {
        INetwork<double> network = NetworkCompiler.Create<double>(Networks.Value, $"Double{index}");
        INetwork<float> single = NetworkCompiler.Create<float>(Networks.Value, $"Single{index}");
        foreach (bool running in HasStatistics(network.Info) ? (bool[])[false, true] : [true])
        {
            (Numbers numbers, Numbers differences) = SmoothPoint(network, All[index].Rows, running, index);
            string statistics = running ? "" : " by the statistics of the batch";
            foreach (int bits in Widths<double>.Available)
                AssertNear(differences, Gradients(network, numbers, bits, running), network.Info, 1e-7, $"{description}{statistics}, {bits} bits");
            foreach (int bits in Widths<float>.Available)
                AssertNear(differences, Gradients(single, numbers, bits, running), network.Info, 2e-5, $"{description}{statistics} in single precision, {bits} bits");
        }
    }

    // A point without a kink nearby, as the differences alone tell: over half the step they are then the same.
    private static (Numbers Point, Numbers Differences) SmoothPoint(INetwork<double> network, int rows, bool running, int index)
    {
        const int Attempts = 4;
        for (int attempt = 1; ; attempt++)
        {
            Numbers point = new(network.Info, rows, seed: index + (attempt - 1) * All.Length);
            Numbers differences = Differences(network, point, running, Step), halfDifferences = Differences(network, point, running, Step / 2);
            double change = differences.Tensors.Zip(halfDifferences.Tensors).Max(pair => Near.Error<double>(pair.First, pair.Second));
            if (change < Kink || attempt == Attempts)
                return (point, differences);
        }
    }

    private static bool HasStatistics(NetworkInfo info) => info.Parameters.ToArray().Any(parameter => !parameter.IsTrained);

    private static void AssertNear(Numbers expected, Numbers actual, NetworkInfo info, double tolerance, string description)
    {
        Near.Assert_<double>(expected.Inputs, actual.Inputs, tolerance, $"input gradients of {description}");
        foreach (int i in Enumerable.Range(0, expected.Parameters.Length).Where(i => info.Parameters[i].IsTrained))
            Near.Assert_<double>(expected.Parameters[i], actual.Parameters[i], tolerance, $"gradient of {info.Parameters[i].Name} of {description}");
    }

    private static Numbers Differences(INetwork<double> network, Numbers point, bool running, double step)
    {
        Widths<double> widths = new(network);
        int bits = Widths<double>.Available.First();
        point.CopyTo(network);
        return new([.. point.Inputs.Select((_, i) => Difference(ref point.Inputs[i], () => { }))], [],
        [
            .. point.Parameters.Select((values, p) => values.Select((_, i) =>
                Difference(ref values[i], () => network.Info.Parameters[p].CopyFrom<double>(values, network.Parameters.Span))).ToArray()),
        ]);

        double Difference(ref double value, Action changed)
        {
            double middle = value;
            value = middle + step;
            changed();
            double above = Loss();
            value = middle - step;
            changed();
            double below = Loss();
            value = middle;
            changed();
            return (above - below) / (2 * step);
        }

        double Loss() => widths.Train(
            bits, new TrainingPass<double> { Inputs = point.Inputs, Targets = point.Targets, Scale = 1, UseRunningStatistics = running });
    }

    // Also that predicting gives what training computes by running statistics, that gradients are added to, and that padding stays zero.
    private static Numbers Gradients<T>(INetwork<T> network, Numbers point, int bits, bool running)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Widths<T> widths = new(network);
        point.CopyTo(network);
        T[] inputs = Numbers.Convert<double, T>(point.Inputs), targets = Numbers.Convert<double, T>(point.Targets);
        T[] inputGradients = new T[inputs.Length];
        ParameterBuffer<T> gradients = new(network.Parameters.Length);

        Memory.Soil<T>();
        T[] outputs = widths.Forward(bits, inputs, link: false);
        double squares = outputs.Zip(targets, (output, target) => double.CreateTruncating((output - target) * (output - target))).Sum();
        for (int pass = 0; pass < 2; pass++)
        {
            Memory.Soil<T>();
            double loss = widths.Train(bits, new TrainingPass<T>
            {
                Inputs = inputs,
                Targets = targets,
                Gradients = gradients,
                InputGradients = inputGradients,
                Scale = T.One,
                UseRunningStatistics = running,
            });
            if (running)
                Near.Assert_<double>([squares / network.Info.OutputSize], [loss], typeof(T) == typeof(double) ? 1e-12 : 1e-5, "loss");
        }

        double[][] parameters = [.. network.Info.Parameters.ToArray().Select(parameter =>
        {
            T[] gradient = new T[parameter.Count];
            parameter.CopyTo<T>(gradients.Span, gradient);
            parameter.CopyFrom<T>(new T[parameter.Count], gradients.Span);
            return Array.ConvertAll(gradient, value => double.CreateTruncating(value) / 2);
        })];
        Assert.All(gradients.Span.ToArray(), padding => Assert.Equal(T.Zero, padding));
        return new(Numbers.Convert<T, double>(inputGradients), [], parameters);
    }

    /// <summary>A point of the function that is differentiated, or its gradient there.</summary>
    private sealed record Numbers(double[] Inputs, double[] Targets, double[][] Parameters)
    {
        /// <summary>Numbers that are exact in single precision; inputs have distances that no step bridges.</summary>
        public Numbers(NetworkInfo info, int rows, int seed)
            : this(new double[rows * info.InputSize], new double[rows * info.OutputSize], [.. info.Parameters.ToArray().Select(parameter => new double[parameter.Count])])
        {
            Random random = new(seed);
            for (int i = 0; i < Inputs.Length; i++)
                Inputs[i] = (float)((i - Inputs.Length / 2d + 0.3) * 8 / Inputs.Length);
            random.Shuffle(Inputs);
            foreach (double[] values in Parameters.Append(Targets))
            {
                foreach (ref double value in values.AsSpan())
                    value = (float)(2 * random.NextDouble() - 1);
            }

            foreach ((ParameterInfo parameter, double[] variances) in info.Parameters.ToArray().Zip(Parameters))
            {
                if (!parameter.Name.EndsWith(".running_var", StringComparison.Ordinal))
                    continue;
                foreach (ref double variance in variances.AsSpan())
                    variance = (float)(1.5 + variance);
            }
        }

        public IEnumerable<double[]> Tensors => Parameters.Prepend(Inputs);

        public static TTo[] Convert<TFrom, TTo>(TFrom[] values)
            where TFrom : INumberBase<TFrom>
            where TTo : INumberBase<TTo> => Array.ConvertAll(values, TTo.CreateTruncating);

        public void CopyTo<T>(INetwork<T> network)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            for (int i = 0; i < Parameters.Length; i++)
                network.Info.Parameters[i].CopyFrom<T>(Convert<double, T>(Parameters[i]), network.Parameters.Span);
        }
    }
}
