"""Questions out: one topic's sheet as YAML in the house form, the same bytes for the same questions."""

from collections.abc import Iterable
from typing import Any

import msgspec

from grader.domain import Concept, Question

HEAD = "# yaml-language-server: $schema=schema.json\n"
WIDTH = 110  # columns; with the indent of a list no line passes 120
FOLD_FROM = 100  # characters from which a text gets lines of its own


def write_sheet(topic: str, questions: Iterable[Question], head: str = HEAD) -> str:
    """The YAML of one topic's questions: fields in one order, lines wrapped, defaults left out."""
    import yaml

    text = yaml.dump({"topic": topic, "questions": [_question(q) for q in questions]}, Dumper=_dumper(),
                     sort_keys=False, allow_unicode=True, width=WIDTH)
    return head + text.replace("\n  - id: ", "\n\n  - id: ").replace("questions:\n\n", "questions:\n")


def remarks(text: str) -> list[int]:
    """The lines of a sheet that hold a comment, below its head: writing it anew would lose them."""
    lines = list(enumerate(text.splitlines(), 1))
    below = next((n for n, line in lines if line.strip() and not line.lstrip().startswith("#")), len(lines) + 1)
    return [n for n, line in lines if n > below and line.lstrip().startswith("#")]


def head_of(text: str) -> str:
    """The comment lines at the top of a sheet; ours where it has none."""
    lines = text.splitlines(keepends=True)
    count = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:count]) or HEAD


def _question(q: Question) -> dict[str, Any]:
    raw = msgspec.to_builtins(q)
    first = {"id": q.id, "level": q.level.value, "question": q.question, "reference": raw["reference"]}
    rest = {k: raw[k] for k in ("hint", "follow_ups", "tags", "see_also", "requires", "draft") if raw[k]}
    return {**first, **rest, "concepts": [_concept(c) for c in q.concepts]}


def _concept(c: Concept) -> dict[str, Any]:
    weight = int(c.weight) if c.weight == int(c.weight) else c.weight
    raw = {"id": c.id, "statement": c.statement, "weight": weight, "terms": list(c.terms), "accept": list(c.accept),
           "reject": [{"claim": r.claim, "correction": r.correction} if r.correction else r.claim for r in c.rejects]}
    return {k: v for k, v in raw.items() if v not in ([], "")}


def _dumper() -> Any:
    """A YAML writer that indents lists and folds long texts."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
            super().increase_indent(flow, False)

    def text(dumper: Any, value: str) -> Any:
        style = ">" if len(value) > FOLD_FROM and "\n" not in value else "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return Dumper
