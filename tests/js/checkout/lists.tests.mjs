// Lists that are wrong.

import assert from "node:assert/strict";
import {
  browser,
  CLEAN,
  demo,
  mustBeDegraded,
  mustBeRefused,
  mustLeaveItToTheGateway,
  payTo,
  PUBLIC,
  requests,
  visitor,
} from "./setting.mjs";
import { Visit } from "./visit.mjs";

const TIMESTAMP = "metadata/timestamp.json";
const BUNDLE = "metadata/bundle.json";

visitor("a list with one bit changed is refused, whichever of its files it is in", async (visit) => {
  const fresh = new Set();
  {
    const first = new Visit(demo, await browser.privately(), requests);
    // Without the bundle every file is asked for by itself.
    await first.turn({ lists: "fresh", without: BUNDLE });
    await first.open();
    for (const path of first.files()) fresh.add(path);
    await first.close();
  }
  const served = [...fresh].filter((path) => path !== BUNDLE && !/\/2\.root\.json$/.test(path));
  assert.ok(served.includes(TIMESTAMP) && served.some((path) => path.endsWith(".filter")), served.join());
  assert.ok(served.length >= 4, served.join());
  for (const file of served) {
    const other = new Visit(demo, await browser.privately(), requests);
    await other.turn({ lists: "tampered", file, without: BUNDLE });
    const tab = await other.open();
    const { status } = await tab.seen();
    assert.deepEqual([status.refreshed.outcome, status.lists], ["failed", []], file);
    mustBeDegraded(await payTo(tab, CLEAN));
    mustBeRefused(mustBeDegraded(await payTo(tab, PUBLIC)));
    await other.close();
  }
  const tab = await visit.open();
  const kept = (await tab.seen()).status.lists;
  await visit.turn({ lists: "tampered" });
  await tab.load();
  const { verdict, status } = await payTo(tab, CLEAN);
  assert.deepEqual([verdict.Decision, status.refreshed.outcome], ["proceed", "failed"]);
  assert.equal(status.lists[0].sequence, kept[0].sequence);
});

visitor("metadata in one file with one bit changed are fetched one by one", async (visit) => {
  await visit.turn({ lists: "tampered", file: BUNDLE });
  const tab = await visit.open();
  const { verdict, status } = await payTo(tab, CLEAN);
  assert.deepEqual([verdict.Decision, status.refreshed.outcome], ["proceed", "updated"]);
  assert.ok(visit.files().includes(TIMESTAMP));
});

visitor("a list that was not renewed for days answers for nobody", async (visit) => {
  await visit.turn({ lists: "stale" });
  const tab = await visit.open();
  await mustLeaveItToTheGateway(visit, tab);
  assert.notEqual((await tab.seen()).freshness[0], "fresh");
});

visitor("an older list never takes the place of a newer one", async (visit) => {
  const tab = await visit.open();
  const [{ sequence }] = (await tab.seen()).status.lists;
  for (const lists of ["older", "stale", "foreign"]) {
    await visit.turn({ lists });
    await tab.load();
    const { verdict, status } = await payTo(tab, CLEAN);
    assert.deepEqual([status.refreshed.outcome, status.lists[0].sequence], ["failed", sequence], lists);
    assert.equal(verdict.Decision, "proceed");
    assert.equal((await payTo(tab, PUBLIC)).verdict.Decision, "ask_gateway");
  }
});

visitor("a newer list and a new root are taken over", async (visit) => {
  await visit.turn({ lists: "older" });
  const tab = await visit.open();
  const [{ sequence }] = (await tab.seen()).status.lists;
  await visit.turn({ lists: "fresh" });
  await tab.load();
  const newer = (await tab.seen()).status;
  assert.deepEqual([newer.refreshed.outcome, newer.lists[0].sequence > sequence], ["updated", true]);
  await visit.turn({ lists: "rotated" });
  await tab.load();
  const { verdict, status } = await payTo(tab, CLEAN);
  assert.deepEqual([verdict.Decision, status.refreshed.outcome], ["proceed", "updated"]);
  assert.ok(visit.files().some((path) => path.endsWith("/2.root.json") || path === BUNDLE));
});
