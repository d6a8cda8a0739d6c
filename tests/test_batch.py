import importlib.util
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import CHUNK, LONGEST_LINE, read_line, score_lines, score_lines_on_ray
from grader.domain import Grade, Ungraded
from grader.errors import GraderError
from tests.fakes import FIREWALLS

GOOD = {"question_id": FIREWALLS.id, "answer": "Security groups are stateful."}


def line(**fields):
    return json.dumps({**GOOD, **fields}).encode() + b"\n"


def told(result):
    return result.error.code, result.error.message


def test_every_line_has_its_result_in_order(fake):
    lines = [line(id=str(n)) for n in range(2 * CHUNK + 3)]

    assert [r.id for r in score_lines(fake, lines)] == [str(n) for n in range(2 * CHUNK + 3)]


def test_what_cannot_be_graded_stands_in_its_place_and_the_rest_goes_on(fake):
    results = list(score_lines(fake, [
        line(id="1"), b"{not json\n", b"\n", b'{"id": "\xff"}\n', b"[1, 2]\n", b"null\n",
        line(id="6", question_id="sg-vs-acl"), line(id="7", answer=None), line(id="8")]))

    assert [type(r) for r in results] == [Grade, *[Ungraded] * 6, Grade]
    assert [r.id for r in results] == ["1", None, None, None, None, "6", "7", "8"]
    assert [r.error.code for r in results[1:-1]] == [
        "not_json", "not_utf8", "not_an_object", "not_an_object", "unknown_question", "bad_input"]
    # Blank lines have no result, but they count as lines.
    assert [r.line for r in results[1:5]] == [2, 4, 5, 6]
    assert "did you mean sg-vs-nacl" in results[5].error.message
    assert results[6].error.message.startswith("$.answer: ")


def test_an_error_is_one_json_object(fake):
    (wrong,) = score_lines(fake, [b"{\n"])

    assert json.loads(msgspec.json.encode(wrong)) == {
        "id": None, "line": 1, "error": {"code": "not_json", "message": "line 1: not JSON: Input data was truncated"}}


@pytest.mark.parametrize(("data", "code"), [
    (b'{"a": 1', "not_json"), (b"{'a': 1}", "not_json"), (b'{"a": NaN}', "not_json"), (b'"text"', "not_an_object"),
    (b"\xc3\x28", "not_utf8"), (b'{"id": "\\ud800"}', "not_json"), (b"[" * 100_000, "not_json"),
    (b"x" * (LONGEST_LINE + 1), "too_long"),
])
def test_lines_that_cannot_be_read(data, code):
    assert told(read_line(9, data))[0] == code
    assert told(read_line(9, data))[1].startswith("line 9: ")


def test_a_byte_order_mark_is_passed_over_where_a_file_begins():
    assert read_line(1, b'\xef\xbb\xbf{"id": "1"}') == {"id": "1"}


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    read = read_line(1, data)

    assert isinstance(read, dict) or read.error.message.startswith("line 1: ")


def test_progress_is_told_after_each_chunk(fake):
    steps = []

    list(score_lines(fake, [line()] * CHUNK + [b"{", line()], lambda done, failed: steps.append((done, failed))))

    assert steps == [(CHUNK, 0), (CHUNK + 2, 1)]


def test_lines_are_taken_as_they_are_needed(fake):
    """A file larger than memory can be graded."""
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield line()

    next(score_lines(fake, endless()))

    assert taken == CHUNK


def test_nothing_in_nothing_out(fake):
    assert list(score_lines(fake, [])) == []
    assert list(score_lines(fake, [b"\n", b"  \n"])) == []


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="Ray is installed here")
def test_without_ray_it_says_what_to_install():
    with pytest.raises(GraderError, match=r"pip install 'answer-grader\[ray\]'"):
        list(score_lines_on_ray([line()], 2))


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_gives_what_one_machine_gives(models):
    """Where Ray is installed; it is not among the test's own packages: 200 MB for one function."""
    pytest.importorskip("ray")
    lines = [json.dumps({"id": str(n), "question_id": "security-group-vs-nacl", "answer": answer}).encode()
             for n, answer in enumerate(["Security groups are stateful.", "", "NACLs are stateless."] * 4)] + [b"{"]

    def plain(results):
        return [msgspec.to_builtins(r) | {"ms": 0} for r in results]

    assert plain(score_lines_on_ray(lines, 2)) == plain(score_lines(models, lines))
