namespace NetGen.Tests.Generation;

/// <summary>What is wrong with the class, its names, its input or its loss.</summary>
internal static class MistakesOfClasses
{
    private const string OwnLoss = """
        static class Own
        {
            public static V Loss<V>(V o, V t) where V : struct, IVector<V> => (o - t) * (o - t);
            public static V Derivative<V>(V o, V t) where V : struct, IVector<V> => V.Constant(2) * (o - t);
        }
        """;

    public static IReadOnlyList<Mistake> All { get; } =
    [
        new(
            "not partial",
            "[Network(13)] [Layer.Dense(8)] public sealed class {|NETGEN001:Net|};",
            ["'Net' must be partial", "write 'partial class Net'"],
            "[Network(13)] [Layer.Dense(8)] public sealed partial class Net;") { CanGetMembers = false },
        new(
            "inside a class that is not partial",
            "static class {|NETGEN002:Models|} { [Network(13)] [Layer.Dense(8)] public partial class Net; }",
            ["'Models' contains the network 'Net'", "write 'partial'"],
            "static partial class Models { [Network(13)] [Layer.Dense(8)] public partial class Net; }") { CanGetMembers = false, Class = "Models.Net" },
        new(
            "a record",
            "[Network(13)] [Layer.Dense(8)] partial record {|NETGEN003:Net|};",
            ["'Net' cannot be a record", "plain, non-generic, instantiable class"],
            "[Network(13)] [Layer.Dense(8)] partial class Net;") { CanGetMembers = false },
        new(
            "a primary constructor",
            "[Network(13)] [Layer.Dense(8)] partial class {|NETGEN003:Net|}(int units);",
            ["'Net' cannot be a class with a primary constructor"],
            "[Network(13)] [Layer.Dense(8)] partial class Net;") { CanGetMembers = false },
        new(
            "no input shape",
            "[{|NETGEN004:Network(Loss = Loss.MeanSquaredError)|}] [Layer.Dense(1)] partial class Net;",
            ["'Net' has no input shape", "[Network(784)]"],
            "[Network(784, Loss = Loss.MeanSquaredError)] [Layer.Dense(1)] partial class Net;"),
        new(
            "a batch of -1 in the input shape",
            "[Network({|NETGEN005:-1|}, 784)] [Layer.Dense(10)] partial class Net;",
            ["Dimension 1 of the input shape is -1", "leave out the batch, as in [Network(784)]"],
            "[Network(784)] [Layer.Dense(10)] partial class Net;"),
        new(
            "an input of nothing",
            "[Network({|NETGEN005:0|})] [Layer.Dense(10)] partial class Net;",
            ["Dimension 1 of the input shape is 0", "at least 1"],
            "[Network(1)] [Layer.Dense(10)] partial class Net;"),
        new(
            "a batch of 32 before an image",
            "[Network(32, 1, 12, 12)] [{|NETGEN030:Layer.Conv2D(4, 3)|}] [Layer.Dense(10)] partial class Net;",
            ["'Conv2D1' takes [channels, height, width]", "[32, 1, 12, 12]", "leave out the batch: [Network(1, 12, 12)]"],
            "[Network(1, 12, 12)] [Layer.Conv2D(4, 3)] [Layer.Dense(10)] partial class Net;"),
        new(
            "no layers",
            "[{|NETGEN006:Network(13)|}] partial class Net;",
            ["'Net' has no layers", "[Layer.Dense(10)]"],
            "[Network(13)] [Layer.Dense(10)] partial class Net;") { View = null },
        new(
            "layers without [Network]",
            "[Layer.Dense(8, Activation.ReLU)] [Layer.Dense(3)] public partial class {|NETGEN048:Net|};",
            ["'Net' has layers and no [Network]", "such as [Network(784)]"],
            "[Network(784)] [Layer.Dense(8, Activation.ReLU)] [Layer.Dense(3)] public partial class Net;"),
        new(
            "layers without [Network], by their full names",
            "[NetGen.Layer.DenseAttribute(8), Layer.Dropout(0.5)] partial class {|NETGEN048:Net|} { }",
            ["'Net' has layers and no [Network]"],
            "[Network(4), NetGen.Layer.DenseAttribute(8), Layer.Dropout(0.5)] partial class Net { }"),
        new(
            "layers on two declarations",
            "[Network(13)] [Layer.Dense(8)] partial class {|NETGEN010:Net|}; [Layer.Dense(3)] partial class Net;",
            ["The layers of 'Net' are spread over 2 partial declarations", "put [Network] and all layers on one"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(3)] partial class Net; partial class Net;"),
        new(
            "a method of the user's called Train",
            "[Network(13)] [Layer.Dense(8)] partial class Net { public void {|NETGEN011:Train|}(int epochs) { } }",
            ["'Train' in 'Net' clashes", "rename it"],
            "[Network(13)] [Layer.Dense(8)] partial class Net { public void TrainFor(int epochs) { } }"),
        new(
            "a property of the user's called Info",
            "[Network(13)] [Layer.Dense(8)] partial class Net { public string {|NETGEN011:Info|} => \"mine\"; }",
            ["'Info' in 'Net' clashes", "rename it"],
            "[Network(13)] [Layer.Dense(8)] partial class Net { public string About => \"mine\"; }"),
        new(
            "a constructor that takes a seed",
            "[Network(13)] [Layer.Dense(8)] partial class Net { public {|NETGEN011:Net|}(int seed) { } }",
            ["'Net(int)' in 'Net' clashes", "remove it: the generated constructor takes a seed"],
            "[Network(13)] [Layer.Dense(8)] partial class Net { }"),
        new(
            "a constructor that leaves the parameters out",
            "[Network(13)] [Layer.Dense(8)] partial class Net { public {|NETGEN020:Net|}(string name) { } }",
            ["Constructor 'Net.Net(string name)'", "add ': this(seed: 0)'"],
            "[Network(13)] [Layer.Dense(8)] partial class Net { public Net(string name) : this(seed: 0) { } }"),
        new(
            "a base class that wants arguments",
            "class Model { protected Model(string name) { } } [Network(13)] [Layer.Dense(8)] partial class {|NETGEN021:Net|} : Model;",
            ["Base class 'Model' of network 'Net'", "without parameters"],
            "class Model { protected Model() { } } [Network(13)] [Layer.Dense(8)] partial class Net : Model;") { CanGetMembers = false },
        new(
            "a layer called Activation",
            "[Network(13)] [Layer.Dense(8, Activation.ReLU, {|NETGEN011:Name = \"Activation\"|})] [Layer.Dense(3)] partial class Net;",
            ["'Activation' in 'Net' clashes", "give the layer another Name"],
            "[Network(13)] [Layer.Dense(8, Activation.ReLU, Name = \"Hidden\")] [Layer.Dense(3)] partial class Net;") { View = "Dense2" },
        new(
            "a layer called Loss",
            "[Network(13, Loss = Loss.Huber)] [Layer.Dense(8)] [Layer.Dense(1, {|NETGEN011:Name = \"Loss\"|})] partial class Net;",
            ["'Loss' in 'Net' clashes", "another Name"],
            "[Network(13, Loss = Loss.Huber)] [Layer.Dense(8)] [Layer.Dense(1, Name = \"Head\")] partial class Net;"),
        new(
            "a layer called Layer",
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3, Padding = Layer.Same, {|NETGEN011:Name = \"Layer\"|})] [Layer.Dense(1)] partial class Net;",
            ["'Layer' in 'Net' clashes", "another Name"],
            "[Network(1, 8, 8)] [Layer.Conv2D(4, 3, Padding = Layer.Same, Name = \"Conv\")] [Layer.Dense(1)] partial class Net;"),
        new(
            "a layer called Predict",
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(3, {|NETGEN011:Name = \"Predict\"|})] partial class Net;",
            ["'Predict' in 'Net' clashes", "another Name"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(3, Name = \"Prediction\")] partial class Net;"),
        new(
            "a layer name with a blank",
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(3, {|NETGEN016:Name = \"output layer\"|})] partial class Net;",
            ["'output layer' cannot name a member", "letters, digits and underscores"],
            "[Network(13)] [Layer.Dense(8)] [Layer.Dense(3, Name = \"OutputLayer\")] partial class Net;"),
        new(
            "a layer name twice",
            "[Network(13)] [Layer.Dense(8, Name = \"Fc\")] [Layer.Dense(3, {|NETGEN009:Name = \"Fc\"|})] partial class Net;",
            ["Layers 1 and 2 are both named 'Fc'", "another Name"],
            "[Network(13)] [Layer.Dense(8, Name = \"Fc\")] [Layer.Dense(3, Name = \"Fc2\")] partial class Net;") { View = "Fc" },

        // ---- losses ----
        new(
            "a softmax before its loss",
            "[Network(13, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense(3, {|NETGEN012:Activation.Softmax|})] partial class Net;",
            ["'Dense1' applies a softmax", "remove it here"],
            "[Network(13, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense(3)] partial class Net;"),
        new(
            "a sigmoid before its loss",
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1, {|NETGEN013:Activation.Sigmoid|})] partial class Net;",
            ["'Dense1' applies a sigmoid", "remove it here"],
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1)] partial class Net;"),
        new(
            "a ReLU before a loss on logits",
            "[Network(13, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense(3, {|NETGEN049:Activation.ReLU|})] partial class Net;",
            ["'Dense1' applies ReLU, which leaves no negative number", "SoftmaxCrossEntropy", "remove it here"],
            "[Network(13, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense(3)] partial class Net;"),
        new(
            "a ReLU layer before a loss on logits",
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1)] [Layer.Activation({|NETGEN049:Activation.ReLU|})] partial class Net;",
            ["'Activation1' applies ReLU", "BinaryCrossEntropy", "remove it here"],
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1)] partial class Net;"),
        new(
            "a hard sigmoid before a loss on logits",
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1, {|NETGEN049:Activation.HardSigmoid|})] partial class Net;",
            ["'Dense1' applies HardSigmoid, which leaves numbers from 0 to 1", "remove it here"],
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1)] partial class Net;"),
        new(
            "a softplus before a loss on logits",
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1, {|NETGEN049:Activation.Softplus|})] partial class Net;",
            ["'Dense1' applies Softplus", "remove it here"],
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1)] partial class Net;"),
        new(
            "a softmax before the other loss",
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(4, {|NETGEN049:Activation.Softmax|})] partial class Net;",
            ["'Dense1' applies Softmax", "BinaryCrossEntropy works on logits", "remove it here"],
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(4)] partial class Net;"),
        new(
            "dropout behind the last layer",
            "[Network(13, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense(3)] [{|NETGEN049:Layer.Dropout(0.25)|}] partial class Net;",
            ["'Dropout1' drops 25 % of the outputs", "put it before the last layer with weights"],
            "[Network(13, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dropout(0.25)] [Layer.Dense(3)] partial class Net;"),
        new(
            "a softmax of one output",
            "[Network(13, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense({|NETGEN023:1|})] partial class Net;",
            ["'Dense1' leaves one output", "use BinaryCrossEntropy"],
            "[Network(13, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1)] partial class Net;"),
        new(
            "two outputs and no loss",
            "[Network(13)] [Layer.Dense(8, Name = \"Stem\")] [Layer.Dense(1)] [{|NETGEN050:Layer.Output|}] [Layer.Dense(2, From = [\"Stem\"])] "
            + "[Layer.Output] partial class Net;",
            ["'Net' has 2 outputs and no loss", "[Layer.Output(Loss = Loss.MeanSquaredError)]"],
            "[Network(13)] [Layer.Dense(8, Name = \"Stem\")] [Layer.Dense(1)] "
            + "[Layer.Output(Loss = Loss.MeanSquaredError)][Layer.Dense(2, From = [\"Stem\"])] [Layer.Output(Loss = Loss.MeanSquaredError)] "
            + "partial class Net;") { View = "Stem" },
        new(
            "a loss on [Network] beside outputs",
            "[Network(13, {|NETGEN047:Loss = Loss.Huber|})] [Layer.Dense(8, Name = \"Stem\")] [Layer.Dense(1)] "
            + "[Layer.Output][Layer.Dense(2, From = [\"Stem\"])] [Layer.Output(Loss = Loss.MeanSquaredError)] partial class Net;",
            ["Network 'Net' has a loss on [Network] beside its outputs", "[Layer.Output(Loss = Loss.Huber)]"],
            "[Network(13)] [Layer.Dense(8, Name = \"Stem\")] [Layer.Dense(1)] [Layer.Output(Loss = Loss.Huber)][Layer.Dense(2, From = [\"Stem\"])] "
            + "[Layer.Output(Loss = Loss.MeanSquaredError)] partial class Net;") { View = "Stem" },
        new(
            "two losses on an output",
            $"[Network(13)] [Layer.Dense(1)] [Layer.Output(Loss = Loss.Huber, {{|NETGEN047:CustomLoss = typeof(Own)|}})] partial class Net; {OwnLoss}",
            ["Output 'Output1' has both Loss and CustomLoss", "keep one"],
            $"[Network(13)] [Layer.Dense(1)] [Layer.Output(CustomLoss = typeof(Own))] partial class Net; {OwnLoss}"),
        new(
            "an output of no weight",
            "[Network(13)] [Layer.Dense(1)] [Layer.Output(Loss = Loss.Huber, {|NETGEN047:Weight = 0|})] partial class Net;",
            ["Output 'Output1' has Weight = 0", "positive and finite"],
            "[Network(13)] [Layer.Dense(1)] [Layer.Output(Loss = Loss.Huber, Weight = 0.1)] partial class Net;"),
    ];
}
