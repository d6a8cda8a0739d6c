"""A question of a document and the lines below it, told as text: question, answer, level, topic."""

import re
from typing import NamedTuple

from grader.domain import Level
from grader.lines import Line, asks, level_in, plain

DULL = re.compile(
    r"\b(?:interview|interviews|questions?|answers?|q\s*&\s*a|qna|faqs?|part|section|chapter|set|top|most|commonly?|"
    r"frequently|asked|with|and|the|for|of|to|on|key|level|levels|notes|guide|preparation|list|concepts?|topics?|collection|scenario|based|"
    r"beginners?|basics?|easy|freshers?|junior|intermediate|medium|moderate|advanced?|experts?|hard|seniors?|experienced)\b",
    re.I)
# What follows a question mark and asks on: "Explain with an example." Other words begin an answer as well.
REQUEST = re.compile(r"^(?:please|explain|describe|give|list|name|show|discuss|compare|justify|tell|mention)\b", re.I)
ASKS_ON = re.compile(r"^(?:and|also|how|what|why|which|when|where|if)\b", re.I)
REQUEST_WORDS, ASKS_ON_WORDS = 25, 12
TITLE = re.compile(r"interview|question|q\s*&\s*a|notes|guide|prep|cheat", re.I)


class Entry(NamedTuple):
    """A question of a document, with what answers it."""

    question: str
    answer: str | None
    level: Level | None
    topic: str | None
    line: int


class Asked:
    """A question of the document, with the headings over it and the lines that follow it."""

    def __init__(self, line: Line, question: str, path: tuple[Line, ...], run: int) -> None:
        self.line, self.question, self.path, self.run = line, question, path, run
        self.place = place_of(path)
        self.body: list[Line] = []
        self.answering = False  # an "Answer:" was seen


def question_in(line: Line) -> str:
    """The text of a question: the bold beginning, or all up to the mark where an answer follows."""
    if line.rest and (asks(line.rest) == 2 or not asks(line.head)):
        return _said_of(line)
    if line.rest:
        return line.head
    rest = after_mark(line.head)
    return line.head[: len(line.head) - len(rest)].rstrip() if rest else line.head


def after_mark(text: str) -> str:
    """What follows the last question mark of a line, where it is an answer and no further request."""
    rest = text[text.rfind("?") + 1 :].strip() if "?" in text else ""
    if rest.startswith(("(", "[")):
        return ""
    rest = rest.lstrip(" :–—-)")
    number = len(rest.split())
    more = (REQUEST.match(rest) and number <= REQUEST_WORDS) or (ASKS_ON.match(rest) and number <= ASKS_ON_WORDS)
    return rest if number >= 4 and not more else ""


def same_place(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two paths name the same subject and level, whatever part of the document they are in."""
    return one == other or (len(one) > 1 and one[-2:] == other[-2:])


def says_something(body: list[Line]) -> bool:
    """Whether a body answers anything: it is neither empty nor only further questions."""
    told = [b for b in body if b.kind not in ("blank", "rule") and (b.text or b.kind == "code")]
    return any(b.kind == "code" or b.asks < 2 for b in told)


def place_of(path: tuple[Line, ...] | list[Line]) -> tuple[str, ...]:
    """A path of headings by what they name: topics and levels, without words such as questions and answers."""
    names = []
    for heading in path:
        level = level_in(heading.text) or heading.light
        words = " ".join(re.sub(r"[\W_]+|\b\d+\b", " ", DULL.sub(" ", heading.text.lower())).split())
        names.append(f"{words} {level.value if level else ''}".strip())
    return tuple(n for n in names if n)


def entry_of(o: Asked, body: list[Line], legend: bool) -> Entry | None:
    """The entry of a question with the lines that answer it; None where the question says nothing."""
    if len(o.question.split()) < 2 and asks(o.question) < 2 and not (o.line.marked and o.question):
        return None
    level = next((found for h in (o.line, *reversed(o.path)) if (found := _level(h, legend, own=h is o.line))), None)
    answer = _answer(body) if says_something(body) else ""
    return Entry(o.question, answer or None, level, _topic(o.path), o.line.number)


def _level(line: Line, legend: bool, *, own: bool) -> Level | None:
    named = None if own else level_in(line.text)
    return named or (line.light if legend else None)


def has_legend(lines: list[Line]) -> bool:
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
    """The text of a line; a colon after its bold beginning was taken off with the marks and comes back."""
    joins = line.rest and line.bold and not line.head.endswith((":", "?", ".", ","))
    return f"{line.head}: {line.rest}" if joins and re.search(r"[*_]\s*[:–—-]|:\s*[*_]", line.raw) else line.text


def _cells(row: str) -> str:
    cells = [plain(c) for c in row.strip("|").split("|")]
    return "" if all(set(c) <= set("-: ") for c in cells) else "\t".join(cells)


def without_repeats(entries: list[Entry]) -> list[Entry]:
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
