using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>
/// Mistakes that people make. Each is told first and at its place, with the layer, numbers and a remedy; the remedy compiles to a network; and the class can
/// be used meanwhile, so that no other error hides the one that matters.
/// </summary>
public class MistakesTests
{
    public static TheoryData<string> Names => [.. Mistakes.All.Select(mistake => mistake.Name)];

    [Fact]
    public void The_corpus_is_large_and_without_repetition()
    {
        Assert.InRange(Mistakes.All.Count, 60, int.MaxValue);
        Assert.Equal(Mistakes.All.Count, Mistakes.All.DistinctBy(mistake => mistake.Name).Count());
        Assert.Equal(Mistakes.All.Count, Mistakes.All.DistinctBy(mistake => mistake.Marked).Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Mistake(string name)
    {
        Mistake mistake = Mistakes.All.Single(mistake => mistake.Name == name);
        (string source, List<(string Id, int Start, int Length)> expected) = Read(mistake.Marked);
        UserProgram program = UserProgram.Of([source + mistake.Use]);
        Diagnostic[] said =
            [.. program.Result.Diagnostics.Where(diagnostic => diagnostic.Id != "NETGEN090").OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)];
        string report = string.Join('\n', said.Select(diagnostic => $"{diagnostic.Id} at '{Text(diagnostic)}': {diagnostic.GetMessage(null)}"));
        Assert.True(
            expected.SequenceEqual(said.Select(diagnostic => (diagnostic.Id, diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length))),
            report);
        Assert.All(mistake.Says, part => Assert.Contains(said, diagnostic => diagnostic.GetMessage(null).Contains(part, StringComparison.Ordinal)));
        foreach (Diagnostic error in said.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))
            Assert.Contains(WellKnownDiagnosticTags.NotConfigurable, error.Descriptor.CustomTags);
        // A class that cannot get members leaves errors in editors; the compiler stops before it comes to them.
        if (mistake.CanGetMembers)
            Assert.Empty(Errors(program));

        UserProgram mended = UserProgram.Of([$"using NetGen;\n{mistake.Mended}{mistake.Use}"]);
        Assert.Empty(mended.Result.Diagnostics.Where(diagnostic => diagnostic.Id != "NETGEN090").Select(diagnostic => diagnostic.GetMessage(null)));
        mended.AssertCompiles();
        Assert.Contains("file static class", mended.Texts.Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_within_a_block_is_shown_in_its_class_too()
    {
        UserProgram program = UserProgram.Of(
        [
            "using NetGen;\n[Network(6)] [Layer.Dense(4)] [Layer.Block(typeof(Outer))] [Layer.Dense(2)] partial class Net;",
            "using NetGen;\n[Layer.Dense(4)] [Layer.Block(typeof(Inner))] static class Outer;\n[Layer.Dropout(0.1)] static class Unused;",
            "using NetGen;\n[Layer.Dropout(0.1), Layer.Dropout(rate: 7)] static class Inner;",
        ]);
        Diagnostic diagnostic = Assert.Single(program.Result.Diagnostics);
        Assert.Equal("NETGEN008", diagnostic.Id);
        Assert.Equal("Layer.Block(typeof(Outer))", Text(diagnostic));
        Location inner = Assert.Single(diagnostic.AdditionalLocations);
        Assert.Equal("rate: 7", inner.SourceTree!.ToString().Substring(inner.SourceSpan.Start, inner.SourceSpan.Length));
        Assert.Equal("Source2.cs", inner.SourceTree.FilePath);
    }

    [Fact]
    public void A_block_in_itself_is_shown_where_it_takes_itself()
    {
        UserProgram program = UserProgram.Of(
            ["using NetGen;\n[Network(6)] [Layer.Block(typeof(B))] partial class Net; [Layer.Dense(6)] [Layer.Block(typeof(B), Repeat = 2)] class B;"]);
        Location inner = Assert.Single(Assert.Single(program.Result.Diagnostics).AdditionalLocations);
        Assert.Equal("typeof(B)", inner.SourceTree!.ToString().Substring(inner.SourceSpan.Start, inner.SourceSpan.Length));
        Assert.InRange(inner.SourceSpan.Start, inner.SourceTree.ToString().IndexOf("Dense", StringComparison.Ordinal), int.MaxValue);
    }

    [Fact]
    public void A_refused_network_says_so_when_it_is_used()
    {
        UserProgram program = UserProgram.Of(
            ["using NetGen;\n[Network(6)] [Layer.Dense(0)] partial class Net { static void Main() => new Net(seed: 1).Dense1.Weight.ToString(); }"]);
        string text = program.Texts.Single().Text;
        Assert.Contains(
            "throw new global::System.InvalidOperationException(\"Network 'Net' is not generated. NETGEN007: Layer 'Dense1' has 0 units;",
            text, StringComparison.Ordinal);
        Assert.Contains("public const int InputSize = 6;", text, StringComparison.Ordinal);
        Assert.Empty(Errors(program));
    }

    [Fact]
    public void Layers_of_a_partial_block_are_not_taken_for_a_network()
    {
        UserProgram program = UserProgram.Of(
        [
            "using NetGen;\n[Network(6)] [Layer.Block(typeof(Bs.Body))] partial class Net; partial class Bs { [Layer.Dense(6)] public partial class Body; }",
        ]);
        Assert.Empty(program.Result.Diagnostics);
        program.AssertCompiles();
        program = UserProgram.Of(["using NetGen;\n[Layer.Dense(6)] public class Body; [Layer.Dense(6)] public static partial class Other;"]);
        Assert.Empty(program.Result.Diagnostics);
    }

    private static IEnumerable<string> Errors(UserProgram program)
    {
        using MemoryStream assembly = new();
        ImmutableArray<Diagnostic> compiler = program.Output.Emit(assembly).Diagnostics;
        return compiler
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error
                || (diagnostic.Severity == DiagnosticSeverity.Warning && program.IsInGenerated(diagnostic)))
            .Select(UserProgram.Describe);
    }

    private static string Text(Diagnostic diagnostic) =>
        diagnostic.Location.SourceTree!.ToString().Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length);

    private static (string Source, List<(string Id, int Start, int Length)> Expected) Read(string marked)
    {
        string source = "using NetGen;\n";
        List<(string Id, int Start, int Length)> expected = [];
        foreach (string part in marked.Split("{|"))
        {
            int end = part.IndexOf("|}", StringComparison.Ordinal), colon = part.IndexOf(':', StringComparison.Ordinal);
            if (end < 0)
            {
                source += part;
                continue;
            }

            expected.Add((part[..colon], source.Length, end - colon - 1));
            source += part[(colon + 1)..end] + part[(end + 2)..];
        }

        return (source, expected);
    }
}
