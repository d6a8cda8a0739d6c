"""What is odd about an answer, apart from what it says: rules over its words, no model.

The words of question and reference come in as arguments; every limit below was set on the kinds
`stuffed`, `terse` and `hard` of the bank's labelled answers, see `docs/flags.md`.
"""

from collections.abc import Sequence

from grader.domain import Flag
from grader.text import overlap, shingles, tidy, words

FUNCTION_WORDS = frozenset(
    "a an the and or but not no nor so if then than that this these those there here it its it's i you he she we "
    "they them their your our my me us is are was were be been being am do does did done has have had can can't "
    "cannot could will would shall should may might must isn't aren't don't doesn't won't to of in on at by for "
    "from with without into onto over under between about as like when where which who whom whose what why how "
    "because while until unless since after before each every any all some only also just even both either "
    "neither more most less least very too up down out off again you're they're that's there's i'm we're".split()
)
# Frequent words of other languages that are not English ones as well.
FOREIGN = {
    "de": "der die das und ist nicht ein eine mit für auf den dem des wird sind auch sich oder werden kann zu im".split(),
    "fr": "le la les des est une un dans pour avec sur qui que pas sont ce cette aux ou du et par plus peut il".split(),
    "es": "el la los las es una un en para con por que no son se del como más al y su pero lo puede está".split(),
    "it": "il lo la gli le è una un di che non per con sono del della nel si ma anche questo più può come".split(),
    "pt": "o os as é uma um em para com por que não são se do da no na mais como ao pode mas os seu".split(),
    "nl": "de het een en is niet met voor op van zijn wordt ook dat die naar bij kan aan je als er".split(),
    "pl": "i w na jest nie się z do to że są dla jak po przez od który może oraz lub".split(),
}
TOO_SHORT = 4  # words
LISTED = 0.10  # share of function words below which a text of single words is a list
LIST_WORDS = 6  # words a list has at least
COPIED = 0.75  # share of the answer's five-word runs that stand in the reference
COPIED_WORDS = 12
RESTATED = 0.9  # share of the answer's words that stand in the question
OTHER_SCRIPT = 0.4  # share of letters that are not Latin
FOREIGN_WORDS = 0.22  # share of words that are frequent in one other language and not English
UNLIKE = 0.12  # cosine with question and reference below which an answer is on another subject


def oddities(
    answer: str, question: str = "", references: Sequence[str] = (), *, topical: float | None = None, said: bool = True
) -> tuple[Flag, ...]:
    """The flags of an answer. `topical`: its likeness to the subject; `said`: whether any concept was touched."""
    plain = tidy(answer)
    spoken = words(plain)
    if not any(c.isalnum() for c in plain):
        return (Flag.empty,)
    found = []
    if len(spoken) < TOO_SHORT and not _unspaced(plain):
        found.append(Flag.too_short)
    if _is_list(plain, spoken):
        found.append(Flag.keyword_list)
    if restates(answer, question):
        found.append(Flag.restates_question)
    if _is_copy(spoken, references):
        found.append(Flag.copied_reference)
    if _is_foreign(plain, spoken):
        found.append(Flag.not_english)
    if topical is not None and not said and topical < UNLIKE and Flag.too_short not in found:
        found.append(Flag.off_topic)
    return tuple(sorted(found, key=list(Flag).index))


def restates(answer: str, question: str) -> bool:
    """True where an answer says hardly a word that the question did not say."""
    asked, spoken = set(words(tidy(question))), words(tidy(answer))
    if not asked or len(spoken) < TOO_SHORT:
        return False
    new = [w for w in spoken if w not in asked and w not in FUNCTION_WORDS]
    return len(new) <= (1 - RESTATED) * len(spoken) and len(asked & set(spoken)) >= 0.5 * len(set(spoken))


def _is_list(plain: str, spoken: list[str]) -> bool:
    """Names in a row, with hardly a word that would join them into a claim."""
    if len(spoken) < LIST_WORDS:
        return False
    joined = sum(w in FUNCTION_WORDS for w in spoken) / len(spoken)
    marks = sum(plain.count(m) for m in "=>→:.;()")
    separators = plain.count(",") + plain.count("\n") + plain.count("/") + plain.count("|")
    lonely = separators >= len(spoken) / 4 or not any(m in plain for m in ",.;:\n")
    return joined < LISTED and lonely and marks <= len(spoken) / 12


def _is_copy(spoken: list[str], references: Sequence[str]) -> bool:
    if len(spoken) < COPIED_WORDS:
        return False
    mine = shingles(spoken, 5)
    return any(overlap(mine, shingles(words(tidy(r)), 5)) >= COPIED for r in references)


def _is_foreign(plain: str, spoken: list[str]) -> bool:
    letters = [c for c in plain if c.isalpha()]
    if letters and sum(ord(c) > 0x24F for c in letters) / len(letters) >= OTHER_SCRIPT:
        return True
    if len(spoken) < LIST_WORDS:
        return False
    english = sum(w in FUNCTION_WORDS for w in spoken)
    foreign = max(sum(w in frequent for w in spoken) for frequent in FOREIGN.values())
    return foreign / len(spoken) >= FOREIGN_WORDS and foreign > 1.5 * english


def _unspaced(plain: str) -> bool:
    """True for scripts that put no space between words."""
    return sum(ord(c) > 0x2E7F for c in plain) >= TOO_SHORT
