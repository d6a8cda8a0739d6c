"""The question bank: YAML files in, questions out; every fault with its file, line and path.

A bank is a folder of `<topic>.yaml` files. Reading YAML takes seconds for hundreds of questions, so
what was read is kept in the cache folder under the hash of the files.
"""

import difflib
import gc
import hashlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import msgspec

from grader.domain import Question
from grader.errors import BankError, UnknownQuestion
from grader.kept import keep
from grader.sheet import Sheet, Source, read_sheet, read_source

__all__ = ["LARGEST", "Bank", "Sheet", "bank_folder", "load_bank", "read_sheet", "read_sources"]

LARGEST = 5_000_000  # bytes of one file; the whole AWS bank is a third of that


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
    kept = cache / f"bank-{_mark(files)}.json" if cache and not wrong else None
    if kept and kept.is_file():
        try:
            return Bank(_decoded(kept.read_bytes()))
        except msgspec.DecodeError:
            kept.unlink(missing_ok=True)
    sources, wrong = read_sources(folder)
    if wrong:
        raise BankError(*wrong)
    bank = Bank(tuple(q for source in sources for q in source.sheet.questions))
    if kept:
        keep(kept, msgspec.json.encode(tuple(bank)), "bank-*.json")
    return bank


def read_sources(folder: Path) -> tuple[list[Source], list[str]]:
    """Every file of a bank that can be read, and every fault of the others and between them."""
    files, wrong = _files(folder)
    sources: list[Source] = []
    homes: dict[str, str] = {}
    for name, data in files.items():
        try:
            source = read_source(name, data)
        except BankError as fault:
            wrong += fault.faults
            continue
        sources.append(source)
        for n, question in enumerate(source.sheet.questions):
            if question.id in homes:
                line = source.line(f"$.questions[{n}].id")
                wrong.append(f"{name}:{line}: the id {question.id!r} is taken, in {homes[question.id]}")
            homes.setdefault(question.id, name)
    return sources, wrong


def _files(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Every file's bytes by name, and what is wrong with the files themselves."""
    files: dict[str, bytes] = {}
    wrong: list[str] = []
    if not folder.is_dir():
        return files, [f"{folder}: no such folder"]
    for path in sorted(folder.glob("*.y*ml")):
        if folder.resolve() not in path.resolve().parents:
            wrong.append(f"{path.name}:1: a link out of the bank's folder, to {path.resolve()}")
            continue
        try:
            size = path.stat().st_size
            files |= {path.name: path.read_bytes()} if size <= LARGEST else {}
            wrong += [f"{path.name}:1: {size:,} bytes; at most {LARGEST:,}"] if size > LARGEST else []
        except OSError as fault:
            wrong.append(f"{path.name}:1: cannot be read: {fault.strerror}")
    if not files and not wrong:
        wrong.append(f"{folder}: no .yaml file in it")
    return files, wrong


def _mark(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256(msgspec.json.encode(msgspec.json.schema(Sheet)))
    for name, data in files.items():
        digest.update(name.encode() + b"\0" + data)
    return digest.hexdigest()[:16]


def _decoded(data: bytes) -> tuple[Question, ...]:
    """The questions of a cache file. The collector rests meanwhile: nothing made here is ever garbage."""
    resting = gc.isenabled()
    gc.disable()
    try:
        return msgspec.json.decode(data, type=tuple[Question, ...])
    finally:
        if resting:
            gc.enable()
