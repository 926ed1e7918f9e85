"""Training steps of PyTorch, timed for NetGen.Benchmarks, which starts this script and talks to it over pipes.

Child  -> {"version": ...} or {"missing": ...}
Parent -> one line of JSON (rows, inputs, loss, rate, layers), then as bytes: every parameter in the order of the layers
          and the inputs (float32), the class indexes (int32)
Child  -> the loss and the gradient of every parameter at these values (float32 bytes)
Parent -> "<variant> <steps>", again and again, until it closes the pipe
Child  -> the seconds these steps took
"""

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


LAYERS = {"dense": dense}


def read(shape, dtype):
    count = 4 * math.prod(shape)
    data = sys.stdin.buffer.read(count)
    if len(data) != count:
        sys.exit(f"torch_step.py: expected {count} bytes, received {len(data)}")
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


header = sys.stdin.buffer.readline()
if not header:
    sys.exit()  # Only the version was wanted.
case = json.loads(header)
modules = []
for layer in case["layers"]:
    modules.append(LAYERS[layer["kind"]](layer))
    activation = ACTIVATIONS[layer["activation"]]
    if activation is not None:
        modules.append(activation())
model = torch.nn.Sequential(*modules)
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(read(parameter.shape, torch.float32))
inputs = read([case["rows"], *case["inputs"]], torch.float32)
labels = read([case["rows"]], torch.int32).long()
criterion = LOSSES[case["loss"]]

loss = criterion(model(inputs), labels)
loss.backward()
for value in [loss.detach(), *(parameter.grad for parameter in model.parameters())]:
    sys.stdout.buffer.write(value.contiguous().numpy().tobytes())
sys.stdout.buffer.flush()

# Which of PyTorch's own ways to update is faster depends on the network: the harness times both.
optimizers = {
    "foreach": torch.optim.SGD(model.parameters(), lr=case["rate"], foreach=True),
    "loop": torch.optim.SGD(model.parameters(), lr=case["rate"], foreach=False),
}
for line in sys.stdin.buffer:
    variant, steps = line.decode().split()
    optimizer = optimizers[variant]
    start = time.perf_counter()
    for _ in range(int(steps)):
        optimizer.zero_grad(set_to_none=True)
        criterion(model(inputs), labels).backward()
        optimizer.step()
    say(repr(time.perf_counter() - start))
