"""What goes over the wire and is not already a word of the domain."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from grader.domain import Attempt, AttemptInList, Base, Concept, Grade, Question, Status
from grader.standing import Card, card
from grader.store import Dispute, Regrade

MOST_ITEMS = 256  # answers in one batch


class Revealed(Card, frozen=True):
    """A question with its answer."""

    reference: tuple[str, ...] | UnsetType = UNSET
    concepts: tuple[Concept, ...] | UnsetType = UNSET
    follow_ups: tuple[str, ...] | UnsetType = UNSET
    see_also: tuple[str, ...] | UnsetType = UNSET


class Cards(Base, frozen=True):
    """A page of questions; `cursor` is null on the last."""

    items: tuple[Card, ...]
    total: int
    cursor: str | None = None


class Topic(Base, frozen=True):
    """A topic with how many questions it has, in all and by level."""

    topic: str
    questions: int
    levels: dict[str, int]


class Topics(Base, frozen=True):
    """Every topic of the bank."""

    items: tuple[Topic, ...]


class Batch(Base, frozen=True):
    """Many answers; an item that cannot be graded gets its error in its place."""

    items: Annotated[list[Any], Meta(max_length=MOST_ITEMS, description="each an object as POST /grade takes it")]


class Results(Base, frozen=True):
    """A grade or an error for each item, in order."""

    items: tuple[Any, ...]  # each a Grade or an Ungraded; a union of two untagged structs has no schema


class Attempted(Base, frozen=True):
    """An answer to store."""

    question_id: Annotated[str, Meta(min_length=1, max_length=80)]
    answer: str
    hint_used: bool = False
    revealed: Annotated[bool, Meta(description="the reference was on the screen while answering")] = False


class Attempts(Base, frozen=True):
    """A page of attempts, newest first; `cursor` is null on the last."""

    items: tuple[AttemptInList, ...]
    cursor: str | None = None


class AttemptInFull(Base, frozen=True):
    """An attempt with what may be seen once one has answered."""

    id: str
    learner: str
    question_id: str
    answer: str
    created: str
    grade: Grade
    hint_used: bool
    revealed: bool
    question: Annotated[Revealed | None, Meta(description="null where the bank no longer has it")]
    regrades: tuple[Regrade, ...] = ()
    disputes: tuple[Dispute, ...] = ()


class Objection(Base, frozen=True):
    """A learner's word against one verdict."""

    concept: Annotated[str, Meta(min_length=1, max_length=80)]
    should_be: Status
    why: Annotated[str, Meta(max_length=2000)] = ""


class LearnerInBrief(Base, frozen=True):
    """Who a learner is to the service."""

    learner: str
    attempts: int
    created: str | None
    resume_code: Annotated[str | None, Meta(description="carries on elsewhere; null before the first attempt")]


class Resume(Base, frozen=True):
    """A resume code as it was given out; spaces, hyphens and small letters do not matter."""

    code: Annotated[str, Meta(min_length=1, max_length=60)]


class Export(Base, frozen=True):
    """Everything stored about a learner."""

    learner: str
    created: str | None
    exported: str
    attempts: tuple[Attempt, ...]
    disputes: tuple[Dispute, ...]


class Health(Base, frozen=True):
    """How the service is."""

    status: str
    engine: str | UnsetType = UNSET
    bank: str | UnsetType = UNSET


def revealed(q: Question, *, shown: bool = True) -> Revealed:
    """A question, with its answer where that may be shown."""
    plain = card(q)
    fields = {name: getattr(plain, name) for name in Card.__struct_fields__}
    if not shown:
        return Revealed(**fields)
    reference = (q.reference,) if isinstance(q.reference, str) else q.reference
    return Revealed(**fields, reference=reference, concepts=q.concepts, follow_ups=q.follow_ups, see_also=q.see_also)
