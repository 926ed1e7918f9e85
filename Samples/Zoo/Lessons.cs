using System.Globalization;

namespace NetGen.Samples.Zoo;

/// <summary>What a network learns, and how it shows that it has.</summary>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Report">Says how well a network does on digits that are not among them.</param>
internal sealed record Lesson(Dataset Train, Func<INetwork<float>, string> Report)
{
    // Apart from training, so that no network sees the noise, the colours and the pairs it is tested on.
    private const int TrainSeed = 1, TestSeed = 2;

    // Of the noise in which ink is looked for, and from what brightness on a pixel of the clean image is ink.
    private const double SegmentationNoise = 0.5;
    private const float Ink = 0.5f;

    /// <summary>Which digit it is.</summary>
    public static Lesson Classes(Dataset train, Dataset test) => new(train, Accuracy(test));

    /// <summary>Which digit it is, in colour.</summary>
    public static Lesson ColourClasses(Dataset train, Dataset test) => new(DigitImages.Colour(train, TrainSeed), Accuracy(DigitImages.Colour(test, TestSeed)));

    /// <summary>The image without the noise.</summary>
    public static Lesson Denoising(Dataset train, Dataset test)
    {
        return new(ToItself(train, train.Features), network =>
        {
            float[] noisy = DigitImages.AddNoise(test, DenoisingAutoencoder.NoiseDeviation, TestSeed), cleaned = new float[noisy.Length];
            network.Predict(noisy, cleaned);
            return Text($"mean squared error of noisy images: {Error(noisy):0.0000}\nmean squared error after cleaning:  {Error(cleaned):0.0000}");
        });

        double Error(ReadOnlySpan<float> images)
        {
            double sum = 0;
            for (int i = 0; i < images.Length; i++)
                sum += Math.Pow(images[i] - test.Features[i], 2);
            return sum / images.Length;
        }

        // The noise is a layer of the network, which draws it anew in each step.
        static Dataset ToItself(Dataset digits, ReadOnlySpan<float> images) => Dataset.FromTargets(images, digits.InputSize, images, digits.InputSize);
    }

    /// <summary>Which pixels of a noisy image are ink in the clean one.</summary>
    public static Lesson Segmentation(Dataset train, Dataset test)
    {
        return new(Pixels(train, TrainSeed), network =>
        {
            Dataset pixels = Pixels(test, TestSeed);
            float[] ink = new float[pixels.Features.Length];
            network.Predict(pixels.Features, ink);
            return Text($"intersection over union with the ink, noisy image against {Ink}: {Overlap(pixels.Features, pixels.Targets):0.0000}\n")
                + Text($"intersection over union with the ink, network:                 {Overlap(ink, pixels.Targets):0.0000}");
        });

        static Dataset Pixels(Dataset digits, int seed)
        {
            float[] ink = digits.Features.ToArray();
            for (int i = 0; i < ink.Length; i++)
                ink[i] = ink[i] >= Ink ? 1 : 0;
            return Dataset.FromTargets(DigitImages.AddNoise(digits, SegmentationNoise, seed), digits.InputSize, ink, digits.InputSize);
        }

        static double Overlap(ReadOnlySpan<float> found, ReadOnlySpan<float> targets)
        {
            int both = 0, either = 0;
            for (int i = 0; i < found.Length; i++)
            {
                (bool isFound, bool isInk) = (found[i] >= 0.5f, targets[i] >= 0.5f);
                both += isFound && isInk ? 1 : 0;
                either += isFound || isInk ? 1 : 0;
            }

            return either == 0 ? 1 : (double)both / either;
        }
    }

    /// <summary>Whether two images show the same digit.</summary>
    public static Lesson SameOrDifferent(Dataset train, Dataset test) => new(
        DigitImages.Pair(train, TrainSeed),
        network => Text($"accuracy on pairs of unseen images: {network.Evaluate(DigitImages.Pair(test, TestSeed)).Accuracy:0.0000}"));

    private static Func<INetwork<float>, string> Accuracy(Dataset test) => network => Text($"test accuracy: {network.Evaluate(test).Accuracy:0.0000}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
