import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { ACTIONS, decision, FLOWS, Verdict } from "../src/index.js";
import { FIXTURES } from "./helpers.js";

const DOORS = join(FIXTURES, "doors.json");
/** What a case calls the error of this kind. */
const CALLED = { not_screened: "not_screened", invalid: "error" };

function decided({ action, because, flow, holds }) {
  try {
    return decision(action, because, flow, holds);
  } catch (error) {
    return CALLED[error.kind] ?? String(error);
  }
}

test("every cell of the table of doors is as the cases say", () => {
  const cases = JSON.parse(readFileSync(DOORS, "utf8"));
  for (const one of cases) assert.equal(decided(one), one.decision, JSON.stringify(one));
  assert.ok(cases.length > 100);
});

test("the table of doors", () => {
  const row = (action, because) => FLOWS.map((flow) => decided({ action, because, flow }));
  assert.deepEqual(FLOWS, ["onboarding", "authorisation", "payout", "checkout"]);
  for (const action of ["allow", "monitor"]) assert.deepEqual(row(action), ["pass", "pass", "pass", "pass"]);
  for (const action of ["review", "hold_payout"])
    assert.deepEqual(row(action, "late"), ["hold", "pass", "hold", "pass"]);
  assert.deepEqual(row("block", "record"), ["refuse", "refuse", "refuse", "refuse"]);
  const door = (because) => decided({ action: "review", because, flow: "payout", holds: false });
  assert.deepEqual(["record", "candidate", "score", undefined].map(door), [
    "refuse",
    "refuse",
    "not_screened",
    "not_screened",
  ]);
  assert.equal(decided({ action: "Block", flow: "payout" }), "error");
  assert.equal(decided({ action: "block", flow: "refund" }), "error");
  assert.equal(decided({ action: "toString", flow: "payout" }), "error");
});

test("an answer that is not understood is no verdict", () => {
  assert.equal(ACTIONS.length, 5);
  assert.equal(Verdict.read('{"action":"allow","degraded":false}').action, "allow");
  for (const text of [
    '{"action":"deny","degraded":false}',
    '{"action":"allow"}',
    '{"action":"allow","degraded":"false"}',
    '{"action":["allow"],"degraded":false}',
    "{}",
    "null",
    "7",
    "",
    '{"action":"allow","degraded":false',
  ]) {
    assert.throws(() => Verdict.read(text), { kind: "answer" }, text);
  }
});
