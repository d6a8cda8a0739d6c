"""The words of the project, as frozen structs: what goes in, what comes out, what lies between.

In: `Item` (one answer to grade) against a `Question` of the bank or a rubric of the caller's own.
Between: `Clause`, `Reading`. Out: `Grade`, made of `Finding`s and `Misconception`s.
"""

import math
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

Slug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=80,
        description="lower-case words joined by hyphens",
    ),
]
Sentence = Annotated[str, Meta(min_length=1, max_length=600)]
Prose = Annotated[str, Meta(min_length=1, max_length=20_000)]


class Base(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, by keyword, and strict: a misspelt field is a fault, never silently dropped."""


class Status(StrEnum):
    """What an answer says of one concept."""

    covered = "covered"
    partial = "partial"
    missing = "missing"
    contradicted = "contradicted"


class Level(StrEnum):
    """How far along a learner is who should be able to answer."""

    beginner = "beginner"
    intermediate = "intermediate"
    advanced = "advanced"


class Verdict(StrEnum):
    """A grade in one word."""

    strong = "strong"
    good = "good"
    partial = "partial"
    weak = "weak"
    off_topic = "off_topic"
    empty = "empty"


class Flag(StrEnum):
    """What is odd about an answer, apart from what it says."""

    empty = "empty"
    too_short = "too_short"
    keyword_list = "keyword_list"
    restates_question = "restates_question"
    off_topic = "off_topic"
    copied_reference = "copied_reference"
    truncated = "truncated"
    not_english = "not_english"


# ---------------------------------------------------------------- questions and rubrics


class Reject(Base, frozen=True):
    """A wrong claim that people really make, and the correction a learner reads."""

    claim: Sentence
    correction: Annotated[str, Meta(max_length=600)] = ""


class Concept(Base, frozen=True):
    """One checkable claim that a right answer makes."""

    statement: Sentence
    id: Annotated[str, Meta(max_length=80)] = ""
    weight: Annotated[float, Meta(gt=0, le=100)] = 1.0
    terms: tuple[str, ...] = ()
    accept: tuple[Sentence, ...] = ()
    reject: tuple[Reject | Sentence, ...] = ()

    def __post_init__(self) -> None:
        if not self.statement.strip():
            raise ValueError("a concept's statement must say something")
        if not math.isfinite(self.weight):
            raise ValueError("a concept's weight must be a finite number above 0")

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """The rejected claims, each as a struct."""
        return tuple(Reject(claim=r) if isinstance(r, str) else r for r in self.reject)


class Question(Base, frozen=True):
    """A question of the bank, with the rubric its answers are graded by."""

    id: Slug
    question: Sentence
    reference: Prose | tuple[Prose, ...]
    concepts: Annotated[tuple[Concept, ...], Meta(min_length=1, max_length=12)]
    topic: str = ""
    level: Level = Level.intermediate
    hint: str = ""
    follow_ups: tuple[Sentence, ...] = ()
    tags: tuple[str, ...] = ()
    see_also: tuple[Slug, ...] = ()
    requires: tuple[str, ...] = ()
    draft: bool = False

    def __post_init__(self) -> None:
        ids = [c.id for c in self.concepts]
        if "" in ids:
            raise ValueError("every concept of a bank question needs an id")
        if len(set(ids)) != len(ids):
            raise ValueError("two concepts have the same id")


class Rubric(Struct, frozen=True, kw_only=True):
    """What an answer is held against: a question, model answers, concepts."""

    question: str = ""
    references: tuple[str, ...] = ()
    concepts: tuple[Concept, ...] = ()
    derived: bool = False
    question_id: str = ""


class Item(Base, frozen=True):
    """One answer to grade, by a question of the bank or by the caller's own rubric."""

    answer: str
    id: str = ""
    question_id: str | None = None
    question: str | None = None
    reference: str | tuple[str, ...] | None = None
    concepts: tuple[Concept, ...] | None = None


# ---------------------------------------------------------------- between the stages


class Span(Base, frozen=True):
    """A stretch of an answer in Unicode code points: `answer[start:end] == text`."""

    start: int
    end: int
    text: str


class Clause(Struct, frozen=True):
    """A span of the answer that can carry a claim of its own."""

    start: int
    end: int
    text: str


class Reading(Struct, frozen=True):
    """The verifier's belief about one concept: probabilities that sum to one."""

    covered: float
    partial: float
    missing: float
    contradicted: float

    @property
    def status(self) -> Status:
        """The likeliest status; a tie goes to the milder one, missing first."""
        order = (Status.missing, Status.partial, Status.covered, Status.contradicted)
        return max(order, key=lambda s: float(getattr(self, s.value)))

    @property
    def confidence(self) -> float:
        """The probability of the likeliest status."""
        return max(self.covered, self.partial, self.missing, self.contradicted)


# ---------------------------------------------------------------- grades


class Finding(Base, frozen=True):
    """What an answer says of one concept, with the words that say it."""

    id: str
    statement: str
    weight: float
    status: Status
    confidence: float
    gain: float
    evidence: tuple[Span, ...] = ()
    derived: bool | UnsetType = UNSET


class Misconception(Base, frozen=True):
    """Something the answer says that is wrong, and what is right instead."""

    concept: str
    claim: str
    correction: str
    evidence: tuple[Span, ...] = ()


class Feedback(Base, frozen=True):
    """A grade in sentences: right things first, then missing ones, then wrong ones."""

    summary: str
    strengths: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()


class Grade(Base, frozen=True):
    """One answer graded: the score, why, and how sure we are."""

    id: str
    question_id: str | None
    score: float
    score_low: float
    score_high: float
    verdict: Verdict
    confidence: float
    needs_review: bool
    similarity: float
    coverage: float
    concepts: tuple[Finding, ...]
    misconceptions: tuple[Misconception, ...]
    feedback: Feedback
    flags: tuple[Flag, ...]
    engine: str
    ms: float = 0.0
    derived: bool | UnsetType = field(default=UNSET)


class Fault(Base, frozen=True):
    """Why something could not be graded or read."""

    code: str
    message: str


class Ungraded(Base, frozen=True):
    """Stands in the place of a grade that could not be made."""

    id: str | None
    error: Fault
    line: int | UnsetType = UNSET


# ---------------------------------------------------------------- learners


class Attempt(Base, frozen=True):
    """One answer of a learner to a question, with the grade it got then."""

    id: str
    learner: str
    question_id: str
    answer: str
    created: str  # RFC 3339, UTC, with microseconds: sorts as text
    grade: Grade
    hint_used: bool = False
    revealed: bool = False


class AttemptInList(Attempt, frozen=True):
    """An attempt with its question's text, which is empty where the bank no longer has it."""

    question: str = ""
