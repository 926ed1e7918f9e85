using System.Runtime.CompilerServices;
using Xunit;

namespace NetGen.Tests.Infrastructure;

/// <summary>
/// Compares text with a file kept beside the tests, in Verify's naming: <c>Name.verified.cs</c> is what should come,
/// <c>Name.received.cs</c> is written where something else came. NETGEN_UPDATE_SNAPSHOTS=1 accepts what comes.
/// </summary>
internal static class Snapshot
{
    private static readonly bool IsUpdate = Environment.GetEnvironmentVariable("NETGEN_UPDATE_SNAPSHOTS") == "1";

    /// <summary>Compares with <c>Snapshots/Name.verified.cs</c> in the folder of the calling test.</summary>
    public static void Match(string name, string text, [CallerFilePath] string test = "") =>
        MatchFile(Path.Combine(Path.GetDirectoryName(OnDisk(test))!, "Snapshots", $"{name}.verified.cs"), text);

    /// <summary>Compares with a file anywhere.</summary>
    public static void MatchFile(string verified, string text)
    {
        string received = Path.Combine(Path.GetDirectoryName(verified)!, $"{Path.GetFileNameWithoutExtension(verified).Replace(".verified", "", StringComparison.Ordinal)}.received.cs");
        if (IsUpdate)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(verified)!);
            File.WriteAllText(verified, text);
        }

        string[] expected = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n").Split('\n') : [];
        string[] actual = text.Split('\n');
        int line = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        if (line == expected.Length && line == actual.Length)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        Assert.Fail(
            $"{verified} differs from line {line + 1}:\nverified: {(line < expected.Length ? expected[line] : "(end)")}\nreceived: {(line < actual.Length ? actual[line] : "(end)")}\n"
            + $"Compare it with {received}; NETGEN_UPDATE_SNAPSHOTS=1 accepts what was received.");
    }

    // Continuous integration builds compile paths as if the repository lay in /_/.
    private static string OnDisk(string path) =>
        path.StartsWith("/_/", StringComparison.Ordinal) ? Path.Combine(Repository.Root, path[3..]) : path;
}
