from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain import Status
from grader.runtime import CLS, SEP
from grader.verify import CONCEPT_WINDOW, PIECE, QUESTION_WINDOW, SHORT, WHOLE, ShippedVerifier, pair, windows

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
    assert all(len(w) <= WHOLE and w == sorted(w) for w in cut)
    assert len(cut) >= 1


@given(st.integers(SHORT + 1, 5000))
def test_neighbouring_pieces_share_enough_words_for_a_sentence(length):
    cut = [w for w in windows(list(range(length))) if len(w) <= PIECE]

    assert all(len(set(a) & set(b)) >= 40 for a, b in pairwise(cut))


def test_a_short_answer_is_read_once_and_a_longer_one_whole_and_in_pieces():
    assert windows([7] * SHORT) == [[7] * SHORT]
    assert windows([7] * WHOLE)[0] == [7] * WHOLE
    assert windows([]) == [[]]


def test_the_layout_of_a_pair():
    feeds = pair([1, 2], [3, 4, 5], [7, 8])

    assert feeds["ids"].tolist() == [[CLS, 1, 2, SEP, 3, 4, 5, SEP, CLS, 7, 8, SEP]]
    assert feeds["parts"].tolist() == [[0] * 8 + [1] * 4]


def test_the_longest_pair_fits_the_model():
    feeds = pair([1] * QUESTION_WINDOW, [1] * WHOLE, [1] * CONCEPT_WINDOW)

    assert feeds["ids"].shape[1] <= 512


def read(verifier, answer, concepts=CONCEPTS, question=QUESTION):
    return verifier.read(question, [(answer, concepts)])[0]


def test_a_reading_is_a_distribution(verifier):
    for reading in read(verifier, ANSWER):
        chances = [getattr(reading, s.value) for s in Status]
        assert sum(chances) == pytest.approx(1, abs=1e-5)
        assert min(chances) >= 0


def test_a_concept_word_for_word_is_covered_and_left_out_is_missing(verifier):
    first, *_, fourth, fifth = read(verifier, CONCEPTS[0])

    assert first.status is Status.covered
    assert fourth.status is fifth.status is Status.missing


def test_the_order_of_concepts_does_not_matter(verifier):
    straight = read(verifier, ANSWER)

    assert read(verifier, ANSWER, CONCEPTS[::-1])[::-1] == straight
    assert read(verifier, ANSWER, CONCEPTS[2:] + CONCEPTS[:2]) == straight[2:] + straight[:2]


def test_a_concept_is_read_the_same_alone(verifier):
    for concept, beside in zip(CONCEPTS, read(verifier, ANSWER), strict=True):
        assert read(verifier, ANSWER, [concept]) == [beside]
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
