using NetGen.CodeGeneration;
using Xunit;

namespace NetGen.Tests.Numerics;

/// <summary>What moves elements by whole vectors moves the same ones as loops over single elements, and none beside them.</summary>
public class ImageCopyTests
{
    private const float Untouched = -1;

    [Fact]
    public void Short_rows_are_packed_within_their_bounds()
    {
        for (int size = 1; size <= 17; size++)
        {
            foreach (int gap in (int[])[0, 1, 7, 16])
            {
                for (int rows = 1; rows <= 9; rows++)
                {
                    // The last row ends with its last element.
                    int stride = size + gap, length = (rows - 1) * stride + size;
                    float[] source = Numbers(length);
                    var packed = new float[rows * size + 8];
                    Array.Fill(packed, Untouched);
                    RowCopy.CopyInto(ref source[0], stride, ref packed[0], size, size, rows);
                    for (int i = 0; i < packed.Length; i++)
                        Assert.Equal(i < rows * size ? source[i / size * stride + i % size] : Untouched, packed[i]);
                }
            }
        }
    }

    [Fact]
    public void Lines_are_turned_to_channels_last()
    {
        for (int channels = 1; channels <= 16; channels++)
        {
            for (int width = 1; width <= 9; width++)
            {
                foreach (int step in (int[])[1, 2])
                {
                    int line = 24;
                    float[] lines = Numbers(16 * line);
                    Array.Clear(lines, channels * line, lines.Length - channels * line);
                    var image = new float[16 * width + 8];
                    Array.Fill(image, Untouched);
                    ImageCopy.TurnLine(ref lines[0], line, step, ref image[0], channels, width);
                    for (int i = 0; i < image.Length; i++)
                        Assert.Equal(i >= 16 * width ? Untouched : i % 16 < channels ? lines[i % 16 * line + i / 16 * step] : 0, image[i]);
                }
            }
        }
    }

    [Fact]
    public void Columns_of_planes_stand_with_those_a_step_apart()
    {
        foreach (int step in (int[])[1, 2, 3])
        {
            foreach (int width in (int[])[1, 3, 7, 17, 33, 65])
            {
                for (int padding = 0; padding <= 3; padding++)
                {
                    const int channels = 2, height = 3, rows = 2;
                    int part = (width + 2 * padding + step - 1) / step, line = step * part, lines = height + 2 * padding;
                    float[] source = Numbers(rows * channels * height * width);
                    var planes = new float[rows * channels * lines * line];
                    ImageCopy.ToPlanes(
                        ref source[0], channels * height * width, 0, ref planes[0], channels * lines * line, channels, height, width, padding, padding, line, step, rows);
                    for (int plane = 0; plane < rows * channels; plane++)
                    {
                        for (int y = 0; y < lines; y++)
                        {
                            for (int x = 0; x < width + 2 * padding; x++)
                            {
                                bool isInside = y >= padding && y < padding + height && x >= padding && x < padding + width;
                                float expected = isInside ? source[(plane * height + y - padding) * width + x - padding] : 0;
                                Assert.Equal(expected, planes[(plane * lines + y) * line + x % step * part + x / step]);
                            }
                        }
                    }
                }
            }
        }
    }

    private static float[] Numbers(int count) => [.. Enumerable.Range(1, count).Select(i => (float)i)];
}
