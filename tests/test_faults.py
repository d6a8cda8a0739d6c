import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain import Concept, Item
from grader.errors import BadInput
from grader.faults import faults, parse, parse_item

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
                        st.sampled_from(["id", "answer", "question", "reference", "concepts", "statement", "weight",
                                         "accept", "reject", "claim", "typo"]), inner, max_size=5), max_leaves=12)


def faults_of(raw):
    with pytest.raises(BadInput) as caught:
        parse_item(raw)
    return caught.value.faults


def concept(**fields):
    return {"statement": "Groups are stateful.", **fields}


def test_a_good_item_is_read():
    item = parse_item({"id": "7", "answer": "…", "reference": ["a", "b"],
                       "concepts": [concept(weight=2, accept=["they remember"], reject=["they forget",
                                    {"claim": "no state", "correction": "They keep state."}])]})

    assert item.concepts[0].weight == 2
    assert [r.correction for r in item.concepts[0].rejects] == ["", "They keep state."]


def test_every_fault_is_listed_at_once_with_its_path():
    found = faults_of({"answer": 5, "quesion": "typo", "concepts": [
        {"statement": ""}, concept(weight=-1), concept(weight=math.nan), concept(id="a"), concept(id="a"),
        {"weight": "two"}, concept(reject=[{"correction": "no claim"}])]})

    assert [f.split(":")[0] for f in found] == [
        "$.quesion", "$.answer", "$.concepts[0].statement", "$.concepts[1].weight", "$.concepts[2].weight",
        "$.concepts[5].statement", "$.concepts[5].weight", "$.concepts[6].reject[0].claim", "$.concepts"]
    assert "known are answer, id, question_id" in found[0]
    assert found[-1] == "$.concepts: two concepts have the id 'a'"


@pytest.mark.parametrize(("raw", "path", "words"), [
    (None, "$", "expected `object`"),
    (5, "$", "expected `object`"),
    ([], "$", "expected `object`"),
    ({"question_id": "q"}, "$.answer", "missing"),
    ({"answer": "…"}, "$", "give question_id, or reference, or concepts"),
    ({"answer": None, "question_id": "q"}, "$.answer", "expected `str`, got `null`"),
    ({"answer": 5, "question_id": "q"}, "$.answer", "expected `str`, got `int` 5"),
    ({"answer": "…", "question_id": "q", "concepts": [concept()]}, "$.concepts", "not both"),
    ({"answer": "…", "concepts": []}, "$.concepts", "no reference to derive"),
    ({"answer": "…", "reference": " \n"}, "$.reference", "says nothing"),
    ({"answer": "…", "reference": []}, "$.reference", "says nothing"),
    ({"answer": "…", "concepts": [{"statement": "  "}]}, "$.concepts[0]", "must say something"),
    ({"answer": "…", "concepts": [concept(weight=0)]}, "$.concepts[0].weight", "> 0"),
    ({"answer": "…", "concepts": [concept(weight=-1)]}, "$.concepts[0].weight", "> 0"),
    ({"answer": "…", "concepts": [concept(weight=math.inf)]}, "$.concepts[0].weight", "<= 100"),
    ({"answer": "…", "concepts": [concept(weight=math.nan)]}, "$.concepts[0].weight", "not nan"),
    ({"answer": "…", "concepts": [concept(statement="x" * 601)]}, "$.concepts[0].statement", "600"),
    ({"answer": "…", "concepts": concept()}, "$.concepts", "expected"),
    ({"answer": "…", "concepts": [concept(reject=[3])]}, "$.concepts[0].reject[0]", "expected"),
])
def test_each_fault_has_its_path_and_says_what_would_be_right(raw, path, words):
    (found,) = faults_of(raw)

    assert found.startswith(f"{path}:")
    assert words in found


@given(JSON)
def test_anything_is_read_or_refused_with_a_path(raw):
    try:
        assert isinstance(parse_item(raw), Item)
    except BadInput as fault:
        assert fault.faults
        assert all(f.startswith("$") for f in fault.faults)


def test_what_the_caller_shows_is_shortened():
    (found,) = faults(["x" * 500], str)

    assert len(found) < 120


def test_any_struct_can_be_read_so():
    assert parse(concept(), Concept).statement == "Groups are stateful."
    with pytest.raises(BadInput, match=r"\$\.statement: missing"):
        parse({}, Concept)
