// Gets an answer to the service through outages, restarts and expired visits. The network, the waiting and the
// renewal of the visit are handed in, so that this module is pure decisions.

const FIRST_WAIT = 1; // seconds
const LONGEST_WAIT = 15;
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);
const EXPIRED = new Set([401, 403]);

/** Seconds to wait before the n-th retry; what the service asks for goes first. */
export function waitBefore(retry, asked = 0) {
  return asked > 0 ? Math.min(asked, 60) : Math.min(FIRST_WAIT * 2 ** (retry - 1), LONGEST_WAIT);
}

/** What a failed delivery calls for: "retry", "renew" (the visit has expired) or "give up". */
export function remedy(error) {
  if (error.status === undefined || error.status === 0 || PASSING.has(error.status)) return "retry";
  return EXPIRED.has(error.status) ? "renew" : "give up";
}

/**
 * Sends until it is answered. `send` rejects with {status?, retryAfter?}; `wait(seconds, error)` resolves when it is
 * time to try again and rejects to stop. A second refusal after a renewal is final.
 */
export async function deliver({ send, wait, renew }) {
  let renewed = false;
  for (let retry = 1; ; retry += 1) {
    try {
      return await send();
    } catch (error) {
      const next = remedy(error);
      if (next === "give up" || (next === "renew" && renewed)) throw error;
      if (next === "renew") {
        renewed = true;
        await renew(error);
      } else {
        await wait(waitBefore(retry, error.retryAfter), error);
      }
    }
  }
}

/** A random 128-bit key; getRandomValues also works where the page is not served over https. */
export function newKey(random = globalThis.crypto) {
  const bytes = random.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
