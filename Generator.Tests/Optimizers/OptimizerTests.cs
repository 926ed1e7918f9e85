using System.Numerics;
using System.Reflection;
using NetGen.Tests.Golden;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Optimizers;

/// <summary>The optimizers against PyTorch and against plain formulas, and their promises on state, padding and memory.</summary>
public class OptimizerTests
{
    private const int Steps = 10;

    private static readonly GoldenCase[] Cases = [.. GoldenCase.All().Where(golden => golden.Optimizers.Count > 0)];

    private static readonly Lazy<Assembly> Networks = new(() => NetworkCompiler.Load(string.Join('\n', Cases
        .SelectMany(golden => Enum.GetValues<Precision>().Select(precision => golden.Source(ClassName(golden, precision), precision))))));

    public static TheoryData<string> GoldenNames => GoldenCase.NamesWithOptimizers;

    /// <summary>One of each kind, and each with the arguments that change its formula.</summary>
    public static TheoryData<string> Kinds => [.. Recipes.Keys];

    // Rates large enough that ten steps move the parameters far.
    private static Dictionary<string, Func<Optimizer>> Recipes { get; } = new()
    {
        ["SGD"] = () => new Sgd(0.1),
        ["SGD, weight decay"] = () => new Sgd(0.1, weightDecay: 0.2),
        ["momentum"] = () => new Sgd(0.1, 0.9),
        ["momentum, weight decay"] = () => new Sgd(0.1, 0.8, weightDecay: 0.2),
        ["Nesterov"] = () => new Sgd(0.1, 0.9, nesterov: true),
        ["Nesterov, weight decay"] = () => new Sgd(0.1, 0.8, nesterov: true, weightDecay: 0.2),
        ["Adam"] = () => new Adam(0.1),
        ["Adam, other betas"] = () => new Adam(0.1, 0.5, 0.9, 1e-3),
        ["Adam, zero betas"] = () => new Adam(0.1, 0, 0),
        ["Adam, weight decay"] = () => new Adam(0.1, weightDecay: 0.2),
        ["AdamW"] = () => new AdamW(0.1),
        ["AdamW, strong decay"] = () => new AdamW(0.1, weightDecay: 0.5),
    };

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Single_precision_steps_agree_with_PyTorch(string name) => CheckGolden<float>(GoldenCase.Load(name), Precision.Single, 1e-5);

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Double_precision_steps_agree_with_PyTorch(string name) => CheckGolden<double>(GoldenCase.Load(name), Precision.Double, 1e-10);

    [Fact]
    public void Golden_files_hold_every_optimizer() => Assert.Equal(
        ["Adam", "AdamW", "Momentum", "Nesterov", "SGD"],
        Cases.SelectMany(golden => golden.Optimizers).Select(run => run.Name).Distinct().Order());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Steps_are_those_of_the_formula_at_every_length(string kind)
    {
        foreach (int count in (int[])[1, 3, 7, 15, 16, 17, 31, 33, 65, 1001])
        {
            CheckFormula<float>(Recipes[kind](), count, 2e-6);
            CheckFormula<double>(Recipes[kind](), count, 1e-14);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Padding_stays_zero(string kind)
    {
        Optimizer optimizer = Recipes[kind]();
        ParameterInfo[] parameters =
        [
            new("weight", ParameterLayout.Panels, 0, 35, 3), new("bias", ParameterLayout.Contiguous, 48 * 3, 35),
        ];
        ParameterBuffer<float> values = new(48 * 4), gradients = new(values.Length);
        Random random = new(1);
        foreach (ParameterInfo parameter in parameters)
            parameter.CopyFrom<float>(Draw<float>(random, parameter.Count), values.Span);
        for (int step = 0; step < Steps; step++)
        {
            foreach (ParameterInfo parameter in parameters)
                parameter.CopyFrom<float>(Draw<float>(random, parameter.Count), gradients.Span);
            optimizer.Step(values, gradients);
        }

        // What stays after the elements are zeroed is the padding.
        Assert.Equal(35 * 4, values.Span.Length - values.Span.Count(0f));
        foreach (ParameterInfo parameter in parameters)
            parameter.CopyFrom<float>(new float[parameter.Count], values.Span);
        Assert.Equal(values.Length, values.Span.Count(0f));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_allocated_after_the_first_step(string kind)
    {
        Optimizer optimizer = Recipes[kind]();
        (ParameterBuffer<float> values, ParameterBuffer<float> gradients) = (new(1008), new(1008));
        optimizer.Step(values, gradients);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 100; step++)
            optimizer.Step(values, gradients);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_are_left_as_they_are(string kind)
    {
        (ParameterBuffer<double> values, ParameterBuffer<double> gradients) = Buffers<double>(33, seed: 2);
        double[] given = gradients.Span.ToArray();
        Optimizer optimizer = Recipes[kind]();
        optimizer.Step(values, gradients);
        Assert.Equal(given, gradients.Span.ToArray());
        Assert.Equal(1, optimizer.Steps);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_changed_learning_rate_takes_effect_at_the_next_step(string kind)
    {
        Optimizer optimizer = Recipes[kind]();
        (ParameterBuffer<double> values, ParameterBuffer<double> gradients) = Buffers<double>(20, seed: 3);
        double[] expected = values.Span.ToArray();
        Formula formula = new(optimizer, expected.Length);
        foreach (double rate in (double[])[0.1, 0.001, 0, 0.5])
        {
            double[] before = values.Span.ToArray();
            optimizer.LearningRate = rate;
            optimizer.Step(values, gradients);
            formula.Step(expected, gradients.Span);
            Near.Assert_<double>(expected, values.Span, 1e-14, $"rate {rate}");
            Assert.Equal(rate == 0, values.Span.SequenceEqual(before));
        }
    }

    [Fact]
    public void An_optimizer_with_state_serves_one_network_alone()
    {
        foreach (string kind in (string[])["momentum", "Nesterov", "Adam", "AdamW"])
        {
            Optimizer optimizer = Recipes[kind]();
            (ParameterBuffer<float> values, ParameterBuffer<float> gradients) = Buffers<float>(32, seed: 4);
            optimizer.Step(values, gradients);

            // Another of the same size would silently go on with momenta that are not its own.
            (ParameterBuffer<float> twin, ParameterBuffer<float> twinGradients) = Buffers<float>(32, seed: 4);
            float[] before = twin.Span.ToArray();
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => optimizer.Step(twin, twinGradients));
            Assert.Equal("This optimizer holds the state of another network: create one for each network.", error.Message);
            Assert.Throws<InvalidOperationException>(() => optimizer.Step(new ParameterBuffer<float>(64), new ParameterBuffer<float>(64)));
            Assert.Throws<InvalidOperationException>(() => optimizer.Step(new ParameterBuffer<double>(32), new ParameterBuffer<double>(32)));
            Assert.Equal(before, twin.Span.ToArray());
            Assert.Equal(1, optimizer.Steps);
            optimizer.Step(values, gradients);
            Assert.Equal(2, optimizer.Steps);
        }
    }

    [Fact]
    public void An_optimizer_without_state_serves_any_number()
    {
        Sgd optimizer = new(0.5);
        (ParameterBuffer<float> single, ParameterBuffer<float> singleGradients) = (new(16), new(16));
        (ParameterBuffer<double> other, ParameterBuffer<double> otherGradients) = (new(32), new(32));
        singleGradients.Span[3] = 2;
        otherGradients.Span[5] = 4;
        optimizer.Step(single, singleGradients);
        optimizer.Step(other, otherGradients);
        Assert.Equal(-1, single.Span[3]);
        Assert.Equal(-2, other.Span[5]);
    }

    [Fact]
    public void Buffers_must_be_there_and_of_one_length()
    {
        Sgd optimizer = new();
        ParameterBuffer<float> buffer = new(16);
        Assert.Throws<ArgumentNullException>("parameters", () => optimizer.Step(null!, buffer));
        Assert.Throws<ArgumentNullException>("gradients", () => optimizer.Step(buffer, null!));
        ArgumentException error = Assert.Throws<ArgumentException>(() => optimizer.Step(buffer, new ParameterBuffer<float>(32)));
        Assert.Equal("There are 16 parameters but 32 gradients: make the buffer with CreateGradients().", error.Message);
        Assert.Equal(0, optimizer.Steps);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Buffers_that_no_vector_divides_are_stepped_like_padded_ones(string kind)
    {
        for (int length = 1; length <= 33; length++)
        {
            Optimizer odd = Recipes[kind](), whole = Recipes[kind]();
            (ParameterBuffer<float> values, ParameterBuffer<float> gradients) = (new(length), new(length));
            (ParameterBuffer<float> expected, ParameterBuffer<float> expectedGradients) = Buffers<float>(length, seed: 5);
            expected.Span[..length].CopyTo(values.Span);
            expectedGradients.Span[..length].CopyTo(gradients.Span);
            for (int step = 0; step < Steps; step++)
            {
                odd.Step(values, gradients);
                whole.Step(expected, expectedGradients);
            }

            Assert.Equal(expected.Span[..length].ToArray(), values.Span.ToArray());
        }
    }

    [Fact]
    public void A_network_without_parameters_takes_no_step()
    {
        Adam optimizer = new();
        optimizer.Step(new ParameterBuffer<float>(0), new ParameterBuffer<float>(0));
        Assert.Equal(0, optimizer.Steps);
    }

    [Fact]
    public void Arguments_outside_their_ranges_are_refused()
    {
        double[] notFromZeroUp = [-1, -1e-300, double.NaN, -double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        double[] notShares = [.. notFromZeroUp, 1, 1.5];
        foreach (double value in notFromZeroUp)
        {
            Refused("learningRate", () => new Sgd(value), "learningRate must be a finite number from 0 up.");
            Refused("learningRate", () => new Adam(value), "learningRate must be a finite number from 0 up.");
            Refused("learningRate", () => new AdamW(value), "learningRate must be a finite number from 0 up.");
            Refused("LearningRate", () => new Sgd { LearningRate = value }, "LearningRate must be a finite number from 0 up.");
            Refused("weightDecay", () => new Sgd(weightDecay: value), "weightDecay must be a finite number from 0 up.");
            Refused("weightDecay", () => new Adam(weightDecay: value), "weightDecay must be a finite number from 0 up.");
            Refused("weightDecay", () => new AdamW(weightDecay: value), "weightDecay must be a finite number from 0 up.");
            Refused("epsilon", () => new Adam(epsilon: value), "epsilon must be a finite number from 0 up.");
        }

        foreach (double value in notShares)
        {
            Refused("momentum", () => new Sgd(momentum: value), "momentum must lie in [0, 1).");
            Refused("beta1", () => new Adam(beta1: value), "beta1 must lie in [0, 1).");
            Refused("beta2", () => new AdamW(beta2: value), "beta2 must lie in [0, 1).");
        }

        foreach (double value in (double[])[0, 1e-300, 1e-46])
            Refused("epsilon", () => new Adam(epsilon: value), "epsilon must be above 0 in single precision too.");
        ArgumentException error = Assert.Throws<ArgumentException>("nesterov", () => new Sgd(nesterov: true));
        Assert.StartsWith("Nesterov's method corrects the momentum: give one, such as 0.9.", error.Message, StringComparison.Ordinal);

        static void Refused(string name, Func<object> create, string message) =>
            Assert.StartsWith(message, Assert.Throws<ArgumentOutOfRangeException>(name, create).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_smallest_epsilon_leaves_zeros_zero()
    {
        (ParameterBuffer<float> values, ParameterBuffer<float> gradients) = (new(16), new(16));
        new Adam(epsilon: 1e-45).Step(values, gradients);
        Assert.Equal(16, values.Span.Count(0f));
    }

    [Fact]
    public void Arguments_can_be_read_back()
    {
        Sgd sgd = new(0.5, 0.25, nesterov: true, weightDecay: 0.125);
        Assert.Equal((0.5, 0.25, true, 0.125), (sgd.LearningRate, sgd.Momentum, sgd.IsNesterov, sgd.WeightDecay));
        Adam adam = new(0.5, 0.25, 0.75, 0.0625, 0.125);
        Assert.Equal((0.5, 0.25, 0.75, 0.0625, 0.125), (adam.LearningRate, adam.Beta1, adam.Beta2, adam.Epsilon, adam.WeightDecay));
        Assert.Equal((1e-3, 0.9, 0.999, 1e-8, 0.01), (new AdamW().LearningRate, new AdamW().Beta1, new AdamW().Beta2, new AdamW().Epsilon, new AdamW().WeightDecay));
        Assert.Equal((0.01, 0d, 1e-3, 0d), (new Sgd().LearningRate, new Sgd().Momentum, new Adam().LearningRate, new Adam().WeightDecay));
    }

    private static string ClassName(GoldenCase golden, Precision precision) => $"{golden.Name.Replace('-', '_')}_{precision}";

    private static void CheckGolden<T>(GoldenCase golden, Precision precision, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (GoldenOptimizer run in golden.Optimizers)
        {
            INetwork<T> network = NetworkCompiler.Create<T>(Networks.Value, ClassName(golden, precision));
            foreach (ParameterInfo parameter in network.Info.Parameters)
                parameter.CopyFrom<T>(Array.ConvertAll(golden.Parameters[parameter.Name], T.CreateTruncating), network.Parameters.Span);
            Optimizer optimizer = run.Name switch
            {
                "Adam" => new Adam(run.LearningRate, weightDecay: run.WeightDecay),
                "AdamW" => new AdamW(run.LearningRate, weightDecay: run.WeightDecay),
                _ => new Sgd(run.LearningRate, run.Momentum, run.Nesterov, run.WeightDecay),
            };
            T[] inputs = Array.ConvertAll(golden.Inputs, T.CreateTruncating);
            T[] targets = Array.ConvertAll(golden.Targets ?? [], T.CreateTruncating);
            ParameterBuffer<T> gradients = network.CreateGradients();
            double[] losses = new double[run.Losses.Length];
            Assert.Equal(Steps, losses.Length);
            for (int step = 0; step < losses.Length; step++)
            {
                gradients.Clear();
                losses[step] = golden.Labels is { } labels
                    ? network.Gradient(inputs, labels, gradients)
                    : network.Gradient<T>(inputs, targets, gradients);
                Near.Assert_<double>([run.Losses[step]], [losses[step]], tolerance, $"{run.Name}, loss before step {step + 1}");
                optimizer.Step(network.Parameters, gradients);
            }

            foreach (ParameterInfo parameter in network.Info.Parameters)
            {
                T[] values = new T[parameter.Count];
                parameter.CopyTo<T>(network.Parameters.Span, values);
                Near.Assert_<T>(run.Parameters[parameter.Name], values, tolerance, $"{run.Name}, {parameter.Name}");
            }
        }
    }

    private static void CheckFormula<T>(Optimizer optimizer, int count, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (ParameterBuffer<T> values, ParameterBuffer<T> gradients) = Buffers<T>(count, seed: count);
        double[] expected = Array.ConvertAll(values.Span.ToArray(), double.CreateTruncating);
        Formula formula = new(optimizer, values.Length);
        Random random = new(count);
        for (int step = 0; step < Steps; step++)
        {
            Draw<T>(random, count).CopyTo(gradients.Span);
            optimizer.Step(values, gradients);
            formula.Step<T>(expected, gradients.Span);
        }

        Near.Assert_<T>(expected, values.Span, tolerance, $"{count} parameters, {typeof(T).Name}");
    }

    // Padded to whole vectors, as generated networks have them.
    private static (ParameterBuffer<T> Values, ParameterBuffer<T> Gradients) Buffers<T>(int count, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new(seed);
        ParameterBuffer<T> values = new((count + 15) / 16 * 16), gradients = new(values.Length);
        Draw<T>(random, count).CopyTo(values.Span);
        Draw<T>(random, count).CopyTo(gradients.Span);
        return (values, gradients);
    }

    // Away from zero, so that the sign of a gradient does not hang on its last bit.
    private static T[] Draw<T>(Random random, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] values = new T[count];
        foreach (ref T value in values.AsSpan())
            value = T.CreateTruncating((float)((0.1 + random.NextDouble()) * (random.Next(2) * 2 - 1)));
        return values;
    }

    /// <summary>The papers' formulas, one parameter after the other and in double precision.</summary>
    private sealed class Formula(Optimizer optimizer, int length)
    {
        private readonly double[] _first = new double[length];
        private readonly double[] _second = new double[length];
        private int _steps;

        public void Step<T>(double[] parameters, ReadOnlySpan<T> gradients)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            _steps++;
            for (int i = 0; i < parameters.Length; i++)
                Step(ref parameters[i], double.CreateTruncating(gradients[i]), ref _first[i], ref _second[i]);
        }

        private void Step(ref double p, double g, ref double first, ref double second)
        {
            double rate = optimizer.LearningRate, decay = optimizer.WeightDecay;
            switch (optimizer)
            {
                case Sgd sgd:
                    g += decay * p;
                    first = sgd.Momentum * first + g;
                    p -= rate * (sgd.IsNesterov ? g + sgd.Momentum * first : first);
                    break;
                case Adam adam:
                    if (adam is AdamW)
                        p -= rate * decay * p;
                    else
                        g += decay * p;
                    first = adam.Beta1 * first + (1 - adam.Beta1) * g;
                    second = adam.Beta2 * second + (1 - adam.Beta2) * g * g;
                    double mean = first / (1 - Math.Pow(adam.Beta1, _steps)), square = second / (1 - Math.Pow(adam.Beta2, _steps));
                    p -= rate * mean / (Math.Sqrt(square) + adam.Epsilon);
                    break;
                default:
                    throw new NotSupportedException($"No formula of {optimizer.GetType()}.");
            }
        }
    }
}
