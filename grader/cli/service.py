"""`grader serve`, `key`, `backup`, `restore` and `regrade`."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import BadInput, SettingError, StoreError
from grader.settings import Settings, from_environment, store_file


def add(commands: Any) -> None:
    """The commands' options."""
    _add_serve(commands)
    _add_key(commands)
    backup = commands.add_parser("backup", help="copy the learners' store while it is in use",
                                 description="Copies the store consistently, also while the service runs.")
    backup.add_argument("target", metavar="FILE", type=Path)
    backup.set_defaults(work=back_up)
    restore = commands.add_parser("restore", help="put a backup in the store's place",
                                  description="Checks a backup, then puts it in the store's place. "
                                              "Stop the service first.")
    restore.add_argument("source", metavar="FILE", type=Path)
    restore.set_defaults(work=put_back)
    again = commands.add_parser("regrade", help="grade stored attempts again with this engine",
                                description="Grades stored attempts with the present engine and keeps both grades.")
    again.add_argument("--learner", metavar="ID", help="only this learner, by the id in the store")
    again.add_argument("--json", action="store_true", help="print one JSON object")
    again.set_defaults(work=regrade)
    tools = commands.add_parser("mcp", help="the same tools for AI assistants, over standard input and output",
                                description="Serves the tools over the Model Context Protocol on standard input and "
                                            "output, for an assistant that starts this command.")
    tools.set_defaults(work=run_tools)
    for command in (backup, restore, again, tools):
        _db(command)


def _add_serve(commands: Any) -> None:
    serve = commands.add_parser("serve", help="the practice page and the API",
                                description="Serves the practice page and the API. Every option is also a setting, "
                                            "GRADER_HOST and so on; see docs/service.md.")
    serve.add_argument("--host", help="the address to listen on (default: 127.0.0.1, only this machine)")
    serve.add_argument("--port", help="the port (default: 8000); 0 takes any that is free")
    serve.add_argument("--workers", help="processes, each with the models in memory (default: 1)")
    serve.add_argument("--bank", metavar="FOLDER", help="the questions (default: the shipped ones)")
    serve.add_argument("--allow-anonymous", action="store_true", default=None,
                       help="visitors without a key may practise and grade, at any address")
    serve.add_argument("--mcp", action="store_true", default=None, help="serve the tools for assistants at /mcp")
    serve.add_argument("--log", help="debug, info, warning or error (default: info)")
    _db(serve)
    serve.set_defaults(work=run_service)


def _add_key(commands: Any) -> None:
    key = commands.add_parser("key", help="API keys", description="Makes, lists and revokes API keys.")
    parts = key.add_subparsers(dest="part", metavar="PART", required=True)
    new = parts.add_parser("add", help="make a key and print it, this once")
    new.add_argument("name", metavar="NAME")
    new.add_argument("--scope", default="grade", help="any of grade,learn,author (default: grade)")
    new.set_defaults(work=add_key)
    listing = parts.add_parser("list", help="the keys, never their text")
    listing.set_defaults(work=list_keys)
    revoke = parts.add_parser("revoke", help="end a key at once")
    revoke.add_argument("name", metavar="NAME", help="its name or its id")
    revoke.set_defaults(work=revoke_key)
    for part in (new, listing):
        part.add_argument("--json", action="store_true", help="print JSON")
    for part in (new, listing, revoke):
        _db(part)


def _db(command: Any) -> None:
    command.add_argument("--db", metavar="FILE", help="the learners' store (default: in the user's data folder)")


# ---------------------------------------------------------------- commands


def run_service(options: argparse.Namespace) -> int:
    """Serves until it is stopped."""
    from grader.service.run import serve

    names = ("host", "port", "workers", "bank", "db", "allow_anonymous", "mcp", "log")
    given = {f"GRADER_{n.upper()}": str(v) for n in names if (v := getattr(options, n)) is not None}
    try:
        settings = from_environment({**os.environ, **given})
    except SettingError as fault:
        raise BadInput(str(fault)) from None
    return serve(settings)


def add_key(options: argparse.Namespace) -> int:
    """Prints the new key on standard output, once."""
    from grader import keys
    from grader.store import now

    name = options.name.strip()
    if not 1 <= len(name) <= 80:
        raise BadInput("NAME: 1 to 80 characters")
    text, key = keys.make(name, keys.parse_scopes(options.scope), now())
    store = _store(options)
    store.add_key(key, keys.digest(store.secret(), text))
    store.close()
    if options.json:
        print(msgspec.json.encode({"key": text, **msgspec.to_builtins(key)}).decode())
        return 0
    print(text)
    print(f"This is the only time it is shown. Scopes: {', '.join(key.scopes)}.", file=sys.stderr)
    return 0


def list_keys(options: argparse.Namespace) -> int:
    """Every key that was ever made."""
    store = _store(options)
    found = store.keys()
    store.close()
    if options.json:
        print(msgspec.json.encode(found).decode())
        return 0
    for key in found:
        state = f"revoked {key.revoked[:19]}" if key.revoked else f"last used {(key.last_used or 'never')[:19]}"
        print(f"{key.id}  {key.name}  {','.join(key.scopes)}  made {key.created[:19]}  {state}")
    print(f"{len(found)} keys")
    return 0


def revoke_key(options: argparse.Namespace) -> int:
    """Ends a key; the service notices with its next request."""
    from grader.store import now

    store = _store(options)
    count = store.revoke(options.name, now())
    store.close()
    if not count:
        raise BadInput(f"no key {options.name!r} that works; see: grader key list")
    print(f"revoked {count}")
    return 0


def back_up(options: argparse.Namespace) -> int:
    """A consistent copy."""
    from grader.store import check

    path = store_file(_settings(options))
    if not path.exists():
        raise StoreError(f"{path}: no such store; nothing to back up")
    store = _store(options)
    store.backup(options.target)
    store.close()
    check(options.target)
    print(f"{options.target}: {options.target.stat().st_size:,} bytes")
    return 0


def put_back(options: argparse.Namespace) -> int:
    """Checks, then replaces."""
    from grader.store import restore

    path = store_file(_settings(options))
    restore(options.source, path)
    print(f"{path}: restored from {options.source}")
    return 0


def run_tools(options: argparse.Namespace) -> int:
    """Serves one assistant until it hangs up."""
    from grader.engine import Grader
    from grader.mcp import build
    from grader.search import Finder

    store, settings = _store(options), _settings(options)
    grader = Grader.load(settings)
    build(grader, store, Finder(grader.bank, grader.encoder, settings)).run("stdio")
    store.close()
    return 0


def regrade(options: argparse.Namespace) -> int:
    """Grades history again; attempts at questions that are gone are left as they are."""
    from grader.cli.main import INCOMPLETE
    from grader.engine import Grader

    store, grader = _store(options), Grader.load()
    counts = {"regraded": 0, "same_engine": 0, "failed": 0}
    for attempt in store.each(options.learner):
        counts[_again(store, grader, attempt)] += 1
    store.close()
    if options.json:
        print(msgspec.json.encode({"engine": grader.version, **counts}).decode())
    else:
        print(f"{counts['regraded']} graded again, {counts['same_engine']} already by this engine, "
              f"{counts['failed']} could not be")
    return INCOMPLETE if counts["failed"] else 0


def _again(store: Any, grader: Any, attempt: Any) -> str:
    from grader.store import now

    if attempt.grade.engine == grader.version:
        return "same_engine"
    try:
        grade = grader.grade(id=attempt.id, question_id=attempt.question_id, answer=attempt.answer)
    except BadInput as fault:
        print(f"grader: attempt {attempt.id}: {fault}", file=sys.stderr)
        return "failed"
    store.regrade(attempt.id, grade, now())
    return "regraded"


def _settings(options: argparse.Namespace) -> Settings:
    settings = from_environment()
    return msgspec.structs.replace(settings, db=Path(options.db)) if options.db else settings


def _store(options: argparse.Namespace) -> Any:
    from grader.store import Store

    return Store(store_file(_settings(options)))
