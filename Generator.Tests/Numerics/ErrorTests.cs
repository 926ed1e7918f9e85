using System.Reflection;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>The generated Predict, Forward and Train as callers see them: what they refuse, in which words, and that nothing changes then.</summary>
public class ErrorTests
{
    private static readonly Lazy<Assembly> Networks = new(() => NetworkCompiler.Load(
        """
        [NetGen.Network(3, Loss = NetGen.Loss.SoftmaxCrossEntropy)] [NetGen.Layer.Dense(4)] public sealed partial class Classes { }
        [NetGen.Network(3, Loss = NetGen.Loss.MeanSquaredError)] [NetGen.Layer.Dense(2)] public sealed partial class Values { }
        [NetGen.Network(3)] [NetGen.Layer.Dense(2)] public sealed partial class Free { }
        [NetGen.Network(1, Loss = NetGen.Loss.MeanSquaredError)] [NetGen.Layer.Dense(4096)] public sealed partial class Broad { }
        """));

    [Fact]
    public void Entry_points_take_the_widest_vectors()
    {
        INetwork<float> network = Create("Classes");
        Widths<float> widths = new(network);
        int widest = Widths<float>.Available.First();
        float[] inputs = [1, -2, 3, 0.5f, 0, -1], outputs = new float[8];

        network.Forward(inputs, outputs);
        Assert.Equal(widths.Forward(widest, inputs, link: false), outputs);
        network.Predict(inputs, outputs);
        Assert.Equal(widths.Forward(widest, inputs, link: true), outputs);
        Assert.Equal(1, outputs.AsSpan(0, 4).ToArray().Sum(), 1e-6f);

        TrainingPass<float> pass = new() { Inputs = inputs, Labels = [3, 0] };
        Assert.Equal(widths.Train(widest, pass), network.Train(pass));
        Assert.Equal(-Math.Log(outputs[3]) - Math.Log(outputs[4]), network.Train(pass), 1e-6);
    }

    [Theory]
    [InlineData(4, 4, "Rows have 3 inputs, but 4 is not a multiple of it.")]
    [InlineData(2, 0, "Rows have 3 inputs, but 2 is not a multiple of it.")]
    [InlineData(6, 4, "2 rows need 2 x 4 outputs, but the span has 4.")]
    [InlineData(3, 5, "1 rows need 1 x 4 outputs, but the span has 5.")]
    [InlineData(0, 4, "0 rows need 0 x 4 outputs, but the span has 4.")]
    public void Predictions_of_wrong_lengths_are_refused(int inputs, int outputs, string message)
    {
        INetwork<float> network = Create("Classes");
        float[] untouched = [.. Enumerable.Repeat(7f, outputs)];
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => network.Predict(new float[inputs], untouched)).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => network.Forward(new float[inputs], untouched)).Message);
        Assert.All(untouched, value => Assert.Equal(7, value));
    }

    [Fact]
    public void Lengths_whose_product_overflows_are_refused()
    {
        // 2^20 rows of 2^12 outputs: 0 in 32 bits.
        INetwork<float> network = Create("Broad");
        float[] inputs = new float[1 << 20];
        const string Message = "1048576 rows need 1048576 x 4096 outputs, but the span has 0.";
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => network.Predict(inputs, [])).Message);
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => network.Forward(inputs, [])).Message);
        RefusesArgument("Broad", "1048576 rows of Broad need 1048576 x 4096 target values, but 0 are given.", inputs.Length);
    }

    [Fact]
    public void Wrong_training_rows_are_refused()
    {
        RefusesArgument("Classes", "Classes takes rows of 3 inputs, but 4 is not a multiple of it.", inputs: 4, labels: [0]);
        RefusesArgument("Classes", "2 rows need 2 labels, but 1 are given.", inputs: 6, labels: [0]);
        RefusesArgument("Classes", "Label 4 of row 1 is no class of Classes: classes are 0 to 3.", inputs: 6, labels: [3, 4]);
        RefusesArgument("Classes", "Label -1 of row 0 is no class of Classes: classes are 0 to 3.", inputs: 3, labels: [-1]);
        RefusesArgument("Classes", "2 rows of Classes need 2 x 4 target values, but 4 are given.", inputs: 6, targets: 4);
        RefusesArgument("Classes", "2 rows of Classes need 2 x 4 target values, but 0 are given.", inputs: 6);
        RefusesArgument("Classes", "1 rows of Classes need 1 x 4 output gradients, but 3 are given.", inputs: 3, outputGradients: 3);
        RefusesArgument("Values", "Class labels go with Loss.SoftmaxCrossEntropy, but Values has Loss.MeanSquaredError: give target values.", inputs: 3, labels: [0]);
        RefusesArgument("Free", "1 rows of Free need 1 x 2 output gradients, but 1 are given.", inputs: 3, outputGradients: 1);
        // Were only the labels checked, the values beside them would be read beyond their end.
        const string TwoKinds = "Classes takes target values, labels or output gradients, but more than one of them is given: leave the others empty.";
        RefusesArgument("Classes", TwoKinds, inputs: 6, labels: [0, 1], targets: 1);
        RefusesArgument("Classes", TwoKinds, inputs: 6, labels: [0, 1], outputGradients: 8);
        RefusesArgument("Classes", TwoKinds, inputs: 6, targets: 8, outputGradients: 8);
        RefusesArgument("Values", "Input gradients take 3 elements, one for each input, but the span has 2.", inputs: 3, targets: 2, inputGradients: 2);
        RefusesArgument(
            "Values", "The gradient buffer has 16 elements, but Values needs 64: make it with CreateGradients().", inputs: 3, targets: 2, gradients: new(16));
    }

    [Fact]
    public void Networks_without_a_loss_need_output_gradients()
    {
        INetwork<float> network = Create("Free");
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(
            () => network.Train(new TrainingPass<float> { Inputs = new float[3], Targets = new float[2] }));
        Assert.Equal("Free has no loss: set Loss on [Network], or train it through Backward with gradients of your own.", exception.Message);
        Assert.Equal(0, network.Train(new TrainingPass<float> { Inputs = new float[3], OutputGradients = new float[2] }));
    }

    [Theory]
    [InlineData("Classes")]
    [InlineData("Values")]
    public void No_rows_change_nothing(string name)
    {
        INetwork<float> network = Create(name);
        float[] before = network.Parameters.Span.ToArray();
        ParameterBuffer<float> gradients = new(network.Info.BufferLength);
        gradients.Span.Fill(7);
        network.Predict([], []);
        network.Forward([], []);
        Assert.Equal(0, network.Train(new TrainingPass<float> { Gradients = gradients, Scale = 1, Random = new RandomKey(1, 1) }));
        Assert.All(gradients.Span.ToArray(), value => Assert.Equal(7, value));
        Assert.Equal(before, network.Parameters.Span.ToArray());
    }

    [Fact]
    public void Only_what_is_asked_for_is_computed()
    {
        INetwork<float> network = Create("Values");
        float[] inputs = [1, 2, 3], targets = [1, 1];
        ParameterBuffer<float> gradients = new(network.Info.BufferLength), alone = new(network.Info.BufferLength);
        float[] inputGradients = new float[3], inputGradientsAlone = new float[3];
        double both = network.Train(new TrainingPass<float> { Inputs = inputs, Targets = targets, Scale = 1, Gradients = gradients, InputGradients = inputGradients });

        Assert.Equal(both, network.Train(new TrainingPass<float> { Inputs = inputs, Targets = targets, Scale = 1 }));
        Assert.Equal(both, network.Train(new TrainingPass<float> { Inputs = inputs, Targets = targets, Scale = 1, Gradients = alone }));
        Assert.Equal(both, network.Train(new TrainingPass<float> { Inputs = inputs, Targets = targets, Scale = 1, InputGradients = inputGradientsAlone }));
        Assert.Equal(gradients.Span.ToArray(), alone.Span.ToArray());
        Assert.Equal(inputGradients, inputGradientsAlone);
        Assert.Contains(inputGradients, gradient => gradient != 0);
    }

    private static INetwork<float> Create(string name) => NetworkCompiler.Create<float>(Networks.Value, name);

    private static void RefusesArgument(
        string name, string message, int inputs, int[]? labels = null, int targets = 0, int outputGradients = 0, int inputGradients = 0,
        ParameterBuffer<float>? gradients = null)
    {
        INetwork<float> network = Create(name);
        float[] before = network.Parameters.Span.ToArray(), byInputs = [.. Enumerable.Repeat(7f, inputGradients)];
        gradients ??= new(network.Info.BufferLength);
        gradients.Span.Fill(7);
        ArgumentException exception = Assert.Throws<ArgumentException>(() => network.Train(new TrainingPass<float>
        {
            Inputs = new float[inputs],
            Labels = labels,
            Targets = new float[targets],
            OutputGradients = new float[outputGradients],
            Gradients = gradients,
            InputGradients = byInputs,
            Scale = 1,
        }));
        Assert.Equal(message, exception.Message);
        Assert.Equal(before, network.Parameters.Span.ToArray());
        Assert.All(gradients.Span.ToArray(), value => Assert.Equal(7, value));
        Assert.All(byInputs, value => Assert.Equal(7, value));
    }
}
