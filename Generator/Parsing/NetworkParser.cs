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
/// <param name="MetadataName">The full metadata name of the class.</param>
internal sealed record ParsedNetwork(NetworkSpec? Spec, SourcePlaces Places, EquatableArray<LocatedIssue> Issues, string MetadataName);

/// <summary>Symbols in, <see cref="NetworkSpec"/> out: the only part that knows Roslyn's symbols.</summary>
internal sealed class NetworkParser
{
    public const string NetworkAttributeName = "NetGen.NetworkAttribute";

    private readonly List<LocatedIssue> _issues = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly INamedTypeSymbol _type;
    private readonly TypeDeclarationSyntax _declaration;
    private readonly SemanticModel _model;
    private readonly AttributeData? _network;
    private readonly LayerParser _layers;

    // Whether members can be added to the class, be it only those that throw.
    private bool _canComplete = true;

    private NetworkParser(SemanticModel model, INamedTypeSymbol type, TypeDeclarationSyntax declaration, AttributeData? network)
    {
        _type = type;
        _declaration = declaration;
        _model = model;
        _network = network;
        _layers = new(model.Compilation, type);
    }

    public static ParsedNetwork Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation) =>
        new NetworkParser(context.SemanticModel, (INamedTypeSymbol)context.TargetSymbol, (TypeDeclarationSyntax)context.TargetNode, context.Attributes[0])
            .Parse(cancellation);

    /// <summary>A class with layers that nobody made a network, or null where a class is something else.</summary>
    public static ParsedNetwork? ParseUnmarked(GeneratorSyntaxContext context, CancellationToken cancellation)
    {
        ClassDeclarationSyntax declaration = (ClassDeclarationSyntax)context.Node;
        if (context.SemanticModel.GetDeclaredSymbol(declaration, cancellation) is not { IsStatic: false, IsAbstract: false } type
            || type.GetAttributes().Any(IsNetwork)
            || LayerParser.LayersOf(type).FirstOrDefault() is not { } first || LayerParser.DeclarationOf(first) != declaration)
        {
            return null;
        }

        return new NetworkParser(context.SemanticModel, type, declaration, null).Parse(cancellation);
    }

    private ParsedNetwork Parse(CancellationToken cancellation)
    {
        CheckClass();
        cancellation.ThrowIfCancellationRequested();

        AttributeData[] attributes = FindLayers();
        // The compiler refuses a private class outside any other; code added to one would not find it.
        _canComplete &= _type.ContainingType is not null || _type.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal;
        // Where several declarations are marked, each comes here; the members can be added once.
        _canComplete &= _network is null || LayerParser.DeclarationOf(_type.GetAttributes().First(IsNetwork)) == _declaration;
        List<Argument> networkArguments = _network is null ? [] : _layers.ReadArguments(_network);
        List<LayerSpec> written = [];
        foreach (AttributeData attribute in attributes)
        {
            cancellation.ThrowIfCancellationRequested();
            written.Add(_layers.Read(attribute, written.Count));
        }

        // What is no attribute may have been meant as a layer.
        bool hasErrors = _layers.HasErrors || _type.GetAttributes().Any(attribute => attribute.AttributeClass is not { TypeKind: not TypeKind.Error });
        SourcePlaces places = new(
            _declaration.SyntaxTree, _declaration.Identifier.Span, _network is null ? new(_declaration.Identifier.Span, default) : AttributePlaces.Of(_network),
            new(attributes.Select(AttributePlaces.Of)), new(_layers.Inner));
        foreach ((AttributeData attribute, string name) in attributes.Zip(LayerNames.Of(written), (attribute, name) => (attribute, name)))
            CheckDivisions(attribute, name);
        if (_network is null)
            Report(Rules.NoNetwork, _declaration.Identifier, _type.Name);
        // Written out once, the layers of a network that has too many still have their names.
        bool isTooLong = _network is not null && !CheckCount(written, places);
        List<LayerSpec> layers = [.. LayerExpansion.Expand(isTooLong ? [.. written.Select(LayerExpansion.Once)] : written)];
        CheckMembers(layers);
        CheckNamesInAttributes(layers, places);
        LocatedIssue? error = _issues.Find(issue => issue.Rule.DefaultSeverity == DiagnosticSeverity.Error);
        NetworkSpec? spec = !_canComplete ? null : new(
            DescribeType(), InputShape(networkArguments), (Loss)Number(networkArguments, nameof(Loss)),
            networkArguments.FirstOrDefault(argument => argument.Name == "CustomLoss" && (argument.Text ?? argument.Problem) is not null),
            (Precision)Number(networkArguments, nameof(Precision)), new(layers),
            _model.Compilation.Options is CSharpCompilationOptions { AllowUnsafe: true },
            _model.Compilation.Options.OptimizationLevel == OptimizationLevel.Release)
        {
            Refusal = error?.Message ?? (hasErrors ? "The compiler reports an error in its attributes." : null),
            Taken = new(_taken.OrderBy(name => name, StringComparer.Ordinal)),
        };
        return new(spec, places, new(_issues), UnmarkedLayers.MetadataName(_type));
    }

    private static bool IsNetwork(AttributeData attribute) => attribute.AttributeClass?.ToDisplayString() == NetworkAttributeName;

    private static double Number(List<Argument> arguments, string name) =>
        arguments.FirstOrDefault(argument => argument.Name == name)?.Number ?? 0;

    private static EquatableArray<int> InputShape(List<Argument> arguments) =>
        new(arguments.FirstOrDefault(argument => argument.Name == "InputShape")?.Items.Select(item => (int)item.Number) ?? []);

    private void Report(DiagnosticDescriptor rule, TextSpanSource place, params string[] details) =>
        _issues.Add(new(rule, place.Tree, place.Span, new(details)));

    // What keeps members from being added to the class, too.
    private void Refuse(DiagnosticDescriptor rule, TextSpanSource place, params string[] details)
    {
        Report(rule, place, details);
        _canComplete = false;
    }

    // ---- the class ----

    private void CheckClass()
    {
        string name = _type.Name;
        SyntaxToken identifier = _declaration.Identifier;
        if (!IsPartial(_declaration))
            Refuse(Rules.NotPartial, identifier, name);

        for (TypeDeclarationSyntax? outer = _declaration.Parent as TypeDeclarationSyntax; outer is not null; outer = outer.Parent as TypeDeclarationSyntax)
        {
            if (!IsPartial(outer))
                Refuse(Rules.ContainingTypeNotPartial, outer.Identifier, outer.Identifier.ValueText, name);
            if (outer.TypeParameterList is not null)
                Refuse(Rules.UnsupportedClass, identifier, name, "inside a generic type");
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
            Refuse(Rules.UnsupportedClass, identifier, name, kind);

        if (LayerNames.IsGenerated(name))
            Refuse(Rules.MemberClash, identifier, name, name, "rename the class");

        if (_declaration.SyntaxTree.Options is CSharpParseOptions { LanguageVersion: < LanguageVersion.CSharp11 } options)
            Refuse(Rules.LanguageVersion, identifier, name, options.LanguageVersion.ToDisplayString());

        // A base class that is a network of the same project has its constructors generated.
        if (_type.BaseType is { SpecialType: not SpecialType.System_Object } parent
            && !parent.GetAttributes().Any(IsNetwork)
            && !parent.InstanceConstructors.Any(constructor =>
                constructor.Parameters.All(parameter => parameter.IsOptional || parameter.IsParams)
                && constructor.GetAttributes().All(attribute => attribute.AttributeClass?.Name != "SetsRequiredMembersAttribute")
                && _model.Compilation.IsSymbolAccessibleWithin(constructor, _type)))
        {
            Refuse(Rules.UnsupportedBaseClass, identifier, parent.Name, name);
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
                // An accessor's name takes that of its property.
                _taken.Add(member.Name.StartsWith("get_", StringComparison.Ordinal) ? member.Name.Substring(4) : member.Name);
                _taken.Add(member.MetadataName);
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
        {
            Report(Rules.MemberClash, place, _type.Name, $"{_type.Name}(int)", "remove it: the generated constructor takes a seed");
            _taken.Add("");
        }
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
        return new(
            space.IsGlobalNamespace ? "" : string.Join(".", space.ToDisplayString().Split('.')), new(containing), _type.Name,
            UnmarkedLayers.MetadataName(_type));
    }

    // ---- the attributes ----

    private AttributeData[] FindLayers()
    {
        AttributeData[] attributes = [.. LayerParser.LayersOf(_type).Where(attribute => attribute.ApplicationSyntaxReference is not null)];
        IEnumerable<AttributeData> all = _network is null ? attributes : attributes.Append(_network);
        int declarations = all.Select(LayerParser.DeclarationOf).Distinct().Count();
        if (declarations > 1)
            Report(Rules.LayersOverSeveralDeclarations, _declaration.Identifier, _type.Name, Text(declarations));
        // Those of another declaration have been reported; a place in another file has no meaning here.
        return [.. attributes.Where(attribute => LayerParser.DeclarationOf(attribute) == _declaration)];
    }

    // Repetitions are multiplied rather than written out: the number of layers that a network would have may be any.
    private bool CheckCount(List<LayerSpec> layers, SourcePlaces places)
    {
        double count = LayerExpansion.Count(layers);
        if (count <= NetworkGraph.MostLayers)
            return true;
        foreach ((LayerSpec layer, string name) in layers.Zip(LayerNames.Of(layers), (layer, name) => (layer, name)))
        {
            double repeat = layer.Find("Repeat")?.Number ?? 1, inner = LayerExpansion.Count(layer.Inner), others = count - repeat * inner;
            double fitting = inner == 0 ? 0 : Math.Floor((NetworkGraph.MostLayers - others) / inner);
            if (layer.Kind != LayerExpansion.Block || repeat <= 1 || fitting < 1)
                continue;
            Report(
                Rules.TooLarge, PlaceOf(places, layer, "Repeat"), $"Network '{_type.Name}'", NetworkGraph.Text(count), "layers",
                $"{Text(NetworkGraph.MostLayers)}: '{name}' repeats {Layers(inner)} {NetworkGraph.Text(repeat)} times, "
                + $"and Repeat = {NetworkGraph.Text(fitting)} is the most that fits");
            return false;
        }

        Report(
            Rules.TooLarge, new(places.Tree, places.Network.Span), $"Network '{_type.Name}'", NetworkGraph.Text(count), "layers",
            Text(NetworkGraph.MostLayers));
        return false;

        static string Layers(double count) => count == 1 ? "1 layer" : $"{NetworkGraph.Text(count)} layers";
    }

    // 1/5 is 0 before it becomes a number with a fraction.
    private void CheckDivisions(AttributeData attribute, string name)
    {
        // Looking for the syntax costs most.
        if (attribute.AttributeConstructor?.Parameters.Any(parameter => parameter.Type.SpecialType == SpecialType.System_Double) != true
            && !attribute.NamedArguments.Any(argument => argument.Value.Type?.SpecialType == SpecialType.System_Double))
        {
            return;
        }

        foreach (AttributeArgumentSyntax argument in (attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax)?.ArgumentList?.Arguments ?? default)
        {
            ExpressionSyntax expression = argument.Expression;
            while (expression is ParenthesizedExpressionSyntax { Expression: var inside })
                expression = inside;
            if (expression is not BinaryExpressionSyntax { RawKind: (int)SyntaxKind.DivideExpression } division
                || _model.GetTypeInfo(division) is not { Type: { } type, ConvertedType.SpecialType: SpecialType.System_Double or SpecialType.System_Single }
                || type.SpecialType is SpecialType.System_Double or SpecialType.System_Single or SpecialType.System_Decimal
                || _model.GetConstantValue(division) is not { HasValue: true, Value: IConvertible quotient }
                || _model.GetConstantValue(division.Left).Value is not IConvertible left
                || _model.GetConstantValue(division.Right).Value is not IConvertible right)
            {
                continue;
            }

            double whole = quotient.ToDouble(CultureInfo.InvariantCulture);
            if (whole * right.ToDouble(CultureInfo.InvariantCulture) == left.ToDouble(CultureInfo.InvariantCulture))
                continue;
            string dividend = division.Left is LiteralExpressionSyntax ? $"{division.Left}.0" : $"(double){division.Left}";
            Report(
                Rules.WholeDivision, new(argument.SyntaxTree, argument.Span), name, division.ToString(), NetworkGraph.Text(whole),
                $"{dividend} / {division.Right}");
        }
    }

    // Where a layer's member has the name of what the attributes of the class refer to, they find the member instead.
    private void CheckNamesInAttributes(List<LayerSpec> layers, SourcePlaces places)
    {
        HashSet<string> used =
        [
            .. _declaration.AttributeLists
                .SelectMany(list => list.DescendantNodes(node => node is not (TypeOfExpressionSyntax or InvocationExpressionSyntax)))
                .OfType<IdentifierNameSyntax>().Where(IsLookedUp).Select(identifier => identifier.Identifier.ValueText),
        ];
        foreach ((LayerSpec layer, string name) in layers.Zip(LayerNames.Of(layers), (layer, name) => (layer, name)))
        {
            if (LayerKinds.Find(layer.Kind)?.HasParameters != true || !used.Contains(name) || !_taken.Add(name))
                continue;
            Report(
                Rules.MemberClash, PlaceOf(places, layer, "Name"), _type.Name, name,
                "give the layer another Name, because the attributes of the class would find its member instead of what they refer to");
        }

        static bool IsLookedUp(IdentifierNameSyntax identifier) => identifier.Parent switch
        {
            MemberAccessExpressionSyntax access => access.Expression == identifier,
            QualifiedNameSyntax or AttributeSyntax or InvocationExpressionSyntax or AliasQualifiedNameSyntax => false,
            CastExpressionSyntax cast => cast.Expression == identifier,
            TypeOfExpressionSyntax or NameColonSyntax or NameEqualsSyntax or ArrayTypeSyntax or DefaultExpressionSyntax => false,
            _ => true,
        };
    }

    private static TextSpanSource PlaceOf(SourcePlaces places, LayerSpec layer, string argument) =>
        new(places.Tree, places.Find(Issue.Of(Rules.TooLarge, layer.Origin, argument)));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A place in the source.</summary>
    private readonly record struct TextSpanSource(SyntaxTree Tree, Microsoft.CodeAnalysis.Text.TextSpan Span)
    {
        public static implicit operator TextSpanSource(SyntaxToken token) => new(token.SyntaxTree!, token.Span);
    }
}
