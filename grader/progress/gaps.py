"""What a learner has not said right yet, question by question, in sentences."""

from grader.bank import Bank
from grader.domain import Status
from grader.progress.due import open_errors
from grader.progress.summary import Summary


def gaps(summary: Summary, bank: Bank) -> dict[str, tuple[str, ...]]:
    """For every question of the bank that was asked, its open misconceptions and the points not said right last."""
    found = {}
    for question in bank:
        asked = summary.questions.get(question.id)
        if asked is None:
            continue
        wrong = tuple(f"You wrote “{e.words}”. Right is: {e.correction}" for e in open_errors(asked, question))
        unsaid = tuple(f"{'Only half said' if known.last is Status.partial else 'Not said'}: {c.statement}"
                       for c in question.concepts
                       if (known := asked.concepts.get(c.id)) and known.last in (Status.missing, Status.partial))
        found[question.id] = wrong + unsaid
    return found
