// Puts the views behind their addresses. Each view is a function of its route that resolves to
// { title, element, focus?, leave? }; nothing is shown until it is whole, so nothing jumps.

import { browse } from "./browse.js";
import { attemptView } from "./attempts.js";
import { announce, button, h } from "./dom.js";
import { keeper } from "./keep.js";
import { listen, showKeys } from "./keys.js";
import { practise, questionView } from "./practise.js";
import { progressView } from "./progress.js";
import { parse } from "./routes.js";

const VIEWS = { practise, question: questionView, attempt: attemptView, progress: progressView, browse };
const SECTION = { question: "practise", attempt: "practise" };

const main = document.querySelector("main");
const kept = keeper(storage());
let leave = null;
let turn = 0;

function storage() {
  try {
    return localStorage;
  } catch {
    return null; // keeper lives without one
  }
}

const go = (hash, { replace = false } = {}) => {
  if (replace) {
    history.replaceState(null, "", hash);
    show();
  } else if (location.hash === hash) show();
  else location.hash = hash;
};

async function show() {
  const mine = (turn += 1);
  const route = parse(location.hash);
  const first = main.dataset.shown === undefined;
  main.setAttribute("aria-busy", "true");
  let view;
  try {
    view = await (VIEWS[route.view] ?? missing)(route, { go, kept, redraw: show });
  } catch (error) {
    view = failed(error);
  }
  if (mine !== turn || !view) {
    view?.leave?.();
    return;
  }
  leave?.();
  leave = view.leave ?? null;
  main.replaceChildren(view.element);
  main.dataset.shown = "";
  main.setAttribute("aria-busy", "false");
  document.title = `${view.title} · Answer grader`;
  markSection(SECTION[route.view] ?? route.view);
  view.shown?.();
  if (!first) arrive(view);
}

function markSection(section) {
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === section) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** The focus goes to the new view's place to begin, so that keyboard and screen reader start there. */
function arrive(view) {
  const place = view.focus ?? view.element.querySelector("h1") ?? main;
  if (!place.matches("a, button, input, textarea, select")) place.tabIndex = -1;
  place.focus({ preventScroll: true });
  scrollTo(0, 0);
  announce(view.says ?? view.title);
}

function missing() {
  return { title: "Not found", element: h("section", { class: "notice" }, h("h1", {}, "There is no such page"),
    h("p", {}, h("a", { href: "#/" }, "Go on practising"))) };
}

function failed(error) {
  if (error.name !== "Problem") console.error(error); // a fault of this page, not of the service
  const gone = error.status === 404;
  const element = h("section", { class: "notice", role: "alert" },
    h("h1", {}, gone ? "That is not here" : "This could not be loaded"),
    h("p", {}, error.message),
    h("p", {}, "What you have typed is safe in this browser."),
    h("p", { class: "actions" }, gone ? null : button("Try again", () => show(), { class: "primary" }),
      h("a", { class: "button", href: "#/" }, "Another question")));
  const retry = () => show();
  addEventListener("online", retry, { once: true });
  return { title: gone ? "Not found" : "Not loaded", element, leave: () => removeEventListener("online", retry) };
}

addEventListener("hashchange", () => {
  if (location.hash === "#main") return; // the skip link
  show();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
document.querySelector(".keys-button").addEventListener("click", () => showKeys(kept));
listen({
  "?": () => showKeys(kept),
  p: () => go("#/progress"),
  b: () => go("#/browse"),
}, kept);
show();
