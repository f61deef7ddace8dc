// What stays when the network goes, or is another one.

import assert from "node:assert/strict";
import {
  BLOCKED,
  CLEAN,
  mustBeDegraded,
  mustBeRefused,
  mustLeaveItToTheGateway,
  payTo,
  PUBLIC,
  visitor,
} from "./setting.mjs";

visitor("without a network after the first load the page opens, answers, and pays nothing", async (visit) => {
  const tab = await visit.open();
  await visit.kept(tab);
  await visit.turn({ network: "offline" });
  await tab.load();
  const clean = await payTo(tab, CLEAN);
  assert.deepEqual([clean.verdict.Decision, clean.told.state], ["proceed", "unreachable"]);
  assert.deepEqual([clean.status.refreshed.outcome, clean.status.storage.kind], ["failed", "indexeddb"]);
  assert.equal(clean.status.lists[0].freshness, "fresh");
  const listed = await payTo(tab, PUBLIC);
  assert.deepEqual([listed.verdict.Decision, listed.told.state], ["ask_gateway", "unreachable"]);
  await visit.turn({ network: "online" });
  assert.equal((await payTo(tab, CLEAN)).told.state, "continue");
});

for (const [lists, why] of [
  ["cut", "no answer"],
  ["missing", "."],
  ["portal", "web page"],
  ["foreign", "."],
]) {
  visitor(`with lists ${lists} from the start the gateway decides alone`, async (visit) => {
    await visit.turn({ lists });
    const tab = await visit.open();
    const { status } = await tab.seen();
    assert.deepEqual([status.refreshed.outcome, status.lists], ["failed", []]);
    assert.match(status.refreshed.why, new RegExp(why));
    await mustLeaveItToTheGateway(visit, tab);
    await visit.turn({ lists: "fresh" });
    await tab.load();
    assert.equal((await payTo(tab, CLEAN)).verdict.Decision, "proceed");
  });
}

visitor("with neither lists nor gateway nothing is paid", async (visit) => {
  await visit.turn({ lists: "cut", gateway: "down" });
  const tab = await visit.open();
  for (const shop of [CLEAN, ...BLOCKED]) {
    const seen = mustBeDegraded(await payTo(tab, shop));
    mustBeRefused(seen);
    assert.match(seen.asked.Gateway, /^refuse by the page’s policy/);
  }
});

visitor("the sign-in page of a network changes nothing of what is kept", async (visit) => {
  const tab = await visit.open();
  await visit.kept(tab);
  await visit.turn({ network: "portal" });
  await tab.load();
  const { verdict, told, status } = await payTo(tab, CLEAN);
  assert.deepEqual(
    [verdict.Decision, told.state, status.refreshed.outcome],
    ["proceed", "unreachable", "failed"],
  );
  assert.equal((await payTo(tab, PUBLIC)).told.state, "unreachable");
});

visitor(
  "a sign-in page that comes between two requests is never kept as a part of the page",
  async (visit) => {
    // The service worker waits until the page is there, and then finds another network.
    const before = () => {
      const { register } = ServiceWorkerContainer.prototype;
      ServiceWorkerContainer.prototype.register = async function (...parts) {
        await new Promise((done) => (globalThis.goOn = done));
        const registration = await register.apply(this, parts);
        globalThis.worker = registration.installing ?? registration.waiting ?? registration.active;
        return registration;
      };
    };
    const tab = await visit.open({ before });
    const installed = () =>
      tab.page.evaluate(async () => {
        globalThis.goOn();
        const isDone = () => ["activated", "redundant"].includes(globalThis.worker?.state);
        while (!isDone()) await new Promise((done) => setTimeout(done, 20));
        const { worker } = globalThis;
        const texts = [];
        for (const name of await caches.keys()) {
          for (const response of await (await caches.open(name)).matchAll())
            texts.push(await response.text());
        }
        return {
          state: worker.state,
          count: texts.length,
          signIn: texts.some((text) => text.includes("sign in")),
        };
      });
    await visit.turn({ network: "portal_midway" });
    const { state, signIn } = await installed();
    assert.deepEqual([state, signIn], ["redundant", false]);
    await visit.turn({ network: "online" });
    await tab.load();
    const whole = await installed();
    assert.deepEqual([whole.state, whole.signIn, whole.count > 10], ["activated", false, true]);
  },
);
