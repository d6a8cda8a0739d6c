"""`grader bank`: look at the questions, check them, import notes."""

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

from grader.cli import check
from grader.domain import Level, Question
from grader.errors import BadInput


def add(commands: Any) -> None:
    """The subcommands of `grader bank`."""
    group = commands.add_parser("bank", help="look at, check and import questions",
                                description="The question bank: look at it, check it, import notes into it.")
    parts = group.add_subparsers(dest="part", metavar="PART", required=True)
    listing = parts.add_parser("list", help="the questions by topic and level, or those that words find")
    listing.add_argument("words", metavar="WORDS", nargs="*", help="find questions, such as: sg vs nacl")
    listing.add_argument("--topic", help="only this topic")
    listing.add_argument("--level", choices=[level.value for level in Level], help="only this level")
    listing.add_argument("--json", action="store_true", help="print a JSON list")
    listing.set_defaults(work=list_questions)
    show = parts.add_parser("show", help="one question with its rubric")
    show.add_argument("question_id", metavar="QUESTION_ID")
    show.add_argument("--json", action="store_true", help="print one JSON object")
    show.set_defaults(work=show_question)
    check.add(parts)
    importing = parts.add_parser("import", help="interview notes into draft questions",
                                 description="Reads questions and answers out of Markdown or plain text, of any shape.")
    importing.add_argument("notes", metavar="NOTES", type=Path, help="a Markdown or text file")
    importing.add_argument("-o", "--output", metavar="FOLDER", type=Path,
                           help="where the drafts go (default: NOTES-drafts; with --json they go nowhere)")
    importing.add_argument("--json", action="store_true", help="print what was found as a JSON list")
    importing.set_defaults(work=import_questions)
    schema = parts.add_parser("schema", help="the JSON Schema of a bank's files, for editors")
    schema.set_defaults(work=print_schema)


def list_questions(options: argparse.Namespace) -> int:
    """The questions, one a line; those that were searched for come best first."""
    found = _found(options)
    if options.json:
        rows = [{"id": q.id, "topic": q.topic, "level": q.level, "question": q.question} for q in found]
        print(msgspec.json.encode(rows).decode())
        return 0
    for q in found:
        print(f"{q.id}\n    {q.question}  [{q.topic}, {q.level.value}]")
    print(f"{len(found)} question{'' if len(found) == 1 else 's'}")
    return 0


def show_question(options: argparse.Namespace) -> int:
    """One question with its reference and rubric."""
    question = _bank()[0].get(options.question_id)
    print(msgspec.json.encode(question).decode() if options.json else _sheet(question))
    return 0


def import_questions(options: argparse.Namespace) -> int:
    """Drafts out of notes, and a report of what could not be read."""
    from grader.importer import import_notes, write_drafts

    bank, encoder, lexicon, cache = _tools()
    found = import_notes(options.notes.name, _read(options.notes), bank, encoder, lexicon, cache)
    folder = options.output or (None if options.json else Path(f"{options.notes.stem}-drafts"))
    written = write_drafts(folder, found.found, bank, _default_topic(options.notes)) if folder else []
    if options.json:
        print(msgspec.json.encode(found.found).decode())
    else:
        _report(found, written)
    return 0 if found.found else _nothing(options.notes)


def print_schema(options: argparse.Namespace) -> int:  # noqa: ARG001
    """The schema, as `bank/schema.json` holds it."""
    from grader.sheet import schema

    print(msgspec.json.format(msgspec.json.encode(schema()), indent=1).decode())
    return 0


def _found(options: argparse.Namespace) -> list[Question]:
    level = Level(options.level) if options.level else None
    if not options.words:
        bank, _ = _bank()
        return [q for q in bank if options.topic in (None, q.topic) and level in (None, q.level)]
    from grader.search import Search

    bank, encoder, lexicon, cache = _tools()
    hits = Search(bank, encoder, lexicon, cache).find(" ".join(options.words), topic=options.topic, level=level)
    return [hit.question for hit in hits]


def _report(found: Any, written: list[Path]) -> None:
    from grader.cli.show import CONTROL

    answered = [e for e in found.found if e.answer is not None]
    print(f"{len(found.found)} questions, {len(answered)} with an answer")
    for entry in found.found:
        if entry.duplicate_of:
            print(f"  line {entry.line}: asks what {entry.duplicate_of} asks: {CONTROL.sub('', entry.question)}")
    if found.repaired:
        print(f"{found.repaired} wrongly decoded signs put right")
    for line in found.cut:
        print(f"  line {line}: too long for the bank, cut")
    if found.unread:
        print(f"{len(found.unread)} lines that belong to no question:")
        for line, text in found.unread[:20]:
            print(f"  line {line}: {CONTROL.sub('', text[:100])}")
    for path in written:
        print(f"wrote {path}")


def _nothing(path: Path) -> int:
    print(f"grader: {path}: no question found; a question ends with ? or stands in a numbered list", file=sys.stderr)
    return 3


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except IsADirectoryError:
        raise BadInput(f"{path}: a folder; give one file of notes") from None


def _default_topic(path: Path) -> str:
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in path.stem.lower()).split()
    return "-".join(words)[:80].strip("-") or "imported"


def _sheet(q: Question) -> str:
    reference = q.reference if isinstance(q.reference, str) else q.reference[0]
    lines = [q.question, f"[{q.topic}, {q.level.value}]", "", reference, ""]
    for c in q.concepts:
        lines.append(f"{c.id}  {c.statement}  (weight {c.weight:g})")
        lines += [f"      wrong: {r.claim}" for r in c.rejects]
    return "\n".join(lines)


def _bank() -> tuple[Any, Path]:
    from grader.bank import bank_folder, load_bank
    from grader.settings import cache_folder, from_environment

    settings = from_environment()
    return load_bank(settings.bank, cache_folder(settings)), settings.bank or bank_folder()


def _tools() -> tuple[Any, Any, Any, Path]:
    """The bank, an encoder, the field's words and the cache folder."""
    from grader.embed import load_encoder
    from grader.lexicon import load_lexicon
    from grader.settings import cache_folder, from_environment
    from grader.weights import Weights

    settings = from_environment()
    bank, folder = _bank()
    encoder = load_encoder(Weights(settings.models), settings.encoder)
    return bank, encoder, load_lexicon(folder), cache_folder(settings)
