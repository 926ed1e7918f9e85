using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.Generator;
using NetGen.Generator.Model;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>What each edit recomputes: typing stays fast only where networks untouched by it stop at the first step.</summary>
public class IncrementalityTests
{
    private const string Source = """
        using NetGen;

        namespace App;

        [Network(8, Loss = Loss.Huber)]
        [Layer.Dense(5, Activation.Tanh, Name = "Hidden")]
        [Layer.Dropout(0.25)]
        [Layer.Dense(2)]
        public partial class First;

        """;

    private const string Second = "[NetGen.Network(3)] [NetGen.Layer.Dense(4)] public partial class Second;";

    [Fact]
    public void A_comment_changes_nothing()
    {
        Edit edit = new([Source], tree => tree.Replace("public partial", "/* new */ public partial", StringComparison.Ordinal));
        Assert.Equal(["First Unchanged"], edit.Networks);
        Assert.Equal(["Unchanged"], edit.Reasons(TrackingNames.Diagnostics));
        Assert.All(edit.Outputs, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void An_edit_of_another_file_reaches_no_step_of_a_network()
    {
        Edit edit = new([Source, "class Unrelated;"], tree => tree.Replace("class Unrelated;", "class Unrelated { void Do() { } }", StringComparison.Ordinal), edited: 1);
        // The attribute is bound again, for its meaning may have changed elsewhere; what it says has not.
        Assert.All(edit.Networks, network => Assert.Contains(network, (string[])["First Unchanged", "First Cached"]));
        Assert.All(edit.Outputs, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void A_new_file_reaches_no_step_of_a_network()
    {
        CSharpCompilation before = UserProgram.Compilation([Source]);
        Edit edit = new(before, before.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Unrelated;", NetworkCompiler.ParseOptions, "New.cs")));
        Assert.All(edit.Networks, network => Assert.Contains(network, (string[])["First Unchanged", "First Cached"]));
        Assert.All(edit.Outputs, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void A_class_moved_down_is_not_generated_again()
    {
        Edit edit = new([Source], tree => tree.Replace("[Network", new string('\n', 10) + "[Network", StringComparison.Ordinal));
        Assert.Equal(["First Unchanged"], edit.Networks);
        Assert.All(edit.Outputs, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void The_message_of_a_class_moved_down_moves_with_it()
    {
        string warned = Source.Replace("Name = \"Hidden\"", "Alpha = 3", StringComparison.Ordinal);
        Edit edit = new([warned], tree => tree.Replace("[Network", new string('\n', 10) + "[Network", StringComparison.Ordinal));
        Assert.Equal(["First Unchanged"], edit.Networks);
        Assert.Equal(["Modified"], edit.Reasons(TrackingNames.Diagnostics));
        Assert.Equal(Line(edit.Before) + 10, Line(edit.After));

        static int Line(GeneratorRunResult result) => result.Diagnostics.Single().Location.GetLineSpan().StartLinePosition.Line;
    }

    [Fact]
    public void A_changed_layer_changes_its_network_only()
    {
        Edit edit = new([Source + Second], tree => tree.Replace("Dense(5", "Dense(6", StringComparison.Ordinal));
        Assert.Equal(["First Modified", "Second Unchanged"], edit.Networks);
        Assert.Contains("Dense(6", edit.After.GeneratedSources.Single(source => source.HintName.Contains("First", StringComparison.Ordinal)).SourceText.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, edit.Outputs.Count(reason => reason == IncrementalStepRunReason.Modified));
    }

    [Fact]
    public void A_second_network_leaves_the_first_alone()
    {
        CSharpCompilation before = UserProgram.Compilation([Source]);
        Edit edit = new(before, before.AddSyntaxTrees(CSharpSyntaxTree.ParseText(Second, NetworkCompiler.ParseOptions, "New.cs")));
        Assert.Equal(2, edit.Networks.Count);
        Assert.Contains(edit.Networks[0], (string[])["First Unchanged", "First Cached"]);
        Assert.Equal("Second New", edit.Networks[1]);
        Assert.Equal(2, edit.After.GeneratedSources.Length);
    }

    private const string Blocks = "[NetGen.Network(4)] [NetGen.Layer.Block(typeof(Body))] [NetGen.Layer.Custom(typeof(Cube))] public partial class First;";

    private const string Body = """
        [NetGen.Layer.Block(typeof(Inner))] class Body;
        [NetGen.Layer.Dense(4)] class Inner;
        static class Cube
        {
            public static V Forward<V>(V x) where V : struct, NetGen.IVector<V> => x * x * x;
            public static V Derivative<V>(V x) where V : struct, NetGen.IVector<V> => V.Constant(3) * x * x;
        }
        """;

    [Theory]
    [InlineData("Dense(4)", "Dense(5)")]
    [InlineData("[NetGen.Layer.Dense(4)]", "[NetGen.Layer.Dense(4)] [NetGen.Layer.PReLU]")]
    public void A_changed_block_in_another_file_changes_the_network(string old, string changed)
    {
        Edit edit = new([Blocks + Second, Body], tree => tree.Replace(old, changed, StringComparison.Ordinal), edited: 1);
        Assert.Equal("First Modified", edit.Networks[0]);
        Assert.Contains(edit.Networks[1], (string[])["Second Unchanged", "Second Cached"]);
        Assert.Equal(1, edit.Outputs.Count(reason => reason == IncrementalStepRunReason.Modified));
        Assert.NotEqual(edit.Before.GeneratedSources[0].SourceText.ToString(), edit.After.GeneratedSources[0].SourceText.ToString());
    }

    [Theory]
    [InlineData("class Inner;", "class Inner { int _number; }")]
    [InlineData("class Body;", "/* new */ class Body;")]
    [InlineData("=> x * x * x", "=> x * (x * x)")]
    public void What_a_network_does_not_take_from_a_block_or_a_function_changes_nothing(string old, string changed)
    {
        Edit edit = new([Blocks, Body], tree => tree.Replace(old, changed, StringComparison.Ordinal), edited: 1);
        Assert.All(edit.Networks, network => Assert.Contains(network, (string[])["First Unchanged", "First Cached"]));
        Assert.All(edit.Outputs, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void A_function_that_loses_its_derivative_is_reported_and_takes_the_network_along()
    {
        Edit edit = new([Blocks, Body], tree => tree.Replace("V Derivative", "V Gone", StringComparison.Ordinal), edited: 1);
        Assert.Empty(edit.Before.Diagnostics);
        Assert.Equal("NETGEN046", Assert.Single(edit.After.Diagnostics).Id);
        Assert.Contains("throw", Assert.Single(edit.After.GeneratedSources).SourceText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_network_is_written_again_only_where_what_it_says_changes()
    {
        string refused = Source.Replace("Dense(2)", "Dense(0)", StringComparison.Ordinal);
        Edit edit = new([refused], tree => tree.Replace("[Network", new string('\n', 10) + "[Network", StringComparison.Ordinal));
        Assert.Equal(["First Unchanged"], edit.Networks);
        Assert.Contains("NETGEN007", Assert.Single(edit.After.GeneratedSources).SourceText.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, edit.Outputs.Count(reason => reason == IncrementalStepRunReason.Cached));
        edit = new([Source], tree => tree.Replace("Dense(2)", "Dense(0)", StringComparison.Ordinal));
        Assert.Contains("file static class", Assert.Single(edit.Before.GeneratedSources).SourceText.ToString(), StringComparison.Ordinal);
        Assert.Equal(["First Modified"], edit.Networks);
    }

    [Fact]
    public void Layers_without_a_network_reach_no_step_of_one()
    {
        const string Unmarked = "[NetGen.Layer.Dense(4)] public partial class Second { }";
        Edit edit = new([Source, Unmarked], tree => tree.Replace("Dense(4)", "Dense(5)", StringComparison.Ordinal), edited: 1);
        Assert.All(edit.Networks, network => Assert.Contains(network, (string[])["First Unchanged", "First Cached"]));
        Assert.Equal("NETGEN048", Assert.Single(edit.After.Diagnostics).Id);
        edit = new([Source, Unmarked], tree => tree.Replace("[NetGen.Layer", "[NetGen.Network(3)] [NetGen.Layer", StringComparison.Ordinal), edited: 1);
        Assert.Empty(edit.After.Diagnostics);
        Assert.Equal(2, edit.Networks.Count);
    }

    [Fact]
    public void Allowing_unsafe_code_is_part_of_the_model()
    {
        CSharpCompilation before = UserProgram.Compilation([Source]);
        Edit edit = new(before, before.WithOptions(before.Options.WithAllowUnsafe(false)));
        Assert.Equal(["First Modified"], edit.Networks);
    }

    [Fact]
    public void The_same_source_gives_equal_models_and_equal_hashes()
    {
        NetworkSpec first = Model(Source), second = Model(Source);
        Assert.NotSame(first, second);
        Assert.Equal(first, second);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
    }

    [Theory]
    [InlineData("Network(8", "Network(9")]
    [InlineData("Network(8", "Network(8, 1")]
    [InlineData("Loss.Huber", "Loss.None")]
    [InlineData("Huber", "Huber, Precision = Precision.Double")]
    [InlineData("Dense(5", "Dense(6")]
    [InlineData("Tanh", "ReLU")]
    [InlineData("Hidden", "Other")]
    [InlineData("0.25", "0.5")]
    [InlineData("[Layer.Dropout(0.25)]", "")]
    [InlineData("class First", "class Other")]
    [InlineData("namespace App", "namespace Other")]
    [InlineData("public partial class First;", "partial class Outer { public partial class First; }")]
    public void Everything_that_changes_the_code_changes_the_model(string old, string changed) =>
        Assert.NotEqual(Model(Source), Model(Source.Replace(old, changed, StringComparison.Ordinal)));

    [Fact]
    public void The_model_holds_nothing_of_the_compiler()
    {
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Walk(Model(Source), nameof(NetworkSpec));
        Walk(Model(Blocks + Body), nameof(NetworkSpec));
        Assert.Contains(seen, value => value is LayerSpec);
        Assert.Contains(seen, value => value is Argument);

        void Walk(object? value, string path)
        {
            if (value is null or string || value.GetType().IsPrimitive || value.GetType().IsEnum || !seen.Add(value))
                return;
            Assert.False(
                value is ISymbol or SyntaxNode or SyntaxTree or Compilation or SemanticModel or Location or AttributeData or SyntaxReference,
                $"{path} is a {value.GetType()}, which keeps a whole compilation alive");
            foreach (FieldInfo field in value.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
                Walk(field.GetValue(value), $"{path}.{field.Name}");
            if (value is IEnumerable items)
            {
                foreach (object? item in items)
                    Walk(item, $"{path}[]");
            }
        }
    }

    [Fact]
    public void Fresh_runs_and_shuffled_files_give_the_same_text()
    {
        string[] sources = [.. Enumerable.Range(0, 12).Select(number => $"{Source.Replace("First", $"Net{number}", StringComparison.Ordinal)}\npartial class Other{number};")];
        var expected = UserProgram.Of(sources).Texts.ToArray();
        Assert.Equal(12, expected.Length);
        Assert.Equal(expected, UserProgram.Of(sources).Texts);
        string[] shuffled = [.. sources];
        new Random(7).Shuffle(shuffled);
        Assert.NotEqual(sources, shuffled);
        Assert.Equal(expected, UserProgram.Of(shuffled).Texts);
    }

    [Fact]
    public void A_cancelled_run_throws_nothing_but_that_it_was_cancelled()
    {
        CSharpCompilation compilation = UserProgram.Compilation(Enumerable.Range(0, 40).Select(number => Source.Replace("First", $"Net{number}", StringComparison.Ordinal)));
        int cancelled = 0;
        for (int attempt = 0; attempt < 40; attempt++)
        {
            using CancellationTokenSource source = new(TimeSpan.FromMicroseconds(500 * attempt));
            try
            {
                GeneratorRunResult result = NetworkCompiler.Driver().RunGenerators(compilation, source.Token).GetRunResult().Results.Single();
                Assert.Null(result.Exception);
                Assert.Empty(result.Diagnostics);
                Assert.Equal(40, result.GeneratedSources.Length);
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
        }

        Assert.InRange(cancelled, 1, 40);
    }

    [Fact]
    public void A_run_after_a_cancelled_one_is_complete()
    {
        CSharpCompilation compilation = UserProgram.Compilation([Source]);
        GeneratorDriver driver = NetworkCompiler.Driver();
        Assert.ThrowsAny<OperationCanceledException>(() => driver.RunGenerators(compilation, new CancellationToken(canceled: true)));
        Assert.Single(driver.RunGenerators(compilation).GetRunResult().Results.Single().GeneratedSources);
    }

    private static NetworkSpec Model(string source) =>
        (NetworkSpec)UserProgram.Of([source]).Result.TrackedSteps[TrackingNames.Network].Single().Outputs.Single().Value;

    /// <summary>A run, an edit, and a second run of the same driver.</summary>
    private sealed class Edit
    {
        public Edit(string[] sources, Func<string, string> change, int edited = 0)
            : this(UserProgram.Compilation(sources), compilation =>
            {
                SyntaxTree tree = compilation.SyntaxTrees[edited];
                string text = tree.ToString(), changed = change(text);
                Assert.NotEqual(text, changed);
                return compilation.ReplaceSyntaxTree(tree, tree.WithChangedText(Microsoft.CodeAnalysis.Text.SourceText.From(changed)));
            })
        {
        }

        public Edit(CSharpCompilation before, CSharpCompilation after)
            : this(before, _ => after)
        {
        }

        private Edit(CSharpCompilation before, Func<CSharpCompilation, CSharpCompilation> change)
        {
            GeneratorDriver driver = NetworkCompiler.Driver().RunGenerators(before);
            Before = driver.GetRunResult().Results.Single();
            After = driver.RunGenerators(change(before)).GetRunResult().Results.Single();
        }

        public GeneratorRunResult Before { get; }

        public GeneratorRunResult After { get; }

        /// <summary>Each network with what became of its model.</summary>
        public IReadOnlyList<string> Networks =>
            [.. Steps(TrackingNames.Network).Select(output => $"{((NetworkSpec)output.Value).Type.Name} {output.Reason}").Order(StringComparer.Ordinal)];

        /// <summary>What became of each output.</summary>
        public IEnumerable<IncrementalStepRunReason> Outputs =>
            After.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs).Select(output => output.Reason);

        public IEnumerable<string> Reasons(string step) => Steps(step).Select(output => output.Reason.ToString());

        private IEnumerable<(object Value, IncrementalStepRunReason Reason)> Steps(string name) =>
            After.TrackedSteps.GetValueOrDefault(name, ImmutableArray<IncrementalGeneratorRunStep>.Empty).SelectMany(step => step.Outputs);
    }
}
