using Xunit;
using static NetGen.Tests.Generation.DiagnosticsTests;

namespace NetGen.Tests.Generation;

/// <summary>Every way to break the rules of blocks, inputs and outputs, shared layers, functions of the user's, masks, groups and statistics.</summary>
public class GraphDiagnosticsTests
{
    // Nothing is said of layers that a later error keeps from being taken.
    private const string Function =
        "static class F { public static V Forward<V>(V x) where V : struct, IVector<V> => x; public static V Derivative<V>(V x) where V : struct, IVector<V> => V.Zero; }";

    private const string Again = ": remove [Layer.Block(typeof(B))] from its class, and set Repeat where it is used to apply it several times";

    private const string Above = ": write them above its declaration, as above a network";

    private const string OwnLoss =
        "static class L { public static V Loss<V>(V o, V t) where V : struct, IVector<V> => o - t; public static V Derivative<V>(V o, V t) where V : struct, IVector<V> => o; }";

    [Theory]
    [InlineData("4", "Conv2D(4, 3, {|NETGEN033:Groups = 2|})", "3, 5, 5", "2", "3 channels and 4 filters", "1")]
    [InlineData("4", "Conv2D(4, 3, {|NETGEN033:Groups = 3|})", "3, 5, 5", "3", "3 channels and 4 filters", "1")]
    [InlineData("4", "Conv2D(3, 3, {|NETGEN033:Groups = 0|})", "3, 5, 5", "0", "3 channels and 3 filters", "1 or 3")]
    [InlineData("4", "Conv1D(4, 3, {|NETGEN033:Groups = -2|})", "4, 5", "-2", "4 channels and 4 filters", "1, 2 or 4")]
    [InlineData("4", "Conv1D(4, 3, {|NETGEN033:Groups = int.MaxValue|})", "4, 5", "2147483647", "4 channels and 4 filters", "1, 2 or 4")]
    [InlineData("4", "GroupNorm({|NETGEN033:2|})", "3, 5", "2", "3 channels", "1 or 3")]
    [InlineData("4", "GroupNorm({|NETGEN033:groups: 0|})", "3", "0", "3 channels", "1 or 3")]
    [InlineData("4", "GroupNorm({|NETGEN033:int.MinValue|})", "3", "-2147483648", "3 channels", "1 or 3")]
    public void NETGEN033_groups_do_not_divide(string units, string layer, string shape, string groups, string parts, string divisors) => Expect(
        $"[Network({shape})] [Layer.{layer}] [Layer.Dense({units})] partial class Net;",
        $"Layer '{layer.Split('(')[0]}1' has {groups} groups, which must divide its {parts}: write {divisors}");

    [Theory]
    [InlineData("Conv2D(2, 3, {|NETGEN034:Padding = -2|})", "-2", "it must be Layer.Same or from 0 to 4096")]
    [InlineData("Conv2D(2, 3, {|NETGEN034:Padding = 4097|})", "4097", "it must be Layer.Same or from 0 to 4096")]
    [InlineData("Conv2D(2, 2, {|NETGEN034:Padding = Layer.Same|})", "Layer.Same", "it needs a kernel that spans an odd number of inputs, and this one spans 2: write a kernel of 1 or 3")]
    [InlineData("SeparableConv2D(2, 3, {|NETGEN034:Padding = 5000|})", "5000", "it must be Layer.Same or from 0 to 4096")]
    [InlineData("LocallyConnected2D(2, 3, {|NETGEN034:Padding = int.MinValue|})", "-2147483648", "it must be Layer.Same or from 0 to 4096")]
    [InlineData("ConvTranspose2D(2, 3, {|NETGEN034:Padding = 3|})", "3", "it must be from 0 to 2, less than the kernel spans, or Layer.Same where that is odd")]
    [InlineData("ConvTranspose2D(2, 2, {|NETGEN034:Padding = Layer.Same|})", "Layer.Same", "it must be from 0 to 1, less than the kernel spans, or Layer.Same where that is odd")]
    [InlineData("ConvTranspose2D(2, 3, Stride = 2, {|NETGEN034:OutputPadding = 2|})", "2", "it must be from 0 to 1, less than the stride")]
    [InlineData("ConvTranspose2D(2, 3, {|NETGEN034:OutputPadding = -1|})", "-1", "it must be less than the stride, so at stride 1 it is 0: remove it")]
    public void NETGEN034_padding(string layer, string padding, string reason)
    {
        string name = layer.Split('(')[0] + "1" + (layer.StartsWith("Separable", StringComparison.Ordinal) ? "Depthwise" : "");
        string argument = layer.Contains("OutputPadding", StringComparison.Ordinal) ? "OutputPadding" : "Padding";
        Expect($"[Network(3, 5, 5)] [Layer.{layer}] partial class Net;", $"Layer '{name}' has {argument} = {padding}; {reason}");
    }

    [Fact]
    public void NETGEN034_nothing_left_of_a_transposed_convolution() => Expect(
        "[Network(3, 1, 5)] [Layer.ConvTranspose2D(2, 3, {|NETGEN034:Padding = 2|})] partial class Net;",
        "Layer 'ConvTranspose2D1' has Padding = 2; it leaves nothing of an output of 3 x 7");

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0.1", "-0.1")]
    [InlineData("1.5", "1.5")]
    [InlineData("double.NaN", "NaN")]
    public void NETGEN035_momentum(string momentum, string shown) => Expect(
        $"[Network(4)] [Layer.BatchNorm({{|NETGEN035:Momentum = {momentum}|}})] partial class Net;",
        $"Layer 'BatchNorm1' has Momentum = {shown}; it must be above 0 and at most 1");

    [Theory]
    [InlineData("BatchNorm({|NETGEN035:Epsilon = 0|})", "0")]
    [InlineData("GroupNorm(2, {|NETGEN035:Epsilon = double.NaN|})", "NaN")]
    public void NETGEN035_epsilon(string layer, string shown) => Expect(
        $"[Network(4)] [Layer.{layer}] partial class Net;",
        $"Layer '{layer.Split('(')[0]}1' has Epsilon = {shown}; it must be positive and finite in single precision");

    [Fact]
    public void Sizes_of_embeddings()
    {
        Expect(
            "[Network(4)] [Layer.Embedding({|NETGEN032:0|}, 3)] partial class Net;", "Vocabulary of layer 'Embedding1' is 0; it must be at least 1");
        Expect(
            "[Network(4)] [Layer.Embedding(5, {|NETGEN032:-1|})] partial class Net;", "Dimension of layer 'Embedding1' is -1; it must be at least 1");
        Expect(
            "[Network(4, 2)] [{|NETGEN030:Layer.Embedding(5, 3)|}] partial class Net;",
            "Layer 'Embedding1' takes [length] indexes, but what it is given has shape [4, 2]; put [Layer.Flatten] before it");
        Expect(
            "[Network(4)] [Layer.Embedding({|NETGEN014:int.MaxValue|}, int.MaxValue)] partial class Net;",
            "Layer 'Embedding1' needs 4.6116860141324206E+18 parameters; the limit is 134217727");
        Expect(
            "[Network(4)] [Layer.Embedding(5, 3, {|NETGEN022:WeightScale = -1|}, WeightInitializer = Initializer.Normal)] partial class Net;",
            "Layer 'Embedding1' has WeightScale = -1; it must be a finite number, not negative");
    }

    [Theory]
    [InlineData("{|NETGEN042:Layer.MaskedDense(4)|}", "has no connections: give a text of '1' and '0' for each output")]
    [InlineData("Layer.MaskedDense(4, {|NETGEN042:Mask = new string[0]|})", "has no connections: give a text of '1' and '0' for each output")]
    [InlineData("Layer.MaskedDense(4, {|NETGEN042:Mask = new[] { \"1\", \"0\", \"1\" }|})", "has 3 texts, which must divide the 4 outputs")]
    [InlineData("Layer.MaskedDense(4, Mask = new[] { \"10\", {|NETGEN042:\"0\"|} })", "has 1 character in text 2 of its mask, but 2 in the first: make them equally long")]
    [InlineData("Layer.MaskedDense(4, Mask = new[] { {|NETGEN042:\"1010\"|} })", "has 4 characters in text 1 of its mask, which must divide the 6 inputs")]
    [InlineData("Layer.MaskedDense(4, Mask = new[] { \"10\", {|NETGEN042:\"1x\"|} })", "has the character 'x' in text 2 of its mask: only '1' and '0' tell of connections")]
    [InlineData("Layer.MaskedDense(4, Mask = new[] { \"10\", {|NETGEN042:null|} })", "has 0 characters in text 2 of its mask, which must divide the 6 inputs")]
    [InlineData("Layer.MaskedDense(4, Mask = new[] { {|NETGEN042:\"\"|} })", "has 0 characters in text 1 of its mask, which must divide the 6 inputs")]
    public void NETGEN042_masks(string layer, string problem) => Expect($"[Network(6)] [{layer}] partial class Net;", $"Layer 'MaskedDense1' {problem}");

    [Theory]
    [InlineData("typeof(B)", "[Layer.Dense(3)] [Layer.Block(typeof(B))] class B;", "'B' contains itself" + Again)]
    [InlineData("typeof(B)", "[Layer.Block(typeof(C))] class B; [Layer.Block(typeof(B))] class C;", "'B' contains itself" + Again)]
    [InlineData("typeof(Net)", "", "'Net' contains itself: remove [Layer.Block(typeof(Net))] from its class, and set Repeat where it is used to apply it several times")]
    [InlineData("typeof(B)", "class B;", "'B' has no layers" + Above)]
    [InlineData("typeof(B)", "[Layer.Block(typeof(C))] class B; class C;", "'C' has no layers" + Above)]
    [InlineData("typeof(int)", "", "'Int32' has no layers" + Above)]
    [InlineData("typeof(void)", "", "'Void' has no layers" + Above)]
    [InlineData("typeof(System.Collections.Generic.List<>)", "", "'List' has no layers" + Above)]
    [InlineData("typeof(int[])", "", "'int[]' is not a class")]
    [InlineData("typeof(int*)", "", "'int*' is not a class")]
    [InlineData("null", "", "null is not a class")]
    [InlineData("typeof(B)", "[Layer.Input(3)] [Layer.Dense(3)] class B;", "'B' declares inputs or outputs, which only networks have")]
    [InlineData("typeof(B)", "[Layer.Dense(3)] [Layer.Output] class B;", "'B' declares inputs or outputs, which only networks have")]
    [InlineData("typeof(B)", "[Layer.Block(null)] class B;", "null is not a class")]
    [InlineData("typeof(B)", "[Layer.Dense(3)] partial class B; [Layer.Dense(4)] partial class B;", "those of 'B' are spread over several declarations, which leaves their order undefined: put them on one")]
    public void NETGEN043_blocks(string type, string declarations, string problem) => Expect(
        $"[Network(3)] [Layer.Block({{|NETGEN043:{type}|}}, Repeat = 2)] partial class Net; {declarations}", $"Layer 'Block1' cannot take its layers from the class: {problem}");

    [Fact]
    public void NETGEN043_blocks_without_end()
    {
        string classes = string.Concat(Enumerable.Range(0, 40).Select(i => $"[Layer.Block(typeof(B{i + 1}))] [Layer.Block(typeof(B{i + 1}))] class B{i};"));
        Expect(
            $"[Network(3)] [Layer.Block({{|NETGEN043:typeof(B0)|}})] partial class Net; {classes} [Layer.Dense(3)] class B40;",
            "Layer 'Block1' cannot take its layers from the class: blocks are nested more than 32 deep");
        Expect(
            "[Network(3)] [Layer.Dense(3)] [Layer.Block(typeof(B), {|NETGEN014:Repeat = int.MaxValue|})] partial class Net; [Layer.Dense(3)] class B;",
            "Network 'Net' needs 2147483648 layers; the limit is 200: 'Block1' repeats 1 layer 2147483647 times, and Repeat = 199 is the most that fits");
        Expect(
            "[Network(3)] [Layer.Block(typeof(B), {|NETGEN032:Repeat = 0|})] partial class Net; [Layer.Dense(3)] class B;", "Repeat of layer 'Block1' is 0; it must be at least 1");
        Expect(
            "[Network(3)] [{|NETGEN032:Layer.Block(typeof(B))|}] partial class Net; [Layer.Dense(3)] [Layer.Block(typeof(C), Repeat = -3)] class B; [Layer.Dense(3)] class C;",
            "Repeat of layer 'Block1Block1' is -3; it must be at least 1");
    }

    /// <summary>What is wrong within a block is told at the attribute that stands for it, and no code fix edits that.</summary>
    [Fact]
    public void Errors_within_blocks()
    {
        Expect(
            "[Network(3)] [Layer.Dense(3)] [{|NETGEN007:Layer.Block(typeof(B))|}] partial class Net; [Layer.Dense(0, Name = \"Wide\")] class B;",
            "Layer 'Block1Wide' has 0 units; it needs at least 1");
        Expect(
            "[Network(3)] [Layer.Block(typeof(B), From = [{|NETGEN026:\"nowhere\"|}])] partial class Net; [Layer.Dense(2)] class B;",
            "Layer 'Block1Dense1' takes 'nowhere' in From, but no layer above it has that name; there are input");
        Expect(
            "[Network(3)] [Layer.Dense(3)] [Layer.Block(typeof(B), {|NETGEN029:From = [\"input\", \"Dense1\"]|})] partial class Net; [Layer.Dense(2)] class B;",
            "Layer 'Block1' has 2 inputs and takes one: join them with Layer.Concat or Layer.Add above it, and take that");
        Expect(
            "[Network(3)] [Layer.Block(typeof(B), {|NETGEN029:From = []|})] partial class Net; [Layer.Dense(2)] class B;", "Layer 'Block1' has no inputs and takes one: name it, or remove From to take the layer above");
        UserProgram program = Expect(
            "[Network(3, 4, 4)] [{|NETGEN031:Layer.Block(typeof(B))|}] partial class Net; [Layer.Conv2D(2, 5)] class B;",
            "The window of layer 'Block1Conv2D1' spans 5 along a dimension of 4 in the shape [3, 4, 4] that it is given; make it 4 or smaller, or write Padding = Layer.Same");
        Assert.Empty(program.Result.Diagnostics.Single().Properties);
        program = Expect(
            "[Network(3)] [Layer.Dense(3, Name = \"Block2a\")] [{|NETGEN009:Layer.Block(typeof(B), Name = \"Block2\")|}] partial class Net; [Layer.Dense(2, Name = \"a\")] class B;"
                .Replace("{|NETGEN009:Layer.Block(typeof(B), Name = \"Block2\")|}", "Layer.Block(typeof(B), {|NETGEN009:Name = \"Block2\"|})", StringComparison.Ordinal),
            "Layers 1 and 2 are both named 'Block2a'; give one of them another Name");
        Assert.Empty(program.Result.Diagnostics.Single().Properties);
        Expect(
            $"[Network(3)] [Layer.Dense(3, {{|NETGEN014:Name = \"{new string('x', 301)}\"|}})] partial class Net;",
            "The name 'xxxxxxxxxxxxxxxxxxxx...' of a layer needs 301 characters; the limit is 300");
    }

    [Fact]
    public void NETGEN044_inputs()
    {
        Expect(
            "[Network] [Layer.Input(3)] [Layer.Dense(3)] [{|NETGEN044:Layer.Input(4)|}] partial class Net;",
            "Network 'Net' has input 'Input2' behind other layers or with From: inputs come first and take nothing");
        Expect(
            "[Network] [Layer.Input(3, Name = \"a\")] [{|NETGEN044:Layer.Input(3, From = [\"a\"], Name = \"b\")|}] [Layer.Add(From = [\"a\", \"b\"])] partial class Net;",
            "Network 'Net' has input 'b' behind other layers or with From: inputs come first and take nothing");
        Expect(
            "[{|NETGEN044:Network(3)|}] [Layer.Input(3)] [Layer.Dense(3)] partial class Net;",
            "Network 'Net' has a shape on [Network] and declares inputs below: keep one of them");
        Expect(
            "[Network] [{|NETGEN044:Layer.Input|}] [{|NETGEN044:Layer.Input(null)|}] [Layer.Dense(3)] partial class Net;",
            "Network 'Net' has an input without a shape: give its dimensions, such as [Layer.Input(1, 28, 28)]",
            "Network 'Net' has an input without a shape: give its dimensions, such as [Layer.Input(1, 28, 28)]");
        Expect(
            "[Network] [Layer.Input(3, {|NETGEN005:0|})] [Layer.Input({|NETGEN005:int.MinValue|})] [Layer.Dense(3)] partial class Net;",
            "Dimension 2 of the input shape is 0; every dimension must be at least 1", "Dimension 1 of the input shape is -2147483648; every dimension must be at least 1");
        Expect(
            "[{|NETGEN014:Network|}] [Layer.Input(int.MaxValue, int.MaxValue)] [Layer.Input(3)] [Layer.Dense(3)] partial class Net;",
            "An input row of 'Net' needs 4.6116860141324206E+18 elements; the limit is 16777216");
        Expect(
            "[Network] [Layer.Input(3)] [Layer.Dense(3, From = [{|NETGEN026:\"input\"|}])] partial class Net;",
            "Layer 'Dense1' takes 'input' in From, but no layer above it has that name; did you mean 'Input1'?");
        Expect(
            "[Network] [{|NETGEN027:Layer.Input(3)|}] [Layer.Input(4)] [Layer.Dense(3)] partial class Net;",
            "Nothing takes the output of layer 'Input1': name it in the From of a layer below, or remove it");
    }

    [Theory]
    [InlineData("[Layer.Dense(4)] [Layer.Shared({|NETGEN045:\"Nowhere\"|})]", "Nowhere", "there is no layer of that name above")]
    [InlineData("[Layer.Shared({|NETGEN045:\"Dense1\"|})] [Layer.Dense(4)]", "Dense1", "there is no layer of that name above")]
    [InlineData("[Layer.Shared({|NETGEN045:null|})] [Layer.Dense(4)]", "", "there is no layer of that name above")]
    [InlineData("[Layer.Shared({|NETGEN045:\"Shared1\"|})] [Layer.Dense(4)]", "Shared1", "there is no layer of that name above")]
    [InlineData("[Layer.Shared({|NETGEN045:\"input\"|})] [Layer.Dense(4)]", "input", "it has no weights")]
    [InlineData("[Layer.Activation(Activation.Tanh)] [Layer.Shared({|NETGEN045:layer: \"Activation1\"|})]", "Activation1", "it has no weights")]
    [InlineData("[Layer.Dense(3)] [Layer.Shared({|NETGEN045:\"Dense1\"|})]", "Dense1", "it takes [4], but what it is given has shape [3]")]
    [InlineData("[Layer.Dense(3)] [Layer.Dense(5)] [Layer.Shared({|NETGEN045:\"Dense1\"|}, Transposed = true)]", "Dense1", "transposed it takes [3], but what it is given has shape [5]")]
    [InlineData("[Layer.LayerNorm] [Layer.Shared({|NETGEN045:\"LayerNorm1\"|}, Transposed = true)]", "LayerNorm1", "only the weights of dense layers without a mask can be transposed")]
    [InlineData("[Layer.MaskedDense(4, Mask = new[] { \"1\" })] [Layer.Shared({|NETGEN045:\"MaskedDense1\"|}, Transposed = true)]", "MaskedDense1", "only the weights of dense layers without a mask can be transposed")]
    [InlineData("[Layer.Reshape(1, 2, 2)] [Layer.SeparableConv2D(1, 3, Padding = Layer.Same)] [Layer.Shared({|NETGEN045:\"SeparableConv2D1\"|})]", "SeparableConv2D1", "it stands for several layers; share each by its own name")]
    [InlineData("[Layer.Block(typeof(B))] [Layer.Shared({|NETGEN045:\"Block1\"|})]", "Block1", "it stands for several layers; share each by its own name")]
    public void NETGEN045_shared_layers(string layers, string shared, string problem) => Expect(
        $"[Network(4)] {layers} partial class Net; [Layer.Dense(4)] class B;", $"Layer 'Shared1' cannot share '{shared}': {problem}");

    [Fact]
    public void NETGEN045_shared_layers_of_shared_layers() => Expect(
        "[Network(4)] [Layer.Dense(4, Name = \"Stem\")] [Layer.Shared(\"Stem\")] [Layer.Shared({|NETGEN045:\"Shared1\"|}, Name = \"Third\")] partial class Net;",
        "Layer 'Third' cannot share 'Shared1': it shares those of another: name 'Stem'");

    public static TheoryData<string, string, string> Functions
    {
        get
        {
            const string Forward = "public static V Forward<V>(V x) where V : struct, IVector<V> => x;", Derivative = "public static V Derivative<V>(V x) where V : struct, IVector<V> => x;";
            string NoForward(string name) => $"'{name}' has no method 'static V Forward<V>(V x) where V : struct, IVector<V>' that 'Net' can call";
            const string Hidden = "'F' is not visible to generated code: make it internal or public, and not local to a file";
            return new()
            {
                { "typeof(F)", "class F;", NoForward("F") },
                { "typeof(F)", $"class F {{ {Forward} }}", "'F' has no method 'static V Derivative<V>(V x) where V : struct, IVector<V>' that 'Net' can call" },
                { "typeof(F)", "class F { public static float Forward(float x) => x; public static float Derivative(float x) => x; }", NoForward("F") },
                { "typeof(F)", $"class F {{ {Forward.Replace("static ", "", StringComparison.Ordinal)} {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ {Forward.Replace("public ", "", StringComparison.Ordinal)} {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ {Forward.Replace("(V x)", "(V x, V y)", StringComparison.Ordinal)} {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ {Forward.Replace("(V x)", "(in V x)", StringComparison.Ordinal)} {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ public static V Forward<V, W>(V x) => x; {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ public static V Forward<V>(V x) where V : class => x; {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ public static V Forward<V>(V x) where V : unmanaged => x; {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ public static V Forward<V>(V x) where V : new() => x; {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ public static V Forward<V>(V x) where V : struct, System.IComparable => x; {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ public static object Forward<V>(V x) where V : struct => x; {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"class F {{ static V x; public static V Forward => x; {Derivative} class V; }}", NoForward("F") },
                { "typeof(F)", $"interface F {{ static abstract V Forward<V>(V x) where V : struct, IVector<V>; {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"interface F {{ static virtual V Forward<V>(V x) where V : struct, IVector<V> => x; {Derivative} }}", NoForward("F") },
                { "typeof(F)", $"file static class F {{ {Forward} {Derivative} }}", Hidden },
                { "typeof(Net.F)", $"partial class Net {{ private static class F {{ {Forward} {Derivative} }} }}", Hidden },
                { "typeof(Net.F)", $"partial class Net {{ protected static class F {{ {Forward} {Derivative} }} }}", Hidden },
                { "typeof(F<int>)", $"static class F<T> {{ {Forward} {Derivative} }}", "'F' is generic; only its methods are" },
                { "typeof(F<>)", $"static class F<T> {{ {Forward} {Derivative} }}", "'F' is generic; only its methods are" },
                { "typeof(G<int>.F)", $"static class G<T> {{ public static class F {{ {Forward} {Derivative} }} }}", "'F' is generic; only its methods are" },
                { "typeof(int)", "", NoForward("Int32") },
                { "typeof(int[])", "", "'int[]' is not a class" },
                { "typeof(Net)", "", NoForward("Net") },
                { "null", "", "null is not a class" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void NETGEN046_functions(string type, string declarations, string problem)
    {
        Expect($"[Network(3)] [Layer.Custom({{|NETGEN046:{type}|}})] partial class Net; {declarations}", $"{problem}; look at IVector for an example");
        if (type == "null")
            return;
        string asLoss = problem.Replace("Forward<V>(V x)", "Loss<V>(V output, V target)", StringComparison.Ordinal).Replace("Derivative<V>(V x)", "Loss<V>(V output, V target)", StringComparison.Ordinal);
        Expect($"[Network(3, {{|NETGEN046:CustomLoss = {type}|}})] [Layer.Dense(2)] partial class Net; {declarations}", $"{asLoss}; look at IVector for an example");
        Expect(
            $"[Network(3)] [Layer.Dense(2)] [Layer.Output({{|NETGEN046:CustomLoss = {type}|}})] partial class Net; {declarations}", $"{asLoss}; look at IVector for an example");
    }

    [Fact]
    public void NETGEN046_what_may_be_a_function()
    {
        Expect($"[Network(3, CustomLoss = typeof(L))] [Layer.Custom(typeof(F))] [Layer.Block(typeof(B))] partial class Net; [Layer.Custom(typeof(F))] class B; {Function} {OwnLoss}").AssertCompiles();
        Expect("[Network(3, CustomLoss = null)] [Layer.Dense(2)] [Layer.Output(CustomLoss = null)] partial class Net;").AssertCompiles();
        Expect(
            "[Network(3)] [Layer.Custom(typeof(@event))] [Layer.Custom(typeof(@event.F))] partial class Net;"
            + $"struct @event {{ public static V Forward<V>(V x) => x; internal static V Derivative<V>(V x) where V : struct, IVector<V> => V.Zero; static int Forward(int x) => x; internal {Function} }}")
            .AssertCompiles();
    }

    [Theory]
    [InlineData("[Layer.Output({|NETGEN047:Weight = 0|})]", "has Weight = 0; it must be positive and finite")]
    [InlineData("[Layer.Output({|NETGEN047:Weight = -1|})]", "has Weight = -1; it must be positive and finite")]
    [InlineData("[Layer.Output({|NETGEN047:Weight = double.NaN|})]", "has Weight = NaN; it must be positive and finite")]
    [InlineData("[Layer.Output({|NETGEN047:Weight = 1e39|})]", "has Weight = 1E+39; it must be positive and finite")]
    [InlineData("[Layer.Output(Loss = Loss.Huber, {|NETGEN047:CustomLoss = typeof(L)|})]", "has both Loss and CustomLoss: keep one of them")]
    [InlineData("[{|NETGEN047:Layer.Output(From = [\"input\"])|}]", "is an input as it is given: put a layer between them")]
    public void NETGEN047_outputs(string output, string problem) =>
        Expect($"[Network(3)] [Layer.Dense(2)] {output} partial class Net; {OwnLoss}", $"Output 'Output1' {problem}");

    [Fact]
    public void NETGEN047_losses_and_inputs()
    {
        Expect(
            $"[Network(3, Loss = Loss.Huber, {{|NETGEN047:CustomLoss = typeof(L)|}})] [Layer.Dense(2)] partial class Net; {OwnLoss}",
            "Network 'Net' has both Loss and CustomLoss: keep one of them");
        foreach (string loss in (string[])["Loss = Loss.Huber", "CustomLoss = typeof(L)"])
        {
            Expect(
                $"[Network(3, {{|NETGEN047:{loss}|}})] [Layer.Dense(2)] [Layer.Output(Name = \"Head\")] partial class Net; {OwnLoss}",
                $"Network 'Net' has a loss on [Network] beside its outputs: remove it there, and write it on the outputs that it is for, as in [Layer.Output({loss.Replace("typeof(L)", "...", StringComparison.Ordinal)})]");
        }

        Expect(
            "[Network] [Layer.Input(3)] [{|NETGEN047:Layer.Output|}] [Layer.Dense(2)] [Layer.Output] partial class Net;",
            "Output 'Output1' is an input as it is given: put a layer between them");
        Expect(
            "[Network(3)] [Layer.Dense(2)] [Layer.Output({|NETGEN015:Loss = (Loss)77|})] partial class Net;",
            "77 is not a value of Loss; use one of None, MeanSquaredError, MeanAbsoluteError, Huber, BinaryCrossEntropy, SoftmaxCrossEntropy");
        Expect("[Network(3, 4)] [Layer.Flatten] [Layer.Output(Loss = Loss.Huber)] partial class Net;").AssertCompiles();
        Expect(
            "[Network(3)] [Layer.Dense(2, {|NETGEN012:Activation.Softmax|})] [Layer.Output(Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense(1, Name = \"a\")] [Layer.Output] partial class Net;",
            "Layer 'Dense1' applies a softmax, and SoftmaxCrossEntropy applies one too: remove it here (Predict returns probabilities all the same)");
    }

    /// <summary>Attributes of the user's own are no layers, even if their names are those of layers.</summary>
    [Theory]
    [InlineData("Dense")]
    [InlineData("Input")]
    [InlineData("Depthwise")]
    [InlineData("Block")]
    [InlineData("SeparableConv2D")]
    public void NETGEN018_attributes_with_the_names_of_layers(string name)
    {
        UserProgram program = UserProgram.Of([$"[NetGen.Network(4)] [{name}] partial class Net; class {name}Attribute : NetGen.LayerAttribute;"]);
        Microsoft.CodeAnalysis.Diagnostic diagnostic = Assert.Single(program.Result.Diagnostics);
        Assert.Equal("NETGEN018", diagnostic.Id);
        Assert.StartsWith($"'{name}Attribute' is not", diagnostic.GetMessage(null), StringComparison.Ordinal);
        program = UserProgram.Of([$"[NetGen.Network(4)] [{name}] partial class Net; class {name} : NetGen.LayerAttribute;"]);
        diagnostic = Assert.Single(program.Result.Diagnostics);
        Assert.Equal("NETGEN018", diagnostic.Id);
        Assert.StartsWith($"'global::{name}' is not", diagnostic.GetMessage(null), StringComparison.Ordinal);
    }
}
