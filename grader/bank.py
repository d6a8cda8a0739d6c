"""The question bank: YAML files in, questions out; every fault with its file, line and path.

A bank is a folder of `<topic>.yaml` files. Reading YAML takes seconds for hundreds of questions, so
what was read is kept in the cache folder under the hash of the files.
"""

import difflib
import hashlib
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from grader.domain import Base, Question, Slug
from grader.errors import BankError, UnknownQuestion
from grader.faults import faults

LARGEST = 5_000_000  # bytes of one file; the whole AWS bank is a third of that
PATH_PART = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")


class Sheet(Base):
    """What one file of a bank holds."""

    topic: Slug
    questions: Annotated[tuple[Question, ...], Meta(min_length=1)]


class Bank:
    """Questions by id, in the order of their files."""

    def __init__(self, questions: tuple[Question, ...] = ()) -> None:
        self.questions = {q.id: q for q in questions}

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions.values())

    def __len__(self) -> int:
        return len(self.questions)

    def get(self, question_id: str) -> Question:
        """The question of that id; the fault of an unknown one names the nearest."""
        if question_id in self.questions:
            return self.questions[question_id]
        raise UnknownQuestion(question_id, self._nearest(question_id))

    @property
    def version(self) -> str:
        """A short name for exactly these questions."""
        return hashlib.sha256(msgspec.json.encode(list(self))).hexdigest()[:8]

    def _nearest(self, question_id: str) -> tuple[str, ...]:
        near = difflib.get_close_matches(question_id, self.questions, n=3, cutoff=0.5)
        parts = set(question_id.split("-"))
        shared = sorted(self.questions, key=lambda i: -len(parts & set(i.split("-"))))
        near += [i for i in shared[:3] if parts & set(i.split("-")) and i not in near]
        return tuple(near[:3])


def bank_folder() -> Path:
    """The shipped bank: beside the package in a checkout, inside it in a wheel."""
    inside = Path(str(resources.files("grader"))) / "bank"
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent / "bank"


def load_bank(folder: Path | None = None, cache: Path | None = None) -> Bank:
    """The bank in a folder; raises BankError with every fault of every file."""
    folder = folder or bank_folder()
    files, wrong = _files(folder)
    if wrong:
        raise BankError(*wrong)
    kept = cache / f"bank-{_mark(files)}.json" if cache else None
    if kept and kept.is_file():
        try:
            return Bank(msgspec.json.decode(kept.read_bytes(), type=tuple[Question, ...]))
        except msgspec.DecodeError:
            kept.unlink(missing_ok=True)
    bank = _read_all(files)
    if kept:
        _keep(kept, msgspec.json.encode(tuple(bank)))
    return bank


def read_sheet(name: str, data: bytes) -> Sheet:
    """One file's questions; raises BankError with all that is wrong in it."""
    import yaml

    try:
        text = data.decode()
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise BankError(f"{name}:{line}: not UTF-8 (byte {data[fault.start]:#04x})") from None
    try:
        node = yaml.compose(text, Loader=_loader())
        raw = yaml.load(text, Loader=_loader()) if node else None
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        why = getattr(fault, "problem", None) or str(fault).splitlines()[0]
        raise BankError(f"{name}:{mark.line + 1 if mark else 1}: not YAML: {why}") from None
    if node is None:
        raise BankError(f"{name}:1: the file is empty; expected topic and questions")
    wrong = [f"{name}:{line}: {key!r} stands here twice" for key, line in _repeated(node)]
    wrong += [f"{name}:{_line(node, f)}: {f}" for f in faults(raw, Sheet)]
    if wrong:
        raise BankError(*wrong)
    sheet = msgspec.convert(raw, Sheet)
    return Sheet(topic=sheet.topic,
                 questions=tuple(msgspec.structs.replace(q, topic=sheet.topic) for q in sheet.questions))


def _files(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Every file's bytes by name, and what is wrong with the files themselves."""
    files: dict[str, bytes] = {}
    wrong: list[str] = []
    if not folder.is_dir():
        return files, [f"{folder}: no such folder"]
    for path in sorted(folder.glob("*.y*ml")):
        if folder.resolve() not in path.resolve().parents:
            wrong.append(f"{path.name}:1: a link out of the bank's folder, to {path.resolve()}")
        elif path.stat().st_size > LARGEST:
            wrong.append(f"{path.name}:1: {path.stat().st_size:,} bytes; at most {LARGEST:,}")
        else:
            files[path.name] = path.read_bytes()
    if not files and not wrong:
        wrong.append(f"{folder}: no .yaml file in it")
    return files, wrong


def _read_all(files: dict[str, bytes]) -> Bank:
    questions: dict[str, Question] = {}
    homes: dict[str, str] = {}
    wrong: list[str] = []
    for name, data in files.items():
        try:
            sheet = read_sheet(name, data)
        except BankError as fault:
            wrong += fault.faults
            continue
        for question in sheet.questions:
            if question.id in questions:
                line = _line_of_id(data, question.id, last=homes[question.id] == name)
                wrong.append(f"{name}:{line}: the id {question.id!r} is taken, in {homes[question.id]}")
            questions[question.id] = question
            homes[question.id] = name
    if wrong:
        raise BankError(*wrong)
    return Bank(tuple(questions.values()))


def _line_of_id(data: bytes, question_id: str, *, last: bool) -> int:
    lines = [n for n, text in enumerate(data.decode().splitlines(), 1)
             if re.match(rf"\s*-?\s*id:\s*['\"]?{re.escape(question_id)}['\"]?\s*$", text)]
    return (lines[-1] if last else lines[0]) if lines else 1


def _mark(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256(msgspec.json.encode(msgspec.json.schema(Sheet)))
    for name, data in files.items():
        digest.update(name.encode() + b"\0" + data)
    return digest.hexdigest()[:16]


def _keep(path: Path, data: bytes) -> None:
    """Writes a cache file whole or not at all; a read-only home is no fault."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob("bank-*.json"):
            old.unlink(missing_ok=True)
        draft = path.with_suffix(".part")
        draft.write_bytes(data)
        draft.replace(path)
    except OSError:
        return


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
    path = fault.removeprefix("$").split(":")[0]
    line = int(node.start_mark.line) + 1
    for key, index in PATH_PART.findall(path):
        inner = _child(node, key, index)
        if inner is None:
            break
        node, line = inner
    return line


def _child(node: Any, key: str, index: str) -> tuple[Any, int] | None:
    parts = node.value if isinstance(node.value, list) else []
    if index:
        return (parts[int(index)], parts[int(index)].start_mark.line + 1) if int(index) < len(parts) else None
    return next(((v, k.start_mark.line + 1) for k, v in (p for p in parts if isinstance(p, tuple)) if k.value == key),
                None)
