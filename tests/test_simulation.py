"""The bars of progress, on learners whose knowledge is known; see simulation.py, which prints more figures."""

import pytest

from grader.progress import Mode
from tests.simulation import answers_to, estimates, made_bank


@pytest.fixture(scope="module")
def found():
    """200 learners after 60 answers to ten topics of twelve questions, as `weakest` chose them."""
    return estimates(made_bank(), 200, Mode.weakest)


def test_estimated_topic_mastery_correlates_with_the_truth(found):
    assert found.correlation >= 0.85
    assert abs(found.bias) < 0.03


def test_two_of_the_three_weakest_topics_are_named_for_most_learners(found):
    assert found.named >= 0.85


def test_intervals_hold_the_truth_as_often_as_they_say(found):
    assert 0.90 <= found.topics_held <= 0.98
    assert 0.90 <= found.concepts_held <= 0.98


def test_weakest_reaches_a_level_of_knowledge_in_a_quarter_fewer_answers_than_random():
    bank = made_bank(topics=8, questions=8)

    assert answers_to(bank, 40, Mode.weakest) <= 0.75 * answers_to(bank, 40, Mode.random)
