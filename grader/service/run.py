"""Starts the service: checks first, then listens."""

import os
import socket
import sys
import tempfile
from typing import Any

import uvicorn
from litestar import Litestar

from grader.bank import load_bank
from grader.engine import Grader
from grader.errors import BadInput, GraderError
from grader.service.app import create_app
from grader.service.auth import is_loopback
from grader.settings import Settings, cache_folder, from_environment, store_file, to_environment
from grader.store import Store

DRAIN = 30  # seconds in which accepted requests may finish after a stop
IDLE = 75  # seconds that a connection may stay open unused


def application() -> Litestar:
    """The app of one process, from the environment."""
    settings = from_environment()
    bank = load_bank(settings.bank, cache_folder(settings))
    return create_app(settings, Grader.load(settings, bank=bank), bank, Store(store_file(settings)))


def serve(settings: Settings) -> int:
    """Serves until it is stopped; returns the exit code."""
    store = Store(store_file(settings))
    _refuse_open_door(settings, store)
    listening = _socket(settings)
    os.environ.update(to_environment(settings))
    config: dict[str, Any] = {
        "log_config": None, "access_log": False, "server_header": False, "timeout_keep_alive": IDLE,
        "timeout_graceful_shutdown": DRAIN, "proxy_headers": bool(settings.proxies),
        "forwarded_allow_ips": list(settings.proxies), "lifespan": "on",
    }
    if settings.workers > 1:
        store.close()
        return _several(settings, listening, config)
    bank = load_bank(settings.bank, cache_folder(settings))
    app = create_app(settings, Grader.load(settings, bank=bank), bank, store)
    _greet(listening)
    server = uvicorn.Server(uvicorn.Config(app, **config))
    server.run(sockets=[listening])
    return 0 if server.started else 1


def _several(settings: Settings, listening: socket.socket, config: dict[str, Any]) -> int:
    from uvicorn.supervisors import Multiprocess

    load_bank(settings.bank, cache_folder(settings))  # a faulty bank is told once, not by every worker
    with tempfile.TemporaryDirectory(prefix="grader-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        whole = uvicorn.Config("grader.service.run:application", factory=True, workers=settings.workers, **config)
        _greet(listening)
        Multiprocess(whole, sockets=[listening]).run()
    return 0


def _refuse_open_door(settings: Settings, store: Store) -> None:
    if is_loopback(settings.host) or settings.allow_anonymous or store.has_keys():
        return
    raise BadInput(f"host {settings.host}: others could reach this service, and no key was made; make one with "
                   "`grader key add NAME`, or let everybody in with --allow-anonymous")


def _socket(settings: Settings) -> socket.socket:
    """Bound but not yet listening: nobody is let in before everything is loaded."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off: else a kept connection waits 40 ms for each answer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as fault:
        listening.close()
        raise GraderError(f"{settings.host}:{settings.port}: cannot listen there: {fault.strerror or fault}") from None
    listening.set_inheritable(True)
    return listening


def _greet(listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Practise at http://{shown}:{port}/  (API: http://{shown}:{port}/schema; stop with Ctrl+C)\n")
    sys.stderr.flush()
