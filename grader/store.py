"""Learners, their attempts and the keys, in one SQLite file that several processes may write.

What a method has written when it returns is on disk (write-ahead log, full synchronous). Reads never
wait for a writer; a writer waits for another at most `PATIENCE` seconds.
"""

import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from grader.domain import Attempt, Base, Grade, Status
from grader.errors import KeyReused, NotFound, StoreError, StoreFull
from grader.keys import Key, Scope
from grader.migrations import steps

PATIENCE = 5.0  # seconds; a write takes about a millisecond, so a longer wait means that a writer hangs
SPARE = 8  # connections kept open between uses
FULL = (sqlite3.SQLITE_FULL,)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
GRADE = msgspec.json.Decoder(Grade)
COLUMNS = "id, learner, question_id, answer, created, hint_used, revealed, grade"


class Dispute(Base, frozen=True):
    """A learner's word against one verdict."""

    id: str
    attempt: str
    question_id: str
    concept: str
    was: str
    should_be: Status
    why: str
    created: str


class Regrade(Base, frozen=True):
    """The grade that a later engine gives to an old attempt."""

    engine: str
    created: str
    grade: Grade


class Learner(Base, frozen=True):
    """Whose attempts they are: `<key id>/<name>`, `local/<name>` or `visitor/<random>`."""

    id: str
    created: str
    attempts: int


class Store:
    """The database of one file. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[Database] = []
        self._lock = threading.Lock()
        self._secret: bytes | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise StoreError(f"{path}: its folder cannot be made: {fault.strerror}") from None
        with self._open() as db:
            _upgrade(db, path)

    def close(self) -> None:
        """Closes every idle connection; what was written stays."""
        with self._lock:
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()

    # ------------------------------------------------------------ attempts

    def add(self, attempt: Attempt, *, key: str | None = None, once: str | None = None,
            fingerprint: bytes = b"", resume: bytes | None = None) -> tuple[Attempt, bool]:
        """Stores an attempt, and its learner with the first one; False where `once` was stored before.

        Raises KeyReused where the same idempotency key came with another fingerprint.
        """
        with self._writing() as db:
            if once and (earlier := self._earlier(db, attempt.learner, once, fingerprint)):
                return earlier, False
            db.execute("INSERT OR IGNORE INTO learners (id, key, resume, created) VALUES (?, ?, ?, ?)",
                       (attempt.learner, key, resume, attempt.created))
            db.table("attempts").insert({
                "id": attempt.id, "learner": attempt.learner, "question_id": attempt.question_id,
                "answer": attempt.answer, "created": attempt.created, "hint_used": int(attempt.hint_used),
                "revealed": int(attempt.revealed), "score": float(attempt.grade.score),
                "engine": attempt.grade.engine, "grade": msgspec.json.encode(attempt.grade).decode(),
                "idempotency_key": once, "fingerprint": fingerprint if once else None})
        return attempt, True

    def earlier(self, learner: str, once: str, fingerprint: bytes) -> Attempt | None:
        """The attempt that this idempotency key has made; raises KeyReused as `add` does."""
        with self._open() as db:
            return self._earlier(db, learner, once, fingerprint)

    def attempts(self, learner: str, *, limit: int = -1, before: tuple[str, str] | None = None) -> list[Attempt]:
        """A learner's attempts, newest first; `before` is the (created, id) of the last one seen."""
        created, name = before or ("~", "")
        with self._open() as db:
            rows = db.execute(
                f"SELECT {COLUMNS} FROM attempts WHERE learner = ? AND (created, id) < (?, ?)"
                " ORDER BY created DESC, id DESC LIMIT ?", (learner, created, name, limit)).fetchall()
        return [_attempt(row) for row in rows]

    def history(self, learner: str) -> list[Attempt]:
        """All of a learner's attempts, oldest first."""
        return self.attempts(learner)[::-1]

    def attempt(self, learner: str, attempt_id: str) -> Attempt:
        """One attempt; raises NotFound where it is not this learner's."""
        with self._open() as db:
            return _attempt(self._row(db, learner, attempt_id))

    def tried(self, learner: str, question_id: str) -> bool:
        """Whether the learner has answered that question."""
        with self._open() as db:
            return db.execute("SELECT 1 FROM attempts WHERE learner = ? AND question_id = ? LIMIT 1",
                              (learner, question_id)).fetchone() is not None

    def each(self, learner: str | None = None) -> Iterator[Attempt]:
        """Every attempt of the store or of one learner, by id, a thousand in memory at a time."""
        last = ""
        while True:
            with self._open() as db:
                rows = db.execute(f"SELECT {COLUMNS} FROM attempts WHERE id > ?1 AND (?2 IS NULL OR learner = ?2)"
                                  " ORDER BY id LIMIT 1000", (last, learner)).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from map(_attempt, rows)

    def since(self, learner: str, after: tuple[str, str]) -> list[Attempt]:
        """A learner's attempts later than that (created, id), oldest first."""
        with self._open() as db:
            rows = db.execute(f"SELECT {COLUMNS} FROM attempts WHERE learner = ? AND (created, id) > (?, ?)"
                              " ORDER BY created, id", (learner, *after)).fetchall()
        return [_attempt(row) for row in rows]

    def summary(self, learner: str) -> tuple[bytes | None, int]:
        """The summary that was kept of a learner, and how many attempts there are now."""
        with self._open() as db:
            row = db.execute("SELECT (SELECT data FROM summaries WHERE learner = ?1),"
                             " (SELECT count(*) FROM attempts WHERE learner = ?1)", (learner,)).fetchone()
        return row[0], row[1]

    def keep_summary(self, learner: str, data: bytes) -> None:
        """Keeps a summary of a learner who is stored; of nobody else."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO summaries (learner, data)"
                       " SELECT id, ? FROM learners WHERE id = ?", (data, learner))

    def regrade(self, attempt_id: str, grade: Grade, created: str) -> None:
        """Keeps a later engine's grade beside the first one."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO regrades (attempt, engine, grade, created) VALUES (?, ?, ?, ?)",
                       (attempt_id, grade.engine, msgspec.json.encode(grade).decode(), created))

    def regrades(self, learner: str, attempt_id: str) -> list[Regrade]:
        """The later grades of an attempt, oldest first."""
        with self._open() as db:
            self._row(db, learner, attempt_id)
            rows = db.execute("SELECT engine, created, grade FROM regrades WHERE attempt = ? ORDER BY created, engine",
                              (attempt_id,)).fetchall()
        return [Regrade(engine=e, created=c, grade=GRADE.decode(g)) for e, c, g in rows]

    # ------------------------------------------------------------ disputes

    def dispute(self, learner: str, attempt_id: str, *, concept: str, should_be: Status, why: str,
                created: str) -> Dispute:
        """Logs that a learner holds one verdict to be wrong."""
        with self._writing() as db:
            attempt = _attempt(self._row(db, learner, attempt_id))
            _status_of(attempt, concept)
            row = {"id": secrets.token_hex(16), "attempt": attempt_id, "concept": concept,
                   "should_be": should_be.value, "why": why, "created": created}
            db.table("disputes").insert(row)
        return _dispute({**row, "question_id": attempt.question_id, "was": _status_of(attempt, concept)})

    def disputes(self, learner: str | None = None) -> list[Dispute]:
        """All disputes, or one learner's, oldest first."""
        query = ("SELECT d.id, d.attempt, a.question_id, d.concept, d.should_be, d.why, d.created, a.grade"
                 " FROM disputes d JOIN attempts a ON a.id = d.attempt"
                 " WHERE ?1 IS NULL OR a.learner = ?1 ORDER BY d.created, d.id")
        with self._open() as db:
            rows = list(db.query(query, (learner,)))
        return [_dispute({**row, "was": _status_in(GRADE.decode(grade), row["concept"])})
                for row in rows for grade in (row.pop("grade"),)]

    def answers(self) -> dict[str, int]:
        """How many attempts there are at each question."""
        with self._open() as db:
            return dict(db.execute("SELECT question_id, count(*) FROM attempts GROUP BY question_id").fetchall())

    # ------------------------------------------------------------ learners

    def learner(self, learner: str) -> Learner:
        """One learner; raises NotFound where there is none."""
        with self._open() as db:
            row = db.execute("SELECT id, created, (SELECT count(*) FROM attempts WHERE learner = learners.id)"
                             " FROM learners WHERE id = ?", (learner,)).fetchone()
        if row is None:
            raise NotFound(f"no learner {learner.rpartition('/')[2]!r}")
        return Learner(id=row[0], created=row[1], attempts=row[2])

    def learners(self, key: str | None) -> list[str]:
        """The ids of a key's learners; those without a key where it is None."""
        with self._open() as db:
            return [i for (i,) in db.execute("SELECT id FROM learners WHERE key IS ? ORDER BY id", (key,))]

    def learner_of(self, resume: bytes) -> str | None:
        """The learner whose resume code has that hash."""
        with self._open() as db:
            row = db.execute("SELECT id FROM learners WHERE resume = ?", (resume,)).fetchone()
        return row[0] if row else None

    def forget(self, learner: str) -> int:
        """Deletes a learner and all that is stored about them; the number of attempts that went."""
        with self._writing() as db:
            count = db.execute("SELECT count(*) FROM attempts WHERE learner = ?", (learner,)).fetchone()[0]
            db.execute("DELETE FROM learners WHERE id = ?", (learner,))
        return int(count)

    # ------------------------------------------------------------ keys and the secret

    def add_key(self, key: Key, digest: bytes) -> None:
        """Stores a new key; raises StoreError where a key that works has its name."""
        with self._writing() as db:
            if db.execute("SELECT 1 FROM keys WHERE name = ? AND revoked IS NULL", (key.name,)).fetchone():
                raise StoreError(f"there is a key named {key.name!r}; revoke it first, or choose another name")
            db.table("keys").insert({"id": key.id, "name": key.name, "scopes": ",".join(key.scopes),
                                     "hash": digest, "created": key.created})

    def key(self, key_id: str) -> tuple[Key, bytes] | None:
        """A key with its hash."""
        with self._open() as db:
            rows = list(db.query("SELECT * FROM keys WHERE id = ?", (key_id,)))
        return (_key(rows[0]), rows[0]["hash"]) if rows else None

    def keys(self) -> list[Key]:
        """Every key that was ever made, oldest first."""
        with self._open() as db:
            return [_key(row) for row in db.query("SELECT * FROM keys ORDER BY created, id")]

    def has_keys(self) -> bool:
        """Whether a key was ever made; a revoked one counts, so that revoking never opens the door."""
        with self._open() as db:
            return db.execute("SELECT 1 FROM keys LIMIT 1").fetchone() is not None

    def revoke(self, name: str, when: str) -> int:
        """Revokes the keys of that name or id at once; how many there were."""
        with self._writing() as db:
            return db.execute("UPDATE keys SET revoked = ? WHERE (name = ? OR id = ?) AND revoked IS NULL",
                              (when, name, name)).rowcount

    def used(self, key_id: str, when: str) -> None:
        """Notes when a key was last used."""
        with self._writing() as db:
            db.execute("UPDATE keys SET last_used = ? WHERE id = ?", (when, key_id))

    def secret(self) -> bytes:
        """The random secret of this store, which signs cookies and keys hashes; made with the first use."""
        if self._secret is None:
            with self._writing() as db:
                db.execute("INSERT OR IGNORE INTO secrets (name, value) VALUES ('service', ?)",
                           (secrets.token_bytes(32),))
                self._secret = db.execute("SELECT value FROM secrets WHERE name = 'service'").fetchone()[0]
        return self._secret

    # ------------------------------------------------------------ the file as a whole

    def backup(self, target: Path) -> None:
        """Copies the store consistently while it is in use; the target is there whole or not at all."""
        draft = target.with_name(target.name + ".part")
        draft.unlink(missing_ok=True)
        with self._open() as db, _faults(target):
            copy = sqlite3.connect(draft)
            try:
                db.conn.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
            finally:
                copy.close()
        check(draft)
        draft.replace(target)

    # ------------------------------------------------------------ within

    @contextmanager
    def _open(self) -> Iterator[Database]:
        """A connection for reading, or for one statement that writes."""
        with self._lock:
            db = self._idle.pop() if self._idle else None
        with _faults(self.path):
            db = db or _connect(self.path)
            try:
                yield db
            except BaseException:
                db.close()
                raise
        with self._lock:
            if len(self._idle) < SPARE:
                self._idle.append(db)
                return
        db.close()

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        """A transaction that has the right to write from its start, so that it cannot fail half way."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    def _row(self, db: Database, learner: str, attempt_id: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = db.execute(
            f"SELECT {COLUMNS} FROM attempts WHERE id = ? AND learner = ?", (attempt_id, learner)).fetchone()
        if row is None:
            raise NotFound(f"no attempt {attempt_id!r} of this learner")
        return row

    def _earlier(self, db: Database, learner: str, once: str, fingerprint: bytes) -> Attempt | None:
        row = db.execute(f"SELECT {COLUMNS}, fingerprint FROM attempts WHERE learner = ? AND idempotency_key = ?",
                         (learner, once)).fetchone()
        if row is None:
            return None
        if row[-1] != fingerprint:
            raise KeyReused(f"the Idempotency-Key {once!r} has stored another attempt; use a new key for a new one")
        return _attempt(row[:-1])


def now() -> str:
    """This moment as RFC 3339 in UTC, with microseconds, so that it sorts as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def new_id() -> str:
    """A random name that sorts by the time it was made."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def check(path: Path) -> None:
    """Raises StoreError unless the file is a whole store that this version can read."""
    if not path.is_file():
        raise StoreError(f"{path}: no such file")
    with _faults(path):
        db = Database(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True))
        try:
            found = db.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise StoreError(f"{path}: damaged: {found}")
            _refuse_newer(db, path)
            if not steps.applied(db):
                raise StoreError(f"{path}: an SQLite file, but not a store of ours")
        finally:
            db.close()


def restore(backup: Path, target: Path) -> None:
    """Puts a backup in a store's place after checking it; the store must not be in use."""
    check(backup)
    draft = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(backup.read_bytes())
    check(draft)
    if target.exists():
        _refuse_used(target)
        # A write-ahead log that belongs to the old file would be played into the new one.
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
    draft.replace(target)


def _connect(path: Path) -> Database:
    conn = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False, isolation_level=None)
    try:
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("PRAGMA secure_delete = ON")  # what is forgotten leaves no text in free pages
    except BaseException:
        conn.close()
        raise
    return Database(conn)


def _upgrade(db: Database, path: Path) -> None:
    _refuse_newer(db, path)
    db.execute("PRAGMA journal_mode = WAL")
    if not steps.pending(db):
        return
    # Two processes may open a new file at once: the second waits here and finds nothing left to do.
    db.execute("BEGIN IMMEDIATE")
    steps.apply(db)
    db.execute("COMMIT")


def _refuse_newer(db: Database, path: Path) -> None:
    known = {step.name for step in steps.pending(db)} | {step.name for step in steps.applied(db)}
    ours = {step.name for step in steps._migrations}
    if unknown := sorted(known - ours):
        raise StoreError(f"{path}: written by a newer version (it has {', '.join(unknown)}); update answer-grader")


def _refuse_used(path: Path) -> None:
    conn = sqlite3.connect(path, timeout=0.2, isolation_level=None)
    try:
        conn.execute("PRAGMA locking_mode = EXCLUSIVE")
        conn.execute("BEGIN EXCLUSIVE")
        conn.execute("ROLLBACK")
    except sqlite3.DatabaseError as fault:
        if fault.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreError(f"{path}: in use; stop the service first") from None
    finally:
        conn.close()


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """SQLite's faults as ours."""
    try:
        yield
    except sqlite3.Error as fault:
        code = (getattr(fault, "sqlite_errorcode", None) or 0) & 0xFF
        if code in FULL or (code == sqlite3.SQLITE_IOERR and "disk" in str(fault)):
            raise StoreFull(f"{path}: no room left on the disk; nothing was written") from fault
        if code in DAMAGED:
            raise StoreError(f"{path}: damaged, or not an SQLite file; see: grader restore") from fault
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise StoreError(f"{path}: cannot be written to; check who owns the file and its folder") from fault
        raise StoreError(f"{path}: {fault}") from fault


def _attempt(row: tuple[Any, ...]) -> Attempt:
    name, learner, question_id, answer, created, hint_used, revealed, grade = row
    return Attempt(id=name, learner=learner, question_id=question_id, answer=answer, created=created,
                   grade=GRADE.decode(grade), hint_used=bool(hint_used), revealed=bool(revealed))


def _key(row: dict[str, Any]) -> Key:
    return Key(id=row["id"], name=row["name"], scopes=tuple(Scope(s) for s in row["scopes"].split(",")),
               created=row["created"], revoked=row["revoked"], last_used=row["last_used"])


def _dispute(row: dict[str, Any]) -> Dispute:
    return msgspec.convert(row, Dispute)


def _status_of(attempt: Attempt, concept: str) -> str:
    found = _status_in(attempt.grade, concept)
    if not found:
        known = ", ".join(f.id for f in attempt.grade.concepts)
        raise NotFound(f"no concept {concept!r} in this attempt; it has {known}")
    return found


def _status_in(grade: Grade, concept: str) -> str:
    return next((f.status.value for f in grade.concepts if f.id == concept), "")
