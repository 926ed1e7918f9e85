using NetGen.Generator.Diagnostics;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>The arguments that all convolutions have.</summary>
internal sealed record ConvArguments(
    int Dimensions, int Filters, int Kernel, int Stride, int Dilation, ActivationFunction Activation, StartValues Weight, StartValues? Bias)
{
    public const int Same = -1;
    private const int MostPadding = 1 << 12;

    /// <summary>Reads them, or returns null after reporting what is wrong.</summary>
    /// <param name="reader">The layer.</param>
    /// <param name="input">What it is given.</param>
    /// <param name="dimensions">The dimensions of its kernel.</param>
    /// <param name="givenFilters">The filters, where the attribute does not say.</param>
    /// <param name="isPlain">Whether there is a layer like it for signals.</param>
    public static ConvArguments? Read(LayerReader reader, Tensor input, int dimensions, int? givenFilters = null, bool isPlain = false)
    {
        ActivationFunction? activation = reader.Activation("Activation");
        (StartValues? weight, StartValues? bias) = reader.Starts(activation);
        int? filters = givenFilters ?? reader.Positive("Filters"), kernel = reader.Positive("Kernel"), stride = reader.Positive("Stride", 1);
        int? dilation = reader.Positive("Dilation", 1);
        if (input.Shape.Dimensions.Count != dimensions + 1)
        {
            string expected = dimensions == 2 ? "[channels, height, width]" : "[channels, length]";
            string remedy = dimensions == 2 ? reader.ImageRemedy(isPlain ? "Conv1D" : null) : reader.SignalRemedy("Conv2D");
            reader.Report(Rules.WrongRank, null, reader.Name, expected, input.Shape.ToString(), remedy);
            return null;
        }

        if (activation is null || weight is null || bias is null || filters is null || kernel is null || stride is null || dilation is null)
            return null;
        if (!activation.IsRowWise)
        {
            return new(
                dimensions, filters.Value, kernel.Value, stride.Value, dilation.Value, activation, weight, reader.Flag("Bias", true) ? bias : null);
        }

        reader.Report(Rules.WrongRank, "Activation", reader.Name, "an activation of single elements", input.Shape.ToString(), ": put a softmax into a layer of its own");
        return null;
    }

    private static string Odd(int kernel) => kernel == int.MaxValue || kernel < 2 ? "3" : $"{NetworkGraph.Text(kernel - 1)} or {NetworkGraph.Text(kernel + 1)}";

    /// <summary>The sizes of a convolution that reads windows of an input, or null after reporting what does not fit.</summary>
    public ConvGeometry? Geometry(LayerReader reader, Tensor input, int? givenGroups = null)
    {
        int channels = input.Channels, groups = givenGroups ?? reader.Integer("Groups", 1);
        if (groups < 1 || channels % groups != 0 || Filters % groups != 0)
        {
            reader.Report(
                Rules.GroupsDoNotDivide, "Groups", reader.Name, NetworkGraph.Text(groups),
                $"{NetworkGraph.Text(channels)} channels and {NetworkGraph.Text(Filters)} filters",
                GroupNormLayer.DivisorsOf(channels, Filters));
            return null;
        }

        long span = (Kernel - 1L) * Dilation + 1;
        int padding = reader.Integer("Padding");
        if (padding == Same && span % 2 == 0)
        {
            reader.Report(
                Rules.PaddingOutOfRange, "Padding", reader.Name, "Padding", "Layer.Same",
                $"it needs a kernel that spans an odd number of inputs, and this one spans {NetworkGraph.Text(span)}: write a kernel of {Odd(Kernel)}");
            return null;
        }

        if (padding is < Same or > MostPadding)
        {
            reader.Report(
                Rules.PaddingOutOfRange, "Padding", reader.Name, "Padding", NetworkGraph.Text(padding),
                $"it must be Layer.Same or from 0 to {NetworkGraph.Text(MostPadding)}");
            return null;
        }

        if (padding == Same)
            padding = (int)Math.Min(int.MaxValue, (span - 1) / 2);
        int smallest = Dimensions == 2 ? Math.Min(input.Height, input.Width) : input.Width;
        if (span > smallest + 2L * padding)
        {
            string padded = padding > 0 ? $" and {NetworkGraph.Text(2L * padding)} of padding" : "";
            long fitting = (smallest + 2L * padding - 1) / Dilation + 1, missing = (span - smallest + 1) / 2;
            // Channels last, the window covers channels; the largest that fits would make a network of another image.
            bool isChannelsLast = reader.Sources.Count > 0 && reader.Sources[0].IsChannelsLast && padding == 0;
            string remedy = isChannelsLast ? $"shapes are channels first: write [{reader.Sources[0].ChannelsFirst}]"
                : $"make it {(Dilation == 1 ? NetworkGraph.Text(fitting) : "smaller")}{(Dilation == 1 && fitting > 1 ? " or smaller" : "")}"
                    + (missing > MostPadding ? "" : $", or write Padding = {(span % 2 == 1 ? "Layer.Same" : NetworkGraph.Text(missing))}");
            reader.ReportFixable(
                Rules.KernelTooLarge, "Kernel", isChannelsLast ? null : NetworkGraph.Text(fitting), reader.Name,
                NetworkGraph.Text(span), NetworkGraph.Text(smallest), padded, input.Shape.ToString(), remedy);
            return null;
        }

        // A kernel of one position has no distances, and a stride beyond the input is as good as one to its end; other sizes stay far from overflow so.
        long widest = Math.Max(Dimensions == 2 ? input.Height : 1, input.Width) + 2L * padding;
        ConvGeometry geometry = new(input, Filters, Kernel, (int)Math.Min(Stride, widest), Kernel == 1 ? 1 : Dilation, padding, Dimensions == 2, groups);
        if (geometry.PaddedElements <= NetworkGraph.LargestRow)
            return geometry;
        reader.Report(
            Rules.TooLarge, "Padding", $"The padded input of layer '{reader.Name}'", NetworkGraph.Text(geometry.PaddedElements), "elements",
            NetworkGraph.Text(NetworkGraph.LargestRow));
        return null;
    }
}
