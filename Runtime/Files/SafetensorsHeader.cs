using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace NetGen;

/// <summary>Where the elements of a parameter lie in a file.</summary>
/// <param name="Parameter">The parameter of the network.</param>
/// <param name="Type">The type of the elements in the file.</param>
/// <param name="Begin">The position of the first byte, counted from the end of the header.</param>
/// <param name="End">The position after the last byte, counted from the end of the header.</param>
internal sealed record TensorEntry(ParameterInfo Parameter, ElementType Type, long Begin, long End);

/// <summary>
/// Reads the header of a safetensors file: a JSON object with name, type, shape and place of every tensor. The header must
/// describe exactly the parameters of the network; stricter than the reference reader, it also refuses duplicate and unknown
/// keys. No size or count in the file leads to an allocation or a multiplication: shapes and sizes are compared with those
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

    private readonly NetworkInfo _network;
    private readonly LoadOptions _options;
    private readonly TensorEntry?[] _tensors;
    private Utf8JsonReader _json;
    private string? _tensorName;

    private SafetensorsHeader(ReadOnlySpan<byte> header, NetworkInfo network, LoadOptions options)
    {
        _network = network;
        _options = options;
        _tensors = new TensorEntry?[network.Parameters.Length];
        _json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="header">The header without its length; not empty.</param>
    /// <param name="network">The network the file must fit.</param>
    /// <param name="options">What to accept.</param>
    /// <returns>The parameters of the network in the order of the file: each begins where the one before ends.</returns>
    /// <exception cref="ModelFormatException">The header is malformed or does not fit the network.</exception>
    public static TensorEntry[] Parse(ReadOnlySpan<byte> header, NetworkInfo network, LoadOptions options)
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
                $"The header is not valid JSON at byte {position}: {exception.Message}", parser._tensorName, position, exception);
        }

        return parser.InFileOrder();
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
        if (_options.IgnoreArchitecture || _json.ValueTextEquals(_network.Architecture))
            return;

        throw Error(
            $"The file holds the weights of the architecture {Quote()}, but {_network.Name} is \"{_network.Architecture}\". "
            + $"Load it into the network it was saved from, or set {nameof(LoadOptions)}.{nameof(LoadOptions.IgnoreArchitecture)} "
            + "where the difference does not concern the weights.");
    }

    private void ReadTensor()
    {
        int index = FindParameter();
        ParameterInfo parameter = _network.Parameters[index];
        _tensorName = parameter.Name;

        ElementType? type = null;
        bool hasShape = false;
        (long Begin, long End)? place = null;
        Next(JsonTokenType.StartObject, "The description");
        while (NextProperty())
        {
            if (type is null && _json.ValueTextEquals("dtype"u8))
                type = ReadType();
            else if (!hasShape && _json.ValueTextEquals("shape"u8))
                hasShape = ReadShape(parameter);
            else if (place is null && _json.ValueTextEquals("data_offsets"u8))
                place = ReadPlace();
            else
                throw Error($"Key {Quote()} is unknown or occurs twice; expected dtype, shape and data_offsets once each.");
        }

        if (type is not { } elementType || !hasShape || place is not (long begin, long end))
            throw Error("dtype, shape or data_offsets is missing.");

        long expected = (long)parameter.Count * elementType.Size();
        if (end - begin != expected)
        {
            throw Error(
                $"data_offsets [{begin}, {end}] span {end - begin} bytes, but {parameter.Count} elements of type {elementType} take {expected}.");
        }

        _tensors[index] = new TensorEntry(parameter, elementType, begin, end);
        _tensorName = null;
    }

    private readonly int FindParameter()
    {
        // Compared one by one, without making strings: the number of comparisons depends on the network, not on the file,
        // as each name is accepted once and the first unknown name ends the search.
        ReadOnlySpan<ParameterInfo> parameters = _network.Parameters;
        for (int i = 0; i < parameters.Length; i++)
        {
            if (!_json.ValueTextEquals(parameters[i].Name))
                continue;
            if (_tensors[i] is not null)
                throw Error("It occurs twice in the header.", parameters[i].Name);
            return i;
        }

        string listed = string.Join(", ", parameters[..Math.Min(parameters.Length, MaxListedNames)].ToArray().Select(p => p.Name));
        throw Error(
            $"{_network.Name} has no such parameter. It has {parameters.Length}: {listed}{(parameters.Length > MaxListedNames ? ", ..." : "")}. "
            + "Rename or remove the tensor where the file is written.",
            Text());
    }

    private ElementType ReadType()
    {
        Next(JsonTokenType.String, "dtype");
        return ElementTypes.Parse(in _json)
            ?? throw Error($"dtype {Quote()} cannot hold weights; F16, BF16, F32 and F64 can. Convert the tensor where the file is written.");
    }

    private bool ReadShape(ParameterInfo parameter)
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

        ReadOnlySpan<int> expected = parameter.Shape;
        bool fits = rank == expected.Length, isTransposed = fits && rank == 2;
        for (int i = 0; fits && i < rank; i++)
            fits = dimensions[i] == expected[i];
        if (fits)
            return true;

        isTransposed = isTransposed && dimensions[0] == expected[1] && dimensions[1] == expected[0];
        throw Error(
            $"The shape is [{string.Join(", ", dimensions[..rank].ToArray())}], but {_network.Name} expects [{string.Join(", ", expected.ToArray())}]. "
            + (isTransposed ? "The matrix is transposed: rows are outputs." : "The file belongs to a network of other sizes."));
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

    /// <summary>Every byte of the data belongs to exactly one tensor, so that nothing can hide in a file.</summary>
    private readonly TensorEntry[] InFileOrder()
    {
        for (int i = 0; i < _tensors.Length; i++)
        {
            if (_tensors[i] is null)
            {
                throw new ModelFormatException(
                    $"Tensor \"{_network.Parameters[i].Name}\": it is missing in the file, but {_network.Name} needs it.",
                    _network.Parameters[i].Name);
            }
        }

        TensorEntry[] tensors = [.. _tensors.OrderBy(tensor => tensor!.Begin)!];
        long position = 0;
        foreach (TensorEntry tensor in tensors)
        {
            if (tensor.Begin != position)
            {
                string problem = tensor.Begin > position
                    ? $"{tensor.Begin - position} bytes before it belong to no tensor"
                    : "it overlaps the tensor before it";
                throw new ModelFormatException(
                    $"Tensor \"{tensor.Parameter.Name}\": it begins at byte {tensor.Begin} of the data where {position} was expected: {problem}.",
                    tensor.Parameter.Name);
            }

            position = tensor.End;
        }

        return tensors;
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

    /// <summary>The token as it stands in the file, short and without control characters: it may end up on a terminal.</summary>
    private readonly string Text()
    {
        ReadOnlySpan<byte> token = _json.ValueSpan;
        string text = Encoding.UTF8.GetString(token[..Math.Min(token.Length, MaxQuotedBytes)]);
        return string.Concat(text.Select(character => char.IsControl(character) ? '?' : character))
            + (token.Length > MaxQuotedBytes ? "..." : "");
    }

    private readonly ModelFormatException Error(string problem, string? tensorName = null, Exception? inner = null)
    {
        long position = PrefixLength + _json.TokenStartIndex;
        tensorName ??= _tensorName;
        string place = tensorName is null ? "" : $"Tensor \"{tensorName}\": ";
        return new ModelFormatException($"{place}{problem} (Byte {position} of the file.)", tensorName, position, inner);
    }
}
