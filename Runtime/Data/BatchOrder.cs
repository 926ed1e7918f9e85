namespace NetGen;

/// <summary>The order in which the rows of a data set are visited.</summary>
internal static class BatchOrder
{
    // Epochs count from 0, so that splitting and training with one seed never draw the same order.
    private const int OutsideEpochs = -1;

    /// <summary>
    /// Writes the row numbers 0 ... length - 1 in an order that depends on seed, epoch and length alone, so that training
    /// can resume at any epoch (Fisher-Yates, as in Durstenfeld, "Algorithm 235: Random permutation", 1964).
    /// </summary>
    /// <param name="order">[rows], overwritten.</param>
    /// <param name="seed">The seed of the whole training.</param>
    /// <param name="epoch">The number of the epoch, from 0.</param>
    public static void Shuffle(Span<int> order, int seed, int epoch)
    {
        var random = new SeededRandom(seed, epoch);
        for (int i = 0; i < order.Length; i++)
        {
            // Inside out: fills and shuffles in one pass.
            int j = random.NextInt32(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
    }

    /// <summary>The order of splits and of one-off shuffles.</summary>
    public static int[] Create(int length, int seed)
    {
        int[] order = new int[length];
        Shuffle(order, seed, OutsideEpochs);
        return order;
    }
}
