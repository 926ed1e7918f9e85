namespace NetGen.Samples.Digits;

/// <summary>Digits of 8 x 8 pixels.</summary>
[Network(64, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(256, Activation.ReLU)]
[Layer.Dropout(0.5)]
[Layer.Dense(128, Activation.ReLU)]
[Layer.Dropout(0.3)]
[Layer.Dense(10)]
public sealed partial class SmallDigits;

/// <summary>Digits of 28 x 28 pixels.</summary>
[Network(1, 28, 28, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dropout(0.2)]
[Layer.Dense(256, Activation.ReLU)]
[Layer.Dropout(0.4)]
[Layer.Dense(128, Activation.ReLU)]
[Layer.Dense(10)]
public sealed partial class MnistDigits;
