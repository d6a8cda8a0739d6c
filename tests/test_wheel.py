"""The wheel carries models, bank and page, and works from an empty folder."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("answer_grader-*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_models_bank_and_page(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {"grader/models/manifest.json", "grader/models/verifier/model.onnx", "grader/models/encoder/model.onnx",
            "grader/models/calibration.json", "grader/bank/networking.yaml", "grader/web/index.html"} <= names
    assert not any("recipes" in n or n.startswith(("models/", "bank/", "tests/")) for n in names)
    assert wheel.stat().st_size < 100_000_000


@pytest.mark.slow
def test_the_wheel_grades_from_an_empty_folder(wheel, tmp_path):
    """Our own code comes from the wheel alone; its dependencies are those of this environment."""
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    zipfile.ZipFile(wheel).extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site), "GRADER_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "grader", "grade", "security-group-vs-nacl", "SGs are stateful.", "--json"]

    done = subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["question_id"] == "security-group-vs-nacl"
    where = subprocess.run([sys.executable, "-c", "import grader; print(grader.__file__)"], cwd=empty, env=environment,
                           capture_output=True, text=True)
    assert where.stdout.startswith(str(site))
