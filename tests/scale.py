"""Progress and the next question over large stores.

    python -m tests.scale [ATTEMPTS_OF_ONE] [ATTEMPTS_IN_ALL]

The usual 100,000 and 1,000,000 take a minute or two and 1 GB of disk for as long as they run.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from grader import standing
from grader.bank import Bank, load_bank
from grader.domain import Attempt
from grader.progress import Mode
from grader.store import Store
from tests.simulation import Learner

DIFFERENT = 2000  # attempts made by a simulated learner; more repeat their grades at later moments
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


def main() -> None:
    one, all_ = (int(a) for a in (sys.argv[1:] + ["100000", "1000000"][len(sys.argv) - 1 :])[:2])
    with tempfile.TemporaryDirectory() as folder:
        for line in figures(Path(folder) / "learners.db", one, all_):
            print(line, flush=True)


def figures(path: Path, one: int, all_: int) -> Iterator[str]:
    """Milliseconds, as lines."""
    bank = load_bank()
    store = Store(path)
    pattern = practised(bank)
    fill(store, "local/one", pattern, one)
    yield f"{one:,} attempts of one learner"
    first = taken(lambda: standing.progress(store, bank, "local/one"), 1)
    yield f"  first progress, read from all of them  {first:8.1f} ms"
    again = taken(lambda: standing.progress(store, bank, "local/one"))
    yield f"  progress                               {again:8.1f} ms"
    size = 1000
    for n in range((all_ - one) // size):
        fill(store, f"local/{n}", pattern, size)
    for mode in Mode:
        standing.next_question(store, bank, "local/7", mode)
        yield (f"next ({mode.value}), {all_:,} attempts in the store"
               f" {taken(lambda m=mode: standing.next_question(store, bank, 'local/7', m)):8.1f} ms")
    store.close()


def practised(bank: Bank) -> list[Attempt]:
    """Attempts of a simulated learner."""
    learner = Learner(bank, 1)
    questions = list(bank)
    return [learner.answer(questions[n * 7 % len(questions)]) for n in range(DIFFERENT)]


def fill(store: Store, learner: str, pattern: list[Attempt], number: int) -> None:
    """Stores that many attempts of a learner, in one piece."""
    def rows() -> Iterator[tuple]:
        for n in range(number):
            a = pattern[n % len(pattern)]
            at = (BEGIN + timedelta(minutes=n * 30)).isoformat(timespec="microseconds").replace("+00:00", "Z")
            yield (f"{learner}-{n}", learner, a.question_id, a.answer, at, a.grade.score, a.grade.engine, grades[a.id])

    grades = {a.id: msgspec.json.encode(a.grade).decode() for a in pattern}
    with store._writing() as db:
        db.execute("INSERT INTO learners (id, created) VALUES (?, ?)", (learner, BEGIN.isoformat()))
        db.conn.executemany("INSERT INTO attempts (id, learner, question_id, answer, created, score, engine, grade)"
                            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows())


def taken(work: Callable[[], object], times: int = 15) -> float:
    """Median milliseconds."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found)


if __name__ == "__main__":
    main()
