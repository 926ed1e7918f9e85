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

    [Fact]
    public void Random_networks_have_gradients_along_a_random_direction()
    {
        foreach (NetworkDescription description in RandomNetworks.Take(60).Where(network => network.Loss != Loss.None))
        {
            ReferenceNetwork network = description.ToReference();
            Random random = new(10);
            const int Rows = 2;
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
    public void Sources_declare_the_networks_described()
    {
        NetworkDescription[] networks = [.. RandomNetworks.Take(100)];
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
            Assert.Equal(networks[i].Loss, (Loss)Named(network, "Loss")!);
            Assert.Equal(Precision.Double, (Precision)Named(network, "Precision")!);
            Assert.Equal(networks[i].Layers, attributes[1..].Select(Layer));
        }

        static object? Named(AttributeData attribute, string name) =>
            attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value;

        static ReferenceLayer Layer(AttributeData attribute)
        {
            object[] arguments = [.. attribute.ConstructorArguments.Select(argument => argument.Value!)];
            double? alpha = (double?)Named(attribute, "Alpha");
            return attribute.AttributeClass!.Name switch
            {
                "DenseAttribute" => new ReferenceDense(
                    (int)arguments[0], (Activation)arguments[1], alpha, (bool?)Named(attribute, "Bias") ?? true),
                "ActivationAttribute" => new ReferenceActivation((Activation)arguments[0], alpha),
                _ => new ReferenceDropout((double)arguments[0]),
            };
        }
    }

    private static double[][] Move(double[][] start, double[][] direction, double step) =>
        [.. start.Zip(direction, (s, d) => s.Zip(d, (a, b) => a + step * b).ToArray())];

    /// <summary>
    /// Checks every element against a difference quotient of fourth order. Its error is rounding, a few 1e-16 over the step.
    /// </summary>
    private static void AssertIsGradient(Func<double> evaluate, double[] variables, double[] gradient, double length = 1e-4)
    {
        Assert.Equal(variables.Length, gradient.Length);
        for (int i = 0; i < variables.Length; i++)
        {
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
