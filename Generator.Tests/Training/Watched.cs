using System.Collections.Concurrent;
using System.Numerics;

namespace NetGen.Tests.TrainingLoop;

/// <summary>A network whose training passes are watched, and may be made to fail.</summary>
/// <param name="network">The network.</param>
/// <param name="beforePass">Called with the number of the pass's first row, on the thread that runs it.</param>
internal sealed class Watched<T>(INetwork<T> network, Action<int>? beforePass = null) : INetwork<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private int _passes;

    public NetworkInfo Info => network.Info;

    public ParameterBuffer<T> Parameters => network.Parameters;

    public int Passes => _passes;

    /// <summary>The threads of all passes, each as often as it came.</summary>
    public ConcurrentQueue<Thread> Threads { get; } = [];

    public void Predict(ReadOnlySpan<T> inputs, Span<T> outputs) => network.Predict(inputs, outputs);

    public void Forward(ReadOnlySpan<T> inputs, Span<T> outputs) => network.Forward(inputs, outputs);

    public double Train(scoped in TrainingPass<T> pass)
    {
        Interlocked.Increment(ref _passes);
        Threads.Enqueue(Thread.CurrentThread);
        beforePass?.Invoke(pass.FirstRow);
        return network.Train(pass);
    }
}

/// <summary>Calls back at once, where <see cref="Progress{T}"/> would do so on another thread.</summary>
internal sealed class Reports(Action<FitProgress> report) : IProgress<FitProgress>
{
    public void Report(FitProgress value) => report(value);
}
