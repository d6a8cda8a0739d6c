"""Somebody's interview notes into draft questions of the bank; a person makes questions of them.

A draft's concepts are derived from its answer, claim by claim. Drafts lie in a folder of their own, one
sheet a topic, which can be loaded and checked as any bank.
"""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct

from grader.bank import Bank
from grader.derive import derive
from grader.domain import Base, Level, Question
from grader.embed import Encoder
from grader.entries import Entry
from grader.errors import BadInput
from grader.lexicon import Lexicon
from grader.mojibake import repair
from grader.notes import Notes, read_notes
from grader.search import duplicates
from grader.sheet import write_sheet
from grader.text import words

LARGEST = 5_000_000  # bytes of one document
QUESTION_MOST, ANSWER_MOST = 600, 20_000  # characters; what the bank's format takes
ID_WORDS = 6
EMPTY_WORDS = frozenset(
    "a an the and or of to in on for with is are do does did you your what how why when which where who explain "
    "describe can could would it its be by from between difference differences tell me about i we there name list "
    "give".split())
ASIDE = re.compile(r"(?ims)^\W*(?:example|for example|note|tip|output|syntax)s?\b\W.*?(?=^\s*$|\Z)|^```.*?^```[^\n]*$")


class Imported(Base, frozen=True):
    """A question found in a document, as `grader bank import --json` tells it."""

    question: str
    answer: str | None
    level: Level | None
    topic: str | None
    line: int
    duplicate_of: str | None


class Import(Struct, frozen=True):
    """What a document gave: its questions in order, what stayed unread, and what was put right on the way."""

    found: tuple[Imported, ...]
    unread: tuple[tuple[int, str], ...]
    repaired: int  # signs that were wrongly decoded
    cut: tuple[int, ...]  # lines of questions or answers that were too long


def read_document(name: str, data: bytes) -> tuple[str, int]:
    """A document's text with wrongly decoded signs put right, and how many there were."""
    if len(data) > LARGEST:
        raise BadInput(f"{name}: {len(data):,} bytes; at most {LARGEST:,}")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # Older editors write one byte a sign; every byte is some sign of Latin-1.
        text = data.decode("cp1252", "replace") if b"\0" not in data else ""
    if "\0" in text or (data and not text):
        raise BadInput(f"{name}: not a text")
    return repair(text)


def import_notes(
    name: str, data: bytes, bank: Bank, encoder: Encoder, lexicon: Lexicon, cache: Path | None = None
) -> Import:
    """Every question of a document, with near-duplicates of the bank's questions pointed out."""
    text, repaired = read_document(name, data)
    notes = read_notes(text)
    typed = duplicates([e.question for e in notes.entries], list(bank), encoder, cache)
    # "SG vs NACL" is known as the question it is only when it is spelt out.
    spelt = duplicates([lexicon.spelled(e.question) for e in notes.entries], list(bank), encoder, cache)
    same = [a or b for a, b in zip(typed, spelt, strict=True)]
    topics = {q.topic for q in bank}
    found = tuple(_imported(e, s, topics, lexicon) for e, s in zip(notes.entries, same, strict=True))
    return Import(found, tuple(notes.unread), repaired, _cut(notes))


def drafts(
    found: Sequence[Imported], taken: Collection[str] = (), default: str = "imported"
) -> dict[str, tuple[Question, ...]]:
    """Draft questions by topic, of those that have an answer; ids are new."""
    used = set(taken)
    sheets: dict[str, list[Question]] = {}
    for entry in found:
        if entry.answer is None:
            continue
        concepts = derive([_core(entry.answer)]) or derive([entry.answer])
        if not concepts:
            continue
        topic = entry.topic or default
        near = (entry.duplicate_of,) if entry.duplicate_of else ()
        sheets.setdefault(topic, []).append(Question(
            id=_id(entry.question, used), topic=topic, level=entry.level or Level.intermediate,
            question=_shortened(entry.question, QUESTION_MOST), reference=_shortened(entry.answer, ANSWER_MOST),
            concepts=concepts, see_also=near, draft=True))
    return {topic: tuple(questions) for topic, questions in sheets.items()}


def write_drafts(folder: Path, found: Sequence[Imported], bank: Bank, default: str) -> list[Path]:
    """Writes the drafts into a folder, a file a topic, and the questions without an answer; overwrites nothing."""
    files = {f"{topic}.yaml": write_sheet(topic, questions)
             for topic, questions in drafts(found, bank.questions, default).items()}
    bare = [e for e in found if e.answer is None]
    if bare:
        files["unanswered.md"] = "".join(f"- {e.question}\n" for e in bare)
    there = [folder / name for name in files if (folder / name).exists()]
    if there:
        raise BadInput(*(f"{path} exists; import overwrites nothing, give another folder with -o" for path in there))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        with (folder / name).open("x", encoding="utf-8") as stream:
            stream.write(text)
    return [folder / name for name in files]


def _imported(e: Entry, duplicate_of: str | None, topics: set[str], lexicon: Lexicon) -> Imported:
    return Imported(question=e.question, answer=e.answer, level=e.level, topic=_topic(e.topic, topics, lexicon),
                    line=e.line, duplicate_of=duplicate_of)


def _topic(heading: str | None, topics: set[str], lexicon: Lexicon) -> str | None:
    """A heading as a topic: one of the bank's where it names one, else its own words."""
    if not heading:
        return None
    slug = _slug(heading.split())
    told = set(words(heading)) | set(words(lexicon.spelled(heading)))
    named = [t for t in topics if t == slug or set(t.split("-")) <= told]
    return max(sorted(named), key=len, default=slug) or None


def _core(answer: str) -> str:
    """An answer without examples and code, its tables told as sentences: what concepts are derived from."""
    plain = ASIDE.sub("", answer)
    lines: list[str] = []
    head: list[str] = []
    for line in plain.split("\n"):
        cells = [c.strip() for c in line.split("\t")] if "\t" in line else []
        if not cells:
            head = []
            lines.append(re.sub(r"^\s*(?:[-*•]|\d+\.)\s+", "", line))
        elif not head:
            head = cells
        else:
            lines.append(_told_row(head, cells))
    return "\n".join(lines)


def _told_row(head: list[str], cells: list[str]) -> str:
    """A row of a comparison as one sentence: "Stateful: security group yes; network ACL no"."""
    if len(head) == len(cells) > 2:
        return f"{cells[0]}: " + "; ".join(f"{h} {c}" for h, c in zip(head[1:], cells[1:], strict=True)) + "."
    return "; ".join(f"{h}: {c}" for h, c in zip(head, cells, strict=False)) + "."


def _id(question: str, used: set[str]) -> str:
    """A new id out of a question's telling words."""
    base = _slug([w for w in words(question) if w not in EMPTY_WORDS][:ID_WORDS]) or "question"
    free = next(c for c in (base, *(f"{base}-{n}" for n in range(2, len(used) + 3))) if c not in used)
    used.add(free)
    return free


def _slug(parts: Sequence[str]) -> str:
    return re.sub(r"[^a-z0-9]+", "-", " ".join(parts).lower()).strip("-")[:70].strip("-")


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _cut(notes: Notes) -> tuple[int, ...]:
    return tuple(e.line for e in notes.entries
                 if len(e.question) > QUESTION_MOST or len(e.answer or "") > ANSWER_MOST)
