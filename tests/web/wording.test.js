import assert from "node:assert/strict";
import { test } from "node:test";
import * as wording from "../../web/scripts/wording.js";

test("words are counted over any white space", () => {
  assert.deepEqual(["", "  ", "one", " two\n words ", "a\u00a0b"].map(wording.countWords), [0, 0, 1, 2, 2]);
});

test("numbers agree with their nouns", () => {
  assert.deepEqual([0, 1, 2].map((n) => wording.count(n, "word")), ["0 words", "1 word", "2 words"]);
  assert.deepEqual([1, 3, 9].map(wording.times), ["once", "three times", "9 times"]);
});

test("a slug reads as words", () => {
  assert.deepEqual(["content-delivery", "iam", "api-gateway", "ec2-vs-lambda"].map(wording.titled), [
    "Content delivery",
    "IAM",
    "API Gateway",
    "EC2 vs Lambda",
  ]);
});

test("a gain that rounds to nothing is not mentioned", () => {
  assert.deepEqual([0, 0.4, 1, 17.6].map(wording.gainWords), ["", "", "+1 point if said right", "+18 points if said right"]);
});

test("an unknown verdict or flag still reads as words", () => {
  assert.equal(wording.verdictWords("brand_new"), "Brand new");
  assert.equal(wording.flagWords("odd_thing"), "Odd thing");
});

test("yesterday is a calendar day, not 24 hours", () => {
  const now = new Date(2026, 10, 21, 0, 5);

  assert.equal(wording.since(new Date(2026, 10, 20, 23, 55), now), "yesterday");
  assert.equal(wording.since(new Date(2026, 10, 21, 0, 1), now), "today");
  assert.equal(wording.since(new Date(2026, 10, 16), now), "5 days ago");
});

test("the clock rounds up, so that 2:00 is what one starts with", () => {
  assert.deepEqual([120, 119.2, 59.9, 0, -3].map(wording.clock), ["2:00", "2:00", "1:00", "0:00", "0:00"]);
});
