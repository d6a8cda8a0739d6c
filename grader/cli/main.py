"""The command line's parser and its exit codes.

0 fine, 1 a fault of ours, 2 wrong usage or unreadable input, 3 finished but some items could not be graded.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from grader.errors import BadInput, GraderError, SettingError

FAULT, USAGE, INCOMPLETE = 1, 2, 3
# The files of this package that add commands, in the order of the help text; each has `add(commands)`.
GROUPS = ("practice", "grading", "bank", "evaluation", "service", "progress")


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(
        prog="grader",
        description="Grades free-text answers concept by concept: what was right, what is missing, what is wrong.",
        epilog="Try: grader bank list; grader grade security-groups-vs-nacls 'A security group is stateful …'",
    )
    top.add_argument("--version", action="store_true", help="print the version of engine and models, and stop")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name in GROUPS:
        import_module(f"grader.cli.{name}").add(commands)
    return top


def run(arguments: Sequence[str]) -> int:
    """Runs one command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal without our signs gets a question mark, not a crash.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    top = parser()
    try:
        options = top.parse_args(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        return _work(top, options)
    except BrokenPipeError:
        # The reader of our output has left; Python must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (GraderError, OSError) as fault:
        return _complain(fault)
    except KeyboardInterrupt:
        print("\ngrader: stopped", file=sys.stderr)
        return 130


def _work(top: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.version:
        from grader.engine import package_version

        print(f"grader {package_version()}")
        return 0
    if options.command is None:
        top.print_help()
        return USAGE
    return int(options.work(options) or 0)


def _complain(fault: GraderError | OSError) -> int:
    """Says what is wrong, a line for each fault; returns the exit code."""
    if isinstance(fault, BadInput):
        lines = fault.faults
    elif isinstance(fault, GraderError):
        lines = (str(fault),)
    else:
        lines = (f"{fault.filename or ''}: {fault.strerror or fault}".removeprefix(": "),)
    for line in lines:
        print(f"grader: {line}", file=sys.stderr)
    return USAGE if isinstance(fault, BadInput | SettingError | OSError) else FAULT
