using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>A trained tensor of a layer.</summary>
/// <param name="Role">Its name within the layer: <c>Weight</c>.</param>
/// <param name="Shape">Its dimensions as in files: [outputs, inputs].</param>
/// <param name="IsPanels">Whether it lies in panels rather than one element after the other.</param>
/// <param name="Start">How it starts.</param>
/// <param name="FanIn">Inputs of an output.</param>
/// <param name="FanOut">Outputs of an input.</param>
internal sealed record Parameter(string Role, Shape Shape, bool IsPanels, StartValues Start, int FanIn, int FanOut)
{
    /// <summary>Elements of the buffer it takes, padding included.</summary>
    public long Length => IsPanels
        ? PanelLayout.Length(Shape.Dimensions[0], (int)(Shape.Elements / Shape.Dimensions[0]))
        : PanelLayout.Pad(Shape.Size);
}

/// <summary>An initializer and its scale; the scale is NaN where none was given.</summary>
internal sealed record StartValues(Initializer Initializer, double Scale);
