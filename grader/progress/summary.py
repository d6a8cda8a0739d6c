"""What is kept about a learner in place of thousands of attempts: a summary, and how one more attempt changes it.

`fold` adds one attempt that is later than `summary.until`; `rebuild` takes all attempts in any order. Both give
equal summaries. A store keeps the summary beside the attempts and may throw it away at any time; an attempt that
comes late (a clock that went back, an import) finds its place by a rebuild.
"""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from grader.domain import Attempt, Status
from grader.progress.days import local_day, moment, seconds
from grader.progress.known import CREDIT, ECHO, ECHOED, HINTED, SEEN, Known, observe
from grader.progress.misconceptions import remember
from grader.progress.schedule import Card, rating, review, seen_before

# Raise it whenever folding the same attempts gives another summary: kept ones are then rebuilt.
VERSION = 1
TRACES = 8  # answers to a question that stay listed: an older one weighs under a hundredth (0.45 ** 8)
LATEST = 5  # questions that count as just asked
DAYS = 800  # practice days kept for the calendar


class Rules(Struct, frozen=True, kw_only=True):
    """What a learner may set. Other rules make other cards, so a change rebuilds the summary."""

    zone: str = "UTC"  # where the learner's days begin and end
    retention: Annotated[float, Meta(ge=0.7, le=0.97)] = 0.9  # share still remembered when a card falls due


class Trace(Struct, frozen=True, array_like=True):
    """One answer in brief: from these every number of a concept comes."""

    id: str
    at: float
    score: float
    credit: float  # weighted share of the concepts said right; half for half said
    helped: bool


class Asked(Struct, frozen=True, array_like=True):
    """A question that was answered at least once."""

    answers: int
    best: float
    card: Card
    traces: tuple[Trace, ...]  # oldest first
    concepts: dict[str, Known]
    wrong: tuple[str, ...] = ()  # concepts with an open misconception


class Day(Struct, frozen=True, array_like=True):
    """A day of practice."""

    answers: int
    points: float  # the sum of its scores


class Summary(Struct, frozen=True, kw_only=True):
    """All that progress and the choice of the next question need to know about a learner."""

    version: int = VERSION
    rules: Rules = Rules()
    until: tuple[str, str] = ("", "")  # moment and id of the newest attempt in it
    answers: int = 0
    latest: tuple[str, ...] = ()  # questions, the newest first
    days: dict[str, Day] = {}
    questions: dict[str, Asked] = {}


def fold(summary: Summary, attempt: Attempt) -> Summary:
    """The summary with one more attempt, the latest; the given one is left as it was."""
    days, questions = dict(summary.days), dict(summary.questions)
    return _fold(summary, attempt, days, questions)


def rebuild(attempts: Iterable[Attempt], rules: Rules | None = None) -> Summary:
    """The summary of all these attempts, in whatever order they come; one that comes twice counts once."""
    days: dict[str, Day] = {}
    questions: dict[str, Asked] = {}
    summary = Summary(rules=rules or Rules(), days=days, questions=questions)
    for attempt in sorted({a.id: a for a in attempts}.values(), key=_place):
        summary = _fold(summary, attempt, days, questions)
    return summary


def _place(attempt: Attempt) -> tuple[str, str]:
    return attempt.created, attempt.id


def _fold(summary: Summary, attempt: Attempt, days: dict[str, Day], questions: dict[str, Asked]) -> Summary:
    """The next summary; `days` and `questions` are changed and become its own."""
    name, at = attempt.question_id, moment(attempt.created)
    day = local_day(at, summary.rules.zone).isoformat()
    questions[name] = _asked(questions.get(name), attempt, summary.rules, day)
    before = days.get(day, Day(0, 0.0))
    days[day] = Day(before.answers + 1, before.points + attempt.grade.score)
    while len(days) > DAYS:
        del days[min(days)]
    return Summary(rules=summary.rules, until=max(summary.until, _place(attempt)), answers=summary.answers + 1,
                   latest=(name, *(q for q in summary.latest if q != name))[:LATEST], days=days, questions=questions)


def _asked(old: Asked | None, attempt: Attempt, rules: Rules, day: str) -> Asked:
    """A question after one more answer."""
    grade, when = attempt.grade, moment(attempt.created)
    at = seconds(when)
    if old:
        at = max(at, old.traces[-1].at)  # no answer is older than the one before it
    fresh = old is not None and at - old.traces[-1].at < ECHO
    seen = seen_before(attempt)
    helped = SEEN if seen else (ECHOED if fresh else 1.0) * (HINTED if attempt.hint_used else 1.0)
    concepts = dict(old.concepts) if old else {}
    for finding in grade.concepts:
        known = observe(concepts.get(finding.id), finding, helped=helped)
        if known.error or finding.status is Status.contradicted:
            known = replace(known, error=remember(
                known.error, finding, grade, attempt=attempt.id, at=at, day=day, recalled=not (seen or fresh)))
        concepts[finding.id] = known
    total = sum(f.weight for f in grade.concepts) or 1.0
    credit = sum(f.weight * CREDIT[f.status] for f in grade.concepts) / total
    trace = Trace(attempt.id, at, grade.score, round(credit, 4), helped < 1)
    return Asked(
        answers=old.answers + 1 if old else 1,
        best=max(old.best, grade.score) if old else grade.score,
        card=review(old.card if old else None, rating(attempt), when, rules.retention),
        traces=(*(old.traces if old else ()), trace)[-TRACES:],
        concepts=concepts,
        wrong=tuple(name for name, known in concepts.items() if known.error and known.error.is_open),
    )
