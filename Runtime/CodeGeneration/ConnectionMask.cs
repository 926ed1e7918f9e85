using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NetGen.CodeGeneration;

/// <summary>Connections that do not exist.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ConnectionMask
{
    /// <summary>Sets the weights without a connection to zero in a matrix in panels.</summary>
    /// <param name="weights">The matrix, or its gradient.</param>
    /// <param name="outputs">Its outputs.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="mask">A text for each output with '1' or '0' for each input, repeated along both.</param>
    public static void Clear<T>(ref T weights, int outputs, int inputs, ReadOnlySpan<string> mask)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int output = 0; output < outputs; output++)
        {
            string connections = mask[output % mask.Length];
            int start = PanelLayout.IndexOf(outputs, inputs, output, 0), step = PanelLayout.Width(outputs, output);
            for (int input = 0; input < inputs; input++)
            {
                if (connections[input % connections.Length] != '1')
                    Unsafe.Add(ref weights, start + input * step) = T.Zero;
            }
        }
    }
}
