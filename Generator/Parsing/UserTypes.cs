using Microsoft.CodeAnalysis;
using NetGen.Generator.Model;

namespace NetGen.Generator.Parsing;

/// <summary>Classes that users name in attributes: functions, losses and blocks.</summary>
internal sealed class UserTypes(Compilation compilation, INamedTypeSymbol network)
{
    private const string VectorName = "NetGen.IVector<TSelf>";

    /// <summary>The full name of a class for generated code, or what is wrong with it.</summary>
    public Argument Describe(string name, INamedTypeSymbol type)
    {
        string? problem = name switch
        {
            "Function" => FindProblem(type, 1, "Forward", "Derivative"),
            "CustomLoss" => FindProblem(type, 2, "Loss", "Derivative"),
            _ => null,
        };
        return new Argument(name, 0, type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)) with { Problem = problem };
    }

    private string? FindProblem(INamedTypeSymbol type, int count, params string[] methods)
    {
        if (type.TypeKind == TypeKind.Error)
            return $"'{type.Name}' does not exist";
        if (type.IsUnboundGenericType || type.IsGenericType || type.ContainingType is { IsGenericType: true })
            return $"'{type.Name}' is generic; only its methods are";
        if (IsFileLocal(type) || !compilation.IsSymbolAccessibleWithin(type, compilation.Assembly))
            return $"'{type.Name}' is not visible to generated code: make it internal or public, and not local to a file";
        foreach (string method in methods)
        {
            string parameters = count == 1 ? "V x" : "V output, V target";
            if (!type.GetMembers(method).OfType<IMethodSymbol>().Any(candidate => Fits(candidate, count)))
            {
                return $"'{type.Name}' has no method 'static V {method}<V>({parameters}) where V : struct, IVector<V>' that '{network.Name}' can call";
            }
        }

        return null;
    }

    private static bool IsFileLocal(INamedTypeSymbol type) => type.IsFileLocal || (type.ContainingType is { } outer && IsFileLocal(outer));

    // What is called has one type parameter, which a vector satisfies, and takes and returns just that.
    private bool Fits(IMethodSymbol method, int count) =>
        method is { IsStatic: true, TypeParameters.Length: 1, IsAbstract: false, IsVirtual: false, ReturnsByRef: false, ReturnsByRefReadonly: false }
        && method.Parameters.Length == count
        && compilation.IsSymbolAccessibleWithin(method, compilation.Assembly)
        && SymbolEqualityComparer.Default.Equals(method.ReturnType, method.TypeParameters[0])
        && method.Parameters.All(parameter =>
            parameter.RefKind == RefKind.None && SymbolEqualityComparer.Default.Equals(parameter.Type, method.TypeParameters[0]))
        && !method.TypeParameters[0].HasReferenceTypeConstraint
        && !method.TypeParameters[0].HasUnmanagedTypeConstraint
        && !method.TypeParameters[0].HasConstructorConstraint
        && method.TypeParameters[0].ConstraintTypes.All(constraint =>
            constraint is INamedTypeSymbol { OriginalDefinition: var definition } && definition.ToDisplayString() == VectorName
            && SymbolEqualityComparer.Default.Equals(((INamedTypeSymbol)constraint).TypeArguments[0], method.TypeParameters[0]));
}
