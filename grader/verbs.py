"""Finds the finite verb of an English clause without a parser: by a list, and by the words around.

Good enough to tell "the queue keeps a message" from "the queue of messages"; a verb that is not in the
list makes a clause look like none, and whoever asks then leaves it whole.
"""

import re
from collections.abc import Sequence

# Always a finite verb.
FINITE = frozenset((
    "is are was were be has have had can cannot can't may might must will would should could do does did don't "
    "doesn't isn't aren't won't needn't gets goes means needs knows keeps becomes lets says"
).split())
# Never a noun in the forms that count, with -s or after a plural.
VERBS = (
    "absorb accept add adapt adjust affect allow appear apply arrive ask assign assume attach avoid become begin "
    "belong bring build buy catch choose collect come compare compute configure connect consist contain continue copy "
    "create decide declare define delete deliver deny depend deploy describe determine differ disable discover "
    "distribute divide draw enable encrypt enforce ensure evaluate exclude execute exist expire expose extend fail "
    "fetch find fit flap follow forbid gather generate get give go grant grow handle happen help hide hold identify "
    "ignore implement improve include increase inherit initialise initialize inspect install integrate invoke isolate "
    "join keep know launch lead leave let lie live lose maintain make manage mean meet merge mirror move need observe "
    "obtain operate overrule own pay perform persist pick prevent produce profit promote propagate protect prove "
    "provide publish push put reach react rebuild receive recommend recover redirect reduce refer refuse register "
    "reject relate rely remain remember remove render replace replicate represent require resolve respond restore "
    "restrict resume retain retry reuse reveal roll rotate save say see seem select send separate serve settle shut "
    "sign simplify sit skip solve specify spend spread stay steer stop submit succeed suit survive take tell "
    "terminate throttle transform translate treat understand validate vary verify wait want warn weigh write"
).split()
FORMS = frozenset(VERBS) | {
    v[:-1] + "ies" if re.search("[^aeiou]y$", v) else v + "es" if re.search("(?:s|x|z|ch|sh|o)$", v) else v + "s"
    for v in VERBS}
# As often a noun: a verb only where an object or a place follows.
UNSURE = frozenset((
    "answer answers block blocks caches call calls cause causes change changes check checks controls cost costs cover "
    "covers cuts drops ends fills filters forces forwards guarantees hosts leads limits lists loads logs looks lowers "
    "maps matches monitors names offers opens passes places points polls processes pulls queries queues raises reads "
    "records releases reports requests results returns reviews routes run runs scales scans schedules sets share "
    "shares shifts show shows signs spans splits stands start starts states store stores streams supports switches "
    "tests tracks transfers triggers trusts turns updates use uses visits watch watches work works"
).split())
OBJECT = frozenset(
    "a an the its their all every each no any one two three many more only on in at to from by with for over up out "
    "off through into across as like it them you me us both that what how".split())
SUBJECTS = frozenset("it them you one both all each that what".split())
PLURALS = frozenset("i you we they that which who people".split())
MANY = frozenset("are were have do don't aren't".split())
ONE = frozenset("is was has does isn't doesn't".split()) | {f for f in FORMS if f.endswith("s")}


def verb(said: Sequence[str]) -> int | None:
    """The place of the first word that is surely a finite verb."""
    return next((i for i in range(len(said)) if _finite(said, i)), None)


def begins_with_verb(said: Sequence[str]) -> bool:
    """True where the first word is a verb already: its subject stands elsewhere."""
    return bool(said) and (said[0] in FINITE | FORMS or (said[0] in UNSURE and said[1:2] != [] and said[1] in OBJECT))


def many(said: Sequence[str], at: int) -> bool:
    """True where the subject before the verb at that place is a plural."""
    return said[at] in MANY or (said[at] not in ONE and _plural(said[at - 1]))


def _finite(said: Sequence[str], i: int) -> bool:
    word = said[i]
    if word in FINITE:
        return True
    listed = word in FORMS or (word in UNSURE and i + 1 < len(said) and said[i + 1] in OBJECT)
    return listed and i > 0 and _agrees(said[i - 1], word)


def _agrees(before: str, word: str) -> bool:
    """True where a verb's form fits the word before it: "it runs", "policies run", not "the runs"."""
    if before in {"and", "or"} or before in OBJECT - SUBJECTS:
        return False
    return word.endswith("s") or before in PLURALS or _plural(before)


def _plural(noun: str) -> bool:
    return noun.endswith("s") and not noun.endswith("ss")
