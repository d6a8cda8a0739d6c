"""Grades for a person's eyes: the answer with its evidence marked, then concept by concept."""

import re
import textwrap

from rich.console import Console
from rich.text import Text

from grader.domain import Finding, Grade, Status

# Never by colour alone: each status has a mark of its own.
MARK = {Status.covered: "✓", Status.partial: "½", Status.missing: "·", Status.contradicted: "✗"}
STYLE = {Status.covered: "green", Status.partial: "yellow", Status.missing: "dim", Status.contradicted: "red"}
WORDS = {Status.covered: "said", Status.partial: "half said", Status.missing: "not said", Status.contradicted: "wrong"}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
UNSURE = 0.6  # confidence below which a verdict is shown as unsure


def console() -> Console:
    """A console that knows whether a person is looking."""
    return Console(highlight=False, soft_wrap=False)


def show_grade(out: Console, grade: Grade, answer: str, *, reference: str = "") -> None:
    """One grade, as text that reads well with and without colour."""
    width = min(out.width, 100)
    head = Text(f"{grade.score:.0f} of 100", style="bold")
    head.append(f"  {grade.verdict.value.replace('_', ' ')}", style="bold")
    head.append(f"  (90 % sure: {grade.score_low:.0f} to {grade.score_high:.0f})", style="dim")
    if grade.needs_review:
        head.append("  unsure: worth a second look", style="yellow")
    out.print(head)
    _paragraph(out, grade.feedback.summary, width)
    if grade.flags:
        out.print(Text("Note: " + ", ".join(f.value.replace("_", " ") for f in grade.flags), style="yellow"))
    if answer.strip():
        out.print()
        out.print(marked(answer, grade), width=width)
    out.print()
    for finding in grade.concepts:
        _concept(out, finding, grade, width)
    if reference:
        out.print()
        out.print(Text("A model answer", style="bold"))
        _paragraph(out, reference, width)


def marked(answer: str, grade: Grade) -> Text:
    """The answer with each piece of evidence in its colour and followed by its mark."""
    # An answer may hold what would steer the terminal; one sign for each keeps the offsets.
    answer, text, at = CONTROL.sub("\ufffd", answer), Text(), 0
    for start, end, marks in _marks(grade):
        text.append(answer[at:start])
        worst = Status.contradicted if Status.contradicted in marks else min(marks, key=list(Status).index)
        text.append(answer[start:end], style=f"{STYLE[worst]} underline")
        text.append("".join(f"[{MARK[s]}]" for s in dict.fromkeys(marks)), style=STYLE[worst])
        at = end
    text.append(answer[at:])
    return text


def _marks(grade: Grade) -> list[tuple[int, int, list[Status]]]:
    """Each distinct span with the statuses it is evidence of; a span inside another is dropped."""
    spans: dict[tuple[int, int], list[Status]] = {}
    for finding in grade.concepts:
        for e in finding.evidence:
            spans.setdefault((e.start, e.end), []).append(finding.status)
    result: list[tuple[int, int, list[Status]]] = []
    for (start, end), statuses in sorted(spans.items()):
        if not result or start >= result[-1][1]:
            result.append((start, end, statuses))
    return result


def _concept(out: Console, finding: Finding, grade: Grade, width: int) -> None:
    style = STYLE[finding.status]
    sure = "" if finding.confidence >= UNSURE else " (unsure)"
    gain = f"  +{finding.gain:.0f}" if finding.gain >= 1 else ""
    label = f"{MARK[finding.status]} {WORDS[finding.status]}{sure}"
    lines = textwrap.wrap(finding.statement, max(width - 22, 20)) or [""]
    for n, line in enumerate(lines):
        row = Text(f"{label:<20}" if n == 0 else " " * 20, style=style)
        row.append(line)
        if n == len(lines) - 1:
            row.append(gain, style="bold")
        out.print(row)
    for wrong in grade.misconceptions:
        if wrong.concept == finding.id and wrong.correction != finding.statement:
            for line in textwrap.wrap(f"Right is: {wrong.correction}", max(width - 22, 20)):
                out.print(Text(" " * 20 + line, style=style))


def _paragraph(out: Console, text: str, width: int) -> None:
    for line in textwrap.wrap(text, width):
        out.print(Text(line))
