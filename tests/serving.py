"""The service with fake models: in this process, in a thread of it, or in a process of its own.

    python -m tests.serving FOLDER
"""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar
from litestar.testing import TestClient

from grader.engine import Grader
from grader.keys import digest, make, parse_scopes
from grader.service.app import create_app
from grader.settings import Settings
from grader.store import Store, now
from tests.fakes import TINY, FakeEncoder, FakeVerifier

RIGHT = "Hot water draws flavour."
ITEM = {"question_id": "tea-steeping", "answer": RIGHT}


def app_in(folder: Path, engine: Any = None, **settings: Any) -> Litestar:
    """The app around a store in that folder."""
    db = folder / "learners.db"
    engine = engine or Grader(TINY, FakeEncoder(), FakeVerifier())
    return create_app(Settings(db=db, **{"log": "error", **settings}), engine, TINY, Store(db))


@contextmanager
def service(folder: Path, engine: Any = None, **settings: Any) -> Iterator[TestClient[Litestar]]:
    """A browser of its own at the running app."""
    with TestClient(app_in(folder, engine, **settings), raise_server_exceptions=False) as client:
        yield client


def key(folder: Path, scopes: str = "grade,learn", name: str = "tool") -> dict[str, str]:
    """The header of a new key."""
    store = Store(folder / "learners.db")
    text, known = make(name, parse_scopes(scopes), now())
    store.add_key(known, digest(store.secret(), text))
    store.close()
    return {"Authorization": f"Bearer {text}"}


def code(response: Any) -> tuple[int, str]:
    """The status and the problem's code; checks the media type on the way."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


@contextmanager
def listening(app: Litestar) -> Iterator[str]:
    """The address of the app, served by uvicorn in a thread."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        bound.close()


def attempt_body(n: int) -> bytes:
    """A body that differs with its number."""
    return msgspec.json.encode({"question_id": "tea-steeping", "answer": f"Answer number {n}."})


if __name__ == "__main__":
    where = Path(sys.argv[1])
    with listening(app_in(where)) as address:
        sys.stdout.write(address + "\n")
        sys.stdout.flush()
        sys.stdin.read()
