"""How often the rules of grader/flags.py fire on labelled answers, kind by kind; the tables of docs/flags.md.

    python models/recipes/flags.py bank/answers/*.jsonl
"""

import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from grader.align import similarity
from grader.domain import Flag
from grader.embed import Remembering, load_encoder
from grader.evaluate.labelled import read_labelled
from grader.flags import UNLIKE, oddities
from grader.segment import segment
from grader.weights import Weights

SAMPLE = 150  # questions whose likeness is measured


def main(paths: list[str]) -> None:
    blocks = read_labelled(paths)
    elsewhere = read_labelled([Path(__file__).with_name("other-fields.jsonl")])
    shown = (Flag.keyword_list, Flag.too_short, Flag.restates_question, Flag.copied_reference, Flag.not_english)
    number, fired = Counter(), defaultdict(Counter)
    for block in blocks:
        for a in block.answers:
            number[a.kind] += 1
            fired[a.kind].update(oddities(a.answer, block.question, references(block)))
    print("| kind | answers | " + " | ".join(shown) + " |")
    print("| --- " * (len(shown) + 2) + "|")
    for kind, n in number.items():
        print(f"| {kind} | {n} | " + " | ".join(f"{fired[kind][f] / n:.1%}" for f in shown) + " |")

    repeated = sum(Flag.restates_question in oddities(b.question, b.question) for b in blocks)
    pasted = sum(Flag.copied_reference in oddities(r, b.question, references(b)) for b in blocks for r in references(b)[:1])
    print(f"\nThe question itself as the answer: restates_question for {repeated} of {len(blocks)}.")
    print(f"The reference itself as the answer: copied_reference for {pasted} of {len(blocks)}.\n")
    likeness(blocks, elsewhere)


def likeness(blocks, elsewhere) -> None:
    """The cosine of answers with question and reference: own ones, another topic's, another field's."""
    rng, encoder = random.Random(1), Remembering(load_encoder(Weights()))
    rows = defaultdict(list)
    for block in rng.sample(blocks, min(SAMPLE, len(blocks))):
        theirs = encoder.encode([*references(block), block.question])
        other = rng.choice([b for b in blocks if b.topic != block.topic])
        for name, source in (("own question", block), ("another topic of the bank", other),
                             ("another field", rng.choice(elsewhere))):
            for a in rng.sample(source.answers, min(3, len(source.answers))):
                mine = encoder.encode_parts([c.text for c in segment(a.answer)])[0]
                rows[name].append(similarity(mine, theirs))
    print(f"| answers to | 5 % below | median | 95 % below | share below {UNLIKE} |\n| --- | --- | --- | --- | --- |")
    for name, seen in rows.items():
        low, mid, high = np.quantile(seen, (0.05, 0.5, 0.95))
        print(f"| {name} | {low:.2f} | {mid:.2f} | {high:.2f} | {np.mean(np.array(seen) < UNLIKE):.0%} |")


def references(block) -> list[str]:
    return [block.reference] if isinstance(block.reference, str) else list(block.reference)


if __name__ == "__main__":
    main(sys.argv[1:])
