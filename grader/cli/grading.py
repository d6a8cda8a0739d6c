"""`grader grade` and `grader score`."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from grader.errors import BadInput


def add(commands: Any) -> None:
    """The two commands' options."""
    grade = commands.add_parser("grade", help="grade one answer", description="Grades one answer to a bank question.")
    grade.add_argument("question_id", metavar="QUESTION_ID", help="see: grader bank list")
    grade.add_argument("answer", metavar="ANSWER", nargs="?", help="the answer; from standard input where not given")
    grade.add_argument("--json", action="store_true", help="print the grade as one JSON object")
    grade.add_argument("--reveal", action="store_true", help="show the model answer too")
    grade.set_defaults(work=grade_one)

    many = commands.add_parser("score", help="grade many answers, JSON Lines in and out",
                               description="Grades JSON Lines: one item in, one grade or error out, in the same order.")
    many.add_argument("input", metavar="INPUT", nargs="?", default="-",
                      help="a file, or - for standard input (default)")
    many.add_argument("-o", "--output", default="-", help="a file, or - for standard output (default)")
    many.add_argument("--engine", choices=("local", "ray"), default="local", help="where to grade (default: local)")
    many.add_argument("--workers", type=_count, default=0, metavar="N", help="how many at once (default: all cores)")
    many.set_defaults(work=score_many)


def grade_one(options: argparse.Namespace) -> int:
    """One answer, for eyes or as JSON."""
    from grader.engine import Grader

    answer = options.answer if options.answer is not None else _standard_input()
    grader = Grader.load()
    grade = grader.grade(question_id=options.question_id, answer=answer)
    if options.json:
        # Bytes, so that the terminal's encoding has no say in them.
        sys.stdout.buffer.write(msgspec.json.encode(grade) + b"\n")
        sys.stdout.buffer.flush()
        return 0
    from rich.text import Text

    from grader.cli.show import console, show_grade

    question = grader.bank.get(options.question_id)
    out = console()
    out.print(Text(f"{question.question}\n", style="bold"))
    reference = question.reference if isinstance(question.reference, str) else question.reference[0]
    show_grade(out, grade, answer, reference=reference if options.reveal else "")
    return 0


def score_many(options: argparse.Namespace) -> int:
    """Many answers; exit code 3 where some could not be graded."""
    from grader import batch
    from grader.cli.main import INCOMPLETE
    from grader.domain import Ungraded

    failed = 0
    with _source(options.input) as lines, _sink(options.output) as sink, _progress() as step:
        if options.engine == "ray":
            results = batch.score_lines_on_ray(lines, options.workers or 1, step)
        else:
            results = batch.score_lines(_grader(options.workers), lines, step)
        for result in results:
            failed += isinstance(result, Ungraded)
            sink.write(msgspec.json.encode(result) + b"\n")
    if failed:
        print(f"grader: {failed} could not be graded; each says why in its place", file=sys.stderr)
    return INCOMPLETE if failed else 0


def _grader(workers: int) -> Any:
    from grader import runtime
    from grader.engine import Grader

    if workers:
        runtime.use_cores(workers)
    return Grader.load()


def _standard_input() -> str:
    if sys.stdin.isatty():
        print("Type the answer, then Ctrl+D:", file=sys.stderr)
    data = sys.stdin.buffer.read()
    try:
        return data.decode()
    except UnicodeDecodeError as fault:
        raise BadInput(f"standard input: not UTF-8 at byte {fault.start}") from None


@contextmanager
def _source(name: str) -> Iterator[Iterable[bytes]]:
    with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as stream:
        yield stream


@contextmanager
def _sink(name: str) -> Iterator[BinaryIO]:
    """Standard output, or a file that is there only when it is whole."""
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as stream:
        yield stream
    draft.replace(path)


@contextmanager
def _progress() -> Iterator[Any]:
    """A counter on standard error, and only where a person looks."""
    if not sys.stderr.isatty():
        yield None
        return

    def step(done: int, failed: int) -> None:
        print(f"\r{done:,} graded" + (f", {failed:,} could not be" if failed else ""), end="", file=sys.stderr)

    yield step
    print(file=sys.stderr)


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 256")
    return int(text)
