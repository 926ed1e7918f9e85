#!/usr/bin/python3
"""Writes the golden files of this folder: what PyTorch computes for small networks, in float64.

Run it with PyTorch 1.13 or later; it needs nothing else and overwrites every *.json beside it. The numbers that go in
(parameters, inputs, targets) are multiples of small powers of two, so that they are exact in float32 too, and no two
elements of a parameter or of the inputs are equal, so that no transposition or swap goes unseen.
Files named layer-* and graph-* are of networks that are more than dense layers in a chain.
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
    # PyTorch's own takes 1/6 rounded to float32.
    "HardSigmoid": lambda x, alpha: (x / 6 + 0.5).clamp(0, 1),
    "HardSwish": lambda x, alpha: F.hardswish(x),
    "Softsign": lambda x, alpha: F.softsign(x),
    "Mish": lambda x, alpha: F.mish(x),
    # Over the whole row, whatever its shape.
    "Softmax": lambda x, alpha: torch.softmax(x.flatten(1), 1).reshape(x.shape),
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


def dense(units, activation="Identity", alpha=None, bias=True, **names):
    return dict(kind="Dense", units=units, activation=activation, alpha=alpha, bias=bias, **names)


def activation(function, alpha=None, **names):
    return dict(kind="Activation", activation=function, alpha=alpha, **names)


def dropout(rate):
    return dict(kind="Dropout", rate=rate)


def convolution(dimensions, filters, kernel, activation="Identity", alpha=None, bias=True, stride=1, padding=0, dilation=1, groups=1, **names):
    return dict(kind=f"Conv{dimensions}D", filters=filters, kernel=kernel, activation=activation, alpha=alpha, bias=bias,
                stride=stride, padding=padding, dilation=dilation, groups=groups, **names)


def conv2d(*arguments, **options):
    return convolution(2, *arguments, **options)


def conv1d(*arguments, **options):
    return convolution(1, *arguments, **options)


def pool(kind, size, stride=None, **names):
    """A stride of None is the size."""
    return dict(kind=kind, size=size, stride=stride, **names)


def simple(kind, **names):
    """A layer without arguments of its own."""
    return dict(kind=kind, **names)


def join(kind, *names, name=None):
    return dict(kind=kind, name=name, **{"from": list(names)})


def take(name, layer):
    """The layer, from the value named instead of the layer above."""
    return {**layer, "from": [name]}


def batch_norm(momentum=0.1, epsilon=1e-5, **names):
    return dict(kind="BatchNorm", momentum=momentum, epsilon=epsilon, **names)


def layer_norm(epsilon=1e-5, **names):
    return dict(kind="LayerNorm", epsilon=epsilon, **names)


def rms_norm(epsilon=1e-5, **names):
    return dict(kind="RMSNorm", epsilon=epsilon, **names)


def group_norm(groups, epsilon=1e-5, **names):
    return dict(kind="GroupNorm", groups=groups, epsilon=epsilon, **names)


def kernel_layer(kind, filters, kernel, activation="Identity", alpha=None, bias=True, stride=1, padding=0, dilation=1, **names):
    return dict(kind=kind, filters=filters, kernel=kernel, activation=activation, alpha=alpha, bias=bias,
                stride=stride, padding=padding, dilation=dilation, **names)


def separable(*arguments, **options):
    return kernel_layer("SeparableConv2D", *arguments, **options)


def transposed(*arguments, output_padding=0, **options):
    return kernel_layer("ConvTranspose2D", *arguments, outputPadding=output_padding, **options)


def local(*arguments, **options):
    return kernel_layer("LocallyConnected2D", *arguments, **options)


def masked(units, mask, activation="Identity", alpha=None, bias=True, **names):
    """The mask is a text of lines."""
    return dict(kind="MaskedDense", units=units, activation=activation, alpha=alpha, bias=bias, mask=mask.split(), **names)


def dimensions(kind, *numbers, **names):
    """Reshape, Permute or Input."""
    return dict(kind=kind, dimensions=list(numbers), **names)


def upsample(scale, interpolation="Nearest", **names):
    return dict(kind="Upsample2D", scale=scale, interpolation=interpolation, **names)


def pad(*sides, mode="Zeros", **names):
    """One number for all sides, or top, bottom, left, right."""
    return dict(kind="Pad2D", sides=list(sides * 4)[:4], mode=mode, **names)


def crop(*sides, **names):
    return dict(kind="Crop2D", sides=list(sides * 4)[:4], **names)


def rrelu(lower=1 / 8, upper=1 / 3, **names):
    return dict(kind="RReLU", lower=lower, upper=upper, **names)


def noise(kind, amount, **names):
    return dict(kind=kind, amount=amount, **names)


def embedding(vocabulary, dimension, **names):
    return dict(kind="Embedding", vocabulary=vocabulary, dimension=dimension, **names)


def shared(layer, transposed=False, **names):
    return dict(kind="Shared", layer=layer, transposed=transposed, **names)


def output(name, loss="None", weight=1):
    """Makes the value named an output."""
    return dict(kind="Output", loss=loss, weight=weight, **{"from": [name]})


DEFAULTS = dict(activation="Identity", alpha=None, bias=True, stride=1, padding=0, dilation=1, groups=1, momentum=0.1, epsilon=1e-5,
                outputPadding=0, mask=None, mode="Zeros", lower=1 / 8, upper=1 / 3, transposed=False, loss="None", weight=1)

# Enumerations whose values are arguments.
ENUMERATIONS = dict(activation="Activation", mode="PadMode", loss="Loss")


def texts(values):
    return "new[] { " + ", ".join(f'"{value}"' for value in values) + " }"


def literal(key, value):
    if key in ENUMERATIONS:
        return f"NetGen.{ENUMERATIONS[key]}.{value}"
    if value is True or value is False:
        return str(value).lower()
    return "NetGen.Layer.Same" if value == "Same" else texts(value) if key == "mask" else str(value)


def render(layer):
    """The C# attribute of a layer."""
    kind = layer["kind"]
    keys = ["units", "filters", "kernel", "size", "rate", "amount", "scale", "pieces", "vocabulary", "dimension"] + ["groups"] * (kind == "GroupNorm")
    arguments = [str(layer[key]) for key in keys if key in layer] + [str(number) for number in layer.get("dimensions", [])]
    if "sides" in layer:
        arguments += [str(side) for side in (layer["sides"] if len(set(layer["sides"])) > 1 else layer["sides"][:1])]
    if "layer" in layer:
        arguments.append(f'"{layer["layer"]}"')
    if layer.get("interpolation", "Nearest") != "Nearest":
        arguments.append(f"NetGen.Interpolation.{layer['interpolation']}")
    for key, usual in DEFAULTS.items():
        value = layer.get(key)
        if "Pool" in kind:
            usual = None
        if kind == "Activation" and key == "activation" or key not in keys and value is not None and value != usual:
            text = literal(key, value)
            arguments.append(text if key == "activation" else f"{key[0].upper()}{key[1:]} = {text}")
    if layer.get("name") is not None:
        arguments.append(f'Name = "{layer["name"]}"')
    if "from" in layer:
        arguments.append("From = " + texts(layer["from"]))
    return f"[NetGen.Layer.{kind}({', '.join(arguments)})]" if arguments else f"[NetGen.Layer.{kind}]"


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


def named(layers):
    """Each layer with its name, and the names of the values it takes."""
    above, kinds = "input", {}
    for layer in layers:
        kind = layer["kind"]
        kinds[kind] = kinds.get(kind, 0) + 1
        name = layer.get("name") or f"{kind}{kinds[kind]}"
        yield layer, name, layer.get("from", [above])
        above = name


def in_files(name, part, suffix=""):
    return f"{name[0].lower()}{name[1:]}{suffix}.{part}"


def connections(layer, shape):
    """The mask of a masked dense layer, repeated to the shape of its weight."""
    pattern = torch.tensor([[int(connected) for connected in line] for line in layer["mask"]])
    return pattern.repeat(shape[0] // pattern.shape[0], shape[1] // pattern.shape[1])


def slopes(weight, x):
    """One number for each channel, ready to multiply [rows, channels, ...]."""
    return weight.reshape([-1] + [1] * (x.dim() - 2))


def positions(layer, shape):
    """The height and width of the output of a kernel that slides over [rows, channels, height, width]."""
    padding = layer["dilation"] * (layer["kernel"] - 1) // 2 if layer["padding"] == "Same" else layer["padding"]
    return [(extent + 2 * padding - layer["dilation"] * (layer["kernel"] - 1) - 1) // layer["stride"] + 1 for extent in shape[2:]]


def apply(layer, name, inputs, parameters, buffers, training):
    """The output of one layer: [rows, channels, ...]."""
    kind, x = layer["kind"], inputs[0]
    weight, bias = parameters.get(in_files(name, "weight")), parameters.get(in_files(name, "bias"))
    if kind in ("Dropout", "SpatialDropout", "AlphaDropout", "GaussianNoise", "Output"):  # The identity unless training with a key.
        return x
    if kind == "Flatten":
        return x.flatten(1)
    if kind == "Add":
        return sum(inputs[1:], x)
    if kind == "Multiply":
        return math.prod(inputs[1:], start=x)
    if kind == "Concat":
        return torch.cat(inputs, 1)
    if kind == "BatchNorm":
        statistics = buffers[in_files(name, "running_mean")], buffers[in_files(name, "running_var")]
        return F.batch_norm(x, *statistics, weight, bias, training, layer["momentum"], layer["epsilon"])
    if kind == "LayerNorm":
        return F.layer_norm(x, x.shape[1:], weight, bias, layer["epsilon"])
    if kind == "RMSNorm":
        square = (x * x).flatten(1).mean(1).reshape([-1] + [1] * (x.dim() - 1))
        return weight * x / torch.sqrt(square + layer["epsilon"])
    if kind == "GroupNorm":
        return F.group_norm(x, layer["groups"], weight, bias, layer["epsilon"])
    if kind == "PReLU":
        return F.prelu(x, weight)
    if kind == "RReLU":
        return F.rrelu(x, layer["lower"], layer["upper"], training=False)
    if kind == "Swish":
        return x * torch.sigmoid(slopes(weight, x) * x)
    if kind == "Maxout":
        # Unlike max, a window gives the gradient to the first of equal values for sure.
        pieces = x.unflatten(1, (-1, layer["pieces"])).movedim(2, -1)
        return F.max_pool1d(pieces.flatten(1, -2), layer["pieces"]).reshape(pieces.shape[:-1])
    if kind == "Embedding":
        return F.embedding(x.long(), weight).transpose(1, 2)
    if kind == "Reshape":
        return x.reshape([len(x)] + layer["dimensions"])
    if kind == "Permute":
        return x.permute(0, *(dimension + 1 for dimension in layer["dimensions"]))
    if kind == "Upsample2D":
        options = {} if layer["interpolation"] == "Nearest" else dict(align_corners=False)
        return F.interpolate(x, scale_factor=layer["scale"], mode=layer["interpolation"].lower(), **options)
    if kind in ("Pad2D", "Crop2D"):
        top, bottom, left, right = layer["sides"]
        if kind == "Crop2D":
            return x[:, :, top:x.shape[2] - bottom, left:x.shape[3] - right]
        return F.pad(x, (left, right, top, bottom), {"Zeros": "constant"}.get(layer["mode"], layer["mode"].lower()))
    if kind == "GlobalAveragePool":
        return x.flatten(2).mean(2)
    if kind == "GlobalMaxPool":
        # Unlike amax, which divides a gradient among equal values, a window gives it to the first.
        return F.max_pool1d(x.flatten(2), x[0, 0].numel()).flatten(1)
    if "Pool" in kind:
        function = {"MaxPool2D": F.max_pool2d, "AveragePool2D": F.avg_pool2d, "MaxPool1D": F.max_pool1d, "AveragePool1D": F.avg_pool1d}[kind]
        return function(x, layer["size"], layer["stride"])
    if kind == "Dense":
        x = F.linear(x.flatten(1), weight, bias)
    elif kind == "MaskedDense":
        x = F.linear(x.flatten(1), weight * connections(layer, weight.shape), bias)
    elif kind != "Activation":
        padding = layer["dilation"] * (layer["kernel"] - 1) // 2 if layer["padding"] == "Same" else layer["padding"]
        options = dict(stride=layer["stride"], padding=padding, dilation=layer["dilation"])
        if kind == "SeparableConv2D":
            depthwise = F.conv2d(x, parameters[in_files(name, "weight", "Depthwise")], groups=x.shape[1], **options)
            x = F.conv2d(depthwise, weight, bias)
        elif kind == "ConvTranspose2D":
            x = F.conv_transpose2d(x, weight, bias, output_padding=layer["outputPadding"], **options)
        elif kind == "LocallyConnected2D":
            # Columns [rows, channels kernel kernel, positions] by matrices of their own.
            x = torch.einsum("rip,pfi->rfp", F.unfold(x, layer["kernel"], **options), weight.flatten(2))
            x = (x if bias is None else x + bias.t()).reshape([len(x), layer["filters"]] + positions(layer, inputs[0].shape))
        else:
            x = (F.conv2d if kind == "Conv2D" else F.conv1d)(x, weight, bias, groups=layer["groups"], **options)
    return ACTIVATIONS[layer["activation"]](x, layer["alpha"])


def given(layers, input_shape, x):
    """The values that an input row holds, by name."""
    shapes = {name: layer["dimensions"] for layer, name, _ in named(layers) if layer["kind"] == "Input"} or {"input": list(input_shape)}
    parts = torch.split(x, [math.prod(shape) for shape in shapes.values()], 1)
    return {name: part.reshape([-1] + shape) for (name, shape), part in zip(shapes.items(), parts)}


def run(layers, layer, name, inputs, parameters, buffers, training):
    """The output of a layer that may be another one once more."""
    if layer["kind"] != "Shared":
        return apply(layer, name, inputs, parameters, buffers, training)
    if layer["transposed"]:
        return F.linear(inputs[0].flatten(1), parameters[in_files(layer["layer"], "weight")].t(), parameters[in_files(name, "bias")])
    original = next(other for other, other_name, _ in named(layers) if other_name == layer["layer"])
    return apply(original, layer["layer"], inputs, parameters, buffers, training)


def forward(layers, input_shape, parameters, x, buffers={}, training=False):
    """The outputs, each [rows, its size], one after the other."""
    values, outputs = given(layers, input_shape, x), []
    for layer, name, inputs in named(layers):
        if layer["kind"] != "Input":
            values[name] = run(layers, layer, name, [values[key] for key in inputs], parameters, buffers, training)
        if layer["kind"] == "Output":
            outputs.append(values[name].flatten(1))
    return torch.cat(outputs, 1) if outputs else values[name].flatten(1)


def initialize(rng, layers, input_shape, scale, steps):
    """Parameters and buffers of all layers, with shapes found by applying each layer to zeros, and the sizes of the outputs."""
    parameters, buffers, sizes = {}, {}, []
    row = sum(math.prod(layer["dimensions"]) for layer in layers if layer["kind"] == "Input") or math.prod(input_shape)
    values = given(layers, input_shape, torch.zeros([1, row]))
    for layer, name, inputs in named(layers):
        kind = layer["kind"]
        if kind == "Input":
            continue
        shape = values[inputs[0]].shape[1:]
        if "Dense" in kind or "Conv" in kind or kind == "LocallyConnected2D":
            if "Dense" in kind:
                weight = (layer["units"], math.prod(shape))
            elif kind == "SeparableConv2D":
                depthwise = (shape[0], 1, layer["kernel"], layer["kernel"])
                parameters[in_files(name, "weight", "Depthwise")] = distinct(rng, depthwise, scale * math.sqrt(3 / math.prod(depthwise[1:])), steps)
                weight = (layer["filters"], shape[0], 1, 1)
            elif kind == "ConvTranspose2D":
                weight = (shape[0], layer["filters"], layer["kernel"], layer["kernel"])
            elif kind == "LocallyConnected2D":
                weight = (math.prod(positions(layer, values[inputs[0]].shape)), layer["filters"], shape[0], layer["kernel"], layer["kernel"])
            else:
                weight = (layer["filters"], shape[0] // layer["groups"]) + (layer["kernel"],) * (len(shape) - 1)
            terms = math.prod(weight[2:] if kind == "LocallyConnected2D" else weight[:1] + weight[2:] if kind == "ConvTranspose2D" else weight[1:])
            parameters[in_files(name, "weight")] = distinct(rng, weight, scale * math.sqrt(3 / terms), steps)
            if kind == "MaskedDense":
                parameters[in_files(name, "weight")] *= connections(layer, weight)
                parameters[in_files(name, "weight")] += 0.0  # No negative zeros.
            if layer["bias"]:
                count = {"LocallyConnected2D": weight[:2], "ConvTranspose2D": weight[1:2]}.get(kind, weight[:1])
                parameters[in_files(name, "bias")] = distinct(rng, count, scale / 2, steps)
        elif "Norm" in kind:
            shape = shape[:1] if kind in ("BatchNorm", "GroupNorm") else shape
            parameters[in_files(name, "weight")] = 1 + distinct(rng, shape, 0.5)
            if kind != "RMSNorm":
                parameters[in_files(name, "bias")] = distinct(rng, shape, 0.5)
            if kind == "BatchNorm":
                buffers[in_files(name, "running_mean")] = distinct(rng, shape, 0.5)
                buffers[in_files(name, "running_var")] = 1 + distinct(rng, shape, 0.5)
        elif kind == "PReLU":
            parameters[in_files(name, "weight")] = distinct(rng, shape[:1], 0.5)
        elif kind == "Swish":
            parameters[in_files(name, "weight")] = 1 + distinct(rng, shape[:1], 0.5)
        elif kind == "Embedding":
            parameters[in_files(name, "weight")] = distinct(rng, (layer["vocabulary"], layer["dimension"]), 1)
        elif kind == "Shared" and layer["transposed"]:
            parameters[in_files(name, "bias")] = distinct(rng, parameters[in_files(layer["layer"], "weight")].shape[1:], scale / 2, steps)
        values[name] = run(layers, layer, name, [values[key] for key in inputs], parameters, buffers, False)
        if kind == "Output":
            sizes.append(math.prod(shape))
    return parameters, buffers, sizes or [values[name].numel()]


def trainable(parameters):
    return {name: value.clone().requires_grad_() for name, value in parameters.items()}


def train(name, kind, options, layers, input_shape, parameters, inputs, targets, loss):
    """Ten steps on the whole batch; each loss is the one before its step."""
    parameters = trainable(parameters)
    optimizer = kind(parameters.values(), **options)
    losses = []
    for step in range(10):
        optimizer.zero_grad()
        value = loss(forward(layers, input_shape, parameters, inputs), targets)
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


def indexes(rng, layers, input_shape, inputs):
    """Puts indexes where embeddings look them up, the first and the last among them. Of several embeddings the smallest decides."""
    values = given(layers, input_shape, torch.arange(inputs.shape[1])[None])
    lookups = [(layer["vocabulary"], taken[0]) for layer, _, taken in named(layers) if layer["kind"] == "Embedding"]
    uses = [(layer["layer"], taken[0]) for layer, _, taken in named(layers) if layer["kind"] == "Shared"]
    lookups += [(layer["vocabulary"], taken) for layer, name, _ in named(layers) for used, taken in uses if layer["kind"] == "Embedding" and used == name]
    for vocabulary, taken in sorted(lookups, reverse=True):
        columns = values[taken].flatten()
        chosen = [0, vocabulary - 1] + [rng.randrange(vocabulary) for _ in range(len(inputs) * len(columns) - 2)]
        inputs[:, columns] = torch.tensor(chosen, dtype=inputs.dtype).reshape(len(inputs), -1)


def targets_of(rng, loss, rows, width):
    if loss == "SoftmaxCrossEntropy":
        return distributions(rng, rows, width)
    if loss == "BinaryCrossEntropy":
        # Both ends and everything between.
        return (distinct(rng, (rows, width), 1) + 0.5).clamp(0, 1)
    return distinct(rng, (rows, width), 3)


def case(name, input_shape, loss, layers, rows=4, labels=False, optimizers=False, scale=1, steps=4096, ties=False):
    """Computes one golden file. With ties, inputs are -1, 0 or 1. The shape and loss are [] and "None" where layers are inputs and outputs."""
    rng = random.Random(name)
    parameters, buffers, sizes = initialize(rng, layers, input_shape, scale, steps)
    heads = [(layer["loss"], layer["weight"]) for layer in layers if layer["kind"] == "Output"]
    width = sum(math.prod(layer["dimensions"]) for layer in layers if layer["kind"] == "Input") or math.prod(input_shape)
    inputs = distinct(rng, (rows, width), 2 * scale, steps)
    if ties:
        inputs = inputs.round().clamp(-1, 1) + 0.0  # No negative zeros.
    indexes(rng, layers, input_shape, inputs)

    variables, x = trainable(parameters), inputs.clone().requires_grad_()
    trained = {key: value.clone() for key, value in buffers.items()}
    outputs = forward(layers, input_shape, variables, x, trained, training=True)
    width = outputs.shape[1]
    arguments = [str(extent) for extent in input_shape] + ([] if heads else [f"Loss = NetGen.Loss.{loss}"])
    result = dict(
        name=name,
        source=[f"[NetGen.Network({', '.join(arguments)})]"] + [render(layer) for layer in layers],
        inputShape=list(input_shape), loss=loss,
        layers=[{key: value for key, value in layer.items() if value is not None} for layer in layers],
        parameters=parameters)
    if buffers:
        result["buffers"] = buffers
    result["inputs"] = inputs

    heads = heads or [(loss, 1)]
    if all(kind == "None" for kind, _ in heads):
        result["outputGradients"] = distinct(rng, outputs.shape, 1)
        outputs.backward(result["outputGradients"])
    else:
        if labels:
            # Every class before any twice.
            order = rng.sample(range(width), width)
            result["labels"] = targets = torch.tensor([order[row % width] for row in range(rows)])
            value = LOSSES[loss](outputs, targets)
        else:
            parts = [targets_of(rng, kind, rows, size) for (kind, _), size in zip(heads, sizes)]
            result["targets"] = targets = torch.cat(parts, 1)
            value = sum(weight * LOSSES[kind](part, target)
                        for (kind, weight), part, target in zip(heads, torch.split(outputs, sizes, 1), parts) if kind != "None")
        value.backward()
        result["meanLoss"] = value.item()

    predicted = outputs
    if buffers:
        result.update(trainingForward=outputs, trainedBuffers=trained)
        predicted = forward(layers, input_shape, parameters, inputs, buffers)
    probabilities = [PREDICTIONS.get(kind, lambda y: y)(part) for (kind, _), part in zip(heads, torch.split(predicted, sizes, 1))]
    result.update(
        forward=predicted, predict=torch.cat(probabilities, 1),
        gradients={key: value.grad for key, value in variables.items()}, inputGradients=torch.zeros_like(inputs) if x.grad is None else x.grad)
    if optimizers:
        result["optimizers"] = [train(*optimizer, layers, input_shape, parameters, inputs, targets, LOSSES[loss]) for optimizer in OPTIMIZERS]
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
    if isinstance(value, dict) and any(isinstance(item, (dict, torch.Tensor)) for item in value.values()):
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

    # Convolutions of images: every option alone, then together.
    yield case("layer-conv2d", [2, 5, 4], "MeanSquaredError", [conv2d(3, 3)], rows=3)
    yield case("layer-conv2d-padding", [2, 3, 4], "Huber", [conv2d(3, 3, padding=2)], rows=2)
    yield case("layer-conv2d-same", [2, 5, 3], "MeanSquaredError", [conv2d(3, 5, padding="Same")], rows=2)
    yield case("layer-conv2d-same-dilation", [1, 7, 6], "MeanSquaredError", [conv2d(2, 3, padding="Same", dilation=2)], rows=3)
    yield case("layer-conv2d-same-stride", [2, 7, 6], "MeanSquaredError", [conv2d(3, 3, padding="Same", stride=2)], rows=2)
    yield case("layer-conv2d-stride", [2, 8, 7], "Huber", [conv2d(3, 3, stride=2)], rows=2)
    yield case("layer-conv2d-stride-beyond-kernel", [2, 8, 9], "MeanSquaredError", [conv2d(3, 2, stride=3)], rows=2)
    yield case("layer-conv2d-dilation", [2, 7, 8], "MeanSquaredError", [conv2d(3, 3, dilation=3)], rows=2)
    yield case("layer-conv2d-groups", [4, 4, 5], "MeanSquaredError", [conv2d(6, 3, groups=2)], rows=2)
    yield case("layer-conv2d-depthwise", [5, 4, 5], "MeanSquaredError", [conv2d(5, 3, padding=1, groups=5)], rows=2)
    yield case("layer-conv2d-depthwise-multiplied", [3, 5, 4], "MeanSquaredError", [conv2d(6, 2, groups=3)], rows=2)
    yield case("layer-conv2d-everything", [4, 9, 8], "Huber", [
        conv2d(6, 3, "Tanh", bias=False, stride=2, padding=3, dilation=2, groups=2)], rows=1)
    yield case("layer-conv2d-leaky-relu", [1, 6, 5], "MeanSquaredError", [conv2d(4, 3, "LeakyReLU", alpha=0.2)], rows=3)
    yield case("layer-conv2d-softmax", [2, 4, 3], "MeanSquaredError", [conv2d(3, 2), activation("Softmax")], rows=3)
    yield case("layer-conv2d-pointwise", [7, 3, 3], "MeanSquaredError", [conv2d(5, 1)], rows=3)
    yield case("layer-conv2d-whole-image", [2, 4, 4], "SoftmaxCrossEntropy", [conv2d(5, 4)], labels=True, rows=6)
    yield case("layer-conv2d-even-kernel", [2, 3, 5], "MeanSquaredError", [conv2d(3, 4, padding=2)], rows=2)
    yield case("layer-conv2d-column", [2, 9, 1], "MeanSquaredError", [conv2d(3, 3, padding="Same")], rows=3)
    yield case("layer-conv2d-17-filters", [1, 4, 4], "MeanSquaredError", [conv2d(17, 3, "ReLU")], rows=2)
    yield case("layer-conv2d-16-to-8", [16, 2, 3], "MeanSquaredError", [conv2d(8, 2)], rows=1)
    yield case("layer-conv2d-wide-image", [1, 3, 19], "MeanSquaredError", [conv2d(2, 3, padding="Same")], rows=2)
    yield case("layer-conv2d-backward", [2, 4, 5], "None", [conv2d(3, 3, "SiLU")], rows=2)

    # Convolutions of signals.
    yield case("layer-conv1d", [3, 8], "MeanSquaredError", [conv1d(4, 3)], rows=4)
    yield case("layer-conv1d-stride-padding", [2, 11], "Huber", [conv1d(3, 4, "SELU", stride=3, padding=2)])
    yield case("layer-conv1d-same-dilation", [2, 9], "MeanSquaredError", [conv1d(5, 3, padding="Same", dilation=3)])
    yield case("layer-conv1d-groups", [6, 7], "MeanSquaredError", [conv1d(4, 3, bias=False, groups=2)])
    yield case("layer-conv1d-depthwise", [5, 9], "MeanSquaredError", [conv1d(5, 5, "ELU", alpha=0.5, padding="Same", groups=5)])

    # Pooling. What does not fill a window is left out; among equal values the first is the largest.
    yield case("layer-max-pool2d", [2, 5, 7], "MeanSquaredError", [pool("MaxPool2D", 2)], rows=3)
    yield case("layer-max-pool2d-overlapping", [2, 7, 6], "MeanSquaredError", [pool("MaxPool2D", 3, stride=2)], rows=2)
    yield case("layer-max-pool2d-sparse", [2, 8, 7], "MeanSquaredError", [pool("MaxPool2D", 2, stride=3)], rows=2)
    yield case("layer-max-pool2d-ties", [2, 6, 5], "MeanSquaredError", [pool("MaxPool2D", 3, stride=1)], ties=True)
    yield case("layer-average-pool2d", [2, 5, 7], "MeanSquaredError", [pool("AveragePool2D", 2)], rows=3)
    yield case("layer-average-pool2d-overlapping", [2, 6, 7], "MeanSquaredError", [pool("AveragePool2D", 3, stride=2)], rows=2)
    yield case("layer-max-pool1d", [3, 11], "MeanSquaredError", [pool("MaxPool1D", 3)])
    yield case("layer-max-pool1d-overlapping", [2, 10], "MeanSquaredError", [pool("MaxPool1D", 4, stride=1)])
    yield case("layer-average-pool1d", [3, 11], "MeanSquaredError", [pool("AveragePool1D", 3, stride=2)])
    yield case("layer-global-max-pool", [3, 4, 5], "MeanSquaredError", [simple("GlobalMaxPool"), dense(3)], rows=3)
    yield case("layer-global-max-pool-ties", [3, 9], "MeanSquaredError", [simple("GlobalMaxPool")], ties=True)
    yield case("layer-global-average-pool", [3, 4, 5], "MeanSquaredError", [simple("GlobalAveragePool"), dense(3)], rows=3)
    yield case("layer-flatten", [2, 3, 4], "MeanSquaredError", [conv2d(3, 2), simple("Flatten"), layer_norm(), dense(2)], rows=3)

    # Normalization, of vectors, signals and images.
    yield case("layer-batch-norm", [5], "MeanSquaredError", [batch_norm(), dense(3)], rows=7)
    yield case("layer-batch-norm-image", [3, 4, 5], "MeanSquaredError", [batch_norm(momentum=0.3, epsilon=0.01)], rows=4)
    yield case("layer-batch-norm-signal", [4, 7], "Huber", [batch_norm(momentum=1)], rows=3)
    yield case("layer-batch-norm-one-row", [3, 4, 4], "MeanSquaredError", [batch_norm()], rows=1)
    yield case("layer-batch-norm-backward", [4], "None", [dense(5, bias=False), batch_norm(), activation("Tanh")], rows=6)
    yield case("layer-layer-norm", [9], "MeanSquaredError", [layer_norm(), dense(3)])
    yield case("layer-layer-norm-image", [3, 3, 5], "MeanSquaredError", [layer_norm(epsilon=0.125)], rows=3)
    yield case("layer-rms-norm", [9], "MeanSquaredError", [rms_norm(), dense(3)])
    yield case("layer-rms-norm-image", [3, 3, 5], "MeanSquaredError", [rms_norm(epsilon=0.125)], rows=3)

    for name, shape, groups, options in [
            ("vector", [6], 2, {}), ("one-group", [3, 3, 2], 1, {}), ("image", [4, 3, 5], 2, {}), ("each-channel", [3, 7, 1], 3, dict(epsilon=0.125)),
            ("signal", [6, 7], 3, dict(epsilon=0.01)), ("17-channels", [17, 3], 17, {}), ("33-channels", [33, 1, 2], 11, {})]:
        yield case(f"layer-group-norm-{name}", shape, "MeanSquaredError", [group_norm(groups, **options)], rows=2)
    yield case("layer-group-norm-between", [2, 4, 3], "MeanSquaredError", [conv2d(6, 2), group_norm(3), activation("SiLU"), dense(2)], rows=2)

    # Transposed convolutions: every option alone, sizes of one, odd sizes, then together.
    for name, shape, arguments, options in [
            ("plain", [2, 3, 4], (3, 3), {}),
            ("padding", [2, 3, 4], (3, 3), dict(padding=1)),
            ("padding-2", [2, 3, 4], (2, 4), dict(padding=2)),
            ("same", [2, 4, 3], (3, 3), dict(padding="Same")),
            ("stride", [2, 3, 3], (3, 3), dict(stride=2)),
            ("stride-beyond-kernel", [2, 2, 3], (2, 2), dict(stride=3, output_padding=1)),
            ("output-padding", [3, 3, 2], (2, 3), dict(stride=2, padding=1, output_padding=1)),
            ("output-padding-2", [2, 2, 2], (2, 2), dict(stride=3, padding=1, output_padding=2)),
            ("double", [3, 3, 3], (2, 2), dict(stride=2)),
            ("dilation", [2, 3, 2], (2, 2), dict(dilation=3)),
            ("same-dilation", [2, 3, 5], (2, 3), dict(padding="Same", dilation=2)),
            ("no-bias", [2, 2, 3], (3, 2, "ReLU"), dict(bias=False)),
            ("leaky-relu", [1, 3, 3], (3, 3, "LeakyReLU"), dict(alpha=0.2, stride=2, padding=1)),
            ("pointwise", [3, 2, 3], (5, 1), dict(stride=2)),
            ("one-pixel", [7, 1, 1], (2, 4), {}),
            ("column", [2, 7, 1], (1, 3), dict(padding=1)),
            ("wide", [1, 1, 33], (1, 3), dict(padding=1)),
            ("17-filters", [3, 2, 2], (17, 2), dict(stride=2)),
            ("17-to-1", [17, 2, 3], (1, 3), dict(stride=2, padding=1)),
            ("33-to-7", [33, 1, 2], (7, 2), {}),
            ("everything", [3, 2, 3], (4, 3, "Tanh"), dict(bias=False, stride=3, padding=2, dilation=2, output_padding=2))]:
        yield case(f"layer-conv-transpose2d-{name}", shape, "MeanSquaredError", [transposed(*arguments, **options)], rows=2)
    yield case("layer-conv-transpose2d-backward", [2, 3, 2], "None", [transposed(3, 3, "SiLU", stride=2)], rows=2)
    yield case("layer-conv-transpose2d-between", [2, 4, 4], "Huber", [
        conv2d(3, 3, "ReLU", stride=2, padding=1), transposed(2, 3, "GELU", stride=2, padding=1, output_padding=1), conv2d(1, 1)], rows=2)

    # Locally connected layers.
    for name, shape, arguments, options in [
            ("plain", [2, 4, 3], (3, 3), {}),
            ("padding", [1, 2, 3], (2, 3), dict(padding=2)),
            ("same", [2, 3, 2], (2, 3), dict(padding="Same")),
            ("stride", [2, 5, 4], (3, 3), dict(stride=2)),
            ("dilation", [2, 4, 5], (2, 2), dict(dilation=3)),
            ("no-bias", [2, 3, 3], (2, 2, "ELU"), dict(alpha=0.5, bias=False)),
            ("pointwise", [3, 2, 2], (2, 1), {}),
            ("whole-image", [2, 3, 3], (5, 3), {}),
            ("column", [1, 7, 1], (2, 3), dict(padding="Same")),
            ("wide", [1, 1, 17], (1, 1), {}),
            ("17-filters", [1, 2, 3], (17, 2), {}),
            ("33-channels", [33, 1, 2], (1, 1), {}),
            ("7-to-17", [7, 1, 3], (17, 1), dict(stride=2)),
            ("everything", [2, 5, 6], (3, 2, "Tanh"), dict(stride=3, padding=2, dilation=3))]:
        yield case(f"layer-locally-connected2d-{name}", shape, "MeanSquaredError", [local(*arguments, **options)], rows=2)
    yield case("layer-locally-connected2d-between", [1, 4, 4], "MeanSquaredError", [
        conv2d(2, 2, "ReLU"), local(3, 2, "Mish"), pool("MaxPool2D", 2), dense(2)], rows=3)

    # Masked dense layers: whole masks, repeated patterns, outputs and inputs without connections.
    for name, shape, arguments, options in [
            ("plain", [3], (4, "101 011 110 111"), {}),
            ("pattern", [6], (4, "10 01"), {}),
            ("one-by-one", [1], (1, "1"), {}),
            ("lonely", [5], (3, "11010 00000 01001"), dict(activation="Tanh")),
            ("no-bias", [4], (6, "1100 0110 0011"), dict(activation="SELU", bias=False)),
            ("image", [2, 3, 1], (5, "101101"), dict(activation="LeakyReLU", alpha=0.2)),
            ("7-to-17", [7], (17, "1001011"), {}),
            ("17-to-33", [17], (33, "1 0 1"), {}),
            ("33-to-7", [33], (7, "110"), dict(activation="GELU")),
            ("full", [3], (2, "1"), {})]:
        yield case(f"layer-masked-dense-{name}", shape, "MeanSquaredError", [masked(*arguments, **options)], rows=3)
    yield case("layer-masked-dense-between", [5], "SoftmaxCrossEntropy", [
        dense(6, "Tanh"), masked(8, "110 011 101 111", "ReLU"), masked(3, "10 01 11")], labels=True)

    # Layers that move elements. Those of images alone and before a convolution.
    for name, shape, arguments in [("image", [12], (3, 2, 2)), ("signal", [2, 3, 4], (4, 6)), ("rest", [3, 2, 3], (-1, 2)), ("vector", [2, 7], (-1,)),
                                   ("channels", [7, 1, 3], (3, 7, 1)), ("33-channels", [33, 2, 3], (6, 33))]:
        yield case(f"layer-reshape-{name}", shape, "MeanSquaredError", [dimensions("Reshape", *arguments)], rows=2)
    yield case("layer-reshape-between", [5], "MeanSquaredError", [
        dense(12, "Tanh"), dimensions("Reshape", 2, 3, -1), conv2d(3, 2), dimensions("Reshape", -1), dense(2)], rows=3)
    for name, shape, order in [("last", [2, 3, 5], (1, 2, 0)), ("first", [3, 2, 7], (2, 0, 1)), ("reversed", [2, 3, 4], (2, 1, 0)),
                               ("image", [3, 4, 5], (0, 2, 1)), ("signal", [3, 17], (1, 0)), ("wide-signal", [33, 3], (1, 0)),
                               ("same", [2, 3, 2], (0, 1, 2)), ("four", [2, 3, 1, 4], (3, 1, 0, 2))]:
        yield case(f"layer-permute-{name}", shape, "MeanSquaredError", [dimensions("Permute", *order)], rows=2)
    yield case("layer-permute-between", [2, 3, 4], "MeanSquaredError", [
        conv2d(3, 2), dimensions("Permute", 2, 0, 1), conv2d(2, 2, "Tanh"), dimensions("Permute", 1, 2, 0), dense(2)], rows=2)
    for name, shape, scale in [("2", [2, 3, 2], 2), ("3", [1, 2, 3], 3), ("1", [2, 3, 3], 1), ("one-pixel", [3, 1, 1], 2), ("column", [1, 7, 1], 2),
                               ("wide", [1, 1, 17], 2), ("17-channels", [17, 2, 1], 2), ("5", [1, 2, 2], 5)]:
        for interpolation in ["Nearest", "Bilinear"]:
            yield case(f"layer-upsample2d-{interpolation.lower()}-{name}", shape, "MeanSquaredError", [upsample(scale, interpolation)], rows=2)
    yield case("layer-upsample2d-between", [1, 3, 3], "MeanSquaredError", [
        conv2d(2, 2, "Tanh"), upsample(2, "Bilinear"), conv2d(3, 3), upsample(2), conv2d(1, 2)], rows=2)
    for mode in ["Zeros", "Replicate", "Reflect"]:
        for name, shape, sides in [("all", [2, 3, 4], (2,)), ("each", [1, 4, 4], (1, 2, 0, 3)), ("17-channels", [17, 2, 2], (0, 1, 1, 0)),
                                   ("wide", [1, 2, 17], (1, 0, 2, 7))]:
            yield case(f"layer-pad2d-{mode.lower()}-{name}", shape, "MeanSquaredError", [pad(*sides, mode=mode)], rows=2)
        yield case(f"layer-pad2d-{mode.lower()}-between", [2, 3, 3], "MeanSquaredError", [
            conv2d(2, 2, "Sigmoid"), pad(1, mode=mode), conv2d(2, 3, "SiLU"), pad(1, 0, 0, 1, mode=mode), conv2d(1, 2)], rows=2)
    yield case("layer-pad2d-zeros-beyond", [2, 1, 1], "MeanSquaredError", [pad(3, 0, 1, 2)], rows=2)
    yield case("layer-pad2d-replicate-beyond", [2, 1, 2], "MeanSquaredError", [pad(3, 0, 1, 4, mode="Replicate")], rows=2)
    for name, shape, sides in [("all", [2, 5, 4], (1,)), ("each", [2, 6, 7], (1, 2, 0, 3)), ("none", [2, 2, 3], (0,)), ("17-channels", [17, 2, 3], (0, 1, 1, 0)),
                               ("one-pixel", [3, 3, 3], (1,)), ("wide", [1, 2, 33], (0, 1, 7, 9))]:
        yield case(f"layer-crop2d-{name}", shape, "MeanSquaredError", [crop(*sides)], rows=2)
    yield case("layer-crop2d-between", [1, 5, 5], "MeanSquaredError", [conv2d(3, 2, "Tanh"), crop(0, 1, 1, 0), conv2d(2, 2), crop(1, 0, 0, 1)], rows=2)

    # Activations.
    yield case("layer-prelu", [7], "MeanSquaredError", [dense(9), simple("PReLU"), dense(3)])
    yield case("layer-prelu-image", [3, 4, 5], "MeanSquaredError", [simple("PReLU"), conv2d(2, 2), simple("PReLU")], rows=3)
    for name, function in [("hard-sigmoid", "HardSigmoid"), ("hard-swish", "HardSwish"), ("softsign", "Softsign"), ("mish", "Mish")]:
        # Wide enough to pass the kinks at -3 and 3.
        yield case(f"layer-{name}", [2, 4, 4], "MeanSquaredError", [
            activation(function), conv2d(3, 3, function), dense(9, function), dense(3)], rows=3, scale=2)

    for name, shape in [("vector", [7]), ("image", [3, 3, 2]), ("17-channels", [17, 3]), ("33-channels", [33, 1, 2]), ("one", [1])]:
        # Wide enough for slopes to matter.
        yield case(f"layer-swish-{name}", shape, "MeanSquaredError", [simple("Swish")], rows=3, scale=2)
    yield case("layer-swish-between", [2, 3, 3], "Huber", [conv2d(3, 2), simple("Swish"), dense(5), simple("Swish"), dense(2)], rows=3)
    for name, shape, pieces in [("vector", [6], 3), ("image", [4, 3, 2], 2), ("17-outputs", [34, 1], 2), ("33-pieces", [33, 3], 33), ("one-piece", [3, 5], 1),
                                ("signal", [7, 3], 7)]:
        yield case(f"layer-maxout-{name}", shape, "MeanSquaredError", [simple("Maxout", pieces=pieces)], rows=3)
    yield case("layer-maxout-ties", [12, 3], "MeanSquaredError", [simple("Maxout", pieces=4)], rows=3, ties=True)
    yield case("layer-maxout-between", [5], "MeanSquaredError", [dense(12), simple("Maxout", pieces=3), dense(6), simple("Maxout", pieces=2)])
    for name, shape, options in [("vector", [7], {}), ("image", [3, 3, 5], dict(lower=0.1, upper=0.5)), ("17-channels", [17, 2], dict(lower=0.25, upper=0.25))]:
        yield case(f"layer-rrelu-{name}", shape, "MeanSquaredError", [rrelu(**options)], rows=3)
    yield case("layer-rrelu-between", [2, 3, 3], "MeanSquaredError", [conv2d(3, 2), rrelu(0.2, 0.3), dense(2)], rows=3)
    for kind, amount in [("SpatialDropout", 0.25), ("AlphaDropout", 0.1), ("GaussianNoise", 0.5)]:
        name = {"SpatialDropout": "spatial-dropout", "AlphaDropout": "alpha-dropout", "GaussianNoise": "gaussian-noise"}[kind]
        yield case(f"layer-{name}-off", [2, 4, 3], "MeanSquaredError", [noise(kind, amount), conv2d(3, 2, "SELU"), noise(kind, amount), dense(2)], rows=3)

    # Separable convolutions.
    for name, shape, arguments, options in [
            ("plain", [2, 4, 3], (3, 3), {}),
            ("padding", [2, 2, 3], (3, 2), dict(padding=1)),
            ("same", [3, 4, 3], (2, 3), dict(padding="Same")),
            ("stride", [2, 5, 6], (3, 3), dict(stride=2)),
            ("dilation", [2, 6, 5], (3, 2), dict(dilation=3)),
            ("same-dilation", [2, 3, 5], (2, 3), dict(padding="Same", dilation=2)),
            ("no-bias", [2, 3, 3], (3, 2, "ReLU"), dict(bias=False)),
            ("pointwise", [3, 2, 3], (5, 1), {}),
            ("one-channel", [1, 3, 4], (3, 3), {}),
            ("column", [2, 7, 1], (3, 3), dict(padding=1)),
            ("3-to-17", [3, 2, 2], (17, 2), {}),
            ("17-to-3", [17, 3, 2], (3, 2), {}),
            ("33-to-7", [33, 1, 2], (7, 1), {}),
            ("everything", [4, 7, 6], (6, 3, "LeakyReLU"), dict(alpha=0.2, stride=2, padding=3, dilation=2))]:
        yield case(f"layer-separable-conv2d-{name}", shape, "MeanSquaredError", [separable(*arguments, **options)], rows=2)
    yield case("layer-separable-conv2d-between", [2, 4, 4], "SoftmaxCrossEntropy", [
        conv2d(3, 2, "ReLU"), separable(4, 3, "Mish", name="Middle", padding="Same"), separable(3, 2, "ReLU"), dense(3)], labels=True)

    # Embeddings.
    for name, shape, arguments, rows in [
            ("plain", [5], (7, 3), 3), ("one-index", [1], (3, 5), 4), ("one-dimension", [3], (5, 1), 3), ("17-dimensions", [3], (4, 17), 2),
            ("33-dimensions", [7], (3, 33), 1), ("33-vectors", [17], (33, 2), 2), ("one-vector", [2], (1, 3), 2)]:
        yield case(f"layer-embedding-{name}", shape, "MeanSquaredError", [embedding(*arguments)], rows=rows)
    yield case("layer-embedding-signal", [7], "SoftmaxCrossEntropy", [embedding(5, 4), conv1d(3, 3, "ReLU"), simple("GlobalMaxPool"), dense(3)], labels=True)
    yield case("layer-embedding-dense", [3], "BinaryCrossEntropy", [embedding(6, 3), dense(5, "Tanh"), dense(2)])
    yield case("layer-embedding-twice", [4], "MeanSquaredError", [
        embedding(6, 3, name="A"), take("input", embedding(9, 3, name="B")), join("Multiply", "A", "B"), dense(2)], rows=3)

    # Shared layers.
    yield case("layer-shared-dense", [5], "MeanSquaredError", [dense(5, "Tanh", name="Core"), shared("Core"), shared("Core"), dense(2)])
    yield case("layer-shared-conv2d", [2, 3, 4], "MeanSquaredError", [
        conv2d(2, 3, "SiLU", padding="Same", name="Core"), shared("Core", name="Again"), join("Concat", "Core", "Again", "input")], rows=2)
    yield case("layer-shared-conv1d", [3, 7], "MeanSquaredError", [
        conv1d(4, 3, bias=False, name="Core"), take("input", activation("Sigmoid")), shared("Core"), join("Multiply", "Core", "Shared1")], rows=2)
    yield case("layer-shared-norms", [6], "MeanSquaredError", [
        layer_norm(name="Norm"), dense(6, "GELU"), shared("Norm"), rms_norm(name="Root"), dense(6), shared("Root"), simple("PReLU", name="Slope"), dense(6),
        shared("Slope")])
    yield case("layer-shared-conv-transpose2d", [1, 2, 3], "MeanSquaredError", [
        transposed(1, 3, "Tanh", padding=1, name="Core"), shared("Core"), join("Add", "Core", "Shared1")], rows=2)
    yield case("layer-shared-embedding", [], "None", [
        dimensions("Input", 3, name="A"), dimensions("Input", 3, name="B"), take("A", embedding(5, 2, name="Words")), take("B", shared("Words", name="Again")),
        join("Concat", "Words", "Again"), dense(2, "Tanh", name="Head"), output("Head", "MeanSquaredError")], rows=3)
    for name, shape, units, function, bias in [("plain", [5], 3, "Identity", True), ("image", [2, 3, 1], 4, "Tanh", True), ("no-bias", [7], 3, "ReLU", False),
                                               ("33-to-17", [33], 17, "SiLU", True), ("to-one", [3], 1, "Softplus", True)]:
        yield case(f"layer-shared-transposed-{name}", shape, "MeanSquaredError", [
            dense(units, function, bias=bias, name="Core"), shared("Core", transposed=True)], rows=1 if units == 17 else 3)
    yield case("layer-shared-transposed-between", [4], "BinaryCrossEntropy", [
        dense(6, "Tanh", name="Code"), dense(6, "SELU"), shared("Code", transposed=True, name="Back"), activation("GELU"), dense(2)])

    # Several inputs and outputs.
    yield case("layer-inputs-vectors", [], "MeanSquaredError", [
        dimensions("Input", 3, name="A"), dimensions("Input", 5, name="B"), dense(4, "Tanh", name="Right"), take("A", dense(4, "SiLU", name="Left")),
        join("Add", "Left", "Right"), dense(2)])
    yield case("layer-inputs-of-three-shapes", [], "SoftmaxCrossEntropy", [
        dimensions("Input", 2, 3, 3, name="Image"), dimensions("Input", 2, 7, name="Signal"), dimensions("Input", 1, name="Number"),
        take("Image", conv2d(3, 2, "ReLU")), simple("GlobalMaxPool", name="Seen"), take("Signal", conv1d(3, 3, "ReLU")), simple("GlobalAveragePool", name="Heard"),
        join("Concat", "Heard", "Number", "Seen"), dense(3)], labels=True)
    yield case("layer-inputs-joined", [], "MeanSquaredError", [
        dimensions("Input", 17, name="A"), dimensions("Input", 17, name="B"), join("Multiply", "A", "B"), join("Concat", "A", "Multiply1", "A"), dense(1)], rows=2)
    yield case("layer-outputs-one-value", [5], "None", [
        dense(3, "Tanh", name="Both"), output("Both", "Huber"), output("Both", "MeanAbsoluteError", 0.25)])
    yield case("layer-outputs-inner", [2, 3, 3], "None", [
        conv2d(3, 2, "SiLU", name="Map"), output("Map", "MeanSquaredError", 0.5), take("Map", simple("GlobalAveragePool", name="Means")), dense(4, name="Classes"),
        output("Classes", "SoftmaxCrossEntropy", 2)], rows=3)
    yield case("layer-outputs-without-loss", [4], "None", [
        dense(7, "Tanh", name="Stem"), dense(2, name="A"), output("A"), take("Stem", dense(3, "Sigmoid", name="B")), output("B")])
    yield case("layer-outputs-some-without-loss", [4], "None", [
        dense(7, "Tanh", name="Stem"), output("Stem"), take("Stem", dense(3, name="Logits")), output("Logits", "BinaryCrossEntropy", 3)])

    # Graphs.
    yield case("graph-add", [4], "MeanSquaredError", [
        dense(6, "Tanh", name="A"), dense(6, "GELU", name="B"), join("Add", "A", "B"), dense(3)])
    yield case("graph-add-three", [2, 3, 4], "MeanSquaredError", [
        conv2d(3, 1, name="A"), take("input", conv2d(3, 3, padding=1, name="B")), take("input", conv2d(3, 3, "Tanh", padding="Same")),
        join("Add", "Conv2D3", "A", "B")], rows=2)
    yield case("graph-multiply", [5], "Huber", [
        dense(7, name="Value"), take("input", dense(7, "Sigmoid", name="Gate")), join("Multiply", "Value", "Gate"), dense(2)])
    yield case("graph-multiply-three", [2, 5], "MeanSquaredError", [
        conv1d(3, 3, name="A"), take("input", conv1d(3, 3, "Tanh", name="B")), take("A", activation("Softplus")),
        join("Multiply", "A", "B", "Activation1")])
    yield case("graph-square", [5], "MeanSquaredError", [dense(4, name="A"), join("Multiply", "A", "A"), dense(3)])
    yield case("graph-concat", [3], "SoftmaxCrossEntropy", [
        dense(4, "ReLU", name="Left"), take("input", dense(3, "Tanh", name="Right")), join("Concat", "Right", "Left", "input"), dense(3)], labels=True)
    yield case("graph-value-used-twice", [2, 4, 4], "MeanSquaredError", [
        conv2d(3, 2, "SiLU", name="Stem"), conv2d(2, 2, name="Left"), take("Stem", conv2d(4, 2, name="Right")),
        join("Concat", "Left", "Right"), simple("GlobalAveragePool")], rows=3)
    yield case("graph-residual", [3, 4, 5], "MeanSquaredError", [
        conv2d(4, 3, "ReLU", padding="Same", name="Stem"), conv2d(4, 3, "ReLU", padding="Same"),
        conv2d(4, 3, padding="Same", name="Branch"), join("Add", "Stem", "Branch"), activation("ReLU"),
        simple("GlobalAveragePool"), dense(2)], rows=1)
    yield case("graph-residual-strided", [2, 6, 5], "SoftmaxCrossEntropy", [
        conv2d(4, 3, "ReLU", stride=2, padding=1, name="Down"), take("input", conv2d(4, 1, bias=False, stride=2, name="Skip")),
        join("Add", "Down", "Skip"), simple("PReLU"), simple("GlobalMaxPool"), dense(3)], labels=True, rows=2)
    yield case("graph-inception", [2, 4, 5], "MeanSquaredError", [
        conv2d(2, 1, "ReLU", name="B1"),
        take("input", conv2d(2, 1, "ReLU")), conv2d(3, 3, "ReLU", padding="Same", name="B3"),
        take("input", pool("AveragePool2D", 3, stride=1)), conv2d(2, 1, padding=1, name="Pooled"),
        join("Concat", "B1", "B3", "Pooled"), conv2d(2, 2)], rows=2)
    yield case("graph-lenet", [1, 8, 8], "SoftmaxCrossEntropy", [
        conv2d(3, 3, "ReLU", padding="Same"), pool("MaxPool2D", 2), conv2d(4, 3, "ReLU"), pool("MaxPool2D", 2),
        dense(8, "ReLU"), dropout(0.3), dense(5)], labels=True, rows=3)
    yield case("graph-conv-batch-norm-relu", [2, 5, 4], "SoftmaxCrossEntropy", [
        conv2d(5, 3, bias=False), batch_norm(), activation("ReLU"), dense(3)], labels=True)
    yield case("graph-batch-norm-residual", [3, 3, 4], "MeanSquaredError", [
        conv2d(3, 3, bias=False, padding=1), batch_norm(momentum=0.25), activation("SiLU"), conv2d(3, 1, bias=False),
        batch_norm(name="Last"), join("Add", "input", "Last"), simple("GlobalAveragePool")], rows=4)
    yield case("graph-depthwise-separable", [4, 5, 5], "Huber", [
        conv2d(4, 3, "HardSwish", padding="Same", groups=4), conv2d(6, 1, "HardSwish"), simple("GlobalAveragePool"), dense(3)], rows=2)
    yield case("graph-dilated", [1, 7, 7], "MeanSquaredError", [
        conv2d(2, 3, "ReLU", padding="Same"), conv2d(2, 3, "ReLU", padding="Same", dilation=2),
        conv2d(2, 3, padding="Same", dilation=3), simple("GlobalMaxPool")], rows=2)
    yield case("graph-signal", [2, 15], "BinaryCrossEntropy", [
        conv1d(4, 5, "ReLU", stride=2), pool("MaxPool1D", 2), conv1d(5, 3, "Mish", padding="Same"), simple("GlobalMaxPool"), dense(2)])
    yield case("graph-dense-norms", [6], "SoftmaxCrossEntropy", [
        dense(8, name="Stem"), layer_norm(), dense(8, "GELU", name="Hidden"), join("Add", "Stem", "Hidden"), rms_norm(), dense(4)], labels=True)
    yield case("graph-siamese", [], "BinaryCrossEntropy", [
        dimensions("Input", 1, 5, 4, name="Left"), dimensions("Input", 1, 5, 4, name="Right"),
        take("Left", conv2d(3, 3, "ReLU", name="Conv")), dense(4, "Tanh", name="Code"),
        take("Right", shared("Conv", name="OtherConv")), shared("Code", name="OtherCode"),
        join("Multiply", "Code", "OtherCode"), dense(1)], rows=3)
    yield case("graph-tied-autoencoder", [9], "MeanSquaredError", [
        dense(5, "Tanh", name="Outer"), dense(3, "Sigmoid", name="Inner"), shared("Inner", transposed=True), activation("Tanh"),
        shared("Outer", transposed=True)], rows=3)
    yield case("graph-u-net-upsample", [1, 8, 8], "BinaryCrossEntropy", [
        conv2d(2, 3, "ReLU", padding="Same", name="High"), pool("MaxPool2D", 2), conv2d(3, 3, "ReLU", padding="Same", name="Low"),
        pool("MaxPool2D", 2), conv2d(3, 3, "SiLU", padding="Same"), upsample(2, name="Up1"), join("Concat", "Up1", "Low"),
        conv2d(3, 3, "ReLU", padding="Same"), upsample(2, "Bilinear", name="Up2"), join("Concat", "High", "Up2"), conv2d(1, 1)], rows=1)
    yield case("graph-u-net-transposed", [2, 7, 5], "MeanSquaredError", [
        conv2d(3, 3, bias=False, padding="Same"), group_norm(3), activation("ReLU", name="High"), conv2d(4, 3, "ReLU", stride=2, padding=1),
        conv2d(4, 3, "Mish", padding="Same"), transposed(3, 3, "ReLU", stride=2, padding=1, name="Up"), join("Concat", "Up", "High"),
        conv2d(2, 3, padding="Same"), crop(1, 0, 0, 1)], rows=1)
    yield case("graph-mobile-net", [3, 7, 6], "SoftmaxCrossEntropy", [
        conv2d(4, 3, bias=False, stride=2, padding=1), batch_norm(), activation("HardSwish", name="Stem"),
        conv2d(4, 3, bias=False, padding="Same", groups=4), batch_norm(), activation("HardSwish"), conv2d(4, 1, bias=False), batch_norm(name="Narrow"),
        join("Add", "Stem", "Narrow"), simple("GlobalAveragePool"), dense(3)], labels=True)
    yield case("graph-separable-batch-norm", [3, 6, 5], "MeanSquaredError", [
        separable(5, 3, bias=False, padding=1), batch_norm(), activation("ReLU"), separable(4, 3, bias=False, stride=2), batch_norm(momentum=0.5), simple("Swish"),
        simple("GlobalAveragePool"), dense(2)], rows=3)
    yield case("graph-denoising-autoencoder", [1, 6, 6], "MeanSquaredError", [
        noise("GaussianNoise", 0.3), conv2d(3, 3, "ReLU", stride=2, padding=1), noise("SpatialDropout", 0.2), conv2d(2, 3, "ReLU", padding="Same"),
        transposed(3, 2, "ReLU", stride=2), conv2d(1, 3, "Sigmoid", padding="Same")], rows=2)
    yield case("graph-two-losses", [2, 4, 4], "None", [
        conv2d(4, 3, "ReLU", padding="Same"), simple("GlobalAveragePool", name="Features"), dense(3, name="Kind"), output("Kind", "SoftmaxCrossEntropy"),
        take("Features", dense(4, "Tanh")), dense(2, name="Place"), output("Place", "Huber", 0.5)])
    yield case("graph-text", [7], "None", [
        embedding(11, 6), dimensions("Permute", 1, 0, name="Rows"), layer_norm(), dimensions("Permute", 1, 0), conv1d(4, 3, name="Convolved"),
        simple("Maxout", pieces=2), simple("GlobalMaxPool"), dense(3, name="Topic"), output("Topic", "SoftmaxCrossEntropy", 0.75),
        take("Rows", dense(1, name="Mood")), output("Mood", "BinaryCrossEntropy")], rows=3)
    yield case("graph-image-and-index", [], "MeanSquaredError", [
        dimensions("Input", 1, 4, 3, name="Image"), dimensions("Input", 1, name="Label"), embedding(4, 6),
        dimensions("Reshape", 1, 3, 2), pad(0, 1, 0, 1, mode="Replicate"),
        join("Concat", "Image", "Pad2D1"), separable(3, 3, "GELU", padding="Same"), local(2, 3, "Tanh"), masked(2, "1100 0011")], rows=3)


folder = pathlib.Path(__file__).parent
goldens = list(cases())
for file in folder.glob("*.json"):
    file.unlink()
for golden in goldens:
    (folder / f"{golden['name']}.json").write_text(write(golden) + "\n", newline="\n")
