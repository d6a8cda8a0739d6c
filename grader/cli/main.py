"""The command line's parser and its exit codes.

0 fine, 1 a fault of ours, 2 wrong usage or unreadable input, 3 finished but some items could not be graded.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from grader.errors import BadInput, GraderError

FAULT, USAGE, INCOMPLETE = 1, 2, 3
# The files of this package that add commands, in the order of the help text; each has `add(commands)`.
GROUPS = ("practice", "grading", "bank", "evaluation", "service")


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
    top = parser()
    try:
        options = top.parse_args(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        if options.version:
            from grader.engine import package_version

            print(f"grader {package_version()}")
            return 0
        if options.command is None:
            top.print_help()
            return USAGE
        return int(options.work(options) or 0)
    except BadInput as fault:
        for line in fault.faults:
            print(f"grader: {line}", file=sys.stderr)
        return USAGE
    except GraderError as fault:
        print(f"grader: {fault}", file=sys.stderr)
        return FAULT
    except OSError as fault:
        if isinstance(fault, BrokenPipeError):
            # The reader of our output has left; Python must not complain again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        print(f"grader: {fault.filename or ''}: {fault.strerror or fault}".replace(": :", ":"), file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("\ngrader: stopped", file=sys.stderr)
        return 130
