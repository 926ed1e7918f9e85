using Xunit;

namespace NetGen.Tests.Aot;

/// <summary>A test that publishes with NativeAOT. Skipped, with a message, on machines that cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AotFactAttribute : FactAttribute
{
    public AotFactAttribute() => Skip = NativeCompiler.Obstacle;
}
