"""Where a learner stands: `grader.progress` over what the store has, read as little as possible."""

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from grader.bank import Bank
from grader.domain import Base, Level, Question
from grader.errors import BadInput, NotFound
from grader.progress import group, view
from grader.progress.choice import Mode, choose
from grader.progress.group import Group
from grader.progress.summary import VERSION, Summary, fold, rebuild
from grader.progress.view import Progress
from grader.store import Store

__all__ = ["Card", "Group", "Mode", "Next", "Progress", "card", "cohort", "next_question", "progress", "summary_of"]
DECODE = msgspec.msgpack.Decoder(Summary)


class Card(Base, frozen=True):
    """A question as a learner may see it before answering: never its reference, never its concepts."""

    id: str
    topic: str
    level: Level
    question: str
    hint: str = ""
    tags: tuple[str, ...] = ()
    concept_count: int = 0


class Next(Struct, frozen=True, kw_only=True):
    """A question to ask, and in one sentence why this one."""

    question: Card
    mode: Mode
    why: str


def progress(store: Store, bank: Bank, learner: str) -> Progress:
    """What a learner knows."""
    return view.progress(summary_of(store, learner), bank, datetime.now(UTC))


def cohort(store: Store, bank: Bank, key: str | None) -> Group:
    """What the learners of a key know, taken together."""
    return group.cohort((summary_of(store, learner) for learner in store.learners(key)), bank, datetime.now(UTC))


def next_question(store: Store, bank: Bank, learner: str, mode: Mode, topic: str | None = None,
                  level: Level | None = None, seed: int | None = None, without: Collection[str] = ()) -> Next:
    """What to ask next, none of `without`; raises NotFound where no question fits."""
    try:
        found = choose(summary_of(store, learner), bank, datetime.now(UTC), mode, topic=topic, level=level,
                       seed=seed or 0, without=without)
    except BadInput as fault:
        raise NotFound(str(fault)) from None
    return Next(question=card(found.question), mode=found.mode, why=found.why)


def summary_of(store: Store, learner: str) -> Summary:
    """What is kept of a learner, brought up to date and kept again."""
    data, count = store.summary(learner)
    kept = _decoded(data)
    newer = store.since(learner, kept.until) if kept else []
    if kept is None or kept.answers + len(newer) != count:
        # An attempt that came late or was imported lies before the newest one: only a rebuild puts it in its place.
        kept, newer = rebuild(store.history(learner)), []
    elif not newer:
        return kept
    for attempt in newer:
        kept = fold(kept, attempt)
    store.keep_summary(learner, msgspec.msgpack.encode(kept))
    return kept


def card(q: Question) -> Card:
    """A question before it is answered."""
    return Card(id=q.id, topic=q.topic, level=q.level, question=q.question, hint=q.hint, tags=q.tags,
                concept_count=len(q.concepts))


def _decoded(data: bytes | None) -> Summary | None:
    """A kept summary; None where there is none, or another version made it."""
    if data is None:
        return None
    try:
        kept = DECODE.decode(data)
    except msgspec.DecodeError:
        return None
    return kept if kept.version == VERSION else None
