namespace NetGen;

/// <summary>
/// A weight file that cannot be loaded: it is damaged, hostile, or belongs to another network. The network that was to be
/// loaded is unchanged. An <see cref="IOException"/>, so that one handler covers every way in which a file cannot be used.
/// </summary>
public sealed class ModelFormatException : IOException
{
    /// <summary>Reports a file that cannot be loaded.</summary>
    /// <param name="message">What is wrong, what was expected, and how to mend it.</param>
    /// <param name="tensorName">The tensor it concerns, or null.</param>
    /// <param name="offset">The position in the file, in bytes, or null.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ModelFormatException(
        string message, string? tensorName = null, long? offset = null, Exception? innerException = null)
        : base(message, innerException)
    {
        TensorName = tensorName;
        Offset = offset;
    }

    /// <summary>The tensor the problem lies in (a very long name is shortened), or null where it concerns the whole file.</summary>
    public string? TensorName { get; }

    /// <summary>The position of the problem in bytes from the start of the file, or null where there is none.</summary>
    public long? Offset { get; }
}
