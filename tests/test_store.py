import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlite_utils import Database

from grader.domain import Attempt, Status
from grader.errors import KeyReused, NotFound, StoreError, StoreFull
from grader.keys import make, parse_scopes
from grader.migrations import steps
from grader.store import Store, check, new_id, now, restore
from tests.scale import figures


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "learners.db")
    yield made
    made.close()


@pytest.fixture(scope="session")
def grade(fake):
    return fake.grade(question_id="tea-steeping", answer="Hot water draws flavour.")


@pytest.fixture
def attempt(grade):
    def made(learner="local/ann", **changes):
        plain = Attempt(id=new_id(), learner=learner, question_id="tea-steeping", answer="Hot water draws flavour.",
                        created=now(), grade=grade)
        return replace(plain, **changes)

    return made


def test_an_attempt_comes_back_whole(store, attempt):
    one = attempt(hint_used=True, revealed=True, answer="naïve \U0001f600\0 answer")
    store.add(one)

    assert store.attempt("local/ann", one.id) == one


def test_attempts_come_newest_first_and_page_by_page(store, attempt):
    made = [attempt() for _ in range(5)]
    for one in made:
        store.add(one)
    first = store.attempts("local/ann", limit=2)
    rest = store.attempts("local/ann", before=(first[-1].created, first[-1].id))

    assert first + rest == made[::-1]
    assert store.history("local/ann") == made


def test_an_attempt_of_another_learner_is_not_found(store, attempt):
    one = attempt()
    store.add(one)

    with pytest.raises(NotFound):
        store.attempt("local/bob", one.id)


def test_a_retry_with_the_same_key_gives_the_first_attempt(store, attempt):
    first, second = attempt(), attempt()

    assert store.add(first, once="k", fingerprint=b"a") == (first, True)
    assert store.add(second, once="k", fingerprint=b"a") == (first, False)
    assert store.history("local/ann") == [first]


def test_the_same_key_for_something_else_is_refused(store, attempt):
    store.add(attempt(), once="k", fingerprint=b"a")

    with pytest.raises(KeyReused):
        store.add(attempt(), once="k", fingerprint=b"b")


def test_two_learners_may_use_the_same_idempotency_key(store, attempt):
    assert store.add(attempt(), once="k", fingerprint=b"a")[1]
    assert store.add(attempt("local/bob"), once="k", fingerprint=b"a")[1]


def test_forgetting_leaves_nothing_behind(store, attempt):
    one, other = attempt(answer="a very private sentence"), attempt("local/bob")
    store.add(one)
    store.add(other)
    store.dispute("local/ann", one.id, concept="flavour", should_be=Status.missing, why="no", created=now())
    store.regrade(one.id, one.grade, now())

    assert store.forget("local/ann") == 1
    assert store.history("local/ann") == []
    assert store.disputes() == []
    assert store.history("local/bob") == [other]
    store.close()
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT count(*) FROM regrades").fetchone() == (0,)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    assert b"very private" not in store.path.read_bytes()


def test_a_dispute_tells_what_the_verdict_was(store, attempt):
    one = attempt()
    store.add(one)
    made = store.dispute("local/ann", one.id, concept="flavour", should_be=Status.missing, why="no", created=now())

    assert (made.was, made.should_be, made.question_id) == ("covered", Status.missing, "tea-steeping")
    assert store.disputes() == [made]


def test_a_dispute_needs_a_concept_of_the_attempt(store, attempt):
    one = attempt()
    store.add(one)

    with pytest.raises(NotFound, match="flavour, bitter"):
        store.dispute("local/ann", one.id, concept="nope", should_be=Status.missing, why="", created=now())


def test_a_later_grade_stands_beside_the_first(store, attempt):
    one = attempt()
    store.add(one)
    later = replace(one.grade, engine="grader 99")
    store.regrade(one.id, later, now())

    assert [r.grade for r in store.regrades("local/ann", one.id)] == [later]
    assert store.attempt("local/ann", one.id).grade == one.grade


def test_every_attempt_comes_once(store, attempt):
    made = [attempt(f"local/{n % 3}") for n in range(2500)]
    with store._writing() as db:
        db.execute("INSERT INTO learners (id, created) VALUES ('local/0', ''), ('local/1', ''), ('local/2', '')")
        for one in made:
            db.execute("INSERT INTO attempts (id, learner, question_id, answer, created, score, engine, grade)"
                       " SELECT ?, ?, 'q', '', '', 0, '', ?",
                       (one.id, one.learner, msgspec.json.encode(one.grade).decode()))

    assert [a.id for a in store.each()] == sorted(a.id for a in made)


def test_several_writers_lose_nothing(store, attempt):
    def write(name):
        mine = Store(store.path)
        for _ in range(20):
            mine.add(attempt(f"local/{name}"))
        mine.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(1 for _ in store.each()) == 80


def test_two_processes_may_open_a_new_store_at_once(tmp_path):
    path = tmp_path / "new.db"
    program = f"from pathlib import Path; from grader.store import Store; Store(Path({str(path)!r})).secret()"
    both = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]

    assert [p.wait() for p in both] == [0, 0, 0]
    check(path)


def test_the_secret_stays(store):
    assert len(store.secret()) == 32
    other = Store(store.path)
    assert other.secret() == store.secret()
    other.close()


def test_keys(store):
    _, key = make("tool", parse_scopes("grade,learn"), now())
    assert not store.has_keys()
    store.add_key(key, b"digest")

    assert store.key(key.id) == (key, b"digest")
    with pytest.raises(StoreError, match="tool"):
        store.add_key(make("tool", parse_scopes("grade"), now())[1], b"other")
    store.used(key.id, "2026-01-01")
    assert store.keys()[0].last_used == "2026-01-01"
    assert store.revoke("tool", "2026-01-02") == 1
    assert store.revoke("tool", "2026-01-03") == 0
    assert store.keys()[0].revoked == "2026-01-02"
    assert store.has_keys()


# ---------------------------------------------------------------- the file as a whole


def test_a_backup_of_a_store_in_use_can_be_restored(store, attempt, tmp_path):
    one = attempt()
    store.add(one)
    store.backup(tmp_path / "copy.db")
    store.add(attempt())
    restore(tmp_path / "copy.db", tmp_path / "elsewhere" / "learners.db")
    other = Store(tmp_path / "elsewhere" / "learners.db")

    assert other.history("local/ann") == [one]
    other.close()


def test_a_restore_replaces_what_was_there(store, attempt, tmp_path):
    store.backup(tmp_path / "copy.db")
    store.add(attempt())
    store.close()
    restore(tmp_path / "copy.db", store.path)

    assert Store(store.path).history("local/ann") == []


def test_a_store_in_use_is_not_replaced(store, attempt, tmp_path):
    store.backup(tmp_path / "copy.db")
    with store._writing() as db:
        assert db.conn.in_transaction
        with pytest.raises(StoreError, match="in use"):
            restore(tmp_path / "copy.db", store.path)


@pytest.mark.parametrize("data", [b"", b"not a database at all" * 100, b"SQLite format 3\0" + b"x" * 5000])
def test_what_is_no_store_is_not_restored(tmp_path, data):
    (tmp_path / "bad.db").write_bytes(data)

    with pytest.raises(StoreError, match=r"bad\.db"):
        restore(tmp_path / "bad.db", tmp_path / "learners.db")
    assert not (tmp_path / "learners.db").exists()


def test_a_damaged_backup_is_not_restored(store, attempt, tmp_path):
    for _ in range(50):
        store.add(attempt(answer="x" * 2000))
    store.backup(tmp_path / "copy.db")
    data = bytearray((tmp_path / "copy.db").read_bytes())
    data[20_000:60_000] = b"\xff" * 40_000
    (tmp_path / "copy.db").write_bytes(data)

    with pytest.raises(StoreError, match="damaged"):
        restore(tmp_path / "copy.db", tmp_path / "other.db")


@pytest.mark.parametrize("data", [b"not a database at all" * 100, b"SQLite format 3\0" + b"x" * 5000])
def test_a_corrupt_store_is_refused_at_once(tmp_path, data):
    (tmp_path / "learners.db").write_bytes(data)

    with pytest.raises(StoreError, match="damaged"):
        Store(tmp_path / "learners.db")


def test_a_folder_in_the_stores_place_is_refused(tmp_path):
    with pytest.raises(StoreError, match="cannot be written"):
        Store(tmp_path)


def test_a_store_of_a_newer_version_is_refused(store):
    with store._writing() as db:
        db.table("_sqlite_migrations").insert({"migration_set": "grader", "name": "m999_telepathy", "applied_at": ""})

    with pytest.raises(StoreError, match=r"newer version.*m999_telepathy"):
        Store(store.path)


def test_a_full_disk_writes_nothing(store, attempt):
    store.add(attempt())
    with store._open() as db:
        db.execute("PRAGMA max_page_count = 1")
        before = len(store.history("local/ann"))

    with pytest.raises(StoreFull):
        for _ in range(50):
            store.add(attempt(answer="x" * 10_000))
    with store._open() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    assert len(store.history("local/ann")) >= before
    check(store.path)


# What version 0.1 made, for the migrations of later versions to start from.
FIRST = Path(__file__).parent / "stores"


@pytest.mark.parametrize("path", sorted(FIRST.glob("*.sql")), ids=lambda p: p.stem)
def test_a_store_of_every_released_version_opens(path, tmp_path):
    with sqlite3.connect(tmp_path / "old.db") as db:
        db.executescript(path.read_text())
    db.close()
    old = Store(tmp_path / "old.db")

    (found,) = old.each()
    assert found.answer == "Hot water draws flavour."
    assert old.keys()[0].name == "tool"
    with old._open() as opened:
        assert not steps.pending(opened)
    old.close()


def test_the_schema_of_the_first_step_has_not_changed():
    db = Database(memory=True)
    steps.apply(db, stop_before=[s.name for s in steps._migrations[1:]])
    (path,) = FIRST.glob("0.1*.sql")

    for table in db.table_names():
        if not table.startswith("_"):
            assert " ".join(db.table(table).schema.split()) in " ".join(path.read_text().split())
    db.close()


def test_progress_and_the_next_question_stay_quick_over_many_attempts(tmp_path):
    """`python -m tests.scale` measures a hundred thousand attempts of one learner, and a million in all."""
    lines = list(figures(tmp_path / "many.db", 3000, 9000))

    took = [float(line.split()[-2]) for line in lines if line.endswith(" ms")]
    assert max(took[1:]) < 100
