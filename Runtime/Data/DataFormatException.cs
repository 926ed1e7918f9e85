namespace NetGen;

/// <summary>
/// A data file does not hold what it should: the message says what is wrong, where, and how to mend it. Text of the file and of
/// its name is shortened there, and control characters in it become blanks.
/// </summary>
public sealed class DataFormatException : FormatException
{
    /// <summary>Makes an exception without details.</summary>
    public DataFormatException()
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What is wrong.</param>
    public DataFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public DataFormatException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal DataFormatException(
        string problem, string? file, long? line = null, int? column = null, long? offset = null, Exception? cause = null)
        : base(Place(file, line, column, offset) + problem, cause)
    {
        FileName = file;
        Line = line;
        Column = column;
        Offset = offset;
    }

    /// <summary>The file, or null where a stream was read.</summary>
    public string? FileName { get; }

    /// <summary>The line in a text file, from 1, or null.</summary>
    public long? Line { get; }

    /// <summary>The column (field) in a text file, from 1, or null.</summary>
    public int? Column { get; }

    /// <summary>The position in bytes of binary data, or of bytes that are no text, after decompression; or null.</summary>
    public long? Offset { get; }

    private static string Place(string? file, long? line, int? column, long? offset)
    {
        string[] parts =
        [
            file is null ? "" : MessageText.FileName(file),
            line is null ? "" : $"line {line}",
            column is null ? "" : $"column {column}",
            offset is null ? "" : $"byte {offset}",
        ];
        string place = string.Join(", ", parts.Where(part => part.Length > 0));
        return place.Length > 0 ? place + ": " : "";
    }
}
