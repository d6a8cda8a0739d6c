"""Concepts against an answer: covered, partial, missing or contradicted, with a probability.

The verifier reads question, answer and all concepts in one sequence. The answer's tokens see only
question and answer; a concept's tokens see those and themselves, and every concept starts at the
same position. So a verdict does not depend on the other concepts, nor on their order.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.domain import Reading
from grader.runtime import CLS, SEP, Feeds, Session, Tokenizer
from grader.text import tidy
from grader.weights import Weights

QUESTION_WINDOW = 64  # tokens
WINDOW = 320  # tokens of answer read at once; beside it there is room for question and concept
STRIDE = 224  # so that two windows share 96 tokens, about 70 words
CONCEPT_WINDOW = 122  # tokens, so that all positions stay below 512; a statement of 600 characters fits
CONCEPTS_AT_ONCE = 8  # more are read in further runs: attention grows with the square
POSITIONS = 512
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
        self._session = Session(weights.read("verifier/model.onnx"))
        self._scaling = msgspec.json.decode(weights.read("calibration.json"), type=_Calibrated).verifier

    def read(self, question: str, asks: Sequence[Ask]) -> list[list[Reading]]:
        """For each ask, a reading of each of its concepts."""
        asked = self._ids(question, QUESTION_WINDOW)
        logits: list[list[list[NDArray[np.float32]]]] = [[[] for _ in concepts] for _, concepts in asks]
        jobs: list[tuple[int, list[int]]] = []
        feeds: list[Feeds] = []
        for row, (answer, concepts) in enumerate(asks):
            claims = [self._ids(c, CONCEPT_WINDOW) for c in concepts]
            # One order whatever the caller's: the last bits of a sum depend on it.
            order = sorted(range(len(claims)), key=claims.__getitem__)
            groups = [order[i : i + CONCEPTS_AT_ONCE] for i in range(0, len(order), CONCEPTS_AT_ONCE)]
            for window in windows(self._tokenizer.ids(tidy(answer))):
                for group in groups:
                    jobs.append((row, group))
                    feeds.append(sequence(asked, window, [claims[k] for k in group]))
        for (row, asked_now), out in zip(jobs, self._session.run_all(feeds), strict=True):
            for k, vector in zip(asked_now, out.reshape(-1, 4), strict=True):
                logits[row][k].append(vector)
        return [[self._reading(seen) for seen in of_answer] for of_answer in logits]

    def _ids(self, text: str, most: int) -> list[int]:
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
    """Overlapping windows that hold every token of an answer."""
    starts = range(0, max(len(ids) - (WINDOW - STRIDE), 1), STRIDE)
    return [ids[s : s + WINDOW] for s in starts]


def sequence(question: list[int], answer: list[int], concepts: list[list[int]]) -> Feeds:
    """The arrays of one run: ids, positions and which part each token belongs to (0: answer)."""
    head = [CLS, *question, SEP, *answer, SEP]
    ids, positions, parts = list(head), list(range(len(head))), [0] * len(head)
    for number, claim in enumerate(concepts, 1):
        tail = [CLS, *claim, SEP]
        ids += tail
        positions += [min(len(head) + k, POSITIONS - 1) for k in range(len(tail))]
        parts += [number] * len(tail)
    return {
        "ids": np.array([ids], np.int64),
        "positions": np.array([positions], np.int64),
        "parts": np.array([parts], np.int64),
        "claims": np.arange(1, len(concepts) + 1, dtype=np.int64),
    }


class _Calibrated(msgspec.Struct, frozen=True):
    verifier: Scaling


def _reading(p: NDArray[np.floating]) -> Reading:
    return Reading(*(round(float(x), 6) for x in p))


def _softmax(x: NDArray[np.floating]) -> NDArray[np.floating]:
    e = np.exp(x - x.max())
    return np.asarray(e / e.sum())
