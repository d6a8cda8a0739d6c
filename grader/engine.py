"""Composes the stages: the one module that knows their order.

answer - segment - embed - align - verify - score - feedback - grade
"""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import count
from typing import Any

import msgspec
from msgspec import UNSET

from grader import align, feedback, flags, runtime
from grader.bank import Bank, load_bank
from grader.derive import derive
from grader.domain import (
    Clause,
    Concept,
    Fault,
    Finding,
    Flag,
    Grade,
    Item,
    Misconception,
    Reading,
    Rubric,
    Span,
    Status,
    Ungraded,
)
from grader.embed import Encoder, Remembering, load_encoder
from grader.errors import BadInput
from grader.evidence import evidence
from grader.faults import parse_item
from grader.score import CERTAIN, Scale, Score, gains, score, verdict
from grader.segment import segment
from grader.settings import Settings, cache_folder, from_environment
from grader.verify import Scaling, ShippedVerifier, Verifier, rescaled
from grader.weights import Weights

LONGEST = 20_000  # characters of an answer that are read; a longer one is flagged as truncated
STEADY = 0.95  # confidence from which a verdict is not read again for another concept's gain; see EXPERIMENTS.md
SAME_CLAIM = 0.55  # cosine from which a wrong clause counts as a rubric's known wrong claim


class Fitted(msgspec.Struct, frozen=True):
    """Constants for one kind of rubric."""

    verifier: Scaling
    score: Scale


class Grader:
    """Grades free-text answers. Thread-safe; the same input always gives the same grade."""

    def __init__(
        self,
        bank: Bank,
        encoder: Encoder,
        verifier: Verifier,
        scale: Scale | None = None,
        worded: Fitted | None = None,
    ) -> None:
        self.bank = bank
        self.scale = scale or Scale()
        self._worded = worded or Fitted(verifier=Scaling(), score=self.scale)
        self._encoder = Remembering(encoder)
        self._verifier = verifier
        self.version = f"grader {package_version()} / verifier {verifier.name} / encoder {encoder.name}"

    @classmethod
    def load(cls, settings: Settings | None = None, *, bank: Bank | None = None) -> "Grader":
        """A grader with the shipped models and bank, or those that the environment names."""
        settings = settings or from_environment()
        weights = Weights(settings.models)
        fitted = msgspec.json.decode(weights.read("calibration.json"), type=_Calibration)
        if bank is None:
            bank = load_bank(settings.bank, cache_folder(settings))
        return cls(bank, load_encoder(weights, settings.encoder), ShippedVerifier(weights), fitted.score, fitted.worded)

    def grade(self, item: Item | Mapping[str, Any] | None = None, /, **fields: Any) -> Grade:
        """One answer graded. Raises BadInput, with every fault, where the item cannot be used."""
        started = time.perf_counter()
        parsed = item if isinstance(item, Item) and not fields else parse_item(_raw(item, fields))
        grade = self._grade(parsed, self.rubric(parsed))
        return msgspec.structs.replace(grade, ms=round((time.perf_counter() - started) * 1000, 1))

    def grade_many(self, items: Iterable[Item | Mapping[str, Any]]) -> list[Grade | Ungraded]:
        """Every answer graded, in order, on all cores; a fault stands in its item's place."""
        return runtime.side_by_side(self._grade_or_fault, items)

    def rubric(self, item: Item) -> Rubric:
        """What an item's answer is held against."""
        if item.question_id is not None:
            question = self.bank.get(item.question_id)
            return Rubric(question=question.question, references=_tuple(question.reference),
                          concepts=question.concepts, question_id=question.id)
        references = tuple(r for r in _tuple(item.reference) if r.strip())
        concepts = item.concepts or derive(references)
        taken = {c.id for c in concepts}
        free = (f"c{n}" for n in count(1) if f"c{n}" not in taken)
        named = tuple(c if c.id else msgspec.structs.replace(c, id=next(free)) for c in concepts)
        return Rubric(question=item.question or "", references=references, concepts=named, derived=not item.concepts)

    def readings(self, items: Iterable[Item]) -> list[list[Reading]]:
        """What is read of each concept, item by item, on all cores: grades without score and evidence."""
        return [readings for readings, _ in self.scores(items)]

    def scores(self, items: Iterable[Item]) -> list[tuple[list[Reading], Score]]:
        """What is read of each concept, and the score of that, item by item, on all cores: grades without evidence."""
        return runtime.side_by_side(self._scored, items)

    @property
    def encoder(self) -> Encoder:
        """What turns texts into vectors here; it remembers those it has seen."""
        return self._encoder

    @property
    def constants(self) -> str:
        """The version with every fitted constant: where it is the same, all readings and scores are."""
        return f"{self.version} {self.scale} {self._worded}"

    def _scored(self, item: Item) -> tuple[list[Reading], Score]:
        rubric = self.rubric(item)
        readings = self._read(item.answer[:LONGEST], rubric)
        return readings, score(readings, [c.weight for c in rubric.concepts], self._scale(rubric))

    def _grade_or_fault(self, item: Item | Mapping[str, Any]) -> Grade | Ungraded:
        try:
            return self.grade(item)
        except BadInput as fault:
            name = item.id if isinstance(item, Item) else item.get("id") if isinstance(item, Mapping) else None
            return Ungraded(id=name if isinstance(name, str) else None,
                            error=Fault(code=fault.code, message=str(fault)))

    def _grade(self, item: Item, rubric: Rubric) -> Grade:
        # A lone surrogate is no character; it is replaced one for one, so that offsets hold.
        answer = item.answer.encode("utf-8", "replace").decode()[:LONGEST]
        clauses = segment(answer)
        cut = (Flag.truncated,) if len(item.answer) > LONGEST else ()
        if flags.is_empty(answer):
            return self._made(item, rubric, [CERTAIN[Status.missing]] * len(rubric.concepts), (), 0.0,
                              (Flag.empty,))
        readings = self._read(answer, rubric)
        mine = self._encoder.encode_parts([c.text for c in clauses])
        context = _context(rubric)
        theirs = self._encoder.encode([*context, *(c.statement for c in rubric.concepts)])
        similarity = align.similarity(mine[0], theirs[: len(rubric.references)])
        topical = align.similarity(mine[0], theirs[: len(context)])
        sure = max((r.confidence for r in readings if r.status is not Status.missing), default=0.0)
        if flags.is_alien(answer, align.nearest(mine[1:], theirs), sure):
            readings = [CERTAIN[Status.missing]] * len(readings)
        said = any(r.status is not Status.missing for r in readings)
        odd = flags.oddities(answer, rubric.question, rubric.references, topical=topical, said=said)
        nearest = align.rank(theirs[len(context) :], mine[1:])
        spans = self._evidence(answer, clauses, rubric, readings, nearest)
        return self._made(item, rubric, readings, spans, similarity, (*odd, *cut))

    def _read(self, answer: str, rubric: Rubric) -> list[Reading]:
        """The readings of all concepts; none of them is touched by an answer that holds nothing to read."""
        if flags.says_nothing(answer, rubric.question):
            return [CERTAIN[Status.missing]] * len(rubric.concepts)
        return self._read_all(rubric, [(answer, range(len(rubric.concepts)))])[0]

    def _read_all(self, rubric: Rubric, asks: Sequence[tuple[str, Sequence[int]]]) -> list[list[Reading]]:
        """For each answer, a reading of each concept asked about, by place."""
        statements = [c.statement for c in rubric.concepts]
        found = self._verifier.read(rubric.question, [(text, [statements[k] for k in which]) for text, which in asks])
        if not _worded(rubric):
            return found
        return [[rescaled(r, self._worded.verifier) for r in readings] for readings in found]

    def _evidence(
        self,
        answer: str,
        clauses: Sequence[Clause],
        rubric: Rubric,
        readings: Sequence[Reading],
        nearest: Sequence[Sequence[int]],
    ) -> tuple[tuple[Span, ...], ...]:
        if all(r.status is Status.missing for r in readings):
            return tuple(() for _ in readings)

        def reread(asks: Sequence[tuple[str, tuple[int, ...]]]) -> list[dict[int, Reading]]:
            seen = self._read_all(rubric, asks)
            return [dict(zip(which, found, strict=True)) for (_, which), found in zip(asks, seen, strict=True)]

        return evidence(answer, clauses, readings, nearest, reread)

    def _made(
        self,
        item: Item,
        rubric: Rubric,
        readings: Sequence[Reading],
        spans: Sequence[tuple[Span, ...]],
        similarity: float,
        odd: tuple[Flag, ...],
    ) -> Grade:
        """The grade from everything that was found."""
        weights, scale = [c.weight for c in rubric.concepts], self._scale(rubric)
        result = score(readings, weights, scale)
        spans = spans or tuple(() for _ in readings)
        earned = self._gains(item.answer[:LONGEST], rubric, readings)
        findings = tuple(
            Finding(id=c.id, statement=c.statement, weight=c.weight, status=r.status, confidence=round(r.confidence, 3),
                    gain=g, evidence=s, derived=True if rubric.derived else UNSET)
            for c, r, g, s in zip(rubric.concepts, readings, earned, spans, strict=True)
        )
        wrong = tuple(self._misconception(c, f.evidence) for c, f in zip(rubric.concepts, findings, strict=True)
                      if f.status is Status.contradicted)
        doubtful = {Flag.not_english, Flag.copied_reference, Flag.truncated} & set(odd)
        return Grade(
            id=item.id, question_id=item.question_id, score=result.points, score_low=result.low,
            score_high=result.high, verdict=verdict(result.points, odd), confidence=result.confidence,
            needs_review=bool(doubtful) or result.confidence < scale.review_below,
            similarity=round(similarity, 3), coverage=result.coverage, concepts=findings, misconceptions=wrong,
            feedback=feedback.feedback(findings, wrong, odd), flags=odd, engine=self.version,
            derived=True if rubric.derived else UNSET,
        )

    def _scale(self, rubric: Rubric) -> Scale:
        """The score's constants: rubrics with accepted wordings are of the kind the verifier learnt from most."""
        return self._worded.score if _worded(rubric) else self.scale

    def _gains(self, answer: str, rubric: Rubric, readings: Sequence[Reading]) -> tuple[float, ...]:
        """What saying each concept would add: read where it is not said yet, reckoned where it replaces an error."""
        weights, scale = [c.weight for c in rubric.concepts], self._scale(rubric)
        reckoned = list(gains(readings, weights, scale))
        now = score(readings, weights, scale).points
        lacking = [k for k, r in enumerate(readings) if r.status in (Status.missing, Status.partial)]
        # What is said of one concept moves what is read of the others, save of those that are certain.
        moved = [k for k, r in enumerate(readings) if r.confidence < STEADY]
        asks = [(f"{answer} {rubric.concepts[k].statement}".strip(), sorted({k, *moved})) for k in lacking]
        for k, (_, which), seen in zip(lacking, asks, self._read_all(rubric, asks), strict=True):
            after = {**dict(enumerate(readings)), **dict(zip(which, seen, strict=True))}
            reckoned[k] = round(max(0.0, score([*after.values()], weights, scale).points - now), 1)
        return tuple(reckoned)

    def _misconception(self, concept: Concept, spans: tuple[Span, ...]) -> Misconception:
        """What was said wrongly: the rubric's known wrong claim where it is that one, else the learner's words."""
        said = " … ".join(s.text for s in spans)
        known = concept.rejects
        if known and said:
            vectors = self._encoder.encode([said, *(r.claim for r in known)])
            near = vectors[1:] @ vectors[0]
            best = int(near.argmax())
            if near[best] >= SAME_CLAIM:
                return Misconception(concept=concept.id, claim=known[best].claim,
                                     correction=known[best].correction or concept.statement, evidence=spans)
        return Misconception(concept=concept.id, claim=said, correction=concept.statement, evidence=spans)


class _Calibration(msgspec.Struct, frozen=True):
    score: Scale
    worded: Fitted


_version_lock = threading.Lock()


def package_version() -> str:
    """The installed version of this package."""
    try:
        with _version_lock:
            return version("answer-grader")
    except PackageNotFoundError:
        return "0"


def _worded(rubric: Rubric) -> bool:
    """Whether the rubric brings accepted wordings, as the bank's do."""
    return any(c.accept for c in rubric.concepts)


def _context(rubric: Rubric) -> tuple[str, ...]:
    """The texts that tell an answer's subject: references, else concepts; and the question."""
    subject = rubric.references or tuple(c.statement for c in rubric.concepts)
    return (*subject, rubric.question) if rubric.question else subject


def _tuple(texts: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if texts is None else (texts,) if isinstance(texts, str) else texts


def _raw(item: Item | Mapping[str, Any] | None, fields: Mapping[str, Any]) -> object:
    if item is None:
        return dict(fields)
    base = msgspec.to_builtins(item) if isinstance(item, Item) else item
    return {**{k: v for k, v in base.items() if v is not None}, **fields} if isinstance(base, Mapping) else base


