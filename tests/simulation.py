"""Synthetic learners, whose true knowledge is set: they answer, learn from the correction, and forget.

Their laws are not those of the estimator. A learner's knowledge of a concept is a probability with an ability,
a topic, a question and a concept in it; it rises with every correction read, faster for some learners, less
when repeated within the hour, and sinks towards where it began, slower the more often it was practised.
Verdicts are noisy, as a grader's are: one in twelve is wrong, and mostly less sure.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from grader.bank import Bank
from grader.domain import (
    Attempt,
    Concept,
    Feedback,
    Finding,
    Grade,
    Level,
    Misconception,
    Question,
    Span,
    Status,
    Verdict,
)
from grader.progress.days import stamp
from grader.progress.summary import Summary, fold

BEGIN = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
TOPICS = 1.4
A_DAY = 12  # answers in a session
MISTAKEN = 0.08  # verdicts that are wrong
LEVELS = (Level.beginner, Level.intermediate, Level.advanced)
EASIER = {Level.beginner: 0.5, Level.intermediate: 0.0, Level.advanced: -0.5}
NOTHING_SAID = Feedback(summary="")


def made_bank(seed: int = 1, topics: int = 10, questions: int = 12) -> Bank:
    """A bank of topics of that many questions, each with three to six concepts."""
    chance = random.Random(seed)
    return Bank(tuple(
        Question(id=f"t{t}-q{q}", topic=f"topic-{t}", level=chance.choice(LEVELS), question=f"Question {q} of {t}?",
                 reference="…", concepts=tuple(
                     Concept(id=f"c{c}", statement=f"Fact {c} of {q} in topic {t}.", weight=chance.choice((1, 2)))
                     for c in range(1, chance.randint(3, 6) + 1)))
        for t in range(topics) for q in range(questions)))


@dataclass
class Fact:
    """What a learner truly knows of one concept."""

    start: float
    level: float
    strength: float  # days
    at: float = 0.0

    def now(self, day: float) -> float:
        """The probability of saying it right when asked."""
        return self.start + (self.level - self.start) / math.sqrt(1 + max(0.0, day - self.at) / self.strength)

    def corrected(self, day: float, speed: float, fresh: bool) -> None:
        """After the correction was read."""
        before = self.now(day)
        self.level = before + speed * (1 - before) * (0.25 if fresh else 1.0)
        if not fresh:
            self.strength *= 1.8
        self.at = day


@dataclass
class Learner:
    """One synthetic learner at work."""

    bank: Bank
    seed: int
    summary: Summary = field(default_factory=Summary)
    answers: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(f"learner {self.seed}")
        normal = self.chance.gauss
        ability, self.speed = normal(-0.3, 0.5), self.chance.uniform(0.15, 0.5)
        topics = {q.topic: normal(0, TOPICS) for q in self.bank}
        self.facts: dict[tuple[str, str], Fact] = {}
        self.last: dict[str, float] = {}
        for question in self.bank:
            here = ability + topics[question.topic] + EASIER[question.level] + normal(0, 0.5)
            for concept in question.concepts:
                p = 1 / (1 + math.exp(-(here + normal(0, 1.2))))
                self.facts[question.id, concept.id] = Fact(p, p, self.chance.lognormvariate(2.3, 0.4))
        self.weights = {(q.id, c.id): c.weight for q in self.bank for c in q.concepts}
        self.time = BEGIN

    @property
    def day(self) -> float:
        return (self.time - BEGIN) / timedelta(days=1)

    def answer(self, question: Question) -> Attempt:
        """Answers one question, has it graded, reads the correction."""
        self.answers += 1
        day = self.day
        fresh = day - self.last.get(question.id, -9.0) < 1 / 24
        findings = []
        for concept in question.concepts:
            fact = self.facts[question.id, concept.id]
            findings.append(self._graded(concept, self._said(fact.now(day))))
            fact.corrected(day, self.speed, fresh)
        self.last[question.id] = day
        attempt = self._attempt(question, tuple(findings))
        self.summary = fold(self.summary, attempt)
        self._wait()
        return attempt

    def truth(self) -> dict[str, float]:
        """The share of each topic that is truly known now."""
        day, known, total = self.day, {}, {}
        for question in self.bank:
            for concept in question.concepts:
                now = self.facts[question.id, concept.id].now(day)
                known[question.topic] = known.get(question.topic, 0.0) + concept.weight * now
                total[question.topic] = total.get(question.topic, 0.0) + concept.weight
        return {topic: known[topic] / total[topic] for topic in known}

    def knowledge(self) -> float:
        """The share of the bank that is truly known now."""
        day = self.day
        known = sum(weight * self.facts[name].now(day) for name, weight in self.weights.items())
        return known / sum(self.weights.values())

    def _said(self, p: float) -> Status:
        if self.chance.random() < p:
            return Status.covered if self.chance.random() < 0.9 else Status.partial
        return self.chance.choices((Status.missing, Status.partial, Status.contradicted), (6, 2, 2))[0]

    def _graded(self, concept: Concept, said: Status) -> Finding:
        sure = self.chance.uniform(0.7, 0.99)
        if self.chance.random() < MISTAKEN:
            said = self.chance.choice([s for s in Status if s is not said])
            sure = self.chance.uniform(0.45, 0.9)
        return Finding(id=concept.id, statement=concept.statement, weight=concept.weight, status=said, confidence=sure,
                       gain=0.0)

    def _attempt(self, question: Question, findings: tuple[Finding, ...]) -> Attempt:
        worth = {Status.covered: 1.0, Status.partial: 0.5, Status.missing: 0.0, Status.contradicted: -1.0}
        total = sum(f.weight for f in findings)
        points = max(0.0, 100 * sum(worth[f.status] * f.weight for f in findings) / total)
        covered = sum(max(0.0, worth[f.status]) * f.weight for f in findings) / total
        verdict = Verdict.strong if points >= 85 else Verdict.good if points >= 70 else Verdict.partial
        wrong = tuple(Misconception(concept=f.id, claim="…", correction="…", evidence=(Span(start=0, end=1, text="…"),))
                      for f in findings if f.status is Status.contradicted)
        grade = Grade(id="", question_id=question.id, score=points, score_low=points, score_high=points,
                      verdict=verdict, confidence=0.9, needs_review=False, similarity=0.0, coverage=covered,
                      concepts=findings, misconceptions=wrong, feedback=NOTHING_SAID, flags=(), engine="simulated")
        return Attempt(id=f"{self.seed}-{self.answers:06}", learner=str(self.seed), question_id=question.id,
                       answer="…", created=stamp(self.time), grade=grade)

    def _wait(self) -> None:
        self.time += timedelta(minutes=3)
        if self.answers % A_DAY == 0:
            self.time += timedelta(days=self.chance.choice((1, 1, 2, 3))) - A_DAY * timedelta(minutes=3)
