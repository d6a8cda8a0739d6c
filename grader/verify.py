"""Concepts against an answer: covered, partial, missing or contradicted, with a probability.

The verifier reads question, answer and one concept together, a sequence for each concept. So a verdict
does not depend on the other concepts, nor on their order, to the last bit.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.domain import Reading
from grader.runtime import CLS, SEP, Feeds, Session, Tokenizer
from grader.text import tidy
from grader.weights import Weights

QUESTION_WINDOW = 64  # tokens
WHOLE = 320  # tokens of answer that can be read at once; beside them there is room for question and concept
# An answer beyond this length is read in pieces too: three harmless sentences around what counts change little, ten
# drown it. The pieces share forty tokens, a long sentence.
SHORT, PIECE, STEP = 160, 120, 80
CONCEPT_WINDOW = 122  # tokens, so that all together stay at 512; a statement of 600 characters fits
REMEMBERED = 8192  # questions and concepts whose tokens are remembered
TINY = 1e-6  # keeps the logarithm of a probability finite


Ask = tuple[str, Sequence[str]]  # an answer and the statements of the concepts asked about


class Verifier(Protocol):
    """Anything that can say of each concept what an answer says of it."""

    name: str

    def read(self, question: str, asks: Sequence[Ask]) -> list[list[Reading]]: ...


class ShippedVerifier:
    """The trained cross-encoder, with its temperature from `calibration.json`."""

    def __init__(self, weights: Weights) -> None:
        self.name = weights.mark("verifier/model.onnx")
        self._tokenizer = Tokenizer(weights.read("tokenizer.json"))
        # The fused kernel is slower than the two it replaces: 16 % of a reading of 125 tokens.
        self._session = Session(weights.read("verifier/model.onnx"), without=("SkipLayerNormFusion",))
        # Questions and concepts come again and again: cutting them into tokens took 4 % of a grade's time.
        self._ids = lru_cache(REMEMBERED)(self._cut)
        self._scaling = msgspec.json.decode(weights.read("calibration.json"), type=_Calibrated).verifier

    def read(self, question: str, asks: Sequence[Ask]) -> list[list[Reading]]:
        """For each ask, a reading of each of its concepts."""
        asked = self._ids(question, QUESTION_WINDOW)
        logits: list[list[list[NDArray[np.float32]]]] = [[[] for _ in concepts] for _, concepts in asks]
        jobs: list[tuple[int, int]] = []
        feeds: list[Feeds] = []
        for row, (answer, concepts) in enumerate(asks):
            claims = [self._ids(c, CONCEPT_WINDOW) for c in concepts]
            for window in windows(self._tokenizer.ids(tidy(answer))):
                jobs += [(row, k) for k in range(len(claims))]
                feeds += [pair(asked, window, claim) for claim in claims]
        for (row, k), out in zip(jobs, self._session.run_all(feeds), strict=True):
            logits[row][k].append(out[0])
        return [[self._reading(seen) for seen in of_answer] for of_answer in logits]

    def _cut(self, text: str, most: int) -> list[int]:
        return self._tokenizer.ids(tidy(text))[:most]

    def _reading(self, seen: list[NDArray[np.float32]]) -> Reading:
        """One reading from every window's: the window that says most of the concept decides."""
        return _reading(min((self._scaling.apply(v) for v in seen), key=lambda p: float(p[2])))


class Scaling(msgspec.Struct, frozen=True):
    """Makes probabilities honest: temperature and bias, fitted on answers that were not trained on."""

    temperature: float = 1.0
    bias: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    def apply(self, logits: NDArray[np.floating]) -> NDArray[np.floating]:
        """Probabilities from logits."""
        return _softmax(logits / self.temperature + np.array(self.bias))


def rescaled(reading: Reading, scaling: Scaling) -> Reading:
    """A reading under another scaling, on top of the verifier's own."""
    p = np.array([reading.covered, reading.partial, reading.missing, reading.contradicted])
    return _reading(scaling.apply(np.log(p + TINY)))


def windows(ids: list[int]) -> list[list[int]]:
    """What of an answer is read together: all of it where it is not long, and overlapping pieces of a longer one."""
    if len(ids) <= SHORT:
        return [ids]
    pieces = [ids[start : start + PIECE] for start in range(0, len(ids) - (PIECE - STEP), STEP)]
    return [ids, *pieces] if len(ids) <= WHOLE else pieces


def pair(question: list[int], answer: list[int], concept: list[int]) -> Feeds:
    """The arrays of one run: ids, and which part each token belongs to (0: question and answer, 1: concept)."""
    head, tail = [CLS, *question, SEP, *answer, SEP], [CLS, *concept, SEP]
    return {"ids": np.array([head + tail], np.int64), "parts": np.array([[0] * len(head) + [1] * len(tail)], np.int64)}


class _Calibrated(msgspec.Struct, frozen=True):
    verifier: Scaling


def _reading(p: NDArray[np.floating]) -> Reading:
    return Reading(*(round(float(x), 6) for x in p))


def _softmax(x: NDArray[np.floating]) -> NDArray[np.floating]:
    e = np.exp(x - x.max())
    return np.asarray(e / e.sum())
