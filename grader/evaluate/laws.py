"""Measures on real answers what a grade promises: that its evidence is faithful and its gains are true."""

import random
from collections.abc import Sequence

import msgspec

from grader.domain import Finding, Grade, Item, Status
from grader.engine import Grader

NEAR = 5.0  # points by which a gain may miss


def laws(grader: Grader, items: Sequence[Item], seed: int = 0) -> dict[str, float]:
    """The share of evidence without which its verdict falls, by status, and the share of gains that hold."""
    grades = [(i, g) for i, g in zip(items, grader.grade_many(items), strict=True) if isinstance(g, Grade)]
    result = {f"evidence_{s.value}": evidence_share(grader, grades, s) for s in (Status.covered, Status.contradicted)}
    return result | {"gains": gain_share(grader, grades, seed)}


def evidence_share(grader: Grader, grades: Sequence[tuple[Item, Grade]], status: Status) -> float:
    """Of the concepts with a status, the share whose status changes when their evidence is taken out."""
    cases = [(item, k) for item, grade in grades for k, f in enumerate(grade.concepts) if f.status is status]
    found = [grade.concepts[k] for _, grade in grades for k, f in enumerate(grade.concepts) if f.status is status]
    cut = [msgspec.structs.replace(item, answer=without(item.answer, f))
           for (item, _), f in zip(cases, found, strict=True)]
    seen = grader.readings(cut)
    return _share([readings[k].status is not status for (_, k), readings in zip(cases, seen, strict=True)])


def gain_share(grader: Grader, grades: Sequence[tuple[Item, Grade]], seed: int) -> float:
    """For one missing concept of each answer: the share where saying it adds its gain, within five points."""
    draw = random.Random(seed)
    cases = [(item, grade, draw.choice(missing)) for item, grade in grades if (missing := _missing(grade))]
    said = [msgspec.structs.replace(item, answer=f"{item.answer} {f.statement}") for item, _, f in cases]
    after = grader.grade_many(said)
    return _share([isinstance(new, Grade) and abs(new.score - grade.score - f.gain) <= NEAR
                   for (_, grade, f), new in zip(cases, after, strict=True)])


def without(answer: str, finding: Finding) -> str:
    """The answer with a finding's evidence taken out."""
    for span in sorted(finding.evidence, key=lambda s: -s.start):
        answer = answer[: span.start] + answer[span.end :]
    return answer


def _missing(grade: Grade) -> list[Finding]:
    return [f for f in grade.concepts if f.status is Status.missing]


def _share(held: Sequence[bool]) -> float:
    return round(sum(held) / len(held), 4) if held else 1.0
