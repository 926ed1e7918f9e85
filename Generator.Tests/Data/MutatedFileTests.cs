using System.Text;
using Xunit;
using static NetGen.Tests.Data.DataBytes;

namespace NetGen.Tests.Data;

/// <summary>Files changed at random load or are refused with <see cref="DataFormatException"/>; nothing else happens.</summary>
public class MutatedFileTests
{
    private static readonly int Count = Environment.GetEnvironmentVariable("NETGEN_LONG") == "1" ? 50_000 : 5_000;

    [Fact]
    public void Idx()
    {
        byte[][] images =
        [
            DataBytes.Idx(0x08, [3, 2, 2], 0, 51, 102, 255, 1, 2, 3, 4, 5, 6, 7, 8),
            DataBytes.Idx(0x0D, [3, 1], 0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0),
            DataBytes.Idx(0x0E, [3], new byte[24]),
        ];
        byte[] labels = DataBytes.Idx(0x08, [3], 7, 0, 1);
        MutateMany((ref SeededRandom random) =>
        {
            byte[] image = images[random.NextInt32(images.Length)], label = labels;
            switch (random.NextInt32(4))
            {
                case 0:
                    label = Mutate(labels, ref random);
                    break;
                case 1:
                    image = Mutate(Gzip(image), ref random);
                    break;
                case 2:
                    image = Gzip(Mutate(image, ref random));
                    break;
                default:
                    image = Mutate(image, ref random);
                    break;
            }

            return Dataset.ReadIdx(new MemoryStream(image), new MemoryStream(label));
        });
    }

    [Fact]
    public void Csv()
    {
        byte[] text = Encoding.UTF8.GetBytes("x,y,\"the, \"\"kind\"\"\"\r\n1,2.5,a\r\n-3e2,,\"b\"\r\n\r\n5,6,a\n7,NA,c\n");
        CsvOptions[] options =
        [
            new(),
            new() { Missing = MissingValues.Mean },
            new() { Missing = MissingValues.SkipRow, SkipLines = 1, ClassNames = ["a", "b", "c"] },
            new() { Targets = ["x"], Ignore = [^1], Missing = MissingValues.SkipRow, Header = CsvHeader.Present },
            new() { Targets = [], Ignore = [2], Missing = MissingValues.Mean, MaxElements = 16 },
            new() { Encoding = Encoding.Latin1, Missing = MissingValues.SkipRow, DecimalComma = true },
            new() { Separator = ' ', Targets = [], Missing = MissingValues.Mean },
        ];
        MutateMany((ref SeededRandom random) =>
        {
            CsvOptions option = options[random.NextInt32(options.Length)];
            byte[] bytes = random.NextInt32(4) == 0 ? Mutate(Gzip(text), ref random) : Mutate(text, ref random);
            return Dataset.ReadCsv(new MemoryStream(bytes), option);
        });
    }

    private delegate Dataset Loader(ref SeededRandom random);

    private static void MutateMany(Loader load)
    {
        int loaded = 0, refused = 0;
        for (int seed = 0; seed < Count; seed++)
        {
            var random = new SeededRandom(seed);
            try
            {
                Check(load(ref random));
                loaded++;
            }
            catch (DataFormatException)
            {
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}: {exception}");
            }
        }

        // Both ends are reached, or the mutations test nothing.
        Assert.True(loaded > Count / 50, $"{loaded} loaded");
        Assert.True(refused > Count / 50, $"{refused} refused");
    }

    /// <summary>What loads keeps every promise of a data set.</summary>
    private static void Check(Dataset data)
    {
        Assert.True(data.Count >= 1 && data.InputSize >= 1);
        Assert.Equal(data.Count * data.InputSize, data.Features.Length);
        Assert.Equal(data.Count * data.TargetSize, data.Targets.Length);
        Assert.Equal(data.ClassCount > 0 ? data.Count : 0, data.Labels.Length);
        Assert.All(data.Labels.ToArray(), label => Assert.InRange(label, 0, data.ClassCount - 1));
        Assert.All(data.Features.ToArray().Concat(data.Targets.ToArray()), value => Assert.True(float.IsFinite(value)));
    }
}
