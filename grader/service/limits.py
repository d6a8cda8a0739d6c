"""How many requests a caller may make, counted across all workers.

The counts live in an SQLite file of their own beside the store: they are worth nothing after a minute,
so this file is never synchronised to disk and costs a request some fifty microseconds.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

MINUTE = 60.0
PATIENCE = 0.05  # seconds to wait for another worker; after that the request passes uncounted


class Allowance(Struct, frozen=True, kw_only=True):
    """What a caller has left."""

    granted: bool
    limit: int
    remaining: int
    reset: float  # seconds until all of it is there again; where not granted, until the next request is


class Limits:
    """A bucket for each caller that holds a minute's requests and refills steadily."""

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path or ":memory:", timeout=PATIENCE, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS buckets (who TEXT PRIMARY KEY, full_at REAL NOT NULL)"
                         " WITHOUT ROWID")
        self._swept = 0.0

    def take(self, who: str, rate: int) -> Allowance:
        """Takes one request from a caller's bucket of `rate` a minute."""
        now, each = self._clock(), MINUTE / rate
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return Allowance(granted=True, limit=rate, remaining=0, reset=each)
            allowance, full_at = _taken(self._full_at(who), now, each, rate)
            self._db.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?)", (who, full_at))
            self._sweep(now)
            self._db.execute("COMMIT")
        return allowance

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _full_at(self, who: str) -> float:
        row = self._db.execute("SELECT full_at FROM buckets WHERE who = ?", (who,)).fetchone()
        return float(row[0]) if row else 0.0

    def _sweep(self, now: float) -> None:
        """Forgets full buckets once a minute, so that the file stays small."""
        if now - self._swept > MINUTE:
            self._swept = now
            self._db.execute("DELETE FROM buckets WHERE full_at < ?", (now,))


def _taken(full_at: float, now: float, each: float, rate: int) -> tuple[Allowance, float]:
    """The bucket after one more request: `full_at` is when it would be full again."""
    # A clock that was set back must not lock anybody out for longer than a minute.
    full_at = min(max(full_at, now), now + MINUTE)
    lacking = full_at + each - now - MINUTE
    if lacking > 1e-6:
        return Allowance(granted=False, limit=rate, remaining=0, reset=lacking), full_at
    full_at += each
    return Allowance(granted=True, limit=rate, remaining=int((MINUTE - (full_at - now)) / each + 1e-6),
                     reset=full_at - now), full_at
