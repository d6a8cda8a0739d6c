"""Texts into unit vectors: the shipped encoder, or any sentence-transformers model by name."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from grader.runtime import CLS, SEP, Feeds, Session, Tokenizer, Vectors
from grader.text import tidy
from grader.weights import Weights

WIDTH = 384  # numbers in a vector of the shipped encoder
WINDOW = 254  # tokens of text the encoder was made for, beside [CLS] and [SEP]
REMEMBERED = 20_000  # vectors kept, 1.5 kB each: a whole bank's references and concepts


class Encoder(Protocol):
    """Anything that turns texts into unit vectors, one row each."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors: ...

    def encode_parts(self, parts: Sequence[str]) -> Vectors:
        """Row 0: the parts as one text; then a row for each part."""
        ...


class ShippedEncoder:
    """all-MiniLM-L6-v2 as compact ONNX: mean of the token vectors, made unit length.

    A text longer than the window is the mean of its windows.
    """

    def __init__(self, weights: Weights) -> None:
        self.name = weights.mark("encoder/model.onnx")
        self._tokenizer = Tokenizer(weights.read("tokenizer.json"))
        self._session = Session(weights.read("encoder/model.onnx"))

    def encode(self, texts: Sequence[str]) -> Vectors:
        windows: list[tuple[int, Feeds]] = []
        for row, text in enumerate(texts):
            ids = self._tokenizer.ids(tidy(text))
            windows += [(row, _feeds(ids[i : i + WINDOW])) for i in range(0, max(len(ids), 1), WINDOW)]
        total = np.zeros((len(texts), WIDTH), np.float32)
        for (row, _), tokens in zip(windows, self._session.run_all([f for _, f in windows]), strict=True):
            total[row] += tokens[0].sum(axis=0)
        return _unit(total)

    def encode_parts(self, parts: Sequence[str]) -> Vectors:
        """Reads the whole text once; a part's vector is the mean of its own tokens, read in their context."""
        ids = [self._tokenizer.ids(tidy(p)) for p in parts]
        owner = np.repeat(np.arange(len(parts)), [len(i) for i in ids])
        flat = [t for i in ids for t in i]
        windows = [_feeds(flat[i : i + WINDOW]) for i in range(0, max(len(flat), 1), WINDOW)]
        seen = [tokens[0] for tokens in self._session.run_all(windows)]
        inner = np.concatenate([tokens[1:-1] for tokens in seen])
        result = np.zeros((1 + len(parts), WIDTH), np.float32)
        result[0] = sum(tokens.sum(axis=0) for tokens in seen)
        np.add.at(result, owner + 1, inner)
        return _unit(result)


class AnyEncoder:
    """A sentence-transformers model by name or folder; slower to start, since it brings torch."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.name = name
        self._model = SentenceTransformer(name, device="cpu")

    def encode(self, texts: Sequence[str]) -> Vectors:
        # One by one: padding beside longer neighbours would change the last bits.
        rows = [self._model.encode([tidy(t)], show_progress_bar=False)[0] for t in texts]
        return _unit(np.stack(rows).astype(np.float32)) if rows else np.zeros((0, WIDTH), np.float32)

    def encode_parts(self, parts: Sequence[str]) -> Vectors:
        return self.encode([" ".join(parts), *parts])


class Remembering:
    """An encoder that keeps the vectors of texts it meets again: references and concepts."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            found = {t: self._kept[t] for t in texts if t in self._kept}
            for t in found:
                self._kept.move_to_end(t)
        if new := [t for t in dict.fromkeys(texts) if t not in found]:
            found.update(zip(new, self._encoder.encode(new), strict=True))
            with self._lock:
                self._kept.update((t, found[t]) for t in new)
                while len(self._kept) > REMEMBERED:
                    self._kept.popitem(last=False)
        return np.stack([found[t] for t in texts]) if texts else np.zeros((0, WIDTH), np.float32)

    def encode_parts(self, parts: Sequence[str]) -> Vectors:
        """Not remembered: these are a learner's words, which hardly come again."""
        return self._encoder.encode_parts(parts)


def load_encoder(weights: Weights, name: str = "") -> Encoder:
    """The shipped encoder, or the sentence-transformers model of that name."""
    return AnyEncoder(name) if name else ShippedEncoder(weights)


def _feeds(ids: list[int]) -> Feeds:
    return {"ids": np.array([[CLS, *ids, SEP]], np.int64)}


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)
    return unit
