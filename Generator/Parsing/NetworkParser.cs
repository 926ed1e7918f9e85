using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetGen.Generator.Diagnostics;
using NetGen.Generator.Graph;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;

namespace NetGen.Generator.Parsing;

/// <summary>What one marked class parses to.</summary>
/// <param name="Spec">The network, or null where what was written cannot become one.</param>
/// <param name="Places">Where its attributes stand.</param>
/// <param name="Issues">What is wrong with the class, apart from its shapes.</param>
internal sealed record ParsedNetwork(NetworkSpec? Spec, SourcePlaces Places, EquatableArray<LocatedIssue> Issues);

/// <summary>Symbols in, <see cref="NetworkSpec"/> out: the only part that knows Roslyn's symbols.</summary>
internal sealed class NetworkParser
{
    public const string NetworkAttributeName = "NetGen.NetworkAttribute";

    private const string LayerAttributeName = "NetGen.LayerAttribute";
    private const string AttributeSuffix = "Attribute";

    // Blocks within blocks can be written out to any number.
    private const int MostInnerLayers = 10 * NetworkGraph.MostLayers;

    private readonly List<LocatedIssue> _issues = [];
    private readonly INamedTypeSymbol _type;
    private readonly TypeDeclarationSyntax _declaration;
    private readonly SemanticModel _model;
    private readonly AttributeData _network;
    private int _innerLayers;

    private NetworkParser(GeneratorAttributeSyntaxContext context)
    {
        _type = (INamedTypeSymbol)context.TargetSymbol;
        _declaration = (TypeDeclarationSyntax)context.TargetNode;
        _model = context.SemanticModel;
        _network = context.Attributes[0];
    }

    public static ParsedNetwork Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation) =>
        new NetworkParser(context).Parse(cancellation);

    private ParsedNetwork Parse(CancellationToken cancellation)
    {
        CheckClass();
        cancellation.ThrowIfCancellationRequested();

        AttributeData[] attributes = FindLayers();
        // The compiler refuses a private class outside any other; code added to one would not find it.
        bool isComplete = _type.ContainingType is not null || _type.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal;
        isComplete &= TryReadArguments(_network, out List<Argument> networkArguments);
        List<LayerSpec> layers = [];
        foreach (AttributeData attribute in attributes)
        {
            cancellation.ThrowIfCancellationRequested();
            isComplete &= TryReadArguments(attribute, out List<Argument> arguments);
            layers.Add(ReadLayer(attribute, arguments, layers.Count, ImmutableStack<INamedTypeSymbol>.Empty));
        }

        layers = [.. LayerExpansion.Expand(layers)];
        CheckMembers(layers);
        SourcePlaces places = new(
            _declaration.SyntaxTree, _declaration.Identifier.Span, PlaceOf(_network), new(attributes.Select(PlaceOf)));
        NetworkSpec? spec = isComplete && !_issues.Any(issue => issue.Rule.DefaultSeverity == DiagnosticSeverity.Error)
            ? new(
                DescribeType(), InputShape(networkArguments), (Loss)Number(networkArguments, nameof(Loss)),
                networkArguments.FirstOrDefault(argument => argument.Name == "CustomLoss" && (argument.Text ?? argument.Problem) is not null),
                (Precision)Number(networkArguments, nameof(Precision)), new(layers),
                _model.Compilation.Options is CSharpCompilationOptions { AllowUnsafe: true },
                _model.Compilation.Options.OptimizationLevel == OptimizationLevel.Release)
            : null;
        return new(spec, places, new(_issues));
    }

    private static double Number(List<Argument> arguments, string name) =>
        arguments.FirstOrDefault(argument => argument.Name == name)?.Number ?? 0;

    private static EquatableArray<int> InputShape(List<Argument> arguments) =>
        new(arguments.FirstOrDefault(argument => argument.Name == "InputShape")?.Items.Select(item => (int)item.Number) ?? []);

    private void Report(DiagnosticDescriptor rule, TextSpanSource place, params string[] details) =>
        _issues.Add(new(rule, place.Tree, place.Span, new(details)));

    // ---- the class ----

    private void CheckClass()
    {
        string name = _type.Name;
        SyntaxToken identifier = _declaration.Identifier;
        if (!IsPartial(_declaration))
            Report(Rules.NotPartial, identifier, name);

        for (TypeDeclarationSyntax? outer = _declaration.Parent as TypeDeclarationSyntax; outer is not null; outer = outer.Parent as TypeDeclarationSyntax)
        {
            if (!IsPartial(outer))
                Report(Rules.ContainingTypeNotPartial, outer.Identifier, outer.Identifier.ValueText, name);
            if (outer.TypeParameterList is not null)
                Report(Rules.UnsupportedClass, identifier, name, "inside a generic type");
        }

        string? kind = _declaration switch
        {
            RecordDeclarationSyntax => "a record",
            not ClassDeclarationSyntax => "other than a class",
            { TypeParameterList: not null } => "generic",
            { ParameterList: not null } => "a class with a primary constructor",
            _ when _type.IsStatic => "static",
            _ when _type.IsAbstract => "abstract",
            _ when IsFileLocal() => "local to a file, or inside a type that is",
            _ => null,
        };
        if (kind is not null)
            Report(Rules.UnsupportedClass, identifier, name, kind);

        if (LayerNames.IsGenerated(name))
            Report(Rules.MemberClash, identifier, name, name, "rename the class");

        if (_declaration.SyntaxTree.Options is CSharpParseOptions { LanguageVersion: < LanguageVersion.CSharp11 } options)
            Report(Rules.LanguageVersion, identifier, name, options.LanguageVersion.ToDisplayString());

        // A base class that is a network of the same project has its constructors generated.
        if (_type.BaseType is { SpecialType: not SpecialType.System_Object } parent
            && !parent.GetAttributes().Any(attribute => attribute.AttributeClass?.ToDisplayString() == NetworkAttributeName)
            && !parent.InstanceConstructors.Any(constructor =>
                constructor.Parameters.All(parameter => parameter.IsOptional || parameter.IsParams)
                && constructor.GetAttributes().All(attribute => attribute.AttributeClass?.Name != "SetsRequiredMembersAttribute")
                && _model.Compilation.IsSymbolAccessibleWithin(constructor, _type)))
        {
            Report(Rules.UnsupportedBaseClass, identifier, parent.Name, name);
        }
    }

    private bool IsFileLocal()
    {
        for (INamedTypeSymbol? type = _type; type is not null; type = type.ContainingType)
        {
            if (type.IsFileLocal)
                return true;
        }

        return false;
    }

    private static bool IsPartial(TypeDeclarationSyntax declaration) => declaration.Modifiers.Any(SyntaxKind.PartialKeyword);

    private void CheckMembers(List<LayerSpec> layers)
    {
        HashSet<string> views = [.. layers.Zip(LayerNames.Of(layers), (layer, name) => (layer, name))
            .Where(named => LayerKinds.Find(named.layer.Kind)?.HasParameters == true)
            .SelectMany(named => (string[])[named.name, "get_" + named.name])];
        foreach (ISymbol member in _type.GetMembers())
        {
            if (member is IMethodSymbol { AssociatedSymbol: not null } || member.IsImplicitlyDeclared || member.DeclaringSyntaxReferences.FirstOrDefault() is not { } reference)
                continue;
            // The metadata name too: an indexer is called Item.
            bool isView = views.Contains(member.Name) || views.Contains(member.MetadataName);
            if (isView || LayerNames.IsGenerated(member.Name))
            {
                string remedy = isView ? "rename it, or give the layer another Name" : "rename it";
                Report(Rules.MemberClash, NameOf(reference.GetSyntax(), reference), _type.Name, member.Name, remedy);
            }
            else if (member is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor)
            {
                CheckConstructor(constructor, reference);
            }
        }
    }

    private void CheckConstructor(IMethodSymbol constructor, SyntaxReference reference)
    {
        if (reference.GetSyntax() is not ConstructorDeclarationSyntax syntax)
            return;
        TextSpanSource place = new(reference.SyntaxTree, syntax.Identifier.Span);
        if (constructor.Parameters.Length == 1 && constructor.Parameters[0].Type.SpecialType == SpecialType.System_Int32)
            Report(Rules.MemberClash, place, _type.Name, $"{_type.Name}(int)", "remove it: the generated constructor takes a seed");
        else if (syntax.Initializer is not { ThisOrBaseKeyword.RawKind: (int)SyntaxKind.ThisKeyword, ArgumentList.Arguments.Count: > 0 })
            Report(Rules.UnsupportedConstructor, place, $"Constructor '{constructor.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}'", _type.Name);
    }

    private static TextSpanSource NameOf(SyntaxNode node, SyntaxReference reference) => new(reference.SyntaxTree, node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Span,
        PropertyDeclarationSyntax property => property.Identifier.Span,
        IndexerDeclarationSyntax indexer => indexer.ThisKeyword.Span,
        EventDeclarationSyntax @event => @event.Identifier.Span,
        BaseTypeDeclarationSyntax type => type.Identifier.Span,
        DelegateDeclarationSyntax @delegate => @delegate.Identifier.Span,
        VariableDeclaratorSyntax variable => variable.Identifier.Span,
        _ => node.Span,
    });

    private TypeSpec DescribeType()
    {
        List<string> containing = [];
        for (INamedTypeSymbol? type = _type.ContainingType; type is not null; type = type.ContainingType)
        {
            string keyword = type switch
            {
                { IsRecord: true, TypeKind: TypeKind.Struct } => "record struct",
                { IsRecord: true } => "record",
                { TypeKind: TypeKind.Struct } => "struct",
                { TypeKind: TypeKind.Interface } => "interface",
                _ => "class",
            };
            containing.Insert(0, $"partial {keyword} {Identifiers.Escape(type.Name)}");
        }

        INamespaceSymbol space = _type.ContainingNamespace;
        string metadataName = _type.MetadataName;
        for (INamedTypeSymbol? type = _type.ContainingType; type is not null; type = type.ContainingType)
            metadataName = $"{type.MetadataName}+{metadataName}";
        return new(
            space.IsGlobalNamespace ? "" : string.Join(".", space.ToDisplayString().Split('.')),
            new(containing), _type.Name,
            space.IsGlobalNamespace ? metadataName : $"{space.ToDisplayString()}.{metadataName}");
    }

    // ---- the attributes ----

    private AttributeData[] FindLayers()
    {
        AttributeData[] attributes =
        [
            .. LayersOf(_type).Where(attribute => attribute.ApplicationSyntaxReference is not null),
        ];
        int declarations = attributes.Append(_network).Select(DeclarationOf).Distinct().Count();
        if (declarations > 1)
            Report(Rules.LayersOverSeveralDeclarations, _declaration.Identifier, _type.Name, Text(declarations));
        // Those of another declaration have been reported; a place in another file has no meaning here.
        return [.. attributes.Where(attribute => DeclarationOf(attribute) == _declaration)];
    }

    private static TypeDeclarationSyntax? DeclarationOf(AttributeData attribute) =>
        attribute.ApplicationSyntaxReference?.GetSyntax().FirstAncestorOrSelf<TypeDeclarationSyntax>();

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

    // False where the compiler itself reports an error in the attribute: then nothing is generated and nothing more is said.
    private bool TryReadArguments(AttributeData attribute, out List<Argument> arguments)
    {
        arguments = [];
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

    private Argument Item(string name, TypedConstant constant) => constant.Value switch
    {
        INamedTypeSymbol type => new UserTypes(_model.Compilation, _type).Describe(name, type),
        ITypeSymbol type => new Argument(name, 0, null) with { Problem = $"'{type.ToDisplayString()}' is no class" },
        null when constant.Kind == TypedConstantKind.Type && name != "CustomLoss" => new Argument(name, 0, null) with { Problem = "null is no class" },
        null => new(name, 0, null),
        string text => new(name, 0, text),
        bool flag => new(name, flag ? 1 : 0, null),
        IConvertible number => new(name, number.ToDouble(CultureInfo.InvariantCulture), null),
        _ => new(name, double.NaN, null),
    };

    // Layers of a block come along, and of the blocks in it; one that contains itself does not end.
    private LayerSpec ReadLayer(AttributeData attribute, List<Argument> arguments, int origin, ImmutableStack<INamedTypeSymbol> outer)
    {
        LayerSpec layer = new(KindOf(attribute), new(arguments), origin);
        if (layer.Kind != LayerExpansion.Block || layer.Find("Type") is not { Problem: null } argument
            || attribute.ConstructorArguments.FirstOrDefault().Value is not INamedTypeSymbol block)
        {
            return layer;
        }

        List<LayerSpec> inner = [];
        string? problem = outer.Contains(block, SymbolEqualityComparer.Default) ? $"'{block.Name}' contains itself"
            : LayersOf(block).Select(DeclarationOf).Distinct().Count() > 1 ? $"those of '{block.Name}' stand on several declarations, which leaves their order undefined"
            : null;
        foreach (AttributeData found in problem is null ? LayersOf(block) : [])
        {
            if (++_innerLayers > MostInnerLayers)
            {
                problem ??= $"with the blocks in them there are more than {Text(MostInnerLayers)}";
                break;
            }

            if (!TryReadArguments(found, out List<Argument> given))
                problem ??= $"an attribute of '{block.Name}' has an error";
            LayerSpec innerLayer = ReadLayer(found, given, origin, outer.Push(block));
            if (innerLayer.Kind is InputLayer.Kind or OutputLayer.Kind)
                problem ??= $"'{block.Name}' declares inputs or outputs, which only networks have";
            else if (innerLayer.Find("Type")?.Problem is { } within)
                problem ??= within;
            inner.Add(innerLayer);
            if (inner.Count > NetworkGraph.MostLayers)
                break;
        }

        if (problem is null && inner.Count == 0)
            problem = $"'{block.Name}' has no layers";
        return problem is null
            ? layer with { Inner = new(inner) }
            : layer with { Arguments = new(arguments.Select(other => other == argument ? argument with { Problem = problem } : other)) };
    }

    private static IEnumerable<AttributeData> LayersOf(INamedTypeSymbol type) => type.GetAttributes()
        .Where(attribute => attribute.AttributeClass is { } kind && IsLayer(kind))
        .OrderBy(attribute => attribute.ApplicationSyntaxReference?.Span.Start ?? 0);

    private static AttributePlace PlaceOf(AttributeData attribute)
    {
        AttributeSyntax? syntax = attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax;
        List<ArgumentPlace> places = [];
        int position = 0;
        foreach (AttributeArgumentSyntax argument in syntax?.ArgumentList?.Arguments ?? default)
        {
            if (argument.NameEquals is { } property)
            {
                places.Add(new(property.Name.Identifier.ValueText, argument.Span));
            }
            else if (ParameterOf(attribute, argument, position++) is { } parameter)
            {
                string name = char.ToUpperInvariant(parameter.Name[0]) + parameter.Name.Substring(1);
                if (parameter.IsParams)
                    places.AddRange(ElementsOf(argument).Select((element, index) => new ArgumentPlace(name + Text(position - 1 + index), element.Span)));
                else
                    places.Add(new(name, argument.Span));
            }
        }

        return new(syntax?.Span ?? default, new(places));
    }

    private static IParameterSymbol? ParameterOf(AttributeData attribute, AttributeArgumentSyntax argument, int position) =>
        attribute.AttributeConstructor is not { Parameters: { Length: > 0 } parameters } ? null
        : argument.NameColon is { } named ? parameters.FirstOrDefault(parameter => parameter.Name == named.Name.Identifier.ValueText)
        : parameters[Math.Min(position, parameters.Length - 1)];

    // The elements of an array written out, or the one element the argument is.
    private static IEnumerable<SyntaxNode> ElementsOf(AttributeArgumentSyntax argument) => argument.Expression switch
    {
        ArrayCreationExpressionSyntax { Initializer: { } elements } => elements.Expressions,
        ImplicitArrayCreationExpressionSyntax { Initializer: { } elements } => elements.Expressions,
        CollectionExpressionSyntax { Elements: { } elements } => elements,
        _ => [argument],
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A place in the source.</summary>
    private readonly record struct TextSpanSource(SyntaxTree Tree, Microsoft.CodeAnalysis.Text.TextSpan Span)
    {
        public static implicit operator TextSpanSource(SyntaxToken token) => new(token.SyntaxTree!, token.Span);
    }
}
