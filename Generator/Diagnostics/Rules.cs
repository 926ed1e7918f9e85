using System.Reflection;
using Microsoft.CodeAnalysis;

namespace NetGen.Generator.Diagnostics;

/// <summary>Every rule the generator checks. Identifiers are never reused; each has a page in docs/diagnostics.</summary>
internal static class Rules
{
    private const string Category = "NetGen";

    // Of the repository's files, if they have an address: Directory.Build.props says which.
    private static readonly string? FilesUrl = typeof(Rules).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(metadata => metadata.Key == "NetGenFilesUrl")?.Value;

    /// <summary>Class '{0}' must be partial, so that its network can be added to it: write 'partial class {0}'.</summary>
    public static readonly DiagnosticDescriptor NotPartial = Create(
        Fixable.NotPartial, DiagnosticSeverity.Error, "Network class is not partial",
        "Class '{0}' must be partial, so that its network can be added to it: write 'partial class {0}'");

    /// <summary>Type '{0}' contains the network '{1}' and must be partial too: write 'partial' in its declaration.</summary>
    public static readonly DiagnosticDescriptor ContainingTypeNotPartial = Create(
        Fixable.ContainingTypeNotPartial, DiagnosticSeverity.Error, "Type around a network is not partial",
        "Type '{0}' contains the network '{1}' and must be partial too: write 'partial' in its declaration");

    /// <summary>Network '{0}' cannot be {1}: declare it as a plain, non-generic, instantiable class.</summary>
    public static readonly DiagnosticDescriptor UnsupportedClass = Create(
        "NETGEN003", DiagnosticSeverity.Error, "Kind of class that cannot be a network",
        "Network '{0}' cannot be {1}: declare it as a plain, non-generic, instantiable class");

    /// <summary>Network '{0}' has no input shape: give the dimensions of one input row, such as [Network(784)] or [Network(1, 28, 28)].</summary>
    public static readonly DiagnosticDescriptor NoInputShape = Create(
        "NETGEN004", DiagnosticSeverity.Error, "Network has no input shape",
        "Network '{0}' has no input shape: give the dimensions of one input row, such as [Network(784)] or [Network(1, 28, 28)]");

    /// <summary>Dimension {0} of the input shape is {1}; every dimension must be at least 1{2}.</summary>
    public static readonly DiagnosticDescriptor DimensionNotPositive = Create(
        "NETGEN005", DiagnosticSeverity.Error, "Dimension is not positive",
        "Dimension {0} of the input shape is {1}; every dimension must be at least 1{2}");

    /// <summary>Network '{0}' has no layers: add at least one below it, such as [Layer.Dense(10)].</summary>
    public static readonly DiagnosticDescriptor NoLayers = Create(
        "NETGEN006", DiagnosticSeverity.Error, "Network has no layers",
        "Network '{0}' has no layers: add at least one below it, such as [Layer.Dense(10)]");

    /// <summary>Layer '{0}' has {1} units; it needs at least 1.</summary>
    public static readonly DiagnosticDescriptor UnitsNotPositive = Create(
        "NETGEN007", DiagnosticSeverity.Error, "Number of units is not positive",
        "Layer '{0}' has {1} units; it needs at least 1");

    /// <summary>Layer '{0}' drops values with probability {1}; the rate must be at least 0 and below 1, such as 0.5.</summary>
    public static readonly DiagnosticDescriptor DropoutRateOutOfRange = Create(
        "NETGEN008", DiagnosticSeverity.Error, "Dropout rate is out of range",
        "Layer '{0}' drops values with probability {1}; the rate must be at least 0 and below 1, such as 0.5");

    /// <summary>Layers {0} and {1} are both named '{2}'{3}; give one of them another Name.</summary>
    public static readonly DiagnosticDescriptor DuplicateLayerName = Create(
        Fixable.DuplicateLayerName, DiagnosticSeverity.Error, "Two layers have the same name",
        "Layers {0} and {1} are both named '{2}'{3}; give one of them another Name");

    /// <summary>The layers of '{0}' are spread over {1} partial declarations, which leaves their order undefined; put [Network] and all layers on one.</summary>
    public static readonly DiagnosticDescriptor LayersOverSeveralDeclarations = Create(
        "NETGEN010", DiagnosticSeverity.Error, "Layers stand on several declarations",
        "The layers of '{0}' are spread over {1} partial declarations, which leaves their order undefined; put [Network] and all layers on one");

    /// <summary>'{1}' in '{0}' clashes with a generated member; {2}.</summary>
    public static readonly DiagnosticDescriptor MemberClash = Create(
        "NETGEN011", DiagnosticSeverity.Error, "Name of a generated member is taken",
        "'{1}' in '{0}' clashes with a generated member; {2}");

    /// <summary>Layer '{0}' applies a softmax, and SoftmaxCrossEntropy applies one too: remove it here (Predict returns probabilities all the same).</summary>
    public static readonly DiagnosticDescriptor SoftmaxBeforeLogitsLoss = Create(
        Fixable.SoftmaxBeforeLogitsLoss, DiagnosticSeverity.Error, "Softmax before a loss on logits",
        "Layer '{0}' applies a softmax, and SoftmaxCrossEntropy applies one too: remove it here (Predict returns probabilities all the same)");

    /// <summary>Layer '{0}' applies a sigmoid, and BinaryCrossEntropy applies one too: remove it here (Predict returns probabilities all the same).</summary>
    public static readonly DiagnosticDescriptor SigmoidBeforeLogitsLoss = Create(
        Fixable.SigmoidBeforeLogitsLoss, DiagnosticSeverity.Error, "Sigmoid before a loss on logits",
        "Layer '{0}' applies a sigmoid, and BinaryCrossEntropy applies one too: remove it here (Predict returns probabilities all the same)");

    /// <summary>{0} needs {1} {2}; the limit is {3}.</summary>
    public static readonly DiagnosticDescriptor TooLarge = Create(
        "NETGEN014", DiagnosticSeverity.Error, "Network is too large",
        "{0} needs {1} {2}; the limit is {3}");

    /// <summary>{0} is not a value of {1}; use one of {2}.</summary>
    public static readonly DiagnosticDescriptor UnknownValue = Create(
        "NETGEN015", DiagnosticSeverity.Error, "Value is not one of its enumeration",
        "{0} is not a value of {1}; use one of {2}");

    /// <summary>Layer name '{0}' cannot name a member: use letters, digits and underscores, starting with a letter, and no C# keyword.</summary>
    public static readonly DiagnosticDescriptor InvalidLayerName = Create(
        "NETGEN016", DiagnosticSeverity.Error, "Layer name is not an identifier",
        "Layer name '{0}' cannot name a member: use letters, digits and underscores, starting with a letter, and no C# keyword");

    /// <summary>Layer '{0}' has Alpha = {1}; {2} takes a finite number from 0 up.</summary>
    public static readonly DiagnosticDescriptor AlphaOutOfRange = Create(
        "NETGEN017", DiagnosticSeverity.Error, "Alpha is out of range",
        "Layer '{0}' has Alpha = {1}; {2} takes a finite number from 0 up");

    /// <summary>'{0}' is not a layer of this version of NetGen; the layers are {1}.</summary>
    public static readonly DiagnosticDescriptor UnknownLayer = Create(
        "NETGEN018", DiagnosticSeverity.Error, "Layer is not known",
        "'{0}' is not a layer of this version of NetGen; the layers are {1}");

    /// <summary>Network '{0}' needs C# 11 or later, but the project uses C# {1}: set &lt;LangVersion&gt;11&lt;/LangVersion&gt; or remove the setting.</summary>
    public static readonly DiagnosticDescriptor LanguageVersion = Create(
        "NETGEN019", DiagnosticSeverity.Error, "C# version is too old",
        "Network '{0}' needs C# 11 or later, but the project uses C# {1}: set <LangVersion>11</LangVersion> or remove the setting");

    /// <summary>{0} of '{1}' must call the generated constructor: add ': this(seed: 0)'.</summary>
    public static readonly DiagnosticDescriptor UnsupportedConstructor = Create(
        "NETGEN020", DiagnosticSeverity.Error, "Constructor does not initialize the network",
        "{0} of '{1}' must call the generated constructor: add ': this(seed: 0)'");

    /// <summary>Base class '{0}' of network '{1}' has no constructor for the generated one to call: give it an accessible one without parameters or [SetsRequiredMembers].</summary>
    public static readonly DiagnosticDescriptor UnsupportedBaseClass = Create(
        "NETGEN021", DiagnosticSeverity.Error, "Base class cannot be constructed",
        "Base class '{0}' of network '{1}' has no constructor for the generated one to call: give it an accessible one without parameters or [SetsRequiredMembers]");

    /// <summary>Layer '{0}' has {1} = {2}; it must be a finite number{3}.</summary>
    public static readonly DiagnosticDescriptor ScaleOutOfRange = Create(
        "NETGEN022", DiagnosticSeverity.Error, "Initializer scale is out of range",
        "Layer '{0}' has {1} = {2}; it must be a finite number{3}");

    /// <summary>Layer '{0}' leaves one output, and a softmax of one output is always 1: use BinaryCrossEntropy, or one output for each class.</summary>
    public static readonly DiagnosticDescriptor SoftmaxOverOneOutput = Create(
        "NETGEN023", DiagnosticSeverity.Error, "Softmax over a single output",
        "Layer '{0}' leaves one output, and a softmax of one output is always 1: use BinaryCrossEntropy, or one output for each class");

    /// <summary>Layer '{0}' sets Alpha, which {1} does not use: remove it, or use LeakyReLU or ELU.</summary>
    public static readonly DiagnosticDescriptor AlphaUnused = Create(
        "NETGEN024", DiagnosticSeverity.Warning, "Alpha has no effect",
        "Layer '{0}' sets Alpha, which {1} does not use: remove it, or use LeakyReLU or ELU");

    /// <summary>Layer '{0}' sets {1}, which only Constant, Normal and Uniform use: remove it or choose one of those as {2}.</summary>
    public static readonly DiagnosticDescriptor ScaleUnused = Create(
        "NETGEN025", DiagnosticSeverity.Warning, "Initializer scale has no effect",
        "Layer '{0}' sets {1}, which only Constant, Normal and Uniform use: remove it or choose one of those as {2}");

    /// <summary>Layer '{0}' takes '{1}' in From, but no layer above it has that name; {2}.</summary>
    public static readonly DiagnosticDescriptor UnknownSource = Create(
        "NETGEN026", DiagnosticSeverity.Error, "Layer takes what does not exist",
        "Layer '{0}' takes '{1}' in From, but no layer above it has that name; {2}");

    /// <summary>Nothing takes the output of layer '{0}': name it in the From of a layer below, or remove it.</summary>
    public static readonly DiagnosticDescriptor UnusedOutput = Create(
        "NETGEN027", DiagnosticSeverity.Error, "Output of a layer is not used",
        "Nothing takes the output of layer '{0}': name it in the From of a layer below, or remove it");

    /// <summary>Layer '{0}' joins {1}, whose shapes are {2}; {3}.</summary>
    public static readonly DiagnosticDescriptor JoinShapes = Create(
        Fixable.JoinShapes, DiagnosticSeverity.Error, "Shapes of a join do not fit",
        "Layer '{0}' joins {1}, whose shapes are {2}; {3}");

    /// <summary>Layer '{0}' has {1} and takes {2}.</summary>
    public static readonly DiagnosticDescriptor WrongSourceCount = Create(
        "NETGEN029", DiagnosticSeverity.Error, "Layer takes the wrong number of inputs",
        "Layer '{0}' has {1} and takes {2}");

    /// <summary>Layer '{0}' takes {1}, but what it is given has shape [{2}]{3}.</summary>
    public static readonly DiagnosticDescriptor WrongRank = Create(
        "NETGEN030", DiagnosticSeverity.Error, "Shape has the wrong number of dimensions",
        "Layer '{0}' takes {1}, but what it is given has shape [{2}]{3}");

    /// <summary>The window of layer '{0}' spans {1} along a dimension of {2}{3} in the shape [{4}] that it is given; {5}.</summary>
    public static readonly DiagnosticDescriptor KernelTooLarge = Create(
        Fixable.KernelTooLarge, DiagnosticSeverity.Error, "Kernel or window is larger than its input",
        "The window of layer '{0}' spans {1} along a dimension of {2}{3} in the shape [{4}] that it is given; {5}");

    /// <summary>{0} of layer '{1}' is {2}; it must be at least 1.</summary>
    public static readonly DiagnosticDescriptor NotPositive = Create(
        "NETGEN032", DiagnosticSeverity.Error, "Argument is not positive",
        "{0} of layer '{1}' is {2}; it must be at least 1");

    /// <summary>Layer '{0}' has {1} groups, which must divide its {2}: write {3}.</summary>
    public static readonly DiagnosticDescriptor GroupsDoNotDivide = Create(
        "NETGEN033", DiagnosticSeverity.Error, "Groups do not divide the channels",
        "Layer '{0}' has {1} groups, which must divide its {2}: write {3}");

    /// <summary>Layer '{0}' has {1} = {2}; {3}.</summary>
    public static readonly DiagnosticDescriptor PaddingOutOfRange = Create(
        "NETGEN034", DiagnosticSeverity.Error, "Padding is out of range",
        "Layer '{0}' has {1} = {2}; {3}");

    /// <summary>Layer '{0}' has {1} = {2}; it must be {3}.</summary>
    public static readonly DiagnosticDescriptor NumberOutOfRange = Create(
        "NETGEN035", DiagnosticSeverity.Error, "Number is out of range",
        "Layer '{0}' has {1} = {2}; it must be {3}");

    /// <summary>Layer '{0}' cannot give [{1}] the shape [{2}]: {3}.</summary>
    public static readonly DiagnosticDescriptor ReshapeElements = Create(
        "NETGEN036", DiagnosticSeverity.Error, "Shapes do not hold the same elements",
        "Layer '{0}' cannot give [{1}] the shape [{2}]: {3}");

    /// <summary>Layer '{0}' has the order ({1}), but the shape [{2}] has {3} dimensions: name each once, by the numbers {4}.</summary>
    public static readonly DiagnosticDescriptor WrongOrder = Create(
        "NETGEN037", DiagnosticSeverity.Error, "Order does not name each dimension once",
        "Layer '{0}' has the order ({1}), but the shape [{2}] has {3} dimensions: name each once, by the numbers {4}");

    /// <summary>Layer '{0}' removes {1} and {2} of {3} {4}, which leaves none; remove fewer.</summary>
    public static readonly DiagnosticDescriptor NothingLeft = Create(
        "NETGEN038", DiagnosticSeverity.Error, "Nothing is left of an image",
        "Layer '{0}' removes {1} and {2} of {3} {4}, which leaves none; remove fewer");

    /// <summary>Layer '{0}' takes the largest of each {3} channels, but what it is given has {1}, in the shape [{2}]: their number must be a multiple of the pieces.</summary>
    public static readonly DiagnosticDescriptor PiecesDoNotDivide = Create(
        "NETGEN039", DiagnosticSeverity.Error, "Channels are not a multiple of the pieces",
        "Layer '{0}' takes the largest of each {3} channels, but what it is given has {1}, in the shape [{2}]: their number must be a multiple of the pieces");

    /// <summary>Layer '{0}' {1}.</summary>
    public static readonly DiagnosticDescriptor InvalidMask = Create(
        "NETGEN042", DiagnosticSeverity.Error, "Mask does not fit the layer",
        "Layer '{0}' {1}");

    /// <summary>Layer '{0}' cannot take its layers from the class: {1}.</summary>
    public static readonly DiagnosticDescriptor InvalidBlock = Create(
        "NETGEN043", DiagnosticSeverity.Error, "Block cannot be written out",
        "Layer '{0}' cannot take its layers from the class: {1}");

    /// <summary>Network '{0}' {1}.</summary>
    public static readonly DiagnosticDescriptor InputsConflict = Create(
        "NETGEN044", DiagnosticSeverity.Error, "Inputs are declared twice or too late",
        "Network '{0}' {1}");

    /// <summary>Layer '{0}' cannot share '{1}': {2}.</summary>
    public static readonly DiagnosticDescriptor InvalidShared = Create(
        "NETGEN045", DiagnosticSeverity.Error, "Layer cannot be shared",
        "Layer '{0}' cannot share '{1}': {2}");

    /// <summary>{0}; look at IVector for an example.</summary>
    public static readonly DiagnosticDescriptor InvalidCustom = Create(
        "NETGEN046", DiagnosticSeverity.Error, "Class is not a function of vectors",
        "{0}; look at IVector for an example");

    /// <summary>{0} {1}.</summary>
    public static readonly DiagnosticDescriptor InvalidOutput = Create(
        "NETGEN047", DiagnosticSeverity.Error, "Output is not right",
        "{0} {1}");

    /// <summary>
    /// Class '{0}' has layers and no [Network], so that nothing is generated: write [Network(...)] with the shape of one input row above them,
    /// such as [Network(784)]; remove 'partial' from a block that only other projects use.
    /// </summary>
    public static readonly DiagnosticDescriptor NoNetwork = Create(
        "NETGEN048", DiagnosticSeverity.Error, "Layers without a network",
        "Class '{0}' has layers and no [Network], so that nothing is generated: write [Network(...)] with the shape of one input row above them, "
        + "such as [Network(784)]; remove 'partial' from a block that only other projects use");

    /// <summary>Layer '{0}' {1}, but {2} works on logits, which may be any number: {3}.</summary>
    public static readonly DiagnosticDescriptor LogitsOutOfReach = Create(
        "NETGEN049", DiagnosticSeverity.Warning, "Last layer keeps logits from being any number",
        "Layer '{0}' {1}, but {2} works on logits, which may be any number: {3}");

    /// <summary>
    /// Network '{0}' has {1} outputs and no loss, so that Fit cannot train it: write a loss on each output to train,
    /// such as [Layer.Output(Loss = Loss.MeanSquaredError)].
    /// </summary>
    public static readonly DiagnosticDescriptor OutputsWithoutLoss = Create(
        "NETGEN050", DiagnosticSeverity.Warning, "Outputs without a loss",
        "Network '{0}' has {1} outputs and no loss, so that Fit cannot train it: write a loss on each output to train, "
        + "such as [Layer.Output(Loss = Loss.MeanSquaredError)]");

    /// <summary>Layer '{0}' is given {1}, a division of whole numbers, which is {2}: write {3}.</summary>
    public static readonly DiagnosticDescriptor WholeDivision = Create(
        "NETGEN051", DiagnosticSeverity.Warning, "Division of whole numbers",
        "Layer '{0}' is given {1}, a division of whole numbers, which is {2}: write {3}");

    /// <summary>Layer '{0}' looks up indexes, but is given what '{1}' computes, which are no whole numbers: {2}.</summary>
    public static readonly DiagnosticDescriptor ComputedIndexes = Create(
        "NETGEN052", DiagnosticSeverity.Error, "Embedding of what is no index",
        "Layer '{0}' looks up indexes, but is given what '{1}' computes, which are no whole numbers: {2}");

    /// <summary>The input shape [{0}] of layer '{1}' has {2} channels, for shapes are channels first; if the last dimension numbers the channels, write [{3}].</summary>
    public static readonly DiagnosticDescriptor ChannelsLast = Create(
        "NETGEN053", DiagnosticSeverity.Warning, "Input shape seems to be channels last",
        "The input shape [{0}] of layer '{1}' has {2} channels, for shapes are channels first; if the last dimension numbers the channels, write [{3}]");

    /// <summary>Layer '{0}' has Momentum = {1}, so that each batch replaces most of the running statistics; NetGen's momentum is the share of the new batch: use 1 - m for the m of Keras, such as {2}.</summary>
    public static readonly DiagnosticDescriptor LargeMomentum = Create(
        "NETGEN080", DiagnosticSeverity.Warning, "Momentum leaves little of the running statistics",
        "Layer '{0}' has Momentum = {1}, so that each batch replaces most of the running statistics; "
        + "NetGen's momentum is the share of the new batch: use 1 - m for the m of Keras, such as {2}");

    /// <summary>Network '{0}' needs {1} of activations {2}{3}: they go to one buffer for each thread, kept for the thread's life.</summary>
    public static readonly DiagnosticDescriptor ScratchMemory = Create(
        "NETGEN090", DiagnosticSeverity.Info, "Activations do not fit the stack",
        "Network '{0}' needs {1} of activations {2}{3}: they go to one buffer for each thread, kept for the thread's life");

    /// <summary>Network '{0}' is built without optimization, as in a Debug build, and runs 10 to 15 times slower: build with -c Release, or set &lt;NetGenOptimize&gt;true&lt;/NetGenOptimize&gt; in the project.</summary>
    public static readonly DiagnosticDescriptor NotOptimized = Create(
        "NETGEN091", DiagnosticSeverity.Info, "Network is built without optimization",
        "Network '{0}' is built without optimization, as in a Debug build, and runs 10 to 15 times slower: "
        + "build with -c Release, or set <NetGenOptimize>true</NetGenOptimize> in the project");

    /// <summary>NetGen failed on network '{0}': {1}. Please report this with the class's attributes.</summary>
    public static readonly DiagnosticDescriptor InternalError = Create(
        "NETGEN099", DiagnosticSeverity.Error, "NetGen failed",
        "NetGen failed on network '{0}': {1}. Please report this with the class's attributes");

    /// <summary>The address of a rule's page below that of the repository's files; none if they have none.</summary>
    internal static string HelpLink(string? filesUrl, string id) => filesUrl is null ? "" : $"{filesUrl}docs/diagnostics/{id}.md";

    /// <summary>Whether a broken rule is broken whatever a layer is given.</summary>
    public static bool HoldForAnyShape(DiagnosticDescriptor rule) =>
        rule == UnitsNotPositive || rule == NotPositive || rule == DropoutRateOutOfRange || rule == UnknownValue || rule == AlphaOutOfRange
        || rule == AlphaUnused
        || rule == ScaleOutOfRange || rule == ScaleUnused || rule == NumberOutOfRange || rule == InvalidCustom || rule == InvalidBlock;

    // What no configuration can hide is an error of the compiler to the compiler: it stops there, and does not report what only follows from it.
    private static DiagnosticDescriptor Create(string id, DiagnosticSeverity severity, string title, string message) => new(
        id, title, message, Category, severity, isEnabledByDefault: true, helpLinkUri: HelpLink(FilesUrl, id),
        customTags: severity == DiagnosticSeverity.Error ? [WellKnownDiagnosticTags.NotConfigurable] : []);
}
