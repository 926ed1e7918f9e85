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

/// <summary>Two residual blocks, the second of half the resolution. After He et al., 2016, without normalization.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2, Name = "Stem")]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(32, 3, Padding = Layer.Same, Name = "Residual1")]
[Layer.Add(From = ["Stem", "Residual1"])]
[Layer.Activation(Activation.ReLU, Name = "Block1")]
[Layer.Conv2D(64, 3, Activation.ReLU, Stride = 2, Padding = 1)]
[Layer.Conv2D(64, 3, Padding = Layer.Same, Name = "Residual2")]
[Layer.Conv2D(64, 1, Stride = 2, From = ["Block1"], Name = "Shortcut2")]
[Layer.Add(From = ["Shortcut2", "Residual2"])]
[Layer.Activation(Activation.ReLU)]
[Layer.GlobalAveragePool]
[Layer.Dense(10)]
public sealed partial class SmallResNet;

/// <summary>Kernels of several sizes side by side. After Szegedy et al., 2015.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(16, 5, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2, Name = "Stem")]
[Layer.Conv2D(16, 1, Activation.ReLU, Name = "One")]
[Layer.Conv2D(8, 1, Activation.ReLU, From = ["Stem"])]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same, Name = "Three")]
[Layer.Conv2D(8, 1, Activation.ReLU, From = ["Stem"])]
[Layer.Conv2D(16, 5, Activation.ReLU, Padding = Layer.Same, Name = "Five")]
[Layer.Concat(From = ["One", "Three", "Five"])]
[Layer.MaxPool2D(2)]
[Layer.Dense(10)]
public sealed partial class SmallInception;
