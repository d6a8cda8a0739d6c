"""What people type, tidied for the models: same words, none of the noise.

Offsets are never lost, because nothing here is used to cut an answer: clauses are cut from the
answer as typed, and only what a model is shown is tidied.
"""

import re
import unicodedata
from collections.abc import Iterable

# Zero-width and bidirectional controls, soft hyphens, byte-order marks, variation selectors.
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
                       "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")
HTML_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
MARKDOWN = re.compile(r"(?m)^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+•]\s+|`{3}\w*\s*$)|\*\*|__|`+")
RUN = re.compile(r"(\S)\1{4,}")
SPACE = re.compile(r"[ \t\u00a0]+")
BLANK = re.compile(r"\s*\n\s*")
WORD = re.compile(r"[^\W_]+(?:['’./+-][^\W_]+)*")


def tidy(text: str) -> str:
    """Text without invisible characters, markup and endless runs, in composed Unicode.

    Tidying twice changes nothing more.
    """
    before = None
    while before != text:
        before = text
        text = unicodedata.normalize("NFKC", text)
        text = INVISIBLE.sub("", text)
        text = HTML_TAG.sub(" ", text)
        text = MARKDOWN.sub("", text)
        text = RUN.sub(r"\1\1\1", text)
        text = BLANK.sub("\n", SPACE.sub(" ", text)).strip()
    return text


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
