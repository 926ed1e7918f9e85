using System.Runtime.CompilerServices;

namespace NetGen.CodeGeneration;

/// <summary>Random bits from a counter: what is drawn depends on the key and the place alone. Philox 4x32-10, Salmon et al., 2011.</summary>
internal static class Philox
{
    private const uint FirstMultiplier = 0xD2511F53, SecondMultiplier = 0xCD9E8D57;
    private const uint FirstWeyl = 0x9E3779B9, SecondWeyl = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>128 random bits.</summary>
    /// <param name="key">The step's key.</param>
    /// <param name="layer">The number of the layer that draws.</param>
    /// <param name="row">The number of the row within the batch.</param>
    /// <param name="column">The place in the row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (uint A, uint B, uint C, uint D) Draw(RandomKey key, int layer, int row, int column)
    {
        uint a = (uint)column, b = (uint)row, c = (uint)key.Step, d = (uint)(key.Step >> 32);
        uint first = key.Seed, second = (uint)layer;
        for (int round = 0; round < Rounds; round++)
        {
            ulong ab = (ulong)FirstMultiplier * a, cd = (ulong)SecondMultiplier * c;
            (a, b, c, d) = ((uint)(cd >> 32) ^ b ^ first, (uint)cd, (uint)(ab >> 32) ^ d ^ second, (uint)ab);
            first += FirstWeyl;
            second += SecondWeyl;
        }

        return (a, b, c, d);
    }
}
