"""Does the grader agree with a bank's rubrics? What it doubts is for the author to look at.

A doubt is no fault: the author may be right and the model wrong. Those that were looked at and found
right are listed in the bank's `known.jsonl`, each with its reason, and counted apart. Results are kept in
the cache folder under the hash of question and engine, so that only what changed is graded again.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from grader.domain import Base, Concept, Item, Question, Reading, Status
from grader.engine import Grader
from grader.faults import faults
from grader.form import Flaw
from grader.kept import keep
from grader.search import DUPLICATE, kept_vectors

KNOWN = "known.jsonl"
REFERENCE_POINTS = 90.0
ROUND = 3  # of these checks; results of an earlier one are not taken from the cache
# What each check asks, and the share of its texts that may be doubted before `--strict` fails. The shares are
# about what a verifier that agrees with people in nine of ten labels leaves over; they are to go down with it.
CHECKS = {
    "reference": ("a reference grades 90 or more", 0.05),
    "accept": ("an accepted wording covers its concept", 0.10),
    "separate": ("an accepted wording covers no other", 0.05),
    "reject": ("a rejected claim contradicts", 0.15),
    "question": ("the bare question covers nothing", 0.01),
    "near": ("no question asks the same", 0.01),
}


class Doubt(Base, frozen=True):
    """Something in a rubric that the grader does not see as its author does."""

    question: str
    check: str
    concept: str
    text: str
    message: str
    sure: float

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a known doubt is recognised by."""
        return (self.question, self.check, self.concept, self.text)


class Known(Base, frozen=True):
    """A doubt that the author has looked at and does not share; `text` left out means any of that concept."""

    question: str
    check: str
    why: str
    concept: str = ""
    text: str = ""


class Tally(NamedTuple):
    """One check's numbers."""

    check: str
    texts: int
    doubted: int
    known: int

    @property
    def tolerated(self) -> bool:
        """Whether no more texts are doubted than the check allows."""
        return self.doubted <= CHECKS[self.check][1] * self.texts


class Result(NamedTuple):
    """Doubts that nobody has looked at, the surest first; the numbers; and known doubts that are none any more."""

    doubts: list[Doubt]
    tallies: list[Tally]
    settled: list[Known]


def check(
    grader: Grader, questions: Sequence[Question], known: Sequence[Known] = (), cache: Path | None = None
) -> Result:
    """What the grader doubts in these questions, which are all in its bank; drafts are passed over."""
    ready = [q for q in questions if not q.draft]
    every = [*_kept_doubts(grader, ready, cache), *_near(grader, ready, cache)]
    listed = {(k.question, k.check, k.concept, k.text) for k in known}
    new = [d for d in every if not _is_known(d, listed)]
    tallies = [Tally(name, _texts(name, ready), sum(d.check == name for d in new),
                     sum(d.check == name and _is_known(d, listed) for d in every)) for name in CHECKS]
    asked = {q.id for q in ready}
    found = {key for d in every for key in (d.key, (*d.key[:3], ""))}
    settled = [k for k in known if k.question in asked and (k.question, k.check, k.concept, k.text) not in found]
    return Result(sorted(new, key=lambda d: (list(CHECKS).index(d.check), -d.sure, d.key)), tallies, settled)


def read_known(folder: Path, questions: Mapping[str, Question]) -> tuple[list[Known], list[Flaw]]:
    """The bank's list of known doubts, and what is wrong with it."""
    path = folder / KNOWN
    known, wrong = [], []
    lines = path.read_bytes().split(b"\n") if path.is_file() else []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            raw = msgspec.json.decode(line)
            told = faults(raw, Known) or list(_known_faults(msgspec.convert(raw, Known), questions))
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            told = [f"$: not JSON: {fault}"]
        if told:
            wrong += [Flaw(KNOWN, number, "known", t) for t in told]
        else:
            known.append(msgspec.convert(raw, Known))
    return known, wrong


def _known_faults(k: Known, questions: Mapping[str, Question]) -> Iterator[str]:
    question = questions.get(k.question)
    if question is None:
        yield f"$.question: no question {k.question!r} in the bank"
    elif k.concept and k.concept not in {c.id for c in question.concepts}:
        yield f"$.concept: {k.question} has no concept {k.concept!r}"
    elif k.text and k.text not in {t for c in question.concepts for t in _wordings(c)} | set(questions):
        yield f"$.text: {k.question} has no such text any more"
    if k.check not in CHECKS:
        yield f"$.check: {k.check!r}; known are {', '.join(CHECKS)}"
    if not k.why.strip():
        yield "$.why: say why the author is right"


def _is_known(d: Doubt, listed: set[tuple[str, str, str, str]]) -> bool:
    return d.key in listed or (*d.key[:3], "") in listed


def _kept_doubts(grader: Grader, questions: Sequence[Question], cache: Path | None) -> list[Doubt]:
    """The doubts about each question, from the cache where neither it nor the engine changed."""
    engine = hashlib.blake2b(f"{ROUND} {grader.constants}".encode(), digest_size=8).hexdigest()
    path = cache / f"check-{engine}.json" if cache else None
    kept: dict[str, list[Doubt]] = {}
    if path and path.is_file():
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=dict[str, list[Doubt]])
        except msgspec.DecodeError:
            kept = {}
    marks = {q.id: hashlib.blake2b(msgspec.json.encode(q), digest_size=12).hexdigest() for q in questions}
    new = [q for q in questions if marks[q.id] not in kept]
    found = {marks[q.id]: doubts for q, doubts in zip(new, _looked_at(grader, new), strict=True)}
    if new and path:
        keep(path, msgspec.json.encode({**kept, **found}), "check-*.json")
    return [d for q in questions for d in (found.get(marks[q.id]) or kept.get(marks[q.id]) or [])]


def _looked_at(grader: Grader, questions: Sequence[Question]) -> list[list[Doubt]]:
    """Every text of every question read by the grader; what it doubts, question by question."""
    asks = [ask for q in questions for ask in _asks(q)]
    doubts: dict[str, list[Doubt]] = {q.id: [] for q in questions}
    for ask, (seen, result) in zip(asks, grader.scores(map(_item, asks)), strict=True):
        doubts[ask.question.id] += _doubts(ask, seen, result.points)
    return [doubts[q.id] for q in questions]


class _Ask(NamedTuple):
    check: str
    question: Question
    concept: str
    text: str


def _asks(q: Question) -> Iterator[_Ask]:
    for reference in (q.reference,) if isinstance(q.reference, str) else q.reference:
        yield _Ask("reference", q, "", reference)
    yield _Ask("question", q, "", q.question)
    for c in q.concepts:
        yield from (_Ask("accept", q, c.id, text) for text in c.accept)
        yield from (_Ask("reject", q, c.id, r.claim) for r in c.rejects)


def _item(ask: _Ask) -> Item:
    """A text as an answer to its question; the question itself as one to the bare rubric.

    Beside its own question the engine would only say that it repeats it.
    """
    if ask.check == "question":
        return Item(answer=ask.text, concepts=ask.question.concepts)
    return Item(question_id=ask.question.id, answer=ask.text)


def _doubts(ask: _Ask, seen: Sequence[Reading], points: float) -> Iterator[Doubt]:
    by_id = {c.id: r for c, r in zip(ask.question.concepts, seen, strict=True)}
    if ask.check == "reference":
        if points < REFERENCE_POINTS:
            weak = ", ".join(f"{i} {r.status.value}" for i, r in by_id.items() if r.status is not Status.covered)
            message = f"the reference grades {points:.0f}: {weak or 'every concept only just covered'}"
            yield _doubt(ask, "", "", message, 1 - points / 100)
    elif ask.check == "question":
        for i, r in by_id.items():
            if r.status is Status.covered:
                yield _doubt(ask, i, "", f"the bare question covers {i}", r.covered)
    else:
        yield from _wording_doubts(ask, by_id)


def _wording_doubts(ask: _Ask, by_id: Mapping[str, Reading]) -> Iterator[Doubt]:
    own = by_id[ask.concept]
    if ask.check == "accept":
        if own.status is not Status.covered:
            message = f"{ask.concept} reads as {own.status.value}: {ask.text}"
            yield _doubt(ask, ask.concept, ask.text, message, 1 - own.covered)
        for i, r in by_id.items():
            if i != ask.concept and r.status is Status.covered:
                message = f"{ask.concept}'s wording covers {i} too: {ask.text}"
                yield _doubt(ask._replace(check="separate"), ask.concept, ask.text, message, r.covered)
    elif own.status is not Status.contradicted:
        message = f"{ask.concept} reads as {own.status.value}: {ask.text}"
        yield _doubt(ask, ask.concept, ask.text, message, 1 - own.contradicted)


def _doubt(ask: _Ask, concept: str, text: str, message: str, sure: float) -> Doubt:
    return Doubt(question=ask.question.id, check=ask.check, concept=concept, text=text, message=message,
                 sure=round(sure, 3))


def _near(grader: Grader, questions: Sequence[Question], cache: Path | None) -> Iterator[Doubt]:
    """Pairs of questions that ask nearly the same, each told once."""
    vectors = kept_vectors([q.question for q in questions], grader.encoder, cache)
    for n, q in enumerate(questions):
        near = vectors[:n] @ vectors[n]
        for k in np.flatnonzero(near >= DUPLICATE):
            other = questions[int(k)]
            yield Doubt(question=q.id, check="near", concept="", text=other.id, sure=round(float(near[k]), 3),
                        message=f"asks nearly the same as {other.id}: {other.question}")


def _texts(name: str, questions: Iterable[Question]) -> int:
    if name in ("reference", "question", "near"):
        return len(list(questions))
    return sum(len(c.rejects if name == "reject" else c.accept) for q in questions for c in q.concepts)


def _wordings(c: Concept) -> list[str]:
    return [*c.accept, *(r.claim for r in c.rejects)]
