namespace NetGen.Benchmarks;

/// <summary>A network so small that the cost of a call is most of it.</summary>
[Network(4, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(16, Activation.Tanh)]
[Layer.Dense(3)]
public sealed partial class Iris;

/// <summary>The usual perceptron for 28 x 28 digits.</summary>
[Network(784, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(128, Activation.ReLU)]
[Layer.Dense(64, Activation.ReLU)]
[Layer.Dense(10)]
public sealed partial class Mlp;

/// <summary>Weights of 2.7 MB: more than most second-level caches hold.</summary>
[Network(784, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(512, Activation.ReLU)]
[Layer.Dense(512, Activation.ReLU)]
[Layer.Dense(10)]
public sealed partial class Wide;

/// <summary>One matrix product and nothing else: how near the kernel comes to what the core can do.</summary>
[Network(512)]
[Layer.Dense(512)]
public sealed partial class Dense512;
