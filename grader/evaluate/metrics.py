"""How well grades agree with labels: pure arithmetic on numpy arrays, and every figure finite.

Where a figure is undefined, such as a correlation with a constant or the F1 of a status that never
occurs, it is 0.0; `measure` tells beside it of how many answers or labels it speaks.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from grader.domain import Grade, Status

RIGHT = ("full", "terse", "paraphrase")  # answers that say everything, in whatever words
HOLLOW = ("swapped", "stuffed", "vague")  # answers that sound right and are worth nothing
TRIVIAL = ("stuffed", "vague", "one")  # a word counter tells these apart; a fair figure leaves them out
KINDS = (*RIGHT, "partial", "one", "mixed", "swapped", "stuffed", "vague", "hard")
JUDGED = (Status.covered, Status.missing, Status.contradicted)
BANDS = 5  # 0-20-40-60-80-100
BINS = 10
SHARES = tuple(range(10, 101, 10))  # per cent

Floats = NDArray[np.float64]
Figures = dict[str, Any]  # name to number, or to figures of its own: what `--json` prints


class Row(Struct, frozen=True, kw_only=True):
    """A labelled answer beside its grade. `statuses`: its label of each concept, where there is one."""

    question_id: str
    kind: str
    score: float
    grade: Grade
    statuses: Mapping[str, Status] | None = None
    answer: str = ""
    question: str = ""

    @property
    def error(self) -> float:
        """How far the grade lies above the label, in points."""
        return self.grade.score - self.score


class Pair(Struct, frozen=True):
    """What a person and the grader say of one concept."""

    label: Status
    status: Status
    confidence: float


class Bin(Struct, frozen=True):
    """Verdicts of like confidence: how many, how sure on average, and what share is right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


# ---------------------------------------------------------------- scores


def pearson(x: ArrayLike, y: ArrayLike) -> float:
    """Linear correlation; 0.0 where one side is constant."""
    a, b = _centred(x), _centred(y)
    length = math.sqrt(float(a @ a) * float(b @ b))
    return min(1.0, max(-1.0, float(a @ b) / length)) if length else 0.0


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Correlation of the ranks; ties share their average rank."""
    return pearson(_ranks(x), _ranks(y))


def mae(label: ArrayLike, score: ArrayLike) -> float:
    """Mean absolute difference."""
    return _mean(np.abs(_floats(score) - _floats(label)))


def rmse(label: ArrayLike, score: ArrayLike) -> float:
    """Root of the mean squared difference."""
    return math.sqrt(_mean((_floats(score) - _floats(label)) ** 2))


def quadratic_weighted_kappa(label: ArrayLike, score: ArrayLike) -> float:
    """Agreement beyond chance on five bands of 20 points; 0.0 where chance leaves no disagreement."""
    rows, columns = band(label), band(score)
    seen = np.zeros((BANDS, BANDS))
    np.add.at(seen, (rows, columns), 1.0)
    weights = np.subtract.outer(np.arange(BANDS), np.arange(BANDS)) ** 2.0
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / max(1.0, seen.sum())
    expected = float((weights * chance).sum())
    return 1.0 - float((weights * seen).sum()) / expected if expected else 0.0


def band(score: ArrayLike) -> NDArray[np.int64]:
    """Band of each score, 0 to 4; 100 belongs to the last."""
    return np.clip(_floats(score) // (100 / BANDS), 0, BANDS - 1).astype(np.int64)


# ---------------------------------------------------------------- statuses


def pairs(rows: Sequence[Row]) -> list[Pair]:
    """Label and verdict of every concept that has both."""
    return [Pair(r.statuses[f.id], f.status, f.confidence)
            for r in rows if r.statuses for f in r.grade.concepts if f.id in r.statuses]


def per_status(found: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each status, and how many labels it has."""
    result = {}
    for status in Status:
        labels, verdicts = sum(p.label is status for p in found), sum(p.status is status for p in found)
        both = sum(p.label is status and p.status is status for p in found)
        result[status.value] = {"precision": _share(both, verdicts), "recall": _share(both, labels),
                                "f1": _share(2 * both, labels + verdicts), "labels": labels}
    return result


def macro_f1(found: Sequence[Pair]) -> float:
    """Mean F1 of covered, missing and contradicted; one that never occurs counts 0."""
    each = per_status(found)
    return sum(each[s.value]["f1"] for s in JUDGED) / len(JUDGED)


def contradiction_recall(found: Sequence[Pair]) -> float:
    """Share of the contradicted concepts that are found."""
    return per_status(found)[Status.contradicted.value]["recall"]


def confusion(found: Sequence[Pair]) -> dict[Status, dict[Status, int]]:
    """How often each label (outer key) got each status (inner key)."""
    return {a: {b: sum(p.label is a and p.status is b for p in found) for b in Status} for a in Status}


def reliability(found: Sequence[Pair]) -> list[Bin]:
    """Ten bins of equal width over the confidence of the verdicts, empty ones too."""
    sure = _floats([p.confidence for p in found])
    right = _floats([p.label is p.status for p in found])
    place = np.clip(np.floor(sure * BINS), 0, BINS - 1)
    chosen = [place == n for n in range(BINS)]
    return [Bin(n / BINS, (n + 1) / BINS, int(mask.sum()), _mean(sure[mask]), _mean(right[mask]))
            for n, mask in enumerate(chosen)]


def expected_calibration_error(found: Sequence[Pair]) -> float:
    """How far confidence and share right lie apart, averaged over the bins by their size."""
    return sum(b.count * abs(b.confidence - b.right) for b in reliability(found)) / max(1, len(found))


# ---------------------------------------------------------------- confidence of grades


def interval_coverage(rows: Sequence[Row]) -> float:
    """Share of labels that lie in their grade's interval."""
    return _mean([r.grade.score_low <= r.score <= r.grade.score_high for r in rows])


def interval_width(rows: Sequence[Row]) -> float:
    """Mean width of the intervals, in points."""
    return _mean([r.grade.score_high - r.grade.score_low for r in rows])


def risk_coverage(rows: Sequence[Row]) -> dict[str, float]:
    """Mean absolute error of the most confident 10 %, 20 % … 100 % of the grades."""
    surest = sorted(rows, key=lambda r: -r.grade.confidence)
    return {f"{share}%": _mean([abs(r.error) for r in surest[: math.ceil(len(rows) * share / 100)]])
            for share in SHARES}


# ---------------------------------------------------------------- kinds and order


def by_kind(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """For each kind there is: answers, mean label, mean score and mean absolute error."""
    seen = {r.kind for r in rows}
    groups = {k: [r for r in rows if r.kind == k] for k in (*KINDS, *sorted(seen - set(KINDS))) if k in seen}
    return {kind: {"answers": len(group), "label": _mean([r.score for r in group]),
                   "score": _mean([r.grade.score for r in group]), "mae": _mean([abs(r.error) for r in group])}
            for kind, group in groups.items()}


def share_above(rows: Sequence[Row], kinds: Sequence[str], points: float) -> dict[str, float]:
    """For each of the kinds that occurs, the share of its answers graded above so many points."""
    groups = {k: [r.grade.score > points for r in rows if r.kind == k] for k in kinds}
    return {kind: _mean(group) for kind, group in groups.items() if group}


def in_order(rows: Sequence[Row]) -> dict[str, bool]:
    """For each question with answers of all three sorts: whether right stands above mixed, and mixed above swapped."""
    result = {}
    for question in dict.fromkeys(r.question_id for r in rows):
        mine = [r for r in rows if r.question_id == question]
        ladder = [[r.grade.score for r in mine if r.kind in step] for step in (RIGHT, ("mixed",), ("swapped",))]
        if all(ladder):
            result[question] = all(min(above) > max(below) for above, below in pairwise(ladder))
    return result


def ordering_share(rows: Sequence[Row]) -> float:
    """Share of questions whose right, mixed and swapped answers are graded in that order."""
    return _mean(list(in_order(rows).values()))


# ---------------------------------------------------------------- all of it


def measure(rows: Sequence[Row]) -> Figures:
    """Every figure by name; once more under `without_trivial` for the answers that are hard to grade."""
    return _rounded({**_figures(rows), "without_trivial": _figures([r for r in rows if not is_trivial(r)])})


def is_trivial(row: Row) -> bool:
    """Whether an answer is empty, or of a kind that any grader gets right."""
    return row.kind in TRIVIAL or not any(c.isalnum() for c in row.answer)


def _figures(rows: Sequence[Row]) -> Figures:
    label, points, found = [r.score for r in rows], [r.grade.score for r in rows], pairs(rows)
    return {
        "answers": len(rows),
        "questions": len({r.question_id for r in rows}),
        "concept_labels": len(found),
        "pearson": pearson(label, points),
        "spearman": spearman(label, points),
        "mae": mae(label, points),
        "rmse": rmse(label, points),
        "quadratic_weighted_kappa": quadratic_weighted_kappa(label, points),
        "macro_f1": macro_f1(found),
        "contradiction_recall": contradiction_recall(found),
        "expected_calibration_error": expected_calibration_error(found),
        "interval_coverage": interval_coverage(rows),
        "interval_width": interval_width(rows),
        "ordering_share": ordering_share(rows),
        "ordering_questions": len(in_order(rows)),
        "per_status": per_status(found),
        "risk_coverage": risk_coverage(rows),
        "by_kind": by_kind(rows),
        "above_20": share_above(rows, HOLLOW, 20),
        "above_25": share_above(rows, HOLLOW, 25),
        "above_75": share_above(rows, RIGHT, 75),
    }


def _rounded(figures: Figures) -> Figures:
    """Four digits: more would differ between machines and say nothing."""
    return {k: _rounded(v) if isinstance(v, dict) else round(v, 4) for k, v in figures.items()}


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _mean(values: ArrayLike) -> float:
    array = _floats(values)
    return float(array.mean()) if array.size else 0.0


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _centred(values: ArrayLike) -> Floats:
    """Differences from the mean, the largest scaled to 1; zeros where the values are all the same."""
    array = _floats(values)
    # The mean of equal floats may miss them by a rounding error, which scaling would blow up.
    if not array.size or float(np.ptp(array)) == 0.0:
        return np.zeros_like(array)
    apart = array - array.mean()
    return np.asarray(apart / np.abs(apart).max())


def _ranks(values: ArrayLike) -> Floats:
    _, place, counts = np.unique(_floats(values), return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(ranks[place], dtype=np.float64)
