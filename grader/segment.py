"""Cuts an answer into clauses, each able to carry one claim, with its place in the answer."""

import re

from grader.domain import Clause

# A sentence ends at . ! ? … before white space, or at a line break. Not after "e.g." and its like.
SENTENCE_END = re.compile(r"(?:(?<=[.!?…。！？])[\"')\]]*\s+)|\s*\n+\s*|(?<=;)\s+|(?<=\S)\s+[-–—•|]\s+(?=\S)")
ABBREVIATION = re.compile(r"\b(?:(?:[a-z]\.){2,}|(?:vs|etc|approx|resp|incl|cf|fig|dr|mr|ms)\.)$", re.I)
# Inside a long sentence a claim of its own may begin after a comma with one of these, or after a bare
# contrast word.
JOINT = re.compile(
    r",\s+(?=(?:and|but|while|whereas|so|because|which|or|then|also|yet|though|although|since|where|when|"
    r"it|they|you|we|i|there|that|this|the|not|no|each|unlike|only)\b)"
    r"|\s+(?=(?:but|whereas|while|although|because)\s)|:\s+(?=\S+\s+\S+\s+\S+)",
    re.I,
)
COMMA = re.compile(r",\s+")
MIN_WORDS = 4  # a shorter piece rarely states a claim: on the dev answers 9 in 10 such cuts split one
LONG = 28  # words; beyond it any comma may cut
MOST = 400  # clauses of one answer, about those of 20,000 characters of prose; crumbs beyond that are joined
TERMINAL = re.compile(r"[.!?…。！？][\"')\]]*$")


def segment(answer: str) -> tuple[Clause, ...]:
    """The clauses of an answer in order; together they hold every word of it."""
    spans = [part for start, end in _sentences(answer) for part in _parts(answer, start, end)]
    size = -(-len(spans) // MOST)
    groups = [spans[i : i + size] for i in range(0, len(spans), size)] if spans else []
    return tuple(Clause(g[0][0], g[-1][1], answer[g[0][0] : g[-1][1]]) for g in groups)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text; a semicolon or a dash ends none."""
    spans: list[tuple[int, int]] = []
    for a, b in _sentences(text):
        if spans and not TERMINAL.search(text[: spans[-1][1]][-4:]) and "\n" not in text[spans[-1][1] : a]:
            spans[-1] = (spans[-1][0], b)
        else:
            spans.append((a, b))
    return tuple(text[a:b] for a, b in spans)


def _sentences(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for cut in SENTENCE_END.finditer(text):
        if ABBREVIATION.search(text[max(start, cut.start() - 8) : cut.start()]) and "\n" not in cut.group():
            continue
        spans.append((start, cut.start()))
        start = cut.end()
    spans.append((start, len(text)))
    return [trimmed for a, b in spans if (trimmed := _trim(text, a, b))]


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence cut at its joints, as long as every piece keeps enough words."""
    joint = COMMA if _count(text[start:end]) > LONG else JOINT
    cuts = [m.end() if m.end() > m.start() else m.start() for m in joint.finditer(text, start, end)]
    spans, begin = [], start
    for cut in cuts:
        if _count(text[begin:cut]) >= MIN_WORDS and _count(text[cut:end]) >= MIN_WORDS:
            spans.append((begin, cut))
            begin = cut
    spans.append((begin, end))
    return [trimmed for a, b in spans if (trimmed := _trim(text, a, b))]


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without the space and loose punctuation around it; None when nothing is left."""
    while start < end and (text[start].isspace() or text[start] in ",;:-–—•*|>#"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;:-–—|"):
        end -= 1
    return (start, end) if start < end else None


def _count(text: str) -> int:
    return len(text.split())
