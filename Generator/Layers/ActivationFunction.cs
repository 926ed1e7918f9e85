using NetGen.Generator.Emitting;
using NetGen.Generator.Model;

namespace NetGen.Generator.Layers;

/// <summary>What the derivative of an activation is computed from.</summary>
internal enum DerivativeSource
{
    /// <summary>It is 1.</summary>
    Nothing,

    /// <summary>The output.</summary>
    Output,

    /// <summary>The input, which must be kept beside the output.</summary>
    Input,
}

/// <summary>An activation function and its derivative as vector expressions.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Alpha">The slope or scale below zero, where the function has one.</param>
/// <param name="Source">What the derivative is computed from.</param>
/// <param name="IsCheap">Whether it costs so little that kernels apply it before they store.</param>
internal sealed record ActivationFunction(Activation Kind, double Alpha, DerivativeSource Source, bool IsCheap)
{
    public const double SeluAlpha = 1.6732632423543772848170429916717;
    public const double SeluScale = 1.0507009873554804934193349852946;

    public bool TakesAlpha => Kind is Activation.LeakyReLU or Activation.ELU;

    public bool IsIdentity => Kind == Activation.Identity;

    /// <summary>Whether it mixes the elements of a row.</summary>
    public bool IsRowWise => Kind == Activation.Softmax;

    /// <summary>The name in formulas.</summary>
    public string Name => Kind.ToString().ToLowerInvariant();

    /// <summary>The function and its argument in a layer's description; empty for the identity.</summary>
    public string Description => TakesAlpha && Alpha != DefaultAlpha(Kind) ? $"{Kind}({Graph.NetworkGraph.Text(Alpha)})" : Kind.ToString();

    /// <summary>How weights and biases before this function start unless told otherwise: the rule that docs/initializers.md measures.</summary>
    public (Initializer Weight, Initializer Bias) Defaults =>
        Kind == Activation.SELU ? (Initializer.LeCunNormal, Initializer.Zeros) : (Initializer.FanInUniform, Initializer.FanInUniform);

    public static ActivationFunction Of(Activation kind, double alpha) => new(
        kind,
        double.IsNaN(alpha) ? DefaultAlpha(kind) : alpha,
        kind switch
        {
            Activation.Identity => DerivativeSource.Nothing,
            Activation.GELU or Activation.SiLU or Activation.HardSwish or Activation.Mish => DerivativeSource.Input,
            _ => DerivativeSource.Output,
        },
        kind is Activation.Identity or Activation.ReLU or Activation.LeakyReLU or Activation.HardSigmoid);

    /// <summary>f(x) as an expression of type V.</summary>
    public string Value(string x, string t) => Kind switch
    {
        Activation.Identity => x,
        Activation.ReLU => $"V.Max(V.Zero, {x})",
        Activation.LeakyReLU => $"V.Select(V.GreaterThan({x}, V.Zero), {x}, {x} * V.Create({Literal(Alpha, t)}))",
        Activation.ELU => $"V.Select(V.GreaterThan({x}, V.Zero), {x}, SimdMath.ExpMinus1<V, {t}>({x}) * V.Create({Literal(Alpha, t)}))",
        Activation.SELU =>
            $"V.Select(V.GreaterThan({x}, V.Zero), {x} * V.Create({Literal(SeluScale, t)}), SimdMath.ExpMinus1<V, {t}>({x}) * V.Create({Literal(SeluScale * SeluAlpha, t)}))",
        Activation.Sigmoid => $"SimdMath.Sigmoid<V, {t}>({x})",
        Activation.Tanh => $"SimdMath.Tanh<V, {t}>({x})",
        Activation.Softplus => $"SimdMath.Softplus<V, {t}>({x})",
        Activation.GELU => $"{x} * SimdMath.NormalDistribution<V, {t}>({x})",
        Activation.SiLU => $"SimdMath.TimesSigmoid<V, {t}>({x}, {x})",
        Activation.HardSigmoid => HardSigmoid(x, t),
        Activation.HardSwish => $"{x} * {HardSigmoid(x, t)}",
        Activation.Softsign => $"{x} / (V.Create({Literal(1, t)}) + V.Abs({x}))",
        Activation.Mish => $"{NotFarBelow(x)} * SimdMath.TanhSoftplus<V, {t}>({x}, out _)",
        _ => throw new InvalidOperationException($"{Kind} is not element-wise."),
    };

    // Exponentials end at the smallest number. A factor far below zero would make it visible again.
    private static string NotFarBelow(string x) => $"V.Max(V.Constant(-200), {x})";

    /// <summary>g f'(x) as an expression of type V, given y = f(x) or x itself as <see cref="Source"/> says.</summary>
    public string Backward(string gradient, string known, string t) => Kind switch
    {
        Activation.ReLU => $"V.Select(V.GreaterThan({known}, V.Zero), {gradient}, V.Zero)",
        Activation.LeakyReLU => $"V.Select(V.GreaterThan({known}, V.Zero), {gradient}, {gradient} * V.Create({Literal(Alpha, t)}))",
        Activation.ELU => $"V.Select(V.GreaterThan({known}, V.Zero), {gradient}, {gradient} * ({known} + V.Create({Literal(Alpha, t)})))",
        Activation.SELU =>
            $"{gradient} * V.Select(V.GreaterThan({known}, V.Zero), V.Create({Literal(SeluScale, t)}), {known} + V.Create({Literal(SeluScale * SeluAlpha, t)}))",
        Activation.Sigmoid => $"{gradient} * {known} * (V.Create({Literal(1, t)}) - {known})",
        Activation.Tanh => $"{gradient} * (V.Create({Literal(1, t)}) - {known} * {known})",
        // f'(x) = sigmoid(x) = 1 - e^-f(x).
        Activation.Softplus => $"{gradient} * (V.Zero - SimdMath.ExpMinus1<V, {t}>(V.Zero - {known}))",
        Activation.GELU =>
            $"{gradient} * V.MultiplyAdd(V.Min(V.Constant(200), {NotFarBelow(known)}), SimdMath.NormalDensity<V, {t}>({known}), SimdMath.NormalDistribution<V, {t}>({known}))",
        // f'(x) = s + f(x) (1 - s), s = sigmoid(x).
        Activation.SiLU => $"{gradient} * V.MultiplyAdd(SimdMath.TimesSigmoid<V, {t}>({known}, {known}), "
            + $"V.Create({Literal(1, t)}) - SimdMath.Sigmoid<V, {t}>({known}), SimdMath.Sigmoid<V, {t}>({known}))",
        // 1/6 where 0 < y < 1.
        Activation.HardSigmoid =>
            $"V.Select(V.GreaterThan({known} * (V.Create({Literal(1, t)}) - {known}), V.Zero), {gradient} * V.Create({Literal(1d / 6, t)}), V.Zero)",
        // x / 3 + 1/2 where |x| < 3, the step from 0 to 1 elsewhere.
        Activation.HardSwish =>
            $"V.Select(V.GreaterThan(V.Create({Literal(3, t)}), V.Abs({known})), {gradient} * V.MultiplyAdd({known}, V.Create({Literal(1d / 3, t)}), V.Create({Literal(0.5, t)})), "
            + $"V.Select(V.GreaterThan({known}, V.Zero), {gradient}, V.Zero))",
        // 1 / (1 + |x|)^2 = (1 - |y|)^2.
        Activation.Softsign => $"{gradient} * (V.Create({Literal(1, t)}) - V.Abs({known})) * (V.Create({Literal(1, t)}) - V.Abs({known}))",
        Activation.Mish => $"{gradient} * (SimdMath.TanhSoftplus<V, {t}>({known}, out V slope) + {NotFarBelow(known)} * slope)",
        _ => throw new InvalidOperationException($"{Kind} has no element-wise derivative."),
    };

    private static double DefaultAlpha(Activation kind) => kind switch
    {
        Activation.LeakyReLU => 0.01,
        Activation.ELU => 1,
        _ => 0,
    };

    private static string HardSigmoid(string x, string t) =>
        $"V.Max(V.Zero, V.Min(V.Create({Literal(1, t)}), V.MultiplyAdd({x}, V.Create({Literal(1d / 6, t)}), V.Create({Literal(0.5, t)}))))";

    private static string Literal(double number, string t) => SourceWriter.Literal(number, t);
}
