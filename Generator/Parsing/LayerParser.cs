using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetGen.Generator.Diagnostics;
using NetGen.Generator.Graph;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Parsing;

/// <summary>Layer attributes in, <see cref="LayerSpec"/> out, with the layers of blocks.</summary>
internal sealed class LayerParser(Compilation compilation, INamedTypeSymbol network)
{
    private const string LayerAttributeName = "NetGen.LayerAttribute";
    private const string AttributeSuffix = "Attribute";

    // Blocks within blocks can be written out to any number, and nested deeper than the compiler's stack is.
    private const int MostInnerLayers = 10 * NetworkGraph.MostLayers;
    private const int DeepestBlock = 32;

    private readonly List<InnerPlace> _inner = [];

    /// <summary>Where the attributes of the blocks' classes are, by their numbers.</summary>
    public IReadOnlyList<InnerPlace> Inner => _inner;

    /// <summary>Whether the compiler itself reports an error in one of the attributes.</summary>
    public bool HasErrors { get; private set; }

    public static IEnumerable<AttributeData> LayersOf(INamedTypeSymbol type) => type.GetAttributes()
        .Where(attribute => attribute.AttributeClass is { } kind && IsLayer(kind))
        .OrderBy(attribute => attribute.ApplicationSyntaxReference?.Span.Start ?? 0);

    public static TypeDeclarationSyntax? DeclarationOf(AttributeData attribute) =>
        attribute.ApplicationSyntaxReference?.GetSyntax().FirstAncestorOrSelf<TypeDeclarationSyntax>();

    /// <summary>The layer of an attribute of the network's class.</summary>
    public LayerSpec Read(AttributeData attribute, int origin) =>
        ReadLayer(attribute, ReadArguments(attribute), origin, ImmutableStack<INamedTypeSymbol>.Empty, 0);

    /// <summary>The arguments of an attribute; some are missing where the compiler reports an error in it.</summary>
    public List<Argument> ReadArguments(AttributeData attribute)
    {
        List<Argument> arguments = [];
        if (!TryReadArguments(attribute, arguments))
            HasErrors = true;
        return arguments;
    }

    private bool TryReadArguments(AttributeData attribute, List<Argument> arguments)
    {
        if (attribute.AttributeConstructor is not { } constructor)
            return false;
        IEnumerable<(string Name, TypedConstant Value)> values = constructor.Parameters
            .Zip(attribute.ConstructorArguments, (parameter, value) => (parameter.Name, value))
            .Concat(attribute.NamedArguments.Select(named => (named.Key, named.Value)));
        foreach ((string name, TypedConstant value) in values)
        {
            string title = char.ToUpperInvariant(name[0]) + name.Substring(1);
            switch (value.Kind)
            {
                case TypedConstantKind.Error:
                case TypedConstantKind.Type when value.Value is ITypeSymbol type && IsError(type):
                    return false;
                case TypedConstantKind.Array when value.IsNull:
                    break;
                case TypedConstantKind.Array when value.Values.Any(item => item.Kind == TypedConstantKind.Error):
                    return false;
                case TypedConstantKind.Array:
                    arguments.Add(new(title, value.Values.Length, null, new(value.Values.Select(item => Item(title, item)))));
                    break;
                default:
                    arguments.Add(Item(title, value));
                    break;
            }
        }

        return true;
    }

    // A type that does not exist, or is made of one.
    private static bool IsError(ITypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Error } => true,
        IArrayTypeSymbol array => IsError(array.ElementType),
        INamedTypeSymbol { IsUnboundGenericType: false } named => named.TypeArguments.Any(IsError) || (named.ContainingType is { } outer && IsError(outer)),
        _ => false,
    };

    private Argument Item(string name, TypedConstant constant) => constant.Value switch
    {
        INamedTypeSymbol type => new UserTypes(compilation, network).Describe(name, type),
        ITypeSymbol type => new Argument(name, 0, null) with { Problem = $"'{type.ToDisplayString()}' is not a class" },
        null when constant.Kind == TypedConstantKind.Type && name != "CustomLoss" => new Argument(name, 0, null) with { Problem = "null is not a class" },
        null => new(name, 0, null),
        string text => new(name, 0, text),
        bool flag => new(name, flag ? 1 : 0, null),
        IConvertible number => new(name, number.ToDouble(CultureInfo.InvariantCulture), null),
        _ => new(name, double.NaN, null),
    };

    // Layers of a block come along, and of the blocks in it; one that contains itself does not end.
    private LayerSpec ReadLayer(AttributeData attribute, List<Argument> arguments, int origin, ImmutableStack<INamedTypeSymbol> outer, int depth)
    {
        LayerSpec layer = new(KindOf(attribute), new(arguments), origin);
        if (layer.Kind != LayerExpansion.Block || layer.Find("Type") is not { Problem: null } argument
            || attribute.ConstructorArguments.FirstOrDefault().Value is not INamedTypeSymbol block)
        {
            return layer;
        }

        List<LayerSpec> inner = [];
        int? culprit = null;
        string? problem = outer.Contains(block, SymbolEqualityComparer.Default)
            ? $"'{block.Name}' contains itself: remove [Layer.Block(typeof({block.Name}))] from its class, and set Repeat where it is used to apply it "
                + "several times"
            : depth == DeepestBlock ? $"blocks are nested more than {NetworkGraph.Text(DeepestBlock)} deep"
            : LayersOf(block).Select(DeclarationOf).Distinct().Count() > 1
                ? $"those of '{block.Name}' are spread over several declarations, which leaves their order undefined: put them on one"
            : null;
        foreach (AttributeData found in problem is null ? LayersOf(block) : [])
        {
            int place = _inner.Count;
            if (place >= MostInnerLayers)
            {
                problem ??= $"with the blocks in them there are more than {NetworkGraph.Text(MostInnerLayers)}";
                break;
            }

            _inner.Add(new(found.ApplicationSyntaxReference?.SyntaxTree, AttributePlaces.Of(found)));
            LayerSpec innerLayer = ReadLayer(found, ReadArguments(found), origin, outer.Push(block), depth + 1);
            innerLayer = innerLayer with { Place = innerLayer.Place ?? place };
            string? within = innerLayer.Kind is InputLayer.Kind or OutputLayer.Kind
                ? $"'{block.Name}' declares inputs or outputs, which only networks have"
                : innerLayer.Find("Type")?.Problem;
            if (within is not null && problem is null)
                (problem, culprit) = (within, innerLayer.Place);
            inner.Add(innerLayer);
            if (inner.Count > NetworkGraph.MostLayers)
                break;
        }

        if (problem is null && inner.Count == 0)
            problem = $"'{block.Name}' has no layers: write them above its declaration, as above a network";
        return problem is null
            ? layer with { Inner = new(inner) }
            : layer with { Arguments = new(arguments.Select(other => other == argument ? argument with { Problem = problem } : other)), Place = culprit };
    }

    private static bool IsLayer(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (parent.ToDisplayString() == LayerAttributeName)
                return true;
        }

        return false;
    }

    private static string KindOf(AttributeData attribute)
    {
        INamedTypeSymbol type = attribute.AttributeClass!;
        string name = type.Name.EndsWith(AttributeSuffix, StringComparison.Ordinal)
            ? type.Name.Substring(0, type.Name.Length - AttributeSuffix.Length)
            : type.Name;
        if (type.ContainingType?.ToDisplayString() == "NetGen.Layer")
            return name;
        // An attribute of the user's may have the name of a layer.
        string full = type.ToDisplayString();
        return LayerKinds.Find(full) is null && full is not LayerExpansion.Separable ? full : $"global::{full}";
    }
}
