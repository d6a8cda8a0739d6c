// Evidence in an answer: where it lies, and how overlapping pieces share the text. Pure.

const GRAVEST = ["contradicted", "partial", "covered"];

/** Where the n-th Unicode code point starts in the UTF-16 units that JavaScript counts. */
export function unitOffset(text) {
  const starts = [0];
  for (const character of text) starts.push(starts.at(-1) + character.length);
  return (n) => starts[Math.max(0, Math.min(n, starts.length - 1))];
}

/** Every piece of evidence of a grade, with the concept it speaks of and that concept's status. */
export function evidenceOf(grade) {
  const status = new Map(grade.concepts.map((concept) => [concept.id, concept.status]));
  const found = grade.concepts.flatMap((c) => c.evidence.map((e) => ({ ...e, concept: c.id, status: c.status })));
  for (const wrong of grade.misconceptions) {
    const state = status.get(wrong.concept) ?? "contradicted";
    for (const e of wrong.evidence) found.push({ ...e, concept: wrong.concept, status: state });
  }
  const seen = new Set();
  return found.filter((e) => {
    const key = `${e.concept}:${e.start}:${e.end}`;
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * The whole answer cut wherever evidence starts or ends. Each segment names the concepts it is evidence of,
 * the gravest of their states, and the concepts whose evidence ends with it.
 */
export function segments(answer, evidence) {
  const unit = unitOffset(answer);
  const placed = evidence
    .map((e) => ({ ...e, from: unit(e.start), to: unit(e.end) }))
    .filter((e) => e.to > e.from);
  const edges = [...new Set([0, answer.length, ...placed.flatMap((e) => [e.from, e.to])])].sort((a, b) => a - b);
  return edges.slice(0, -1).map((from, i) => segment(answer, placed, from, edges[i + 1]));
}

function segment(answer, placed, from, to) {
  const over = placed.filter((e) => e.from <= from && e.to >= to);
  return {
    text: answer.slice(from, to),
    concepts: [...new Set(over.map((e) => e.concept))],
    status: GRAVEST.find((status) => over.some((e) => e.status === status)) ?? null,
    ends: over.filter((e) => e.to === to).map((e) => ({ concept: e.concept, status: e.status })),
  };
}
