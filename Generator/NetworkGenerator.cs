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
        context.RegisterSourceOutput(issues, static (context, issues) =>
        {
            foreach (LocatedIssue issue in issues)
                context.ReportDiagnostic(issue.ToDiagnostic());
        });
    }

    /// <summary>The road of a network: shapes, then memory, then text. Null where its shapes do not fit.</summary>
    internal static string? Generate(NetworkSpec spec, CancellationToken cancellation)
    {
        NetworkGraph? graph = NetworkGraph.Build(spec, []);
        cancellation.ThrowIfCancellationRequested();
        return graph is null ? null : NetworkEmitter.Emit(NetworkPlan.Of(graph), cancellation);
    }

    /// <summary>What is said of a fault of the generator itself, on one line because build logs keep no more.</summary>
    internal static Diagnostic Failure(string network, Exception exception) => Diagnostic.Create(
        Rules.InternalError, Location.None, network, exception.ToString().Replace('\r', ' ').Replace('\n', ' '));

    private static void Emit(SourceProductionContext context, NetworkSpec spec)
    {
        try
        {
            if (Generate(spec, context.CancellationToken) is { } source)
                context.AddSource(HintName(spec.Type.MetadataName), source);
        }
        // An exception would be only a warning (CS8785), and would drop the code of every network of the project.
        catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            context.ReportDiagnostic(Failure(spec.Type.Name, exception));
        }
    }

    private static EquatableArray<LocatedIssue> Check(ParsedNetwork network)
    {
        if (network.Spec is not { } spec)
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

        SourcePlaces places = network.Places;
        return new(network.Issues.Concat(issues.Select(issue =>
            new LocatedIssue(issue.Rule, places.Tree, places.Find(issue), issue.Details, issue.Fix))));
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
