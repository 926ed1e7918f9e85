using System.Numerics;
using System.Runtime.CompilerServices;
using NetGen.CodeGeneration;

namespace NetGen;

/// <summary>
/// Takes the steps of a training on several threads. A batch is divided into shards by rules that know its rows and the
/// network but not the threads; each shard has a gradient buffer of its own, and they are added in order. So the result is the
/// same to the last bit however many threads there are.
/// </summary>
internal sealed class Trainer<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int FewestShardRows = 16;

    // A shard with less work than this costs more in waiting than it saves.
    private const long FewestShardMultiplyAdds = 500_000;

    // Adding up gradients takes as long as some rows of a dense network: few shards for those, more where rows are dear.
    private const int MostShards = 4;
    private const int MostShardsOfCostlyRows = 16;
    private const int CostlyRowFactor = 8;
    private const int AdditionBlock = 1 << 14;

    private readonly INetwork<T> _network;
    private readonly NetworkInfo _info;
    private readonly ParameterBuffer<T> _parameters;
    private readonly T[] _kept;
    private readonly Optimizer _optimizer;
    private readonly WorkerTeam _team;
    private readonly Dataset _data;
    private readonly int _seed;
    private readonly bool _usesLabels;
    private readonly T[] _inputs;
    private readonly T[] _targets;
    private readonly int[] _labels;
    private readonly List<ParameterBuffer<T>> _gradients = [];
    private readonly double[] _losses = new double[MostShardsOfCostlyRows];
    private readonly Action<int> _trainShard;
    private readonly Action<int> _addBlock;
    private int _rows;
    private int _shards;
    private volatile bool _hasNonFiniteGradient;
    private long _step;

    public Trainer(INetwork<T> network, Optimizer optimizer, Dataset data, int batchSize, int threads, int seed)
    {
        NetworkInfo info = network.Info;
        _usesLabels = RowTargets.UseLabels(info, data);
        int rows = Math.Min(batchSize, data.Count);
        optimizer.CheckRate<T>();
        _network = network;
        _info = info;
        // A network of the user's own may hand out another buffer at any time, and kernels below count on this one's length.
        _parameters = network.Parameters;
        _kept = new T[_parameters.Length];
        Keep();
        _optimizer = optimizer;
        _data = data;
        _seed = seed;
        _inputs = new T[checked(rows * info.InputSize)];
        _targets = _usesLabels ? [] : new T[checked(rows * info.OutputSize)];
        _labels = _usesLabels ? new int[rows] : [];
        _trainShard = TrainShard;
        _addBlock = AddBlock;
        for (int shard = 0; shard < ShardsOf(rows); shard++)
            _gradients.Add(new ParameterBuffer<T>(_parameters.Length, _parameters.TrainedLength));
        _team = new WorkerTeam(Math.Min(threads, Math.Max(1, _gradients.Count)));
    }

    /// <summary>Whether the parameters after the last step were finite. If not, those that were kept are back.</summary>
    public bool HasFiniteParameters { get; private set; } = true;

    /// <summary>Remembers the parameters, to return to them if a step makes them infinite.</summary>
    public void Keep() => _parameters.Span.CopyTo(_kept);

    /// <summary>
    /// Takes one step over some rows and returns their mean loss. If that or a gradient is not finite, it returns a loss that is
    /// not, and the parameters stay as they are.
    /// </summary>
    /// <exception cref="InvalidOperationException">The network has other parameters than at the start.</exception>
    public double Step(ReadOnlySpan<int> rows)
    {
        if (!ReferenceEquals(_network.Parameters, _parameters))
        {
            throw new InvalidOperationException(
                $"The parameters of {_info.Name} have become another buffer during training: its property must return the same one always.");
        }

        _rows = rows.Length;
        _shards = ShardsOf(_rows);
        _data.CopyFeatures(rows, _inputs.AsSpan(0, _rows * _data.InputSize));
        if (_usesLabels)
            _data.CopyLabels(rows, _labels.AsSpan(0, _rows));
        else
            RowTargets.Copy(_info, _data, rows, _targets.AsSpan(0, _rows * _info.OutputSize));

        _team.Run(_shards, _trainShard);
        double loss = 0;
        for (int shard = 0; shard < _shards; shard++)
            loss += _losses[shard];
        loss /= _rows;
        if (!double.IsFinite(loss))
            return loss;

        _hasNonFiniteGradient = false;
        _team.Run((_parameters.Length + AdditionBlock - 1) / AdditionBlock, _addBlock);
        if (_hasNonFiniteGradient)
            return double.NaN;
        HasFiniteParameters = _optimizer.Step(_parameters, _gradients[0]);
        if (!HasFiniteParameters)
            _kept.CopyTo(_parameters.Span);
        _step++;
        return loss;
    }

    public void Dispose() => _team.Dispose();

    private int ShardsOf(int rows)
    {
        if (_info.UsesBatchStatistics)
            return 1;
        long multiplyAdds = _info.MultiplyAdds;
        int most = multiplyAdds > (long)CostlyRowFactor * _parameters.Length ? MostShardsOfCostlyRows : MostShards;
        long shards = Math.Min(rows / FewestShardRows, rows * multiplyAdds / FewestShardMultiplyAdds);
        return (int)Math.Clamp(shards, 1, most);
    }

    private void TrainShard(int shard)
    {
        int first = (int)((long)_rows * shard / _shards), count = (int)((long)_rows * (shard + 1) / _shards) - first;
        _gradients[shard].Clear();
        _losses[shard] = _network.Train(new TrainingPass<T>
        {
            Inputs = _inputs.AsSpan(first * _info.InputSize, count * _info.InputSize),
            Targets = _usesLabels ? default : _targets.AsSpan(first * _info.OutputSize, count * _info.OutputSize),
            Labels = _usesLabels ? _labels.AsSpan(first, count) : default,
            Gradients = _gradients[shard],
            Scale = T.One / T.CreateTruncating(_rows),
            FirstRow = first,
            Random = new RandomKey(_seed, _step),
        });
    }

    private void AddBlock(int block)
    {
        int start = block * AdditionBlock, length = Math.Min(AdditionBlock, _parameters.Length - start);
        if (SimdWidth.Is512)
            AddBlock<Simd512<T>>(start, length);
        else if (SimdWidth.Is256)
            AddBlock<Simd256<T>>(start, length);
        else
            AddBlock<Simd128<T>>(start, length);
    }

    private void AddBlock<V>(int start, int length)
        where V : struct, ISimd<V, T>
    {
        ref T sum = ref Unsafe.Add(ref _gradients[0].Start, start);
        for (int shard = 1; shard < _shards; shard++)
            VectorLoops.Add<V, T>(ref Unsafe.Add(ref _gradients[shard].Start, start), ref sum, length);
        if (!VectorLoops.IsFinite<V, T>(ref sum, length))
            _hasNonFiniteGradient = true;
    }
}
