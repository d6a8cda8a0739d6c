"""JSON Lines in and out on one connection, of any length, in bounded memory.

A client may send everything before it reads anything. If we stopped reading while our results wait to be
read, both sides would wait for ever; so what comes faster than it is graded goes to a temporary file.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from litestar.types import Receive, Scope, Send

from grader.batch import read_line
from grader.domain import Fault, Ungraded
from grader.service.batching import Desk, Result
from grader.service.waiting import HungUpError

IN_MEMORY = 1_000_000  # bytes; more goes to the temporary file
ON_DISK = 2_000_000_000  # bytes that may wait there; then the client has to
PIECE = 65_536
LONGEST_LINE = 64 * 1024  # bytes


class Spool:
    """Bytes in at one end, out at the other."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._written = self._read = 0
        self._ended = False
        self._changed = asyncio.Event()

    async def put(self, data: bytes) -> None:
        """Adds bytes; waits where too many wait already."""
        while self._written - self._read > ON_DISK:
            self._changed.clear()
            await self._changed.wait()
        self._file.seek(self._written)
        self._written += self._file.write(data)
        self._changed.set()

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._changed.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        """What was put in, in order, as it comes."""
        while True:
            if self._read < self._written:
                self._file.seek(self._read)
                piece = self._file.read(PIECE)
                self._read += len(piece)
                if self._read == self._written:
                    self._file.seek(0)
                    self._file.truncate()
                    self._read = self._written = 0
                self._changed.set()
                yield piece
            elif self._ended:
                return
            else:
                self._changed.clear()
                await self._changed.wait()

    def close(self) -> None:
        """Gives the memory and the file back."""
        self._file.close()


class GradeStream:
    """The response to a stream of answers."""

    def __init__(self, desk: Desk, seen: Callable[[Result], None]) -> None:
        self._desk = desk
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        spool = Spool()
        pump = asyncio.create_task(_pump(receive, spool))
        work = asyncio.create_task(self._answer(spool, send))
        try:
            # The pump ends with the body, or raises when the client hangs up: then nobody reads the rest.
            await asyncio.wait((pump, work), return_when=asyncio.FIRST_EXCEPTION)
            if work.done():
                work.result()
        finally:
            for task in (pump, work):
                task.cancel()
            await asyncio.gather(pump, work, return_exceptions=True)
            spool.close()

    async def _answer(self, spool: Spool, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-type", b"application/x-ndjson")]})
        async for result in self._desk.grade_each(items(spool.pieces())):
            self._seen(result)
            await send({"type": "http.response.body", "body": msgspec.json.encode(result) + b"\n", "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _pump(receive: Receive, spool: Spool) -> None:
    more = True
    while more:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise HungUpError
        await spool.put(message.get("body", b""))
        more = message.get("more_body", False)
    spool.end()


async def items(pieces: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any] | Ungraded]:
    """An item, or what is wrong with it, for each line that is not blank."""
    number = 0
    async for line in lines(pieces):
        number += 1
        if line is None:
            yield Ungraded(id=None, line=number, error=Fault(
                code="too_long", message=f"line {number}: more than {LONGEST_LINE:,} bytes"))
        elif line.strip():
            yield read_line(number, line)


async def lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes | None]:
    """Lines without their ends; None for one that is too long to be kept."""
    kept, too_long = bytearray(), False
    async for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for part in whole:
            kept += part
            yield None if too_long or len(kept) > LONGEST_LINE else bytes(kept)
            kept.clear()
            too_long = False
        kept += rest
        if len(kept) > LONGEST_LINE:
            kept.clear()
            too_long = True
    if kept or too_long:
        yield None if too_long else bytes(kept)
