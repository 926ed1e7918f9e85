namespace NetGen;

/// <summary>
/// Fixes all random numbers of one training step (dropout masks, noise, random slopes): the same key gives the same numbers on every machine and with any number of
/// threads. The default value turns all of them off.
/// </summary>
public readonly struct RandomKey : IEquatable<RandomKey>
{
    /// <summary>Makes the key of a step.</summary>
    /// <param name="seed">The seed of the whole training.</param>
    /// <param name="step">The number of the step.</param>
    public RandomKey(int seed, long step)
    {
        Seed = unchecked((uint)seed);
        Step = step;
        IsActive = true;
    }

    /// <summary>Whether random numbers are used at all.</summary>
    public bool IsActive { get; }

    internal uint Seed { get; }

    internal long Step { get; }

    /// <inheritdoc/>
    public bool Equals(RandomKey other) => (IsActive, Seed, Step) == (other.IsActive, other.Seed, other.Step);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RandomKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsActive, Seed, Step);

    /// <summary>Whether two keys give the same numbers.</summary>
    public static bool operator ==(RandomKey left, RandomKey right) => left.Equals(right);

    /// <summary>Whether two keys give different numbers.</summary>
    public static bool operator !=(RandomKey left, RandomKey right) => !left.Equals(right);
}
