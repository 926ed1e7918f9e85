using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace NetGen;

/// <summary>
/// Reads the header of a safetensors file: a JSON object with name, type, shape and place of every tensor. The header must
/// describe exactly the parameters of the network, unless options allow for others; stricter than the reference reader, it also refuses duplicate
/// and unknown keys. No size or count in the file leads to an allocation or a multiplication: shapes and sizes are compared with those
/// of the network.
/// </summary>
internal ref struct SafetensorsHeader
{
    /// <summary>The bytes before the header, which hold its length.</summary>
    public const int PrefixLength = 8;

    public const string MetadataKey = "__metadata__";
    public const string ArchitectureKey = "netgen.architecture";
    public const string VersionKey = "netgen.version";

    /// <summary>The version of NetGen's metadata and tensor layout.</summary>
    public const string Version = "1";

    // A tensor's shape lies at depth 3.
    private const int MaxDepth = 4;
    private const int MaxRank = 8;
    private const int MaxMetadataEntries = 256;
    private const int MaxMetadataKeyBytes = 256;
    private const int MaxQuotedBytes = 256;
    private const int MaxListedNames = 8;

    // The counter of batches is one number of 64 bits.
    private const string CounterSuffix = ".num_batches_tracked";
    private const int CounterBytes = 8;

    // Far beyond any file, and far from overflow where positions are added up.
    private const long MaxDataBytes = 1L << 62;

    private readonly NetworkInfo _network;
    private readonly LoadOptions _options;
    private readonly FileTensors _tensors;
    private Utf8JsonReader _json;
    private string? _tensorName;

    private SafetensorsHeader(ReadOnlySpan<byte> header, NetworkInfo network, LoadOptions options)
    {
        _network = network;
        _options = options;
        _tensors = new FileTensors(network, options);
        _json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="header">The header without its length; not empty.</param>
    /// <param name="network">The network the file must fit.</param>
    /// <param name="options">What to accept.</param>
    /// <returns>The tensors in the order of the file: each begins where the one before ends. And what is loaded of them.</returns>
    /// <exception cref="ModelFormatException">The header is malformed or does not fit the network.</exception>
    public static (TensorEntry[] Tensors, LoadReport Report) Parse(ReadOnlySpan<byte> header, NetworkInfo network, LoadOptions options)
    {
        if (header[0] != (byte)'{')
        {
            throw new ModelFormatException(
                $"The header begins with byte 0x{header[0]:x2} where '{{' was expected: this is not a safetensors file.",
                offset: PrefixLength);
        }

        if (!Utf8.IsValid(header))
            throw new ModelFormatException("The header is not valid UTF-8: the file is damaged.", offset: PrefixLength);

        SafetensorsHeader parser = new(header, network, options);
        try
        {
            parser.ReadObject();
        }
        catch (JsonException exception)
        {
            long position = PrefixLength + parser._json.BytesConsumed;
            throw new ModelFormatException(
                $"The header is not valid JSON at byte {position}: {FileText.Clean(exception.Message)}", parser._tensorName, position);
        }

        return (parser._tensors.InFileOrder(), parser._tensors.Report());
    }

    private void ReadObject()
    {
        bool hasMetadata = false;
        Next(JsonTokenType.StartObject, "The header");
        while (NextProperty())
        {
            if (_json.ValueTextEquals(MetadataKey))
            {
                if (hasMetadata)
                    throw Error($"\"{MetadataKey}\" occurs twice.");
                hasMetadata = true;
                ReadMetadata();
            }
            else
            {
                ReadTensor();
            }
        }

        // Anything but white space after the object is invalid JSON.
        Read();
    }

    private void ReadMetadata()
    {
        HashSet<string> keys = new(StringComparer.Ordinal);
        Next(JsonTokenType.StartObject, MetadataKey);
        while (NextProperty())
        {
            if (_json.ValueSpan.Length > MaxMetadataKeyBytes)
                throw Error($"A key of {MetadataKey} has {_json.ValueSpan.Length} bytes; at most {MaxMetadataKeyBytes} are allowed.");
            if (keys.Count == MaxMetadataEntries)
                throw Error($"{MetadataKey} has more than {MaxMetadataEntries} entries.");

            string key = _json.GetString()!;
            if (!keys.Add(key))
                throw Error($"Key {Quote()} occurs twice in {MetadataKey}.");

            Next(JsonTokenType.String, $"Every value of {MetadataKey}");
            if (key == ArchitectureKey)
                CheckArchitecture();
            else if (key == VersionKey && !_json.ValueTextEquals(Version))
                throw Error($"The file has version {Quote()} of NetGen's format; this NetGen reads version {Version}. Update the package.");
        }
    }

    private readonly void CheckArchitecture()
    {
        if (_options.IgnoreArchitecture || _options.Partial || _json.ValueTextEquals(_network.Architecture))
            return;

        throw Error(
            $"The file holds the weights of the architecture {Quote()}, but {_network.Name} is \"{_network.Architecture}\". "
            + $"Load it into the network it was saved from, or set {nameof(LoadOptions)}.{nameof(LoadOptions.IgnoreArchitecture)} "
            + "where the difference does not concern the weights.");
    }

    private void ReadTensor()
    {
        int index = FindParameter();
        ParameterInfo? parameter = index < 0 ? null : _network.Parameters[index];
        string name = parameter?.Name ?? UnknownName();
        _tensorName = name;

        ElementType? type = null;
        bool hasType = false, hasShape = false;
        LoadMismatch? mismatch = parameter is null ? new(name, LoadMismatchReason.NotInNetwork, $"{_network.Name} has no parameter of this name") : null;
        (long Begin, long End)? place = null;
        Next(JsonTokenType.StartObject, "The description");
        while (NextProperty())
        {
            if (!hasType && _json.ValueTextEquals("dtype"u8))
                (type, hasType) = (ReadType(parameter, ref mismatch), true);
            else if (!hasShape && _json.ValueTextEquals("shape"u8))
                hasShape = ReadShape(parameter, ref mismatch);
            else if (place is null && _json.ValueTextEquals("data_offsets"u8))
                place = ReadPlace();
            else
                throw Error($"Key {Quote()} is unknown or occurs twice; expected dtype, shape and data_offsets once each.");
        }

        if (!hasType || !hasShape || place is not (long begin, long end))
            throw Error("dtype, shape or data_offsets is missing.");

        if (mismatch is not null)
        {
            PassOver(index, mismatch, begin, end);
        }
        else
        {
            long expected = (long)parameter!.Count * type!.Value.Size();
            if (end - begin != expected)
            {
                throw Error(
                    $"data_offsets [{begin}, {end}] span {end - begin} bytes, but {parameter.Count} elements of type {type} take {expected}.");
            }

            _tensors.Add(index, new TensorEntry(name, parameter, type.Value, begin, end));
        }

        _tensorName = null;
    }

    private readonly void PassOver(int index, LoadMismatch mismatch, long begin, long end)
    {
        if (end > MaxDataBytes)
            throw Error($"data_offsets [{begin}, {end}] end beyond {MaxDataBytes} bytes.");
        // Only options make a file of any size acceptable.
        if (!_options.Partial && !_options.IgnoreUnknownTensors && end - begin > CounterBytes)
            throw Error($"data_offsets [{begin}, {end}] span {end - begin} bytes, but a counter of batches takes at most {CounterBytes}.");
        _tensors.PassOver(index, mismatch, begin, end);
    }

    // The parameter the parser has the name of, or -1.
    private readonly int FindParameter()
    {
        // Compared one by one, without making strings.
        ReadOnlySpan<ParameterInfo> parameters = _network.Parameters;
        for (int i = 0; i < parameters.Length; i++)
        {
            if (!_json.ValueTextEquals(parameters[i].Name))
                continue;
            if (_tensors.Has(i))
                throw Error("It occurs twice in the header.", parameters[i].Name);
            return i;
        }

        return -1;
    }

    // The name of a tensor that is passed over, fit for messages.
    private readonly string UnknownName()
    {
        string name = _json.GetString()!, shown = FileText.Clean(name);
        if (!_options.Partial && !_options.IgnoreUnknownTensors && !name.EndsWith(CounterSuffix, StringComparison.Ordinal))
        {
            ReadOnlySpan<ParameterInfo> parameters = _network.Parameters;
            string listed = string.Join(", ", parameters[..Math.Min(parameters.Length, MaxListedNames)].ToArray().Select(p => p.Name));
            throw Error(
                $"{_network.Name} has no such parameter. It has {parameters.Length}: {listed}{(parameters.Length > MaxListedNames ? ", ..." : "")}. "
                + $"Rename or remove the tensor where the file is written, or set {nameof(LoadOptions)}.{nameof(LoadOptions.IgnoreUnknownTensors)}.",
                shown);
        }

        return _tensors.AddUnknown(name) ? shown : throw Error("It occurs twice in the header.", shown);
    }

    private ElementType? ReadType(ParameterInfo? parameter, ref LoadMismatch? mismatch)
    {
        Next(JsonTokenType.String, "dtype");
        ElementType? type = ElementTypes.Parse(in _json);
        if (type is null && parameter is not null)
        {
            if (!_options.Partial)
                throw Error($"dtype {Quote()} cannot hold weights; F16, BF16, F32 and F64 can. Convert the tensor where the file is written.");
            mismatch ??= new(parameter.Name, LoadMismatchReason.OtherType, $"its elements in the file are {Quote()}, which cannot hold weights");
        }

        return type;
    }

    private bool ReadShape(ParameterInfo? parameter, ref LoadMismatch? mismatch)
    {
        Span<long> dimensions = stackalloc long[MaxRank];
        int rank = 0;
        Next(JsonTokenType.StartArray, "shape");
        while (Read() != JsonTokenType.EndArray)
        {
            if (rank == MaxRank)
                throw Error($"shape has more than {MaxRank} dimensions.");
            dimensions[rank++] = Integer("A dimension");
        }

        if (parameter is null)
            return true;
        ReadOnlySpan<int> expected = parameter.Shape;
        bool fits = rank == expected.Length, isTransposed = fits && rank == 2;
        for (int i = 0; fits && i < rank; i++)
            fits = dimensions[i] == expected[i];
        if (fits)
            return true;

        string shapes = $"[{string.Join(", ", dimensions[..rank].ToArray())}], but {_network.Name} expects [{string.Join(", ", expected.ToArray())}]";
        isTransposed = isTransposed && dimensions[0] == expected[1] && dimensions[1] == expected[0];
        if (!_options.Partial)
        {
            throw Error(
                $"The shape is {shapes}. "
                + (isTransposed
                    ? "The matrix is transposed: rows are outputs."
                    : $"The file belongs to a network of other sizes; {nameof(LoadOptions)}.{nameof(LoadOptions.Partial)} takes what fits."));
        }

        mismatch ??= new(parameter.Name, LoadMismatchReason.OtherShape, $"its shape in the file is {shapes}");
        return true;
    }

    private (long Begin, long End) ReadPlace()
    {
        Next(JsonTokenType.StartArray, "data_offsets");
        Next(JsonTokenType.Number, "The first of data_offsets");
        long begin = Integer("The first of data_offsets");
        Next(JsonTokenType.Number, "The second of data_offsets");
        long end = Integer("The second of data_offsets");
        Next(JsonTokenType.EndArray, "The end of data_offsets");
        if (end < begin)
            throw Error($"data_offsets [{begin}, {end}] end before they begin.");
        return (begin, end);
    }

    private void Next(JsonTokenType expected, string what)
    {
        if (Read() != expected)
            throw Error($"{what} is a JSON {_json.TokenType} where {expected} was expected.");
    }

    private bool NextProperty() => Read() != JsonTokenType.EndObject;

    /// <summary>
    /// Moves to the next token. Escapes can spell half a surrogate pair, which is no text: comparing with such a string
    /// throws, so every string is unescaped once before anything else looks at it.
    /// </summary>
    private JsonTokenType Read()
    {
        _json.Read();
        if (!_json.ValueIsEscaped)
            return _json.TokenType;

        try
        {
            _json.CopyString(new byte[_json.ValueSpan.Length]);
            return _json.TokenType;
        }
        catch (InvalidOperationException exception)
        {
            throw Error("A string contains half a surrogate pair.", inner: exception);
        }
    }

    /// <summary>Digits only: no sign, fraction or exponent, which parsers of different languages read differently.</summary>
    private readonly long Integer(string what)
    {
        if (_json.TokenType == JsonTokenType.Number
            && long.TryParse(_json.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            return value;
        }

        throw Error($"{what} is {Text()}, but must be a whole number from 0 to 2^63 - 1, written in digits.");
    }

    private readonly string Quote() => $"\"{Text()}\"";

    /// <summary>The token as the file has it, short and fit for a terminal.</summary>
    private readonly string Text()
    {
        ReadOnlySpan<byte> token = _json.ValueSpan;
        string text = FileText.Clean(Encoding.UTF8.GetString(token[..Math.Min(token.Length, MaxQuotedBytes)]));
        return token.Length > MaxQuotedBytes ? $"{text}..." : text;
    }

    private readonly ModelFormatException Error(string problem, string? tensorName = null, Exception? inner = null)
    {
        long position = PrefixLength + _json.TokenStartIndex;
        tensorName ??= _tensorName;
        string place = tensorName is null ? "" : $"Tensor \"{tensorName}\": ";
        return new ModelFormatException($"{place}{problem} (Byte {position} of the file.)", tensorName, position, inner);
    }
}
