using NetGen.Generator.Emitting;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>The panels of a weight matrix of so many outputs, each with so many weights.</summary>
internal sealed record Panels(int Outputs, int Fan)
{
    /// <summary>Panels of full width.</summary>
    public int Full => PanelLayout.Pad(Outputs) / PanelLayout.PanelWidth;

    /// <summary>Whether a panel of half the width follows.</summary>
    public bool HasNarrow => PanelLayout.Pad(Outputs) % PanelLayout.PanelWidth != 0;

    /// <summary>The kinds of panels there are: the end of their kernels' names, and their width.</summary>
    public IEnumerable<(string Suffix, int Width)> Kinds
    {
        get
        {
            if (Full > 0)
                yield return ("Panel", PanelLayout.PanelWidth);
            if (HasNarrow)
                yield return ("LastPanel", PanelLayout.Alignment);
        }
    }

    public static int Width(string suffix) => suffix == "Panel" ? PanelLayout.PanelWidth : PanelLayout.Alignment;

    /// <summary>
    /// Writes one call for each panel: a loop over the full ones, and the narrow last one. The call is made from the kind, the place
    /// of the panel's weights, and its first output.
    /// </summary>
    public void EmitCalls(SourceWriter writer, Func<string, string, string, string> call)
    {
        int size = Fan * PanelLayout.PanelWidth;
        if (Full > 1)
        {
            writer.Line($"for (nint panel = 0; panel < {Full}; panel++)");
            writer.Line("    " + call("Panel", $"panel * {size}", $"panel * {PanelLayout.PanelWidth}"));
        }
        else if (Full == 1)
        {
            writer.Line(call("Panel", "0", "0"));
        }

        if (HasNarrow)
            writer.Line(call("LastPanel", $"{Full * size}", $"{Full * PanelLayout.PanelWidth}"));
    }

    /// <summary>Begins a loop over the columns of a panel, as many vectors at a time as a tile has.</summary>
    public static SourceWriter.Scope Columns(SourceWriter writer, int width)
    {
        string step = width == PanelLayout.PanelWidth ? "2 * V.Count" : "V.Count";
        return writer.Block($"for (nint column = 0; column < {width}; column += {step})");
    }

    /// <summary>The same text for each vector of a panel that a tile holds at a time.</summary>
    public static string Each(int vectors, Func<int, string> text) => string.Join(" ", Enumerable.Range(0, vectors).Select(text));

    /// <summary>What is added to a position to reach a vector.</summary>
    public static string Lane(int vector) => vector == 0 ? "" : " + V.Count";
}
