using System.ComponentModel;

namespace NetGen.CodeGeneration;

/// <summary>Marks the generated constructor that leaves parameters zero, for networks about to be loaded.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Uninitialized;
