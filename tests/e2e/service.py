"""The real service over the real bank, with fake models: quick to start, and its verdicts never change.

    python -m tests.e2e.service PORT DB
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from msgspec.structs import replace

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds to wait for a start on a busy machine


class Service:
    """A service process that can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "learners.db"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What is run."""
        return [sys.executable, "-m", "tests.e2e.service", str(self.port), str(self.db)]

    def start(self) -> "Service":
        """Starts and waits until it is ready."""
        self._process = subprocess.Popen(
            self.command(), cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while not self._ready():
            assert self._process.poll() is None, f"the service ended with {self._process.returncode}"
            assert time.monotonic() < deadline, f"the service was not ready within {PATIENCE} s"
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """Ends the process at once, as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(port: str, db: str) -> None:
    """Serves until it is killed. Concepts have one wording each: the fakes know no paraphrase."""
    import uvicorn

    from grader.bank import Bank, load_bank
    from grader.engine import Grader
    from grader.service.app import create_app
    from grader.settings import Settings
    from grader.store import Store
    from tests.fakes import FakeEncoder, FakeVerifier

    bank = Bank(tuple(replace(q, concepts=tuple(replace(c, accept=()) for c in q.concepts)) for q in load_bank()))
    settings = Settings(port=int(port), db=Path(db), log="warning")
    app = create_app(settings, Grader(bank, FakeEncoder(), FakeVerifier()), bank, Store(Path(db)))
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
