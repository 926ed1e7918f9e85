using System.Numerics;

namespace NetGen;

/// <summary>
/// Saves and loads the parameters of networks in the safetensors format (Hugging Face, 2022), which Python reads and writes
/// as well: weights are [outputs, inputs] in row-major order, little endian, F32 or F64 as the network computes.
/// Files need no trust: loading runs no code from them, allocates no more than the network needs, and either succeeds
/// or leaves the network unchanged.
/// </summary>
/// <remarks>
/// Nothing may change the parameters while they are saved, and nothing may use them while they are loaded.
/// </remarks>
public static class NetworkFile
{
    /// <summary>
    /// Saves the parameters to a file. The file is replaced in one step: after a crash or an error it is either the old or
    /// the new one, never a part. A symbolic link is followed; the file mode is kept, the owner becomes the process's. Devices, pipes
    /// and files that are mounted by themselves are refused.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="path">The file, customarily <c>*.safetensors</c>; its directory must exist.</param>
    /// <exception cref="InvalidOperationException">A parameter is NaN or infinite.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is read-only, or the permission is missing.</exception>
    public static void Save<T>(INetwork<T> network, string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(network, stream));
    }

    /// <summary>Writes the parameters to a stream. Nothing is written where a parameter is not finite.</summary>
    /// <param name="network">The network.</param>
    /// <param name="stream">A writable stream; it stays open.</param>
    /// <exception cref="InvalidOperationException">A parameter is NaN or infinite.</exception>
    public static void Save<T>(INetwork<T> network, Stream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(stream);
        SafetensorsWriter.Write(network, stream);
    }

    /// <summary>Loads the parameters from a file. F16, BF16, F32 and F64 tensors are converted to the network's precision.</summary>
    /// <param name="network">The network; unchanged after an exception.</param>
    /// <param name="path">A regular file, or a symbolic link to one.</param>
    /// <param name="options">What to accept; null: only finite weights of the same architecture.</param>
    /// <returns>What was loaded, and what the file has besides; with <see cref="LoadOptions.Partial"/> also what got nothing.</returns>
    /// <exception cref="ModelFormatException">The file is damaged, not a regular file, or does not fit the network.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The permission is missing.</exception>
    public static LoadReport Load<T>(INetwork<T> network, string path, LoadOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = OpenRegularFile(path);
        return SafetensorsReader.Read(network, stream, options ?? LoadOptions.Default);
    }

    /// <summary>Loads the parameters from a stream, from its current position to its end.</summary>
    /// <param name="network">The network; unchanged after an exception.</param>
    /// <param name="stream">A readable stream; it stays open and need not be seekable.</param>
    /// <param name="options">What to accept; null: only finite weights of the same architecture.</param>
    /// <returns>What was loaded, and what the file has besides; with <see cref="LoadOptions.Partial"/> also what got nothing.</returns>
    /// <exception cref="ModelFormatException">The file is damaged or does not fit the network.</exception>
    public static LoadReport Load<T>(INetwork<T> network, Stream stream, LoadOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(stream);
        return SafetensorsReader.Read(network, stream, options ?? LoadOptions.Default);
    }

    /// <summary>Loads the parameters from memory, such as an embedded resource.</summary>
    /// <param name="network">The network; unchanged after an exception.</param>
    /// <param name="file">The whole file.</param>
    /// <param name="options">What to accept; null: only finite weights of the same architecture.</param>
    /// <returns>What was loaded, and what the file has besides; with <see cref="LoadOptions.Partial"/> also what got nothing.</returns>
    /// <exception cref="ModelFormatException">The file is damaged or does not fit the network.</exception>
    public static unsafe LoadReport Load<T>(INetwork<T> network, ReadOnlySpan<byte> file, LoadOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        fixed (byte* start = file)
        {
            using Stream stream = file.IsEmpty ? Stream.Null : new UnmanagedMemoryStream(start, file.Length);
            return SafetensorsReader.Read(network, stream, options ?? LoadOptions.Default);
        }
    }

    private static FileStream OpenRegularFile(string path)
    {
        if (Directory.Exists(path))
            throw new ModelFormatException($"\"{path}\" is a directory, not a weight file. Name the file in it.");

        FileInfo file = new(path);
        try
        {
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new ModelFormatException($"\"{path}\" leads to no file: its symbolic links form a loop.", innerException: exception);
        }

        // Pipes and devices have no length either, and merely opening a pipe waits for its writer.
        if (file.Exists && file.Length == 0)
            throw new ModelFormatException($"\"{path}\" is empty or not a regular file.", offset: 0);

        FileStream stream = new(file.FullName, new FileStreamOptions
        {
            Access = FileAccess.Read,
            // Replacing the file meanwhile is harmless, writing into it is not.
            Share = FileShare.Read | FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.SequentialScan,
        });
        if (stream.CanSeek)
            return stream;

        stream.Dispose();
        throw new ModelFormatException($"\"{path}\" is not a regular file.");
    }
}
