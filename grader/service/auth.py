"""Who is asking, and what they may do.

- No key was ever made and the service listens on loopback: whoever asks is at this machine, and it is theirs.
- Else a program shows `Authorization: Bearer KEY`, and sees the learners made with that key.
- A visitor of the page is a learner with a random id in a signed cookie, where visitors are allowed.
"""

import secrets
import time
from ipaddress import ip_address
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Guard, Message, Receive, Scope, Send
from msgspec import Struct

from grader import keys
from grader.errors import Forbidden, TooMany, Unauthorised
from grader.service.limits import Allowance, Limits
from grader.settings import Settings
from grader.store import Store, now

GUARDED = "guarded"  # the option of routes that this door stands before
COOKIE = "grader_learner"
COOKIE_AGE = 2 * 365 * 24 * 3600  # two years, in seconds
NOTED_EVERY = 60.0  # seconds between two notes of a key's last use


class Caller(Struct, frozen=True, kw_only=True):
    """Who is asking."""

    kind: str  # key, local or visitor
    visitor: str  # the learner that `me` means; made up for who has no cookie yet
    key: keys.Key | None = None
    fresh: bool = False  # has no cookie yet

    def may(self, scope: keys.Scope) -> bool:
        """Whether the caller has the right."""
        if self.key is not None:
            return scope in self.key.scopes
        return self.kind == "local" or scope is not keys.Scope.author

    def learner(self, name: str) -> str:
        """The stored id of a learner by the name in the address."""
        if self.key is not None:
            return f"{self.key.id}/{name}"
        if name == "me":
            return self.visitor
        if self.kind == "local":
            return f"local/{name}"
        raise Unauthorised("only `me` works without a key; send Authorization: Bearer KEY")


class Door(ASGIMiddleware):
    """Finds out who is asking, counts the request against their allowance, and gives a visitor the cookie."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, settings: Settings, store: Store, limits: Limits) -> None:
        self._settings = settings
        self._store = store
        self._limits = limits
        self._noted: dict[str, float] = {}

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if not scope["route_handler"].opt.get(GUARDED):
            await next_app(scope, receive, send)
            return
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        address = connection.client.host if connection.client else "unknown"
        try:
            caller = self._caller(connection)
        except Unauthorised:
            self._charge(scope, f"address {address}", self._settings.rate_address)
            raise
        scope["user"] = caller
        if caller.key is not None:
            self._charge(scope, f"key {caller.key.id}", self._settings.rate_key)
        elif caller.kind == "visitor":
            self._charge(scope, f"address {address}", self._settings.rate_address)
        if caller.fresh and "/learners/me" in scope["path"]:
            send = _with_cookie(send, cookie(self._store.secret(), caller.visitor, secure=scope["scheme"] == "https"))
        await next_app(scope, receive, send)

    def _caller(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
        shown = connection.headers.get("authorization")
        if shown is not None:
            return Caller(kind="key", visitor="", key=self._key(shown))
        known = keys.signed(self._store.secret(), connection.cookies.get(COOKIE, ""))
        visitor = known or f"visitor/{secrets.token_hex(16)}"
        if is_loopback(self._settings.host) and not self._store.has_keys():
            return Caller(kind="local", visitor=visitor, fresh=known is None)
        if self._settings.allow_anonymous:
            return Caller(kind="visitor", visitor=visitor, fresh=known is None)
        raise Unauthorised("this service needs a key: send Authorization: Bearer KEY (see: grader key add)")

    def _key(self, shown: str) -> keys.Key:
        kind, _, text = shown.partition(" ")
        identity = keys.identity(text.strip()) if kind.lower() == "bearer" else None
        found = self._store.key(identity) if identity else None
        # An unknown id is compared too, so that the time taken tells nothing about which ids exist.
        known, digest = found or (None, bytes(32))
        right = keys.same(digest, keys.digest(self._store.secret(), text.strip()))
        if known is None or not right or known.revoked:
            raise Unauthorised("this key is not known, or it was revoked")
        if time.monotonic() - self._noted.get(known.id, -NOTED_EVERY) >= NOTED_EVERY:
            self._noted[known.id] = time.monotonic()
            self._store.used(known.id, now())
        return known

    def _charge(self, scope: Scope, who: str, rate: int) -> None:
        if not rate:
            return
        allowance = self._limits.take(who, rate)
        scope["state"]["allowance"] = allowance
        if not allowance.granted:
            raise TooMany(f"more than {rate} requests a minute", allowance.reset)


def needs(right: keys.Scope) -> Guard:
    """Lets in who has that right."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        caller: Caller = connection.user
        if not caller.may(right):
            raise Forbidden(f"this needs a key with the scope {right.value!r}")

    return guard


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def cookie(secret: bytes, visitor: str, *, secure: bool) -> str:
    """The Set-Cookie header that makes a browser this learner's; an empty visitor takes it away."""
    value, age = (keys.sign(secret, visitor), COOKIE_AGE) if visitor else ("", 0)
    return f"{COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")


def allowance_headers(allowance: Allowance) -> dict[str, str]:
    """The RateLimit headers of a response."""
    return {"RateLimit-Limit": str(allowance.limit), "RateLimit-Remaining": str(allowance.remaining),
            "RateLimit-Reset": str(max(1, round(allowance.reset)))}


def _with_cookie(send: Send, value: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] < 400:
            headers = MutableScopeHeaders.from_message(message)
            if "set-cookie" not in headers:
                headers.add("set-cookie", value)
        await send(message)

    return sending
