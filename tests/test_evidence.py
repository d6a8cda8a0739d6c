from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain import Status
from grader.evidence import evidence, without
from grader.segment import segment
from tests.fakes import reading

STATUSES = st.sampled_from(Status)


def found(answer, statuses, reread, nearest=None):
    clauses = segment(answer)
    ranks = nearest or [range(len(clauses))] * len(statuses)
    return evidence(answer, clauses, [reading(s) for s in statuses], ranks, reread)


def needs(*wanted):
    """Rereads so that concept k stands only while its words stand."""

    def reread(asks):
        return [{c: reading(Status.covered if wanted[c](text) else Status.missing) for c in which}
                for text, which in asks]

    return reread


def never(asks):
    raise AssertionError(f"nothing had to be read again, but was asked {asks}")


def texts(spans):
    return [[s.text for s in of_concept] for of_concept in spans]


def test_the_clause_that_decides_is_the_evidence():
    answer = "The sky is blue today. Security groups are stateful. Tea is nice."

    assert texts(found(answer, [Status.covered], needs(lambda t: "stateful" in t), [[1, 0, 2]])) == [
        ["Security groups are stateful."]]


def test_the_likest_clause_need_not_be_the_one_that_decides():
    answer = "A group is a group. It remembers every connection. Tea is nice."

    assert texts(found(answer, [Status.covered], needs(lambda t: "remembers" in t))) == [
        ["It remembers every connection."]]


def test_a_claim_in_two_clauses_has_both_as_evidence():
    answer = "Groups remember every connection. Once more: groups remember connections. Tea is nice."

    assert texts(found(answer, [Status.covered], needs(lambda t: "remember" in t))) == [
        ["Groups remember every connection.", "Once more: groups remember connections."]]


def test_where_few_clauses_do_not_decide_all_of_them_do():
    def stubborn(asks):
        return [{c: reading(Status.covered) for c in which} for _, which in asks]

    answer = "First one is here. Second one is here. Third one is here. Fourth one is here. Fifth one is here."

    assert len(found(answer, [Status.covered], stubborn)[0]) == 5


def test_missing_concepts_have_no_evidence_and_cost_no_reading():
    assert found("One clause here. Another clause here.", [Status.missing, Status.missing], never) == ((), ())


def test_the_only_clause_is_the_evidence_without_another_reading():
    assert texts(found("Security groups are stateful.", [Status.covered, Status.missing, Status.partial], never)) == [
        ["Security groups are stateful."], [], ["Security groups are stateful."]]


def test_an_answer_without_a_clause_has_no_evidence():
    assert evidence("", (), [reading(Status.missing)], [()], never) == ((),)


def test_concepts_that_share_a_clause_share_its_reading():
    asked = Counter()

    def counting(asks):
        asked.update(text for text, _ in asks)
        return [{c: reading(Status.missing) for c in which} for text, which in asks]

    found("Groups are stateful. Lists are not stateful.", [Status.covered] * 3, counting, [[0, 1]] * 3)

    assert asked == {" Lists are not stateful.": 1}


@given(st.text(st.sampled_from("ab .;\n,é🙂"), max_size=60), st.lists(STATUSES, min_size=1, max_size=4), st.data())
def test_spans_are_slices_of_the_answer(answer, statuses, data):
    def anything(asks):
        return [{c: reading(data.draw(STATUSES)) for c in which} for _, which in asks]

    for status, spans in zip(statuses, found(answer, statuses, anything), strict=True):
        assert all(answer[s.start : s.end] == s.text for s in spans)
        assert [s.start for s in spans] == sorted({s.start for s in spans})
        assert bool(spans) == (status is not Status.missing and bool(segment(answer)))


@pytest.mark.parametrize(("gone", "left"), [((), "One two. Three four."), ((0,), " Three four."), ((1, 0), " ")])
def test_clauses_are_taken_out(gone, left):
    answer = "One two. Three four."

    assert without(answer, segment(answer), gone) == left
