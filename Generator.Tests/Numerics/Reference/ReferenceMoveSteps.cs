namespace NetGen.Tests.Numerics.Reference;

/// <summary>Elements of the output row made of elements of the input row times constants: everything that moves and mixes without weights.</summary>
/// <param name="inputs">The elements of an input row.</param>
/// <param name="outputs">The elements of an output row.</param>
/// <param name="moves">What is added to where.</param>
internal sealed class MoveStep(int inputs, int outputs, IReadOnlyList<(int Input, int Output, double Factor)> moves) : ReferenceUnaryStep
{
    protected override double[] Forward(double[] x, ReferencePass pass)
    {
        int rows = x.Length / inputs;
        double[] y = new double[rows * outputs];
        for (int row = 0; row < rows; row++)
        {
            foreach ((int i, int o, double factor) in moves)
                y[row * outputs + o] += factor * x[row * inputs + i];
        }

        return y;
    }

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        for (int row = 0; row < x.Length / inputs; row++)
        {
            foreach ((int i, int o, double factor) in moves)
                dx[row * inputs + i] += factor * dy[row * outputs + o];
        }
    }
}

/// <summary>Where layers that move elements take each element of their output from.</summary>
internal static class ReferenceMoves
{
    /// <summary>So many elements from a start.</summary>
    public static List<(int Input, int Output, double Factor)> Slice(int start, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (start + i, i, 1.0))];

    /// <summary>Dimension d of the output is dimension order[d] of the input.</summary>
    public static List<(int Input, int Output, double Factor)> Permute(int[] shape, int[] order)
    {
        if (!order.Order().SequenceEqual(Enumerable.Range(0, shape.Length)))
            throw new ArgumentException($"[{string.Join(", ", order)}] is no order of the {shape.Length} dimensions of [{string.Join(", ", shape)}].");

        List<(int, int, double)> moves = [];
        int[] output = [.. order.Select(dimension => shape[dimension])];
        for (int o = 0; o < ReferenceMath.Product(shape); o++)
        {
            // The coordinates of the output, last first, are those of the input in another order.
            int[] at = new int[shape.Length];
            for (int d = shape.Length - 1, rest = o; d >= 0; rest /= output[d--])
                at[order[d]] = rest % output[d];
            moves.Add((at.Zip(shape).Aggregate(0, (index, next) => index * next.Second + next.First), o, 1));
        }

        return moves;
    }

    /// <summary>Each image enlarged.</summary>
    public static List<(int Input, int Output, double Factor)> Upsample(int channels, int height, int width, int scale, Interpolation interpolation)
    {
        List<(int, int, double)> moves = [];
        for (int c = 0; c < channels; c++)
        {
            for (int y = 0; y < height * scale; y++)
            {
                for (int x = 0; x < width * scale; x++)
                {
                    foreach ((int iy, double shareY) in Shares(y, height))
                    {
                        foreach ((int ix, double shareX) in Shares(x, width))
                            moves.Add(((c * height + iy) * width + ix, (c * height * scale + y) * width * scale + x, shareY * shareX));
                    }
                }
            }
        }

        return moves;

        // The centre of pixel i lies at i + 1/2, in an image enlarged at (i + 1/2) / scale.
        IEnumerable<(int Index, double Share)> Shares(int position, int extent)
        {
            if (interpolation == Interpolation.Nearest)
                return [(position / scale, 1.0)];
            double centre = Math.Clamp((position + 0.5) / scale - 0.5, 0, extent - 1);
            int below = (int)centre, above = Math.Min(below + 1, extent - 1);
            return [(below, 1 - (centre - below)), (above, centre - below)];
        }
    }

    /// <summary>Each image with lines and columns added, or removed where their number is negative.</summary>
    public static List<(int Input, int Output, double Factor)> Pad(
        int channels, int height, int width, (int Top, int Bottom, int Left, int Right) sides, PadMode mode)
    {
        int outputHeight = sides.Top + height + sides.Bottom, outputWidth = sides.Left + width + sides.Right;
        if (outputHeight < 1 || outputWidth < 1)
            throw new ArgumentException($"Nothing of [{channels}, {height}, {width}] is left.");
        if (mode == PadMode.Reflect && (Math.Max(sides.Top, sides.Bottom) >= height || Math.Max(sides.Left, sides.Right) >= width))
            throw new ArgumentException($"[{channels}, {height}, {width}] cannot be mirrored so far.");

        List<(int, int, double)> moves = [];
        for (int c = 0; c < channels; c++)
        {
            for (int y = 0; y < outputHeight; y++)
            {
                for (int x = 0; x < outputWidth; x++)
                {
                    if (Source(y - sides.Top, height) is { } iy && Source(x - sides.Left, width) is { } ix)
                        moves.Add(((c * height + iy) * width + ix, (c * outputHeight + y) * outputWidth + x, 1));
                }
            }
        }

        return moves;

        int? Source(int position, int extent) => mode switch
        {
            _ when position >= 0 && position < extent => position,
            PadMode.Replicate => position < 0 ? 0 : extent - 1,
            PadMode.Reflect => position < 0 ? -position : 2 * (extent - 1) - position,
            _ => null,
        };
    }
}
