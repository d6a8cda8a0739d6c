"""A learner's data out and back as JSON, out as CSV and Anki cards; a bank out as Moodle GIFT."""

import csv
import hashlib
import html
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from grader.bank import Bank
from grader.domain import Attempt, Base, Grade, Question, Status
from grader.errors import BadInput
from grader.faults import parse
from grader.progress.days import moment, stamp
from grader.store import Dispute

FORMAT, VERSION = "answer-grader learner", 1


class LaterGrade(Base, frozen=True):
    """The grade that a later engine gave to an attempt."""

    attempt: str
    engine: str
    created: str
    grade: Grade


class Dump(Base, frozen=True):
    """Everything that is stored about a learner."""

    learner: str
    created: str | None
    exported: str
    attempts: tuple[Attempt, ...]
    disputes: tuple[Dispute, ...] = ()
    regrades: tuple[LaterGrade, ...] = ()
    format: Literal["answer-grader learner"] = "answer-grader learner"
    version: int = VERSION
    checksum: str = ""  # of all of the above that is the learner's; tells a damaged file from a whole one


# ---------------------------------------------------------------- JSON, out and back


def dumped(dump: Dump) -> bytes:
    """An export as JSON, with its checksum."""
    return msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(dump, checksum=_checksum(dump)))) + b"\n"


def undumped(data: bytes) -> Dump:
    """An export read back; raises BadInput with all that is wrong with it."""
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise BadInput(f"not JSON, or cut off: {fault}") from None
    if not isinstance(raw, dict) or "attempts" not in raw or raw.get("format", FORMAT) != FORMAT:
        raise BadInput(f"not an export of a learner: expected an object with \"format\": \"{FORMAT}\"")
    if isinstance(raw.get("version"), int) and raw["version"] > VERSION:
        raise BadInput(f"$.version: {raw['version']} was written by a newer version of answer-grader; update it")
    dump = parse(raw, Dump)
    wrong = _inconsistent(dump)
    if dump.checksum and dump.checksum != _checksum(dump):
        wrong.append("$.checksum: does not fit the content: the file was altered or damaged after it was written")
    if wrong:
        raise BadInput(*wrong)
    attempts = tuple(msgspec.structs.replace(a, created=stamp(moment(a.created))) for a in dump.attempts)
    return msgspec.structs.replace(dump, attempts=attempts)


def _checksum(dump: Dump) -> str:
    content = [dump.learner, dump.created, dump.attempts, dump.disputes, dump.regrades]
    return "sha256:" + hashlib.sha256(msgspec.json.encode(content)).hexdigest()


def _inconsistent(dump: Dump) -> list[str]:
    """What no single field shows."""
    wrong = []
    ids: set[str] = set()
    for n, attempt in enumerate(dump.attempts):
        if attempt.id in ids:
            wrong.append(f"$.attempts[{n}].id: {attempt.id!r} is there twice")
        ids.add(attempt.id)
        if attempt.learner != dump.learner:
            wrong.append(f"$.attempts[{n}].learner: {attempt.learner!r} is not {dump.learner!r}, whose export this is")
        try:
            moment(attempt.created)
        except BadInput as fault:
            wrong.append(f"$.attempts[{n}].created: {fault}")
    for name, attempts in (("disputes", [d.attempt for d in dump.disputes]),
                           ("regrades", [r.attempt for r in dump.regrades])):
        wrong += [f"$.{name}[{n}].attempt: no attempt {attempt!r} in this file"
                  for n, attempt in enumerate(attempts) if attempt not in ids]
    return wrong


def merged(dump: Dump, stored: Sequence[Attempt], learner: str, *, mix: bool = False) -> list[Attempt]:
    """The attempts of an export that a learner does not have yet, oldest first, under the learner's id.

    Raises BadInput where one is stored with another content, and where the file seems to be somebody else's.
    """
    ours = {a.id: a for a in stored}
    fresh, wrong = [], []
    for attempt in dump.attempts:
        renamed = msgspec.structs.replace(attempt, learner=learner)
        if attempt.id not in ours:
            fresh.append(renamed)
        elif ours[attempt.id] != renamed:
            wrong.append(f"attempt {attempt.id} is stored already, and differs from the one in the file")
    if wrong:
        raise BadInput(*wrong)
    if stored and fresh and len(fresh) == len(dump.attempts) and not mix:
        raise BadInput(f"{learner} has {len(stored)} attempts and none of them is in this file: it may be somebody "
                       "else's. Import it --as another learner, or --mix both")
    return sorted(fresh, key=lambda a: (a.created, a.id))


# ---------------------------------------------------------------- CSV

COLUMNS = ("id", "created", "question_id", "topic", "question", "answer", "score", "score_low", "score_high", "verdict",
           "coverage", "confidence", "needs_review", "covered", "partial", "missing", "contradicted", "hint_used",
           "revealed", "engine")


def csv_of(attempts: Iterable[Attempt], bank: Bank) -> str:
    """Attempts as a table, oldest first; concept ids by status, separated by spaces."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for attempt in sorted(attempts, key=lambda a: (a.created, a.id)):
        table.writerow([_cell(value) for value in _row(attempt, bank)])
    return out.getvalue()


def _row(attempt: Attempt, bank: Bank) -> tuple[object, ...]:
    grade = attempt.grade
    question = bank.questions.get(attempt.question_id)
    said = [" ".join(f.id for f in grade.concepts if f.status is status) for status in Status]
    return (attempt.id, attempt.created, attempt.question_id, question.topic if question else "",
            question.question if question else "", attempt.answer, grade.score, grade.score_low, grade.score_high,
            grade.verdict.value, grade.coverage, grade.confidence, grade.needs_review, *said, attempt.hint_used,
            attempt.revealed, grade.engine)


def _cell(value: object) -> object:
    """A spreadsheet takes a text that begins like this for a formula and runs it; an apostrophe keeps it a text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


# ---------------------------------------------------------------- Anki

ANKI_DECK = "Interview practice"
ANKI_FIELDS = ("Question", "Reference", "Points", "My gaps", "Topic", "Id")
ANKI_STYLE = """.card { font: 18px/1.5 sans-serif; text-align: left; max-width: 40em; margin: auto; }
.topic { color: #777; font-size: 14px; }
h2 { font-size: 15px; margin: 1em 0 .2em; }"""
ANKI_FRONT = '<p class="topic">{{Topic}}</p><p>{{Question}}</p>'
ANKI_BACK = """{{FrontSide}}<hr id="answer"><p>{{Reference}}</p>{{Points}}
{{#My gaps}}<h2>Not safe yet</h2>{{My gaps}}{{/My gaps}}"""


def anki(questions: Iterable[Question], gaps: Mapping[str, Sequence[str]], now: datetime) -> bytes:
    """Questions as an .apkg file, a deck per topic, with the learner's own gaps on the back.

    Model, decks and notes have the same ids each time, so that importing again updates the cards in place and
    keeps what Anki knows of their schedule.
    """
    import genanki

    model = genanki.Model(
        _stable("model"), "Interview question", fields=[{"name": name} for name in ANKI_FIELDS],
        templates=[{"name": "Card 1", "qfmt": ANKI_FRONT, "afmt": ANKI_BACK}], css=ANKI_STYLE)
    decks: dict[str, Any] = {}
    for question in questions:
        name = f"{ANKI_DECK}::{question.topic}" if question.topic else ANKI_DECK
        deck = decks.setdefault(name, genanki.Deck(_stable(f"deck {name}"), name))
        deck.add_note(genanki.Note(
            model=model, fields=_anki_fields(question, gaps.get(question.id, ())),
            tags=[tag.replace(" ", "-") for tag in (question.topic, question.level.value, *question.tags) if tag],
            guid=genanki.guid_for("answer-grader", question.id)))
    out = io.BytesIO()
    genanki.Package(list(decks.values())).write_to_file(out, timestamp=now.timestamp())
    return out.getvalue()


def _anki_fields(question: Question, gaps: Sequence[str]) -> list[str]:
    references = (question.reference,) if isinstance(question.reference, str) else question.reference
    return [_html(question.question), "<br><br>".join(_html(r) for r in references),
            _list(c.statement for c in question.concepts), _list(gaps), _html(question.topic), question.id]


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_html(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _html(text: str) -> str:
    return "<br>".join(html.escape(text.strip(), quote=False).splitlines())


def _stable(name: str) -> int:
    """A number from a name, in the range of Anki's own ids."""
    return 1 << 40 | int.from_bytes(hashlib.sha256(f"answer-grader {name}".encode()).digest()[:5])


# ---------------------------------------------------------------- Moodle GIFT


def gift(questions: Iterable[Question]) -> str:
    """Questions as Moodle essay questions in GIFT, by topic, the reference and its points as general feedback."""
    lines = ["// Essay questions in Moodle's GIFT format. Import: Question bank, Import, GIFT format."]
    topics: dict[str, list[Question]] = {}
    for question in questions:
        topics.setdefault(question.topic, []).append(question)
    for topic, members in topics.items():
        lines += ["", f"$CATEGORY: {ANKI_DECK}/{_gift(topic).replace('/', '//')}", ""]
        for question in members:
            references = (question.reference,) if isinstance(question.reference, str) else question.reference
            points = [f"- {c.statement}" for c in question.concepts]
            told = _gift("\n".join([*references, "", *points]))
            lines += [f"::{_gift(question.id)}:: [plain]{_gift(question.question)} {{####[plain]{told}}}", ""]
    return "\n".join(lines)


def _gift(text: str) -> str:
    """A text in which nothing is a command to GIFT, on one line."""
    text = text.strip().replace("\\", "\\\\")
    for mark in "~=#{}:":
        text = text.replace(mark, "\\" + mark)
    return "\\n".join(text.splitlines())
