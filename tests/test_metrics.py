import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain import Feedback, Finding, Grade, Status, Verdict
from grader.evaluate import metrics
from grader.evaluate.metrics import Pair, Row

C, P, M, X = Status.covered, Status.partial, Status.missing, Status.contradicted
POINTS = st.floats(0, 100)
SERIES = st.lists(st.tuples(POINTS, POINTS), max_size=30).map(lambda both: tuple(zip(*both, strict=True)) or ((), ()))


def grade(score=50.0, *, statuses=None, sure=0.8, low=None, high=None, concept_sure=0.9):
    findings = tuple(
        Finding(id=i, statement=f"Statement {i}.", weight=1, status=s, confidence=concept_sure, gain=0)
        for i, s in (statuses or {}).items()
    )
    return Grade(id="", question_id=None, score=score, score_low=score - 5 if low is None else low,
                 score_high=score + 5 if high is None else high, verdict=Verdict.partial, confidence=sure,
                 needs_review=False, similarity=0, coverage=0, concepts=findings, misconceptions=(),
                 feedback=Feedback(summary=""), flags=(), engine="test")


def row(label=50.0, score=50.0, *, kind="partial", question="q1", labels=None, answer="Some words.", **more):
    return Row(question_id=question, kind=kind, score=label, statuses=labels, answer=answer,
               grade=grade(score, **more))


def found(*both, sure=0.9):
    return [Pair(a, b, sure) for a, b in both]


def numbers(figures):
    for value in figures.values():
        yield from numbers(value) if isinstance(value, dict) else [value]


# ---------------------------------------------------------------- scores


def test_pearson_of_known_numbers():
    assert metrics.pearson([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(0.8)
    assert metrics.pearson([0, 50, 100], [10, 20, 30]) == pytest.approx(1)
    assert metrics.pearson([0, 50, 100], [30, 20, 10]) == pytest.approx(-1)


@pytest.mark.parametrize(("x", "y"), [([], []), ([5], [7]), ([0.1, 0.1, 0.1], [1, 2, 3]), ([1, 2, 3], [70, 70, 70])])
def test_a_correlation_that_is_undefined_is_zero(x, y):
    assert metrics.pearson(x, y) == 0.0
    assert metrics.spearman(x, y) == 0.0


def test_spearman_gives_ties_their_average_rank():
    # ranks 1, 2.5, 2.5, 4 against 1, 3, 2, 4
    assert metrics.spearman([10, 20, 20, 30], [1, 9, 4, 16]) == pytest.approx(0.9486832980505138)


def test_spearman_sees_only_the_order():
    assert metrics.spearman([1, 2, 3, 4], [0, 1, 50, 51]) == pytest.approx(1)


def test_errors_of_known_numbers():
    assert metrics.mae([0, 50, 100], [10, 50, 80]) == pytest.approx(10)
    assert metrics.rmse([0, 50, 100], [10, 50, 80]) == pytest.approx(math.sqrt(500 / 3))


def test_bands_are_twenty_points_wide_and_the_last_holds_100():
    assert metrics.band([0, 19.9, 20, 59.9, 80, 100]).tolist() == [0, 0, 1, 2, 4, 4]


def test_kappa_of_known_numbers():
    assert metrics.quadratic_weighted_kappa([5, 30, 50, 70, 90], [1, 39, 41, 61, 100]) == pytest.approx(1)
    assert metrics.quadratic_weighted_kappa([10, 90], [90, 10]) == pytest.approx(-1)
    # one answer is a band off: disagreement 1, where chance gives 0.5·1 + 1·16 + 0.5·16 + 0.5·9
    assert metrics.quadratic_weighted_kappa([10, 10, 90, 90], [10, 30, 90, 90]) == pytest.approx(1 - 1 / 29)


def test_kappa_in_a_single_band_is_zero():
    assert metrics.quadratic_weighted_kappa([1, 2, 3], [4, 5, 6]) == 0.0


@given(SERIES)
def test_agreement_is_finite_bounded_and_symmetric(series):
    x, y = series
    for figure in (metrics.pearson, metrics.spearman, metrics.quadratic_weighted_kappa):
        assert -1 <= figure(x, y) <= 1
        assert figure(x, y) == pytest.approx(figure(y, x), abs=1e-9)
    assert 0 <= metrics.mae(x, y) <= metrics.rmse(x, y) + 1e-9 <= 100 + 1e-9


@given(st.lists(POINTS, min_size=2, max_size=30, unique=True))
def test_labels_agree_with_themselves(points):
    assert metrics.pearson(points, points) == pytest.approx(1)
    assert metrics.spearman(points, points) == pytest.approx(1)
    assert metrics.mae(points, points) == 0


# ---------------------------------------------------------------- statuses


def test_per_status_counts_right_ones_among_verdicts_and_among_labels():
    of = metrics.per_status(found((C, C), (C, M), (M, C), (X, X), (X, M), (X, M)))

    assert of["covered"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "labels": 2}
    assert of["contradicted"] == pytest.approx({"precision": 1, "recall": 1 / 3, "f1": 0.5, "labels": 3})
    assert of["missing"] == {"precision": 0, "recall": 0, "f1": 0, "labels": 1}
    assert of["partial"] == {"precision": 0, "recall": 0, "f1": 0, "labels": 0}


def test_macro_f1_leaves_partial_out_but_counts_its_mistakes():
    assert metrics.macro_f1(found((C, C), (M, M), (X, X))) == 1
    assert metrics.macro_f1(found((C, C), (M, M), (X, X), (P, C))) == pytest.approx((2 / 3 + 2) / 3)


def test_contradiction_recall_is_the_share_that_is_found():
    assert metrics.contradiction_recall(found((X, X), (X, C), (X, M), (X, X), (C, X))) == 0.5


def test_confusion_has_labels_in_rows():
    table = metrics.confusion(found((C, M), (C, M), (X, X)))

    assert table[C][M] == 2
    assert table[M][C] == 0
    assert sum(n for line in table.values() for n in line.values()) == 3


def test_calibration_error_is_the_gap_weighted_by_size():
    sure = found((C, C), (C, C), (C, M), (C, M), sure=0.95)  # right half of the time
    doubtful = found((C, M), sure=0.42)

    assert metrics.expected_calibration_error(sure + doubtful) == pytest.approx((4 * 0.45 + 0.42) / 5)


def test_reliability_puts_full_confidence_in_the_last_bin():
    bins = metrics.reliability(found((C, C), sure=1.0))

    assert [b.count for b in bins] == [0] * 9 + [1]
    assert (bins[-1].low, bins[-1].high, bins[-1].right) == (0.9, 1.0, 1.0)


def test_pairs_are_made_only_of_concepts_that_both_sides_know():
    rows = [row(labels={"c1": C, "c9": X}, statuses={"c1": M, "c2": C}), row(labels=None, statuses={"c1": C})]

    assert metrics.pairs(rows) == [Pair(C, M, 0.9)]


# ---------------------------------------------------------------- confidence of grades


def test_interval_coverage_counts_its_ends():
    rows = [row(50, low=50, high=60), row(60, low=50, high=60), row(61, low=50, high=60), row(10, low=0, high=30)]

    assert metrics.interval_coverage(rows) == 0.75
    assert metrics.interval_width(rows) == 15


def test_risk_coverage_takes_the_surest_first():
    rows = [row(0, n, sure=1 - n / 100) for n in (10, 9, 8, 7, 6, 5, 4, 3, 2, 1)]

    curve = metrics.risk_coverage(rows)

    assert list(curve) == [f"{n}%" for n in range(10, 101, 10)]
    assert (curve["10%"], curve["20%"], curve["100%"]) == (1, 1.5, 5.5)


# ---------------------------------------------------------------- kinds and order


def test_by_kind_keeps_the_order_of_kinds_and_lists_strangers_last():
    rows = [row(0, 20, kind="swapped"), row(10, 20, kind="swapped"), row(kind="essay"), row(100, 90, kind="full")]

    table = metrics.by_kind(rows)

    assert list(table) == ["full", "swapped", "essay"]
    assert table["swapped"] == {"answers": 2, "label": 5, "score": 20, "mae": 15}


def test_share_above_is_strict_and_leaves_absent_kinds_out():
    rows = [row(0, 20, kind="swapped"), row(0, 20.1, kind="swapped"), row(0, 3, kind="vague")]

    assert metrics.share_above(rows, metrics.HOLLOW, 20) == {"swapped": 0.5, "vague": 0}


@pytest.mark.parametrize(
    ("full", "terse", "mixed", "swapped", "expected"),
    [(90, 80, 50, 10, True), (90, 50, 50, 10, False), (90, 80, 50, 50, False), (90, 40, 50, 10, False)],
)
def test_a_question_is_in_order_when_every_step_goes_down(full, terse, mixed, swapped, expected):
    rows = [row(score=s, kind=k) for k, s in
            (("full", full), ("terse", terse), ("mixed", mixed), ("swapped", swapped), ("hard", 0))]

    assert metrics.in_order(rows) == {"q1": expected}


def test_ordering_share_looks_only_at_questions_with_all_three_sorts():
    def ladder(question, *scores):
        return [row(score=s, kind=k, question=question)
                for k, s in zip(("full", "mixed", "swapped"), scores, strict=False)]

    rows = ladder("a", 90, 50, 10) + ladder("b", 90, 10, 50) + ladder("c", 90, 50)

    assert metrics.ordering_share(rows) == 0.5


# ---------------------------------------------------------------- all of it


def test_measure_of_perfect_grades():
    rows = [row(s, s, kind=k, labels={"c1": x}, statuses={"c1": x}, concept_sure=1.0)
            for k, s, x in (("full", 100, C), ("mixed", 40, M), ("swapped", 0, X))]

    figures = metrics.measure(rows)

    assert (figures["answers"], figures["questions"], figures["concept_labels"]) == (3, 1, 3)
    for name in ("pearson", "spearman", "quadratic_weighted_kappa", "macro_f1", "contradiction_recall",
                 "interval_coverage", "ordering_share"):
        assert figures[name] == 1, name
    for name in ("mae", "rmse", "expected_calibration_error"):
        assert figures[name] == 0, name
    assert figures["above_75"] == {"full": 1}
    assert figures["above_20"] == figures["above_25"] == {"swapped": 0}


def test_without_trivial_leaves_out_empty_answers_and_easy_kinds():
    rows = [row(), row(kind="stuffed"), row(kind="vague"), row(kind="one"), row(answer=" …"), row(kind="swapped")]

    figures = metrics.measure(rows)

    assert figures["answers"] == 6
    assert figures["without_trivial"]["answers"] == 2
    assert figures.keys() - figures["without_trivial"].keys() == {"without_trivial"}


def test_measure_of_nothing_is_finite():
    assert all(math.isfinite(n) for n in numbers(metrics.measure([])))


ROWS = st.lists(
    st.builds(
        row, POINTS, POINTS, kind=st.sampled_from([*metrics.KINDS, "other"]), question=st.sampled_from(["a", "b"]),
        labels=st.none() | st.dictionaries(st.sampled_from(["c1", "c2"]), st.sampled_from(list(Status))),
        statuses=st.dictionaries(st.sampled_from(["c1", "c2"]), st.sampled_from(list(Status))),
        sure=st.floats(0, 1), concept_sure=st.floats(0, 1), answer=st.sampled_from(["", "Words."]),
    ),
    max_size=12,
)


@given(ROWS)
def test_every_figure_of_any_rows_is_finite(rows):
    assert all(math.isfinite(n) for n in numbers(metrics.measure(rows)))


@given(ROWS)
def test_the_order_of_rows_does_not_matter_save_for_ties_in_confidence(rows):
    forward, backward = metrics.measure(rows), metrics.measure(rows[::-1])

    for name in ("pearson", "spearman", "mae", "quadratic_weighted_kappa", "macro_f1", "ordering_share", "above_20"):
        assert forward[name] == pytest.approx(backward[name], abs=2e-4)
