using System.Globalization;
using NetGen.Samples.Digits;

if (args.FirstOrDefault(argument => argument is not ("--bits" or "--time" or "--vector256")) is { } unknown)
{
    Console.Error.WriteLine($"There is no option {unknown}, only --bits, --time and --vector256. Digits come from standard input.");
    return 2;
}

// Before anything else: the width is chosen once, at the first prediction.
if (args.Contains("--vector256"))
    AppContext.SetSwitch("NetGen.Vector256", true);
bool bits = args.Contains("--bits"), time = args.Contains("--time");

SmallDigits network = LoadNetwork();
float[] pixels = new float[SmallDigits.InputSize], probabilities = new float[SmallDigits.OutputSize];
for (int number = 1; Console.In.ReadLine() is { } line; number++)
{
    if (Parse(line, pixels) is { } problem)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Line {number}: {problem}"));
        return 1;
    }

    long allocated = GC.GetAllocatedBytesForCurrentThread();
    network.Predict(pixels, probabilities);
    allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
    if (time && number == 1)
    {
        // Not clock time, which would count the wait for input; and Linux tells the start of a process only to 10 ms.
        double milliseconds = Environment.CpuUsage.TotalTime.TotalMilliseconds;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"first prediction after {milliseconds:0.0} ms of processor time since the start, allocating {allocated} bytes"));
    }

    Console.WriteLine(bits ? Hexadecimal(probabilities) : Answer(probabilities));
}

return 0;

static SmallDigits LoadNetwork()
{
    using Stream resource = typeof(SmallDigits).Assembly.GetManifestResourceStream("digits.safetensors")!;
    byte[] file = new byte[resource.Length];
    resource.ReadExactly(file);
    return SmallDigits.Load(file);
}

// Fills the pixels, or says what is wrong with the line.
static string? Parse(string line, Span<float> pixels)
{
    int count = 0;
    foreach (Range field in line.AsSpan().Split(','))
    {
        if (count < pixels.Length
            && !(float.TryParse(line.AsSpan(field), NumberStyles.Float, CultureInfo.InvariantCulture, out pixels[count])
                && pixels[count] is >= 0 and <= DigitData.Brightest))
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"value {count + 1} is not a number from 0 (paper) to {DigitData.Brightest} (ink).");
        }

        count++;
    }

    for (int i = 0; i < pixels.Length; i++)
        pixels[i] /= DigitData.Brightest;
    return count == pixels.Length
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"there are {count} values where {pixels.Length} were expected: the pixels row by row, without a label.");
}

static string Answer(ReadOnlySpan<float> probabilities)
{
    int digit = NetGen.Training.ArgMax(probabilities);
    return string.Create(CultureInfo.InvariantCulture, $"{digit} {probabilities[digit]:0.000}");
}

static string Hexadecimal(ReadOnlySpan<float> values)
{
    string[] words = new string[values.Length];
    for (int i = 0; i < values.Length; i++)
        words[i] = BitConverter.SingleToUInt32Bits(values[i]).ToString("x8", CultureInfo.InvariantCulture);
    return string.Join(' ', words);
}
