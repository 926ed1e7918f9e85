namespace NetGen.Samples.Zoo;

/// <summary>Handwritten digits of 28 x 28 pixels in [0, 1], and what can be made of them.</summary>
internal static class DigitImages
{
    /// <summary>Lines, and columns, of an image.</summary>
    public const int Width = 28;

    /// <summary>Lines, and columns, of a coloured image.</summary>
    public const int ColourWidth = 32;

    private const int Pixels = Width * Width;

    // Of the data set in the repository: its images are drawn in a box as large as MNIST's.
    private const int SmallWidth = 8, BoxWidth = 20;
    private const float SmallBrightest = 16;

    /// <summary>Reads an IDX pair of 28 x 28 images from a folder.</summary>
    public static Dataset LoadMnist(string folder)
    {
        Dataset data = Dataset.LoadIdx(Find("images-idx3-ubyte"), Find("labels-idx1-ubyte"));
        return data.InputSize == Pixels && data.ClassCount == 10
            ? data
            : throw new DataFormatException($"{folder} holds {data}; the networks take images of {Width} x {Width} pixels in 10 classes.");

        string Find(string part) =>
            Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file).Contains(part, StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault()
            ?? throw new FileNotFoundException($"There is no file named like '{part}' in {folder}: --mnist takes the folder of an IDX pair.");
    }

    /// <summary>Reads rows of 8 x 8 pixels and the label, and enlarges the images.</summary>
    public static Dataset LoadSmall(string path)
    {
        Dataset small = Dataset.LoadCsv(path);
        float[] images = new float[small.Count * Pixels];
        for (int row = 0; row < small.Count; row++)
            Enlarge(small.Row(row), images.AsSpan(row * Pixels, Pixels));
        return Dataset.FromLabels(images, Pixels, small.Labels, small.ClassCount);
    }

    /// <summary>Each digit in a light colour on a dark one, at a place of its own: [3, 32, 32].</summary>
    public static Dataset Colour(Dataset digits, int seed)
    {
        const int Plane = ColourWidth * ColourWidth, Margin = ColourWidth - Width;
        Random random = new(seed);
        float[] images = new float[digits.Count * 3 * Plane];
        float[] ground = new float[3], ink = new float[3];
        for (int row = 0; row < digits.Count; row++)
        {
            ReadOnlySpan<float> digit = digits.Row(row);
            for (int channel = 0; channel < 3; channel++)
                (ground[channel], ink[channel]) = (0.4f * random.NextSingle(), 1 - 0.4f * random.NextSingle());
            int top = random.Next(Margin + 1), left = random.Next(Margin + 1);
            for (int channel = 0; channel < 3; channel++)
            {
                Span<float> plane = images.AsSpan((row * 3 + channel) * Plane, Plane);
                plane.Fill(ground[channel]);
                for (int pixel = 0; pixel < Pixels; pixel++)
                    plane[(top + pixel / Width) * ColourWidth + left + pixel % Width] += (ink[channel] - ground[channel]) * digit[pixel];
            }
        }

        return Dataset.FromLabels(images, 3 * Plane, digits.Labels, digits.ClassCount);
    }

    /// <summary>The images with normal noise added to every pixel.</summary>
    public static float[] AddNoise(Dataset digits, double deviation, int seed)
    {
        Random random = new(seed);
        float[] noisy = digits.Features.ToArray();
        for (int i = 0; i < noisy.Length; i++)
        {
            // Box and Muller, 1958.
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            noisy[i] += (float)(deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return noisy;
    }

    /// <summary>
    /// Two pairs of each image, [2, 28, 28]: one with another image of the same digit, target 1, and one with an image of another digit, target 0.
    /// </summary>
    public static Dataset Pair(Dataset digits, int seed)
    {
        Random random = new(seed);
        float[] pairs = new float[digits.Count * 2 * 2 * Pixels], targets = new float[digits.Count * 2];
        for (int pair = 0; pair < targets.Length; pair++)
        {
            bool isSame = pair % 2 == 0;
            int left = pair / 2, right;
            do
                right = random.Next(digits.Count);
            while (right == left || (digits.Labels[left] == digits.Labels[right]) != isSame);

            digits.Row(left).CopyTo(pairs.AsSpan(pair * 2 * Pixels));
            digits.Row(right).CopyTo(pairs.AsSpan((pair * 2 + 1) * Pixels));
            targets[pair] = isSame ? 1 : 0;
        }

        return Dataset.FromTargets(pairs, 2 * Pixels, targets, 1);
    }

    // Between the four nearest pixels, as Layer.Upsample2D does.
    private static void Enlarge(ReadOnlySpan<float> small, Span<float> image)
    {
        const int Margin = (Width - BoxWidth) / 2;
        for (int y = 0; y < BoxWidth; y++)
        {
            (int top, int bottom, float down) = Place(y);
            for (int x = 0; x < BoxWidth; x++)
            {
                (int left, int right, float across) = Place(x);
                float upper = float.Lerp(small[top * SmallWidth + left], small[top * SmallWidth + right], across);
                float lower = float.Lerp(small[bottom * SmallWidth + left], small[bottom * SmallWidth + right], across);
                image[(Margin + y) * Width + Margin + x] = float.Lerp(upper, lower, down) / SmallBrightest;
            }
        }

        static (int First, int Second, float Share) Place(int at)
        {
            float place = Math.Clamp((at + 0.5f) * SmallWidth / BoxWidth - 0.5f, 0, SmallWidth - 1);
            return ((int)place, Math.Min((int)place + 1, SmallWidth - 1), place - (int)place);
        }
    }
}
