using System.Text;
using NetGen.Generator.Graph;
using NetGen.Generator.Layers;
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
            .Select(step => (step.Owner is { } owner && step.Node is not TiedDenseNode ? $"Shared({graph.Steps[owner].Node.Name})" : step.Node.Description)
                + (step.Node is not InputNode && graph.Spec.Layers[step.Layer].From is { } from ? $" of {string.Join(" and ", from)}" : ""));
        return $"{graph.Input} -> {string.Join(" -> ", steps)}";
    }

    /// <summary>One row of cells for each layer, the header first.</summary>
    public static IEnumerable<string[]> Rows(NetworkPlan plan)
    {
        NetworkGraph graph = plan.Graph;
        yield return Header;
        yield return ["input", $"[{graph.Input}]", "", ""];
        foreach (GraphStep step in graph.Steps.Where(step => !step.Node.IsHidden))
        {
            LayerNode node = step.Node;
            yield return
            [
                $"{node.Name}: {node.Description}{(step.Owner is { } owner && step.Node is not TiedDenseNode ? $" shared with {graph.Steps[owner].Node.Name}" : "")}"
                    + Kernel(plan, node),
                $"[{node.Output.Shape}]", Number(Trained(step)),
                Number(node.MultiplyAdds),
            ];
        }

        yield return ["total", "", Number(ParameterCount(graph)), Number(graph.MultiplyAdds)];
    }

    public static long ParameterCount(NetworkGraph graph) => graph.Steps.Sum(Trained);

    private static long Trained(GraphStep step) => step.OwnParameters.Where(parameter => parameter.IsTrained).Sum(parameter => parameter.Shape.Elements);

    /// <summary>The table as text with aligned columns, and what the network costs below it.</summary>
    public static string Text(NetworkPlan plan)
    {
        string[][] rows = [.. Rows(plan)];
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
        IEnumerable<string> losses = plan.Graph.Outputs.Where(output => output.Loss.Exists).Select(output =>
            (output.Weight == 1 ? "" : NetworkGraph.Text(output.Weight) + " ") + (output.Loss.Custom is { } custom ? custom.Replace("global::", "") : output.Loss.Kind.ToString())
            + (plan.Graph.Outputs.Count == 1 ? "" : " of " + output.Name));
        return $"{(plan.Graph.HasLoss ? string.Join(" + ", losses) : "no loss")}; weights {Number((long)plan.BufferLength * elementBytes)} bytes; "
            + $"predicting takes {Frame(plan.Prediction)}, training {Frame(plan.Training)}";
    }

    private static string Frame(FramePlan frame) =>
        frame.IsBatch
            ? $"{Number(frame.Bytes)} bytes of scratch memory for each row of a batch"
            : $"{Number(frame.Bytes)} bytes of {(frame.IsOnStack ? "stack" : "scratch memory")} for {Number(frame.Rows)} rows at a time";

    // How its vectors run; predicting may choose otherwise, with what it has become part of.
    private static string Kernel(NetworkPlan plan, LayerNode node)
    {
        string kernel = plan.Layers.FirstOrDefault(layer => layer.PredictingNode?.Name == node.Name)?.PredictingNode!.Kernel ?? "";
        string text = kernel.Length == 0 || kernel == node.Kernel ? node.Kernel : $"{kernel} when predicting";
        return text.Length == 0 ? "" : ", " + text;
    }

    private static string Number(long number) => number == 0 ? "" : SourceWriter.Grouped(number);
}
