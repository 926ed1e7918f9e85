using System.IO.Compression;

namespace NetGen;

/// <summary>
/// The bytes of a data file, decompressed where they start like gzip (RFC 1952). Reports damaged compression, and compression
/// that can only be meant to fill memory, as <see cref="DataFormatException"/>. Leaves the stream below open.
/// </summary>
internal sealed class DataStream : Stream
{
    /// <summary>Data may always grow to this many bytes, read in a second or so.</summary>
    internal const int MinGrownBytes = 1 << 25;

    /// <summary>Beyond these, it may grow to so many times its compressed size. Deflate reaches 1,032; images and tables of numbers 3 to 50.</summary>
    internal const int MaxGrowth = 100;

    private readonly Stream _rest;
    private readonly DataStream? _compressed;
    private readonly string? _file;
    private ReadOnlyMemory<byte> _start;
    private long _length;
    private uint _lastFourBytes;

    private DataStream(ReadOnlyMemory<byte> start, Stream rest, string? file) => (_start, _rest, _file) = (start, rest, file);

    private DataStream(DataStream compressed, string? file)
        : this(default, new GZipStream(compressed, CompressionMode.Decompress), file) => _compressed = compressed;

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
        var content = new DataStream(start.AsMemory(0, length), stream, file);
        return start is [0x1F, 0x8B] ? new DataStream(content, file) : content;
    }

    public override int Read(Span<byte> buffer)
    {
        int read = ReadBelow(buffer);
        _length += read;
        if (_compressed is not null && _length > Math.Max(MinGrownBytes, MaxGrowth * _compressed._length))
        {
            throw new DataFormatException(
                $"{_compressed._length} bytes of gzip data have grown to more than {MaxGrowth} times their size. "
                + "If the file is what it should be, decompress it first.",
                _file);
        }

        foreach (byte value in buffer[Math.Max(0, read - 4)..read])
            _lastFourBytes = _lastFourBytes >> 8 | (uint)value << 24;
        // GZipStream takes a file that is cut off for a shorter one. Gzip ends with the length modulo 2^32.
        if (read == 0 && buffer.Length > 0 && _compressed is not null && _compressed._lastFourBytes != (uint)_length)
            throw Damaged(null);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _compressed is not null)
            _rest.Dispose();
        base.Dispose(disposing);
    }

    private int ReadBelow(Span<byte> buffer)
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
            throw Damaged(exception);
        }
    }

    private DataFormatException Damaged(Exception? cause) =>
        new("The gzip data is damaged, cut off, or several gzip files in one. Download the file or compress its content again.", _file, cause: cause);
}
