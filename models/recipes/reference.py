"""How verifier and similarity share the score where a caller brings a reference alone.

    python models/recipes/reference.py

Every answer of the kept-back questions that are not the bank's is graded by its reference only. Printed for each share of
similarity: Pearson and mean error of the mixture, by set; the share in `grader/engine.py` is the best of one half of
the questions, the figures of the card are the other half's.
"""

import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from grader.engine import Grader  # noqa: E402


def main() -> None:
    kept = set(json.loads((HERE / "kept-back.json").read_text())["questions"])
    grader = Grader.load()
    rows = []
    for name in ("other-fields", "aws-questions"):
        for line in (HERE / f"{name}.jsonl").read_text().splitlines():
            b = json.loads(line)
            if b["qid"] in kept:
                rows += [(name, b["qid"], *graded(grader, b, a), a["score"]) for a in b["answers"]]
    names = sorted({q for _, q, *_ in rows})
    for title, some in (("chosen on", set(names[::2])), ("measured on", set(names[1::2]))):
        for group in ("other-fields", "aws-questions"):
            found = np.array([r[2:] for r in rows if r[0] == group and r[1] in some], float)
            print(f"{title} {len(found)} answers, {group}")
            for share in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0):
                mixed = (1 - share * found[:, 2]) * found[:, 0] + share * found[:, 2] * found[:, 1]
                print(f"  {share:.1f}: r {np.corrcoef(mixed, found[:, 3])[0, 1]:.3f}, "
                      f"error {np.abs(mixed - found[:, 3]).mean():.1f}")


def graded(grader: Grader, block: dict, answer: dict) -> tuple[float, float, float]:
    """Points by the verifier, points by likeness, and the share of the rubric that is not contradicted."""
    g = grader.grade(question=block["question"], reference=block["reference"], answer=answer["answer"])
    wrong = sum(c.status == "contradicted" for c in g.concepts) / len(g.concepts)
    return g.score, 100 * min(1.0, max(0.0, (g.similarity - 0.2) / 0.6)), 1 - wrong


if __name__ == "__main__":
    main()
