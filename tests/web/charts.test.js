import assert from "node:assert/strict";
import { test } from "node:test";
import { calendar, linePoints, pathThrough, perDay, smoothed, streak } from "../../web/scripts/charts.js";

test("a line runs from edge to edge with 100 on top", () => {
  assert.deepEqual(linePoints([0, 50, 100], 200, 80), [{ x: 0, y: 80 }, { x: 100, y: 40 }, { x: 200, y: 0 }]);
});

test("one point stands in the middle and none makes no path", () => {
  assert.deepEqual(linePoints([100], 200, 80), [{ x: 100, y: 0 }]);
  assert.equal(pathThrough([]), "");
});

test("a path moves to the first point and draws to the others", () => {
  assert.equal(pathThrough([{ x: 0, y: 1 }, { x: 2, y: 3 }]), "M0 1L2 3");
});

test("smoothing is the mean of the last few", () => {
  assert.deepEqual(smoothed([0, 100, 50], 2), [0, 50, 75]);
});

test("the calendar ends with today and starts on a Monday", () => {
  const friday = new Date(2026, 10, 20, 18);
  const cells = calendar(perDay([friday, friday, new Date(2026, 10, 2)]), friday, 3);

  assert.equal(cells.length, 2 * 7 + 5);
  assert.deepEqual([cells[0].row, cells[0].column, cells[0].day], [0, 0, "2026-11-02"]);
  assert.deepEqual(cells.at(-1), { day: "2026-11-20", done: 2, depth: 1, row: 4, column: 2 });
  assert.equal(cells[0].done, 1);
});

test("every week of the calendar is one column, whatever day it is", () => {
  for (let day = 1; day <= 28; day += 1) {
    const cells = calendar(new Map(), new Date(2026, 2, day), 12);
    for (const cell of cells.filter((c) => c.row === 0)) {
      assert.equal(cells.filter((c) => c.column === cell.column && c.day < cell.day).length, 0);
    }
    assert.equal(cells.at(-1).column, 11);
    assert.equal(cells[0].column, 0);
  }
});

test("a streak may wait for today", () => {
  const now = new Date(2026, 10, 20, 8);
  const on = (...days) => perDay(days.map((d) => new Date(2026, 10, d, 20)));

  assert.deepEqual([on(), on(20), on(18, 19), on(17, 18), on(18, 19, 20)].map((d) => streak(d, now)), [0, 1, 2, 0, 3]);
});
