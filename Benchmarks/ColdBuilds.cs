using System.Diagnostics;
using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using NetGen.Generator;
using NetGen.Tests.Infrastructure;

namespace NetGen.Benchmarks;

/// <summary>
/// What a network adds to a build from nothing: the time of <c>dotnet build</c> without build servers, against the same project without the network, and
/// the IL of its code.
/// </summary>
internal static class ColdBuilds
{
    private const int Rounds = 3;
    private const double MostSeconds = 3;
    private const int MostBytes = 500_000;
    private const string ProjectName = "Cold";

    /// <summary>Measures all networks of the zoo; false where one exceeds a limit.</summary>
    public static bool Run()
    {
        string folder = Directory.CreateTempSubdirectory("netgen-cold-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, ProjectName + ".csproj"), $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
                  </PropertyGroup>
                  <ItemGroup>
                    <Reference Include="{typeof(NetworkAttribute).Assembly.Location}" />
                    <Analyzer Include="{typeof(NetworkGenerator).Assembly.Location}" />
                  </ItemGroup>
                </Project>
                """);
            Dotnet(folder, "restore");

            string?[] names = [null, .. Zoo.Names];
            List<double>[] seconds = [.. names.Select(_ => new List<double>())];
            int[] bytes = new int[names.Length];
            // Round after round, so that other work on the machine meets all alike.
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < names.Length; i++)
                {
                    seconds[i].Add(Build(folder, names[i]));
                    bytes[i] = CodeSize(Path.Combine(folder, "bin", "Release", "net10.0", ProjectName + ".dll"));
                }
            }

            // The least of a few, not the median: other work only ever adds, and more to a long build than to a short one.
            double without = seconds[0].Min();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Cold build, least of {Rounds}; without a network {without:0.0} s; limits {MostSeconds} s more and {MostBytes:N0} bytes of IL"));
            bool isWithin = true;
            for (int i = 1; i < names.Length; i++)
            {
                (double more, int code) = (seconds[i].Min() - without, bytes[i] - bytes[0]);
                isWithin &= more <= MostSeconds && code <= MostBytes;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{names[i]!.Split('.')[^1],-22} {more,5:0.0} s more {code,9:N0} bytes"));
            }

            return isWithin;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Build(string folder, string? name)
    {
        foreach (string output in (string[])[Path.Combine(folder, "bin"), Path.Combine(folder, "obj", "Release")])
        {
            if (Directory.Exists(output))
                Directory.Delete(output, recursive: true);
        }

        string[] sources = Zoo.SourcesOf(name);
        for (int i = 0; i < sources.Length; i++)
            File.WriteAllText(Path.Combine(folder, $"Source{i.ToString(CultureInfo.InvariantCulture)}.cs"), sources[i]);
        long start = Stopwatch.GetTimestamp();
        Dotnet(folder, "build", "-c", "Release", "--no-restore", "--disable-build-servers");
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static int CodeSize(string path)
    {
        using PEReader assembly = new(File.OpenRead(path));
        MetadataReader metadata = assembly.GetMetadataReader();
        return metadata.MethodDefinitions.Select(handle => metadata.GetMethodDefinition(handle).RelativeVirtualAddress)
            .Where(address => address != 0).Sum(address => assembly.GetMethodBody(address).GetILReader().Length);
    }

    private static void Dotnet(string folder, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} failed:\n{output}");
    }
}
