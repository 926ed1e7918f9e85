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

/// <summary>Three stages of two residual blocks, of 16, 32 and 64 channels. After He et al., 2016, without normalization.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same, Name = "Stem")]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(16, 3, Padding = Layer.Same, Name = "Residual1")]
[Layer.Add(From = ["Stem", "Residual1"])]
[Layer.Activation(Activation.ReLU, Name = "Block1")]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(16, 3, Padding = Layer.Same, Name = "Residual2")]
[Layer.Add(From = ["Block1", "Residual2"])]
[Layer.Activation(Activation.ReLU, Name = "Block2")]
[Layer.Conv2D(32, 1, Stride = 2, Name = "Shortcut3")]
[Layer.Conv2D(32, 3, Activation.ReLU, Stride = 2, Padding = 1, From = ["Block2"])]
[Layer.Conv2D(32, 3, Padding = Layer.Same, Name = "Residual3")]
[Layer.Add(From = ["Shortcut3", "Residual3"])]
[Layer.Activation(Activation.ReLU, Name = "Block3")]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(32, 3, Padding = Layer.Same, Name = "Residual4")]
[Layer.Add(From = ["Block3", "Residual4"])]
[Layer.Activation(Activation.ReLU, Name = "Block4")]
[Layer.Conv2D(64, 1, Stride = 2, Name = "Shortcut5")]
[Layer.Conv2D(64, 3, Activation.ReLU, Stride = 2, Padding = 1, From = ["Block4"])]
[Layer.Conv2D(64, 3, Padding = Layer.Same, Name = "Residual5")]
[Layer.Add(From = ["Shortcut5", "Residual5"])]
[Layer.Activation(Activation.ReLU, Name = "Block5")]
[Layer.Conv2D(64, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(64, 3, Padding = Layer.Same, Name = "Residual6")]
[Layer.Add(From = ["Block5", "Residual6"])]
[Layer.Activation(Activation.ReLU)]
[Layer.GlobalAveragePool]
[Layer.Dense(10)]
public sealed partial class Residual;

/// <summary>One convolution and nothing else: how near its kernels come to what the core can do.</summary>
[Network(64, 28, 28)]
[Layer.Conv2D(64, 3, Padding = Layer.Same)]
public sealed partial class Conv64;

/// <summary>Convolutions of single channels and of single positions in turn. After Howard et al., 2017, without normalization.</summary>
[Network(3, 32, 32, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(32, 3, Activation.ReLU, Stride = 2, Padding = 1)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = 1, Groups = 32)]
[Layer.Conv2D(64, 1, Activation.ReLU)]
[Layer.Conv2D(64, 3, Activation.ReLU, Stride = 2, Padding = 1, Groups = 64)]
[Layer.Conv2D(128, 1, Activation.ReLU)]
[Layer.Conv2D(128, 3, Activation.ReLU, Padding = 1, Groups = 128)]
[Layer.Conv2D(128, 1, Activation.ReLU)]
[Layer.Conv2D(128, 3, Activation.ReLU, Stride = 2, Padding = 1, Groups = 128)]
[Layer.Conv2D(256, 1, Activation.ReLU)]
[Layer.GlobalAveragePool]
[Layer.Dense(10)]
public sealed partial class Depthwise;

/// <summary>
/// MobileNet of a quarter of the channels for images of 96 x 96, which answers whether a person is to be seen. After Howard et al., 2017;
/// the sizes are those that MLPerf Tiny measures (Banbury et al., 2021).
/// </summary>
[Network(3, 96, 96, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(8, 3, Activation.ReLU, Stride = 2, Padding = 1)]
[Layer.Conv2D(8, 3, Activation.ReLU, Padding = 1, Groups = 8)]
[Layer.Conv2D(16, 1, Activation.ReLU)]
[Layer.Conv2D(16, 3, Activation.ReLU, Stride = 2, Padding = 1, Groups = 16)]
[Layer.Conv2D(32, 1, Activation.ReLU)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = 1, Groups = 32)]
[Layer.Conv2D(32, 1, Activation.ReLU)]
[Layer.Conv2D(32, 3, Activation.ReLU, Stride = 2, Padding = 1, Groups = 32)]
[Layer.Conv2D(64, 1, Activation.ReLU)]
[Layer.Conv2D(64, 3, Activation.ReLU, Padding = 1, Groups = 64)]
[Layer.Conv2D(64, 1, Activation.ReLU)]
[Layer.Conv2D(64, 3, Activation.ReLU, Stride = 2, Padding = 1, Groups = 64)]
[Layer.Conv2D(128, 1, Activation.ReLU)]
[Layer.Conv2D(128, 3, Activation.ReLU, Padding = 1, Groups = 128)]
[Layer.Conv2D(128, 1, Activation.ReLU)]
[Layer.Conv2D(128, 3, Activation.ReLU, Padding = 1, Groups = 128)]
[Layer.Conv2D(128, 1, Activation.ReLU)]
[Layer.Conv2D(128, 3, Activation.ReLU, Padding = 1, Groups = 128)]
[Layer.Conv2D(128, 1, Activation.ReLU)]
[Layer.Conv2D(128, 3, Activation.ReLU, Padding = 1, Groups = 128)]
[Layer.Conv2D(128, 1, Activation.ReLU)]
[Layer.Conv2D(128, 3, Activation.ReLU, Padding = 1, Groups = 128)]
[Layer.Conv2D(128, 1, Activation.ReLU)]
[Layer.Conv2D(128, 3, Activation.ReLU, Stride = 2, Padding = 1, Groups = 128)]
[Layer.Conv2D(256, 1, Activation.ReLU)]
[Layer.Conv2D(256, 3, Activation.ReLU, Padding = 1, Groups = 256)]
[Layer.Conv2D(256, 1, Activation.ReLU)]
[Layer.GlobalAveragePool]
[Layer.Dense(2)]
public sealed partial class MobileNet;
