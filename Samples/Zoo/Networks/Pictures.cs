namespace NetGen.Samples.Zoo;

/// <summary>
/// Learns to undo noise: it is trained to give back the images it gets, to which its first layer adds noise. After Vincent et al., 2008.
/// </summary>
[Network(1, 28, 28, Loss = Loss.MeanSquaredError)]
[Layer.GaussianNoise(NoiseDeviation)]
[Layer.Conv2D(16, 3, Activation.ReLU, Stride = 2, Padding = 1)]
[Layer.Conv2D(32, 3, Activation.ReLU, Stride = 2, Padding = 1)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.ConvTranspose2D(16, 4, Activation.ReLU, Stride = 2, Padding = 1)]
[Layer.ConvTranspose2D(1, 4, Stride = 2, Padding = 1)]
public sealed partial class DenoisingAutoencoder
{
    /// <summary>The standard deviation of the noise, where white is 1.</summary>
    public const double NoiseDeviation = 0.4;
}

/// <summary>
/// Says of each pixel whether it is ink: down to coarse images that see much, and up again with the fine ones beside. After Ronneberger et al., 2015.
/// </summary>
[Network(1, 28, 28, Loss = Loss.BinaryCrossEntropy)]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same, Name = "Fine")]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same, Name = "Middle")]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(64, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.ConvTranspose2D(32, 2, Activation.ReLU, Stride = 2, Name = "MiddleAgain")]
[Layer.Concat(From = ["Middle", "MiddleAgain"])]
[Layer.Conv2D(32, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Upsample2D(2, Interpolation.Bilinear, Name = "FineAgain")]
[Layer.Concat(From = ["Fine", "FineAgain"])]
[Layer.Conv2D(16, 3, Activation.ReLU, Padding = Layer.Same)]
[Layer.Conv2D(1, 1)]
public sealed partial class SmallUNet;

/// <summary>
/// Whether two images show the same digit: one tower turns each into a code, and the squared differences of the codes decide. After Bromley et al.,
/// 1993, and Koch et al., 2015.
/// </summary>
[Network(Loss = Loss.BinaryCrossEntropy)]
[Layer.Input(1, 28, 28, Name = "Left")]
[Layer.Input(1, 28, 28, Name = "Right")]
[Layer.Conv2D(16, 5, Activation.ReLU, From = ["Left"], Name = "Strokes")]
[Layer.MaxPool2D(2)]
[Layer.Conv2D(32, 5, Activation.ReLU, Name = "Shapes")]
[Layer.MaxPool2D(2)]
[Layer.Dense(64, Name = "Code")]
[Layer.Shared("Strokes", From = ["Right"])]
[Layer.MaxPool2D(2)]
[Layer.Shared("Shapes")]
[Layer.MaxPool2D(2)]
[Layer.Shared("Code")]
[Layer.Custom(typeof(Negative), Name = "OtherCode")]
[Layer.Add(From = ["Code", "OtherCode"], Name = "Difference")]
[Layer.Multiply(From = ["Difference", "Difference"])]
[Layer.Dense(1)]
public sealed partial class SiameseNetwork;

/// <summary>f(x) = -x, which makes a difference of a sum.</summary>
public static class Negative
{
    /// <summary>-x.</summary>
    public static TVector Forward<TVector>(TVector x)
        where TVector : struct, IVector<TVector> => TVector.Zero - x;

    /// <summary>-1.</summary>
    public static TVector Derivative<TVector>(TVector x)
        where TVector : struct, IVector<TVector> => TVector.Constant(-1);
}
