namespace NetGen.Samples.Digits;

/// <summary>The digits of 8 x 8 pixels.</summary>
public static class DigitData
{
    /// <summary>The brightest pixel; networks take pixels divided by it.</summary>
    public const float Brightest = 16;

    /// <summary>Reads rows of 64 pixels and the label, and scales the pixels to [0, 1].</summary>
    public static Dataset Load(string path)
    {
        Dataset data = Dataset.LoadCsv(path);
        float[] pixels = data.Features.ToArray();
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] /= Brightest;
        return Dataset.FromLabels(pixels, data.InputSize, data.Labels, data.ClassCount);
    }
}
