namespace NetGen.Generator.Graph;

/// <summary>Finds what a misspelt name may have meant.</summary>
internal static class Nearest
{
    private const int MaxNameLength = 100;

    /// <summary>The name with the fewest edits from another, if they are few enough for a slip.</summary>
    public static string? Of(string name, IEnumerable<string> names)
    {
        if (name.Length > MaxNameLength)
            return null;
        int most = Math.Max(1, name.Length / 3);
        string? nearest = null;
        foreach (string candidate in names)
        {
            int distance = Distance(name, candidate, most);
            if (distance > most)
                continue;
            nearest = candidate;
            most = distance - 1;
            if (most < 0)
                break;
        }

        return nearest;
    }

    // Letters changed, inserted, removed or exchanged with their neighbours, whatever their case.
    private static int Distance(string a, string b, int most)
    {
        if (Math.Abs(a.Length - b.Length) > most)
            return most + 1;
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }

                int change = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                edits[i, j] = Math.Min(edits[i - 1, j - 1] + change, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }

        return edits[a.Length, b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
