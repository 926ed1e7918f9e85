using System.Buffers;

namespace NetGen;

/// <summary>
/// Replaces files in one step, so that a crash, a full disk or a killed process leaves either the old or the new file: the
/// content goes to a temporary file beside the target, reaches the disk, and is renamed (Pillai et al., OSDI 2014).
/// </summary>
internal static class AtomicFile
{
    private static readonly TimeSpan StaleAge = TimeSpan.FromHours(1);
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    // Short, whatever the target's name: names of files have at most 255 bytes. Nobody gives a file of their own such a name.
    private const string TemporaryPrefix = ".netgen-", TemporarySuffix = ".tmp";
    private const int TemporaryDigits = 32;

    // What the C library says of a name that something is mounted on, and of a rename to another file system; Linux, macOS and BSD agree.
    private const int Busy = 16, OtherDevice = 18;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file to make or replace; its directory must exist. A symbolic link is followed.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="operations">The file system; tests put a faulty one here.</param>
    /// <exception cref="IOException">The file cannot be written, or is a device, a pipe or a mount of its own; the old one is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is read-only, or the permission is missing.</exception>
    public static void Write(string path, Action<Stream> write, FileOperations? operations = null)
    {
        operations ??= FileOperations.Real;
        string target = Path.GetFullPath(path);
        if (Path.EndsInDirectorySeparator(target) || Directory.Exists(target))
            throw new IOException($"\"{path}\" is a directory. Name a file in it.");

        // Renaming would replace a link and leave the file behind it as it was.
        if (new FileInfo(target) is { LinkTarget: not null } link)
            target = link.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        // Renaming asks for permission on the directory only.
        if (new FileInfo(target) is { Exists: true, IsReadOnly: true })
            throw new UnauthorizedAccessException($"\"{path}\" is read-only. Make it writable or choose another name.");
        // Renaming would put a file in the place of a device, and take it away from everybody else.
        if (File.Exists(target) && !operations.IsRegularFile(target))
            throw new IOException($"\"{path}\" is a device, a pipe or a socket, not a file to replace. Write to it through NetworkFile.Save(network, stream).");
        string directory = Path.GetDirectoryName(target)!;
        DeleteStaleFiles(directory, operations);

        string temporary = Path.Combine(directory, $"{TemporaryPrefix}{Guid.NewGuid():N}{TemporarySuffix}");
        Stream stream = operations.Create(temporary, PermissionsOf(target));
        try
        {
            long length;
            using (stream)
            {
                write(stream);
                operations.FlushToDisk(stream);
                length = stream.Position;
            }

            long stored = operations.Length(temporary);
            if (stored != length)
                throw new IOException($"\"{temporary}\" has {stored} bytes after {length} were written; the disk may be full.");
            Move(temporary, target, path, operations);
        }
        catch
        {
            TryDelete(temporary, operations);
            throw;
        }

        operations.SyncDirectory(directory);
    }

    private static void Move(string temporary, string target, string path, FileOperations operations)
    {
        try
        {
            operations.Move(temporary, target);
        }
        catch (IOException exception) when (exception.HResult is Busy or OtherDevice)
        {
            throw new IOException(
                $"\"{path}\" cannot be replaced: something is mounted on it, as Docker mounts a single file, and a rename cannot reach behind a mount. "
                + "Mount its directory instead, or save under another name.", exception);
        }
    }

    /// <summary>The new file is readable and writable by the same users as the old one.</summary>
    private static UnixFileMode? PermissionsOf(string target) =>
        !OperatingSystem.IsWindows() && File.Exists(target) ? File.GetUnixFileMode(target) : null;

    /// <summary>
    /// Removes what killed processes left. Age decides, not the process: a writer at work has touched its file just now, while process
    /// numbers recur (in containers nearly always) and mean nothing on a shared disk.
    /// </summary>
    private static void DeleteStaleFiles(string directory, FileOperations operations)
    {
        DateTime limit = DateTime.UtcNow - StaleAge;
        try
        {
            foreach (string file in operations.Enumerate(directory, $"{TemporaryPrefix}*{TemporarySuffix}"))
            {
                if (IsTemporary(Path.GetFileName(file)) && File.GetLastWriteTimeUtc(file) < limit)
                    TryDelete(file, operations);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A directory that may be written but not listed takes files all the same.
        }
    }

    private static bool IsTemporary(string name) => name.Length == TemporaryPrefix.Length + TemporaryDigits + TemporarySuffix.Length
        && name.AsSpan(TemporaryPrefix.Length, TemporaryDigits).IndexOfAnyExcept(HexDigits) < 0;

    /// <summary>Cleaning up must not hide the error that made it necessary, nor prevent a save.</summary>
    private static void TryDelete(string file, FileOperations operations)
    {
        try
        {
            operations.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
