using System.Diagnostics;
using System.Reflection;
using System.Runtime.ExceptionServices;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>What networks take while they run: no heap memory, little stack, and nothing that threads share.</summary>
public class MemoryTests
{
    private const int SmallStack = 256 << 10;

    private const string Source =
        """
        using NetGen;

        [Network(4, Loss = Loss.SoftmaxCrossEntropy)]
        [Layer.Dense(16, Activation.Tanh)]
        [Layer.Dense(3)]
        public sealed partial class Iris { }

        [Network(1, 8, 8, Loss = Loss.SoftmaxCrossEntropy)]
        [Layer.Dense(64, Activation.ReLU)]
        [Layer.Dropout(0.2)]
        [Layer.Dense(10)]
        public sealed partial class Digits { }

        [Network(784, Loss = Loss.SoftmaxCrossEntropy)]
        [Layer.Dense(128, Activation.ReLU)]
        [Layer.Dense(64, Activation.ReLU)]
        [Layer.Dense(10)]
        public sealed partial class Mlp { }

        [Network(784, Loss = Loss.SoftmaxCrossEntropy)]
        [Layer.Dense(512, Activation.SiLU)]
        [Layer.Dense(512, Activation.SiLU)]
        [Layer.Dense(10)]
        public sealed partial class Large { }

        [Network(16, Loss = Loss.MeanSquaredError)]
        [Layer.Activation(Activation.Tanh)]
        [Layer.Dense(32, Activation.SELU)]
        [Layer.Dense(32, Activation.SiLU)]
        [Layer.Dropout(0.1)]
        [Layer.Dense(32, Activation.ELU)]
        [Layer.Dense(32, Activation.Softplus)]
        [Layer.Dense(32, Activation.LeakyReLU)]
        [Layer.Activation(Activation.Softmax)]
        [Layer.Dense(32, Activation.Sigmoid)]
        [Layer.Dense(8)]
        public sealed partial class Deep { }

        [Network(4, Loss = Loss.Huber)]
        [Layer.Dense(2048, Activation.Tanh)]
        [Layer.Dense(3)]
        public sealed partial class Broad { }

        [Network(8, Loss = Loss.BinaryCrossEntropy)]
        [Layer.Dense(20, Activation.GELU)]
        public sealed partial class Gelu { }

        [Network(8, Loss = Loss.Huber)]
        [Layer.Reshape(2, 2, -1)]
        [Layer.Permute(2, 0, 1)]
        [Layer.Upsample2D(2, Interpolation.Bilinear)]
        [Layer.Crop2D(1)]
        [Layer.Pad2D(1, 0, 0, 1, Mode = PadMode.Reflect)]
        [Layer.Crop2D(1, 0, 0, 1)]
        [Layer.Pad2D(0, 0, 1, 0, Mode = PadMode.Replicate)]
        [Layer.Pad2D(1, 0, 0, 0)]
        [Layer.Upsample2D(1)]
        [Layer.SpatialDropout(0.1)]
        [Layer.GaussianNoise(0.1)]
        [Layer.Swish]
        [Layer.Maxout(2)]
        [Layer.RReLU]
        [Layer.AlphaDropout(0.1)]
        [Layer.Dense(3)]
        public sealed partial class Shapes { }
        """;

    private static readonly string[] Names = ["Iris", "Digits", "Mlp", "Large", "Deep", "Broad", "Gelu", "Shapes"];

    private static readonly Lazy<Assembly> Networks = new(() => NetworkCompiler.Load(Source));

    // As strict as a project can be: no unsafe code, so that locals are initialized, and overflow checked.
    private static readonly Lazy<Assembly> StrictNetworks = new(() => NetworkCompiler.Load(Source, allowUnsafe: false, checkOverflow: true));

    private static readonly Lazy<Assembly> ZooNetworks = new(() => NetworkCompiler.Load(Zoo.Sources));

    public static TheoryData<string> NetworkNames => [.. Names];

    public static TheoryData<string> ZooNames => [.. Zoo.Names];

    // Compiled for debugging, the runtime makes an object each time it reads the constants of the normal distribution.
    public static TheoryData<string> NamesWithoutAllocation => [.. Names.Where(name => name != "Gelu" || !IsRuntimeForDebugging)];

    private static bool IsRuntimeForDebugging =>
        typeof(ParameterBuffer<>).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true;

    [Theory]
    [MemberData(nameof(NamesWithoutAllocation))]
    public void Nothing_is_allocated(string name)
    {
        foreach (int rows in (int[])[1, 7, 64, 200])
        {
            Rows network = new(Networks.Value, name, rows);
            Assert.Equal(0, LeastAllocated(network.Run));
        }
    }

    [Theory]
    [MemberData(nameof(ZooNames))]
    public void Networks_of_the_zoo_allocate_nothing_on_a_small_stack(string name) => OnThread(() =>
    {
        // 64 rows fill the largest frame; one more makes a second tile.
        foreach (int rows in (int[])[1, 65])
            Assert.Equal(0, LeastAllocated(new Rows(ZooNetworks.Value, name, rows).Run));

        INetwork<float> network = NetworkCompiler.Create<float>(ZooNetworks.Value, name);
        NetworkInfo info = network.Info;
        const int Count = 40;
        Dataset data = info.Loss == Loss.SoftmaxCrossEntropy
            ? Dataset.FromLabels(Rows.Random(Count * info.InputSize, seed: 4), info.InputSize, [.. Enumerable.Range(0, Count).Select(row => row % info.OutputSize)], info.OutputSize)
            : Dataset.FromTargets(Rows.Random(Count * info.InputSize, seed: 4), info.InputSize, Rows.Random(Count * info.OutputSize, seed: 5), info.OutputSize);
        // On one thread, this one: what others allocate does not count here. AllocationTests has several.
        using Trainer<float> trainer = new(network, new Adam(), data, Count, threads: 1, seed: 1);
        int[] order = [.. Enumerable.Range(0, Count)];
        Assert.Equal(0, LeastAllocated(() => Assert.True(double.IsFinite(trainer.Step(order)))));
    });

    [Theory]
    [MemberData(nameof(NetworkNames))]
    public void Small_stacks_suffice(string name)
    {
        foreach (Assembly assembly in (Assembly[])[Networks.Value, StrictNetworks.Value])
        {
            // 64 rows fill the largest frame.
            OnThread(() => new Rows(assembly, name, rows: 64).Run());
        }
    }

    [Fact]
    public void Stack_is_bounded_and_what_exceeds_it_is_scratch_memory()
    {
        foreach (string name in Names)
        {
            Assert.InRange(Constant(name, "StackBytes"), 0, 64 << 10);
            Assert.InRange(Constant(name, "TrainingStackBytes"), 0, 128 << 10);
        }

        Assert.Equal(["Large", "Broad"], Names.Where(name => Constant(name, "TrainingStackBytes") == 0));
        Assert.Equal(0, Constant("Broad", "StackBytes"));

        static int Constant(string name, string constant) => (int)Networks.Value.GetType(name)!.GetField(constant)!.GetRawConstantValue()!;
    }

    [Theory]
    [MemberData(nameof(NetworkNames))]
    public void Results_do_not_depend_on_what_the_project_allows(string name)
    {
        Rows free = new(Networks.Value, name, rows: 70), strict = new(StrictNetworks.Value, name, rows: 70);
        free.Run();
        strict.Run();
        Assert.Equal(free.Results(), strict.Results());
    }

    [Theory]
    [InlineData("Digits")]
    [InlineData("Broad")] // On scratch memory.
    public void Predictions_on_many_threads_are_those_of_one(string name)
    {
        const int Threads = 8, Calls = 500, Examples = 50;
        INetwork<float> network = NetworkCompiler.Create<float>(Networks.Value, name);
        int inputSize = network.Info.InputSize, outputSize = network.Info.OutputSize;
        float[] inputs = Rows.Random(Examples * inputSize, seed: 1), expected = new float[Examples * outputSize];
        for (int example = 0; example < Examples; example++)
            network.Predict(inputs.AsSpan(example * inputSize, inputSize), expected.AsSpan(example * outputSize, outputSize));

        int wrong = 0;
        using Barrier start = new(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            float[] outputs = new float[outputSize];
            start.SignalAndWait();
            for (int call = 0; call < Calls; call++)
            {
                int example = (call + 7 * number) % Examples;
                network.Predict(inputs.AsSpan(example * inputSize, inputSize), outputs);
                if (!outputs.AsSpan().SequenceEqual(expected.AsSpan(example * outputSize, outputSize)))
                    Interlocked.Increment(ref wrong);
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(0, wrong);
    }

    // A collection meanwhile makes the runtime count unused memory as allocated. What the code allocates, it does every time.
    private static long LeastAllocated(Action action)
    {
        action();
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 3 && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static void OnThread(Action action)
    {
        Exception? exception = null;
        Thread thread = new(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception caught)
                {
                    exception = caught;
                }
            },
            SmallStack);
        thread.Start();
        thread.Join();
        if (exception is not null)
            ExceptionDispatchInfo.Throw(exception);
    }

    /// <summary>A network with everything a call takes.</summary>
    private sealed class Rows
    {
        private readonly INetwork<float> _network;
        private readonly ParameterBuffer<float> _gradients;
        private readonly float[] _inputs;
        private readonly float[] _targets;
        private readonly float[] _forward;
        private readonly float[] _predictions;
        private readonly float[] _inputGradients;
        private double _loss;

        public Rows(Assembly assembly, string name, int rows)
        {
            _network = NetworkCompiler.Create<float>(assembly, name);
            _gradients = _network.CreateGradients();
            _inputs = Random(rows * _network.Info.InputSize, seed: 2);
            _targets = Random(rows * _network.Info.OutputSize, seed: 3);
            _forward = new float[_targets.Length];
            _predictions = new float[_targets.Length];
            _inputGradients = new float[_inputs.Length];
        }

        public static float[] Random(int count, int seed)
        {
            Random random = new(seed);
            return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
        }

        public void Run()
        {
            _network.Forward(_inputs, _forward);
            _network.Predict(_inputs, _predictions);
            _loss = _network.Train(new TrainingPass<float>
            {
                Inputs = _inputs,
                Targets = _targets,
                Gradients = _gradients,
                InputGradients = _inputGradients,
                Scale = 1,
                Random = new RandomKey(1, 1),
            });
        }

        public double[] Results() =>
            [_loss, .. ((float[])[.. _forward, .. _predictions, .. _inputGradients, .. _gradients.Span]).Select(value => (double)value)];
    }
}
