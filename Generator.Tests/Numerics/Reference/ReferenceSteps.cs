namespace NetGen.Tests.Numerics.Reference;

/// <summary>What a pass computes with besides its inputs.</summary>
/// <param name="Parameters">One array per parameter tensor.</param>
/// <param name="Buffers">One array per buffer tensor.</param>
/// <param name="Masks">One array per dropout layer; null for no dropout.</param>
/// <param name="Training">Whether batch normalization takes the batch's statistics, not the buffers'.</param>
internal sealed record ReferencePass(
    IReadOnlyList<double[]> Parameters, IReadOnlyList<double[]> Buffers, IReadOnlyList<double[]>? Masks, bool Training);

/// <summary>One operation of a network on a whole batch. Values are row by row, channels first within a row.</summary>
internal abstract class ReferenceStep
{
    public abstract double[] Forward(double[][] inputs, ReferencePass pass);

    /// <summary>Adds to <paramref name="gradients"/>, by parameter, and to <paramref name="inputGradients"/>, by input.</summary>
    public abstract void Backward(
        double[][] inputs, double[] dy, ReferencePass pass, double[][] gradients, double[][] inputGradients);
}

/// <summary>An operation on one value.</summary>
internal abstract class ReferenceUnaryStep : ReferenceStep
{
    public sealed override double[] Forward(double[][] inputs, ReferencePass pass) => Forward(inputs[0], pass);

    public sealed override void Backward(
        double[][] inputs, double[] dy, ReferencePass pass, double[][] gradients, double[][] inputGradients) =>
        Backward(inputs[0], dy, pass, gradients, inputGradients[0]);

    protected abstract double[] Forward(double[] x, ReferencePass pass);

    /// <summary>Adds to <paramref name="gradients"/> and to <paramref name="dx"/>.</summary>
    protected abstract void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx);
}

/// <summary>y = x W^T + b; the weight is tensor <c>first</c>, the bias the one after it.</summary>
internal sealed class LinearStep(int inputs, int outputs, int first, bool bias) : ReferenceUnaryStep
{
    protected override double[] Forward(double[] x, ReferencePass pass)
    {
        int rows = x.Length / inputs;
        double[] y = new double[rows * outputs];
        for (int row = 0; row < rows; row++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias ? pass.Parameters[first + 1][o] : 0;
                for (int i = 0; i < inputs; i++)
                    sum += x[row * inputs + i] * pass.Parameters[first][o * inputs + i];
                y[row * outputs + o] = sum;
            }
        }

        return y;
    }

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        int rows = x.Length / inputs;
        for (int row = 0; row < rows; row++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double d = dy[row * outputs + o];
                if (bias)
                    gradients[first + 1][o] += d;
                for (int i = 0; i < inputs; i++)
                {
                    gradients[first][o * inputs + i] += d * x[row * inputs + i];
                    dx[row * inputs + i] += d * pass.Parameters[first][o * inputs + i];
                }
            }
        }
    }
}

/// <summary>y = f(x), element by element, or row by row for softmax.</summary>
internal sealed class FunctionStep(int width, Activation function, double alpha) : ReferenceUnaryStep
{
    protected override double[] Forward(double[] x, ReferencePass pass) =>
        function == Activation.Softmax
            ? ReferenceMath.Softmax(x, width)
            : Array.ConvertAll(x, value => ReferenceMath.Value(function, alpha, value));

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        if (function != Activation.Softmax)
        {
            for (int i = 0; i < x.Length; i++)
                dx[i] += dy[i] * ReferenceMath.Derivative(function, alpha, x[i]);
            return;
        }

        // dy_i / dx_j = y_i ((i = j) - y_j).
        double[] y = ReferenceMath.Softmax(x, width);
        for (int start = 0; start < x.Length; start += width)
        {
            double mean = 0;
            for (int i = start; i < start + width; i++)
                mean += dy[i] * y[i];
            for (int j = start; j < start + width; j++)
                dx[j] += y[j] * (dy[j] - mean);
        }
    }
}

/// <summary>y = x times mask number <c>index</c>.</summary>
internal sealed class MaskStep(int index) : ReferenceUnaryStep
{
    protected override double[] Forward(double[] x, ReferencePass pass) =>
        pass.Masks is { } masks ? [.. x.Zip(masks[index], (value, scale) => value * scale)] : x;

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        for (int i = 0; i < x.Length; i++)
            dx[i] += dy[i] * (pass.Masks?[index][i] ?? 1);
    }
}

/// <summary>y = x for x &gt; 0, a x otherwise; the slopes a are tensor <c>first</c>, one for each channel.</summary>
internal sealed class SlopeStep(int channels, int positions, int first) : ReferenceUnaryStep
{
    protected override double[] Forward(double[] x, ReferencePass pass) =>
        [.. x.Select((value, i) => value > 0 ? value : pass.Parameters[first][Channel(i)] * value)];

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i] > 0)
            {
                dx[i] += dy[i];
            }
            else
            {
                dx[i] += dy[i] * pass.Parameters[first][Channel(i)];
                gradients[first][Channel(i)] += dy[i] * x[i];
            }
        }
    }

    private int Channel(int i) => i / positions % channels;
}

/// <summary>y = x sigmoid(b x); the slopes b are tensor <c>first</c>, one for each channel.</summary>
internal sealed class SwishStep(int channels, int positions, int first) : ReferenceUnaryStep
{
    protected override double[] Forward(double[] x, ReferencePass pass) =>
        [.. x.Select((value, i) => value * ReferenceMath.Sigmoid(pass.Parameters[first][Channel(i)] * value))];

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        for (int i = 0; i < x.Length; i++)
        {
            double b = pass.Parameters[first][Channel(i)], s = ReferenceMath.Sigmoid(b * x[i]), slope = s * ReferenceMath.Sigmoid(-b * x[i]);
            dx[i] += dy[i] * (s + b * x[i] * slope);
            gradients[first][Channel(i)] += dy[i] * x[i] * x[i] * slope;
        }
    }

    private int Channel(int i) => i / positions % channels;
}

/// <summary>Row x of tensor <c>first</c> for each index x, its elements as channels. Indexes have no gradient.</summary>
internal sealed class LookupStep(int length, int vocabulary, int dimension, int first) : ReferenceUnaryStep
{
    protected override double[] Forward(double[] x, ReferencePass pass)
    {
        double[] y = new double[x.Length * dimension];
        foreach ((int element, int output) in Elements(x))
            y[output] = pass.Parameters[first][element];
        return y;
    }

    protected override void Backward(double[] x, double[] dy, ReferencePass pass, double[][] gradients, double[] dx)
    {
        foreach ((int element, int output) in Elements(x))
            gradients[first][element] += dy[output];
    }

    private IEnumerable<(int Element, int Output)> Elements(double[] x)
    {
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i] != Math.Floor(x[i]) || x[i] < 0 || x[i] >= vocabulary)
                throw new ArgumentOutOfRangeException(nameof(x), $"{x[i]} is no index below {vocabulary}.");
            for (int d = 0; d < dimension; d++)
                yield return ((int)x[i] * dimension + d, (i / length * dimension + d) * length + i % length);
        }
    }
}

/// <summary>The sum of all inputs.</summary>
internal sealed class SumStep : ReferenceStep
{
    public override double[] Forward(double[][] inputs, ReferencePass pass) =>
        [.. inputs[0].Select((_, i) => inputs.Sum(x => x[i]))];

    public override void Backward(
        double[][] inputs, double[] dy, ReferencePass pass, double[][] gradients, double[][] inputGradients)
    {
        foreach (double[] dx in inputGradients)
        {
            for (int i = 0; i < dy.Length; i++)
                dx[i] += dy[i];
        }
    }
}

/// <summary>The product of all inputs.</summary>
internal sealed class ProductStep : ReferenceStep
{
    public override double[] Forward(double[][] inputs, ReferencePass pass) =>
        [.. inputs[0].Select((_, i) => inputs.Aggregate(1.0, (product, x) => product * x[i]))];

    public override void Backward(
        double[][] inputs, double[] dy, ReferencePass pass, double[][] gradients, double[][] inputGradients)
    {
        for (int k = 0; k < inputs.Length; k++)
        {
            double[][] others = [.. inputs[..k], .. inputs[(k + 1)..]];
            for (int i = 0; i < dy.Length; i++)
                inputGradients[k][i] += others.Aggregate(dy[i], (product, x) => product * x[i]);
        }
    }
}

/// <summary>The inputs' rows, of the widths given, one after the other.</summary>
internal sealed class ConcatenationStep(int[] widths) : ReferenceStep
{
    public override double[] Forward(double[][] inputs, ReferencePass pass)
    {
        double[] y = new double[inputs.Sum(x => x.Length)];
        foreach ((int k, int source, int target) in Moves(y.Length))
            y[target] = inputs[k][source];
        return y;
    }

    public override void Backward(
        double[][] inputs, double[] dy, ReferencePass pass, double[][] gradients, double[][] inputGradients)
    {
        foreach ((int k, int source, int target) in Moves(dy.Length))
            inputGradients[k][source] += dy[target];
    }

    private IEnumerable<(int Input, int Source, int Target)> Moves(int count)
    {
        int target = 0;
        for (int row = 0; target < count; row++)
        {
            for (int k = 0; k < widths.Length; k++)
            {
                for (int i = 0; i < widths[k]; i++)
                    yield return (k, row * widths[k] + i, target++);
            }
        }
    }
}
