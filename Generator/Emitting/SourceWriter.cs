using System.Globalization;
using System.Text;

namespace NetGen.Generator.Emitting;

/// <summary>Indented C# text with '\n' line ends on every machine.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Writes one line, or several at the current depth; an empty string makes an empty line.</summary>
    public void Line(string text = "")
    {
        // No empty line at the beginning of a block.
        if (text.Length == 0 && _text.Length > 1 && _text[_text.Length - 2] == '{')
            return;
        foreach (string line in text.Split('\n'))
        {
            string trimmed = line.TrimEnd('\r', ' ');
            if (trimmed.Length > 0)
                _text.Append(' ', 4 * _depth).Append(trimmed);
            _text.Append('\n');
        }
    }

    /// <summary>Writes a header and an opening brace; disposing the result writes the closing one.</summary>
    public Scope Block(string header)
    {
        Line(header);
        Line("{");
        _depth++;
        return new(this, "}");
    }

    /// <summary>Indents until the result is disposed.</summary>
    public Scope Indent(string header)
    {
        Line(header);
        _depth++;
        return new(this, null);
    }

    /// <summary>
    /// Begins a kernel: a static method over any vector width. Optimised at once, because the unoptimised form of such code is
    /// hundreds of times slower and tiering would run it first.
    /// </summary>
    public Scope Kernel(string access, string name, string t, string parameters, string result = "void")
    {
        Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        Line($"{access} static {result} {name}<V>({parameters})");
        return Block($"    where V : struct, ISimd<V, {t}>");
    }

    public override string ToString() => _text.ToString();

    /// <summary>A number as a C# literal that reads back as the same number, whatever the culture.</summary>
    public static string Literal(double number, string type)
    {
        string text = type == "float"
            ? ((float)number).ToString("R", CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);
        return type == "float" ? text + "f" : text + "d";
    }

    /// <summary>A whole number with digit groups, for people.</summary>
    public static string Grouped(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A string as a C# literal.</summary>
    public static string Quoted(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);

    /// <summary>An open block; the default value is none.</summary>
    internal readonly struct Scope(SourceWriter? writer, string? close) : IDisposable
    {
        public void Dispose()
        {
            if (writer is null)
                return;
            writer._depth--;
            if (close is not null)
                writer.Line(close);
        }
    }
}
