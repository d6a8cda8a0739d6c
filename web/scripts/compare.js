// What changed between two grades of the same question. Pure.

const WORTH = { contradicted: -1, missing: 0, partial: 1, covered: 2 };

/** The score's difference and every concept whose state moved, better ones first. */
export function changes(before, after) {
  const states = new Map(before.concepts.map((concept) => [concept.id, concept.status]));
  const moved = after.concepts
    .filter((concept) => states.has(concept.id) && states.get(concept.id) !== concept.status)
    .map((concept) => ({
      id: concept.id,
      statement: concept.statement,
      from: states.get(concept.id),
      to: concept.status,
      better: WORTH[concept.status] > WORTH[states.get(concept.id)],
    }));
  moved.sort((a, b) => Number(b.better) - Number(a.better));
  return { points: Math.round(after.score) - Math.round(before.score), moved };
}
