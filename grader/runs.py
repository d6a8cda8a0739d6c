"""What is learnt of a document's lines before any of them is read as a question.

Numbered lines are gathered into runs (1, 2, 3 …); a run holds questions where most of its lines ask, so
the steps of an answer stay in the answer, although they are numbered too.
"""

import re
from typing import NamedTuple

from grader.lines import TITLE_DEPTH, Line

ASKING = 0.5  # share of a run's lines that ask, from which all of them are questions
LIKELY = 0.6  # the same, where none has a question mark
ASIDE = re.compile(r"^(?:example|examples|for example|note|notes|tip|tips|follow[- ]?ups?|key points?|explanation|"
                   r"use cases?|syntax|command|commands|output|steps?|code|summary|diagram|pros|cons|bonus)\b", re.I)

SCENARIO = re.compile(r"(?:scenario|question|case)\b", re.I)


class _Run(NamedTuple):
    name: int
    last: int  # the number of its last line
    heading: bool
    asking: bool


def runs_of(lines: list[Line]) -> dict[int, int]:
    """For every numbered line the run it belongs to; a run inside another ends where the outer one goes on."""
    # In Markdown every item may be typed as 1.
    firsts, seconds = (sum(line.ordinal == n for line in lines) for n in (1, 2))
    lazy = firsts > 3 * max(seconds, 1)
    stack: list[_Run] = []
    runs: dict[int, int] = {}
    for line in lines:
        if line.ordinal is None or line.answer:
            continue
        run = _run_for(line, stack, len(runs), lazy=lazy)
        if run in stack:
            del stack[stack.index(run) :]
        asking = run.asking or _surely(line)
        stack.append(_Run(run.name, line.ordinal, line.kind == "heading", asking))
        runs[line.number] = run.name
    return runs


def _run_for(line: Line, stack: list[_Run], name: int, *, lazy: bool) -> _Run:
    """The open run that a numbered line goes on with, else a new one."""
    number, heading = line.ordinal or 0, line.kind == "heading"
    skipped = 1 if number < 4 else 3  # people lose a number now and then, but hardly among the first
    fits = [r for r in reversed(stack) if r.last < number <= r.last + skipped or (lazy and r.last == number == 1)
            or (r.asking and (line.asks or line.marked) and r.last < number)]
    best = max(fits, default=None, key=lambda r: (
        r.asking == _surely(line), number - r.last <= skipped, r.heading == heading, r.last - number))
    if best is None or (best.heading != heading and not _surely(line) and not best.asking):
        return _Run(name, 0, heading, _surely(line))
    return best


def _surely(line: Line) -> bool:
    return line.asks == 2 or line.marked


def with_titles(lines: list[Line]) -> list[Line]:
    """The lines with short ones that stand over questions made headings: "**Storage**", "EC2:", "3. Scenario: …"."""
    found = list(lines)
    for at, line in enumerate(lines):
        below = next((k for k in range(at + 1, len(lines)) if lines[k].kind not in ("blank", "rule")), -1)
        if below >= 0 and _is_title(line, lines, at, below):
            found[at] = line._replace(kind="heading", depth=TITLE_DEPTH)
    return found


def _is_title(line: Line, lines: list[Line], at: int, below: int) -> bool:
    if line.asks or line.answer or line.marked or not line.text:
        return False
    under = lines[below]
    if line.kind == "numbered":
        return under.ordinal is None and (under.marked or (under.asks == 2 and bool(SCENARIO.match(under.text))))
    lone = at == 0 or lines[at - 1].kind in ("blank", "rule")
    short = len(line.text.split()) <= 5 and line.text[-1] not in ".,;!" and not line.rest
    if line.kind != "text" or not lone or not short or ASIDE.match(line.text):
        return False
    asked = not under.answer and (under.marked or under.asks == 2 or (under.asks == 1 and under.kind != "text"))
    return asked and (line.bold or line.text.endswith(":") or below == at + 1)


def answered_of(lines: list[Line]) -> set[int]:
    """The numbers of the lines right above an "Answer:"."""
    found, above = set(), 0
    for line in lines:
        if line.kind in ("blank", "rule"):
            continue
        if line.answer and above:
            found.add(above)
        above = line.number if line.kind in ("heading", "numbered", "text") and not line.answer else 0
    return found


def asking_of(lines: list[Line], runs: dict[int, int], answered: set[int]) -> set[int]:
    """The runs whose lines are questions."""
    members: dict[int, list[Line]] = {}
    for line in lines:
        if line.number in runs:
            members.setdefault(runs[line.number], []).append(line)
    return {run for run, group in members.items() if _mostly_asks(group, answered)}


def plain_of(lines: list[Line], runs: dict[int, int]) -> set[int]:
    """The runs most of whose lines are no headings: a line among them that is one was not meant as one."""
    headings: dict[int, list[bool]] = {}
    for line in lines:
        if line.number in runs:
            headings.setdefault(runs[line.number], []).append(line.kind == "heading")
    return {run for run, found in headings.items() if sum(found) * 2 < len(found)}


def _mostly_asks(group: list[Line], answered: set[int]) -> bool:
    sure = sum(_surely(line) or line.number in answered for line in group)
    likely = sum(line.asks == 1 and line.number not in answered and not line.text.endswith(".") for line in group)
    return sure + likely >= ASKING * len(group) and (sure > 0 or (likely > 2 and likely >= LIKELY * len(group)))


def shares_of(lines: list[Line]) -> dict[tuple[str, int], float]:
    """How many of the headings of a depth, and of the lines that are bold, ask."""
    counts: dict[tuple[str, int], list[int]] = {}
    for line in lines:
        if line.kind == "heading" and not line.answer:
            counts.setdefault(("heading", line.depth), []).append(line.asks == 2 or line.marked)
        elif line.kind == "text" and line.bold and not line.rest and not line.answer:
            counts.setdefault(("bold", 0), []).append(line.asks == 2)
    return {key: sum(found) / len(found) for key, found in counts.items()}
