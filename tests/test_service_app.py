import ast
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec
import pytest

from grader.domain import Level
from grader.service.described import complete
from grader.service.run import _socket
from grader.settings import Settings, from_environment, to_environment
from grader.store import check
from tests.described import PATH, description
from tests.fakes import FakeEncoder
from tests.serving import ITEM, app_in, code, service

ROOT = Path(__file__).parent.parent


@pytest.fixture
def client(tmp_path):
    with service(tmp_path) as made:
        yield made


def test_questions_never_show_the_answer(client):
    given = client.get("/api/v1/questions").json()

    assert [q["id"] for q in given["items"]] == ["sg-vs-nacl", "tea-steeping"]
    assert not {"reference", "concepts"} & {name for q in given["items"] for name in q}
    assert not {"reference", "concepts"} & client.get("/api/v1/questions/tea-steeping").json().keys()


@pytest.mark.parametrize(("query", "ids"), [
    ({"topic": "kitchen"}, ["tea-steeping"]), ({"topic": "none"}, []), ({"level": Level.advanced.value}, []),
    ({"q": "TEA steep"}, ["tea-steeping"]), ({"q": "tea steeped"}, ["tea-steeping"]), ({"limit": 1}, ["sg-vs-nacl"]),
    ({"cursor": "sg-vs-nacl"}, ["tea-steeping"])])
def test_questions_are_found(client, query, ids):
    assert [q["id"] for q in client.get("/api/v1/questions", params=query).json()["items"]] == ids


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": "x"}, {"level": "hard"}, {"cursor": "nope"},
                                   {"limit": 10**9}])
def test_a_query_that_makes_no_sense_is_refused(client, query):
    assert code(client.get("/api/v1/questions", params=query)) == (400, "bad_input")


def test_an_unknown_question_is_404(client):
    assert code(client.get("/api/v1/questions/tea-steping")) == (404, "unknown_question")


def test_topics(client):
    assert [(t["topic"], t["questions"]) for t in client.get("/api/v1/topics").json()["items"]] == [
        ("kitchen", 1), ("networking", 1)]


@pytest.mark.parametrize(("method", "path", "wanted"), [
    ("GET", "/api/v1/nope", (404, "not_found")), ("GET", "/nope", (404, "not_found")),
    ("DELETE", "/api/v1/topics", (405, "method_not_allowed")), ("POST", "/nope", (405, "method_not_allowed")),
    ("GET", "/../pyproject.toml", (404, "not_found"))])
def test_what_is_not_there_is_a_problem_too(client, method, path, wanted):
    assert code(client.request(method, path)) == wanted


def test_health(client):
    deadline = time.monotonic() + 5
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < deadline
    assert client.get("/health/live").json() == {"status": "live"}
    assert "fake-verifier" in client.get("/health/ready").json()["engine"]


def test_a_service_that_cannot_grade_is_not_ready(tmp_path):
    class Broken:
        version, encoder = "broken", FakeEncoder()

        def grade_many(self, items):
            raise RuntimeError

    with service(tmp_path, Broken(), log="error") as client:
        time.sleep(0.1)
        assert client.get("/health/ready").status_code == 503


def test_metrics(client):
    client.post("/api/v1/grade", json=ITEM)
    client.post("/api/v1/grade/batch", json={"items": [{}]})
    text = client.get("/metrics").text

    assert 'grader_requests_total{method="POST",route="/api/v1/grade",status="200"} 1.0' in text
    assert 'grader_verdicts_total{verdict="ungraded"} 1.0' in text
    for name in ("grader_queue_depth", "grader_batch_size_bucket", "grader_batch_seconds_sum", "grader_info"):
        assert name in text


def test_the_log_has_the_request_and_never_the_answer(tmp_path, capsys):
    with service(tmp_path, log="debug") as client:
        given = client.post("/api/v1/learners/me/attempts", json={**ITEM, "answer": "my own words"})
        number = given.headers["x-request-id"]
        client.post("/api/v1/grade", json={"answer": "my own words", "wrong": 1})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    (line,) = [entry for entry in lines if entry.get("request_id") == number]
    assert (line["method"], line["status"]) == ("POST", 201)
    assert "own words" not in json.dumps(lines)


# ---------------------------------------------------------------- the description


def test_the_checked_in_description_is_not_stale(tmp_path):
    """Where it is: `python -m tests.described` writes it anew."""
    assert PATH.read_text() == description(tmp_path), "docs/openapi.json is stale; run: python -m tests.described"


def test_every_route_of_the_contract_is_described(tmp_path):
    paths = complete(app_in(tmp_path).openapi_schema.to_schema())["paths"]

    for route in ("questions", "questions/{question_id}", "topics", "grade", "grade/batch", "grade/stream",
                  "learners/{learner}/attempts", "learners/{learner}/attempts/{attempt_id}",
                  "learners/{learner}/attempts/{attempt_id}/dispute", "learners/{learner}/progress",
                  "learners/{learner}/next", "learners/{learner}/export", "learners/{learner}"):
        assert f"/api/v1/{route}" in paths


def test_the_description_for_people_needs_no_script(client):
    page = client.get("/schema", headers={"Accept": "text/html"})

    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert "/api/v1/grade/stream" in page.text
    assert client.get("/schema").json() == client.get("/schema/openapi.json").json()


# ---------------------------------------------------------------- settings


def test_every_setting_is_documented():
    rows = re.findall(r"^\| `GRADER_([A-Z_]+)` \| `?([^|`]*)`? \|", (ROOT / "docs" / "service.md").read_text(), re.M)
    default = Settings()
    wanted = {name.upper(): getattr(default, name) for name in Settings.__struct_fields__}

    assert {name: text.strip() for name, text in rows} == {
        name: "" if value in (None, "", ()) else str(value).lower() if isinstance(value, bool) else f"{value}"
        for name, value in wanted.items()}


def test_settings_survive_the_environment():
    settings = Settings(db=Path("/x/y.db"), host="::1", port=1, workers=3, allow_anonymous=True, hosts=("a", "b"),
                        batch_wait=0.25, log="debug")

    assert from_environment(to_environment(settings)) == settings


# ---------------------------------------------------------------- the real command


def serve(*options, **environment):
    return subprocess.Popen([sys.executable, "-m", "grader", "serve", "--port", "0", *options], stderr=subprocess.PIPE,
                            text=True, env={**os.environ, **environment})


def test_a_service_for_everybody_needs_keys(tmp_path):
    process = serve("--host", "0.0.0.0", "--db", str(tmp_path / "a.db"))
    _, told = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "grader key add" in told
    assert "--allow-anonymous" in told


@pytest.mark.parametrize(("options", "words"), [
    (["--port", "http"], "GRADER_PORT"), (["--workers", "0"], "GRADER_WORKERS"), (["--bank", "/nowhere"], "/nowhere")])
def test_a_setting_that_makes_no_sense_is_told(tmp_path, options, words):
    process = serve(*options, "--db", str(tmp_path / "a.db"))
    _, told = process.communicate(timeout=30)

    assert process.returncode in (1, 2)
    assert words in told
    assert "Traceback" not in told


def test_a_damaged_store_stops_the_start(tmp_path):
    (tmp_path / "a.db").write_bytes(b"nonsense" * 1000)
    process = serve("--db", str(tmp_path / "a.db"))
    _, told = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "damaged" in told
    assert "Traceback" not in told


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_shipped_service_serves_and_stops(tmp_path, workers):
    process = serve("--db", str(tmp_path / "a.db"), "--workers", workers, "--log", "error")
    try:
        address = re.search(r"http://[\d.:]+", process.stderr.readline())[0]
        with httpx.Client(base_url=address) as client:
            _wait_until_ready(client)
            first = client.get("/api/v1/questions", params={"limit": 1}).json()["items"][0]
            given = client.post("/api/v1/learners/me/attempts",
                                json={"question_id": first["id"], "answer": "It depends."})
            assert given.status_code == 201
            assert client.get("/").status_code == 200
            assert "grader_requests_total" in client.get("/metrics").text
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    check(tmp_path / "a.db")


def _wait_until_ready(client):
    deadline = time.monotonic() + 60
    while True:
        assert time.monotonic() < deadline
        try:
            if client.get("/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)


def test_only_the_service_knows_litestar():
    for path in (ROOT / "grader").rglob("*.py"):
        if path.parent.name == "service":
            continue
        names = [n for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)
                 for n in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])]
        assert not [n for n in names if n.startswith("litestar")], path


@pytest.mark.slow
def test_killing_the_service_loses_no_acknowledged_attempt(tmp_path):
    """Ten times `kill -9` in the middle of writing; `GRADER_KILLS=200` does the whole bar."""
    known: set[str] = set()
    for round_ in range(int(os.environ.get("GRADER_KILLS", "10"))):
        known |= _killed_while_writing(tmp_path, round_)
        check(tmp_path / "learners.db")

    with service(tmp_path) as client:
        stored = {a["id"] for a in client.get("/api/v1/learners/ann/export").json()["attempts"]}
    assert known
    assert known <= stored


def _killed_while_writing(folder, round_):
    """The ids of the attempts that were acknowledged before the service was killed."""
    process = subprocess.Popen([sys.executable, "-m", "tests.serving", str(folder)], stdout=subprocess.PIPE,
                               stdin=subprocess.PIPE, text=True, cwd=ROOT)
    address = process.stdout.readline().strip()
    acknowledged = []

    def write(writer):
        with httpx.Client(base_url=address, timeout=10) as client:
            for n in range(10_000):
                try:
                    given = client.post("/api/v1/learners/ann/attempts", json={**ITEM, "answer": f"{writer} {n}"})
                except httpx.HTTPError:
                    return
                assert given.status_code == 201, given.text
                acknowledged.append(msgspec.json.decode(given.content)["id"])

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, writer) for writer in range(4)]
        while len(acknowledged) < 5 + 3 * (round_ % 7):
            assert process.poll() is None
            time.sleep(0.001)
        process.kill()
        for writer in writers:
            writer.result()
    process.wait()
    process.stdout.close()
    process.stdin.close()
    return set(acknowledged)


def test_an_answer_on_a_kept_connection_does_not_wait_for_an_acknowledgement():
    """asyncio sets TCP_NODELAY only where the socket names its protocol."""
    listening = _socket(Settings(port=0))

    assert listening.proto == socket.IPPROTO_TCP
    listening.close()
