"""`grader practice`: a question, an answer, a grade, again, in the terminal."""

import argparse
import random
import sys
from collections.abc import Sequence
from typing import Any

from grader.domain import Grade, Level, Question
from grader.errors import BadInput

HELP = "An empty line ends the answer. Alone on a line:  ? a hint   = the model answer   > next question   q stop"


def add(commands: Any) -> None:
    """The command's options."""
    practice = commands.add_parser("practice", help="practise in the terminal", description="Practise in the terminal.")
    practice.add_argument("--topic", help="only this topic")
    practice.add_argument("--level", choices=[level.value for level in Level], help="only this level")
    practice.add_argument("--mode", choices=("weakest", "due", "new", "random"), default="random",
                          help="how to choose the next question")
    practice.set_defaults(work=run)


def run(options: argparse.Namespace) -> int:
    """Questions until the learner stops."""
    from grader.cli.show import console, show_grade
    from grader.engine import Grader

    grader = Grader.load()
    questions = [q for q in grader.bank if options.topic in (None, q.topic)
                 and options.level in (None, q.level.value) and not q.draft]
    if not questions:
        topics = sorted({q.topic for q in grader.bank})
        raise BadInput(f"no question of topic {options.topic!r} and level {options.level!r}; "
                       f"topics: {', '.join(topics)}")
    out = console()
    out.print(f"[bold]{len(questions)} questions.[/bold] Answer in your own words, as to an interviewer.\n{HELP}\n")
    random.shuffle(questions)
    for question in questions:
        out.print(f"[bold]{question.question}[/bold]  [dim]{question.topic}, {question.level.value}[/dim]")
        answer = _answer(question)
        if answer is None:
            break
        if not answer:
            continue
        out.print()
        show_grade(out, _graded(grader, question, answer), answer, reference=_reference(question))
        if question.follow_ups:
            out.print(f"\n[dim]An interviewer might go on: {question.follow_ups[0]}[/dim]")
        out.print()
    return 0


def _graded(grader: Any, question: Question, answer: str) -> Grade:
    grade: Grade = grader.grade(question_id=question.id, answer=answer)
    return grade


def _answer(question: Question) -> str | None:
    """What the learner typed; nothing to skip the question, None to stop."""
    lines: list[str] = []
    while True:
        try:
            line = input("> " if sys.stdin.isatty() else "")
        except EOFError:
            return "\n".join(lines) if lines else None
        said = line.strip()
        if not lines and said in ("q", "quit", "exit"):
            return None
        if not lines and said == ">":
            return ""
        if said in ("?", "="):
            print(f"  {question.hint or 'No hint for this one.' if said == '?' else _reference(question)}")
        elif said:
            lines.append(line)
        elif lines:
            return "\n".join(lines)


def _reference(question: Question) -> str:
    references: str | Sequence[str] = question.reference
    return references if isinstance(references, str) else references[0]
