namespace NetGen.Benchmarks;

/// <summary>The contenders of one case, built on the same weights and inputs. NetGen is the first.</summary>
/// <param name="Contenders">NetGen and every peer installed here.</param>
/// <param name="Missing">The peers that are not installed.</param>
/// <param name="MultiplyAdds">What one iteration takes in direct sums, for the share of the peak.</param>
/// <param name="Tolerance">The largest difference allowed, relative to the largest magnitude of the same tensor.</param>
internal sealed record Contest(
    IReadOnlyList<Contender> Contenders, IReadOnlyList<string> Missing, double MultiplyAdds, double Tolerance, TorchProcess? Torch = null)
    : IDisposable
{
    // Random rows for each row of a training step, of which those are taken whose gradients can be compared.
    private const int Candidates = 4;

    /// <summary>What NetGen's contender does besides the work of the case, whose time is taken off its own; nothing unless set.</summary>
    public Contender? Forward { get; init; }

    /// <summary>Predictions of a batch against ONNX Runtime; for one row of the perceptron also against C# by hand.</summary>
    public static Contest Predict(Model model, int rows)
    {
        INetwork<float> network = model.Create();
        float[] inputs = RandomInputs(rows * network.Info.InputSize);
        List<Contender> contenders = [new NetGenPredictor(network, inputs)];
        if (OnnxRuntime.Instance is { } runtime)
        {
            contenders.AddRange(model.DenseForms.Select(
                form => new OnnxRuntimePredictor(runtime, model, network, inputs, form)));
        }

        if (model == Model.Mlp && rows == 1)
            contenders.AddRange([new PlainLoops(network, inputs), new TensorPrimitivesLoops(network, inputs)]);
        return new Contest(
            contenders, OnnxRuntime.Instance is null ? [OnnxRuntime.Name] : [], (double)rows * network.Info.MultiplyAdds, model.Tolerance);
    }

    /// <summary>Steps of gradient descent on one batch against PyTorch.</summary>
    public static Contest Train(Model model, int rows)
    {
        INetwork<float> network = model.Create();
        NetworkInfo info = network.Info;
        int[] labels = RandomLabels(rows, info.OutputSize);
        var torch = TorchProcess.Start();
        float[] inputs = torch?.Load(model, network, RandomInputs(Candidates * rows * info.InputSize), rows) ?? RandomInputs(rows * info.InputSize);
        List<Contender> contenders = [new NetGenStep(network, inputs, labels)];
        if (torch is not null)
        {
            IReadOnlyList<Tensor> results = torch.Backpropagate(inputs, labels);
            contenders.AddRange(TorchStep.Variants(model).Select(variant => new TorchStep(torch, variant, results)));
        }

        // Forward, weight gradients and input gradients take the same; the first layer needs no input gradients.
        double multiplyAdds = 3.0 * info.MultiplyAdds - (double)info.Parameters[0].Count * model.FirstPositions;
        return new Contest(contenders, torch is null ? [TorchProcess.Name] : [], rows * multiplyAdds, model.Tolerance, torch);
    }

    /// <summary>The gradients of parameters and inputs against PyTorch, without the forward pass before them.</summary>
    public static Contest Backward(Model model, int rows)
    {
        INetwork<float> network = model.Create();
        float[] inputs = RandomInputs(rows * network.Info.InputSize), outputGradients = RandomInputs(rows * network.Info.OutputSize);
        var backward = new NetGenBackward(network, inputs, outputGradients);
        List<Contender> contenders = [backward];
        var torch = TorchProcess.Start();
        if (torch is not null)
        {
            torch.Load(model, network, inputs, rows);
            IReadOnlyList<Tensor> results = torch.Backpropagate(inputs, outputGradients);
            contenders.AddRange(TorchStep.BackwardVariants.Select(variant => new TorchStep(torch, variant, results)));
        }

        return new Contest(
            contenders, torch is null ? [TorchProcess.Name] : [], 2.0 * rows * network.Info.MultiplyAdds, model.Tolerance, torch)
        {
            Forward = backward.Forward,
        };
    }

    public static float[] RandomInputs(int count)
    {
        var random = new Random(1);
        float[] inputs = GC.AllocateUninitializedArray<float>(count, pinned: true);
        for (int i = 0; i < count; i++)
            inputs[i] = 2 * random.NextSingle() - 1;
        return inputs;
    }

    public static int[] RandomLabels(int rows, int classes)
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, rows).Select(_ => random.Next(classes))];
    }

    /// <summary>Says where a peer's results differ from NetGen's, or returns null where all agree.</summary>
    public string? FindDisagreement()
    {
        IReadOnlyList<Tensor> expected = Contenders[0].Results();
        return Contenders.Skip(1)
            .SelectMany(peer => peer.Results().Zip(expected, (theirs, ours) => Compare(peer.Title, theirs, ours)))
            .FirstOrDefault(difference => difference is not null);
    }

    public void Dispose()
    {
        foreach (IDisposable contender in Contenders.OfType<IDisposable>())
            contender.Dispose();
        Torch?.Dispose();
    }

    private string? Compare(string peer, Tensor theirs, Tensor ours)
    {
        double magnitude = theirs.Values.Max(MathF.Abs);
        double difference = theirs.Values.Zip(ours.Values, (a, b) => Math.Abs((double)a - b)).Max();
        // Written so that NaN disagrees.
        return theirs.Values.Length == ours.Values.Length && difference <= Tolerance * magnitude
            ? null
            : $"{peer} and NetGen differ by {difference:g3} in {ours.Name}, whose largest magnitude is {magnitude:g3}";
    }
}
