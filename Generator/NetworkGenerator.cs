using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;
using NetGen.Generator.Model;
using NetGen.Generator.Parsing;
using NetGen.Generator.Planning;

namespace NetGen.Generator;

/// <summary>
/// Adds forward, loss and backward code to every class marked [Network]. Parsing gives a value that is compared by content, so
/// an edit elsewhere stops there; places in the source travel apart, so a class that only moved is not emitted again.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class NetworkGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<ParsedNetwork> parsed = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                NetworkParser.NetworkAttributeName,
                static (node, _) => node is TypeDeclarationSyntax,
                NetworkParser.Parse)
            .WithTrackingName(TrackingNames.Parse);

        IncrementalValuesProvider<NetworkSpec> networks = parsed
            .Where(static network => network.Spec is not null)
            .Select(static (network, _) => network.Spec!)
            .WithTrackingName(TrackingNames.Network);

        IncrementalValuesProvider<EquatableArray<LocatedIssue>> issues = parsed
            .Select(static (network, _) => Check(network))
            .WithTrackingName(TrackingNames.Diagnostics);

        context.RegisterSourceOutput(networks, Emit);
        context.RegisterSourceOutput(issues, Report);
        RegisterUnmarked(context);
    }

    // Layers on a class that is no network do nothing. The compiler's index of attributes finds one name only, so the names of layers are looked for in the
    // syntax, which costs little, and what they mean only there. The class of a block may be partial too.
    private static void RegisterUnmarked(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<EquatableArray<string>> blocks = context.SyntaxProvider
            .CreateSyntaxProvider(static (node, _) => UnmarkedLayers.IsBlock(node), UnmarkedLayers.ClassOfBlock)
            .Where(static name => name is not null)
            .Select(static (name, _) => name!)
            .Collect()
            .Select(static (names, _) => new EquatableArray<string>(names.Distinct().OrderBy(name => name, StringComparer.Ordinal)));

        IncrementalValuesProvider<ParsedNetwork> unmarked = context.SyntaxProvider
            .CreateSyntaxProvider(static (node, _) => UnmarkedLayers.MayHave(node), NetworkParser.ParseUnmarked)
            .Where(static network => network is not null)
            .Combine(blocks)
            .Where(static pair => !pair.Right.Contains(pair.Left!.MetadataName))
            .Select(static (pair, _) => pair.Left!)
            .WithTrackingName(TrackingNames.Unmarked);

        context.RegisterSourceOutput(unmarked.Where(static network => network.Spec is not null).Select(static (network, _) => network.Spec!), Emit);
        context.RegisterSourceOutput(unmarked.Select(static (network, _) => network.Issues), Report);
    }

    /// <summary>The road of a network: shapes, then memory, then text. Null where its shapes do not fit.</summary>
    internal static string? Generate(NetworkSpec spec, CancellationToken cancellation)
    {
        NetworkGraph? graph = spec.Refusal is null ? NetworkGraph.Build(spec, []) : null;
        cancellation.ThrowIfCancellationRequested();
        NetworkPlan? plan = graph is null ? null : NetworkPlan.Of(graph);
        return plan is null or { IsTooLarge: true } ? null : NetworkEmitter.Emit(plan, cancellation);
    }

    /// <summary>What is said of a fault of the generator itself, on one line because build logs keep no more.</summary>
    internal static Diagnostic Failure(string network, Exception exception) => Diagnostic.Create(
        Rules.InternalError, Location.None, network, exception.ToString().Replace('\r', ' ').Replace('\n', ' '));

    private static void Report(SourceProductionContext context, EquatableArray<LocatedIssue> issues)
    {
        foreach (LocatedIssue issue in issues)
            context.ReportDiagnostic(issue.ToDiagnostic());
    }

    private static void Emit(SourceProductionContext context, NetworkSpec spec)
    {
        string source;
        try
        {
            source = Generate(spec, context.CancellationToken) ?? RefusedEmitter.Emit(spec, spec.Refusal ?? ReasonOf(spec));
        }
        // An exception would be only a warning (CS8785), and would drop the code of every network of the project.
        catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            context.ReportDiagnostic(Failure(spec.Type.Name, exception));
            return;
        }

        context.AddSource(HintName(spec.Type.MetadataName), source);
    }

    private static string ReasonOf(NetworkSpec spec)
    {
        List<Issue> issues = [];
        if (NetworkGraph.Build(spec, issues) is { } graph)
            NetworkPlan.Of(graph, issues);
        return issues.Find(issue => issue.IsError)?.Message ?? "";
    }

    private static EquatableArray<LocatedIssue> Check(ParsedNetwork network)
    {
        if (network.Spec is not { Refusal: null } spec)
            return network.Issues;
        List<Issue> issues = [];
        try
        {
            if (NetworkGraph.Build(spec, issues) is { } graph)
                NetworkPlan.Of(graph, issues);
        }
        catch (Exception)
        {
            // Emit meets the same exception, and reports it.
        }

        // What is wrong in a block is wrong each time it is repeated.
        HashSet<(string, int, string?, int)> told = [];
        IEnumerable<Issue> once = issues.Where(issue => issue.Inner is not { } inner || told.Add((issue.Rule.Id, issue.Layer, issue.Argument, inner)));
        return new(network.Issues.Concat(once.Select(network.Places.Locate)));
    }

    // The full metadata name, and a number that tells apart names which differ in case or in characters a file name lacks.
    private static string HintName(string metadataName)
    {
        uint hash = 2166136261;
        foreach (char character in metadataName)
            hash = unchecked((hash ^ character) * 16777619);
        string readable = string.Concat(metadataName.Select(character =>
            char.IsLetterOrDigit(character) && character < 128 || character is '.' or '+' ? character : '_'));
        return $"{readable.Substring(0, Math.Min(readable.Length, 100))}-{hash:x8}.g.cs";
    }
}
