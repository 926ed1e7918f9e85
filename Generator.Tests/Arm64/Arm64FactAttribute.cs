using System.Runtime.InteropServices;
using NetGen.Tests.Aot;
using Xunit;

namespace NetGen.Tests.Arm64;

/// <summary>A test that runs programs for Arm64 in an emulator. Skipped, with a message, on machines that cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class Arm64FactAttribute : FactAttribute
{
    private static readonly string[] Tools = ["qemu-aarch64", "clang", "ld.lld", "aarch64-linux-gnu-gcc"];

    public Arm64FactAttribute() => Skip = NativeCompiler.Obstacle ?? FindObstacle();

    private static string? FindObstacle()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return "What Arm64 computes is compared with what an x64 processor does.";
        string[] absent = [.. Tools.Where(tool => !NativeCompiler.IsOnPath(tool))];
        return absent.Length == 0 ? null : $"{string.Join(", ", absent)} not on the PATH; .ci/run installs what they are in on Debian.";
    }
}
