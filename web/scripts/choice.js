// What a learner wants to be asked: mode, topic and level, remembered by the browser.

import { h } from "./dom.js";
import { LEVELS, MODES, titled } from "./wording.js";

/** The choice as it stands; a first visit begins with something easy. */
export function chosen(kept) {
  const first = !kept.get("been here", false);
  return kept.get("choice", first ? { mode: "new", level: "beginner" } : { mode: "weakest" });
}

/** The closed box in which the choice is changed. */
export function chooser(offered, { go, kept }) {
  const now = chosen(kept);
  const mode = picker("Ask me", "mode", Object.entries(MODES), now.mode);
  const topic = picker("Topic", "topic", [["", "All topics"], ...offered.map((t) => [t.topic, titled(t.topic)])], now.topic);
  const level = picker("Level", "level", [["", "Any level"], ...LEVELS.map((l) => [l, titled(l)])], now.level);
  const form = h("form", { on: { submit } }, mode, topic, level, h("button", { class: "primary" }, "Ask me that"));
  const words = [MODES[now.mode], now.topic ? titled(now.topic) : "all topics", now.level || "any level"];
  return h("details", { class: "chooser" }, h("summary", {}, `What you are asked: ${words.join(", ").toLowerCase()}`), form);

  function submit(event) {
    event.preventDefault();
    kept.set("choice", Object.fromEntries(new FormData(form)));
    go("#/");
  }
}

function picker(label, name, choices, value) {
  return h("label", {}, h("span", {}, label), h("select", { name }, choices.map(([of, text]) =>
    h("option", { value: of, selected: of === (value ?? "") }, text))));
}
