"""Answers that people have scored, from JSON Lines: one question with its labelled answers a line.

Files of other people may hold more keys than ours, at any depth; those are passed over, and null
stands for absent. What is there must have the right type: every fault comes with file and line.
"""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from grader.domain import Concept, Item, Status
from grader.errors import BadInput
from grader.faults import faults, parse_item

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # some editors on Windows write it before the first line
RUBRIC = ("question", "reference", "concepts")


class LabelledAnswer(Struct, frozen=True, kw_only=True):
    """An answer with the score a person gave it, and what it says of each concept where that is known."""

    answer: str
    score: Annotated[float, Meta(ge=0, le=100)]
    kind: str = "other"
    concepts: dict[str, Status] | None = None
    note: str = ""


class Block(Struct, frozen=True, kw_only=True):
    """A question, its rubric and its labelled answers."""

    qid: Annotated[str, Meta(min_length=1)]
    answers: tuple[LabelledAnswer, ...]
    topic: str = ""
    question: str = ""
    reference: str | tuple[str, ...] | None = None
    concepts: tuple[Concept, ...] | None = None


def read_labelled(paths: Iterable[Path | str]) -> tuple[Block, ...]:
    """Blocks of all files, in order; raises BadInput with every fault of every file."""
    blocks: list[Block] = []
    wrong: list[str] = []
    for path in map(Path, paths):
        try:
            data = path.read_bytes().removeprefix(BYTE_ORDER_MARK)
        except OSError as fault:
            wrong.append(f"{path}: cannot be read: {fault.strerror}")
            continue
        lines = [(n, line) for n, line in enumerate(data.split(b"\n"), 1) if line.strip()]
        if not lines:
            wrong.append(f"{path}:1: $: the file is empty; expected a question block a line")
        for number, line in lines:
            try:
                blocks.append(_block(line))
            except BadInput as fault:
                wrong += [f"{path}:{number}: {f}" for f in fault.faults]
    if wrong:
        raise BadInput(*wrong)
    return tuple(blocks)


def items(
    blocks: Iterable[Block], *, by_question_id: bool = False, bank: Collection[str] | None = None
) -> list[tuple[Item, LabelledAnswer, Block]]:
    """Every answer as an item to grade, in order, beside its label and its block.

    With `by_question_id` an item names its question, where `bank` (no bank: any) has that id; else
    it brings the block's own rubric.
    """
    found = []
    for block in blocks:
        named = by_question_id and (bank is None or block.qid in bank)
        for n, answer in enumerate(block.answers, 1):
            name = f"{block.qid}/{n}"
            item = Item(id=name, answer=answer.answer, question_id=block.qid) if named else _own(name, answer, block)
            found.append((item, answer, block))
    return found


def _own(name: str, answer: LabelledAnswer, block: Block) -> Item:
    return Item(id=name, answer=answer.answer, question=block.question or None, reference=block.reference,
                concepts=block.concepts)


def _block(line: bytes) -> Block:
    """Block of one line; raises BadInput with all that is wrong in it."""
    try:
        raw = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise BadInput(f"$: not JSON: {fault}") from None
    if not isinstance(raw, Mapping):
        raise BadInput("$: expected an object with qid, answers, and reference or concepts")
    known = _known(raw)
    # The labels are looked at apart: msgspec does not tell which key of a mapping is wrong.
    wrong = faults(_unlabelled(known), Block) + _rubric_faults(known) + _label_faults(known)
    if wrong:
        raise BadInput(*dict.fromkeys(wrong))
    return msgspec.convert(known, Block)


def _known(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of a block that are ours, down to its answers and concepts."""
    block = _fields(raw, Block)
    for key, kind in (("answers", LabelledAnswer), ("concepts", Concept)):
        if isinstance(block.get(key), list):
            block[key] = [_fields(part, kind) if isinstance(part, Mapping) else part for part in block[key]]
    return block


def _fields(raw: Mapping[str, Any], kind: type[Struct]) -> dict[str, Any]:
    return {k: v for k, v in raw.items() if k in kind.__struct_fields__ and v is not None}


def _answers(block: Mapping[str, Any]) -> list[Any]:
    answers = block.get("answers")
    return answers if isinstance(answers, list) else []


def _unlabelled(block: Mapping[str, Any]) -> dict[str, Any]:
    """Block without the labels of concepts, save those that are no mapping at all."""
    if not _answers(block):
        return dict(block)
    return {**block, "answers": [
        {**a, "concepts": {}} if isinstance(a, Mapping) and isinstance(a.get("concepts"), Mapping) else a
        for a in _answers(block)
    ]}


def _rubric_faults(block: Mapping[str, Any]) -> list[str]:
    """Faults that would keep the engine from taking the block's rubric."""
    if "concepts" not in block and "reference" not in block:
        return ["$: give reference, or concepts"]
    try:
        parse_item({"answer": "", **{k: block[k] for k in RUBRIC if k in block}})
    except BadInput as fault:
        return list(fault.faults)
    return []


def _label_faults(block: Mapping[str, Any]) -> list[str]:
    """Labels that are no status, or that speak of a concept which the rubric does not have."""
    ids = _concept_ids(block)
    found = []
    for n, answer in enumerate(_answers(block)):
        labels = answer.get("concepts") if isinstance(answer, Mapping) else None
        for name, status in labels.items() if isinstance(labels, Mapping) else ():
            place = f"$.answers[{n}].concepts.{name}"
            if status not in list(Status):
                found.append(f"{place}: {status!r} is no status; known are {', '.join(Status)}")
            if ids and name not in ids:
                found.append(f"{place}: no concept of that id; known are {', '.join(ids)}")
    return found


def _concept_ids(block: Mapping[str, Any]) -> list[str]:
    """Ids of the rubric's concepts; one without gets the id that the engine will give it."""
    concepts = block.get("concepts")
    ids = [c.get("id", "") for c in concepts if isinstance(c, Mapping)] if isinstance(concepts, list) else []
    free = (f"c{n}" for n in range(1, len(ids) * 2 + 1) if f"c{n}" not in ids)
    return [str(i or next(free)) for i in ids]
