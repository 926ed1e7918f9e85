using System.Globalization;
using System.Reflection;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using Results results = new();
using XunitTestFramework framework = new(results);
using ITestFrameworkExecutor executor = framework.GetExecutor(Assembly.GetExecutingAssembly().GetName());
executor.RunAll(results, new Defaults(), new Defaults());
results.Finished.Wait();
Console.WriteLine($".NET {Environment.Version}: Passed: {results.Passed}, Failed: {results.Failed}, Skipped: {results.Skipped}");
return results.Failed == 0 && results.Passed > 0 ? 0 : 1;

/// <summary>Counts, and prints what fails.</summary>
internal sealed class Results : LongLivedMarshalByRefObject, IMessageSink, IDisposable
{
    private int _passed, _failed, _skipped;

    public int Passed => _passed;

    public int Failed => _failed;

    public int Skipped => _skipped;

    public ManualResetEventSlim Finished { get; } = new();

    public void Dispose() => Finished.Dispose();

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestPassed:
                Interlocked.Increment(ref _passed);
                break;
            case ITestSkipped:
                Interlocked.Increment(ref _skipped);
                break;
            case ITestFailed failed:
                Report(failed.Test.DisplayName, failed);
                break;
            // Of what a test does not answer for: the classes, fixtures and collections around it.
            case IFailureInformation failure:
                Report(message.GetType().Name, failure);
                break;
            case ITestAssemblyFinished:
                Finished.Set();
                break;
        }

        return true;
    }

    private void Report(string what, IFailureInformation failure)
    {
        Interlocked.Increment(ref _failed);
        Console.WriteLine($"{what}: {string.Join('\n', failure.Messages)}\n{string.Join('\n', failure.StackTraces)}");
    }
}

/// <summary>No option is set.</summary>
internal sealed class Defaults : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
{
    public TValue? GetValue<TValue>(string name) => default;

    public void SetValue<TValue>(string name, TValue value)
    {
    }
}
