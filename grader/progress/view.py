"""What a learner is shown: topics weakest first, concepts, misconceptions, what is due, in numbers and words."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from grader.bank import Bank
from grader.domain import Question, Status
from grader.progress.beta import intervals
from grader.progress.days import seconds, stamp
from grader.progress.due import due_today, dues, forecast
from grader.progress.known import Known, carried
from grader.progress.mastery import Estimates, Share, estimate
from grader.progress.misconceptions import Error
from grader.progress.summary import Summary, Trace
from grader.text import listing

ENOUGH = 0.7  # mastery from which a topic is no longer called weak: a "good" answer begins there
FEW = 3  # answers below which a topic's number is called a guess
TREND = 20  # answers of a topic that its trend looks at, the newer half against the older
SHOWN = 60  # concepts listed
WRONG = 50  # misconceptions listed
BEHIND = 20  # attempts named as the source of a topic's number


class TopicProgress(Struct, frozen=True, kw_only=True):
    """One topic: the share of it that is known, where that share lies with 95 % certainty, and from what."""

    topic: str
    mastery: float
    low: float
    high: float
    answers: int
    trend: float  # share said right in the newer half of its last answers, less that in the older half
    due: int  # questions due before the day ends
    questions: int
    asked: int
    attempts: tuple[str, ...]  # the newest from which these numbers come


class ConceptProgress(Struct, frozen=True, kw_only=True):
    """One concept that was asked."""

    question_id: str
    concept: str
    topic: str
    statement: str
    mastery: float
    low: float
    high: float
    last: Status
    said: int  # times said right
    asked: int
    attempts: tuple[str, ...]


class Wrong(Struct, frozen=True, kw_only=True):
    """A misconception, in the learner's own words, with what is right."""

    question_id: str
    concept: str
    topic: str
    statement: str
    claim: str
    words: str
    correction: str
    times: int
    first: str
    last: str
    right_on: tuple[str, ...]
    open: bool
    attempt: str


class Weak(Struct, frozen=True, kw_only=True):
    """A topic that practice would help most, and why it is named."""

    topic: str
    mastery: float
    reason: str


class Practice(Struct, frozen=True):
    """A day's practice."""

    day: str
    answers: int
    score: float


class Coming(Struct, frozen=True):
    """How many questions fall due on a day."""

    day: str
    due: int


class Due(Struct, frozen=True):
    """What is due today, and on each of the coming days."""

    today: int
    forecast: tuple[Coming, ...]


class Progress(Struct, frozen=True, kw_only=True):
    """Everything about where a learner stands."""

    topics: tuple[TopicProgress, ...]  # weakest first
    concepts: tuple[ConceptProgress, ...]  # weakest first, those that were asked
    misconceptions: tuple[Wrong, ...]  # open ones first, then the most repeated
    weak: tuple[Weak, ...]  # what to practise, in that order
    answers: int
    asked: int  # different questions of today's bank
    questions: int
    removed: int  # answers to questions that the bank no longer has
    due: Due
    days: tuple[Practice, ...]
    best: dict[str, float]  # the best score at each question of today's bank that was asked


def progress(summary: Summary, bank: Bank, now: datetime) -> Progress:
    """Where a learner stands at a moment."""
    found = estimate(summary, bank, seconds(now))
    due = dues(summary, bank)
    zone = summary.rules.zone
    questions = [q for q in bank if not q.draft]
    topics = _topics(summary, questions, found, due, now)
    return Progress(
        topics=topics,
        concepts=_concepts(summary, bank, found),
        misconceptions=misconceptions(summary, bank),
        weak=_weak(summary, bank, topics),
        answers=summary.answers,
        asked=sum(q.id in summary.questions for q in questions),
        questions=len(questions),
        removed=sum(a.answers for name, a in summary.questions.items() if name not in bank.questions),
        due=Due(due_today(due.values(), now, zone),
                tuple(Coming(day.isoformat(), n) for day, n in forecast(due.values(), now, zone).items())),
        days=tuple(Practice(day, d.answers, round(d.points / d.answers, 1)) for day, d in sorted(summary.days.items())),
        best={name: round(a.best, 1) for name, a in sorted(summary.questions.items()) if name in bank.questions},
    )


def misconceptions(summary: Summary, bank: Bank, most: int = WRONG) -> tuple[Wrong, ...]:
    """What was said wrongly; a misconception about a claim that the bank no longer makes is no longer open."""
    found = [(not _is_open(name, concept, known, bank), -error.times, -error.last, name, concept)
             for name, asked in summary.questions.items() for concept, known in asked.concepts.items()
             if (error := known.error)]
    return tuple(_wrong(name, concept, summary, bank, is_open=not closed)
                 for closed, _, _, name, concept in heapq.nsmallest(most, found))


def _is_open(name: str, concept: str, known: Known, bank: Bank) -> bool:
    question = bank.questions.get(name)
    if not known.error or not known.error.is_open or not question:
        return False
    return any(c.id == concept and carried(known.statement, c.statement) for c in question.concepts)


def _wrong(name: str, concept: str, summary: Summary, bank: Bank, *, is_open: bool) -> Wrong:
    known = summary.questions[name].concepts[concept]
    error: Error = known.error  # type: ignore[assignment]  # only those with one are asked for
    question = bank.questions.get(name)
    return Wrong(
        question_id=name, concept=concept, topic=question.topic if question else "", statement=known.statement,
        claim=error.claim, words=error.words, correction=error.correction, times=error.times,
        first=_time(error.first), last=_time(error.last), right_on=error.right_on, open=is_open, attempt=error.attempt)


def _time(at: float) -> str:
    return stamp(datetime.fromtimestamp(at, UTC))


# ---------------------------------------------------------------- topics


def _topics(
    summary: Summary, questions: Iterable[Question], found: Estimates, due: Mapping[str, float], now: datetime
) -> tuple[TopicProgress, ...]:
    members: dict[str, list[str]] = {}
    for question in questions:
        members.setdefault(question.topic, []).append(question.id)
    order = sorted(found.topics, key=lambda t: (found.topics[t].mean, t))
    sure = _sure([found.topics[t] for t in order])
    zone = summary.rules.zone
    result = []
    for topic, (low, mean, high) in zip(order, sure, strict=True):
        asked = [summary.questions[q] for q in members[topic] if q in summary.questions]
        traces = sorted((t for a in asked for t in a.traces), key=lambda t: (t.at, t.id))
        result.append(TopicProgress(
            topic=topic, mastery=mean, low=low, high=high, answers=sum(a.answers for a in asked),
            trend=_trend(traces[-TREND:]), due=due_today((due[q] for q in members[topic] if q in due), now, zone),
            questions=len(members[topic]), asked=len(asked),
            attempts=tuple(t.id for t in reversed(traces[-BEHIND:]))))
    return tuple(result)


def _sure(shares: Sequence[Share]) -> list[tuple[float, float, float]]:
    """Low, mean and high of each, rounded for show and never out of order."""
    spans = intervals([s.mean for s in shares], [s.variance for s in shares])
    return [(round(min(low, s.mean), 3), round(s.mean, 3), round(max(high, s.mean), 3))
            for s, (low, high) in zip(shares, spans, strict=True)]


def _trend(traces: Sequence[Trace]) -> float:
    half = len(traces) // 2
    if half < 2:
        return 0.0
    older, newer = traces[:half], traces[-half:]
    return round(sum(t.credit for t in newer) / half - sum(t.credit for t in older) / half, 3)


# ---------------------------------------------------------------- concepts


def _concepts(summary: Summary, bank: Bank, found: Estimates) -> tuple[ConceptProgress, ...]:
    rows = [(share.mean, name, concept, share) for name, shares in found.concepts.items()
            for concept, share in shares.items() if concept in summary.questions[name].concepts]
    rows = heapq.nsmallest(SHOWN, rows, key=lambda row: row[:3])
    sure = _sure([row[3] for row in rows])
    result = []
    for (_, name, concept, _share), (low, mean, high) in zip(rows, sure, strict=True):
        asked, question = summary.questions[name], bank.get(name)
        known = asked.concepts[concept]
        statement = next(c.statement for c in question.concepts if c.id == concept)
        result.append(ConceptProgress(
            question_id=name, concept=concept, topic=question.topic, statement=statement, mastery=mean, low=low,
            high=high, last=known.last, said=known.said[0], asked=sum(known.said),
            attempts=tuple(t.id for t in reversed(asked.traces))))
    return tuple(result)


# ---------------------------------------------------------------- weak topics, in words


def _weak(summary: Summary, bank: Bank, topics: Sequence[TopicProgress]) -> tuple[Weak, ...]:
    """Topics below `ENOUGH`, the least known first, but what others build on before those."""
    needs = needed_topics(bank)
    weak = [t for t in topics if t.mastery < ENOUGH]
    order = [t.topic for t in weak]
    for topic in list(order):
        for need in needs.get(topic, ()):
            if need in order and order.index(need) > order.index(topic):
                order.remove(need)
                order.insert(order.index(topic), need)
    by_name = {t.topic: t for t in weak}
    return tuple(Weak(topic=name, mastery=by_name[name].mastery,
                      reason=_reason(summary, bank, by_name[name], [t for t in order if name in needs.get(t, ())]))
                 for name in order)


def needed_topics(bank: Bank) -> dict[str, tuple[str, ...]]:
    """For each topic those that its questions build on, as the bank says: by topic or by question."""
    homes = {q.id: q.topic for q in bank}
    topics = set(homes.values())
    found: dict[str, dict[str, None]] = {}
    for question in bank:
        for need in question.requires:
            topic = homes.get(need, need)
            if topic in topics and topic != question.topic:
                found.setdefault(question.topic, {})[topic] = None
    return {topic: tuple(needs) for topic, needs in found.items()}


def _reason(summary: Summary, bank: Bank, topic: TopicProgress, builds: Sequence[str]) -> str:
    if not topic.answers:
        said = "Never asked yet, so this is a guess from your other topics." if summary.answers else "Never asked yet."
    else:
        last = [k.last for q in bank if q.topic == topic.topic and q.id in summary.questions
                for c in q.concepts if (k := summary.questions[q.id].concepts.get(c.id))]
        right, wrong = last.count(Status.covered), last.count(Status.contradicted)
        said = f"{right} of {len(last)} points said right when last asked"
        said += f", {wrong} said wrongly" if wrong else ""
        said += f", in {topic.answers} {'answer' if topic.answers == 1 else 'answers'}"
        said += ": too few to be sure." if topic.answers < FEW else "."
        if topic.trend <= -0.1:
            said += " Lately it went down."
    if builds:
        said += f" {listing(builds).capitalize()} {'builds' if len(builds) == 1 else 'build'} on it, so it comes first."
    return said
