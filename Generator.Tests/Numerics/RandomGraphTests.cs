using System.Numerics;
using NetGen.Tests.Infrastructure;
using NetGen.Tests.Numerics.Reference;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>
/// Random graphs of 2 to 12 layers against the reference interpreter, whose own gradients are checked by central differences:
/// outputs, loss, gradients of every parameter and of the inputs, at every vector width.
/// </summary>
public class RandomGraphTests
{
    [Fact]
    public void Double_precision_agrees_with_the_reference() => Check<double>(Precision.Double, 1e-10);

    [Fact]
    public void Single_precision_agrees_with_the_reference() => Check<float>(Precision.Single, 2e-3);

    private static void Check<T>(Precision precision, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int seed = 0; seed < CompiledRandomGraphs.Count(precision); seed++)
        {
            Assert.True(EmittedLayers.Contain(CompiledRandomGraphs.Description(seed)));
            Check(CompiledRandomGraphs.Description(seed), CompiledRandomGraphs.Create<T>(seed), CompiledRandomGraphs.Rows(seed), seed, tolerance);
        }
    }

    internal static void Check<T>(NetworkDescription graph, INetwork<T> network, int rows, int seed, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ReferenceNetwork reference = graph.ToReference();
        Random random = new(seed);
        double[][] parameters = RandomNetworks.Parameters(reference, random), buffers = RandomNetworks.Buffers(reference, random);
        double[] inputs = RandomNetworks.Inputs(reference, random, rows);
        bool hasLoss = reference.HasLoss;
        double[] targets = hasLoss ? RandomNetworks.Targets(reference, random, rows) : [];
        double[] outputGradients = hasLoss ? [] : [.. Enumerable.Range(0, rows * reference.OutputSize).Select(_ => (double)(float)(random.NextDouble() - 0.5))];
        Dictionary<string, double[]> tensors = new(
            reference.Parameters.Concat(reference.Buffers).Zip([.. parameters, .. buffers], (tensor, values) => KeyValuePair.Create(tensor.Name, values)));

        double loss = 0;
        double[][] gradients;
        double[] inputGradients;
        if (hasLoss)
            (loss, gradients, inputGradients) = reference.Gradient(inputs, targets, parameters);
        else
            (gradients, inputGradients) = reference.Backward(inputs, outputGradients, parameters);
        string source = graph.ToSource("Graph", Precision.Double);
        Widths<T> widths = new(network);
        foreach (int bits in Widths<T>.Available)
        {
            // Training moves running statistics.
            foreach (ParameterInfo parameter in network.Info.Parameters)
                parameter.CopyFrom<T>(GoldenTests.Convert<T>(tensors[parameter.Name]), network.Parameters.Span);
            T[] given = GoldenTests.Convert<T>(inputs), actual = new T[inputs.Length];
            Near.Assert_<T>(reference.Forward(inputs, parameters, buffers: buffers), widths.Forward(bits, given, link: false), tolerance, $"forward, {bits} bits\n{source}");
            Near.Assert_<T>(reference.Predict(inputs, parameters, buffers), widths.Forward(bits, given, link: true), tolerance, $"predict, {bits} bits\n{source}");
            ParameterBuffer<T> sums = network.CreateGradients();
            double sum = widths.Train(bits, new TrainingPass<T>
            {
                Inputs = given,
                Targets = GoldenTests.Convert<T>(targets),
                OutputGradients = GoldenTests.Convert<T>(outputGradients),
                Gradients = sums,
                InputGradients = actual,
                Scale = T.One / T.CreateTruncating(rows),
            });
            if (hasLoss)
                Near.Assert_<double>([loss], [sum / rows], tolerance, $"loss, {bits} bits\n{source}");
            Near.Assert_<T>(inputGradients, actual, tolerance, $"input gradients, {bits} bits\n{source}");
            for (int i = 0; i < parameters.Length; i++)
            {
                ParameterInfo parameter = network.Info.Parameters.ToArray().Single(parameter => parameter.Name == reference.Parameters[i].Name);
                T[] gradient = new T[parameters[i].Length];
                parameter.CopyTo<T>(sums.Span, gradient);
                Near.Assert_<T>(gradients[i], gradient, tolerance, $"gradient of {parameter}, {bits} bits\n{source}");
            }
        }
    }
}
