using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CodeFixes;
using NetGen.Tests.Generation;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.CodeFixes;

/// <summary>Every code fix: its title, the very text it leaves, and that the text compiles to networks without another message.</summary>
public class CodeFixTests
{
    private const string Layers = "[Network(4)] [Layer.Dense(3)]";
    private const string Softmax = "NETGEN012";
    private const string Classes = "Loss = Loss.SoftmaxCrossEntropy";

    // ---- partial ----

    [Theory]
    [InlineData("class Net;", "partial class Net;")]
    [InlineData("/* of mine */ class Net { }", "/* of mine */ partial class Net { }")]
    [InlineData("public sealed /* of mine */ class Net;", "public sealed /* of mine */ partial class Net;")]
    [InlineData("internal\n    // of mine\n    class Net\n{\n}\n", "internal\n    // of mine\n    partial class Net\n{\n}\n")]
    public Task A_class_becomes_partial(string before, string after) =>
        MendsAsync("NETGEN001", "Make 'Net' partial", $"{Layers}\n{before}", $"{Layers}\n{after}");

    [Theory]
    [InlineData("NETGEN001", "Make 'Net' and what is around it partial", "")]
    [InlineData("NETGEN002", "Make 'Inner' and what is around it partial", "partial ")]
    public Task So_do_the_types_around_it(string rule, string title, string modifier) => MendsAsync(
        rule, title,
        $"public record class Outer {{ partial struct Middle {{ interface Inner {{ {Layers} public {modifier}class Net; }} }} }}",
        $"public partial record class Outer {{ partial struct Middle {{ partial interface Inner {{ {Layers} public partial class Net; }} }} }}");

    [Fact]
    public async Task Two_networks_in_one_type_become_partial_at_once()
    {
        const string Before = $"using NetGen;\nclass Outer\n{{\n    {Layers}\n    class A;\n\n    {Layers}\n    class B;\n}}\n";
        const string After = $"using NetGen;\npartial class Outer\n{{\n    {Layers}\n    partial class A;\n\n    {Layers}\n    partial class B;\n}}\n";
        Assert.Equal(After, await FixedProgram.FixAllAsync(Before, "NETGEN001"));
        UserProgram.Of([After]).AssertCompiles(networks: 2);
    }

    [Fact]
    public async Task A_type_around_two_networks_is_mended_once()
    {
        const string Before = $"using NetGen;\nclass Outer {{ {Layers} partial class A; {Layers} partial class B; }}\n";
        Assert.Equal(Before.Replace("class Outer", "partial class Outer", StringComparison.Ordinal), await FixedProgram.FixAllAsync(Before, "NETGEN002"));
    }

    // ---- flatten ----

    [Fact]
    public Task An_image_beside_a_flat_row_is_flattened() => MendsAsync(
        "NETGEN028", "Insert [Layer.Flatten] for \"Features\"",
        """
        [Network(2, 4, 4)]
        // what is seen
        [Layer.MaxPool2D(2, Name = "Features")]
        [Layer.Dense(5, From = ["input"], Name = "Side")]
            // what is joined
            [Layer.Concat(From = ["Features", "Side"])] // both
        [Layer.Dense(3)]
        partial class Net;
        """,
        """
        [Network(2, 4, 4)]
        // what is seen
        [Layer.MaxPool2D(2, Name = "Features")]
        [Layer.Dense(5, From = ["input"], Name = "Side")]
            // what is joined
            [Layer.Flatten(From = ["Features"], Name = "FeaturesFlat")]
            [Layer.Concat(From = ["FeaturesFlat", "Side"])] // both
        [Layer.Dense(3)]
        partial class Net;
        """);

    [Fact]
    public Task Each_image_is_flattened_once_in_the_style_of_the_join() => MendsAsync(
        "NETGEN028", "Insert [Layer.Flatten] for Names.A and \"input\"",
        """
        using L = NetGen.Layer;
        static class Names { public const string A = "a"; }
        [Network(2, 2, 2), L.MaxPool2D(1, Name = Names.A), L.Dense(8, Name = "AFlat"), /* sum */ L.Add(Name = "Sum", From = new string[] { Names.A, "AFlat", Names.A, "input" })]
        partial class Net;
        """,
        """
        using L = NetGen.Layer;
        static class Names { public const string A = "a"; }
        [Network(2, 2, 2), L.MaxPool2D(1, Name = Names.A), L.Dense(8, Name = "AFlat"), /* sum */ L.Flatten(From = new[] { Names.A }, Name = "AFlat2"), L.Flatten(From = new[] { "input" }, Name = "InputFlat"), L.Add(Name = "Sum", From = new string[] { "AFlat2", "AFlat", "AFlat2", "InputFlat" })]
        partial class Net;
        """);

    [Theory]
    [InlineData("using static NetGen.Layer;", "Add", "Flatten")]
    [InlineData("using Sum = NetGen.Layer.AddAttribute;", "Sum", "global::NetGen.Layer.Flatten")]
    [InlineData("", "global::NetGen.Layer.AddAttribute", "global::NetGen.Layer.Flatten")]
    public Task The_inserted_layer_is_reached_as_the_join_is(string directive, string join, string flatten) => MendsAsync(
        "NETGEN028", "Insert [Layer.Flatten] for \"input\"",
        $"{directive}\r\n[Network(2, 2)] [Layer.Dense(4, Name = \"d\")]\r\n[{join}(From = [\"input\", \"d\"]), Layer.Flatten]\r\n[Layer.Dense(3)] partial class Net;",
        $"{directive}\r\n[Network(2, 2)] [Layer.Dense(4, Name = \"d\")]\r\n[{flatten}(From = [\"input\"], Name = \"InputFlat\")]\r\n[{join}(From = [\"InputFlat\", \"d\"]), Layer.Flatten]\r\n"
        + "[Layer.Dense(3)] partial class Net;");

    [Theory]
    [InlineData("[Network(2, 2)] [Layer.Dense(5, Name = \"d\")] [Layer.Add(From = [\"d\", \"input\"])] partial class Net;")]
    [InlineData("[Network(2, 4)] [Layer.MaxPool1D(2, Name = \"p\")] [Layer.Concat(From = [\"input\", \"p\"])] partial class Net;")]
    [InlineData("[Network(2, 2)] [Layer.Dense(4, Name = \"d\")] [Layer.Add(From = [\"d\", \"input\"])] [Layer.Flatten] [Layer.Add(From = [\"Flatten1\", \"d\"])] partial class Net;")]
    [InlineData("[Network(2, 2)] [Layer.Dense(4, Name = \"d\")] [Layer.Add(From = [\"d\", \"input\"])] partial class Net { int InputFlat => 1; }")]
    public async Task Nothing_is_flattened_where_that_does_not_help(string source) =>
        Assert.Null(await FixedProgram.FixAsync($"using NetGen;\n{source}", "NETGEN028"));

    [Fact]
    public async Task A_layer_below_that_has_no_valid_name_is_no_hindrance()
    {
        const string Source = "using NetGen; class MineAttribute : LayerAttribute; [Network(2, 2)] [Layer.Dense(4, Name = \"d\")] {0}[Layer.Add(From = [\"d\", \"{1}\"])] [Mine(Name = \"\")] partial class Net;";
        Assert.Equal(
            string.Format(null, Source, "[Layer.Flatten(From = [\"input\"], Name = \"InputFlat\")] ", "InputFlat"),
            (await FixedProgram.FixAsync(string.Format(null, Source, "", "input"), "NETGEN028"))?.Text);
    }

    // ---- kernels ----

    [Theory]
    [InlineData("3, 8, 6", "Layer.Conv2D(kernel: {0}, filters: 4)", "9", "6")]
    [InlineData("3, 8, 6", "Layer.Conv2D(4, {0} /* wide */, Padding = 1, Dilation = 2)", "9", "4")]
    [InlineData("3, 5", "Layer.GaussianNoise(0.1), Layer.Conv1D(4, {0})", "2 * 3", "5")]
    [InlineData("3, 3, 2", "Layer.MaxPool2D({0}, Name = \"Pool\")", "4", "2")]
    [InlineData("3, 5", "Layer.AveragePool1D(size: {0}, Stride = 2)", "Sizes.Window", "5")]
    public Task A_kernel_is_made_as_large_as_its_input(string input, string layer, string before, string after)
    {
        string source = $"static class Sizes {{ public const int Window = 12; }}\n[Network({input}), {layer}]\npartial class Net;";
        return MendsAsync("NETGEN031", $"Change {before} to {after}, the largest that fits", string.Format(null, Escape(source), before), string.Format(null, Escape(source), after));

        static string Escape(string source) => source.Replace("{ ", "{{ ", StringComparison.Ordinal).Replace(" }", " }}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_kernels_of_a_file_are_mended_at_once() => Assert.Equal(
        "using NetGen; [Network(1, 4)] [Layer.MaxPool1D(4)] partial class A; [Network(1, 6)] [Layer.Conv1D(2, 6)] partial class B;",
        await FixedProgram.FixAllAsync(
            "using NetGen; [Network(1, 4)] [Layer.MaxPool1D(5)] partial class A; [Network(1, 6)] [Layer.Conv1D(2, 7)] partial class B;", "NETGEN031"));

    // ---- activations ----

    [Theory]
    [InlineData("10, Activation.Softmax", "10")]
    [InlineData("10, Activation.Softmax, Bias = false", "10, Bias = false")]
    [InlineData("activation: Activation.Softmax, units: 10", "units: 10")]
    [InlineData("activation: Activation.Softmax /* p */, units: 10", "/* p */ units: 10")]
    [InlineData("activation: Activation.Softmax, /* p */ units: 10", "/* p */ units: 10")]
    [InlineData("10 /* classes */, (Activation)14 /* p */", "10 /* classes */ /* p */")]
    [InlineData("10, /* p */ Activation.Softmax, Bias = false", "10, /* p */ Bias = false")]
    [InlineData("10, /* p */ Activation.Softmax", "10 /* p */")]
    [InlineData("\n    10, // classes\n    Activation.Softmax,\n    Bias = false", "\n    10, // classes\n    Bias = false")]
    [InlineData("\n    10, // classes\n    Activation.Softmax", "\n    10 // classes\n    ")]
    [InlineData("10, activation: /* p */ Activation.Softmax", "10, activation: /* p */ Activation.Identity")]
    public Task A_softmax_of_a_dense_layer_is_removed(string before, string after) => MendsAsync(
        Softmax, "Remove the softmax",
        $"[Network(4, {Classes}), Layer.Dense({before}), Layer.GaussianNoise(0.1)] partial class Net;",
        $"[Network(4, {Classes}), Layer.Dense({after}), Layer.GaussianNoise(0.1)] partial class Net;");

    [Theory]
    [InlineData("    [Layer.Dense(3)]\n    [Layer.Activation(Activation.Softmax)]\n", "    [Layer.Dense(3)]\n")]
    [InlineData("[Layer.Dense(3)]\n    [Layer.Activation(Activation.Softmax)]  // probabilities\n", "[Layer.Dense(3)]\n    // probabilities\n")]
    [InlineData("[Layer.Dense(3)]\n[Layer.Activation(Activation.Softmax)] public ", "[Layer.Dense(3)]\npublic ")]
    [InlineData("[Layer.Dense(3)] [type: Layer.Activation(function: Activation.Softmax)]\n", "[Layer.Dense(3)]\n")]
    [InlineData("[Layer.Dense(3)] /* p */ [Layer.Activation(Activation.Softmax)] [Layer.GaussianNoise(0.1)]\n", "[Layer.Dense(3)] /* p */ [Layer.GaussianNoise(0.1)]\n")]
    [InlineData("[Layer.Dense(3), Layer.Activation(Activation.Softmax), Layer.GaussianNoise(0.1)]\n", "[Layer.Dense(3), Layer.GaussianNoise(0.1)]\n")]
    [InlineData("[Layer.Dense(3)]\n[Layer.Activation(Activation.Softmax), Layer.GaussianNoise(0.1)]\n", "[Layer.Dense(3)]\n[Layer.GaussianNoise(0.1)]\n")]
    [InlineData("[Layer.Dense(3, Name = \"a\")]\n[Layer.Activation(Activation.Softmax, From = [\"a\"])]\n", "[Layer.Dense(3, Name = \"a\")]\n")]
    public Task A_softmax_that_is_a_layer_is_removed(string before, string after) => MendsAsync(
        Softmax, "Remove the softmax", $"[Network(4, {Classes})]\n{before}partial class Net;", $"[Network(4, {Classes})]\n{after}partial class Net;");

    [Theory]
    [InlineData("[Layer.Activation({0})]", "Activation.Softmax", "Activation.Identity")]
    [InlineData("[Layer.Activation({0})]", "Softmax", "global::NetGen.Activation.Identity")]
    [InlineData("[Layer.Dense(3)] [Layer.Activation(/* p */ {0})]", "NetGen.Activation.Softmax", "NetGen.Activation.Identity")]
    [InlineData("[Layer.Dense(3)] [Layer.Activation({0}, Name = \"p\")] [Layer.Dropout(0.1, From = [\"p\"])]", "Activation.Softmax", "Activation.Identity")]
    [InlineData("[Layer.Dense(3, Name = \"a\")] [Layer.Dense(3)] [Layer.Add(From = [\"a\", \"Dense2\"])] [Layer.GaussianNoise(0.1)] [Layer.Activation({0}, From = [\"Add1\"])]", "Activation.Softmax", "Activation.Identity")]
    public async Task A_softmax_that_holds_layers_together_becomes_the_identity(string layers, string before, string after)
    {
        string source = $"using NetGen;\nusing static NetGen.Activation;\n[Network(4, {Classes})] {layers} partial class Net;";
        Assert.Equal(("Remove the softmax", string.Format(null, source, after)), await FixedProgram.FixAsync(string.Format(null, source, before), Softmax));
        Assert.DoesNotContain(UserProgram.Of([string.Format(null, source, after)]).Result.Diagnostics, diagnostic => diagnostic.Id == Softmax);
    }

    [Fact]
    public Task A_sigmoid_is_removed() => MendsAsync(
        "NETGEN013", "Remove the sigmoid",
        "[Network(4, Loss = Loss.BinaryCrossEntropy)]\n[Layer.Dense(units: 1, activation: Activation.Sigmoid)]\npartial class Net;",
        "[Network(4, Loss = Loss.BinaryCrossEntropy)]\n[Layer.Dense(units: 1)]\npartial class Net;");

    // ---- names ----

    [Theory]
    [InlineData("[Layer.Dense(3, Name = \"Stem\")] [Layer.Dense(3, {0})]", "Name = \"Stem\"", "Name = \"Stem2\"", "Stem2")]
    [InlineData("[Layer.Dense(3, Name = \"Stem\")] [Layer.Dense(3, {0})]", "Name = \"stem\"", "Name = \"stem2\"", "stem2")]
    [InlineData("[Layer.Dense(3, Name = \"Net1\")] [Layer.Dense(3, {0}, Bias = false), Layer.Dense(2, Name = \"net2\")]", "Name = nameof(Net1)", "Name = \"Net3\"", "Net3")]
    [InlineData("[Layer.Dense(3, Name = \"Dense2\"), Layer.Dense({0})] [Layer.Dense(2)]", "3 /* units */", "3, Name = \"Dense4\" /* units */", "Dense4")]
    [InlineData("[Layer.Flatten(Name = \"Flatten2\")] [Layer.Flatten{0}]", "", "(Name = \"Flatten3\")", "Flatten3")]
    [InlineData("[Layer.Flatten(Name = \"Flatten2\")] [Layer.Flatten{0}]", "( /* none */ )", "(Name = \"Flatten3\" /* none */ )", "Flatten3")]
    public Task A_second_layer_of_a_name_gets_another(string layers, string before, string after, string name)
    {
        string source = $"class Net1; [Network(4)] {layers} [Layer.GaussianNoise(0.1)] partial class Net;";
        return MendsAsync("NETGEN009", $"Name the layer '{name}'", string.Format(null, source, before), string.Format(null, source, after));
    }

    [Fact]
    public async Task Several_layers_of_a_name_get_different_ones()
    {
        const string Before = "using NetGen; [Network(4), Layer.Dense(3, Name = \"Stem\"), Layer.Dense(3, Name = \"Stem\"), Layer.Dense(3, Name = \"Stem\"), Layer.Dense(3)] partial class Stem2;";
        string after = await FixedProgram.FixAllAsync(Before, "NETGEN009");
        Assert.Equal(
            "using NetGen; [Network(4), Layer.Dense(3, Name = \"Stem\"), Layer.Dense(3, Name = \"Stem3\"), Layer.Dense(3, Name = \"Stem4\"), Layer.Dense(3)] partial class Stem2;", after);
        UserProgram.Of([after]).AssertCompiles();
    }

    [Fact]
    public async Task No_name_is_offered_that_a_member_has() => Assert.Null(await FixedProgram.FixAsync(
        "using NetGen; [Network(4)] [Layer.Dense(3, Name = \"Stem\")] [Layer.Dense(3, Name = \"Stem\")] partial class Net { int Stem2; }", "NETGEN009"));

    // ---- all of them ----

    /// <summary>A compiler has no Workspaces, and an editor may have older ones than the generator's Roslyn.</summary>
    [Fact]
    public void Only_code_fixes_need_workspaces()
    {
        Assert.DoesNotContain(typeof(NetGen.Generator.NetworkGenerator).Assembly.GetReferencedAssemblies(), name => name.Name!.Contains("Workspaces", StringComparison.Ordinal));
        Assert.All(FixedProgram.Fixes[0].GetType().Assembly.GetReferencedAssemblies(), name =>
        {
            Assert.DoesNotContain("System.Composition", name.Name!, StringComparison.Ordinal);
            Assert.NotEqual("NetGen.Generator", name.Name);
            Assert.True(!name.Name!.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) || name.Version <= new Version(4, 5, 0, 0), name.ToString());
        });
    }

    [Fact]
    public void The_documents_tell_of_every_code_fix()
    {
        string[] documented = [.. Directory.GetFiles(Path.Combine(Repository.Root, "docs/diagnostics"), "NETGEN*.md")
            .Where(page => Regex.IsMatch(File.ReadAllText(page), "^Code fix: .+\\.$", RegexOptions.Multiline)).Select(page => Path.GetFileNameWithoutExtension(page)).Order(StringComparer.Ordinal)];
        Assert.Equal(FixedProgram.Fixes.SelectMany(fix => fix.FixableDiagnosticIds).Order(StringComparer.Ordinal), documented);
        Assert.All(FixedProgram.Fixes, fix => Assert.Same(WellKnownFixAllProviders.BatchFixer, fix.GetFixAllProvider()));
    }

    private static async Task MendsAsync(string rule, string title, string before, string after)
    {
        (string Title, string Text)? fix = await FixedProgram.FixAsync($"using NetGen;\n{before}", rule);
        Assert.NotNull(fix);
        Assert.Equal($"using NetGen;\n{after}", fix.Value.Text);
        Assert.Equal(title, fix.Value.Title);
        UserProgram program = UserProgram.Of([fix.Value.Text]);
        Assert.Empty(program.Result.Diagnostics);
        program.AssertCompiles();
    }
}
