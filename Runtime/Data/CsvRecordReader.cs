using System.Buffers;
using System.Text;

namespace NetGen;

/// <summary>
/// Splits text into records of fields: RFC 4180, with any separator, LF and CR as well as CRLF, and blank lines left out.
/// Holds one record at a time and reuses its memory.
/// </summary>
internal sealed class CsvRecordReader
{
    private const int MaxRecordLength = 1 << 24;
    private const string SeparatorLine = "sep=";

    private static readonly SearchValues<char> Quote = SearchValues.Create(['"']);

    private readonly TextReader _reader;
    private readonly long _maxCharacters;
    private readonly string? _file;
    private readonly char[] _buffer = new char[1 << 14];
    private SearchValues<char> _unquotedEnds;
    private int _position;
    private int _length;
    private long _charactersRead;
    private long _nextLine = 1;
    private bool _isAfterReturn;

    private char[] _text = new char[256];
    private int _textLength;
    private int[] _fieldEnds = new int[16];

    public CsvRecordReader(TextReader reader, char separator, long maxCharacters, string? file)
    {
        _reader = reader;
        _maxCharacters = maxCharacters;
        _file = file;
        Separator = separator;
        _unquotedEnds = UnquotedEnds(separator);
    }

    /// <summary>What separates fields; a blank means any run of blanks and tabs.</summary>
    public char Separator { get; private set; }

    /// <summary>The line on which the record starts, from 1.</summary>
    public long Line { get; private set; } = 1;

    public int FieldCount { get; private set; }

    private bool TakesRuns => Separator == ' ';

    /// <summary>The text of a field, without its quotes.</summary>
    public ReadOnlySpan<char> this[int column] =>
        _text.AsSpan((column == 0 ? 0 : _fieldEnds[column - 1]).._fieldEnds[column]);

    public static bool CanSeparate(char character) => character is not ('"' or '\r' or '\n');

    /// <summary>Goes to the next record; false at the end.</summary>
    public bool Read()
    {
        while (Fill())
        {
            Line = _nextLine;
            FieldCount = _textLength = 0;
            if (TakesRuns)
                SkipBlanks();
            bool isQuoted;
            do
                isQuoted = ReadField();
            while (AcceptSeparator());
            AcceptLineEnd();
            if (FieldCount > 1 || _textLength > 0 || isQuoted)
                return true;
        }

        return false;
    }

    /// <summary>Takes the separator from a first line such as <c>sep=;</c>, which Excel reads and writes, if there is one.</summary>
    public void ReadSeparatorLine()
    {
        // The line, and one character of its end: no further, lest an error there is reported for this line.
        int length = SeparatorLine.Length + 2;
        while (_length < length && SeparatorLine.StartsWith(Start(), StringComparison.OrdinalIgnoreCase) && ReadMore(_length))
        {
        }

        ReadOnlySpan<char> text = _buffer.AsSpan(0, Math.Min(_length, length));
        if (text.Length < length - 1
            || !Start().Equals(SeparatorLine, StringComparison.OrdinalIgnoreCase)
            || (text.Length == length && !IsLineEnd(text[^1])))
        {
            return;
        }

        char separator = text[SeparatorLine.Length];
        if (!CanSeparate(separator) || char.IsLetterOrDigit(separator))
            return;
        Separator = separator;
        _unquotedEnds = UnquotedEnds(separator);
        _position = length - 1;
        AcceptLineEnd();

        string Start() => new(_buffer, 0, Math.Min(_length, SeparatorLine.Length));
    }

    /// <summary>Leaves out one line, whatever it holds.</summary>
    public void SkipLine()
    {
        while (Fill())
        {
            int end = _buffer.AsSpan(_position.._length).IndexOfAny('\r', '\n');
            _position = end >= 0 ? _position + end : _length;
            if (end >= 0)
                break;
        }

        AcceptLineEnd();
    }

    /// <summary>A copy of the record, to come back to.</summary>
    public CsvRecord Copy() => new(Line, _text[.._textLength], _fieldEnds[..FieldCount]);

    /// <summary>Comes back to a record.</summary>
    public void Restore(CsvRecord record)
    {
        (Line, _text, _fieldEnds) = record;
        (_textLength, FieldCount) = (_text.Length, _fieldEnds.Length);
    }

    /// <summary>An error in a field of the record, or in the record as a whole.</summary>
    public DataFormatException Error(string problem, int? column = null) => ErrorAt(Line, problem, column);

    /// <summary>An error on another line, or in no line of its own.</summary>
    public DataFormatException ErrorAt(long? line, string problem, int? column = null) => new(problem, _file, line, column + 1);

    private static SearchValues<char> UnquotedEnds(char separator) =>
        SearchValues.Create([separator, separator == ' ' ? '\t' : separator, '"', '\r', '\n']);

    private static bool IsLineEnd(char character) => character is '\r' or '\n';

    private bool ReadField()
    {
        bool isQuoted = Accept('"');
        if (isQuoted)
            ReadQuoted();
        else
            AppendUntil(_unquotedEnds);

        if (Fill() && _buffer[_position] is char next && next != Separator && !IsLineEnd(next) && !(TakesRuns && next == '\t'))
        {
            throw Error(
                isQuoted
                    ? "There is text after the closing quote. Double the quotes inside a quoted field."
                    : "There is a quote inside an unquoted field. Put the whole field in quotes and double those inside.",
                FieldCount);
        }

        CheckLength(1);
        if (FieldCount == _fieldEnds.Length)
            Array.Resize(ref _fieldEnds, FieldCount * 2);
        _fieldEnds[FieldCount++] = _textLength;
        return isQuoted;
    }

    private void ReadQuoted()
    {
        do
        {
            _isAfterReturn = false;
            AppendUntil(Quote);
            if (!Accept('"'))
                throw Error("The file ends inside a quoted field. Close the quote that this field starts with.", FieldCount);
            if (!Fill() || _buffer[_position] != '"')
                return;
            Append(_buffer.AsSpan(_position, 1));
        }
        while (Accept('"'));
    }

    private void AppendUntil(SearchValues<char> ends)
    {
        while (Fill())
        {
            ReadOnlySpan<char> rest = _buffer.AsSpan(_position.._length);
            int end = rest.IndexOfAny(ends);
            ReadOnlySpan<char> piece = end < 0 ? rest : rest[..end];
            Append(piece);
            if (ends == Quote)
                CountLines(piece);
            _position += piece.Length;
            if (end >= 0)
                return;
        }
    }

    private void Append(ReadOnlySpan<char> piece)
    {
        CheckLength(piece.Length);
        if (_textLength + piece.Length > _text.Length)
            Array.Resize(ref _text, Math.Max(_textLength + piece.Length, _text.Length * 2));
        piece.CopyTo(_text.AsSpan(_textLength));
        _textLength += piece.Length;
    }

    /// <summary>Counts the lines that end in a piece of a quoted field.</summary>
    private void CountLines(ReadOnlySpan<char> piece)
    {
        for (int end; (end = piece.IndexOfAny('\r', '\n')) >= 0; piece = piece[(end + 1)..])
        {
            bool isReturn = piece[end] == '\r';
            // The line feed of a CRLF ends no further line.
            if (isReturn || end > 0 || !_isAfterReturn)
                _nextLine++;
            _isAfterReturn = isReturn;
        }

        _isAfterReturn &= piece.IsEmpty;
    }

    private void CheckLength(int more)
    {
        if (_textLength + FieldCount + more > MaxRecordLength)
            throw Error($"The record is longer than {MaxRecordLength} characters. Is a quote not closed?");
    }

    private bool AcceptSeparator() =>
        TakesRuns ? SkipBlanks() && Fill() && !IsLineEnd(_buffer[_position]) : Accept(Separator);

    private bool SkipBlanks()
    {
        bool isAny = false;
        while (Accept(' ') || Accept('\t'))
            isAny = true;
        return isAny;
    }

    private void AcceptLineEnd()
    {
        bool isEnd = Accept('\r');
        isEnd |= Accept('\n');
        if (isEnd)
            _nextLine++;
    }

    private bool Accept(char expected)
    {
        if (!Fill() || _buffer[_position] != expected)
            return false;
        _position++;
        return true;
    }

    /// <summary>Makes sure that there is a character at the position; false at the end of the text.</summary>
    private bool Fill()
    {
        if (_position < _length)
            return true;
        _position = 0;
        return ReadMore(0);
    }

    /// <summary>Reads on into the buffer, from a place on; false at the end of the text.</summary>
    private bool ReadMore(int start)
    {
        // Up to the limit first, so that the error names the line that goes beyond it.
        long most = Math.Max(1, _maxCharacters - _charactersRead);
        int read = ReadText(_buffer.AsSpan(start, (int)Math.Min(_buffer.Length - start, most)));
        _length = start + read;
        _charactersRead += read;
        if (_charactersRead > _maxCharacters)
        {
            throw Error(
                $"The text is longer than {_maxCharacters} characters. "
                + $"Raise {nameof(CsvOptions)}.{nameof(CsvOptions.MaxElements)} if this is meant.");
        }

        return read > 0;
    }

    private int ReadText(Span<char> buffer)
    {
        try
        {
            return _reader.Read(buffer);
        }
        catch (DecoderFallbackException exception)
        {
            var text = _reader as EncodedTextReader;
            throw new DataFormatException(
                $"{Convert.ToHexString(exception.BytesUnknown ?? [])} is not {text?.EncodingName ?? "text"}. Save the file in this encoding, or name its own"
                + $" in {nameof(CsvOptions)}.{nameof(CsvOptions.Encoding)}, such as Encoding.Latin1.",
                _file,
                _nextLine,
                offset: text?.FailureOffset,
                cause: exception);
        }
    }
}

/// <summary>A record kept apart from its reader.</summary>
/// <param name="Line">The line on which it starts, from 1.</param>
/// <param name="Text">The text of its fields.</param>
/// <param name="FieldEnds">Where the text of each field ends.</param>
internal sealed record CsvRecord(long Line, char[] Text, int[] FieldEnds);
