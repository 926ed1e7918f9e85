using System.ComponentModel;
using System.Reflection;
using NetGen.CodeGeneration;
using NetGen.Tests.TrainingLoop;
using Xunit;

namespace NetGen.Tests.Safety;

/// <summary>Buffers and networks of the user's own making, and what the public surface lets anybody do.</summary>
public class OwnBufferTests
{
    [Theory]
    [InlineData(32, 15)]
    [InlineData(16, 1)]
    [InlineData(1000, 999)]
    public void The_trained_part_ends_with_a_whole_vector(int length, int trained)
    {
        ArgumentException error = Assert.Throws<ArgumentException>("trainedLength", () => new ParameterBuffer<float>(length, trained));
        Assert.Contains($"running statistics begin at a multiple of 16, such as {(trained + 15) / 16 * 16}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15, 15)]
    [InlineData(33, 33)]
    [InlineData(40, 32)]
    [InlineData(20, 0)]
    public void Buffers_of_any_length_are_stepped_within_their_bounds(int length, int trained)
    {
        foreach (Optimizer optimizer in (Optimizer[])[new Sgd(1), new Sgd(1, 0.5), new Adam(1)])
        {
            ParameterBuffer<float> parameters = new(length, trained), gradients = new(length);
            gradients.Span.Fill(1);
            Assert.True(optimizer.Step(parameters, gradients));
            Assert.Equal(0, parameters.Span.Count(0f));
            Assert.Equal(length, parameters.Span.Count(parameters.Span[0]));
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(1 << 20)]
    public void A_network_whose_buffer_grows_while_it_is_trained_is_refused(int length)
    {
        Growing network = new(new RegressionNetwork(seed: 1), new ParameterBuffer<float>(length));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => network.Fit(Dataset.FromTargets(new float[30], 3, new float[20], 2), new() { BatchSize = 2, Threads = 2 }));
        Assert.Contains("have become another buffer during training", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_takes_references_without_bounds_is_hidden_and_in_a_namespace_of_its_own()
    {
        Type[] types = typeof(INetwork<>).Assembly.GetExportedTypes();
        Assert.All(
            types.Where(type => type.Namespace == "NetGen.CodeGeneration"),
            type => Assert.Equal(EditorBrowsableState.Never, type.GetCustomAttribute<EditorBrowsableAttribute>()?.State));
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        Assert.All(
            types.Where(type => type.Namespace == "NetGen").SelectMany(type => type.GetMethods(Declared)),
            method => Assert.True(
                !method.ReturnType.IsByRef && !method.GetParameters().Any(parameter => parameter.ParameterType.IsByRef && !parameter.IsIn && !parameter.IsOut),
                $"{method.DeclaringType}.{method}"));
        Assert.Contains(types, type => type == typeof(RowCopy));
    }

    /// <summary>A network that hands out another buffer once it was trained.</summary>
    private sealed class Growing(INetwork<float> network, ParameterBuffer<float> other) : INetwork<float>
    {
        private volatile bool _isTrained;

        public NetworkInfo Info => network.Info;

        public ParameterBuffer<float> Parameters => _isTrained ? other : network.Parameters;

        public void Predict(ReadOnlySpan<float> inputs, Span<float> outputs) => network.Predict(inputs, outputs);

        public void Forward(ReadOnlySpan<float> inputs, Span<float> outputs) => network.Forward(inputs, outputs);

        public double Train(scoped in TrainingPass<float> pass)
        {
            _isTrained = true;
            return network.Train(pass);
        }
    }
}
