"""Which words of an answer carry a verdict: those without which it would not stand.

Clauses that look like the concept are taken out of the answer and the rest is read again. Evidence
is the clause, or the few clauses together, whose absence changes the status.
"""

from collections.abc import Callable, Sequence

from grader.domain import Clause, Reading, Span, Status

Asked = dict[tuple[int, ...], tuple[int, ...]]  # clauses taken out, and the concepts then asked about
# Reads an answer again: the text, and the concepts (by index) that are asked about.
Reread = Callable[[Sequence[tuple[str, tuple[int, ...]]]], list[dict[int, Reading]]]

# What is taken out, round by round, until the status changes: places in a concept's ranking of clauses.
# The nearest clause decides alone in most cases (the share is in models/README.md), so most answers need
# one round; a reading costs about as much as grading did, so the order matters more than the thoroughness.
ROUNDS = ((0,), (1,), (0, 1), (0, 1, 2))


def evidence(
    answer: str,
    clauses: Sequence[Clause],
    readings: Sequence[Reading],
    nearest: Sequence[Sequence[int]],
    reread: Reread,
) -> tuple[tuple[Span, ...], ...]:
    """For each concept the spans that carry its status; none where it is missing.

    `nearest` ranks the clauses for each concept by likeness.
    """
    spoken = [c for c, r in enumerate(readings) if r.status is not Status.missing]
    if not clauses:
        return tuple(() for _ in readings)
    chosen: dict[int, tuple[int, ...]] = dict.fromkeys(spoken, (0,)) if len(clauses) == 1 else {}
    if len(clauses) > 1 and spoken:
        chosen = _search(answer, clauses, readings, nearest, reread, spoken)
    return tuple(
        tuple(Span(start=clauses[k].start, end=clauses[k].end, text=clauses[k].text) for k in chosen.get(c, ()))
        for c in range(len(readings))
    )


def without(answer: str, clauses: Sequence[Clause], gone: Sequence[int]) -> str:
    """The answer with some clauses taken out."""
    for k in sorted(gone, reverse=True):
        answer = answer[: clauses[k].start] + answer[clauses[k].end :]
    return answer


def _search(
    answer: str,
    clauses: Sequence[Clause],
    readings: Sequence[Reading],
    nearest: Sequence[Sequence[int]],
    reread: Reread,
    spoken: Sequence[int],
) -> dict[int, tuple[int, ...]]:
    """Takes clauses out round by round; a concept whose status changed is done."""
    chosen: dict[int, tuple[int, ...]] = {}
    drops: dict[int, dict[tuple[int, ...], float]] = {c: {} for c in spoken}
    for places in (*ROUNDS, tuple(range(len(clauses)))):
        wanted: Asked = {}
        for c in (c for c in spoken if c not in chosen and len(nearest[c]) > max(places)):
            gone = tuple(sorted(nearest[c][p] for p in places))
            wanted[gone] = (*wanted.get(gone, ()), c)
        for (gone, asked), seen in zip(wanted.items(), _reread(answer, clauses, wanted, reread), strict=True):
            for c in asked:
                status = readings[c].status
                drops[c][gone] = _belief(readings[c], status) - _belief(seen[c], status)
                if seen[c].status is not status:
                    chosen[c] = gone
    # Where nothing decides, the claim is spread over the answer: show what weakened it most.
    return {c: chosen.get(c) or max(drops[c], key=drops[c].__getitem__) for c in spoken}


def _reread(answer: str, clauses: Sequence[Clause], wanted: Asked, reread: Reread) -> list[dict[int, Reading]]:
    if not wanted:
        return []
    return reread([(without(answer, clauses, gone), asked) for gone, asked in wanted.items()])


def _belief(reading: Reading, status: Status) -> float:
    return float(getattr(reading, status.value))
