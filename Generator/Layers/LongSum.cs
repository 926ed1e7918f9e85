using NetGen.Generator.Emitting;

namespace NetGen.Generator.Layers;

/// <summary>One loop of a sum.</summary>
/// <param name="Variable">The loop's variable, an <c>nint</c>.</param>
/// <param name="From">Where it starts.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Step">How far it goes each round.</param>
/// <param name="Count">Rounds at most; <see cref="LongSum.Unknown"/> where the compiler does not know.</param>
internal sealed record SumLoop(string Variable, string From, string To, string Step, long Count)
{
    // Elements of the narrowest vector, in single precision.
    private const int MinLanes = 4;

    /// <summary>Writes what comes before the next loop in each round.</summary>
    public Action? Enter { get; init; }

    public static SumLoop Over(string variable, long count) => new(variable, "0", $"{count}", "1", count);

    /// <summary>The vectors of so many elements, whose number depends on the machine.</summary>
    public static SumLoop OverVectors(string variable, int elements) => new(variable, "0", $"{elements}", "V.Count", elements / MinLanes);
}

/// <summary>
/// Sums of any length. In one chain of additions each term is rounded to the size of the sum so far: a million equal terms lose up to a hundredth.
/// So a chain has few terms, the sums of chains are added up in blocks, and those of blocks with compensation. A sum that is a chain
/// or a block by itself has plain code.
/// </summary>
internal sealed class LongSum
{
    /// <summary>Rounds that only the running program knows.</summary>
    public const long Unknown = 1L << 31;

    /// <summary>Terms of a product that are one chain, whatever their number: what convolutions and dense layers usually have.</summary>
    public const int ShortProduct = 1024;

    /// <summary>Products in one chain: 64 equal terms lose at most 9.8e-7 of their sum in single precision.</summary>
    public const int ProductChain = 64;

    // Short chains do not wait for each other, and 16 equal terms lose a quarter of that.
    private const int ValueChain = 16;
    private const int ChainsOfBlock = 8;
    private const int LocalsOfLine = 4;

    private readonly SourceWriter _writer;
    private readonly string _t;
    private readonly IReadOnlyList<string> _sums;
    private readonly IReadOnlyList<SumLoop> _loops;
    private readonly Action<Func<string, string>> _body;
    private readonly int _bodyTerms;
    private readonly int _chain;
    private readonly int _block;
    private readonly bool _hasChains;
    private readonly bool _hasBlocks;

    private LongSum(
        SourceWriter writer, string t, IReadOnlyList<string> sums, IReadOnlyList<SumLoop> loops, int chain, int block,
        Action<Func<string, string>> body, int bodyTerms)
    {
        (_writer, _t, _sums, _loops, _body, _bodyTerms, _chain, _block) = (writer, t, sums, loops, body, bodyTerms, chain, block);
        long terms = TermsFrom(0);
        _hasChains = terms > chain;
        _hasBlocks = terms > block;
    }

    private string Innermost => _hasChains ? "Chain" : "";

    /// <summary>The names of a tile's sums: <c>sum23</c> is the fourth of the third row.</summary>
    public static string[] TileOf(int rows, int columns) =>
        [.. Enumerable.Range(0, rows).SelectMany(row => Enumerable.Range(0, columns).Select(column => $"sum{row}{column}"))];

    /// <summary>Sums of products, where the registers that hold them limit the speed.</summary>
    /// <param name="writer">Takes the text.</param>
    /// <param name="t">The element type.</param>
    /// <param name="sums">The locals that hold the sums in the end; declared here.</param>
    /// <param name="loops">The loops, from the outermost on.</param>
    /// <param name="body">Writes what a round of the innermost loop adds, given the local that takes it for each sum.</param>
    /// <param name="bodyTerms">Terms that a round adds to a sum; no more than <see cref="ProductChain"/>.</param>
    public static void EmitProducts(
        SourceWriter writer, string t, IReadOnlyList<string> sums, IReadOnlyList<SumLoop> loops, Action<Func<string, string>> body, int bodyTerms = 1) =>
        new LongSum(writer, t, sums, loops, ProductChain, ChainsOfBlock * ProductChain, body, bodyTerms).Emit();

    /// <summary>Sums of values read from memory, which limits the speed; parameters as above.</summary>
    public static void EmitValues(
        SourceWriter writer, string t, IReadOnlyList<string> sums, IReadOnlyList<SumLoop> loops, Action<Func<string, string>> body) =>
        new LongSum(writer, t, sums, loops, ValueChain, ValueChain, body, bodyTerms: 1).Emit();

    private void Emit()
    {
        Declare(_hasBlocks ? ["", "Error"] : [""]);
        EmitLoop(0, _loops[0].From, _loops[0].To, TermsFrom(0), isInBlock: !_hasBlocks, isInChain: !_hasChains);
        foreach (string sum in _hasBlocks ? _sums : [])
            _writer.Line($"{sum} = CompensatedSum.Total<V, {_t}>({sum}, {sum}Error);");
    }

    // The rest of the loops from one on, over a part of its range with so many terms.
    private void EmitLoop(int index, string from, string to, long terms, bool isInBlock, bool isInChain)
    {
        SumLoop loop = _loops[index];
        if (!isInBlock && terms <= _block)
        {
            OpenBlock();
            EmitLoop(index, from, to, terms, isInBlock: true, isInChain);
            CloseBlock();
            return;
        }

        if (!isInChain && terms <= _chain)
        {
            Declare(["Chain"]);
            EmitLoop(index, from, to, terms, isInBlock, isInChain: true);
            CloseChain();
            return;
        }

        long inner = TermsFrom(index + 1);
        if (!isInBlock && inner <= _block)
        {
            long rounds = _block / inner;
            // Whole chains, where the same loop is divided into them too.
            if (inner <= _chain)
                rounds = rounds / (_chain / inner) * (_chain / inner);
            using (EmitPart(loop, "Block", from, to, rounds))
            {
                OpenBlock();
                EmitLoop(index, loop.Variable + "Block", loop.Variable + "BlockEnd", rounds * inner, isInBlock: true, isInChain);
                CloseBlock();
            }

            return;
        }

        if (!isInChain && inner <= _chain)
        {
            using (EmitPart(loop, "Chain", from, to, _chain / inner))
            {
                Declare(["Chain"]);
                EmitLoop(index, loop.Variable + "Chain", loop.Variable + "ChainEnd", _chain / inner * inner, isInBlock, isInChain: true);
                CloseChain();
            }

            return;
        }

        string step = loop.Step == "1" ? $"{loop.Variable}++" : $"{loop.Variable} += {loop.Step}";
        using (_writer.Block($"for (nint {loop.Variable} = {from}; {loop.Variable} < {to}; {step})"))
        {
            loop.Enter?.Invoke();
            if (index + 1 == _loops.Count)
                EmitBody(isInBlock, isInChain);
            else
                EmitLoop(index + 1, _loops[index + 1].From, _loops[index + 1].To, inner, isInBlock, isInChain);
        }
    }

    // A body with more terms than a chain should have is a chain, and may be a block, by itself.
    private void EmitBody(bool isInBlock, bool isInChain)
    {
        if (!isInBlock)
            OpenBlock();
        if (!isInChain)
            Declare(["Chain"]);
        _body(sum => sum + Innermost);
        if (!isInChain)
            CloseChain();
        if (!isInBlock)
            CloseBlock();
    }

    private SourceWriter.Scope EmitPart(SumLoop loop, string part, string from, string to, long rounds)
    {
        string variable = loop.Variable + part, length = loop.Step == "1" ? $"{rounds}" : $"{rounds} * {loop.Step}";
        SourceWriter.Scope scope = _writer.Block($"for (nint {variable} = {from}; {variable} < {to}; {variable} += {length})");
        _writer.Line($"nint {variable}End = Math.Min({variable} + {length}, {to});");
        return scope;
    }

    private void OpenBlock()
    {
        if (_chain < _block)
            Declare(["Block"]);
    }

    private void CloseBlock()
    {
        foreach (string sum in _chain < _block ? _sums : [])
            Compensate(sum, sum + "Block");
    }

    private void CloseChain()
    {
        foreach (string sum in _sums)
        {
            if (!_hasBlocks)
                _writer.Line($"{sum} += {sum}Chain;");
            else if (_chain < _block)
                _writer.Line($"{sum}Block += {sum}Chain;");
            else
                Compensate(sum, sum + "Chain");
        }
    }

    private void Compensate(string sum, string term) => _writer.Line($"CompensatedSum.Add<V, {_t}>({term}, ref {sum}, ref {sum}Error);");

    private void Declare(IReadOnlyList<string> suffixes)
    {
        string[] locals = [.. _sums.SelectMany(sum => suffixes.Select(suffix => $"{sum}{suffix} = V.Zero"))];
        for (int first = 0; first < locals.Length; first += LocalsOfLine)
            _writer.Line($"V {string.Join(", ", locals.Skip(first).Take(LocalsOfLine))};");
    }

    // Terms of all loops from one on; a round behind the last one is one term.
    private long TermsFrom(int index)
    {
        long terms = _bodyTerms;
        foreach (SumLoop loop in _loops.Skip(index))
            terms = Math.Min(Unknown, terms * Math.Max(1, loop.Count));
        return terms;
    }
}
