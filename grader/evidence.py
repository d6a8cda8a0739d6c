"""Which words of an answer carry a verdict: those without which it would not stand.

Clauses that look like the concept are taken out of the answer and the rest is read again. Evidence
is the clause, or the few clauses together, whose absence changes the status.
"""

from collections.abc import Callable, Sequence

from grader.domain import Clause, Reading, Span, Status

Asked = dict[tuple[int, ...], tuple[int, ...]]  # clauses taken out, and the concepts then asked about
# Reads an answer again: the text, and the concepts (by index) that are asked about.
Reread = Callable[[Sequence[tuple[str, tuple[int, ...]]]], list[dict[int, Reading]]]

LOOKED_AT = 3  # clauses tried for a concept, nearest first
TOGETHER = 3  # clauses that may be needed at once


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
    """First each near clause alone, then, where none decides, the weightiest ones together."""
    single: Asked = {(k,): asked for k in range(len(clauses))
                     if (asked := tuple(c for c in spoken if k in nearest[c][:LOOKED_AT]))}
    drops: dict[int, dict[int, float]] = {c: {} for c in spoken}
    chosen: dict[int, tuple[int, ...]] = {}
    for (gone, asked), seen in zip(single.items(), _reread(answer, clauses, single, reread), strict=True):
        for c in asked:
            drops[c][gone[0]] = _belief(readings[c], readings[c].status) - _belief(seen[c], readings[c].status)
            decides = seen[c].status is not readings[c].status
            if decides and (c not in chosen or drops[c][gone[0]] > drops[c][chosen[c][0]]):
                chosen[c] = gone
    order = {c: sorted(drops[c], key=lambda k: -drops[c][k]) for c in spoken}
    for size in range(2, TOGETHER + 1):
        wanted: Asked = {}
        for c in (c for c in spoken if c not in chosen and len(order[c]) >= size):
            gone = tuple(sorted(order[c][:size]))
            wanted[gone] = (*wanted.get(gone, ()), c)
        for (gone, asked), seen in zip(wanted.items(), _reread(answer, clauses, wanted, reread), strict=True):
            chosen.update({c: gone for c in asked if seen[c].status is not readings[c].status})
    # Where even several clauses do not decide, the claim is spread: show the weightiest one.
    return {c: chosen.get(c, (order[c][0],)) for c in spoken}


def _reread(answer: str, clauses: Sequence[Clause], wanted: Asked, reread: Reread) -> list[dict[int, Reading]]:
    if not wanted:
        return []
    return reread([(without(answer, clauses, gone), asked) for gone, asked in wanted.items()])


def _belief(reading: Reading, status: Status) -> float:
    return float(getattr(reading, status.value))
