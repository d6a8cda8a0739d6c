"""The tools for AI assistants at /mcp, for who has switched them on; the same keys as the API's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send
from mcp.server.transport_security import TransportSecuritySettings

from grader.engine import Grader
from grader.errors import Forbidden
from grader.keys import Scope as Right
from grader.mcp import LOCAL, build
from grader.search import Finder
from grader.service.auth import GUARDED, Caller
from grader.store import Store

CALLER: ContextVar[Caller] = ContextVar("caller")


class Tools:
    """The protocol's server inside the app. Every request stands alone, so that any worker can answer it."""

    def __init__(self, grader: Grader, store: Store, finder: Finder) -> None:
        self._server = build(grader, store, finder, _learner)
        # The name we are called by was checked before this is reached.
        self._app = self._server.streamable_http_app(
            streamable_http_path="/", stateless_http=True, json_response=True,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open while the app is."""
        async with self._server.session_manager.run():
            yield

    def route(self) -> ASGIRouteHandler:
        """What Litestar mounts."""

        @asgi("/mcp", is_mount=True, copy_scope=True, opt={GUARDED: True})
        async def serve_tools(scope: Scope, receive: Receive, send: Send) -> None:
            caller: Caller = scope["user"]
            if not (caller.may(Right.grade) and caller.may(Right.learn)):
                raise Forbidden("the tools need a key with the scopes 'grade' and 'learn'")
            CALLER.set(caller)
            scope["path"] = "/"
            await self._app(scope, receive, send)  # type: ignore[arg-type]

        return serve_tools


def _learner() -> tuple[str, str | None]:
    caller = CALLER.get()
    if caller.key is not None:
        return caller.learner("me"), caller.key.id
    if caller.kind == "local":
        return LOCAL, None
    raise Forbidden("the tools need a key here: without one there is nobody to remember answers for")
