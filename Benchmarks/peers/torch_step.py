"""Training steps of PyTorch, timed for NetGen.Benchmarks, which starts this script and talks to it over pipes.

Child  -> {"version": ...} or {"missing": ...}
Parent -> one line of JSON (rows, candidates, inputs, loss, rate, layers), then as bytes: every parameter in the order of the layers
          and the inputs of the candidates, more than the rows (float32)
Child  -> how far each of these rows keeps from kinks (float32 bytes)
Parent -> the inputs of the case's rows (float32), and their class indexes (int32) or, without a loss, output gradients (float32)
Child  -> the loss, or the gradient of the inputs, and the gradient of every parameter at these values (float32 bytes)
Parent -> "<variant> <steps>", again and again, until it closes the pipe
Child  -> the seconds these steps took
"""

import copy
import functools
import json
import math
import os
import sys
import time

# Before the libraries start their threads.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"


def say(line):
    sys.stdout.buffer.write((line + "\n").encode())
    sys.stdout.buffer.flush()


try:
    import torch
except ImportError as error:
    say(json.dumps({"missing": str(error)}))
    sys.exit()

torch.set_num_threads(1)
say(json.dumps({"version": torch.__version__}))

ACTIVATIONS = {
    "Identity": None,
    "ReLU": torch.nn.ReLU,
    "LeakyReLU": torch.nn.LeakyReLU,
    "ELU": torch.nn.ELU,
    "SELU": torch.nn.SELU,
    "Sigmoid": torch.nn.Sigmoid,
    "Tanh": torch.nn.Tanh,
    "Softplus": torch.nn.Softplus,
    "GELU": torch.nn.GELU,
    "SiLU": torch.nn.SiLU,
}
LOSSES = {"SoftmaxCrossEntropy": torch.nn.functional.cross_entropy}


def dense(layer):
    return torch.nn.Linear(layer["inputs"], layer["outputs"], bias=layer["bias"])


def conv(layer):
    return torch.nn.Conv2d(
        layer["inputs"], layer["outputs"], layer["kernel"], layer["stride"], layer["padding"], layer["dilation"],
        layer["groups"], layer["bias"])


class Add(torch.nn.Module):
    def forward(self, a, b):
        return a + b


LAYERS = {
    "dense": dense,
    "conv": conv,
    "maxpool": lambda layer: torch.nn.MaxPool2d(layer["size"]),
    "globalaverage": lambda layer: torch.nn.AdaptiveAvgPool2d(1),
    "add": lambda layer: Add(),
    "flatten": lambda layer: torch.nn.Flatten(),
}


class Graph(torch.nn.Module):
    """Modules with the numbers of the values they take: 0 is the input, n + 1 the output of module n."""

    def __init__(self, modules, sources):
        super().__init__()
        self.nodes = torch.nn.ModuleList(modules)
        self.sources = sources
        # Values are let go after their last reader, as local variables would be.
        self.last = [[v for v in set(taken) if all(v not in later for later in sources[i + 1:])]
                     for i, taken in enumerate(sources)]

    def forward(self, x):
        values = [x]
        del x
        for module, taken, last in zip(self.nodes, self.sources, self.last):
            values.append(module(*[values[v] for v in taken]))
            for v in last:
                values[v] = None
        return values[-1]


def build(layers):
    modules, sources, outputs = [], [], [0]
    for step in layers:
        layer = step["layer"]
        sources.append([outputs[v] for v in step["from"]])
        modules.append(LAYERS[layer["kind"]](layer))
        activation = ACTIVATIONS[layer.get("activation", "Identity")]
        if activation is not None:
            sources.append([len(modules)])
            modules.append(activation())
        outputs.append(len(modules))
    is_chain = all(taken == [i] for i, taken in enumerate(sources))
    return torch.nn.Sequential(*modules) if is_chain else Graph(modules, sources)


def read(shape, dtype):
    count = 4 * math.prod(shape)
    data = sys.stdin.buffer.read(count)
    if len(data) != count:
        sys.exit(f"torch_step.py: expected {count} bytes, received {len(data)}")
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


def send(*tensors):
    for tensor in tensors:
        sys.stdout.buffer.write(tensor.detach().contiguous().numpy().tobytes())
    sys.stdout.buffer.flush()


def distances(model, inputs):
    """For each row the least distance from a point where the gradient jumps, in parts of the largest value of its layer.

    Where rounding decides on which side of a kink a value falls, correct gradients differ in more than rounding.
    """
    nearest = torch.full([len(inputs)], math.inf, dtype=torch.float64)

    def note(module, taken):
        value = taken[0]
        if isinstance(module, torch.nn.MaxPool2d):
            size = module.kernel_size
            first, second = value.unfold(2, size, size).unfold(3, size, size).flatten(-2).topk(2).values.unbind(-1)
            # Windows without a positive value pass nothing back: they stand behind a rectifier.
            gap = torch.where(first > 0, first - second, math.inf)
        else:
            gap = value.abs()
        torch.minimum(nearest, gap.flatten(1).min(1).values / value.abs().max(), out=nearest)

    exact = copy.deepcopy(model).double()
    for module in exact.modules():
        if isinstance(module, (torch.nn.ReLU, torch.nn.LeakyReLU, torch.nn.SELU, torch.nn.MaxPool2d)):
            module.register_forward_pre_hook(note)
    with torch.no_grad():
        exact(inputs.double())
    return nearest.float()


header = sys.stdin.buffer.readline()
if not header:
    sys.exit()  # Only the version was wanted.
case = json.loads(header)
model = build(case["layers"])
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(read(parameter.shape, torch.float32))
send(distances(model, read([case["candidates"], *case["inputs"]], torch.float32)))
inputs = read([case["rows"], *case["inputs"]], torch.float32)
if case["loss"] in LOSSES:
    targets = read([case["rows"]], torch.int32).long()
    criterion = LOSSES[case["loss"]]
    first = criterion(model(inputs), targets)
    first.backward()
else:
    inputs.requires_grad_()
    outputs = model(inputs)
    targets = read(outputs.shape, torch.float32)
    outputs.backward(targets)
    first = inputs.grad
send(first, *(parameter.grad for parameter in model.parameters()))


def train(network, optimizer, batch, count):
    """The seconds of some steps of gradient descent."""
    start = time.perf_counter()
    for _ in range(count):
        optimizer.zero_grad(set_to_none=True)
        criterion(network(batch), targets).backward()
        optimizer.step()
    return time.perf_counter() - start


def backward(network, batch, gradients, count):
    """The seconds of some backward passes, without the forward passes before them."""
    seconds = 0.0
    for _ in range(count):
        network.zero_grad(set_to_none=True)
        batch.grad = None
        outputs = network(batch)
        start = time.perf_counter()
        outputs.backward(gradients)
        seconds += time.perf_counter() - start
    return seconds


# Which of PyTorch's own ways to update is faster depends on the network, and so does where channels lie best in memory:
# the harness times all. oneDNN stays on; without it no network was faster.
formats = {"nchw": torch.contiguous_format}
if inputs.dim() == 4:
    formats["nhwc"] = torch.channels_last
variants = {}
for layout, memory_format in formats.items():
    network = copy.deepcopy(model).to(memory_format=memory_format)
    batch = inputs.detach().contiguous(memory_format=memory_format).requires_grad_(inputs.requires_grad)
    if case["loss"] not in LOSSES:
        variants[layout] = functools.partial(backward, network, batch, targets.contiguous(memory_format=memory_format))
        continue
    for name, foreach in {"foreach": True, "loop": False}.items():
        optimizer = torch.optim.SGD(network.parameters(), lr=case["rate"], foreach=foreach)
        variants[name if layout == "nchw" else f"{name}-{layout}"] = functools.partial(train, network, optimizer, batch)
for line in sys.stdin.buffer:
    variant, count = line.decode().split()
    say(repr(variants[variant](int(count))))
