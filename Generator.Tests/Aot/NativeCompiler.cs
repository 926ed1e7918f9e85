using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace NetGen.Tests.Aot;

/// <summary>The NativeAOT compiler, and whether this machine can run it.</summary>
internal static class NativeCompiler
{
    private static readonly string[] UnavailableErrors = ["error NU1101", "error NU1102", "error NU1301"];

    // Attributes are made for every test, and more than once.
    private static readonly Lazy<string?> LazyObstacle = new(FindObstacle);

    /// <summary>What keeps this machine from compiling; null if nothing does.</summary>
    public static string? Obstacle => LazyObstacle.Value;

    /// <summary>The folder that restoring keeps packages in.</summary>
    public static string PackagesFolder { get; } = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } chosen
        ? chosen
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    public static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string? FindObstacle()
    {
        if (!OperatingSystem.IsLinux())
            return "The NativeAOT tests look for the linker of Linux.";
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64 && !(Avx2.IsSupported && Fma.IsSupported))
            return "The processor lacks AVX2 and FMA, for which NetGen.targets has NativeAOT compile.";
        if (!IsOnPath("clang") && !IsOnPath("gcc"))
            return "NativeAOT needs clang or gcc to link, and neither is on the PATH.";
        return HasCompiler() ? null : RestoreCompiler();
    }

    private static bool HasCompiler() =>
        Directory.Exists(Path.Combine(PackagesFolder, $"runtime.{RuntimeInformation.RuntimeIdentifier}.microsoft.dotnet.ilcompiler"));

    /// <summary>Downloads the compiler, a package of its own. Slow, but only once on a machine.</summary>
    private static string? RestoreCompiler()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("netgen-aot-");
        try
        {
            CommandResult result = Command.Dotnet(["restore", AotSample.Project, "-p:_IsPublishing=true", "--artifacts-path", folder.FullName]);
            // No such package, no such version, no such source. Any other failure is for the tests to report.
            string? error = result.Lines.FirstOrDefault(line => UnavailableErrors.Any(code => line.Contains(code, StringComparison.Ordinal)));
            return error is null ? null : $"The package of the NativeAOT compiler is not to be had: {error.Trim()}";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
