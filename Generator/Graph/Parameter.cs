using NetGen.Generator.Model;

namespace NetGen.Generator.Graph;

/// <summary>A trained tensor of a layer.</summary>
/// <param name="Role">Its name within the layer: <c>Weight</c>.</param>
/// <param name="Shape">Its dimensions as in files: [outputs, inputs].</param>
/// <param name="Form">How it lies in memory.</param>
/// <param name="Start">How it starts.</param>
/// <param name="FanIn">Inputs of an output.</param>
/// <param name="FanOut">Outputs of an input.</param>
internal sealed record Parameter(string Role, Shape Shape, ParameterForm Form, StartValues Start, int FanIn, int FanOut)
{
    /// <summary>Elements of the buffer it takes, padding included.</summary>
    public long Length => Form == ParameterForm.Contiguous
        ? PanelLayout.Pad(Shape.Size)
        : PanelLayout.Length(Shape.Dimensions[0], (int)(Shape.Elements / Shape.Dimensions[0]));
}

/// <summary>How a parameter lies in memory: the runtime's <c>ParameterLayout</c>.</summary>
internal enum ParameterForm
{
    /// <summary>One element after the other.</summary>
    Contiguous,

    /// <summary>A matrix [outputs, inputs] in panels.</summary>
    Panels,

    /// <summary>Kernels [filters, channels, positions...] in panels, each [positions][channels][32 filters].</summary>
    Kernels,
}

/// <summary>An initializer and its scale; the scale is NaN where none was given.</summary>
internal sealed record StartValues(Initializer Initializer, double Scale);
