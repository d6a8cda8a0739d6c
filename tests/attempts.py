"""Attempts with the verdicts a test asks for."""

from datetime import UTC, datetime, timedelta

from grader.bank import Bank
from grader.domain import (
    Attempt,
    Concept,
    Feedback,
    Finding,
    Flag,
    Grade,
    Misconception,
    Question,
    Span,
    Status,
    Verdict,
)
from grader.progress.days import stamp
from tests.fakes import FIREWALLS

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CODES = {"c": Status.covered, "p": Status.partial, "m": Status.missing, "x": Status.contradicted}
WORTH = {"c": 1.0, "p": 0.5, "m": 0.0, "x": -1.0}
SAID = "they never remember"


def attempt(
    said: str = "ccc",
    *,
    days: float = 0.0,
    question: Question = FIREWALLS,
    name: str = "",
    at: datetime | None = None,
    confidence: float = 0.95,
    hint: bool = False,
    revealed: bool = False,
    flags: tuple[Flag, ...] = (),
    learner: str = "local/ann",
) -> Attempt:
    """An answer whose concepts got these verdicts: c covered, p partial, m missing, x contradicted."""
    when = at or NOON + timedelta(days=days)
    findings = tuple(
        Finding(id=c.id, statement=c.statement, weight=c.weight, status=CODES[v], confidence=confidence, gain=0.0,
                evidence=(Span(start=0, end=len(SAID), text=SAID),) if v != "m" else ())
        for c, v in zip(question.concepts, said, strict=True))
    total = sum(f.weight for f in findings)
    points = round(max(0.0, 100 * sum(WORTH[v] * f.weight for v, f in zip(said, findings, strict=True)) / total), 1)
    coverage = sum(max(0.0, WORTH[v]) * f.weight for v, f in zip(said, findings, strict=True)) / total
    wrong = tuple(Misconception(concept=f.id, claim=SAID, correction=f"No: {f.statement}", evidence=f.evidence)
                  for f in findings if f.status is Status.contradicted)
    verdict = (Verdict.strong if points >= 85 else Verdict.good if points >= 70
               else Verdict.partial if points >= 40 else Verdict.weak)
    mark = name or f"{stamp(when)}-{question.id}"
    grade = Grade(id=mark, question_id=question.id, score=points, score_low=points, score_high=points, verdict=verdict,
                  confidence=confidence, needs_review=False, similarity=0.5, coverage=coverage, concepts=findings,
                  misconceptions=wrong, feedback=Feedback(summary="…"), flags=flags, engine="test")
    return Attempt(id=mark, learner=learner, question_id=question.id, answer=f"{SAID}, indeed", created=stamp(when),
                   grade=grade, hint_used=hint, revealed=revealed)


def plain_question(name: str, topic: str, concepts: int = 3, **fields: object) -> Question:
    """A question of equal concepts."""
    return Question(id=name, topic=topic, question=f"What about {name}?", reference="…", concepts=tuple(
        Concept(id=f"c{n}", statement=f"Point {n} of {name}.") for n in range(1, concepts + 1)), **fields)


def square_bank(topics: int = 3, questions: int = 4, **fields: object) -> Bank:
    """A bank of alike topics."""
    return Bank(tuple(plain_question(f"q-{t}-{q}", f"topic-{t}", **fields)
                      for t in range(topics) for q in range(questions)))
