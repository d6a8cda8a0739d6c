"""What one line of somebody's notes is: a heading, a numbered item, a bullet, a table row, plain text.

Marks are peeled off from the left, in whatever order people put them: `### **12. Question?**`,
`- **Q1:** …`, `# 50.  question ?`, `1️⃣ …`.
"""

import re
from typing import NamedTuple

from grader.domain import Level

FENCE = re.compile(r"^\s*(?:(?:[-*+>]|\d+[.)])\s+)*(```|~~~)\s*([^`~]*)$")
RULE = re.compile(r"^\s*([-*_=])(?:\s*\1){2,}\s*$")
HEADING = re.compile(r"^\s{0,3}(#{1,6})(?!#)\s*(?=\S)")
QUOTE = re.compile(r"^>\s?")
BULLET = re.compile(r"^(?:[-*+•‣◦▪●○–➢➤]|\[[ xX]?\])\s+")
BOLD = re.compile(r"^(\*\*\*|\*\*|__|\*(?=[^\s*])|_(?=[^\s_]))")
DECORATED = re.compile(r"^\s*([-=*_~#•])\1{3,}\s*([^\s\-=*_~#•].*?)\s*:?\s*\1{3,}\s*$")
MARK = re.compile(r"^q(?:uestion|ues|ue|n)?\s*(?:no\.?\s*)?[-.#]?\s*(\d{1,4})?\s*(?:[*_\s]*[.:)\]–—-]+\s*|(?=[*_\s]*$))", re.I)
MARK_SPACED = re.compile(r"^q(?:uestion|ues|ue|n)?\s*#?(\d{1,4})\s+(?=\S)", re.I)
NUMBER = re.compile(r"^[(\[]?(\d{1,4})\s?(?:\\?[.):\]]+(?!\d)|\s[–—-]\s|\.\s)\s*")
HASH_NUMBER = re.compile(r"^#(\d{1,4})[.):\s]\s*")
KEYCAP = re.compile(r"^((?:\d\ufe0f?\u20e3)+|\U0001f51f)\s*")
EMOJI = re.compile("^[\u2190-\u21ff\u2300-\u27bf\u2900-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+\\s*")
ANSWER = re.compile(
    r"^(?:(?:(?:sample|model|short|expected|suggested|correct|your)\s+)?answer|ans|solution|response)\s*(?:\d{1,4}\s*|\([^()]{1,30}\)\s*)?"
    r"(?:[*_\s]*[:.)\]–—-]+\s*|(?=[*_\s]*$))", re.I)
LETTER_A = re.compile(r"^a\s*(?:\d{1,4}\s*)?(?::|[.)-](?=\s))\s*", re.I)
LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)")
TAG = re.compile(r"</?(?:b|strong|i|em|u|summary|details|p|div|span|center|font|h[1-6]|a|li|ol|ul|section|article|sub|sup|code|kbd)(?:\s[^<>]*)?>", re.I)
SUMMARY = re.compile(r"<summary>", re.I)
BREAK = re.compile(r"<br\s*/?>", re.I)
BACK = re.compile(r"back to (?:the )?(?:top|index|contents?)\W*$", re.I)
COMMENT = re.compile(r"<!--.*?-->")
EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)__?(?=\S)|(?<=\S)__?(?!\w)")
TAIL = re.compile(r"[\s*_#:]*$")
ASKED_BY = re.compile(r"\s*[(\[][^()\[\]?]{0,60}[)\]]\s*$")
NOT_WORD = re.compile("[^\\w?!.…)\"'”’]+$")
ASKS = re.compile(
    r"^(?:what|what's|whats|how|why|when|where|which|who|whom|whose|explain|describe|define|discuss|differentiate|"
    r"distinguish|compare|contrast|list|name|mention|outline|state|tell|walk|give|show|design|suppose|imagine|can|could|"
    r"would|should|do|does|did|is|are|was|were|have|has|will|if|in what|in which|for what|at what|on what|by what|"
    r"under what|to what|difference|differences|types of|kinds of|advantages|disadvantages|benefits of|use of|uses of|"
    r"role of|purpose of|steps to|ways to|scenario|you|your|a company|a customer|a client|a user|a developer|"
    r"an application|say)\b", re.I)
BEGINNER = re.compile(r"\b(?:beginners?|basics?|easy|entry[- ]level|freshers?|junior|level\s*(?:1|one)|l1)\b", re.I)
MIDDLE = re.compile(r"\b(?:intermediate|medium|moderate|mid[- ]?level|level\s*(?:2|two)|l2)\b", re.I)
EXPERT = re.compile(r"\b(?:advanced?|experts?|hard|difficult|seniors?|experienced|level\s*(?:3|three)|l3)\b", re.I)
LEVELS = ((Level.beginner, BEGINNER), (Level.intermediate, MIDDLE), (Level.advanced, EXPERT))
LEVEL_LINE = re.compile(r"\b(?:levels?|questions?|concepts?|topics?|q\s*&\s*a)\W*$", re.I)
LEVEL_DEPTH = 7  # of headings without a mark: below all that have one
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
        return asks(self.head)


def asks(text: str) -> int:
    """How much a text is a question: 2 with a question mark, 1 by its first word, 0 not at all."""
    bare = NOT_WORD.sub("", ASKED_BY.sub("", text.strip()))
    if bare.rstrip(" \"'”’)").endswith("?"):
        return 2
    first = bare.split("?")[0]
    if "?" in bare and ASKS.match(first) and len(bare.split()) - len(first.split()) <= 12:
        return 2
    return 1 if ASKS.match(bare) and 2 <= len(bare.split()) <= 45 and not re.search(r":\s+\S", bare) else 0


def read_lines(text: str) -> list[Line]:
    """The lines of a document, each told apart."""
    raws = COMMENT.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    code = _code(raws)
    lines = []
    for number, raw in enumerate(raws, 1):
        known = Line(number, raw, "code", text=raw) if number - 1 in code else None
        lines.append(known or _line(number, raw.expandtabs(4) if raw[:1] == "\t" else raw))
    return _underlined(lines)


def plain(text: str) -> str:
    """A text without emphasis, tags and link targets."""
    text = TAG.sub("", BREAK.sub(" ", LINK.sub(r"\1", text)))
    return " ".join(EMPHASIS.sub("", text).replace("`", "").replace("\\.", ".").split())


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
    if "\t" in body.strip("\t") or (body.startswith("|") and body.count("|") > 1):
        ordinal = NUMBER.match(body)
        if not (ordinal and "\t" not in body[ordinal.end():]):
            return Line(number, raw, "row", text=body)
    return _peeled(number, raw, " ".join(body.split("\t")))


def _peeled(number: int, raw: str, body: str) -> Line:
    """A line of text, its marks taken off one by one."""
    indent = len(raw) - len(raw.lstrip())
    link = LINK.search(body)
    anchor = bool(link and link[2].startswith("#") and len(plain(link[1])) > 0.6 * len(plain(body))) or 'href="#' in body
    marked = bool(SUMMARY.search(body))
    body = TAG.sub("", BREAK.sub(" ", body))
    bullet = depth = 0
    ordinal: int | None = None
    bold, answer, light = "", False, None
    before = None
    while before != body:
        before = body
        if not depth and not bullet and (m := HASH_NUMBER.match(body)):
            ordinal, body = int(m[1]), body[m.end():]
        elif not depth and not bullet and (m := HEADING.match(body)):
            depth, body = len(m[1]), body[m.end():]
            body = re.sub(r"\s+#+\s*$", "", body)
        body = QUOTE.sub("", body)
        if m := BULLET.match(body):
            bullet, body = 1, body[m.end():]
        if not bold and (m := BOLD.match(body)):
            bold, body = m[1], body[m.end():]
        if m := EMOJI.match(body):
            light, body = light or _light(m.group()), body[m.end():]
        if not answer and (m := KEYCAP.match(body)):
            digits = re.sub(r"\D", "", m.group()) or "10"
            ordinal, body = (int(digits) if ordinal is None else ordinal), body[m.end():]
        m = (MARK.match(body) or MARK_SPACED.match(body)) if not marked and not answer else None
        if m:
            marked = True
            ordinal = int(m[1]) if m[1] and ordinal is None else ordinal
        elif ordinal is None and not answer and (m := NUMBER.match(body)):
            ordinal = int(m[1])
        elif not answer and not marked:
            m = ANSWER.match(body) or (LETTER_A.match(body) if not bullet else None)
            answer = bool(m)
        if m:
            body, bold = _past(body, m, bold)
    head, rest = _split(body.strip(), bold)
    kind = "heading" if depth else "numbered" if ordinal is not None else "bullet" if bullet else "text"
    text = plain(f"{head} {rest}")
    return _titled(Line(number, raw, kind, indent, depth, ordinal, bool(bold), marked, answer, text,
                        plain(TAIL.sub("", head)), plain(rest), light, anchor))


def _past(body: str, mark: re.Match[str], bold: str) -> tuple[str, str]:
    """What follows a mark; a bold beginning that was only the mark is over."""
    rest = body[mark.end():].lstrip(":.–— ")
    closed = bold and (bold in mark.group() or rest.startswith(bold))
    return (rest.removeprefix(bold).lstrip(":.–— "), "") if closed else (rest, bold)


def _titled(line: Line) -> Line:
    """A short line that names a level is a heading, though nothing marks it as one."""
    words = line.text.split()
    if line.kind != "text" or not 0 < len(words) <= 6 or line.asks or line.rest or line.answer or not level_in(line.text):
        return line
    if line.light or line.raw.rstrip(" *_").endswith(":") or LEVEL_LINE.search(line.text):
        return line._replace(kind="heading", depth=LEVEL_DEPTH)
    return line


def _split(body: str, bold: str) -> tuple[str, str]:
    """The bold beginning of a text and what follows it; all and nothing where it does not begin bold."""
    if bold and (end := body.find(bold)) > 0:
        return body[:end], body[end + len(bold):].lstrip(" :–—-")
    return body, ""


def _light(signs: str) -> Level | None:
    return next((LIGHTS[s] for s in signs if s in LIGHTS), None)


def _underlined(lines: list[Line]) -> list[Line]:
    """Lines that are underlined with = become headings."""
    found = list(lines)
    for n in range(1, len(lines)):
        above = found[n - 1]
        if lines[n].kind == "rule" and lines[n].text.startswith("=") and above.kind in ("text", "numbered"):
            found[n - 1] = above._replace(kind="heading", depth=1)
    return found
