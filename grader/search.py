"""Finds questions by what people type: by words, with a field's abbreviations, and by meaning.

What is costly is kept in the cache folder under the hash of the texts: vectors one by one, so that a
changed question costs one vector, and the index of words as a whole. So starting does not grow with the
bank, save for reading those two files.
"""

import bisect
import difflib
import hashlib
import io
import itertools
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.bank import bank_folder
from grader.domain import Level, Question
from grader.embed import Encoder
from grader.kept import keep
from grader.lexicon import Lexicon, load_lexicon, stem
from grader.runtime import Vectors, side_by_side
from grader.settings import Settings, cache_folder
from grader.text import words

UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)  # what numpy raises for a broken file
KEPT_AT_MOST = 100_000  # vectors in the cache file, 1.5 kB each
FRESHNESS = 1.2  # BM25's k1: how much a second mention adds
LENGTH = 0.4  # BM25's b: titles and tags differ little in length
# Cosine and words, each between 0 and 1. Of 41 queries in people's words 40 have their question among the first
# three at 0.6, 39 at 1.5 and 34 with either alone.
WORDS_COUNT = 0.6
UNLIKE = 0.3  # cosine below which a question that shares no word is not a hit
# Cosine of two questions from which they ask the same: no two of the AWS bank reach 0.84. A lower one will do
# where the next best is far behind. Another wording of a question is so found in 88 of 100 cases; of questions
# that the bank does not have, 3 in 100 are taken for one of it.
DUPLICATE, ALIKE, APART = 0.85, 0.70, 0.12
NEAR = 0.4  # share of the best hit's score: what lies below is another subject in the lists looked at
FIELDS = {"question": 3, "tags": 2, "terms": 1}  # how often a field's words count


class Hit(NamedTuple):
    """A question found, with how well it fits: about 0 to 1.5."""

    question: Question
    score: float


class Search:
    """An index over questions; read-only once made, so threads may share it."""

    def __init__(
        self, questions: Iterable[Question], encoder: Encoder, lexicon: Lexicon | None = None, cache: Path | None = None
    ) -> None:
        self._questions = tuple(questions)
        self._lexicon = lexicon or Lexicon()
        self._encoder = encoder
        self._words = WordIndex.of([_fields(q) for q in self._questions], cache)
        self._vectors = kept_vectors([_subject(q) for q in self._questions], encoder, cache)

    @classmethod
    def load(cls, questions: Iterable[Question], encoder: Encoder, settings: Settings) -> "Search":
        """An index with the words of the bank in use and the user's cache folder."""
        lexicon = load_lexicon(settings.bank or bank_folder())
        return cls(questions, encoder, lexicon, cache_folder(settings))

    def find(self, query: str, limit: int = 20, *, topic: str | None = None, level: Level | None = None) -> list[Hit]:
        """The questions that fit best, best first; nothing where nothing fits."""
        if not self._questions or not query.strip():
            return []
        by_word = self._words.scores(self._lexicon.meant(query))
        by_meaning = self._vectors @ self._encoder.encode([query])[0]
        fit = by_meaning + WORDS_COUNT * by_word
        hits = []
        for n in np.argsort(-fit, kind="stable"):
            q = self._questions[n]
            if topic in (None, q.topic) and level in (None, q.level) and (by_word[n] > 0 or by_meaning[n] >= UNLIKE):
                hits.append(Hit(q, round(float(fit[n]), 4)))
            if len(hits) == limit:
                break
        return hits


class Finder:
    """The questions of a bank that may be shown; the index is made when somebody first searches."""

    def __init__(self, questions: Iterable[Question], encoder: Encoder, settings: Settings) -> None:
        self._questions = tuple(q for q in questions if not q.draft)
        self._encoder, self._settings = encoder, settings
        self._search: Search | None = None
        self._making = Lock()

    def find(self, query: str = "", *, topic: str | None = None, level: Level | None = None) -> list[Question]:
        """What fits a query, best first; without one everything, in the order of the bank."""
        if not query.strip():
            return [q for q in self._questions if topic in (None, q.topic) and level in (None, q.level)]
        hits = self.search().find(query, len(self._questions), topic=topic, level=level)
        best = hits[0].score if hits else 0.0
        return [hit.question for hit in hits if hit.score >= NEAR * best]

    def search(self) -> Search:
        """The index."""
        with self._making:
            if self._search is None:
                self._search = Search.load(self._questions, self._encoder, self._settings)
            return self._search


class WordIndex:
    """BM25 over bags of words: for each word the texts that hold it, with its worth there."""

    def __init__(self, vocabulary: list[str], starts: NDArray[np.int64], texts: NDArray[np.int32],
                 worths: NDArray[np.float32], size: int) -> None:
        self._vocabulary, self._starts, self._texts, self._worths, self._size = vocabulary, starts, texts, worths, size

    @classmethod
    def of(cls, texts: Sequence[str], cache: Path | None = None) -> "WordIndex":
        """The index of these texts, from the cache folder where it lies there."""
        mark = hashlib.blake2b("\0".join(texts).encode(), digest_size=8).hexdigest()
        kept = cache / f"words-{mark}.npz" if cache else None
        if kept and kept.is_file():
            try:
                with np.load(io.BytesIO(kept.read_bytes())) as found:
                    return cls(str(found["vocabulary"]).split("\n"), found["starts"], found["texts"], found["worths"],
                               len(texts))
            except UNREADABLE:
                kept.unlink(missing_ok=True)
        made = cls._made(texts)
        if kept:
            keep(kept, _packed(vocabulary=np.array("\n".join(made._vocabulary)), starts=made._starts,
                               texts=made._texts, worths=made._worths), "words-*.npz")
        return made

    @classmethod
    def _made(cls, texts: Sequence[str]) -> "WordIndex":
        bags = [Counter(map(stem, words(t))) for t in texts]
        lengths = np.array([sum(b.values()) for b in bags], np.float32)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        rows: dict[str, list[tuple[int, int]]] = {}
        for n, bag in enumerate(bags):
            for word, times in bag.items():
                rows.setdefault(word, []).append((n, times))
        vocabulary = sorted(rows)
        starts = np.array([0, *itertools.accumulate(len(rows[w]) for w in vocabulary)], np.int64)
        flat = np.array([pair for w in vocabulary for pair in rows[w]], np.float32).reshape(-1, 2)
        where = flat[:, 0].astype(np.int32)
        norm = FRESHNESS * (1 - LENGTH + LENGTH * lengths[where] / (mean or 1.0))
        rarity = np.log1p((len(texts) - np.diff(starts) + 0.5) / (np.diff(starts) + 0.5))
        worths = np.repeat(rarity, np.diff(starts)) * flat[:, 1] / (flat[:, 1] + norm)
        return cls(vocabulary, starts, where, worths.astype(np.float32), len(texts))

    def scores(self, wanted: dict[str, float]) -> NDArray[np.float32]:
        """For every text, the share of the wanted words' worth that it holds."""
        scores = np.zeros(self._size, np.float32)
        most = 0.0
        for word, weight in wanted.items():
            places = self._places(word)
            if not places:
                continue
            part = np.zeros(self._size, np.float32)
            for at in places:
                span = slice(self._starts[at], self._starts[at + 1])
                np.maximum.at(part, self._texts[span], self._worths[span])
            scores += weight * part
            if weight == 1.0:
                most += float(np.log1p(self._size))
        return scores / most if most else scores

    def _places(self, word: str) -> list[int]:
        """Where a word stands in the vocabulary: itself, else words that begin with it, else the likeliest typo."""
        at = bisect.bisect_left(self._vocabulary, word)
        if at < len(self._vocabulary) and self._vocabulary[at] == word:
            return [at]
        if len(word) < 3:
            return []
        end = bisect.bisect_left(self._vocabulary, word + "\U0010ffff")
        if end > at:
            return list(range(at, min(end, at + 20)))
        first = bisect.bisect_left(self._vocabulary, word[0])
        last = bisect.bisect_left(self._vocabulary, word[0] + "\U0010ffff")
        alike = [w for w in self._vocabulary[first:last] if abs(len(w) - len(word)) <= 2]
        near = difflib.get_close_matches(word, alike, n=1, cutoff=0.8) if len(word) > 4 else []
        return [bisect.bisect_left(self._vocabulary, near[0])] if near else []


def duplicates(
    texts: Sequence[str], questions: Sequence[Question], encoder: Encoder, cache: Path | None = None
) -> list[str | None]:
    """For each text the id of the question that asks the same, None where there is none."""
    if not texts or not questions:
        return [None] * len(texts)
    near = encoder.encode(texts) @ kept_vectors([q.question for q in questions], encoder, cache).T
    found: list[str | None] = []
    for row in near:
        order = np.argsort(-row)
        best, next_best = float(row[order[0]]), float(row[order[1]]) if len(row) > 1 else 0.0
        same = best >= DUPLICATE or (best >= ALIKE and best - next_best >= APART)
        found.append(questions[int(order[0])].id if same else None)
    return found


def kept_vectors(texts: Sequence[str], encoder: Encoder, cache: Path | None = None) -> Vectors:
    """The texts' vectors, one row each; those met before come from the cache folder."""
    marks = [hashlib.blake2b(t.encode(), digest_size=16).digest() for t in texts]
    path = cache / f"vectors-{hashlib.blake2b(encoder.name.encode(), digest_size=8).hexdigest()}.npz" if cache else None
    known, rows = _kept(path)
    new = {m: t for m, t in zip(marks, texts, strict=True) if m not in known}
    if new:
        fresh = np.concatenate(side_by_side(encoder.encode, [[t] for t in new.values()]))
        rows = np.concatenate([rows.reshape(-1, fresh.shape[1]), fresh])[-KEPT_AT_MOST:]
        marks_kept = [*known, *new][-KEPT_AT_MOST:]
        known = {m: n for n, m in enumerate(marks_kept)}
        if path:
            keep(path, _packed(marks=np.frombuffer(b"".join(marks_kept), np.uint8), rows=rows))
    return rows[[known[m] for m in marks]] if marks else np.zeros((0, 384), np.float32)


def _kept(path: Path | None) -> tuple[dict[bytes, int], Vectors]:
    nothing: tuple[dict[bytes, int], Vectors] = ({}, np.zeros((0, 384), np.float32))
    if not path or not path.is_file():
        return nothing
    try:
        with np.load(io.BytesIO(path.read_bytes())) as found:
            data, rows = found["marks"].tobytes(), found["rows"]
    except UNREADABLE:
        return nothing
    marks = {data[i : i + 16]: i // 16 for i in range(0, len(data), 16)}
    return (marks, rows) if len(marks) == len(rows) else nothing


def _packed(**arrays: NDArray[np.generic]) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def _subject(q: Question) -> str:
    return f"{q.question} {', '.join(q.tags)}"


def _fields(q: Question) -> str:
    parts = {"question": q.question, "tags": " ".join((*q.tags, q.topic, q.id.replace("-", " "))).replace("-", " "),
             "terms": " ".join(t for c in q.concepts for t in c.terms)}
    return " ".join(" ".join([text] * FIELDS[name]) for name, text in parts.items())
