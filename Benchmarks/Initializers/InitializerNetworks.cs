namespace NetGen.Benchmarks;

/// <summary>Regression on ten features.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Dense(32, Activation.ReLU)]
[Layer.Dense(16, Activation.ReLU)]
[Layer.Dense(1)]
public sealed partial class TenToOne;

/// <summary>The same with tanh.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Dense(32, Activation.Tanh)]
[Layer.Dense(16, Activation.Tanh)]
[Layer.Dense(1)]
public sealed partial class TenToOneTanh;

/// <summary>Regression on one feature.</summary>
[Network(1, Loss = Loss.MeanSquaredError)]
[Layer.Dense(32, Activation.ReLU)]
[Layer.Dense(16, Activation.ReLU)]
[Layer.Dense(1)]
public sealed partial class OneToOne;

/// <summary>Three classes by four features.</summary>
[Network(4, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(32, Activation.ReLU)]
[Layer.Dense(16, Activation.ReLU)]
[Layer.Dense(3)]
public sealed partial class FourToThree;

/// <summary>Two classes of points in the plane.</summary>
[Network(2, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(32, Activation.ReLU)]
[Layer.Dense(16, Activation.ReLU)]
[Layer.Dense(2)]
public sealed partial class TwoToTwo;

/// <summary>The same with tanh.</summary>
[Network(2, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(32, Activation.Tanh)]
[Layer.Dense(16, Activation.Tanh)]
[Layer.Dense(2)]
public sealed partial class TwoToTwoTanh;

/// <summary>Two classes by ten features.</summary>
[Network(10, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(32, Activation.ReLU)]
[Layer.Dense(16, Activation.ReLU)]
[Layer.Dense(2)]
public sealed partial class TenToTwo;

/// <summary>Ten classes of 64 pixels.</summary>
[Network(64, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(32, Activation.ReLU)]
[Layer.Dense(16, Activation.ReLU)]
[Layer.Dense(10)]
public sealed partial class DensePixels;

/// <summary>Ten classes of 8 x 8 pixels.</summary>
[Network(1, 8, 8, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Conv2D(8, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Dense(10)]
public sealed partial class ConvPixels;

/// <summary>Two numbers from 8 x 8 pixels.</summary>
[Network(1, 8, 8, Loss = Loss.MeanSquaredError)]
[Layer.Conv2D(8, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.MaxPool2D(2)]
[Layer.Dense(2)]
public sealed partial class ConvPlaces;

/// <summary>A hidden layer.</summary>
[Layer.Dense(32, Activation.ReLU)]
public static class Hidden;

/// <summary>One hidden layer.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 1)]
[Layer.Dense(1)]
public sealed partial class Hidden1;

/// <summary>Two hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 2)]
[Layer.Dense(1)]
public sealed partial class Hidden2;

/// <summary>Three hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 3)]
[Layer.Dense(1)]
public sealed partial class Hidden3;

/// <summary>Four hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 4)]
[Layer.Dense(1)]
public sealed partial class Hidden4;

/// <summary>Five hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 5)]
[Layer.Dense(1)]
public sealed partial class Hidden5;

/// <summary>Six hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 6)]
[Layer.Dense(1)]
public sealed partial class Hidden6;

/// <summary>Seven hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 7)]
[Layer.Dense(1)]
public sealed partial class Hidden7;

/// <summary>Eight hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 8)]
[Layer.Dense(1)]
public sealed partial class Hidden8;

/// <summary>Nine hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 9)]
[Layer.Dense(1)]
public sealed partial class Hidden9;

/// <summary>Ten hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(Hidden), Repeat = 10)]
[Layer.Dense(1)]
public sealed partial class Hidden10;
