namespace NetGen.Tests.TrainingLoop;

// The namespace is not that of the folder: it would hide the class Training from all other tests.

/// <summary>Learns exclusive or.</summary>
[Network(2, Loss = Loss.BinaryCrossEntropy)]
[Layer.Dense(8, Activation.Tanh)]
[Layer.Dense(1)]
public sealed partial class BinaryNetwork;

/// <summary>Several independent yes or no questions.</summary>
[Network(3, Loss = Loss.BinaryCrossEntropy)]
[Layer.Dense(3)]
public sealed partial class QuestionsNetwork;

/// <summary>Regression with two outputs.</summary>
[Network(3, Loss = Loss.MeanSquaredError)]
[Layer.Dense(7, Activation.Tanh)]
[Layer.Dense(2)]
public sealed partial class RegressionNetwork;

/// <summary>Regression in double precision, by a loss whose gradient is 1 or -1.</summary>
[Network(3, Loss = Loss.MeanAbsoluteError, Precision = Precision.Double)]
[Layer.Dense(2)]
public sealed partial class DoubleNetwork;

/// <summary>Classes.</summary>
[Network(4, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(9, Activation.ReLU)]
[Layer.Dense(3)]
public sealed partial class ClassesNetwork;

/// <summary>Large enough for several shards, and with dropout.</summary>
[Network(48, Loss = Loss.SoftmaxCrossEntropy)]
[Layer.Dense(300, Activation.ReLU)]
[Layer.Dropout(0.3)]
[Layer.Dense(70, Activation.Tanh)]
[Layer.Dropout(0.2)]
[Layer.Dense(5)]
public sealed partial class WideNetwork;

/// <summary>Two factors, and a loss with gradients of 1 and -1.</summary>
[Network(1, Loss = Loss.MeanAbsoluteError)]
[Layer.Dense(1, Bias = false)]
[Layer.Dense(1, Bias = false)]
public sealed partial class SteepNetwork;

/// <summary>Without a loss.</summary>
[Network(3)]
[Layer.Dense(4, Activation.Sigmoid, Bias = false)]
[Layer.Dense(2)]
public sealed partial class PlainNetwork;

/// <summary>A network without parameters.</summary>
[Network(2, Loss = Loss.Huber)]
[Layer.Activation(Activation.Tanh)]
public sealed partial class ParameterlessNetwork;

/// <summary>The default initializer before each activation, in layers wide enough for statistics.</summary>
[Network(80)]
[Layer.Dense(120)]
[Layer.Dense(90, Activation.ReLU)]
[Layer.Dense(110, Activation.LeakyReLU)]
[Layer.Dense(70, Activation.ELU)]
[Layer.Dense(130, Activation.SELU)]
[Layer.Dense(60, Activation.Sigmoid)]
[Layer.Dense(140, Activation.Tanh)]
[Layer.Dense(50, Activation.Softplus)]
[Layer.Dense(150, Activation.GELU)]
[Layer.Dense(40, Activation.SiLU)]
[Layer.Dense(160, Activation.Softmax)]
public sealed partial class DefaultsNetwork;

/// <summary>Initializers by name, for weights and biases.</summary>
[Network(100)]
[Layer.Dense(200, WeightInitializer = Initializer.Zeros, BiasInitializer = Initializer.Constant)]
[Layer.Dense(150, WeightInitializer = Initializer.Constant, WeightScale = -0.25, BiasInitializer = Initializer.Constant, BiasScale = 0.5)]
[Layer.Dense(120, WeightInitializer = Initializer.Normal, BiasInitializer = Initializer.Normal, BiasScale = 2)]
[Layer.Dense(130, WeightInitializer = Initializer.Normal, WeightScale = 3, BiasInitializer = Initializer.Zeros)]
[Layer.Dense(140, WeightInitializer = Initializer.Uniform, BiasInitializer = Initializer.Uniform, BiasScale = 4)]
[Layer.Dense(110, WeightInitializer = Initializer.Uniform, WeightScale = 0.5)]
[Layer.Dense(90, WeightInitializer = Initializer.XavierUniform)]
[Layer.Dense(160, WeightInitializer = Initializer.XavierNormal)]
[Layer.Dense(80, WeightInitializer = Initializer.HeUniform)]
[Layer.Dense(170, WeightInitializer = Initializer.HeNormal)]
[Layer.Dense(70, WeightInitializer = Initializer.LeCunUniform)]
[Layer.Dense(180, WeightInitializer = Initializer.LeCunNormal)]
[Layer.Dense(100, WeightInitializer = Initializer.FanInUniform, BiasInitializer = Initializer.Zeros)]
public sealed partial class InitializersNetwork;

/// <summary>Defaults of layers whose fan-in is not all of their input, with enough biases for statistics.</summary>
[Network(4, 8, 8)]
[Layer.Conv2D(160, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(160, 3, Activation.ReLU, Padding = Layer.Same, Groups = 4)]
[Layer.Conv2D(160, 3, Activation.ReLU, Groups = 160)]
[Layer.ConvTranspose2D(80, 3, Padding = 1)]
[Layer.Dense(100)]
public sealed partial class DefaultConvolutions;

/// <summary>An autoencoder of one matrix.</summary>
[Network(100)]
[Layer.Dense(80)]
[Layer.Shared("Dense1", Transposed = true)]
public sealed partial class TiedNetwork;

/// <summary>The hidden layers of a usual regression.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Dense(32, Activation.ReLU)]
[Layer.Dense(16, Activation.ReLU)]
[Layer.Dense(1)]
public sealed partial class TaperedNetwork;

/// <summary>A hidden layer.</summary>
[Layer.Dense(32, Activation.ReLU)]
public static class HiddenLayer;

/// <summary>One hidden layer.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 1)]
[Layer.Dense(1)]
public sealed partial class Hidden1Network;

/// <summary>Two hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 2)]
[Layer.Dense(1)]
public sealed partial class Hidden2Network;

/// <summary>Three hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 3)]
[Layer.Dense(1)]
public sealed partial class Hidden3Network;

/// <summary>Four hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 4)]
[Layer.Dense(1)]
public sealed partial class Hidden4Network;

/// <summary>Five hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 5)]
[Layer.Dense(1)]
public sealed partial class Hidden5Network;

/// <summary>Six hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 6)]
[Layer.Dense(1)]
public sealed partial class Hidden6Network;

/// <summary>Seven hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 7)]
[Layer.Dense(1)]
public sealed partial class Hidden7Network;

/// <summary>Eight hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 8)]
[Layer.Dense(1)]
public sealed partial class Hidden8Network;

/// <summary>Nine hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 9)]
[Layer.Dense(1)]
public sealed partial class Hidden9Network;

/// <summary>Ten hidden layers.</summary>
[Network(10, Loss = Loss.MeanSquaredError)]
[Layer.Block(typeof(HiddenLayer), Repeat = 10)]
[Layer.Dense(1)]
public sealed partial class Hidden10Network;
