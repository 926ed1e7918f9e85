using System.Runtime.InteropServices;

namespace NetGen;

/// <summary>The steps of <see cref="AtomicFile"/>, each of which a test can make fail.</summary>
internal partial class FileOperations
{
    public static FileOperations Real { get; } = new();

    /// <summary>Makes a file that must not exist.</summary>
    public virtual Stream Create(string path, UnixFileMode? permissions)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (permissions is { } mode && !OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        return new FileStream(path, options);
    }

    /// <summary>Returns once the content would survive a power cut.</summary>
    public virtual void FlushToDisk(Stream stream) => ((FileStream)stream).Flush(flushToDisk: true);

    /// <summary>The length in bytes.</summary>
    public virtual long Length(string path) => new FileInfo(path).Length;

    /// <summary>Renames a file, replacing the target.</summary>
    public virtual void Move(string source, string target) => File.Move(source, target, overwrite: true);

    /// <summary>Deletes a file.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>
    /// Makes a rename survive a power cut. .NET opens no directories, hence the C library; Windows needs nothing of the kind.
    /// </summary>
    public virtual void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS() && !OperatingSystem.IsFreeBSD())
            return;

        // Failures are ignored: some file systems (network shares, FUSE) cannot synchronise a directory, and the file is
        // complete and in place either way; after a power cut it might at worst be the old one.
        try
        {
            const int ReadOnly = 0;
            int directory = Open(path, ReadOnly);
            if (directory < 0)
                return;
            _ = Synchronize(directory);
            _ = Close(directory);
        }
        catch (DllNotFoundException)
        {
        }
    }

    // The C library of the system, never one beside the application.
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronize(int file);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int file);
}
