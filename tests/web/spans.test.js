import assert from "node:assert/strict";
import { test } from "node:test";
import { evidenceOf, segments, unitOffset } from "../../web/scripts/spans.js";

const said = (start, end, concept, status = "covered") => ({ start, end, concept, status });
const texts = (answer, evidence) => segments(answer, evidence).map((part) => part.text);

test("offsets count code points, so an emoji is one step of two units", () => {
  const at = unitOffset("a😀b");

  assert.deepEqual([0, 1, 2, 3].map(at), [0, 1, 3, 4]);
});

test("offsets beyond the text stay inside it", () => {
  const at = unitOffset("ab");

  assert.deepEqual([at(-5), at(99)], [0, 2]);
});

test("evidence after emoji, combining marks and Chinese lies where the service said", () => {
  for (const before of ["🎉🎉 ", "e\u0301 ", "安全组 ", "👩‍👩‍👧 "]) {
    const answer = `${before}stateful.`;
    const start = [...before].length;

    assert.deepEqual(texts(answer, [said(start, start + 8, "c1")]), [before, "stateful", "."]);
  }
});

test("the segments are the answer, whatever the evidence", () => {
  const answer = "Groups 🔒 are stateful, ACLs are not. <img src=x onerror=alert(1)>";
  for (let seed = 1; seed < 300; seed += 1) {
    const spot = (n) => (seed * 7919 * (n + 1)) % (answer.length + 4);
    const evidence = [0, 1, 2].map((n) => said(Math.min(spot(n), spot(n + 3)), Math.max(spot(n), spot(n + 3)), `c${n}`));

    assert.equal(texts(answer, evidence).join(""), answer);
  }
});

test("where evidence overlaps, the segment names both concepts and the graver state", () => {
  const parts = segments("abcdef", [said(0, 4, "c1"), said(2, 6, "c2", "contradicted")]);

  assert.deepEqual(parts.map((p) => [p.text, p.concepts, p.status]), [
    ["ab", ["c1"], "covered"],
    ["cd", ["c1", "c2"], "contradicted"],
    ["ef", ["c2"], "contradicted"],
  ]);
  assert.deepEqual(parts.map((p) => p.ends.map((e) => e.concept)), [[], ["c1"], ["c2"]]);
});

test("no answer has no segments, and evidence without length is nothing", () => {
  assert.deepEqual(segments("", []), []);
  assert.deepEqual(texts("abc", [said(1, 1, "c1")]), ["abc"]);
});

test("evidence of a misconception counts once where the concept already has it", () => {
  const span = { start: 0, end: 3, text: "abc" };
  const grade = {
    concepts: [{ id: "c1", status: "contradicted", evidence: [span] }],
    misconceptions: [{ concept: "c1", evidence: [span, { start: 4, end: 5, text: "e" }] }],
  };

  assert.deepEqual(evidenceOf(grade).map((e) => [e.start, e.status]), [[0, "contradicted"], [4, "contradicted"]]);
});
