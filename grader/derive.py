"""Concepts out of a reference answer, for callers who bring no rubric.

A claim is a sentence, or a part of one that has its own subject and verb. Examples, asides and what is
only said to the reader are left out; a pronoun that points out of its claim is replaced by its noun, or
the claim stays with the one before it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from grader.domain import Concept
from grader.segment import sentences
from grader.text import shingles, tidy, words
from grader.verbs import begins_with_verb, many, verb

MOST = 12  # concepts; the contract's rubrics have up to about that many
JOINED = 45  # words of two claims that may become one
FEW = 3  # words of a claim at least

DROPPED = re.compile(
    r"^(?:for (?:example|instance)|e\.g\.|i\.e\.|such as|in short|in other words|in summary|to sum up|that is,|"
    r"by the way|as an aside|think of|imagine|say\b|picture|it (?:all )?depends\b[^,;:]*$|i think in\b|"
    r"let me\b|let's\b|hope this|see (?:also|the)\b)|\?$", re.I)
MARKED_EXAMPLE = re.compile(r"\b(?:for example|for instance|e\.g\.)", re.I)
EXAMPLE = re.compile(r"\s*[,–—-]\s*(?:e\.g\.,?|for example,?|for instance,?|such as|like|say)\s", re.I)
PARENTHESIS = re.compile(r"\s+\([^()]*\)")
BULLET = re.compile(r"^\(?(?:\d{1,2}|[a-z])[.)]\s+", re.I)
LEAD = re.compile(
    r"^(?:(?:and|but|or|also|whereas|while|yet|then|next|first|firstly|second|secondly|third|last|lastly|finally|so|thus|"
    r"moreover|furthermore|however|therefore|in addition|additionally|besides|again|now|today|of course|note that|"
    r"remember that|in practice|basically|essentially|in general|generally|typically|afterwards|apart from that),?\s+)+"
    r"(?=(?:i|you|we|it|they|the|a|an|this|these|that|those|each|every|all|any|no|my|your|our|its|their|in|on|at|with|"
    r"for|if|when|there)\b|['\"“‘]|(?-i:[A-Z]))", re.I)
JOINT = re.compile(r",\s+(?:and|but|while|whereas|yet)\s+", re.I)
# A part that begins so leans on what stands before it.
LEANS = re.compile(
    r"^(?:it|its|they|their|them|he|she|this|these|that|those|there|then|both|each|neither|either|one|ones|such|so|"
    r"which|who|whose|what|where|when|because|since|or|although|though|unless|if|not|otherwise|instead|after|"
    r"afterwards|here|others?|another|the (?:other|others|rest|former|latter|same|first|second|last|two)|above|below|"
    r"also|again|too|same|for that|from then|at that|with this|with that|in that|in this)\b", re.I)
# A sentence that begins so points to the one before it.
POINTS = re.compile(
    r"^(?:it|its|they|their|them|this|these|that|those|both|neither|one|such|otherwise|instead|"
    r"the (?:other|others|rest|former|latter|same)|"
    r"(?:for|with|in|on|at|by|above|below|without|besides|after|before|from) (?:it|them|that|this|those|these|both)"
    r"(?: and\b|,|$| (?:i|you|we|the|a|an|there)\b)|each (?:is|has|gets|can|may|must|needs|of them))"
    r"(?=\W|$)", re.I)
# Words before a main clause that hold for all of it: it is not cut.
FRAMES = re.compile(
    r"^(?:in|on|at|with|without|for|during|after|before|from|by|under|within|if|when|because|once|while|although|"
    r"since|as|unless|where|until|inside|outside|above|below|beyond|instead|to)\b", re.I)
CONTINUES = frozenset("with and but so because which while whereas".split())
PARTICIPLE = re.compile(r"\w+(?:ed|ing) (?:by|in|into|with|to|on|for|from|at|as|of)\b")
BACK = frozenset("it its they their them that this these those one ones".split())  # point out of a part
ASKING = frozenset("if when where while which who what how why because since although".split())
PRONOUN = re.compile(r"^(it|its|they|their)\b", re.I)
PERSONS = frozenset({"i", "you", "we", "he", "she", "one", "it", "they", "there", "this", "that", "these", "those"})
ADVERB = re.compile(r"(?:\s+(?:in contrast|itself|themselves|also|only|then|too|however|therefore|usually|always|now|"
                    r"never|often|both))+$", re.I)


class Subject(NamedTuple):
    """What a sentence is about."""

    noun: str
    many: bool


def derive(references: Sequence[str]) -> tuple[Concept, ...]:
    """The claims of the reference answers, in order, without repetition."""
    claims: list[str] = []
    for reference in references:
        claims += [c for c in _claims(tidy(reference)) if not _said(c, claims)]
    claims = claims or [t for r in references if (t := tidy(r))][:MOST]
    return tuple(Concept(id=f"c{n}", statement=_short(c)) for n, c in enumerate(_merged(claims), 1))


def _claims(reference: str) -> list[str]:
    """A reference's claims, each able to stand alone as far as rules can tell."""
    claims: list[str] = []
    subject: Subject | None = None  # what the sentence before was about
    for sentence in sentences(reference):
        plain = LEAD.sub("", _without_asides(BULLET.sub("", sentence)))
        if not _says_something(plain):
            continue
        parts = [LEAD.sub("", p) for p in _parts(plain)]
        if POINTS.match(parts[0]) and claims:
            named = _named(parts[0], subject)
            short = len(words(claims[-1])) + len(words(named)) <= JOINED
            if named == parts[0] and short and ";" not in claims[-1]:
                claims[-1] = f"{claims[-1].rstrip('.')}; {named[:1].lower()}{named[1:]}"
                claims += [_sentence(p) for p in parts[1:]]
                continue
            parts[0] = named
        claims += [_sentence(p) for p in parts]
        subject = _subject(parts[0]) or (subject if POINTS.match(plain) else None)
    return [c if c.endswith((".", "!")) else c + "." for c in claims]


def _without_asides(sentence: str) -> str:
    """A sentence without its parentheses and examples; nothing where it is one."""
    pieces = re.split(r";\s+", PARENTHESIS.sub("", sentence))
    return "; ".join(_without_example(p) for p in pieces if not _is_example(p)).strip()


def _is_example(piece: str) -> bool:
    """True where the whole piece is one: its mark stands before its verb."""
    mark = MARKED_EXAMPLE.search(piece)
    return mark is not None and verb(words(piece[: mark.start()])) is None


def _without_example(piece: str) -> str:
    """A piece without "…, such as this and that", as long as what is left is a clause."""
    mark = EXAMPLE.search(piece)
    if not mark:
        return piece
    before, rest = piece[: mark.start()], piece[mark.end() :]
    for comma in re.finditer(r",\s+", rest):
        tail = rest[comma.end() :]
        said = words(tail) or [""]
        if begins_with_verb(said):
            return f"{before} {tail}"
        if PARTICIPLE.match(tail) or (said[0] in CONTINUES and (said[0] == "with" or verb(said) is not None)):
            return f"{before}, {tail}"
    return piece if verb(words(before)) is None else before + ("." if piece.endswith(".") else "")


def _says_something(plain: str) -> bool:
    said = words(plain)
    heading = plain.endswith(":") and len(said) < 2 * FEW
    return len(said) >= FEW and not DROPPED.search(plain) and not heading


def _parts(sentence: str) -> list[str]:
    """A sentence cut where a part begins that has subject and verb of its own."""
    parts: list[str] = []
    for piece in re.split(r";\s+", sentence):
        if parts and not _stands_alone(piece):
            parts[-1] = f"{parts[-1]}; {piece}"
        else:
            parts += [piece] if FRAMES.match(piece) else _cut(piece)
    return parts


def _cut(piece: str) -> list[str]:
    parts, begin = [], 0
    for joint in JOINT.finditer(piece):
        left, right = piece[begin : joint.start()], piece[joint.end() :]
        if verb(words(left)) is not None and _stands_alone(right) and ":" not in left:
            parts.append(left)
            begin = joint.end()
    return [*parts, piece[begin:]]


def _stands_alone(piece: str) -> bool:
    """True for a part that begins with a subject of its own and soon comes to its verb."""
    if LEANS.match(piece) or FRAMES.match(piece):
        return False
    said = words(piece)
    at = verb(said)
    if at is None or not 1 <= at <= 7 or len(said) <= FEW:
        return False
    subject = " ".join(piece.split()[:at])
    plain = words(subject) == said[:at] and "," not in subject and not ASKING & {*said[:at]}
    return plain and not BACK & {*said[:at], *said[-2:]}


def _subject(sentence: str) -> Subject | None:
    """The noun phrase that a sentence is about, where it is short and plain."""
    if FRAMES.match(sentence):
        head, comma, rest = sentence.partition(", ")
        sentence = rest if comma and len(head.split()) <= 6 else ""
    said = words(sentence)
    at = verb(said)
    if at is None or not 1 <= at <= 5 or said[0] in PERSONS or POINTS.match(sentence):
        return None
    phrase = " ".join(sentence.split()[:at])
    if words(phrase) != said[:at] or re.search(r"[,;:]", phrase):
        return None
    return Subject(ADVERB.sub("", phrase), many(said, at))


def _named(part: str, subject: Subject | None) -> str:
    """A part with its first pronoun replaced by the subject before it, where the number agrees."""
    pronoun = PRONOUN.match(part)
    if not pronoun or not subject:
        return part
    word = pronoun.group(1).lower()
    if (word in ("they", "their")) is not subject.many:
        return part
    owns = "" if word in ("it", "they") else "'" if subject.many else "'s"
    return f"{subject.noun}{owns}{part[pronoun.end():]}"


def _sentence(text: str) -> str:
    bare = text.strip().rstrip(" ,;:")
    # "iSCSI" and "aws:SourceIp" keep their small letter.
    return bare if re.match(r"[a-z]+[A-Z:_]", bare) else bare[:1].upper() + bare[1:]


def _said(claim: str, earlier: Sequence[str]) -> bool:
    """True where nearly all words of a claim stand in an earlier one."""
    mine = shingles(words(claim), 1)
    return any(len(mine & shingles(words(e), 1)) >= 0.9 * len(mine) for e in earlier)


def _merged(claims: list[str]) -> list[str]:
    """At most so many concepts: the shortest neighbours are joined until they fit."""
    while len(claims) > MOST:
        i = min(range(len(claims) - 1), key=lambda k: len(claims[k]) + len(claims[k + 1]))
        claims = [*claims[:i], f"{claims[i]} {claims[i + 1]}", *claims[i + 2 :]]
    return claims


def _short(claim: str) -> str:
    return claim if len(claim) <= 600 else claim[:599].rsplit(" ", 1)[0] + "…"
