using System.Globalization;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NetGen.Tests.Aot;
using NetGen.Tests.Infrastructure;
using Xunit;

namespace NetGen.Tests.Package;

/// <summary>The package, and what a user sees of it.</summary>
public sealed partial class PackageTests(PackedNetGen packed) : IClassFixture<PackedNetGen>
{
    private static readonly string[] Assemblies =
        ["lib/net9.0/NetGen.dll", "lib/net10.0/NetGen.dll", "analyzers/dotnet/cs/NetGen.Generator.dll", "analyzers/dotnet/cs/NetGen.CodeFixes.dll"];

    [Fact]
    public void Everything_is_where_it_is_looked_for()
    {
        string[] expected =
        [
            .. Assemblies, "lib/net9.0/NetGen.xml", "lib/net10.0/NetGen.xml", "buildTransitive/NetGen.targets", "README.md", "icon.png", "docs/emitted-network.cs",
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "diagnostics")).Select(page => $"docs/diagnostics/{Path.GetFileName(page)}"),
        ];
        // The rest is the packer's own: the description, and what the container of the format asks for.
        string[] files = [.. packed.Package.Entries.Select(entry => entry.FullName).Where(name => !PackersOwn().IsMatch(name))];
        Assert.Equal(expected.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Description_names_licence_readme_and_icon_and_no_address_that_is_not_ours()
    {
        XElement description = XDocument.Parse(Text("NetGen.nuspec")).Root!.Elements().Single();
        Assert.Equal(("MIT", "README.md", "icon.png"), (Value("license"), Value("readme"), Value("icon")));
        Assert.All((string[])["description", "tags", "authors", "copyright"], name => Assert.NotEmpty(Value(name)!));
        Assert.Null(Value("projectUrl"));
        Assert.DoesNotContain(description.Elements(), element => element.Attribute("url") is not null);

        string? Value(string name) => description.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
    }

    [Fact]
    public void No_assembly_knows_where_it_was_built()
    {
        foreach (string name in Assemblies)
        {
            byte[] assembly = Bytes(name);
            Assert.Equal(-1, assembly.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Repository.Root)));
            Assert.Equal(-1, assembly.AsSpan().IndexOf(Encoding.Unicode.GetBytes(Repository.Root)));

            using PEReader reader = new(new MemoryStream(assembly));
            Assert.Contains(reader.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
            DebugDirectoryEntry embedded = reader.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
            using MetadataReaderProvider symbols = reader.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
            MetadataReader sources = symbols.GetMetadataReader();
            Assert.NotEmpty(sources.Documents);
            Assert.All(sources.Documents, document => Assert.StartsWith("/_", sources.GetString(sources.GetDocument(document).Name), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Links_lead_somewhere()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        string[] targets = [.. RelativeLink().Matches(readme).Select(link => link.Groups["target"].Value)];
        Assert.NotEmpty(targets);
        Assert.All(targets, target => Assert.True(Path.Exists(Path.Combine(Repository.Root, target)), target));

        Assert.Equal(RelativeLink().Replace(readme, "${text}"), Text("README.md"));
        Assert.Equal(RelativeLink().Replace(readme, "[${text}](https://example.org/net/blob/main/${target})"), packed.ReadmeAt("https://example.org/net"));

        foreach (ZipArchiveEntry page in packed.Package.Entries.Where(entry => entry.FullName.StartsWith("docs/diagnostics/", StringComparison.Ordinal)))
        {
            Assert.All(
                RelativeLink().Matches(Text(page.FullName)).Select(link => link.Groups["target"].Value),
                target => Assert.NotNull(packed.Package.GetEntry($"docs/diagnostics/{target}")));
        }
    }

    [Fact]
    public void A_project_that_refers_to_it_builds_without_warnings_and_learns()
    {
        (string log, string assembly) = packed.Build("net10.0");
        AssertNoWarnings(log);
        AssertLearns(Command.Run(Command.DotnetPath, [assembly], folder: packed.ConsumerFolder));
    }

    [AotTheory]
    [InlineData("net9.0")]
    [InlineData("net10.0")]
    public void A_project_that_refers_to_it_is_published_without_warnings_and_learns(string framework)
    {
        (string log, string program) = packed.Publish(framework);
        AssertNoWarnings(log);
        AssertLearns(Command.Run(program, [], folder: packed.ConsumerFolder));
    }

    private static void AssertNoWarnings(string log) => Assert.DoesNotMatch(Warning(), log);

    /// <summary>README's program: the last lines are the figures of the test set, and the class of the first flower, a setosa.</summary>
    private static void AssertLearns(CommandResult result)
    {
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Match figures = Figures().Match(result.Lines[^2]);
        Assert.True(figures.Success, result.Lines[^2]);
        Assert.InRange(double.Parse(figures.Groups["accuracy"].Value, CultureInfo.InvariantCulture), 0.9, 1);
        Assert.Equal("0", result.Lines[^1]);
    }

    private string Text(string name) => Encoding.UTF8.GetString(Bytes(name)).TrimStart('\uFEFF');

    private byte[] Bytes(string name)
    {
        using Stream entry = packed.Package.GetEntry(name)!.Open();
        using MemoryStream bytes = new();
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }

    [GeneratedRegex(@"^(NetGen\.nuspec|\[Content_Types\]\.xml|_rels/|package/)")]
    private static partial Regex PackersOwn();

    [GeneratedRegex(@"\[(?<text>[^\]]+)\]\((?<target>(?!https?:)[^)]+)\)")]
    private static partial Regex RelativeLink();

    [GeneratedRegex(@"\bwarning\s*(:|[A-Z]+\d)|\bIL[23]\d{3}\b")]
    private static partial Regex Warning();

    [GeneratedRegex(@"^loss \d\.\d{4}, accuracy (?<accuracy>\d\.\d{4})$")]
    private static partial Regex Figures();
}
