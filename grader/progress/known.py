"""What the answers so far show about one concept: evidence for and against, newest first in weight.

The two numbers are the counts of a Beta distribution without its prior. Three things are held apart:
`right` and `wrong` carry what is known now; `first` is what the learner said unprompted at the first
asking, because only that tells what the questions never asked would show.
"""

import difflib
from functools import lru_cache

from msgspec import Struct

from grader.domain import Finding, Status
from grader.progress.misconceptions import Error
from grader.text import words

CREDIT = {Status.covered: 1.0, Status.partial: 0.5, Status.missing: 0.0, Status.contradicted: 0.0}
# Not said may be forgotten or merely left out; said wrongly is believed. Twice the weight, as in the score.
HARM = {Status.contradicted: 2.0}
HINTED = 0.5  # of what a right saying shows, where a hint was asked for
SEEN = 0.1  # where the reference was on the screen
ECHOED = 0.3  # where the correction was read less than an hour before
ECHO = 3600.0  # seconds
# Every answer is followed by its correction, so what came before it tells less about now.
KEPT = 0.45
# A claim worded anew under its old id: what was said about the old wording tells half; about another claim, nothing.
REWORDED, ANOTHER = 0.5, 0.6


class Known(Struct, frozen=True, array_like=True):
    """One concept of one question, as the learner's answers show it."""

    statement: str
    right: float
    wrong: float
    first: float  # share said right at the first asking, 0 to 1
    first_weight: float  # how far that first verdict is to be trusted
    said: tuple[int, int, int, int]  # times covered, partial, missing, contradicted
    last: Status
    error: Error | None = None


def observe(old: Known | None, finding: Finding, *, helped: float) -> Known:
    """The concept after one more verdict; `helped` is the share of a right saying that counts."""
    if old and not carried(old.statement, finding.statement):
        old = None
    credit, harm = CREDIT[finding.status], HARM.get(finding.status, 1.0)
    trust = finding.confidence
    right = trust * credit * helped
    wrong = trust * (1 - credit) * harm
    keep = KEPT * carried(old.statement, finding.statement) if old else 0.0
    said = old.said if old else (0, 0, 0, 0)
    here = list(Status).index(finding.status)
    right += old.right * keep if old else 0.0
    wrong += old.wrong * keep if old else 0.0
    return Known(
        statement=finding.statement,
        right=right,
        wrong=wrong,
        first=old.first if old else credit,
        first_weight=old.first_weight if old else trust * (helped if credit else 1.0),
        said=(said[0] + (here == 0), said[1] + (here == 1), said[2] + (here == 2), said[3] + (here == 3)),
        last=finding.status,
        error=old.error if old else None,
    )


@lru_cache(maxsize=4096)
def carried(before: str, now: str) -> float:
    """How much of what is known about a claim still holds once it is worded anew."""
    if before == now:
        return 1.0
    old, new = words(before), words(now)
    if old == new:
        return 1.0
    return REWORDED if difflib.SequenceMatcher(None, old, new, autojunk=False).ratio() >= ANOTHER else 0.0
