"""Remakes all models from the repository: trains, calibrates, exports, and prints the card's tables.

    python models/recipes/make.py [--gold DEV.jsonl] [--nli FOLDER]

The questions and answers of `kept-back.json` are never trained on: they calibrate and measure the model.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from train import mark

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = HERE / "work"
SHARE = 0.65  # of the last part in the average
KEPT_BACK, SENTENCES = HERE / "kept-back.json", HERE / "sentences.jsonl"
OTHER = [HERE / "aws-questions.jsonl", HERE / "other-fields.jsonl"]
ANSWERS = sorted((ROOT / "bank" / "answers").glob("*.jsonl"))
# Made by rule from the labelled answers, for each epoch anew; see examples.py.
MADE = ("--sentences", str(SENTENCES), "--composed", "1.5", "--single", "4", "--spliced", "0.4", "--empty", "0.4",
        "--nli-rows", "1000")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--gold", type=Path, default=ROOT.parent / "shared" / "gold" / "dev.jsonl",
                   help="labelled answers of hand-made hard questions, seen twice an epoch")
    p.add_argument("--nli", type=Path, default=ROOT.parent / "shared" / "nli", help="general entailment pairs")
    o = p.parse_args()
    WORK.mkdir(exist_ok=True)
    # All claims of an answer in one sequence teach most of it in a third of the time; pairs then read closer.
    first = train(o, "first", "--together", "--epochs", "6", "--rate", "1.3e-4", *MADE)
    second = train(o, "second", "--start", str(first), "--seed", "2", "--epochs", "2", "--rate", "1e-4", *MADE)
    third = train(o, "third", "--start", str(second), "--seed", "3", "--epochs", "3", "--rate", "1.2e-4", *MADE)
    model = average(second, third)
    run("train.py", *labelled(o), "--start", str(model), "--epochs", "0", "--predictions", str(model.with_suffix(".jsonl")))
    run("calibrate.py", str(model.with_suffix(".jsonl")))
    run("export.py", "--verifier", str(model))
    measure("gold", [o.gold], "questions")
    measure("aws", OTHER[:1], "questions")
    measure("other", OTHER[1:], "questions")
    measure("bank", ANSWERS, "questions")
    measure("known", ANSWERS, "answers")


def average(first: Path, second: Path) -> Path:
    """The weights between two models of one descent: better than both on the kept-back answers as a whole."""
    import torch

    a, b = torch.load(first), torch.load(second)
    out = WORK / "verifier.pt"
    torch.save({name: (1 - SHARE) * a[name] + SHARE * b[name] for name in a}, out)
    return out


def labelled(o: argparse.Namespace) -> list[str]:
    """The arguments that name the labelled answers and the questions kept back."""
    gold = ["--twice", str(o.gold)] if o.gold.exists() else []
    return ["--labelled", *map(str, [*ANSWERS, *OTHER]), *gold, "--keep-back", str(KEPT_BACK)]


def train(o: argparse.Namespace, name: str, *more: str) -> Path:
    """One part of the training: a model, and its readings of the kept-back answers beside it."""
    nli = ["--nli", str(o.nli)] if o.nli.exists() else []
    out = WORK / f"{name}.pt"
    run("train.py", *labelled(o), *nli, "--out", str(out), "--predictions", str(out.with_suffix(".jsonl")), *more)
    return out


def measure(name: str, paths: list[Path], part: str) -> None:
    """The card's table: the served pipeline on kept-back questions, or on kept-back answers to the others."""
    kept = json.loads(KEPT_BACK.read_text())
    blocks = [json.loads(line) for p in paths if p.exists() for line in p.read_text().splitlines()]
    if part == "questions":
        blocks = [b for b in blocks if b["qid"] in kept["questions"]]
    else:
        blocks = [{**b, "answers": [a for a in b["answers"] if mark(a) in kept["answers"]]} for b in blocks
                  if b["qid"] not in kept["questions"]]
    if blocks := [b for b in blocks if b["answers"]]:
        path = WORK / f"kept-back-{name}.jsonl"
        path.write_text("".join(json.dumps(b, ensure_ascii=False) + "\n" for b in blocks))
        subprocess.run([sys.executable, "-m", "grader", "eval", str(path), "--laws"], check=True, cwd=ROOT)


def run(script: str, *arguments: str) -> None:
    print("·", script, *arguments[:4], "…", flush=True)
    subprocess.run([sys.executable, str(HERE / script), *arguments], check=True)


if __name__ == "__main__":
    main()
