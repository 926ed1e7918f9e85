using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace NetGen.Tests.Generation;

/// <summary>Programs with networks of random shape, many of them wrong in some way, or in several.</summary>
internal sealed class RandomPrograms(int seed)
{
    private static readonly string[] Names =
        ["Net", "@class", "\u7DB2\u8DEF", "R\u00E9seau", "net", "V", "Math", "Span", "NetGenX", "Info", "Load", "Layer", "_", new('N', 500)];

    private static readonly string[] Kinds = ["class", "record", "struct", "record struct", "interface", "enum"];

    private static readonly string[] Modifiers =
        ["", "static partial", "abstract partial", "file partial", "public unsafe partial", "sealed abstract partial", "partial partial", "private partial"];

    private static readonly string[] Namespaces =
        ["namespace A.B {", "namespace @class {", "namespace App.System {", "namespace NetGen {"];

    private static readonly string[] Outers =
    [
        "partial class Outer {", "class Outer {", "partial struct Outer {", "partial interface IOuter {", "partial record Outer(int A) {",
        "partial class Outer<T> {", "static partial class Outer {", "file partial class Outer {", "ref partial struct Outer {", "class {",
    ];

    private static readonly string[] Suffixes = ["<T>", "<in T>", "(int a)", "()", " : Base", " : Base, System.IDisposable", " : Missing", " : NetGen.INetwork<float>", " where T : class"];

    private static readonly string[] Bases =
    [
        "public class Base { }", "public class Base { public Base(int a) { } }", "public class Base { public virtual void Predict() { } public int Info; }",
        "public abstract class Base { public abstract void Refresh(); }", "public sealed class Base { }", "public class Base { private Base() { } }",
        "public class Base { public required int A { get; init; } }", "",
    ];

    private static readonly string[] Members =
    [
        "public void Forward() { }", "public int InputSize;", "public int Dense1 => 1;", "public int @Dense1;", "public event System.Action? Load;", "class Info { }",
        "const int Parameters = 3;", "static int _a, Train;", "static {0}() {{ }}", "public {0}() {{ }}", "public {0}(int seed) {{ }}", "public {0}(string a) : this(seed: 0) {{ }}",
        "public {0}(string a) : base() {{ }}", "public {0}(string a) : this(1, 2) {{ }}", "void get_Info() { }", "int get_Dense1() => 1;", "int this[int i] => i;", "~{0}() {{ }}",
        "public required int Wanted {{ get; set; }}", "delegate void OutputSize();", "void System.IDisposable.Dispose() { }", "public override string ToString() => \"\";",
        "int Dense1", "enum Dense2 { A }", "void Predict(int a) { } void Predict() { }", "public static explicit operator int({0} net) => 0;", "}", "{", "#if", "#pragma warning disable",
    ];

    private static readonly string[] Shapes =
    [
        "0", "-1", "int.MaxValue", "int.MinValue", "", "null", "new int[0]", "new int[] { 2, 3 }", "new[] { 1, 0 }", "\"x\"", "1.5", "typeof(int)", "typeof(Missing)", "Missing",
        "int.MaxValue + 1", "65536, 65536", "16777216", "16777217", "(int)3.7", "'a'", "1, 2, 3, 4, 5, 6, 7, 8, 9", "inputShape: 3", "default", "3, -1, 0", "Missing<>.X", "3,", "const", "1 / 0",
        "4096, 4096, 4096", "[2, 3]", "sizeof(int)", "nameof(A)", "checked(1 << 31)", "unchecked(int.MaxValue * 2)",
    ];

    private static readonly string[] Units =
    [
        "0", "-1", "int.MaxValue", "int.MinValue", "", "null", "\"3\"", "2.5", "(int)double.NaN", "16777216", "16777217", "100000", "Missing", "int.MaxValue + 1", "'\\u0003'", "units: 3", "units: 0, units: 1",
        "1, 2", "true", "default", "3, (NetGen.Activation)99", "3, NetGen.Activation.Missing", "3, activation: (NetGen.Activation)(-1)", "3, NetGen.Activation.Softmax", "1, NetGen.Activation.Softmax",
        "activation: NetGen.Activation.ReLU, units: 4", "3, 0", "3, null", "3, (NetGen.Activation)int.MinValue",
    ];

    private static readonly string[] Names2 =
    [
        "null", "\"\"", "\"Stem\"", "\"stem\"", "\"class\"", "\"1a\"", "\"a b\"", "\"Net\"", "\"Info\"", "\"Load\"", "\"Dense1\"", "\"Dense2\"", "\"Inputs\"", "\"Buffer\"", "\"V\"", "\"a\\u200Bb\"", "\"ab\"", "\"_x\"",
        "\"value\"", "\"Gradients\"", "\"\\0\"", "\"\\ud800\"", "\"a.b\"", "\"@a\"", "\"\u00E9\"", "\"\u0130\"", "\"Row\"", "\"GetHashCode\"", "3", "nameof(Missing)", "typeof(int)", "\"\" + null", $"\"{new string('L', 500)}\"",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-1", "double.NaN", "double.PositiveInfinity", "double.MaxValue", "double.Epsilon", "1e-45", "3.5f", "1", "-0.0", "1e30", "\"0\"", "null", "Missing", "0.1m", "long.MaxValue", "0.30000000000000004", "1 / 0", "0x10",
    ];

    private static readonly string[] Initializers =
        ["Initializer.Constant", "Initializer.Normal", "Initializer.HeNormal", "(Initializer)99", "(Initializer)(-1)", "Initializer.Missing", "3", "0", "null", "default"];

    private static readonly string[] Losses =
        ["Loss.None", "Loss.MeanSquaredError", "Loss.SoftmaxCrossEntropy", "Loss.BinaryCrossEntropy", "(Loss)99", "(Loss)(-1)", "Loss.Missing", "0", "1", "null", "\"x\"", "default(Loss)", "Loss"];

    private static readonly string[] Activations =
        ["ReLU", "LeakyReLU", "ELU", "SELU", "Sigmoid", "Tanh", "Softplus", "GELU", "SiLU", "HardSigmoid", "HardSwish", "Softsign", "Mish", "Softmax", "Identity"];

    // What fits few shapes, so that most programs would be refused.
    private static readonly string[] Demanding =
    [
        "GlobalMaxPool", "GlobalAveragePool", "MaxPool2D", "AveragePool2D", "MaxPool1D", "AveragePool1D", "Add", "Multiply", "Concat",
        "Reshape", "Permute", "Upsample2D", "Pad2D", "Crop2D", "Maxout", "SpatialDropout",
    ];

    private static readonly string[] Sources =
        ["[\"input\"]", "[\"input\", \"input\"]", "[\"Dense1\"]", "[\"input\", \"Dense1\"]", "[\"Stem\", \"Add1\", \"Dense1\"]", "[]", "null", "[null]", "[\"\"]", "new[] { \"Dense2\", \"Dense1\" }", "\"input\"", "[3]"];

    private readonly Random _random = new(seed);

    /// <summary>Source files of one program and how they are parsed.</summary>
    public (string[] Sources, CSharpParseOptions Options) Next()
    {
        string name = Rarely(Names, "Net");
        string @namespace = Rarely(Namespaces, ""), outer = Rarely(Outers, "");
        string header = $"{Rarely(Modifiers, "partial")} {Rarely(Kinds, "class")} {name}{Rarely(Suffixes, "")}";
        StringBuilder text = new("using NetGen;\n");
        text.Append(@namespace).Append(' ').Append(outer).Append('\n');
        text.Append(Attributes(Hostile(30) ? 2 : 1));
        text.Append(header).Append(" {\n");
        for (int member = _random.Next(8) == 0 ? _random.Next(1, 4) : 0; member > 0; member--)
            text.Append("    ").Append(Choose(Members).Replace("{0}", name, StringComparison.Ordinal).Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal)).Append('\n');
        text.Append("}\n");
        if (outer.Length > 0)
            text.Append("}\n");
        if (@namespace.Length > 0)
            text.Append("}\n");
        text.Append(Choose(Bases)).Append('\n');
        if (Hostile(20))
            text.Append($"namespace Other {{ {Attributes(1)} partial class {name} {{ }} }}\n");
        if (Hostile(40))
            text.Append("public sealed class MineAttribute : LayerAttribute { }\nnamespace Deep { public sealed class OtherAttribute<T> : LayerAttribute { } }\n");

        List<string> sources = [text.ToString()];
        for (int part = Hostile(15) ? _random.Next(1, 3) : 0; part > 0; part--)
            sources.Add($"using NetGen;\n{(Hostile(2) ? Layer() : "")}{(Hostile(4) ? Network() : "")}partial class {name} {{ }}\n");
        if (Hostile(20))
            sources = [.. sources.Select(source => source.ReplaceLineEndings("\r\n"))];
        LanguageVersion version = Hostile(20)
            ? Choose([LanguageVersion.CSharp7_3, LanguageVersion.CSharp8, LanguageVersion.CSharp9, LanguageVersion.CSharp10, LanguageVersion.Preview])
            : Choose([LanguageVersion.CSharp11, LanguageVersion.CSharp12]);
        return ([.. sources], new(version, Microsoft.CodeAnalysis.DocumentationMode.Diagnose));
    }

    private string Attributes(int networks)
    {
        StringBuilder text = new();
        for (int network = 0; network < networks; network++)
            text.Append(Network());
        for (int layer = Hostile(15) ? 0 : _random.Next(1, 6); layer > 0; layer--)
            text.Append(Layer());
        return text.ToString();
    }

    private string Network()
    {
        string shape = Rarely(Shapes, Choose(["1", "3", "17", "784", "1, 28, 28"]));
        List<string> arguments = shape.Length > 0 ? [shape] : [];
        if (_random.Next(2) == 0)
            arguments.Add($"Loss = {Rarely(Losses, "Loss.MeanSquaredError")}");
        if (_random.Next(4) == 0)
            arguments.Add($"Precision = {Rarely(["(Precision)2", "1", "null", "Precision"], "Precision.Double")}");
        if (Hostile(30))
            arguments.Add(Choose(["Loss = Loss.Huber", "Missing = 3", "Loss = (Loss)1", "seed: 3", "Precision = Precision.Single"]));
        return $"[Network({string.Join(", ", arguments)})]\n";
    }

    private string Layer()
    {
        if (Hostile(30))
            return Choose(["[Layer.Missing(3)]\n", "[Layer.Dense]\n", "[Layer]\n", "[Mine]\n", "[Deep.Other<int>]\n", "[Layer.Dense(3]\n", "[NetGen.LayerAttribute]\n", "[return: Layer.Dense(3)]\n", "[Layer.Dropout(1, 2)]\n"]);
        string activation = Choose(Activations);
        List<string> arguments;
        string kind = Rarely(Demanding, Choose(["Dense", "Dense", "Dense", "Activation", "Activation", "Dropout", "Flatten", "PReLU", "Swish", "RReLU", "AlphaDropout", "GaussianNoise", "LayerNorm", "RMSNorm"]));
        switch (kind)
        {
            case "Dense":
                arguments = [Rarely(Units, $"{Choose(["1", "2", "10", "33", "64"])}, Activation.{activation}")];
                if (_random.Next(6) == 0)
                    arguments.Add($"WeightInitializer = {Choose(Initializers)}, WeightScale = {Choose(Numbers)}");
                if (_random.Next(6) == 0)
                    arguments.Add($"BiasInitializer = {Choose(Initializers)}, BiasScale = {Choose(Numbers)}, Bias = {Choose(["true", "false", "1"])}");
                break;
            case "Activation":
                arguments = [Rarely(["(Activation)99", "99", "", "Activation.Missing", "function: Activation.ReLU", "null"], $"Activation.{activation}")];
                break;
            case "LayerNorm" or "RMSNorm":
                arguments = _random.Next(3) == 0 ? [$"Epsilon = {Choose(Numbers)}"] : [];
                break;
            case "Flatten" or "PReLU" or "Swish" or "GlobalMaxPool" or "GlobalAveragePool":
                arguments = [];
                break;
            case "RReLU":
                arguments = _random.Next(3) == 0 ? [$"Lower = {Choose(Numbers)}", $"Upper = {Choose(Numbers)}"] : [];
                break;
            case "Reshape":
                arguments = [Rarely(Shapes, Choose(["-1", "1, -1", "-1, 1, 1", "28, 28", "1, 28, 28", "-1, 2", "-1, -1"]))];
                break;
            case "Permute":
                arguments = [Rarely(Shapes, Choose(["0", "1, 0", "2, 0, 1", "0, 2, 1", "0, 0", "3", ""]))];
                break;
            case "Upsample2D":
                arguments = [Rarely(Units, Choose(["1", "2", "3", "2, Interpolation.Bilinear", "2, (Interpolation)2"]))];
                break;
            case "Pad2D" or "Crop2D":
                arguments = [Rarely(Units, Choose(["0", "1", "14", "1, 2, 0, 3", "bottom: 2, top: 1, left: 0, right: 0", "0, 0, 28, 0"]))];
                if (kind == "Pad2D" && _random.Next(2) == 0)
                    arguments.Add($"Mode = {Choose(["PadMode.Replicate", "PadMode.Reflect", "(PadMode)3", "null"])}");
                break;
            case "Maxout":
                arguments = [Rarely(Units, Choose(["1", "2", "3"]))];
                break;
            case "Add" or "Multiply" or "Concat":
                arguments = [$"From = {Choose(Sources)}"];
                break;
            case "MaxPool2D" or "AveragePool2D" or "MaxPool1D" or "AveragePool1D":
                arguments = [Rarely(Units, Choose(["1", "2", "3"]))];
                if (_random.Next(3) == 0)
                    arguments.Add($"Stride = {Rarely(Numbers, Choose(["1", "2"]))}");
                break;
            default:
                arguments = [Rarely(Numbers, Choose(["0", "0.5", "0.999999", "1 - 0.5"]))];
                break;
        }

        if (kind is "Dense" or "Activation" && _random.Next(6) == 0)
            arguments.Add($"Alpha = {Choose(Numbers)}");
        if (_random.Next(6) == 0)
            arguments.Add($"Name = {Choose(Names2)}");
        if (kind is not ("Add" or "Multiply" or "Concat") && Hostile(20))
            arguments.Add($"From = {Choose(Sources)}");
        if (Hostile(50))
            arguments.Add("Missing = 3");
        return $"[Layer.{kind}({string.Join(", ", arguments.Where(argument => argument.Length > 0))})]\n";
    }

    private bool Hostile(int oneIn) => _random.Next(oneIn) == 0;

    private string Rarely(string[] hostile, string usual) => _random.Next(10) == 0 ? Choose(hostile) : usual;

    private TItem Choose<TItem>(TItem[] items) => items[_random.Next(items.Length)];
}
