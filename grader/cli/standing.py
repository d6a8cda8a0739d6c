"""A learner's progress for a person's eyes: bars that also read without colour."""

import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.progress import Next, Progress
from grader.progress.view import TopicProgress, Wrong

BAR = 20  # characters
SHOWN = 5  # misconceptions, weak topics, days


def show_progress(out: Console, found: Progress, then: Next | None) -> None:
    """Topics, reasons, misconceptions, what is due and what comes next."""
    if not found.answers:
        out.print("No answers yet. Begin with: grader practice")
        return
    due = f"{found.due.today} due today" if found.due.today else "nothing due today"
    answers = "1 answer" if found.answers == 1 else f"{found.answers} answers"
    out.print(Text(f"{answers} to {found.asked} of {found.questions} questions; {due}", style="bold"))
    if found.removed:
        out.print(Text(f"{found.removed} of the answers were to questions that the bank no longer has.", style="dim"))
    out.print()
    for topic in found.topics:
        out.print(_bar(topic))
    out.print(Text("█▓ known, at the best guess; ▓░ where it lies with 95 % certainty", style="dim"))
    _reasons(out, found)
    _wrong(out, [w for w in found.misconceptions if w.open])
    if then:
        out.print()
        _lines(out, f"Next: {then.question.question}", style="bold")
        _lines(out, then.why, style="dim")


def _bar(topic: TopicProgress) -> Text:
    """One topic's row: the mean in full blocks, the interval in shaded ones, the numbers beside it."""
    mean, low, high = (round(x * BAR) for x in (topic.mastery, topic.low, topic.high))
    cells = ["█" if n < mean else " " for n in range(BAR)]
    for n in range(low, min(high, BAR)):
        cells[n] = "▓" if n < mean else "░"
    arrow = "↑" if topic.trend > 0.05 else "↓" if topic.trend < -0.05 else " "
    row = Text(f"{topic.topic:<18.18} ")
    row.append("".join(cells), style="green" if topic.mastery >= 0.7 else "yellow" if topic.answers else "dim")
    row.append(f" {topic.mastery:4.0%} {arrow} ")
    row.append(f"({topic.low:.0%} to {topic.high:.0%}, {topic.asked} of {topic.questions} asked"
               + (f", {topic.due} due" if topic.due else "") + ")", style="dim")
    return row


def _reasons(out: Console, found: Progress) -> None:
    if not found.weak:
        return
    out.print()
    out.print(Text("What practice would help most", style="bold"))
    for weak in found.weak[:SHOWN]:
        _lines(out, f"{weak.topic}: {weak.reason}", indent="  ")


def _wrong(out: Console, wrong: Sequence[Wrong]) -> None:
    if not wrong:
        return
    out.print()
    out.print(Text("Said wrongly, and not set right yet", style="bold"))
    for one in wrong[:SHOWN]:
        often = "once" if one.times == 1 else "twice" if one.times == 2 else f"{one.times} times"
        _lines(out, f"✗ {often}: “{one.words or one.claim}”", style="red", indent="  ")
        _lines(out, f"Right is: {one.correction}", indent="    ")
        if one.right_on:
            _lines(out, "Said right once since; once more on another day settles it.", style="dim", indent="    ")


def _lines(out: Console, text: str, style: str = "", indent: str = "") -> None:
    for line in textwrap.wrap(text, min(out.width, 100), initial_indent=indent, subsequent_indent=indent):
        out.print(Text(line, style=style))
