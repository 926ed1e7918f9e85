using System.Collections.Concurrent;
using Xunit;

namespace NetGen.Tests.TrainingLoop;

public class WorkerTeamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_task_runs_once_in_every_run(int threads)
    {
        using WorkerTeam team = new(threads);
        int[] runs = new int[40];
        Action<int> task = number => Interlocked.Increment(ref runs[number]);
        for (int round = 0; round < 200; round++)
        {
            int count = round % 40;
            Array.Clear(runs);
            team.Run(count, task);
            Assert.Equal([.. Enumerable.Repeat(1, count), .. Enumerable.Repeat(0, 40 - count)], runs);
        }
    }

    [Fact]
    public void Tasks_run_on_as_many_threads_as_the_team_has()
    {
        using WorkerTeam team = new(3);
        using Barrier barrier = new(3);
        ConcurrentDictionary<Thread, bool> threads = [];
        for (int round = 0; round < 3; round++)
        {
            // Each waits for the two others: a thread that took two of them would never finish the first.
            team.Run(3, _ =>
            {
                threads[Thread.CurrentThread] = true;
                Assert.True(barrier.SignalAndWait(Patience));
            });
        }

        Assert.Equal(3, threads.Count);
        Assert.Contains(Thread.CurrentThread, threads.Keys);
        Assert.All(threads.Keys, thread => Assert.True(thread == Thread.CurrentThread || thread.IsBackground));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_failure_comes_out_as_it_was_thrown_and_the_team_goes_on(int threads)
    {
        using WorkerTeam team = new(threads);
        for (int round = 0; round < 50; round++)
        {
            int failing = round % 8;
            InvalidTimeZoneException error = Assert.Throws<InvalidTimeZoneException>(() => team.Run(8, task => Fail(task, failing)));
            Assert.Equal($"task {failing}", error.Message);
            Assert.Contains(nameof(Fail), error.StackTrace, StringComparison.Ordinal);

            int done = 0;
            team.Run(8, _ => Interlocked.Increment(ref done));
            Assert.Equal(8, done);
        }

        static void Fail(int task, int failing)
        {
            if (task == failing)
                throw new InvalidTimeZoneException($"task {task}");
        }
    }

    [Fact]
    public void A_failure_on_a_worker_comes_out_at_the_caller()
    {
        using WorkerTeam team = new(2);
        using Barrier barrier = new(2);
        Thread caller = Thread.CurrentThread;
        Assert.Throws<InvalidTimeZoneException>(() => team.Run(2, _ =>
        {
            barrier.SignalAndWait(Patience);
            if (Thread.CurrentThread != caller)
                throw new InvalidTimeZoneException();
        }));
    }

    [Fact]
    public void All_tasks_may_fail()
    {
        using WorkerTeam team = new(3);
        for (int round = 0; round < 20; round++)
            Assert.Throws<InvalidTimeZoneException>(() => team.Run(20, _ => throw new InvalidTimeZoneException()));
    }

    [Fact]
    public void Disposing_ends_the_threads()
    {
        Barrier barrier = new(4);
        ConcurrentQueue<Thread> threads = [];
        using (WorkerTeam team = new(4))
        {
            team.Run(4, _ =>
            {
                threads.Enqueue(Thread.CurrentThread);
                barrier.SignalAndWait(Patience);
            });
            Assert.All(threads, thread => Assert.True(thread.IsAlive));
            // Long enough that workers sleep rather than spin.
            Thread.Sleep(100);
        }

        Assert.Equal(4, threads.Count);
        Assert.All(threads, thread => Assert.True(thread == Thread.CurrentThread || !thread.IsAlive));
        barrier.Dispose();
    }
}
