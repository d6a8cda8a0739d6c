"""Labelled answers into training examples: real ones, and ones made from them by rule.

An example is one answer held against several claims: `labels[k]` says what the answer says of
`claims[k]`, as an index into STATUSES, or IGNORED.
"""

import gzip
import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

STATUSES = ("covered", "partial", "missing", "contradicted")
COVERED, PARTIAL, MISSING, CONTRADICTED = range(4)
IGNORED = -100
# How a person strings claims together.
JOINTS = (" ", ". ", ". ", "; ", ", and ", "\n", ". Also, ", ". And ", ", ", " - ")


@dataclass(frozen=True)
class Example:
    """One answer against some claims."""

    qid: str
    key: str  # of the block it was made from: two files may hold the same question
    kind: str
    question: str
    answer: str
    claims: tuple[str, ...]
    labels: tuple[int, ...]
    weights: tuple[float, ...] = ()
    score: float = 0.0


def blocks(paths: list[Path]) -> list[dict]:
    """Question blocks of labelled answers."""
    return [{**json.loads(line), "key": f"{n}:{path.stem}:{k}"} for n, path in enumerate(paths)
            for k, line in enumerate(path.read_text().splitlines()) if line.strip()]


def with_rubrics(labelled: list[dict], bank: Path) -> list[dict]:
    """The blocks, their concepts enriched by the bank's accepted and rejected wordings."""
    import yaml

    rich = {}
    for path in sorted(bank.glob("*.yaml")):
        for q in yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["questions"]:
            rich[q["id"]] = {c["id"]: c for c in q["concepts"]}
    return [
        {**b, "concepts": [{**rich.get(b["qid"], {}).get(c["id"], {}), **c} for c in b["concepts"]]}
        if all(rich.get(b["qid"], {}).get(c["id"], {}).get("statement") == c["statement"] for c in b["concepts"]) else b
        for b in labelled
    ]


def real(labelled: list[dict]) -> list[Example]:
    """The answers as people labelled them."""
    return [
        Example(b["qid"], b["key"], a["kind"], b["question"], a["answer"], tuple(c["statement"] for c in b["concepts"]),
                tuple(STATUSES.index(a["concepts"][c["id"]]) for c in b["concepts"]),
                tuple(float(c.get("weight", 1)) for c in b["concepts"]), float(a["score"]))
        for b in labelled for a in b["answers"]
    ]


def composed(block: dict, rng: random.Random) -> Example | None:
    """A random mix of accepted and rejected wordings of a question: its labels are known."""
    if not any(c.get("accept") for c in block["concepts"]):
        return None
    said, labels = [], []
    right, wrong = rng.choice(((0.45, 0.3), (0.45, 0.3), (0.45, 0.3), (0.2, 0.1), (0.75, 0.1)))
    for c in block["concepts"]:
        draw, rejected = rng.random(), claims_of(c.get("reject", ()))
        if draw < right:
            said.append(rng.choice([*c.get("accept", ()), c["statement"]]))
            labels.append(COVERED)
        elif draw < right + wrong and rejected:
            said.append(rng.choice(rejected))
            labels.append(CONTRADICTED)
        else:
            labels.append(MISSING)
    if not said:
        return None
    rng.shuffle(said)
    joint = rng.choice(JOINTS)
    said = [s.rstrip(" .") for s in said] if joint.strip() else [s.rstrip(" .") + "." for s in said]
    if rng.random() < 0.3:
        said = [s[:1].lower() + s[1:] for s in said]
    return Example(block["qid"], block["key"], "composed", block["question"], joint.join(said),
                   tuple(c["statement"] for c in block["concepts"]), tuple(labels))


def single(block: dict, rng: random.Random) -> Example | None:
    """One accepted or rejected wording as the whole answer: what a bare claim says, and what it does not."""
    c = rng.choice(block["concepts"])
    right, wrong = [*c.get("accept", ()), c["statement"]], claims_of(c.get("reject", ()))
    if not c.get("accept"):
        return None
    status = CONTRADICTED if wrong and rng.random() < 0.4 else COVERED
    said = rng.choice(wrong if status == CONTRADICTED else right)
    labels = tuple(status if other is c else MISSING for other in block["concepts"])
    return Example(block["qid"], block["key"], "single", block["question"], said,
                   tuple(c["statement"] for c in block["concepts"]), labels)


def varied(example: Example, block: dict, rng: random.Random, rewording: float, rejecting: float, bare: float) -> Example:
    """The same answer against reworded claims, against rejected claims, or without the question."""
    claims, labels = list(example.claims), list(example.labels)
    for k, c in enumerate(block["concepts"]):
        draw, rejected = rng.random(), claims_of(c.get("reject", ()))
        if draw < rewording and c.get("accept"):
            claims[k] = rng.choice(c["accept"])
        elif draw < rewording + rejecting and rejected:
            # Who says the truth denies the wrong claim; what a half or wrong answer says of it is unknown.
            claims[k] = rng.choice(rejected)
            labels[k] = {COVERED: CONTRADICTED, MISSING: MISSING}.get(labels[k], IGNORED)
    question = "" if rng.random() < bare else example.question
    return replace(example, claims=tuple(claims), labels=tuple(labels), question=question)


def strangers(example: Example, others: list[dict], rng: random.Random) -> Example:
    """The same answer with one claim of another question added, which it does not make."""
    other = rng.choice(others)
    if other["qid"] == example.qid:
        return example
    claim = rng.choice(other["concepts"])["statement"]
    return replace(example, claims=(*example.claims, claim), labels=(*example.labels, MISSING))


def entailments(folder: Path, number: int, rng: random.Random) -> list[Example]:
    """General entailment pairs as examples: entailed is covered, neutral missing, contradicting contradicted."""
    kinds = {"e": COVERED, "n": MISSING, "c": CONTRADICTED}
    rows = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt") as lines:
            rows += [json.loads(line) for line in lines]
    return [Example("nli", "nli", "nli", "", r["p"], (r["h"],), (kinds[r["y"]],)) for r in rng.sample(rows, min(number, len(rows)))]


def claims_of(rejects: list) -> list[str]:
    """The wrong claims, whether given plainly or with their corrections."""
    return [r if isinstance(r, str) else r["claim"] for r in rejects]
