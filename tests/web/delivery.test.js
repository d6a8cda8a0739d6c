import assert from "node:assert/strict";
import { test } from "node:test";
import { deliver, newKey, remedy, waitBefore } from "../../web/scripts/delivery.js";

/** A service that answers with these outcomes in turn: an Error is thrown, anything else returned. */
function service(...outcomes) {
  const waits = [];
  let renewals = 0;
  return {
    waits,
    renewals: () => renewals,
    send: async () => {
      const next = outcomes.shift();
      if (next instanceof Error) throw next;
      return next;
    },
    wait: async (seconds) => waits.push(seconds),
    renew: async () => (renewals += 1),
  };
}

const failing = (status, retryAfter) => Object.assign(new Error("failed"), { status, retryAfter });

test("an answer gets through an outage, with longer and longer waits", async () => {
  const fake = service(failing(), failing(0), failing(503), "grade");

  assert.equal(await deliver(fake), "grade");
  assert.deepEqual(fake.waits, [1, 2, 4]);
});

test("what the service asks to wait is waited", async () => {
  const fake = service(failing(429, 7), "grade");
  await deliver(fake);

  assert.deepEqual(fake.waits, [7]);
});

test("an expired visit is renewed once and the answer sent again", async () => {
  const fake = service(failing(401), "grade");

  assert.equal(await deliver(fake), "grade");
  assert.deepEqual([fake.renewals(), fake.waits], [1, []]);
});

test("a second refusal after the renewal is final", async () => {
  await assert.rejects(deliver(service(failing(401), failing(401))), { status: 401 });
});

test("a fault of the answer itself is told at once", async () => {
  for (const status of [400, 404, 409, 413, 422]) {
    const fake = service(failing(status), "never");
    await assert.rejects(deliver(fake), { status });
    assert.deepEqual(fake.waits, []);
  }
});

test("giving up while waiting ends the delivery", async () => {
  const fake = { ...service(failing()), wait: () => Promise.reject(new Error("stopped")) };

  await assert.rejects(deliver(fake), /stopped/);
});

test("waits grow to a quarter of a minute and no further", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 50].map((n) => waitBefore(n)), [1, 2, 4, 8, 15, 15, 15]);
});

test("no connection, overload and restarts pass; refusals do not", () => {
  assert.deepEqual([undefined, 0, 429, 502, 503].map((status) => remedy({ status })), Array(5).fill("retry"));
  assert.equal(remedy({ status: 403 }), "renew");
  assert.equal(remedy({ status: 404 }), "give up");
});

test("keys are 128 random bits", () => {
  assert.match(newKey(), /^[0-9a-f]{32}$/);
  assert.notEqual(newKey(), newKey());
});
