using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>Writes out layers that stand for several: blocks, and separable convolutions. What follows knows simple layers only.</summary>
internal static class LayerExpansion
{
    public const string Block = "Block";
    public const string Separable = "SeparableConv2D";

    /// <summary>The layers in order, each with its name. A few more than a network may have end it.</summary>
    public static IReadOnlyList<LayerSpec> Expand(IReadOnlyList<LayerSpec> layers)
    {
        if (!layers.Any(layer => layer.Kind is Block or Separable))
            return layers;
        List<LayerSpec> expanded = [];
        Expand(layers, name => name, NetworkGraph.InputName, expanded);
        return expanded;
    }

    /// <summary>How many layers there would be, however many.</summary>
    public static double Count(IReadOnlyList<LayerSpec> layers) => layers.Sum(layer => layer.Kind switch
    {
        Block when layer.Inner.Count > 0 => Math.Max(1, layer.Find("Repeat")?.Number ?? 1) * Count(layer.Inner),
        Separable => 2,
        _ => 1,
    });

    /// <summary>A layer without repetitions.</summary>
    public static LayerSpec Once(LayerSpec layer) => layer with
    {
        Arguments = new(layer.Arguments.Where(argument => argument.Name != "Repeat")),
        Inner = new(layer.Inner.Select(Once)),
    };

    // What the name of each layer stands for is the output of the last of those in its place.
    private static void Expand(IReadOnlyList<LayerSpec> layers, Func<string, string> rename, string source, List<LayerSpec> expanded)
    {
        IReadOnlyList<string> names = LayerNames.Of(layers);
        Dictionary<string, string> ends = new(StringComparer.Ordinal) { [NetworkGraph.InputName] = source };
        string above = source;
        // Layers within a block that take its input do so by name, as there may be others above.
        bool isInner = source != NetworkGraph.InputName || expanded.Count > 0;
        for (int i = 0; i < layers.Count && expanded.Count <= NetworkGraph.MostLayers; i++)
        {
            LayerSpec layer = layers[i];
            string name = rename(names[i]);
            IReadOnlyList<string>? from = layer.From is { } given
                ? [.. given.Select(of => ends.TryGetValue(of, out string? end) ? end : rename(of))]
                : isInner && i == 0 ? [source] : null;
            switch (layer.Kind)
            {
                case Block when layer.Inner.Count > 0 && layer.Find("Repeat") is not { Number: < 1 } && from is null or { Count: 1 }:
                    int repeat = (int)(layer.Find("Repeat")?.Number ?? 1);
                    string input = from?[0] ?? above;
                    for (int round = 1; round <= repeat && expanded.Count <= NetworkGraph.MostLayers; round++)
                    {
                        string prefix = round == 1 ? name : $"{name}Repeat{NetworkGraph.Text(round)}";
                        int before = expanded.Count;
                        Expand([.. layer.Inner.Select(inner => inner with { Origin = layer.Origin, IsOfBlock = true })], inner => prefix + inner, input, expanded);
                        input = expanded.Count > before ? expanded[expanded.Count - 1].Name! : input;
                    }

                    above = input;
                    break;
                case Separable:
                    string[] ofPointwise = ["Filters", "Activation", "Alpha", "Bias", "BiasInitializer", "BiasScale"];
                    expanded.Add(layer with
                    {
                        Kind = DepthwiseLayer.Kind,
                        Arguments = Arguments(layer.Arguments.Where(argument => !ofPointwise.Contains(argument.Name)), name + "Depthwise", from),
                    });
                    string[] ofDepthwise = ["Kernel", "Stride", "Padding", "Dilation"];
                    expanded.Add(layer with
                    {
                        Kind = "Conv2D",
                        Arguments = Arguments(layer.Arguments.Where(argument => !ofDepthwise.Contains(argument.Name)).Append(new("Kernel", 1, null)), name, null),
                    });
                    above = name;
                    break;
                default:
                    expanded.Add(layer with { Arguments = Arguments(layer.Arguments.Select(Renamed), name, from) });
                    above = name;
                    break;
            }

            ends[names[i]] = above;

            // What a shared layer shares is named too.
            Argument Renamed(Argument argument)
            {
                if (layer.Kind != SharedLayer.Kind || argument is not { Name: "Layer", Text: { } text })
                    return argument;
                bool isCompound = layers.Take(i).Where((_, index) => names[index] == text).Any(other => other.Kind is Block or Separable);
                return argument with { Text = rename(text), Problem = isCompound ? "it stands for several layers; share each by its own name" : null };
            }
        }
    }

    private static EquatableArray<Argument> Arguments(IEnumerable<Argument> arguments, string name, IReadOnlyList<string>? from)
    {
        List<Argument> all = [.. arguments.Where(argument => argument.Name is not ("Name" or "From")), new("Name", 0, name)];
        if (from is not null)
            all.Add(new("From", from.Count, null, new(from.Select(source => new Argument("From", 0, source)))));
        return new(all);
    }
}
