"""What happens around every request: its number, its headers, its line in the log, its place in the figures."""

import logging
import secrets
import sys
import time
import traceback
from typing import Any

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from grader.errors import BadInput
from grader.service.auth import Caller, allowance_headers, is_loopback
from grader.service.metrics import Metrics
from grader.service.page import HEADERS
from grader.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "testserver.local")
PASSED_ON = 64  # characters of a caller's own request id that are kept


class Watch:
    """Hooks of the app."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._log = structlog.get_logger()

    async def before_send(self, message: Message, scope: Scope) -> None:
        """Adds the headers as a response begins, counts it and writes its line; never what it says."""
        if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        headers = MutableScopeHeaders.from_message(message)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers["x-request-id"] = state.setdefault("request_id", secrets.token_hex(8))
        if allowance := state.get("allowance"):
            headers.update(allowance_headers(allowance))
        if scope["path"].startswith("/api/"):
            headers.setdefault("cache-control", "no-store")
        status = message["status"]
        took = time.perf_counter() - state.get("started", time.perf_counter())
        route = scope.get("path_template") or "(none)"
        self._metrics.requests.labels(scope["method"], route, status).inc()
        self._metrics.seconds.labels(route).observe(took)
        caller = scope.get("user")
        # Who watches the service asks every few seconds; that is no news.
        log = self._log.info if scope["path"].startswith("/api/") or status >= 400 else self._log.debug
        log("request", method=scope["method"], route=route, status=status, ms=round(took * 1000, 1),
                       request_id=state["request_id"], caller=_named(caller))


class Numbered(ASGIMiddleware):
    """Gives each request its number, and refuses one that was meant for another name."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, settings: Settings) -> None:
        self._hosts = settings.hosts
        if not self._hosts and is_loopback(settings.host):
            self._hosts = (*LOOPBACK, settings.host)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        given = _header(scope, b"x-request-id")
        usable = 0 < len(given) <= PASSED_ON and given.isascii() and given.replace("-", "").isalnum()
        scope["state"]["request_id"] = given if usable else secrets.token_hex(8)
        scope["state"]["started"] = time.perf_counter()
        host = _header(scope, b"host").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if self._hosts and name not in self._hosts:
            # A page elsewhere that points its own name at this machine must not reach what is on it.
            raise BadInput(f"this service does not answer to the name {name!r}; see the setting GRADER_HOSTS")
        await next_app(scope, receive, send)


def configure_logs(level: str, *, messages: bool = False) -> None:
    """JSON lines on standard error; a fault's message, which may quote an answer, only where it is asked for."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Fault(messages),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=_standard_error,
        cache_logger_on_first_use=False,
    )


class _Fault:
    """A fault as its kind and its places: never the values around it, which hold what people typed."""

    def __init__(self, messages: bool) -> None:
        self._messages = messages

    def __call__(self, logger: object, method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:  # noqa: ARG002
        fault = event.pop("exc_info", None)
        if isinstance(fault, BaseException):
            event["fault"] = type(fault).__name__
            event["at"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(fault.__traceback__)]
            if self._messages:
                event["message"] = str(fault)
        return event


def _standard_error(*_: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _named(caller: object) -> str:
    if not isinstance(caller, Caller):
        return "-"
    return f"key {caller.key.id}" if caller.key else caller.kind
