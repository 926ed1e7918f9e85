using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>A user's program after the generator has run over it.</summary>
internal sealed class UserProgram
{
    // Programs start from one compilation, so that the metadata of its references is read once.
    private static readonly CSharpCompilation Empty = NetworkCompiler.Compilation([]);

    private UserProgram(CSharpCompilation input, GeneratorDriver driver)
    {
        Result = driver.RunGeneratorsAndUpdateCompilation(input, out Compilation output, out _).GetRunResult().Results.Single();
        Output = (CSharpCompilation)output;
        Generated = [.. output.SyntaxTrees.Except(input.SyntaxTrees)];
    }

    /// <summary>What the generator said and wrote.</summary>
    public GeneratorRunResult Result { get; }

    /// <summary>The user's source and the generated.</summary>
    public CSharpCompilation Output { get; }

    /// <summary>The generated trees.</summary>
    public IReadOnlyCollection<SyntaxTree> Generated { get; }

    /// <summary>The generated texts in the order of their names.</summary>
    public IEnumerable<(string Name, string Text)> Texts =>
        Result.GeneratedSources.Select(source => (source.HintName, source.SourceText.ToString())).OrderBy(source => source.HintName, StringComparer.Ordinal);

    /// <summary>A compilation of source files with everything a network needs.</summary>
    public static CSharpCompilation Compilation(
        IEnumerable<string> sources, CSharpParseOptions? parseOptions = null, Func<CSharpCompilationOptions, CSharpCompilationOptions>? configure = null)
    {
        IEnumerable<SyntaxTree> trees = sources.Select((source, index) =>
            CSharpSyntaxTree.ParseText(source, parseOptions ?? NetworkCompiler.ParseOptions, $"Source{index}.cs"));
        return Empty.WithOptions(configure?.Invoke(Empty.Options) ?? Empty.Options).AddSyntaxTrees(trees);
    }

    public static UserProgram Of(CSharpCompilation compilation) =>
        new(compilation, NetworkCompiler.Driver((CSharpParseOptions?)compilation.SyntaxTrees.FirstOrDefault()?.Options));

    public static UserProgram Of(
        IEnumerable<string> sources, CSharpParseOptions? parseOptions = null, Func<CSharpCompilationOptions, CSharpCompilationOptions>? configure = null) =>
        Of(Compilation(sources, parseOptions, configure));

    /// <summary>Whether a message of the compiler or the generator stands in generated code.</summary>
    public bool IsInGenerated(Diagnostic diagnostic) => diagnostic.Location.SourceTree is { } tree && Generated.Contains(tree);

    /// <summary>Fails unless the program compiles to so many networks, without a warning in generated code or a message of NetGen.</summary>
    public void AssertCompiles(int networks = 1)
    {
        Assert.Null(Result.Exception);
        using MemoryStream assembly = new();
        ImmutableArray<Diagnostic> compiler = Output.Emit(assembly).Diagnostics;
        Diagnostic[] problems = [.. compiler.Concat(Result.Diagnostics).Where(diagnostic =>
            diagnostic.Severity == DiagnosticSeverity.Error || (diagnostic.Severity == DiagnosticSeverity.Warning && IsInGenerated(diagnostic)))];
        Assert.True(problems.Length == 0, string.Join('\n', problems.Take(5).Select(Describe)));
        Assert.Equal(networks, Generated.Count);
    }

    /// <summary>A message with the line it stands on.</summary>
    public static string Describe(Diagnostic diagnostic) =>
        $"{diagnostic}: {diagnostic.Location.SourceTree?.GetText().Lines[diagnostic.Location.GetLineSpan().StartLinePosition.Line]}";
}
