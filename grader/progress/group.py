"""A group of learners seen together, without a word of any of them; and what they dispute."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from grader.bank import Bank
from grader.progress.days import seconds
from grader.progress.known import carried
from grader.progress.mastery import estimate
from grader.progress.summary import Summary
from grader.progress.view import ENOUGH


class GroupTopic(Struct, frozen=True, kw_only=True):
    """A topic over all learners who were asked about it."""

    topic: str
    learners: int
    mastery: float  # their mean
    weak: int  # for how many it is weak
    answers: int


class GroupMistake(Struct, frozen=True, kw_only=True):
    """A concept said wrongly, by how many; `claims` are the rubric's own wrong claims, never a learner's words."""

    question_id: str
    concept: str
    topic: str
    statement: str
    claims: tuple[str, ...]
    learners: int
    open: int
    times: int


class Group(Struct, frozen=True, kw_only=True):
    """Where a group stands."""

    learners: int
    answers: int
    topics: tuple[GroupTopic, ...]  # weakest first
    misconceptions: tuple[GroupMistake, ...]  # most learners first


def cohort(summaries: Iterable[Summary], bank: Bank, now: datetime) -> Group:
    """The weak topics and common misconceptions of a group; learners without an answer do not count."""
    means: dict[str, list[float]] = {}
    answers: Counter[str] = Counter()
    wrong: dict[tuple[str, str], _Mistake] = {}
    people = total = 0
    topics = {q.id: q.topic for q in bank if not q.draft}
    for summary in summaries:
        if not summary.answers:
            continue
        people += 1
        total += summary.answers
        asked = {topics[name] for name in summary.questions if name in topics}
        found = estimate(summary, bank, seconds(now))
        for topic in asked:
            means.setdefault(topic, []).append(found.topics[topic].mean)
        for name, state in summary.questions.items():
            if name in topics:
                answers[topics[name]] += state.answers
        _gather(summary, bank, wrong)
    rows = [GroupTopic(topic=t, learners=len(m), mastery=round(sum(m) / len(m), 3), weak=sum(x < ENOUGH for x in m),
                       answers=answers[t]) for t, m in means.items()]
    return Group(learners=people, answers=total, topics=tuple(sorted(rows, key=lambda r: (r.mastery, r.topic))),
                 misconceptions=_mistakes(wrong, bank))


class _Mistake(Struct):
    learners: int = 0
    open: int = 0
    times: int = 0
    claims: Counter[str] = Counter()


def _gather(summary: Summary, bank: Bank, wrong: dict[tuple[str, str], "_Mistake"]) -> None:
    """Adds one learner's misconceptions to the group's."""
    for name, asked in summary.questions.items():
        question = bank.questions.get(name)
        for concept in question.concepts if question else ():
            known = asked.concepts.get(concept.id)
            if not known or not known.error or not carried(known.statement, concept.statement):
                continue
            row = wrong.setdefault((name, concept.id), _Mistake(claims=Counter()))
            row.learners += 1
            row.open += known.error.is_open
            row.times += known.error.times
            # Only a claim that the rubric itself names may leave: all else is somebody's own words.
            if known.error.claim in {r.claim for r in concept.rejects}:
                row.claims[known.error.claim] += 1


def _mistakes(wrong: Mapping[tuple[str, str], _Mistake], bank: Bank) -> tuple[GroupMistake, ...]:
    found = []
    for (name, concept), row in wrong.items():
        question = bank.get(name)
        found.append(GroupMistake(
            question_id=name, concept=concept, topic=question.topic,
            statement=next(c.statement for c in question.concepts if c.id == concept),
            claims=tuple(claim for claim, _ in row.claims.most_common()),
            learners=row.learners, open=row.open, times=row.times))
    return tuple(sorted(found, key=lambda m: (-m.learners, -m.times, m.question_id, m.concept)))


# ---------------------------------------------------------------- disputes


class Disputed(Protocol):
    """What is needed of a stored dispute."""

    @property
    def attempt(self) -> str: ...

    @property
    def question_id(self) -> str: ...

    @property
    def concept(self) -> str: ...


class Doubt(Struct, frozen=True, kw_only=True):
    """A concept whose verdicts learners dispute."""

    question_id: str
    concept: str
    statement: str
    disputes: int
    answers: int
    share: float  # of the answers to its question


def disputed(disputes: Iterable[Disputed], answers: Mapping[str, int], bank: Bank) -> tuple[Doubt, ...]:
    """The concepts disputed most, for the bank's author; `answers` counts attempts by question.

    By share of the answers, with one answer added to each: two disputes in three answers are more than one in one.
    Who disputes the same verdict again has changed the words, not made another dispute.
    """
    counts = Counter((question, concept) for _, question, concept in
                     {(d.attempt, d.question_id, d.concept) for d in disputes})
    found = []
    for (name, concept), times in counts.items():
        question = bank.questions.get(name)
        statement = next((c.statement for c in question.concepts if c.id == concept), "") if question else ""
        number = max(times, answers.get(name, 0))
        found.append(Doubt(question_id=name, concept=concept, statement=statement, disputes=times, answers=number,
                           share=round(times / (number + 1), 3)))
    return tuple(sorted(found, key=lambda d: (-d.share, -d.disputes, d.question_id, d.concept)))
