"""The next question: which one, by which mode, and why. The same summary, moment and seed choose the same one."""

import math
import random
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache

from msgspec import Struct

from grader.bank import Bank
from grader.domain import Level, Question
from grader.errors import BadInput
from grader.progress.days import DAY, local_day, seconds
from grader.progress.due import due_at, open_errors
from grader.progress.mastery import Estimates, estimate
from grader.progress.schedule import recall
from grader.progress.summary import Asked, Summary
from grader.progress.words import ago, share

READY = 0.55  # mastery of a topic's easier questions from which its harder ones are asked
TOO_EARLY = 0.8  # what a question gains that is one level too hard; two levels: two thirds
NEEDED = 0.6  # mastery of a topic from which those that build on it may go first
WAITS = 0.6  # what a question gains whose topic builds on one that is not yet known so far
REST = 2 * DAY  # seconds after which a question that went wrong is worth its full gain again
OVERNIGHT = 20 * 3600.0  # the same where it holds an open misconception
SIZE = 0.7  # a question with more to say gains more, but takes longer to answer
CURIOUS = 2.0  # standard deviations of its topic by which a question never asked may be worse known than it seems
WORN = 0.93  # what each earlier answer leaves of a question's gain: what it could teach, it has mostly taught
SETTLE = 1.2  # a misconception that waits to be said right
SAME_TOPIC = (0.7, 0.85)  # what a question gains in the topic of the last answer, and of the one before
LEVELS = tuple(Level)  # the easiest first
CLOSE = 0.03  # gains nearer than that are as good as equal, and the seed decides


class Mode(StrEnum):
    """How the next question is chosen."""

    weakest = "weakest"
    due = "due"
    new = "new"
    random = "random"


class Next(Struct, frozen=True):
    """A question to ask, and why this one."""

    question: Question
    mode: Mode
    why: str


class _Case:
    """What every mode looks at."""

    def __init__(self, summary: Summary, bank: Bank, now: datetime, dice: random.Random) -> None:
        self.summary = summary
        self.bank = bank
        self.now = now
        self.at = seconds(now)
        self.dice = dice

    @cached_property
    def found(self) -> Estimates:
        """The learner's masteries, made when a mode asks for them: random never does."""
        return estimate(self.summary, self.bank, self.at)

    @cached_property
    def mixed(self) -> dict[str, float]:
        """What a question gains by its topic: less where the last ones were of it."""
        result = dict.fromkeys((q.topic for q in self.bank), 1.0)
        for worth, name in zip(SAME_TOPIC, self.summary.latest, strict=False):
            if question := self.bank.questions.get(name):
                result[question.topic] *= worth
        return result

    @cached_property
    def curious(self) -> dict[str, float]:
        """How much worse a question never asked may be known than it seems, by topic."""
        return {topic: CURIOUS * math.sqrt(share.variance) for topic, share in self.found.topics.items()}

    @cached_property
    def sizes(self) -> dict[str, float]:
        """What a question gains by how much there is to say."""
        return _sizes(self.bank)

    @cached_property
    def ready(self) -> dict[tuple[str, Level], float]:
        """What a question gains by its level: one too hard for what the topic's easier ones have shown is put off."""
        return {(topic, level): TOO_EARLY ** sum(levels.get(easier, 1.0) < READY for easier in LEVELS[:steps])
                for topic, levels in self.found.levels.items() for steps, level in enumerate(LEVELS)}


def choose(
    summary: Summary,
    bank: Bank,
    now: datetime,
    mode: Mode = Mode.weakest,
    *,
    topic: str | None = None,
    level: Level | None = None,
    seed: int | str = 0,
    without: Collection[str] = (),
) -> Next:
    """The next question; never the one just asked, nor one of `without`, while the bank has another.

    Raises BadInput where none fits.
    """
    fitting, note = _fitting(summary, bank, topic, level, without)
    case = _Case(summary, bank, now, random.Random(f"{seed}/{summary.answers}/{mode.value}"))
    question, why = MODES[mode](case, fitting)
    return Next(question, mode, f"{note}{why}")


def _fitting(
    summary: Summary, bank: Bank, topic: str | None, level: Level | None, without: Collection[str]
) -> tuple[list[Question], str]:
    """The questions that may be asked, and a word where that took more than was asked for."""
    asked = [q for q in bank if not q.draft]
    if not asked:
        raise BadInput("the bank has no question to ask")
    topics = list(dict.fromkeys(q.topic for q in asked))
    if topic is not None and topic not in topics:
        raise BadInput(f"$.topic: no topic {topic!r}; there are {', '.join(topics)}")
    wanted = [q for q in asked if topic in (None, q.topic) and level in (None, q.level)]
    if not wanted:
        raise BadInput(f"$.level: topic {topic!r} has no {level.value if level else ''} question")
    last = {*summary.latest[:1], *without}
    just = "The only such question was just asked, so here is one of another"
    for pool, note in ((wanted, ""), ([q for q in asked if topic in (None, q.topic)], f"{just} level. "),
                       (asked, f"{just} topic. ")):
        fitting = [q for q in pool if q.id not in last]
        if fitting:
            return fitting, note
    return wanted, "The bank has no other question. "


@lru_cache(maxsize=4)
def _sizes(bank: Bank) -> dict[str, float]:
    return {q.id: float(sum(c.weight for c in q.concepts) ** SIZE) for q in bank}


# ---------------------------------------------------------------- the modes


def _weakest(case: _Case, fitting: Sequence[Question]) -> tuple[Question, str]:
    gains = {q.id: gain(case, q) for q in fitting}
    question = _best(case, fitting, gains)
    return question, _why_weakest(case, question)


def _new(case: _Case, fitting: Sequence[Question]) -> tuple[Question, str]:
    fresh = [q for q in fitting if q.id not in case.summary.questions]
    if not fresh:
        question = min(fitting, key=lambda q: (case.summary.questions[q.id].traces[-1].at, q.id))
        last = case.summary.questions[question.id].traces[-1].at
        return question, f"You have answered every question here; this one longest ago, {ago(last, case.at)}."
    question = _best(case, fresh, {q.id: gain(case, q) for q in fresh})
    left = "1 new question is" if len(fresh) == 1 else f"{len(fresh)} new questions are"
    return question, f"You have not been asked this yet; {left} left."


def _due(case: _Case, fitting: Sequence[Question]) -> tuple[Question, str]:
    asked = [(q, case.summary.questions[q.id]) for q in fitting if q.id in case.summary.questions]
    ready = [(q, a) for q, a in asked if due_at(a, q) <= case.at]
    if ready:
        gains = {q.id: _urgency(case, q, a) for q, a in ready}
        question = _best(case, [q for q, _ in ready], gains)
        return question, _why_due(case, question)
    fresh = [q for q in fitting if q.id not in case.summary.questions]
    if fresh:
        question, _ = _new(case, fresh)
        return question, "Nothing is due now, so here is one you have not been asked yet."
    question, state = min(asked, key=lambda pair: (due_at(pair[1], pair[0]), pair[0].id))
    when = datetime.fromtimestamp(due_at(state, question), tz=case.now.tzinfo)
    day = local_day(when, case.summary.rules.zone)
    return question, f"Nothing is due now; this one comes up next, on {day.day} {day:%B}."


def _random(case: _Case, fitting: Sequence[Question]) -> tuple[Question, str]:
    return case.dice.choice(fitting), f"Picked at random from {len(fitting)} questions."


MODES = {Mode.weakest: _weakest, Mode.due: _due, Mode.new: _new, Mode.random: _random}

# ---------------------------------------------------------------- what a question would gain


def gain(case: _Case, question: Question) -> float:
    """How much there is to gain by this question now: 0 to about 1."""
    asked = case.summary.questions.get(question.id)
    missing = 1 - case.found.questions[question.id]
    missing = missing + case.curious[question.topic] if asked is None else missing * _rested(case, question, asked)
    if question.requires:
        missing *= _built(case, question)
    return (missing * case.sizes[question.id] * case.ready[question.topic, question.level]
            * case.mixed[question.topic])


def _rested(case: _Case, question: Question, asked: Asked) -> float:
    """Asked again too soon, a question shows what was just read; an open misconception comes back first."""
    last = asked.traces[-1].at
    wrong = bool(open_errors(asked, question))
    wait = OVERNIGHT if wrong else max(due_at(asked, question) - last, REST)
    rested = min(1.0, max(0.0, (case.at - last) / wait)) ** 2
    return rested * WORN ** asked.answers * (SETTLE if wrong and rested >= 1 else 1.0)


def _built(case: _Case, question: Question) -> float:
    """A topic or question that this one builds on goes first until it is known."""
    for need in question.requires:
        other = case.bank.questions.get(need)
        topic = other.topic if other else need
        if topic != question.topic and topic in case.found.topics and case.found.topics[topic].mean < NEEDED:
            return WAITS
    return 1.0


def _urgency(case: _Case, question: Question, asked: Asked) -> float:
    """Due questions: the nearest to being forgotten first, misconceptions before all."""
    wrong = bool(open_errors(asked, question))
    return (1 + wrong - recall(asked.card, case.at) / 2) * case.mixed[question.topic]


def _best(case: _Case, questions: Sequence[Question], gains: Mapping[str, float]) -> Question:
    """The question with the most to gain; among near equals the seed decides."""
    most = max(gains.values())
    near = [q for q in questions if gains[q.id] >= most * (1 - CLOSE)]
    return case.dice.choice(near)


# ---------------------------------------------------------------- why


def _why_weakest(case: _Case, question: Question) -> str:
    asked = case.summary.questions.get(question.id)
    topic = case.found.topics[question.topic]
    if asked and open_errors(asked, question):
        day = ago(max(e.last for e in open_errors(asked, question)), case.at)
        return f"You said something wrong here {day}; it is settled once you have said it right on two days."
    place = f"{question.topic} stands at about {share(topic.mean)}"
    if asked:
        open_points = sum(1 for s in case.found.concepts[question.id].values() if s.mean < NEEDED)
        points = f"{open_points} of its points {'is' if open_points == 1 else 'are'}" if open_points else "it is"
        return f"{place}, and you answered this {ago(asked.traces[-1].at, case.at)}: {points} not yet safe."
    answered = sum(q.id in case.summary.questions for q in case.bank if q.topic == question.topic)
    if not case.summary.answers:
        return "A first question to find out where you stand."
    if not answered:
        return f"You have not been asked about {question.topic} yet, so nobody knows what you know of it."
    return f"{place} after {answered} of its questions, and you have not been asked this one yet."


def _why_due(case: _Case, question: Question) -> str:
    asked = case.summary.questions[question.id]
    answered = ago(asked.traces[-1].at, case.at)
    if open_errors(asked, question):
        return f"You said something wrong here and answered it last {answered}; it is time to set it right."
    late = int((case.at - due_at(asked, question)) / DAY)
    if late >= 1:
        return f"You answered this {answered}, and it has been due for {late} {'day' if late == 1 else 'days'}."
    return f"You answered this {answered}; it is due now, before it is forgotten."
