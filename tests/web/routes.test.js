import assert from "node:assert/strict";
import { test } from "node:test";
import { format, parse } from "../../web/scripts/routes.js";

test("addresses name a view, an id and options", () => {
  assert.deepEqual(parse(""), { view: "practise", id: "", options: {} });
  assert.deepEqual(parse("#/q/what-is-vpc?improve=7"), { view: "question", id: "what-is-vpc", options: { improve: "7" } });
  assert.deepEqual(parse("#/browse?q=sg+vs+nacl"), { view: "browse", id: "", options: { q: "sg vs nacl" } });
  assert.equal(parse("#/nowhere/else").view, "missing");
});

test("every address comes back as it was written", () => {
  for (const [view, id, options] of [
    ["practise", "", { mode: "due" }],
    ["question", "a b/c%?#", {}],
    ["attempt", "01", {}],
    ["browse", "", { q: "how & why?", topic: "iam" }],
  ]) {
    assert.deepEqual(parse(format(view, id, options)), { view, id, options });
  }
});

test("a stray % in an address is no fault", () => {
  assert.equal(parse("#/q/100%").id, "100%");
});

test("empty options are left out", () => {
  assert.equal(format("browse", "", { q: "", topic: "iam" }), "#/browse?topic=iam");
});
