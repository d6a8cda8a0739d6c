// Numbers into the geometry of charts. Pure; progress.js draws what comes out.

import { dayOf } from "./wording.js";

/** Points of a line through scores 0 to 100, oldest first, in a box of that width and height. */
export function linePoints(scores, width, height) {
  const step = scores.length > 1 ? width / (scores.length - 1) : 0;
  return scores.map((score, i) => ({
    x: round(scores.length > 1 ? i * step : width / 2),
    y: round(height - (clamp(score, 0, 100) / 100) * height),
  }));
}

/** An SVG path through points. */
export function pathThrough(points) {
  return points.map(({ x, y }, i) => `${i ? "L" : "M"}${x} ${y}`).join("");
}

/** The mean of each score and up to `reach - 1` before it: the trend without the day's luck. */
export function smoothed(scores, reach = 5) {
  return scores.map((_, i) => {
    const near = scores.slice(Math.max(0, i - reach + 1), i + 1);
    return near.reduce((sum, score) => sum + score, 0) / near.length;
  });
}

/** Attempts per local calendar day. */
export function perDay(moments) {
  const days = new Map();
  for (const moment of moments) days.set(dayOf(moment), (days.get(dayOf(moment)) ?? 0) + 1);
  return days;
}

/** The last weeks as cells, Monday on top, ending with today; `depth` 0 to 3 says how much was done that day. */
export function calendar(days, now, weeks) {
  const today = new Date(now);
  today.setHours(12, 0, 0, 0);
  const row = (today.getDay() + 6) % 7;
  const cells = [];
  for (let back = (weeks - 1) * 7 + row; back >= 0; back -= 1) {
    const date = new Date(today);
    date.setDate(today.getDate() - back);
    const day = dayOf(date);
    const done = days.get(day) ?? 0;
    cells.push({ day, done, depth: depth(done), row: (date.getDay() + 6) % 7, column: weeks - 1 - columnsBack(back, row) });
  }
  return cells;
}

const columnsBack = (back, row) => Math.ceil((back - row) / 7);
const depth = (done) => (done === 0 ? 0 : done < 3 ? 1 : done < 8 ? 2 : 3);

/** Days in a row with practice, up to today or yesterday. */
export function streak(days, now) {
  const date = new Date(now);
  date.setHours(12, 0, 0, 0);
  if (!days.has(dayOf(date))) date.setDate(date.getDate() - 1);
  let length = 0;
  while (days.has(dayOf(date))) {
    length += 1;
    date.setDate(date.getDate() - 1);
  }
  return length;
}

export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
const round = (value) => Math.round(value * 100) / 100;
