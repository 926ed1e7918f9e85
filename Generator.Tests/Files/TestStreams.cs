namespace NetGen.Tests.Files;

/// <summary>A stream as a network connection gives it: not seekable, and a few bytes at a time.</summary>
internal sealed class TricklingStream(byte[] content) : Stream
{
    private readonly MemoryStream _content = new(content);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer) => _content.Read(buffer[..Math.Min(buffer.Length, 1 + (int)_content.Position % 97)]);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A file that something happens to just before its k-th read.</summary>
internal sealed class DisturbedFileStream(string path, int k, Action<string> disturb)
    : FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0)
{
    private int _reads;

    public override int Read(Span<byte> buffer)
    {
        if (++_reads == k)
            disturb(Name);
        return base.Read(buffer);
    }
}
