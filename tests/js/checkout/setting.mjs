// The demo's server, the browser, and what every test says of a visit.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { start } from "../../../wasm/js/demo/server.mjs";
import { test } from "../test.mjs";
import { Browser } from "./browser.mjs";
import { Visit } from "./visit.mjs";

export const { values: options } = parseArgs({
  options: {
    world: { type: "string" },
    package: { type: "string" },
    "host-package": { type: "string" },
    pictures: { type: "string" },
    only: { type: "string", default: "" },
  },
});

export const CLEAN = "Juniper Ceramics";
export const CHANCE = "Birch & Wool";
export const PUBLIC = "Lantern Prints";
export const MEMBER = "Gull Vintage";
export const HELD = "Copper Kettle";
export const BLOCKED = [PUBLIC, MEMBER];

export const names = JSON.parse(readFileSync(join(options.world, "names.json"), "utf8"));
const enrolment = (file) => JSON.parse(readFileSync(join(options.world, file), "utf8"));
export const keys = ["public.json", "member.json"].flatMap((file) =>
  enrolment(file).keys.map(({ key }) => key),
);
export const requests = [];
export const demo = await start({
  world: options.world,
  packageFolder: options.package,
  hostPackage: options["host-package"],
  port: 0,
  observe: (request) => requests.push(request),
});
export const browser = await Browser.start();
process.on("exit", () => browser.kill());
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** A test with a visitor of its own, in a private window. */
export function visitor(name, run, context = () => browser.privately()) {
  if (!name.includes(options.only)) return;
  test(name, async () => {
    const visit = new Visit(demo, await context(), requests);
    try {
      await run(visit);
    } finally {
      await visit.close();
    }
  });
}

/** The payer is told that this cannot be, in words that say nothing of why. */
export function mustBeRefused({ told }) {
  assert.equal(told.state, "refused");
  assert.notEqual(told.text, "");
  mustBeNeutral(told.text);
}

export function mustBeNeutral(text) {
  assert.doesNotMatch(
    text,
    /list|block|market\/|merchant|candidate|score|suspect|crime|abuse|police|gateway/i,
  );
  for (const host of Object.values(names).flat())
    assert.ok(!text.includes(host), "the notice names the shop");
}

/** Nothing fresh answers: the page asks its gateway, and says so. Returns what is seen. */
export function mustBeDegraded(seen) {
  assert.equal(seen.verdict.Decision, "ask_gateway");
  assert.equal(seen.verdict.Degraded, "yes");
  mustBeNeutral(seen.verdict["Payer reads"]);
  return seen;
}

/** Chooses a shop, and pays. */
export async function payTo(tab, shop) {
  await tab.choose(shop);
  return await tab.pay();
}

/** While nothing fresh answers, the gateway decides alone: a clean shop is paid, a blocked one is not. */
export async function mustLeaveItToTheGateway(visit, tab) {
  const before = visit.asked();
  const clean = mustBeDegraded(await payTo(tab, CLEAN));
  assert.equal(clean.told.state, "continue");
  for (const shop of BLOCKED) mustBeRefused(mustBeDegraded(await payTo(tab, shop)));
  assert.equal(visit.asked() - before, 1 + BLOCKED.length);
}
