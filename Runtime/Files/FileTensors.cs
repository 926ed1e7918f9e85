namespace NetGen;

/// <summary>Where the elements of a tensor lie in a file.</summary>
/// <param name="Name">Its name, fit for messages.</param>
/// <param name="Parameter">The parameter of the network it is loaded into; null where it is passed over.</param>
/// <param name="Type">The type of the elements in the file, where they are loaded.</param>
/// <param name="Begin">The position of the first byte, counted from the end of the header.</param>
/// <param name="End">The position after the last byte, counted from the end of the header.</param>
internal sealed record TensorEntry(string Name, ParameterInfo? Parameter, ElementType Type, long Begin, long End);

/// <summary>The tensors that the header of a file names: those a network takes, those that are passed over, and what the network misses.</summary>
internal sealed class FileTensors(NetworkInfo network, LoadOptions options)
{
    private readonly TensorEntry?[] _taken = new TensorEntry?[network.Parameters.Length];
    private readonly LoadMismatch?[] _missing = new LoadMismatch?[network.Parameters.Length];
    private readonly List<(TensorEntry Place, LoadMismatch Mismatch)> _unused = [];
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);

    /// <summary>Whether the file has named a parameter before.</summary>
    public bool Has(int index) => _taken[index] is not null || _missing[index] is not null;

    /// <summary>Notes a tensor that a parameter takes.</summary>
    public void Add(int index, TensorEntry tensor) => _taken[index] = tensor;

    /// <summary>Notes the name of a tensor that no parameter has; false if it occurred before.</summary>
    public bool AddUnknown(string name) => _unknown.Add(name);

    /// <summary>Notes a tensor that is passed over.</summary>
    /// <param name="index">The parameter of its name, or -1.</param>
    /// <param name="mismatch">Why.</param>
    /// <param name="begin">The position of its first byte.</param>
    /// <param name="end">The position after its last byte.</param>
    public void PassOver(int index, LoadMismatch mismatch, long begin, long end)
    {
        _unused.Add((new(mismatch.Name, null, default, begin, end), mismatch));
        if (index >= 0)
            _missing[index] = mismatch;
    }

    /// <summary>All tensors in the order of the file. Every byte of the data belongs to exactly one of them, so that nothing can hide.</summary>
    /// <exception cref="ModelFormatException">Tensors overlap or leave gaps, or one is missing.</exception>
    public TensorEntry[] InFileOrder()
    {
        for (int i = 0; i < _taken.Length; i++)
        {
            if (Has(i))
                continue;
            string name = network.Parameters[i].Name;
            if (!options.Partial)
                throw new ModelFormatException($"Tensor \"{name}\": it is missing in the file, but {network.Name} needs it.", name);
            _missing[i] = new(name, LoadMismatchReason.NotInFile, "the file has no tensor of this name");
        }

        TensorEntry[] tensors =
        [
            .. _taken.OfType<TensorEntry>().Concat(_unused.Select(tensor => tensor.Place)).OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End),
        ];
        long position = 0;
        foreach (TensorEntry tensor in tensors)
        {
            if (tensor.Begin != position)
            {
                string problem = tensor.Begin > position
                    ? $"{tensor.Begin - position} bytes before it belong to no tensor"
                    : "it overlaps the tensor before it";
                throw new ModelFormatException(
                    $"Tensor \"{tensor.Name}\": it begins at byte {tensor.Begin} of the data where {position} was expected: {problem}.", tensor.Name);
            }

            position = tensor.End;
        }

        return tensors;
    }

    /// <summary>What is loaded and what is not.</summary>
    /// <exception cref="ModelFormatException">Nothing fits.</exception>
    public LoadReport Report()
    {
        LoadReport report = new(
            [.. _taken.OfType<TensorEntry>().Select(tensor => tensor.Name)],
            [.. _unused.OrderBy(tensor => tensor.Place.Begin).Select(tensor => tensor.Mismatch)],
            [.. _missing.OfType<LoadMismatch>()]);
        // Names of another convention, usually; a network that stays as it was would look as if it had been loaded.
        return report.Loaded.Count > 0 || report.IsComplete
            ? report
            : throw new ModelFormatException(
                $"Nothing in the file fits {network.Name} by name and shape: the first parameter, {report.Missing[0]}"
                + (report.Unused.Count > 0 ? $"; the first tensor of the file is \"{report.Unused[0].Name}\"." : "; the file has no tensors."));
    }
}
