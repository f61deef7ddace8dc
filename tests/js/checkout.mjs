// Plays a payment page in Chromium against the demo's own server: node checkout.mjs --world DIR --package DIR
// --host-package DIR [--pictures DIR] [--only TEXT]
//
// `--world` is what `checkout-world` wrote. CHROMIUM names another browser. What a payer would see is read from the page,
// what was sent from the servers and from the browser's own log. What it does not show: other browsers, and lists of a
// million entries.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Browser } from "./checkout/browser.mjs";
import { damageRows, WAYS } from "./checkout/damage.mjs";
import { Finder, spellings, tokenSpellings, whole } from "./checkout/leaks.mjs";
import { dress, findings, picture, SCHEMES, SCREENS } from "./checkout/look.mjs";
import { Visit } from "./checkout/visit.mjs";
import { test } from "./test.mjs";
import { start } from "../../wasm/js/demo/server.mjs";

const { values: options } = parseArgs({
  options: {
    world: { type: "string" },
    package: { type: "string" },
    "host-package": { type: "string" },
    pictures: { type: "string" },
    only: { type: "string", default: "" },
  },
});

const CLEAN = "Juniper Ceramics";
const CHANCE = "Birch & Wool";
const PUBLIC = "Lantern Prints";
const MEMBER = "Gull Vintage";
const HELD = "Copper Kettle";
const BLOCKED = [PUBLIC, MEMBER];
const DAY = 86_400_000;
const TIMESTAMP = "metadata/timestamp.json";
const BUNDLE = "metadata/bundle.json";

const names = JSON.parse(readFileSync(join(options.world, "names.json"), "utf8"));
const enrolment = (file) => JSON.parse(readFileSync(join(options.world, file), "utf8"));
const keys = ["public.json", "member.json"].flatMap((file) => enrolment(file).keys.map(({ key }) => key));
const requests = [];
const demo = await start({
  world: options.world,
  packageFolder: options.package,
  hostPackage: options["host-package"],
  port: 0,
  observe: (request) => requests.push(request),
});
const browser = await Browser.start();
process.on("exit", () => browser.kill());
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** A test with a visitor of its own, in a private window. */
function visitor(name, run, context = () => browser.privately()) {
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

/** The payer is told that this cannot be, in words that say nothing of why. */
function mustBeRefused({ told }) {
  assert.equal(told.state, "refused");
  assert.notEqual(told.text, "");
  mustBeNeutral(told.text);
}

function mustBeNeutral(text) {
  assert.doesNotMatch(text, /list|block|market\/|merchant|candidate|score|suspect|crime|abuse|police|gateway/i);
  for (const host of Object.values(names).flat()) assert.ok(!text.includes(host), "the notice names the shop");
}

/** Nothing fresh answers: the page asks its gateway, and says so. Returns what is seen. */
function mustBeDegraded(seen) {
  assert.equal(seen.verdict.Decision, "ask_gateway");
  assert.equal(seen.verdict.Degraded, "yes");
  mustBeNeutral(seen.verdict["Payer reads"]);
  return seen;
}

/** Chooses a shop, and pays. */
async function payTo(tab, shop) {
  await tab.choose(shop);
  return await tab.pay();
}

/** While nothing fresh answers, the gateway decides alone: a clean shop is paid, a blocked one is not. */
async function mustLeaveItToTheGateway(visit, tab) {
  const before = visit.asked();
  const clean = mustBeDegraded(await payTo(tab, CLEAN));
  assert.equal(clean.told.state, "continue");
  for (const shop of BLOCKED) mustBeRefused(mustBeDegraded(await payTo(tab, shop)));
  assert.equal(visit.asked() - before, 1 + BLOCKED.length);
}

// What the page does when all is well.

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
  const expected = { [CLEAN]: "continue", [CHANCE]: "continue", [PUBLIC]: "refused", [MEMBER]: "refused", [HELD]: "continue" };
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

// What stays when the network goes.

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
  assert.deepEqual([verdict.Decision, told.state, status.refreshed.outcome], ["proceed", "unreachable", "failed"]);
  assert.equal((await payTo(tab, PUBLIC)).told.state, "unreachable");
});

// Lists that are wrong.

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

// Clocks and storage.

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

for (const loads of ["worker", "page"]) {
  for (const way of WAYS) {
    visitor(`a damaged database (${way}; loaded in the ${loads}) is never a reason to proceed`, async (visit) => {
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
      assert.deepEqual([verdict.Decision, mended.storage.kind, mended.warnings], ["proceed", "indexeddb", []]);
      assert.equal((await payTo(tab, PUBLIC)).verdict.Decision, "ask_gateway");
    });
  }
}

visitor("an ordinary window keeps the list from one visit to the next", async (visit) => {
  const tab = await visit.open();
  assert.equal((await tab.seen()).status.refreshed.outcome, "updated");
  await tab.page.close();
  await visit.turn({ lists: "cut" });
  const again = await visit.open();
  const { verdict, status } = await payTo(again, CLEAN);
  assert.deepEqual([verdict.Decision, status.storage.kind], ["proceed", "indexeddb"]);
  await again.page.close();
}, () => browser.ordinary());

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

visitor("a sign-in page that comes between two requests is never kept as a part of the page", async (visit) => {
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
        for (const response of await (await caches.open(name)).matchAll()) texts.push(await response.text());
      }
      return { state: worker.state, count: texts.length, signIn: texts.some((text) => text.includes("sign in")) };
    });
  await visit.turn({ network: "portal_midway" });
  const { state, signIn } = await installed();
  assert.deepEqual([state, signIn], ["redundant", false]);
  await visit.turn({ network: "online" });
  await tab.load();
  const whole = await installed();
  assert.deepEqual([whole.state, whole.signIn, whole.count > 10], ["activated", false, true]);
});

// Content security policy, gateway, slow machines.

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

visitor("where the policy forbids WebAssembly the gateway decides alone, and the page says so", async (visit) => {
  await visit.turn({ wasm: "forbidden" });
  const tab = await visit.open();
  assert.equal((await tab.seen()).status.wasm, "forbidden");
  await mustLeaveItToTheGateway(visit, tab);
});

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

// People.

for (const screen of Object.keys(SCREENS)) {
  for (const scheme of SCHEMES) {
    visitor(`axe finds nothing on a ${screen}, ${scheme}`, async (visit) => {
      const tab = await visit.open({ prepare: (page) => dress(page, screen, scheme) });
      const look = async (name, isWhole) => {
        assert.deepEqual(await findings(tab.page), [], name);
        if (options.pictures) await picture(tab.page, options.pictures, `${screen}-${scheme}-${name}`, { isWhole });
      };
      await payTo(tab, CLEAN);
      await look("continue", screen === "phone");
      await payTo(tab, PUBLIC);
      await look("refused", screen === "phone");
      await tab.openDrawer();
      await look("analyst", false);
      await tab.page.keyboard.press("Escape");
      assert.equal(await tab.page.evaluate(() => document.activeElement.id), "analyst-button");
      const width = await tab.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= SCREENS[screen].width, `the page is ${width} wide`);
    });
  }
}

visitor("the page can be paid with the keyboard alone", async (visit) => {
  const tab = await visit.open();
  const focused = () => tab.page.evaluate(() => document.activeElement.id);
  for (let count = 0; count < 12 && (await focused()) !== "payee"; count += 1) await tab.page.keyboard.press("Tab");
  assert.equal(await focused(), "payee");
  await tab.page.keyboard.press("Tab");
  assert.equal(await focused(), "pay");
  await tab.page.keyboard.press("Enter");
  await tab.page.waitForFunction(() => document.getElementById("told").dataset.state === "continue");
  assert.equal(await focused(), "pay");
});

// What was sent, by all of the visits above.

test("a search for a name in requests finds it however it is written", () => {
  const [host] = names.public;
  const finder = new Finder(spellings(host));
  const base64 = (before) => Buffer.from(`${before}${host} and more`).toString("base64");
  const written = [host.toUpperCase(), encodeURIComponent(`https://${host}/`), base64(""), base64("a"), base64("ab")];
  written.push(Buffer.from(`x${host}`).toString("hex"), [...host].map((one) => `%${one.charCodeAt(0).toString(16)}`).join(""));
  for (const text of written) assert.ok(finder.in(whole({ method: "GET", url: `/a?b=${text}`, headers: {}, body: "" })), text);
  const tags = tokenSpellings([host], keys);
  assert.ok(tags.length > 12);
  for (const text of tags) assert.ok(new Finder(tags).in(`GET /${text}`), text);
  assert.equal(finder.in("GET /orders {\"payee\":\"3\"}"), undefined);
});

test("no request holds the name of a shop or its tag, in any spelling", async () => {
  const hosts = Object.values(names).flat();
  const finder = new Finder([...hosts.flatMap(spellings), ...tokenSpellings(hosts, keys)]);
  const { addresses, text } = await browser.end();
  await demo.close();
  if (options.only === "") assert.ok(requests.length > 500 && requests.some(({ to }) => to === "gateway"));
  for (const request of requests) assert.equal(finder.in(whole(request)), undefined, request.url);
  for (const { to, headers } of requests) if (to === "gateway") assert.equal(headers.cookie, undefined);
  for (const { url, headers } of requests) if (url.startsWith("/lists/")) assert.equal(headers.cookie, undefined);
  if (options.only === "")
    assert.ok(addresses.some((url) => url.startsWith(demo.market)), "the browser's log was read");
  const origins = new Set(addresses.map((url) => new URL(url).origin));
  assert.deepEqual([...origins].filter((origin) => ![demo.market, demo.gateway].includes(origin)), []);
  assert.equal(finder.in(text), undefined);
});
