namespace NetGen.Generator;

internal static class Placeholder;
