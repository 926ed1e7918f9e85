using System.Reflection;
using System.Text;

namespace NetGen.Tests.Generation;

/// <summary>
/// Networks that are graphs, made of every layer attribute the runtime has, with arguments found by reflection: usual ones, and now and then one that no
/// layer takes. Blocks, functions and losses come along, right and wrong.
/// </summary>
internal sealed class RandomGraphPrograms(int seed)
{
    private static readonly Type[] Attributes = [.. typeof(Layer).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(LayerAttribute))).OrderBy(type => type.Name, StringComparer.Ordinal)];

    private static readonly Type[] Ordinary = [.. Attributes.Except([typeof(Layer.InputAttribute), typeof(Layer.OutputAttribute)])];

    // Layers that take any shape, so that networks get somewhere.
    private static readonly Type[] Easy =
    [
        typeof(Layer.DenseAttribute), typeof(Layer.ActivationAttribute), typeof(Layer.DropoutAttribute), typeof(Layer.PReLUAttribute), typeof(Layer.BatchNormAttribute),
        typeof(Layer.LayerNormAttribute), typeof(Layer.CustomAttribute), typeof(Layer.BlockAttribute), typeof(Layer.SwishAttribute), typeof(Layer.FlattenAttribute),
    ];

    private static readonly string[] Integers = ["0", "-1", "-2", "int.MaxValue", "int.MinValue", "4097", "65536", "16777217", "1000000007", "(int)'x'", "3L", "null", "Missing", "1 / 0"];

    private static readonly string[] Reals =
        ["0", "-1", "-0.0", "1", "double.NaN", "double.PositiveInfinity", "double.NegativeInfinity", "double.MaxValue", "double.Epsilon", "1e39", "1e-50", "null", "\"1\""];

    private static readonly string[] Texts =
        ["null", "\"\"", "\"input\"", "\"Net\"", "\"class\"", "\"a b\"", "\"Info\"", "\"Block1\"", "\"Block1Dense1\"", "\"\\0\"", "\"\\ud800\"", $"\"{new string('x', 2000)}\"", "3", "nameof(Missing)"];

    private static readonly string[] Types =
    [
        "null", "typeof(int)", "typeof(Net)", "typeof(Missing)", "typeof(int[])", "typeof(int*)", "typeof(void)", "typeof(string)", "typeof((int, int))", "typeof(System.Collections.Generic.List<>)",
        "typeof(System.Collections.Generic.List<int>)", "typeof(System.Span<int>)", "typeof(Enum)", "typeof(object)", "\"Net\"", "default(System.Type)", "typeof(Empty)", "typeof(Hidden.Inner)", "typeof(Local)",
    ];

    private static readonly string[] Functions = ["typeof(Good)", "typeof(Good)", "typeof(Half)", "typeof(Instance)", "typeof(Plain)", "typeof(Open<int>)", "typeof(Virtual)", "typeof(Structure)"];

    private static readonly string[] Losses = ["typeof(GoodLoss)", "typeof(GoodLoss)", "typeof(HalfLoss)", "typeof(Good)"];

    private static readonly string[] Names = ["Stem", "Head", "left", "right", "Block1", "Dense2"];

    private const string Declarations = """

        static class Good { public static V Forward<V>(V x) where V : struct, IVector<V> => V.Sin(x); public static V Derivative<V>(V x) where V : struct, IVector<V> => V.Cos(x); }
        static class Half { public static V Forward<V>(V x) where V : struct, IVector<V> => x; }
        class Instance { public V Forward<V>(V x) where V : struct, IVector<V> => x; public V Derivative<V>(V x) where V : struct, IVector<V> => x; }
        static class Plain { public static float Forward(float x) => x; public static float Derivative(float x) => 1; }
        static class Open<T> { public static V Forward<V>(V x) where V : struct, IVector<V> => x; public static V Derivative<V>(V x) where V : struct, IVector<V> => x; }
        interface Virtual { static virtual V Forward<V>(V x) where V : struct, IVector<V> => x; static virtual V Derivative<V>(V x) where V : struct, IVector<V> => x; }
        struct Structure { public static V Forward<V>(V x) => x; public static V Derivative<V>(V x) where V : struct, IVector<V> => V.Zero; static int Forward(object x) => 0; }
        static class GoodLoss { public static V Loss<V>(V o, V t) where V : struct, IVector<V> => (o - t) * (o - t); public static V Derivative<V>(V o, V t) where V : struct, IVector<V> => o - t + (o - t); }
        static class HalfLoss { public static V Loss<V>(V o, V t) where V : struct, IVector<V> => o; }
        class Empty;
        class Hidden { private static class Inner { public static V Forward<V>(V x) => x; public static V Derivative<V>(V x) => x; } }
        file static class Local { public static V Forward<V>(V x) => x; public static V Derivative<V>(V x) => x; }
        """;

    private readonly Random _random = new(seed);

    // Names of the layers written so far, for From and Shared.
    private readonly List<string> _names = [];
    private readonly Dictionary<string, int> _counts = [];
    private int _hostility;

    /// <summary>The source of one program.</summary>
    public string Next()
    {
        // Many programs are right, many have one mistake, and some nothing but.
        _hostility = Choose([0, 150, 40, 12]);
        StringBuilder text = new("using NetGen;\n");
        bool hasInputs = OneIn(5), hasOutputs = OneIn(4);
        List<string> network = hasInputs && !IsHostile() ? [] : [IsHostile() ? Choose(Integers) : Choose(["4", "2, 12", "3, 8, 8", "4, 16, 16", "1, 12, 9"])];
        if (!hasOutputs || IsHostile())
            network.Add(OneIn(4) ? $"CustomLoss = {UserType(Losses)}" : $"Loss = {Value(typeof(Loss), "Loss")}");
        if (OneIn(4))
            network.Add($"Precision = {Value(typeof(Precision), "Precision")}");
        text.Append($"[Network({string.Join(", ", network)})]\n");
        Begin();
        for (int input = hasInputs ? _random.Next(1, 4) : 0; input > 0; input--)
            text.Append(Write(typeof(Layer.InputAttribute)));
        for (int layer = _random.Next(1, 9); layer > 0; layer--)
        {
            text.Append(Write(Kind()));
            if (hasOutputs && OneIn(3))
                text.Append(Write(typeof(Layer.OutputAttribute)));
        }

        if (hasOutputs)
            text.Append(Write(typeof(Layer.OutputAttribute)));
        text.Append("public sealed partial class Net;\n");
        for (int block = 0; block < 3; block++)
        {
            Begin();
            for (int layer = IsHostile() ? 0 : _random.Next(1, 4); layer > 0; layer--)
                text.Append(Write(OneIn(2) || block == 2 ? Choose([typeof(Layer.DenseAttribute), typeof(Layer.PReLUAttribute)]) : Kind()));
            // Abstract, because another partial class with layers and no [Network] is a mistake of its own.
            text.Append($"abstract partial class Block{block};\n");
            if (IsHostile())
                text.Append($"[Layer.Dense(3)] abstract partial class Block{block};\n");
        }

        return text.Append(Declarations).ToString();
    }

    private void Begin()
    {
        _names.Clear();
        _counts.Clear();
    }

    // Inputs and outputs have places of their own, where networks have any.
    private Type Kind() => OneIn(2) ? Choose(Easy) : Choose(IsHostile() ? Attributes : Ordinary);

    private string Write(Type type)
    {
        string kind = type.Name[..^"Attribute".Length];
        List<string> arguments = [];
        foreach (System.Reflection.ParameterInfo parameter in Choose(type.GetConstructors()).GetParameters())
        {
            if (parameter.IsOptional && OneIn(2))
                break;
            string name = char.ToUpperInvariant(parameter.Name![0]) + parameter.Name[1..];
            string value = kind == "Input" && !IsHostile() ? Choose(["4", "3, 8, 8"]) : Value(parameter.ParameterType, name);
            if (parameter.IsDefined(typeof(ParamArrayAttribute)) && !IsHostile())
                value = value.Replace("new[] { ", "", StringComparison.Ordinal).Replace(" }", "", StringComparison.Ordinal);
            arguments.Add(value);
        }

        string given = kind + (_counts[kind] = _counts.GetValueOrDefault(kind) + 1);
        bool isJoin = kind is "Add" or "Multiply" or "Concat";
        foreach (PropertyInfo property in type.GetProperties().Where(property => property.CanWrite))
        {
            bool isWanted = property.Name switch
            {
                "Name" => OneIn(8) || IsHostile(),
                "From" => isJoin || (kind != "Input" && OneIn(8)) || IsHostile(),
                "Mask" => true,
                _ => OneIn(5),
            };
            if (!isWanted)
                continue;
            string value = Value(property.PropertyType, property.Name, isJoin);
            arguments.Add($"{property.Name} = {value}");
            if (property.Name == "Name" && value.StartsWith('"') && value.Length < 100)
                given = value.Trim('"');
        }

        _names.Add(given);
        return $"[Layer.{kind}({string.Join(", ", arguments)})]\n";
    }

    private string Value(Type type, string name, bool isJoin = false)
    {
        if (type == typeof(int))
            return IsHostile() ? Choose(Integers) : name switch { "Vocabulary" => "12", "Kernel" => Choose(["1", "2", "3"]), "Repeat" => Choose(["1", "2", "3"]), "Padding" => Choose(["0", "1", "Layer.Same"]), _ => Choose(["1", "1", "2", "2", "3", "4"]) };
        if (type == typeof(double))
            return IsHostile() ? Choose(Reals) : Choose(["0.25", "0.5", "1e-3"]);
        if (type == typeof(bool))
            return IsHostile() ? Choose(["1", "null", "Missing"]) : Choose(["true", "false"]);
        if (type == typeof(string))
            return IsHostile() ? Choose(Texts) : $"\"{(name == "Name" || _names.Count == 0 ? Choose(Names) : Choose(_names.ToArray()))}\"";
        if (type == typeof(string[]) && name == "Mask")
            return IsHostile() ? Choose(["null", "[]", "new string[] { null }", "new[] { \"\" }", "new[] { \"10\", \"1\" }", "new[] { \"2\" }", "\"1\""]) : Choose(["new[] { \"1\" }", "new[] { \"10\" }"]);
        if (type == typeof(string[]))
            return Sources(isJoin);
        if (type == typeof(int[]))
            return IsHostile() ? Choose(["null", "new int[0]", "new[] { -1, -1 }", "new[] { int.MaxValue, int.MaxValue, int.MaxValue }", "new[] { 0 }", "new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }", "\"3\""]) : Choose(["new[] { 4 }", "new[] { -1 }", "new[] { 3, 8, 8 }", "new[] { 1, 0 }", "new[] { 2, 0, 1 }", "new[] { 1, -1 }"]);
        if (type == typeof(Type))
            return UserType(name switch { "Function" => Functions, "CustomLoss" => Losses, _ => ["typeof(Block0)", "typeof(Block1)", "typeof(Block2)"] });
        string[] values = Enum.GetNames(type);
        return IsHostile() ? Choose([$"({type.Name})99", $"({type.Name})(-1)", $"({type.Name})int.MinValue", "null", $"{type.Name}.Missing"]) : $"{type.Name}.{Choose(values)}";
    }

    private string UserType(string[] usual) => IsHostile() ? Choose(Types) : usual.Length > 2 && !IsHostile() && !OneIn(4) ? usual[_random.Next(2)] : Choose(usual);

    private string Sources(bool isJoin)
    {
        if (IsHostile())
            return Choose(["null", "[]", "[null]", "[\"\"]", "\"input\"", "[3]", $"new[] {{ {string.Join(", ", Enumerable.Repeat("\"input\"", 40))} }}", "[\"Later1\", \"Later1\"]", $"[\"{new string('y', 5000)}\"]"]);
        // Its own name makes a circle, as does that of a layer below.
        string[] names = [.. _names, "input", .. IsHostile() ? ["Add1", "Dense1", "Block1"] : Array.Empty<string>()];
        int count = isJoin ? _random.Next(2, 4) : 1;
        string first = Choose(names);
        return $"[{string.Join(", ", Enumerable.Range(0, count).Select(_ => $"\"{(OneIn(2) ? first : Choose(names))}\""))}]";
    }

    private bool IsHostile() => _hostility > 0 && _random.Next(_hostility) == 0;

    private bool OneIn(int count) => _random.Next(count) == 0;

    private TItem Choose<TItem>(TItem[] items) => items[_random.Next(items.Length)];
}
