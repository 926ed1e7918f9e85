#!/usr/bin/python3
"""Writes the golden files of this folder: what PyTorch computes for small dense networks, in float64.

Run it with PyTorch 1.13 or later; it needs nothing else and overwrites every *.json beside it. The numbers that go in
(parameters, inputs, targets) are multiples of small powers of two, so that they are exact in float32 too, and no two
elements of a parameter or of the inputs are equal, so that no transposition or swap goes unseen.
"""
import json
import math
import pathlib
import random

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

ACTIVATIONS = {
    "Identity": lambda x, alpha: x,
    "ReLU": lambda x, alpha: torch.relu(x),
    "LeakyReLU": lambda x, alpha: F.leaky_relu(x, 0.01 if alpha is None else alpha),
    "ELU": lambda x, alpha: F.elu(x, 1.0 if alpha is None else alpha),
    "SELU": lambda x, alpha: F.selu(x),
    "Sigmoid": lambda x, alpha: torch.sigmoid(x),
    "Tanh": lambda x, alpha: torch.tanh(x),
    # By default PyTorch calls softplus linear from 20 on, an error of 2e-9.
    "Softplus": lambda x, alpha: F.softplus(x, threshold=100),
    "GELU": lambda x, alpha: F.gelu(x),
    "SiLU": lambda x, alpha: F.silu(x),
    "Softmax": lambda x, alpha: torch.softmax(x, 1),
}

LOSSES = {
    "MeanSquaredError": F.mse_loss,
    "MeanAbsoluteError": F.l1_loss,
    "Huber": F.huber_loss,
    "BinaryCrossEntropy": F.binary_cross_entropy_with_logits,
    "SoftmaxCrossEntropy": F.cross_entropy,
}

PREDICTIONS = {
    "BinaryCrossEntropy": torch.sigmoid,
    "SoftmaxCrossEntropy": lambda x: torch.softmax(x, 1),
}

# Hyperparameters not named here are PyTorch's defaults; the file repeats all that matter.
OPTIMIZERS = [
    ("SGD", torch.optim.SGD, dict(lr=0.1)),
    ("Momentum", torch.optim.SGD, dict(lr=0.02, momentum=0.9)),
    ("Nesterov", torch.optim.SGD, dict(lr=0.02, momentum=0.9, nesterov=True)),
    ("Adam", torch.optim.Adam, dict(lr=0.01)),
    ("AdamW", torch.optim.AdamW, dict(lr=0.01, weight_decay=0.01)),
]


def dense(units, activation="Identity", alpha=None, bias=True):
    return dict(kind="Dense", units=units, activation=activation, alpha=alpha, bias=bias)


def activation(function, alpha=None):
    return dict(kind="Activation", activation=function, alpha=alpha)


def dropout(rate):
    return dict(kind="Dropout", rate=rate)


def render(layer):
    """The C# attribute of a layer."""
    arguments = []
    if layer["kind"] == "Dropout":
        arguments.append(str(layer["rate"]))
    elif layer["kind"] == "Activation":
        arguments.append("NetGen.Activation." + layer["activation"])
    else:
        arguments.append(str(layer["units"]))
        if layer["activation"] != "Identity":
            arguments.append("NetGen.Activation." + layer["activation"])
    if layer.get("alpha") is not None:
        arguments.append(f"Alpha = {layer['alpha']}")
    if not layer.get("bias", True):
        arguments.append("Bias = false")
    return f"[NetGen.Layer.{layer['kind']}({', '.join(arguments)})]"


def distinct(rng, shape, limit, steps=4096):
    """Distinct non-zero multiples of 1 / steps, or finer where there are too few, within +-limit."""
    count = math.prod(shape)
    while limit * steps < count:
        steps *= 2
    bound = int(limit * steps)
    choices = [k for k in range(-bound, bound + 1) if k != 0]
    return torch.tensor([k / steps for k in rng.sample(choices, count)]).reshape(shape)


def distributions(rng, rows, classes):
    """Shares of 1024 parts: their sum is exactly 1 in any precision."""
    result = []
    for _ in range(rows):
        cuts = sorted(rng.sample(range(1, 1024), classes - 1))
        result.append([(b - a) / 1024 for a, b in zip([0] + cuts, cuts + [1024])])
    return torch.tensor(result)


def forward(layers, parameters, x):
    number = 0
    for layer in layers:
        if layer["kind"] == "Dense":
            number += 1
            x = F.linear(x, parameters[f"dense{number}.weight"], parameters.get(f"dense{number}.bias"))
        if layer["kind"] != "Dropout":  # The identity unless training with masks.
            x = ACTIVATIONS[layer["activation"]](x, layer["alpha"])
    return x


def trainable(parameters):
    return {name: value.clone().requires_grad_() for name, value in parameters.items()}


def train(name, kind, options, layers, parameters, inputs, targets, loss):
    """Ten steps on the whole batch; each loss is the one before its step."""
    parameters = trainable(parameters)
    optimizer = kind(parameters.values(), **options)
    losses = []
    for step in range(10):
        optimizer.zero_grad()
        value = loss(forward(layers, parameters, inputs), targets)
        value.backward()
        losses.append(value.item())
        if step == 0:
            # Adam's first step is the sign of the gradient: it must not hang on rounding.
            assert all(abs(g) > 1e-5 or g == 0 for p in parameters.values() for g in p.grad.flatten().tolist()), name
        optimizer.step()
    assert losses[-1] < losses[0], (name, losses)

    defaults = optimizer.param_groups[0]
    result = dict(name=name, learningRate=defaults["lr"], momentum=defaults.get("momentum", 0),
                  nesterov=defaults.get("nesterov", False), weightDecay=defaults["weight_decay"])
    if "betas" in defaults:
        result.update(beta1=defaults["betas"][0], beta2=defaults["betas"][1], epsilon=defaults["eps"])
    result.update(losses=torch.tensor(losses), parameters=parameters)
    return result


def case(name, input_shape, loss, layers, rows=4, labels=False, optimizers=False, scale=1, steps=4096):
    """Computes one golden file."""
    rng = random.Random(name)
    width = inputs_per_row = math.prod(input_shape)
    parameters, number = {}, 0
    for layer in layers:
        if layer["kind"] == "Dense":
            number += 1
            limit = scale * math.sqrt(3 / width)
            parameters[f"dense{number}.weight"] = distinct(rng, (layer["units"], width), limit, steps)
            if layer["bias"]:
                parameters[f"dense{number}.bias"] = distinct(rng, (layer["units"],), scale / 2, steps)
            width = layer["units"]
    inputs = distinct(rng, (rows, inputs_per_row), 2 * scale, steps)

    variables, x = trainable(parameters), inputs.clone().requires_grad_()
    outputs = forward(layers, variables, x)
    result = dict(
        name=name,
        source=[f"[NetGen.Network({', '.join(map(str, input_shape))}, Loss = NetGen.Loss.{loss})]"] + [render(layer) for layer in layers],
        inputShape=list(input_shape), loss=loss,
        layers=[{key: value for key, value in layer.items() if value is not None} for layer in layers],
        parameters=parameters, inputs=inputs)

    if loss == "None":
        result["outputGradients"] = distinct(rng, outputs.shape, 1)
        outputs.backward(result["outputGradients"])
    else:
        if labels:
            # Every class before any twice.
            order = rng.sample(range(width), width)
            result["labels"] = targets = torch.tensor([order[row % width] for row in range(rows)])
        else:
            if loss == "SoftmaxCrossEntropy":
                targets = distributions(rng, rows, width)
            elif loss == "BinaryCrossEntropy":
                # Both ends and everything between.
                targets = (distinct(rng, (rows, width), 1) + 0.5).clamp(0, 1)
            else:
                targets = distinct(rng, (rows, width), 3)
            result["targets"] = targets
        value = LOSSES[loss](outputs, targets)
        value.backward()
        result["meanLoss"] = value.item()

    result.update(
        forward=outputs, predict=PREDICTIONS.get(loss, lambda y: y)(outputs),
        gradients={key: value.grad for key, value in variables.items()}, inputGradients=x.grad)
    if optimizers:
        result["optimizers"] = [train(*optimizer, layers, parameters, inputs, targets, LOSSES[loss]) for optimizer in OPTIMIZERS]
    return result


def number(value):
    """The shortest text that reads back as the same double."""
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text


def write(value, indent=""):
    """JSON with one matrix row per line and tensors as {shape, values}."""
    inner = indent + "  "
    if isinstance(value, torch.Tensor):
        rows = value.detach().reshape(value.shape[0], -1).tolist()
        lines = ",\n".join(inner + ", ".join(map(number, row)) for row in (rows if value.dim() > 1 else [sum(rows, [])]))
        shape = ", ".join(map(str, value.shape))
        return f'{{ "shape": [{shape}], "values": [\n{lines}\n{indent}] }}'
    if isinstance(value, dict) and any(isinstance(item, (dict, list, torch.Tensor)) for item in value.values()):
        return "{\n" + ",\n".join(f"{inner}{json.dumps(key)}: {write(item, inner)}" for key, item in value.items()) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, (dict, str)) for item in value):
        return "[\n" + ",\n".join(inner + write(item, inner) for item in value) + f"\n{indent}]"
    return json.dumps(value)


def cases():
    # Every activation in a hidden layer, with every loss.
    yield case("identity", [5], "MeanSquaredError", [dense(7, "Identity"), dense(3)])
    yield case("relu", [7], "Huber", [dense(16, "ReLU"), dense(5)], rows=5)
    yield case("leaky-relu", [3], "MeanAbsoluteError", [dense(10, "LeakyReLU"), dense(3)])
    yield case("leaky-relu-alpha", [3], "Huber", [dense(10, "LeakyReLU", alpha=0.2), dense(3)])
    yield case("elu", [5], "MeanSquaredError", [dense(15, "ELU"), dense(2)])
    yield case("elu-alpha", [5], "SoftmaxCrossEntropy", [dense(9, "ELU", alpha=0.5), dense(4)], labels=True)
    yield case("selu", [7], "SoftmaxCrossEntropy", [dense(17, "SELU"), dense(3)])
    yield case("sigmoid", [3], "BinaryCrossEntropy", [dense(7, "Sigmoid"), dense(1)], rows=7)
    yield case("tanh", [10], "BinaryCrossEntropy", [dense(8, "Tanh"), dense(3)])
    yield case("softplus", [7], "MeanAbsoluteError", [dense(5, "Softplus"), dense(7)])
    yield case("gelu", [5], "SoftmaxCrossEntropy", [dense(15, "GELU"), dense(10)], labels=True, rows=12)
    yield case("silu", [8], "Huber", [dense(7, "SiLU"), dense(3)])
    yield case("softmax", [5], "MeanSquaredError", [dense(7, "Softmax"), dense(3)])

    # Activations at the end and as layers of their own.
    yield case("sigmoid-output", [3], "MeanSquaredError", [dense(5, "Tanh"), dense(3, "Sigmoid")])
    yield case("softmax-output", [7], "MeanAbsoluteError", [dense(5, "ReLU"), dense(10, "Softmax")])
    yield case("activation-layers", [7], "Huber", [
        dense(9), activation("GELU"), dense(10, bias=False), activation("LeakyReLU", alpha=0.3), activation("Tanh"), dense(2)])
    yield case("activation-first", [3], "MeanSquaredError", [activation("ELU", alpha=1.5), dense(3), activation("SELU")])
    yield case("dropout-off", [5], "SoftmaxCrossEntropy", [
        dropout(0.2), dense(8, "SiLU"), dropout(0.5), dense(3)], labels=True)

    # Sizes around vectors and panels, no bias, several input dimensions, one row and many.
    yield case("one-by-one", [1], "MeanSquaredError", [dense(1)], rows=1)
    yield case("one-wide", [1], "MeanSquaredError", [dense(33, "Tanh"), dense(1)], rows=3)
    yield case("no-bias", [7], "SoftmaxCrossEntropy", [dense(10, "ReLU", bias=False), dense(3, bias=False)], labels=True)
    yield case("flattened", [2, 3, 3], "MeanSquaredError", [dense(5, "Softplus"), dense(3)])
    yield case("size-15-16-17", [15], "Huber", [dense(16, "Tanh"), dense(17)], rows=9)
    yield case("size-31-32-33", [31], "SoftmaxCrossEntropy", [dense(32, "GELU"), dense(33)], labels=True, rows=3)
    yield case("size-65-33-2", [65], "BinaryCrossEntropy", [dense(33, "ELU"), dense(2)], rows=2)
    yield case("deep", [3], "MeanSquaredError", [
        dense(7, "Tanh"), dense(5, "SiLU", bias=False), dense(9, "SELU"), dense(2, "GELU"), dense(10, "ELU"), dense(3)])
    yield case("many-rows", [2], "BinaryCrossEntropy", [dense(3, "ReLU"), dense(1)], rows=67)

    # Gradients from given output gradients. Logits far beyond the range of the exponential, but exact in float32.
    yield case("backward", [5], "None", [dense(7, "GELU"), dense(3, "Softmax")])
    yield case("large-logits-softmax", [3], "SoftmaxCrossEntropy", [dense(5)], labels=True, scale=16, steps=8)
    yield case("large-logits-binary", [3], "BinaryCrossEntropy", [dense(5)], scale=16, steps=8)

    # Optimizers.
    yield case("optimizers-regression", [3], "MeanSquaredError", [dense(7, "Tanh"), dense(2)], rows=5, optimizers=True)
    yield case("optimizers-huber", [4], "Huber", [dense(5, "SiLU", bias=False), dense(3, "Softplus")], rows=6, optimizers=True)
    yield case("optimizers-binary", [5], "BinaryCrossEntropy", [dense(7, "ReLU"), dense(1)], rows=8, optimizers=True)
    yield case("optimizers-classes", [5], "SoftmaxCrossEntropy", [dense(8, "GELU"), dense(3)], labels=True, rows=7, optimizers=True)


folder = pathlib.Path(__file__).parent
goldens = list(cases())
for file in folder.glob("*.json"):
    file.unlink()
for golden in goldens:
    (folder / f"{golden['name']}.json").write_text(write(golden) + "\n", newline="\n")
