using System.IO.Compression;
using NetGen.Tests.Aot;
using NetGen.Tests.Infrastructure;

namespace NetGen.Tests.Package;

/// <summary>
/// The package as a release has it, in a feed of its own, and a project outside the repository that refers to it: README's
/// example, under every analyzer there is.
/// </summary>
public sealed class PackedNetGen : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netgen-package-").FullName;
    // A version that nothing has kept a copy of.
    private readonly string _version = $"0.0.0-test{DateTime.UtcNow.Ticks}";
    // On first use: this object is made even where all its tests are skipped.
    private readonly Lazy<ZipArchive> _package;
    private readonly Lazy<string> _consumer;

    public PackedNetGen()
    {
        _package = new(Pack);
        _consumer = new(WriteConsumer);
    }

    internal ZipArchive Package => _package.Value;

    internal string ConsumerFolder => _consumer.Value;

    public void Dispose()
    {
        if (_package.IsValueCreated)
            _package.Value.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>README as the package has it when the project has this address.</summary>
    internal string ReadmeAt(string projectUrl)
    {
        string folder = Path.Combine(_folder, "readme") + Path.DirectorySeparatorChar;
        Expect(Command.Run(
            Command.DotnetPath,
            ["msbuild", Runtime, "-t:AddReadmeToPackage", $"-p:NetGenProjectUrl={projectUrl}", $"-p:IntermediateOutputPath={folder}", "-nodeReuse:false"]));
        return File.ReadAllText(Path.Combine(folder, "README.md"));
    }

    /// <summary>Publishes the consumer with NativeAOT. What that printed, and the program.</summary>
    internal (string Log, string Program) Publish(string framework)
    {
        string output = Path.Combine(ConsumerFolder, $"published-{framework}");
        string log = Expect(Command.Dotnet(["publish", ConsumerFolder, "-f", framework, "-o", output]));
        return (log, Path.Combine(output, "Iris"));
    }

    /// <summary>Builds the consumer as it comes, in the Debug configuration. What that printed, and the assembly.</summary>
    internal (string Log, string Assembly) Build(string framework)
    {
        string log = Expect(Command.Dotnet(["build", ConsumerFolder, "-f", framework]));
        return (log, Path.Combine(ConsumerFolder, "bin", "Debug", framework, "Iris.dll"));
    }

    private static string Runtime { get; } = Path.Combine(Repository.Root, "Runtime", "NetGen.csproj");

    private ZipArchive Pack()
    {
        // A release is built inside the repository, whose paths the build maps. Here a part is elsewhere, and is mapped the same way.
        string artifacts = Path.Combine(_folder, "artifacts");
        Expect(Command.Dotnet(
        [
            "pack", Runtime, "-c", "Release", "-p:CI=true", $"-p:Version={_version}", $"-p:PathMap={artifacts}=/_/artifacts",
            "--artifacts-path", artifacts, "-o", Path.Combine(_folder, "feed"),
        ]));
        return ZipFile.OpenRead(Path.Combine(_folder, "feed", $"NetGen.{_version}.nupkg"));
    }

    private string WriteConsumer()
    {
        _ = Package;
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "consumer")).FullName;
        string userPackages = NativeCompiler.PackagesFolder;
        File.Copy(Path.Combine(Repository.Root, "Generator.Tests", "Package", "iris.csv"), Path.Combine(folder, "iris.csv"));
        File.WriteAllText(Path.Combine(folder, "Program.cs"), Program());
        // What is private to the test are the copies of NetGen. Everything else comes from where the user's other projects find it.
        File.WriteAllText(Path.Combine(folder, "Iris.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFrameworks>net9.0;net10.0</TargetFrameworks>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <PublishAot>true</PublishAot>
                <InvariantGlobalization>true</InvariantGlobalization>
                <AnalysisLevel>latest</AnalysisLevel>
                <AnalysisMode>All</AnalysisMode>
                <EnforceCodeStyleInBuild>true</EnforceCodeStyleInBuild>
                <GenerateDocumentationFile>true</GenerateDocumentationFile>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <MSBuildTreatWarningsAsErrors>true</MSBuildTreatWarningsAsErrors>
                <!-- README's class is public, and in no namespace. -->
                <NoWarn>$(NoWarn);CA1050;CA1515</NoWarn>
                <RestoreAdditionalProjectSources>{Path.Combine(_folder, "feed")}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{Path.Combine(_folder, "packages")}</RestorePackagesPath>
                <RestoreAdditionalProjectFallbackFolders Condition="Exists('{userPackages}')">{userPackages}</RestoreAdditionalProjectFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="NetGen" Version="{_version}" />
              </ItemGroup>
            </Project>
            """);
        return folder;
    }

    /// <summary>The first example of README, with a last line that prints what the loaded network says.</summary>
    private static string Program()
    {
        const string Start = "```csharp\n";
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        int start = readme.IndexOf(Start, StringComparison.Ordinal) + Start.Length, end = readme.IndexOf("```", start, StringComparison.Ordinal);
        string example = readme[start..end];
        return example.Insert(example.IndexOf("[Network(", StringComparison.Ordinal), "Console.WriteLine(Training.ArgMax<float>(probabilities));\n\n");
    }

    private static string Expect(CommandResult result) =>
        result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"The command failed.\n{result.Output}\n{result.Error}");
}
