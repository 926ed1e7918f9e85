// The generator compiles this very file, in a namespace of its own, so that both sides agree.
#if NETGEN_GENERATOR
namespace NetGen.Generator.Model;
#else
namespace NetGen.CodeGeneration;
#endif

/// <summary>
/// Where the weights of a matrix [rows = outputs, columns = inputs] lie in memory: panels of 32 outputs, each
/// [columns][32], so that kernels of every vector width read them in order. The last panel is 16 wide where 16 suffice,
/// and padded with zeros. The layout does not depend on the machine.
/// </summary>
internal static class PanelLayout
{
    /// <summary>Outputs of a full panel.</summary>
    public const int PanelWidth = 32;

    /// <summary>Every buffer is padded to a multiple of this many elements: the widest vector.</summary>
    public const int Alignment = 16;

    /// <summary>Rounds a number of elements up to whole vectors.</summary>
    public static int Pad(int length) => (length + Alignment - 1) / Alignment * Alignment;

    /// <summary>Elements the matrix takes, padding included.</summary>
    public static long Length(int rows, int columns) => ((long)rows + Alignment - 1) / Alignment * Alignment * columns;

    /// <summary>The width of the panel that holds an output: 32, or 16 for a narrow last panel.</summary>
    public static int Width(int rows, int row) => Math.Min(PanelWidth, Pad(rows) - row / PanelWidth * PanelWidth);

    /// <summary>The position of an element in the layout.</summary>
    public static int IndexOf(int rows, int columns, int row, int column) =>
        row / PanelWidth * PanelWidth * columns + column * Width(rows, row) + row % PanelWidth;
}
