namespace NetGen;

/// <summary>What <see cref="NetworkFile"/> accepts. The default refuses everything unusual.</summary>
public sealed record LoadOptions
{
    internal const int LargestMaxHeaderBytes = 100_000_000;

    private readonly int _maxHeaderBytes = 1 << 20;

    /// <summary>
    /// Whether NaN and infinite weights are accepted, also those that arise by rounding to the precision of the network.
    /// Default: false.
    /// </summary>
    public bool AllowNonFinite { get; init; }

    /// <summary>
    /// Whether weights saved from a network of another architecture are accepted where all names and shapes agree, such as
    /// one that differs in its dropout. Default: false.
    /// </summary>
    public bool IgnoreArchitecture { get; init; }

    /// <summary>
    /// Whether tensors that the network has no parameter for are passed over; the <see cref="LoadReport"/> names them. Default: false, except for
    /// the counters <c>*.num_batches_tracked</c> that PyTorch writes for every batch normalization, which mean nothing here.
    /// </summary>
    public bool IgnoreUnknownTensors { get; init; }

    /// <summary>
    /// Whether to take the tensors whose name and shape fit and to leave all other parameters as they are: for a network with another head, or
    /// with layers added. The architecture in the file is ignored, unknown tensors are passed over, and the <see cref="LoadReport"/> tells what was
    /// loaded and what was not. A file of which nothing fits is refused. Default: false.
    /// </summary>
    public bool Partial { get; init; }

    /// <summary>The longest header accepted, in bytes, from 1 to 100,000,000. Default: 1 MiB, enough for thousands of tensors.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxHeaderBytes
    {
        get => _maxHeaderBytes;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LargestMaxHeaderBytes);
            _maxHeaderBytes = value;
        }
    }

    internal static LoadOptions Default { get; } = new();
}
