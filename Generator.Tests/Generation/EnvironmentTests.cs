using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetGen.Generator;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>Networks in every kind of project, namespace and class: the generated code compiles, without warnings.</summary>
public class EnvironmentTests
{
    // One of everything: each layer, each activation, fused and not, each loss, both precisions, negative and fractional numbers.
    private static readonly string EverythingSource = $$"""
        using NetGen;

        {{string.Join('\n', Enum.GetValues<Loss>().Select(loss => $$"""
            [Network(5, Loss = Loss.{{loss}}, Precision = Precision.{{((int)loss % 2 == 0 ? "Single" : "Double")}})]
            [Layer.Dense(33, WeightInitializer = Initializer.Constant, WeightScale = -0.25)]
            {{string.Join('\n', Enum.GetValues<Activation>().Select(activation => $"[Layer.Activation(Activation.{activation}), Layer.Dense(7, Activation.{activation})]"))}}
            [Layer.Activation(Activation.LeakyReLU, Alpha = 1e-20), Layer.Dropout(0.5), Layer.Dense(3, Activation.ELU, Alpha = 1234567.5, Bias = false)]
            public sealed partial class Net{{loss}} { }
            """))}}

        [Network(3, 9, 9, Loss = Loss.SoftmaxCrossEntropy)]
        [Layer.GaussianNoise(0.1), Layer.Pad2D(1, 0, 2, 1, Mode = PadMode.Reflect), Layer.Pad2D(1), Layer.Upsample2D(2, Interpolation.Bilinear), Layer.Upsample2D(1), Layer.Crop2D(7, 8, 9, 10)]
        [Layer.MaxPool2D(3, Stride = 2), Layer.PReLU(Name = "Stem"), Layer.LayerNorm, Layer.AveragePool2D(2, Stride = 1, Name = "Pooled")]
        [Layer.Multiply(From = new[] { "Stem", "LayerNorm1" }), Layer.AveragePool2D(2, Stride = 1), Layer.Concat(From = new[] { "Pooled", "AveragePool2D2", "Pooled" })]
        [Layer.GlobalMaxPool(Name = "Largest"), Layer.GlobalAveragePool(From = new[] { "Concat1" }, Name = "Mean"), Layer.Add(From = new[] { "Largest", "Mean" })]
        [Layer.RMSNorm(Epsilon = 1e-20), Layer.Flatten, Layer.Dense(12), Layer.Reshape(3, -1), Layer.Permute(1, 0)]
        [Layer.SpatialDropout(0.5), Layer.Swish, Layer.AlphaDropout(0.1), Layer.Maxout(2), Layer.RReLU(Lower = -1e-20), Layer.Flatten]
        public sealed partial class Images { }

        [Network(5, 40)]
        [Layer.MaxPool1D(3), Layer.AveragePool1D(2), Layer.GlobalAveragePool]
        public sealed partial class Signals { }
        """;

    private const string Layers = "[NetGen.Network(4, Loss = NetGen.Loss.SoftmaxCrossEntropy), NetGen.Layer.Dense(20, NetGen.Activation.GELU), NetGen.Layer.Dropout(0.1), NetGen.Layer.Dense(3)]";

    [Fact]
    public void The_culture_of_the_machine_changes_nothing()
    {
        var expected = UserProgram.Of([EverythingSource]).Texts;
        CultureInfo foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        foreign.NumberFormat.NegativeSign = "\u2212";
        foreign.NumberFormat.NumberDecimalSeparator = ",";
        foreign.NumberFormat.NumberGroupSeparator = ".";
        foreign.NumberFormat.NumberGroupSizes = [4];
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = foreign;
            Assert.Equal("\u22121,5", (-1.5).ToString(CultureInfo.CurrentCulture));
            Assert.Equal(expected, UserProgram.Of([EverythingSource]).Texts);
        }
        finally
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = before;
        }
    }

    /// <summary>Casing as in tr-TR needs ICU, which test machines may lack: the generator must not call what depends on it.</summary>
    [Fact]
    public void The_generator_calls_no_string_method_that_depends_on_the_culture()
    {
        string[] forbidden =
        [
            "String.ToLower()", "String.ToUpper()", "Char.ToLower(Char)", "Char.ToUpper(Char)", "String.StartsWith(String)", "String.EndsWith(String)",
            "String.Compare(String,String)", "String.CompareTo(String)", "String.IndexOf(String)", "String.LastIndexOf(String)",
            "Int32.ToString()", "Int64.ToString()", "Single.ToString()", "Double.ToString()", "Int32.Parse(String)", "Double.Parse(String)",
        ];
        using PEReader file = new(File.OpenRead(typeof(NetworkGenerator).Assembly.Location));
        MetadataReader metadata = file.GetMetadataReader();
        List<string> calls = [];
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            MemberReference member = metadata.GetMemberReference(handle);
            if (member.GetKind() != MemberReferenceKind.Method || member.Parent.Kind != HandleKind.TypeReference)
                continue;
            string type = metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name);
            MethodSignature<string> signature = member.DecodeMethodSignature(new TypeNames(), null);
            calls.Add($"{type}.{metadata.GetString(member.Name)}({string.Join(',', signature.ParameterTypes)})");
        }

        Assert.Contains("Char.ToLowerInvariant(Char)", calls);
        Assert.Empty(calls.Intersect(forbidden));
    }

    [Theory]
    [InlineData(LanguageVersion.CSharp11)]
    [InlineData(LanguageVersion.CSharp12)]
    [InlineData(LanguageVersion.Latest)]
    [InlineData(LanguageVersion.Preview)]
    public void Every_supported_language_version(LanguageVersion version) =>
        UserProgram.Of([EverythingSource], NetworkCompiler.ParseOptions.WithLanguageVersion(version)).AssertCompiles(networks: 8);

    [Fact]
    public void Checked_arithmetic() => UserProgram.Of([EverythingSource], configure: options => options.WithOverflowChecks(true)).AssertCompiles(networks: 8);

    [Fact]
    public void Without_unsafe_code() => UserProgram.Of([EverythingSource], configure: options => options.WithAllowUnsafe(false)).AssertCompiles(networks: 8);

    [Theory]
    [InlineData(NullableContextOptions.Disable)]
    [InlineData(NullableContextOptions.Warnings)]
    [InlineData(NullableContextOptions.Annotations)]
    public void Every_nullable_context(NullableContextOptions nullable) =>
        UserProgram.Of([EverythingSource], configure: options => options.WithNullableContextOptions(nullable)).AssertCompiles(networks: 8);

    [Fact]
    public void Debug_builds() =>
        UserProgram.Of([EverythingSource], configure: options => options.WithOptimizationLevel(OptimizationLevel.Debug)).AssertCompiles(networks: 8);

    [Fact]
    public void Line_ends_of_the_source_do_not_show()
    {
        string unix = EverythingSource.ReplaceLineEndings("\n"), windows = unix.ReplaceLineEndings("\r\n");
        UserProgram program = UserProgram.Of([windows]);
        program.AssertCompiles(networks: 8);
        Assert.Equal(UserProgram.Of([unix]).Texts, program.Texts);
        Assert.All(program.Texts, text => Assert.DoesNotContain('\r', text.Text));
    }

    [Theory]
    [InlineData("namespace App.System { LAYERS public partial class Net; }")]
    [InlineData("namespace App { namespace System { class Console; } namespace NetGen2 { class Info; } LAYERS public partial class Net; }")]
    [InlineData("namespace @class.@event { LAYERS public partial class @int; }")]
    [InlineData("namespace NetGen { LAYERS public partial class Net; class Math; class Span; }")]
    [InlineData("LAYERS public partial class Net; class Math; class Span<T>; class V; class Unsafe; class MemoryMarshal; class NetGenX; class Simd128<T>; class ParameterInfo;")]
    [InlineData("namespace App { LAYERS public partial class Net; class Math; class Span<T>; class V; class Unsafe; class System; }")]
    [InlineData("global using Math = System.Console; global using V = System.String; global using Unsafe = System.Int32; LAYERS public partial class Net;")]
    public void Names_around_the_class_do_not_matter(string source) => Compile(source);

    [Theory]
    [InlineData("@class")]
    [InlineData("@record")]
    [InlineData("@var")]
    [InlineData("@await")]
    [InlineData("dynamic")]
    [InlineData("lowercase")]
    [InlineData("\u7DB2\u8DEF")]
    [InlineData("R\u00E9seau\u00C9l\u00E9gant")]
    [InlineData("\\u004Eet")]
    [InlineData("_")]
    [InlineData("V")]
    [InlineData("Math")]
    [InlineData("NetworkInfo")]
    [InlineData("Type")]
    public void Names_of_the_class(string name) => Compile($"LAYERS public partial class {name};");

    [Fact]
    public void A_name_of_500_characters() => Compile($"LAYERS public partial class {new string('N', 500)};");

    [Fact]
    public void The_same_name_in_two_namespaces_and_names_that_differ_in_case_only() => Compile(
        "namespace A { LAYERS public partial class Net; } namespace B { LAYERS public partial class Net; } namespace A { LAYERS public partial class NET; }"
        + "partial class Outer { LAYERS public partial class Net; } partial class Outer2 { LAYERS public partial class Net; } LAYERS partial class Net;", networks: 6);

    [Theory]
    [InlineData("class")]
    [InlineData("static class")]
    [InlineData("abstract class")]
    [InlineData("struct")]
    [InlineData("readonly struct")]
    [InlineData("interface")]
    [InlineData("record")]
    [InlineData("record class")]
    [InlineData("record struct")]
    public void Nested_in_every_kind_of_type(string kind)
    {
        int space = kind.LastIndexOf(' ') + 1;
        if (kind.StartsWith("record", StringComparison.Ordinal))
            space = 0;
        string header = $"{kind[..space]}partial {kind[space..]}";
        Compile($"namespace App {{ {header} @Outer {{ public partial class Middle {{ LAYERS private partial class Net; }} }} }}");
    }

    [Theory]
    [InlineData("public partial class Net { public required string Title { get; init; } }")]
    [InlineData("public partial class Net : System.IDisposable { public void Dispose() { } }")]
    [InlineData("public partial class Net { public Net(string title) : this(seed: 3) { Title = title; } public string Title { get; } = \"\"; static Net() { } ~Net() { } }")]
    [InlineData("public partial class Net { public int this[int index] => index; public static implicit operator int(Net net) => 1; enum Dense { A } int Predictions, load; }")]
    [InlineData("public partial class Net : Base; public class Base { public int Info, InputSize; public virtual void Predict() { } public static int Load => 3; public object Dense1 => 1; class Parameters; }")]
    [InlineData("public partial class Net : Base; public class Base { public required string Title { get; init; } }")]
    [InlineData("public partial class Net : Base; public class Base { protected Base(int a = 3, string? b = null) { } }")]
    [InlineData("[System.Obsolete] public partial class Net;")]
    [InlineData("[System.Serializable] [System.ComponentModel.Description(\"A\")] internal sealed partial class Net;")]
    [InlineData("/// <summary>A network.</summary>\n/// <remarks>Mine.</remarks>\npublic partial class Net;")]
    [InlineData("public partial class Net; public partial class Net { int _more; } public partial class Net;")]
    [InlineData("public unsafe partial class Net { int* _pointer; }")]
    public void Members_and_bases_of_the_class(string declaration) => Compile("LAYERS " + declaration);

    [Fact]
    public void A_network_derived_from_a_network() =>
        Compile("LAYERS public partial class Net { public Net(string name) : this(seed: 1) { } } LAYERS public partial class Derived : Net;", networks: 2);

    [Fact]
    public void An_assembly_that_promises_to_be_CLS_compliant() => Compile("[assembly: System.CLSCompliant(true)] LAYERS public partial class Net;");

    [Theory]
    [InlineData("Inputs")]
    [InlineData("Outputs")]
    [InlineData("Buffer")]
    [InlineData("Parameters1")]
    [InlineData("Gradients")]
    [InlineData("Row")]
    [InlineData("V")]
    [InlineData("Frame")]
    [InlineData("X")]
    [InlineData("rows")]
    [InlineData("Math")]
    [InlineData("Loss")]
    [InlineData("Link")]
    [InlineData("Capacity")]
    [InlineData("InputCopy")]
    [InlineData("DenseGradient")]
    [InlineData("ToString")]
    [InlineData("GetType")]
    [InlineData("Weight")]
    [InlineData("Class")]
    [InlineData("Float")]
    [InlineData("If")]
    [InlineData("\u7DB2\u8DEF")]
    public void Names_of_layers(string name) => Compile(
        $"[NetGen.Network(4, Loss = NetGen.Loss.Huber), NetGen.Layer.Dense(3, Name = \"Dense\"), NetGen.Layer.Dense(3, NetGen.Activation.SiLU, Name = \"{name}\"), NetGen.Layer.Dropout(0.1)] partial class Net;"
        + $"[NetGen.Network(4), NetGen.Layer.Activation(NetGen.Activation.Tanh, Name = \"{name}\"), NetGen.Layer.Dropout(0.3), NetGen.Layer.Dense(3)] partial class Other;", networks: 2);

    private static void Compile(string source, int networks = 1) =>
        UserProgram.Of([source.Replace("LAYERS", Layers, StringComparison.Ordinal)]).AssertCompiles(networks);

    /// <summary>Names the parameter types of member references.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeReference(handle).Name);

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => "?";

        public string GetGenericInstantiation(string genericType, System.Collections.Immutable.ImmutableArray<string> typeArguments) => genericType;

        public string GetGenericMethodParameter(object? genericContext, int index) => "?";

        public string GetGenericTypeParameter(object? genericContext, int index) => "?";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[,]";

        public string GetByReferenceType(string elementType) => elementType + "&";

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "?";
    }
}
