"""Concepts out of a reference answer, for callers who bring no rubric.

One claim a sentence or clause; examples, asides and pieces without a verb are left out.
"""

import re
from collections.abc import Sequence

from grader.domain import Concept
from grader.segment import segment, sentences
from grader.text import shingles, tidy, words

ASIDE = re.compile(
    r"^(?:for (?:example|instance)|e\.g\.|i\.e\.|such as|in short|in other words|in practice|note that|"
    r"that is|of course|by the way|as an aside|think of|imagine|say,)", re.I)
EXAMPLE = re.compile(r"\s*[,(–—-]\s*(?:e\.g\.,?|for example,?|for instance,?|such as|like)\s[^.;)]*\)?", re.I)
PARENTHESIS = re.compile(r"\s*\([^()]*\)")
# A clause that starts so leans on the one before it and is kept together with it.
LEANS = re.compile(r"^(?:which|who|whose|so|because|since|where|when|that|then|or|although|though|while|unless|if|"
                   r"not|only|unlike|and (?:so|then|thus))\b", re.I)
PRONOUN = re.compile(r"^(?:and |but |whereas |while )?(?:it|they|this|these|that|those|he|she)\b", re.I)
LEAD = re.compile(r"^(?:and|but|also|whereas|while|yet|then|moreover|furthermore|however|in addition|finally|so),?\s+",
                  re.I)
MIN_WORDS = 4
MOST = 12  # concepts; the contract's rubrics have up to about that many


def derive(references: Sequence[str]) -> tuple[Concept, ...]:
    """The claims of the reference answers, in order, without repetition."""
    claims: list[str] = []
    for reference in references:
        for sentence in sentences(tidy(reference)):
            claims += [c for c in _claims(sentence) if not _said(c, claims)]
    claims = claims or [tidy(r) for r in references if tidy(r)][:MOST]
    return tuple(Concept(id=f"c{n}", statement=_short(c)) for n, c in enumerate(_merged(claims), 1))


def _claims(sentence: str) -> list[str]:
    """A sentence's claims: one, or one a clause where the clauses stand on their own."""
    plain = EXAMPLE.sub("", sentence)
    plain = PARENTHESIS.sub("", plain).strip()
    if ASIDE.match(plain) or len(words(plain)) < MIN_WORDS:
        return [sentence] if not ASIDE.match(plain) and len(words(sentence)) >= MIN_WORDS else []
    pieces: list[str] = []
    for clause in segment(plain):
        text = clause.text.strip()
        stands_alone = len(words(text)) >= MIN_WORDS and not LEANS.match(text) and not PRONOUN.match(text)
        if pieces and not stands_alone:
            pieces[-1] = f"{pieces[-1].rstrip('.')}, {text}"
        else:
            pieces.append(text)
    return [_sentence(p) for p in pieces if not ASIDE.match(p)]


def _sentence(text: str) -> str:
    bare = LEAD.sub("", text.strip()).rstrip(" ,;:")
    bare = bare[:1].upper() + bare[1:]
    return bare if bare.endswith((".", "!", "?")) else bare + "."


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
