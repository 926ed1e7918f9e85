namespace NetGen.Tests.Generation;

/// <summary>What is wrong between layers: names, joins, blocks, inputs and shared weights.</summary>
internal static class MistakesOfGraphs
{
    public static IReadOnlyList<Mistake> All { get; } =
    [
        new(
            "a name misspelt",
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.Conv2D(4, 3, Padding = 1)] [Layer.Add(From = [\"Conv2D1\", {|NETGEN026:\"Conv2d_2\"|}])] "
            + "[Layer.Dense(10)] partial class Net;",
            ["'Add1' takes 'Conv2d_2' in From", "did you mean 'Conv2D2'?"],
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.Conv2D(4, 3, Padding = 1)] [Layer.Add(From = [\"Conv2D1\", \"Conv2D2\"])] "
            + "[Layer.Dense(10)] partial class Net;"),
        new(
            "two names that do not exist",
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(8)] [Layer.Add(From = new[] { {|NETGEN026:\"dense_1\"|}, {|NETGEN026:\"x\"|} })] "
            + "partial class Net;",
            ["'Add1' takes 'dense_1' in From", "did you mean 'Dense1'?", "'Add1' takes 'x' in From", "there are input, Dense1, Dense2"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(8)] [Layer.Add(From = new[] { \"Dense1\", \"Dense2\" })] partial class Net;"),
        new(
            "a layer further down",
            "[Network(13)] [Layer.Dense(8)] [Layer.Add(From = [\"Dense1\", {|NETGEN026:\"Dense2\"|}])] [Layer.Dense(8)] partial class Net;",
            ["'Add1' takes 'Dense2' in From", "'Dense2' is further down: move it up"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(8)] [Layer.Add(From = [\"Dense1\", \"Dense2\"])] partial class Net;"),
        new(
            "a dense layer with two inputs",
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(8)] [Layer.Dense(3, {|NETGEN029:From = [\"Dense1\", \"Dense2\"]|})] partial class Net;",
            ["'Dense3' has 2 inputs and takes one", "join them with Layer.Concat or Layer.Add above it"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(8)] [Layer.Concat(From = [\"Dense1\", \"Dense2\"])] [Layer.Dense(3)] partial class Net;"),
        new(
            "a dense layer with two unlike inputs",
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(3, {|NETGEN029:From = [\"Dense1\", \"input\"]|})] partial class Net;",
            ["'Dense2' has 2 inputs and takes one", "join them with Layer.Concat above it"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Concat(From = [\"Dense1\", \"input\"])] [Layer.Dense(3)] partial class Net;"),
        new(
            "a sum of one",
            "[Network(13)] [Layer.Dense(13)] [{|NETGEN029:Layer.Add|}] partial class Net;",
            ["'Add1' has 1 input and takes two or more", "name them in From"],
            "[Network(13)] [Layer.Dense(13)] [Layer.Add(From = [\"Dense1\", \"input\"])] partial class Net;"),
        new(
            "a sum of unlike rows",
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(4)] [Layer.Add({|NETGEN028:From = [\"Dense1\", \"Dense2\"]|})] partial class Net;",
            ["'Add1' joins 'Dense1' and 'Dense2', whose shapes are [8] and [4]", "give 'Dense2' 8 units"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(8)] [Layer.Add(From = [\"Dense1\", \"Dense2\"])] partial class Net;"),
        new(
            "a sum with the input",
            "[Network(13)] [Layer.Dense(8)] [Layer.Activation(Activation.ReLU)] [Layer.Add({|NETGEN028:From = [\"Activation1\", \"input\"]|})] "
            + "partial class Net;",
            ["'Activation1' and 'input', whose shapes are [8] and [13]", "give 'Dense1' 13 units"],
            "[Network(13)] [Layer.Dense(13)] [Layer.Activation(Activation.ReLU)] [Layer.Add(From = [\"Activation1\", \"input\"])] partial class Net;"),
        new(
            "a sum of unlike channels",
            "[Network(3, 8, 8)] [Layer.Conv2D(8, 3, Padding = Layer.Same)] [Layer.Conv2D(16, 3, Padding = Layer.Same)] "
            + "[Layer.Add({|NETGEN028:From = [\"Conv2D1\", \"Conv2D2\"]|})][Layer.Dense(2)] partial class Net;",
            ["'Conv2D1' and 'Conv2D2', whose shapes are [8, 8, 8] and [16, 8, 8]", "give 'Conv2D2' 8 filters"],
            "[Network(3, 8, 8)] [Layer.Conv2D(8, 3, Padding = Layer.Same)] [Layer.Conv2D(8, 3, Padding = Layer.Same)] "
            + "[Layer.Add(From = [\"Conv2D1\", \"Conv2D2\"])][Layer.Dense(2)] partial class Net;"),
        new(
            "a shortcut around a stride",
            "[Network(3, 8, 8)] [Layer.Conv2D(8, 3, Stride = 2, Padding = Layer.Same)] [Layer.Add({|NETGEN028:From = [\"Conv2D1\", \"input\"]|})] "
            + "[Layer.Dense(2)] partial class Net;",
            [
                "whose shapes are [8, 4, 4] and [3, 8, 8]", "put a 1 x 1 convolution with Stride = 2 behind 'input'",
                "[Layer.Conv2D(8, 1, Stride = 2, From = [\"input\"])]"
            ],
            "[Network(3, 8, 8)] [Layer.Conv2D(8, 3, Stride = 2, Padding = Layer.Same)] "
            + "[Layer.Conv2D(8, 1, Stride = 2, From = [\"input\"])][Layer.Add(From = [\"Conv2D1\", \"Conv2D2\"])] [Layer.Dense(2)] partial class Net;"),
        new(
            "a shortcut around a convolution without padding",
            "[Network(3, 8, 8)] [Layer.Conv2D(3, 3)] [Layer.Add({|NETGEN028:From = [\"Conv2D1\", \"input\"]|})] [Layer.Dense(2)] partial class Net;",
            ["whose shapes are [3, 6, 6] and [3, 8, 8]", "give 'Conv2D1' Padding = Layer.Same"],
            "[Network(3, 8, 8)] [Layer.Conv2D(3, 3, Padding = Layer.Same)] [Layer.Add(From = [\"Conv2D1\", \"input\"])] [Layer.Dense(2)] partial class Net;"),
        new(
            "a shortcut to more channels, without padding",
            "[Network(3, 8, 8)] [Layer.Conv2D(8, 3)] [Layer.Add({|NETGEN028:From = [\"Conv2D1\", \"input\"]|})] [Layer.Dense(2)] partial class Net;",
            ["whose shapes are [8, 6, 6] and [3, 8, 8]", "give 'Conv2D1' Padding = Layer.Same and 3 filters"],
            "[Network(3, 8, 8)] [Layer.Conv2D(3, 3, Padding = Layer.Same)] [Layer.Add(From = [\"Conv2D1\", \"input\"])] [Layer.Dense(2)] partial class Net;"),
        new(
            "a row beside an image",
            "[Network(3, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.Dense(8, From = [\"input\"])] "
            + "[Layer.Concat({|NETGEN028:From = [\"Conv2D1\", \"Dense1\"]|})] [Layer.Dense(2)] partial class Net;",
            ["whose shapes are [4, 6, 6] and [8]", "put [Layer.Flatten(From = [\"Conv2D1\"])] behind 'Conv2D1' and join that"],
            "[Network(3, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.Dense(8, From = [\"input\"])] [Layer.Flatten(From = [\"Conv2D1\"])] "
            + "[Layer.Concat(From = [\"Flatten1\", \"Dense1\"])][Layer.Dense(2)] partial class Net;"),
        new(
            "a branch that nobody takes",
            "[Network(13)] [Layer.Dense(8)] [{|NETGEN027:Layer.Dense(4)|}] [Layer.Dense(3, From = [\"Dense1\"])] partial class Net;",
            ["Nothing takes the output of layer 'Dense2'", "or remove it"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(3, From = [\"Dense1\"])] partial class Net;"),
        new(
            "weights of nobody",
            "[Network(13)] [Layer.Dense(13)] [Layer.Shared({|NETGEN045:\"dense1\"|})] partial class Net;",
            ["'Shared1' cannot share 'dense1'", "there is no layer of that name above"],
            "[Network(13)] [Layer.Dense(13)] [Layer.Shared(\"Dense1\")] partial class Net;"),
        new(
            "weights for another width",
            "[Network(13)] [Layer.Dense(8)] [Layer.Shared({|NETGEN045:\"Dense1\"|})] partial class Net;",
            ["'Shared1' cannot share 'Dense1': it takes [13], but what it is given has shape [8]"],
            "[Network(13)] [Layer.Dense(13)] [Layer.Shared(\"Dense1\")] partial class Net;"),
        new(
            "a block without layers",
            "[Network(13)] [Layer.Block({|NETGEN043:typeof(Body)|})] [Layer.Dense(3)] partial class Net; static class Body;",
            ["'Block1' cannot take its layers from the class: 'Body' has no layers", "write them above its declaration"],
            "[Network(13)] [Layer.Block(typeof(Body))] [Layer.Dense(3)] partial class Net; [Layer.Dense(13)] static class Body;"),
        new(
            "a block in itself",
            "[Network(13)] [Layer.Block({|NETGEN043:typeof(Body)|})] [Layer.Dense(3)] partial class Net; [Layer.Dense(13)] [Layer.Block(typeof(Body))] "
            + "static class Body;",
            ["'Body' contains itself: remove [Layer.Block(typeof(Body))] from its class", "set Repeat"],
            "[Network(13)] [Layer.Block(typeof(Body), Repeat = 3)] [Layer.Dense(3)] partial class Net; [Layer.Dense(13)] static class Body;"),
        new(
            "a mistake in a block",
            "[Network(13)] [{|NETGEN007:Layer.Block(typeof(Body))|}] [Layer.Dense(3)] partial class Net; [Layer.Dense(0)] static class Body;",
            ["'Block1Dense1' has 0 units"],
            "[Network(13)] [Layer.Block(typeof(Body))] [Layer.Dense(3)] partial class Net; [Layer.Dense(13)] static class Body;"),
        new(
            "a block 500 times",
            "[Network(13)] [Layer.Block(typeof(Body), {|NETGEN014:Repeat = 500|})] [Layer.Dense(3)] partial class Net; [Layer.Dense(13)] [Layer.PReLU] "
            + "static class Body;",
            ["'Net' needs 1001 layers", "'Block1' repeats 2 layers 500 times, and Repeat = 99 is the most that fits"],
            "[Network(13)] [Layer.Block(typeof(Body), Repeat = 99)] [Layer.Dense(3)] partial class Net; [Layer.Dense(13)] [Layer.PReLU] static class Body;"),
        new(
            "a shape beside inputs",
            "[{|NETGEN044:Network(16)|}] [Layer.Input(8, Name = \"left\")] [Layer.Input(8, Name = \"right\")] "
            + "[Layer.Concat(From = [\"left\", \"right\"])] [Layer.Dense(2)] partial class Net;",
            ["'Net' has a shape on [Network] and declares inputs below", "keep one"],
            "[Network] [Layer.Input(8, Name = \"left\")] [Layer.Input(8, Name = \"right\")] [Layer.Concat(From = [\"left\", \"right\"])] "
            + "[Layer.Dense(2)] partial class Net;"),
        new(
            "an input that comes late",
            "[Network] [Layer.Input(8)] [Layer.Dense(8)] [{|NETGEN044:Layer.Input(8)|}] [Layer.Add(From = [\"Dense1\", \"Input2\"])] partial class Net;",
            ["input 'Input2' behind other layers", "inputs come first"],
            "[Network] [Layer.Input(8)] [Layer.Input(8)] [Layer.Dense(8, From = [\"Input1\"])] [Layer.Add(From = [\"Dense1\", \"Input2\"])] "
            + "partial class Net;"),
        new(
            "a batch of -1 in an input",
            "[Network] [Layer.Input({|NETGEN005:-1|}, 8)] [Layer.Dense(3)] partial class Net;",
            ["Dimension 1 of the input shape is -1", "leave out the batch, as in [Layer.Input(8)]"],
            "[Network] [Layer.Input(8)] [Layer.Dense(3)] partial class Net;"),
    ];
}
