using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.Generator;

namespace NetGen.Benchmarks;

/// <summary>
/// How long the generator takes after an edit, as an editor runs it: the time an edit adds to typing. Then what networks add to a build from nothing.
/// </summary>
internal static class GeneratorCommand
{
    private const int Edits = 60;
    private const int WarmUp = 20;

    public static int Run()
    {
        CSharpParseOptions options = new(LanguageVersion.CSharp12);
        ImmutableArray<MetadataReference> references =
        [
            .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(path) is "NetGen.dll" or "netstandard.dll")
                .Select(path => MetadataReference.CreateFromFile(path)),
        ];
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Edited", [Parse(Network(64)), Parse("class Other { }")], references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new NetworkGenerator().AsSourceGenerator()], parseOptions: options, driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(compilation);

        (double inside, _) = Measure(edit => (0, Network(32 + edit)));
        (double outside, ImmutableArray<string> reasons) = Measure(edit => (1, $"class Other {{ int x{edit.ToString(CultureInfo.InvariantCulture)}; }}"));
        Console.WriteLine("Generator time, median of an edit; a network of 10 dense layers");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"edit in its class    {inside,7:0.00} ms"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"edit in another file {outside,7:0.00} ms, outcomes of the network's steps: {string.Join(", ", reasons)}"));
        Console.WriteLine();
        bool isWithin = ColdBuilds.Run();
        return isWithin && reasons.All(reason => reason is "Cached" or "Unchanged") ? 0 : 1;

        SyntaxTree Parse(string text) => CSharpSyntaxTree.ParseText(text, options);

        (double Median, ImmutableArray<string> Reasons) Measure(Func<int, (int Tree, string Text)> edit)
        {
            List<double> times = [];
            for (int i = 0; i < Edits + WarmUp; i++)
            {
                (int tree, string text) = edit(i);
                compilation = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[tree], Parse(text));
                // The compiler binds types before generators run, in an editor as here; only the generator's own time counts.
                _ = compilation.GetDiagnostics();
                long start = Stopwatch.GetTimestamp();
                driver = driver.RunGenerators(compilation);
                if (i >= WarmUp)
                    times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            times.Sort();
            GeneratorRunResult result = driver.GetRunResult().Results.Single();
            return (times[times.Count / 2],
                [.. result.TrackedSteps.Where(step => step.Key is "Parse" or "Network" or "Diagnostics")
                    .Concat(result.TrackedOutputSteps).SelectMany(step => step.Value).SelectMany(run => run.Outputs).Select(output => output.Reason.ToString()).Distinct()]);
        }
    }

    private static string Network(int units) => string.Create(CultureInfo.InvariantCulture, $$"""
        using NetGen;
        [Network(784, Loss = Loss.SoftmaxCrossEntropy)]
        [Layer.Dense({{units}}, Activation.ReLU)]
        [Layer.Dense(128, Activation.Tanh)]
        [Layer.Dense(128, Activation.GELU)]
        [Layer.Dense(100, Activation.ELU)]
        [Layer.Dense(90, Activation.SELU)]
        [Layer.Dense(80, Activation.SiLU)]
        [Layer.Dense(70, Activation.ReLU)]
        [Layer.Dense(60, Activation.Softplus)]
        [Layer.Dense(50, Activation.LeakyReLU)]
        [Layer.Dense(10)]
        public sealed partial class Edited { }
        """);
}
