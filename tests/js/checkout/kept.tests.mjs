// Clocks, and what browsers keep.

import assert from "node:assert/strict";
import { damageRows, WAYS } from "./damage.mjs";
import {
  BLOCKED,
  browser,
  CLEAN,
  demo,
  mustBeRefused,
  mustLeaveItToTheGateway,
  payTo,
  PUBLIC,
  requests,
  visitor,
} from "./setting.mjs";
import { Visit } from "./visit.mjs";

const DAY = 86_400_000;

/** The page's clock, moved by so many milliseconds: runs in the page, before its own scripts. */
function clock(by) {
  return `{
    const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...parts) {
        if (parts.length > 0) super(...parts);
        else super(Real.now() + ${by});
      }
      static now() {
        return Real.now() + ${by};
      }
    };
  }`;
}

for (const [direction, by] of [
  ["forward", 10 * DAY],
  ["backward", -10 * DAY],
]) {
  visitor(`a clock that jumps ten days ${direction} leaves it to the gateway`, async (visit) => {
    await (await visit.open()).page.close();
    const tab = await visit.open({ before: clock(by) });
    await mustLeaveItToTheGateway(visit, tab);
    assert.notEqual((await tab.seen()).status.lists[0].freshness, "fresh");
    await tab.page.close();
    const again = await visit.open();
    const { verdict } = await payTo(again, PUBLIC);
    assert.equal(verdict.Decision, "ask_gateway", "and never lets a listed shop pass afterwards");
  });
}

visitor("without IndexedDB the list is kept in memory, and the page says so", async (visit) => {
  await visit.turn({ loads: "page" });
  const before = () => {
    delete globalThis.indexedDB;
    delete Window.prototype.indexedDB;
  };
  const tab = await visit.open({ before });
  assert.equal(await tab.page.evaluate(() => typeof indexedDB), "undefined");
  const { verdict, status, told } = await payTo(tab, CLEAN);
  assert.deepEqual([verdict.Decision, told.state, status.storage.kind], ["proceed", "continue", "memory"]);
  assert.match(status.storage.problem, /IndexedDB/);
  mustBeRefused(await payTo(tab, PUBLIC));
  const first = visit.files().length;
  await tab.load();
  assert.ok(visit.files().length > first, "the repository is asked again");
  await visit.turn({ lists: "cut" });
  await tab.load();
  await mustLeaveItToTheGateway(visit, tab);
});

visitor("without a screener the server's own question decides", async (visit) => {
  const before = () => {
    globalThis.Worker = undefined;
  };
  const tab = await visit.open({ before });
  const clean = await payTo(tab, CLEAN);
  assert.deepEqual([clean.verdict.Decision, clean.told.state], ["none: the gateway is asked", "continue"]);
  assert.deepEqual([clean.status, clean.asked.Server], [undefined, "continue"]);
  for (const shop of BLOCKED) mustBeRefused(await payTo(tab, shop));
});

// The same code loads lists in both places: one of the ways shows that the page has it too.
for (const [loads, ways] of [
  ["worker", WAYS],
  ["page", ["bits"]],
]) {
  for (const way of ways) {
    visitor(
      `a damaged database (${way}; loaded in the ${loads}) is never a reason to proceed`,
      async (visit) => {
        await visit.turn({ loads });
        const tab = await visit.open();
        assert.ok((await tab.page.evaluate(damageRows, way)) > 0, "something was kept");
        await visit.turn({ lists: "cut" });
        await tab.load();
        // History apart, the list itself is gone.
        await mustLeaveItToTheGateway(visit, tab);
        const { status } = await tab.seen();
        assert.ok(status.warnings.length > 0, "and the page says so");
        await visit.turn({ lists: "fresh" });
        await tab.load();
        const { verdict, status: mended } = await payTo(tab, CLEAN);
        assert.deepEqual(
          [verdict.Decision, mended.storage.kind, mended.warnings],
          ["proceed", "indexeddb", []],
        );
        assert.equal((await payTo(tab, PUBLIC)).verdict.Decision, "ask_gateway");
      },
    );
  }
}

visitor(
  "an ordinary window keeps the list from one visit to the next",
  async (visit) => {
    const tab = await visit.open();
    assert.equal((await tab.seen()).status.refreshed.outcome, "updated");
    await tab.page.close();
    await visit.turn({ lists: "cut" });
    const again = await visit.open();
    const { verdict, status } = await payTo(again, CLEAN);
    assert.deepEqual([verdict.Decision, status.storage.kind], ["proceed", "indexeddb"]);
    await again.page.close();
  },
  () => browser.ordinary(),
);

visitor("a private window answers, and another one knows nothing of it", async (visit) => {
  const tab = await visit.open();
  const { verdict, status } = await payTo(tab, CLEAN);
  assert.deepEqual([verdict.Decision, status.storage.kind], ["proceed", "indexeddb"]);
  const other = new Visit(demo, await browser.privately(), requests);
  try {
    await other.turn({ lists: "cut" });
    await mustLeaveItToTheGateway(other, await other.open());
  } finally {
    await other.close();
  }
});

visitor("three tabs fetch the lists once", async (visit) => {
  await visit.turn({ lists: "slow" });
  const tabs = await Promise.all([visit.open(), visit.open(), visit.open()]);
  for (const tab of tabs) {
    const { verdict, told } = await payTo(tab, CLEAN);
    assert.deepEqual([verdict.Decision, told.state], ["proceed", "continue"]);
  }
  const files = visit.files();
  assert.equal(new Set(files).size, files.length, files.join("\n"));
  const outcomes = await Promise.all(tabs.map(async (tab) => (await tab.seen()).status.refreshed));
  assert.deepEqual(outcomes.map(({ requests: count }) => count > 0).sort(), [false, false, true]);
  const before = visit.files().length;
  await Promise.all(tabs.map(({ page }) => page.evaluate(() => document.getElementById("refresh").click())));
  for (const tab of tabs) await tab.rest();
  const again = visit.files().slice(before);
  assert.ok(again.length > 0 && new Set(again).size === again.length, again.join("\n"));
});
