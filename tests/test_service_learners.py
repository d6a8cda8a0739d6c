import pytest
from litestar.testing import TestClient
from msgspec.structs import replace

from grader.engine import Grader
from grader.errors import StoreFull
from grader.service.app import create_app
from grader.settings import Settings
from grader.standing import summary_of
from grader.store import Store, new_id
from tests.fakes import TINY, FakeEncoder, FakeVerifier
from tests.serving import ITEM, RIGHT, code, key, service

ME = "/api/v1/learners/me"


@pytest.fixture
def client(tmp_path):
    with service(tmp_path) as made:
        yield made


def attempt(client, learner="me", headers=None, **changes):
    given = client.post(f"/api/v1/learners/{learner}/attempts", json={**ITEM, **changes}, headers=headers or {})
    assert given.status_code == 201, given.text
    return given.json()


def test_an_attempt_is_graded_and_stored(client):
    made = attempt(client, hint_used=True)

    assert made["grade"]["score"] > 0
    assert made["hint_used"] is True
    assert made["learner"] == "me"
    listed = {**made, "question": client.get("/api/v1/questions/tea-steeping").json()["question"]}
    assert client.get(f"{ME}/attempts").json() == {"items": [listed], "cursor": None}


def test_one_attempt_shows_the_reference(client):
    made = attempt(client)
    given = client.get(f"{ME}/attempts/{made['id']}").json()

    assert given["grade"] == made["grade"]
    assert given["question"]["reference"][0].startswith("Hot water")
    assert given["question"]["concepts"][0]["id"] == "flavour"


def test_attempts_page_newest_first(client):
    made = [attempt(client, answer=f"Number {n}.")["id"] for n in range(5)]
    first = client.get(f"{ME}/attempts", params={"limit": 3}).json()
    rest = client.get(f"{ME}/attempts", params={"limit": 3, "cursor": first["cursor"]}).json()

    assert [a["id"] for a in first["items"] + rest["items"]] == made[::-1]
    assert rest["cursor"] is None


@pytest.mark.parametrize("cursor", ["x", "é", "!!!!", "bm8"])
def test_a_cursor_that_is_not_ours_is_refused(client, cursor):
    assert code(client.get(f"{ME}/attempts", params={"cursor": cursor})) == (400, "bad_input")


def test_an_idempotency_key_makes_a_retry_return_the_first_result(client):
    once = {"Idempotency-Key": "abc"}
    first, second = attempt(client, headers=once), attempt(client, headers=once)

    assert first == second
    assert len(client.get(f"{ME}/attempts").json()["items"]) == 1
    given = client.post(f"{ME}/attempts", json={**ITEM, "answer": "Another."}, headers=once)
    assert code(given) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(("body", "status"), [
    ({"question_id": "nope", "answer": "x"}, 404), ({"question_id": "tea-steeping"}, 400),
    ({**ITEM, "score": 100}, 400), ({**ITEM, "hint_used": "yes"}, 400)])
def test_what_cannot_be_an_attempt_is_refused(client, body, status):
    assert client.post(f"{ME}/attempts", json=body).status_code == status
    assert client.get(f"{ME}/attempts").json()["items"] == []


def test_a_dispute_is_kept_with_the_attempt(client):
    made = attempt(client)
    path = f"{ME}/attempts/{made['id']}"
    given = client.post(f"{path}/dispute", json={"concept": "flavour", "should_be": "partial", "why": "Half only."})

    assert given.status_code == 201
    assert given.json()["was"] == "covered"
    assert [d["why"] for d in client.get(path).json()["disputes"]] == ["Half only."]
    assert code(client.post(f"{path}/dispute", json={"concept": "x", "should_be": "partial"})) == (404, "not_found")
    assert code(client.post(f"{path}/dispute", json={"concept": "flavour", "should_be": "x"})) == (400, "bad_input")


def test_progress_and_next(client):
    assert client.get(f"{ME}/progress").json()["topics"] is not None
    attempt(client)
    assert "kitchen" in [t["topic"] for t in client.get(f"{ME}/progress").json()["topics"]]
    given = client.get(f"{ME}/next", params={"mode": "random", "seed": 1}).json()

    assert given["mode"] == "random"
    assert given["why"]
    assert "reference" not in given["question"]
    assert given["question"]["id"] != "tea-steeping"
    assert code(client.get(f"{ME}/next", params={"topic": "nope"})) == (404, "not_found")
    assert code(client.get(f"{ME}/next", params={"mode": "easiest"})) == (400, "bad_input")


def test_a_late_or_imported_attempt_counts_too(tmp_path):
    with service(tmp_path) as client:
        attempt(client, "ann")
    store = Store(tmp_path / "learners.db")
    (one,) = store.history("local/ann")
    assert summary_of(store, "local/ann").answers == 1
    store.add(replace(one, id=new_id(), created="2020-01-01T00:00:00.000000Z"))

    assert summary_of(store, "local/ann").answers == 2
    assert summary_of(store, "local/ann") == summary_of(store, "local/ann")
    store.close()


def test_export_and_forget(client):
    made = attempt(client)
    assert client.get(f"{ME}/export").json()["attempts"] == [made]
    given = client.delete(ME)

    assert given.status_code == 204
    assert "Max-Age=0" in given.headers["set-cookie"]
    assert client.get(f"{ME}/attempts").json()["items"] == []


def test_a_new_visitor_has_nothing_yet(client):
    assert client.get(ME).json() == {"learner": "me", "attempts": 0, "created": None, "resume_code": None}
    assert client.get(f"{ME}/export").json()["attempts"] == []
    assert client.delete(ME).status_code == 204


def test_two_browsers_never_see_each_others_data(tmp_path):
    with service(tmp_path) as one, service(tmp_path) as other:
        made = attempt(one)
        attempt(other, answer="Other.")

        assert [a["answer"] for a in one.get(f"{ME}/attempts").json()["items"]] == [RIGHT]
        assert [a["answer"] for a in other.get(f"{ME}/attempts").json()["items"]] == ["Other."]
        assert code(other.get(f"{ME}/attempts/{made['id']}")) == (404, "not_found")


def test_a_resume_code_carries_on_in_another_browser(tmp_path):
    with service(tmp_path) as one, service(tmp_path) as other:
        made = attempt(one)
        resume = one.get(ME).json()["resume_code"]
        given = other.post(f"{ME}/resume", json={"code": resume.lower().replace("-", " ")})

        assert given.status_code == 200
        assert [a["id"] for a in other.get(f"{ME}/attempts").json()["items"]] == [made["id"]]
        assert code(other.post(f"{ME}/resume", json={"code": "WRONG"})) == (404, "not_found")


def test_the_cookie_is_signed_and_out_of_scripts_reach(client):
    cookie = client.get(ME).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    client.cookies.set("grader_learner", "visitor/00000000000000000000000000000000.forged")
    assert "set-cookie" in client.get(ME).headers


def test_a_named_learner_of_this_machine(client):
    made = attempt(client, "ann")

    assert made["learner"] == "ann"
    assert client.get("/api/v1/learners/ann").json()["attempts"] == 1
    assert code(client.get("/api/v1/learners/bob/attempts")) == (404, "not_found")
    assert client.get("/api/v1/learners/bob/next").status_code == 200
    assert code(client.get("/api/v1/learners/a b/attempts")) == (400, "bad_input")
    assert client.delete("/api/v1/learners/ann").status_code == 204
    assert code(client.delete("/api/v1/learners/ann")) == (404, "not_found")


def test_an_attempt_at_a_question_that_is_gone_is_still_shown(tmp_path):
    with service(tmp_path) as client:
        attempt(client, "ann")
        store = Store(tmp_path / "learners.db")
        (one,) = store.history("local/ann")
        gone = replace(one, id=new_id(), question_id="gone")
        store.add(gone)
        store.close()

        assert client.get(f"/api/v1/learners/ann/attempts/{gone.id}").json()["question"] is None
        assert client.get("/api/v1/learners/ann/progress").status_code == 200


def test_a_full_disk_is_507_and_nothing_is_half_written(tmp_path):
    class Full(Store):
        def add(self, *args, **kwargs):
            raise StoreFull(f"{self.path}: no room")

    app = create_app(Settings(log="error"), Grader(TINY, FakeEncoder(), FakeVerifier()), TINY, Full(tmp_path / "a.db"))
    with TestClient(app, raise_server_exceptions=False) as client:
        given = client.post(f"{ME}/attempts", json=ITEM)

        assert code(given) == (507, "store_full")
        assert str(tmp_path) not in given.text
        assert client.get(f"{ME}/attempts").json()["items"] == []


def test_a_key_has_learners_of_its_own(tmp_path):
    mine, other = key(tmp_path, name="mine"), key(tmp_path, name="other")
    with service(tmp_path) as client:
        made = attempt(client, "ann", headers=mine)

        listed = client.get("/api/v1/learners/ann/attempts", headers=mine).json()["items"]
        assert [a["id"] for a in listed] == [made["id"]]
        for path in ("", "/attempts", f"/attempts/{made['id']}", "/progress", "/export"):
            assert code(client.get(f"/api/v1/learners/ann{path}", headers=other)) == (404, "not_found")
        assert code(client.delete("/api/v1/learners/ann", headers=other)) == (404, "not_found")
        assert client.get("/api/v1/learners/ann", headers=mine).json()["attempts"] == 1
