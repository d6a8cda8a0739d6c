"""Synthetic learners, whose true knowledge is set: they answer, learn from the correction, and forget.

Their laws are not those of the estimator. A learner's knowledge of a concept is a probability with an ability,
a topic, a question and a concept in it; it rises with every correction read, faster for some learners, less
when repeated within the hour, and sinks towards where it began, slower the more often it was practised.
Verdicts are noisy, as a grader's are: one in twelve is wrong, and mostly less sure.

`python -m tests.simulation` prints all figures for 200 learners; the test takes those that make the bars.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

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
from grader.progress import Mode, Summary, choose, fold
from grader.progress.beta import intervals
from grader.progress.days import stamp
from grader.progress.mastery import Share, estimate

BEGIN = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
# How far a learner's topics lie apart, on the logit scale: at 1.4 one topic in six is known to under a fifth and
# one in six to over four fifths. Who has worked with two services and read about the others lies further apart.
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
    spread: ClassVar[float] = TOPICS

    def __post_init__(self) -> None:
        self.chance = random.Random(f"learner {self.seed}")
        normal = self.chance.gauss
        ability, self.speed = normal(-0.3, 0.5), self.chance.uniform(0.15, 0.5)
        topics = {q.topic: normal(0, self.spread) for q in self.bank}
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

    def practise(self, mode: Mode, answers: int) -> None:
        """Answers that many questions, as a mode chooses them."""
        for _ in range(answers):
            self.answer(choose(self.summary, self.bank, self.time, mode, seed=self.seed).question)

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


# ---------------------------------------------------------------- the experiments

SEEDS = 10_000  # of the learners reported on; the constants were chosen on others, below 6,000
ANSWERS = 60
LEVEL = 0.65  # share of the bank to be known


@dataclass
class Found:
    """What a crowd of learners shows of the estimates."""

    correlation: float  # of estimated and true topic mastery, over all learners and topics
    within: float  # the same within one learner, the mean
    named: float  # share of learners for whom two of the three weakest topics named are of the true three
    topics_held: float  # share of 95 % intervals that hold the truth
    concepts_held: float
    bias: float  # mean estimate less mean truth


def estimates(bank: Bank, learners: int, mode: Mode, seed: int = SEEDS) -> Found:
    """Compares estimates with the truth after `ANSWERS` answers in a mode."""
    guessed, true, within, named = [], [], [], 0
    topics: list[bool] = []
    concepts: list[bool] = []
    for n in range(seed, seed + learners):
        learner = Learner(bank, n)
        learner.practise(mode, ANSWERS)
        truth = learner.truth()
        found = estimate(learner.summary, bank, learner.time.timestamp())
        names = list(truth)
        guess = [found.topics[t].mean for t in names]
        named += len(_weakest(truth) & _weakest(dict(zip(names, guess, strict=True)))) >= 2
        topics += _held([found.topics[t] for t in names], [truth[t] for t in names])
        asked = [(share, learner.facts[q, c].now(learner.day))
                 for q, shares in found.concepts.items() for c, share in shares.items()]
        concepts += _held([s for s, _ in asked], [t for _, t in asked])
        within.append(correlation(guess, list(truth.values())))
        guessed += guess
        true += truth.values()
    return Found(correlation(guessed, true), sum(within) / learners, named / learners, sum(topics) / len(topics),
                 sum(concepts) / len(concepts), (sum(guessed) - sum(true)) / len(true))


def answers_to(bank: Bank, learners: int, mode: Mode, seed: int = SEEDS) -> int:
    """The answers that all learners together need until each knows the bank to `LEVEL`."""
    total = 0
    for n in range(seed, seed + learners):
        learner = Learner(bank, n)
        while learner.knowledge() < LEVEL and learner.answers < 2000:
            learner.practise(mode, 1)
        total += learner.answers
    return total


def correlation(xs: list[float], ys: list[float]) -> float:
    """Pearson's."""
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    both = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return both / math.sqrt(sum((x - mean_x) ** 2 for x in xs) * sum((y - mean_y) ** 2 for y in ys))


def _weakest(masteries: dict[str, float]) -> set[str]:
    return set(sorted(masteries, key=lambda t: masteries[t])[:3])


def _held(shares: list[Share], truths: list[float]) -> list[bool]:
    spans = intervals([s.mean for s in shares], [s.variance for s in shares])
    return [low <= truth <= high for (low, high), truth in zip(spans, truths, strict=True)]


def report(learners: int = 200) -> None:
    """Prints every figure; takes some minutes."""
    for spread in (1.4, 1.0):
        Learner.spread = spread
        for topics, questions in ((10, 12), (22, 14)):
            bank = made_bank(topics=topics, questions=questions)
            print(f"\n{topics} topics of {questions} questions, topics {spread} apart (logit)")
            for mode in (Mode.weakest, Mode.new, Mode.random):
                found = estimates(bank, learners, mode)
                print(f"  {mode.value:8} " + "  ".join(f"{k} {v:.3f}" for k, v in vars(found).items()), flush=True)
    Learner.spread = TOPICS
    for topics, questions in ((10, 12), (8, 8)):
        bank = made_bank(topics=topics, questions=questions)
        weakest, chance = (answers_to(bank, learners, mode) for mode in (Mode.weakest, Mode.random))
        print(f"\nto know {LEVEL:.0%} of {topics} topics of {questions} questions: "
              f"weakest {weakest / learners:.0f} answers, "
              f"random {chance / learners:.0f}: {1 - weakest / chance:.1%} fewer", flush=True)


if __name__ == "__main__":
    report()
