import asyncio
import threading
import time

import msgspec
import pytest

from grader.domain import Fault, Ungraded
from grader.errors import Busy
from grader.service.batching import BULK, Desk
from grader.service.streaming import LONGEST_LINE, Spool, lines
from tests.serving import ITEM, RIGHT, code, service


@pytest.fixture
def client(tmp_path):
    with service(tmp_path) as made:
        yield made


def test_a_grade_is_the_engines(client, fake):
    given = client.post("/api/v1/grade", json={**ITEM, "id": "mine"}).json()
    alone = msgspec.json.decode(msgspec.json.encode(fake.grade(**ITEM, id="mine")))

    assert {**given, "ms": 0} == {**alone, "ms": 0}


def test_a_rubric_of_ones_own(client):
    given = client.post("/api/v1/grade", json={"question": "Why?", "reference": RIGHT, "answer": RIGHT})

    assert given.status_code == 200
    assert given.json()["derived"] is True


@pytest.mark.parametrize(("body", "faults"), [
    ({"answr": 1, "question_id": 3}, 3),
    ({"answer": "x"}, 1),
    ({"answer": "x", "question_id": "tea-steeping", "reference": "y"}, 1),
    ({"answer": "x", "concepts": [{"statement": ""}, {"statement": "a", "weight": 0}]}, 2),
    ([], 0), ("x", 0), (None, 0),
])
def test_all_that_is_wrong_is_told(client, body, faults):
    given = client.post("/api/v1/grade", json=body)

    assert code(given) == (400, "bad_input")
    assert len(given.json().get("faults", [])) >= faults


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"answer": "\\ud800"', b"[" * 5000])
def test_what_is_not_json_is_refused(client, body):
    assert code(client.post("/api/v1/grade", content=body)) == (400, "bad_input")


def test_an_unknown_question_names_the_nearest(client):
    given = client.post("/api/v1/grade", json={"question_id": "tea-steping", "answer": "x"})

    assert code(given) == (404, "unknown_question")
    assert given.json()["nearest"] == ["tea-steeping"]


def test_a_body_over_the_limit_is_refused(client):
    given = client.post("/api/v1/grade", json={**ITEM, "answer": "x" * 70_000})

    assert code(given) == (413, "too_large")


def test_twenty_thousand_characters_are_graded(client):
    assert client.post("/api/v1/grade", json={**ITEM, "answer": "x " * 10_000}).status_code == 200


def test_a_batch_keeps_its_order_and_tells_what_failed(client):
    items = [ITEM, {**ITEM, "question_id": "nope"}, 7, {"id": "z", "answer": "x"}, {**ITEM, "id": "last"}]
    given = client.post("/api/v1/grade/batch", json={"items": items}).json()["items"]

    assert [("score" in r, r.get("error", {}).get("code")) for r in given] == [
        (True, None), (False, "unknown_question"), (False, "not_an_object"), (False, "bad_input"), (True, None)]
    assert given[3]["id"] == "z"
    assert given[4]["id"] == "last"


def test_an_empty_batch_is_fine(client):
    assert client.post("/api/v1/grade/batch", json={"items": []}).json() == {"items": []}


def test_a_batch_takes_256_and_no_more(client):
    assert len(client.post("/api/v1/grade/batch", json={"items": [ITEM] * 256}).json()["items"]) == 256
    assert code(client.post("/api/v1/grade/batch", json={"items": [ITEM] * 257})) == (400, "bad_input")


def test_a_stream_gives_a_line_for_a_line(client):
    body = b"\n".join([msgspec.json.encode({**ITEM, "id": "a"}), b"", b"nonsense", b"x" * (LONGEST_LINE + 1),
                       msgspec.json.encode({**ITEM, "id": "b"})])
    given = client.post("/api/v1/grade/stream", content=body)
    results = [msgspec.json.decode(line) for line in given.text.splitlines()]

    assert given.headers["content-type"] == "application/x-ndjson"
    assert [r["id"] for r in results] == ["a", None, None, "b"]
    assert [r.get("line") for r in results] == [None, 3, 4, None]


# ---------------------------------------------------------------- the desk


class Slow:
    """Grades when it is told to, and notes who came together."""

    def __init__(self):
        self.go = threading.Event()
        self.batches = []

    def __call__(self, items):
        items = list(items)
        self.batches.append(items)
        self.go.wait(5)
        return [Ungraded(id=str(i), error=Fault(code="x", message="")) for i in items]


def desk_test(work, **options):
    """Runs a coroutine with a desk whose grader waits."""

    async def run():
        slow = Slow()
        desk = Desk(slow, **options)
        await desk.start()
        try:
            await work(desk, slow)
        finally:
            slow.go.set()
            await desk.stop()

    asyncio.run(run())


async def _until(condition):
    while not condition():
        await asyncio.sleep(0.005)


def test_answers_that_arrive_together_are_graded_together():
    async def work(desk, slow):
        tasks = [asyncio.create_task(desk.grade(0))]
        await _until(lambda: slow.batches)
        tasks += [asyncio.create_task(desk.grade(n)) for n in range(1, 6)]
        await asyncio.sleep(0)
        slow.go.set()
        results = await asyncio.gather(*tasks)

        assert [r.id for r in results] == list("012345")
        assert slow.batches == [[0], [1, 2, 3, 4], [5]]

    desk_test(work, batch=4)


def test_a_full_line_refuses_at_once_and_recovers():
    async def work(desk, slow):
        tasks = [asyncio.create_task(desk.grade(0))]
        await _until(lambda: slow.batches)
        tasks += [asyncio.create_task(desk.grade(n)) for n in (1, 2)]
        await asyncio.sleep(0)
        started = time.perf_counter()
        with pytest.raises(Busy) as refused:
            await desk.grade(3)
        assert time.perf_counter() - started < 0.05
        assert refused.value.retry_after >= 1
        slow.go.set()
        await asyncio.gather(*tasks)
        assert (await desk.grade(4)).id == "4"

    desk_test(work, queue=2)


def test_a_caller_who_leaves_frees_the_place():
    async def work(desk, slow):
        first = asyncio.create_task(desk.grade(0))
        await _until(lambda: slow.batches)
        gone = asyncio.create_task(desk.grade(1))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert desk.waiting == 0
        slow.go.set()
        await first
        assert slow.batches == [[0]]

    desk_test(work, queue=1)


def test_stopping_finishes_what_was_accepted():
    async def work(desk, slow):
        tasks = [asyncio.create_task(desk.grade(n)) for n in range(5)]
        await asyncio.sleep(0)
        slow.go.set()
        await desk.stop()

        assert [r.id for r in await asyncio.gather(*tasks)] == list("01234")
        with pytest.raises(Busy):
            await desk.grade(6)

    desk_test(work, batch=2)


def test_a_person_goes_before_bulk_work():
    async def work(desk, slow):
        async def many():
            for n in range(40):
                yield f"bulk {n}"

        async def bulk():
            return [r async for r in desk.grade_each(many())]

        running = asyncio.create_task(bulk())
        await _until(lambda: slow.batches and desk.waiting >= 10)
        person = asyncio.create_task(desk.grade("person"))
        await asyncio.sleep(0)
        slow.go.set()
        await person
        assert slow.batches[1][0] == "person"
        assert [r.id for r in await running] == [f"bulk {n}" for n in range(40)]

    desk_test(work, batch=4)


def test_too_many_bulk_requests_are_refused():
    async def work(desk, slow):
        async def one():
            yield 1

        async def bulk():
            return [r async for r in desk.grade_each(one())]

        running = [asyncio.create_task(bulk()) for _ in range(BULK)]
        await _until(lambda: desk._bulk_open == BULK)
        with pytest.raises(Busy):
            desk.admit()
        slow.go.set()
        await asyncio.gather(*running)
        desk.admit()

    desk_test(work)


def test_a_fault_in_one_answer_does_not_fail_its_neighbours():
    def grade_many(items):
        if "bad" in items:
            raise RuntimeError("the model broke")
        return [Ungraded(id=i, error=Fault(code="x", message="")) for i in items]

    async def run():
        desk = Desk(grade_many, wait=0.02)
        await desk.start()
        results = await asyncio.gather(*(desk.grade(i) for i in ("a", "bad", "b")), return_exceptions=True)
        await desk.stop()
        return results

    one, bad, two = asyncio.run(run())
    assert (one.id, two.id) == ("a", "b")
    assert isinstance(bad, RuntimeError)


def test_a_fault_of_ours_tells_nothing_and_logs_no_answer(tmp_path, capsys):
    class Broken:
        version, bank, encoder = "broken", (), None

        def grade_many(self, items):
            raise RuntimeError(f"cannot grade {next(iter(items))}")

    with service(tmp_path, Broken()) as client:
        given = client.post("/api/v1/grade", json={**ITEM, "answer": "my secret words"})

    assert code(given) == (500, "fault")
    logged = capsys.readouterr().err
    assert given.json()["request_id"] in logged or "RuntimeError" in logged
    assert "secret words" not in logged
    assert "secret words" not in given.text


# ---------------------------------------------------------------- the stream's buffer


def test_a_spool_gives_back_what_it_got_from_memory_and_disk():
    async def run():
        spool = Spool()
        sent = [bytes([n % 256]) * 50_000 for n in range(60)]  # three times what stays in memory
        for piece in sent:
            await spool.put(piece)
        spool.end()
        got = b"".join([piece async for piece in spool.pieces()])
        spool.close()
        return b"".join(sent), got

    sent, got = asyncio.run(run())
    assert got == sent


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_do_not_depend_on_how_they_were_cut(size):
    text = b"one\n\ntwo\r\nthree"

    async def run():
        async def pieces():
            for n in range(0, len(text), size):
                yield text[n : n + size]

        return [line async for line in lines(pieces())]

    assert asyncio.run(run()) == [b"one", b"", b"two\r", b"three"]
