using System.Reflection;
using Microsoft.CodeAnalysis;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>
/// Every whole number of every layer at the limits of its type and of products, alone and with another: a size is fine or refused, and nothing overflows.
/// </summary>
public class SizeSweepTests
{
    private static readonly string[] Sizes = ["int.MaxValue", "100000", "46341", "4096", "int.MinValue"];

    // Products of two.
    private static readonly string[] PairSizes = ["int.MaxValue", "46341"];

    private static readonly string[] Inputs = ["3, 8, 8", "4, 9", "12", "16777216", "4096, 64, 64"];

    public static TheoryData<string> Layers =>
    [
        .. typeof(Layer).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(LayerAttribute)))
            .Except([typeof(Layer.BlockAttribute), typeof(Layer.InputAttribute)])
            .Select(type => type.Name[..^"Attribute".Length]).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Layers))]
    public void No_size_is_a_fault_of_the_generator(string layer)
    {
        string[] attributes = [.. Attributes(typeof(Layer).GetNestedType(layer + "Attribute")!).Distinct()];
        string source = "using NetGen;\n" + string.Concat(Inputs.SelectMany((input, i) => attributes.Select((attribute, k) =>
            $"[Network({input})] [Layer.{layer}{attribute}] [Layer.Dense(2)] partial class N{i}_{k};\n")));
        UserProgram program = UserProgram.Of([source]);
        Assert.Null(program.Result.Exception);
        Diagnostic[] faults = [.. program.Result.Diagnostics.Where(diagnostic => diagnostic.Id == "NETGEN099")];
        Assert.True(faults.Length == 0, string.Join('\n', faults.Take(3).Select(fault => $"{Class(source, fault)}\n{fault.GetMessage(null)}")));
        // Each is generated or told of: a class that is only refused without a word would hide a fault.
        int refused = program.Texts.Count(text => !text.Text.Contains("file static class", StringComparison.Ordinal));
        int told = program.Result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => diagnostic.Location.GetLineSpan().StartLinePosition.Line).Distinct().Count();
        Assert.Equal(refused, told);
    }

    [Theory]
    [InlineData("3, 8, 8", "LocallyConnected2D(100000, 3)")]
    [InlineData("3, 8, 8", "ConvTranspose2D(int.MaxValue, 3, Stride = int.MaxValue)")]
    [InlineData("1, 3, 3", "Conv2D(14000000, 3)")]
    [InlineData("16777216", "Block(typeof(Wide), Repeat = 60)")]
    [InlineData("3, 1, 1", "ConvTranspose2D(int.MaxValue, 3, Stride = int.MaxValue)")]
    [InlineData("3, 1, 1", "ConvTranspose2D(2, int.MaxValue, Padding = Layer.Same, Dilation = int.MaxValue)")]
    public void Sizes_that_overflowed_are_too_large(string input, string layer)
    {
        UserProgram program = UserProgram.Of(
            [$"using NetGen;\n[Network({input})] [Layer.{layer}] partial class Net;\n[Layer.Activation(Activation.GELU)] static class Wide;"]);
        Assert.Equal("NETGEN014", Assert.Single(program.Result.Diagnostics, diagnostic => diagnostic.Id != "NETGEN090").Id);
    }

    [Fact]
    public void Blocks_nested_2000_deep_are_refused()
    {
        string blocks = string.Concat(Enumerable.Range(0, 2000).Select(i => $"[Layer.Block(typeof(B{i + 1}))] static class B{i};\n"));
        UserProgram program = UserProgram.Of(
            [$"using NetGen;\n[Network(3)] [Layer.Block(typeof(B0))] partial class Net;\n{blocks}[Layer.Dense(3)] static class B2000;"]);
        Diagnostic diagnostic = Assert.Single(program.Result.Diagnostics);
        Assert.Equal("NETGEN043", diagnostic.Id);
        Assert.Contains("blocks are nested more than 32 deep", diagnostic.GetMessage(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_nested_32_deep_are_written_out()
    {
        string blocks = string.Concat(Enumerable.Range(0, 31).Select(i => $"[Layer.Block(typeof(B{i + 1}))] static class B{i};\n"));
        UserProgram.Of([$"using NetGen;\n[Network(3)] [Layer.Block(typeof(B0), Name = \"B\")] partial class Net;\n{blocks}[Layer.Dense(3)] static class B31;"])
            .AssertCompiles();
    }

    // One or two of the whole numbers of an attribute are extreme, the others small.
    private static IEnumerable<string> Attributes(Type type)
    {
        foreach (ConstructorInfo constructor in type.GetConstructors())
        {
            System.Reflection.ParameterInfo[] parameters = [.. constructor.GetParameters().Where(parameter => !parameter.IsOptional)];
            string[] properties =
                [.. type.GetProperties().Where(property => property.CanWrite && property.PropertyType == typeof(int)).Select(property => property.Name)];
            int count = parameters.Length + properties.Length;
            for (int first = 0; first < count; first++)
            {
                for (int second = first; second < count; second++)
                {
                    foreach (string size in first == second ? Sizes : PairSizes)
                        yield return Write(k => k == first || k == second ? size : null);
                }
            }

            yield return Write(_ => null);

            string Write(Func<int, string?> given)
            {
                IEnumerable<string> positional = parameters.Select((parameter, k) => parameter.ParameterType switch
                {
                    { } t when t == typeof(int) => given(k) ?? "2",
                    { } t when t == typeof(int[]) => given(k) is { } size ? $"2, {size}, {size}" : "-1",
                    { } t when t == typeof(double) => "0.5",
                    { } t when t == typeof(string) => "\"Dense1\"",
                    { } t when t == typeof(Type) => "typeof(int)",
                    _ => "default",
                });
                IEnumerable<string> named = properties.Select((property, k) => (property, size: given(parameters.Length + k)))
                    .Where(set => set.size is not null)
                    .Select(set => $"{set.property} = {set.size}");
                return $"({string.Join(", ", positional.Concat(named))})";
            }
        }
    }

    // A fault has no place; the network's name finds it.
    private static string Class(string source, Diagnostic fault)
    {
        string name = fault.GetMessage(null).Split('\'')[1];
        return source.Split('\n').First(line => line.Contains($"class {name};", StringComparison.Ordinal));
    }
}
