from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain import Status
from grader.runtime import CLS, SEP
from grader.verify import CONCEPTS_AT_ONCE, POSITIONS, QUESTION_WINDOW, WINDOW, ShippedVerifier, sequence, windows

QUESTION = "What is the difference between a security group and a network ACL?"
ANSWER = "A security group is stateful and a network ACL is stateless, so replies need a rule of their own there."
CONCEPTS = (
    "Security groups are stateful: replies to allowed traffic pass automatically.",
    "Network ACLs are stateless: return traffic needs its own rule.",
    "Security groups have allow rules only, network ACLs allow and deny rules.",
    "A network ACL works at the subnet.",
    "Network ACL rules are checked in number order.",
)


@pytest.fixture(scope="module")
def verifier(weights):
    return ShippedVerifier(weights)


@given(st.integers(0, 5000))
def test_windows_lose_nothing(length):
    ids = list(range(length))
    cut = windows(ids)

    assert {i for w in cut for i in w} == set(ids)
    assert all(len(w) <= WINDOW and w == sorted(w) for w in cut)
    assert len(cut) >= 1


@given(st.integers(WINDOW + 1, 5000))
def test_neighbouring_windows_share_enough_words_for_a_sentence(length):
    cut = windows(list(range(length)))

    assert all(len(set(a) & set(b)) >= 90 for a, b in pairwise(cut))


def test_an_answer_within_the_window_is_read_once():
    assert windows([7] * WINDOW) == [[7] * WINDOW]
    assert windows([]) == [[]]


def test_the_layout_of_a_sequence():
    feeds = sequence([1, 2], [3, 4, 5], [[6], [7, 8]])

    assert feeds["ids"].tolist() == [[CLS, 1, 2, SEP, 3, 4, 5, SEP, CLS, 6, SEP, CLS, 7, 8, SEP]]
    assert feeds["parts"].tolist() == [[0] * 8 + [1] * 3 + [2] * 4]
    assert feeds["claims"].tolist() == [1, 2]
    # Every concept starts where the answer ends, as if it were alone.
    assert feeds["positions"].tolist() == [[*range(8), 8, 9, 10, 8, 9, 10, 11]]


@given(st.integers(0, QUESTION_WINDOW), st.integers(0, WINDOW), st.lists(st.integers(0, 122), min_size=1, max_size=8))
def test_positions_stay_where_the_model_has_any(question, answer, claims):
    feeds = sequence([1] * question, [1] * answer, [[1] * n for n in claims])

    assert feeds["positions"].max() < POSITIONS
    assert feeds["ids"].shape == feeds["positions"].shape == feeds["parts"].shape


def read(verifier, answer, concepts=CONCEPTS, question=QUESTION):
    return verifier.read(question, [(answer, concepts)])[0]


def test_a_reading_is_a_distribution(verifier):
    for reading in read(verifier, ANSWER):
        chances = [getattr(reading, s.value) for s in Status]
        assert sum(chances) == pytest.approx(1, abs=1e-5)
        assert min(chances) >= 0


def test_a_concept_word_for_word_is_covered_and_left_out_is_missing(verifier):
    first, second, *_ = read(verifier, CONCEPTS[0])

    assert first.status is Status.covered
    assert second.status is Status.missing


def test_the_order_of_concepts_does_not_matter(verifier):
    straight = read(verifier, ANSWER)

    assert read(verifier, ANSWER, CONCEPTS[::-1])[::-1] == straight
    assert read(verifier, ANSWER, CONCEPTS[2:] + CONCEPTS[:2]) == straight[2:] + straight[:2]


def test_a_concept_is_read_much_the_same_alone(verifier):
    """Not to the last bit: the scale of int8 activations comes from the whole sequence."""
    for concept, beside in zip(CONCEPTS, read(verifier, ANSWER), strict=True):
        (alone,) = read(verifier, ANSWER, [concept])
        assert all(abs(getattr(alone, s.value) - getattr(beside, s.value)) < 0.2 for s in Status)


def test_more_concepts_than_fit_at_once_are_all_read(verifier):
    many = [f"Statement {n}: a security group is stateful." for n in range(2 * CONCEPTS_AT_ONCE + 1)]

    assert len(read(verifier, ANSWER, many)) == len(many)
    assert read(verifier, ANSWER, many[::-1])[::-1] == read(verifier, ANSWER, many)
    assert read(verifier, ANSWER, []) == []


def test_asks_do_not_depend_on_their_neighbours(verifier):
    asks = [(ANSWER, CONCEPTS[:3]), ("A firewall.", CONCEPTS[:1]), (ANSWER, CONCEPTS[1:])]

    assert verifier.read(QUESTION, asks) == [verifier.read(QUESTION, [ask])[0] for ask in asks]


def test_what_is_said_late_in_a_long_answer_is_read(verifier):
    """Beyond the first window, about 900 words into the answer, words still move what is read."""
    filler = "In my last project we had many accounts and I liked to draw them on the whiteboard. " * 60
    before, after = read(verifier, filler), read(verifier, filler + ANSWER)

    assert max(b.missing - a.missing for a, b in zip(after, before, strict=True)) > 0.3


@pytest.mark.parametrize("answer", ["", "\u200b", "🙂" * 500, "x" * 20_000, "0 " * 3000, "\ud7ff\uffff\x00"])
def test_strange_answers_are_read_too(verifier, answer):
    assert len(read(verifier, answer)) == len(CONCEPTS)


def test_temperature_and_bias_come_from_the_calibration(weights, tmp_path):
    class Cold:
        def __init__(self, inner):
            self.inner = inner

        def mark(self, name):
            return self.inner.mark(name)

        def read(self, name):
            if name == "calibration.json":
                return b'{"verifier": {"temperature": 100.0, "bias": [0, 0, 0, 0]}, "score": {}}'
            return self.inner.read(name)

    for reading in read(ShippedVerifier(Cold(weights)), ANSWER):
        assert reading.confidence == pytest.approx(0.25, abs=0.1)
