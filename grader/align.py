"""Which clauses may speak of which concept: similarity finds where to look, never what is true."""

import numpy as np

from grader.runtime import Vectors


def similarity(answer: Vectors, references: Vectors) -> float:
    """The highest cosine of an answer's vector with any reference, between 0 and 1."""
    if not len(references):
        return 0.0
    return float(np.clip((references @ answer.reshape(-1)).max(), 0.0, 1.0))


def nearest(clauses: Vectors, texts: Vectors) -> float:
    """The highest cosine of any clause with any text; 0 where there are none."""
    return float((clauses @ texts.T).max()) if len(clauses) and len(texts) else 0.0


def rank(concepts: Vectors, clauses: Vectors) -> tuple[tuple[int, ...], ...]:
    """For each concept, the clauses by falling similarity; ties go to the earlier clause."""
    near = concepts @ clauses.T
    return tuple(tuple(int(i) for i in np.argsort(-row, kind="stable")) for row in near)
