"""`grader practice`: a question, an answer, a grade, again, in the terminal."""

import argparse
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from grader.domain import Attempt, Finding, Grade, Level, Question
from grader.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console

    from grader.engine import Grader
    from grader.standing import Next
    from grader.store import Store

HELP = """An empty line ends the answer. Alone on a line, before an answer:
  ?  a hint (noted)           =  the model answer (noted)     >  another question
  i  improve my last answer   p  my progress                  q  stop"""


@dataclass
class Turn:
    """What was typed at one question: an answer, or a wish."""

    answer: str = ""
    wish: str = ""  # one of > i q; where there is no answer
    hint: bool = False
    revealed: bool = False


@dataclass
class Practice:
    """One learner at the terminal, and what their answers are kept in."""

    grader: "Grader"
    store: "Store"
    learner: str
    out: "Console"
    options: argparse.Namespace
    last: Grade | None = None
    skipped: list[str] = field(default_factory=list)

    def next(self) -> "Next":
        """The next question in the mode asked for; one that was skipped comes no more."""
        from grader import standing

        level = Level(self.options.level) if self.options.level else None
        return standing.next_question(self.store, self.grader.bank, self.learner, standing.Mode(self.options.mode),
                                      self.options.topic, level, self.options.seed, self.skipped)

    def keep(self, question: Question, turn: Turn) -> Grade:
        """Grades the answer and stores the attempt."""
        from grader.store import new_id, now

        name = new_id()
        grade = self.grader.grade(question_id=question.id, answer=turn.answer, id=name)
        self.store.add(Attempt(id=name, learner=self.learner, question_id=question.id, answer=turn.answer,
                               created=now(), grade=grade, hint_used=turn.hint, revealed=turn.revealed))
        return grade

    def progress(self) -> None:
        """Topics, misconceptions, what is due."""
        from grader import standing
        from grader.cli.standing import show_progress

        show_progress(self.out, standing.progress(self.store, self.grader.bank, self.learner), None)


def add(commands: Any) -> None:
    """The command's options."""
    practice = commands.add_parser("practice", help="practise in the terminal", description="Practise in the terminal.",
                                   epilog=HELP, formatter_class=argparse.RawDescriptionHelpFormatter)
    practice.add_argument("--topic", help="only this topic")
    practice.add_argument("--level", choices=[level.value for level in Level], help="only this level")
    practice.add_argument("--mode", choices=("weakest", "due", "new", "random"), default="weakest",
                          help="how to choose the next question (default: weakest)")
    practice.add_argument("--learner", metavar="NAME", default="me", help="whose practice it is (default: me)")
    practice.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same questions")
    practice.add_argument("--db", metavar="FILE", help="the learners' store (default: in the user's data folder)")
    practice.set_defaults(work=run)


def run(options: argparse.Namespace) -> int:
    """Questions until the learner stops."""
    from grader.cli.progress import named, store_of
    from grader.cli.show import console
    from grader.engine import Grader

    store = store_of(options)
    practice = Practice(Grader.load(), store, named(options.learner), console(), options)
    _fits(practice)
    practice.out.print(f"Answer in your own words, as to an interviewer.\n{HELP}\n", style="dim", markup=False)
    try:
        while _question(practice):
            practice.out.print()
    except KeyboardInterrupt:
        practice.out.print()
    finally:
        store.close()
    return 0


def _fits(practice: Practice) -> None:
    """Raises BadInput where topic and level leave no question."""
    wanted, level = practice.options.topic, practice.options.level
    if not any(wanted in (None, q.topic) and level in (None, q.level.value) for q in practice.grader.bank
               if not q.draft):
        topics = ", ".join(sorted({q.topic for q in practice.grader.bank}))
        raise BadInput(f"no question of topic {wanted!r} and level {level!r}; topics: {topics}")


def _question(practice: Practice) -> bool:
    """One question with all answers to it; False to stop."""
    from rich.text import Text

    found = practice.next()
    question = practice.grader.bank.get(found.question.id)
    head = Text(question.question, style="bold")
    head.append(f"  {question.topic}, {question.level.value}", style="dim not bold")
    practice.out.print(head)
    practice.out.print(Text(found.why, style="dim"))
    practice.last = None
    helped = Turn()
    while True:
        turn = _read(practice, question, helped)
        if turn.answer:
            _show(practice, question, turn)
            helped = replace(turn, answer="", wish="")
            if not sys.stdin.isatty():
                return True
            practice.out.print(Text("Enter for the next question, i to improve this answer, p for progress, q to stop",
                                    style="dim"))
        elif turn.wish == "i" and practice.last:
            practice.out.print(Text("Say it again, better:", style="dim"))
        else:
            if turn.wish == ">" and not practice.last:
                practice.skipped.append(question.id)
            return turn.wish != "q"


def _show(practice: Practice, question: Question, turn: Turn) -> None:
    """The grade, what changed since the last one, and how an interviewer might go on."""
    from rich.text import Text

    from grader.cli.show import show_grade

    before, practice.last = practice.last, practice.keep(question, turn)
    practice.out.print()
    show_grade(practice.out, practice.last, turn.answer, reference=_reference(question))
    for line in _changes(before, practice.last) if before else ():
        practice.out.print(Text(line, style="bold"))
    if question.follow_ups:
        practice.out.print(Text(f"\nAn interviewer might go on: {question.follow_ups[0]}", style="dim"))


def _changes(before: Grade, after: Grade) -> list[str]:
    """What the second answer did better or worse than the first."""
    old: dict[str, Finding] = {f.id: f for f in before.concepts}
    moved = [f"  {old[f.id].status.value} → {f.status.value}: {f.statement}" for f in after.concepts
             if f.id in old and old[f.id].status != f.status]
    return [f"\n{after.score - before.score:+.0f} points since your last answer", *moved]


def _read(practice: Practice, question: Question, helped: Turn) -> Turn:
    """The lines up to an empty one, or a wish; `helped` tells the help that was taken before."""
    lines: list[str] = []
    turn = replace(helped)
    while True:
        try:
            line = input("> " if sys.stdin.isatty() else "")
        except EOFError:
            return replace(turn, answer="\n".join(lines)) if lines else replace(turn, wish="q")
        said = line.strip()
        if lines and not said:
            return replace(turn, answer="\n".join(lines))
        if said in ("q", "quit", "exit") and not lines:
            return replace(turn, wish="q")
        if not lines and (said in (">", "i") or (not said and practice.last)):
            return replace(turn, wish=said or ">")
        if lines or not _helped(practice, question, turn, said):
            lines.append(line)


def _helped(practice: Practice, question: Question, turn: Turn, said: str) -> bool:
    """Gives the help that a line asks for; False where it asks for none."""
    if said == "?":
        turn.hint = True
        practice.out.print(question.hint or "No hint for this one.", style="italic", markup=False)
    elif said == "=":
        turn.revealed = True
        practice.out.print(_reference(question), style="italic", markup=False)
    elif said == "p":
        practice.progress()
    return said in ("?", "=", "p", "")


def _reference(question: Question) -> str:
    return question.reference if isinstance(question.reference, str) else " ".join(question.reference)
