"""The shape of the learners' database, step by step from the first version; a released step never changes."""

from typing import Any

from sqlite_utils import Database, Migrations

steps = Migrations("grader")


@steps()
def m001_learners_and_attempts(db: Database) -> None:
    """Keys, learners, attempts with their grades, disputes, later grades, and the service's secret."""
    _table(db, "secrets", {"name": str, "value": bytes}, pk="name")
    _table(db, "keys", {"id": str, "name": str, "scopes": str, "hash": bytes, "created": str, "revoked": str,
                        "last_used": str}, pk="id", not_null={"name", "scopes", "hash", "created"})
    db.execute("""CREATE TABLE learners (
        id TEXT PRIMARY KEY NOT NULL,
        key TEXT REFERENCES keys(id),
        resume BLOB UNIQUE,
        created TEXT NOT NULL
    ) STRICT""")
    db.execute("""CREATE TABLE attempts (
        id TEXT PRIMARY KEY NOT NULL,
        learner TEXT NOT NULL REFERENCES learners(id) ON DELETE CASCADE,
        question_id TEXT NOT NULL,
        answer TEXT NOT NULL,
        created TEXT NOT NULL,
        hint_used INTEGER NOT NULL DEFAULT 0,
        revealed INTEGER NOT NULL DEFAULT 0,
        score REAL NOT NULL,
        engine TEXT NOT NULL,
        grade TEXT NOT NULL,
        idempotency_key TEXT,
        fingerprint BLOB
    ) STRICT""")
    db.execute("CREATE INDEX attempts_by_time ON attempts (learner, created, id)")
    db.execute("CREATE INDEX attempts_by_question ON attempts (learner, question_id)")
    db.execute("CREATE UNIQUE INDEX attempts_once ON attempts (learner, idempotency_key)"
               " WHERE idempotency_key IS NOT NULL")
    db.execute("""CREATE TABLE disputes (
        id TEXT PRIMARY KEY NOT NULL,
        attempt TEXT NOT NULL REFERENCES attempts(id) ON DELETE CASCADE,
        concept TEXT NOT NULL,
        should_be TEXT NOT NULL,
        why TEXT NOT NULL,
        created TEXT NOT NULL
    ) STRICT""")
    db.execute("CREATE INDEX disputes_by_attempt ON disputes (attempt)")
    db.execute("""CREATE TABLE regrades (
        attempt TEXT NOT NULL REFERENCES attempts(id) ON DELETE CASCADE,
        engine TEXT NOT NULL,
        grade TEXT NOT NULL,
        created TEXT NOT NULL,
        PRIMARY KEY (attempt, engine)
    ) STRICT""")
    # What progress knows of a learner, so that it need not read every attempt each time; can be made again.
    db.execute("""CREATE TABLE summaries (
        learner TEXT PRIMARY KEY NOT NULL REFERENCES learners(id) ON DELETE CASCADE,
        data BLOB NOT NULL
    ) STRICT""")


def _table(db: Database, name: str, columns: dict[str, Any], **options: Any) -> None:
    db.table(name).create(columns, strict=True, **options)
