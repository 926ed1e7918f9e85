using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NetGen.CodeGeneration;

/// <summary>What normalizations do with the channels of a group.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ChannelGroups
{
    /// <summary>Replaces the sums of the channels, each over so many positions, by the mean of the channels' group.</summary>
    public static void Average<T>(ref T sums, int groups, int channels, int positions)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T share = T.One / T.CreateTruncating((long)channels * positions);
        for (int group = 0; group < groups; group++)
        {
            ref T first = ref Unsafe.Add(ref sums, group * channels);
            T total = T.Zero;
            for (int channel = 0; channel < channels; channel++)
                total += Unsafe.Add(ref first, channel);
            for (int channel = 0; channel < channels; channel++)
                Unsafe.Add(ref first, channel) = total * share;
        }
    }
}
