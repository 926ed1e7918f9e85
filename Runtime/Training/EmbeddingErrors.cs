using System.Numerics;

namespace NetGen;

/// <summary>Errors of embeddings given what is no index: the kernel that finds out knows the row only among those computed together.</summary>
internal static class EmbeddingErrors
{
    private const string Key = "NetGen.EmbeddingIndex";

    /// <summary>An error.</summary>
    /// <param name="problem">What is wrong.</param>
    /// <param name="place">In which row.</param>
    public static ArgumentOutOfRangeException Create(string problem, string place)
    {
        var error = new ArgumentOutOfRangeException(null, $"{problem} ({place}).");
        error.Data[Key] = problem;
        return error;
    }

    /// <summary>Whether an exception is such an error.</summary>
    public static bool IsOne(ArgumentOutOfRangeException exception) => exception.Data.Contains(Key);

    /// <summary>
    /// The error with the row of a data set in which it is, or null where no row of it is at fault. Predicts one row after the
    /// other: order and threads of a training leave the first of several rows to chance.
    /// </summary>
    public static ArgumentOutOfRangeException? Find<T>(INetwork<T> network, Dataset data, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] inputs = new T[network.Info.InputSize], outputs = new T[network.Info.OutputSize];
        for (int row = 0; row < data.Count; row++)
        {
            data.CopyFeatures<T>([row], inputs);
            try
            {
                network.Predict(inputs, outputs);
            }
            catch (ArgumentOutOfRangeException exception) when (IsOne(exception))
            {
                return Create((string)exception.Data[Key]!, $"row {row} of {name}, counted from 0");
            }
        }

        return null;
    }
}
