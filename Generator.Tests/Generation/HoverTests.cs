using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Generation;

/// <summary>What editors show where the mouse rests.</summary>
public class HoverTests
{
    /// <summary>A table of XML runs together in Roslyn's Quick Info; a text within code keeps its columns.</summary>
    [Fact]
    public void The_class_shows_the_table_of_its_layers()
    {
        const string Source = "using NetGen; [Network(3, 8, 8)] [Layer.Conv2D(4, 3)] [Layer.Dense(16, Activation.Tanh)] public partial class Net;";
        INamedTypeSymbol type = UserProgram.Of([Source]).Output.GetTypeByMetadataName("Net")!;
        XElement remarks = XElement.Parse(type.GetDocumentationCommentXml()!).Element("remarks")!;
        XElement code = Assert.Single(remarks.Elements());
        Assert.Equal("code", code.Name);
        // The lines are indented by the comment as a whole.
        string[] lines = code.Value.Trim('\n').Split('\n');
        int indent = lines[0].Length - lines[0].TrimStart().Length;
        INetwork<float> network = NetworkCompiler.Create<float>(Source, "Net");
        Assert.Equal(network.Info.Summary, string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..].TrimEnd() : "")).TrimEnd());
        int[] columns = [.. network.Info.Summary.Split('\n').Select(line => line.IndexOf('[', StringComparison.Ordinal)).Where(column => column >= 0)];
        Assert.Equal(3, columns.Length);
        Assert.Single(columns.Distinct());
    }

    public static TheoryData<string> Layers =>
        [.. typeof(Layer).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(LayerAttribute))).Select(type => type.Name)];

    /// <summary>What is shown at <c>[Layer.Dense(</c> is the constructor's documentation: the layer's formula or shapes, or the class's by reference.</summary>
    [Theory]
    [MemberData(nameof(Layers))]
    public void The_constructor_of_a_layer_shows_what_the_layer_does(string name)
    {
        XElement documentation = XElement.Load(Path.ChangeExtension(typeof(Layer).Assembly.Location, ".xml"));
        string prefix = $"NetGen.Layer.{name}";
        XElement Member(string id) => documentation.Descendants("member").Single(member => (string)member.Attribute("name")! == id);
        string summary = Member($"T:{prefix}").Element("summary")!.Value;
        XElement[] constructors =
        [
            .. documentation.Descendants("member")
                .Where(member => ((string)member.Attribute("name")!).StartsWith($"M:{prefix}.#ctor", StringComparison.Ordinal)),
        ];
        Assert.Equal(typeof(Layer).GetNestedType(name)!.GetConstructors().Length, constructors.Length);
        foreach (XElement constructor in constructors)
        {
            if (constructor.Element("inheritdoc") is { } reference)
                Assert.Equal($"T:{prefix}", (string)reference.Attribute("cref")!);
            else
                Assert.True(Words(constructor.Element("summary")!.Value).Length >= 5, summary);
        }

        static string[] Words(string text) => text.Split(' ', '\n').Where(word => word.Length > 0).ToArray();
    }
}
