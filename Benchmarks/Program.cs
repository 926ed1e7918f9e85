using BenchmarkDotNet.Running;
using NetGen.Benchmarks;

// Before any network type is touched: kernels choose their width once.
if (args.Contains(PeerCommand.Vector256Option))
    AppContext.SetSwitch("NetGen.Vector256", true);

switch (args)
{
    case ["peers", .. string[] rest]:
        return PeerCommand.Run(rest);
    case ["initializers"]:
        return InitializerCommand.Run();
    case ["generator"]:
        return GeneratorCommand.Run();
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args is ["bdn", .. string[] others] ? others : args);
        return 0;
}
