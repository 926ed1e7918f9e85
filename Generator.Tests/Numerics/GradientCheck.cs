using System.Numerics;

namespace NetGen.Tests.Numerics;

/// <summary>Compares gradients with central differences of the objective along random directions.</summary>
internal static class GradientCheck
{
    // Below this a gradient counts as small, and its error is taken absolutely.
    private const double SmallGradient = 1e-3;

    // How far to go along a direction of length 1.
    private const double Step = 1e-5;

    // How much the differences over the step and over half of it may differ, relative to the gradient.
    private const double Kink = 5e-8;

    /// <param name="Error">The largest error, relative to the length of the gradient.</param>
    /// <param name="Worst">Where it is.</param>
    /// <param name="Directions">The number of directions tried.</param>
    /// <param name="Discarded">Those along which the objective has a kink nearby, so that there is no derivative to compare with.</param>
    public readonly record struct Result(double Error, string Worst, int Directions, int Discarded)
    {
        public static Result operator +(Result left, Result right)
        {
            (double error, string worst) = right.Error > left.Error || double.IsNaN(right.Error) ? (right.Error, right.Worst) : (left.Error, left.Worst);
            return new(error, worst, left.Directions + right.Directions, left.Discarded + right.Discarded);
        }
    }

    /// <summary>Checks the gradients by all parameters and by all inputs.</summary>
    /// <param name="case">The network and its rows in double precision, whose objective is differenced.</param>
    /// <param name="gradients">The gradients by the parameters, in the layout of the buffer.</param>
    /// <param name="inputGradients">The gradients by the inputs.</param>
    /// <param name="bits">The vector width.</param>
    /// <param name="directions">The number of directions in parameters, and again in inputs.</param>
    public static Result Run<T>(TrainingCase<double> @case, T[] gradients, T[] inputGradients, int bits, int directions = 4)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new(1);
        double[] byParameters = Array.ConvertAll(gradients, double.CreateChecked), byInputs = Array.ConvertAll(inputGradients, double.CreateChecked);
        bool[] isParameter = @case.IsParameter(), isStatistic = @case.IsStatistic(), isVariable = @case.IsVariable();
        string where = $"{typeof(T).Name}, {bits} bits, {@case}";
        if (byParameters.Where((gradient, i) => !isParameter[i] && !isStatistic[i] && gradient != 0).Any())
            return new(double.PositiveInfinity, $"padding of {where}", 0, 0);
        if (byInputs.Where((gradient, i) => !isVariable[i] && gradient != 0).Any())
            return new(double.PositiveInfinity, $"indexes of {where}", 0, 0);
        byParameters = [.. byParameters.Zip(isParameter, (gradient, isTaken) => isTaken ? gradient : 0)];

        Result result = default;
        for (int i = 0; i < directions; i++)
        {
            result += Along(@case.Network.Parameters.Span, Direction(random, isParameter), byParameters, "parameters");
            if (isVariable.Contains(true))
                result += Along(@case.Inputs, Direction(random, isVariable), byInputs, "inputs");
        }

        return result;

        Result Along(Span<double> variables, double[] direction, double[] gradient, string what)
        {
            double[] origin = variables.ToArray();
            double length = Math.Max(SmallGradient, Math.Sqrt(gradient.Sum(g => g * g)));
            if (!double.IsFinite(length))
                return new(double.PositiveInfinity, $"{what}, {where}", 1, 0);
            double slope = Difference(variables, Step), halfSlope = Difference(variables, Step / 2);
            double expected = gradient.Zip(direction, (g, d) => g * d).Sum();
            // Kinks are told by the objective alone: no wrong gradient can hide behind one.
            return Math.Abs(slope - halfSlope) > Kink * length
                ? new(0, "", 1, 1)
                : new(Math.Abs(slope - expected) / length, $"{what}, {where}", 1, 0);

            double Difference(Span<double> variables, double step)
            {
                double above = At(variables, step), below = At(variables, -step);
                origin.CopyTo(variables);
                return (above - below) / (2 * step);
            }

            double At(Span<double> variables, double step)
            {
                for (int i = 0; i < origin.Length; i++)
                    variables[i] = origin[i] + step * direction[i];
                return @case.Objective(bits);
            }
        }
    }

    private static double[] Direction(Random random, bool[] isVariable)
    {
        double[] direction = Array.ConvertAll(isVariable, variable => variable ? 2 * random.NextDouble() - 1 : 0);
        double length = Math.Sqrt(direction.Sum(element => element * element));
        return Array.ConvertAll(direction, element => element / length);
    }
}
