namespace NetGen;

/// <summary>
/// Numbers that are computed with side by side: what functions of a user's own are written over, for <c>Layer.Custom</c> and <c>CustomLoss</c>. A
/// method over any <c>V : struct, IVector&lt;V&gt;</c> is compiled for every vector width and both precisions.
/// </summary>
/// <typeparam name="TSelf">The vector type itself.</typeparam>
/// <example>
/// <code>
/// public static class Snake
/// {
///     public static V Forward&lt;V&gt;(V x) where V : struct, IVector&lt;V&gt; => x + V.Sin(x) * V.Sin(x);
///     public static V Derivative&lt;V&gt;(V x) where V : struct, IVector&lt;V&gt; => V.Constant(1) + V.Sin(x + x);
/// }
/// </code>
/// </example>
public interface IVector<TSelf>
    where TSelf : struct, IVector<TSelf>
{
    /// <summary>All zeros.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>The same number, rounded to the element type, in every lane.</summary>
    static abstract TSelf Constant(double value);

    /// <summary>Adds lane by lane.</summary>
    static abstract TSelf operator +(TSelf left, TSelf right);

    /// <summary>Subtracts lane by lane.</summary>
    static abstract TSelf operator -(TSelf left, TSelf right);

    /// <summary>Multiplies lane by lane.</summary>
    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary>Divides lane by lane.</summary>
    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>left * right + addend, rounded once where the processor can.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The larger of each pair; a NaN in <paramref name="value"/> stays.</summary>
    static abstract TSelf Max(TSelf bound, TSelf value);

    /// <summary>The smaller of each pair; a NaN in <paramref name="value"/> stays.</summary>
    static abstract TSelf Min(TSelf bound, TSelf value);

    /// <summary>Absolute values.</summary>
    static abstract TSelf Abs(TSelf vector);

    /// <summary>Square roots.</summary>
    static abstract TSelf Sqrt(TSelf vector);

    /// <summary>The sign of <paramref name="sign"/> on the magnitude of <paramref name="magnitude"/>.</summary>
    static abstract TSelf CopySign(TSelf magnitude, TSelf sign);

    /// <summary>A mask of the lanes where left is greater.</summary>
    static abstract TSelf GreaterThan(TSelf left, TSelf right);

#pragma warning disable CA1716 // A keyword of Visual Basic, which has no static abstract members.
    /// <summary>Lanes of one vector where the mask is set, of the other elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf whenSet, TSelf otherwise);
#pragma warning restore CA1716

    /// <summary>e^x.</summary>
    static abstract TSelf Exp(TSelf vector);

    /// <summary>Natural logarithms.</summary>
    static abstract TSelf Log(TSelf vector);

    /// <summary>Sines of angles in radians.</summary>
    static abstract TSelf Sin(TSelf vector);

    /// <summary>Cosines of angles in radians.</summary>
    static abstract TSelf Cos(TSelf vector);

    /// <summary>Hyperbolic tangents.</summary>
    static abstract TSelf Tanh(TSelf vector);

    /// <summary>1 / (1 + e^-x).</summary>
    static abstract TSelf Sigmoid(TSelf vector);
}
