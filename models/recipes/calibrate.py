"""Fits temperature, score and interval on answers that the verifier has not seen.

    python models/recipes/calibrate.py fold1.jsonl fold2.jsonl

Each file holds the logits of one fold's kept-back answers, written by train.py. Figures are printed
from cross-fitting (constants from one half of the questions, figures from the other); the constants
that are written to calibration.json come from all of them.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from train import ROOT

sys.path.insert(0, str(ROOT))
from grader.domain import Reading  # noqa: E402
from grader.score import Scale, score  # noqa: E402
from grader.verify import TINY, Scaling, rescaled  # noqa: E402

# Constants come from these sets alone. Other fields are so much harder that their errors would widen every interval, and
# the kept-back answers to known questions are traps only; both are measured with what the rest has given.
FITTED = ("dev", "aws-questions", "bank")
PRIOR = 0.02  # pulls the bias towards 0: a status that is rare in one fold is not rare everywhere


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("predictions", type=Path, nargs="+")
    p.add_argument("--out", type=Path, default=ROOT / "models" / "calibration.json")
    o = p.parse_args()
    rows = [json.loads(line) for path in o.predictions for line in path.read_text().splitlines()]
    halves = split(rows)
    measured = [r for a, b in (halves, halves[::-1]) for r in graded(b, fit(a))]
    print("all", json.dumps(figures(measured)))
    for name in ("dev", "aws-questions", "other-fields", "bank", "known"):
        if some := [r for r in measured if r["set"] == name]:
            print(name, json.dumps(figures(some)))
    o.out.write_text(json.dumps(fit(rows), indent=1) + "\n")
    print(o.out.read_text())


def split(rows: list[dict]) -> tuple[list[dict], list[dict]]:
    """Two halves that share no question."""
    questions = sorted({r["qid"] for r in rows})
    first = set(questions[::2])
    return [r for r in rows if r["qid"] in first], [r for r in rows if r["qid"] not in first]


def fit(rows: list[dict]) -> dict:
    """Scaling and score constants: for rubrics of bare statements, and for those with accepted wordings."""
    rows = [r for r in rows if named(r["key"]) in FITTED]
    bare, worded = [r for r in rows if not r["worded"]], [r for r in rows if r["worded"]]
    plain = fit_scaling([(z, label) for r in bare for z, label in zip(r["logits"], r["labels"], strict=True)])
    again = fit_scaling([(np.log(softmax(np.array(z), plain) + TINY), label) for r in worded
                         for z, label in zip(r["logits"], r["labels"], strict=True)])
    fitted = {"verifier": plain, "score": {}, "worded": {"verifier": again, "score": {}}}
    fitted["score"] = fit_scale(bare, [probabilities(r, fitted) for r in bare])
    fitted["worded"]["score"] = fit_scale(worded, [probabilities(r, fitted) for r in worded])
    return fitted


def fit_scaling(pairs: list[tuple]) -> dict:
    """Temperature and bias by likelihood."""
    logits, labels = np.array([z for z, _ in pairs]), np.array([label for _, label in pairs])

    def loss(x):
        z = logits / np.exp(x[0]) + np.array([x[1], x[2], 0.0, x[3]])
        z = z - z.max(1, keepdims=True)
        lost = np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), labels]
        return lost.mean() + PRIOR * (x[1:] ** 2).sum()

    best = minimize(loss, np.zeros(4), method="Nelder-Mead", options={"maxiter": 2000}).x
    return {"temperature": round(float(np.exp(best[0])), 4),
            "bias": [round(float(best[1]), 4), round(float(best[2]), 4), 0.0, round(float(best[3]), 4)]}


def probabilities(row: dict, fitted: dict) -> list[Reading]:
    """The readings of a row's concepts, as `grader/engine.py` makes them."""
    again = Scaling(fitted["worded"]["verifier"]["temperature"], tuple(fitted["worded"]["verifier"]["bias"]))
    plain = [Reading(*map(float, softmax(np.array(z), fitted["verifier"]))) for z in row["logits"]]
    return [rescaled(r, again) for r in plain] if row["worded"] else plain


def softmax(z: np.ndarray, scaling: dict) -> np.ndarray:
    z = z / scaling["temperature"] + np.array(scaling["bias"])
    e = np.exp(z - z.max())
    return e / e.sum()


def fit_scale(rows: list[dict], readings: list[list[Reading]]) -> dict:
    """The score's constants by mean absolute error, then its interval and confidence."""
    labels = np.array([r["score"] for r in rows])
    names, start = ("half", "harm", "sharpen", "slope", "offset"), np.array([0.5, 1.0, 1.2, 100.0, 0.0])

    def points(x):
        s = Scale(**dict(zip(names, x, strict=True)))
        return np.array([score(p, r["weights"], s).points for p, r in zip(readings, rows, strict=True)])

    def loss(x):
        if not (0.35 <= x[0] <= 0.65 and 0.5 <= x[1] <= 1.5 and 0.5 <= x[2] <= 6 and 80 <= x[3] <= 140 and -10 <= x[4] <= 10):
            return 1e3
        error = np.abs(points(x) - labels)
        return error.mean() + 0.02 * (error**2).mean() ** 0.5 * 5

    steps = np.array([start, *(start + d for d in np.diag([0.1, 0.2, 0.6, 8.0, 3.0]))])
    best = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 220, "initial_simplex": steps}).x
    fitted = {n: round(float(v), 3) for n, v in zip(names, best, strict=True)}
    fitted["offset"] = round(max(-6.0, min(6.0, fitted["offset"])), 3)
    return fitted | fit_interval(rows, readings, fitted)


def fit_interval(rows: list[dict], readings: list[list[Reading]], fitted: dict) -> dict:
    """Conformal: the 90 % quantile of error over predicted deviation; the floor that gives the narrowest mean."""
    labels = np.array([r["score"] for r in rows])
    best: tuple = (1e9,)
    for floor in (1.0, 2.0, 3.0, 4.0, 6.0, 8.0):
        scale = Scale(**fitted, floor=floor, spread=1.0)
        found = [score(p, r["weights"], scale) for p, r in zip(readings, rows, strict=True)]
        points = np.array([s.points for s in found])
        spread_now = deviations(readings, rows, scale)
        ratio = np.abs(points - labels) / spread_now
        spread = float(np.quantile(ratio, min(1.0, 0.90 * (1 + 1 / len(rows)))))
        width = (np.minimum(100, points + spread * spread_now) - np.maximum(0, points - spread * spread_now)).mean()
        if width < best[0]:
            best = (width, floor, spread, spread_now, np.abs(points - labels))
    _, floor, spread, deviation, error = best
    sure, doubt = logistic(deviation, error <= 10)
    confidence = 1 / (1 + np.exp(-(sure - doubt * deviation)))
    return {"floor": floor, "spread": round(spread, 3), "sure": round(sure, 3), "doubt": round(doubt, 4),
            "review_below": review_threshold(confidence, error)}


def deviations(readings, rows, scale: Scale) -> np.ndarray:
    from grader.score import variance

    return np.array([
        scale.floor + 100 * np.sqrt(sum((w / sum(r["weights"])) ** 2 * variance(p, scale)
                                        for p, w in zip(ps, r["weights"], strict=True)))
        for ps, r in zip(readings, rows, strict=True)])


def logistic(deviation: np.ndarray, good: np.ndarray) -> tuple[float, float]:
    """Confidence that the score is within ten points, from the predicted deviation."""

    def loss(x):
        z = x[0] - x[1] * deviation
        return np.mean(np.log1p(np.exp(-np.where(good, z, -z))))

    return tuple(map(float, minimize(loss, np.array([2.0, 0.2]), method="Nelder-Mead").x))


def review_threshold(confidence: np.ndarray, error: np.ndarray) -> float:
    """The lowest confidence at which the answers that are left have a mean error of at most 5 points."""
    order = np.argsort(-confidence)
    running = np.cumsum(error[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(running <= 5.0)
    return round(float(confidence[order][good[-1]]), 3) if len(good) else 0.99


def graded(rows: list[dict], fitted: dict) -> list[dict]:
    """Rows with their readings and scores."""
    result = []
    for r in rows:
        scale = Scale(**(fitted["worded"]["score"] if r["worded"] else fitted["score"]))
        p = probabilities(r, fitted)
        result.append({**r, "p": p, "grade": score(p, r["weights"], scale), "review_below": scale.review_below,
                       "set": named(r["key"])})
    return result


def named(key: str) -> str:
    """Which set a row belongs to: `known` are kept-back answers to questions whose other answers were trained on."""
    _, stem, *rest = key.split(":")
    return "known" if rest[-1] == "known" else stem if stem in ("dev", "other-fields", "aws-questions") else "bank"


def figures(rows: list[dict]) -> dict:
    """The figures that decide."""
    points, labels = np.array([r["grade"].points for r in rows]), np.array([r["score"] for r in rows])
    error = np.abs(points - labels)
    y = np.concatenate([r["labels"] for r in rows])
    p = np.array([[q.covered, q.partial, q.missing, q.contradicted] for r in rows for q in r["p"]])
    guess, sure = p.argmax(1), p.max(1)
    prf = {}
    for k, name in ((0, "covered"), (2, "missing"), (3, "contradicted")):
        hit = ((y == k) & (guess == k)).sum()
        precision, recall = hit / max(1, (guess == k).sum()), hit / max(1, (y == k).sum())
        prf[name] = (precision, recall, 2 * precision * recall / max(1e-9, precision + recall))
    bins = np.minimum((sure * 10).astype(int), 9)
    ece = sum(abs((guess == y)[bins == b].mean() - sure[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    inside = [r["grade"].low <= r["score"] <= r["grade"].high for r in rows]
    low = points[[r["kind"] in ("swapped", "stuffed", "vague") for r in rows]]
    high = points[[r["kind"] in ("full", "terse", "paraphrase") for r in rows]]
    left = np.array([r["grade"].confidence >= r["review_below"] for r in rows])
    found = {"n": len(rows), "pearson": np.corrcoef(points, labels)[0, 1], "mae": error.mean(),
             "macro_f1": np.mean([v[2] for v in prf.values()]), "ece": ece, "interval": np.mean(inside),
             "width": np.mean([r["grade"].high - r["grade"].low for r in rows]),
             "wrong_above_20": (low > 20).mean(), "wrong_above_25": (low > 25).mean(), "right_above_75": (high > 75).mean(),
             "unreviewed": left.mean(), "unreviewed_mae": error[left].mean() if left.any() else 0.0}
    return {k: round(float(v), 3) for k, v in found.items()} | {k: [round(float(x), 3) for x in v] for k, v in prf.items()}


if __name__ == "__main__":
    main()
