using System.Numerics;
using System.Reflection;
using NetGen.Tests.Golden;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>Generated networks against PyTorch: outputs and every gradient, at every vector width and in both precisions.</summary>
public class GoldenTests
{
    private static readonly Lazy<Assembly> Networks = new(() => NetworkCompiler.Load(string.Join('\n', Cases().SelectMany(golden =>
        (string[])[golden.Source(ClassName(golden, Precision.Single), Precision.Single), golden.Source(ClassName(golden, Precision.Double), Precision.Double)]))));

    public static TheoryData<string> Names => [.. Cases().Select(golden => golden.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Single_precision_agrees_with_PyTorch(string name) => Check<float>(GoldenCase.Load(name), Precision.Single, 2e-6);

    [Theory]
    [MemberData(nameof(Names))]
    public void Double_precision_agrees_with_PyTorch(string name) => Check<double>(GoldenCase.Load(name), Precision.Double, 1e-12);

    private static IEnumerable<GoldenCase> Cases() => GoldenCase.All().Concat(GoldenCase.Graphs()).Where(golden => EmittedLayers.Contain(golden.Description));

    internal static INetwork<T> Create<T>(GoldenCase golden, Precision precision)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        INetwork<T> network = NetworkCompiler.Create<T>(Networks.Value, ClassName(golden, precision));
        golden.CopyTo(network);
        return network;
    }

    internal static T[] Convert<T>(double[]? values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => values is null ? [] : Array.ConvertAll(values, T.CreateTruncating);

    private static string ClassName(GoldenCase golden, Precision precision) => $"{golden.Name.Replace('-', '_')}_{precision}";

    private static void Check<T>(GoldenCase golden, Precision precision, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        INetwork<T> network = Create<T>(golden, precision);
        Widths<T> widths = new(network);
        T[] inputs = Convert<T>(golden.Inputs);
        foreach (int bits in Widths<T>.Available)
        {
            // Training moves running statistics.
            golden.CopyTo(network);
            Near.Assert_<T>(golden.Forward, widths.Forward(bits, inputs, link: false), tolerance, $"forward, {bits} bits");
            Near.Assert_<T>(golden.Predict, widths.Forward(bits, inputs, link: true), tolerance, $"predict, {bits} bits");

            ParameterBuffer<T> gradients = new(network.Parameters.Length);
            T[] inputGradients = new T[inputs.Length];
            double loss = widths.Train(bits, new TrainingPass<T>
            {
                Inputs = inputs,
                Targets = Convert<T>(golden.Targets),
                Labels = golden.Labels ?? [],
                OutputGradients = Convert<T>(golden.OutputGradients),
                Gradients = gradients,
                InputGradients = inputGradients,
                Scale = T.One / T.CreateTruncating(golden.Rows),
            });
            if (golden.MeanLoss is { } meanLoss)
                Near.Assert_<double>([meanLoss], [loss / golden.Rows], tolerance, $"loss, {bits} bits");
            Near.Assert_<T>(golden.InputGradients, inputGradients, tolerance, $"input gradients, {bits} bits");
            foreach ((string name, double[] expected) in golden.Gradients)
            {
                ParameterInfo parameter = network.Info.Parameters.ToArray().Single(parameter => parameter.Name == name);
                T[] gradient = new T[parameter.Count];
                parameter.CopyTo<T>(gradients.Span, gradient);
                Near.Assert_<T>(expected, gradient, tolerance, $"gradient of {name}, {bits} bits");
            }
        }
    }
}
