using System.IO.Compression;

namespace NetGen.Tests.Aot;

/// <summary>
/// Samples/AotInference, published with NativeAOT and built for the runtime. In a folder of its own: nothing is up to date
/// there, so that the compiler runs and warns, and no other build is disturbed.
/// </summary>
public sealed class AotSample : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netgen-aot-").FullName;
    // On first use: this object is made even where all its tests are skipped.
    private readonly Lazy<string> _publishLog;
    private readonly Lazy<string> _buildLog;

    public AotSample()
    {
        _publishLog = new(() => Make("publish"));
        _buildLog = new(() => Make("build"));
    }

    internal static string Project { get; } = PathOf("Samples", "AotInference", "AotInference.csproj");

    /// <summary>What publishing printed.</summary>
    internal string PublishLog => _publishLog.Value;

    internal string Binary
    {
        get
        {
            _ = _publishLog.Value;
            return Path.Combine(_folder, "publish", "AotInference");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The first digits of the data set: their pixels as the sample takes them, and what they show.</summary>
    internal static (string[] Lines, string[] Labels) Digits(int count)
    {
        using StreamReader text = new(new GZipStream(File.OpenRead(PathOf("Samples", "Digits", "digits.csv.gz")), CompressionMode.Decompress));
        string[] rows = [.. Enumerable.Range(0, count).Select(_ => text.ReadLine()!)];
        return ([.. rows.Select(row => row[..row.LastIndexOf(',')])], [.. rows.Select(row => row[(row.LastIndexOf(',') + 1)..])]);
    }

    /// <summary>Runs the published program.</summary>
    internal CommandResult Run(string input, params string[] arguments) => Command.Run(Binary, arguments, input);

    /// <summary>Runs the same program on the runtime, compiled as it goes.</summary>
    internal CommandResult RunOnRuntime(string input, params string[] arguments)
    {
        _ = _buildLog.Value;
        return Command.Run(Command.DotnetPath, [Path.Combine(_folder, "build", "AotInference.dll"), .. arguments], input);
    }

    private string Make(string command)
    {
        CommandResult result = Command.Dotnet(
            [command, Project, "-c", "Release", "--artifacts-path", Path.Combine(_folder, $"{command}-artifacts"), "-o", Path.Combine(_folder, command)]);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"dotnet {command} failed.\n{result.Output}\n{result.Error}");
    }

    private static string PathOf(params string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "NetGen.sln")))
                return Path.Combine([folder.FullName, .. parts]);
        }

        throw new DirectoryNotFoundException($"There is no NetGen.sln above {AppContext.BaseDirectory}.");
    }
}
