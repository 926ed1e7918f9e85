using System.IO.Compression;
using NetGen.Tests.Infrastructure;

namespace NetGen.Tests.Aot;

/// <summary>
/// Samples/AotInference, published with NativeAOT and then built for the runtime. In a folder of its own: nothing is up to date
/// there, so that the compiler runs and warns, and no other build is disturbed.
/// </summary>
public abstract class AotSample : IDisposable
{
    private readonly string _framework;
    private readonly string _folder = Directory.CreateTempSubdirectory("netgen-aot-").FullName;
    // On first use: this object is made even where all its tests are skipped.
    private readonly Lazy<string> _publishLog;
    private readonly Lazy<string> _buildLog;

    protected AotSample(string framework)
    {
        _framework = framework;
        _publishLog = new(() => Make("publish"));
        _buildLog = new(() => Make("build"));
    }

    internal static string Project { get; } = Path.Combine(Repository.Root, "Samples", "AotInference", "AotInference.csproj");

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

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The first digits of the data set: their pixels as the sample takes them, and what they show.</summary>
    internal static (string[] Lines, string[] Labels) Digits(int count)
    {
        using StreamReader text = new(new GZipStream(File.OpenRead(Path.Combine(Repository.Root, "Samples", "Digits", "digits.csv.gz")), CompressionMode.Decompress));
        string[] rows = [.. Enumerable.Range(0, count).Select(_ => text.ReadLine()!)];
        return ([.. rows.Select(row => row[..row.LastIndexOf(',')])], [.. rows.Select(row => row[(row.LastIndexOf(',') + 1)..])]);
    }

    /// <summary>Runs the published program.</summary>
    internal CommandResult Run(string input, params string[] arguments) => Command.Run(Binary, arguments, input);

    /// <summary>Runs the same program on the runtime, compiled as it goes.</summary>
    internal CommandResult RunOnRuntime(string input, params string[] arguments)
    {
        // Both builds share a folder, and it is the first that has to find it empty.
        _ = _publishLog.Value;
        _ = _buildLog.Value;
        return Command.Run(Command.DotnetPath, [Path.Combine(_folder, "build", "AotInference.dll"), .. arguments], input);
    }

    private string Make(string command)
    {
        CommandResult result = Command.Dotnet(
        [
            command, Project, "-c", "Release", $"-p:AotTargetFramework={_framework}",
            "--artifacts-path", Path.Combine(_folder, "artifacts"), "-o", Path.Combine(_folder, command),
        ]);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"dotnet {command} failed.\n{result.Output}\n{result.Error}");
    }
}

public sealed class AotSampleOfNet9() : AotSample("net9.0");

public sealed class AotSampleOfNet10() : AotSample("net10.0");
