"""`grader bank`: look at the questions."""

import argparse
from typing import Any

import msgspec

from grader.domain import Level, Question


def add(commands: Any) -> None:
    """The subcommands of `grader bank`."""
    group = commands.add_parser("bank", help="look at the questions", description="Looks at the question bank.")
    parts = group.add_subparsers(dest="part", metavar="PART", required=True)
    listing = parts.add_parser("list", help="the questions by topic and level")
    listing.add_argument("--topic", help="only this topic")
    listing.add_argument("--level", choices=[level.value for level in Level], help="only this level")
    listing.add_argument("--json", action="store_true", help="print a JSON list")
    listing.set_defaults(work=list_questions)
    show = parts.add_parser("show", help="one question with its rubric")
    show.add_argument("question_id", metavar="QUESTION_ID")
    show.add_argument("--json", action="store_true", help="print one JSON object")
    show.set_defaults(work=show_question)


def list_questions(options: argparse.Namespace) -> int:
    """The questions, one a line."""
    found = [q for q in _bank() if options.topic in (None, q.topic) and options.level in (None, q.level.value)]
    if options.json:
        rows = [{"id": q.id, "topic": q.topic, "level": q.level, "question": q.question} for q in found]
        print(msgspec.json.encode(rows).decode())
        return 0
    for q in found:
        print(f"{q.id}\n    {q.question}  [{q.topic}, {q.level.value}]")
    print(f"{len(found)} questions")
    return 0


def show_question(options: argparse.Namespace) -> int:
    """One question with its reference and rubric."""
    question = _bank().get(options.question_id)
    print(msgspec.json.encode(question).decode() if options.json else _sheet(question))
    return 0


def _sheet(q: Question) -> str:
    reference = q.reference if isinstance(q.reference, str) else q.reference[0]
    lines = [q.question, f"[{q.topic}, {q.level.value}]", "", reference, ""]
    for c in q.concepts:
        lines.append(f"{c.id}  {c.statement}  (weight {c.weight:g})")
        lines += [f"      wrong: {r.claim}" for r in c.rejects]
    return "\n".join(lines)


def _bank() -> Any:
    from grader.bank import load_bank
    from grader.settings import cache_folder, from_environment

    settings = from_environment()
    return load_bank(settings.bank, cache_folder(settings))
