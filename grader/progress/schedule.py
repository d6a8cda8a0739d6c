"""When a question is worth asking again: a card per question, scheduled by FSRS.

The card is a pure function of the ratings and their moments, so that it can be rebuilt from the attempts.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from grader.domain import Attempt, Flag, Status, Verdict
from grader.progress.days import DAY, seconds

if TYPE_CHECKING:
    from fsrs import Scheduler

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
PASS = 50.0  # points; an answer that says less than half is no pass, and Hard is a pass with effort
GOOD_FROM = 70.0  # where the verdict "good" begins
EASY_COVERAGE = 0.95  # "easy" is said of an answer that leaves nothing out
# One step: an answer takes two minutes, so FSRS's step of one minute would mean the very next question.
STEP = timedelta(minutes=10)
DECAY = 0.1542  # FSRS-6's forgetting curve
FACTOR = 0.9 ** (-1 / DECAY) - 1


class Card(Struct, frozen=True, array_like=True):
    """What FSRS remembers of a question."""

    state: int  # 1 learning, 2 review, 3 relearning
    step: int | None
    stability: float  # days after which nine in ten are still remembered
    difficulty: float  # 1 to 10
    due: datetime
    last: datetime


def rating(attempt: Attempt) -> int:
    """What a grade means to FSRS: 1 again, 2 hard, 3 good, 4 easy."""
    grade = attempt.grade
    if seen_before(attempt) or grade.score < PASS or grade.verdict in (Verdict.empty, Verdict.off_topic):
        return AGAIN
    wrong = any(f.status is Status.contradicted for f in grade.concepts)
    if attempt.hint_used or wrong or grade.score < GOOD_FROM:
        return HARD
    return EASY if grade.verdict is Verdict.strong and grade.coverage >= EASY_COVERAGE else GOOD


def seen_before(attempt: Attempt) -> bool:
    """Whether the answer shows the reference rather than memory."""
    return attempt.revealed or Flag.copied_reference in attempt.grade.flags


def review(card: Card | None, given: int, at: datetime, retention: float) -> Card:
    """The card after one more answer. A clock that went back counts as no time passed."""
    from fsrs import Card as Fsrs
    from fsrs import Rating, State

    when = max(at, card.last) if card else at
    if card is None:
        old = Fsrs(card_id=1, due=when)
    else:
        old = Fsrs(card_id=1, state=State(card.state), step=card.step, stability=card.stability,
                   difficulty=card.difficulty, due=card.due, last_review=card.last)
    new, _ = _scheduler(retention).review_card(old, Rating(given), when)
    return Card(state=new.state.value, step=new.step, stability=new.stability or 0.0,
                difficulty=new.difficulty or 0.0, due=new.due, last=when)


def recall(card: Card, now: float) -> float:
    """The chance that what the card's last answer showed is still remembered; 1 just after it."""
    elapsed = max(0.0, now - seconds(card.last)) / DAY
    return float((1 + FACTOR * elapsed / max(card.stability, 0.001)) ** -DECAY)


@lru_cache(maxsize=16)
def _scheduler(retention: float) -> "Scheduler":
    from fsrs import Scheduler

    return Scheduler(desired_retention=retention, learning_steps=(STEP,), relearning_steps=(STEP,),
                     enable_fuzzing=False)


def utc(at: datetime) -> datetime:
    """The moment with the very time-zone object that FSRS asks for."""
    return at.astimezone(UTC)
