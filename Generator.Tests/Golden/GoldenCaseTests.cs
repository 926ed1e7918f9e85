using NetGen.Tests.Numerics;
using NetGen.Tests.Numerics.Reference;
using Xunit;

namespace NetGen.Tests.Golden;

/// <summary>The two oracles, PyTorch and the reference interpreter, agree on every case.</summary>
public sealed class GoldenCaseTests
{
    [Theory]
    [MemberData(nameof(GoldenCase.Names), MemberType = typeof(GoldenCase))]
    [MemberData(nameof(GoldenCase.GraphNames), MemberType = typeof(GoldenCase))]
    public void Reference_network_agrees_with_PyTorch(string name)
    {
        GoldenCase golden = GoldenCase.Load(name);
        ReferenceNetwork network = golden.Description.ToReference();
        double[][] parameters = [.. golden.Parameters.Values];

        Assert.Equal(golden.Parameters.Keys, network.Parameters.Select(parameter => parameter.Name));
        double[][] buffers = [.. golden.Buffers.Values];
        AssertClose(golden.Forward, network.Forward(golden.Inputs, parameters, buffers: buffers));
        AssertClose(golden.Predict, network.Predict(golden.Inputs, parameters, buffers));
        AssertClose(golden.TrainingForward, network.Forward(golden.Inputs, parameters, training: true));

        Assert.Equal(golden.Buffers.Keys, network.Buffers.Select(buffer => buffer.Name));
        Assert.Equal(golden.Buffers.Keys, golden.TrainedBuffers.Keys);
        foreach ((double[] expected, double[] actual) in golden.TrainedBuffers.Values.Zip(network.TrainBuffers(golden.Inputs, parameters, buffers)))
            AssertClose(expected, actual);

        (double? loss, double[][] gradients, double[] inputGradients) = Gradient(golden, network, parameters);
        Assert.Equal(golden.MeanLoss is null, loss is null);
        if (golden.MeanLoss is { } meanLoss)
            AssertClose([meanLoss], [loss!.Value]);
        AssertClose(golden.InputGradients, inputGradients);
        Assert.Equal(golden.Parameters.Keys, golden.Gradients.Keys);
        foreach ((double[] expectedGradient, double[] gradient) in golden.Gradients.Values.Zip(gradients))
            AssertClose(expectedGradient, gradient);
    }

    [Theory]
    [MemberData(nameof(GoldenCase.Names), MemberType = typeof(GoldenCase))]
    [MemberData(nameof(GoldenCase.GraphNames), MemberType = typeof(GoldenCase))]
    public void Source_in_the_file_is_that_of_its_layers(string name)
    {
        GoldenCase golden = GoldenCase.Load(name);
        foreach (Precision precision in Enum.GetValues<Precision>())
            Assert.Equal(golden.Description.ToSource("Net", precision), golden.Source("Net", precision));
    }

    [Theory]
    [MemberData(nameof(GoldenCase.NamesWithOptimizers), MemberType = typeof(GoldenCase))]
    public void Optimizer_runs_start_at_the_loss_of_their_case(string name)
    {
        GoldenCase golden = GoldenCase.Load(name);
        Assert.Equal(["SGD", "Momentum", "Nesterov", "Adam", "AdamW"], golden.Optimizers.Select(optimizer => optimizer.Name));
        Assert.All(golden.Optimizers, optimizer =>
        {
            Assert.Equal(10, optimizer.Losses.Length);
            AssertClose([golden.MeanLoss!.Value], optimizer.Losses[..1]);
            Assert.Equal(golden.Parameters.Keys, optimizer.Parameters.Keys);
        });
    }

    [Fact]
    public void Cases_cover_every_layer_activation_and_loss_and_are_exact_in_single_precision()
    {
        IReadOnlyList<GoldenCase> cases = [.. GoldenCase.All(), .. GoldenCase.Graphs()];
        ReferenceLayer[] layers = [.. cases.SelectMany(golden => golden.Description.Layers)];
        Assert.Equal(
            Enum.GetValues<Activation>(),
            layers.OfType<ReferenceDense>().Select(layer => layer.Activation).Distinct().Order());
        Assert.Equal(
            typeof(Layer).GetNestedTypes().Select(type => type.Name).Except(EmittedLayers.WithoutReference).Order(StringComparer.Ordinal),
            layers.Select(layer => $"{layer.Kind}Attribute").Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(Enum.GetValues<Loss>(), cases.Select(golden => golden.Description.Loss).Distinct().Order());
        Assert.Equal(Enum.GetValues<Loss>(), layers.OfType<ReferenceOutput>().Select(output => output.Loss).Distinct().Order());
        Assert.Contains(cases, golden => golden.Labels is not null);
        Assert.Contains(cases, golden => golden.Targets is not null && golden.Description.Loss == Loss.SoftmaxCrossEntropy);

        Assert.All(cases, golden =>
        {
            double[]?[] targets = [golden.Targets, golden.OutputGradients];
            Assert.Equal(1, targets.Count(given => given is not null) + (golden.Labels is null ? 0 : 1));
            Assert.All(
                golden.Parameters.Values.Concat(golden.Buffers.Values).Append(golden.Inputs).Concat(targets.OfType<double[]>()).SelectMany(values => values),
                value => Assert.Equal((float)value, value));
        });
    }

    private static (double? Loss, double[][] Gradients, double[] InputGradients) Gradient(
        GoldenCase golden, ReferenceNetwork network, double[][] parameters)
    {
        if (golden.OutputGradients is { } outputGradients)
        {
            (double[][] gradients, double[] inputGradients) = network.Backward(golden.Inputs, outputGradients, parameters);
            return (null, gradients, inputGradients);
        }

        return golden.Labels is { } labels
            ? network.Gradient(golden.Inputs, labels, parameters)
            : network.Gradient(golden.Inputs, golden.Targets!, parameters);
    }

    /// <summary>Within 1e-13 of the tensor's largest element: rounding, and nothing but rounding.</summary>
    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double tolerance = 1e-13 * expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }
}
