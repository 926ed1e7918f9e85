using System.Runtime.InteropServices;
using System.Runtime.Versioning;

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
        FileStream stream = new(path, options);
        if (permissions is { } kept && !OperatingSystem.IsWindows())
            SetPermissions(stream, kept);
        return stream;
    }

    /// <summary>The files of a directory whose names match a pattern.</summary>
    public virtual IEnumerable<string> Enumerate(string directory, string pattern) => Directory.EnumerateFiles(directory, pattern);

    /// <summary>Whether an existing file is a regular one rather than a device, a pipe or a socket.</summary>
    public virtual bool IsRegularFile(string path)
    {
        // Only regular files have a length, and an empty one is rare: the C library need not be asked for others.
        if (OperatingSystem.IsWindows() || new FileInfo(path).Length > 0)
            return true;
        // Other systems lay their answers out in other ways; what is not regular is customarily there.
        if (!OperatingSystem.IsLinux())
            return !Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal);

        // The layout of struct statx is the same on every processor: its mode is a half word at byte 28.
        const int CurrentDirectory = -100, TypeMask = 1, Length = 256, ModeAt = 28, FileType = 0xF000, Regular = 0x8000;
        Span<byte> status = stackalloc byte[Length];
        try
        {
            return Status(CurrentDirectory, path, 0, TypeMask, status) != 0
                || (BitConverter.ToUInt16(status[ModeAt..]) & FileType) == Regular;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return true;
        }
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

    // The mode given at creation loses what the process's mask forbids.
    [UnsupportedOSPlatform("windows")]
    private static void SetPermissions(FileStream stream, UnixFileMode permissions)
    {
        try
        {
            File.SetUnixFileMode(stream.SafeFileHandle, permissions);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Some file systems know no permissions; the file has none that the old one lacked.
        }
    }

    // The C library of the system, never one beside the application.
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Status(int directory, string path, int flags, uint mask, Span<byte> status);

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
