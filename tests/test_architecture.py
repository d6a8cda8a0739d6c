import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "sentence_transformers", "transformers", "onnxruntime", "litestar", "ray")


def loaded(code):
    """Which heavy packages a process has imported after some code."""
    told = f"{code}\nimport sys\nprint(*(m for m in {HEAVY} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


def test_the_arrows_of_the_architecture_hold():
    """The contracts stand in pyproject.toml; import-linter says which import breaks one."""
    pytest.importorskip("importlinter")
    done = subprocess.run([sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()",
                           "--no-cache"], capture_output=True, text=True, cwd=ROOT, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("code", [
    "import grader",
    "import grader.errors, grader.domain",
    "from grader.cli.main import parser; parser()",
    "from grader.engine import Grader",
])
def test_what_needs_no_model_brings_no_runtime(code):
    assert loaded(code) == set()


def test_grading_with_the_shipped_models_needs_no_torch():
    assert loaded("from grader import Grader; Grader.load()") == {"onnxruntime"}
