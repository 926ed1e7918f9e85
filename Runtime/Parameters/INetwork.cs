using System.Numerics;

namespace NetGen;

/// <summary>
/// What every generated network offers, so that optimizers, files and the training loop work with all of them.
/// Predictions may run on any number of threads at once as long as nothing changes the parameters meanwhile.
/// </summary>
/// <typeparam name="T"><see cref="float"/>, or <see cref="double"/> where the network asks for double precision.</typeparam>
public interface INetwork<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Shapes, costs and parameter places, known since compilation.</summary>
    NetworkInfo Info { get; }

    /// <summary>The weights and biases of all layers.</summary>
    ParameterBuffer<T> Parameters { get; }

    /// <summary>
    /// Computes the outputs of one or more rows: probabilities where the loss works on logits, the last layer's values
    /// otherwise. Dropout is off. Allocates nothing.
    /// </summary>
    /// <param name="inputs">[rows, InputSize], row by row.</param>
    /// <param name="outputs">
    /// [rows, OutputSize], row by row; may be exactly the span of <paramref name="inputs"/>, each row of which is read before its outputs are written.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A length does not fit the shapes, or the outputs overlap the inputs in any other way, or the parameters.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An input that an embedding looks up is no index; nothing is written.</exception>
    void Predict(ReadOnlySpan<T> inputs, Span<T> outputs);

    /// <summary>
    /// Computes the last layer's raw values of one or more rows: logits where the loss works on logits. Dropout is off.
    /// </summary>
    /// <param name="inputs">[rows, InputSize], row by row.</param>
    /// <param name="outputs">
    /// [rows, OutputSize], row by row; may be exactly the span of <paramref name="inputs"/>, each row of which is read before its outputs are written.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A length does not fit the shapes, or the outputs overlap the inputs in any other way, or the parameters.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An input that an embedding looks up is no index; nothing is written.</exception>
    void Forward(ReadOnlySpan<T> inputs, Span<T> outputs);

    /// <summary>
    /// Runs forward, loss and backward over the rows of one training pass, adding the parameter gradients to a buffer.
    /// Generated classes offer simpler overloads on top.
    /// </summary>
    /// <param name="pass">The rows, their targets or output gradients, and where gradients go.</param>
    /// <returns>The sum over the rows of each row's loss, or 0 where output gradients were given.</returns>
    /// <exception cref="ArgumentException">
    /// A length does not fit the shapes, a class index is out of range, or what is written (<see cref="TrainingPass{T}.Gradients"/> and
    /// <see cref="TrainingPass{T}.InputGradients"/>) overlaps what is read; input gradients may be exactly the span of inputs, targets or output gradients.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An input that an embedding looks up is no index; nothing is written.</exception>
    /// <exception cref="InvalidOperationException">The network declares no loss and no output gradients are given.</exception>
    double Train(scoped in TrainingPass<T> pass);
}

/// <summary>The rows of one forward and backward pass, and where its results go.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public ref struct TrainingPass<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>[rows, InputSize].</summary>
    public ReadOnlySpan<T> Inputs { get; set; }

    /// <summary>[rows, OutputSize] target values or distributions; empty where the others are given.</summary>
    public ReadOnlySpan<T> Targets { get; set; }

    /// <summary>
    /// [rows] class indexes, for <see cref="Loss.SoftmaxCrossEntropy"/>; empty where the others are given. Nothing may change them during the pass: a
    /// change that makes one no class throws when its row is reached, after rows before have added their gradients.
    /// </summary>
    public ReadOnlySpan<int> Labels { get; set; }

    /// <summary>[rows, OutputSize] gradients of the raw outputs, in place of a loss; empty where the others are given.</summary>
    public ReadOnlySpan<T> OutputGradients { get; set; }

    /// <summary>Parameter gradients are added here; null where they are not wanted.</summary>
    public ParameterBuffer<T>? Gradients { get; set; }

    /// <summary>[rows, InputSize] input gradients are written here; empty where they are not wanted.</summary>
    public Span<T> InputGradients { get; set; }

    /// <summary>What the loss gradient of each row is multiplied by: 1 / (rows of the batch) for a mean over the batch.</summary>
    public T Scale { get; set; }

    /// <summary>The number of the first row within its batch, which fixes its random numbers however rows are divided.</summary>
    public int FirstRow { get; set; }

    /// <summary>
    /// Whether batch normalization uses its running statistics, as in predicting, rather than those of the rows given; false unless set.
    /// </summary>
    public bool UseRunningStatistics { get; set; }

    /// <summary>Fixes dropout masks, noise and random slopes; the default value turns them off.</summary>
    public RandomKey Random { get; set; }
}
