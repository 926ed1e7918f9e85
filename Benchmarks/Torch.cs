using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace NetGen.Benchmarks;

/// <summary>PyTorch in a Python process of its own (<c>peers/torch_step.py</c> describes how they talk), which times itself.</summary>
internal sealed class TorchProcess : IDisposable
{
    public const string Name = "PyTorch";

    private readonly Process _process;
    private readonly BufferedStream _answers;
    private Tensor[] _parameters = [];

    private TorchProcess(Process process)
    {
        _process = process;
        _answers = new BufferedStream(process.StandardOutput.BaseStream);
    }

    public string Version { get; private set; } = "";

    /// <summary>Starts the process, or returns null where Python or PyTorch is not installed.</summary>
    public static TorchProcess? Start()
    {
        string python = Environment.GetEnvironmentVariable("NETGEN_PYTHON")
            ?? (File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3");
        var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "peers", "torch_step.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["OMP_NUM_THREADS"] = "1",
                ["OPENBLAS_NUM_THREADS"] = "1",
                // PyTorch allocates in every step. glibc otherwise maps and unmaps pages for it each time, which took a third of a wide step.
                ["MALLOC_MMAP_THRESHOLD_"] = "33554432",
                ["MALLOC_TRIM_THRESHOLD_"] = "1073741824",
            },
        };
        TorchProcess torch;
        try
        {
            torch = new TorchProcess(Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            return null;
        }

        using var hello = JsonDocument.Parse(torch.ReadLine());
        if (hello.RootElement.TryGetProperty("version", out JsonElement version))
        {
            torch.Version = version.GetString()!;
            return torch;
        }

        torch.Dispose();
        return null;
    }

    /// <summary>
    /// Hands over the network, and returns those of the candidates that keep farthest from kinks: where rounding decides
    /// whether a rectifier is open, the gradients of two correct programs differ.
    /// </summary>
    public float[] Load(Model model, INetwork<float> network, float[] candidates, int rows)
    {
        NetworkInfo info = network.Info;
        _parameters = [.. Tensor.ReadAll(info, network.Parameters)];
        float[] distances = new float[candidates.Length / info.InputSize];
        Queue<Tensor> parameters = new(_parameters);
        WriteLine(JsonSerializer.Serialize(new
        {
            rows,
            candidates = distances.Length,
            inputs = info.InputShape.ToArray(),
            loss = info.Loss.ToString(),
            rate = NetGenStep.LearningRate,
            layers = model.Steps().Select(step => new { from = step.Inputs, layer = step.Layer.Describe(parameters) }).ToArray(),
        }));
        Write([.. _parameters.Select(parameter => parameter.Values), candidates]);
        _answers.ReadExactly(MemoryMarshal.AsBytes(distances.AsSpan()));
        int[] farthest = [.. Enumerable.Range(0, distances.Length).OrderByDescending(row => distances[row]).Take(rows).Order()];
        return [.. farthest.SelectMany(row => candidates.AsSpan(row * info.InputSize, info.InputSize).ToArray())];
    }

    /// <summary>Returns the loss and the gradients PyTorch finds for the rows of the case.</summary>
    public IReadOnlyList<Tensor> Backpropagate(float[] inputs, int[] labels) => Backpropagate(inputs, labels, new Tensor("loss", [1], new float[1]));

    /// <summary>Returns the gradients of the inputs and parameters PyTorch finds from those of the outputs, for a network without a loss.</summary>
    public IReadOnlyList<Tensor> Backpropagate(float[] inputs, float[] outputGradients) =>
        Backpropagate(inputs, outputGradients, new Tensor("the input gradient", [inputs.Length], new float[inputs.Length]));

    public TimeSpan Time(string variant, int steps)
    {
        WriteLine($"{variant} {steps}");
        return TimeSpan.FromSeconds(double.Parse(ReadLine(), CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _answers.Dispose();
        _process.Dispose();
    }

    private Tensor[] Backpropagate(float[] inputs, Array targets, Tensor first)
    {
        Write(inputs, targets);
        Tensor[] results = [first, .. _parameters.Select(parameter => parameter with { Values = new float[parameter.Values.Length] })];
        foreach (Tensor result in results)
            _answers.ReadExactly(MemoryMarshal.AsBytes(result.Values.AsSpan()));
        return results;
    }

    private void Write(params Array[] values)
    {
        Stream requests = _process.StandardInput.BaseStream;
        foreach (Array block in values)
            requests.Write(block is int[] integers ? MemoryMarshal.AsBytes<int>(integers) : MemoryMarshal.AsBytes<float>((float[])block));
        requests.Flush();
    }

    private void WriteLine(string line)
    {
        Stream requests = _process.StandardInput.BaseStream;
        requests.Write(Encoding.UTF8.GetBytes(line + "\n"));
        requests.Flush();
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        for (int value = _answers.ReadByte(); value != '\n'; value = _answers.ReadByte())
        {
            if (value < 0)
                throw new InvalidOperationException("torch_step.py ended early; its error output says why.");
            line.Append((char)value);
        }

        return line.ToString();
    }
}

/// <summary>Training steps in a <see cref="TorchProcess"/>, with one of its optimizers and memory formats.</summary>
internal sealed class TorchStep(TorchProcess torch, string variant, IReadOnlyList<Tensor> results)
    : Contender(TorchProcess.Name, variant)
{
    public static readonly string[] BackwardVariants = ["nchw", "nhwc"];

    public static string[] Variants(Model model) =>
        model.IsConvolutional ? ["foreach", "loop", "foreach-nhwc", "loop-nhwc"] : ["foreach", "loop"];

    public override IReadOnlyList<Tensor> Results() => results;

    public override void Run(int iterations) => Time(iterations);

    public override TimeSpan Time(int iterations) => torch.Time(Variant, iterations);
}
