using System.Globalization;
using System.Text.RegularExpressions;
using NetGen.Tests.Aot;
using NetGen.Tests.Golden;
using NetGen.Tests.Infrastructure;

namespace NetGen.Tests.Arm64;

/// <summary>The program of the folder Program, for this machine and for Arm64, with all networks of the zoo and enough golden ones to have every layer.</summary>
public sealed partial class Arm64Program : IDisposable
{
    // Where Debian's cross compiler has the C library.
    private const string ArmRoot = "/usr/aarch64-linux-gnu";

    private readonly string _folder = Directory.CreateTempSubdirectory("netgen-arm64-").FullName;
    // On first use: this object is made even where all its tests are skipped.
    private readonly Lazy<string[]> _expected;

    public Arm64Program() => _expected = new(() =>
    {
        WriteGoldenNetworks();
        Make("build", "x64");
        return Lines(Command.Run(Command.DotnetPath, [Path.Combine(_folder, "x64", "Arm64Check.dll"), GoldenFolder]));
    });

    /// <summary>What the program prints on this machine.</summary>
    internal string[] Expected => _expected.Value;

    private static string GoldenFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Golden");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What it prints on Arm64, published as the project's property Arm64 says.</summary>
    internal string[] RunOnArm64(string kind)
    {
        _ = Expected;
        Make("publish", kind, $"-p:Arm64={kind}");
        return Lines(Command.Run("qemu-aarch64", ["-L", ArmRoot, Path.Combine(_folder, kind, "Arm64Check"), GoldenFolder]));
    }

    private void Make(string command, string output, params string[] arguments)
    {
        CommandResult result = Command.Dotnet(
        [
            command, Path.Combine(Repository.Root, "Generator.Tests", "Arm64", "Program", "Arm64Check.csproj"), "-c", "Release",
            $"-p:GoldenSource={GoldenSource}", "--artifacts-path", Path.Combine(_folder, "artifacts"), "-o", Path.Combine(_folder, output), .. arguments,
        ]);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"dotnet {command} failed.\n{result.Output}\n{result.Error}");
    }

    private static string[] Lines(CommandResult result) =>
        result.ExitCode == 0 ? result.Lines : throw new InvalidOperationException($"The program failed.\n{result.Output}\n{result.Error}");

    private string GoldenSource => Path.Combine(_folder, "GoldenNetworks.cs");

    private void WriteGoldenNetworks()
    {
        GoldenCase[] cases = [.. Cases()];
        string entries = string.Join('\n', cases.Select((golden, index) => $"        (\"{golden.Name}\", () => new {ClassName(index)}()),"));
        string classes = string.Join('\n', cases.Select((golden, index) => golden.Source(ClassName(index), Precision.Single)));
        File.WriteAllText(GoldenSource, $$"""
            namespace NetGen.Tests.Arm64;

            internal static class GoldenNetworks
            {
                public static (string Name, Func<NetGen.INetwork<float>> Create)[] All { get; } =
                [
            {{entries}}
                ];
            }

            {{classes}}
            """);

        static string ClassName(int index) => string.Create(CultureInfo.InvariantCulture, $"Golden{index}");
    }

    /// <summary>Each case with a layer, an activation or a loss that none before it has. Those with functions of the tests' own are left out.</summary>
    private static IEnumerable<GoldenCase> Cases()
    {
        HashSet<string> covered = [];
        foreach (GoldenCase golden in GoldenCase.All().Concat(GoldenCase.Graphs()))
        {
            string source = golden.Source("Net", Precision.Single);
            string[] parts = [.. Part().Matches(source).Select(match => match.Value)];
            if (!source.Contains("typeof", StringComparison.Ordinal) && !covered.IsSupersetOf(parts))
            {
                covered.UnionWith(parts);
                yield return golden;
            }
        }
    }

    [GeneratedRegex(@"(Layer|Activation|Loss)\.\w+")]
    private static partial Regex Part();
}
