using System.Globalization;
using NetGen.Generator.Graph;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Emitting;

/// <summary>
/// Writes the members of a network that is refused, all of which throw: without them, each use of the class would be an error of its own, and hide the one
/// that matters.
/// </summary>
internal sealed class RefusedEmitter : ClassEmitter
{
    // What a message may take of the line it stands on.
    private const int MaxReasonLength = 600;

    private readonly string _throw;

    private RefusedEmitter(NetworkSpec spec, string reason)
        : base(SurfaceOf(spec, reason)) => _throw = Throw(reason);

    /// <summary>The class of a network, which says why it is refused.</summary>
    public static string Emit(NetworkSpec spec, string reason)
    {
        RefusedEmitter emitter = new(spec, Printable($"Network '{spec.Type.Name}' is not generated. {reason}"));
        emitter.EmitClassFile();
        return emitter.Writer.ToString();
    }

    protected override void EmitConstructor() => Writer.Line($"{_throw};");

    protected override void EmitLoad(string className, string parameter) => Writer.Line($"{_throw};");

    protected override void EmitPredict(bool withLink) => Writer.Line($"{_throw};");

    protected override void EmitTrain() => Writer.Line($"{_throw};");

    private static string Throw(string reason) => $"throw new global::System.InvalidOperationException({SourceWriter.Quoted(reason)})";

    private static NetworkSurface SurfaceOf(NetworkSpec spec, string reason) => new(
        spec.Type, spec.Precision == Precision.Double ? "double" : "float", [reason], new(InputSize(spec), OutputSize(spec), 0, 0, 0, 0),
        Info: $"=> {Throw(reason)};", Parameters: $"=> {Throw(reason)};", [.. ViewsOf(spec, Throw(reason))])
    { Taken = spec.Taken };

    // 1 where nobody knows: a size of 0 would make errors of divisions.
    private static long InputSize(NetworkSpec spec) =>
        NetworkGraph.InputElements(spec) is >= 1 and <= NetworkGraph.LargestRow and var size ? (long)size : 1;

    private static long OutputSize(NetworkSpec spec) =>
        spec.Layers.LastOrDefault(layer => layer.Kind != OutputLayer.Kind)?.Find("Units") is { Number: >= 1 and <= NetworkGraph.LargestRow } units
            ? (long)units.Number
            : 1;

    private static IEnumerable<LayerView> ViewsOf(NetworkSpec spec, string value)
    {
        HashSet<string> taken = [.. spec.Taken, spec.Type.Name];
        LayerSpec[] layers = [.. spec.Layers.Take(NetworkGraph.MostLayers)];
        return layers.Zip(LayerNames.Of(layers), (layer, name) => (layer, name))
            .Where(named => LayerKinds.Find(named.layer.Kind)?.HasParameters == true && LayerNames.IsValid(named.name) && !LayerNames.IsGenerated(named.name)
                && !named.name.StartsWith("get_", StringComparison.Ordinal) && taken.Add(named.name))
            .Select(named => new LayerView(named.name, named.name, value));
    }

    // Names in messages may hold anything: line ends, halves of characters.
    private static string Printable(string reason) => string.Concat(reason.Take(MaxReasonLength).Select(character =>
        char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Surrogate or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse ? '?' : character));
}
