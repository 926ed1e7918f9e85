using System.Collections.Immutable;
using System.Numerics;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.Generator;

namespace NetGen.Tests.Infrastructure;

/// <summary>Runs the generator over source text, and compiles and loads what comes out.</summary>
internal static class NetworkCompiler
{
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "NetGen.dll" or "netstandard.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    // What is told of networks that nobody would train, and that compute all the same.
    private static readonly ImmutableArray<string> Advice = ["NETGEN049", "NETGEN050", "NETGEN053"];

    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp12, DocumentationMode.Diagnose);

    public static CSharpCompilation Compilation(IEnumerable<string> sources, bool allowUnsafe = true, bool checkOverflow = false, CSharpParseOptions? options = null) =>
        CSharpCompilation.Create(
            "Networks" + Guid.NewGuid().ToString("N"),
            sources.Select((source, index) => CSharpSyntaxTree.ParseText(source, options ?? ParseOptions, $"Source{index}.cs")),
            References,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, checkOverflow: checkOverflow,
                allowUnsafe: allowUnsafe, warningLevel: 9999, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver Driver(CSharpParseOptions? options = null) => CSharpGeneratorDriver.Create(
        [new NetworkGenerator().AsSourceGenerator()], parseOptions: options ?? ParseOptions,
        driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>What the generator says and writes for one source.</summary>
    public static GeneratorRunResult Run(string source, CSharpParseOptions? options = null) =>
        Driver(options).RunGenerators(Compilation([source], options: options)).GetRunResult().Results.Single();

    /// <summary>Compiles networks, with nothing above a hidden message allowed in generated code but advice, and loads them.</summary>
    public static Assembly Load(string source, bool allowUnsafe = true, bool checkOverflow = false) => Load([source], allowUnsafe, checkOverflow);

    /// <summary>Compiles networks of several files as <see cref="Load(string, bool, bool)"/> does.</summary>
    public static Assembly Load(string[] sources, bool allowUnsafe = true, bool checkOverflow = false)
    {
        CSharpCompilation compilation = Compilation(sources, allowUnsafe, checkOverflow);
        // Tests of numbers use any momentum.
        compilation = compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions([new("NETGEN080", ReportDiagnostic.Suppress)]));
        Driver().RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics);
        using MemoryStream stream = new();
        IEnumerable<Diagnostic> problems = diagnostics.Concat(output.Emit(stream).Diagnostics)
            .Where(diagnostic => diagnostic.Severity > DiagnosticSeverity.Info && !Advice.Contains(diagnostic.Id));
        string report = string.Join('\n', problems.Take(10).Select(problem => $"{problem}: {problem.Location.SourceTree?.GetText().Lines[problem.Location.GetLineSpan().StartLinePosition.Line]}"));
        if (report.Length > 0)
        {
            throw new InvalidOperationException($"The network does not compile:\n{report}\n{string.Join("\n\n", sources)}");
        }

        stream.Position = 0;
        return new AssemblyLoadContext(null, isCollectible: true).LoadFromStream(stream);
    }

    /// <summary>Compiles one network and creates it.</summary>
    public static INetwork<T> Create<T>(string source, string className, int seed = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Create<T>(Load(source), className, seed);

    /// <summary>Creates a network of a loaded assembly.</summary>
    public static INetwork<T> Create<T>(Assembly assembly, string className, int seed = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => (INetwork<T>)Activator.CreateInstance(assembly.GetType(className, throwOnError: true)!, seed)!;
}
