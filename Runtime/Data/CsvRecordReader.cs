using System.Buffers;

namespace NetGen;

/// <summary>
/// Splits text into records of fields: RFC 4180, with any separator, LF as well as CRLF, and blank lines left out.
/// Holds one record at a time and reuses its memory.
/// </summary>
internal sealed class CsvRecordReader(TextReader reader, char separator, long maxCharacters, string? file)
{
    private const int MaxRecordLength = 1 << 24;

    private static readonly SearchValues<char> Quote = SearchValues.Create(['"']);

    private readonly SearchValues<char> _unquotedEnds = SearchValues.Create([separator, '"', '\n']);
    private readonly char[] _buffer = new char[1 << 14];
    private int _position;
    private int _length;
    private long _charactersRead;
    private long _nextLine = 1;

    private char[] _text = new char[256];
    private int _textLength;
    private int[] _fieldEnds = new int[16];

    /// <summary>The line on which the record starts, from 1.</summary>
    public long Line { get; private set; } = 1;

    public int FieldCount { get; private set; }

    /// <summary>The text of a field, without its quotes.</summary>
    public ReadOnlySpan<char> this[int column] =>
        _text.AsSpan((column == 0 ? 0 : _fieldEnds[column - 1]).._fieldEnds[column]);

    /// <summary>Goes to the next record; false at the end.</summary>
    public bool Read()
    {
        while (Fill())
        {
            Line = _nextLine;
            FieldCount = _textLength = 0;
            bool isQuoted;
            do
                isQuoted = ReadField();
            while (Accept(separator));
            Accept('\n');
            if (FieldCount > 1 || _textLength > 0 || isQuoted)
                return true;
        }

        return false;
    }

    /// <summary>Leaves out one line, whatever it holds.</summary>
    public void SkipLine()
    {
        bool atEnd = false;
        while (!atEnd && Fill())
        {
            int end = _buffer.AsSpan(_position.._length).IndexOf('\n');
            atEnd = end >= 0;
            _position = atEnd ? _position + end : _length;
        }

        Accept('\n');
    }

    /// <summary>An error in a field of the record, or in the record as a whole.</summary>
    public DataFormatException Error(string problem, int? column = null) => ErrorAt(Line, problem, column);

    /// <summary>An error on another line, or in no line of its own.</summary>
    public DataFormatException ErrorAt(long? line, string problem, int? column = null) => new(problem, file, line, column + 1);

    private bool ReadField()
    {
        int start = _textLength;
        bool isQuoted = Accept('"');
        if (isQuoted)
        {
            ReadQuoted();
            Accept('\r');
        }
        else
        {
            AppendUntil(_unquotedEnds);
            // The carriage return of a CRLF.
            if (_textLength > start && _text[_textLength - 1] == '\r' && (!Fill() || _buffer[_position] == '\n'))
                _textLength--;
        }

        if (Fill() && _buffer[_position] != separator && _buffer[_position] != '\n')
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
            _nextLine += piece.Count('\n');
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

    private void CheckLength(int more)
    {
        if (_textLength + FieldCount + more > MaxRecordLength)
            throw Error($"The record is longer than {MaxRecordLength} characters. Is a quote not closed?");
    }

    private bool Accept(char expected)
    {
        if (!Fill() || _buffer[_position] != expected)
            return false;
        _position++;
        if (expected == '\n')
            _nextLine++;
        return true;
    }

    /// <summary>Makes sure that there is a character at the position; false at the end of the text.</summary>
    private bool Fill()
    {
        if (_position < _length)
            return true;
        _position = 0;
        _length = reader.Read(_buffer);
        _charactersRead += _length;
        if (_charactersRead > maxCharacters)
            throw Error($"The text is longer than {maxCharacters} characters. Raise {nameof(CsvOptions)}.{nameof(CsvOptions.MaxElements)} if this is meant.");
        return _length > 0;
    }
}
