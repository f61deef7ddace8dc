// Content security policy, gateways that fail, slow machines.

import assert from "node:assert/strict";
import {
  CHANCE,
  CLEAN,
  mustBeNeutral,
  mustBeRefused,
  mustLeaveItToTheGateway,
  payTo,
  PUBLIC,
  visitor,
} from "./setting.mjs";

visitor("nothing but the page's own scripts runs, and nothing is sent elsewhere", async (visit) => {
  const tab = await visit.open();
  const tried = await tab.page.evaluate(async () => {
    const told = document.getElementById("told");
    const attempts = {
      markup: () => (told.innerHTML = "<b>x</b>"),
      script: () => (document.createElement("script").textContent = "globalThis.ran = true"),
      code: () => new Function("return 1")(),
      handler: () => told.setAttribute("onclick", "globalThis.ran = true"),
      worker: () => new Worker("/app.js"),
      policy: () => trustedTypes.createPolicy("another", { createHTML: (text) => text }),
      elsewhere: () => fetch("http://127.0.0.1:9/"),
    };
    const results = {};
    // Only what is evaluated at once may always make code.
    await new Promise((done) => setTimeout(done));
    for (const [name, run] of Object.entries(attempts)) {
      try {
        await run();
        results[name] = "done";
      } catch {
        results[name] = "refused";
      }
    }
    const style = document.createElement("style");
    style.append("main { display: none }");
    document.head.append(style);
    results.style = getComputedStyle(document.getElementById("main")).display === "none" ? "done" : "refused";
    return results;
  });
  for (const [name, result] of Object.entries(tried)) assert.equal(result, "refused", name);
  assert.equal(Object.keys(tried).length, 8);
});

visitor(
  "where the policy forbids WebAssembly the gateway decides alone, and the page says so",
  async (visit) => {
    await visit.turn({ wasm: "forbidden" });
    const tab = await visit.open();
    assert.equal((await tab.seen()).status.wasm, "forbidden");
    await mustLeaveItToTheGateway(visit, tab);
  },
);

for (const [gateway, why] of [
  ["down", /no answer/],
  ["slow", /too long/],
  ["garbage", /not understood/],
  ["unauthenticated", /401/],
]) {
  visitor(`with a gateway ${gateway} nothing that must ask it is paid`, async (visit) => {
    await visit.turn({ gateway });
    const tab = await visit.open();
    const seen = await payTo(tab, CHANCE);
    assert.equal(seen.verdict.Decision, "ask_gateway");
    mustBeRefused(seen);
    assert.match(seen.asked.Gateway, /^refuse by the page’s policy/);
    assert.match(seen.asked.Gateway, why);
    const clean = await payTo(tab, CLEAN);
    assert.deepEqual([clean.verdict.Decision, clean.told.state], ["proceed", "unanswered"]);
    mustBeNeutral(clean.told.text);
    await visit.turn({ gateway: "answers" });
    assert.equal((await payTo(tab, CHANCE)).told.state, "continue");
  });
}

visitor("on a processor four times slower everything works", async (visit) => {
  const tab = await visit.open({ slowdown: 4 });
  assert.equal((await payTo(tab, CLEAN)).told.state, "continue");
  mustBeRefused(await payTo(tab, PUBLIC));
});
