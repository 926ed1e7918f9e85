using System.Text;
using NetGen.Generator.Graph;
using NetGen.Generator.Layers;
using NetGen.Generator.Model;
using NetGen.Generator.Planning;

namespace NetGen.Generator.Emitting;

/// <summary>The layer table that stands in the class's documentation and in Summary().</summary>
internal static class SummaryTable
{
    private static readonly string[] Header = ["layer", "output", "parameters", "multiply-adds"];

    /// <summary>The layers on one line, which identifies the architecture in weight files.</summary>
    public static string Architecture(NetworkGraph graph)
    {
        IEnumerable<string> steps = graph.Steps
            .Where(step => !step.Node.IsTrainingOnly && !step.Node.IsHidden)
            .Select(step => graph.Spec.Layers[step.Layer].From is { } from ? $"{step.Node.Description} of {string.Join(" and ", from)}" : step.Node.Description);
        return $"{graph.Input} -> {string.Join(" -> ", steps)}";
    }

    /// <summary>One row of cells for each layer, the header first.</summary>
    public static IEnumerable<string[]> Rows(NetworkGraph graph)
    {
        yield return Header;
        yield return ["input", $"[{graph.Input}]", "", ""];
        foreach (LayerNode node in graph.Nodes.Where(node => !node.IsHidden))
        {
            yield return
            [
                $"{node.Name}: {node.Description}", $"[{node.Output.Shape}]", Number(Trained(node)),
                Number(node.MultiplyAdds),
            ];
        }

        yield return ["total", "", Number(ParameterCount(graph)), Number(graph.MultiplyAdds)];
    }

    public static long ParameterCount(NetworkGraph graph) => graph.Nodes.Sum(Trained);

    private static long Trained(LayerNode node) => node.Parameters.Where(parameter => parameter.IsTrained).Sum(parameter => parameter.Shape.Elements);

    /// <summary>The table as text with aligned columns, and what the network costs below it.</summary>
    public static string Text(NetworkPlan plan)
    {
        string[][] rows = [.. Rows(plan.Graph)];
        int[] widths = [.. Enumerable.Range(0, Header.Length).Select(column => rows.Max(row => row[column].Length))];
        StringBuilder text = new();
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }

        return text.Append(Costs(plan)).ToString();
    }

    /// <summary>Loss and memory in one line.</summary>
    public static string Costs(NetworkPlan plan)
    {
        int elementBytes = plan.T == "float" ? 4 : 8;
        Loss loss = plan.Graph.Loss.Kind;
        return $"{(loss == Loss.None ? "no loss" : loss.ToString())}; weights {Number((long)plan.BufferLength * elementBytes)} bytes; "
            + $"predicting takes {Frame(plan.Prediction)}, training {Frame(plan.Training)}";
    }

    private static string Frame(FramePlan frame) =>
        frame.IsBatch
            ? $"{Number(frame.Bytes)} bytes of scratch memory for each row of a batch"
            : $"{Number(frame.Bytes)} bytes of {(frame.IsOnStack ? "stack" : "scratch memory")} for {Number(frame.Rows)} rows at a time";

    private static string Number(long number) => number == 0 ? "" : SourceWriter.Grouped(number);
}
