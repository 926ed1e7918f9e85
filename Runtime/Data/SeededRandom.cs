using System.Numerics;

namespace NetGen;

/// <summary>
/// Random numbers that are the same on every machine and .NET version for a seed: xoshiro256** (Blackman and Vigna,
/// "Scrambled linear pseudorandom number generators", 2021), its state filled by splitmix64 (Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", 2014). Not for cryptography. A mutable struct: pass it by reference.
/// </summary>
internal struct SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts the sequence of a seed.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="stream">Tells apart the sequences of one seed: an epoch, a layer.</param>
    public SeededRandom(int seed, int stream = 0)
    {
        ulong state = (ulong)(uint)stream << 32 | (uint)seed;
        _s0 = SplitMix64(ref state);
        _s1 = SplitMix64(ref state);
        _s2 = SplitMix64(ref state);
        _s3 = SplitMix64(ref state);
    }

    /// <summary>Goes on from a state, which must not be all zeros.</summary>
    public SeededRandom(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>
    /// A number in [0, <paramref name="limit"/>), each equally likely (Lemire, "Fast random integer generation in an
    /// interval", 2019).
    /// </summary>
    public int NextInt32(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        uint range = (uint)limit;
        ulong product = (NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            // 2^32 mod range products are too many for an even share; they are drawn again.
            uint surplus = (0u - range) % range;
            while ((uint)product < surplus)
                product = (NextUInt64() >> 32) * range;
        }

        return (int)(product >> 32);
    }

    /// <summary>A number in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1L << 53));

    /// <summary>
    /// A number of mean 0 and deviation 1 by the polar method (Marsaglia and Bray, "A convenient method for generating
    /// normal variables", 1964). The last bits may vary with the platform's logarithm.
    /// </summary>
    public double NextNormal()
    {
        while (true)
        {
            double x = 2 * NextDouble() - 1, y = 2 * NextDouble() - 1, square = x * x + y * y;
            // The pair's second value, y * factor, is dropped: keeping it would make the state more than the four words.
            if (square is > 0 and < 1)
                return x * Math.Sqrt(-2 * Math.Log(square) / square);
        }
    }

    /// <summary>The next output of splitmix64.</summary>
    internal static ulong SplitMix64(ref ulong state)
    {
        ulong mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
