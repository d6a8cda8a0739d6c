"""Questions and answers out of somebody's interview notes, whatever their shape.

No line decides alone. Numbered lines are gathered into runs (1, 2, 3 …), and a run holds questions where
most of its lines ask; so the steps of an answer stay in the answer, although they are numbered too.
Answers that stand apart from their questions find them by their headings and numbers.
"""

import re
from typing import NamedTuple

from grader.domain import Level
from grader.lines import Line, asks, level_in, plain, read_lines

ASKING = 0.5  # share of a run's lines that ask, from which all of them are questions
ITEM_WORDS = 45  # a longer line that does not ask is no question, whatever its number
LONE_WORDS = 3  # a line without number or mark needs as many to be a question
DULL = re.compile(
    r"\b(?:interview|interviews|questions?|answers?|q\s*&\s*a|qna|faqs?|part|section|chapter|set|top|most|commonly?|"
    r"frequently|asked|with|and|the|for|of|to|on|key|level|levels|notes|guide|preparation|list|concepts?|topics?|collection|scenario|based|"
    r"beginners?|basics?|easy|freshers?|junior|intermediate|medium|moderate|advanced?|experts?|hard|seniors?|experienced)\b",
    re.I)
ANSWERS = re.compile(r"^\W*(?:\w+\W+){0,4}?answers?(?:\s+key)?\W*$", re.I)
ASIDE = re.compile(r"^(?:example|examples|for example|note|notes|tip|tips|follow[- ]?ups?|key points?|explanation|"
                   r"use cases?|syntax|command|commands|output|steps?|code|summary|diagram|pros|cons|bonus)\b", re.I)
TITLE = re.compile(r"interview|question|q\s*&\s*a|notes|guide|prep|cheat", re.I)


class Entry(NamedTuple):
    """A question of a document, with what answers it."""

    question: str
    answer: str | None
    level: Level | None
    topic: str | None
    line: int


class Notes(NamedTuple):
    """What a document holds: its questions in order, and the lines that belong to none."""

    entries: list[Entry]
    unread: list[tuple[int, str]]


class _Open:
    """A question while its answer is being read."""

    def __init__(self, line: Line, question: str, path: tuple[Line, ...], run: int) -> None:
        self.line, self.question, self.path, self.run = line, question, path, run
        self.body: list[Line] = []
        self.answering = False  # an "Answer:" was seen


def read_notes(text: str) -> Notes:
    """Every question of a document, with its answer where it has one."""
    lines = read_lines(text)
    return _Reader(lines).notes()


class _Reader:
    """One pass over the lines with what was learnt of their runs."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.runs = _runs(lines)
        self.asking = _asking(lines, self.runs)
        self.share = _shares(lines)
        self.headed = any(line.kind == "heading" and line.asks == 2 for line in lines)
        self.found: list[_Open] = []
        self.apart: list[tuple[Line, tuple[Line, ...], list[Line]]] = []  # answers that stand apart
        self.unread: list[tuple[int, str]] = []
        self.path: list[Line] = []
        self.open: _Open | None = None
        self.answers = False  # inside a part that holds answers only

    def notes(self) -> Notes:
        for at, line in enumerate(self.lines):
            if line.kind == "heading":
                self._heading(at, line)
            elif self._is_question(at, line):
                self._begin(line)
            else:
                self._more(at, line)
        legend = _legend(self.lines)
        bodies = self._paired()
        entries = [_entry(o, bodies.get(id(o)) or o.body, legend) for o in self.found]
        return Notes(_merged([e for e in entries if e]), self.unread)

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
        self.open = _Open(line, _question(line), tuple(self.path), self.runs.get(line.number, -1))
        self.found.append(self.open)
        if line.rest and asks(line.head) and not asks(line.rest) == 2:
            self.open.body.append(_told(line, line.rest))
        elif not line.rest and (rest := _after_mark(line.head)):
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

    def _answer(self, at: int, line: Line, current: _Open) -> None:
        if line.kind == "text" and line.bold and not line.answer and ANSWERS.match(line.text) and line.text.lower() != "answer":
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

    def _goes_on(self, at: int, line: Line, current: _Open) -> bool:
        """Whether a line still belongs to the question: it stands right below and asks, or the question is not said yet."""
        if current.answering or any(b.kind != "blank" for b in current.body) or line.kind in ("blank", "rule", "code", "row"):
            return False
        if not current.question:
            return True
        below = at > 0 and self.lines[at - 1].kind != "blank" and line.kind == "text"
        return below and line.text.endswith("?") and not line.bold

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
            return False
        if line.kind != "heading" and self.answers and not line.asks == 2:
            return False
        inside = self.open is not None and self.open.run != run and line.kind != "heading"
        if inside and self.open and self.open.line.kind == "heading" and line.indent > self.open.line.indent:
            return False
        return line.asks > 0 or len(line.text.split()) <= ITEM_WORDS

    def _heading_asks(self, line: Line) -> bool:
        if line.asks == 2:
            return len(line.head.split()) >= 3 or self.open is None
        return line.asks == 1 and self.share.get(("heading", line.depth), 0) >= ASKING and not level_in(line.text)

    def _bullet_asks(self, at: int, line: Line) -> bool:
        if line.asks < 2 or len(line.head.split()) < 3:
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
        if line.asks < 2 or len(line.head.split()) < LONE_WORDS or line.indent > 3:
            return False
        if self.open is None:
            return True
        if self.open.answering and not line.bold and not self._lone(at):
            return False
        if self.open.line.kind == "heading" or self.open.line.marked:
            return line.bold and self.share.get(("bold", 0), 0) >= ASKING and self.open.line.kind != "heading"
        if not self.open.body and self.open.line.kind != "text":
            return False
        return line.bold or self._lone(at) or line.head[:1].isupper()

    def _lone(self, at: int) -> bool:
        return at == 0 or self.lines[at - 1].kind in ("blank", "rule", "code", "heading")

    def _stands_apart(self, line: Line) -> bool:
        """Whether a numbered line that does not ask is an answer to a question further up."""
        if line.ordinal is None or line.kind == "heading" or line.indent > 3 or not line.text:
            return False
        if self.answers:
            return not (self.open and self.open.run >= 0 and self.open.body)
        here = _place(self.path)
        return self.open is None and any(
            _place(o.path) == here and o.line.ordinal == line.ordinal and not _said(o.body) for o in self.found)

    def _paired(self) -> dict[int, list[Line]]:
        """Answers that stand apart, by the question they belong to."""
        waiting = [o for o in self.found if not _said(o.body)]
        pairs: dict[int, list[Line]] = {}
        for line, path, body in self.apart:
            place = _place(path)
            same = [o for o in waiting if o.line.ordinal == line.ordinal and id(o) not in pairs]
            exact = [o for o in same if _place(o.path) == place]
            near = [o for o in same if place and _place(o.path)[-1:] == place[-1:]]
            choice = exact or (near if len(near) == 1 else []) or (same if len(same) == 1 else [])
            if choice:
                pairs[id(choice[0])] = body
            else:
                self.unread.append((line.number, line.text))
        return pairs


def _runs(lines: list[Line]) -> dict[int, int]:
    """For every numbered line the run it belongs to."""
    class Run(NamedTuple):
        name: int
        last: int
        heading: bool
        asking: bool

    # In Markdown every item may be typed as 1.
    firsts, seconds = (sum(line.ordinal == n for line in lines) for n in (1, 2))
    lazy = firsts > 3 * max(seconds, 1)
    open_runs: list[Run] = []
    runs: dict[int, int] = {}
    for line in lines:
        if line.ordinal is None or line.answer:
            continue
        heading, asking = line.kind == "heading", line.asks == 2 or line.marked
        fits = [r for r in reversed(open_runs) if r.last < line.ordinal <= r.last + (1 if line.ordinal < 4 else 3)
                or (lazy and r.last == line.ordinal == 1)]
        best = max(fits, key=lambda r: (r.asking == asking, r.heading == heading, -(line.ordinal or 0) + r.last), default=None)
        if best is None or (best.heading != heading and not asking):
            best = Run(len(runs), 0, heading, asking) if best is None or not best.asking else best
        if best in open_runs:
            del open_runs[open_runs.index(best) + 1 :]
            open_runs.remove(best)
        open_runs.append(best._replace(last=line.ordinal, heading=heading, asking=asking or best.asking))
        runs[line.number] = best.name
    return runs


def _asking(lines: list[Line], runs: dict[int, int]) -> set[int]:
    """The runs whose lines are questions."""
    members: dict[int, list[Line]] = {}
    for line in lines:
        if line.number in runs:
            members.setdefault(runs[line.number], []).append(line)
    return {run for run, group in members.items() if _mostly_asks(group)}


def _mostly_asks(group: list[Line]) -> bool:
    sure = sum(line.asks == 2 or line.marked for line in group)
    likely = sum(line.asks == 1 and not line.text.endswith(".") for line in group)
    return sure + likely >= ASKING * len(group) and (sure > 0 or (likely > 2 and likely >= 0.8 * len(group)))


def _shares(lines: list[Line]) -> dict[tuple[str, int], float]:
    """How many of the headings of a depth, and of the lines that are bold, ask."""
    counts: dict[tuple[str, int], list[int]] = {}
    for line in lines:
        if line.kind == "heading" and not line.answer:
            counts.setdefault(("heading", line.depth), []).append(line.asks == 2 or line.marked)
        elif line.kind == "text" and line.bold and not line.rest and not line.answer:
            counts.setdefault(("bold", 0), []).append(line.asks == 2)
    return {key: sum(found) / len(found) for key, found in counts.items()}


def _question(line: Line) -> str:
    """The text of a question: the bold beginning, or all up to the mark where an answer follows."""
    if line.rest and (asks(line.rest) == 2 or not asks(line.head)):
        return line.text
    if line.rest:
        return line.head
    rest = _after_mark(line.head)
    return line.head[: len(line.head) - len(rest)].rstrip() if rest else line.head


def _after_mark(text: str) -> str:
    """What follows the last question mark of a line, where it is an answer and no further request."""
    rest = text[text.rfind("?") + 1 :].strip() if "?" in text else ""
    if rest.startswith(("(", "[")):
        return ""
    rest = rest.lstrip(" :–—-)")
    return rest if len(rest.split()) >= 4 and not (asks(rest) and len(rest.split()) <= 12) else ""


def _told(line: Line, text: str) -> Line:
    return line._replace(kind="text", text=text, head=text, rest="", raw=text, answer=False, indent=0)


def _said(body: list[Line]) -> bool:
    return any(b.kind not in ("blank", "rule") and (b.text or b.kind == "code") for b in body)


def _place(path: tuple[Line, ...] | list[Line]) -> tuple[str, ...]:
    """A path of headings by what they name: topics and levels, without words such as questions and answers."""
    names = []
    for heading in path:
        level = level_in(heading.text) or heading.light
        words = " ".join(re.sub(r"[\W_]+|\b\d+\b", " ", DULL.sub(" ", heading.text.lower())).split())
        names.append(f"{words} {level.value if level else ''}".strip())
    return tuple(n for n in names if n)


def _entry(o: _Open, body: list[Line], legend: bool) -> Entry | None:
    if len(o.question.split()) < 2 and asks(o.question) < 2 and not (o.line.marked and o.question):
        return None
    level = next((found for h in (o.line, *reversed(o.path)) if (found := _level(h, legend, own=h is o.line))), None)
    return Entry(o.question, _answer(body) or None, level, _topic(o.path), o.line.number)


def _level(line: Line, legend: bool, *, own: bool) -> Level | None:
    named = None if own else level_in(line.text)
    return named or (line.light if legend else None)


def _legend(lines: list[Line]) -> bool:
    """Whether coloured discs stand for levels here: some line says so, or several colours are used."""
    said = any(line.light and level_in(line.text) is line.light for line in lines)
    return said or len({line.light for line in lines if line.light}) > 1


def _topic(path: tuple[Line, ...]) -> str | None:
    """The nearest heading that names a subject, in its own words."""
    for heading in reversed(path):
        bare = re.sub(r"^\W+|\W+$", "", plain(heading.text))
        words = re.sub(r"[\W_]+|\b\d+\b", " ", DULL.sub(" ", bare.lower())).split()
        title = heading is path[0] and heading.depth == 1 and bool(TITLE.search(heading.text))
        if words and not title:
            return " ".join(words)
    return None


def _answer(body: list[Line]) -> str:
    """The text of an answer, near to how it was typed: marks of emphasis gone, lists and code kept."""
    out: list[str] = []
    for line in body:
        if line.kind == "rule":
            continue
        if line.kind == "code":
            out.append(line.raw.rstrip())
        elif line.kind == "blank":
            out.append("")
        elif typed := _typed(line):
            out.append(typed)
    text = "\n".join(out).strip()
    return re.sub(r"\n{3,}", "\n\n", text)


def _typed(line: Line) -> str:
    if line.kind == "row":
        return line.text if "\t" in line.text else _cells(line.text)
    lead = " " * line.indent
    if line.kind == "bullet":
        return f"{lead}- {_said_of(line)}"
    if line.kind == "numbered":
        return f"{lead}{line.ordinal}. {_said_of(line)}"
    return f"{lead if line.indent < 4 else ''}{_said_of(line)}"


def _said_of(line: Line) -> str:
    joined = f"{line.head}: {line.rest}" if line.rest and line.bold and not line.head.endswith((":", "?", ".", ",")) else line.text
    return joined if re.search(r"\*\*\s*[:–—-]|:\s*\*\*", line.raw) else line.text


def _cells(row: str) -> str:
    cells = [plain(c) for c in row.strip("|").split("|")]
    return "" if all(set(c) <= set("-: ") for c in cells) else "\t".join(cells)


def _merged(entries: list[Entry]) -> list[Entry]:
    """Without questions that stand twice, once with an answer: tables of contents, lists before the answers."""
    answered = {_key(e.question) for e in entries if e.answer}
    seen: set[tuple[str, str | None]] = set()
    found = []
    for entry in entries:
        key = (_key(entry.question), entry.answer)
        if key in seen or (entry.answer is None and key[0] in answered):
            continue
        seen.add(key)
        found.append(entry)
    return found


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


