"""Stand-ins at the model seam: an encoder and a verifier that work on words, and a bank of two questions.

They are deterministic in every process, so that whatever differs between two runs is ours.
"""

import re
import zlib
from collections.abc import Sequence

import numpy as np

from grader.bank import Bank
from grader.domain import Concept, Question, Reading, Reject, Status
from grader.flags import FUNCTION_WORDS
from grader.runtime import Vectors
from grader.text import tidy, words
from grader.verify import Ask

DIMENSIONS = 384
NEGATIONS = frozenset({"not", "never", "no"})
SURE = 0.94  # probability that the fake verifier gives to the status it finds
SENTENCE = re.compile(r"[.!?;\n]+")


class FakeEncoder:
    """Texts that share words are alike; a text without words is the zero vector."""

    name = "fake-encoder"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            for word in content(text):
                vectors[row, zlib.crc32(word.encode()) % DIMENSIONS] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(norms > 0, norms, 1)

    def encode_parts(self, parts: Sequence[str]) -> Vectors:
        return self.encode([" ".join(parts), *parts])


class FakeVerifier:
    """A concept is covered where one sentence has all its words, and contradicted where it also negates them.

    Half of the words in one sentence make it partial.
    """

    name = "fake-verifier"

    def __init__(self) -> None:
        self.asked = 0

    def read(self, question: str, asks: Sequence[Ask]) -> list[list[Reading]]:
        self.asked += len(asks)
        return [[reading(_status(answer, c)) for c in concepts] for answer, concepts in asks]


def reading(status: Status, sure: float = SURE) -> Reading:
    """A reading that is that sure of a status and undecided about the others."""
    return Reading(**{s.value: sure if s is status else (1 - sure) / 3 for s in Status})


def content(text: str) -> frozenset[str]:
    """The words that say something."""
    return frozenset(words(tidy(text))) - FUNCTION_WORDS


def _status(answer: str, concept: str) -> Status:
    wanted = content(concept)
    best = Status.missing
    for sentence in SENTENCE.split(tidy(answer)):
        found = wanted & content(sentence)
        if wanted and found == wanted:
            return Status.contradicted if NEGATIONS & set(words(sentence)) else Status.covered
        if len(found) * 2 >= len(wanted) > 0:
            best = Status.partial
    return best


STATEFUL = Concept(
    id="stateful", statement="Security groups are stateful.", weight=2.0,
    reject=(Reject(claim="Security groups never are stateful.",
                   correction="A security group remembers connections, so replies pass by themselves."),))
STATELESS = Concept(id="stateless", statement="Network ACLs are stateless.", weight=2.0)
DENY = Concept(id="deny", statement="Only ACLs know deny rules.", weight=1.0)

FIREWALLS = Question(
    id="sg-vs-nacl", topic="networking",
    question="How do security groups differ from network ACLs?",
    reference="Security groups are stateful. Network ACLs are stateless, and only ACLs know deny rules.",
    concepts=(STATEFUL, STATELESS, DENY))
TEA = Question(
    id="tea-steeping", topic="kitchen",
    question="Why do you steep tea?",
    reference="Hot water draws flavour from leaves. Steeping too long makes tea bitter.",
    concepts=(Concept(id="flavour", statement="Hot water draws flavour."),
              Concept(id="bitter", statement="Long steeping makes bitter tea.")))

TINY = Bank((FIREWALLS, TEA))
