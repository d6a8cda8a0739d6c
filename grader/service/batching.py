"""Answers that arrive together are graded together, in a thread; the event loop never waits for a model.

While one batch is being graded the next one gathers. People come before bulk work: answers of a batch
or a stream wait in a line of their own, and each such request has only a few of them in the line, so
that a file of any length delays a person by no more than one batch.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec import Struct

from grader.domain import Grade, Ungraded
from grader.errors import Busy

Result = Grade | Ungraded
GradeMany = Callable[[Iterable[Any]], list[Result]]
WINDOW = 16  # answers of one batch or stream that wait at a time
BULK = 8  # batches and streams at a time; more are refused


class _Place(Struct, eq=False):
    item: Any
    done: "asyncio.Future[Result]"


class Desk:
    """Takes answers, hands out grades; refuses at once where too many wait."""

    def __init__(self, grade_many: GradeMany, *, queue: int = 64, batch: int = 16, wait: float = 0.0,
                 seen: Callable[[int, float], None] | None = None) -> None:
        self._grade_many = grade_many
        self._queue, self._batch, self._wait = queue, batch, wait
        self._seen = seen
        self._people: deque[_Place] = deque()
        self._bulk: deque[_Place] = deque()
        self._bulk_open = 0
        self._work = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="grader-desk")
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._pace = 0.02  # seconds an answer takes, a moving average

    @property
    def waiting(self) -> int:
        """Answers that wait."""
        return len(self._people) + len(self._bulk)

    async def start(self) -> None:
        """Begins to work."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finishes what was accepted, then stops."""
        self._closed = True
        self._work.set()
        if self._task:
            await self._task
        self._thread.shutdown()

    async def grade(self, item: Any) -> Result:
        """One answer's grade; raises Busy at once where the line is full."""
        if len(self._people) >= self._queue or self._closed:
            raise Busy("too many answers wait to be graded", self._retry_after())
        place = _Place(item, asyncio.get_running_loop().create_future())
        self._people.append(place)
        self._work.set()
        try:
            return await place.done
        finally:
            # A caller who has left gives up the place; one whose answer is being graded has none any more.
            if not place.done.done() or place.done.cancelled():
                self._leave(self._people, place)

    def admit(self) -> None:
        """Raises Busy where another batch or stream would be too many."""
        if self._bulk_open >= BULK or self._closed:
            raise Busy("too many batches and streams are being graded", self._retry_after())

    async def grade_each(self, items: AsyncIterator[Any]) -> AsyncIterator[Result]:
        """Grades in order, each as soon as it is ready; ask `admit` first."""
        self._bulk_open += 1
        open_places: deque[_Place] = deque()
        try:
            async for item in items:
                if isinstance(item, Ungraded):
                    ready: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
                    ready.set_result(item)
                    open_places.append(_Place(item, ready))
                else:
                    open_places.append(self._enter(item))
                while open_places and (len(open_places) >= WINDOW or open_places[0].done.done()):
                    yield await open_places.popleft().done
            while open_places:
                yield await open_places.popleft().done
        finally:
            self._bulk_open -= 1
            for place in open_places:
                self._leave(self._bulk, place)
                place.done.cancel()

    def _enter(self, item: Any) -> _Place:
        place = _Place(item, asyncio.get_running_loop().create_future())
        self._bulk.append(place)
        self._work.set()
        return place

    def _leave(self, line: deque[_Place], place: _Place) -> None:
        if place in line:
            line.remove(place)

    def _retry_after(self) -> float:
        return max(1.0, self.waiting * self._pace)

    async def _run(self) -> None:
        while not (self._closed and not self.waiting):
            await self._work.wait()
            if self._wait and self.waiting < self._batch and not self._closed:
                await asyncio.sleep(self._wait)
            places = self._next()
            if places:
                await self._grade(places)
            if not self.waiting and not self._closed:
                self._work.clear()

    def _next(self) -> list[_Place]:
        """The next batch: people first, bulk work in what room is left."""
        places: list[_Place] = []
        for line in (self._people, self._bulk):
            while line and len(places) < self._batch:
                place = line.popleft()
                if not place.done.done():
                    places.append(place)
        return places

    async def _grade(self, places: Sequence[_Place]) -> None:
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        results = await loop.run_in_executor(self._thread, self._graded, [p.item for p in places])
        took = time.perf_counter() - started
        self._pace += 0.1 * (took / len(places) - self._pace)
        if self._seen:
            self._seen(len(places), took)
        for place, result in zip(places, results, strict=True):
            if place.done.done():
                continue
            if isinstance(result, BaseException):
                place.done.set_exception(result)
            else:
                place.done.set_result(result)

    def _graded(self, items: list[Any]) -> list[Result | BaseException]:
        try:
            return list(self._grade_many(items))
        except Exception as fault:
            if len(items) == 1:
                return [fault]
            # One answer must not fail its neighbours: each is tried alone.
            return [self._graded([item])[0] for item in items]
