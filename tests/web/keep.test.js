import assert from "node:assert/strict";
import { test } from "node:test";
import { keeper } from "../../web/scripts/keep.js";

class FakeStorage {
  getItem(name) {
    return Object.hasOwn(this, name) ? this[name] : null;
  }
  setItem(name, value) {
    this[name] = value;
  }
  removeItem(name) {
    delete this[name];
  }
}

class Locked {
  getItem() {
    throw new Error("locked");
  }
  setItem() {
    throw new Error("locked");
  }
  removeItem() {
    throw new Error("locked");
  }
}

test("what is kept is there for the next visit", () => {
  const storage = new FakeStorage();
  keeper(storage).set("draft:q", "An answer 🎉");

  assert.equal(keeper(storage).get("draft:q"), "An answer 🎉");
  assert.equal(keeper(storage).get("draft:other", "none"), "none");
});

test("clearing takes our own things and nobody else's", () => {
  const storage = new FakeStorage();
  storage.setItem("theirs", "1");
  const keep = keeper(storage);
  keep.set("a", 1);
  keep.clear();

  assert.equal(keep.get("a"), null);
  assert.equal(storage.getItem("theirs"), "1");
});

test("a locked store costs the memory across visits, not the page", () => {
  const keep = keeper(new Locked());

  assert.equal(keep.set("draft:q", "text"), false);
  assert.equal(keep.get("draft:q"), "text");
  keep.drop("draft:q");
  assert.equal(keep.get("draft:q"), null);
});

test("a damaged value is as none", () => {
  const storage = new FakeStorage();
  storage.setItem("grader:draft:q", "{not json");

  assert.equal(keeper(storage).get("draft:q", ""), "");
});
