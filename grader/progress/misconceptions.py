"""Wrong beliefs: remembered in the learner's own words until they were said right twice, on different days."""

from datetime import timedelta

from msgspec import Struct

from grader.domain import Finding, Grade, Status

CLOSED_AFTER = 2  # right sayings, each on a day of its own
APART = 4 * 3600.0  # seconds between them, so that midnight is no short cut
ASK_WITHIN = timedelta(days=1)  # an open misconception is due again that soon after each answer
WORDS = 300  # characters of the learner's words that are kept


class Error(Struct, frozen=True, array_like=True):
    """A concept said wrongly: when, in which words, and how far it is set right."""

    claim: str  # the rubric's name for the mistake where it knows it, else the learner's words
    words: str
    correction: str
    attempt: str
    first: float
    last: float
    times: int = 1
    right_on: tuple[str, ...] = ()  # the learner's own days, since it was last said wrongly
    right_at: float = 0.0
    closed: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still has to be said right."""
        return self.closed is None


def remember(
    old: Error | None, finding: Finding, grade: Grade, *, attempt: str, at: float, day: str, recalled: bool
) -> Error | None:
    """The misconception after one more verdict; None where there never was one.

    `recalled` says that the answer came from memory: neither the reference nor a fresh correction was in sight.
    """
    if finding.status is Status.contradicted:
        return _again(old, finding, grade, attempt, at)
    if old is None or finding.status is not Status.covered or not old.is_open or not recalled:
        return old
    if day in old.right_on or (old.right_on and at - old.right_at < APART):
        return old
    days = (*old.right_on, day)
    return _with(old, right_on=days, right_at=at, closed=at if len(days) >= CLOSED_AFTER else None)


def _again(old: Error | None, finding: Finding, grade: Grade, attempt: str, at: float) -> Error:
    told = next((m for m in grade.misconceptions if m.concept == finding.id), None)
    spans = (told.evidence if told else ()) or finding.evidence
    words = " … ".join(s.text for s in spans)[:WORDS]
    return Error(
        claim=told.claim[:WORDS] if told and told.claim else words,
        words=words,
        correction=(told.correction if told else "") or finding.statement,
        attempt=attempt,
        first=old.first if old else at,
        last=at,
        times=old.times + 1 if old else 1,
    )


def _with(old: Error, **changes: object) -> Error:
    from msgspec.structs import replace

    return replace(old, **changes)
