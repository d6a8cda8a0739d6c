"""Which words of an answer carry a verdict: those without which it would not stand.

Clauses that look like the concept are taken out of the answer and the rest is read again. Evidence
is the clause, or the few clauses together, whose absence changes the status.
"""

from collections.abc import Callable, Sequence

from grader.domain import Clause, Reading, Span, Status

Asked = dict[tuple[int, ...], tuple[int, ...]]  # clauses taken out, and the concepts then asked about
# Reads an answer again: the text, and the concepts (by index) that are asked about.
Reread = Callable[[Sequence[tuple[str, tuple[int, ...]]]], list[dict[int, Reading]]]

# What is taken out, round by round: places in a concept's ranking of clauses, each with what comes next where the
# status has changed and where it has not. models/EXPERIMENTS.md has the shares and the readings it takes.
FIRST = (0,)
THEN: dict[tuple[int, ...], tuple[tuple[int, ...], tuple[int, ...]]] = {
    (0,): ((), (0, 1)),
    (0, 1): ((1,), (0, 1, 2, 3)),  # both together decide: perhaps the second alone does
    (1,): ((), ()),
    (0, 1, 2, 3): ((), ()),
}


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
    """Takes clauses out round by round; the fewest without which the status falls, or else all of them."""
    chosen: dict[int, tuple[int, ...]] = {c: tuple(range(len(clauses))) for c in spoken}
    turn: dict[int, tuple[int, ...]] = dict.fromkeys(spoken, FIRST)
    while turn:
        wanted: Asked = {}
        for c, places in turn.items():
            gone = tuple(sorted(nearest[c][p] for p in places))
            wanted[gone] = (*wanted.get(gone, ()), c)
        following = {}
        for (gone, asked), seen in zip(wanted.items(), _reread(answer, clauses, wanted, reread), strict=True):
            for c in asked:
                changed = seen[c].status is not readings[c].status
                if changed:
                    chosen[c] = gone
                then = THEN[turn[c]][not changed]
                if then and len(nearest[c]) > max(then):
                    following[c] = then
        turn = following
    return chosen


def _reread(answer: str, clauses: Sequence[Clause], wanted: Asked, reread: Reread) -> list[dict[int, Reading]]:
    return reread([(without(answer, clauses, gone), asked) for gone, asked in wanted.items()])
