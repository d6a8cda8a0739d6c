// A grade on the page: the score, the answer with its evidence, the concepts, and the links between the two.

import { disputing } from "./dispute.js";
import { h, s, unseen } from "./dom.js";
import { evidenceOf, segments } from "./spans.js";
import { STATES, flagWords, gainWords, isUnsure, scoreWords, verdictWords } from "./wording.js";

/** The score with its interval, the verdict and a sentence. */
export function scoreCard(grade) {
  return h("section", { class: "score-card", "aria-label": "Score" },
    h("div", { class: "score" },
      h("p", { class: "points" }, h("strong", {}, String(Math.round(grade.score))), h("span", {}, " of 100")),
      h("div", { class: "measure" },
        scoreBar(grade),
        h("p", { class: "interval" }, `very likely between ${Math.round(grade.score_low)} and ${Math.round(grade.score_high)}`))),
    h("p", { class: "summary" }, h("strong", {}, `${verdictWords(grade.verdict)}. `), grade.feedback.summary),
    grade.needs_review ? h("p", { class: "unsure-note" }, "The grader is not sure here: weigh its verdicts against the model answer.") : null,
    grade.flags.map((flag) => h("p", { class: "flag" }, flagWords(flag))));
}

/** A bar from 0 to 100: filled to the score, the interval as a paler band with ends. */
export function scoreBar(grade, props = {}) {
  const { score, score_low: low, score_high: high } = grade;
  return s("svg", { class: "score-bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": scoreWords(grade), ...props },
    s("rect", { class: "track", x: 0, y: 3, width: 100, height: 4 }),
    s("rect", { class: "fill", x: 0, y: 3, width: score, height: 4 }),
    s("rect", { class: "band", x: low, y: 1, width: Math.max(0.8, high - low), height: 8 }),
    s("rect", { class: "needle", x: Math.min(99.2, Math.max(0, score - 0.4)), y: 0, width: 0.8, height: 10 }));
}

/** The learner's words with the evidence marked: by line, by sign and number, and by colour. */
export function markedAnswer(answer, grade) {
  const number = new Map(grade.concepts.map((concept, i) => [concept.id, i + 1]));
  const parts = segments(answer, evidenceOf(grade)).map((part) => (part.status ? marked(part, number) : part.text));
  return h("p", { class: "answer" }, parts.length ? parts : h("em", {}, "Nothing was typed."));
}

function marked(part, number) {
  const numbers = part.concepts.map((id) => number.get(id) ?? 0);
  return h("mark", { class: `evidence is-${part.status}`, tabindex: "0", role: "button", "data-numbers": numbers.join(" ") },
    part.text,
    part.ends.map(({ concept, status }) => [
      h("sup", { class: `sign is-${status}`, "aria-hidden": "true" }, `${STATES[status].mark}${number.get(concept) ?? ""}`),
      unseen(` (${STATES[status].word}, concept ${number.get(concept) ?? ""}) `),
    ]).flat());
}

/** Every concept with its state, what it would have gained and, where wrong, what is right. */
export function conceptList(grade, attempt) {
  const wrongs = new Map(grade.misconceptions.map((wrong) => [wrong.concept, wrong]));
  const told = new Map((attempt?.disputes ?? []).map((dispute) => [dispute.concept, dispute]));
  return h("ol", { class: "concepts" }, grade.concepts.map((concept, i) =>
    conceptItem(concept, i + 1, wrongs.get(concept.id), attempt && disputing(attempt.id, concept, told.get(concept.id)))));
}

function conceptItem(concept, number, wrong, dispute) {
  const { mark, word } = STATES[concept.status];
  const gain = gainWords(concept.gain);
  const correction = wrong && wrong.correction !== concept.statement ? wrong.correction : "";
  return h("li", { class: `concept is-${concept.status}`, tabindex: "-1", "data-numbers": String(number) },
    h("p", { class: "state" },
      h("span", { class: "sign", "aria-hidden": "true" }, `${mark}${number}`), ` ${word}`,
      isUnsure(concept) ? h("span", { class: "unsure" }, "unsure") : null,
      gain ? h("span", { class: "gain" }, gain) : null),
    h("p", { class: "statement", id: `statement-${concept.id}` }, wrong && !correction ? h("strong", {}, "Right is: ") : null, concept.statement),
    correction ? h("p", { class: "correction" }, h("strong", {}, "Right is: "), correction) : null,
    h("div", { class: "concept-actions" },
      concept.evidence.length ? h("button", { type: "button", class: "quiet small to-evidence", "aria-describedby": `statement-${concept.id}` }, "In my answer") : null,
      dispute));
}

/** Lights an evidence's concepts and a concept's evidence while one is hovered or focused; a click goes across. */
export function linked(root) {
  const parts = [...root.querySelectorAll("[data-numbers]")];
  const numbers = (part) => part.dataset.numbers.split(" ");
  const near = (node) => node?.closest?.("[data-numbers]");

  function light(from) {
    const lit = from ? numbers(from) : [];
    for (const part of parts) part.classList.toggle("lit", numbers(part).some((n) => lit.includes(n)));
  }

  function across(event) {
    const mark = event.target.closest("mark");
    const evidenceButton = event.target.closest(".to-evidence");
    if (!mark && !evidenceButton) return;
    const from = near(event.target);
    const wanted = mark ? ".concept" : "mark";
    const to = parts.find((part) => part.matches(wanted) && numbers(part).some((n) => numbers(from).includes(n)));
    to?.focus({ preventScroll: true });
    to?.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  root.addEventListener("pointerover", (event) => light(near(event.target) ?? near(document.activeElement)));
  root.addEventListener("pointerleave", () => light(near(document.activeElement)));
  root.addEventListener("focusin", (event) => light(near(event.target)));
  root.addEventListener("focusout", () => light(null));
  root.addEventListener("click", across);
  root.addEventListener("keydown", (event) => {
    if (event.target.matches("mark") && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      across(event);
    }
  });
  return root;
}
