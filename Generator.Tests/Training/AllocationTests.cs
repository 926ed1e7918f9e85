using Xunit;

namespace NetGen.Tests.TrainingLoop;

/// <summary>Training steps allocate nothing once every thread has taken its first.</summary>
public class AllocationTests
{
    private const int Steps = 10;
    private const int Rounds = 50;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Steps_allocate_nothing_on_any_thread(int threads)
    {
        // Scratch memory would be allocated by a thread that comes late to its first pass.
        Assert.True(WideNetwork.TrainingStackBytes > 0);
        Meter meter = new(new WideNetwork(seed: 1));
        using Trainer<float> trainer = new(meter, new Adam(), FitTests.Rows(101, seed: 1), 64, threads, seed: 1);
        int[] order = [.. Enumerable.Range(0, 101)];
        Step();

        // Code of .NET itself may allocate until it is compiled for good. Steps that allocate would do so in every round.
        string found = "";
        for (int round = 0; round < Rounds; round++)
        {
            meter.Reset();
            long caller = GC.GetAllocatedBytesForCurrentThread();
            for (int step = 0; step < Steps; step++)
                Step();
            caller = GC.GetAllocatedBytesForCurrentThread() - caller;
            Assert.Equal(Steps * (4 + 2), meter.Passes);
            long[] all = [caller, .. meter.BytesByThread()];
            if (all.All(bytes => bytes == 0))
                return;
            found = $"{string.Join(", ", all)} bytes in {Steps} steps, on the calling thread and on each with passes";
            Thread.Sleep(50);
        }

        Assert.Fail(found);

        void Step()
        {
            trainer.Step(order.AsSpan(0, 64));
            trainer.Step(order.AsSpan(64, 37));
        }
    }

    /// <summary>Notes what each thread has allocated by the end of its first and of its last pass.</summary>
    private sealed class Meter(INetwork<float> network) : INetwork<float>
    {
        private readonly long[] _first = new long[10_000];
        private readonly long[] _last = new long[10_000];
        private int _passes;

        public NetworkInfo Info => network.Info;

        public ParameterBuffer<float> Parameters => network.Parameters;

        public int Passes => _passes;

        public void Reset()
        {
            _passes = 0;
            Array.Clear(_first);
        }

        public IEnumerable<long> BytesByThread() => _last.Zip(_first).Where(pair => pair.Second > 0).Select(pair => pair.First - pair.Second);

        public void Predict(ReadOnlySpan<float> inputs, Span<float> outputs) => network.Predict(inputs, outputs);

        public void Forward(ReadOnlySpan<float> inputs, Span<float> outputs) => network.Forward(inputs, outputs);

        public double Train(scoped in TrainingPass<float> pass)
        {
            double loss = network.Train(pass);
            Interlocked.Increment(ref _passes);
            int thread = Environment.CurrentManagedThreadId;
            // One byte more, so that 0 means that the thread took no pass.
            _last[thread] = GC.GetAllocatedBytesForCurrentThread() + 1;
            if (_first[thread] == 0)
                _first[thread] = _last[thread];
            return loss;
        }
    }
}
