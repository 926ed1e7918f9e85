using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace NetGen.Tests.Numerics.Reference;

/// <summary>What makes the reference fit to judge: its gradients are those of its own forward pass.</summary>
public sealed class ReferenceNetworkTests
{
    public static TheoryData<Activation, Loss> ActivationsAndLosses()
    {
        TheoryData<Activation, Loss> data = [];
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            foreach (Loss loss in Enum.GetValues<Loss>().Where(loss => loss != Loss.None))
                data.Add(activation, loss);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ActivationsAndLosses))]
    public void Gradients_are_central_differences(Activation activation, Loss loss)
    {
        NetworkDescription description = new([2, 2], loss,
        [
            new ReferenceDense(5, activation, activation is Activation.LeakyReLU or Activation.ELU ? 0.3 : null),
            new ReferenceDropout(0.3),
            new ReferenceDense(4, Bias: false),
            new ReferenceActivation(activation),
            new ReferenceDense(3),
        ]);
        ReferenceNetwork network = description.ToReference();
        Random random = new(7);
        const int Rows = 3;
        double[][] parameters = RandomNetworks.Parameters(network, random);
        double[] inputs = RandomNetworks.Inputs(network, random, Rows), targets = RandomNetworks.Targets(network, random, Rows);
        double[][] masks = RandomNetworks.Masks(description, random, Rows);
        (double loss0, double[][] gradients, double[] inputGradients) = network.Gradient(inputs, targets, parameters, masks);
        double Evaluate() => network.MeanLoss(inputs, targets, parameters, masks);

        Assert.Equal(Evaluate(), loss0);
        AssertIsGradient(Evaluate, inputs, inputGradients);
        for (int i = 0; i < parameters.Length; i++)
            AssertIsGradient(Evaluate, parameters[i], gradients[i]);
    }

    [Fact]
    public void Backward_is_the_gradient_of_a_weighted_sum_of_outputs()
    {
        ReferenceNetwork network = new([3], Loss.None,
            [new ReferenceDense(4, Activation.Softmax), new ReferenceDense(2, Activation.GELU)]);
        Random random = new(8);
        double[][] parameters = RandomNetworks.Parameters(network, random);
        double[] inputs = RandomNetworks.Inputs(network, random, 2), weights = RandomNetworks.Targets(network, random, 2);
        (double[][] gradients, double[] inputGradients) = network.Backward(inputs, weights, parameters);
        double Evaluate() => network.Forward(inputs, parameters).Zip(weights, (output, weight) => output * weight).Sum();

        AssertIsGradient(Evaluate, inputs, inputGradients);
        for (int i = 0; i < parameters.Length; i++)
            AssertIsGradient(Evaluate, parameters[i], gradients[i]);
    }

    [Fact]
    public void Labels_are_one_hot_distributions()
    {
        ReferenceNetwork network = new([2], Loss.SoftmaxCrossEntropy, [new ReferenceDense(3)]);
        double[][] parameters = RandomNetworks.Parameters(network, new Random(9));
        double[] inputs = [1, -2, 0.5, 3];

        (double loss, double[][] gradients, double[] inputGradients) = network.Gradient(inputs, [2, 0], parameters);
        (double expected, double[][] expectedGradients, double[] expectedInputGradients) =
            network.Gradient(inputs, [0.0, 0, 1, 1, 0, 0], parameters);

        Assert.Equal(expected, loss);
        Assert.Equal(expectedGradients, gradients);
        Assert.Equal(expectedInputGradients, inputGradients);
        double[] probabilities = network.Predict(inputs, parameters);
        Assert.Equal(-(Math.Log(probabilities[2]) + Math.Log(probabilities[3])) / 2, loss, 1e-14);
    }

    [Theory]
    [InlineData(-3, 1.9999779095030015)]
    [InlineData(-0.5, 1.5204998778130465)]
    [InlineData(0, 1)]
    [InlineData(1e-10, 0.999999999887162)]
    [InlineData(0.1, 0.887537083981715)]
    [InlineData(1, 0.15729920705028513)]
    [InlineData(1.9375, 0.0061431936047868)]
    [InlineData(2, 0.004677734981047266)]
    [InlineData(3, 2.209049699858544e-05)]
    [InlineData(10, 2.088487583762545e-45)]
    [InlineData(26, 5.663192408856143e-296)]
    public void Erfc_is_accurate(double x, double expected) =>
        Assert.InRange(ReferenceMath.Erfc(x) / expected, 1 - 2e-13, 1 + 2e-13);

    [Fact]
    public void Functions_near_zero_and_at_extremes_lose_nothing()
    {
        Assert.Equal(1e-10 - 5e-21, ReferenceMath.LogOf1Plus(1e-10), 1e-25);
        Assert.Equal(1e-10 + 5e-21, ReferenceMath.ExpMinus1(1e-10), 1e-25);
        Assert.Equal(-1, ReferenceMath.ExpMinus1(-800));
        Assert.Equal(800, ReferenceMath.Softplus(800));
        Assert.Equal(Math.Exp(-700), ReferenceMath.Softplus(-700));
        Assert.Equal(0, ReferenceMath.Derivative(Activation.Tanh, 1, 800));

        ReferenceNetwork network = new([2], Loss.SoftmaxCrossEntropy, []);
        Assert.Equal(2000, network.Gradient([1000, -1000], [1], []).Loss);
        network = new([2], Loss.BinaryCrossEntropy, []);
        Assert.Equal(500, network.Gradient([1000, -1000], [0.0, 0], []).Loss);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        ReferenceNetwork network = new([2], Loss.SoftmaxCrossEntropy, [new ReferenceDense(3, Bias: false), new ReferenceDropout(0.5)]);
        double[] inputs = new double[4], targets = new double[6];
        double[][] parameters = [new double[6]];

        Assert.Throws<ArgumentException>(() => network.Forward(new double[3], parameters));
        Assert.Throws<ArgumentException>(() => network.Forward([], parameters));
        Assert.Throws<ArgumentException>(() => network.Forward(inputs, []));
        Assert.Throws<ArgumentException>(() => network.Forward(inputs, [new double[5]]));
        Assert.Throws<ArgumentException>(() => network.Forward(inputs, parameters, []));
        Assert.Throws<ArgumentException>(() => network.Forward(inputs, parameters, [new double[5]]));
        Assert.Throws<ArgumentException>(() => network.Gradient(inputs, new double[5], parameters));
        Assert.Throws<ArgumentException>(() => network.Gradient(inputs, [0, 3], parameters));
        Assert.Throws<ArgumentException>(() => network.Gradient(inputs, [0], parameters));
        Assert.Throws<ArgumentException>(() => network.Backward(inputs, new double[5], parameters));
        Assert.Throws<InvalidOperationException>(() => new ReferenceNetwork([1], Loss.Huber, []).Gradient([1], [0], []));
        Assert.Throws<InvalidOperationException>(() => new ReferenceNetwork([1], Loss.None, []).Gradient([1], [0.0], []));
    }

    public static TheoryData<string> GraphNames => [.. Graphs.Keys];

    // Each layer with several combinations of its options, and each way in which gradients meet.
    private static readonly Dictionary<string, NetworkDescription> Graphs = new()
    {
        ["conv2d"] = Graph([2, 4, 5], new ReferenceConvolution(2, 3, 3)),
        ["conv2d padded beyond the kernel"] = Graph([2, 2, 3], new ReferenceConvolution(2, 2, 2, Padding: 3, Bias: false)),
        ["conv2d same"] = Graph([1, 4, 3], new ReferenceConvolution(2, 2, 3, Activation.Tanh, Padding: Layer.Same, Dilation: 2)),
        ["conv2d with everything"] = Graph(
            [4, 7, 6],
            new ReferenceConvolution(2, 6, 3, Activation.ELU, Alpha: 0.5, Stride: 2, Padding: 1, Dilation: 2, Groups: 2)),
        ["conv2d depthwise"] = Graph([3, 4, 4], new ReferenceConvolution(2, 6, 2, Stride: 3, Padding: 1, Groups: 3)),
        ["conv2d softmax"] = Graph([2, 3, 3], new ReferenceConvolution(2, 2, 2, Activation.Softmax), new ReferenceDense(2)),
        ["separable"] = Graph([2, 4, 3], new ReferenceSeparableConvolution(3, 2, Bias: false)),
        ["separable with everything"] = Graph(
            [3, 7, 6], new ReferenceSeparableConvolution(4, 3, Activation.SiLU, Stride: 2, Padding: Layer.Same, Dilation: 2)),
        ["transposed"] = Graph([2, 3, 2], new ReferenceTransposedConvolution(3, 3, Bias: false)),
        ["transposed with everything"] = Graph(
            [2, 2, 3],
            new ReferenceTransposedConvolution(3, 3, Activation.ELU, Alpha: 0.5, Stride: 3, Padding: 2, Dilation: 2, OutputPadding: 2),
            new ReferenceDense(2)),
        ["transposed same"] = Graph([2, 3, 4], new ReferenceTransposedConvolution(2, 3, Activation.Tanh, Padding: Layer.Same)),
        ["locally connected"] = Graph([2, 3, 4], new ReferenceLocallyConnected(2, 2, Bias: false)),
        ["locally connected with everything"] = Graph(
            [2, 5, 4], new ReferenceLocallyConnected(3, 2, Activation.Tanh, Stride: 2, Padding: 1, Dilation: 2), new ReferenceDense(2)),
        ["masked dense"] = Graph(
            [2, 3],
            new ReferenceMaskedDense(4, ["110", "001"], Activation.Mish),
            new ReferenceMaskedDense(3, ["1011", "0000", "0110"], Activation.ELU, Alpha: 0.5, Bias: false)),
        ["reshape and permute"] = Graph(
            [12],
            new ReferenceReshape(2, -1, 3),
            new ReferenceConvolution(2, 3, 2),
            new ReferencePermute(2, 0, 1),
            new ReferenceConvolution(2, 2, 1, Activation.Tanh)),
        ["upsample"] = Graph(
            [2, 2, 3],
            new ReferenceUpsample(2),
            new ReferenceConvolution(2, 2, 3, Activation.Tanh),
            new ReferenceUpsample(3, Interpolation.Bilinear),
            new ReferenceLayerNorm()),
        ["pad and crop"] = Graph(
            [2, 3, 4],
            new ReferencePad(1, 2, 0, 3),
            new ReferenceConvolution(2, 2, 2, Activation.Tanh),
            new ReferencePad(2, 1, 3, 0, PadMode.Replicate),
            new ReferenceCrop(1, 0, 2, 3),
            new ReferenceConvolution(2, 2, 2, Activation.Tanh),
            new ReferencePad(2, 1, 0, 1, PadMode.Reflect),
            new ReferenceConvolution(2, 1, 2, Activation.Tanh)),
        ["group norm"] = Graph([6, 2, 3], new ReferenceGroupNorm(2), new ReferenceActivation(Activation.GELU)),
        ["group norm of each channel"] = Graph([3, 5], new ReferenceGroupNorm(3, 0.25), new ReferenceActivation(Activation.Tanh)),
        ["group norm of vectors"] = Graph([8], new ReferenceDense(9), new ReferenceGroupNorm(3), new ReferenceDense(2)),
        ["swish"] = Graph([3, 2, 2], new ReferenceSwish(), new ReferenceDense(4), new ReferenceSwish()),
        ["maxout"] = Graph([6, 2, 2], new ReferenceMaxout(3), new ReferenceDense(4), new ReferenceMaxout(2)),
        ["noise off"] = Graph(
            [2, 3, 2],
            new ReferenceNoise("SpatialDropout", 0.5),
            new ReferenceRReLU(0.2, 0.6),
            new ReferenceNoise("AlphaDropout", 0.5),
            new ReferenceDense(3),
            new ReferenceNoise("GaussianNoise", 1),
            new ReferenceRReLU()),
        ["embedding"] = Graph(
            [4],
            new ReferenceEmbedding(3, 5),
            new ReferenceConvolution(1, 2, 2, Activation.Tanh),
            new ReferenceFlatten { Name = "A" },
            new ReferenceEmbedding(5, 2) { From = ["input"] },
            new ReferenceFlatten { Name = "B" },
            new ReferenceConcat { From = ["A", "B"] },
            new ReferenceDense(2)),
        ["shared"] = Graph(
            [2, 3, 3],
            new ReferenceConvolution(2, 2, 3, Activation.Tanh, Padding: 1) { Name = "Core" },
            new ReferenceShared("Core"),
            new ReferenceGroupNorm(1) { Name = "Norm" },
            new ReferenceSwish { Name = "Slope" },
            new ReferenceShared("Norm"),
            new ReferenceShared("Slope"),
            new ReferenceSeparableConvolution(2, 1, Activation.Tanh) { Name = "Parts" },
            new ReferenceShared("Parts"),
            new ReferenceBatchNorm { Name = "Batch" },
            new ReferenceShared("Batch")),
        ["shared transposed"] = Graph(
            [2, 3],
            new ReferenceDense(4, Activation.Tanh) { Name = "Core" },
            new ReferenceShared("Core", Transposed: true) { Name = "Back" },
            new ReferenceActivation(Activation.Sigmoid),
            new ReferenceDense(4, Activation.GELU),
            new ReferenceShared("Core", Transposed: true)),
        ["inputs"] = new(
            [],
            Loss.Huber,
            [
                new ReferenceInput(2, 3) { Name = "Signal" },
                new ReferenceInput(4) { Name = "Index" },
                new ReferenceInput(6),
                new ReferenceDense(5, Activation.Tanh) { Name = "A" },
                new ReferenceDense(5, Activation.SiLU) { Name = "B", From = ["Signal"] },
                new ReferenceEmbedding(3, 2) { From = ["Index"] },
                new ReferenceDense(5) { Name = "C" },
                new ReferenceAdd { From = ["A", "C", "B"] },
            ]),
        ["outputs"] = new(
            [5],
            Loss.None,
            [
                new ReferenceDense(4, Activation.Tanh) { Name = "Stem" },
                new ReferenceOutput(Loss.MeanSquaredError, 0.5) { From = ["Stem"] },
                new ReferenceDense(3) { Name = "Classes", From = ["Stem"] },
                new ReferenceDense(2) { Name = "Bits", From = ["Stem"] },
                new ReferenceOutput(Loss.SoftmaxCrossEntropy, 2) { From = ["Classes"] },
                new ReferenceOutput { From = ["Classes"] },
                new ReferenceOutput(Loss.BinaryCrossEntropy) { From = ["Bits"] },
            ]),
        ["conv1d"] = Graph([3, 8], new ReferenceConvolution(1, 4, 3, Bias: false)),
        ["conv1d with everything"] = Graph(
            [4, 11], new ReferenceConvolution(1, 6, 3, Activation.Mish, Stride: 3, Padding: Layer.Same, Dilation: 3, Groups: 2)),
        ["pools"] = Graph(
            [2, 9, 8],
            new ReferencePool(2, Max: true, 2, Stride: 1),
            new ReferencePool(2, Max: false, 3, Stride: 2),
            new ReferencePool(2, Max: true, 2)),
        ["pools of signals"] = Graph([3, 17], new ReferencePool(1, Max: false, 2), new ReferencePool(1, Max: true, 3, Stride: 4)),
        ["global max"] = Graph([3, 3, 4], new ReferenceGlobalPool(Max: true), new ReferenceDense(2)),
        ["global mean"] = Graph([3, 5], new ReferenceGlobalPool(Max: false), new ReferenceDense(2)),
        ["flatten"] = Graph([2, 2, 2], new ReferenceFlatten(), new ReferencePReLU()),
        ["batch norm"] = Graph([3], new ReferenceBatchNorm(), new ReferenceDense(2, Activation.Tanh)),
        ["batch norm of images"] = Graph(
            [2, 3, 2], new ReferenceConvolution(2, 3, 2), new ReferenceBatchNorm(0.3, 0.25), new ReferenceActivation(Activation.GELU)),
        ["layer norm"] = Graph([2, 3, 2], new ReferenceLayerNorm(), new ReferenceActivation(Activation.Tanh)),
        ["layer norm with epsilon"] = Graph([7], new ReferenceLayerNorm(0.5)),
        ["rms norm"] = Graph([2, 3, 2], new ReferenceRMSNorm(0.5)),
        ["prelu"] = Graph([3, 2, 2], new ReferencePReLU(), new ReferenceDense(3), new ReferencePReLU()),
        ["square"] = Graph([3], new ReferenceDense(4), new ReferenceMultiply { From = ["Dense1", "Dense1"] }),
        ["products and sums of three"] = Graph(
            [3],
            new ReferenceDense(3) { Name = "A" },
            new ReferenceMultiply { From = ["input", "A", "A"] },
            new ReferenceAdd { From = ["A", "Multiply1", "input"] }),
        ["branches"] = Graph(
            [2, 3, 4],
            new ReferenceConvolution(2, 3, 1, Activation.Tanh) { Name = "Left" },
            new ReferenceConvolution(2, 2, 3, Padding: Layer.Same) { From = ["input"] },
            new ReferenceConcat { From = ["Conv2D2", "Left", "input", "Left"] },
            new ReferenceConvolution(2, 2, 2, Activation.SiLU)),
        ["residual with dropout"] = Graph(
            [2, 4],
            new ReferenceConvolution(1, 2, 3, Activation.Softplus, Padding: 1) { Name = "Stem" },
            new ReferenceDropout(0.4),
            new ReferenceConvolution(1, 2, 1),
            new ReferenceAdd { From = ["Conv1D2", "Stem"] },
            new ReferenceDense(2) { From = ["Add1"] }),
    };

    [Theory]
    [MemberData(nameof(GraphNames))]
    public void Gradients_of_graphs_are_central_differences(string name)
    {
        NetworkDescription description = Graphs[name];
        ReferenceNetwork network = description.ToReference();
        Random random = new(11);
        const int Rows = 3;
        double[][] parameters = RandomNetworks.Parameters(network, random);
        double[] inputs = RandomNetworks.Inputs(network, random, Rows), targets = RandomNetworks.Targets(network, random, Rows);
        double[][] masks = RandomNetworks.Masks(description, random, Rows);
        (double _, double[][] gradients, double[] inputGradients) = network.Gradient(inputs, targets, parameters, masks);
        double Evaluate() => network.MeanLoss(inputs, targets, parameters, masks);

        AssertIsGradient(Evaluate, inputs, inputGradients, isFree: i => network.Vocabularies[i % network.InputSize] == 0);
        for (int i = 0; i < parameters.Length; i++)
            AssertIsGradient(Evaluate, parameters[i], gradients[i]);
    }

    [Fact]
    public void Gradients_of_equal_largest_values_go_to_the_first()
    {
        double[] inputs = [1, 3, 3, 0, 3, 2, 2, 2, 3];
        ReferenceNetwork pool = new([1, 3, 3], Loss.None, [new ReferencePool(2, Max: true, 2, Stride: 1)]);
        ReferenceNetwork global = new([1, 3, 3], Loss.None, [new ReferenceGlobalPool(Max: true)]);

        Assert.Equal([3, 3, 3, 3], pool.Forward(inputs, []));
        Assert.Equal([0, 3, 0, 0, 12, 0, 0, 0, 0], pool.Backward(inputs, [1, 2, 4, 8], []).InputGradients);
        Assert.Equal([0, 5, 0, 0, 0, 0, 0, 0, 0], global.Backward(inputs, [5], []).InputGradients);

        ReferenceNetwork maxout = new([3, 3], Loss.None, [new ReferenceMaxout(3)]);
        Assert.Equal([2, 3, 3], maxout.Forward(inputs, []));
        Assert.Equal([0, 2, 4, 0, 0, 0, 1, 0, 0], maxout.Backward(inputs, [1, 2, 4], []).InputGradients);
    }

    [Fact]
    public void Shared_layers_have_the_parameters_of_the_first_use()
    {
        ReferenceNetwork network = new(
            [3],
            Loss.None,
            [new ReferenceDense(3) { Name = "Core" }, new ReferenceShared("Core"), new ReferenceShared("Core", Transposed: true) { Name = "Back" }]);

        Assert.Equal(["core.weight", "core.bias", "back.bias"], network.Parameters.Select(parameter => parameter.Name));
        double[][] parameters = [[0, 1, 0, 0, 0, 2, 0, 0, 0], [0, 0, 5], [100, 200, 300]];

        // (1, 2, 3) becomes (2, 6, 5), then (6, 10, 5), and back (0, 6, 20) with a bias.
        Assert.Equal([100, 206, 320], network.Forward([1, 2, 3], parameters));
    }

    [Fact]
    public void Inputs_and_outputs_stand_one_after_the_other()
    {
        ReferenceNetwork network = new(
            [],
            Loss.None,
            [
                new ReferenceInput(2) { Name = "A" },
                new ReferenceInput(1) { Name = "B" },
                new ReferenceConcat { From = ["B", "A"] },
                new ReferenceOutput(Loss.MeanSquaredError, 3),
                new ReferenceOutput(Loss.BinaryCrossEntropy) { From = ["B"] },
            ]);
        double[] inputs = [1, 2, 0, 4, 5, -800];

        Assert.Equal([0, 1, 2, 0, -800, 4, 5, -800], network.Forward(inputs, []));
        Assert.Equal([0, 1, 2, 0.5, -800, 4, 5, 0], network.Predict(inputs, []));

        // Squares of 3, 0 and 0, thrice; ln 2 and 0.
        (double loss, _, double[] gradients) = network.Gradient(inputs, [3, 1, 2, 0.5, -800, 4, 5, 0], []);
        Assert.Equal(3 * 9 / 6.0 + Math.Log(2) / 2, loss, 1e-14);
        Assert.Equal([0, 0, -3, 0, 0, 0], gradients);
        Assert.Equal([2, 4, 1 + 8, 0, 0, 0], network.Backward(inputs, [1, 2, 4, 8, 0, 0, 0, 0], []).InputGradients);
    }

    [Fact]
    public void Masked_weights_count_for_nothing()
    {
        ReferenceNetwork network = new([2], Loss.None, [new ReferenceMaskedDense(2, ["10", "11"], Bias: false)]);
        double[][] parameters = [[1, 1000, 2, 3]];

        Assert.Equal([true, false, true, true], network.Parameters[0].Mask!);
        Assert.Equal([5, 31], network.Forward([5, 7], parameters));
        Assert.Equal([5, 0, 10, 14], network.Backward([5, 7], [1, 2], parameters).Gradients[0]);
    }

    [Fact]
    public void Batch_normalization_predicts_by_running_statistics_and_moves_them_by_its_momentum()
    {
        ReferenceNetwork network = new([2, 2], Loss.None, [new ReferenceBatchNorm(0.25, 0), new ReferenceActivation(Activation.Identity)]);
        double[][] parameters = [[1, 2], [0, 1]], buffers = [[1, 0], [4, 1]];
        double[] inputs = [1, 3, 0, 0, 5, 7, 8, 0];

        Assert.Equal(["batchNorm1.running_mean", "batchNorm1.running_var"], network.Buffers.Select(buffer => buffer.Name));
        Assert.Equal([[0, 0], [1, 1]], network.NewBuffers());
        Assert.Equal([0, 1, 1, 1, 2, 3, 17, 1], network.Forward(inputs, parameters, buffers: buffers));
        Assert.Equal(network.Forward(inputs, parameters, buffers: buffers), network.Predict(inputs, parameters, buffers));
        Assert.Equal(network.Forward(inputs, parameters, buffers: network.NewBuffers()), network.Predict(inputs, parameters));

        // Means 4 and 2; variances 5 and 12, which are 20/3 and 16 unbiased.
        double[] trained = network.Forward(inputs, parameters, buffers: buffers, training: true);
        Assert.Equal(-3 / Math.Sqrt(5), trained[0], 1e-15);
        Assert.Equal(1 + 2 * 6 / Math.Sqrt(12), trained[6], 1e-15);
        double[][] moved = network.TrainBuffers(inputs, parameters, buffers);
        Assert.Equal([1.75, 0.5], moved[0]);
        Assert.Equal(3 + 20.0 / 3 / 4, moved[1][0], 1e-15);
        Assert.Equal(4.75, moved[1][1], 1e-15);
        Assert.Equal([1, 0], buffers[0]);

        // One value has variance 0.
        network = new([2], Loss.None, [new ReferenceBatchNorm(0.25)]);
        moved = network.TrainBuffers([3, 5], parameters, buffers);
        Assert.Equal([1.5, 1.25], moved[0]);
        Assert.Equal([3, 0.75], moved[1]);
        Assert.Equal([0, 1], network.Forward([3, 5], parameters, training: true));
    }

    [Fact]
    public void Impossible_graphs_are_refused()
    {
        Refuses("takes 'B'", [4], new ReferenceDense(2) { From = ["B"] }, new ReferenceDense(2) { Name = "B" });
        Refuses("named 'Dense2'", [4], new ReferenceDense(2) { Name = "Dense2" }, new ReferenceDense(2));
        Refuses("named 'input'", [4], new ReferenceDense(2) { Name = "input" });
        Refuses("take 2 values", [4], new ReferenceDense(2) { From = ["input", "input"] });
        Refuses("take 1 values", [4], new ReferenceAdd());
        Refuses("[2] and [4]", [4], new ReferenceDense(2), new ReferenceAdd { From = ["Dense1", "input"] });
        Refuses("[2, 3] and [2, 4]", [2, 4], new ReferenceConvolution(1, 2, 2), new ReferenceConcat { From = ["Conv1D1", "input"] });
        Refuses("slide over [4]", [4], new ReferenceConvolution(1, 2, 2));
        Refuses("slide over [4, 4]", [4, 4], new ReferencePool(2, Max: true, 2));
        Refuses("does not fit", [1, 4, 3], new ReferencePool(2, Max: true, 4));
        Refuses("does not fit", [1, 4], new ReferenceConvolution(1, 2, 3, Dilation: 2));
        Refuses("3 groups", [4, 4], new ReferenceConvolution(1, 6, 3, Groups: 3));
        Refuses("2 groups", [4, 4], new ReferenceConvolution(1, 5, 3, Groups: 2));
        Refuses("3 groups", [4, 4], new ReferenceGroupNorm(3));
        Refuses("3 pieces", [4, 4], new ReferenceMaxout(3));
        Refuses("leaves nothing of [1, 1, 2]", [1, 1, 2], new ReferenceTransposedConvolution(1, 1, Padding: 1));
        Refuses("pad its output by 2", [1, 2, 2], new ReferenceTransposedConvolution(1, 3, Stride: 2, OutputPadding: 2));
        Refuses("takes an image", [1, 2], new ReferenceTransposedConvolution(1, 1));
        Refuses("mask of", [4], new ReferenceMaskedDense(4, ["110"]));
        Refuses("mask of", [4], new ReferenceMaskedDense(4, ["11", "1"]));
        Refuses("mask of", [4], new ReferenceMaskedDense(4, []));
        Refuses("cannot arrange 12", [12], new ReferenceReshape(5, -1));
        Refuses("cannot arrange 12", [12], new ReferenceReshape(-1, -1));
        Refuses("no order", [2, 3], new ReferencePermute(0, 0));
        Refuses("no order", [2, 3], new ReferencePermute(0));
        Refuses("takes an image", [2, 3], new ReferenceUpsample(2));
        Refuses("Nothing of", [2, 3, 3], new ReferenceCrop(2, 1, 0, 0));
        Refuses("mirrored", [2, 3, 3], new ReferencePad(0, 0, 0, 3, PadMode.Reflect));
        Refuses("takes indexes", [2, 3], new ReferenceEmbedding(3, 2));
        Refuses("takes indexes", [2], new ReferenceDense(3), new ReferenceEmbedding(3, 2));
        Refuses("shares 'A'", [2], new ReferenceShared("A"), new ReferenceDense(2) { Name = "A" });
        Refuses("shares 'A'", [2], new ReferenceFlatten { Name = "A" }, new ReferenceShared("A"));
        Refuses("of [2], not of [3]", [2], new ReferenceDense(3) { Name = "A" }, new ReferenceShared("A"));
        Refuses("no dense layer", [2], new ReferencePReLU { Name = "A" }, new ReferenceShared("A", Transposed: true));
        Refuses("no dense layer", [2], new ReferenceDense(3) { Name = "A" }, new ReferenceDense(2), new ReferenceShared("A", Transposed: true));
        Refuses("either a shape or inputs", [2], new ReferenceInput(2));
        Refuses("either a shape or inputs", [], new ReferenceDense(2));
        Refuses("takes 'input'", [], new ReferenceInput(2), new ReferenceDense(2) { From = ["input"] });
        Assert.Throws<ArgumentException>(() => new ReferenceNetwork([2], Loss.Huber, [new ReferenceOutput()]));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new ReferenceNetwork([1], Loss.None, [new ReferenceEmbedding(2, 1)]).Forward([2], [new double[2]]));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new ReferenceNetwork([1], Loss.None, [new ReferenceEmbedding(2, 1)]).Forward([0.5], [new double[2]]));

        ReferenceNetwork network = new([3], Loss.None, [new ReferenceBatchNorm()]);
        double[][] parameters = [new double[3], new double[3]];
        Assert.Throws<ArgumentException>(() => network.Forward(new double[3], parameters, buffers: [new double[3]]));
        Assert.Throws<ArgumentException>(() => network.Predict(new double[3], parameters, [new double[3], new double[2]]));

        static void Refuses(string message, int[] shape, params ReferenceLayer[] layers) =>
            Assert.Contains(message, Assert.Throws<ArgumentException>(() => new ReferenceNetwork(shape, Loss.None, layers)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_networks_have_gradients_along_a_random_direction()
    {
        foreach (NetworkDescription description in (NetworkDescription[])[.. RandomNetworks.Take(60), .. RandomGraphs.Take(150)])
        {
            ReferenceNetwork network = description.ToReference();
            if (!network.HasLoss)
                continue;
            Random random = new(10);
            const int Rows = 3;
            double[][] start = RandomNetworks.Parameters(network, random), direction = RandomNetworks.Parameters(network, random);
            double[] inputs = RandomNetworks.Inputs(network, random, Rows), targets = RandomNetworks.Targets(network, random, Rows);
            double[][] masks = RandomNetworks.Masks(description, random, Rows);

            double[] step = [0];
            double Evaluate() => network.MeanLoss(inputs, targets, Move(start, direction, step[0]), masks);
            double slope = network.Gradient(inputs, targets, start, masks).Gradients
                .Zip(direction, (gradient, along) => gradient.Zip(along, (g, d) => g * d).Sum()).Sum();

            // A shorter step: among this many rectifiers, one lies within 1e-4 of its kink.
            AssertIsGradient(Evaluate, step, [slope], length: 1e-5);
        }
    }

    [Fact]
    public void Random_networks_repeat_and_cover_everything()
    {
        NetworkDescription[] networks = [.. RandomNetworks.Take(300)];
        ReferenceLayer[] layers = [.. networks.SelectMany(network => network.Layers)];
        ReferenceDense[] dense = [.. layers.OfType<ReferenceDense>()];

        Assert.Equal(networks.Select(Source), RandomNetworks.Take(300).Select(Source));
        Assert.Equal(networks.Length, networks.Select(Source).Distinct().Count());
        Assert.Equal(Enum.GetValues<Loss>(), networks.Select(network => network.Loss).Distinct().Order());
        Assert.Equal(Enum.GetValues<Activation>(), dense.Select(layer => layer.Activation).Distinct().Order());
        Assert.Equal(Enum.GetValues<Activation>(), layers.OfType<ReferenceActivation>().Select(layer => layer.Function).Distinct().Order());
        Assert.Equal(16, dense.Select(layer => layer.Units).Distinct().Count());
        Assert.Equal([1, 2, 3, 4, 5, 6], networks.Select(network => network.Layers.Count).Distinct().Order());
        Assert.Contains(dense, layer => !layer.Bias);
        Assert.Contains(dense, layer => layer.Alpha is not null);
        Assert.Contains(networks, network => network.InputShape.Length > 1);
        Assert.Contains(layers, layer => layer is ReferenceDropout);

        static string Source(NetworkDescription network) => network.ToSource("Net", Precision.Single);
    }

    [Fact]
    public void Random_graphs_repeat_and_cover_everything()
    {
        NetworkDescription[] networks = [.. RandomGraphs.Take(600)];
        ReferenceLayer[] layers = [.. networks.SelectMany(network => network.Layers)];
        ReferenceConvolution[] convolutions = [.. layers.OfType<ReferenceConvolution>()];
        ReferencePool[] pools = [.. layers.OfType<ReferencePool>()];

        Assert.Equal(networks.Select(Source), RandomGraphs.Take(600).Select(Source));
        Assert.Equal(networks.Length, networks.Select(Source).Distinct().Count());
        Assert.DoesNotContain(RandomGraphs.Take(100, isAllowed: IsOld).SelectMany(network => network.Layers), layer => !IsOld(layer));
        Assert.Equal(Enum.GetValues<Loss>(), networks.Select(network => network.Loss).Distinct().Order());
        Assert.Equal(
            typeof(Layer).GetNestedTypes().Select(type => type.Name).Except(EmittedLayers.WithoutReference).Order(StringComparer.Ordinal),
            layers.Select(layer => $"{layer.Kind}Attribute").Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(Enum.GetValues<Activation>().Except([Activation.Softmax]), convolutions.Select(layer => layer.Activation).Distinct().Order());
        Assert.Equal(
            Enumerable.Range(2, 11),
            networks.Select(network => network.Layers.Count(layer => layer is not ReferenceInput and not ReferenceOutput)).Distinct().Order());
        Assert.Equal([1, 2, 3, 4, 5], convolutions.Select(layer => layer.Kernel).Distinct().Order());
        Assert.Equal([1, 2, 3], convolutions.Select(layer => layer.Stride).Distinct().Order());
        Assert.Equal([1, 2, 3], convolutions.Select(layer => layer.Dilation).Distinct().Order());
        Assert.Equal([Layer.Same, 0, 1, 2], convolutions.Select(layer => layer.Padding).Distinct().Order());
        Assert.Equal([0, 1, 2, 3], pools.Select(layer => layer.Stride).Distinct().Order());
        Assert.Contains(convolutions, layer => layer.Groups > 1 && layer.Groups < layer.Filters);
        Assert.Contains(convolutions, layer => layer.Groups > 1 && layer.Groups == layer.Filters);
        Assert.Contains(layers, layer => layer is ReferenceAdd { From.Count: 3 });
        Assert.Contains(layers, layer => layer is ReferenceConcat { From.Count: 3 });
        Assert.Contains(layers, layer => layer is ReferenceDense { From.Count: 1 });
        Assert.Contains(layers, layer => layer.From.Contains("input"));
        foreach (Type kind in (Type[])[typeof(ReferenceSeparableConvolution), typeof(ReferenceTransposedConvolution), typeof(ReferenceLocallyConnected)])
        {
            ReferenceKernelLayer[] kernels = [.. layers.OfType<ReferenceKernelLayer>().Where(kind.IsInstanceOfType)];
            Assert.Equal([1, 2, 3], kernels.Select(layer => layer.Stride).Distinct().Order());
            Assert.Equal([1, 2, 3], kernels.Select(layer => layer.Dilation).Distinct().Order());
            Assert.Superset(new HashSet<int> { Layer.Same, 0, 1 }, kernels.Select(layer => layer.Padding).ToHashSet());
            Assert.Contains(kernels, layer => !layer.Bias);
        }

        Assert.Equal([0, 1, 2], layers.OfType<ReferenceTransposedConvolution>().Select(layer => layer.OutputPadding).Distinct().Order());
        Assert.Equal(Enum.GetValues<PadMode>(), layers.OfType<ReferencePad>().Select(layer => layer.Mode).Distinct().Order());
        Assert.Equal(Enum.GetValues<Interpolation>(), layers.OfType<ReferenceUpsample>().Select(layer => layer.Interpolation).Distinct().Order());
        Assert.Equal(Enum.GetValues<Loss>(), layers.OfType<ReferenceOutput>().Select(layer => layer.Loss).Distinct().Order());
        Assert.Contains(layers, layer => layer is ReferenceReshape reshape && reshape.Dimensions.Contains(-1));
        Assert.Equal([false, true], layers.OfType<ReferenceShared>().Select(layer => layer.Transposed).Distinct().Order());

        static string Source(NetworkDescription network) => network.ToSource("Net", Precision.Single);
        static bool IsOld(ReferenceLayer layer) => layer is ReferenceDense or ReferenceActivation or ReferenceConvolution { Groups: 1 }
            or ReferencePReLU or ReferenceAdd or ReferenceMultiply or ReferenceConcat;
    }

    [Fact]
    public void Random_graphs_have_no_gradient_that_is_mere_rounding()
    {
        foreach (NetworkDescription description in RandomGraphs.Take(300))
        {
            ReferenceNetwork network = description.ToReference();
            Random random = new(12);
            const int Rows = 4;
            double[][] parameters = RandomNetworks.Parameters(network, random);
            double[] inputs = RandomNetworks.Inputs(network, random, Rows), targets = RandomNetworks.Targets(network, random, Rows);
            (double[][] gradients, _) = network.Backward(inputs, targets, parameters);

            // Exactly 0 is well: a rectifier that never opens.
            double[] largest = [.. gradients.Select(gradient => gradient.Max(Math.Abs))];
            Assert.All(largest, value => Assert.True(value == 0 || value > 1e-9 * largest.Max(), description.ToSource("Net", Precision.Double)));
        }
    }

    [Fact]
    public void Sources_declare_the_networks_described()
    {
        NetworkDescription[] networks = [.. RandomNetworks.Take(100), .. RandomGraphs.Take(150)];
        string[] runtime = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Sources",
            networks.Select((network, i) => CSharpSyntaxTree.ParseText(network.ToSource($"Net{i}", Precision.Double))),
            runtime.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(compilation.GetDiagnostics());

        for (int i = 0; i < networks.Length; i++)
        {
            AttributeData[] attributes = [.. compilation.GetTypeByMetadataName($"Net{i}")!.GetAttributes()];
            AttributeData network = attributes[0];
            Assert.Equal(networks[i].InputShape, network.ConstructorArguments[0].Values.Select(value => (int)value.Value!));
            Assert.Equal(networks[i].Loss, (Loss)(Named(network, "Loss") ?? 0));
            Assert.Equal(Precision.Double, (Precision)Named(network, "Precision")!);
            Assert.Equal(networks[i].Layers, attributes[1..].Select(Layer));
        }

        static object? Named(AttributeData attribute, string name) =>
            attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value;

        static ReferenceLayer Layer(AttributeData attribute)
        {
            object[] arguments = [.. attribute.ConstructorArguments.Where(argument => argument.Kind != TypedConstantKind.Array).Select(argument => argument.Value!)];
            int[] numbers = [.. attribute.ConstructorArguments.Where(argument => argument.Kind == TypedConstantKind.Array)
                .SelectMany(argument => argument.Values).Select(value => (int)value.Value!)];
            string kind = attribute.AttributeClass!.Name[..^"Attribute".Length];
            double? alpha = (double?)Named(attribute, "Alpha");
            bool bias = (bool?)Named(attribute, "Bias") ?? true;
            double epsilon = (double?)Named(attribute, "Epsilon") ?? 1e-5;
            int stride = (int?)Named(attribute, "Stride") ?? 1, padding = (int?)Named(attribute, "Padding") ?? 0;
            int dilation = (int?)Named(attribute, "Dilation") ?? 1;
            ReferenceLayer layer = kind switch
            {
                "Dense" => new ReferenceDense((int)arguments[0], (Activation)arguments[1], alpha, bias),
                "Activation" => new ReferenceActivation((Activation)arguments[0], alpha),
                "Dropout" => new ReferenceDropout((double)arguments[0]),
                "MaskedDense" => new ReferenceMaskedDense((int)arguments[0], Texts(attribute, "Mask"), (Activation)arguments[1], alpha, bias),
                "Conv1D" or "Conv2D" => new ReferenceConvolution(
                    kind[4] - '0', (int)arguments[0], (int)arguments[1], (Activation)arguments[2], alpha, bias, stride, padding, dilation,
                    (int?)Named(attribute, "Groups") ?? 1),
                "SeparableConv2D" => new ReferenceSeparableConvolution(
                    (int)arguments[0], (int)arguments[1], (Activation)arguments[2], alpha, bias, stride, padding, dilation),
                "ConvTranspose2D" => new ReferenceTransposedConvolution(
                    (int)arguments[0], (int)arguments[1], (Activation)arguments[2], alpha, bias, stride, padding, dilation,
                    (int?)Named(attribute, "OutputPadding") ?? 0),
                "LocallyConnected2D" => new ReferenceLocallyConnected(
                    (int)arguments[0], (int)arguments[1], (Activation)arguments[2], alpha, bias, stride, padding, dilation),
                "MaxPool1D" or "MaxPool2D" or "AveragePool1D" or "AveragePool2D" => new ReferencePool(
                    kind[^2] - '0', kind[0] == 'M', (int)arguments[0], (int?)Named(attribute, "Stride") ?? 0),
                "GlobalMaxPool" => new ReferenceGlobalPool(Max: true),
                "GlobalAveragePool" => new ReferenceGlobalPool(Max: false),
                "Flatten" => new ReferenceFlatten(),
                "Add" => new ReferenceAdd(),
                "Multiply" => new ReferenceMultiply(),
                "Concat" => new ReferenceConcat(),
                "BatchNorm" => new ReferenceBatchNorm((double?)Named(attribute, "Momentum") ?? 0.1, epsilon),
                "LayerNorm" => new ReferenceLayerNorm(epsilon),
                "RMSNorm" => new ReferenceRMSNorm(epsilon),
                "GroupNorm" => new ReferenceGroupNorm((int)arguments[0], epsilon),
                "PReLU" => new ReferencePReLU(),
                "RReLU" => new ReferenceRReLU((double?)Named(attribute, "Lower") ?? 1d / 8, (double?)Named(attribute, "Upper") ?? 1d / 3),
                "Swish" => new ReferenceSwish(),
                "Maxout" => new ReferenceMaxout((int)arguments[0]),
                "SpatialDropout" or "AlphaDropout" or "GaussianNoise" => new ReferenceNoise(kind, (double)arguments[0]),
                "Reshape" => new ReferenceReshape(numbers),
                "Permute" => new ReferencePermute(numbers),
                "Upsample2D" => new ReferenceUpsample((int)arguments[0], (Interpolation)arguments[1]),
                "Pad2D" => new ReferencePad(Side(0), Side(1), Side(2), Side(3), (PadMode?)(int?)Named(attribute, "Mode") ?? PadMode.Zeros),
                "Crop2D" => new ReferenceCrop(Side(0), Side(1), Side(2), Side(3)),
                "Embedding" => new ReferenceEmbedding((int)arguments[0], (int)arguments[1]),
                "Shared" => new ReferenceShared((string)arguments[0], (bool?)Named(attribute, "Transposed") ?? false),
                "Input" => new ReferenceInput(numbers),
                "Output" => new ReferenceOutput((Loss?)(int?)Named(attribute, "Loss") ?? Loss.None, (double?)Named(attribute, "Weight") ?? 1),
                _ => throw new InvalidOperationException($"What is {kind}?"),
            };
            return layer with { Name = (string?)Named(attribute, "Name"), From = Texts(attribute, "From") };

            int Side(int index) => (int)arguments[arguments.Length == 1 ? 0 : index];
        }

        static string[] Texts(AttributeData attribute, string name)
        {
            TypedConstant texts = attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value;
            return texts.IsNull ? [] : [.. texts.Values.Select(text => (string)text.Value!)];
        }
    }

    private static NetworkDescription Graph(int[] inputShape, params ReferenceLayer[] layers) =>
        new(inputShape, Loss.MeanSquaredError, layers);

    private static double[][] Move(double[][] start, double[][] direction, double step) =>
        [.. start.Zip(direction, (s, d) => s.Zip(d, (a, b) => a + step * b).ToArray())];

    /// <summary>
    /// Checks every element against a difference quotient of fourth order. Its error is rounding, a few 1e-16 over the step.
    /// </summary>
    private static void AssertIsGradient(
        Func<double> evaluate, double[] variables, double[] gradient, double length = 1e-4, Func<int, bool>? isFree = null)
    {
        Assert.Equal(variables.Length, gradient.Length);
        for (int i = 0; i < variables.Length; i++)
        {
            // An index cannot be moved a little.
            if (isFree is not null && !isFree(i))
            {
                Assert.Equal(0, gradient[i]);
                continue;
            }

            double origin = variables[i];
            double At(double offset)
            {
                variables[i] = origin + offset;
                return evaluate();
            }

            double quotient = (8 * (At(length) - At(-length)) - (At(2 * length) - At(-2 * length))) / (12 * length);
            variables[i] = origin;
            Assert.Equal(quotient, gradient[i], 1e-14 / length * (1 + Math.Abs(quotient)));
        }
    }
}
