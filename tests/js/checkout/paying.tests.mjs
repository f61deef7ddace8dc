// What the page does when all is well.

import assert from "node:assert/strict";
import { CHANCE, CLEAN, HELD, MEMBER, mustBeRefused, options, payTo, PUBLIC, visitor } from "./setting.mjs";

visitor("a shop on no list goes on to the provider, and the page asks nobody", async (visit) => {
  const tab = await visit.open();
  const { verdict, told, asked, status } = await payTo(tab, CLEAN);
  assert.deepEqual([verdict.Decision, verdict.Degraded, told.state], ["proceed", "no", "continue"]);
  assert.deepEqual([asked.Gateway, asked.Server, visit.asked()], ["not asked by the page", "continue", 0]);
  assert.deepEqual([status.build, status.wasm, status.storage.kind], ["edge", "running", "indexeddb"]);
  assert.deepEqual([status.refreshed.outcome, status.lists[0].freshness], ["updated", "fresh"]);
  assert.deepEqual([status.doubts, status.warnings, status.test], [[], [], false]);
});

visitor("a shop that the public list hits by chance asks the gateway, and goes on", async (visit) => {
  const tab = await visit.open();
  const { verdict, told, asked } = await payTo(tab, CHANCE);
  assert.deepEqual([verdict.Decision, verdict.Action, told.state], ["ask_gateway", "monitor", "continue"]);
  assert.deepEqual([asked.Gateway, visit.asked()], ["proceed", 1]);
  assert.match(verdict["Hit by chance"], /^\d+\.\d\d %$/);
});

visitor("a shop on the public list asks the gateway, which refuses it", async (visit) => {
  const tab = await visit.open();
  const seen = await payTo(tab, PUBLIC);
  assert.deepEqual([seen.verdict.Decision, seen.asked.Gateway], ["ask_gateway", "refuse"]);
  assert.equal(seen.asked.Server, "not asked to pay");
  mustBeRefused(seen);
});

visitor("a shop that members alone block passes the page, and the server refuses it", async (visit) => {
  const tab = await visit.open();
  const seen = await payTo(tab, MEMBER);
  assert.deepEqual([seen.verdict.Decision, seen.asked.Server, visit.asked()], ["proceed", "refused", 0]);
  mustBeRefused(seen);
});

visitor("a shop under review passes, since a page cannot hold", async (visit) => {
  const tab = await visit.open();
  assert.equal((await payTo(tab, HELD)).told.state, "continue");
});

visitor("where a fresh miss asks the gateway, every payment asks it", async (visit) => {
  await visit.turn({ freshMiss: "ask_gateway" });
  const tab = await visit.open();
  const clean = await payTo(tab, CLEAN);
  assert.deepEqual([clean.verdict.Decision, clean.told.state], ["ask_gateway", "continue"]);
  assert.equal(clean.status.policy.cleanNamesAsked, 1);
  const member = await payTo(tab, MEMBER);
  assert.deepEqual([member.verdict.Decision, member.asked.Gateway], ["ask_gateway", "refuse"]);
  mustBeRefused(member);
  assert.equal(visit.asked(), 2);
});

visitor("a page that was changed to pay at once is refused by the server", async (visit) => {
  const tab = await visit.open();
  const paid = await tab.page.evaluate(async () => {
    const post = async (path, message) =>
      (await fetch(path, { method: "POST", body: JSON.stringify(message) })).json();
    const outcomes = {};
    for (const { text, value } of document.getElementById("payee").options) {
      const { order } = await post("/orders", { payee: value, language: "en" });
      outcomes[text] = (await post(`/orders/${order}/payment`, {})).outcome;
    }
    return outcomes;
  });
  const expected = {
    [CLEAN]: "continue",
    [CHANCE]: "continue",
    [PUBLIC]: "refused",
    [MEMBER]: "refused",
    [HELD]: "continue",
  };
  assert.deepEqual(paid, expected);
});

visitor("the payer reads the notices in the language that was chosen", async (visit) => {
  const tab = await visit.open();
  const texts = [];
  for (const language of ["en", "sv", "nl"]) {
    await tab.speak(language);
    const { told, verdict } = await payTo(tab, PUBLIC);
    assert.equal(await tab.page.evaluate(() => document.documentElement.lang), language);
    texts.push(told.text, verdict["Payer reads"]);
  }
  assert.equal(new Set(texts).size, texts.length, texts.join("\n"));
});
