// "This verdict is wrong": one click tells the service, a line may follow.

import * as api from "./api.js";
import { button, freshId, h } from "./dom.js";
import { STATES } from "./wording.js";

/** What a learner most likely means by calling that verdict wrong. */
const likely = (status) => (status === "covered" ? "missing" : "covered");

/** The button, and what it becomes; `told` is what was said about this concept before. */
export function disputing(attemptId, concept, told) {
  const place = h("div", { class: "dispute" });
  if (told) place.append(noted(told.should_be, told.why));
  else place.append(button("This verdict is wrong", object, { class: "quiet small", "aria-describedby": `statement-${concept.id}` }));
  return place;

  async function object() {
    const shouldBe = likely(concept.status);
    if (await send({ should_be: shouldBe, why: "" })) place.replaceChildren(noted(shouldBe), more(shouldBe));
    place.querySelector("p")?.focus();
  }

  async function send(said) {
    try {
      await api.dispute(attemptId, { concept: concept.id, ...said });
      return true;
    } catch (error) {
      place.querySelector(".problem")?.remove();
      place.append(h("p", { class: "problem", role: "alert", tabindex: "-1" }, `Not noted: ${error.message}`));
      return false;
    }
  }

  function more(shouldBe) {
    const state = freshId("should-be");
    const why = freshId("why");
    const form = h("form", { on: { submit: add } },
      h("label", { for: state }, "It should be"),
      h("select", { id: state, name: "should_be" }, Object.entries(STATES).filter(([of]) => of !== concept.status).map(([of, { word }]) =>
        h("option", { value: of, selected: of === shouldBe }, word))),
      h("label", { for: why }, "Why? (optional)"),
      h("input", { id: why, name: "why", maxlength: "2000" }),
      h("button", { class: "small" }, "Add"));
    return form;

    async function add(event) {
      event.preventDefault();
      const said = Object.fromEntries(new FormData(form));
      if (!(await send(said))) return;
      place.replaceChildren(noted(said.should_be, said.why));
      place.querySelector("p").focus();
    }
  }
}

function noted(shouldBe, why) {
  return h("p", { class: "noted", role: "status", tabindex: "-1" },
    `Noted for the question's author: it should be “${STATES[shouldBe]?.word ?? shouldBe}”.`, why ? ` ${why}` : "");
}
