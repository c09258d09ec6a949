"""PyTorch eager training steps of the nets of bench/speed, one JSON request a line on standard input:
{"net", "batch", "steps", "layout": "contiguous"|"channels_last", "threads"} -> {"milliseconds", "cpu"} per step.
At its best settings: fused SGD, denormals flushed, channels_last offered, models and inputs kept from request to request.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_flush_denormal(True)


class Block(nn.Module):
    """ResNet's basic block (He et al. 2016), shortcut by 1x1 convolution where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x), inplace=True)


def resnet20():
    stages = [(16, 16, 1), (16, 32, 2), (32, 64, 2)]
    blocks = [Block(i if n == 0 else o, o, s if n == 0 else 1) for i, o, s in stages for n in range(3)]
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )


def vgg5():
    return nn.Sequential(
        nn.Conv2d(3, 64, 3, 1, 1), nn.ReLU(inplace=True), nn.AvgPool2d(2),
        nn.Conv2d(64, 128, 3, 1, 1), nn.ReLU(inplace=True),
        nn.Conv2d(128, 128, 3, 1, 1), nn.ReLU(inplace=True), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(8192, 1024), nn.ReLU(inplace=True), nn.Linear(1024, 10),
    )


def mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(inplace=True),
        nn.Linear(512, 512), nn.ReLU(inplace=True), nn.Linear(512, 10),
    )


NETS = {"mlp": (mlp, (1, 28, 28)), "vgg5-slim": (vgg5, (3, 32, 32)), "resnet20": (resnet20, (3, 32, 32))}
known = {}


def prepared(net, batch, layout):
    """Model, batch and optimizer; weight decay on weights only, as Temper has it."""
    key = (net, batch, layout)
    if key not in known:
        torch.manual_seed(0)
        make, shape = NETS[net]
        model, x = make(), torch.randn(batch, *shape)
        if layout == "channels_last":
            model = model.to(memory_format=torch.channels_last)
            x = x.contiguous(memory_format=torch.channels_last)
        weights = [p for p in model.parameters() if p.dim() > 1]
        others = [p for p in model.parameters() if p.dim() <= 1]
        optimizer = torch.optim.SGD(
            [{"params": weights, "weight_decay": 5e-4}, {"params": others}],
            lr=0.01, momentum=0.9, fused=True,
        )
        known[key] = model, x, torch.arange(batch) % 10, optimizer
    return known[key]


def run(net, batch, steps, layout, threads):
    torch.set_num_threads(threads)
    model, x, labels, optimizer = prepared(net, batch, layout)
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
    per_step = 1e3 / steps
    return {
        "milliseconds": (time.perf_counter() - start) * per_step,
        "cpu": (time.process_time() - cpu) * per_step,
    }


print(json.dumps({"torch": torch.__version__, "python": sys.version.split()[0]}), flush=True)
for line in sys.stdin:
    print(json.dumps(run(**json.loads(line))), flush=True)
