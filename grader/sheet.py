"""One topic's questions as a YAML sheet: in with every fault, its line and path; out in the house form."""

import re
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from grader.domain import Base, Concept, Question, Slug
from grader.errors import BankError
from grader.faults import faults

HEAD = "# yaml-language-server: $schema=schema.json\n"
WIDTH = 110  # columns; with the indent of a list no line passes 120
FOLD_FROM = 100  # characters from which a text gets lines of its own
PATH_PART = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")
# What an editor shows beside a field. The fields of the structs that are not here explain themselves.
HELP = {
    "Question": {
        "question": "As an interviewer would put it: 3 to 45 words.",
        "reference": "A model answer as somebody would say it: 50 to 120 words of plain prose. Or a list of them.",
        "concepts": "3 to 6 claims of a right answer. They do not overlap, and the question tells none of them.",
        "hint": "A nudge that gives nothing away.",
        "follow_ups": "One or two questions an interviewer might go on with.",
        "see_also": "Ids of near questions.",
        "requires": "What a learner should know before.",
        "draft": "Unfinished: never asked in practice, and spared by most checks.",
    },
    "Concept": {
        "statement": "One checkable claim, a full sentence that no magic word is needed to say.",
        "weight": "2 for a core concept, 1 for a supporting one.",
        "terms": "Words that people use when they speak of it; the search knows them.",
        "accept": "2 to 4 other wordings, one colloquial and one in note form.",
        "reject": "What people wrongly believe, each with the correction a learner reads. A core concept needs one.",
    },
    "Reject": {
        "claim": "The wrong claim, as somebody would make it.",
        "correction": "What is right, in a sentence or two.",
    },
}
DEEPEST = 12  # levels; a rejected claim of a concept lies seven deep
QUOTES = ("'", '"', "|", ">")


class Sheet(Base, frozen=True):
    """What one file of a bank holds."""

    topic: Slug
    questions: Annotated[tuple[Question, ...], Meta(min_length=1)]


class Source:
    """One file of a bank that could be read: its text, its sheet, and the line of every path in it."""

    def __init__(self, name: str, text: str, sheet: Sheet, node: Any) -> None:
        self.name, self.text, self.sheet, self._node = name, text, sheet, node

    def line(self, path: str) -> int:
        """The line where a path such as `$.questions[3].hint` begins."""
        return _line(self._node, path)


def read_sheet(name: str, data: bytes) -> Sheet:
    """One file's questions; raises BankError with all that is wrong in it."""
    return read_source(name, data).sheet


def read_source(name: str, data: bytes) -> Source:
    """One file's questions and their places; raises BankError with all that is wrong in it."""
    text = _text(name, data)
    node, raw = _parsed(name, text)
    if node is None:
        raise BankError(f"{name}:1: the file is empty; expected topic and questions")
    wrong = [f"{name}:{line}: {key!r} stands here twice" for key, line in _repeated(node)]
    wrong += [f"{name}:{_line(node, f)}: {f}{_unquoted(node, f)}" for f in faults(raw, Sheet)]
    if wrong:
        raise BankError(*wrong)
    sheet = msgspec.convert(raw, Sheet)
    questions = tuple(msgspec.structs.replace(q, topic=sheet.topic) for q in sheet.questions)
    return Source(name, text, Sheet(topic=sheet.topic, questions=questions), node)


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
    """The comment lines at the top of a sheet."""
    lines = text.splitlines(keepends=True)
    count = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:count])


def schema() -> dict[str, Any]:
    """The JSON Schema of a sheet, made from the structs: editors complete and check with it."""
    made: dict[str, Any] = msgspec.json.schema(Sheet)
    for kind, fields in HELP.items():
        for name, text in fields.items():
            made["$defs"][kind]["properties"][name]["description"] = text
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A topic of a question bank", **made}


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


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise BankError(f"{name}:{line}: not UTF-8 (byte {data[fault.start]:#04x})") from None


def _parsed(name: str, text: str) -> tuple[Any, Any]:
    """The nodes of a YAML text, with their lines, and what they mean."""
    import yaml

    loader = _loader()(text)
    try:
        node = loader.get_single_node()
        line, why = _odd(node) if node is not None else (0, "")
        if why:
            raise BankError(f"{name}:{line}: {why}")
        return node, loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        why = getattr(fault, "problem", None) or str(fault).splitlines()[0]
        at = mark.line if mark else text[: getattr(fault, "position", 0) or 0].count("\n")
        line = min(at + 1, max(len(text.splitlines()), 1))
        there = "".join(text.split("\n")[at : at + 1])[mark.column if mark else 0 :]
        hint = " (a tab; indent with blanks)" if there.startswith("\t") else ""
        raise BankError(f"{name}:{line}: not YAML: {why}{hint}") from None
    except RecursionError:
        raise BankError(f"{name}:1: nested too deeply to be a sheet of questions") from None
    finally:
        loader.dispose()


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _odd(node: Any) -> tuple[int, str]:
    """The line of a node that is used twice or lies too deep, and why that is wrong; such texts can be endless."""
    seen: set[int] = set()
    left = [(node, 1)]
    while left:
        part, depth = left.pop()
        if id(part) in seen:
            return int(part.start_mark.line) + 1, "an alias (*name); write the text out"
        if depth > DEEPEST:
            return int(part.start_mark.line) + 1, "nested too deeply to be a sheet of questions"
        seen.add(id(part))
        if isinstance(part.value, list):
            left += [(n, depth + 1) for p in part.value for n in (p if isinstance(p, tuple) else (p,))]
    return 0, ""


def _unquoted(node: Any, fault: str) -> str:
    """A hint where YAML took a bare word for something else than text: no, on, 1.0, 2025-01-01."""
    at = _at(node, fault)[0]
    bare = isinstance(at.value, str) and at.style not in QUOTES and not at.tag.endswith(":str")
    return f" (to YAML the bare {at.value} is no text; quote it)" if bare and "expected `str`" in fault else ""


def _repeated(node: Any) -> list[tuple[str, int]]:
    """Keys that a mapping holds twice: YAML would silently keep the last."""
    found: list[tuple[str, int]] = []
    if hasattr(node, "value") and isinstance(node.value, list):
        seen: set[str] = set()
        for part in node.value:
            if not isinstance(part, tuple):
                found += _repeated(part)
                continue
            key, value = part
            if str(key.value) in seen:
                found.append((str(key.value), key.start_mark.line + 1))
            seen.add(str(key.value))
            found += _repeated(value)
    return found


def _line(node: Any, fault: str) -> int:
    """The line of the deepest part of the fault's path that exists."""
    return _at(node, fault)[1]


def _at(node: Any, fault: str) -> tuple[Any, int]:
    """The deepest part of the fault's path that exists, with its line."""
    path = fault.removeprefix("$").split(":")[0]
    line = int(node.start_mark.line) + 1
    for key, index in PATH_PART.findall(path):
        inner = _child(node, key, index)
        if inner is None:
            break
        node, line = inner
    return node, line


def _child(node: Any, key: str, index: str) -> tuple[Any, int] | None:
    parts = node.value if isinstance(node.value, list) else []
    if index:
        return (parts[int(index)], parts[int(index)].start_mark.line + 1) if int(index) < len(parts) else None
    return next(((v, k.start_mark.line + 1) for k, v in (p for p in parts if isinstance(p, tuple)) if k.value == key),
                None)
