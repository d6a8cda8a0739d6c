"""`grader bank check`: faults of form stop a build; doubts of the grader are for the author to look at."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import BadInput

FIRST = 15  # doubts that are shown of each check


def add(parts: Any) -> None:
    """The options of `grader bank check`."""
    check = parts.add_parser(
        "check", help="is the bank well-formed, and does the grader agree with its rubrics?",
        description="Exit code 2 where something is wrong with the form of the files. What the grader doubts is "
                    "listed after it; with --strict more doubts than tolerated give exit code 3.")
    check.add_argument("only", metavar="QUESTION_ID", nargs="*", help="grade only these (default: all that changed)")
    check.add_argument("--bank", metavar="FOLDER", type=Path, help="another bank than the one in use")
    check.add_argument("--fix", action="store_true", help="put right what is mechanical: order, wrapping, tags, copies")
    check.add_argument("--form", action="store_true", help="only the form: grade nothing, load no model")
    check.add_argument("--strict", action="store_true", help="exit code 3 where the grader doubts more than tolerated")
    check.add_argument("--all", action="store_true", help=f"show every doubt, not {FIRST} of each kind")
    check.add_argument("--fresh", action="store_true", help="grade everything again, whatever the cache knows")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.set_defaults(work=work)


def work(options: argparse.Namespace) -> int:
    """Form first; the grader only looks at a bank that is well-formed."""
    from grader.bank import bank_folder
    from grader.cli.main import INCOMPLETE, USAGE
    from grader.settings import cache_folder, from_environment

    settings = from_environment()
    folder = options.bank or settings.bank or bank_folder()
    if options.fix:
        _fix(folder)
    told, bank, known = _form(folder)
    result = None
    if not told and not options.form:
        result = _content(options, bank, known, None if options.fresh else cache_folder(settings))
    if options.json:
        print(msgspec.json.encode(_figures(told, bank, result)).decode())
    else:
        _show(told, bank, result, everything=options.all)
    if told:
        return USAGE
    over = result is not None and not all(t.tolerated for t in result.tallies)
    return INCOMPLETE if options.strict and over else 0


def _form(folder: Path) -> tuple[list[tuple[str, str]], Any, list[Any]]:
    """Every fault with its kind; the bank and its known doubts, where the files could be read."""
    from grader.bank import Bank, read_sources
    from grader.check import read_known
    from grader.errors import BankError
    from grader.form import flaws
    from grader.labels import label_flaws
    from grader.lexicon import Lexicon, load_lexicon

    sources, wrong = read_sources(folder)
    told = [("schema", fault) for fault in wrong]
    try:
        lexicon = load_lexicon(folder)
    except BankError as fault:
        told += [("words", f) for f in fault.faults]
        lexicon = Lexicon()
    bank = Bank(tuple(q for source in sources for q in source.sheet.questions))
    known, flawed = read_known(folder, bank.questions)
    # Where a file could not be read, links into it and its answers would only be faults of that fault.
    found = [] if wrong else [*flaws(sources, lexicon), *flawed, *label_flaws(folder, bank)]
    return told + [(f.kind, str(f)) for f in found], bank, known


def _content(options: argparse.Namespace, bank: Any, known: list[Any], cache: Path | None) -> Any:
    from grader.check import check
    from grader.engine import Grader

    questions = [bank.get(i) for i in options.only] or list(bank)
    if sys.stderr.isatty() and not options.json:
        print(f"Grading the wordings of {len(questions)} questions; what was graded before is remembered",
              file=sys.stderr)
    return check(Grader.load(bank=bank), questions, known, cache)


def _fix(folder: Path) -> None:
    """Writes every sheet in the house form, and every copy of a rubric as it is in the bank."""
    from grader.bank import Bank, read_sources
    from grader.form import rewritten
    from grader.labels import FOLDER, in_step
    from grader.sheet import remarks

    sources, wrong = read_sources(folder)
    if wrong:
        raise BadInput(*wrong)
    changed = []
    for source in sources:
        text = rewritten(source)
        if text == source.text:
            continue
        if lines := remarks(source.text):
            print(f"{source.name}:{lines[0]}: a comment would be lost, left as it is", file=sys.stderr)
            continue
        _write(folder / source.name, text.encode())
        changed.append(source.name)
    bank = Bank(tuple(q for source in read_sources(folder)[0] for q in source.sheet.questions))
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        data = in_step(path, bank)
        if data != path.read_bytes():
            _write(path, data)
            changed.append(f"{FOLDER}/{path.name}")
    print(f"put right: {', '.join(changed) or 'nothing was to be'}", file=sys.stderr)


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(path.name + ".part")
    draft.write_bytes(data)
    draft.replace(path)


def _figures(told: Sequence[tuple[str, str]], bank: Any, result: Any) -> dict[str, Any]:
    figures: dict[str, Any] = {"questions": len(bank), "faults": [{"kind": k, "message": m} for k, m in told]}
    if result is not None:
        figures["checks"] = [{"check": t.check, "texts": t.texts, "doubted": t.doubted, "known": t.known,
                              "tolerated": t.tolerated} for t in result.tallies]
        figures["doubts"] = result.doubts
        figures["settled"] = result.settled
    return figures


def _show(told: Sequence[tuple[str, str]], bank: Any, result: Any, *, everything: bool) -> None:
    from grader.cli.show import console

    out = console()
    for _, message in told:
        print(message)
    if result is not None:
        _show_doubts(result, everything=everything)
        _table(out, result)
    kinds = ", ".join(f"{n} {kind}" for kind, n in Counter(k for k, _ in told).most_common())
    print(f"{len(bank)} questions, {len(told)} faults" + (f": {kinds}" if kinds else ""))


def _show_doubts(result: Any, *, everything: bool) -> None:
    shown: Counter[str] = Counter()
    for doubt in result.doubts:
        shown[doubt.check] += 1
        if everything or shown[doubt.check] <= FIRST:
            print(f"{doubt.check:9}  {doubt.question}: {doubt.message}  ({doubt.sure:.0%})")
    left = sum(n - FIRST for n in shown.values() if n > FIRST)
    if left and not everything:
        print(f"… and {left} more: --all shows them, --json gives them to a program")
    for known in result.settled:
        print(f"settled    {known.question}: the grader agrees by now; take it out of known.jsonl")
    if result.doubts:
        print("\nThese are the grader's doubts, the surest first. Where the wording is right, put it into known.jsonl "
              "with the reason.\n")


def _table(out: Any, result: Any) -> None:
    from rich.table import Table

    from grader.check import CHECKS

    table = Table("does the grader agree?", box=None, pad_edge=False)
    for name in ("texts", "doubted", "known", "share", "tolerated"):
        table.add_column(name, justify="right")
    for t in result.tallies:
        asks, most = CHECKS[t.check]
        share = f"{t.doubted / t.texts:.1%}" if t.texts else "-"
        table.add_row(asks, f"{t.texts:,}", f"{t.doubted:,}", f"{t.known:,}", share,
                      f"{most:.0%}{'' if t.tolerated else '  more!'}")
    out.print(table)
    out.print()
