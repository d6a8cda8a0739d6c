import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.segment import MOST, segment, sentences

PROSE = st.lists(
    st.sampled_from("A group is stateful but an ACL not. ; , and the - \n e.g. so it! ? : because … \u200b ".split(" "))
    | st.text(max_size=4), max_size=60).map(" ".join)


def texts(answer):
    return [c.text for c in segment(answer)]


@given(PROSE | st.text())
def test_clauses_are_spans_of_the_answer_in_order(answer):
    end = 0
    for clause in segment(answer):
        assert answer[clause.start : clause.end] == clause.text != ""
        assert clause.start >= end
        end = clause.end


@given(PROSE | st.text())
def test_together_the_clauses_hold_every_word(answer):
    held = {i for c in segment(answer) for i in range(c.start, c.end)}

    assert all(i in held for i, character in enumerate(answer) if character.isalnum())


@pytest.mark.parametrize(("answer", "clauses"), [
    ("It is stateful. It remembers.", ["It is stateful.", "It remembers."]),
    ("Use limits, e.g. a quota of 5. Then stop.", ["Use limits, e.g. a quota of 5.", "Then stop."]),
    ("The role lives in account B. Its policy names account A.",
     ["The role lives in account B.", "Its policy names account A."]),
    ("one\ntwo\n\nthree", ["one", "two", "three"]),
    ("- first point\n- second point", ["first point", "second point"]),
    ("A group filters the instance; an ACL filters the subnet",
     ["A group filters the instance", "an ACL filters the subnet"]),
    ("A security group is stateful, but a network ACL is stateless.",
     ["A security group is stateful", "but a network ACL is stateless."]),
    ("A group allows only whereas an ACL can also deny.", ["A group allows only", "whereas an ACL can also deny."]),
    ("Version 1.2.3 costs 0.05 per GB.", ["Version 1.2.3 costs 0.05 per GB."]),
    ("S3, and SQS.", ["S3, and SQS."]),
])
def test_cuts_fall_where_a_claim_of_its_own_begins(answer, clauses):
    assert texts(answer) == clauses


@pytest.mark.parametrize("answer", ["", "   ", "\n\n", ";;;", "- - -"])
def test_nothing_said_is_no_clause(answer):
    assert texts(answer) == []


def test_a_very_long_sentence_is_cut_at_any_comma():
    part = "the queue holds every message until a worker takes it"

    assert texts(", ".join([part] * 4)) == [part] * 4


@pytest.mark.parametrize("crumb", ["a. ", "ab, ", "a\n", "a; "])
def test_crumbs_are_joined_and_none_is_lost(crumb):
    answer = crumb * 5000

    clauses = texts(answer)

    assert len(clauses) <= MOST
    assert "".join(clauses).count("a") == 5000


def test_sentences_keep_what_a_semicolon_joins():
    assert sentences("It is stateful; it remembers - always. See e.g. the guide.\nNext line") == (
        "It is stateful; it remembers - always.", "See e.g. the guide.", "Next line")
