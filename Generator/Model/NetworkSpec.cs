namespace NetGen.Generator.Model;

/// <summary>What the user wrote, and nothing derived from it: no symbols, no syntax, no positions.</summary>
/// <param name="Type">The class to complete.</param>
/// <param name="InputShape">The dimensions of one input row, channels first.</param>
/// <param name="Loss">What training minimises.</param>
/// <param name="CustomLoss">The user's own loss, or null.</param>
/// <param name="Precision">The number type.</param>
/// <param name="Layers">The layers in source order, those of blocks and separable convolutions written out.</param>
/// <param name="AllowUnsafe">Whether the project allows unsafe code, which [SkipLocalsInit] asks for.</param>
/// <param name="IsOptimized">Whether the project is built with optimization.</param>
internal sealed record NetworkSpec(
    TypeSpec Type, EquatableArray<int> InputShape, Loss Loss, Argument? CustomLoss, Precision Precision, EquatableArray<LayerSpec> Layers, bool AllowUnsafe,
    bool IsOptimized)
{
    /// <summary>Why no network can be made of the class; null where its layers decide.</summary>
    public string? Refusal { get; init; }

    /// <summary>Names of generated members that the user's own have; "" stands for the constructor.</summary>
    public EquatableArray<string> Taken { get; init; }
}

/// <summary>A class and where it is declared.</summary>
/// <param name="Namespace">Its namespace; empty for the global one.</param>
/// <param name="Containing">The headers of the types around it, outermost first: <c>partial class Outer</c>.</param>
/// <param name="Name">Its name, without any @.</param>
/// <param name="MetadataName">Its full metadata name, which no other type shares.</param>
internal sealed record TypeSpec(string Namespace, EquatableArray<string> Containing, string Name, string MetadataName);

/// <summary>One layer attribute.</summary>
/// <param name="Kind">The attribute's name: <c>Dense</c>.</param>
/// <param name="Arguments">Its arguments, positional ones under their parameters' names.</param>
/// <param name="Origin">The number of the attribute it comes from.</param>
internal sealed record LayerSpec(string Kind, EquatableArray<Argument> Arguments, int Origin)
{
    /// <summary>The layers of a block, as its class has them.</summary>
    public EquatableArray<LayerSpec> Inner { get; init; } = new(Enumerable.Empty<LayerSpec>());

    /// <summary>Whether it stands in the class of a block, out of the reach of code fixes.</summary>
    public bool IsOfBlock { get; init; }

    /// <summary>The number of the attribute of a block's class that it is, or that is wrong in it; null where there is none.</summary>
    public int? Place { get; init; }

    /// <summary>The name given to it, if any.</summary>
    public string? Name => Find("Name")?.Text;

    /// <summary>The names of the layers it takes, or null for the layer above.</summary>
    public IReadOnlyList<string>? From => Find("From") is { } from ? [.. from.Items.Select(item => item.Text ?? "")] : null;

    public Argument? Find(string name) => Arguments.FirstOrDefault(argument => argument.Name == name);
}

/// <summary>The value of one attribute argument: a number (also a truth value or an enumeration's), a text, or several of these.</summary>
/// <param name="Name">The argument's name, capitalised.</param>
/// <param name="Number">The number; of an array, its length.</param>
/// <param name="Text">The text.</param>
/// <param name="Items">The elements of an array.</param>
/// <param name="Problem">Why a type given is not what is wanted, in words; null where it is.</param>
internal sealed record Argument(string Name, double Number, string? Text, EquatableArray<Argument> Items, string? Problem = null)
{
    public Argument(string name, double number, string? text)
        : this(name, number, text, new(Enumerable.Empty<Argument>()))
    {
    }
}
