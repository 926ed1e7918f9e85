namespace NetGen.Tests.Generation;

/// <summary>What is wrong with a layer for what it is given.</summary>
internal static class MistakesOfShapes
{
    public static IReadOnlyList<Mistake> All { get; } =
    [
        new(
            "a convolution of 784 numbers",
            "[Network(784)] [{|NETGEN030:Layer.Conv2D(8, 3)|}] [Layer.Dense(10)] partial class Net;",
            ["'Conv2D1' takes [channels, height, width]", "shape [784]", "write [Network(1, 28, 28)]"],
            "[Network(1, 28, 28)] [Layer.Conv2D(8, 3)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a convolution of 3,072 numbers",
            "[Network(3072)] [{|NETGEN030:Layer.Conv2D(8, 3)|}] [Layer.Dense(10)] partial class Net;",
            ["shape [3072]", "write [Network(3, 32, 32)]"],
            "[Network(3, 32, 32)] [Layer.Conv2D(8, 3)] [Layer.Dense(10)] partial class Net;"),
        new(
            "an image without channels",
            "[Network(28, 28)] [{|NETGEN030:Layer.Conv2D(8, 3)|}] [Layer.Dense(10)] partial class Net;",
            ["shape [28, 28]", "write [Network(1, 28, 28)]"],
            "[Network(1, 28, 28)] [Layer.Conv2D(8, 3)] [Layer.Dense(10)] partial class Net;"),
        new(
            "an image with its channel last",
            "[Network(28, 28, 1)] [Layer.Conv2D(8, {|NETGEN031:3|})] [Layer.Dense(10)] partial class Net;",
            ["'Conv2D1' spans 3 along a dimension of 1", "[28, 28, 1]", "shapes are channels first: write [Network(1, 28, 28)]"],
            "[Network(1, 28, 28)] [Layer.Conv2D(8, 3)] [Layer.Dense(10)] partial class Net;"),
        new(
            "an image with its channel last, padded",
            "[{|NETGEN053:Network(28, 28, 1)|}] [Layer.Conv2D(8, 3, Padding = Layer.Same)] [Layer.Dense(10)] partial class Net;",
            ["[28, 28, 1] of layer 'Conv2D1' has 28 channels", "write [Network(1, 28, 28)]"],
            "[Network(1, 28, 28)] [Layer.Conv2D(8, 3, Padding = Layer.Same)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a picture with its colours last",
            "[{|NETGEN053:Network(32, 32, 3)|}] [Layer.Conv2D(8, 3)] [Layer.Dense(10)] partial class Net;",
            ["[32, 32, 3] of layer 'Conv2D1' has 32 channels", "write [Network(3, 32, 32)]"],
            "[Network(3, 32, 32)] [Layer.Conv2D(8, 3)] [Layer.Dense(10)] partial class Net;"),
        new(
            "pooling with the channel last",
            "[Network(28, 28, 1)] [Layer.MaxPool2D({|NETGEN031:2|})] [Layer.Dense(10)] partial class Net;",
            ["'MaxPool2D1' spans 2 along a dimension of 1", "write [Network(1, 28, 28)]"],
            "[Network(1, 28, 28)] [Layer.MaxPool2D(2)] [Layer.Dense(10)] partial class Net;"),
        new(
            "pooling of numbers",
            "[Network(784)] [{|NETGEN030:Layer.MaxPool2D(2)|}] [Layer.Dense(10)] partial class Net;",
            ["'MaxPool2D1' takes [channels, height, width]", "[784]", "write [Network(1, 28, 28)]"],
            "[Network(1, 28, 28)] [Layer.MaxPool2D(2)] [Layer.Dense(10)] partial class Net;"),
        new(
            "pooled away",
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.MaxPool2D(2)] [Layer.MaxPool2D(2)] [Layer.MaxPool2D({|NETGEN031:2|})] [Layer.Dense(10)] "
            + "partial class Net;",
            ["'MaxPool2D3' spans 2 along a dimension of 1 in the shape [4, 1, 1]", "remove it, or pool less above it"],
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.MaxPool2D(2)] [Layer.MaxPool2D(2)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a window too large",
            "[Network(1, 8, 8)] [Layer.AveragePool2D(2)] [Layer.AveragePool2D({|NETGEN031:5|})] [Layer.Dense(10)] partial class Net;",
            ["'AveragePool2D2' spans 5 along a dimension of 4 in the shape [1, 4, 4]", "make it 4 or smaller"],
            "[Network(1, 8, 8)] [Layer.AveragePool2D(2)] [Layer.AveragePool2D(4)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a kernel too large",
            "[Network(1, 8, 8)] [Layer.MaxPool2D(2)] [Layer.Conv2D(8, {|NETGEN031:5|})] [Layer.Dense(10)] partial class Net;",
            ["'Conv2D1' spans 5 along a dimension of 4 in the shape [1, 4, 4]", "make it 4 or smaller, or write Padding = Layer.Same"],
            "[Network(1, 8, 8)] [Layer.MaxPool2D(2)] [Layer.Conv2D(8, 5, Padding = Layer.Same)] [Layer.Dense(10)] partial class Net;"),
        new(
            "an even kernel too large",
            "[Network(4, 6)] [Layer.Conv1D(8, {|NETGEN031:8|})] [Layer.Dense(10)] partial class Net;",
            ["'Conv1D1' spans 8 along a dimension of 6 in the shape [4, 6]", "make it 6 or smaller, or write Padding = 1"],
            "[Network(4, 6)] [Layer.Conv1D(8, 8, Padding = 1)] [Layer.Dense(10)] partial class Net;"),
        new(
            "global pooling of a flattened image",
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.Flatten] [{|NETGEN030:Layer.GlobalAveragePool|}] [Layer.Dense(10)] partial class Net;",
            ["'GlobalAveragePool1' takes channels and positions", "[144]", "remove 'Flatten1'"],
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.GlobalAveragePool] [Layer.Dense(10)] partial class Net;"),
        new(
            "global pooling of a row",
            "[Network(13)] [Layer.Dense(10)] [{|NETGEN030:Layer.GlobalMaxPool|}] partial class Net;",
            ["'GlobalMaxPool1' takes channels and positions", "[10]", "remove it"],
            "[Network(13)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a convolution of a flattened image",
            "[Network(1, 8, 8)] [Layer.MaxPool2D(2)] [Layer.Flatten] [{|NETGEN030:Layer.Conv2D(4, 3)|}] [Layer.Dense(10)] partial class Net;",
            ["'Conv2D1' takes [channels, height, width]", "[16]", "put it above 'Flatten1'"],
            "[Network(1, 8, 8)] [Layer.MaxPool2D(2)] [Layer.Conv2D(4, 3)] [Layer.Flatten] [Layer.Dense(10)] partial class Net;"),
        new(
            "a convolution behind a dense layer",
            "[Network(16)] [Layer.Dense(196, Activation.ReLU)] [{|NETGEN030:Layer.ConvTranspose2D(1, 2, Stride = 2)|}] partial class Net;",
            ["'ConvTranspose2D1' takes [channels, height, width]", "[196]", "put [Layer.Reshape(1, 14, 14)] between them"],
            "[Network(16)] [Layer.Dense(196, Activation.ReLU)] [Layer.Reshape(1, 14, 14)] [Layer.ConvTranspose2D(1, 2, Stride = 2)] partial class Net;"),
        new(
            "a convolution of signals on an image",
            "[Network(3, 8, 8)] [{|NETGEN030:Layer.Conv1D(4, 3)|}] [Layer.Dense(10)] partial class Net;",
            ["'Conv1D1' takes [channels, length]", "[3, 8, 8]", "use Conv2D"],
            "[Network(3, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.Dense(10)] partial class Net;"),
        new(
            "pooling of images on a signal",
            "[Network(1, 64)] [Layer.Conv1D(4, 3)] [{|NETGEN030:Layer.MaxPool2D(2)|}] [Layer.Dense(10)] partial class Net;",
            ["'MaxPool2D1' takes [channels, height, width]", "[4, 62]", "use MaxPool1D"],
            "[Network(1, 64)] [Layer.Conv1D(4, 3)] [Layer.MaxPool1D(2)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a convolution of signals without channels",
            "[Network(64)] [{|NETGEN030:Layer.Conv1D(4, 3)|}] [Layer.Dense(10)] partial class Net;",
            ["'Conv1D1' takes [channels, length]", "[64]", "write [Network(1, 64)]"],
            "[Network(1, 64)] [Layer.Conv1D(4, 3)] [Layer.Dense(10)] partial class Net;"),
        new(
            "the same size of an even kernel",
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 4, {|NETGEN034:Padding = Layer.Same|})] [Layer.Dense(10)] partial class Net;",
            ["'Conv2D1' has Padding = Layer.Same", "this one spans 4: write a kernel of 3 or 5"],
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 5, Padding = Layer.Same)] [Layer.Dense(10)] partial class Net;"),
        new(
            "groups that do not divide",
            "[Network(6, 8, 8)] [Layer.Conv2D(9, 3, {|NETGEN033:Groups = 2|})] [Layer.Dense(10)] partial class Net;",
            ["'Conv2D1' has 2 groups, which must divide its 6 channels and 9 filters", "write 1 or 3"],
            "[Network(6, 8, 8)] [Layer.Conv2D(9, 3, Groups = 3)] [Layer.Dense(10)] partial class Net;"),
        new(
            "32 groups of 16 channels",
            "[Network(1, 8, 8)] [Layer.Conv2D(16, 3)] [Layer.GroupNorm({|NETGEN033:32|})] [Layer.Dense(10)] partial class Net;",
            ["'GroupNorm1' has 32 groups, which must divide its 16 channels", "write 1, 2, 4, 8 or 16"],
            "[Network(1, 8, 8)] [Layer.Conv2D(16, 3)] [Layer.GroupNorm(8)] [Layer.Dense(10)] partial class Net;"),
        new(
            "output padding as large as the stride",
            "[Network(1, 8, 8)] [Layer.ConvTranspose2D(4, 3, Stride = 2, {|NETGEN034:OutputPadding = 2|})] [Layer.Dense(10)] partial class Net;",
            ["'ConvTranspose2D1' has OutputPadding = 2", "from 0 to 1, less than the stride"],
            "[Network(1, 8, 8)] [Layer.ConvTranspose2D(4, 3, Stride = 2, OutputPadding = 1)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a softmax over channels",
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3, {|NETGEN030:Activation.Softmax|})] [Layer.Dense(10)] partial class Net;",
            ["'Conv2D1' takes an activation of single elements", "put a softmax into a layer of its own"],
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.Activation(Activation.Softmax)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a shape of other elements",
            "[Network(784)] [{|NETGEN036:Layer.Reshape(1, 28, 27)|}] [Layer.Dense(10)] partial class Net;",
            ["'Reshape1' cannot give [784] the shape [1, 28, 27]", "756 elements instead of 784", "write -1"],
            "[Network(784)] [Layer.Reshape(1, 28, -1)] [Layer.Dense(10)] partial class Net;"),
        new(
            "an order that counts the batch",
            "[Network(3, 8, 6)] [Layer.Permute(2, {|NETGEN037:3|}, 1)] [Layer.Dense(10)] partial class Net;",
            ["'Permute1' has the order (2, 3, 1)", "by the numbers 0, 1, 2"],
            "[Network(3, 8, 6)] [Layer.Permute(1, 2, 0)] [Layer.Dense(10)] partial class Net;"),
        new(
            "cropped away",
            "[Network(3, 8, 6)] [Layer.Crop2D({|NETGEN038:3|})] [Layer.Dense(10)] partial class Net;",
            ["'Crop2D1' removes 3 and 3 of 6 columns", "remove fewer"],
            "[Network(3, 8, 6)] [Layer.Crop2D(2)] [Layer.Dense(10)] partial class Net;"),
        new(
            "pieces that do not divide",
            "[Network(13)] [Layer.Dense(10)] [Layer.Maxout({|NETGEN039:4|})] partial class Net;",
            ["'Maxout1' takes the largest of each 4 channels", "has 10"],
            "[Network(13)] [Layer.Dense(10)] [Layer.Maxout(5)] partial class Net;"),
        new(
            "channels dropped of a row",
            "[Network(13)] [Layer.Dense(10)] [{|NETGEN030:Layer.SpatialDropout(0.2)|}] partial class Net;",
            ["'SpatialDropout1' takes channels and positions", "[10]", "use Dropout"],
            "[Network(13)] [Layer.Dense(10)] [Layer.Dropout(0.2)] partial class Net;"),
        new(
            "indexes in two dimensions",
            "[Network(4, 2)] [{|NETGEN030:Layer.Embedding(100, 8)|}] [Layer.Dense(10)] partial class Net;",
            ["'Embedding1' takes [length] indexes", "[4, 2]", "put [Layer.Flatten] before it"],
            "[Network(4, 2)] [Layer.Flatten] [Layer.Embedding(100, 8)] [Layer.Dense(10)] partial class Net;"),
        new(
            "mirrored beyond the image",
            "[Network(1, 4, 6)] [Layer.Pad2D({|NETGEN035:4|}, Mode = PadMode.Reflect)] [Layer.Dense(10)] partial class Net;",
            ["'Pad2D1' has Size = 4", "less than the height 4"],
            "[Network(1, 4, 6)] [Layer.Pad2D(3, Mode = PadMode.Reflect)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a mask of another width",
            "[Network(13)] [Layer.Dense(6)] [Layer.MaskedDense(4, Mask = new[] { \"110\", {|NETGEN042:\"01\"|} })] partial class Net;",
            ["'MaskedDense1' has 2 characters in text 2 of its mask, but 3 in the first", "equally long"],
            "[Network(13)] [Layer.Dense(6)] [Layer.MaskedDense(4, Mask = new[] { \"110\", \"011\" })] partial class Net;"),
    ];
}
