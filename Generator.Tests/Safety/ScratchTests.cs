using System.Runtime.CompilerServices;
using NetGen.CodeGeneration;
using Xunit;

namespace NetGen.Tests.Safety;

/// <summary>How much memory a thread keeps between passes.</summary>
public class ScratchTests
{
    private const int Large = 2 * Scratch<double>.KeptBytes / sizeof(double), Small = 1000;

    [Fact]
    public void Large_scratch_goes_when_it_is_no_longer_used()
    {
        WeakReference array = Rent(Large);
        for (int i = 0; i < 10 && array.IsAlive; i++)
            Collect();
        Assert.False(array.IsAlive);
    }

    [Fact]
    public void Large_scratch_that_is_used_between_collections_is_not_allocated_again()
    {
        Rent(Large);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 8; i++)
        {
            Collect();
            Scratch<double>.Rent(Large)[Large - 1] = i;
            Scratch<double>.Rent(Small)[0] = i;
        }

        // The small buffer, once.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal(7, Scratch<double>.Rent(Large)[Large - 1]);
    }

    [Fact]
    public void Large_scratch_that_grows_is_watched_as_before()
    {
        Rent(Large);
        Rent(Large + 1000);
        WeakReference array = Rent(Large + 2000);
        Scratch<double>.Rent(Large)[0] = 1;
        Collect();
        Assert.True(array.IsAlive);
        for (int i = 0; i < 10 && array.IsAlive; i++)
            Collect();
        Assert.False(array.IsAlive);
    }

    // Frames that are left hold nothing.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Rent(int length)
    {
        Scratch<double>.Rent(length)[0] = 1;
        return new WeakReference(Scratch<double>.Large);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
