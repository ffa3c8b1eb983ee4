#!/usr/bin/env python3
"""Times a training step in PyTorch, to stand beside `woofer train -v`: pytorch_steps.py [--device cuda] [--threads 2] [mn04_as.safetensors]

VGGish with the original's attention head, 50 clips of five windows at a time, and mn04 from ../shared/weights/mn04_as.safetensors (batch
normalisation folded, as in Woofer), 32 clips of 5 s. All weights are trained, by Adam, in float32 as PyTorch computes it by itself (on a
card convolutions are rounded to TF32). Needs torch, and safetensors for mn04.
"""

import argparse
import time

import torch
from torch import nn
from torch.nn import functional


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


class Mn(nn.Module):
    """EfficientAT's mn: MobileNetV3-Large, batch normalisation folded; layers and sizes are those of the file."""

    STRIDES = [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1]
    FIRST_HARD_SWISH = 7

    def __init__(self, tensors):
        super().__init__()
        self.layers = nn.ModuleDict()
        for name, tensor in tensors.items():
            layer, kind = name.rsplit("/", 1)
            key = layer.replace(".", "_")
            if kind == "bias":
                continue
            bias = tensors[f"{layer}/bias"]
            if tensor.ndim == 4:
                out, per_group, side, _ = tensor.shape
                is_depthwise = per_group == 1 and layer != "features.0"
                stride = 1
                if layer == "features.0":
                    stride = 2
                elif is_depthwise:
                    stride = self.STRIDES[int(layer.split(".")[1]) - 1]
                groups = out if is_depthwise else 1
                made = nn.Conv2d(per_group * groups, out, side, stride, side // 2, groups=groups)
            else:
                made = nn.Linear(tensor.shape[1], tensor.shape[0])
            made.weight.data.copy_(tensor)
            made.bias.data.copy_(bias)
            self.layers[key] = made

    def forward(self, log_mel):
        hard_swish, relu = functional.hardswish, functional.relu
        x = hard_swish(self.layers["features_0"](log_mel))
        for number in range(1, 16):
            activation = hard_swish if number >= self.FIRST_HARD_SWISH else relu
            block = f"features_{number}_block_"
            convolutions = [self.layers[f"{block}{i}"] for i in range(4) if f"{block}{i}" in self.layers]
            added = x
            for convolution in convolutions[:-1]:
                x = activation(convolution(x))
            squeeze = [k for k in self.layers if k.startswith(block) and k.endswith("_fc1")]
            if squeeze:
                down = self.layers[squeeze[0]]
                up = self.layers[squeeze[0].replace("_fc1", "_fc2")]
                x = x * torch.sigmoid(up(relu(down(x.mean((2, 3))))))[:, :, None, None]
            x = convolutions[-1](x)
            if x.shape == added.shape:
                x = x + added
        x = hard_swish(self.layers["features_16"](x)).mean((2, 3))
        return self.layers["classifier_5"](hard_swish(self.layers["classifier_2"](x)))


def timed(name, network, inputs, steps, device):
    network, inputs = network.to(device), inputs.to(device)
    network.train()
    adam = torch.optim.Adam(network.parameters(), lr=1e-4)
    labels = torch.zeros(len(inputs), dtype=torch.long, device=device)
    took = []
    for step in range(steps + 1):
        began = time.perf_counter()
        loss = nn.functional.cross_entropy(network(inputs), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
        loss.item()
        if step:  # the first one also plans
            took.append(time.perf_counter() - began)
    took.sort()
    middle = took[len(took) // 2]
    print(f"{name}: {middle:.4f} s a step of {len(inputs)} clips, {middle / len(inputs) * 1e3:.2f} ms a clip", flush=True)


parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--steps", type=int, default=5)
parser.add_argument("mn", nargs="?")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(0)
timed("VGGish and attention", Original(), torch.randn(50, 5, 1, 96, 64), args.steps, args.device)
if args.mn:
    from safetensors.torch import load_file

    tensors = {name: tensor.float() for name, tensor in load_file(args.mn).items()}
    timed("mn04", Mn(tensors), torch.randn(32, 1, 128, 500), args.steps, args.device)
