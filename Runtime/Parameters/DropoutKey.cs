namespace NetGen;

/// <summary>
/// Fixes the random masks of one training step: the same key gives the same masks on every machine and with any number of
/// threads. The default value means no dropout.
/// </summary>
public readonly struct DropoutKey : IEquatable<DropoutKey>
{
    /// <summary>Makes the key of a step.</summary>
    /// <param name="seed">The seed of the whole training.</param>
    /// <param name="step">The number of the step.</param>
    public DropoutKey(int seed, long step)
    {
        Seed = unchecked((uint)seed);
        Step = step;
        IsActive = true;
    }

    /// <summary>Whether dropout is applied at all.</summary>
    public bool IsActive { get; }

    internal uint Seed { get; }

    internal long Step { get; }

    /// <inheritdoc/>
    public bool Equals(DropoutKey other) => (IsActive, Seed, Step) == (other.IsActive, other.Seed, other.Step);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DropoutKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsActive, Seed, Step);

    /// <summary>Whether two keys give the same masks.</summary>
    public static bool operator ==(DropoutKey left, DropoutKey right) => left.Equals(right);

    /// <summary>Whether two keys give different masks.</summary>
    public static bool operator !=(DropoutKey left, DropoutKey right) => !left.Equals(right);
}
