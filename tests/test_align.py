import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.align import nearest, rank, similarity

POINTS = st.tuples(*[st.floats(-1, 1, width=32)] * 3)


def unit(*rows):
    vectors = np.array(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_nearest_reference_counts():
    answer, references = unit([1, 0]), unit([0, 1], [1, 1])

    assert similarity(answer[0], references) == pytest.approx(np.sqrt(0.5), abs=1e-6)


def test_without_a_reference_nothing_is_alike():
    assert similarity(unit([1, 0])[0], np.zeros((0, 2), np.float32)) == 0


def test_opposites_are_not_alike_rather_than_less_than_nothing():
    assert similarity(unit([1, 0])[0], unit([-1, 0])) == 0


def test_the_nearest_clause_tells_how_near_an_answer_is():
    assert nearest(unit([1, 0], [0, 1]), unit([0, 2], [-1, 0])) == 1
    assert nearest(np.zeros((0, 2), np.float32), unit([1, 0])) == 0
    assert nearest(unit([1, 0]), np.zeros((0, 2), np.float32)) == 0


def test_clauses_are_ranked_by_likeness_and_ties_by_place():
    concepts, clauses = unit([1, 0], [0, 1]), unit([0, 1], [1, 0], [1, 0], [1, 1])

    assert rank(concepts, clauses) == ((1, 2, 3, 0), (0, 3, 1, 2))


@given(st.lists(POINTS, max_size=6), st.lists(POINTS, max_size=4))
def test_every_concept_ranks_every_clause_once(clauses, concepts):
    shape = (-1, 3)
    ranks = rank(np.array(concepts, np.float32).reshape(shape), np.array(clauses, np.float32).reshape(shape))

    assert [sorted(r) for r in ranks] == [list(range(len(clauses)))] * len(concepts)
