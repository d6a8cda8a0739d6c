"""What one line of somebody's notes is: a heading, a numbered item, a bullet, a table row, plain text.

Marks are peeled off from the left, in whatever order people put them: `### **12. Question?**`,
`- **Q1:** …`, `# 50.  question ?`, `1️⃣ …`.
"""

import re
from typing import NamedTuple

from grader.domain import Level

FENCE = re.compile(r"^\s*(?:(?:[-*+>]|\d+[.)])\s+)*(```|~~~)\s*([^`~]*)$")
RULE = re.compile(r"^\s*([-*_=])(?:\s*\1){2,}\s*$")
HEADING = re.compile(r"^(#{1,6})(?![#!])\s*(?=\S)")
# "# restart the service" is a remark in a shell snippet that nobody fenced.
REMARK = re.compile(r"^#\s+[a-z$/](?!.*\?\s*$)")
TAB_AFTER_MARK = re.compile(
    r"^(?:[-*+•◦▪●○–]|[(\[]?\d{1,4}[.):\]]?|(?:q|que|ques|question)?\s*\d{0,4}[.):])\s*\t\s*", re.I)
QUOTE = re.compile(r"^>\s?")
BULLET = re.compile(r"^(?:[-*+•‣◦▪●○–➢➤]|\[[ xX]?\])\s+")
BOLD = re.compile(r"^(\*\*\*|\*\*|__|\*(?=[^\s*])|_(?=[^\s_]))")
DECORATED = re.compile(r"^\s*([-=*_~#•])\1{3,}\s*([^\s\-=*_~#•].*?)\s*:?\s*\1{3,}\s*$")
MARK = re.compile(
    r"^q(?:uestion|ues|ue|n)?\s*(?:no\.?\s*)?[-.#]?\s*(\d{1,4})?\s*(?:[*_\s]*[.:)\]–—-]+\s*|(?=[*_\s]*$))", re.I)
MARK_SPACED = re.compile(r"^q(?:uestion|ues|ue|n)?\s*#?(\d{1,4})\s+(?=\S)", re.I)
NUMBER = re.compile(r"^[(\[]?(\d{1,4})\s?(?:\\?[.):\]]+(?!\d)|(?<=\s)[–—-]\s?(?!\d)|[–—-]\s|\.\s)\s*")
HASH_NUMBER = re.compile(r"^#(\d{1,4})[.):\s]\s*")
KEYCAP = re.compile(r"^((?:\d\ufe0f?\u20e3)+|\U0001f51f)\s*")
EMOJI = re.compile("^[\u2190-\u21ff\u2300-\u27bf\u2900-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+\\s*")
ANSWER = re.compile(
    r"^(?:(?:(?:sample|model|short|expected|suggested|correct|your)\s+)?answer|ans|solution|response)\s*(?:\d{1,4}\s*|\([^()]{1,30}\)\s*)?"
    r"(?:[*_\s]*[:.)\]–—-]+\s*|(?=[*_\s]*$))", re.I)
LETTER_A = re.compile(r"^a\s*(?:\d{1,4}\s*)?(?::|[.)-](?=\s))\s*", re.I)
LINK = re.compile(r"!?\[([^\]\[]*)\]\(([^)\s]*)[^)]*\)")
TAG = re.compile(
    r"</?(?:b|strong|i|em|u|summary|details|p|div|span|center|font|h[1-6]|a|li|ol|ul|section|article|sub|sup|code|kbd)"
    r"(?:\s[^<>]*)?>", re.I)
SUMMARY = re.compile(r"<summary>", re.I)
BREAK = re.compile(r"<br\s*/?>", re.I)
BACK = re.compile(r"back to (?:the )?(?:top|index|contents?)\W*$", re.I)
FRONT = re.compile(r"\A---[ \t]*\r?\n(?:[\w-]+:.*\r?\n|[ \t]+.*\r?\n){1,30}---[ \t]*\r?\n")  # a page's own data
COMMENT = re.compile(r"<!--.*?-->")
EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)__?(?=\S)|(?<=\S)__?(?!\w)")
TAIL = re.compile(r"[\s*_#:]*$")
ASKED_BY = re.compile(r"\s*[(\[][^()\[\]?]{0,60}[)\]]\s*$")
NOT_WORD = re.compile("[^\\w?!.…)\"'”’]+$")
ASKS = re.compile(
    r"^(?:what|what's|whats|how|why|when|where|which|who|whom|whose|explain|describe|define|discuss|differentiate|"
    r"distinguish|compare|contrast|list|name|mention|outline|state|tell|walk|"
    r"take me|give|show|design|suppose|imagine|can|could|"
    r"would|should|write|do|does|did|is|are|was|were|have|has|will|if|in what|in which|for what|at what|on what|"
    r"by what|"
    r"under what|to what|difference|differences|types of|kinds of|advantages|disadvantages|benefits of|use of|uses of|"
    r"role of|purpose of|steps to|ways to|scenario|you|your|a company|a customer|a client|a user|a developer|"
    r"an application|say)\b", re.I)
BEGINNER = re.compile(r"\b(?:beginners?|basics?|easy|entry[- ]level|freshers?|junior|level\s*(?:1|one)|l1)\b", re.I)
MIDDLE = re.compile(r"\b(?:intermediate|medium|moderate|mid[- ]?level|level\s*(?:2|two)|l2)\b", re.I)
EXPERT = re.compile(r"\b(?:advanced?|experts?|hard|difficult|seniors?|experienced|level\s*(?:3|three)|l3)\b", re.I)
LEVELS = ((Level.beginner, BEGINNER), (Level.intermediate, MIDDLE), (Level.advanced, EXPERT))
QUESTIONS_LINE = re.compile(r"\bquestions(?:\s+(?:and|&)\s+answers)?\W*$", re.I)
LEVEL_LINE = re.compile(r"\b(?:levels?|questions?|concepts?|topics?|q\s*&\s*a)\W*$", re.I)
LEVEL_DEPTH, TITLE_DEPTH = 7, 8  # of headings without a mark: below all that have one
LIGHTS = {"\U0001f7e2": Level.beginner, "\U0001f7e1": Level.intermediate, "\U0001f7e0": Level.intermediate,
          "\U0001f534": Level.advanced}


class Line(NamedTuple):
    """One line with its marks peeled off."""

    number: int
    raw: str
    kind: str  # blank, rule, code, heading, numbered, bullet, row, text
    indent: int = 0
    depth: int = 0  # of a heading
    ordinal: int | None = None
    bold: bool = False  # the text begins bold
    marked: bool = False  # "Q:", "Question 3", <summary>
    answer: bool = False  # "Answer:" stood before the text
    text: str = ""  # without marks
    head: str = ""  # what was bold at the beginning, or all of the text
    rest: str = ""  # what follows it
    light: Level | None = None  # of a coloured disc before the text
    anchor: bool = False  # all of it is a link inside the document

    @property
    def asks(self) -> int:
        """How much the line is a question: 2 with a question mark, 1 by its first word, 0 not at all."""
        return asks(self.head) or (2 if self.rest and asks(self.rest) == 2 else 0)


def asks(text: str) -> int:
    """How much a text is a question: 2 with a question mark, 1 by its first word, 0 not at all."""
    bare = NOT_WORD.sub("", ASKED_BY.sub("", text.strip()))
    if bare.rstrip(" \"'”’)").endswith("?"):
        return 2
    first = bare.split("?")[0]
    if "?" in bare and ASKS.match(first) and len(bare.split()) - len(first.split()) <= 12:
        return 2
    named = re.match(r"(?:\S+\s+){0,3}\S*:\s+\S", bare)  # "Use case: …" names something, it does not ask
    return 1 if ASKS.match(bare) and 2 <= len(bare.split()) <= 45 and not named else 0


def read_lines(text: str) -> list[Line]:
    """The lines of a document, each told apart."""
    text = FRONT.sub(lambda m: "\n" * m.group().count("\n"), text)
    raws = COMMENT.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    code = _code(raws)
    lines = []
    for number, raw in enumerate(raws, 1):
        known = Line(number, raw, "code", text=raw) if number - 1 in code else None
        above, fold, below = raw.partition("</summary>") if not known else ("", "", "")
        parts = [above + fold, below] if below.strip() else [raw]
        lines += [known] if known else [_line(number, p.expandtabs(4) if p[:1] == "\t" else p) for p in parts]
    return _underlined(lines)


def plain(text: str) -> str:
    """A text without emphasis, tags and link targets."""
    text = TAG.sub("", BREAK.sub(" ", LINK.sub(_linked, text)))
    return " ".join(EMPHASIS.sub("", text).replace("`", "").replace("\\.", ".").split())


def _linked(link: re.Match[str]) -> str:
    """What a link says; one that only leads to the answer says nothing."""
    return "" if re.fullmatch(r"\W*(?:see |view |show )?(?:the )?answer\W*", link[1], re.I) else link[1]


def level_in(text: str) -> Level | None:
    """The level that a heading names, None where it names none or several."""
    named = [level for level, words in LEVELS if words.search(text)]
    return named[0] if len(named) == 1 else None


def _code(raws: list[str]) -> set[int]:
    """The lines between two fences, and the fences; a fence that is never closed is none."""
    found: set[int] = set()
    start, mark = -1, ""
    for n, raw in enumerate(raws):
        fence = FENCE.match(raw)
        if fence and start < 0:
            start, mark = n, fence[1]
        elif fence and fence[1] == mark and not fence[2].strip():
            found |= set(range(start, n + 1))
            start = -1
    return found


def _line(number: int, raw: str) -> Line:
    body = raw.strip()
    if not body:
        return Line(number, raw, "blank")
    if RULE.match(body) or BACK.search(TAG.sub("", body)):
        return Line(number, raw, "rule", text=body)
    if m := DECORATED.match(body):
        return Line(number, raw, "heading", depth=LEVEL_DEPTH, text=plain(m[2]), head=plain(m[2]))
    if "\t" in TAB_AFTER_MARK.sub("", body) or (body.startswith("|") and body.count("|") > 1):
        return Line(number, raw, "row", text=body)
    if REMARK.match(body):
        return Line(number, raw, "text", text=body, head=body)
    return _peeled(number, raw, " ".join(body.split("\t")))


class _Peeling:
    """The marks that were taken off a line so far, and what is left of it."""

    def __init__(self, body: str) -> None:
        self.body = body
        self.depth = 0
        self.bullet = self.marked = self.answer = False
        self.bold = ""
        self.ordinal: int | None = None
        self.light: Level | None = None

    def run(self) -> None:
        """Takes marks off until none is left."""
        before = None
        while before != self.body:
            before = self.body
            self._heading()
            self._ornaments()
            self._name()

    def _take(self, mark: re.Match[str]) -> None:
        self.body = self.body[mark.end():]

    def _heading(self) -> None:
        if not self.depth and not self.bullet and (m := HASH_NUMBER.match(self.body)):
            self.ordinal = int(m[1])
            self._take(m)
        elif not self.depth and (m := HEADING.match(self.body)) and (not self.bullet or self.body[m.end(1)].isspace()):
            self.depth = len(m[1])
            self._take(m)
            self.body = re.sub(r"\s+#+\s*$", "", self.body)

    def _ornaments(self) -> None:
        self.body = QUOTE.sub("", self.body)
        if m := BULLET.match(self.body):
            self.bullet = True
            self._take(m)
        if not self.bold and (m := BOLD.match(self.body)):
            self.bold = m[1]
            self._take(m)
        if not self.answer and (m := KEYCAP.match(self.body)):
            self.ordinal = int(re.sub(r"\D", "", m.group()) or "10") if self.ordinal is None else self.ordinal
            self._take(m)
        elif m := EMOJI.match(self.body):
            self.light = self.light or next((LIGHTS[s] for s in m.group() if s in LIGHTS), None)
            self._take(m)

    def _name(self) -> None:
        """A word or number that says what the line is: Question 3, 3., Answer."""
        m = (MARK.match(self.body) or MARK_SPACED.match(self.body)) if not self.marked and not self.answer else None
        if m:
            self.marked = True
            self.ordinal = int(m[1]) if m[1] and self.ordinal is None else self.ordinal
        elif self.ordinal is None and not self.answer and (m := NUMBER.match(self.body)):
            self.ordinal = int(m[1])
        elif not self.answer and not self.marked:
            m = ANSWER.match(self.body) or (LETTER_A.match(self.body) if not self.bullet else None)
            self.answer = bool(m)
        if m:
            self.body, self.bold = _past(self.body, m, self.bold)


def _peeled(number: int, raw: str, body: str) -> Line:
    """A line of text, its marks taken off one by one."""
    link = LINK.search(body)
    anchor = bool(link and link[2].startswith("#") and len(plain(link[1])) > 0.6 * len(plain(body)))
    p = _Peeling(TAG.sub("", BREAK.sub(" ", body)).strip())
    p.marked = bool(SUMMARY.search(body))
    p.run()
    head, rest = _split(p.body.strip(), p.bold)
    kind = "heading" if p.depth else "numbered" if p.ordinal is not None else "bullet" if p.bullet else "text"
    return _titled(Line(
        number, raw, kind, len(raw) - len(raw.lstrip()), p.depth, p.ordinal, bool(p.bold), p.marked, p.answer,
        plain(f"{head} {rest}"), plain(TAIL.sub("", head)), plain(rest), p.light, anchor or 'href="#' in body))


def _past(body: str, mark: re.Match[str], bold: str) -> tuple[str, str]:
    """What follows a mark; a bold beginning that was only the mark is over."""
    rest = body[mark.end():].lstrip(":.–— ")
    closed = bold and (bold in mark.group() or rest.startswith(bold))
    return (rest.removeprefix(bold).lstrip(":.–— "), "") if closed else (rest, bold)


def _titled(line: Line) -> Line:
    """A short line that names a level, or questions, is a heading, though nothing marks it as one."""
    odd = line.kind != "text" or line.asks == 2 or line.rest or line.answer or line.marked
    if odd or not 0 < len(line.text.split()) <= 6:
        return line
    if QUESTIONS_LINE.search(line.text):
        return line._replace(kind="heading", depth=LEVEL_DEPTH)
    if line.asks or not level_in(line.text):
        return line
    if line.light or line.raw.rstrip(" *_").endswith(":") or LEVEL_LINE.search(line.text):
        return line._replace(kind="heading", depth=LEVEL_DEPTH)
    return line


def _split(body: str, bold: str) -> tuple[str, str]:
    """The bold beginning of a text and what follows it; all and nothing where it does not begin bold."""
    if bold and (end := body.find(bold)) > 0:
        return body[:end], body[end + len(bold):].lstrip(" :–—-")
    return body, ""


def _underlined(lines: list[Line]) -> list[Line]:
    """Lines that are underlined with = become headings."""
    found = list(lines)
    for n in range(1, len(lines)):
        above = found[n - 1]
        if lines[n].kind == "rule" and lines[n].text.startswith("=") and above.kind in ("text", "numbered"):
            found[n - 1] = above._replace(kind="heading", depth=1)
    return found
