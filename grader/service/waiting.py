"""Waits for a grade no longer than its caller does."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from litestar import Request

from grader.errors import Busy

T = TypeVar("T")


class HungUpError(Exception):
    """The caller has hung up; nobody reads the answer to this."""


async def while_connected(request: Request[Any, Any, Any], work: Awaitable[T], timeout: float) -> T:
    """The result of `work`, which is dropped when the caller hangs up or the time is over."""
    task = asyncio.ensure_future(work)
    left = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((task, left), timeout=timeout or None, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if left.done():
            raise HungUpError
        raise Busy("the grade was not ready in time")
    finally:
        for part in (task, left):
            part.cancel()


async def _left(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
