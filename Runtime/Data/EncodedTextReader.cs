using System.Text;

namespace NetGen;

/// <summary>
/// Decodes text strictly: by its byte order mark, else by the encoding asked for, else as UTF-8. Bytes that are no text
/// throw <see cref="DecoderFallbackException"/>, but only when all text before them is read, so that the caller knows its line.
/// </summary>
internal sealed class EncodedTextReader : TextReader
{
    private const int ChunkBytes = 1 << 13;

    // UTF-32 before UTF-16, whose mark is the start of its own.
    private static readonly Encoding[] MarkedEncodings =
        [Encoding.UTF8, Encoding.UTF32, new UTF32Encoding(bigEndian: true, byteOrderMark: true), Encoding.Unicode, Encoding.BigEndianUnicode];

    private readonly Stream _stream;
    private readonly Decoder _decoder;
    private readonly MarkingFallback _fallback = new();
    private readonly byte[] _bytes = new byte[ChunkBytes];
    private readonly char[] _characters;
    private int _position;
    private int _length;
    private long _bytesDecoded;
    private bool _isAtEnd;
    private DecoderFallbackException? _failure;

    public EncodedTextReader(Stream stream, Encoding? encoding)
    {
        _stream = stream;
        int length = stream.ReadAtLeast(_bytes.AsSpan(0, 4), 4, throwOnEndOfStream: false);
        Encoding? marked = MarkedEncodings.FirstOrDefault(candidate => _bytes.AsSpan(0, length).StartsWith(candidate.Preamble));
        var strict = (Encoding)(marked ?? encoding ?? Encoding.UTF8).Clone();
        strict.DecoderFallback = _fallback;
        EncodingName = strict.WebName;
        _decoder = strict.GetDecoder();
        _characters = new char[strict.GetMaxCharCount(ChunkBytes)];
        int markLength = marked?.Preamble.Length ?? 0;
        _bytesDecoded = markLength;
        Decode(_bytes.AsSpan(markLength, length - markLength));
    }

    /// <summary>The name of the encoding: <c>utf-8</c>.</summary>
    public string EncodingName { get; }

    /// <summary>Where the bytes that are no text start, after decompression.</summary>
    public long FailureOffset { get; private set; }

    public override int Read(Span<char> buffer)
    {
        while (_position == _length && !_isAtEnd)
        {
            if (_failure is not null)
                throw _failure;
            int length = _stream.Read(_bytes);
            _isAtEnd = length == 0;
            Decode(_bytes.AsSpan(0, length));
        }

        if (_position == _length && _failure is not null)
            throw _failure;
        int count = Math.Min(buffer.Length, _length - _position);
        _characters.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    private void Decode(ReadOnlySpan<byte> bytes)
    {
        _position = 0;
        _length = _decoder.GetChars(bytes, _characters, flush: _isAtEnd);
        if (_fallback.UnknownBytes is { } unknown)
        {
            int index = _fallback.Index;
            // Where the error shows only in the next character, as that of half a surrogate pair does, it is told at the latter.
            while (index > 0 && !bytes[index..].StartsWith(unknown))
                index--;
            _length = _characters.AsSpan(0, _length).IndexOf(MarkingFallback.Mark);
            FailureOffset = _bytesDecoded + index;
            _failure = new DecoderFallbackException(null, unknown, index);
        }

        _bytesDecoded += bytes.Length;
    }

    /// <summary>Remembers the first bytes that are no text, and puts a mark in their place.</summary>
    private sealed class MarkingFallback : DecoderFallback
    {
        /// <summary>Never a character of its own (Unicode 23.7, "Noncharacters").</summary>
        public const char Mark = '\uFFFF';

        public byte[]? UnknownBytes { get; private set; }

        /// <summary>Where they start in the bytes decoded; negative where that was in those before.</summary>
        public int Index { get; private set; }

        public override int MaxCharCount => 1;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer(this);

        private sealed class Buffer(MarkingFallback fallback) : DecoderFallbackBuffer
        {
            private int _remaining;

            public override int Remaining => _remaining;

            public override bool Fallback(byte[] bytesUnknown, int index)
            {
                if (fallback.UnknownBytes is null)
                    (fallback.UnknownBytes, fallback.Index) = (bytesUnknown, index);
                _remaining = 1;
                return true;
            }

            public override char GetNextChar() => _remaining-- > 0 ? Mark : '\0';

            public override bool MovePrevious() => false;

            public override void Reset() => _remaining = 0;
        }
    }
}
