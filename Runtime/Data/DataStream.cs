using System.IO.Compression;

namespace NetGen;

/// <summary>
/// The bytes of a data file, decompressed where they start like gzip. Reports damaged compression as
/// <see cref="DataFormatException"/>. Leaves the stream below open.
/// </summary>
internal sealed class DataStream : Stream
{
    private readonly Stream _rest;
    private readonly bool _ownsRest;
    private readonly string? _file;
    private ReadOnlyMemory<byte> _start;

    private DataStream(ReadOnlyMemory<byte> start, Stream rest, bool ownsRest, string? file) =>
        (_start, _rest, _ownsRest, _file) = (start, rest, ownsRest, file);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Looks at the first bytes, not at the file's name; the stream need not be seekable.</summary>
    public static DataStream Open(Stream stream, string? file)
    {
        byte[] start = new byte[2];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var content = new DataStream(start.AsMemory(0, length), stream, ownsRest: false, file);
        return start is [0x1F, 0x8B]
            ? new DataStream(default, new GZipStream(content, CompressionMode.Decompress), ownsRest: true, file)
            : content;
    }

    public override int Read(Span<byte> buffer)
    {
        if (!_start.IsEmpty)
        {
            int length = Math.Min(buffer.Length, _start.Length);
            _start.Span[..length].CopyTo(buffer);
            _start = _start[length..];
            return length;
        }

        try
        {
            return _rest.Read(buffer);
        }
        catch (InvalidDataException exception)
        {
            throw new DataFormatException("The gzip data is damaged or cut off. Download or compress the file again.", _file, cause: exception);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _ownsRest)
            _rest.Dispose();
        base.Dispose(disposing);
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
