using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>Blocks are as good as their layers written out, wherever their classes are.</summary>
public class BlockTests
{
    private const string Residual = """
        #pragma warning disable CS1591
        using NetGen;
        namespace Lib;

        [Layer.Dense(6, Activation.Tanh, Name = "Inner")]
        [Layer.Block(typeof(Narrow), Repeat = 2)]
        [Layer.Dense(6)]
        [Layer.Add(From = new[] { "Dense2", "input" })]
        public static class Residual;

        [Layer.Dense(3), Layer.Custom(typeof(Cube))]
        public sealed class Narrow;

        public static class Cube
        {
            public static V Forward<V>(V x) where V : struct, IVector<V> => x * x * x;
            public static V Derivative<V>(V x) where V : struct, IVector<V> => V.Constant(3) * x * x;
        }

        """;

    private const string Network = "[NetGen.Network(6, Loss = NetGen.Loss.Huber)] [NetGen.Layer.Block(typeof(Lib.Residual), Repeat = 2)] [NetGen.Layer.Dense(2)] public partial class Net;";

    [Fact]
    public void A_block_of_another_assembly_is_that_of_the_same_project()
    {
        CSharpCompilation library = NetworkCompiler.Compilation([Residual]);
        using MemoryStream image = new();
        Assert.True(library.Emit(image).Success);
        UserProgram referenced = UserProgram.Of(UserProgram.Compilation([Network]).AddReferences(MetadataReference.CreateFromImage(image.ToArray())));
        referenced.AssertCompiles();
        UserProgram own = UserProgram.Of([Network, Residual]);
        own.AssertCompiles();
        Assert.Equal(own.Texts, referenced.Texts);
    }

    [Fact]
    public void What_a_referenced_block_hides_is_told_where_it_is_used()
    {
        CSharpCompilation library = NetworkCompiler.Compilation([Residual.Replace("public static class Cube", "static class Cube", StringComparison.Ordinal)]);
        using MemoryStream image = new();
        Assert.True(library.Emit(image).Success);
        UserProgram program = UserProgram.Of(UserProgram.Compilation([Network]).AddReferences(MetadataReference.CreateFromImage(image.ToArray())));
        Diagnostic diagnostic = Assert.Single(program.Result.Diagnostics);
        Assert.Equal("NETGEN046", diagnostic.Id);
        Assert.Equal("NetGen.Layer.Block(typeof(Lib.Residual), Repeat = 2)", diagnostic.Location.SourceTree!.ToString().Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));
        Assert.Contains("is not generated. NETGEN046: ", program.Texts.Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "6", "[Layer.Block(typeof(Lib.Residual), Repeat = 2)]",
        "[Layer.Dense(6, Activation.Tanh, Name = \"Block1Inner\")] [Layer.Dense(3, Name = \"Block1Block1Dense1\")] [Layer.Custom(typeof(Lib.Cube))]"
        + "[Layer.Dense(3, Name = \"Block1Block1Repeat2Dense1\")] [Layer.Custom(typeof(Lib.Cube))] [Layer.Dense(6, Name = \"Block1Dense2\")]"
        + "[Layer.Add(From = new[] { \"Block1Dense2\", \"input\" }, Name = \"a\")] [Layer.Dense(6, Activation.Tanh, Name = \"Block1Repeat2Inner\")]"
        + "[Layer.Dense(3, Name = \"Block1Repeat2Block1Dense1\")] [Layer.Custom(typeof(Lib.Cube))] [Layer.Dense(3, Name = \"Block1Repeat2Block1Repeat2Dense1\")]"
        + "[Layer.Custom(typeof(Lib.Cube))] [Layer.Dense(6, Name = \"Block1Repeat2Dense2\")] [Layer.Add(From = new[] { \"Block1Repeat2Dense2\", \"a\" })]")]
    [InlineData(
        "3, 6, 6", "[Layer.Block(typeof(Conv), Repeat = 2)] [Layer.Dense(2)]",
        "[Layer.Conv2D(3, 3, Padding = Layer.Same, Name = \"Block1Conv2D1\")] [Layer.Conv2D(3, 3, Padding = Layer.Same, Name = \"Block1Repeat2Conv2D1\")] [Layer.Dense(2)]")]
    [InlineData(
        "6", "[Layer.Dense(6, Name = \"Stem\")] [Layer.Dense(5, Name = \"Side\")] [Layer.Block(typeof(Lib.Narrow), From = new[] { \"Stem\" }, Name = \"Left\")] [Layer.Concat(From = new[] { \"Left\", \"Side\" })]",
        "[Layer.Dense(6, Name = \"Stem\")] [Layer.Dense(5, Name = \"Side\")] [Layer.Dense(3, From = new[] { \"Stem\" }, Name = \"LeftDense1\")] [Layer.Custom(typeof(Lib.Cube), Name = \"c\")] [Layer.Concat(From = new[] { \"c\", \"Side\" })]")]
    [InlineData(
        "6", "[Layer.Block(typeof(Twice))] [Layer.Shared(\"Block1Body\")]",
        "[Layer.Dense(6, Name = \"Block1Body\")] [Layer.Shared(\"Block1Body\")] [Layer.Shared(\"Block1Body\")]")]
    public void A_block_is_its_layers_written_out(string shape, string blocks, string layers)
    {
        const string More = "[Layer.Conv2D(3, 3, Padding = Layer.Same)] class Conv; [Layer.Dense(6, Name = \"Body\")] [Layer.Shared(\"Body\")] class Twice;";
        string Source(string attributes) => $"{Residual.Replace("namespace Lib;", "[Network(" + shape + ", Loss = Loss.Huber)] " + attributes + " public partial class Net; " + More + " namespace Lib {", StringComparison.Ordinal)} }}";
        INetwork<float> block = NetworkCompiler.Create<float>(Source(blocks), "Net", seed: 5), plain = NetworkCompiler.Create<float>(Source(layers), "Net", seed: 5);
        Assert.Equal(plain.Info.Parameters.ToArray().Select(parameter => parameter.ToString()), block.Info.Parameters.ToArray().Select(parameter => parameter.ToString()));
        float[] inputs = [.. Enumerable.Range(0, 3 * plain.Info.InputSize).Select(i => MathF.Sin(i))];
        float[][] outputs = [.. new[] { block, plain }.Select(network =>
        {
            float[] output = new float[3 * network.Info.OutputSize];
            network.Predict(inputs, output);
            return output;
        })];
        Assert.Equal(outputs[1], outputs[0]);
        Assert.Contains(outputs[0], value => value != 0);
    }
}
