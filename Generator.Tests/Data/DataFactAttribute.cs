using Xunit;

namespace NetGen.Tests.Data;

/// <summary>
/// A test that needs real data files: from the folder in NETGEN_DATA, or from a folder <c>data</c> or <c>shared/data</c>
/// above the test binaries. Skipped, with a message, where they are absent.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(params string[] files)
    {
        string[] absent = [.. files.Where(file => Find(file) is null)];
        if (absent.Length > 0)
            Skip = $"{string.Join(", ", absent)} not found; set NETGEN_DATA to the folder of the data files.";
    }

    public static string PathOf(string file) => Find(file) ?? throw new FileNotFoundException(null, file);

    private static string? Find(string file) =>
        Folders().Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("NETGEN_DATA") is { Length: > 0 } chosen)
            yield return chosen;
        for (DirectoryInfo? above = new(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            yield return Path.Combine(above.FullName, "data");
            yield return Path.Combine(above.FullName, "shared", "data");
        }
    }
}
