using NetGen.Generator.Diagnostics;
using NetGen.Generator.Emitting;
using NetGen.Generator.Graph;

namespace NetGen.Generator.Layers;

/// <summary>The dimensions in another order.</summary>
internal sealed class PermuteLayer : LayerKind
{
    public override string Name => "Permute";

    public override IReadOnlyList<TensorLayout> Layouts(LayerReader reader, Shape input) => [TensorLayout.Flat];

    public override LayerNode? Resolve(LayerReader reader, IReadOnlyList<Tensor> inputs)
    {
        Tensor input = inputs[0];
        int[] shape = [.. input.Shape.Dimensions], order = [.. reader.Integers("Order")];
        // The first number that is no dimension or one named before; as many others as there are dimensions name each of them.
        int wrong = Array.FindIndex(order, axis => axis < 0 || axis >= shape.Length);
        if (wrong < 0)
            wrong = Enumerable.Range(0, order.Length).Where(place => Array.IndexOf(order, order[place]) < place).DefaultIfEmpty(-1).First();
        if (wrong >= 0 || order.Length != shape.Length)
        {
            reader.Report(
                Rules.WrongOrder, order.Length == shape.Length ? $"Order{NetworkGraph.Text(wrong)}" : null, reader.Name, Text(order), input.Shape.ToString(),
                NetworkGraph.Text(shape.Length), Text(Enumerable.Range(0, shape.Length)));
            return null;
        }

        Tensor output = new(new Shape([.. order.Select(axis => shape[axis])]), TensorLayout.Flat);
        string description = $"Permute({Text(order)})";
        // What moves only dimensions of extent 1 leaves every element where it is.
        return DimensionWalk.Of(shape, order).Extents.Count <= 1
            ? new ViewNode(reader.Name, inputs, output, description)
            : new PermuteNode(reader.Name, inputs, output, order, description);
    }

    private static string Text(IEnumerable<int> numbers) => string.Join(", ", numbers.Select(number => NetworkGraph.Text(number)));
}

/// <summary>
/// The places from which a permutation reads, in the order in which it writes: nested loops, the innermost last, without those of one
/// pass and with those in one that together run over a single one.
/// </summary>
/// <param name="Extents">The passes of each loop.</param>
/// <param name="Steps">Elements from one read to the next.</param>
internal sealed record DimensionWalk(IReadOnlyList<int> Extents, IReadOnlyList<int> Steps)
{
    public static DimensionWalk Of(IReadOnlyList<int> shape, IReadOnlyList<int> order)
    {
        List<int> extents = [], steps = [];
        foreach (int axis in order)
        {
            int extent = shape[axis], step = shape.Skip(axis + 1).Aggregate(1, (product, dimension) => product * dimension), last = extents.Count - 1;
            if (extent == 1)
                continue;
            if (last >= 0 && steps[last] == extent * step)
            {
                extents[last] *= extent;
                steps[last] = step;
            }
            else
            {
                extents.Add(extent);
                steps.Add(step);
            }
        }

        return new(extents, steps);
    }
}

/// <summary>A permutation of known shape.</summary>
internal sealed record PermuteNode(string Name, IReadOnlyList<Tensor> Inputs, Tensor Output, IReadOnlyList<int> Order, string Description)
    : LayerNode(Name, Inputs, Output)
{
    public override string Description { get; } = Description;

    public override bool IsGradientInPlace => false;

    public override string Formula(string input, string output) =>
        $"{output} = {input}, dimensions in the order {string.Join(", ", Order)}: [rows, {Input.Shape}] -> [rows, {Output.Shape}]";

    public override void EmitForward(SourceWriter writer, ForwardStep step) =>
        writer.Line(Call("", Input, step.Input, Output, step.Output));

    public override void EmitBackward(SourceWriter writer, BackwardStep step) =>
        writer.Line(Call("Back", Output, step.OutputGradient, Input, step.InputGradients[0]));

    public override void EmitKernels(SourceWriter writer, KernelContext context)
    {
        writer.Line("// The loops over the elements in the order in which they are written, and how far apart they are read; and back.");
        EmitWalk(writer, "", DimensionWalk.Of([.. Input.Shape.Dimensions], Order));
        int[] back = [.. Order.Select((_, axis) => Order.ToList().IndexOf(axis))];
        EmitWalk(writer, "Back", DimensionWalk.Of([.. Output.Shape.Dimensions], back));
    }

    private string Call(string direction, Tensor from, string source, Tensor to, string destination) =>
        $"RowCopy.Permute(ref {source}, {from.RowLength}, ref {destination}, {to.RowLength}, {KernelClass}.{direction}Extents, {KernelClass}.{direction}Steps, count);";

    // The compiler puts spans of constants into the program's data: nothing is allocated.
    private static void EmitWalk(SourceWriter writer, string direction, DimensionWalk walk)
    {
        writer.Line($"public static ReadOnlySpan<int> {direction}Extents => new int[] {{ {string.Join(", ", walk.Extents)} }};");
        writer.Line($"public static ReadOnlySpan<int> {direction}Steps => new int[] {{ {string.Join(", ", walk.Steps)} }};");
    }
}
