// Single-key shortcuts and the dialog that lists them. They rest while somebody types, and can be switched off.

import { button, h } from "./dom.js";

export const KEYS = [
  ["Ctrl or ⌘ + Enter", "Grade my answer"],
  ["?", "These keys"],
  ["a", "To the answer box"],
  ["h", "Show the hint"],
  ["n", "Next question"],
  ["i", "Improve my answer"],
  ["r", "The model answer"],
  ["p", "My progress"],
  ["b", "Browse the questions"],
  ["/", "Search"],
];

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

/** Listens for the page's life. A key presses the visible element marked `data-key` with it, or does what `acts` say. */
export function listen(acts, kept) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
    if (document.querySelector("dialog[open]") || !kept.get("single keys", true)) return;
    const act = acts[event.key] ?? pressing(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function pressing(key) {
  const found = /^[a-z/]$/u.test(key) && document.querySelector(`[data-key="${key}"]:not([hidden]):not(:disabled)`);
  return found ? () => (found.matches("input, textarea") ? found.focus() : found.click()) : null;
}

/** Opens the dialog with the keys; the focus returns to where it was. */
export function showKeys(kept) {
  const single = h("input", { type: "checkbox", checked: kept.get("single keys", true), on: {
    change: () => kept.set("single keys", single.checked),
  } });
  const dialog = h("dialog", { class: "keys", "aria-labelledby": "keys-title", on: { close: () => dialog.remove() } },
    h("h2", { id: "keys-title" }, "Keys"),
    h("dl", {}, KEYS.map(([key, does]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)))),
    h("label", { class: "choice" }, single, "Single keys on (they rest while you type)"),
    h("h2", {}, "How an answer is graded"),
    h("p", {}, "Each question has a few concepts that a full answer makes clear. Your answer is read for each of them: ",
      "said right ✓, half said ½, not said ○, or wrong ✗. What is wrong costs points; wording, grammar and order do not."),
    button("Close", () => dialog.close(), { class: "primary" }));
  document.body.append(dialog);
  dialog.showModal();
}
