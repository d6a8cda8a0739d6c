// Speaking instead of typing, where the browser offers it.

import { announce, button } from "./dom.js";

const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;

/** A button that adds what is said to the box, or nothing where the browser cannot listen. */
export function dictation(box, { say = announce, Listener = Recognition } = {}) {
  if (!Listener) return { element: null, stop: () => {} };
  let listening = null;
  const element = button("Dictate", () => (listening ? listening.stop() : start()), {
    class: "quiet",
    "aria-pressed": "false",
    title: "Your browser turns speech into text; some browsers send the sound to their maker for that.",
  });

  function start() {
    listening = new Listener();
    listening.lang = "en-US";
    listening.continuous = true;
    listening.addEventListener("result", add);
    listening.addEventListener("error", (event) => say(`Dictation stopped: ${event.error}.`));
    listening.addEventListener("end", ended);
    listening.start();
    element.setAttribute("aria-pressed", "true");
    element.textContent = "Listening: stop";
  }

  function add(event) {
    const heard = [...event.results].slice(event.resultIndex).filter((result) => result.isFinal);
    const text = heard.map((result) => result[0].transcript.trim()).join(" ");
    if (!text) return;
    const gap = box.value && !/\s$/u.test(box.value) ? " " : "";
    box.setRangeText(gap + text, box.value.length, box.value.length, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function ended() {
    listening = null;
    element.setAttribute("aria-pressed", "false");
    element.textContent = "Dictate";
  }

  return { element, stop: () => listening?.stop() };
}
