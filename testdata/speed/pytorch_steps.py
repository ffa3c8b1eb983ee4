#!/usr/bin/env python3
"""Times a training step in PyTorch on two threads, to stand beside `woofer train -v`: pytorch_steps.py [mn04.onnx]

VGGish with the original's attention head (50 clips of five windows), and mn04 (32 clips of 5 s) from ../shared/weights/mn04_as.onnx. All
weights are trained, by Adam. Needs torch, onnx and onnx2torch.
"""

import sys
import time

import torch
from torch import nn


class Original(nn.Module):
    """VGGish, self-attention over the windows, their mean, a dense layer; weights are random, which takes as long."""

    def __init__(self):
        super().__init__()
        layers, channels = [], 1
        for width in [64, "M", 128, "M", 256, 256, "M", 512, 512, "M"]:
            if width == "M":
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
        self.maps = nn.Sequential(*layers)
        dense = [nn.Linear(512 * 24, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 128), nn.ReLU()]
        self.dense = nn.Sequential(*dense)
        self.attention = nn.MultiheadAttention(128, 4, dropout=0.1, batch_first=True)
        self.classifier = nn.Linear(128, 15)

    def forward(self, windows):
        clips, count = windows.shape[:2]
        maps = self.maps(windows.flatten(0, 1))
        embeddings = self.dense(maps.permute(0, 2, 3, 1).flatten(1)).view(clips, count, 128)
        attended, _ = self.attention(embeddings, embeddings, embeddings)
        return self.classifier(attended.mean(1))


def timed(name, network, inputs, steps):
    network.train()
    adam = torch.optim.Adam(network.parameters(), lr=1e-4)
    took = []
    for step in range(steps + 1):
        began = time.perf_counter()
        out = network(inputs)
        out = out[0] if isinstance(out, (tuple, list)) else out
        loss = nn.functional.cross_entropy(out.flatten(1), torch.zeros(len(out), dtype=torch.long))
        adam.zero_grad()
        loss.backward()
        adam.step()
        if step:  # the first one also plans
            took.append(time.perf_counter() - began)
    took.sort()
    middle = took[len(took) // 2]
    print(f"{name}: {middle:.3f} s a step of {len(inputs)} clips, {middle / len(inputs) * 1e3:.1f} ms a clip", flush=True)


torch.set_num_threads(2)
torch.manual_seed(0)
timed("VGGish and attention", Original(), torch.randn(50, 5, 1, 96, 64), 3)
if len(sys.argv) > 1:
    import onnx
    from onnx2torch import convert

    network = convert(onnx.load(sys.argv[1]))
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    timed("mn04", network, torch.randn(32, 128, 500), 5)
