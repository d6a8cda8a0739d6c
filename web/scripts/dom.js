// Elements from plain calls. Text is only ever set as text: nothing typed or served can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: `h("p", { class: "why" }, "text", child)`. Functions in `on` listen. */
export function h(tag, props = {}, ...children) {
  return filled(document.createElement(tag), props, children);
}

/** An SVG element. */
export function s(tag, props = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children);
}

function filled(element, { on = {}, ...props }, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A button that is never a form's submit by accident. */
export function button(text, click, props = {}) {
  return h("button", { type: "button", on: { click }, ...props }, text);
}

/** Text for screen readers alone. */
export const unseen = (text) => h("span", { class: "unseen" }, text);

let counted = 0;
/** An id that no other element has. */
export const freshId = (name) => `${name}-${(counted += 1)}`;

/** Says something to a screen reader without moving the focus. */
export function announce(text) {
  const place = document.querySelector(".announce");
  place.textContent = "";
  // An emptied region must be seen empty first, else the same words twice are read once.
  requestAnimationFrame(() => (place.textContent = text));
}

/** A chart with the table that says the same in words, closed until asked for. */
export function figure(title, picture, headings, rows) {
  const id = freshId("figure");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-labelledby", id);
  return h("figure", {},
    h("figcaption", { id }, title),
    picture,
    h("details", { class: "behind" }, h("summary", {}, "As a table"), table(title, headings, rows)));
}

/** A table with a caption for screen readers; it scrolls in its own box where the window is narrow. */
export function table(caption, headings, rows) {
  return h("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {},
      h("caption", { class: "unseen" }, caption),
      h("thead", {}, h("tr", {}, headings.map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, rows.map(([first, ...rest]) =>
        h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", {}, cell)))))));
}
