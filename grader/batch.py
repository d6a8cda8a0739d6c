"""JSON Lines in, JSON Lines out, in the same order: on this machine's cores or on a Ray cluster.

A line that cannot be read or graded gives an error object in its place; the rest go on.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

import msgspec

from grader.domain import Fault, Grade, Ungraded
from grader.errors import GraderError

CHUNK = 128  # lines graded together: enough to keep all cores busy, little enough to keep memory flat
LONGEST_LINE = 2_000_000  # bytes


class Many(Protocol):
    """Anything that grades many items, each fault in its item's place."""

    def grade_many(self, items: Iterable[Any]) -> list[Grade | Ungraded]: ...


Result = Grade | Ungraded
Step = Callable[[int, int], None]  # told after each chunk: lines done, of them ungraded


def score_lines(grader: Many, lines: Iterable[bytes], step: Step | None = None) -> Iterator[Result]:
    """One result for each line that is not blank, in order."""
    done = failed = 0
    for chunk in _chunks(enumerate(lines, 1)):
        results = grade_chunk(grader, chunk)
        yield from results
        done += len(results)
        failed += sum(isinstance(r, Ungraded) for r in results)
        if step:
            step(done, failed)


def score_lines_on_ray(lines: Iterable[bytes], workers: int, step: Step | None = None) -> Iterator[Result]:
    """The same on a Ray cluster: each worker loads the models once."""
    try:
        import ray
        from ray.util import ActorPool
    except ImportError:
        raise GraderError("--engine ray needs Ray: pip install 'answer-grader[ray]'") from None
    ray.init(ignore_reinit_error=True, log_to_driver=False)
    remote = ray.remote(RayWorker)
    pool = ActorPool([remote.remote() for _ in range(max(workers, 1))])
    done = failed = 0
    chunks = ([(n, bytes(line)) for n, line in chunk] for chunk in _chunks(enumerate(lines, 1)))
    for encoded in pool.map(lambda worker, chunk: worker.work.remote(chunk), chunks):
        results = msgspec.json.decode(encoded, type=list[dict[str, Any]])
        yield from (_result(r) for r in results)
        done += len(results)
        failed += sum("error" in r for r in results)
        if step:
            step(done, failed)


class RayWorker:
    """A process of a Ray cluster with the models in memory."""

    def __init__(self) -> None:
        from grader import Grader

        self._grader = Grader.load()

    def work(self, chunk: list[tuple[int, bytes]]) -> bytes:
        """A chunk's results, encoded."""
        return msgspec.json.encode(grade_chunk(self._grader, chunk))


def grade_chunk(grader: Many, chunk: list[tuple[int, bytes]]) -> list[Result]:
    """Results for numbered lines, in their order."""
    items: list[Any] = []
    places: list[Ungraded | None] = []
    for number, line in chunk:
        raw = read_line(number, line)
        places.append(raw if isinstance(raw, Ungraded) else None)
        if not isinstance(raw, Ungraded):
            items.append(raw)
    graded = iter(grader.grade_many(items))
    return [place or next(graded) for place in places]


def read_line(number: int, line: bytes) -> dict[str, Any] | Ungraded:
    """The JSON object on a line, or what is wrong with the line."""

    def wrong(code: str, message: str) -> Ungraded:
        return Ungraded(id=None, error=Fault(code=code, message=f"line {number}: {message}"), line=number)

    if len(line) > LONGEST_LINE:
        return wrong("too_long", f"{len(line):,} bytes; at most {LONGEST_LINE:,}")
    try:
        # Some editors begin a file with a byte-order mark.
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as fault:
        return wrong("not_utf8", f"not UTF-8 at byte {fault.start}")
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as fault:
        return wrong("not_json", f"not JSON: {fault}")
    if not isinstance(raw, dict):
        return wrong("not_an_object", f"expected an object with id, question_id and answer, not {type(raw).__name__}")
    return raw


def _chunks(lines: Iterable[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    kept = ((n, line) for n, line in lines if line.strip())
    while chunk := list(islice(kept, CHUNK)):
        yield chunk


def _result(raw: dict[str, Any]) -> Result:
    return msgspec.convert(raw, Ungraded) if "error" in raw else msgspec.convert(raw, Grade)
