using BenchmarkDotNet.Attributes;

namespace NetGen.Benchmarks;

/// <summary>Predictions beside ONNX Runtime, which must be installed.</summary>
[MemoryDiagnoser]
public class PredictionBenchmarks
{
    private Contest _contest = null!;

    [Params("iris", "mlp", "wide", "lenet", "cnn", "residual", "depthwise")]
    public string Network { get; set; } = "";

    [Params(1, 8, 64)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void SetUp() => _contest = Contest.Predict(Model.Networks.Single(model => model.Name == Network), Rows);

    [GlobalCleanup]
    public void CleanUp() => _contest.Dispose();

    [Benchmark(Baseline = true)]
    public void NetGen() => _contest.Contenders[0].Run(1);

    [Benchmark]
    public void OnnxRuntimeGemm() => _contest.Contenders[1].Run(1);

    [Benchmark]
    public void OnnxRuntimeMatMul() => _contest.Contenders[2].Run(1);
}

/// <summary>One prediction of the perceptron beside what one writes by hand.</summary>
[MemoryDiagnoser]
public class HandWrittenBenchmarks
{
    private NetGenPredictor _netGen = null!;
    private PlainLoops _plainLoops = null!;
    private TensorPrimitivesLoops _tensorPrimitives = null!;

    [GlobalSetup]
    public void SetUp()
    {
        INetwork<float> network = Model.Mlp.Create();
        float[] inputs = Contest.RandomInputs(network.Info.InputSize);
        _netGen = new NetGenPredictor(network, inputs);
        _plainLoops = new PlainLoops(network, inputs);
        _tensorPrimitives = new TensorPrimitivesLoops(network, inputs);
    }

    [Benchmark(Baseline = true)]
    public void NetGen() => _netGen.Run(1);

    [Benchmark]
    public void PlainLoops() => _plainLoops.Run(1);

    [Benchmark]
    public void TensorPrimitives() => _tensorPrimitives.Run(1);
}

/// <summary>Training steps of NetGen alone: PyTorch runs in a process of its own, see <c>peers</c>.</summary>
[MemoryDiagnoser]
public class TrainingStepBenchmarks
{
    private NetGenStep _step = null!;

    [Params("iris", "mlp", "wide", "lenet", "cnn", "residual", "depthwise")]
    public string Network { get; set; } = "";

    [Params(32, 128)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        INetwork<float> network = Model.Networks.Single(model => model.Name == Network).Create();
        _step = new NetGenStep(
            network,
            Contest.RandomInputs(Rows * network.Info.InputSize),
            Contest.RandomLabels(Rows, network.Info.OutputSize));
    }

    [Benchmark]
    public void Step() => _step.Run(1);
}
