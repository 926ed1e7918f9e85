using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NetGen.Generator.Graph;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>
/// Emitted code stays far from where the compilers give up: the JIT silently stops optimising a method beyond 60,000 bytes or
/// 20,000 instructions of IL, and Roslyn overflows its stack on deeply nested expressions.
/// </summary>
public class EmittedCodeLimitsTests
{
    private const int MostBytes = 40_000;
    private const int MostInstructions = 15_000;
    private const int MostTerms = 64;
    private const int MostNesting = 50;
    private const int MostBytesOfNetwork = 500_000;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(code => (OpCode)code.GetValue(null)!).ToDictionary(code => code.Value);

    private static readonly string[] Networks =
    [
        .. Enum.GetValues<Precision>().SelectMany(precision => (string[])
        [
            Network(precision, 1, Loss.None, "Dense(1)"),
            Network(precision, 33, Loss.MeanSquaredError, [.. Enum.GetNames<Activation>().SelectMany(name => (string[])[$"Dense(31, Activation.{name})", $"Activation(Activation.{name})"])]),
            Network(precision, 1024, Loss.SoftmaxCrossEntropy, "Dense(1024, Activation.GELU)", "Dropout(0.5)", "Dense(1024, Activation.SELU)", "Dense(1000)"),
            .. Enum.GetValues<Loss>().SelectMany(loss => (precision == Precision.Single ? (int[])[2, 17, 32] : [17]).Select(units => Network(precision, units, loss, $"Dense({units}, Activation.ELU)", $"Dense({units})"))),
        ]),
        // As many layers as there may be, of the kinds that take the most code where the layers are called from.
        Network(Precision.Double, 1, Loss.Huber, [.. Enumerable.Repeat("Dense(1, Activation.SiLU)", NetworkGraph.MostLayers)]),
        Network(Precision.Double, 1, Loss.Huber, [.. Enumerable.Range(0, NetworkGraph.MostLayers).Select(layer => layer % 2 == 0 ? "Dense(1, Activation.SiLU)" : "Dropout(0.5)")]),
    ];

    private static readonly Lazy<UserProgram> Program = new(() =>
        UserProgram.Of([.. Networks.Select((network, number) => $"using NetGen;\n{network}public partial class Net{number};")]));

    public static TheoryData<string> ZooNames => [.. Zoo.Names];

    [Fact]
    public void Methods_are_short_enough_to_be_optimised()
    {
        MethodCode[] methods = [.. MethodsOf(Program.Value)];
        Assert.InRange(methods.Length, 50 * Networks.Length / 2, int.MaxValue);
        AssertShort(methods);
    }

    [Fact]
    public void Statements_are_short_and_expressions_flat()
    {
        Assert.Equal(Networks.Length, Program.Value.Generated.Count);
        Assert.All(Program.Value.Generated.SelectMany(tree => tree.GetRoot().DescendantNodes().OfType<StatementSyntax>()), statement =>
        {
            ExpressionSyntax[] expressions = [.. statement.DescendantNodes(node => node == statement || node is not StatementSyntax).OfType<ExpressionSyntax>()];
            int terms = expressions.Count(expression => expression is BinaryExpressionSyntax or InvocationExpressionSyntax);
            Assert.True(terms <= MostTerms, $"{terms} terms: {statement}");
            int nesting = expressions.Length == 0 ? 0 : expressions.Max(expression => expression.AncestorsAndSelf().TakeWhile(node => node != statement).Count());
            Assert.True(nesting <= MostNesting, $"Nesting {nesting}: {statement}");
        });
    }

    [Theory]
    [MemberData(nameof(ZooNames))]
    public void Networks_of_the_zoo_take_little_code(string name)
    {
        UserProgram program = UserProgram.Of(Zoo.SourcesOf(name));
        Assert.Single(program.Generated);
        MethodCode[] methods = [.. MethodsOf(program)];
        AssertShort(methods);
        Assert.InRange(methods.Sum(method => method.Code.Length), 1, MostBytesOfNetwork);
    }

    [Fact]
    public void The_walker_counts_instructions()
    {
        // nop, ldc.i4 5, switch with two targets, ldstr, prefix readonly. (two bytes), ret
        byte[] code = [0x00, 0x20, 5, 0, 0, 0, 0x45, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x72, 1, 0, 0, 0x70, 0xFE, 0x1E, 0x2A];
        Assert.Equal(6, Instructions(code));
    }

    private static IEnumerable<MethodCode> MethodsOf(UserProgram program)
    {
        using MemoryStream stream = new();
        var compilation = program.Output.Emit(stream);
        Assert.True(compilation.Success, string.Join('\n', compilation.Diagnostics.Take(3)));
        stream.Position = 0;
        Assembly assembly = new System.Runtime.Loader.AssemblyLoadContext(null, isCollectible: true).LoadFromStream(stream);
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        return assembly.GetTypes()
            .SelectMany(type => type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))
            .Select(method => (Method: method, Body: method.GetMethodBody()))
            .Where(method => method.Body is not null)
            .Select(method => new MethodCode(method.Method, method.Body!.GetILAsByteArray()!, method.Body.LocalVariables.Count));
    }

    private static void AssertShort(IEnumerable<MethodCode> methods) => Assert.All(methods, method => Assert.True(
        method.Code.Length <= MostBytes && Instructions(method.Code) <= MostInstructions && method.Locals <= 1500,
        $"{method.Method.DeclaringType}.{method.Method.Name}: {method.Code.Length} bytes, {Instructions(method.Code)} instructions, {method.Locals} locals"));

    private static string Network(Precision precision, int inputs, Loss loss, params string[] layers) =>
        $"[Network({inputs}, Loss = Loss.{loss}, Precision = Precision.{precision})]\n{string.Concat(layers.Select(layer => $"[Layer.{layer}]\n"))}";

    private static int Instructions(byte[] code)
    {
        int count = 0;
        for (int at = 0; at < code.Length; count++)
        {
            short value = code[at] == 0xFE ? BinaryPrimitives.ReadInt16BigEndian(code.AsSpan(at)) : code[at];
            OpCode instruction = OpCodesByValue[value];
            at += instruction.Size;
            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)),
                _ => 4,
            };
        }

        return count;
    }

    /// <summary>A method with its IL and the number of its locals.</summary>
    private sealed record MethodCode(MethodBase Method, byte[] Code, int Locals);
}
