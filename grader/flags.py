"""What is odd about an answer, apart from what it says: rules over its words, no model.

The words of question and reference come in as arguments.
"""

import re
from collections.abc import Sequence

from grader.domain import Flag
from grader.text import overlap, shingles, tidy, words
from grader.verbs import verb

FUNCTION_WORDS = frozenset(
    "a an the and or but not no nor so if then than that this these those there here it its it's i you he she we "
    "they them their your our my me us is are was were be been being am do does did done has have had can can't "
    "cannot could will would shall should may might must isn't aren't don't doesn't won't to of in on at by for "
    "from with without into onto over under between about as like when where which who whom whose what why how "
    "because while until unless since after before each every any all some only also just even both either "
    "neither more most less least very too up down out off again you're they're that's there's i'm we're".split()
)
# What people say who have nothing to say.
PHRASES = frozenset(
    "know known idea ideas sorry sure unsure remember recall clue dunno idk pass skip forgot forgotten unfortunately "
    "honestly question answer think next please never used heard learned learnt yet well hmm good great nice thanks "
    "thank asking depends situation look long ago moment maybe perhaps guess say tell ask hello hi mind blank nothing "
    "something anything much bit lot topic subject interesting important".split()
)
# Frequent words of other languages, as a person would write them in an answer about technology.
FOREIGN = {
    "cs": "a je se na v že to s z do jsou není pro ale nebo jako který která také jen při pak může lze".split(),
    "da": "og er det en et ikke til på af med som for den de kan har men også hvis når bliver eller".split(),
    "de": "der die das und ist nicht ein eine mit für auf den dem des wird sind auch sich oder werden kann zu".split(),
    "es": "el la los las es una un en para con por que no son se del como más al y su pero lo puede está".split(),
    "fi": "on ja ei se että tai sekä myös jos kun niin ovat voi kuin mutta joka eivät sen".split(),
    "fr": "le la les des est une un dans pour avec sur qui que pas sont ce cette aux ou du et par plus peut il".split(),
    "hu": "a az és nem egy van hogy is de vagy ha csak mint meg lehet ezt ami akkor".split(),
    "id": "yang dan di ke dari untuk tidak adalah ini itu dengan pada atau bisa akan jika oleh juga".split(),
    "it": "il lo la gli le è una un di che non per con sono del della nel si ma anche questo più può come".split(),
    "nl": "de het een en is niet met voor op van zijn wordt ook dat die naar bij kan aan je als er".split(),
    "pl": "i w na jest nie się z do to że są dla jak po przez od który może oraz lub".split(),
    "pt": "o os as é uma um em com para por que não são se do da no na mais como ao pode mas os seu".split(),
    "ro": "și este nu un o la de pe în cu care sunt pentru sau mai din se că dar poate".split(),
    "sv": "och är det en ett inte till på av med som för den de kan har men också om när blir eller".split(),
    "tr": "ve bir bu da de için ile değil olarak olan ise gibi daha çok her ya veya kadar".split(),
}
# Every number below was set on the bank's labelled answers; docs/flags.md has the figures.
TOO_SHORT = 4  # words
LIST_WORDS = 6  # words a list has at least
BARE_WORDS = 4  # words of a list's item at most
BARE_ITEMS = 5  # bare items that make a list
BARE_SHARE = 0.6  # share of the words that stand in bare items
LINKS = 0.08  # links such as = and -> for each word: above it, notes that claim something
RUN_WORDS = 8  # words of a list without separators
RUN_JOINED = 0.26  # share of function words in such a list at most
COPIED = 0.75  # share of the answer's five-word runs that stand in the reference
COPIED_WORDS = 12
RESTATED = 0.9  # share of the answer's words that stand in the question
CLOSED = 0.8  # share of the word pairs, where the question names its possible answers
OTHER_SCRIPT = 0.4  # share of letters that are not Latin
FOREIGN_WORDS = 0.22  # share of words that are frequent in one other language
ALIEN = 0.15  # likeness of its nearest clause below which an answer says nothing of the subject, see docs/flags.md
SURE = 0.8  # belief that makes up for a likeness below UNLIKE: pictures in other words are far from the rubric too
UNLIKE = 0.25  # cosine with question and reference below which an answer is on another subject
SUBJECT_WORDS = 6  # words, function words aside, below which there is no subject to be wrong

SEPARATOR = re.compile(r"\s*(?:[,;|\n•]|\s/\s|[.:](?=\s|$))\s*")
LINK = re.compile(r"[=→⇒≤≥<>+&]|->|[:;](?=\s)|\.(?=\s+\S)|(?:^|\s)\(|\bw/|\bvs\b|\s[-–—]\s")
CLOSED_QUESTION = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|will|would|should|must|may|has|have)\b|\bor\b", re.I)


def oddities(
    answer: str, question: str = "", references: Sequence[str] = (), *, topical: float | None = None, said: bool = True
) -> tuple[Flag, ...]:
    """The flags of an answer. `topical`: its likeness to the subject; `said`: whether any concept was touched."""
    plain = tidy(answer)
    spoken = words(plain)
    if is_empty(plain):
        return (Flag.empty,)
    found = []
    if len(spoken) < TOO_SHORT and not _unspaced(plain):
        found.append(Flag.too_short)
    foreign = _is_foreign(plain, spoken)
    if _is_list(plain, spoken) and not foreign:
        found.append(Flag.keyword_list)
    if restates(answer, question):
        found.append(Flag.restates_question)
    if _is_copy(spoken, references):
        found.append(Flag.copied_reference)
    if foreign:
        found.append(Flag.not_english)
    if topical is not None and not said and topical < UNLIKE and len(_content(spoken)) >= SUBJECT_WORDS:
        found.append(Flag.off_topic)
    return tuple(sorted(found, key=list(Flag).index))


def is_empty(answer: str) -> bool:
    """True where no letter and no digit is left once markup and invisible characters are gone."""
    return not any(c.isalnum() for c in tidy(answer))


def says_nothing(answer: str, question: str) -> bool:
    """True where there is nothing to read: an empty answer, the question again, "I don't know, sorry"."""
    if is_empty(answer) or restates(answer, question):
        return True
    # "No" may answer a closed question, and a script without spaces has words that we do not know.
    plain = tidy(answer)
    open_question = not CLOSED_QUESTION.search(question.strip())
    return open_question and not _unspaced(plain) and not set(_content(words(plain))) - PHRASES


def is_alien(answer: str, near: float, sure: float) -> bool:
    """True where an answer is about something else, whatever the verifier believes to read in it.

    `near`: the likeness of its nearest clause to rubric and question; `sure`: the verifier's highest belief
    that a concept was touched. A verifier can be taken in by fluent claims on another subject.
    """
    far = near < ALIEN or (near < UNLIKE and sure < SURE)
    return far and len(_content(words(tidy(answer)))) >= SUBJECT_WORDS


def restates(answer: str, question: str) -> bool:
    """True where an answer says hardly a word that the question did not say.

    A closed question ("stateful or stateless?", "is it durable?") holds the words of its answers; there only
    the same words in the same order repeat it.
    """
    asked, spoken = words(tidy(question)), words(tidy(answer))
    if not asked or len(spoken) < TOO_SHORT:
        return False
    if CLOSED_QUESTION.search(question.strip()):
        return overlap(shingles(spoken, 2), shingles(asked, 2)) >= CLOSED
    new = [w for w in _content(spoken) if w not in asked]
    return len(new) <= (1 - RESTATED) * len(spoken) and len(set(asked) & set(spoken)) >= 0.5 * len(set(spoken))


def _content(spoken: Sequence[str]) -> list[str]:
    return [w for w in spoken if w not in FUNCTION_WORDS]


def _is_list(plain: str, spoken: list[str]) -> bool:
    """Names in a row: many short items that nothing links, or one long run of words without a verb."""
    if len(spoken) < LIST_WORDS:
        return False
    items = [words(item) for item in SEPARATOR.split(plain) if item.strip()]
    links = len(LINK.findall(plain))
    bare = [i for i in items if 0 < len(i) <= BARE_WORDS and not FUNCTION_WORDS & set(i) and verb(i) is None]
    share = sum(len(i) for i in bare) / len(spoken)
    if len(bare) >= BARE_ITEMS and share >= BARE_SHARE and links <= LINKS * len(spoken):
        return True
    joined = 1 - len(_content(spoken)) / len(spoken)
    run = len(spoken) >= RUN_WORDS and len(spoken) >= BARE_WORDS * len(items)
    return run and not links and joined < RUN_JOINED and verb(spoken) is None


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
    marked = {w for w in spoken if not w.isascii()}  # letters such as ą and ö, in any Latin language
    foreign = max(sum(w in frequent or w in marked for w in spoken) for frequent in FOREIGN.values())
    return foreign / len(spoken) >= FOREIGN_WORDS and foreign > 1.5 * english


def _unspaced(plain: str) -> bool:
    """True for scripts that put no space between words."""
    return sum(ord(c) > 0x2E7F for c in plain) >= TOO_SHORT
