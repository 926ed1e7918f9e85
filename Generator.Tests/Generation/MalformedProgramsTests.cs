using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>
/// Whatever a user writes, the generator neither fails nor blames its own output: every program either compiles, or someone
/// says in the user's own code what is wrong. NETGEN_LONG=1 tries 2,000 programs instead of 200.
/// </summary>
public class MalformedProgramsTests
{
    private static readonly int Programs = Environment.GetEnvironmentVariable("NETGEN_LONG") == "1" ? 2000 : 200;

    [Fact]
    public void Random_programs_compile_or_are_refused_in_the_users_code()
    {
        RandomPrograms programs = new(seed: 20260);
        int compiled = 0, refused = 0;
        for (int number = 0; number < Programs; number++)
        {
            (string[] sources, CSharpParseOptions options) = programs.Next();
            UserProgram program = Check(sources, options);
            compiled += program.Texts.Any(text => text.Text.Contains("namespace NetGen.Generated", StringComparison.Ordinal)) ? 1 : 0;
            refused += program.Result.Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ? 1 : 0;
        }

        // Programs that are all good or all bad would test only half of it.
        Assert.InRange(compiled, Programs / 10, Programs * 9 / 10);
        Assert.InRange(refused, Programs / 10, Programs * 9 / 10);
    }

    [Fact]
    public void Random_graphs_compile_or_are_refused_at_their_attributes()
    {
        RandomGraphPrograms programs = new(seed: 31);
        int compiled = 0, refused = 0;
        for (int number = 0; number < Programs; number++)
        {
            string source = programs.Next();
            UserProgram program = Check([source], NetworkCompiler.ParseOptions);
            compiled += program.Texts.Any(text => text.Text.Contains("namespace NetGen.Generated", StringComparison.Ordinal)) ? 1 : 0;
            Diagnostic[] refusals = [.. program.Result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
            refused += refusals.Length > 0 ? 1 : 0;
            Assert.All(refusals, refusal => Assert.True(IsAtAttributeOfNetwork(refusal), $"{refusal}\n{source}"));
        }

        Assert.InRange(compiled, Programs / 10, Programs * 9 / 10);
        Assert.InRange(refused, Programs / 10, Programs * 9 / 10);
    }

    // What is wrong in a block is told where the network takes it.
    private static bool IsAtAttributeOfNetwork(Diagnostic diagnostic)
    {
        SyntaxNode node = diagnostic.Location.SourceTree!.GetRoot().FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        return node.FirstAncestorOrSelf<AttributeSyntax>() is { } attribute
            && attribute.Span.Contains(diagnostic.Location.SourceSpan)
            && attribute.FirstAncestorOrSelf<ClassDeclarationSyntax>() is { Identifier.ValueText: "Net" };
    }

    [Fact]
    public void Ten_thousand_layers_are_refused() =>
        Check([$"using NetGen;\n[Network(3)]\n{string.Concat(Enumerable.Repeat("[Layer.Dense(3)]\n", 10_000))}partial class Net {{ }}"], NetworkCompiler.ParseOptions);

    private static UserProgram Check(string[] sources, CSharpParseOptions options)
    {
        Stopwatch watch = Stopwatch.StartNew();
        CSharpCompilation compilation = UserProgram.Compilation(sources, options);
        UserProgram program = UserProgram.Of(compilation);
        TimeSpan time = watch.Elapsed;
        string text = $"\n---- program\n{string.Join("\n---- next file\n", sources.Select(source => source.Length > 4000 ? source[..4000] : source))}";

        Assert.True(program.Result.Exception is null, $"The generator threw: {program.Result.Exception}{text}");
        Assert.DoesNotContain(program.Result.Diagnostics, diagnostic => diagnostic.Id is "CS8784" or "CS8785");
        Assert.True(program.Result.Diagnostics.All(diagnostic => diagnostic.Id != "NETGEN099"), $"{string.Join('\n', program.Result.Diagnostics)}{text}");
        Assert.True(time < TimeSpan.FromSeconds(10), $"{time.TotalSeconds:f1} s{text}");

        Diagnostic[] errors = [.. program.Output.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];
        IEnumerable<Diagnostic> usersErrors = errors.Where(error => error.Severity == DiagnosticSeverity.Error && !program.IsInGenerated(error));
        IEnumerable<Diagnostic> ours = errors.Where(program.IsInGenerated);
        Assert.True(!ours.Any(), $"{string.Join('\n', ours.Take(5).Select(UserProgram.Describe))}{text}");
        IEnumerable<Diagnostic> refusals = program.Result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        Assert.True(
            refusals.All(refusal => refusal.Location.SourceTree is { } tree && compilation.ContainsSyntaxTree(tree) && refusal.Location.SourceSpan.Length > 0),
            $"An error has no place in the user's code: {string.Join('\n', refusals)}{text}");
        Assert.True(
            program.Generated.Count > 0 || refusals.Any() || usersErrors.Any(), $"Nothing was generated and nobody said why.{text}");
        Assert.Equal(program.Texts, UserProgram.Of(compilation).Texts);
        return program;
    }
}
