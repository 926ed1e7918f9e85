using System.Runtime.InteropServices;

namespace NetGen.Benchmarks;

/// <summary>
/// ONNX Runtime in this process, through its C API: a table of function pointers, of which those used here are named
/// below by their places in <c>onnxruntime_c_api.h</c>. One thread, all optimisations.
/// </summary>
internal sealed unsafe class OnnxRuntime
{
    public const string Name = "ONNX Runtime";

    private const int ApiVersion = 14;
    private const int ErrorsOnly = 3;
    private const int AllOptimizations = 99;

    private static readonly Lazy<OnnxRuntime?> Loaded = new(Load);

    private readonly void** _api;
    private readonly void* _environment;
    private readonly void* _options;

    private OnnxRuntime(void** api, string version)
    {
        _api = api;
        Version = version;

        void* environment, options, memory;
        fixed (byte* name = "netgen\0"u8)
            Check(((delegate* unmanaged<int, byte*, void**, void*>)api[3])(ErrorsOnly, name, &environment));
        Check(((delegate* unmanaged<void**, void*>)api[10])(&options));
        Check(((delegate* unmanaged<void*, int, void*>)api[23])(options, AllOptimizations));
        Check(((delegate* unmanaged<void*, int, void*>)api[24])(options, 1));
        Check(((delegate* unmanaged<int, int, void**, void*>)api[69])(1, 0, &memory));
        _environment = environment;
        _options = options;
        Memory = memory;
    }

    /// <summary>The library, or null where it is not installed.</summary>
    public static OnnxRuntime? Instance => Loaded.Value;

    public string Version { get; }

    public void* Memory { get; }

    public delegate* unmanaged<void*, void*, byte**, void**, nuint, byte**, nuint, void**, void*> Run =>
        (delegate* unmanaged<void*, void*, byte**, void**, nuint, byte**, nuint, void**, void*>)_api[9];

    public void* CreateSession(byte[] model)
    {
        void* session;
        fixed (byte* bytes = model)
        {
            Check(((delegate* unmanaged<void*, void*, nuint, void*, void**, void*>)_api[8])(
                _environment, bytes, (nuint)model.Length, _options, &session));
        }

        return session;
    }

    /// <summary>Makes a tensor over the elements of a pinned array: rows of a shape.</summary>
    public void* CreateTensor(float[] pinned, int rows, ReadOnlySpan<int> rowShape)
    {
        const int Float = 1;
        void* value;
        void* data = (void*)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
        long[] dimensions = [rows, .. rowShape.ToArray()];
        fixed (long* shape = dimensions)
        {
            Check(((delegate* unmanaged<void*, void*, nuint, long*, nuint, int, void**, void*>)_api[49])(
                Memory, data, (nuint)pinned.Length * sizeof(float), shape, (nuint)dimensions.Length, Float, &value));
        }

        return value;
    }

    public void ReleaseSession(void* session) => ((delegate* unmanaged<void*, void>)_api[95])(session);

    public void ReleaseTensor(void* value) => ((delegate* unmanaged<void*, void>)_api[96])(value);

    public void Check(void* status)
    {
        if (status == null)
            return;
        string? message = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<void*, byte*>)_api[2])(status));
        ((delegate* unmanaged<void*, void>)_api[93])(status);
        throw new InvalidOperationException($"ONNX Runtime: {message}");
    }

    private static OnnxRuntime? Load()
    {
        string file = OperatingSystem.IsWindows() ? "onnxruntime.dll"
            : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so.1";
        string path = Path.Combine(AppContext.BaseDirectory, "peers", "native", file);
        nint library;
        if (Environment.GetEnvironmentVariable("NETGEN_ORT") is { Length: > 0 } given)
            library = NativeLibrary.Load(path = given);
        else if (!NativeLibrary.TryLoad(path, out library))
            return null;

        var getBase = (delegate* unmanaged<void**>)NativeLibrary.GetExport(library, "OrtGetApiBase");
        void** start = getBase();
        string version = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)start[1])()) ?? "";
        void** api = (void**)((delegate* unmanaged<uint, void*>)start[0])(ApiVersion);
        return api == null
            ? throw new NotSupportedException($"ONNX Runtime {version} in {path} does not offer version {ApiVersion} of its C API.")
            : new OnnxRuntime(api, version);
    }
}

/// <summary>A model in ONNX Runtime, with its input and output tensors made once.</summary>
internal sealed unsafe class OnnxRuntimePredictor : Predictor, IDisposable
{
    private readonly OnnxRuntime _runtime;
    private readonly void* _session;
    private readonly void* _input;
    private readonly void* _output;
    private readonly nint _inputName;
    private readonly nint _outputName;

    public OnnxRuntimePredictor(
        OnnxRuntime runtime, Model model, INetwork<float> network, float[] pinnedInputs, DenseForm form)
        : base(
            OnnxRuntime.Name, model.DenseForms.Length > 1 ? form.ToString() : "",
            pinnedInputs.Length / network.Info.InputSize * network.Info.OutputSize)
    {
        int rows = pinnedInputs.Length / network.Info.InputSize;
        OnnxModel onnx = OnnxModel.Write(model, network, rows, form);
        _runtime = runtime;
        _session = runtime.CreateSession(onnx.Bytes);
        _input = runtime.CreateTensor(pinnedInputs, rows, network.Info.InputShape);
        _output = runtime.CreateTensor(Outputs, rows, network.Info.OutputShape);
        _inputName = Marshal.StringToCoTaskMemUTF8(onnx.Input);
        _outputName = Marshal.StringToCoTaskMemUTF8(onnx.Output);
    }

    public override void Run(int iterations)
    {
        var run = _runtime.Run;
        byte* inputName = (byte*)_inputName, outputName = (byte*)_outputName;
        void* input = _input, output = _output;
        for (int i = 0; i < iterations; i++)
            _runtime.Check(run(_session, null, &inputName, &input, 1, &outputName, 1, &output));
    }

    public void Dispose()
    {
        _runtime.ReleaseTensor(_output);
        _runtime.ReleaseTensor(_input);
        _runtime.ReleaseSession(_session);
        Marshal.FreeCoTaskMem(_inputName);
        Marshal.FreeCoTaskMem(_outputName);
    }
}
