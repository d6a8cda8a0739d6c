"""Remakes all models from the repository: trains, calibrates, exports, and prints the card's table.

    python models/recipes/make.py [--gold DEV.jsonl] [--nli FOLDER]

The questions of `kept-back.json` are never trained on: their answers calibrate and measure the model.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = HERE / "work"
KEPT_BACK, OTHER = HERE / "kept-back.json", HERE / "other-fields.jsonl"
SHARE = 0.35  # of the second part in the average
ANSWERS = sorted((ROOT / "bank" / "answers").glob("*.jsonl"))


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--gold", type=Path, default=ROOT.parent / "shared" / "gold" / "dev.jsonl",
                   help="labelled answers of hand-made hard questions, seen twice an epoch")
    p.add_argument("--nli", type=Path, default=ROOT.parent / "shared" / "nli", help="general entailment pairs")
    o = p.parse_args()
    WORK.mkdir(exist_ok=True)
    first = train(o, "first", "--epochs", "8", "--rate", "1.3e-4")
    # Composed answers and entailment pairs teach to read, but contradict more often than people do: the
    # second part sees hardly anything but real answers.
    second = train(o, "second", "--start", str(first), "--seed", "2", "--epochs", "5", "--rate", "8e-5", "--nli-rows", "0",
                  "--composed", "0.5", "--single", "0.3", "--rejecting", "0.05")
    model = average(first, second)
    run("train.py", *labelled(o), "--start", str(model), "--epochs", "0", "--predictions", str(model.with_suffix(".jsonl")))
    run("calibrate.py", str(model.with_suffix(".jsonl")))
    run("export.py", "--verifier", str(model))
    for name, paths in {"gold": [o.gold], "bank": ANSWERS, "other": [OTHER]}.items():
        measure(name, [p for p in paths if p.exists()])


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
    return ["--labelled", *map(str, [*ANSWERS, OTHER]), *gold, "--keep-back", str(KEPT_BACK)]


def train(o: argparse.Namespace, name: str, *more: str) -> Path:
    """One part of the training: a model, and its readings of the kept-back answers beside it."""
    nli = ["--nli", str(o.nli)] if o.nli.exists() else []
    out = WORK / f"{name}.pt"
    run("train.py", *labelled(o), *nli, "--out", str(out), "--predictions", str(out.with_suffix(".jsonl")), *more)
    return out


def measure(name: str, paths: list[Path]) -> None:
    """The card's table: the served pipeline on the kept-back questions of some files."""
    kept = set(json.loads(KEPT_BACK.read_text()))
    lines = [line for p in paths for line in p.read_text().splitlines() if json.loads(line)["qid"] in kept]
    if lines:
        path = WORK / f"kept-back-{name}.jsonl"
        path.write_text("\n".join(lines) + "\n")
        subprocess.run([sys.executable, "-m", "grader", "eval", str(path), "--laws"], check=True, cwd=ROOT)


def run(script: str, *arguments: str) -> None:
    print("·", script, *arguments[:4], "…", flush=True)
    subprocess.run([sys.executable, str(HERE / script), *arguments], check=True)


if __name__ == "__main__":
    main()
