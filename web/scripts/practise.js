// The question and the box for its answer.

import * as api from "./api.js";
import { chooser, chosen } from "./choice.js";
import { deliver, newKey } from "./delivery.js";
import { dictation } from "./dictation.js";
import { announce, button, h } from "./dom.js";
import { draftName, pendingName } from "./keep.js";
import { format } from "./routes.js";
import { timer } from "./timer.js";
import { count, countWords, titled } from "./wording.js";

const LONGEST = 20_000; // characters that are read
const whys = new Map(); // why each question was chosen, until the page is closed
const cards = new Map(); // questions that came with the choice: no need to ask for them again
let topics = null;
let skipped = null; // the question shown last, while it has no answer

/** Lets the service choose, and goes to its question: the address then names it, so a reload keeps it. */
export async function practise(route, { go, kept }) {
  const choice = { ...chosen(kept), ...route.options };
  offeredTopics();
  const found = await another(choice);
  if (!found.question) return nothingLeft(choice, found.why);
  whys.set(found.question.id, found.why);
  cards.set(found.question.id, found.question);
  go(format("question", found.question.id), { replace: true });
  return null;
}

/** The next question; who skips one gets a different one, whatever the mode would choose again. */
async function another(choice) {
  const seed = () => String(Math.floor(Math.random() * 2 ** 31));
  const found = await api.next({ ...choice, seed: seed() });
  if (!skipped || found.question?.id !== skipped) return found;
  return api.next({ ...choice, mode: "random", seed: seed() });
}

function nothingLeft(choice, why) {
  const element = h("section", { class: "notice" },
    h("h1", {}, choice.mode === "due" ? "Nothing is due" : "No question fits"),
    h("p", {}, why || "Nothing is left to ask with this choice."),
    h("p", { class: "actions" },
      h("a", { class: "button primary", href: format("practise", "", { mode: "new" }) }, "Something new"),
      h("a", { class: "button", href: "#/browse" }, "Browse the questions")));
  return { title: "Practise", element };
}

/** One question, ready to be answered. */
export async function questionView(route, context) {
  const improve = route.options.improve;
  const [question, offered, before] = await Promise.all([
    cards.get(route.id) ?? api.question(route.id),
    offeredTopics(),
    improve ? api.attempt(improve).catch(() => null) : null,
  ]);
  skipped = question.id;
  const desk = answering(question, before, context);
  const element = h("div", { class: "practise" },
    context.kept.get("been here", false) ? null : intro(),
    h("p", { class: "eyebrow" }, `${titled(question.topic)} · ${question.level}`),
    h("h1", { class: "question", id: "question" }, question.question),
    why(question, before),
    desk.element,
    chooser(offered?.items ?? [], context));
  return { title: question.question, element, focus: desk.focus, leave: desk.leave, shown: desk.shown };
}

/** The topics, asked for once; without them the page works all the same. */
function offeredTopics() {
  topics ??= api.topics().catch(() => (topics = null));
  return topics;
}

function intro() {
  return h("section", { class: "intro", "aria-label": "How this works" },
    h("p", {}, h("strong", {}, "Answer in your own words, as you would to an interviewer."),
      " You see at once what was right, missing and wrong, with the words of yours it rests on. ",
      "What you do not know yet comes again. No account needed."));
}

function why(question, before) {
  if (before) {
    return h("p", { class: "why" }, "You are improving an answer that got ",
      h("a", { href: format("attempt", before.id) }, `${Math.round(before.grade.score)} of 100`), ".");
  }
  const told = whys.get(question.id);
  return told ? h("p", { class: "why" }, told) : null;
}

/** The box with all that surrounds it, and the way to the grade. */
function answering(question, before, { go, kept }) {
  const draft = draftName(question.id);
  const pending = kept.get(pendingName(question.id));
  const box = h("textarea", { id: "answer", rows: "7", spellcheck: "true", "aria-describedby": "words question",
    "data-key": "a", on: { input: typed, keydown: hotkey } });
  box.value = pending?.answer ?? kept.get(draft) ?? before?.answer ?? "";
  const words = h("span", { id: "words", class: "words" });
  const hint = hinting(question, kept);
  const clock = timer();
  const voice = dictation(box);
  const notice = h("div", { class: "notice delivery", role: "alert", hidden: true });
  const grade = h("button", { class: "primary grade-button", "aria-keyshortcuts": "Control+Enter Meta+Enter" }, "Grade my answer");
  const form = h("form", { class: "desk", on: { submit: (event) => (event.preventDefault(), submit()) } },
    h("label", { for: "answer" }, "Your answer"), box,
    h("div", { class: "tools" }, words, clock.element, hint.button, voice.element),
    hint.element, notice,
    h("div", { class: "actions" }, grade, h("kbd", { class: "shortcut" }, "Ctrl + Enter"),
      h("a", { class: "button quiet", href: "#/", "data-key": "n" }, "Another question")));
  let stop = null;
  told();

  function typed() {
    if (!kept.set(draft, box.value)) notice.textContent = "This browser keeps no drafts: a reload would lose the answer.";
    told();
  }

  function told() {
    const long = [...box.value].length > LONGEST ? `: only the first ${LONGEST.toLocaleString("en")} characters are read` : "";
    words.textContent = count(countWords(box.value), "word") + long;
    if (CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 4}px`;
  }

  function hotkey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    submit();
  }

  async function submit() {
    if (stop) return;
    if (!box.value.trim()) {
      tell("There is no answer yet. A sentence is enough to start with.");
      box.focus();
      return;
    }
    busy(true);
    stop = new AbortController();
    try {
      const attempt = await sent(stop.signal);
      settled(attempt);
    } catch (error) {
      if (stop?.signal.aborted) return; // left, or gone back to the box
      kept.drop(pendingName(question.id));
      tell(`${error.message} Your answer is still here.`);
      busy(false);
    }
  }

  function sent(signal) {
    const body = { question_id: question.id, answer: box.value, hint_used: hint.used(),
      revealed: Boolean(before && kept.get(`seen:${before.id}`)) };
    const waiting = kept.get(pendingName(question.id));
    const same = waiting && JSON.stringify(waiting.body) === JSON.stringify(body);
    const key = same ? waiting.key : newKey();
    kept.set(pendingName(question.id), { key, body, answer: box.value });
    return deliver({
      send: () => (signal.throwIfAborted(), api.submit(body, key)),
      wait: (seconds, error) => patience(seconds, error, signal),
      renew: () => (tell("Your visit had expired. A new one begins; your answer is kept."), api.progress()),
    });
  }

  function settled(attempt) {
    skipped = null;
    for (const name of [draft, pendingName(question.id), `hint:${question.id}`]) kept.drop(name);
    if (before) kept.set(`improves:${attempt.id}`, before.id);
    kept.set("been here", true);
    go(format("attempt", attempt.id));
  }

  /** Waits for the next try: the time, the button, or the network coming back. */
  function patience(seconds, error, signal) {
    return new Promise((resolve, reject) => {
      let left = Math.ceil(seconds);
      const text = h("p", {}, "");
      const counting = setInterval(() => ((left -= 1) > 0 ? count_() : done(resolve)), 1000);
      const done = (end, value) => {
        clearInterval(counting);
        removeEventListener("online", now);
        signal.removeEventListener("abort", aborted);
        notice.hidden = true;
        end(value);
      };
      const now = () => done(resolve);
      const aborted = () => done(reject, signal.reason);
      const count_ = () => (text.textContent = `Trying again in ${count(left, "second")}.`);
      addEventListener("online", now);
      signal.addEventListener("abort", aborted);
      count_();
      tell(`${error.message} Your answer is safe in this browser and will be graded as soon as it is back.`, text,
        h("p", { class: "actions" }, button("Try now", now), button("Back to the answer", backToBox, { class: "quiet" })));
    });
  }

  function backToBox() {
    stop?.abort();
    kept.drop(pendingName(question.id));
    busy(false);
    box.focus();
  }

  function tell(text, ...more) {
    notice.replaceChildren(h("p", {}, text), ...more);
    notice.hidden = false;
  }

  function busy(is) {
    if (!is) stop = null;
    box.readOnly = is;
    grade.setAttribute("aria-disabled", String(is));
    grade.textContent = is ? "Grading…" : "Grade my answer";
    if (is) announce("Grading");
  }

  function leave() {
    clock.stop();
    voice.stop();
    stop?.abort();
  }

  function shown() {
    told();
    if (pending) submit(); // a delivery that a reload or a closed window cut short
  }

  return { element: form, focus: box, leave, shown };
}

function hinting(question, kept) {
  if (!question.hint) return { button: null, element: null, used: () => false };
  const name = `hint:${question.id}`;
  const element = h("p", { class: "hint", hidden: !kept.get(name) }, h("strong", {}, "Hint: "), question.hint);
  const show = button("Hint", () => {
    element.hidden = !element.hidden;
    show.setAttribute("aria-expanded", String(!element.hidden));
    if (!element.hidden) {
      kept.set(name, true);
      announce(`Hint: ${question.hint}`);
    }
  }, { class: "quiet", "data-key": "h", "aria-expanded": String(!element.hidden), title: "Noted in the attempt" });
  return { button: show, element, used: () => Boolean(kept.get(name)) };
}
