using Xunit;

namespace NetGen.Tests.Aot;

/// <summary>A test with arguments that publishes with NativeAOT. Skipped, with a message, on machines that cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AotTheoryAttribute : TheoryAttribute
{
    public AotTheoryAttribute() => Skip = NativeCompiler.Obstacle;
}
