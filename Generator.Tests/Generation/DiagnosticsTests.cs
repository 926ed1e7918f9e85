using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.Generator;
using NetGen.Generator.Diagnostics;
using NetGen.Generator.Layers;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>
/// Every rule, with the very text it underlines and the message. In the sources, <c>{|NETGEN001:text|}</c> marks a message
/// expected on a text; any other message fails the test.
/// </summary>
public class DiagnosticsTests
{
    private const string Layers = "[Network(4)] [Layer.Dense(3)]";

    private static readonly string KnownLayers = string.Join(", ", LayerKinds.Public);

    public static TheoryData<string> Ids => [.. Descriptors.Select(rule => rule.Id)];

    private static IEnumerable<DiagnosticDescriptor> Descriptors => typeof(Rules).GetFields(BindingFlags.Static | BindingFlags.Public)
        .Select(rule => rule.GetValue(null)).OfType<DiagnosticDescriptor>();

    [Fact]
    public void NETGEN001_class_is_not_partial()
    {
        Expect($"{Layers} class {{|NETGEN001:Net|}};", "Class 'Net' must be partial, so that its network can be added to it: write 'partial class Net'");
        Expect($"{Layers} public sealed class {{|NETGEN001:@class|}} {{ }}", "Class 'class' must be partial, so that its network can be added to it: write 'partial class class'");
    }

    [Fact]
    public void NETGEN002_type_around_is_not_partial()
    {
        Expect(
            $"class {{|NETGEN002:Outer|}} {{ {Layers} partial class Net; }}",
            "Type 'Outer' contains the network 'Net' and must be partial too: write 'partial' in its declaration");
        Expect(
            $"struct {{|NETGEN002:A|}} {{ partial record B {{ interface {{|NETGEN002:C|}} {{ {Layers} partial class Net; }} }} }}",
            "Type 'A' contains the network 'Net' and must be partial too: write 'partial' in its declaration",
            "Type 'C' contains the network 'Net' and must be partial too: write 'partial' in its declaration");
    }

    [Theory]
    [InlineData("partial record {|NETGEN003:Net|};", "a record")]
    [InlineData("static partial class {|NETGEN003:Net|};", "static")]
    [InlineData("abstract partial class {|NETGEN003:Net|};", "abstract")]
    [InlineData("partial class {|NETGEN003:Net|}<T>;", "generic")]
    [InlineData("partial class {|NETGEN003:Net|}(int seed);", "a class with a primary constructor")]
    [InlineData("file partial class {|NETGEN003:Net|};", "local to a file, or inside a type that is")]
    [InlineData("partial struct {|NETGEN003:Net|};", "other than a class")]
    [InlineData("partial interface {|NETGEN003:Net|};", "other than a class")]
    public void NETGEN003_kind_of_class(string declaration, string kind) =>
        Expect($"{Layers} {declaration}", $"Network 'Net' cannot be {kind}: declare it as a plain, non-generic, instantiable class");

    [Theory]
    [InlineData("partial class Outer<T>", "inside a generic type")]
    [InlineData("file partial class Outer", "local to a file, or inside a type that is")]
    public void NETGEN003_type_around(string outer, string kind) => Expect(
        $"{outer} {{ {Layers} partial class {{|NETGEN003:Net|}}; }}", $"Network 'Net' cannot be {kind}: declare it as a plain, non-generic, instantiable class");

    [Theory]
    [InlineData("Network")]
    [InlineData("Network()")]
    [InlineData("Network(Loss = Loss.Huber)")]
    [InlineData("Network(null)")]
    [InlineData("Network(new int[0])")]
    public void NETGEN004_no_input_shape(string attribute) => Expect(
        $"[{{|NETGEN004:{attribute}|}}] [Layer.Dense(3)] partial class Net;",
        "Network 'Net' has no input shape: give the dimensions of one input row, such as [Network(784)] or [Network(1, 28, 28)]");

    [Theory]
    [InlineData("{|NETGEN005:0|}", 1, 0)]
    [InlineData("{|NETGEN005:-1|}, Loss = Loss.Huber", 1, -1)]
    [InlineData("3, {|NETGEN005:int.MinValue|}", 2, int.MinValue)]
    [InlineData("new[] { 2, {|NETGEN005:-5|} }", 2, -5)]
    [InlineData("new int[] { {|NETGEN005:0|}, 2 }", 1, 0)]
    [InlineData("inputShape: new[] { 2, 3, {|NETGEN005:0|} }", 3, 0)]
    [InlineData("{|NETGEN005:inputShape: 0|}", 1, 0)]
    public void NETGEN005_dimension_is_not_positive(string arguments, int dimension, int value) => Expect(
        $"[Network({arguments})] [Layer.Dense(3)] partial class Net;",
        FormattableString.Invariant($"Dimension {dimension} of the input shape is {value}; every dimension must be at least 1"));

    [Fact]
    public void NETGEN005_reports_every_dimension() => Expect(
        "[Network({|NETGEN005:0|}, 3, {|NETGEN005:-2|})] [Layer.Dense(3)] partial class Net;",
        "Dimension 1 of the input shape is 0; every dimension must be at least 1", "Dimension 3 of the input shape is -2; every dimension must be at least 1");

    [Fact]
    public void NETGEN006_no_layers() =>
        Expect("[{|NETGEN006:Network(4)|}] partial class Net;", "Network 'Net' has no layers: add at least one below it, such as [Layer.Dense(10)]");

    [Fact]
    public void NETGEN007_units_are_not_positive()
    {
        Expect("[Network(4)] [Layer.Dense({|NETGEN007:0|})] partial class Net;", "Layer 'Dense1' has 0 units; it needs at least 1");
        Expect(
            "[Network(4)] [Layer.Dense(3)] [Layer.Dense(activation: Activation.ReLU, {|NETGEN007:units: int.MinValue|}, Name = \"Stem\")] partial class Net;",
            "Layer 'Stem' has -2147483648 units; it needs at least 1");
    }

    [Theory]
    [InlineData("Dropout", "1", "1")]
    [InlineData("Dropout", "-0.1", "-0.1")]
    [InlineData("Dropout", "double.NaN", "NaN")]
    [InlineData("Dropout", "double.PositiveInfinity", "Infinity")]
    [InlineData("SpatialDropout", "1.5", "1.5")]
    [InlineData("AlphaDropout", "1", "1")]
    public void NETGEN008_dropout_rate(string layer, string rate, string shown) => Expect(
        $"[Network(4, 3)] [Layer.{layer}({{|NETGEN008:{rate}|}})] partial class Net;",
        $"Layer '{layer}1' drops values with probability {shown}; the rate must be at least 0 and below 1, such as 0.5");

    [Fact]
    public void NETGEN009_duplicate_layer_names()
    {
        Expect(
            "[Network(4)] [Layer.Dense(3, Name = \"Stem\")] [Layer.Dropout(0.5)] [Layer.Dense(3, {|NETGEN009:Name = \"Stem\"|})] partial class Net;",
            "Layers 1 and 3 are both named 'Stem'; give one of them another Name");
        Expect(
            "[Network(4)] [Layer.Dense(3, Name = \"Dense2\")] [{|NETGEN009:Layer.Dense(3)|}] partial class Net;",
            "Layers 1 and 2 are both named 'Dense2'; give one of them another Name");
        Expect(
            "[Network(4)] [Layer.Dense(3, Name = \"Stem\")] [Layer.Dense(3, {|NETGEN009:Name = \"stem\"|})] partial class Net;",
            "Layers 1 and 2 are both named 'stem' in files, where names start in lower case; give one of them another Name");
    }

    [Fact]
    public void NETGEN010_layers_over_several_declarations()
    {
        const string Message = "The layers of 'Net' are spread over 2 partial declarations, which leaves their order undefined; put [Network] and all layers on one";
        Expect("[Network(4)] [Layer.Dense(3)] partial class {|NETGEN010:Net|}; [Layer.Dense(2)] partial class Net;", Message);
        Expect("[Network(4)] partial class {|NETGEN010:Net|};\n====\n[Layer.Dense(2)] partial class Net;", Message);
        // The compiler refuses the second mark; the class gets its members once.
        UserProgram program = Expect("[Network(4)] [Layer.Dense(3)] partial class {|NETGEN010:Net|}; [Network(4)] [Layer.Dense(2)] partial class {|NETGEN010:Net|};", Message, Message);
        Assert.Single(program.Generated);
    }

    [Theory]
    [InlineData("void {|NETGEN011:Forward|}() { }", "Forward", "rename it")]
    [InlineData("int {|NETGEN011:InputSize|};", "InputSize", "rename it")]
    [InlineData("int _a, {|NETGEN011:Info|};", "Info", "rename it")]
    [InlineData("string {|NETGEN011:Parameters|} => \"\";", "Parameters", "rename it")]
    [InlineData("class {|NETGEN011:Load|};", "Load", "rename it")]
    [InlineData("enum {|NETGEN011:Train|} { }", "Train", "rename it")]
    [InlineData("delegate void {|NETGEN011:Predict|}();", "Predict", "rename it")]
    [InlineData("event System.Action {|NETGEN011:StackBytes|} { add { } remove { } }", "StackBytes", "rename it")]
    [InlineData("event System.Action {|NETGEN011:OutputSize|};", "OutputSize", "rename it")]
    [InlineData("void {|NETGEN011:get_Info|}() { }", "get_Info", "rename it")]
    [InlineData("int {|NETGEN011:Dense1|};", "Dense1", "rename it, or give the layer another Name")]
    [InlineData("int {|NETGEN011:get_Dense1|}() => 1;", "get_Dense1", "rename it, or give the layer another Name")]
    [InlineData("class {|NETGEN011:Dense1|}<T>;", "Dense1", "rename it, or give the layer another Name")]
    [InlineData("{|NETGEN011:Net|}(int seed) { }", "Net(int)", "remove it: the generated constructor takes a seed")]
    public void NETGEN011_member_clashes(string member, string name, string remedy) =>
        Expect($"{Layers} partial class Net {{ {member} }}", $"'{name}' in 'Net' clashes with a generated member; {remedy}");

    [Fact]
    public void NETGEN011_names_of_layers_and_classes()
    {
        Expect(
            "[Network(4)] [Layer.Dense(3, {|NETGEN011:Name = \"Info\"|})] partial class Net;",
            "'Info' in 'Net' clashes with a generated member; give the layer another Name");
        Expect(
            "[Network(4)] [Layer.Dense(3, {|NETGEN011:Name = \"Net\"|})] partial class Net;",
            "'Net' in 'Net' clashes with a generated member; give the layer another Name");
        Expect(
            "[Network(4)] [Layer.Dense(3, Name = \"Item\")] partial class Net { int {|NETGEN011:this|}[int index] => index; }",
            "'this[]' in 'Net' clashes with a generated member; rename it, or give the layer another Name");
        Expect($"{Layers} partial class {{|NETGEN011:Load|}};", "'Load' in 'Load' clashes with a generated member; rename the class");
        Expect(
            $"{Layers} partial class Net;\n====\npartial class Net {{ void {{|NETGEN011:Train|}}() {{ }} }}",
            "'Train' in 'Net' clashes with a generated member; rename it");
    }

    [Fact]
    public void NETGEN012_softmax_before_cross_entropy()
    {
        const string Message = "Layer '{0}' applies a softmax, and SoftmaxCrossEntropy applies one too: remove it here (Predict returns probabilities all the same)";
        Expect("[Network(4, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense(3, {|NETGEN012:Activation.Softmax|})] partial class Net;", string.Format(null, Message, "Dense1"));
        Expect(
            "[Network(4, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense(3)] [Layer.Activation({|NETGEN012:Activation.Softmax|})] [Layer.GaussianNoise(0.1)] partial class Net;",
            string.Format(null, Message, "Activation1"));
    }

    [Fact]
    public void NETGEN013_sigmoid_before_cross_entropy()
    {
        const string Message = "Layer '{0}' applies a sigmoid, and BinaryCrossEntropy applies one too: remove it here (Predict returns probabilities all the same)";
        Expect("[Network(4, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1, {|NETGEN013:Activation.Sigmoid|})] partial class Net;", string.Format(null, Message, "Dense1"));
        Expect(
            "[Network(4, Loss = Loss.BinaryCrossEntropy)] [Layer.Dense(1)] [Layer.Activation({|NETGEN013:function: Activation.Sigmoid|})] partial class Net;",
            string.Format(null, Message, "Activation1"));
    }

    [Fact]
    public void NETGEN014_network_is_too_large()
    {
        Expect(
            "[Network({|NETGEN014:16777217|})] [Layer.Dense(1)] partial class Net;", "An input row of 'Net' needs 16777217 elements; the limit is 16777216");
        Expect(
            "[{|NETGEN014:Network(int.MaxValue, int.MaxValue, int.MaxValue)|}] [Layer.Dense(1)] partial class Net;",
            "An input row of 'Net' needs 9.903520300447984E+27 elements; the limit is 16777216");
        Expect(
            "[Network(2)] [Layer.Dense({|NETGEN014:int.MaxValue|})] [Layer.Dense(1)] partial class Net;",
            "A row of layer 'Dense1' needs 2147483647 elements; the limit is 16777216");
        Expect(
            "[Network(16777216)] [Layer.Dense({|NETGEN014:16777216|})] partial class Net;", "Layer 'Dense1' needs 281474993487872 parameters; the limit is 134217727");
        Expect(
            "[{|NETGEN014:Network(1000)|}] [Layer.Dense(100000, Bias = false)] [Layer.Dense(1000, Bias = false)] partial class Net;",
            "Network 'Net' needs 200800000 parameters; the limit is 134217727");
        Expect(
            "[Network(3, 2, 2)] [Layer.Upsample2D({|NETGEN014:int.MaxValue|})] partial class Net;",
            "A row of layer 'Upsample2D1' needs 5.534023216958905E+19 elements; the limit is 16777216");
        Expect(
            "[Network(1, 1, 1)] [Layer.Upsample2D({|NETGEN014:2048|})] partial class Net;",
            "A row of layer 'Upsample2D1' needs 67108864 elements; the limit is 16777216");
        Expect(
            "[Network(3, 2, 2)] [Layer.Pad2D({|NETGEN014:4096|})] partial class Net;", "A row of layer 'Pad2D1' needs 1074266176 elements; the limit is 16777216");
        Expect(
            "[Network(1, 1, 1)] [{|NETGEN014:Layer.Pad2D(4096, 0, 4096, 0)|}] partial class Net;", "A row of layer 'Pad2D1' needs 268566544 elements; the limit is 16777216");
        Expect(
            $"[{{|NETGEN014:Network(3)|}}] {string.Concat(Enumerable.Repeat("[Layer.Dense(3)]", 201))} partial class Net;", "Network 'Net' needs 201 layers; the limit is 200");
    }

    [Fact]
    public void NETGEN015_value_is_not_of_its_enumeration()
    {
        const string Activations =
            "Identity, ReLU, LeakyReLU, ELU, SELU, Sigmoid, Tanh, Softplus, GELU, SiLU, HardSigmoid, HardSwish, Softsign, Mish, Softmax";
        const string Initializers = "Default, Zeros, Constant, Normal, Uniform, XavierUniform, XavierNormal, HeUniform, HeNormal, LeCunUniform, LeCunNormal, FanInUniform";
        Expect(
            "[Network(4, {|NETGEN015:Loss = (Loss)99|}, {|NETGEN015:Precision = (Precision)(-1)|})] [Layer.Dense(3)] partial class Net;",
            "99 is not a value of Loss; use one of None, MeanSquaredError, MeanAbsoluteError, Huber, BinaryCrossEntropy, SoftmaxCrossEntropy",
            "-1 is not a value of Precision; use one of Single, Double");
        Expect(
            "[Network(4)] [Layer.Dense(3, {|NETGEN015:(Activation)99|}, {|NETGEN015:WeightInitializer = (Initializer)12|}, {|NETGEN015:BiasInitializer = (Initializer)(-1)|})] partial class Net;",
            $"99 is not a value of Activation; use one of {Activations}", $"12 is not a value of Initializer; use one of {Initializers}",
            $"-1 is not a value of Initializer; use one of {Initializers}");
        Expect(
            "[Network(4)] [Layer.Activation({|NETGEN015:(Activation)int.MinValue|})] partial class Net;",
            $"-2147483648 is not a value of Activation; use one of {Activations}");
        Expect(
            "[Network(4, 4, 4)] [Layer.Pad2D(2, {|NETGEN015:Mode = (PadMode)3|})] partial class Net;", "3 is not a value of PadMode; use one of Zeros, Replicate, Reflect");
        Expect(
            "[Network(4, 4, 4)] [Layer.Upsample2D(2, {|NETGEN015:(Interpolation)2|})] partial class Net;",
            "2 is not a value of Interpolation; use one of Nearest, Bilinear");
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a b")]
    [InlineData("class")]
    [InlineData("partial")]
    [InlineData("_x")]
    [InlineData("@stem")]
    [InlineData("a.b")]
    [InlineData("st\u200Bem")]
    public void NETGEN016_layer_name_is_not_an_identifier(string name) => Expect(
        $"[Network(4)] [Layer.Dense(3, {{|NETGEN016:Name = \"{name}\"|}})] partial class Net;",
        $"Layer name '{name}' cannot name a member: use letters, digits and underscores, starting with a letter, and no C# keyword");

    [Theory]
    [InlineData("-0.5", "-0.5")]
    [InlineData("double.NaN", "NaN")]
    [InlineData("double.PositiveInfinity", "Infinity")]
    [InlineData("1e39", "1E+39")]
    public void NETGEN017_alpha_is_out_of_range(string alpha, string shown) => Expect(
        $"[Network(4)] [Layer.Dense(3, Activation.ELU, {{|NETGEN017:Alpha = {alpha}|}})] [Layer.Activation(Activation.LeakyReLU, Alpha = 0)] partial class Net;",
        $"Layer 'Dense1' has Alpha = {shown}; ELU takes a finite number from 0 up");

    [Fact]
    public void NETGEN018_layer_is_not_known() => Expect(
        "namespace A { [Network(4)] [{|NETGEN018:Mine(Name = \"Stem\")|}] [Layer.Dense(3)] partial class Net; class MineAttribute : LayerAttribute; }"
        + "[Network(4)] [{|NETGEN018:Generic<int>|}] partial class Net; class GenericAttribute<T> : LayerAttribute;",
        $"'A.MineAttribute' is not a layer of this version of NetGen; the layers are {KnownLayers}",
        $"'GenericAttribute<int>' is not a layer of this version of NetGen; the layers are {KnownLayers}");

    [Theory]
    [InlineData(LanguageVersion.CSharp7_3, "7.3")]
    [InlineData(LanguageVersion.CSharp10, "10.0")]
    public void NETGEN019_language_version(LanguageVersion version, string shown) => Expect(
        $"{Layers} partial class {{|NETGEN019:Net|}} {{ }}", version,
        $"Network 'Net' needs C# 11 or later, but the project uses C# {shown}: set <LangVersion>11</LangVersion> or remove the setting");

    [Fact]
    public void NETGEN020_constructor_does_not_initialize()
    {
        Expect(
            $"{Layers} partial class Net {{ {{|NETGEN020:Net|}}(string name) {{ }} {{|NETGEN020:Net|}}(bool flag) : base() {{ }} Net(byte a) : this(seed: a) {{ }} Net(int a, int b) : this((byte)a) {{ }} static Net() {{ }} }}",
            "Constructor 'Net.Net(string name)' of 'Net' must call the generated constructor: add ': this(seed: 0)'",
            "Constructor 'Net.Net(bool flag)' of 'Net' must call the generated constructor: add ': this(seed: 0)'");
        Expect(
            $"{Layers} partial class Net {{ public {{|NETGEN020:Net|}}() {{ }} }}",
            "Constructor 'Net.Net()' of 'Net' must call the generated constructor: add ': this(seed: 0)'");
    }

    [Theory]
    [InlineData("public Base(int a) { }")]
    [InlineData("private Base() { }")]
    [InlineData("[System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public Base() { }")]
    public void NETGEN021_base_class_cannot_be_constructed(string constructor) => Expect(
        $"{Layers} partial class {{|NETGEN021:Net|}} : Base; class Base {{ {constructor} }}",
        "Base class 'Base' of network 'Net' has no constructor for the generated one to call: give it an accessible one without parameters or [SetsRequiredMembers]");

    [Fact]
    public void NETGEN022_initializer_scale_is_out_of_range() => Expect(
        "[Network(4)] [Layer.Dense(3, WeightInitializer = Initializer.Normal, {|NETGEN022:WeightScale = -0.5|}, BiasInitializer = Initializer.Constant, {|NETGEN022:BiasScale = double.NaN|})]"
        + "[Layer.Dense(2, WeightInitializer = Initializer.Constant, WeightScale = -1)] partial class Net;",
        "Layer 'Dense1' has WeightScale = -0.5; it must be a finite number, not negative", "Layer 'Dense1' has BiasScale = NaN; it must be a finite number");

    [Fact]
    public void NETGEN023_softmax_over_a_single_output()
    {
        const string Message = "Layer '{0}' leaves one output, and a softmax of one output is always 1: use BinaryCrossEntropy, or one output for each class";
        Expect("[Network(4, Loss = Loss.SoftmaxCrossEntropy)] [Layer.Dense({|NETGEN023:1|})] partial class Net;", string.Format(null, Message, "Dense1"));
        Expect("[Network(4)] [Layer.Dense(1, {|NETGEN023:Activation.Softmax|})] partial class Net;", string.Format(null, Message, "Dense1"));
        Expect("[Network(4)] [Layer.Dense(1)] [Layer.Activation({|NETGEN023:Activation.Softmax|})] partial class Net;", string.Format(null, Message, "Activation1"));
    }

    [Fact]
    public void NETGEN024_alpha_has_no_effect() => Expect(
        "[Network(4)] [Layer.Dense(3, Activation.ReLU, {|NETGEN024:Alpha = 0.1|})] [Layer.Activation(Activation.Tanh, {|NETGEN024:Alpha = double.NaN|})] partial class Net;",
        "Layer 'Dense1' sets Alpha, which ReLU does not use: remove it, or use LeakyReLU or ELU",
        "Layer 'Activation1' sets Alpha, which Tanh does not use: remove it, or use LeakyReLU or ELU");

    [Fact]
    public void NETGEN025_initializer_scale_has_no_effect() => Expect(
        "[Network(4)] [Layer.Dense(3, {|NETGEN025:WeightScale = 0.1|}, BiasInitializer = Initializer.Zeros, {|NETGEN025:BiasScale = 1|})] partial class Net;",
        "Layer 'Dense1' sets WeightScale, which only Constant, Normal and Uniform use: remove it or choose one of those as WeightInitializer",
        "Layer 'Dense1' sets BiasScale, which only Constant, Normal and Uniform use: remove it or choose one of those as BiasInitializer");

    [Fact]
    public void NETGEN026_layer_takes_what_does_not_exist()
    {
        Expect(
            "[Network(4)] [Layer.Dense(3, From = [{|NETGEN026:\"Input\"|}])] partial class Net;",
            "Layer 'Dense1' takes 'Input' in From, but no layer above it has that name; did you mean 'input'?");
        Expect(
            "[Network(4)] [Layer.Dense(3, Name = \"Stem\")] [Layer.Add(From = new[] { \"Stem\", {|NETGEN026:\"Dense2\"|} }, Name = \"Sum\")] [Layer.Dense(3)] partial class Net;",
            "Layer 'Sum' takes 'Dense2' in From, but no layer above it has that name; 'Dense2' is further down: move it up; there are input, Stem");
        Expect(
            "[Network(4)] [Layer.Dense(3, Name = \"Stem\")] [Layer.Add(From = new[] { {|NETGEN026:\"Stme\"|}, {|NETGEN026:\"Other\"|} })] partial class Net;",
            "Layer 'Add1' takes 'Stme' in From, but no layer above it has that name; did you mean 'Stem'?",
            "Layer 'Add1' takes 'Other' in From, but no layer above it has that name; there are input, Stem");
        Expect(
            "[Network(4)] [Layer.Concat(From = [\"input\", {|NETGEN026:null|}])] partial class Net;",
            "Layer 'Concat1' takes '' in From, but no layer above it has that name; there are input");
        Expect(
            "[Network(4)] [Layer.Dense(3, From = [{|NETGEN026:\"Dense1\"|}])] partial class Net;",
            "Layer 'Dense1' takes 'Dense1' in From, but no layer above it has that name; it is its own; there are input");
    }

    [Fact]
    public void NETGEN027_output_is_not_used() => Expect(
        "[Network(4)] [{|NETGEN027:Layer.Dense(3)|}] [{|NETGEN027:Layer.Dense(3, From = [\"input\"], Name = \"Side\")|}] [Layer.Dense(3, From = [\"input\"])] partial class Net;",
        "Nothing takes the output of layer 'Dense1': name it in the From of a layer below, or remove it",
        "Nothing takes the output of layer 'Side': name it in the From of a layer below, or remove it");

    [Theory]
    [InlineData("Layer.Add", "3", "a sum takes equal shapes: give 'c' 3 units")]
    [InlineData("Layer.Multiply", "3", "a product takes equal shapes: give 'c' 3 units")]
    [InlineData("Layer.Add", "3, 1", "a sum takes equal shapes: give 'c' 3 units, put [Layer.Reshape(3, 1, From = [\"c\"])] behind 'c' and join that")]
    [InlineData("Layer.Multiply", "2, 4", "a product takes equal shapes: give 'c' 8 units, put [Layer.Reshape(2, 4, From = [\"c\"])] behind 'c' and join that")]
    [InlineData("Layer.Concat", "2, 3", "all dimensions but the first must be equal: put [Layer.Flatten(From = [\"input\"])] behind 'input' and join that")]
    [InlineData("Layer.Concat", "2, 4, 1", "all dimensions but the first must be equal: put [Layer.Flatten(From = [\"input\"])] behind 'input' and join that")]
    public void NETGEN028_shapes_of_a_join(string layer, string input, string requirement) => Expect(
        $"[Network({input})] [Layer.Dense(2, Name = \"a\")] [Layer.Dense(4, Name = \"b\")] [Layer.Dense(2, From = [\"a\"], Name = \"c\")]"
        + $"[{layer}({{|NETGEN028:From = [\"c\", \"a\", \"input\", \"b\"]|}}, Name = \"Join\")] partial class Net;",
        $"Layer 'Join' joins 'c' and 'input', whose shapes are [2] and [{input}]; {requirement}");

    [Fact]
    public void NETGEN028_channels_of_a_sum() => Expect(
        "[Network(3, 4)] [Layer.MaxPool1D(2, Name = \"a\")] [Layer.AveragePool1D(2, Stride = 1, From = [\"input\"], Name = \"b\")] [Layer.Add({|NETGEN028:From = [\"a\", \"b\"]|})] partial class Net;",
        "Layer 'Add1' joins 'a' and 'b', whose shapes are [3, 2] and [3, 3]; a sum takes equal shapes: "
        + "put a convolution with Stride = 2 behind 'b' and join that: [Layer.Conv1D(3, 1, Stride = 2, From = [\"b\"])]");

    [Fact]
    public void NETGEN029_number_of_inputs()
    {
        Expect("[Network(4)] [{|NETGEN029:Layer.Add|}] partial class Net;", "Layer 'Add1' has 1 input and takes two or more: name them in From");
        Expect(
            "[Network(4)] [Layer.Concat({|NETGEN029:From = [\"input\"]|})] partial class Net;", "Layer 'Concat1' has 1 input and takes two or more: name them in From");
        Expect("[Network(4)] [Layer.Dense(3, {|NETGEN029:From = []|})] partial class Net;", "Layer 'Dense1' has no inputs and takes one: name it, or remove From to take the layer above");
        Expect(
            "[Network(4)] [Layer.Dense(3)] [Layer.Flatten({|NETGEN029:From = [\"input\", \"Dense1\"]|})] partial class Net;", "Layer 'Flatten1' has 2 inputs and takes one: join them with Layer.Concat above it, and take that");
        Expect(
            $"[Network(4)] [Layer.Add({{|NETGEN014:From = new[] {{ {string.Join(", ", Enumerable.Repeat("\"input\"", 33))} }}|}})] partial class Net;",
            "Layer 'Add1' needs 33 inputs; the limit is 32");
    }

    [Theory]
    [InlineData("4", "MaxPool2D(2)", "[channels, height, width]", "; write [Network(1, 2, 2)]")]
    [InlineData("6", "MaxPool2D(2)", "[channels, height, width]", "; write its channels, height and width, as in [Network(1, 28, 28)] for 784 elements")]
    [InlineData("4, 4", "MaxPool2D(2)", "[channels, height, width]", "; write [Network(1, 4, 4)], or use MaxPool1D for signals")]
    [InlineData("4, 4", "AveragePool2D(2)", "[channels, height, width]", "; write [Network(1, 4, 4)], or use AveragePool1D for signals")]
    [InlineData("4, 4, 4", "MaxPool1D(2)", "[channels, length]", "; use MaxPool2D")]
    [InlineData("4, 4, 4", "AveragePool1D(2)", "[channels, length]", "; use AveragePool2D")]
    [InlineData("4, 4, 4, 4", "AveragePool1D(2)", "[channels, length]", "; put [Layer.Reshape(4, -1)] between them")]
    [InlineData("4", "GlobalMaxPool", "channels and positions, such as [channels, height, width]", "; write [Network(1, 2, 2)]")]
    [InlineData("4", "GlobalAveragePool", "channels and positions, such as [channels, height, width]", "; write [Network(1, 2, 2)]")]
    [InlineData("4, 4", "Upsample2D(2)", "[channels, height, width]", "; write [Network(1, 4, 4)]")]
    [InlineData("2, 4, 4, 4", "Upsample2D(2)", "[channels, height, width]", "; leave out the batch: [Network(4, 4, 4)]")]
    [InlineData("4, 4", "Pad2D(1)", "[channels, height, width]", "; write [Network(1, 4, 4)]")]
    [InlineData("4, 4", "Crop2D(1)", "[channels, height, width]", "; write [Network(1, 4, 4)]")]
    [InlineData("4", "SpatialDropout(0.5)", "channels and positions, such as [channels, height, width]", "; use Dropout")]
    public void NETGEN030_number_of_dimensions(string shape, string layer, string takes, string remedy) => Expect(
        $"[Network({shape})] [{{|NETGEN030:Layer.{layer}|}}] partial class Net;",
        $"Layer '{layer.Split('(')[0]}1' takes {takes}, but what it is given has shape [{shape}]{remedy}");

    [Theory]
    [InlineData("3, 4, 5", "MaxPool2D", 5, 4, "make it 4 or smaller")]
    [InlineData("3, 5, 4", "AveragePool2D", 5, 4, "make it 4 or smaller")]
    [InlineData("3, 2", "MaxPool1D", 3, 2, "make it 2 or smaller")]
    [InlineData("3, 1", "AveragePool1D", int.MaxValue, 1, "remove it, or pool less above it")]
    public void NETGEN031_window_is_too_large(string shape, string layer, int size, int extent, string remedy) => Expect(
        FormattableString.Invariant($"[Network({shape})] [Layer.{layer}({{|NETGEN031:{size}|}})] partial class Net;"),
        FormattableString.Invariant($"The window of layer '{layer}1' spans {size} along a dimension of {extent} in the shape [{shape}] that it is given; {remedy}"));

    [Fact]
    public void NETGEN032_argument_is_not_positive()
    {
        Expect("[Network(3, 4, 4)] [Layer.MaxPool2D({|NETGEN032:0|})] partial class Net;", "Size of layer 'MaxPool2D1' is 0; it must be at least 1");
        Expect(
            "[Network(3, 4)] [Layer.AveragePool1D(2, {|NETGEN032:Stride = 0|}, Name = \"Pool\")] partial class Net;", "Stride of layer 'Pool' is 0; it must be at least 1");
        Expect(
            "[Network(3, 4)] [Layer.MaxPool1D({|NETGEN032:size: -1|})] partial class Net;", "Size of layer 'MaxPool1D1' is -1; it must be at least 1");
        Expect("[Network(3, 4, 4)] [Layer.Upsample2D({|NETGEN032:0|})] partial class Net;", "Scale of layer 'Upsample2D1' is 0; it must be at least 1");
        Expect("[Network(3, 4, 4)] [Layer.Maxout({|NETGEN032:-3|})] partial class Net;", "Pieces of layer 'Maxout1' is -3; it must be at least 1");
        Expect(
            "[Network(12)] [Layer.Reshape({|NETGEN032:0|}, -1, {|NETGEN032:-2|})] partial class Net;",
            "Dimension 1 of layer 'Reshape1' is 0; it must be at least 1", "Dimension 3 of layer 'Reshape1' is -2; it must be at least 1");
    }

    [Theory]
    [InlineData("LayerNorm", "0", "0")]
    [InlineData("LayerNorm", "-1e-5", "-1E-05")]
    [InlineData("LayerNorm", "double.NaN", "NaN")]
    [InlineData("RMSNorm", "1e-50", "1E-50")]
    [InlineData("RMSNorm", "double.PositiveInfinity", "Infinity")]
    public void NETGEN035_epsilon_is_out_of_range(string layer, string epsilon, string shown) => Expect(
        $"[Network(4)] [Layer.{layer}({{|NETGEN035:Epsilon = {epsilon}|}})] partial class Net;",
        $"Layer '{layer}1' has Epsilon = {shown}; it must be positive and finite in single precision");

    [Theory]
    [InlineData("Pad2D({|NETGEN035:-1|})", "Size", "-1", "from 0 to 4096")]
    [InlineData("Pad2D(1, 2, {|NETGEN035:left: 4097|}, 3)", "Left", "4097", "from 0 to 4096")]
    [InlineData("Pad2D({|NETGEN035:5|}, Mode = PadMode.Reflect)", "Size", "5", "less than the height 5 of what Reflect mirrors")]
    [InlineData("Pad2D(0, 0, 0, {|NETGEN035:6|}, Mode = PadMode.Reflect)", "Right", "6", "less than the width 6 of what Reflect mirrors")]
    [InlineData("Crop2D({|NETGEN035:-1|})", "Size", "-1", "from 0 to 4096")]
    [InlineData("Crop2D(0, {|NETGEN035:int.MinValue|}, 0, 0)", "Bottom", "-2147483648", "from 0 to 4096")]
    public void NETGEN035_sides_are_out_of_range(string layer, string argument, string shown, string range) => Expect(
        $"[Network(2, 5, 6)] [Layer.{layer}] partial class Net;", $"Layer '{layer.Split('(')[0]}1' has {argument} = {shown}; it must be {range}");

    [Theory]
    [InlineData("GaussianNoise({|NETGEN035:-0.5|})", "Deviation", "-0.5", "at least 0 and finite in single precision")]
    [InlineData("GaussianNoise({|NETGEN035:deviation: double.NaN|})", "Deviation", "NaN", "at least 0 and finite in single precision")]
    [InlineData("RReLU({|NETGEN035:Lower = double.NegativeInfinity|})", "Lower", "-Infinity", "finite in single precision")]
    [InlineData("RReLU(Lower = 0, {|NETGEN035:Upper = 1e39|})", "Upper", "1E+39", "finite in single precision")]
    [InlineData("RReLU({|NETGEN035:Lower = 0.5|}, Upper = 0.25)", "Lower", "0.5", "at most Upper = 0.25")]
    [InlineData("RReLU({|NETGEN035:Upper = 0|})", "Upper", "0", "at least Lower = 0.125")]
    public void NETGEN035_chance_is_out_of_range(string layer, string argument, string shown, string range) => Expect(
        $"[Network(4)] [Layer.{layer}] partial class Net;", $"Layer '{layer.Split('(')[0]}1' has {argument} = {shown}; it must be {range}");

    [Theory]
    [InlineData("3, 4", "Layer.Reshape(5, 2)", "5, 2", "that has 10 elements instead of 12; change a dimension, or write -1 for the one that should follow")]
    [InlineData("12", "Layer.Reshape(int.MaxValue, int.MaxValue, 12)", "2147483647, 2147483647, 12",
        "that has 5.534023216958905E+19 elements instead of 12; change a dimension, or write -1 for the one that should follow")]
    [InlineData("12", "Layer.Reshape(5, -1)", "5, -1", "12 elements are not a multiple of 5, the product of the dimensions given; change one of them")]
    [InlineData("1", "Layer.Reshape", "", "a shape has at least one dimension, such as -1 for all elements")]
    [InlineData("1", "Layer.Reshape(null)", "", "a shape has at least one dimension, such as -1 for all elements")]
    public void NETGEN036_shapes_of_different_elements(string input, string layer, string shape, string reason) => Expect(
        $"[Network({input})] [{{|NETGEN036:{layer}|}}] partial class Net;", $"Layer 'Reshape1' cannot give [{input}] the shape [{shape}]: {reason}");

    [Fact]
    public void NETGEN036_extents_that_follow() => Expect(
        "[Network(12)] [Layer.Reshape(-1, 3, {|NETGEN036:-1|}, Name = \"Image\")] partial class Net;",
        "Layer 'Image' cannot give [12] the shape [-1, 3, -1]: only one dimension can be -1 and follow from the others");

    [Theory]
    [InlineData("3, 4", "Layer.Permute(1, {|NETGEN037:2|})", "1, 2", "2", "0, 1")]
    [InlineData("3, 4", "Layer.Permute({|NETGEN037:-1|}, 0)", "-1, 0", "2", "0, 1")]
    [InlineData("3, 4, 5", "Layer.Permute(1, 2, {|NETGEN037:1|})", "1, 2, 1", "3", "0, 1, 2")]
    [InlineData("3, 4", "Layer.Permute(order: new[] { 1, {|NETGEN037:1|} })", "1, 1", "2", "0, 1")]
    [InlineData("3, 4, 5", "{|NETGEN037:Layer.Permute(1, 0)|}", "1, 0", "3", "0, 1, 2")]
    [InlineData("3", "{|NETGEN037:Layer.Permute(0, 1)|}", "0, 1", "1", "0")]
    [InlineData("3", "{|NETGEN037:Layer.Permute|}", "", "1", "0")]
    public void NETGEN037_order_of_dimensions(string input, string layer, string order, string dimensions, string numbers) => Expect(
        $"[Network({input})] [{layer}] partial class Net;",
        $"Layer 'Permute1' has the order ({order}), but the shape [{input}] has {dimensions} dimensions: name each once, by the numbers {numbers}");

    [Fact]
    public void NETGEN038_nothing_is_left()
    {
        Expect(
            "[Network(3, 5, 4)] [Layer.Crop2D(2, 2, 1, {|NETGEN038:3|})] partial class Net;", "Layer 'Crop2D1' removes 1 and 3 of 4 columns, which leaves none; remove fewer");
        Expect(
            "[Network(3, 5, 9)] [Layer.Crop2D({|NETGEN038:3|}, Name = \"Middle\")] partial class Net;", "Layer 'Middle' removes 3 and 3 of 5 lines, which leaves none; remove fewer");
        Expect(
            "[Network(3, 1, 1)] [Layer.Crop2D({|NETGEN038:1|}, 0, {|NETGEN038:4096|}, 4096 - 1)] partial class Net;",
            "Layer 'Crop2D1' removes 1 and 0 of 1 line, which leaves none; remove fewer", "Layer 'Crop2D1' removes 4096 and 4095 of 1 column, which leaves none; remove fewer");
    }

    [Theory]
    [InlineData("4", 3, 4)]
    [InlineData("6, 4, 4", 4, 6)]
    [InlineData("3, 4", 6, 3)]
    public void NETGEN039_pieces_do_not_divide(string shape, int pieces, int channels) => Expect(
        FormattableString.Invariant($"[Network({shape})] [Layer.Maxout({{|NETGEN039:{pieces}|}})] partial class Net;"),
        FormattableString.Invariant($"Layer 'Maxout1' takes the largest of each {pieces} channels, but what it is given has {channels}, in the shape [{shape}]: their number must be a multiple of the pieces"));

    [Fact]
    public void NETGEN090_activations_do_not_fit_the_stack()
    {
        UserProgram program = Expect(
            "[{|NETGEN090:{|NETGEN090:Network(784)|}|}] [Layer.Dense(1024)] partial class Net;",
            "Network 'Net' needs 256 KB of activations for prediction, more than the 64 KB it may take of the stack: they go to one buffer for each thread, kept for the thread's life",
            "Network 'Net' needs 512 KB of activations for training, more than the 128 KB it may take of the stack: they go to one buffer for each thread, kept for the thread's life");
        Assert.All(program.Result.Diagnostics, diagnostic => Assert.Equal(DiagnosticSeverity.Info, diagnostic.Severity));
        program.AssertCompiles();
    }

    [Fact]
    public void NETGEN099_names_the_network_and_the_fault_on_one_line()
    {
        Diagnostic diagnostic = NetworkGenerator.Failure("Net", new InvalidOperationException("A\r\nB"));
        Assert.Equal("NETGEN099", diagnostic.Id);
        Assert.Equal(DiagnosticSeverity.Error, diagnostic.Severity);
        Assert.Equal("NetGen failed on network 'Net': System.InvalidOperationException: A  B. Please report this with the class's attributes", diagnostic.GetMessage(null));
    }

    [Fact]
    public void Warnings_leave_the_network_standing()
    {
        UserProgram program = UserProgram.Of(["[NetGen.Network(4)] [NetGen.Layer.Dense(3, Alpha = 3, BiasScale = 1)] partial class Net { }"]);
        Assert.Equal(["NETGEN024", "NETGEN025"], program.Result.Diagnostics.Select(diagnostic => diagnostic.Id));
        program.AssertCompiles();
    }

    /// <summary>An attribute the compiler itself refuses is the compiler's to report.</summary>
    [Theory]
    [InlineData("Network(\"3\")] [Layer.Dense(3)")]
    [InlineData("Network(3)] [Layer.Dense(Missing)")]
    [InlineData("Network(3)] [Layer.Dense(int.MaxValue + 1)")]
    [InlineData("Network(3)] [Layer.Dense(3, Alpha = typeof(int))")]
    [InlineData("Network(3)] [Layer.Dense")]
    [InlineData("Network(3, Loss = Loss.Missing)] [Layer.Dense(3)")]
    [InlineData("Network(3)] [Layer.Dens(3)")]
    [InlineData("Network(3)] [Layer.Block(typeof(Missing))")]
    [InlineData("Network(3)] [Layer.Block(typeof(Missing[]))")]
    [InlineData("Network(3)] [Layer.Custom(typeof(System.Collections.Generic.List<Missing>))")]
    [InlineData("Network(3, CustomLoss = typeof(Missing))] [Layer.Dense(3)")]
    [InlineData("Network(3)] [Layer.Dense(0)] [Layer.Conv2D(Missing, 3)")]
    public void Errors_of_the_compiler_are_not_repeated(string attributes)
    {
        UserProgram program = Expect($"[{attributes}] partial class Net;");
        Assert.All(program.Texts, text => Assert.Contains("The compiler reports an error in its attributes.", text.Text, StringComparison.Ordinal));
        Assert.All(program.Output.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error), error => Assert.False(program.IsInGenerated(error)));
        Assert.Contains(program.Output.GetDiagnostics(), diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
    }

    [Fact]
    public void A_valid_network_says_nothing() => Expect("[Network(4, Loss = Loss.Huber)] [Layer.Dense(3, Activation.ELU, Alpha = 0.5)] [Layer.Dropout(0.1)] [Layer.Dense(1)] partial class Net;");

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_is_documented(string id)
    {
        DiagnosticDescriptor rule = Descriptors.Single(rule => rule.Id == id);
        string root = Repository.Root;
        string page = $"docs/diagnostics/{id}.md";
        string[] lines = File.ReadAllLines(Path.Combine(root, page));
        Assert.Equal($"# {id}: {rule.Title}", lines[0]);
        Assert.Contains($"[{id}]({id}.md)", File.ReadAllText(Path.Combine(root, "docs/diagnostics/README.md")), StringComparison.Ordinal);
        string releases = File.ReadAllText(Path.Combine(root, "Generator/AnalyzerReleases.Unshipped.md"))
            + File.ReadAllText(Path.Combine(root, "Generator/AnalyzerReleases.Shipped.md"));
        Assert.Contains($"{id} | NetGen | {rule.DefaultSeverity} | [{rule.Title}](../{page})", releases, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_links_to_its_page_once_the_project_has_an_address(string id)
    {
        Assert.Equal("", Rules.HelpLink(null, id));
        Assert.Equal($"https://example.org/net/blob/main/docs/diagnostics/{id}.md", Rules.HelpLink("https://example.org/net/blob/main/", id));
        string? address = typeof(Rules).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(metadata => metadata.Key == "NetGenFilesUrl")?.Value;
        Assert.Equal(Rules.HelpLink(address, id), Descriptors.Single(rule => rule.Id == id).HelpLinkUri);
    }

    /// <summary>The first example of each page triggers the rule and nothing worse; the second, where there is one, is fine.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void The_examples_of_the_documents_do_what_they_say(string id)
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, $"docs/diagnostics/{id}.md"));
        string[] examples = [.. page.Split("```csharp\n").Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)])];
        LanguageVersion version = id == "NETGEN019" ? LanguageVersion.CSharp10 : LanguageVersion.CSharp12;
        OptimizationLevel level = id == "NETGEN091" ? OptimizationLevel.Debug : OptimizationLevel.Release;
        UserProgram bad = UserProgram.Of(
            [$"using NetGen;\n{examples[0]}"], NetworkCompiler.ParseOptions.WithLanguageVersion(version), options => options.WithOptimizationLevel(level));
        if (id == "NETGEN099")
            Assert.Empty(bad.Result.Diagnostics);
        else
            Assert.Equal([id], bad.Result.Diagnostics.Select(diagnostic => diagnostic.Id).Distinct().Where(found => found == id || found != "NETGEN090"));
        foreach (string good in examples.Skip(1))
        {
            UserProgram program = UserProgram.Of([$"using NetGen;\n{good}"]);
            Assert.DoesNotContain(program.Result.Diagnostics, diagnostic => diagnostic.Severity > DiagnosticSeverity.Info);
            program.AssertCompiles();
        }
    }

    [Fact]
    public void No_two_rules_share_an_identifier() => Assert.Equal(Descriptors.Count(), Descriptors.DistinctBy(rule => rule.Id).Count());

    internal static UserProgram Expect(string markup, params string[] messages) => Expect(markup, LanguageVersion.CSharp12, messages);

    /// <summary>Runs the generator over files divided by <c>====</c>; the messages belong to the marks in their order.</summary>
    private static UserProgram Expect(string markup, LanguageVersion version, params string[] messages)
    {
        List<string> sources = [], expected = [];
        foreach (string file in markup.Split("\n====\n"))
        {
            string source = "using NetGen;\n";
            List<(int Index, int Start, string Id)> open = [];
            for (int i = 0; i < file.Length; i++)
            {
                if (file.AsSpan(i).StartsWith("{|"))
                {
                    int colon = file.IndexOf(':', i);
                    open.Add((expected.Count, source.Length, file[(i + 2)..colon]));
                    expected.Add("");
                    i = colon;
                }
                else if (file.AsSpan(i).StartsWith("|}"))
                {
                    (int index, int start, string id) = open[^1];
                    open.RemoveAt(open.Count - 1);
                    expected[index] = $"{id} at {start} of file {sources.Count}, '{source[start..]}': {messages[index]}";
                    i++;
                }
                else
                {
                    source += file[i];
                }
            }

            sources.Add(source);
        }

        Assert.Equal(messages.Length, expected.Count);
        UserProgram program = UserProgram.Of(sources, NetworkCompiler.ParseOptions.WithLanguageVersion(version));
        Assert.Null(program.Result.Exception);
        IEnumerable<string> actual = program.Result.Diagnostics
            .OrderBy(diagnostic => diagnostic.Location.SourceTree?.FilePath, StringComparer.Ordinal)
            .ThenBy(diagnostic => diagnostic.Location.SourceSpan.Start)
            .Select(Show);
        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
        return program;

        string Show(Diagnostic diagnostic)
        {
            Location place = diagnostic.Location;
            int file = sources.FindIndex(source => source == place.SourceTree?.ToString());
            return $"{diagnostic.Id} at {place.SourceSpan.Start} of file {file}, '{place.SourceTree?.ToString().Substring(place.SourceSpan.Start, place.SourceSpan.Length)}': {diagnostic.GetMessage(null)}";
        }
    }
}
