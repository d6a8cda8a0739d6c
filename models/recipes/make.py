"""Remakes all models from the repository: trains, calibrates, exports, and prints the card's table.

    python models/recipes/make.py [--gold DEV.jsonl] [--nli FOLDER]

Training has two parts. The first keeps the questions of `kept-back.json` `first` out, the second goes
on from it with a lower rate and all but those of `final`, whose answers calibrate and measure.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = HERE / "work"


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--gold", type=Path, default=ROOT.parent / "shared" / "gold" / "dev.jsonl",
                   help="labelled answers of hand-made hard questions, seen twice an epoch")
    p.add_argument("--nli", type=Path, default=ROOT.parent / "shared" / "nli", help="general entailment pairs")
    o = p.parse_args()
    WORK.mkdir(exist_ok=True)
    kept = json.loads((HERE / "kept-back.json").read_text())
    for part, questions in kept.items():
        (WORK / f"{part}.json").write_text(json.dumps(questions))
    first = train(o, "first", "--epochs", "7", "--rate", "1.2e-4", "--composed", "2")
    final = train(o, "final", "--start", str(first), *SECOND)
    run("calibrate.py", str(final.with_suffix(".jsonl")))
    run("export.py", "--verifier", str(final))


SECOND = ("--epochs", "8", "--rate", "9e-5", "--composed", "3", "--single", "2", "--seed", "2")


def train(o: argparse.Namespace, part: str, *more: str) -> Path:
    """One part of the training; returns the model it wrote."""
    labelled = [*sorted((ROOT / "bank" / "answers").glob("*.jsonl")), HERE / "other-fields.jsonl"]
    gold = ["--twice", str(o.gold)] if o.gold.exists() else []
    nli = ["--nli", str(o.nli), "--nli-rows", "2000"] if o.nli.exists() else []
    out = WORK / f"{part}.pt"
    run("train.py", "--labelled", *map(str, labelled), *gold, *nli, "--keep-back", str(WORK / f"{part}.json"),
        "--out", str(out), "--predictions", str(out.with_suffix(".jsonl")), *more)
    return out


def run(script: str, *arguments: str) -> None:
    print("·", script, *arguments[:4], "…", flush=True)
    subprocess.run([sys.executable, str(HERE / script), *arguments], check=True)


if __name__ == "__main__":
    main()
