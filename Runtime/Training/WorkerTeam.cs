using System.Runtime.ExceptionServices;

namespace NetGen;

/// <summary>
/// Threads that run numbered tasks together with the caller, without allocating: <c>Parallel.For</c> allocates at every call.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    // Between two steps of a small network pass a few microseconds; sleeping and waking takes longer.
    private const int SpinsBeforeSleep = 2000;

    // Generated code takes at most 128 KB of stack.
    private const int StackBytes = 1 << 20;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim _start = new(0);
    private readonly Lock _failureLock = new();
    private Action<int>? _task;
    private ExceptionDispatchInfo? _failure;
    // The number of the next task in the upper half, their count in the lower: taken together, so that a thread that wakes late
    // finds either a task of the run at hand or none.
    private long _tasks;
    private int _unfinished;
    private volatile bool _isStopping;

    public WorkerTeam(int threads)
    {
        _threads = new Thread[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work, StackBytes) { IsBackground = true, Name = $"NetGen worker {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>
    /// Runs task(0) to task(count - 1) in any order on all threads, and returns when all are done. What a task throws comes out
    /// here, the first of several, whichever thread it ran on.
    /// </summary>
    public void Run(int count, Action<int> task)
    {
        if (count <= 1 || _threads.Length == 0)
        {
            for (int i = 0; i < count; i++)
                task(i);
            return;
        }

        _task = task;
        _unfinished = count;
        // A full fence: a thread that gives up the permit counted below sees these tasks.
        Interlocked.Exchange(ref _tasks, count);
        // Threads that have not yet woken for the run before will do for this one.
        int asleep = Math.Min(_threads.Length, count - 1) - _start.CurrentCount;
        if (asleep > 0)
            _start.Release(asleep);
        TakeTasks();
        // Waits for tasks, not for threads: on a busy machine some come when all is done.
        SpinWait spin = default;
        while (Volatile.Read(ref _unfinished) > 0)
            spin.SpinOnce(sleep1Threshold: -1);
        if (_failure is { } failure)
        {
            _failure = null;
            failure.Throw();
        }
    }

    public void Dispose()
    {
        _isStopping = true;
        if (_threads.Length > 0)
            _start.Release(_threads.Length);
        foreach (Thread thread in _threads)
            thread.Join();
        _start.Dispose();
    }

    private void Work()
    {
        while (true)
        {
            for (int spin = 0; spin < SpinsBeforeSleep && _start.CurrentCount == 0; spin++)
                Thread.SpinWait(10);
            _start.Wait();
            if (_isStopping)
                return;
            TakeTasks();
        }
    }

    private void TakeTasks()
    {
        while (TryTake(out int number))
        {
            try
            {
                _task!(number);
            }
            catch (Exception exception)
            {
                lock (_failureLock)
                    _failure ??= ExceptionDispatchInfo.Capture(exception);
            }

            Interlocked.Decrement(ref _unfinished);
        }
    }

    private bool TryTake(out int number)
    {
        while (true)
        {
            long tasks = Volatile.Read(ref _tasks);
            number = (int)(tasks >> 32);
            if (number >= (int)tasks)
                return false;
            if (Interlocked.CompareExchange(ref _tasks, tasks + (1L << 32), tasks) == tasks)
                return true;
        }
    }
}
