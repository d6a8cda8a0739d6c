"""`grader progress`, `grader export` and `grader import-learner`."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from grader.errors import BadInput, NotFound

if TYPE_CHECKING:
    from grader.bank import Bank
    from grader.domain import Attempt
    from grader.exports import Dump
    from grader.progress import Summary
    from grader.settings import Settings
    from grader.store import Store

FORMATS = ("json", "csv", "anki", "gift")
OWNER = "local/"  # who practises on this machine, without a key
ME = "local/me"
WHO = "a learner's name or id in the store; where not given: me, or the only one there is"


def add(commands: Any) -> None:
    """The commands' options."""
    where = commands.add_parser("progress", help="what a learner knows, and what to practise next",
                                description="Topics weakest first, misconceptions, what is due, what to practise next.")
    where.add_argument("learner", metavar="LEARNER", nargs="?", help=WHO)
    where.add_argument("--json", action="store_true", help="print one JSON object")
    where.add_argument("--zone", default="UTC", help="the learner's time zone, such as Europe/Paris (default: UTC)")
    where.add_argument("--retention", type=_retention, default=0.9, metavar="SHARE",
                       help="share still to be remembered when a question falls due, 0.7 to 0.97 (default: 0.9)")
    where.set_defaults(work=show)

    out = commands.add_parser("export", help="a learner's data, or the bank, in a file",
                              description="A learner's attempts as JSON (complete; see import-learner) or CSV, the "
                                          "questions as Anki cards with the learner's gaps, the bank as Moodle GIFT.")
    out.add_argument("learner", metavar="LEARNER", nargs="?", help=f"{WHO}; gift needs none")
    out.add_argument("--format", choices=FORMATS, default="json", help="default: json")
    out.add_argument("-o", "--output", default="-", metavar="FILE", help="a file, or - for standard output (default)")
    out.add_argument("--all", action="store_true", help="anki: every question of the bank, not only those asked")
    out.set_defaults(work=export)

    back = commands.add_parser("import-learner", help="take in what grader export has written",
                               description="Takes in a learner's JSON export. Attempts that are stored already are "
                                           "left alone, so importing twice changes nothing.")
    back.add_argument("file", metavar="FILE", help="a JSON export, or - for standard input")
    back.add_argument("--as", dest="name", metavar="LEARNER", help="store it under this name instead of its own")
    back.add_argument("--mix", action="store_true", help="also where that learner has other attempts only")
    back.add_argument("--json", action="store_true", help="print one JSON object")
    back.set_defaults(work=take_in)
    for command in (where, out, back):
        command.add_argument("--db", metavar="FILE", help="the learners' store (default: in the user's data folder)")


# ---------------------------------------------------------------- commands


def show(options: argparse.Namespace) -> int:
    """Where a learner stands, for eyes or as JSON."""
    from grader.progress import choose, progress

    store, bank = store_of(options), _bank()
    summary = _summary(store, _learner(store, options.learner), options)
    now = datetime.now(UTC)
    found = progress(summary, bank, now)
    if options.json:
        print(msgspec.json.encode(found).decode())
        return 0
    from grader.cli.show import console
    from grader.cli.standing import show_progress

    show_progress(console(), found, choose(summary, bank, now) if found.questions else None)
    return 0


def export(options: argparse.Namespace) -> int:
    """One of the formats, to a file or standard output."""
    from grader import exports

    if options.format == "gift":
        data = exports.gift(q for q in _bank() if not q.draft).encode()
    else:
        store = store_of(options)
        learner = _learner(store, options.learner)
        if options.format == "json":
            data = exports.dumped(_dump(store, learner))
        elif options.format == "csv":
            data = exports.csv_of(store.history(learner), _bank()).encode()
        else:
            data = _anki(store, learner, everything=options.all)
    _write(options.output, data, binary=options.format == "anki")
    return 0


def take_in(options: argparse.Namespace) -> int:
    """The attempts, later grades and disputes of an export; nothing where the file has a fault."""
    from grader import exports

    dump = exports.undumped(sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes())
    store = store_of(options)
    learner = named(options.name or dump.learner)
    stored = store.history(learner)
    fresh = exports.merged(dump, stored, learner, mix=options.mix)
    for attempt in fresh:
        _add(store, attempt)
    _add_rest(store, dump, learner)
    told = {"learner": learner, "imported": len(fresh), "known": len(dump.attempts) - len(fresh)}
    print(msgspec.json.encode(told).decode() if options.json
          else f"{learner}: {told['imported']} attempts imported, {told['known']} were there already")
    return 0


# ---------------------------------------------------------------- parts


def _dump(store: "Store", learner: str) -> "Dump":
    from grader import exports
    from grader.store import now

    name = _plain(learner)
    history = store.history(learner)
    later = [exports.LaterGrade(attempt=a.id, engine=r.engine, created=r.created, grade=r.grade)
             for a in history for r in store.regrades(learner, a.id)]
    return exports.Dump(
        learner=name, created=store.learner(learner).created, exported=now(),
        attempts=tuple(msgspec.structs.replace(a, learner=name) for a in history),
        disputes=tuple(store.disputes(learner)), regrades=tuple(later))


def _anki(store: "Store", learner: str, *, everything: bool) -> bytes:
    from grader import exports
    from grader.progress.gaps import gaps
    from grader.standing import summary_of

    bank = _bank()
    found = gaps(summary_of(store, learner), bank)
    return exports.anki([q for q in bank if not q.draft and (everything or q.id in found)], found, datetime.now(UTC))


def _add(store: "Store", attempt: "Attempt") -> None:
    from grader.errors import StoreError

    try:
        store.add(attempt)
    except StoreError as fault:
        if "UNIQUE" in str(fault):
            raise BadInput(f"attempt {attempt.id} is stored here already, under another learner") from None
        raise


def _add_rest(store: "Store", dump: "Dump", learner: str) -> None:
    """The later grades and disputes that are not stored yet."""
    for grade in dump.regrades:
        store.regrade(grade.attempt, grade.grade, grade.created)
    known = {(d.attempt, d.concept, d.should_be, d.created) for d in store.disputes(learner)}
    for d in dump.disputes:
        if (d.attempt, d.concept, d.should_be, d.created) not in known:
            store.dispute(learner, d.attempt, concept=d.concept, should_be=d.should_be, why=d.why, created=d.created)


def _summary(store: "Store", learner: str, options: argparse.Namespace) -> "Summary":
    """The kept summary; other rules than the usual ones make one from all attempts."""
    from grader.progress import Rules, rebuild
    from grader.standing import summary_of

    rules = Rules(zone=options.zone, retention=options.retention)
    return summary_of(store, learner) if rules == Rules() else rebuild(store.history(learner), rules)


def _learner(store: "Store", name: str | None) -> str:
    """The id of a stored learner; raises NotFound with those there are."""
    there = store.learners(None)
    if name is None:
        if ME in there or not there:
            wanted = ME
        elif len(there) == 1:
            return there[0]
        else:
            raise BadInput(f"LEARNER: name one of {', '.join(there)}")
    else:
        wanted = named(name)
    try:
        return store.learner(wanted).id
    except NotFound:
        known = f"; there are {', '.join(map(_plain, there))}" if there else ": nobody has practised here yet"
        raise BadInput(f"no learner {_plain(wanted)!r} in {store.path}{known}") from None


def named(name: str) -> str:
    """The id of a learner of this machine."""
    return name if "/" in name else OWNER + name


def _plain(learner: str) -> str:
    return learner.removeprefix(OWNER)


def _write(name: str, data: bytes, *, binary: bool) -> None:
    """To standard output, or a file that is there only when it is whole."""
    if name == "-":
        if binary and sys.stdout.isatty():
            raise BadInput("an .apkg file is not for the screen; give a file name with -o")
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    draft = Path(name + ".part")
    draft.write_bytes(data)
    draft.replace(name)
    print(f"{name}: {len(data):,} bytes", file=sys.stderr)


def _retention(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.7 <= share <= 0.97:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0.7 to 0.97")
    return share


def _settings(options: argparse.Namespace | None = None) -> "Settings":
    from grader.settings import from_environment

    settings = from_environment()
    if options is not None and options.db:
        settings = msgspec.structs.replace(settings, db=Path(options.db))
    return settings


def store_of(options: argparse.Namespace) -> "Store":
    """The store that the options name."""
    from grader.settings import store_file
    from grader.store import Store

    return Store(store_file(_settings(options)))


def _bank() -> "Bank":
    from grader.bank import load_bank
    from grader.settings import cache_folder

    settings = _settings()
    return load_bank(settings.bank, cache_folder(settings))
