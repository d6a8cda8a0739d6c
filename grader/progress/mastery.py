"""How much of each topic a learner knows, and how sure that is.

A concept's belief is a Beta distribution: what its answers show, on a prior that its topic gives. The
topic's prior comes from the learner's other topics, theirs from `START`. So one answer moves a little,
two do not make a master, and a topic never asked is guessed from the rest, with a wide interval.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from grader.bank import Bank
from grader.domain import Level, Question
from grader.progress.days import DAY
from grader.progress.known import Known, carried
from grader.progress.schedule import recall
from grader.progress.summary import Asked, Summary

START = 0.4  # share of a topic that a learner is taken to know before the first answer
LEARNER = 3.0  # topics' worth of belief in START
TOPIC = 5.0  # first verdicts' worth of belief that a topic is like the learner's others
CONCEPT = 4.0  # verdicts' worth of belief that a concept is like its topic
GIVES_WAY = 0.7  # what each further answer leaves of that belief: it is older than all of them
ALIKE = 0.15  # correlation of the concepts of one question: they tell less of a topic than as many questions would
HARDER = {Level.beginner: 0.1, Level.intermediate: 0.0, Level.advanced: -0.1}  # known more or less than the topic
# The share of a gap that reading the correction closes. It is not added up over answers: whether an earlier correction
# stuck, the later answers say. The simulated learners of tests/ draw it from 0.15 to 0.5.
TAUGHT = 0.4
MANY = 40  # answers to a question after which one more changes no belief
# By number of earlier answers: what is left of a concept's prior belief, and of the doubt in it, which each correction
# read makes smaller.
BELIEFS = tuple(CONCEPT * GIVES_WAY**n for n in range(MANY))
DOUBTS = tuple(belief * (1 - TAUGHT) ** n for n, belief in enumerate(BELIEFS))
FADES = 120.0  # days after which a verdict weighs half: knowledge changes unseen


class Share(Struct, frozen=True):
    """A mastery, 0 to 1, with its variance."""

    mean: float
    variance: float


class Estimates(Struct, frozen=True):
    """A learner's masteries at one moment."""

    topics: dict[str, Share]
    concepts: dict[str, dict[str, Share]]  # of the questions that were asked
    questions: dict[str, float]  # of every question of the bank: the weighted mean of its concepts
    levels: dict[str, dict[Level, float]]  # of every topic, by level of its questions


class Rubric(Struct, frozen=True):
    """What masteries need of a question."""

    id: str
    level: Level
    weights: Mapping[str, float]
    statements: Mapping[str, str]
    total: float
    squares: float


class Belief(Struct, frozen=True):
    """What is expected of a topic's concepts before they are asked."""

    mean: float
    variance: float


def estimate(summary: Summary, bank: Bank, now: float) -> Estimates:
    """The masteries of every topic and question of the bank, and of every concept that was asked."""
    topics = topics_of(bank)
    beliefs = _beliefs(topics, summary, now)
    found = Estimates({}, {}, {}, {})
    for topic, rubrics in topics.items():
        found.topics[topic] = _topic(rubrics, beliefs[topic], summary, now, found)
        found.levels[topic] = _levels(rubrics, found.questions)
    return found


@lru_cache(maxsize=4)
def topics_of(bank: Bank) -> dict[str, tuple[Rubric, ...]]:
    """The bank's questions by topic, drafts left out: nobody is asked those."""
    found: dict[str, list[Rubric]] = {}
    for question in bank:
        if not question.draft:
            found.setdefault(question.topic, []).append(_rubric(question))
    return {topic: tuple(rubrics) for topic, rubrics in found.items()}


def _rubric(question: Question) -> Rubric:
    weights = {c.id: c.weight for c in question.concepts}
    return Rubric(question.id, question.level, weights, {c.id: c.statement for c in question.concepts},
                  sum(weights.values()), sum(w * w for w in weights.values()))


def fading(at: float, now: float) -> float:
    """How much a verdict of that moment still weighs."""
    return float(0.5 ** (max(0.0, now - at) / DAY / FADES))


def _beliefs(topics: Mapping[str, Sequence[Rubric]], summary: Summary, now: float) -> dict[str, Belief]:
    """For every topic what first verdicts make us expect of its other concepts."""
    firsts = {topic: _firsts(rubrics, summary, now) for topic, rubrics in topics.items()}
    weights = {topic: n / (n + TOPIC) for topic, (_, n) in firsts.items()}
    total = LEARNER + sum(weights.values())
    learner = (LEARNER * START + sum(weights[t] * (r / n if n else 0.0) for t, (r, n) in firsts.items())) / total
    # How far topics differ, over the topics seen; twice, because those are themselves only estimated.
    doubt = 2 * learner * (1 - learner) / (TOPIC + 1) / total
    result = {}
    for topic, (right, n) in firsts.items():
        mean = (TOPIC * learner + right) / (TOPIC + n)
        mean = min(0.97, max(0.03, mean))
        result[topic] = Belief(mean, mean * (1 - mean) / (TOPIC + n + 1) + (TOPIC / (TOPIC + n)) ** 2 * doubt)
    return result


def _firsts(rubrics: Sequence[Rubric], summary: Summary, now: float) -> tuple[float, float]:
    """Right first verdicts of a topic, and all; alike ones of a question counted as fewer."""
    right = total = 0.0
    for rubric in rubrics:
        asked = summary.questions.get(rubric.id)
        if not asked:
            continue
        known = [k for c, k in asked.concepts.items() if c in rubric.weights]
        fewer = 1 / (1 + (len(known) - 1) * ALIKE) * fading(asked.traces[0].at, now) if known else 0.0
        weight = fewer * sum(k.first_weight for k in known)
        right += fewer * sum(k.first_weight * _unprompted(k) for k in known) - weight * HARDER[rubric.level]
        total += weight
    return right, total


def _unprompted(known: Known) -> float:
    """What a concept tells of those never asked: half its first verdict, half where it stands now."""
    total = known.right + known.wrong
    return (known.first + known.right / total) / 2 if total and sum(known.said) > 1 else known.first


def _topic(rubrics: Sequence[Rubric], belief: Belief, summary: Summary, now: float, found: Estimates) -> Share:
    """One topic's mastery; the shares of its questions and concepts are put into `found`."""
    total = right = own = guessed = alike = 0.0
    for rubric in rubrics:
        total += rubric.total
        prior = min(0.97, max(0.03, belief.mean + HARDER[rubric.level]))
        asked = summary.questions.get(rubric.id)
        if asked is None:
            found.questions[rubric.id] = prior
            right += rubric.total * prior
            guessed += rubric.total
            spread = prior * (1 - prior) / (CONCEPT + 1)
            alike += spread * (ALIKE * rubric.total**2 + (1 - ALIKE) * rubric.squares)
            continue
        shares, leans = _concepts(rubric, asked, prior, now)
        said = sum(rubric.weights[c] * s.mean for c, s in shares.items())
        found.concepts[rubric.id] = shares
        found.questions[rubric.id] = said / rubric.total
        right += said
        guessed += leans
        own += sum(rubric.weights[c] ** 2 * s.variance for c, s in shares.items())
    return Share(right / total, (own + alike + guessed**2 * belief.variance) / total**2)


def _levels(rubrics: Sequence[Rubric], questions: Mapping[str, float]) -> dict[Level, float]:
    """The mastery of a topic's questions of each level that it has."""
    sums: dict[Level, tuple[float, float]] = {}
    for rubric in rubrics:
        right, total = sums.get(rubric.level, (0.0, 0.0))
        sums[rubric.level] = right + questions[rubric.id] * rubric.total, total + rubric.total
    return {level: right / total for level, (right, total) in sums.items()}


def _concepts(rubric: Rubric, asked: Asked, prior: float, now: float) -> tuple[dict[str, Share], float]:
    """The concepts of a question that was asked, and the weight with which they still lean on the prior."""
    shares, leans = {}, 0.0
    remembered, fresh = recall(asked.card, now), fading(asked.traces[-1].at, now)
    for name, weight in rubric.weights.items():
        known = asked.concepts.get(name)
        if known is None:  # added to the question since
            belief, right, wrong = CONCEPT, CONCEPT * prior, CONCEPT * (1 - prior)
        else:
            again = min(sum(known.said), MANY) - 1
            belief = BELIEFS[again]
            doubt = DOUBTS[again] * (1 - prior)
            right, wrong = _evidence(known, rubric.statements[name], remembered, fresh)
            right, wrong = right + belief - doubt, wrong + doubt
            learnt = TAUGHT * remembered * wrong
            right, wrong = right + learnt, wrong - learnt
        total = right + wrong
        shares[name] = Share(right / total, right * wrong / (total * total * (total + 1)))
        leans += weight * belief / total
    return shares, leans


def _evidence(known: Known, statement: str, remembered: float, fresh: float) -> tuple[float, float]:
    """What speaks for and against a concept: of what was said right, the part not remembered speaks against it."""
    worth = fresh if known.statement == statement else fresh * carried(known.statement, statement)
    lost = known.right * (1 - remembered)
    return worth * (known.right - lost), worth * (known.wrong + lost)
