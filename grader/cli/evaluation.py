"""`grader eval` and `grader bench`."""

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

LAWS = {
    "evidence_covered": "right claims that fall without their evidence",
    "evidence_contradicted": "wrong claims that fall without their evidence",
    "gains": "gains that hold within five points",
}


def add(commands: Any) -> None:
    """The two commands' options."""
    agree = commands.add_parser(
        "eval", help="agreement with human labels",
        description="Grades labelled answers and tells how well the grades agree with the labels.",
    )
    agree.add_argument("labelled", metavar="LABELLED", nargs="+", type=Path, help="JSON Lines, a question block a line")
    agree.add_argument("--by-question-id", action="store_true",
                       help="use the bank's own rubric where it has the question")
    agree.add_argument("--html", metavar="REPORT", type=Path,
                       help="write one page with the plots and the worst answers")
    agree.add_argument("--laws", action="store_true",
                       help="measure too whether evidence is faithful and gains are true")
    agree.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    agree.set_defaults(work=evaluate)

    speed = commands.add_parser("bench", help="speed and memory beside the plain alternative",
                                description="Times this grader beside cosine through sentence-transformers.")
    speed.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    speed.add_argument("--answers", type=int, default=1000, metavar="N", help="answers in the batch (default: 1000)")
    speed.set_defaults(work=bench)


def evaluate(options: argparse.Namespace) -> int:
    """Agreement with labels, for eyes, as JSON, as a page."""
    from grader.cli.main import INCOMPLETE
    from grader.engine import Grader
    from grader.evaluate.labelled import items, read_labelled
    from grader.evaluate.laws import laws
    from grader.evaluate.report import html_report
    from grader.evaluate.run import evaluate as run
    from grader.evaluate.run import text_table

    grader, blocks = Grader.load(), read_labelled(options.labelled)
    result = run(grader, blocks, by_question_id=options.by_question_id)
    figures = result.figures
    if options.laws:
        asked = items(blocks, by_question_id=options.by_question_id, bank=grader.bank.questions)
        figures = {**figures, "laws": laws(grader, [item for item, _, _ in asked])}
    if options.html:
        title = "Agreement with labels: " + ", ".join(p.name for p in options.labelled)
        options.html.write_text(html_report(result.rows, result.figures, title), encoding="utf-8")
    print(msgspec.json.encode(figures).decode() if options.json else text_table(figures))
    if options.laws and not options.json:
        for name, share in figures["laws"].items():
            print(f"{LAWS[name]:60}{share:.1%}")
    for missed in result.ungraded[:5]:
        print(f"grader: {missed.id}: {missed.error.message}", file=sys.stderr)
    return INCOMPLETE if result.ungraded else 0


def bench(options: argparse.Namespace) -> int:
    """Speed and memory, for eyes or as JSON."""
    from grader.engine import Grader
    from grader.evaluate.speed import bench as run
    from grader.evaluate.speed import text_table

    figures = run(Grader.load(), many=max(options.answers, 50))
    print(msgspec.json.encode(figures).decode() if options.json else text_table(figures))
    return 0
