using System.Numerics;
using System.Runtime.ExceptionServices;

namespace NetGen;

/// <summary>
/// Measures a network on a dataset, some rows at a time. The figures of each part have a place of their own and are added in order, so that the
/// result is the same to the last bit however many threads there are.
/// </summary>
internal sealed class Evaluator<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // So few rows are copied at a time rather than the whole dataset.
    private const int MaxPartRows = 256;

    // Starting a second thread takes as long as so much work.
    private const long MinMultiplyAdds = 4_000_000;

    private readonly INetwork<T> _network;
    private readonly Dataset _data;
    private readonly bool _usesLabels;
    private readonly int _partRows;
    private readonly (double Loss, double Correct, double Error)[] _parts;

    public Evaluator(INetwork<T> network, Dataset data)
    {
        _network = network;
        _data = data;
        _usesLabels = RowTargets.UseLabels(network.Info, data);
        _partRows = Math.Min(MaxPartRows, data.Count);
        _parts = new (double, double, double)[(data.Count - 1) / _partRows + 1];
    }

    public Evaluation Run(int threads)
    {
        threads = (int)Math.Clamp(_data.Count * _network.Info.MultiplyAdds / MinMultiplyAdds, 1, Math.Min(threads, _parts.Length));
        if (threads == 1)
            MeasureAll(0, _parts.Length);
        else
            MeasureInParallel(threads);

        double loss = 0, correct = 0, error = 0;
        foreach ((double Loss, double Correct, double Error) part in _parts)
        {
            loss += part.Loss;
            correct += part.Correct;
            error += part.Error;
        }

        bool classifies = _network.Info.Loss is Loss.SoftmaxCrossEntropy or Loss.BinaryCrossEntropy;
        return new(loss / _data.Count, classifies ? correct / _data.Count : null, classifies ? null : error / _data.Count);
    }

    private void MeasureInParallel(int threads)
    {
        try
        {
            Parallel.For(0, threads, thread => MeasureAll(
                (int)((long)_parts.Length * thread / threads), (int)((long)_parts.Length * (thread + 1) / threads)));
        }
        catch (AggregateException exception)
        {
            // The caller meets the same exceptions as with one thread.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    private void MeasureAll(int start, int end)
    {
        NetworkInfo info = _network.Info;
        T[] inputs = new T[_partRows * info.InputSize], outputs = new T[_partRows * info.OutputSize];
        T[] targets = new T[_usesLabels ? 0 : _partRows * info.OutputSize];
        int[] labels = new int[_usesLabels ? _partRows : 0], rows = new int[_partRows];
        for (int part = start; part < end; part++)
        {
            int first = part * _partRows, count = Math.Min(_partRows, _data.Count - first);
            for (int i = 0; i < count; i++)
                rows[i] = first + i;
            Span<T> x = inputs.AsSpan(0, count * info.InputSize), y = outputs.AsSpan(0, count * info.OutputSize);
            Span<T> t = _usesLabels ? default : targets.AsSpan(0, count * info.OutputSize);
            Span<int> classes = _usesLabels ? labels.AsSpan(0, count) : default;
            _data.CopyFeatures(rows.AsSpan(0, count), x);
            if (_usesLabels)
                _data.CopyLabels(rows.AsSpan(0, count), classes);
            else
                RowTargets.Copy(info, _data, rows.AsSpan(0, count), t);
            _parts[part] = Measure(x, t, classes, y);
        }
    }

    private (double Loss, double Correct, double Error) Measure(Span<T> inputs, Span<T> targets, Span<int> labels, Span<T> outputs)
    {
        NetworkInfo info = _network.Info;
        double loss = _network.Train(new TrainingPass<T> { Inputs = inputs, Targets = targets, Labels = labels, Scale = T.One, UseRunningStatistics = true });
        _network.Predict(inputs, outputs);
        double correct = 0, error = 0;
        switch (info.Loss)
        {
            case Loss.SoftmaxCrossEntropy:
                for (int i = 0; i < outputs.Length / info.OutputSize; i++)
                {
                    int label = _usesLabels ? labels[i] : Training.ArgMax<T>(targets.Slice(i * info.OutputSize, info.OutputSize));
                    correct += Training.ArgMax<T>(outputs.Slice(i * info.OutputSize, info.OutputSize)) == label ? 1 : 0;
                }

                break;
            case Loss.BinaryCrossEntropy:
                for (int i = 0; i < outputs.Length; i++)
                    correct += (double.CreateTruncating(outputs[i]) > 0.5) == (double.CreateTruncating(targets[i]) > 0.5) ? 1d / info.OutputSize : 0;
                break;
            default:
                for (int i = 0; i < outputs.Length; i++)
                    error += Math.Abs(double.CreateTruncating(outputs[i] - targets[i])) / info.OutputSize;
                break;
        }

        return (loss, correct, error);
    }
}
