import hashlib
import json

import pytest

from grader.errors import ModelError
from grader.weights import Weights, models_folder

DATA = b"the weights of a model"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "model.onnx").write_bytes(DATA)
    entry = {"file": "tiny/model.onnx", "sha256": hashlib.sha256(DATA).hexdigest(), "bytes": len(DATA),
             "licence": "MIT", "made": "by hand"}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": [entry]}))
    return tmp_path


def message(work):
    with pytest.raises(ModelError) as caught:
        work()
    told = str(caught.value)
    assert "To repair: " in told
    return told


def test_a_file_that_is_as_promised_is_handed_out(folder):
    weights = Weights(folder)

    assert weights.read("tiny/model.onnx") == DATA
    assert weights.mark("tiny/model.onnx") == hashlib.sha256(DATA).hexdigest()[:8]
    assert weights.mark("other") == "unknown"


def test_a_missing_file(folder):
    (folder / "tiny" / "model.onnx").unlink()

    assert message(lambda: Weights(folder).read("tiny/model.onnx")).startswith(
        f"{folder / 'tiny' / 'model.onnx'} is missing; expected {len(DATA)} bytes.")


def test_a_truncated_file(folder):
    (folder / "tiny" / "model.onnx").write_bytes(DATA[:5])

    assert f"model.onnx has 5 bytes; expected {len(DATA)}." in message(lambda: Weights(folder).read("tiny/model.onnx"))


def test_an_altered_file(folder):
    (folder / "tiny" / "model.onnx").write_bytes(DATA.upper())
    told = message(lambda: Weights(folder).read("tiny/model.onnx"))

    assert "model.onnx was altered" in told
    assert hashlib.sha256(DATA).hexdigest() in told
    assert hashlib.sha256(DATA.upper()).hexdigest() in told


def test_a_folder_in_the_place_of_a_file(folder):
    (folder / "tiny" / "model.onnx").unlink()
    (folder / "tiny" / "model.onnx").mkdir()

    assert "model.onnx cannot be read" in message(lambda: Weights(folder).read("tiny/model.onnx"))


def test_a_file_that_nobody_promised(folder):
    (folder / "extra.onnx").write_bytes(DATA)

    assert "extra.onnx is not in" in message(lambda: Weights(folder).read("extra.onnx"))


def test_no_manifest(tmp_path):
    assert f"{tmp_path / 'manifest.json'} is missing" in message(lambda: Weights(tmp_path))


@pytest.mark.parametrize("text", ["", "{", '{"files": 3}', '{"files": [{"file": "a"}]}', "\xff"])
def test_a_manifest_that_is_none(folder, text):
    (folder / "manifest.json").write_text(text, encoding="latin-1")

    assert "manifest.json is not a manifest" in message(lambda: Weights(folder))


def test_the_shipped_files_are_as_promised_and_small_enough():
    weights = Weights()

    assert sum(len(weights.read(name)) for name in weights.entries) <= 100_000_000
    assert {"encoder/model.onnx", "verifier/model.onnx", "tokenizer.json", "calibration.json"} <= weights.entries.keys()
    assert all(e.licence and e.made for e in weights.entries.values())
    assert not [p.name for p in models_folder().rglob("*.onnx")
                if str(p.relative_to(models_folder())) not in weights.entries]
