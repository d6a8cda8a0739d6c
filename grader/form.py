"""The form of a bank's questions: what can be seen without grading anything.

Lengths, numbers, repetitions, links and the spelling of names. Every limit is what a two-minute answer,
a page and a learner's patience hold, not a measurement.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from grader.domain import Concept, Question
from grader.lexicon import Lexicon
from grader.sheet import Source, head_of, remarks, write_sheet
from grader.text import words

REFERENCE_WORDS = (50, 120)  # half a minute to a good minute of speech
QUESTION_WORDS = (3, 45)
STATEMENT_WORDS = (3, 40)
CONCEPTS = (3, 6)
ACCEPTS = (2, 4)
REJECTS = (1, 3)  # of a core concept
FOLLOW_UPS = (1, 2)
CORE = 2.0  # the weight of a core concept
TAG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NOT_TAG = re.compile(r"[^a-z0-9]+")


class Flaw(NamedTuple):
    """Something in a bank's files that is wrong: where, of what kind, and what would be right."""

    file: str
    line: int
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


Found = tuple[str, str, str]  # kind, path inside the question, message


def flaws(sources: Sequence[Source], lexicon: Lexicon) -> list[Flaw]:
    """Everything wrong with the form of a bank's files; drafts may be unfinished."""
    homes: dict[str, str] = {}
    ids = {q.id for s in sources for q in s.sheet.questions}
    found = []
    for source in sources:
        for n, q in enumerate(source.sheet.questions):
            for kind, path, message in _of_question(q, lexicon, ids, homes):
                place = f"$.questions[{n}]{path}"
                found.append(Flaw(source.name, source.line(place), kind, f"{place}: {q.id}: {message}"))
        if not remarks(source.text) and source.text != rewritten(source):
            found.append(Flaw(source.name, 1, "layout", "$: not in the house form; grader bank check --fix writes it"))
    return sorted(found, key=lambda f: (f.file, f.line))


def rewritten(source: Source) -> str:
    """A sheet in the house form: order of fields, wrapping, tags, blanks."""
    questions = [tidied(q) for q in source.sheet.questions]
    return write_sheet(source.sheet.topic, questions, head_of(source.text))


def tidied(q: Question) -> Question:
    """A question with what is mechanical put right."""
    tags = dict.fromkeys(NOT_TAG.sub("-", t.lower()).strip("-") for t in q.tags)
    return replace(q, question=_flat(q.question), hint=_flat(q.hint), tags=tuple(t for t in tags if t),
                   follow_ups=tuple(map(_flat, q.follow_ups)), concepts=tuple(map(_tidied_concept, q.concepts)))


def _tidied_concept(c: Concept) -> Concept:
    rejects = tuple(replace(r, claim=_flat(r.claim), correction=_flat(r.correction)) for r in c.rejects)
    return replace(c, statement=_flat(c.statement), terms=tuple(dict.fromkeys(map(_flat, c.terms))),
                   accept=tuple(dict.fromkeys(map(_flat, c.accept))), reject=rejects)


def _of_question(q: Question, lexicon: Lexicon, ids: set[str], homes: dict[str, str]) -> Iterator[Found]:
    same = homes.setdefault(_key(q.question), q.id)
    if same != q.id:
        yield "duplicate", ".question", f"the same question as {same}"
    yield from _links(q, ids)
    yield from _spelling(q, lexicon)
    if q.draft:
        return
    yield from _lengths(q)
    yield from _numbers(q)
    yield from _repetitions(q)


def _lengths(q: Question) -> Iterator[Found]:
    references = (q.reference,) if isinstance(q.reference, str) else q.reference
    texts = [(".question", q.question, QUESTION_WORDS)]
    texts += [(".reference", r, REFERENCE_WORDS) for r in references]
    texts += [(f".concepts[{n}].statement", c.statement, STATEMENT_WORDS) for n, c in enumerate(q.concepts)]
    for path, text, (least, most) in texts:
        number = len(text.split())
        if not least <= number <= most:
            yield "length", path, f"{number} words; {least} to {most} are right"


def _numbers(q: Question) -> Iterator[Found]:
    yield from _number("concepts", ".concepts", len(q.concepts), CONCEPTS)
    yield from _number("follow-ups", ".follow_ups", len(q.follow_ups), FOLLOW_UPS)
    for name, text in (("hint", q.hint), ("tags", "".join(q.tags))):
        if not text.strip():
            yield "number", f".{name}", f"{name}: missing"
    for n, c in enumerate(q.concepts):
        path = f".concepts[{n}]"
        yield from _number(f"{c.id}: accepted wordings", f"{path}.accept", len(c.accept), ACCEPTS)
        least = REJECTS[0] if c.weight >= CORE else 0
        yield from _number(f"{c.id}: rejected claims", f"{path}.reject", len(c.rejects), (least, REJECTS[1]))
        if not c.statement.rstrip().endswith((".", "!")):
            yield "form", f"{path}.statement", f"{c.id}: a full sentence ends with a full stop"
        for k, r in enumerate(c.rejects):
            if not r.correction.strip():
                yield "form", f"{path}.reject[{k}]", f"{c.id}: a rejected claim needs the correction a learner reads"


def _number(name: str, path: str, number: int, right: tuple[int, int]) -> Iterator[Found]:
    if not right[0] <= number <= right[1]:
        yield "number", path, f"{name}: {number}; {right[0]} to {right[1]} are right"


def _repetitions(q: Question) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for n, c in enumerate(q.concepts):
        here = f".concepts[{n}]"
        texts = [(f"{here}.statement", f"{c.id}'s statement", c.statement)]
        texts += [(f"{here}.accept[{k}]", f"an accepted wording of {c.id}", a) for k, a in enumerate(c.accept)]
        texts += [(f"{here}.reject[{k}]", f"a rejected claim of {c.id}", r.claim) for k, r in enumerate(c.rejects)]
        for path, what, text in texts:
            first = seen.setdefault(_key(text), path)
            if first != path:
                yield "duplicate", path, f"{what} says the same as {first.removeprefix('.')}"


def _links(q: Question, ids: set[str]) -> Iterator[Found]:
    for n, other in enumerate(q.see_also):
        if other == q.id or other not in ids:
            why = "points at the question itself" if other == q.id else f"no question {other!r}"
            yield "link", f".see_also[{n}]", why
    for n, tag in enumerate(q.tags):
        if not TAG.fullmatch(tag):
            yield "form", f".tags[{n}]", f"{tag!r}: a tag is lower-case words joined by hyphens"


def _spelling(q: Question, lexicon: Lexicon) -> Iterator[Found]:
    """Names in what a learner reads; accepted wordings are spelt as people spell."""
    references = (q.reference,) if isinstance(q.reference, str) else q.reference
    texts = [(".question", q.question), (".hint", q.hint), *((".reference", r) for r in references)]
    texts += [(f".follow_ups[{n}]", f) for n, f in enumerate(q.follow_ups)]
    for n, c in enumerate(q.concepts):
        texts.append((f".concepts[{n}].statement", c.statement))
        texts += [(f".concepts[{n}].reject[{k}]", f"{r.claim} {r.correction}") for k, r in enumerate(c.rejects)]
    for path, text in texts:
        for wrong, right in dict.fromkeys(lexicon.misspelt(text)):
            yield "spelling", path, f"{wrong!r}: the name is {right}"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _key(text: str) -> str:
    return " ".join(words(text))
