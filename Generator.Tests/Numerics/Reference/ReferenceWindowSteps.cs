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
/// A convolution: the weight, [filters, channels / groups, kernel...], is tensor <c>first</c>, the bias the one after it.
/// Every product of one row is listed beforehand, so that forward and backward are sums over the list.
/// </summary>
internal sealed class ConvolutionStep : ReferenceUnaryStep
{
    private readonly int _inputs, _outputs, _positions, _first;
    private readonly bool _bias;
    private readonly List<(int Input, int Weight, int Output)> _products = [];

    public ConvolutionStep(ReferenceWindow window, int filters, int groups, int first, bool bias)
    {
        if (window.Channels % groups != 0 || filters % groups != 0)
            throw new ArgumentException($"{window.Channels} channels and {filters} filters cannot be divided into {groups} groups.");

        _inputs = window.Channels * window.Height * window.Width;
        _positions = window.OutputHeight * window.OutputWidth;
        _outputs = filters * _positions;
        _first = first;
        _bias = bias;
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
                            _products.Add((
                                ((group * depth + c) * window.Height + y) * window.Width + x,
                                ((filter * depth + c) * window.SizeY + ky) * window.SizeX + kx,
                                (filter * window.OutputHeight + oy) * window.OutputWidth + ox));
                        }
                    }
                }
            }
        }
    }

    protected override double[] Forward(double[] x, ReferencePass pass)
    {
        int rows = x.Length / _inputs;
        double[] y = new double[rows * _outputs], weight = pass.Parameters[_first];
        for (int i = 0; _bias && i < y.Length; i++)
            y[i] = pass.Parameters[_first + 1][i / _positions % (_outputs / _positions)];
        for (int row = 0; row < rows; row++)
        {
            foreach ((int i, int w, int o) in _products)
                y[row * _outputs + o] += x[row * _inputs + i] * weight[w];
        }

        return y;
    }

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        int rows = x.Length / _inputs;
        double[] weight = pass.Parameters[_first];
        for (int i = 0; _bias && i < dy.Length; i++)
            gradients[_first + 1][i / _positions % (_outputs / _positions)] += dy[i];
        for (int row = 0; row < rows; row++)
        {
            foreach ((int i, int w, int o) in _products)
            {
                gradients[_first][w] += dy[row * _outputs + o] * x[row * _inputs + i];
                dx[row * _inputs + i] += dy[row * _outputs + o] * weight[w];
            }
        }
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
