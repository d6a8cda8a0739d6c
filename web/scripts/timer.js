// An optional clock beside the answer box. It suggests two minutes and never stops anyone from typing.

import { announce, button, h } from "./dom.js";
import { clock } from "./wording.js";

const SUGGESTED = 120; // seconds: what an interviewer listens for

/** A timer element; `stop()` must be called when its view goes. */
export function timer(now = () => performance.now()) {
  let ends = null;
  let ticking = 0;
  const shown = h("span", { class: "clock", role: "timer", "aria-live": "off", hidden: true }, clock(SUGGESTED));
  const toggle = button("Time me (2:00)", () => (ends === null ? start() : stop()), { class: "quiet" });

  function start() {
    ends = now() + SUGGESTED * 1000;
    shown.hidden = false;
    toggle.textContent = "Stop the clock";
    ticking = setInterval(tick, 250);
    tick();
    announce("Two minutes from now.");
  }

  function tick() {
    const left = (ends - now()) / 1000;
    shown.textContent = left > 0 ? clock(left) : "2:00 is up: finish your thought";
    if (left > 0) return;
    clearInterval(ticking);
    shown.classList.add("is-up");
    announce("Two minutes are up. Finish your thought.");
  }

  function stop() {
    clearInterval(ticking);
    ends = null;
    shown.hidden = true;
    shown.classList.remove("is-up");
    toggle.textContent = "Time me (2:00)";
  }

  return { element: h("span", { class: "timer" }, toggle, shown), stop };
}
