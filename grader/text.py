"""What people type, tidied for the models: same words, none of the noise.

Offsets are never lost, because nothing here is used to cut an answer: clauses are cut from the
answer as typed, and only what a model is shown is tidied.
"""

import html
import re
import unicodedata
from collections.abc import Iterable

# Zero-width and bidirectional controls, soft hyphens, byte-order marks, variation selectors.
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
                       "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")
# Only elements that people paste, so that "RPO<RTO and cost>budget" and "<bucket>" keep their words.
HTML_TAG = re.compile(
    r"<!--.{0,500}?-->|</?(?:a|abbr|article|b|big|blockquote|body|br|button|center|code|dd|del|div|dl|dt|em|font|footer|form|"
    r"h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link|main|mark|meta|nav|ol|option|p|pre|s|script|"
    r"section|select|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|"
    r"ul|var|video)(?:\s[^<>]{0,200})?/?>", re.I | re.S)
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});")
MARKDOWN = re.compile(r"(?m)^(?:\s{0,3}(?:#{1,6}\s+|>\s?|[-*+•]\s+|`{3}\w*\s*$))+|\*\*|__|`+")
MARKS = re.compile(r"[*_`#<>&]")
PASSES = 8  # text whose markup is nested deeper than that loses every mark at once: it was built to cost time
RUN = re.compile(r"([^\s\d])\1{4,}")  # not digits: 1000000 is a number
EMOJI = re.compile("[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]")  # unknown words to the models
SPACE = re.compile(r"[ \t\u00a0]+")
BLANK = re.compile(r"\s*\n\s*")
WORD = re.compile(r"[^\W_]+(?:['’./+-][^\W_]+)*")


def tidy(text: str) -> str:
    """Text without invisible characters, markup and endless runs, in composed Unicode.

    Tidying twice changes nothing more.
    """
    before, passes = None, 0
    while before != text:
        before, passes = text, passes + 1
        if passes == PASSES:
            text = MARKS.sub(" ", text)
        text = unicodedata.normalize("NFKC", text)
        text = INVISIBLE.sub("", text)
        text = HTML_TAG.sub(" ", ENTITY.sub(_meant, text))
        text = EMOJI.sub(" ", MARKDOWN.sub("", text))
        text = RUN.sub(r"\1\1\1", text)
        text = BLANK.sub("\n", SPACE.sub(" ", text)).strip()
    return text


def _meant(entity: re.Match[str]) -> str:
    return html.unescape(entity.group())


def words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return [w.lower() for w in WORD.findall(text)]


def shingles(tokens: list[str], size: int) -> set[tuple[str, ...]]:
    """Every run of `size` words."""
    return {tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1)}


def overlap(part: Iterable[tuple[str, ...]], whole: Iterable[tuple[str, ...]]) -> float:
    """The share of `part` that is found in `whole`; 0 for an empty part."""
    mine, theirs = set(part), set(whole)
    return len(mine & theirs) / len(mine) if mine else 0.0


def listing(names: Iterable[str]) -> str:
    """Names as a person would list them: a, b and c."""
    *most, last = list(names) or [""]
    return f"{', '.join(most)} and {last}" if most else last
