"""Grades labelled answers and tells how well the grades agree with the labels."""

from collections.abc import Sequence

from msgspec import Struct

from grader.domain import Grade, Status, Ungraded
from grader.engine import Grader
from grader.evaluate.labelled import Block, LabelledAnswer, items
from grader.evaluate.metrics import Figures, Row, measure

# Name in the figures, what a person reads, how it is written, what it means.
SCORES = (
    ("pearson", "correlation (Pearson)", "{:.3f}", "1 agrees, 0 is unrelated"),
    ("spearman", "rank correlation (Spearman)", "{:.3f}", "1 is the labels' order"),
    ("mae", "mean absolute error", "{:.1f}", "points of 100; lower is better"),
    ("rmse", "root mean squared error", "{:.1f}", "points; large misses weigh more"),
    ("quadratic_weighted_kappa", "weighted kappa, five bands", "{:.3f}", "1 agrees, 0 is chance"),
    ("interval_coverage", "labels inside the interval", "{:.1%}", "90% is meant"),
    ("interval_width", "mean width of the interval", "{:.1f}", "points; lower says more"),
    ("ordering_share", "questions in right order", "{:.1%}", "right above mixed above swapped"),
)
CONCEPTS = (
    ("macro_f1", "macro F1 of concepts", "{:.3f}", "covered, missing, contradicted"),
    ("contradiction_recall", "contradictions found", "{:.1%}", "share of the wrong claims"),
    ("expected_calibration_error", "calibration error", "{:.3f}", "confidence against truth; 0 is best"),
)


class Evaluation(Struct, frozen=True, kw_only=True):
    """The rows, the figures over them, and the answers that could not be graded."""

    rows: tuple[Row, ...]
    figures: Figures
    ungraded: tuple[Ungraded, ...] = ()


def evaluate(grader: Grader, blocks: Sequence[Block], by_question_id: bool = False) -> Evaluation:
    """Every labelled answer graded, by its own rubric or by the bank's, and measured."""
    asked = items(blocks, by_question_id=by_question_id, bank=grader.bank.questions)
    grades = grader.grade_many([item for item, _, _ in asked])
    rows, ungraded = [], []
    for (_, label, block), grade in zip(asked, grades, strict=True):
        if isinstance(grade, Grade):
            rows.append(Row(question_id=block.qid, kind=label.kind, score=label.score, grade=grade,
                            statuses=_statuses(label, grade), answer=label.answer, question=block.question))
        else:
            ungraded.append(grade)
    return Evaluation(rows=tuple(rows), figures={**measure(rows), "ungraded": len(ungraded)}, ungraded=tuple(ungraded))


def text_table(figures: Figures) -> str:
    """Figures for a terminal, each with what it means."""
    head = (f"{figures['answers']:,} labelled answers to {figures['questions']:,} questions, "
            f"{figures['concept_labels']:,} labelled concepts")
    parts = [head, _missed(figures), _headline(figures, figures["without_trivial"]), _kinds(figures),
             _verdicts(figures), _risk(figures)]
    return "\n\n".join(p for p in parts if p) + "\n"


def _statuses(label: LabelledAnswer, grade: Grade) -> dict[str, Status] | None:
    """Labels of concepts; none where the concepts were derived, for a label cannot mean those."""
    return None if grade.derived is True else label.concepts


def _missed(figures: Figures) -> str:
    missed = figures.get("ungraded", 0)
    return f"Left out, for they could not be graded: {missed:,}" if missed else ""


def _headline(figures: Figures, core: Figures) -> str:
    shown = SCORES + (CONCEPTS if figures["concept_labels"] else ())
    if not figures["ordering_questions"]:
        shown = tuple(row for row in shown if row[0] != "ordering_share")
    rows = [(name, form.format(figures[key]), form.format(core[key]), meaning) for key, name, form, meaning in shown]
    easy = figures["answers"] - core["answers"]
    note = f"easy: {easy:,} answers that are empty, stuffed with keywords, vague, or one fact only"
    return _aligned(("agreement", "all", "without easy", "what it says"), rows, prose=(0, 3)) + f"\n{note}"


def _kinds(figures: Figures) -> str:
    limits = ("above_20", "above_25", "above_75")
    rows = []
    for kind, of in figures["by_kind"].items():
        means = (f"{of[name]:.1f}" for name in ("label", "score", "mae"))
        shares = (f"{figures[limit][kind]:.1%}" if kind in figures[limit] else "" for limit in limits)
        rows.append((kind, f"{of['answers']:,}", *means, *shares))
    heads = ("kind of answer", "answers", "mean label", "mean grade", "mean error", "above 20", "above 25", "above 75")
    return _aligned(heads, rows) if rows else ""


def _verdicts(figures: Figures) -> str:
    if not figures["concept_labels"]:
        return ""
    rows = [(status, f"{of['labels']:,}", f"{of['precision']:.3f}", f"{of['recall']:.3f}", f"{of['f1']:.3f}")
            for status, of in figures["per_status"].items()]
    return _aligned(("concepts labelled", "labels", "precision", "recall", "F1"), rows)


def _risk(figures: Figures) -> str:
    surest = figures["risk_coverage"]
    return _aligned(("the surest grades", *surest), [("mean error", *(f"{v:.1f}" for v in surest.values()))])


def _aligned(heads: Sequence[str], rows: Sequence[Sequence[str]], prose: Sequence[int] = (0,)) -> str:
    """Columns of a table: those of prose to the left, all others, being numbers, to the right."""
    lines = [heads, *rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(heads))]
    shown = ["  ".join(cell.ljust(w) if n in prose else cell.rjust(w)
                       for n, (cell, w) in enumerate(zip(line, widths, strict=True))).rstrip() for line in lines]
    return "\n".join([shown[0], "─" * max(map(len, shown)), *shown[1:]])
