using System.Diagnostics;
using Xunit;

namespace NetGen.Tests.Files;

public class AtomicFileTests
{
    [Fact]
    public void The_content_is_on_the_disk_before_the_rename_and_the_rename_thereafter()
    {
        using TemporaryDirectory directory = new();
        FaultyFileOperations operations = new(failAt: 0);

        AtomicFile.Write(directory["net"], stream => stream.Write([1, 2]), operations);

        Assert.Equal(["Create", "Write", "FlushToDisk", "Length", "Move", "SyncDirectory"], operations.Log);
        Assert.Equal([1, 2], File.ReadAllBytes(directory["net"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_operation_fails_leaves_the_old_or_the_new_file(bool replaces)
    {
        FakeNetwork<float> network = FakeNetwork<float>.Create().Fill();
        byte[] newFile = network.ToBytes(), oldFile = FakeNetwork<float>.Create().Fill(1000).ToBytes();
        int failures = 0, k = 0;
        for (bool failed = true; failed; failures += failed ? 1 : 0)
        {
            using TemporaryDirectory directory = new();
            if (replaces)
                File.WriteAllBytes(directory["net"], oldFile);
            FaultyFileOperations operations = new(++k);
            Exception? error = Record.Exception(
                () => AtomicFile.Write(directory["net"], stream => NetworkFile.Save(network, stream), operations));

            failed = error is not null;
            // The one failure after the rename finds the new file in place.
            bool moved = !failed || operations.Log[^1] == "SyncDirectory";
            if (failed)
                Assert.Equal(FaultyFileOperations.Message, Assert.IsType<IOException>(error).Message);
            Assert.Equal(moved || replaces ? ["net"] : [], directory.Files);
            if (moved || replaces)
                Assert.Equal(moved ? newFile : oldFile, File.ReadAllBytes(directory["net"]));
        }

        // Create, the header and five tensors, FlushToDisk, Length, Move, SyncDirectory.
        Assert.Equal(11, failures);
    }

    [Fact]
    public void A_file_that_lost_bytes_on_its_way_is_not_put_in_place()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory["net"], "old");
        IOException error = Assert.Throws<IOException>(
            () => AtomicFile.Write(directory["net"], stream => stream.Write([1, 2, 3]), new LosingFileOperations()));
        Assert.Contains("has 2 bytes after 3 were written", error.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(directory["net"]));
        Assert.Equal(["net"], directory.Files);
    }

    [Fact]
    public void A_failed_cleanup_does_not_hide_the_error()
    {
        using TemporaryDirectory directory = new();
        FaultyFileOperations operations = new(failAt: 2) { FailsToDelete = true };
        IOException error = Assert.Throws<IOException>(() => AtomicFile.Write(directory["net"], stream => stream.Write([1]), operations));
        Assert.Equal(FaultyFileOperations.Message, error.Message);
        Assert.Single(directory.Files);
    }

    [Fact]
    public void Only_stale_files_of_the_form_of_our_own_are_swept()
    {
        using TemporaryDirectory directory = new();
        const string Digits = "0123456789abcdef0123456789abcdef";
        string[] stale = [$".netgen-{Digits}.tmp"];
        string[] kept =
        [
            "net.tmp-20240101", "net.tmp-1-1", "net.tmp", $"net{stale[0]}", $".netgen-{Digits[1..]}.tmp", $".netgen-x{Digits[1..]}.tmp", ".netgen-mine.tmp",
            $".netgen-f{Digits[1..]}.tmp",
        ];
        foreach (string name in stale.Concat(kept))
        {
            File.WriteAllText(directory[name], "");
            if (name != kept[^1])
                File.SetLastWriteTimeUtc(directory[name], DateTime.UtcNow.AddHours(-2));
        }

        AtomicFile.Write(directory["net"], stream => stream.Write([1]));

        Assert.Equal(kept.Append("net").Order(StringComparer.Ordinal), directory.Files);
    }

    [Theory]
    [InlineData(666)]
    [InlineData(640)]
    [InlineData(777)]
    public void Permissions_are_kept_whatever_the_mask_of_the_process(int mode)
    {
        if (OperatingSystem.IsWindows())
            return;

        using TemporaryDirectory directory = new();
        File.WriteAllText(directory["net"], "old");
        UnixFileMode given = (UnixFileMode)Convert.ToInt32($"{mode}", 8);
        File.SetUnixFileMode(directory["net"], given);
        AtomicFile.Write(directory["net"], stream => stream.Write([1]));
        Assert.Equal(given, File.GetUnixFileMode(directory["net"]));
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/dev/zero")]
    public void Devices_are_not_replaced(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;

        // What would be replaced if the check failed is a fake.
        Assert.False(FileOperations.Real.IsRegularFile(path));
        FaultyFileOperations operations = new(failAt: 1);
        IOException error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.Write([1]), operations));
        Assert.Contains("is a device, a pipe or a socket", error.Message, StringComparison.Ordinal);
        Assert.Empty(operations.Log);
    }

    [Fact]
    public void Pipes_are_not_replaced_and_empty_files_are()
    {
        if (!OperatingSystem.IsLinux())
            return;

        using TemporaryDirectory directory = new();
        using (Process process = Process.Start("mkfifo", directory["pipe"]))
            process.WaitForExit();
        IOException error = Assert.Throws<IOException>(() => NetworkFile.Save(FakeNetwork<float>.Create(), directory["pipe"]));
        Assert.Contains("is a device, a pipe or a socket", error.Message, StringComparison.Ordinal);
        Assert.Equal(["pipe"], directory.Files);

        File.WriteAllText(directory["net"], "");
        NetworkFile.Save(FakeNetwork<float>.Create(), directory["net"]);
        Assert.NotEqual(0, new FileInfo(directory["net"]).Length);
    }

    [Theory]
    [InlineData(250, "n")]
    [InlineData(85, "\u7f51")]
    public void Names_as_long_as_names_can_be_are_saved(int length, string character)
    {
        using TemporaryDirectory directory = new();
        string name = string.Concat(Enumerable.Repeat(character, length));
        AtomicFile.Write(directory[name], stream => stream.Write([1]));
        Assert.Equal([name], directory.Files);
    }

    [Fact]
    public void A_directory_that_cannot_be_listed_takes_files_all_the_same()
    {
        using TemporaryDirectory directory = new();
        AtomicFile.Write(directory["net"], stream => stream.Write([1]), new UnlistedFileOperations());
        Assert.Equal(["net"], directory.Files);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(18)]
    public void A_mounted_file_tells_why_it_cannot_be_replaced(int code)
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory["net"], "old");
        IOException error = Assert.Throws<IOException>(
            () => AtomicFile.Write(directory["net"], stream => stream.Write([1]), new MountedFileOperations(code)));
        Assert.Contains("something is mounted on it, as Docker mounts a single file", error.Message, StringComparison.Ordinal);
        Assert.Contains("Mount its directory instead", error.Message, StringComparison.Ordinal);
        Assert.Equal(code, error.InnerException!.HResult);
        Assert.Equal("old", File.ReadAllText(directory["net"]));
        Assert.Equal(["net"], directory.Files);
    }

    [Fact]
    public void Links_are_followed_and_permissions_kept()
    {
        if (OperatingSystem.IsWindows())
            return;

        using TemporaryDirectory directory = new();
        File.WriteAllText(directory["net-1"], "old");
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(directory["net-1"], Private);
        File.CreateSymbolicLink(directory["latest"], "net-1");
        File.CreateSymbolicLink(directory["dangling"], "net-2");

        AtomicFile.Write(directory["latest"], stream => stream.Write("new"u8));
        AtomicFile.Write(directory["dangling"], stream => stream.Write("new"u8));

        Assert.Equal("net-1", new FileInfo(directory["latest"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(directory["net-1"]));
        Assert.Equal("new", File.ReadAllText(directory["net-2"]));
        Assert.Equal(Private, File.GetUnixFileMode(directory["net-1"]));
        Assert.Equal(["dangling", "latest", "net-1", "net-2"], directory.Files);
    }

    [Fact]
    public void A_directory_is_not_replaced()
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory["models"]);
        foreach (string path in new[] { directory["models"], directory["models/"], directory["other/"] })
        {
            IOException error = Assert.Throws<IOException>(() => NetworkFile.Save(FakeNetwork<float>.Create(), path));
            Assert.Contains("is a directory", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["models"], directory.Files);
    }

    [Fact]
    public void A_read_only_file_is_not_replaced()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory["net"], "old");
        FileInfo file = new(directory["net"]) { IsReadOnly = true };
        var error = Assert.Throws<UnauthorizedAccessException>(() => NetworkFile.Save(FakeNetwork<float>.Create(), directory["net"]));
        Assert.Contains("is read-only", error.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(directory["net"]));
        Assert.Equal(["net"], directory.Files);
        file.IsReadOnly = false;
    }

    [Fact]
    public async Task Readers_and_writers_at_once_see_whole_files_only()
    {
        using TemporaryDirectory directory = new();
        FakeNetwork<float>[] networks = [FakeNetwork<float>.Create().Fill(1), FakeNetwork<float>.Create().Fill(3000)];
        NetworkFile.Save(networks[0], directory["net"]);

        Task[] writers = [.. networks.Select(network => Task.Run(() =>
        {
            for (int i = 0; i < 20; i++)
                NetworkFile.Save(network, directory["net"]);
        }))];
        Task reader = Task.Run(() =>
        {
            FakeNetwork<float> loaded = FakeNetwork<float>.Create();
            while (!writers.All(writer => writer.IsCompleted))
            {
                NetworkFile.Load(loaded, directory["net"]);
                Assert.Contains(networks, network => loaded.Parameters.Span.SequenceEqual(network.Parameters.Span));
            }
        });

        await Task.WhenAll([.. writers, reader]);
        Assert.Equal(["net"], directory.Files);
    }

    /// <summary>Fails at the k-th operation; a write stores half of its bytes before it does.</summary>
    private sealed class FaultyFileOperations(int failAt) : FileOperations
    {
        public const string Message = "No space left on device (injected).";

        public List<string> Log { get; } = [];

        public bool FailsToDelete { get; init; }

        public override Stream Create(string path, UnixFileMode? permissions)
        {
            Step(nameof(Create));
            return new FaultyStream(base.Create(path, permissions), () => Step("Write"));
        }

        public override void FlushToDisk(Stream stream)
        {
            Step(nameof(FlushToDisk));
            base.FlushToDisk(((FaultyStream)stream).Inner);
        }

        public override long Length(string path)
        {
            Step(nameof(Length));
            return base.Length(path);
        }

        public override void Move(string source, string target)
        {
            Step(nameof(Move));
            base.Move(source, target);
        }

        public override void SyncDirectory(string path)
        {
            Step(nameof(SyncDirectory));
            base.SyncDirectory(path);
        }

        public override void Delete(string path)
        {
            if (FailsToDelete)
                throw new UnauthorizedAccessException();
            base.Delete(path);
        }

        private void Step(string name)
        {
            Log.Add(name);
            if (Log.Count == failAt)
                throw new IOException(Message);
        }
    }

    private sealed class FaultyStream(Stream inner, Action beforeWrite) : Stream
    {
        public Stream Inner => inner;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            int half = buffer.Length / 2;
            inner.Write(buffer[..half]);
            beforeWrite();
            inner.Write(buffer[half..]);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>A disk that drops the last byte once the file is closed.</summary>
    private sealed class LosingFileOperations : FileOperations
    {
        public override long Length(string path)
        {
            using (FileStream file = new(path, FileMode.Open))
                file.SetLength(file.Length - 1);
            return base.Length(path);
        }
    }

    /// <summary>A directory with permission to write and to enter, but not to read.</summary>
    private sealed class UnlistedFileOperations : FileOperations
    {
        public override IEnumerable<string> Enumerate(string directory, string pattern) => throw new UnauthorizedAccessException();
    }

    /// <summary>A file that something is mounted on.</summary>
    private sealed class MountedFileOperations(int code) : FileOperations
    {
        public override void Move(string source, string target) => throw new IOException("Device or resource busy (injected).", code);
    }
}
