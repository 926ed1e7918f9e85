using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.CodeFixes;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.CodeFixes;

/// <summary>A user's file in an editor's workspace: what the generator says of it, and what the code fixes make of it.</summary>
internal static class FixedProgram
{
    private static readonly CSharpCompilation Settings = NetworkCompiler.Compilation([]);

    /// <summary>The code fixes as an editor finds them.</summary>
    public static IReadOnlyList<CodeFixProvider> Fixes { get; } =
    [
        .. typeof(NetworkCodeFix).Assembly.GetTypes()
            .Where(type => type.IsDefined(typeof(ExportCodeFixProviderAttribute), inherit: false))
            .Select(type => (CodeFixProvider)Activator.CreateInstance(type)!),
    ];

    /// <summary>The title and the text of the fix of the first message of a rule; null where none is offered.</summary>
    public static async Task<(string Title, string Text)?> FixAsync(string source, string rule)
    {
        using AdhocWorkspace workspace = new();
        Document document = Open(workspace, source);
        Diagnostic diagnostic = (await SaysAsync(document)).First(diagnostic => diagnostic.Id == rule);
        List<CodeAction> actions = [];
        await FixOf(rule).RegisterCodeFixesAsync(new(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
        return actions.Count == 0 ? null : (Assert.Single(actions).Title, await TextAsync(document, actions[0]));
    }

    /// <summary>The text after all messages of a rule have been mended at once.</summary>
    public static async Task<string> FixAllAsync(string source, string rule)
    {
        using AdhocWorkspace workspace = new();
        Document document = Open(workspace, source);
        ImmutableArray<Diagnostic> diagnostics = await SaysAsync(document);
        CodeFixProvider fix = FixOf(rule);
        FixAllContext context = new(document, fix, FixAllScope.Document, fix.GetType().Name, [rule], new KnownDiagnostics(diagnostics), CancellationToken.None);
        CodeAction? action = await fix.GetFixAllProvider()!.GetFixAsync(context);
        Assert.NotNull(action);
        return await TextAsync(document, action);
    }

    private static CodeFixProvider FixOf(string rule) => Fixes.Single(fix => fix.FixableDiagnosticIds.Contains(rule));

    private static Document Open(AdhocWorkspace workspace, string source) => workspace
        .AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, "App", "App", LanguageNames.CSharp, compilationOptions: Settings.Options,
            parseOptions: NetworkCompiler.ParseOptions, metadataReferences: Settings.References))
        .AddDocument("Source.cs", source);

    private static async Task<ImmutableArray<Diagnostic>> SaysAsync(Document document)
    {
        Compilation? compilation = await document.Project.GetCompilationAsync();
        return NetworkCompiler.Driver().RunGenerators(compilation!).GetRunResult().Diagnostics;
    }

    private static async Task<string> TextAsync(Document document, CodeAction action)
    {
        ApplyChangesOperation change = (await action.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>().Single();
        return (await change.ChangedSolution.GetDocument(document.Id)!.GetTextAsync()).ToString();
    }

    /// <summary>The messages of a document, which come from the generator rather than from an analyzer.</summary>
    private sealed class KnownDiagnostics(ImmutableArray<Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);

        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);
    }
}
