"""Runs exported models in ONNX Runtime and compares them with Woofer: `cargo xtask onnx` calls it.

    python check.py FOLDER     (needs numpy, onnx and onnxruntime, see requirements.txt)

FOLDER is what `crates/woofer-nn/examples/onnx_cases.rs` wrote: for each model NAME.onnx, and NAME.safetensors with the
examples of two segments and the logits and scores that Woofer gives. They may differ by 1e-4 of the largest logit, and
scores by 1e-4. Where a run may have several segments, both are run together as well. An ensemble's logits are logarithms of scores, and compared where the score is above 1e-4.
"""
import json, pathlib, sys
import numpy as np, onnx, onnxruntime

CASES = ["mn04", "mn04-attention", "mn04-ensemble", "mn04-linear", "mn04-mapped", "mn04-mapped-background",
         "vggish-attention", "yamnet",
         "yamnet-attention", "yamnet-ensemble", "yamnet-linear", "yamnet-mapped",
         "yamnet-mapped-background"]
ALLOWED = 1e-4

def tensors(path):
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    def tensor(about):
        assert about["dtype"] == "F32", about
        a, b = about["data_offsets"]
        return np.frombuffer(data[start + a:start + b], np.float32).reshape(about["shape"])
    return {name: tensor(about) for name, about in header.items() if name != "__metadata__"}

def check(path):
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    expected = tensors(path.with_suffix(".safetensors"))
    worst = 0.0
    for segment in range(2):
        wanted = {what: expected[f"{segment}/{what}"] for what in ("examples", "logits", "scores")}
        found = dict(zip(("logits", "scores"), session.run(["logits", "scores"], {"examples": wanted["examples"]})))
        for what, values in found.items():
            assert values.shape == wanted[what].shape, (path.name, what, values.shape, wanted[what].shape)
            assert np.isfinite(values).all(), (path.name, what)
        where = wanted["scores"] > 1e-4 if "ensemble" in path.name else ...
        logits = np.abs(found["logits"] - wanted["logits"])[where].max() / np.abs(wanted["logits"][where]).max()
        scores = np.abs(found["scores"] - wanted["scores"]).max()
        spread = np.ptp(wanted["scores"], axis=-1).max()
        print(f"{path.stem:18} segment {segment}: logits {logits:.1e}, scores {scores:.1e} apart (scores spread over {spread:.2f})")
        assert spread > 0.01, "scores that are all alike prove nothing"
        worst = max(worst, logits, scores)
    if session.get_inputs()[0].shape[0] == "segments":
        both = {"examples": np.concatenate([expected[f"{segment}/examples"] for segment in range(2)])}
        together = session.run(["scores"], both)[0]
        alone = np.concatenate([expected[f"{segment}/scores"] for segment in range(2)])
        worst = max(worst, np.abs(together - alone).max())
    metadata = session.get_modelmeta().custom_metadata_map
    assert len(json.loads(metadata["labels"])) == wanted["logits"].shape[-1], metadata["labels"]
    return worst

def main():
    folder = pathlib.Path(sys.argv[1])
    found = sorted(path.stem for path in folder.glob("*.onnx"))
    assert found == CASES, f"{folder} holds {found}, not {CASES}"
    worst = max(check(folder / f"{name}.onnx") for name in CASES)
    print(f"{len(CASES)} models, at most {worst:.1e} apart, {ALLOWED:.0e} allowed")
    sys.exit(0 if worst <= ALLOWED else 1)

if __name__ == "__main__":
    main()
