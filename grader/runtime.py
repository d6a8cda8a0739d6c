"""A model session and its tokenizer: token ids in, arrays out.

The only module that imports a model runtime, and it does so late. Every sequence is run alone and
unpadded: dynamic int8 takes its activation scale from all that is in one run, so a sequence that
shared a run would depend on its neighbours. Speed comes from running sequences side by side, one
core each, over one set of weights.
"""

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Feeds = Mapping[str, NDArray[Any]]
Vectors = NDArray[np.float32]
CLS, SEP = 101, 102  # ids in the shipped vocabulary


class Tokenizer:
    """Text to ids, without special tokens."""

    def __init__(self, data: bytes) -> None:
        import tokenizers

        self._inner = tokenizers.Tokenizer.from_buffer(data)
        self._inner.no_padding()
        self._inner.no_truncation()

    def ids(self, text: str) -> list[int]:
        """The ids of a text."""
        return list(self._inner.encode(text, add_special_tokens=False).ids)


class Session:
    """One model. Safe to use from several threads."""

    def __init__(self, data: bytes, without: Sequence[str] = ()) -> None:
        """`without` names optimisations of the runtime that are not wanted."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._inner = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"],
                                                   disabled_optimizers=list(without))
        self._inputs = {i.name for i in self._inner.get_inputs()}

    def run(self, feeds: Feeds) -> NDArray[np.float32]:
        """The first output for one sequence."""
        result: NDArray[np.float32] = self._inner.run(None, dict(feeds))[0]
        return result

    def run_all(self, feeds: Sequence[Feeds]) -> list[NDArray[np.float32]]:
        """The first output for each sequence, side by side on all cores."""
        if len(feeds) < 2 or cores() < 2 or _inside_pool():
            return [self.run(f) for f in feeds]
        return list(_pool().map(self.run, feeds))


def side_by_side(work: Any, items: Iterable[Any]) -> list[Any]:
    """`work(item)` for every item, on all cores, in order.

    Runs inside it stay on their core, save where there is only one item: it has all cores for itself.
    """
    items = list(items)
    if len(items) == 1:
        return [work(items[0])]

    def alone(item: Any) -> Any:
        _here.inside = True
        try:
            return work(item)
        finally:
            _here.inside = False

    return list(_pool().map(alone, items))


_wanted: list[int] = []


def use_cores(number: int) -> None:
    """Runs that many sequences side by side from now on; to be called before the first run."""
    _wanted[:] = [number]
    _pool.cache_clear()


def cores() -> int:
    """The cores this process may use."""
    if _wanted:
        return _wanted[0]
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_here = threading.local()


def _inside_pool() -> bool:
    return getattr(_here, "inside", False)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=cores(), thread_name_prefix="grader-model")
