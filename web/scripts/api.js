// The service, as the contract has it. Every failure is a Problem that can be read by a person.

const ROOT = "api/v1";
const PATIENCE = 20_000; // ms; a grade takes a tenth of a second

/** Why the service did not do it; `status` 0 where it was not reached at all. */
export class Problem extends Error {
  constructor(message, { status = 0, retryAfter = 0 } = {}) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The JSON behind a path under /api/v1; empty options are left out of the query. */
export async function call(path, { method = "GET", body, query = {}, headers = {}, signal } = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  const asked = given.length ? `?${new URLSearchParams(given)}` : "";
  const init = { method, headers: { accept: "application/json", ...headers }, signal: signals(signal) };
  if (body !== undefined) {
    init.headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  const response = await reached(`${ROOT}/${path}${asked}`, init);
  if (!response.ok) throw await problem(response);
  return response.status === 204 ? null : response.json().catch(() => null);
}

function signals(signal) {
  const limit = AbortSignal.timeout(PATIENCE);
  return signal && AbortSignal.any ? AbortSignal.any([signal, limit]) : (signal ?? limit);
}

async function reached(url, init) {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(navigator.onLine === false ? "You are offline." : "The service does not answer.");
  }
}

async function problem(response) {
  const told = await response.json().catch(() => ({}));
  const status = response.status;
  const retryAfter = Number(response.headers.get("retry-after")) || 0;
  const words = (told.detail || told.title || `The service answered ${status}.`).replace(/^\$[^ ]*: /, ""); // no JSON path
  return new Problem(`${words.charAt(0).toUpperCase()}${words.slice(1).replace(/([^.!?])$/, "$1.")}`, { status, retryAfter });
}

const id = encodeURIComponent;

export const topics = () => call("topics");
export const questions = (query, signal) => call("questions", { query, signal });
export const question = (questionId) => call(`questions/${id(questionId)}`);
export const next = (query) => call("learners/me/next", { query });
export const progress = () => call("learners/me/progress");
export const attempts = (query) => call("learners/me/attempts", { query });
export const attempt = (attemptId) => call(`learners/me/attempts/${id(attemptId)}`);
export const submit = (body, key) =>
  call("learners/me/attempts", { method: "POST", body, headers: { "idempotency-key": key } });
export const dispute = (attemptId, body) =>
  call(`learners/me/attempts/${id(attemptId)}/dispute`, { method: "POST", body });
export const me = () => call("learners/me");
export const resume = (code) => call("learners/me/resume", { method: "POST", body: { code } });
export const forget = () => call("learners/me", { method: "DELETE" });
export const EXPORT = `${ROOT}/learners/me/export`;
