using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace NetGen.CodeGeneration;

/// <summary>
/// Gradients over very many rows in one pass. Added one after the other, those of a million rows would lose all that is below the last bit of their
/// sum. So rows come in blocks, and the gradients of blocks are added with compensation.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GradientBlocks
{
    /// <summary>Runs a pass, already checked, as one pass for each block of rows.</summary>
    /// <param name="network">The network.</param>
    /// <param name="pass">The whole pass, with a buffer for gradients.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="blockRows">Rows of a block.</param>
    /// <returns>The sum of the rows' losses.</returns>
    public static double Train<T>(INetwork<T> network, scoped in TrainingPass<T> pass, int rows, int blockRows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Buffers<T> buffers = Buffers<T>.Of(network.Parameters);
        buffers.Error.Clear();
        double loss = 0;
        for (int first = 0; first < rows; first += blockRows)
        {
            int count = Math.Min(blockRows, rows - first);
            buffers.Block.Clear();
            loss += network.Train(new TrainingPass<T>
            {
                Inputs = pass.Inputs.Slice(first * network.Info.InputSize, count * network.Info.InputSize),
                Targets = pass.Targets.IsEmpty ? default : pass.Targets.Slice(first * network.Info.OutputSize, count * network.Info.OutputSize),
                Labels = pass.Labels.IsEmpty ? default : pass.Labels.Slice(first, count),
                OutputGradients = pass.OutputGradients.IsEmpty ? default
                    : pass.OutputGradients.Slice(first * network.Info.OutputSize, count * network.Info.OutputSize),
                InputGradients = pass.InputGradients.IsEmpty ? default
                    : pass.InputGradients.Slice(first * network.Info.InputSize, count * network.Info.InputSize),
                Gradients = buffers.Block,
                Scale = pass.Scale,
                FirstRow = pass.FirstRow + first,
                UseRunningStatistics = pass.UseRunningStatistics,
                Random = pass.Random,
            });
            Add(buffers, pass.Gradients!, isLast: first + count == rows);
        }

        return loss;
    }

    private static void Add<T>(Buffers<T> buffers, ParameterBuffer<T> gradients, bool isLast)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (SimdWidth.Is512)
            Add<Simd512<T>, T>(ref buffers.Block.Start, ref gradients.Start, ref buffers.Error.Start, gradients.Length, isLast);
        else if (SimdWidth.Is256)
            Add<Simd256<T>, T>(ref buffers.Block.Start, ref gradients.Start, ref buffers.Error.Start, gradients.Length, isLast);
        else
            Add<Simd128<T>, T>(ref buffers.Block.Start, ref gradients.Start, ref buffers.Error.Start, gradients.Length, isLast);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<V, T>(ref T block, ref T gradients, ref T errors, int length, bool isLast)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nint i = 0; i < length; i += V.Count)
        {
            V sum = V.Load(ref gradients, i), error = V.Load(ref errors, i);
            CompensatedSum.Add<V, T>(V.Load(ref block, i), ref sum, ref error);
            V.Store(isLast ? CompensatedSum.Total<V, T>(sum, error) : sum, ref gradients, i);
            V.Store(error, ref errors, i);
        }
    }

    // What a thread keeps from one pass to the next, so that passes allocate nothing: up to the size of what Scratch keeps for good. Passes over so many rows of
    // a larger network take so long that two new buffers do not count.
    private sealed class Buffers<T>(ParameterBuffer<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [ThreadStatic]
        private static Buffers<T>? _last;

        public ParameterBuffer<T> Block { get; } = new(parameters.Length, parameters.TrainedLength);

        public ParameterBuffer<T> Error { get; } = new(parameters.Length, parameters.TrainedLength);

        public static Buffers<T> Of(ParameterBuffer<T> parameters)
        {
            if (_last is { } last && last.Block.Length == parameters.Length && last.Block.TrainedLength == parameters.TrainedLength)
                return last;
            Buffers<T> buffers = new(parameters);
            if (2L * parameters.Length * Unsafe.SizeOf<T>() <= Scratch<T>.KeptBytes)
                _last = buffers;
            return buffers;
        }
    }
}
