// One attempt with its grade: just made, or reopened from the history or a link.

import * as api from "./api.js";
import { changes } from "./compare.js";
import { button, h } from "./dom.js";
import { conceptList, linked, markedAnswer, scoreCard } from "./grade.js";
import { format } from "./routes.js";
import { STATES, count, since, titled, verdictWords } from "./wording.js";

/** The grade of an attempt, and what to do next. */
export async function attemptView(route, { kept }) {
  const earlier = kept.get(`improves:${route.id}`);
  const [attempt, before, me] = await Promise.all([
    api.attempt(route.id),
    earlier ? api.attempt(earlier).catch(() => null) : null,
    api.me().catch(() => null),
  ]);
  const { grade, question } = attempt;
  const element = h("article", { class: "graded" },
    stranger(me, kept),
    h("p", { class: "eyebrow" }, [question && titled(question.topic), question?.level, `answered ${since(attempt.created, new Date())}`,
      attempt.hint_used && "with the hint"].filter(Boolean).join(" · ")),
    h("h1", { class: "question" }, question?.question ?? titled(attempt.question_id)),
    scoreCard(grade),
    before ? whatChanged(before.grade, grade) : null,
    linked(h("div", { class: "sides" },
      h("section", { class: "said", "aria-label": "Your answer" }, h("h2", {}, "Your answer"), markedAnswer(attempt.answer, grade), legend(grade)),
      h("section", { class: "wanted", "aria-label": "Concepts" }, h("h2", {}, "What a full answer makes clear"), conceptList(grade, attempt)))),
    actions(attempt),
    question ? [reference(question, attempt, kept), onwards(question)] : h("p", {}, "The question is no longer in the bank."));
  return { title: `${Math.round(grade.score)} of 100`, element, says: `${Math.round(grade.score)} of 100. ${verdictWords(grade.verdict)}. ${grade.feedback.summary}` };
}

/** Said once, when the service took this browser for somebody new: the cookie had gone. */
function stranger(me, kept) {
  const known = kept.get("since");
  if (!me?.created || known === me.created) return null;
  kept.set("since", me.created);
  if (!known) return null;
  return h("p", { class: "notice", role: "alert" },
    "The service no longer knew this browser, so your progress starts anew here. With your resume code, on ",
    h("a", { href: "#/progress" }, "the progress page"), ", you get the earlier attempts back.");
}

function legend(grade) {
  const met = Object.entries(STATES).filter(([status]) => status !== "missing" && grade.concepts.some((c) => c.status === status));
  if (!met.length) return null;
  return h("p", { class: "legend", "aria-hidden": "true" }, met.map(([status, { mark, word }]) =>
    h("span", { class: `sign is-${status}` }, `${mark} ${word}`)));
}

function whatChanged(before, after) {
  const { points, moved } = changes(before, after);
  const difference = points === 0 ? "The same score as before" : `${count(Math.abs(points), "point")} ${points > 0 ? "more" : "less"} than before`;
  return h("section", { class: "changes", "aria-label": "What changed" },
    h("h2", {}, "What changed"),
    h("p", {}, `${difference}: ${Math.round(before.score)} → ${Math.round(after.score)}.`),
    moved.length ? h("ul", {}, moved.map((move) => h("li", {},
      h("span", { class: `sign is-${move.to}` }, `${STATES[move.to].mark} ${STATES[move.to].word}`), ` (was ${STATES[move.from].word}): `, move.statement))) : null);
}

function actions(attempt) {
  return h("p", { class: "actions" },
    h("a", { class: "button primary", href: "#/", "data-key": "n" }, "Next question"),
    h("a", { class: "button", href: format("question", attempt.question_id, { improve: attempt.id }), "data-key": "i" }, "Improve my answer"),
    button("Print", () => print(), { class: "quiet" }));
}

function reference(question, attempt, kept) {
  const texts = question.reference ?? [];
  if (!texts.length) return null;
  const opened = (event) => event.target.open && kept.set(`seen:${attempt.id}`, true);
  return h("details", { class: "reference", on: { toggle: opened } },
    h("summary", { "data-key": "r" }, "The model answer"), texts.map((text) => h("p", {}, text)));
}

function onwards(question) {
  const asked = question.follow_ups ?? [];
  const near = question.see_also ?? [];
  return [
    asked.length ? h("section", { class: "onwards" }, h("h2", {}, "An interviewer might go on"), h("ul", {}, asked.map((text) => h("li", {}, text)))) : null,
    near.length ? h("section", { class: "onwards near" }, h("h2", {}, "Questions near this one"), h("ul", {}, near.map((id) =>
      h("li", {}, h("a", { href: format("question", id) }, titled(id)))))) : null,
  ];
}
