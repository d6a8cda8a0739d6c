// What a learner knows, believes wrongly, has not said yet, and has to do today.

import * as api from "./api.js";
import { calendar, linePoints, pathThrough, smoothed, streak } from "./charts.js";
import { announce, button, figure, freshId, h, s, unseen } from "./dom.js";
import { format } from "./routes.js";
import { count, dayOf, since, times, titled, verdictWords } from "./wording.js";

const WEEKS = 18;
const ROW = 28; // a topic's share of the chart's height: 1.75 rem, as its name in the list beside it has
const SHOWN = 8; // of each list, before "all of them"
const HISTORY = 15; // attempts on a page: each comes with its whole grade

/** The progress page; for who has none yet, the way to the first. */
export async function progressView(_, context) {
  const [found, recent, me] = await Promise.all([api.progress(), api.attempts({ limit: HISTORY }), api.me()]);
  const element = h("div", { class: "progress" }, h("h1", {}, "Progress"),
    recent.items.length ? [
      today(found),
      misconceptions(found.misconceptions),
      mastery(found),
      overTime(found.days),
      neverSaid(found.concepts),
      history(recent),
    ] : h("p", {}, "Nothing yet. After your first answer this page shows what you know, topic by topic. ",
      h("a", { href: "#/" }, "Answer a first question")),
    yours(me, context));
  return { title: "Progress", element };
}

function section(title, ...children) {
  const id = freshId("section");
  return h("section", { "aria-labelledby": id }, h("h2", { id }, title), children);
}

function today(found) {
  const due = found.due.today;
  const words = due ? `${count(due, "question")} due today.` : "Nothing is due today.";
  const row = streak(new Map(found.days.map((day) => [day.day, day.answers])), new Date());
  return h("section", { class: "today", "aria-label": "Today" },
    h("p", {}, h("strong", {}, words), row > 1 ? ` You have practised ${row} days in a row.` : ""),
    h("p", { class: "actions" },
      due ? h("a", { class: "button primary", href: format("practise", "", { mode: "due" }) }, "Answer what is due") : null,
      h("a", { class: due ? "button" : "button primary", href: format("practise", "", { mode: "weakest" }) }, "Practise the weakest")));
}

function misconceptions(all) {
  const open = all.filter((one) => one.open);
  if (!open.length) return null;
  return section("What you keep getting wrong", atFirst(open, "misconceptions", (one) => h("li", {},
    h("p", {}, h("strong", {}, `${titled(times(one.times))}: `), `“${one.words || one.claim}”`),
    h("p", { class: "correction" }, h("strong", {}, "Right is: "), one.correction),
    h("p", {}, h("a", { href: format("question", one.question_id), "aria-label": `Set it right: ${one.statement}` }, "Set it right")))));
}

function mastery({ topics, weak }) {
  if (!topics.length) return null;
  const picture = s("svg", { class: "mastery", viewBox: `0 0 100 ${topics.length * ROW}`, height: `${topics.length * 1.75}rem`, preserveAspectRatio: "none" },
    topics.map((topic, i) => masteryBar(topic, i * ROW)));
  const names = h("ol", { class: "mastery-names" }, topics.map((topic) => h("li", {},
    h("a", { href: format("practise", "", { topic: topic.topic, mode: "weakest" }) }, titled(topic.topic)),
    topic.answers ? h("span", {}, percent(topic.mastery)) : h("span", {}, h("span", { "aria-hidden": "true" }, "–"), unseen("not asked")))));
  const chart = figure("Share of each topic that you know; the wide band is how unsure that is", picture,
    ["Topic", "Known", "Between", "Answers", "Trend", "Due"],
    topics.map((t) => [titled(t.topic), percent(t.mastery), `${percent(t.low)} and ${percent(t.high)}`, String(t.answers), trendWords(t.trend), String(t.due ?? 0)]));
  const both = h("div", { class: "mastery-chart" });
  picture.before(both);
  both.append(names, picture);
  return section("Topics, weakest first", weakest(weak), chart);
}

function masteryBar({ mastery: mean, low, high, answers }, top) {
  return s("g", { class: answers ? "asked" : "unasked" },
    s("rect", { class: "track", x: 0, y: top + 11, width: 100, height: 6 }),
    s("rect", { class: "fill", x: 0, y: top + 11, width: mean * 100, height: 6 }),
    s("rect", { class: "band", x: low * 100, y: top + 8, width: Math.max(0.5, (high - low) * 100), height: 12 }));
}

/** Why the weakest topics come first, in the service's words. */
function weakest(weak) {
  return h("ol", { class: "weakest" }, weak.slice(0, 3).map((topic) => h("li", {},
    h("a", { href: format("practise", "", { topic: topic.topic, mode: "weakest" }) }, titled(topic.topic)), `: ${topic.reason}`)));
}

const percent = (share) => `${Math.round(share * 100)} %`;

function trendWords(trend) {
  if (!trend || Math.abs(trend) < 0.02) return "steady";
  return trend > 0 ? `up ${percent(trend)}` : `down ${percent(-trend)}`;
}

function overTime(days) {
  if (!days.length) return null;
  const means = days.map((day) => day.score);
  const line = pathThrough(linePoints(means, 300, 80));
  const trend = pathThrough(linePoints(smoothed(means), 300, 80));
  const picture = s("svg", { class: "trend", viewBox: "-4 -6 308 92" },
    [0, 50, 100].map((score) => s("path", { class: "grid", d: `M0 ${80 - score * 0.8}H300` })),
    s("path", { class: "raw", d: line }), s("path", { class: "line", d: trend }),
    linePoints(means, 300, 80).map(({ x, y }) => s("circle", { cx: x, cy: y, r: 2.5 })));
  return section("Over time",
    figure("Mean score of each day of practice, 0 to 100, and its trend", picture, ["Day", "Mean score", "Answers"],
      days.map((day) => [day.day, String(Math.round(day.score)), String(day.answers)]).reverse()),
    calendarFigure(new Map(days.map((day) => [day.day, day.answers]))));
}

function calendarFigure(days) {
  const size = 14;
  const cells = calendar(days, new Date(), WEEKS);
  const picture = s("svg", { class: "calendar", viewBox: `0 0 ${WEEKS * size} ${7 * size}` }, cells.map((cell) =>
    s("rect", { class: `depth-${cell.depth}`, x: cell.column * size + 1, y: cell.row * size + 1, width: size - 2, height: size - 2, rx: 2 },
      s("title", {}, `${cell.day}: ${count(cell.done, "answer")}`))));
  const practised = cells.filter((cell) => cell.done);
  return figure(`Practice days of the last ${WEEKS} weeks: ${practised.length}`, picture, ["Day", "Answers"],
    practised.map((cell) => [cell.day, String(cell.done)]).reverse());
}

function neverSaid(concepts) {
  const never = concepts.filter((concept) => concept.said === 0);
  if (!never.length) return null;
  return section("Asked, but never said yet", atFirst(never, "concepts", (concept) => h("li", {}, `${concept.statement} `,
    h("a", { href: format("question", concept.question_id), "aria-label": `Practise: ${concept.statement}` }, "Practise"))));
}

/** A list that begins short; the rest is behind a button. */
function atFirst(all, name, item) {
  const list = h("ul", { class: "plain" }, all.slice(0, SHOWN).map(item));
  if (all.length <= SHOWN) return list;
  const rest = button(`All ${all.length} ${name}`, () => {
    list.append(...all.slice(SHOWN).map(item));
    rest.remove();
    list.children[SHOWN].tabIndex = -1;
    list.children[SHOWN].focus();
  }, { class: "quiet" });
  return [list, rest];
}

function history(page) {
  const list = h("ol", { class: "history" });
  let { cursor } = page;
  const more = button("Earlier attempts", async () => {
    more.disabled = true;
    try {
      const earlier = await api.attempts({ limit: HISTORY, cursor });
      const first = list.children.length;
      add(earlier);
      list.children[first]?.querySelector("a").focus();
    } catch (error) {
      announce(error.message);
    }
    more.disabled = false;
  }, { class: "quiet" });

  function add({ items, cursor: next }) {
    list.append(...items.map(past));
    cursor = next;
    more.hidden = !next;
  }

  add(page);
  return section("Attempts", list, more);
}

function past(attempt) {
  return h("li", {}, h("a", { href: format("attempt", attempt.id) },
    h("span", { class: "points" }, String(Math.round(attempt.grade.score))),
    h("span", { class: "asked" }, attempt.question || titled(attempt.question_id)),
    h("span", { class: "when" }, `${verdictWords(attempt.grade.verdict).toLowerCase()}, ${since(attempt.created, new Date())}`)));
}

function yours(me, { kept, go, redraw }) {
  const taken = h("a", { class: "button", href: api.EXPORT, download: `answer-grader-${dayOf(new Date())}.json` }, "Export everything");
  return section("Yours",
    h("p", {}, "All that is stored about you is your attempts with their grades, and what you disputed."),
    me.resume_code ? h("p", {}, "To carry on in another browser, enter this resume code there: ", h("code", { class: "resume-code" }, me.resume_code)) : null,
    resuming(kept, redraw),
    h("p", { class: "actions" }, taken, button("Forget me", () => forgetting(kept, go), { class: "danger" })));
}

function resuming(kept, redraw) {
  const id = freshId("code");
  const problem = h("p", { class: "problem", role: "alert" });
  const form = h("form", { on: { submit } }, h("label", { for: id }, "Resume code"),
    h("input", { id, name: "code", required: true, maxlength: "60", autocomplete: "off", spellcheck: "false" }),
    h("button", {}, "Carry on here"), problem);
  return h("details", {}, h("summary", {}, "I have a resume code"), form);

  async function submit(event) {
    event.preventDefault();
    try {
      const me = await api.resume(new FormData(form).get("code"));
      kept.set("been here", true);
      kept.set("since", me.created);
      redraw();
    } catch (error) {
      problem.textContent = error.message;
    }
  }
}

function forgetting(kept, go) {
  const problem = h("p", { class: "problem", role: "alert" });
  const dialog = h("dialog", { "aria-labelledby": "forget-title", on: { close: () => dialog.remove() } },
    h("h2", { id: "forget-title" }, "Forget everything?"),
    h("p", {}, "Every attempt and grade is deleted here and now, and drafts in this browser too. There is no way back."),
    problem,
    h("p", { class: "actions" }, button("Keep it", () => dialog.close(), { class: "primary", autofocus: true }),
      button("Forget me", forget, { class: "danger" })));
  document.body.append(dialog);
  dialog.showModal();

  async function forget() {
    try {
      await api.forget();
    } catch (error) {
      problem.textContent = error.message;
      return;
    }
    kept.clear();
    dialog.close();
    go("#/");
    announce("Everything about you is deleted.");
  }
}
