import asyncio

import httpx
import msgspec
import pytest

from grader import client as clients
from grader.client import AsyncClient, Client, ServiceError
from grader.domain import Attempt, Grade, Item, Ungraded
from tests.serving import ITEM, app_in, key, listening


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with listening(app_in(tmp_path_factory.mktemp("served"))) as found:
        yield found


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Pauses between tries are real, and short."""
    monkeypatch.setattr(clients, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(clients, "LONGEST_PAUSE", 0.002)


def test_grading(address):
    with Client(address) as client:
        grade = client.grade(**ITEM)
        assert isinstance(grade, Grade)
        assert client.grade(Item(question_id="tea-steeping", answer=ITEM["answer"])).score == grade.score
        assert [type(r) for r in client.grade_many([ITEM, {"answer": "x"}])] == [Grade, Ungraded]


@pytest.mark.parametrize("length", [100, pytest.param(5_000, marks=pytest.mark.slow)])
def test_a_stream_of_any_length_from_a_client_that_sends_first(address, length):
    many = ({**ITEM, "id": str(n)} for n in range(length))
    with Client(address) as client:
        assert [r.id for r in client.grade_stream(many)] == [str(n) for n in range(length)]


def test_a_learner_from_first_to_last(address):
    with Client(address) as client:
        made = client.attempt("tea-steeping", ITEM["answer"], learner="ann", once="k")
        assert isinstance(made, Attempt)
        assert client.attempt("tea-steeping", ITEM["answer"], learner="ann", once="k") == made
        client.dispute(made.id, "flavour", "missing", "no", learner="ann")
        assert [a.id for a in client.attempts("ann").items] == [made.id]
        assert [a.id for a in client.all_attempts("ann")] == [made.id]
        assert client.progress("ann")["topics"]
        assert client.next_question("ann", mode="new")["question"]["id"] == "sg-vs-nacl"
        assert len(client.export("ann")["disputes"]) == 1
        client.forget("ann")
        with pytest.raises(ServiceError) as gone:
            client.attempts("ann")
        assert (gone.value.status, gone.value.code) == (404, "not_found")


def test_questions(address):
    with Client(address) as client:
        assert len(client.questions(limit=1)["items"]) == 1
        assert client.question("tea-steeping", reveal=True)["reference"]
        assert len(client.topics()["items"]) == 2


def test_a_refusal_tells_every_fault(address):
    with Client(address) as client, pytest.raises(ServiceError) as refused:
        client.grade(answr="x", question_id=7)

    assert refused.value.status == 400
    assert len(refused.value.faults) == 3


def test_the_same_to_await(address):
    async def run():
        async with AsyncClient(address) as client:
            grades = await asyncio.gather(*(client.grade(**ITEM, id=str(n)) for n in range(40)))
            assert [g.id for g in grades] == [str(n) for n in range(40)]
            assert [type(r) for r in await client.grade_many([ITEM, {}])] == [Grade, Ungraded]
            assert [r.id async for r in client.grade_stream([{**ITEM, "id": "s"}])] == ["s"]
            made = await client.attempt("tea-steeping", ITEM["answer"], learner="bob")
            await client.dispute(made.id, "flavour", "missing", learner="bob")
            assert [a.id for a in (await client.attempts("bob")).items] == [made.id]
            assert (await client.export("bob"))["attempts"]
            assert (await client.progress("bob"))["topics"]
            assert (await client.next_question("bob"))["why"]
            assert (await client.questions())["items"]
            assert (await client.topics())["items"]
            assert (await client.question("tea-steeping"))["id"] == "tea-steeping"
            await client.forget("bob")

    asyncio.run(run())


def test_a_key(tmp_path):
    shown = key(tmp_path)["Authorization"].removeprefix("Bearer ")
    with listening(app_in(tmp_path)) as address:
        with Client(address, key=shown) as client:
            assert client.grade(**ITEM).score > 0
        with Client(address, key="gr_wrong") as client, pytest.raises(ServiceError) as refused:
            client.topics()
    assert refused.value.status == 401


def answering(*answers):
    """A transport that gives these answers, and the requests that it saw."""
    seen, left = [], list(answers)

    def handle(request):
        seen.append(request)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.MockTransport(handle), seen


def ok(fake):
    return httpx.Response(200, content=msgspec.json.encode(fake.grade(**ITEM)))


def test_a_busy_service_is_tried_again(fake):
    transport, seen = answering(httpx.Response(503, headers={"Retry-After": "1"}), httpx.Response(429), ok(fake))
    with Client(transport=transport) as client:
        assert client.grade(**ITEM).score > 0
    assert len(seen) == 3


def test_a_broken_connection_is_tried_again(fake):
    transport, seen = answering(httpx.ReadError("cut"), ok(fake))
    with Client(transport=transport) as client:
        assert client.grade(**ITEM).score > 0
    assert len(seen) == 2


def test_a_retry_of_an_attempt_carries_the_same_idempotency_key():
    transport, seen = answering(httpx.ReadError("cut"), httpx.Response(422, json={"code": "x", "detail": "no"}))
    with Client(transport=transport) as client, pytest.raises(ServiceError):
        client.attempt("tea-steeping", "x")
    assert len({request.headers["idempotency-key"] for request in seen}) == 1


def test_what_may_have_happened_is_not_done_twice():
    transport, seen = answering(httpx.ReadError("cut"))
    with Client(transport=transport) as client, pytest.raises(ServiceError, match="cannot be reached"):
        client.dispute("a", "c", "missing")
    assert len(seen) == 1


def test_tries_come_to_an_end():
    transport, seen = answering(*[httpx.Response(503)] * 9)
    with Client(transport=transport, tries=3) as client, pytest.raises(ServiceError) as refused:
        client.topics()
    assert (len(seen), refused.value.status) == (3, 503)


def test_a_service_that_is_not_there():
    with Client("http://127.0.0.1:9", tries=2) as client, pytest.raises(ServiceError) as refused:
        client.topics()
    assert refused.value.status == 0
