using Microsoft.CodeAnalysis;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>Rules about how a network is built and trained rather than about its shapes.</summary>
public class BuildDiagnosticsTests
{
    [Theory]
    [InlineData("0.99", "0.01")]
    [InlineData("1", "0.1")]
    [InlineData("0.5", null)]
    public void NETGEN080_large_momentum(string momentum, string? remedy)
    {
        UserProgram program = UserProgram.Of([$"using NetGen;\n[Network(3)] [Layer.BatchNorm(Momentum = {momentum})] partial class Net;"]);
        IEnumerable<(string, DiagnosticSeverity, string, string)> found = program.Result.Diagnostics
            .Where(diagnostic => diagnostic.Id != "NETGEN090")
            .Select(diagnostic => (diagnostic.Id, diagnostic.Severity, TextOf(diagnostic), diagnostic.GetMessage(null)));
        Assert.Equal(
            remedy is null ? [] :
            [
                ("NETGEN080", DiagnosticSeverity.Warning, $"Momentum = {momentum}",
                    $"Layer 'BatchNorm1' has Momentum = {momentum}, so that each batch replaces most of the running statistics; "
                    + $"NetGen's momentum is the share of the new batch: use 1 - m for the m of Keras, such as {remedy}"),
            ],
            found);
    }

    [Theory]
    [InlineData(OptimizationLevel.Debug)]
    [InlineData(OptimizationLevel.Release)]
    public void NETGEN091_without_optimization(OptimizationLevel level)
    {
        UserProgram program = UserProgram.Of(
            ["using NetGen;\n[Network(3)] [Layer.Dense(2)] partial class Net;"], configure: options => options.WithOptimizationLevel(level));
        program.AssertCompiles();
        Assert.Contains($"isOptimized: {(level == OptimizationLevel.Release ? "true" : "false")}", program.Texts.Single().Text, StringComparison.Ordinal);
        if (level == OptimizationLevel.Release)
        {
            Assert.Empty(program.Result.Diagnostics);
            return;
        }

        Diagnostic diagnostic = Assert.Single(program.Result.Diagnostics);
        Assert.Equal(("NETGEN091", DiagnosticSeverity.Info), (diagnostic.Id, diagnostic.Severity));
        Assert.Equal("Network(3)", TextOf(diagnostic));
        Assert.Equal(
            "Network 'Net' is built without optimization, as in a Debug build, and runs 10 to 15 times slower: "
            + "build with -c Release, or set <NetGenOptimize>true</NetGenOptimize> in the project",
            diagnostic.GetMessage(null));
    }

    private static string TextOf(Diagnostic diagnostic) =>
        diagnostic.Location.SourceTree!.ToString().Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length);
}
