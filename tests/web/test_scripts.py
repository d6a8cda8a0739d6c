"""The page's pure modules, by node's own test runner."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WEB = HERE.parent.parent / "web"
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_pure_modules_of_the_page():
    files = sorted(str(path) for path in HERE.glob("*.test.js"))
    done = subprocess.run([NODE, "--test", *files], capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_script_is_loaded_ahead_of_its_turn():
    """A module that index.html does not name would be found late, by the import of another."""
    page = (WEB / "index.html").read_text()
    late = [s.name for s in WEB.glob("scripts/*.js") if f'modulepreload" href="scripts/{s.name}"' not in page]

    assert late == []
