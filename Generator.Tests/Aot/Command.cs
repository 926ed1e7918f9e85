using System.Diagnostics;

namespace NetGen.Tests.Aot;

/// <summary>What a program printed, and how it ended.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error, TimeSpan Duration)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

internal static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>The .NET command that runs the tests.</summary>
    public static string DotnetPath { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Runs a .NET command to its end, leaving no build server behind to keep its output open.</summary>
    public static CommandResult Dotnet(string[] arguments) => Run(DotnetPath, [.. arguments, "--disable-build-servers"]);

    /// <summary>Runs a program to its end.</summary>
    public static CommandResult Run(string program, string[] arguments, string input = "", string folder = "")
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A program may end without reading everything.
        }

        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} has not ended after {Limit.TotalMinutes} minutes.");
        }

        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        return new CommandResult(process.ExitCode, output.Result, error.Result, duration);
    }
}
