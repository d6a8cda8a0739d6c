"""A grade into sentences: what was right, then what is missing, then what is wrong and why."""

from collections.abc import Sequence

from grader.domain import Feedback, Finding, Flag, Misconception, Status
from grader.text import listing

QUOTED = 90  # characters of the learner's words in one quotation


def feedback(findings: Sequence[Finding], wrong: Sequence[Misconception], flags: Sequence[Flag]) -> Feedback:
    """The sentences for a grade; each is about this answer."""
    return Feedback(
        summary=_summary(findings, flags),
        strengths=tuple(_strength(f) for f in findings if f.status is Status.covered),
        gaps=tuple(_gap(f) for f in _by_gain(findings) if f.status in (Status.missing, Status.partial)),
        corrections=tuple(_correction(m) for m in wrong),
    )


def quote(text: str) -> str:
    """The learner's words in quotation marks, shortened at a word."""
    flat = " ".join(text.split())
    if len(flat) > QUOTED:
        flat = flat[:QUOTED].rsplit(" ", 1)[0] + " …"
    return f"“{flat}”"


def _summary(findings: Sequence[Finding], flags: Sequence[Flag]) -> str:
    if Flag.empty in flags:
        return "There is nothing here to grade yet."
    number = {s: sum(f.status is s for f in findings) for s in Status}
    points = [f"{number[Status.covered]} of {len(findings)} points right"]
    if number[Status.partial]:
        points.append(f"{number[Status.partial]} half said")
    if number[Status.missing]:
        points.append(f"{number[Status.missing]} missing")
    if number[Status.contradicted]:
        points.append(f"{number[Status.contradicted]} said wrongly")
    said = f"{listing(points)}."
    remark = next((REMARKS[f] for f in flags if f in REMARKS), "")
    if not remark:
        remark = _next_step(findings)
    return f"{said} {remark}".strip()


def _next_step(findings: Sequence[Finding]) -> str:
    """The one thing that would help this answer most."""
    best = max(findings, key=lambda f: f.gain, default=None)
    if best is None or best.gain < 1:
        return ""
    if best.status is Status.contradicted:
        return f"Setting one thing right would gain most, about {best.gain:.0f} points: {best.statement}"
    return f"Most to gain, about {best.gain:.0f} points: {best.statement}"


REMARKS = {
    Flag.off_topic: "This seems to answer another question.",
    Flag.keyword_list: "A list of terms claims nothing: say what each one does.",
    Flag.restates_question: "This repeats the question; the answer is still to come.",
    Flag.not_english: "Only English is understood well, so please check this verdict yourself.",
    Flag.too_short: "A few words can hardly show what you know; write a sentence or two.",
    Flag.copied_reference: "These are the words of the reference; say it in your own.",
}


def _strength(finding: Finding) -> str:
    if not finding.evidence:
        return finding.statement
    return f"{quote(finding.evidence[0].text)} says it: {finding.statement}"


def _gap(finding: Finding) -> str:
    if finding.status is Status.partial and finding.evidence:
        return f"{quote(finding.evidence[0].text)} is only half of it: {finding.statement} (about +{finding.gain:.0f})"
    return f"Not said: {finding.statement} (about +{finding.gain:.0f})"


def _correction(wrong: Misconception) -> str:
    said = f"You wrote {quote(wrong.evidence[0].text)}. " if wrong.evidence else ""
    return f"{said}{wrong.correction}"


def _by_gain(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: -f.gain)
