namespace NetGen.Tests.Numerics.Reference;

/// <summary>How a kernel or window slides over [channels, height, width]; a signal is an image one pixel high.</summary>
internal sealed class ReferenceWindow
{
    private readonly int _dimensions, _stride, _padding, _dilation;

    /// <param name="shape">[channels, height, width] or [channels, length].</param>
    /// <param name="dimensions">2 or 1: as many dimensions as there must be after the channels.</param>
    /// <param name="size">The extent of the window along each dimension.</param>
    /// <param name="stride">The step from one window to the next.</param>
    /// <param name="padding">Zeros at each side.</param>
    /// <param name="dilation">The distance between the inputs of a window.</param>
    public ReferenceWindow(int[] shape, int dimensions, int size, int stride, int padding = 0, int dilation = 1)
    {
        if (shape.Length != dimensions + 1)
            throw new ArgumentException($"A window of {dimensions} dimensions cannot slide over [{string.Join(", ", shape)}].");

        (_dimensions, _stride, _padding, _dilation) = (dimensions, stride, padding, dilation);
        (Channels, Height, Width) = (shape[0], dimensions == 2 ? shape[1] : 1, shape[^1]);
        (SizeY, SizeX) = (dimensions == 2 ? size : 1, size);
        (OutputHeight, OutputWidth) = (dimensions == 2 ? Extent(Height) : 1, Extent(Width));

        int Extent(int input)
        {
            int rest = input + 2 * padding - dilation * (size - 1) - 1;
            return rest >= 0
                ? rest / stride + 1
                : throw new ArgumentException($"A window of {size} does not fit into [{string.Join(", ", shape)}].");
        }
    }

    public int Channels { get; }

    public int Height { get; }

    public int Width { get; }

    public int SizeY { get; }

    public int SizeX { get; }

    public int OutputHeight { get; }

    public int OutputWidth { get; }

    public int[] OutputShape(int channels) =>
        _dimensions == 2 ? [channels, OutputHeight, OutputWidth] : [channels, OutputWidth];

    /// <summary>The elements within the image that the window at (oy, ox) sees: where in the window, and where in the image.</summary>
    public IEnumerable<(int Ky, int Kx, int Y, int X)> Elements(int oy, int ox)
    {
        for (int ky = 0; ky < SizeY; ky++)
        {
            for (int kx = 0; kx < SizeX; kx++)
            {
                int y = _dimensions == 2 ? oy * _stride - _padding + ky * _dilation : 0;
                int x = ox * _stride - _padding + kx * _dilation;
                if (y >= 0 && y < Height && x >= 0 && x < Width)
                    yield return (ky, kx, y, x);
            }
        }
    }
}

/// <summary>
/// Sums of inputs times weights. Every product of one row is listed, so that forward and backward are walks through the list.
/// </summary>
/// <param name="inputs">The elements of an input row.</param>
/// <param name="products">The elements of the input row, the weight and the output row of each product.</param>
/// <param name="weight">The tensor of the weights.</param>
/// <param name="biases">For each element of an output row, that of the bias which is added to it.</param>
/// <param name="bias">The tensor of the biases; null for none.</param>
internal sealed class ProductSumStep(
    int inputs, IReadOnlyList<(int Input, int Weight, int Output)> products, int weight, int[] biases, int? bias) : ReferenceUnaryStep
{
    private readonly int _outputs = biases.Length;

    protected override double[] Forward(double[] x, ReferencePass pass)
    {
        int rows = x.Length / inputs;
        double[] y = new double[rows * _outputs], w = pass.Parameters[weight];
        for (int row = 0; row < rows; row++)
        {
            for (int o = 0; bias is { } tensor && o < _outputs; o++)
                y[row * _outputs + o] = pass.Parameters[tensor][biases[o]];
            foreach ((int i, int k, int o) in products)
                y[row * _outputs + o] += x[row * inputs + i] * w[k];
        }

        return y;
    }

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        double[] w = pass.Parameters[weight];
        for (int row = 0; row < x.Length / inputs; row++)
        {
            for (int o = 0; bias is { } tensor && o < _outputs; o++)
                gradients[tensor][biases[o]] += dy[row * _outputs + o];
            foreach ((int i, int k, int o) in products)
            {
                gradients[weight][k] += dy[row * _outputs + o] * x[row * inputs + i];
                dx[row * inputs + i] += dy[row * _outputs + o] * w[k];
            }
        }
    }
}

/// <summary>The products of layers with weights.</summary>
internal static class ReferenceProducts
{
    /// <summary>A convolution with weights [filters, channels / groups, kernel...].</summary>
    public static List<(int Input, int Weight, int Output)> Convolution(ReferenceWindow window, int filters, int groups)
    {
        if (window.Channels % groups != 0 || filters % groups != 0)
            throw new ArgumentException($"{window.Channels} channels and {filters} filters cannot be divided into {groups} groups.");

        List<(int, int, int)> products = [];
        int depth = window.Channels / groups;
        for (int filter = 0; filter < filters; filter++)
        {
            int group = filter / (filters / groups);
            for (int oy = 0; oy < window.OutputHeight; oy++)
            {
                for (int ox = 0; ox < window.OutputWidth; ox++)
                {
                    for (int c = 0; c < depth; c++)
                    {
                        foreach ((int ky, int kx, int y, int x) in window.Elements(oy, ox))
                        {
                            products.Add((
                                ((group * depth + c) * window.Height + y) * window.Width + x,
                                ((filter * depth + c) * window.SizeY + ky) * window.SizeX + kx,
                                (filter * window.OutputHeight + oy) * window.OutputWidth + ox));
                        }
                    }
                }
            }
        }

        return products;
    }

    /// <summary>
    /// The transpose of a convolution whose input would be what this one's output is: where that one gathers, this one scatters.
    /// Weights are [channels, filters, kernel, kernel], the filters being the channels of the window.
    /// </summary>
    public static List<(int Input, int Weight, int Output)> Transposed(ReferenceWindow window, int channels)
    {
        List<(int, int, int)> products = [];
        for (int c = 0; c < channels; c++)
        {
            for (int iy = 0; iy < window.OutputHeight; iy++)
            {
                for (int ix = 0; ix < window.OutputWidth; ix++)
                {
                    for (int filter = 0; filter < window.Channels; filter++)
                    {
                        foreach ((int ky, int kx, int y, int x) in window.Elements(iy, ix))
                        {
                            products.Add((
                                (c * window.OutputHeight + iy) * window.OutputWidth + ix,
                                ((c * window.Channels + filter) * window.SizeY + ky) * window.SizeX + kx,
                                (filter * window.Height + y) * window.Width + x));
                        }
                    }
                }
            }
        }

        return products;
    }

    /// <summary>A convolution with weights [positions, filters, channels, kernel, kernel].</summary>
    public static List<(int Input, int Weight, int Output)> Local(ReferenceWindow window, int filters)
    {
        List<(int, int, int)> products = [];
        for (int oy = 0; oy < window.OutputHeight; oy++)
        {
            for (int ox = 0; ox < window.OutputWidth; ox++)
            {
                int position = oy * window.OutputWidth + ox;
                for (int filter = 0; filter < filters; filter++)
                {
                    for (int c = 0; c < window.Channels; c++)
                    {
                        foreach ((int ky, int kx, int y, int x) in window.Elements(oy, ox))
                        {
                            products.Add((
                                (c * window.Height + y) * window.Width + x,
                                (((position * filters + filter) * window.Channels + c) * window.SizeY + ky) * window.SizeX + kx,
                                (filter * window.OutputHeight + oy) * window.OutputWidth + ox));
                        }
                    }
                }
            }
        }

        return products;
    }

    /// <summary>The connections of a dense layer with weights [units, inputs].</summary>
    public static List<(int Input, int Weight, int Output)> Masked(bool[] mask, int inputs, int units)
    {
        List<(int, int, int)> products = [];
        for (int unit = 0; unit < units; unit++)
        {
            for (int i = 0; i < inputs; i++)
            {
                if (mask[unit * inputs + i])
                    products.Add((i, unit * inputs + i, unit));
            }
        }

        return products;
    }

    /// <summary>The weights [units, inputs] of a dense layer from its units to its inputs.</summary>
    public static List<(int Input, int Weight, int Output)> Back(int inputs, int units)
    {
        List<(int, int, int)> products = [];
        for (int unit = 0; unit < units; unit++)
        {
            for (int i = 0; i < inputs; i++)
                products.Add((unit, unit * inputs + i, i));
        }

        return products;
    }
}

/// <summary>The largest value (the first, if several are) or the mean of each window: a list of elements of a row.</summary>
internal sealed class PoolStep(int inputs, int[][] windows, bool max) : ReferenceUnaryStep
{
    /// <summary>The windows of each channel, in row-major order.</summary>
    public static int[][] Sliding(ReferenceWindow window) =>
    [
        .. from channel in Enumerable.Range(0, window.Channels)
           from oy in Enumerable.Range(0, window.OutputHeight)
           from ox in Enumerable.Range(0, window.OutputWidth)
           select window.Elements(oy, ox).Select(at => (channel * window.Height + at.Y) * window.Width + at.X).ToArray(),
    ];

    /// <summary>At each position, as many consecutive channels as there are pieces.</summary>
    public static int[][] Pieces(int channels, int positions, int pieces)
    {
        if (channels % pieces != 0)
            throw new ArgumentException($"{channels} channels cannot be divided into outputs of {pieces} pieces.");
        return
        [
            .. from channel in Enumerable.Range(0, channels / pieces)
               from position in Enumerable.Range(0, positions)
               select Enumerable.Range(0, pieces).Select(piece => (channel * pieces + piece) * positions + position).ToArray(),
        ];
    }

    /// <summary>Each channel as one window.</summary>
    public static int[][] Global(int channels, int positions) =>
        [.. Enumerable.Range(0, channels).Select(channel => Enumerable.Range(channel * positions, positions).ToArray())];

    protected override double[] Forward(double[] x, ReferencePass pass)
    {
        double[] y = new double[x.Length / inputs * windows.Length];
        for (int o = 0; o < y.Length; o++)
        {
            int start = o / windows.Length * inputs;
            int[] window = windows[o % windows.Length];
            y[o] = max ? x[start + Largest(x, start, window)] : window.Sum(i => x[start + i]) / window.Length;
        }

        return y;
    }

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        for (int o = 0; o < dy.Length; o++)
        {
            int start = o / windows.Length * inputs;
            int[] window = windows[o % windows.Length];
            if (max)
            {
                dx[start + Largest(x, start, window)] += dy[o];
            }
            else
            {
                foreach (int i in window)
                    dx[start + i] += dy[o] / window.Length;
            }
        }
    }

    private static int Largest(double[] x, int start, int[] window)
    {
        int largest = window[0];
        foreach (int i in window)
        {
            if (x[start + i] > x[start + largest])
                largest = i;
        }

        return largest;
    }
}
