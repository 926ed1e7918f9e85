using System.Numerics;
using NetGen.Tests.Infrastructure;
using Xunit;
using Xunit.Abstractions;

namespace NetGen.Tests.Numerics;

/// <summary>Random networks against the reference: outputs, losses and all gradients, with and without dropout, at every vector width.</summary>
public class ReferenceAgreementTests(ITestOutputHelper output)
{
    [Fact]
    public void Double_precision_agrees_with_the_reference() => Check<double>(Precision.Double, 1e-11);

    [Fact]
    public void Single_precision_agrees_with_the_reference() => Check<float>(Precision.Single, 2e-5);

    private void Check<T>(Precision precision, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        List<(double Error, string What)> errors = [];
        for (int seed = 0; seed < CompiledRandomNetworks.Count(precision); seed++)
        {
            foreach (int bits in Widths<T>.Available)
            {
                // Other rows, targets and masks at every width.
                TrainingCase<T> @case = CompiledRandomNetworks.Create<T>(seed, variant: bits);
                void add<TValue>(string what, double[] expected, TValue[] actual)
                    where TValue : unmanaged, IBinaryFloatingPointIeee754<TValue> =>
                    errors.Add((Near.Error<TValue>(expected, actual), $"{what}, {bits} bits, {seed}: {@case}"));

                add("forward", @case.ForwardReference(link: false), @case.Forward(bits, link: false));
                add("predict", @case.ForwardReference(link: true), @case.Forward(bits, link: true));
                (double expectedLoss, double[][] expectedGradients, double[] expectedInputGradients) = @case.TrainReference();
                (double loss, T[] gradients, T[] inputGradients) = @case.Train(bits);
                add("loss", [expectedLoss], [loss]);
                add("input gradients", expectedInputGradients, inputGradients);
                foreach ((ParameterInfo parameter, double[] expected) in @case.Network.Info.Parameters.ToArray().Zip(expectedGradients))
                {
                    T[] gradient = new T[parameter.Count];
                    parameter.CopyTo<T>(gradients, gradient);
                    add($"gradient of {parameter.Name}", expected, gradient);
                }
            }
        }

        (double error, string worst) = errors.MaxBy(candidate => candidate.Error);
        output.WriteLine($"{error:g3}: {worst}");
        Assert.True(error < tolerance, $"{worst}: relative error {error:g3}, allowed {tolerance:g3}");
    }
}
