using System.ComponentModel;
using System.Numerics;

namespace NetGen.CodeGeneration;

/// <summary>Gives parameters their first values.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ParameterInitializer
{
    private const double DefaultDeviation = 0.05;

    /// <summary>Fills one parameter, drawing in the order of its shape so that values do not depend on the layout.</summary>
    /// <param name="buffer">The parameters of the network.</param>
    /// <param name="parameter">The one to fill.</param>
    /// <param name="initializer">How.</param>
    /// <param name="scale">The value, deviation or limit of a constant, normal or uniform initializer; NaN for its default.</param>
    /// <param name="fanIn">Inputs of an output.</param>
    /// <param name="fanOut">Outputs of an input.</param>
    /// <param name="seed">The seed of the network.</param>
    /// <param name="stream">The number of the parameter, so that each draws numbers of its own.</param>
    public static void Fill<T>(
        ParameterBuffer<T> buffer, ParameterInfo parameter, Initializer initializer, double scale, int fanIn, int fanOut, int seed, int stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double given(double otherwise) => double.IsNaN(scale) ? otherwise : scale;
        (double uniform, double normal, double constant) = initializer switch
        {
            Initializer.Constant => (0, 0, given(1)),
            Initializer.Normal => (0, given(DefaultDeviation), 0),
            Initializer.Uniform => (given(DefaultDeviation), 0, 0),
            Initializer.XavierUniform => (Math.Sqrt(6d / (fanIn + fanOut)), 0, 0),
            Initializer.XavierNormal => (0, Math.Sqrt(2d / (fanIn + fanOut)), 0),
            Initializer.HeUniform => (Math.Sqrt(6d / fanIn), 0, 0),
            Initializer.HeNormal => (0, Math.Sqrt(2d / fanIn), 0),
            Initializer.LeCunUniform => (Math.Sqrt(3d / fanIn), 0, 0),
            Initializer.LeCunNormal => (0, Math.Sqrt(1d / fanIn), 0),
            Initializer.FanInUniform => (Math.Sqrt(1d / fanIn), 0, 0),
            _ => (0d, 0d, 0d),
        };
        SeededRandom random = new(seed, stream);
        T[] values = new T[parameter.Count];
        foreach (ref T value in values.AsSpan())
        {
            value = T.CreateTruncating(
                uniform > 0 ? (2 * random.NextDouble() - 1) * uniform : normal > 0 ? random.NextNormal() * normal : constant);
        }

        parameter.CopyFrom(values, buffer.Span);
    }
}
