using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>The whole text of small networks, so that every change of the emitted code is seen and reviewed.</summary>
public class SnapshotTests
{
    [Fact]
    public void One_layer_of_one_unit() => Snapshot.Match("OneUnit", Emitted("""
        [Network(3, Loss = Loss.MeanSquaredError)]
        [Layer.Dense(1)]
        public sealed partial class Line;
        """));

    [Fact]
    public void Nested_class_in_double_precision() => Snapshot.Match("NestedDouble", Emitted("""
        namespace App.Models;

        public static partial class Models
        {
            [Network(2, 3, Precision = Precision.Double)]
            [Layer.Activation(Activation.Softplus, Name = "Positive")]
            [Layer.Dense(33, Activation.LeakyReLU, Alpha = 0.2, Bias = false)]
            [Layer.Activation(Activation.Softmax)]
            private sealed partial class @class;
        }
        """));

    /// <summary>The document of the emitted code is the emitted code.</summary>
    [Fact]
    public void The_documented_network() => Snapshot.MatchFile(Path.Combine(Repository.Root, "docs", "emitted-network.cs"), Emitted("""
        namespace Digits;

        [Network(64, Loss = Loss.SoftmaxCrossEntropy)]
        [Layer.Dense(32, Activation.ReLU)]
        [Layer.Dropout(0.2)]
        [Layer.Dense(10)]
        public sealed partial class DigitClassifier;
        """));

    private static string Emitted(string source)
    {
        UserProgram program = UserProgram.Of([$"using NetGen;\n{source}"]);
        program.AssertCompiles();
        return program.Texts.Single().Text;
    }
}
