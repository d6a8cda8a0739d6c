"""Talks to the service: `Client`, and `AsyncClient` with the same methods to await.

    with Client("http://127.0.0.1:8000", key="gr_…") as client:
        grade = client.grade(question_id="security-group-vs-nacl", answer="…")

A call that could not be made, or that the service was too busy for, is tried again after a pause that grows.
Storing an attempt carries an idempotency key, so that a retry never stores it twice.
"""

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from grader.domain import Attempt, AttemptInList, Grade, Item, Ungraded
from grader.errors import GraderError

TRIES = 4
FIRST_PAUSE = 0.25  # seconds; doubled with every try, and made uneven so that clients do not come back together
LONGEST_PAUSE = 30.0
AGAIN = frozenset({429, 502, 503, 504})
API = "/api/v1"
Given = Item | Mapping[str, Any]


class ServiceError(GraderError):
    """The service said no, or could not be reached; `status` is 0 where it could not."""

    def __init__(self, message: str, *, status: int = 0, code: str = "unreachable",
                 faults: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.faults = faults


class Page(msgspec.Struct, frozen=True):
    """A page of attempts; `cursor` is None on the last."""

    items: tuple[AttemptInList, ...]
    cursor: str | None = None


class Call(msgspec.Struct, frozen=True):
    """One request and how its answer is read."""

    method: str
    path: str
    kind: Any = Any
    query: dict[str, Any] = {}
    body: bytes | None = None
    headers: dict[str, str] = {}


class Calls:
    """The requests behind the methods of both clients."""

    @staticmethod
    def grade(item: Given | None, fields: Mapping[str, Any]) -> Call:
        return _post("/grade", {**_plain(item), **_plain(fields)}, Grade)

    @staticmethod
    def batch(items: Iterable[Given]) -> Call:
        return _post("/grade/batch", {"items": [_plain(i) for i in items]}, _results)

    @staticmethod
    def attempt(question_id: str, answer: str, learner: str, hint_used: bool, revealed: bool, once: str | None) -> Call:
        body = {"question_id": question_id, "answer": answer, "hint_used": hint_used, "revealed": revealed}
        return _post(f"/learners/{_quoted(learner)}/attempts", body, Attempt,
                     {"Idempotency-Key": once or secrets.token_hex(16)})

    @staticmethod
    def dispute(attempt_id: str, concept: str, should_be: str, why: str, learner: str) -> Call:
        path = f"/learners/{_quoted(learner)}/attempts/{_quoted(attempt_id)}/dispute"
        return _post(path, {"concept": concept, "should_be": should_be, "why": why}, Any)

    @staticmethod
    def attempts(learner: str, limit: int, cursor: str | None) -> Call:
        return _get(f"/learners/{_quoted(learner)}/attempts", Page, limit=limit, cursor=cursor)


class Client:
    """The service, call by call."""

    def __init__(self, address: str = "http://127.0.0.1:8000", *, key: str | None = None, timeout: float = 60.0,
                 tries: int = TRIES, transport: httpx.BaseTransport | None = None) -> None:
        self._tries = tries
        self._http = httpx.Client(base_url=address, timeout=timeout, headers=_bearer(key), transport=transport)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def grade(self, item: Given | None = None, /, **fields: Any) -> Grade:
        """One answer's grade; nothing is stored."""
        found: Grade = self._call(Calls.grade(item, fields))
        return found

    def grade_many(self, items: Iterable[Given]) -> list[Grade | Ungraded]:
        """A grade or an error for each of at most 256 items, in order."""
        found: list[Grade | Ungraded] = self._call(Calls.batch(items))
        return found

    def grade_stream(self, items: Iterable[Given]) -> Iterator[Grade | Ungraded]:
        """A grade or an error for each of any number of items, in order, each as soon as it is there."""
        lines = (msgspec.json.encode(_plain(i)) + b"\n" for i in items)
        with self._http.stream("POST", f"{API}/grade/stream", content=lines,
                               headers={"content-type": "application/x-ndjson"}) as response:
            if response.is_error:
                response.read()
                raise _refusal(response)
            for line in response.iter_lines():
                yield _result(msgspec.json.decode(line))

    def attempt(self, question_id: str, answer: str, *, learner: str = "me", hint_used: bool = False,
                revealed: bool = False, once: str | None = None) -> Attempt:
        """Grades an answer and stores it."""
        found: Attempt = self._call(Calls.attempt(question_id, answer, learner, hint_used, revealed, once))
        return found

    def attempts(self, learner: str = "me", *, limit: int = 50, cursor: str | None = None) -> Page:
        """A page of a learner's attempts, newest first."""
        found: Page = self._call(Calls.attempts(learner, limit, cursor))
        return found

    def all_attempts(self, learner: str = "me") -> Iterator[AttemptInList]:
        """All of a learner's attempts, newest first."""
        cursor: str | None = None
        while True:
            page = self.attempts(learner, limit=200, cursor=cursor)
            yield from page.items
            cursor = page.cursor
            if cursor is None:
                return

    def dispute(self, attempt_id: str, concept: str, should_be: str, why: str = "", *, learner: str = "me") -> Any:
        """Says that a verdict is wrong."""
        return self._call(Calls.dispute(attempt_id, concept, should_be, why, learner))

    def questions(self, **query: Any) -> Any:
        """A page of questions; `topic`, `level`, `q`, `limit`, `cursor`."""
        return self._call(_get("/questions", Any, **query))

    def question(self, question_id: str, *, reveal: bool = False) -> Any:
        """One question."""
        return self._call(_get(f"/questions/{_quoted(question_id)}", Any, reveal="true" if reveal else None))

    def topics(self) -> Any:
        """Topics with their counts."""
        return self._call(_get("/topics", Any))

    def progress(self, learner: str = "me") -> Any:
        """What a learner knows."""
        return self._call(_get(f"/learners/{_quoted(learner)}/progress", Any))

    def next_question(self, learner: str = "me", **query: Any) -> Any:
        """What to ask next; `mode`, `topic`, `level`, `seed`."""
        return self._call(_get(f"/learners/{_quoted(learner)}/next", Any, **query))

    def export(self, learner: str = "me") -> Any:
        """Everything stored about a learner."""
        return self._call(_get(f"/learners/{_quoted(learner)}/export", Any))

    def forget(self, learner: str = "me") -> None:
        """Deletes everything stored about a learner."""
        self._call(Call("DELETE", f"/learners/{_quoted(learner)}"))

    def _call(self, call: Call) -> Any:
        for number in range(1, self._tries + 1):
            response, fault = None, None
            try:
                response = self._http.request(**_request(call))
            except httpx.TransportError as error:
                fault = error
            if number == self._tries or not _worth_another(call, response, fault):
                return _read(call, response, fault)
            time.sleep(_pause(number, response))
        raise AssertionError("tries is at least 1")


class AsyncClient:
    """The service, call by call, to await."""

    def __init__(self, address: str = "http://127.0.0.1:8000", *, key: str | None = None, timeout: float = 60.0,
                 tries: int = TRIES, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._tries = tries
        self._http = httpx.AsyncClient(base_url=address, timeout=timeout, headers=_bearer(key), transport=transport)

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def grade(self, item: Given | None = None, /, **fields: Any) -> Grade:
        """One answer's grade; nothing is stored."""
        found: Grade = await self._call(Calls.grade(item, fields))
        return found

    async def grade_many(self, items: Iterable[Given]) -> list[Grade | Ungraded]:
        """A grade or an error for each of at most 256 items, in order."""
        found: list[Grade | Ungraded] = await self._call(Calls.batch(items))
        return found

    async def grade_stream(self, items: Iterable[Given]) -> AsyncIterator[Grade | Ungraded]:
        """A grade or an error for each of any number of items, in order, each as soon as it is there."""

        async def lines() -> AsyncIterator[bytes]:
            for item in items:
                yield msgspec.json.encode(_plain(item)) + b"\n"

        async with self._http.stream("POST", f"{API}/grade/stream", content=lines(),
                                     headers={"content-type": "application/x-ndjson"}) as response:
            if response.is_error:
                await response.aread()
                raise _refusal(response)
            async for line in response.aiter_lines():
                yield _result(msgspec.json.decode(line))

    async def attempt(self, question_id: str, answer: str, *, learner: str = "me", hint_used: bool = False,
                      revealed: bool = False, once: str | None = None) -> Attempt:
        """Grades an answer and stores it."""
        found: Attempt = await self._call(Calls.attempt(question_id, answer, learner, hint_used, revealed, once))
        return found

    async def attempts(self, learner: str = "me", *, limit: int = 50, cursor: str | None = None) -> Page:
        """A page of a learner's attempts, newest first."""
        found: Page = await self._call(Calls.attempts(learner, limit, cursor))
        return found

    async def dispute(self, attempt_id: str, concept: str, should_be: str, why: str = "", *,
                      learner: str = "me") -> Any:
        """Says that a verdict is wrong."""
        return await self._call(Calls.dispute(attempt_id, concept, should_be, why, learner))

    async def questions(self, **query: Any) -> Any:
        """A page of questions; `topic`, `level`, `q`, `limit`, `cursor`."""
        return await self._call(_get("/questions", Any, **query))

    async def question(self, question_id: str, *, reveal: bool = False) -> Any:
        """One question."""
        return await self._call(_get(f"/questions/{_quoted(question_id)}", Any, reveal="true" if reveal else None))

    async def topics(self) -> Any:
        """Topics with their counts."""
        return await self._call(_get("/topics", Any))

    async def progress(self, learner: str = "me") -> Any:
        """What a learner knows."""
        return await self._call(_get(f"/learners/{_quoted(learner)}/progress", Any))

    async def next_question(self, learner: str = "me", **query: Any) -> Any:
        """What to ask next; `mode`, `topic`, `level`, `seed`."""
        return await self._call(_get(f"/learners/{_quoted(learner)}/next", Any, **query))

    async def export(self, learner: str = "me") -> Any:
        """Everything stored about a learner."""
        return await self._call(_get(f"/learners/{_quoted(learner)}/export", Any))

    async def forget(self, learner: str = "me") -> None:
        """Deletes everything stored about a learner."""
        await self._call(Call("DELETE", f"/learners/{_quoted(learner)}"))

    async def _call(self, call: Call) -> Any:
        for number in range(1, self._tries + 1):
            response, fault = None, None
            try:
                response = await self._http.request(**_request(call))
            except httpx.TransportError as error:
                fault = error
            if number == self._tries or not _worth_another(call, response, fault):
                return _read(call, response, fault)
            await asyncio.sleep(_pause(number, response))
        raise AssertionError("tries is at least 1")


def _post(path: str, body: object, kind: Any, headers: dict[str, str] | None = None) -> Call:
    return Call("POST", path, kind, body=msgspec.json.encode(body),
                headers={"content-type": "application/json", **(headers or {})})


def _get(path: str, kind: Any, **query: Any) -> Call:
    return Call("GET", path, kind, query={k: v for k, v in query.items() if v is not None})


def _request(call: Call) -> dict[str, Any]:
    return {"method": call.method, "url": API + call.path, "params": call.query, "content": call.body,
            "headers": call.headers}


def _worth_another(call: Call, response: httpx.Response | None, fault: httpx.TransportError | None) -> bool:
    """Whether another try may help, and cannot do harm: storing is safe to repeat by its idempotency key."""
    if fault is not None:
        safe = call.method == "GET" or "Idempotency-Key" in call.headers or call.path.startswith("/grade")
        return safe or isinstance(fault, httpx.ConnectError)
    return response is not None and response.status_code in AGAIN


def _pause(number: int, response: httpx.Response | None) -> float:
    asked = response.headers.get("retry-after", "") if response is not None else ""
    wanted = float(asked) if asked.isdigit() else FIRST_PAUSE * 2 ** (number - 1)
    return min(wanted, LONGEST_PAUSE) * random.uniform(1.0, 1.25)


def _read(call: Call, response: httpx.Response | None, fault: httpx.TransportError | None) -> Any:
    if response is None:
        raise ServiceError(f"the service cannot be reached: {fault}") from fault
    if response.is_error:
        raise _refusal(response)
    if response.status_code == httpx.codes.NO_CONTENT:
        return None
    if call.kind is _results:
        return _results(response.content)
    return msgspec.json.decode(response.content, type=call.kind)


def _refusal(response: httpx.Response) -> ServiceError:
    try:
        told = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        told = {}
    told = told if isinstance(told, dict) else {}
    return ServiceError(str(told.get("detail") or response.reason_phrase), status=response.status_code,
                        code=str(told.get("code", "fault")), faults=tuple(told.get("faults", ())))


def _results(content: bytes) -> list[Grade | Ungraded]:
    return [_result(raw) for raw in msgspec.json.decode(content)["items"]]


def _result(raw: Any) -> Grade | Ungraded:
    return msgspec.convert(raw, Ungraded) if "error" in raw else msgspec.convert(raw, Grade)


def _plain(item: Given | None) -> dict[str, Any]:
    if item is None:
        return {}
    plain: dict[str, Any] = msgspec.to_builtins(item) if isinstance(item, Item) else msgspec.to_builtins(dict(item))
    return {k: v for k, v in plain.items() if v is not None}


def _bearer(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _quoted(part: str) -> str:
    return quote(part, safe="")
