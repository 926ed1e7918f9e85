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

/// <summary>LeNet-5 with rectifiers and maximum pooling, for 28 x 28 digits. After LeCun et al., 1998.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(6, 5, Activation.ReLU, Padding = 2)]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(16, 5, Activation.ReLU)]
[Layer.MaxPool2D(2)]
[Layer.Dense(120, Activation.ReLU)]
[Layer.Dense(84, Activation.ReLU)]
[Layer.Dense(10)]
public sealed partial class LeNet;

/// <summary>Small kernels in pairs between poolings. After Simonyan and Zisserman, 2015.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(64, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(64, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Dense(128, Activation.ReLU)]
[Layer.Dense(10)]
public sealed partial class Cnn;
