namespace NetGen.Tests.Infrastructure;

/// <summary>The folder the tests were built from, for tests of documents and snapshots.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "NetGen.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"No NetGen.sln above {AppContext.BaseDirectory}: run the tests inside the repository.");
    }
}
