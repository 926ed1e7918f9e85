using System.Buffers;
using System.Globalization;

namespace NetGen;

/// <summary>
/// Replaces files in one step, so that a crash, a full disk or a killed process leaves either the old or the new file: the
/// content goes to a temporary file beside the target, reaches the disk, and is renamed (Pillai et al., OSDI 2014).
/// </summary>
internal static class AtomicFile
{
    private static readonly TimeSpan StaleAge = TimeSpan.FromHours(1);
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789-");
    private static int _lastNumber;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file to make or replace; its directory must exist. A symbolic link is followed.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="operations">The file system; tests put a faulty one here.</param>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged.</exception>
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
        DeleteStaleFiles(target, operations);

        string temporary = TemporaryName(target);
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
            operations.Move(temporary, target);
        }
        catch
        {
            TryDelete(temporary, operations);
            throw;
        }

        operations.SyncDirectory(Path.GetDirectoryName(target)!);
    }

    private static string TemporaryName(string target)
    {
        string name;
        do
        {
            name = string.Create(
                CultureInfo.InvariantCulture, $"{target}.tmp-{Environment.ProcessId}-{Interlocked.Increment(ref _lastNumber)}");
        }
        while (File.Exists(name));
        return name;
    }

    /// <summary>The new file is not readable by more users than the old one.</summary>
    private static UnixFileMode? PermissionsOf(string target) =>
        !OperatingSystem.IsWindows() && File.Exists(target) ? File.GetUnixFileMode(target) : null;

    /// <summary>
    /// Removes what killed processes left. Age decides, not the process number: a writer at work has touched its file just
    /// now, while numbers recur (in containers nearly always) and mean nothing on a shared disk.
    /// </summary>
    private static void DeleteStaleFiles(string target, FileOperations operations)
    {
        string prefix = target + ".tmp-";
        DateTime limit = DateTime.UtcNow - StaleAge;
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(target)!, "*.tmp-*"))
        {
            if (file.StartsWith(prefix, StringComparison.Ordinal)
                && file.AsSpan(prefix.Length).IndexOfAnyExcept(NumberCharacters) < 0
                && File.GetLastWriteTimeUtc(file) < limit)
            {
                TryDelete(file, operations);
            }
        }
    }

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
