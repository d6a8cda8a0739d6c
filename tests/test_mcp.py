import asyncio
import sys

import pytest
from mcp import Client, StdioServerParameters

from grader.engine import Grader
from grader.mcp import LOCAL, build
from grader.search import Finder
from grader.settings import Settings
from grader.store import Store
from tests.fakes import TINY, FakeEncoder, FakeVerifier
from tests.serving import ITEM, app_in, listening

TOOLS = {"list_questions", "grade_answer", "next_question", "weak_topics"}


@pytest.fixture
def ask(tmp_path):
    """Calls one tool by the official client, in process."""
    store = Store(tmp_path / "learners.db")
    grader = Grader(TINY, FakeEncoder(), FakeVerifier())
    server = build(grader, store, Finder(TINY, grader.encoder, Settings(cache=tmp_path)))

    def call(name, **arguments):
        async def run():
            async with Client(server) as client:
                return await client.call_tool(name, arguments)

        return asyncio.run(run())

    call.store = store
    yield call
    store.close()


def test_questions_are_listed_without_their_answers(ask):
    found = ask("list_questions", search="tea").structured_content

    assert [q["id"] for q in found["questions"]] == ["tea-steeping"]
    assert found["topics"] == ["kitchen", "networking"]
    assert "reference" not in found["questions"][0]


def test_an_answer_is_graded_and_remembered(ask):
    found = ask("grade_answer", **ITEM).structured_content

    assert found["grade"]["concepts"][0]["status"] == "covered"
    assert found["reference"].startswith("Hot water")
    assert [a.answer for a in ask.store.history(LOCAL)] == [ITEM["answer"]]


def test_an_answer_can_be_graded_without_a_trace(ask):
    ask("grade_answer", **ITEM, remember=False)

    assert ask.store.history(LOCAL) == []


def test_next_and_weak_topics(ask):
    ask("grade_answer", **ITEM)

    assert ask("next_question", mode="new").structured_content["question"]["id"] == "sg-vs-nacl"
    assert "kitchen" in [t["topic"] for t in ask("weak_topics").structured_content["topics"]]


@pytest.mark.parametrize(("name", "arguments", "words"), [
    ("grade_answer", {"question_id": "tea-steping", "answer": "x"}, "tea-steeping"),
    ("grade_answer", {"question_id": "tea-steeping"}, "answer"),
    ("next_question", {"mode": "easiest"}, "weakest"),
    ("next_question", {"topic": "nope"}, "nope")])
def test_what_is_wrong_is_told_in_words(ask, name, arguments, words):
    found = ask(name, **arguments)

    assert found.is_error
    assert words in found.content[0].text


def test_the_same_tools_at_mcp_where_it_is_switched_on(tmp_path):
    async def run(address):
        async with Client(f"{address}/mcp") as client:
            assert {t.name for t in (await client.list_tools()).tools} == TOOLS
            found = await client.call_tool("grade_answer", ITEM)
            assert not found.is_error

    with listening(app_in(tmp_path, mcp=True)) as address:
        asyncio.run(run(address))
    store = Store(tmp_path / "learners.db")
    assert len(store.history(LOCAL)) == 1
    store.close()


@pytest.mark.slow
def test_the_command_speaks_over_standard_input_and_output(tmp_path):
    command = StdioServerParameters(command=sys.executable,
                                    args=["-m", "grader", "mcp", "--db", str(tmp_path / "a.db")])

    async def run():
        async with Client(command) as client:
            assert {t.name for t in (await client.list_tools()).tools} == TOOLS
            found = await client.call_tool("list_questions", {"limit": 1})
            question = found.structured_content["questions"][0]["id"]
            graded = await client.call_tool("grade_answer", {"question_id": question, "answer": "It depends."})
            assert not graded.is_error

    asyncio.run(run())
