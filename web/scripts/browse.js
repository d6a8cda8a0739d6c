// Every question by topic and level, with the learner's best score; searched while one types.

import * as api from "./api.js";
import { announce, button, h } from "./dom.js";
import { format } from "./routes.js";
import { LEVELS, count, titled } from "./wording.js";

const PAGE = 40; // questions at a time: enough for a screen, small on the wire
const PAUSE = 150; // ms without a key before the service is asked

/** The list with its filters; what is asked for stands in the address. */
export async function browse(route) {
  const asked = { q: route.options.q ?? "", topic: route.options.topic ?? "", level: route.options.level ?? "" };
  const [offered, found, best] = await Promise.all([api.topics(), search(asked), bests()]);
  const list = h("ul", { class: "questions" });
  const total = h("p", { class: "total", role: "status" });
  const more = button("More questions", () => show(cursor), { class: "quiet" });
  let cursor = null;
  let running = null;
  let waiting = 0;

  const box = h("input", { type: "search", name: "q", value: asked.q, "data-key": "/", placeholder: "security group", on: { input: soon } });
  const form = h("form", { class: "filters", role: "search", on: { submit: (event) => (event.preventDefault(), show()), change: () => show() } },
    h("label", {}, h("span", {}, "Search"), box),
    h("label", {}, h("span", {}, "Topic"), choices("topic", offered.items.map((t) => [t.topic, `${titled(t.topic)} (${t.questions})`]), "All topics", asked.topic)),
    h("label", {}, h("span", {}, "Level"), choices("level", LEVELS.map((l) => [l, titled(l)]), "Any level", asked.level)));
  fill(found);

  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(() => show(), PAUSE);
  }

  async function show(from) {
    clearTimeout(waiting);
    running?.abort();
    running = new AbortController();
    const now = Object.fromEntries(new FormData(form));
    history.replaceState(null, "", format("browse", "", now));
    try {
      fill(await search(now, from, running.signal), Boolean(from));
    } catch (error) {
      if (error.name !== "AbortError") total.textContent = error.message;
    }
  }

  function fill(page, adding = false) {
    const first = adding ? list.children.length : 0;
    if (!adding) list.replaceChildren();
    list.append(...page.items.map((question) => row(question, best.get(question.id))));
    cursor = page.cursor ?? null;
    more.hidden = !cursor;
    total.textContent = page.total === 0 ? "No question has all these words. Try fewer." : count(page.total ?? list.children.length, "question");
    if (adding) list.children[first]?.querySelector("a").focus();
  }

  const element = h("div", { class: "browse" }, h("h1", {}, "Questions"), form, total, list, more);
  const leave = () => {
    clearTimeout(waiting);
    running?.abort();
  };
  return { title: "Browse", element, leave };
}

const search = (asked, cursor, signal) => api.questions({ ...asked, q: asked.q.trim(), limit: PAGE, cursor }, signal);

function choices(name, options, all, value) {
  return h("select", { name }, [["", all], ...options].map(([of, text]) => h("option", { value: of, selected: of === value }, text)));
}

/** The best score at each question; nothing where progress cannot be had, since browsing works without. */
async function bests() {
  try {
    return new Map(Object.entries((await api.progress()).best));
  } catch (error) {
    announce(error.message);
    return new Map();
  }
}

function row(question, best) {
  return h("li", {}, h("a", { href: format("question", question.id) },
    h("span", { class: "asked" }, question.question),
    h("span", { class: "of" }, `${titled(question.topic)} · ${question.level}`),
    h("span", { class: "best" }, best === undefined ? "" : `best ${Math.round(best)}`)));
}
