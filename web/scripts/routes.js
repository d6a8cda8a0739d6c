// The page's addresses, all behind the #: any static server will do, and back, reload and links work. Pure.

const SHAPES = [
  ["practise", /^\/?$/],
  ["question", /^\/q\/([^/]+)$/],
  ["attempt", /^\/a\/([^/]+)$/],
  ["progress", /^\/progress$/],
  ["browse", /^\/browse$/],
];

/** What an address asks for: a view, the id it is about, and its options. */
export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  const options = Object.fromEntries(new URLSearchParams(query));
  for (const [view, shape] of SHAPES) {
    const match = shape.exec(path);
    if (match) return { view, id: decoded(match[1] ?? ""), options };
  }
  return { view: "missing", id: path, options };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % is the id's own
  }
}

/** The address of a view; empty options are left out. */
export function format(view, id = "", options = {}) {
  const path = { practise: "/", question: `/q/${encodeURIComponent(id)}`, attempt: `/a/${encodeURIComponent(id)}` };
  const given = Object.entries(options).filter(([, value]) => value);
  const query = new URLSearchParams(given).toString();
  return `#${path[view] ?? `/${view}`}${query ? `?${query}` : ""}`;
}
