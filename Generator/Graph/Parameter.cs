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
    /// <summary>Its name within the layer as an argument: <c>runningMean</c>.</summary>
    public string ArgumentName => char.ToLowerInvariant(Role[0]) + Role.Substring(1);

    /// <summary>Its name within the layer in files, which is PyTorch's: <c>running_mean</c>.</summary>
    public string FileName => string.Concat(ArgumentName.Select(letter => char.IsUpper(letter) ? "_" + char.ToLowerInvariant(letter) : letter.ToString()));

    /// <summary>The groups into which outputs are divided, each with panels of its own.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>How many dimensions of the shape number the outputs.</summary>
    public int OutputDimensions { get; init; } = 1;

    /// <summary>
    /// Channels of the images whose elements the columns of a matrix in panels stand for, where memory has them channels last; 0 where it has columns in
    /// the order of files.
    /// </summary>
    public int Channels { get; init; }

    /// <summary>Whether optimizers change it; running statistics follow the batches instead.</summary>
    public bool IsTrained { get; init; } = true;

    /// <summary>Which elements exist, as the runtime's <c>ParameterInfo.Mask</c>; none of them missing where it is empty.</summary>
    public EquatableArray<string> Mask { get; init; }

    /// <summary>Elements of the buffer it takes, padding included.</summary>
    public long Length
    {
        get
        {
            if (Form == ParameterForm.Contiguous)
                return Padded(Shape.Elements);
            long outputs = Form == ParameterForm.TransposedKernels
                ? Shape.Dimensions[1]
                : Shape.Dimensions.Take(OutputDimensions).Aggregate(1L, (product, dimension) => product * dimension);
            return Groups * Padded(outputs / Groups) * (Shape.Elements / outputs);

            static long Padded(long length) => (length + PanelLayout.Alignment - 1) / PanelLayout.Alignment * PanelLayout.Alignment;
        }
    }
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

    /// <summary>Kernels [channels, filters, positions...] in panels of filters, each [positions][channels][32 filters].</summary>
    TransposedKernels,
}

/// <summary>An initializer and its scale; the scale is NaN where none was given.</summary>
internal sealed record StartValues(Initializer Initializer, double Scale);
