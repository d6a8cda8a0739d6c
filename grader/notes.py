"""Questions and answers out of somebody's interview notes, whatever their shape.

No line decides alone: a line is a question by what its run, its heading and its neighbours are.
Answers that stand apart from their questions find them by their headings and numbers.
"""

import re
from typing import NamedTuple

from grader.entries import (
    Asked,
    Entry,
    after_mark,
    entry_of,
    has_legend,
    place_of,
    question_in,
    same_place,
    says_something,
    without_repeats,
)
from grader.lines import Line, asks, level_in, read_lines
from grader.runs import ASIDE, ASKING, answered_of, asking_of, plain_of, runs_of, shares_of, with_titles

ITEM_WORDS = 45  # a longer line that does not ask is no question, whatever its number
LONE_WORDS = 3  # a line without number or mark needs as many to be a question
ANSWERS = re.compile(r"^\W*(?:\w+\W+){0,4}?answers?(?:\s+key)?\W*$", re.I)


class Notes(NamedTuple):
    """What a document holds: its questions in order, and the lines that belong to none."""

    entries: list[Entry]
    unread: list[tuple[int, str]]


def read_notes(text: str) -> Notes:
    """Every question of a document, with its answer where it has one."""
    return _Reader(with_titles(read_lines(text))).notes()


class _Reader:
    """One pass over the lines with what was learnt of their runs."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.runs = runs_of(lines)
        self.answered = answered_of(lines)
        self.asking = asking_of(lines, self.runs, self.answered)
        self.plain = plain_of(lines, self.runs)
        self.share = shares_of(lines)
        self.found: list[Asked] = []
        self.apart: list[tuple[Line, tuple[Line, ...], list[Line]]] = []  # answers that stand apart
        self.unread: list[tuple[int, str]] = []
        self.path: list[Line] = []
        self.open: Asked | None = None
        self.answers = False  # inside a part that holds answers only

    def notes(self) -> Notes:
        for at, line in enumerate(self.lines):
            if line.kind == "heading":
                self._heading(at, line)
            elif self._is_question(at, line):
                self._begin(line)
            else:
                self._more(at, line)
        legend = has_legend(self.lines)
        bodies = self._paired()
        entries = [entry_of(o, bodies.get(id(o)) or o.body, legend) for o in self.found]
        return Notes(without_repeats([e for e in entries if e]), self.unread)

    def _heading(self, at: int, line: Line) -> None:
        inside = self.open is not None and self.open.line.kind == "heading" and line.depth > self.open.line.depth
        if line.answer or (self.open and ASIDE.match(line.head) and not line.asks):
            self._more(at, line)
        elif self._is_question(at, line):
            self.path = [h for h in self.path if h.depth < line.depth]
            self._begin(line)
        elif inside and self.open and not ANSWERS.match(line.text):
            self.open.body.append(line)
        else:
            self.open = None
            self.path = [*(h for h in self.path if h.depth < line.depth), line]
            self.answers = any(ANSWERS.match(h.text) for h in self.path)

    def _begin(self, line: Line) -> None:
        asked = self.open
        bare = asked is not None and asked.line.kind == "heading" and not says_something(asked.body)
        if asked and bare and line.marked and line.ordinal is None:
            asked.question = f"{asked.question} {line.text}".strip()
            return
        self.open = Asked(line, question_in(line), tuple(self.path), self.runs.get(line.number, -1))
        self.found.append(self.open)
        if line.rest and asks(line.head) and asks(line.rest) != 2:
            self.open.body.append(_told(line, line.rest))
        elif not line.rest and (rest := after_mark(line.head)):
            self.open.body.append(_told(line, rest))

    def _more(self, at: int, line: Line) -> None:
        """A line that is no question: part of an answer, an answer that stands apart, or nothing we know."""
        if self._stands_apart(line):
            self.open = None
            self.apart.append((line, tuple(self.path), [_told(line, line.text)]))
        elif self.open is not None:
            self._answer(at, line, self.open)
        elif self.apart and line.kind not in ("rule", "heading"):
            self.apart[-1][2].append(line)
        elif line.kind in ("text", "numbered", "bullet", "row") and line.text and not line.anchor:
            self.unread.append((line.number, line.text))

    def _answer(self, at: int, line: Line, current: Asked) -> None:
        if line.kind == "text" and line.bold and not line.answer and ANSWERS.match(line.text):
            self.open, self.answers = None, True
            return
        if line.answer:
            current.answering = True
            told = _told(line, line.text)
            current.body.append(told if line.text else line._replace(kind="blank"))
            return
        if self._goes_on(at, line, current):
            current.question = f"{current.question} {line.text}".strip()
            return
        current.body.append(line)

    def _goes_on(self, at: int, line: Line, current: Asked) -> bool:
        """Whether a line belongs to the question still: it asks on right below, or nothing was asked yet."""
        begun = current.answering or any(b.kind != "blank" for b in current.body)
        if begun or line.kind in ("blank", "rule", "code", "row"):
            return False
        if not current.question:
            return True
        below = at > 0 and self.lines[at - 1].kind != "blank" and line.kind == "text" and not line.bold
        return below and line.text.endswith("?") and not (asks(current.question) == 2 and self._unanswered(at))

    def _is_question(self, at: int, line: Line) -> bool:
        """Whether a line begins a question."""
        if line.kind in ("blank", "rule", "code", "row") or line.answer or line.anchor:
            return False
        if line.marked:
            return not (line.kind == "heading" and not line.text and line.ordinal is None)
        if not line.text:
            return False
        if line.ordinal is not None:
            return self._numbered_asks(line)
        if line.kind == "heading":
            return self._heading_asks(line)
        if line.kind == "bullet":
            return self._bullet_asks(at, line)
        return self._text_asks(at, line)

    def _numbered_asks(self, line: Line) -> bool:
        run = self.runs[line.number]
        if run not in self.asking:
            return line.asks == 2 and (line.kind == "heading" or line.bold or self.open is None)
        if line.kind != "heading" and self.answers and line.asks != 2:
            return False
        inside = self.open is not None and self.open.run != run and line.kind != "heading"
        if inside and self.open and self.open.line.kind == "heading" and line.indent > self.open.line.indent:
            return False
        return line.asks > 0 or len(line.text.split()) <= ITEM_WORDS

    def _heading_asks(self, line: Line) -> bool:
        if line.number in self.answered and not ANSWERS.match(line.text):
            return True
        if line.asks == 2:
            return len(line.head.split()) >= 3 or self.open is None
        return line.asks == 1 and self.share.get(("heading", line.depth), 0) >= ASKING and not level_in(line.text)

    def _bullet_asks(self, at: int, line: Line) -> bool:
        if line.asks < 2 or len(line.text.split()) < 3:
            return bool(line.asks and self._among_questions(at, line))
        if self.open is None:
            return True
        return self.open.line.kind == "bullet" and line.indent <= self.open.line.indent

    def _among_questions(self, at: int, line: Line) -> bool:
        """Whether a bullet that only sounds like a question has asking neighbours and no question above it."""
        if self.open is not None and not (self.open.line.kind == "bullet" and self.open.line.indent >= line.indent):
            return False
        block = [b for b in self.lines[max(0, at - 12) : at + 13] if b.kind == "bullet" and b.indent == line.indent]
        return len(block) > 2 and sum(b.asks > 0 for b in block) >= 0.7 * len(block)

    def _text_asks(self, at: int, line: Line) -> bool:
        free = self.open is None or says_something(self.open.body)
        if free and line.number in self.answered and (line.bold or line.asks):
            return True
        if line.asks < 2 or len(line.head.split()) < LONE_WORDS or line.indent > 3:
            return False
        if self.open is None:
            return True
        if self.open.answering and not line.bold and not self._lone(at):
            return False
        headed = self.open.line.kind == "heading" and self.open.run not in self.plain
        if headed or self.open.line.marked:
            return line.bold and self.share.get(("bold", 0), 0) >= ASKING and not headed
        if not self.open.body and self.open.line.kind != "text":
            return asks(self.open.question) == 2 and self._unanswered(at)
        return line.bold or self._lone(at) or line.head[:1].isupper()

    def _unanswered(self, at: int) -> bool:
        """Whether the next line that says something is a question or a heading."""
        after = next((line for line in self.lines[at + 1 :] if line.kind not in ("blank", "rule")), None)
        return after is None or after.kind == "heading" or self.runs.get(after.number) in self.asking

    def _lone(self, at: int) -> bool:
        return at == 0 or self.lines[at - 1].kind in ("blank", "rule", "code", "heading")

    def _stands_apart(self, line: Line) -> bool:
        """Whether a numbered line that does not ask is an answer to a question further up."""
        if line.ordinal is None or line.kind == "heading" or line.indent > 3 or not line.text:
            return False
        if self.answers:
            return not (self.open and self.open.run >= 0 and self.open.body)
        here = place_of(self.path)
        waiting = (o for o in self.found if o.line.ordinal == line.ordinal and same_place(o.place, here))
        return self.open is None and any(not says_something(o.body) for o in waiting)

    def _paired(self) -> dict[int, list[Line]]:
        """Answers that stand apart, by the question they belong to."""
        waiting = [o for o in self.found if not says_something(o.body)]
        pairs: dict[int, list[Line]] = {}
        for line, path, body in self.apart:
            place = place_of(path)
            same = [o for o in waiting if o.line.ordinal == line.ordinal and id(o) not in pairs]
            exact = [o for o in same if same_place(o.place, place)]
            near = [o for o in same if place and o.place[-1:] == place[-1:]]
            choice = exact or (near if len(near) == 1 else []) or (same if len(same) == 1 else [])
            if choice:
                pairs[id(choice[0])] = body
            else:
                self.unread.append((line.number, line.text))
        return pairs


def _told(line: Line, text: str) -> Line:
    return line._replace(kind="text", text=text, head=text, rest="", raw=text, answer=False, indent=0)


