namespace NetGen.Samples.Zoo;

/// <summary>LeNet-5 with rectifiers and maximum pooling. After LeCun et al., 1998.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(6, 5, Activation.ReLU, Padding = 2)]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(16, 5, Activation.ReLU)]
[Layer.MaxPool2D(2)]
[Layer.Dense(120, Activation.ReLU)]
[Layer.Dense(84, Activation.ReLU)]
[Layer.Dense(10)]
public sealed partial class LeNet;

/// <summary>Stacks of small kernels between poolings. After Simonyan and Zisserman, 2015.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Dropout(0.2)]
[Layer.Conv2D(64, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(64, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Dropout(0.3)]
[Layer.Dense(128, Activation.ReLU)]
[Layer.Dropout(0.5)]
[Layer.Dense(10)]
public sealed partial class SmallVgg;

/// <summary>Residual blocks, the last of half the resolution. After He et al., 2016.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(32, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
[Layer.MaxPool2D(2)]
[Layer.Block(typeof(ResidualBlock32))]
[Layer.Block(typeof(HalvingBlock64))]
[Layer.GlobalAveragePool]
[Layer.Dense(10)]
public sealed partial class SmallResNet;

/// <summary>Two inception blocks. After Szegedy et al., 2015.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(16, 5, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Block(typeof(InceptionBlock))]
[Layer.MaxPool2D(2)]
[Layer.Block(typeof(InceptionBlock))]
[Layer.Dropout(0.3)]
[Layer.Dense(10)]
public sealed partial class SmallInception;
