"""Grades of the real models on a few dozen answers, kept so that a change of any of them is seen.

python -m tests.golden   writes them anew, after a change that is meant
"""

import json
from pathlib import Path

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).parent / "golden.jsonl"
EVERY = 9  # of the 315 questions; one answer of each, the kinds in turn


def items() -> list[dict[str, str]]:
    """Thirty-five answers to bank questions, spread over topics and kinds."""
    lines = [line for path in sorted((ROOT / "bank" / "answers").glob("*.jsonl"))
             for line in path.read_text().splitlines()]
    blocks = [json.loads(line) for line in lines][::EVERY]
    return [{"id": f"{b['qid']}/{n % len(b['answers'])}", "question_id": b["qid"],
             "answer": b["answers"][n % len(b["answers"])]["answer"]} for n, b in enumerate(blocks)]


def grades() -> list[dict[str, object]]:
    """What the real models make of them now."""
    from grader import Grader

    return [{"id": g.id, "score": g.score, "statuses": {c.id: c.status.value for c in g.concepts}}
            for g in Grader.load().grade_many(items())]


if __name__ == "__main__":
    KEPT.write_text("".join(json.dumps(g) + "\n" for g in grades()))
