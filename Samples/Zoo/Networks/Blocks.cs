namespace NetGen.Samples.Zoo;

/// <summary>Two normalized convolutions, around which the input goes. After He et al., 2016.</summary>
[Layer.Conv2D(16, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
[Layer.Conv2D(16, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm(Name = "Residual")]
[Layer.Add(From = ["input", "Residual"])]
[Layer.Activation(Activation.ReLU)]
public sealed class ResidualBlock16;

/// <summary>As <see cref="ResidualBlock16"/>, on 32 channels.</summary>
[Layer.Conv2D(32, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
[Layer.Conv2D(32, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm(Name = "Residual")]
[Layer.Add(From = ["input", "Residual"])]
[Layer.Activation(Activation.ReLU)]
public sealed class ResidualBlock32;

/// <summary>A residual block of half the resolution; a convolution of kernel 1 brings its input to the new shape.</summary>
[Layer.Conv2D(32, 3, Stride = 2, Padding = 1, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
[Layer.Conv2D(32, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm(Name = "Residual")]
[Layer.Conv2D(32, 1, Stride = 2, Bias = false, From = ["input"])]
[Layer.BatchNorm(Name = "Shortcut")]
[Layer.Add(From = ["Shortcut", "Residual"])]
[Layer.Activation(Activation.ReLU)]
public sealed class HalvingBlock32;

/// <summary>As <see cref="HalvingBlock32"/>, to 64 channels.</summary>
[Layer.Conv2D(64, 3, Stride = 2, Padding = 1, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
[Layer.Conv2D(64, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm(Name = "Residual")]
[Layer.Conv2D(64, 1, Stride = 2, Bias = false, From = ["input"])]
[Layer.BatchNorm(Name = "Shortcut")]
[Layer.Add(From = ["Shortcut", "Residual"])]
[Layer.Activation(Activation.ReLU)]
public sealed class HalvingBlock64;

/// <summary>Kernels of several sizes and a pooling side by side, the dear ones on few channels. After Szegedy et al., 2015.</summary>
[Layer.Conv2D(16, 1, Activation.ReLU, Name = "One")]
[Layer.Conv2D(8, 1, Activation.ReLU, From = ["input"])]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same, Name = "Three")]
[Layer.Conv2D(8, 1, Activation.ReLU, From = ["input"])]
[Layer.Conv2D(16, 5, Activation.ReLU, Padding = Layer.Same, Name = "Five")]
[Layer.Pad2D(1, Mode = PadMode.Replicate, From = ["input"])]
[Layer.MaxPool2D(3, Stride = 1)]
[Layer.Conv2D(16, 1, Activation.ReLU, Name = "Pooled")]
[Layer.Concat(From = ["One", "Three", "Five", "Pooled"])]
public sealed class InceptionBlock;

/// <summary>Each channel filtered by itself, then all combined. After Howard et al., 2017.</summary>
[Layer.SeparableConv2D(64, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
public sealed class SeparableBlock64;

/// <summary>As <see cref="SeparableBlock64"/>, to 128 channels.</summary>
[Layer.SeparableConv2D(128, 3, Padding = Layer.Same, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
public sealed class SeparableBlock128;

/// <summary>As <see cref="SeparableBlock128"/>, of half the resolution.</summary>
[Layer.SeparableConv2D(128, 3, Stride = 2, Padding = 1, Bias = false)]
[Layer.BatchNorm]
[Layer.Activation(Activation.ReLU)]
public sealed class HalvingSeparableBlock128;
