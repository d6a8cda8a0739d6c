"""The words of a field: its abbreviations and the spelling of its names, both data of a bank.

They lie in the bank's folder `words/`; a bank without one has no abbreviations and no names. This is
all that anything here knows of AWS.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from grader.domain import Base
from grader.errors import BankError
from grader.faults import faults
from grader.text import words

ABBREVIATIONS, NAMES = "abbreviations.yaml", "names.yaml"
# Code, hosts, paths and actions are spelt by other rules: lambda.amazonaws.com, s3:GetObject, aws-cloudfront.
NOT_IN_CODE = r"(?<![\w.:/@*`-])(?<!aws )(?:{})(?![.:/@_*`-]?\w|:\S)"
JOIN = r"[ \u00a0-]?"
WORD_END = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[a-zA-Z])(?=\d)|[ -]")


class Names(Base, frozen=True):
    """How a field's names are spelt."""

    exact: tuple[str, ...] = ()
    wrong: dict[str, str] = msgspec.field(default_factory=dict)


class Lexicon:
    """Short forms with what they stand for, and names with their spelling."""

    def __init__(self, abbreviations: Mapping[str, str] | None = None, names: Names | None = None) -> None:
        self._names = names or Names()
        pairs = {tuple(words(k)): tuple(words(v)) for k, v in (abbreviations or {}).items()}
        self._long = pairs
        self._short: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for short, long in pairs.items():
            self._short.setdefault(tuple(map(stem, long)), []).append(short)
        self._reach = max((len(k) for k in (*pairs, *self._short)), default=0)

    def terms(self, text: str) -> list[str]:
        """The stems of a text's words, with every short form written out."""
        return [stem(w) for w in self._spelled(words(text))]

    def meant(self, query: str) -> dict[str, float]:
        """The stems of a query, each with its weight: typed words 1, what they stand for a share of that."""
        tokens = words(query)
        found = dict.fromkeys(map(stem, tokens), 1.0)
        for start, end in self._runs(tokens):
            run = tuple(tokens[start:end])
            others = [self._long[run]] if run in self._long else self._short.get(tuple(map(stem, run)), [])
            for other in others:
                for word in other:
                    found.setdefault(stem(word), 1.0 / len(other) ** 0.5)
        return found

    def spelled(self, text: str) -> str:
        """A text's words with every short form followed by what it stands for."""
        tokens = words(text)
        at = {end: self._long[tuple(tokens[start:end])] for start, end in self._runs(tokens)
              if tuple(tokens[start:end]) in self._long}
        return " ".join(w for n, token in enumerate(tokens, 1) for w in (token, *at.get(n, ())))

    def misspelt(self, text: str) -> list[tuple[str, str]]:
        """Names in a wrong spelling, each with the right one."""
        found = []
        for match in self._pattern.finditer(text):
            right = self._right.get(_folded(match.group()))
            wrong = self._names.wrong.get(match.group())
            if wrong or (right and match.group() not in self._exact):
                found.append((match.group(), wrong or str(right)))
        return found

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(self._names.exact)

    @cached_property
    def _right(self) -> dict[str, str]:
        return {_folded(name): name for name in self._names.exact}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        loose = [JOIN.join(map(re.escape, WORD_END.split(name))) for name in self._names.exact]
        other = [re.escape(name) for name in self._names.wrong]
        parts = sorted([*(f"(?i:{p})" for p in loose), *other], key=len, reverse=True)
        return re.compile(NOT_IN_CODE.format("|".join(parts)) if parts else r"(?!)")

    def _spelled(self, tokens: list[str]) -> Iterator[str]:
        at = 0
        runs = {start: end for start, end in self._runs(tokens) if tuple(tokens[start:end]) in self._long}
        while at < len(tokens):
            end = runs.get(at)
            yield from self._long[tuple(tokens[at:end])] if end else (tokens[at],)
            at = end or at + 1

    def _runs(self, tokens: list[str]) -> Iterator[tuple[int, int]]:
        """Every run of words that may be a short form or a long one."""
        for start in range(len(tokens)):
            for end in range(start + 1, min(start + self._reach, len(tokens)) + 1):
                yield start, end


def load_lexicon(bank: Path) -> Lexicon:
    """The words of a bank's field; raises BankError with all that is wrong in their files."""
    folder, wrong = bank / "words", []
    short, w = _read(folder / ABBREVIATIONS, dict[str, str])
    names, v = _read(folder / NAMES, Names)
    wrong = [*w, *v]
    if wrong:
        raise BankError(*wrong)
    return Lexicon(short, names)


def _read(path: Path, kind: Any) -> tuple[Any, list[str]]:
    import yaml

    if not path.is_file():
        return None, []
    try:
        raw = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        mark = getattr(fault, "problem_mark", None)
        return None, [f"words/{path.name}:{mark.line + 1 if mark else 1}: not YAML: {fault}"]
    wrong = [f"words/{path.name}:1: {f}" for f in faults(raw, kind)]
    return (None, wrong) if wrong else (msgspec.convert(raw, kind), [])


def stem(word: str) -> str:
    """A word without the endings that do not change what is searched for."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 6 and word.endswith("ing"):
        return _undoubled(word[:-3])
    if len(word) > 5 and word.endswith("ed"):
        return _undoubled(word[:-2])
    if len(word) > 5 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    bare = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    return bare[:-1] if len(bare) > 4 and bare.endswith("e") else bare


def _undoubled(word: str) -> str:
    doubled = len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz"
    return word[:-1] if doubled else word


def _folded(name: str) -> str:
    return re.sub(r"[\s-]", "", name).lower()
