import assert from "node:assert/strict";
import { test } from "node:test";
import { changes } from "../../web/scripts/compare.js";

const grade = (score, ...states) => ({
  score,
  concepts: states.map((status, i) => ({ id: `c${i + 1}`, statement: `Claim ${i + 1}.`, status })),
});

test("what got better comes first, what stayed is left out", () => {
  const found = changes(grade(20, "covered", "missing", "covered"), grade(54.6, "missing", "covered", "covered"));

  assert.equal(found.points, 35);
  assert.deepEqual(found.moved.map((m) => [m.id, m.from, m.to, m.better]), [
    ["c2", "missing", "covered", true],
    ["c1", "covered", "missing", false],
  ]);
});

test("saying nothing is better than saying it wrongly", () => {
  assert.equal(changes(grade(0, "contradicted"), grade(0, "missing")).moved[0].better, true);
});

test("a concept that the rubric did not have then is no change", () => {
  assert.deepEqual(changes(grade(10), grade(10, "covered")), { points: 0, moved: [] });
});
