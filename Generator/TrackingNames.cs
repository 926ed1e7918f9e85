namespace NetGen.Generator;

/// <summary>The names of the generator's steps, for the tests that prove what each edit recomputes.</summary>
internal static class TrackingNames
{
    public const string Parse = "Parse";
    public const string Network = "Network";
    public const string Diagnostics = "Diagnostics";
    public const string Unmarked = "Unmarked";
}
