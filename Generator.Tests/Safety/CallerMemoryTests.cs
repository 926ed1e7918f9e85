using System.Runtime.InteropServices;
using NetGen.CodeGeneration;
using NetGen.Tests.TrainingLoop;
using Xunit;

namespace NetGen.Tests.Safety;

/// <summary>Indexes: rows of six, more than the vectors there are rows computed together.</summary>
[Network(6, Loss = Loss.MeanSquaredError)]
[Layer.Embedding(10, 8)]
[Layer.Flatten]
[Layer.Dense(2)]
public sealed partial class TokensNetwork;

/// <summary>Indexes that stand behind other inputs in a row.</summary>
[Network(Loss = Loss.MeanSquaredError)]
[Layer.Input(2, Name = "Numbers")]
[Layer.Input(3, Name = "Tokens")]
[Layer.Embedding(7, 4)]
[Layer.Flatten(Name = "Flat")]
[Layer.Concat(From = ["Numbers", "Flat"])]
[Layer.Dense(1)]
public sealed partial class MixedNetwork;

/// <summary>As many outputs as inputs.</summary>
[Network(5, Loss = Loss.MeanSquaredError)]
[Layer.Dense(9, Activation.Tanh)]
[Layer.Dense(5)]
public sealed partial class SquareNetwork;

/// <summary>Memory of the caller that is read while it changes, or that is given for two purposes. Nothing may crash or go wrong silently.</summary>
public class CallerMemoryTests
{
    // More than the 64 rows computed together.
    private const int Rows = 200;

    [Fact]
    public void Labels_in_the_memory_of_input_gradients_are_refused()
    {
        ClassesNetwork network = new(seed: 1);
        float[] inputs = Random(Rows * 4), inputGradients = new float[Rows * 4];
        ParameterBuffer<float> gradients = network.CreateGradients();
        ArgumentException error = Assert.Throws<ArgumentException>(() => network.Train(new TrainingPass<float>
        {
            Inputs = inputs,
            Labels = MemoryMarshal.Cast<float, int>(inputGradients)[..Rows],
            InputGradients = inputGradients,
            Gradients = gradients,
            Scale = 1,
        }));
        Assert.Equal("The labels overlap memory that gradients are written to: give memory of their own.", error.Message);
        Assert.Throws<ArgumentException>(() => network.Train(new TrainingPass<float>
        {
            Inputs = inputs.AsSpan(0, 4),
            Labels = MemoryMarshal.Cast<float, int>(gradients.Span)[^1..],
            Gradients = gradients,
            Scale = 1,
        }));
        Assert.Equal(gradients.Length, gradients.Span.Count(0f));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_label_that_changes_after_the_check_is_refused_where_it_is_used(int label)
    {
        float[] destination = new float[2 * 16];
        TrainingPass<float> pass = new() { Labels = new int[] { 0, 2, label } };
        TrainingRows.LoadTargets(pass, 0, 2, ref destination[0], 0, 3, 3, 16);
        Assert.Equal((1, 1, 30), (destination[0], destination[18], destination.Count(value => value == 0)));
        ArgumentException error = Assert.Throws<ArgumentException>(() =>
            TrainingRows.LoadTargets(new TrainingPass<float> { Labels = new int[] { 0, 2, label } }, 1, 2, ref destination[0], 0, 3, 3, 16));
        Assert.Contains($"Label {label} of row 2 is no class: classes are 0 to 2. It was changed while the pass ran", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_and_indexes_that_another_thread_writes_meanwhile_end_no_process()
    {
        ClassesNetwork classes = new(seed: 1);
        TokensNetwork tokens = new(seed: 1);
        float[] inputs = Random(Rows * 4), indexes = new float[Rows * 6], targets = new float[Rows * 2];
        int[] labels = new int[Rows];
        bool isDone = false;
        Thread writer = new(() =>
        {
            for (int i = 0; !Volatile.Read(ref isDone); i++)
            {
                Volatile.Write(ref labels[i % Rows], i % 3 == 0 ? int.MaxValue - i : i % 3);
                Volatile.Write(ref indexes[i % indexes.Length], i % 3 == 0 ? 1e9f : i % 10);
            }
        });
        writer.Start();
        ParameterBuffer<float> gradients = classes.CreateGradients(), tokenGradients = tokens.CreateGradients();
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            refused += Record.Exception(() => classes.Gradient(inputs, labels, gradients)) is ArgumentException ? 1 : 0;
            refused += Record.Exception(() => tokens.Gradient(indexes, targets, tokenGradients)) is ArgumentOutOfRangeException ? 1 : 0;
        }

        Volatile.Write(ref isDone, true);
        writer.Join();
        Assert.NotEqual(0, refused);
    }

    [Theory]
    [InlineData(10f)]
    [InlineData(-1f)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    public void An_index_that_is_none_is_found_before_anything_is_written(float index)
    {
        TokensNetwork network = new(seed: 1);
        float[] inputs = new float[Rows * 6], outputs = new float[Rows * 2], targets = new float[Rows * 2], inputGradients = new float[Rows * 6];
        inputs[150 * 6 + 4] = index;
        Array.Fill(outputs, 7f);
        Array.Fill(inputGradients, 7f);
        ParameterBuffer<float> gradients = network.CreateGradients();

        string message = Assert.Throws<ArgumentOutOfRangeException>(() => network.Predict(inputs, outputs)).Message;
        Assert.Contains("at position 4 of a row is no whole number from 0 to 9 (row 150 of this call, counted from 0)", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Forward(inputs, outputs));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Train(new TrainingPass<float>
        {
            Inputs = inputs,
            Targets = targets,
            Gradients = gradients,
            InputGradients = inputGradients,
            Scale = 1,
        }));

        Assert.Equal(outputs.Length, outputs.Count(value => value == 7));
        Assert.Equal(inputGradients.Length, inputGradients.Count(value => value == 7));
        Assert.Equal(gradients.Length, gradients.Span.Count(0f));
    }

    [Fact]
    public void Indexes_behind_other_inputs_are_checked_in_their_place()
    {
        MixedNetwork network = new(seed: 1);
        float[] inputs = new float[Rows * 5], outputs = new float[Rows];
        // Numbers may be anything.
        inputs[5 * 5] = -0.5f;
        network.Predict(inputs, outputs);
        inputs[170 * 5 + 4] = 7;
        Array.Fill(outputs, 7f);
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => network.Predict(inputs, outputs)).Message;
        Assert.Contains("Index 7 at position 2 of a row is no whole number from 0 to 6 (row 170 of this call, counted from 0)", message, StringComparison.Ordinal);
        Assert.Equal(Rows, outputs.Count(value => value == 7));
    }

    [Fact]
    public void Outputs_may_be_the_inputs_but_not_overlap_them()
    {
        SquareNetwork network = new(seed: 1);
        float[] memory = Random((Rows + 1) * 5), expected = new float[Rows * 5];
        network.Predict(memory.AsSpan(5), expected);
        foreach (int shift in (int[])[0, 1, 4, 6, 10])
        {
            float[] before = [.. memory];
            string message = Assert.Throws<ArgumentException>(
                () => network.Predict(memory.AsSpan(5, (Rows - 1) * 5), memory.AsSpan(shift, (Rows - 1) * 5))).Message;
            Assert.Contains("outputs overlap the inputs", message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => network.Forward(memory.AsSpan(5, (Rows - 1) * 5), memory.AsSpan(shift, (Rows - 1) * 5)));
            Assert.Equal(before, memory);
        }

        network.Predict(memory.AsSpan(5), memory.AsSpan(5));
        Assert.Equal(expected, memory[5..]);
        // Side by side is not over each other.
        network.Predict(memory.AsSpan(0, 5), memory.AsSpan(5, 5));
    }

    [Fact]
    public void Outputs_in_the_parameters_are_refused()
    {
        SquareNetwork network = new(seed: 1);
        float[] before = network.Parameters.Span.ToArray();
        string message = Assert.Throws<ArgumentException>(() => network.Predict(new float[5], network.Parameters.Span[3..8])).Message;
        Assert.Contains("outputs overlap the parameters", message, StringComparison.Ordinal);
        Assert.Equal(before, network.Parameters.Span.ToArray());
    }

    [Fact]
    public void Gradients_in_the_parameters_or_in_what_is_read_are_refused()
    {
        SquareNetwork network = new(seed: 1);
        float[] before = network.Parameters.Span.ToArray(), memory = Random(Rows * 5), targets = Random(Rows * 5);
        ParameterBuffer<float> gradients = network.CreateGradients();
        Refused(() => network.Gradient(memory, targets, network.Parameters), "gradients are the parameters");
        Refused(() => network.Backward(memory, targets, null, network.Parameters.Span[..memory.Length]), null);
        Refused(() => network.Backward(memory.AsSpan(0, 5), targets.AsSpan(0, 5), null, network.Parameters.Span[..5]),
            "input gradients overlap the parameters");
        Refused(() => network.Backward(memory.AsSpan(0, 5), targets.AsSpan(0, 5), gradients, gradients.Span[..5]),
            "input gradients overlap the gradient buffer");
        Refused(() => network.Gradient(gradients.Span[..5], targets.AsSpan(0, 5), gradients), "inputs overlap the gradient buffer");
        Refused(() => network.Gradient(memory.AsSpan(0, 5), gradients.Span[..5], gradients), "target values overlap the gradient buffer");
        Refused(() => network.Backward(memory.AsSpan(0, 5), gradients.Span[..5], gradients), "output gradients overlap the gradient buffer");
        Refused(() => network.Backward(memory.AsSpan(5, 10), targets.AsSpan(0, 10), null, memory.AsSpan(0, 10)), "input gradients overlap the inputs");
        Refused(() => network.Backward(memory.AsSpan(0, 10), targets.AsSpan(0, 10), null, targets.AsSpan(5, 10)),
            "input gradients overlap the output gradients");
        Refused(() => new Sgd().Step(network.Parameters, network.Parameters), "gradients are the parameters");
        Assert.Equal(before, network.Parameters.Span.ToArray());

        static void Refused(Action call, string? message)
        {
            ArgumentException error = Assert.ThrowsAny<ArgumentException>(call);
            Assert.Contains(message ?? "", error.Message, StringComparison.Ordinal);
        }
    }

    private static float[] Random(int count)
    {
        Random random = new(1);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
