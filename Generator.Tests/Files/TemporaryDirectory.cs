namespace NetGen.Tests.Files;

/// <summary>A directory that goes away with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("netgen-").FullName;

    public string this[string file] => Path.Combine(_path, file);

    public string[] Files => [.. Directory.EnumerateFileSystemEntries(_path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public void Dispose() => Directory.Delete(_path, recursive: true);

    public override string ToString() => _path;
}
