"""The labelled answers beside a bank: in step with its rubrics, and their scores with their labels."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.bank import Bank
from grader.domain import Question, Status
from grader.errors import BadInput
from grader.evaluate.labelled import Block, LabelledAnswer, read_labelled
from grader.form import Flaw
from grader.text import words

FOLDER = "answers"
KINDS = ("full", "terse", "paraphrase", "partial", "one", "mixed", "swapped", "stuffed", "vague", "hard")
WORTH = {Status.covered: 1.0, Status.partial: 0.5, Status.missing: 0.0, Status.contradicted: -1.0}
# Points by which a score may differ from its labels: a person may see a whole as a little better than its parts,
# and an answer that says nothing checkable may get up to ten for its subject.
TOLERANCE, NOTHING_SAID = 9.0, 11.0


def label_flaws(folder: Path, bank: Bank) -> list[Flaw]:
    """Everything wrong with a bank's labelled answers; nothing where it has none."""
    found: list[Flaw] = []
    seen: dict[str, str] = {}
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        name = f"{FOLDER}/{path.name}"
        try:
            blocks = read_labelled([path])
        except BadInput as fault:
            found += [_read_fault(name, f) for f in fault.faults]
            continue
        for line, block in zip(_lines(path), blocks, strict=True):
            question = bank.questions.get(block.qid)
            told = _of_block(block, question, seen) if question else [f"$.qid: no question {block.qid!r} in the bank"]
            found += [Flaw(name, line, "answers", message) for message in told]
    return found


def in_step(path: Path, bank: Bank) -> bytes:
    """A file of labelled answers with every rubric as it is in the bank, where the concepts are the same."""
    lines = []
    for line in path.read_bytes().splitlines():
        raw: Any = json.loads(line) if line.strip() else {}
        question = bank.questions.get(raw.get("qid", ""))
        if question and [c["id"] for c in raw.get("concepts") or ()] == [c.id for c in question.concepts]:
            rubric = _rubric(question)
            if any(raw.get(k) != v for k, v in rubric.items()):
                lines.append(json.dumps({**raw, **rubric}, ensure_ascii=False).encode() + b"\n")
                continue
        lines.append(line + b"\n")
    return b"".join(lines)


def expected(labels: dict[str, Status], weights: dict[str, float]) -> float:
    """The score that labels stand for: the weighted share said, less what is wrong, never under 0."""
    said = sum(weights[c] * WORTH[s] for c, s in labels.items())
    return max(0.0, 100 * said / sum(weights.values()))


def _of_block(block: Block, question: Question, seen: dict[str, str]) -> Iterator[str]:
    rubric = _rubric(question)
    mine = {"question": block.question, "reference": block.reference, "concepts": [
        {"id": c.id, "statement": c.statement, "weight": _plain(c.weight)} for c in block.concepts or ()]}
    for key in ("question", "reference", "concepts"):
        if mine[key] != _listed(rubric[key]):
            yield f"$.{key}: {block.qid}: not as in the bank; --fix copies it, where no concept came or went"
    weights = {c.id: c.weight for c in question.concepts}
    for n, answer in enumerate(block.answers):
        yield from (f"$.answers[{n}]{m}" for m in _of_answer(answer, weights, block.qid))
        first = seen.setdefault(" ".join(words(answer.answer)), f"{block.qid}, answer {n + 1}")
        if answer.answer.strip() and first != f"{block.qid}, answer {n + 1}":
            yield f"$.answers[{n}].answer: {block.qid}: the same words as {first}"


def _of_answer(answer: LabelledAnswer, weights: dict[str, float], qid: str) -> Iterator[str]:
    if answer.kind not in KINDS:
        yield f".kind: {qid}: {answer.kind!r}; known are {', '.join(KINDS)}"
    labels = answer.concepts or {}
    if set(labels) != set(weights):
        yield f".concepts: {qid}: labels for {', '.join(sorted(labels)) or 'none'}; concepts are {', '.join(weights)}"
        return
    right = expected(labels, weights)
    if abs(right - answer.score) > (NOTHING_SAID if right < 1 else TOLERANCE):
        yield f".score: {qid}: {answer.score:g}, and its labels give {right:.0f}"


def _rubric(q: Question) -> dict[str, Any]:
    return {"question": q.question, "reference": q.reference,
            "concepts": [{"id": c.id, "statement": c.statement, "weight": _plain(c.weight)} for c in q.concepts]}


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, tuple) else value


def _plain(weight: float) -> float:
    return int(weight) if weight == int(weight) else weight


def _lines(path: Path) -> list[int]:
    return [n for n, line in enumerate(path.read_bytes().split(b"\n"), 1) if line.removeprefix(b"\xef\xbb\xbf").strip()]


def _read_fault(name: str, fault: str) -> Flaw:
    """A fault of the reader, with the name we use."""
    _, _, rest = fault.partition(f"{Path(name).name}:")
    line, _, message = rest.partition(": ")
    return Flaw(name, int(line) if line.isdigit() else 1, "answers", message or fault)
