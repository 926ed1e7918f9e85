using System.Numerics;
using System.Reflection;
using System.Runtime.Intrinsics;
using NetGen.CodeGeneration;

namespace NetGen.Tests.Infrastructure;

/// <summary>Calls the generated computation of a network at a chosen vector width, whatever the machine would choose.</summary>
internal sealed class Widths<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private delegate void RunMethod(ReadOnlySpan<T> inputs, ParameterBuffer<T> buffer, Span<T> outputs, int rows, bool link);

    private delegate double TrainMethod(scoped in TrainingPass<T> pass, ParameterBuffer<T> buffer, int rows);

    private readonly INetwork<T> _network;
    private readonly Dictionary<int, (RunMethod Run, TrainMethod Train)> _methods = [];

    public Widths(INetwork<T> network)
    {
        _network = network;
        Type code = network.GetType().Assembly.GetTypes().Single(type => type.Name.EndsWith($"__{network.GetType().Name}Code", StringComparison.Ordinal));
        foreach (int bits in Available)
        {
            Type vector = bits switch { 512 => typeof(Simd512<T>), 256 => typeof(Simd256<T>), _ => typeof(Simd128<T>) };
            _methods[bits] = (Method<RunMethod>("Run", vector), Method<TrainMethod>("Train", vector));
        }

        TDelegate Method<TDelegate>(string name, Type vector)
            where TDelegate : Delegate =>
            code.GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(vector).CreateDelegate<TDelegate>();
    }

    /// <summary>The widths this machine computes in hardware; 128 bits always.</summary>
    public static IEnumerable<int> Available =>
        ((int[])[512, 256, 128]).Where(bits => bits == 128 || (bits == 256 ? Vector256.IsHardwareAccelerated : Vector512.IsHardwareAccelerated));

    public T[] Forward(int bits, ReadOnlySpan<T> inputs, bool link)
    {
        int rows = inputs.Length / _network.Info.InputSize;
        T[] outputs = new T[rows * _network.Info.OutputSize];
        _methods[bits].Run(inputs, _network.Parameters, outputs, rows, link);
        return outputs;
    }

    public double Train(int bits, scoped in TrainingPass<T> pass) =>
        _methods[bits].Train(pass, _network.Parameters, TrainingRows.Check(pass, _network.Info, _network.Parameters));
}
