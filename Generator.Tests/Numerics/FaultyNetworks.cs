using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using NetGen.Tests.Infrastructure;
using NetGen.Tests.Numerics.Reference;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>A change to generated text.</summary>
/// <param name="Name">What is wrong then.</param>
/// <param name="Network">The network it is made in.</param>
/// <param name="Methods">The methods it is made in, as the end of <c>Class.Method</c>.</param>
/// <param name="Pattern">What is replaced, wherever it occurs in their bodies.</param>
/// <param name="Replacement">By what.</param>
internal sealed record Fault(string Name, string Network, string Methods, string Pattern, string Replacement);

/// <summary>Generated networks with faults in their backward code, one of which is chosen at a time.</summary>
/// <remarks>
/// All faults are compiled at once: a method with faults has a body for each of them, and a number chooses one.
/// </remarks>
internal sealed class FaultyNetworks
{
    /// <summary>What correct gradients stay within.</summary>
    public const double Tolerance = 1e-7;

    private readonly IReadOnlyDictionary<string, NetworkDescription> _networks;
    private readonly Fault[] _faults;
    private readonly Lazy<Assembly> _assembly;
    private readonly List<string> _missing = [];

    /// <param name="networks">The networks by name.</param>
    /// <param name="faults">The faults, whose numbers are their places.</param>
    /// <param name="toSource">What declares a network; null for its description alone.</param>
    public FaultyNetworks(IReadOnlyDictionary<string, NetworkDescription> networks, Fault[] faults, Func<string, string>? toSource = null)
    {
        (_networks, _faults) = (networks, faults);
        _assembly = new(() => Compile(
        [
            "public static class Injected { public static int Fault = -1; }",
            .. networks.SelectMany(network =>
            {
                string source = network.Value.ToSource(network.Key, Precision.Double);
                source = toSource?.Invoke(source) ?? source;
                string generated = NetworkCompiler.Run(source).GeneratedSources.Single().SourceText.ToString();
                return (string[])[source, Inject(network.Key, generated)];
            }),
        ]));
    }

    /// <summary>
    /// The first error of the gradient check, or of running statistics against the reference's, beyond the tolerance, or else the largest.
    /// </summary>
    /// <param name="network">The network's name.</param>
    /// <param name="fault">The number of the fault, or -1 for none.</param>
    public double Error(string network, int fault)
    {
        _assembly.Value.GetType("Injected", throwOnError: true)!.GetField("Fault")!.SetValue(null, fault);
        double largest = 0;
        foreach (int rows in (int[])[13, 70])
        {
            foreach (int bits in Widths<double>.Available)
            {
                // Other parameters each time: no derivative can hide where no value goes.
                TrainingCase<double> @case = new(
                    _networks[network], NetworkCompiler.Create<double>(_assembly.Value, network), rows, TargetKind.Values, new RandomKey(1, 2), seed: rows + bits);
                (_, double[] gradients, double[] inputGradients) = @case.Train(bits);
                foreach (double error in (double[])[@case.StatisticsError(gradients), GradientCheck.Run(@case, gradients, inputGradients, bits).Error])
                {
                    if (!(error <= Tolerance))
                        return double.IsNaN(error) ? double.PositiveInfinity : error;
                    largest = Math.Max(largest, error);
                }
            }
        }

        return largest;
    }

    /// <summary>Gives every method with faults a body for each of them.</summary>
    private string Inject(string network, string generated)
    {
        HashSet<int> injected = [];
        string result = generated;
        foreach (MethodDeclarationSyntax method in CSharpSyntaxTree.ParseText(generated).GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>().Reverse())
        {
            if (method.Body is null)
                continue;
            string name = $"{((TypeDeclarationSyntax)method.Parent!).Identifier}.{method.Identifier}", body = method.Body.ToString();
            StringBuilder bodies = new();
            foreach ((int number, Fault fault) in _faults.Index().Where(fault => fault.Item.Network == network && Regex.IsMatch(name, fault.Item.Methods + "$")))
            {
                string faulty = Regex.Replace(body, fault.Pattern, fault.Replacement);
                if (faulty == body)
                    continue;
                injected.Add(number);
                bodies.Append(CultureInfo.InvariantCulture, $"if (global::Injected.Fault == {number})\n{faulty}\nelse ");
            }

            if (bodies.Length > 0)
                result = result.Remove(method.Body.SpanStart, body.Length).Insert(method.Body.SpanStart, $"{{\n{bodies}\n{body}\n}}");
        }

        _missing.AddRange(_faults.Index().Where(fault => fault.Item.Network == network && !injected.Contains(fault.Index)).Select(fault =>
                $"{network} has nothing to make the fault '{fault.Item.Name}' of: no {fault.Item.Methods} contains {fault.Item.Pattern}."));
        return result;
    }

    /// <summary>Compiles text as it is, without the generator.</summary>
    private Assembly Compile(string[] sources)
    {
        Assert.True(_missing.Count == 0, string.Join('\n', _missing));
        using MemoryStream stream = new();
        EmitResult result = NetworkCompiler.Compilation(sources).Emit(stream);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Take(10)));
        stream.Position = 0;
        return new AssemblyLoadContext(null, isCollectible: true).LoadFromStream(stream);
    }
}
