namespace NetGen.Samples.Zoo;

/// <summary><see cref="SmallVgg"/> for colour images. After Simonyan and Zisserman, 2015.</summary>
[Network(3, 32, 32, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(64, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Dense(128, Activation.ReLU)]
[Layer.Dropout(0.5)]
[Layer.Dense(10)]
public sealed partial class ColourVgg;

/// <summary>Three stages of residual blocks with 16, 32 and 64 channels. After He et al., 2016.</summary>
[Network(3, 32, 32, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(16, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
[Layer.Block(typeof(ResidualBlock16))]
[Layer.Block(typeof(HalvingBlock32))]
[Layer.Block(typeof(HalvingBlock64))]
[Layer.GlobalAveragePool]
[Layer.Dense(10)]
public sealed partial class ColourResNet;

/// <summary>Depthwise separable convolutions. After Howard et al., 2017.</summary>
[Network(3, 32, 32, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(32, 3, Stride = 2, Padding = 1, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
[Layer.Block(typeof(SeparableBlock64))]
[Layer.Block(typeof(HalvingSeparableBlock128))]
[Layer.Block(typeof(SeparableBlock128), Repeat = 2)]
[Layer.GlobalAveragePool]
[Layer.Dense(10)]
public sealed partial class SmallMobileNet;
