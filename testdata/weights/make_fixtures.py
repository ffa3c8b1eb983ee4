"""Writes the small weight files in this folder. Needs torch, numpy and safetensors; made with torch 2.15.0.

    python make_fixtures.py

Element i (row-major) of tensor k is `ramp(k)[i] = k + i / 8 - 1`: exact in float16 and bfloat16, so that the tests
need no file of expected values. The tensors and their numbers k are listed in `state_dict`.
"""
import json, os, pickle
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(HERE, name)


def ramp(k, *shape):
    n = int(np.prod(shape))
    return (k + torch.arange(n, dtype=torch.float64) / 8 - 1).reshape(shape)


def state_dict():
    storage = ramp(6, 12).float()
    return {
        "features.0.weight": ramp(0, 2, 1, 3, 3).float(),
        "features.0.bias": ramp(1, 2).float(),
        "half.weight": ramp(2, 3, 4).half(),
        "brain.weight": ramp(3, 3, 4).bfloat16(),
        "double.weight": ramp(4, 3, 4),
        "norm.num_batches_tracked": torch.tensor(7),
        "transposed.weight": ramp(5, 4, 3).float().t(),      # a view: shape [3, 4], strides [1, 3]
        "shared.first": storage[:6].view(2, 3),              # two tensors, one storage
        "shared.second": storage,
        "scalar": ramp(7).float(),
    }


class Hostile:
    """Asks whoever unpickles it to run a command."""

    def __reduce__(self):
        return os.system, ("touch woofer_was_here",)


class Vggish(nn.Module):
    """The module and tensor names of torchvggish (`features`, `embeddings`), at any width."""

    def __init__(self, widths, hidden, embedding):
        super().__init__()
        layers, cin = [], 1
        for i, w in enumerate(widths):
            layers += [nn.Conv2d(cin, w, 3, padding=1), nn.ReLU()]
            cin = w
            if i in (0, 1, 3, 5):
                layers.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*layers)
        self.embeddings = nn.Sequential(
            nn.Linear(cin * 6 * 4, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, embedding), nn.ReLU())

    def forward(self, x):
        return self.embeddings(self.features(x).permute(0, 2, 3, 1).flatten(1))


def pattern(*shape):
    """Element i is sin(i / 7), computed in float64."""
    return torch.sin(torch.arange(int(np.prod(shape)), dtype=torch.float64) / 7).float().reshape(shape)


def vggish():
    torch.manual_seed(0)
    net = Vggish((2, 2, 3, 3, 4, 4), 8, 5).eval()
    with torch.no_grad():
        for p in net.parameters():
            p.mul_(3.0)                                      # else the default scale ends in zeros after nine ReLUs
        out = net(pattern(2, 1, 96, 64))
    torch.save(net.state_dict(), path("vggish_tiny.pth"))
    with torch.device("meta"):
        published = Vggish((64, 128, 256, 256, 512, 512), 4096, 128)
    tensors = {n: list(t.shape) for n, t in published.state_dict().items()}
    json.dump({
        "tiny_embedding": out.tolist(),
        "published_parameters": sum(p.numel() for p in published.parameters()),
        "published_tensors": tensors,
    }, open(path("vggish.json"), "w"), indent=1)
    print(out, sum(p.numel() for p in published.parameters()))


def attention():
    """A head of width 8, two heads, three classes, on two clips of five windows; dropout off."""
    torch.manual_seed(1)
    mha, dense = nn.MultiheadAttention(8, 2, dropout=0.1).eval(), nn.Linear(8, 3)
    with torch.no_grad():
        mha.in_proj_bias.uniform_(-1, 1)                     # PyTorch starts them at zero
        mha.out_proj.bias.uniform_(-1, 1)
        x = pattern(2, 5, 8).transpose(0, 1)
        out = dense(mha(x, x, x)[0].mean(0))
    names = {f"attention.{n}": t for n, t in mha.state_dict().items()} | {f"classifier.{n}": t for n, t in dense.state_dict().items()}
    torch.save(names, path("attention_tiny.pth"))
    json.dump({"logits": out.tolist()}, open(path("attention.json"), "w"), indent=1)


def main():
    os.chdir(HERE)
    d = state_dict()
    moment = {"state": {0: {"exp_avg": ramp(9, 2).float()}}}
    torch.save(d, "state_dict_zip.pt")
    torch.save(d, "state_dict_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "state_dict": d, "optimizer": moment}, "nested_state_dict_zip.pt")
    torch.save({"model": d, "optimizer": moment}, "nested_model_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"model_state_dict": d, "ema": d}, "nested_model_state_dict_zip.pt")
    # a flat state dict of a module whose children are called `model` and `head`: nothing may be dropped
    torch.save({"model.0.weight": ramp(0, 2).float(), "head.weight": ramp(1, 2).float()}, "flat_model_child_zip.pt")
    save_file({k: v.contiguous().clone() for k, v in d.items()}, "state_dict.safetensors", {"origin": "make_fixtures.py"})
    torch.save({"good": ramp(0, 2).float(), "bad": torch.tensor([0.0, float("nan"), 1.0]),
                "beyond": torch.tensor([1e300], dtype=torch.float64)}, "not_finite_zip.pt")
    torch.save({"weight": ramp(0, 2).float(), "run": Hostile()}, "hostile_value_zip.pt")
    torch.save(Hostile(), "hostile_root_legacy.pth", _use_new_zipfile_serialization=False)
    with open("hostile_bare.pkl", "wb") as f:
        pickle.dump(Hostile(), f, protocol=2)
    torch.save({"epoch": 3}, "no_tensors_zip.pt")
    torch.save({"weight": ramp(0, 1).float().expand(1 << 20, 1 << 12)}, "expanded_zip.pt")   # 4 bytes that claim 16 GiB
    vggish()
    attention()
    assert not os.path.exists("woofer_was_here")


if __name__ == "__main__":
    main()
